"""The ground as a list of draw primitives in map coordinates, sorted bottom to top and indexed by bounding box.

Built once per map; `ground_tiles` rasterises it tile by tile, so an airport of any size costs only what is looked at.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from airside_sim.mapping import areas
from airside_sim.mapping.bank import MapBank
from airside_sim.mapping.schema import AirportMap
from airside_sim.rendering import palette

Colour = tuple[int, int, int]


class Primitive(NamedTuple):
    """One painted thing: `fill` (ring), `line` (polyline of a width, maybe dashed) or `text`."""

    kind: str
    colour: Colour
    points: np.ndarray  # (n, 2) m
    width_m: float = 0.0
    dash_m: tuple[float, float] | None = None  # on, off
    text: str = ""
    background: Colour | None = None


@dataclass(frozen=True)
class Scene:
    """All primitives of a map, bottom first."""

    primitives: list[Primitive]
    bounds: np.ndarray  # (n, 4) west, south, east, north incl. line width

    def touching(self, west: float, south: float, east: float, north: float) -> list[Primitive]:
        """Primitives whose box meets the rectangle, in drawing order."""
        b = self.bounds
        hit = (b[:, 0] <= east) & (b[:, 2] >= west) & (b[:, 1] <= north) & (b[:, 3] >= south)
        return [self.primitives[i] for i in np.flatnonzero(hit)]


_SURFACE_COLOURS = {"asphalt": palette.ASPHALT, "concrete": palette.CONCRETE, "grass": palette.GRASS,
                    "gravel": palette.GRAVEL, "water": palette.WATER}  # fmt: skip
_SURFACE_ORDER = ("grass", "water", "shoulder", "taxiway", "apron", "runway", "road")
_BUILDING_COLOURS = {"terminal": palette.TERMINAL, "pier": palette.TERMINAL, "hangar": palette.HANGAR,
                     "jet_bridge": palette.JET_BRIDGE}  # fmt: skip


def build_scene(airport: AirportMap, bank: MapBank) -> Scene:
    """Draw list of an airport; `bank` (M = 1) supplies lanes, crossings and stand geometry as compiled."""
    out: list[Primitive] = []
    _surfaces(out, airport)
    _roads(out, airport)
    _runways(out, airport)
    _taxi_paint(out, airport)
    _stands(out, airport)
    _road_paint(out, airport, bank)
    _crossings(out, bank)
    _walkways(out, airport)
    _markings(out, airport)
    _restricted(out, airport)
    _buildings(out, airport)
    _labels(out, airport)
    bounds = np.array([_bounds(p) for p in out]).reshape(len(out), 4)
    return Scene(out, bounds)


def _bounds(p: Primitive) -> tuple[float, float, float, float]:
    pad = p.width_m / 2 + (12.0 if p.kind == "text" else 0.5)
    (west, south), (east, north) = p.points.min(axis=0), p.points.max(axis=0)
    return west - pad, south - pad, east + pad, north + pad


def _fill(out: list[Primitive], shape: BaseGeometry, colour: Colour) -> None:
    """Hole-free rings of a polygonal geometry (holed parts are triangulated: pygame fills simple rings only)."""
    for part in shapely.get_parts(shape):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        pieces = shapely.get_parts(shapely.constrained_delaunay_triangles(part)) if part.interiors else [part]
        out.extend(Primitive("fill", colour, np.asarray(piece.exterior.coords)[:-1]) for piece in pieces)


def _line(out, points, colour: Colour, width_m: float, dash_m: tuple[float, float] | None = None) -> None:
    array = np.asarray(points, dtype=np.float64)
    if len(array) >= 2:
        out.append(Primitive("line", colour, array, width_m, dash_m))


def _surfaces(out: list[Primitive], airport: AirportMap) -> None:
    for kind in _SURFACE_ORDER:
        for surface in airport.surfaces:
            if surface.kind != kind:
                continue
            shape = areas.polygon_of(surface.polygon, surface.holes)
            _fill(out, shape, _SURFACE_COLOURS[surface.material])
            if surface.material == "concrete":
                _slab_joints(out, shape)


def _slab_joints(out: list[Primitive], shape: BaseGeometry, pitch_m: float = 7.5) -> None:
    west, south, east, north = shape.bounds
    lines = [
        LineString([(x, south), (x, north)]) for x in np.arange(math.ceil(west / pitch_m) * pitch_m, east, pitch_m)
    ]
    lines += [
        LineString([(west, y), (east, y)]) for y in np.arange(math.ceil(south / pitch_m) * pitch_m, north, pitch_m)
    ]
    for piece in shapely.get_parts(shapely.intersection(np.array(lines, dtype=object), shape)):
        for part in shapely.get_parts(piece):
            if part.geom_type == "LineString":
                _line(out, part.coords, palette.SLAB_JOINT, 0.12)


def _roads(out: list[Primitive], airport: AirportMap) -> None:
    at = {node.id: node.position for node in airport.road_nodes}
    for edge in airport.road_edges:
        line = areas.road_line(airport, edge, at)
        _fill(out, line.buffer(edge.width_m / 2 + 0.4, cap_style="round"), palette.ROAD_ASPHALT)


def _runways(out: list[Primitive], airport: AirportMap) -> None:
    for runway in airport.runways:
        _fill(out, areas.runway_polygon(runway), palette.RUNWAY_ASPHALT)
        (x0, y0), (x1, y1) = runway.ends
        length = math.hypot(x1 - x0, y1 - y0)
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        half = runway.width_m / 2 - 1.0
        _line(out, [(x0 + 60 * ux, y0 + 60 * uy), (x1 - 60 * ux, y1 - 60 * uy)], palette.WHITE, 0.9, (30.0, 20.0))
        for side in (-1, 1):
            ox, oy = -uy * half * side, ux * half * side
            _line(out, [(x0 + ox, y0 + oy), (x1 + ox, y1 + oy)], palette.WHITE, 0.9)
        for ex, ey, sign in ((x0, y0, 1), (x1, y1, -1)):
            for k in np.linspace(-half + 3, half - 3, 12):
                ax, ay = ex + sign * ux * 6 - uy * k, ey + sign * uy * 6 + ux * k
                _line(out, [(ax, ay), (ax + sign * ux * 30, ay + sign * uy * 30)], palette.WHITE, 1.8)


def _taxi_paint(out: list[Primitive], airport: AirportMap) -> None:
    at = {node.id: node.position for node in airport.taxi_nodes}
    for edge in airport.taxi_edges:
        if edge.kind == "runway":
            continue
        line = areas.taxi_line(airport, edge, at)
        _line(out, line.coords, palette.BLACK, 0.6)
        _line(out, line.coords, palette.YELLOW, 0.3)
    for hold in airport.holding_positions:
        if hold.kind == "runway":
            _hold_pattern(out, hold.line)
        elif hold.kind == "intermediate":
            _line(out, hold.line, palette.YELLOW, 0.35, (0.9, 0.9))
        else:
            _line(out, hold.line, palette.WHITE, 0.4)


def _hold_pattern(out: list[Primitive], points) -> None:
    """Pattern A: two solid and two dashed yellow lines."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    length = max(1e-6, math.hypot(x1 - x0, y1 - y0))
    nx, ny = -(y1 - y0) / length, (x1 - x0) / length
    for k, dash in ((-0.9, None), (-0.3, None), (0.3, (0.9, 0.9)), (0.9, (0.9, 0.9))):
        _line(out, [(x0 + k * nx, y0 + k * ny), (x1 + k * nx, y1 + k * ny)], palette.YELLOW, 0.3, dash)


