"""The static bird's-eye layers of a map: one byte a cell, bit c = BEV channel c (0..7), row 0 = south.

A cell is set iff its centre lies inside the shape (even-odd over all rings). shapely draws the outlines (buffers of
lanes, strips and lines); the filler below turns them into cells, some hundred times faster than point tests.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from airside_sim.constants import BevChannel
from airside_sim.jit import njit
from airside_sim.mapping.areas import (
    TAXIWAY_WITH_SHOULDERS_M,
    lead_in_line,
    polygon_of,
    runway_strip,
    stand_polygon,
    taxi_lines,
    taxi_strips,
)
from airside_sim.mapping.schema import AirportMap

FINE_CELL_M = 0.25
FINE_UP_TO_M = 1600.0  # longer sides take COARSE_CELL_M, so that a large airport stays below MAX_CELLS
COARSE_CELL_M = 0.5
MAX_CELLS = 120_000_000
MARGIN_M = 200.0  # kept around roads and stands: twice what a BEV at default range can see
MIN_LINE_PX = 1.5  # the contract's thinnest line
PAINT_M = 0.15
SLOW_LIMIT_MPS = 15.0 / 3.6 + 1e-6


class LaneStrip(NamedTuple):
    """One lane as the raster needs it."""

    points: np.ndarray  # (n, 2) centreline
    width_m: float
    limit_mps: np.ndarray  # (n,) limit at each point
    is_marked: bool = True  # False for connectors through junctions, which carry no edge lines


def rasterise(
    m: AirportMap, lanes: Sequence[LaneStrip], bev_px_m: float, stop_lines: Iterable[LineString] = ()
) -> tuple[float, float, float, np.ndarray]:
    """All eight layers of a map: (west edge x0, south edge y0, cell size, raster u8 (h, w)).

    `stop_lines` are the road stop lines that the compiler places; lines thinner than 1.5 BEV pixels are widened.
    """
    x0, y0, cell_m, w, h = raster_frame(m, lanes)
    raster = np.zeros((h, w), np.uint8)
    for channel, shapes in layer_shapes(m, lanes, bev_px_m, stop_lines).items():
        fill_shapes(raster, shapes, x0, y0, cell_m, int(channel))
    return x0, y0, cell_m, raster


def raster_frame(m: AirportMap, lanes: Sequence[LaneStrip]) -> tuple[float, float, float, int, int]:
    """Window of the raster: roads and stands grown by 200 m, cropped to where anything is drawn at all."""
    near = [shapely.box(*_bounds(lane.points)) for lane in lanes] + [stand_polygon(stand) for stand in m.stands]
    drawn = near + [polygon_of(s.polygon) for s in m.surfaces] + [polygon_of(b.polygon) for b in m.buildings]
    drawn += taxi_lines(m) + [runway_strip(r) for r in m.runways] + [polygon_of(r.polygon) for r in m.restricted]
    if not drawn:
        return 0.0, 0.0, FINE_CELL_M, 1, 1
    west, south, east, north = shapely.total_bounds(np.array(drawn, dtype=object)) + np.array([-25, -25, 25, 25.0])
    if near:
        wn, sn, en, nn = shapely.total_bounds(np.array(near, dtype=object))
        west, south = max(west, wn - MARGIN_M), max(south, sn - MARGIN_M)
        east, north = min(east, en + MARGIN_M), min(north, nn + MARGIN_M)
    cell = FINE_CELL_M if max(east - west, north - south) <= FINE_UP_TO_M else COARSE_CELL_M
    while (east - west) * (north - south) / cell**2 > MAX_CELLS:
        cell *= 2.0
    x0, y0 = math.floor(west / cell) * cell, math.floor(south / cell) * cell
    return x0, y0, cell, math.ceil((east - x0) / cell), math.ceil((north - y0) / cell)


def layer_shapes(
    m: AirportMap, lanes: Sequence[LaneStrip], bev_px_m: float, stop_lines: Iterable[LineString] = ()
) -> dict[BevChannel, list[BaseGeometry]]:
    """The polygons of every static channel, before they become cells."""
    line_m = max(PAINT_M, MIN_LINE_PX * bev_px_m)
    surfaces = [(s.kind, polygon_of(s.polygon, s.holes)) for s in m.surfaces if s.kind in ("road", "taxiway")]
    return {
        BevChannel.SERVICE_ROAD: _lane_strips(lanes) + [shape for kind, shape in surfaces if kind == "road"],
        BevChannel.TAXIWAY: taxi_strips(m) + [shape for kind, shape in surfaces if kind == "taxiway"],
        BevChannel.STAND_AREA: [stand_polygon(stand) for stand in m.stands],
        BevChannel.LANE_MARKING: _widen(_paint_lines(m, lanes), line_m),
        BevChannel.STOP_LINE: _widen(_stop_lines(m) + list(stop_lines), max(0.3, line_m)),
        BevChannel.BUILDING: [polygon_of(b.polygon) for b in m.buildings],
        BevChannel.RESTRICTED: [runway_strip(r) for r in m.runways] + [polygon_of(r.polygon) for r in m.restricted],
        BevChannel.SLOW_ZONE: _slow_shapes(m, lanes),
    }


def fill_shapes(
    raster: np.ndarray, shapes: Iterable[BaseGeometry], x0: float, y0: float, cell_m: float, bit: int
) -> None:
    """Set `bit` in every cell of raster (h, w) whose centre lies inside one of the polygonal shapes."""
    polygons = [p for shape in shapes for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and not p.is_empty]
    if not polygons:
        return
    rings, owner = shapely.get_rings(np.array(polygons, dtype=object), return_index=True)
    xy, ring_of_point = shapely.get_coordinates(rings, return_index=True)
    counts = np.bincount(ring_of_point, minlength=len(rings))
    ring_start = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    polygon_start = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=len(polygons))))).astype(np.int64)
    columns, rows = (xy[:, 0] - x0) / cell_m - 0.5, (xy[:, 1] - y0) / cell_m - 0.5  # cell centres are integers
    _fill_polygons(raster, np.uint8(1 << bit), columns, rows, ring_start, polygon_start)


@njit
def _fill_polygons(raster, mask, px, py, ring_start, polygon_start):
    """Even-odd scanline fill; px, py in cells with centres at integers, rings closed (last point = first)."""
    h, w = raster.shape
    for p in range(len(polygon_start) - 1):
        first, last = ring_start[polygon_start[p]], ring_start[polygon_start[p + 1]]
        top, bottom = py[first], py[first]
        for i in range(first, last):
            top = max(top, py[i])
            bottom = min(bottom, py[i])
        row0, row1 = max(0, math.ceil(bottom)), min(h - 1, math.floor(top))
        if row1 < row0:
            continue
        start = np.zeros(row1 - row0 + 2, np.int64)
        for ring in range(polygon_start[p], polygon_start[p + 1]):
            for i in range(ring_start[ring], ring_start[ring + 1] - 1):
                a, b = _rows_crossed(py[i], py[i + 1], row0, row1)
                for row in range(a, b + 1):
                    start[row - row0 + 1] += 1
        for k in range(len(start) - 1):
            start[k + 1] += start[k]
        crossing = np.empty(start[-1], np.float64)
        used = np.zeros(len(start) - 1, np.int64)
        for ring in range(polygon_start[p], polygon_start[p + 1]):
            for i in range(ring_start[ring], ring_start[ring + 1] - 1):
                a, b = _rows_crossed(py[i], py[i + 1], row0, row1)
                for row in range(a, b + 1):
                    k = row - row0
                    slope = (px[i + 1] - px[i]) / (py[i + 1] - py[i])
                    crossing[start[k] + used[k]] = px[i] + (row - py[i]) * slope
                    used[k] += 1
        for k in range(len(start) - 1):
            _sort_in_place(crossing, start[k], start[k + 1])
            _fill_row(raster, mask, row0 + k, crossing, start[k], start[k + 1], w)


@njit
def _rows_crossed(y0, y1, row0, row1):
    """Rows r with min(y) <= r < max(y), inside [row0, row1]: half-open, so that a vertex counts once."""
    low, high = min(y0, y1), max(y0, y1)
    return max(row0, math.ceil(low)), min(row1, math.ceil(high) - 1)


@njit
def _sort_in_place(values, first, last):
    """Insertion sort of values[first:last]; a row has few crossings, and numba's np.sort takes seconds to compile."""
    for i in range(first + 1, last):
        value, j = values[i], i - 1
        while j >= first and values[j] > value:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = value


