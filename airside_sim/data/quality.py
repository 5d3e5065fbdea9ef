"""Quality flags: what makes an episode poor training data, found from its arrays alone."""

import numpy as np

from airside_sim.constants import DT_S
from airside_sim.data.episode import Episode
from airside_sim.state_features import StateFeature

MAX_DROPOUT = 0.05
MAX_JITTER_S = 0.05
STATIONARY_MPS = 0.3
STATIONARY_M = 5.0
TELEPORT_FACTOR = 2.5  # times the speed limit
TELEPORT_SLACK_M = 0.5
SATURATED_SHARE = 0.9
SHORT_STEPS = 50
FLAGS = {
    "dropout": f"more than {MAX_DROPOUT:.0%} of the observations are not valid",
    "jitter": f"a time stamp lies more than {1000 * MAX_JITTER_S:g} ms off the 10 Hz grid",
    "stationary": f"never faster than {STATIONARY_MPS:g} m/s, or less than {STATIONARY_M:g} m driven",
    "teleport": f"a step longer than {TELEPORT_FACTOR:g} times what the speed limit allows",
    "saturated": f"an action stands at its bounds more than {SATURATED_SHARE:.0%} of the time",
    "missing_terms": "no reward or no cost terms",
    "short": f"fewer than {SHORT_STEPS} steps",
    "unlabelled": "driving without recorded actions",
}


def find_flags(episode: Episode) -> tuple[str, ...]:
    """Flags that hold, in the order of `FLAGS`."""
    state, xy = episode.state.astype(np.float64), episode.pose[:, :2]
    step_m = np.hypot(*np.diff(xy, axis=0).T)
    limit_m = TELEPORT_FACTOR * state[:-1, StateFeature.SPEED_LIMIT] * DT_S + TELEPORT_SLACK_M
    off_s = np.abs(np.diff(episode.stamp_ns) * 1e-9 - DT_S)
    at_bounds = (np.abs(episode.action[:, 0]) >= 0.999) | (episode.action[:, 1] >= 0.999)
    is_slow = np.abs(state[:, StateFeature.FORWARD_SPEED]).max() < STATIONARY_MPS
    found = {
        "dropout": np.mean(~episode.valid) > MAX_DROPOUT,
        "jitter": off_s.max() > MAX_JITTER_S,
        "stationary": is_slow or step_m.sum() < STATIONARY_M,
        "teleport": bool((step_m > limit_m).any()),
        "saturated": np.mean(at_bounds) > SATURATED_SHARE,
        "missing_terms": not (episode.meta.reward_names and episode.meta.cost_names),
        "short": episode.num_steps < SHORT_STEPS,
        "unlabelled": not episode.meta.is_action_labelled,
    }
    return tuple(flag for flag in FLAGS if found[flag])