def _stands(out: list[Primitive], airport: AirportMap) -> None:
    for stand in airport.stands:
        ring = np.asarray(areas.stand_polygon(stand).exterior.coords)
        _line(out, ring, palette.WHITE, 0.5)
        _line(out, ring, palette.RED, 0.28)
        h = areas.heading_rad(stand.heading_deg)
        x, y = stand.position
        lead = list(stand.lead_in) or [(x - 45 * math.cos(h), y - 45 * math.sin(h))]
        _line(out, [*lead, stand.position], palette.YELLOW, 0.3)
        _line(out, [(x - 1.5 * math.sin(h), y + 1.5 * math.cos(h)), (x + 1.5 * math.sin(h), y - 1.5 * math.cos(h))],
              palette.YELLOW, 0.35)  # fmt: skip
        place = (x + 5.0 * math.cos(h) + 3.5 * math.sin(h), y + 5.0 * math.sin(h) - 3.5 * math.cos(h))
        out.append(Primitive("text", palette.BLACK, np.array([place]), 2.4, None, stand.id, palette.YELLOW))


def _road_paint(out: list[Primitive], airport: AirportMap, bank: MapBank) -> None:
    """Edge lines solid, centre lines of two-way roads dashed; drawn per lane so that junctions stay open."""
    for lane in range(len(bank.lane_len)):
        if bank.lane_junction[lane] >= 0:
            continue
        first, last = bank.lane_pt0[lane], bank.lane_pt0[lane + 1]
        x, y, h = bank.pt_x[first:last], bank.pt_y[first:last], bank.pt_h[first:last]
        half = bank.lane_width[lane] / 2
        kerb = -1.0 if not bank.map_left_hand[0] else 1.0
        for side in (kerb, -kerb):
            points = np.stack([x - side * half * np.sin(h), y + side * half * np.cos(h)], axis=1)
            if side == -kerb and bank.lane_opposite[lane]:
                _line(out, points, palette.WHITE, 0.15, (3.0, 4.0))
            else:
                _line(out, points, palette.WHITE, 0.15)