@njit
def _fill_row(raster, mask, row, crossing, first, last, w):
    """Set the cells between successive pairs of crossing[first:last]."""
    for j in range(first, last - 1, 2):
        for column in range(max(0, math.ceil(crossing[j])), min(w - 1, math.ceil(crossing[j + 1]) - 1) + 1):
            raster[row, column] |= mask


def _bounds(points: np.ndarray) -> tuple[float, float, float, float]:
    return (*points.min(axis=0), *points.max(axis=0))


def _widen(lines: list[BaseGeometry], width_m: float) -> list[BaseGeometry]:
    """Paint lines as strips with flat ends."""
    kept = [line for line in lines if not line.is_empty]
    if not kept:
        return []
    return list(shapely.buffer(np.array(kept, dtype=object), width_m / 2.0, cap_style="flat", join_style="mitre"))


def _lane_strips(lanes: Sequence[LaneStrip]) -> list[BaseGeometry]:
    """Lane surfaces; a centimetre more on each side, so that the two lanes of a road leave no slit."""
    if not lanes:
        return []
    lines = np.array([LineString(lane.points) for lane in lanes], dtype=object)
    return list(shapely.buffer(lines, np.array([lane.width_m / 2.0 + 0.01 for lane in lanes]), cap_style="flat"))


