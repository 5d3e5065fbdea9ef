"""Quality flags of a recorded episode. Nothing is dropped silently: flags travel in the episode's meta."""

import numpy as np

from airside_sim.bags.read import Recording
from airside_sim.bags.segment import Segment
from airside_sim.bags.tick import Drive
from airside_sim.state_features import StateFeature

DROPOUT_SHARE = 0.05  # of observations with something stale
JITTER_S = 0.05
STATIONARY_MPS = 0.3
STATIONARY_M = 5.0
TELEPORT_FACTOR = 2.5  # of the limit times the tick
TELEPORT_FLOOR_M = 0.5  # below walking pace a limit says little
SATURATED_SHARE = 0.9
TERMS_NEED = ("objects", "command", "clearance", "hazards", "stands")  # streams without which a term is a guess

FLAGS = ("dropout", "jitter", "stationary", "teleport", "saturated", "missing_terms")


def flags_of(drive: Drive, part: Segment, recording: Recording) -> tuple[str, ...]:
    """Flags of one episode, then what the drive had to guess (no_clearance, speed_from_positions ...)."""
    rows = slice(part.first, part.last + 1)
    steps = slice(part.first, part.last)
    moved = np.hypot(*np.diff(drive.pose[rows, :2], axis=0).T)
    limit = drive.state[steps, StateFeature.SPEED_LIMIT]
    action = drive.action[steps]
    saturated = (np.abs(action[:, 0]) > 0.999) | drive.is_clipped[steps]  # velocity 1 is the limit: no saturation
    needed = [r for n, r in recording.reports.items() if recording.profile.streams()[n].required]
    is_true = {
        "dropout": float((~drive.valid[rows]).mean()) > DROPOUT_SHARE,
        "jitter": any(r.max_jitter_s > JITTER_S for r in needed),
        "stationary": float(drive.speed_mps[rows].max()) < STATIONARY_MPS or float(moved.sum()) < STATIONARY_M,
        "teleport": bool((moved > np.maximum(TELEPORT_FACTOR * limit * 0.1, TELEPORT_FLOOR_M)).any()),
        "saturated": float(saturated.mean()) > SATURATED_SHARE,
        "missing_terms": any(f"no_{name}" in drive.flags for name in TERMS_NEED),
    }
    return tuple(name for name in FLAGS if is_true[name]) + tuple(drive.flags)
