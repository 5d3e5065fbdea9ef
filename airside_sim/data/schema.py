"""The dataset format `airside-offline/1`: the name, place, shape and type of every array of an episode.

An episode of T steps has T + 1 observations: the last one is always stored. `LEAVES` is the one list that writers,
readers, the validator and the documentation go by.
"""

from typing import NamedTuple

import numpy as np

from airside_sim.constants import BEV_CHANNELS, MAX_OBJECTS, NUM_WAYPOINTS, OBJECT_FEATURES, BevChannel
from airside_sim.state_features import NUM_STATE, ObjectFeature, StateFeature

SCHEMA = "airside-offline/1"
LABEL_VERSION = "airside-label/1"  # of the reward and cost code that made the terms
CHUNK_STEPS = 16  # frames that are compressed and read together
SUM_TOLERANCE = 1e-5  # reward - sum(terms), relative above 1

ACTION_NAMES = ("steering", "velocity")  # env units: [-1, 1] with +1 full left, [0, 1] of the limit
POSE_NAMES = ("x_m", "y_m", "heading_rad")
BEV_NAMES = tuple(channel.name.lower() for channel in BevChannel)
STATE_NAMES = tuple(feature.name.lower() for feature in StateFeature)
OBJECT_NAMES = tuple(feature.name.lower() for feature in ObjectFeature)


class DatasetError(ValueError):
    """A dataset, or a file that should be one, is not as it must be; the message names the file and the place."""


class Leaf(NamedTuple):
    """One array of an episode; R and K in a shape are the numbers of reward and cost terms, S the BEV's size."""

    path: str  # in the file, below the episode's group
    extra_rows: int  # 1: an entry for every observation (T + 1); 0: for every step (T)
    shape: tuple[int | str, ...]  # of one entry
    dtype: type
    is_optional: bool
    meaning: str


LEAVES: dict[str, Leaf] = {
    "bev": Leaf("obs/bev", 1, (BEV_CHANNELS, "S", "S/8"), np.uint8, True, "bird's-eye view, 8 pixels a byte"),
    "state": Leaf("obs/state", 1, (NUM_STATE,), np.float32, False, "state vector, SI units"),
    "objects": Leaf("obs/objects", 1, (MAX_OBJECTS, OBJECT_FEATURES), np.float32, True, "nearest actors as sensed"),
    "pose": Leaf("pose", 1, (3,), np.float64, False, "ego's rear axle on the map: x, y in m, heading in rad"),
    "stamp_ns": Leaf("stamp_ns", 1, (), np.int64, False, "time, rising"),
    "valid": Leaf("valid", 1, (), np.bool_, False, "no input was stale or filled in"),
    "action": Leaf("action", 0, (2,), np.float32, False, "steering [-1, 1], velocity [0, 1]: applied to obs[t]"),
    "clean_action": Leaf("clean_action", 0, (2,), np.float32, True, "what the driver wanted before its noise"),
    "reward": Leaf("reward", 0, (), np.float32, False, "of step t: the sum of its terms"),
    "cost": Leaf("cost", 0, (), np.float32, False, "of step t: the sum of its terms"),
    "reward_terms": Leaf("reward_terms", 0, ("R",), np.float32, False, "as they enter the sum"),
    "cost_terms": Leaf("cost_terms", 0, ("K",), np.float32, False, "as they enter the sum"),
    "terminated": Leaf("terminated", 0, (), np.bool_, False, "the world ended the episode; last step only"),
    "truncated": Leaf("truncated", 0, (), np.bool_, False, "the clock or a cut ended it; last step only"),
}
ROUTE_PATH = "obs/route"  # (T + 1, N, 2) f32 beside the leaves: the waypoints of the state, for readers that want them


def waypoints_of(state: np.ndarray) -> np.ndarray:
    """(..., NUM_STATE) state -> (..., N, 2) next waypoints in the ego frame, m: a view."""
    first = int(StateFeature.WAYPOINT_0_X)
    return state[..., first : first + 2 * NUM_WAYPOINTS].reshape(*state.shape[:-1], NUM_WAYPOINTS, 2)


def leaf_table() -> str:
    """Markdown table of the leaves, for the documentation."""
    lines = ["| key | shape, dtype | meaning |", "|---|---|---|"]
    for leaf in LEAVES.values():
        rows = "T+1" if leaf.extra_rows else "T"
        shape = ", ".join(map(str, (rows, *leaf.shape)))
        optional = " (optional)" if leaf.is_optional else ""
        lines.append(f"| `{leaf.path}` | [{shape}] {np.dtype(leaf.dtype).name} | {leaf.meaning}{optional} |")
    return "\n".join(lines)