def _slow_shapes(m: AirportMap, lanes: Sequence[LaneStrip]) -> list[BaseGeometry]:
    """Runs of lane with a limit of 15 km/h or less, and the speed zones drawn as such."""
    shapes = [polygon_of(zone.polygon) for zone in m.speed_zones if zone.limit_kmh <= 15.0]
    for lane in lanes:
        slow = np.concatenate(([False], np.asarray(lane.limit_mps) <= SLOW_LIMIT_MPS, [False])).astype(np.int8)
        starts, ends = np.flatnonzero(np.diff(slow) == 1), np.flatnonzero(np.diff(slow) == -1)
        for a, b in zip(starts, ends, strict=True):
            if b - a > 1:
                line = LineString(lane.points[a:b])
                shapes.append(line.buffer(lane.width_m / 2.0, cap_style="flat"))
    return shapes


def _paint_lines(m: AirportMap, lanes: Sequence[LaneStrip]) -> list[BaseGeometry]:
    """Lane edges (the two inner edges of a road coincide as its centre line), taxi centrelines, lead-ins, paint."""
    lines: list[BaseGeometry] = []
    marked = [lane for lane in lanes if lane.is_marked]
    if marked:
        centre = np.array([LineString(lane.points) for lane in marked], dtype=object)
        half = np.array([lane.width_m / 2.0 for lane in marked])
        lines += list(shapely.offset_curve(centre, half)) + list(shapely.offset_curve(centre, -half))
    taxi = taxi_lines(m)
    lines += [line for edge, line in zip(m.taxi_edges, taxi, strict=True) if edge.kind != "runway"]
    taxi_union = shapely.union_all(taxi) if taxi else LineString()
    lines += [line for stand in m.stands if (line := lead_in_line(stand, taxi_union)) is not None]
    lines += [LineString(paint.line) for paint in m.markings if paint.kind not in ("hold", "stop")]
    return lines


def _stop_lines(m: AirportMap) -> list[BaseGeometry]:
    """Drawn holding positions, hold and stop paint, and a line across the taxiway at every hold node."""
    lines: list[BaseGeometry] = [LineString(hold.line) for hold in m.holding_positions]
    lines += [LineString(paint.line) for paint in m.markings if paint.kind in ("hold", "stop")]
    drawn = shapely.union_all(lines) if lines else LineString()
    holds = {node.id: node.position for node in m.taxi_nodes if node.hold is not None}
    for edge, line in zip(m.taxi_edges, taxi_lines(m), strict=True):
        for end, s in ((edge.start, 0.0), (edge.end, line.length)):
            if end not in holds or shapely.Point(holds[end]).distance(drawn) < 5.0:
                continue
            near = line.interpolate(min(max(s, 1.0), line.length - 1.0) if line.length > 2.0 else line.length / 2.0)
            x, y = holds[end]
            dx, dy = near.x - x, near.y - y
            norm = math.hypot(dx, dy)
            if norm > 1e-6:
                half = TAXIWAY_WITH_SHOULDERS_M[edge.code] / 2.0 / norm
                lines.append(LineString([(x - dy * half, y + dx * half), (x + dy * half, y - dx * half)]))
    return lines
