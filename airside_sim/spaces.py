"""Gymnasium spaces of every observation type, built once for each combination.

A Box of 557,056 bytes costs milliseconds to build, so the spaces are cached; they share their bounds arrays and must
not be written to. Each caller gets a shallow copy with a random generator of its own.
"""

import copy
from functools import lru_cache

import numpy as np
from gymnasium import spaces

from airside_sim.constants import BEV_CHANNELS, MAX_OBJECTS, OBJECT_FEATURES
from airside_sim.state_features import (
    NUM_FLAT,
    NUM_STATE,
    OBJECT_HIGH,
    OBJECT_LOW,
    STATE_HIGH,
    STATE_LOW,
    ObjectFeature,
    StateFeature,
    object_table,
    state_table,
)

OBS_TYPES = ("bev+state", "bev", "state", "objects", "bev+objects", "flat")
__all__ = [
    "NUM_FLAT", "NUM_STATE", "OBS_TYPES", "ObjectFeature", "StateFeature", "bev_shape", "bev_space", "flat_space",
    "object_table", "objects_space", "observation_space", "state_space", "state_table",
]  # fmt: skip


def bev_shape(bev_size: int, layout: str, packed: bool, planes: int = BEV_CHANNELS) -> tuple[int, int, int]:
    """Shape of one BEV: packed planes, channel-first or channel-last bytes."""
    if packed:
        return (planes, bev_size, bev_size // 8)
    return (planes, bev_size, bev_size) if layout == "chw" else (bev_size, bev_size, planes)


@lru_cache(maxsize=32)
def _bev_space(bev_size: int, layout: str, packed: bool, planes: int) -> spaces.Box:
    return spaces.Box(0, 255, bev_shape(bev_size, layout, packed, planes), np.uint8)


def _own(box: spaces.Box) -> spaces.Box:
    """The same space with an unseeded generator of its own."""
    mine = copy.copy(box)
    mine._np_random = None
    return mine


def bev_space(bev_size: int = 128, layout: str = "hwc", packed: bool = False, planes: int = BEV_CHANNELS) -> spaces.Box:
    """Space of the BEV alone."""
    return _own(_bev_space(bev_size, layout, packed, planes))


def state_space() -> spaces.Box:
    """Space of the state vector, `(NUM_STATE,)` float32."""
    return spaces.Box(STATE_LOW, STATE_HIGH, dtype=np.float32)


def objects_space() -> spaces.Box:
    """Space of the nearest actors, `(16, 12)` float32."""
    low = np.broadcast_to(OBJECT_LOW, (MAX_OBJECTS, OBJECT_FEATURES))
    high = np.broadcast_to(OBJECT_HIGH, (MAX_OBJECTS, OBJECT_FEATURES))
    return spaces.Box(low, high, dtype=np.float32)


def flat_space() -> spaces.Box:
    """Space of state and objects in one vector, `(NUM_FLAT,)` float32."""
    low = np.concatenate([STATE_LOW, np.tile(OBJECT_LOW, MAX_OBJECTS)])
    high = np.concatenate([STATE_HIGH, np.tile(OBJECT_HIGH, MAX_OBJECTS)])
    return spaces.Box(low, high, dtype=np.float32)


def observation_space(
    obs_type: str, *, bev_size: int = 128, layout: str = "hwc", packed: bool = False, planes: int = BEV_CHANNELS
) -> spaces.Space:
    """Space of one env's observation for an `obs_type` of the contract."""
    bev = bev_space(bev_size, layout, packed, planes) if "bev" in obs_type else None
    builders = {
        "bev+state": lambda: spaces.Dict({"bev": bev, "state": state_space()}),
        "bev": lambda: bev,
        "state": state_space,
        "objects": lambda: spaces.Dict({"objects": objects_space(), "state": state_space()}),
        "bev+objects": lambda: spaces.Dict({"bev": bev, "objects": objects_space(), "state": state_space()}),
        "flat": flat_space,
    }
    return builders[obs_type]()
