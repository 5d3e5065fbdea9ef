"""Static line segments that the ego's outline is tested against, in a uniform grid.

Each 16 m cell lists every segment that touches the cell grown by 8 m, so one look-up finds all that lies within 8 m
of a point. Kinds: outlines of structures, the pavement's boundary, runway strips (also where a road crosses one).
"""

import math
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from airside_sim.constants import SegmentKind
from airside_sim.jit import njit
from airside_sim.mapping.areas import pavement_polygon, polygon_of, runway_strip
from airside_sim.mapping.schema import AirportMap

__all__ = ["CELL_M", "REACH_M", "SegmentGrid", "build_segments", "grid_segments", "pavement_polygon"]

CELL_M = 16.0
REACH_M = 8.0


class SegmentGrid(NamedTuple):
    """Segments (G) and their grid, cells row-major with row 0 in the south."""

    x0: np.ndarray  # (G,) f64
    y0: np.ndarray  # (G,)
    x1: np.ndarray  # (G,)
    y1: np.ndarray  # (G,)
    kind: np.ndarray  # (G,) i32 SegmentKind
    grid_x0: float
    grid_y0: float
    cell_m: float
    grid_w: int
    grid_h: int
    start: np.ndarray  # (grid_w * grid_h + 1,) i32 CSR
    seg: np.ndarray  # i32 segment ids, local to this map


def build_segments(m: AirportMap, pavement: BaseGeometry) -> SegmentGrid:
    """Segments of a map; `pavement` is `pavement_polygon(m)`."""
    kinds = (
        (SegmentKind.STRUCTURE, [polygon_of(b.polygon) for b in m.buildings]),
        (SegmentKind.PAVEMENT_EDGE, [pavement]),
        (SegmentKind.RUNWAY_STRIP, [runway_strip(r) for r in m.runways]),
    )
    ends = [np.empty((0, 4))]
    labels = [np.empty(0, np.int32)]
    for kind, shapes in kinds:
        edges = _ring_edges(shapes)
        ends.append(edges)
        labels.append(np.full(len(edges), int(kind), np.int32))
    return grid_segments(np.concatenate(ends), np.concatenate(labels))


def grid_segments(ends: np.ndarray, kind: np.ndarray) -> SegmentGrid:
    """Index segments `ends` (G, 4: x0 y0 x1 y1); an empty map still gets one empty cell."""
    if len(ends) == 0:
        empty = np.empty(0)
        start = np.zeros(2, np.int32)
        return SegmentGrid(empty, empty, empty, empty, kind, 0.0, 0.0, CELL_M, 1, 1, start, np.empty(0, np.int32))
    low = np.minimum(ends[:, :2], ends[:, 2:]).min(axis=0) - REACH_M
    high = np.maximum(ends[:, :2], ends[:, 2:]).max(axis=0) + REACH_M
    grid_x0, grid_y0 = (math.floor(v / CELL_M) * CELL_M for v in low)
    w, h = math.ceil((high[0] - grid_x0) / CELL_M), math.ceil((high[1] - grid_y0) / CELL_M)
    x0, y0, x1, y1 = (np.ascontiguousarray(ends[:, i], dtype=np.float64) for i in range(4))
    start, seg = _index(x0, y0, x1, y1, grid_x0, grid_y0, w, h, CELL_M, REACH_M)
    return SegmentGrid(x0, y0, x1, y1, kind.astype(np.int32), grid_x0, grid_y0, CELL_M, w, h, start, seg)


def _ring_edges(shapes: list[BaseGeometry]) -> np.ndarray:
    """Edges (n, 4) of every ring of the polygonal shapes, without zero-length ones."""
    polygons = [p for shape in shapes for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    if not polygons:
        return np.empty((0, 4))
    xy, ring = shapely.get_coordinates(shapely.get_rings(np.array(polygons, dtype=object)), return_index=True)
    same = ring[1:] == ring[:-1]
    edges = np.hstack([xy[:-1], xy[1:]])[same]
    return edges[np.hypot(edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1]) > 1e-6]


@njit
def _index(x0, y0, x1, y1, grid_x0, grid_y0, w, h, cell_m, reach_m):
    """CSR of segments by cell: count, prefix sum, fill."""
    count = np.zeros(w * h + 1, np.int64)
    for pass_no in range(2):
        if pass_no == 1:
            for c in range(w * h):
                count[c + 1] += count[c]
            seg = np.empty(count[w * h], np.int32)
            used = np.zeros(w * h, np.int64)
        for g in range(len(x0)):
            column0 = max(0, math.floor((min(x0[g], x1[g]) - reach_m - grid_x0) / cell_m))
            column1 = min(w - 1, math.floor((max(x0[g], x1[g]) + reach_m - grid_x0) / cell_m))
            row0 = max(0, math.floor((min(y0[g], y1[g]) - reach_m - grid_y0) / cell_m))
            row1 = min(h - 1, math.floor((max(y0[g], y1[g]) + reach_m - grid_y0) / cell_m))
            for row in range(row0, row1 + 1):
                for column in range(column0, column1 + 1):
                    west, south = grid_x0 + column * cell_m - reach_m, grid_y0 + row * cell_m - reach_m
                    side = cell_m + 2.0 * reach_m
                    if _touches_box(x0[g], y0[g], x1[g], y1[g], west, south, west + side, south + side):
                        c = row * w + column
                        if pass_no == 0:
                            count[c + 1] += 1
                        else:
                            seg[count[c] + used[c]] = g
                            used[c] += 1
    return count.astype(np.int32), seg


@njit
def _touches_box(ax, ay, bx, by, west, south, east, north):
    """Whether segment AB meets an axis-aligned box (Liang-Barsky clipping)."""
    t0, t1 = 0.0, 1.0
    for axis in range(2):
        p, d = (ax, bx - ax) if axis == 0 else (ay, by - ay)
        low, high = (west, east) if axis == 0 else (south, north)
        if d == 0.0:
            if p < low or p > high:
                return False
        else:
            ta, tb = (low - p) / d, (high - p) / d
            t0, t1 = max(t0, min(ta, tb)), min(t1, max(ta, tb))
            if t0 > t1:
                return False
    return True