def _crossings(out: list[Primitive], bank: MapBank) -> None:
    """Stop lines where a lane meets a crossing, and zipper edges through it."""
    for lane in range(len(bank.lane_len)):
        for f in range(bank.feat0[lane], bank.feat0[lane + 1]):
            kind = bank.feat_kind[f]
            if kind > 1:
                continue
            stop_m = bank.feat_s_stop[f]
            if stop_m >= 0:
                x, y, h = _lane_at(bank, lane, stop_m)
                half = bank.lane_width[lane] / 2
                left = (x - half * math.sin(h), y + half * math.cos(h))
                right = (x + half * math.sin(h), y - half * math.cos(h))
                _line(out, [left, right], palette.WHITE, 0.45)
            count = max(2, int((bank.feat_s_out[f] - bank.feat_s_in[f]) / 2.0))
            for k, s in enumerate(np.linspace(bank.feat_s_in[f], bank.feat_s_out[f], count)):
                x, y, h = _lane_at(bank, lane, s)
                half = bank.lane_width[lane] / 2
                side = half if k % 2 else half - 0.35
                for sign in (-1, 1):
                    px, py = x - sign * side * math.sin(h), y + sign * side * math.cos(h)
                    _line(out, [(px - math.cos(h), py - math.sin(h)), (px + math.cos(h), py + math.sin(h))],
                          palette.WHITE, 0.35)  # fmt: skip


def _lane_at(bank: MapBank, lane: int, s: float) -> tuple[float, float, float]:
    i = int(np.clip(s / bank.lane_ds[lane], 0, bank.lane_pt0[lane + 1] - bank.lane_pt0[lane] - 1)) + bank.lane_pt0[lane]
    return float(bank.pt_x[i]), float(bank.pt_y[i]), float(bank.pt_h[i])


def _walkways(out: list[Primitive], airport: AirportMap) -> None:
    for walk in airport.walkways:
        line = LineString(walk.line)
        for side in (-1, 1):
            edge = line.parallel_offset(walk.width_m / 2, "left" if side < 0 else "right")
            for part in shapely.get_parts(edge):
                _line(out, part.coords, palette.WALKWAY, 0.12)
        _line(out, walk.line, palette.WALKWAY, walk.width_m * 0.7, (0.5, 1.0))


_MARKING_STYLE = {
    "taxi_centreline": (palette.YELLOW, 0.3, None),
    "taxi_edge": (palette.YELLOW, 0.35, None),
    "road_edge": (palette.WHITE, 0.15, None),
    "road_centre": (palette.WHITE, 0.15, (3.0, 4.0)),
    "zipper": (palette.WHITE, 0.4, (1.0, 1.0)),
    "hold": (palette.YELLOW, 0.4, None),
    "stop": (palette.WHITE, 0.4, None),
    "stand": (palette.RED, 0.25, None),
    "other": (palette.HUD_DIM, 0.15, None),
}


def _markings(out: list[Primitive], airport: AirportMap) -> None:
    for marking in airport.markings:
        colour, width_m, dash_m = _MARKING_STYLE[marking.kind]
        _line(out, marking.line, colour, width_m, dash_m)


def _restricted(out: list[Primitive], airport: AirportMap) -> None:
    for zone in airport.restricted:
        shape = areas.polygon_of(zone.polygon)
        west, south, east, north = shape.bounds
        for k in np.arange(west - (north - south), east, 3.0):
            hatch = LineString([(k, south), (k + north - south, north)]).intersection(shape)
            for part in shapely.get_parts(hatch):
                if part.geom_type == "LineString" and not part.is_empty:
                    _line(out, part.coords, palette.RESTRICTED, 0.3)
        for part in shapely.get_parts(shape):
            _line(out, part.exterior.coords, palette.RESTRICTED, 0.4)


def _buildings(out: list[Primitive], airport: AirportMap) -> None:
    for building in airport.buildings:
        shape = areas.polygon_of(building.polygon)
        colour = _BUILDING_COLOURS.get(building.kind, palette.BUILDING)
        drop = min(6.0, 0.25 * building.height_m)
        _fill(out, shapely.affinity.translate(shape, drop, -drop), (38, 40, 42))
        _fill(out, shape, colour)
        inner = shape.buffer(-1.2)
        if not inner.is_empty:
            _fill(out, inner, tuple(min(255, c + 12) for c in colour))
        for part in shapely.get_parts(shape):
            _line(out, part.exterior.coords, palette.ROOF_EDGE, 0.5)


def _labels(out: list[Primitive], airport: AirportMap) -> None:
    style = {"mandatory": (palette.WHITE, palette.RED), "location": (palette.YELLOW, palette.BLACK),
             "direction": (palette.BLACK, palette.YELLOW)}  # fmt: skip
    for label in airport.labels:
        if label.kind == "stand":
            continue
        colour, background = style.get(label.kind, (palette.WHITE, None))
        out.append(Primitive("text", colour, np.array([label.position]), 3.0, None, label.text, background))
    for poi in airport.pois:
        text = poi.kind.replace("_", " ").upper()
        out.append(Primitive("text", palette.WHITE, np.array([poi.position]), 2.2, None, text, (40, 70, 110)))
