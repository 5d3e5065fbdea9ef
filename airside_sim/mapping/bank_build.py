"""One compiled map, and the bank that many of them form: concatenation with every id made global."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from airside_sim.constants import FeatureKind
from airside_sim.mapping.bank import MapBank
from airside_sim.mapping.schema import AirportMap

# Start arrays (n + 1 entries) and an array of the length they point into.
_STARTS = {
    "lane_pt0": "pt_x",
    "lane_succ0": "lane_succ",
    "lane_pred0": "lane_pred",
    "feat0": "feat_kind",
    "path_pt0": "path_x",
    "path_cross0": "pc_cross",
    "path_edge0": "pe_edge",
    "walk_pt0": "walk_x",
    "walk_cross0": "wc_id",
}
# Arrays of ids (-1 = none) and the per-map count that shifts them.
_IDS = {
    "lane_junction": "map_junction0",
    "lane_succ": "map_lane0",
    "lane_pred": "map_lane0",
    "stand_path_in": "map_path0",
    "stand_path_push": "map_path0",
    "stand_path_out": "map_path0",
    "stand_dest": "map_dest0",
    "path_stand": "map_stand0",
    "pc_cross": "map_crossing0",
    "pe_edge": "map_edge0",
    "dest_lane": "map_lane0",
    "dest_stand": "map_stand0",
    "next_lane": "map_lane0",
    "wc_id": "map_walkx0",
}
_FEATURE_OWNER = {
    FeatureKind.TAXI_CROSSING: "map_crossing0",
    FeatureKind.RUNWAY_CROSSING: "map_crossing0",
    FeatureKind.STAND_ZONE: "map_stand0",
    FeatureKind.WALK_CROSSING: "map_walkx0",
}
# Per-map offsets into a flat array.
_OFFSETS = {
    "next_off": "next_lane",
    "raster_off": "raster",
    "tile_off": "tile_start",
    "tile_cells_off": "tile_cells",
    "grid_off": "grid_start",
}


@dataclass(frozen=True)
class CompiledMap:
    """A map ready for kernels: `arrays` is a bank of this one map."""

    name: str
    airport: AirportMap
    arrays: MapBank
    warnings: tuple[str, ...] = ()  # what the compiler left out or could not place; empty when read from the cache


def build_bank(maps: Sequence[CompiledMap]) -> MapBank:
    """Bank of all maps in order; a bank of one map equals its own arrays."""
    if not maps:
        raise ValueError("a bank needs at least one map")
    parts = [one.arrays for one in maps]
    columns = {name: _joined(name, parts) for name in MapBank._fields}
    return MapBank(**columns)


def _joined(name: str, parts: list[MapBank]) -> np.ndarray:
    arrays = [getattr(part, name) for part in parts]
    if name.startswith("map_") and name.endswith("0"):
        return _starts(arrays, [int(a[-1]) for a in arrays])
    if name in _STARTS:
        return _starts(arrays, [len(getattr(part, _STARTS[name])) for part in parts])
    if name in _OFFSETS:
        return _bases([len(getattr(part, _OFFSETS[name])) for part in parts]).astype(np.int64)
    if name == "grid_start":
        shifts = _bases([len(part.grid_seg) for part in parts])
        return np.concatenate([a + shift for a, shift in zip(arrays, shifts, strict=True)]).astype(np.int32)
    if name == "grid_seg":
        shifts = _bases([len(part.seg_kind) for part in parts])
        return np.concatenate([a + shift for a, shift in zip(arrays, shifts, strict=True)]).astype(np.int32)
    if name in _IDS:
        shifts = _bases([int(getattr(part, _IDS[name])[-1]) for part in parts])
        shifted = [np.where(a >= 0, a + shift, -1) for a, shift in zip(arrays, shifts, strict=True)]
        return np.concatenate(shifted).astype(np.int32)
    if name == "feat_id":
        return _feature_ids(parts)
    return np.concatenate(arrays)


def _feature_ids(parts: list[MapBank]) -> np.ndarray:
    """A feature's id counts crossings, stands or walk crossings, by its kind."""
    ids = [part.feat_id.astype(np.int64) for part in parts]
    for kind, owner in _FEATURE_OWNER.items():
        shifts = _bases([int(getattr(part, owner)[-1]) for part in parts])
        for part, values, shift in zip(parts, ids, shifts, strict=True):
            values[part.feat_kind == kind] += shift
    return np.concatenate(ids).astype(np.int32)


def _bases(counts: list[int]) -> np.ndarray:
    """Exclusive prefix sums."""
    return np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)


def _starts(arrays: list[np.ndarray], counts: list[int]) -> np.ndarray:
    """Chain start arrays: each but the first loses its leading zero."""
    shifted = [arrays[0]] + [a[1:] + s for a, s in zip(arrays[1:], _bases(counts)[1:], strict=True)]
    return np.concatenate(shifted).astype(np.int32)
