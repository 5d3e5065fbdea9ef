"""What is wrong with a compiled map, and where: reachability, buildings, widths, clearances, holding points, walkways.

`error` = nobody should drive here before it is mended; `warning` = drivable, but a rule of the domain is not kept;
`info` = a limit of the source. Every finding names ids and map coordinates.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import LineString, Point

from airside_sim.constants import LaneKind, PoiKind
from airside_sim.mapping.areas import (
    TAXILANE_OBJECT_M,
    parked_box,
    pavement_polygon,
    polygon_of,
    runway_strip,
)
from airside_sim.mapping.bank import MapBank
from airside_sim.mapping.bank_build import CompiledMap
from airside_sim.mapping.schema import AirportMap

LANE_MIN_WIDTH_M = 3.0
OUTLINE_CLEAR_M = 5.5  # lane edge to the largest parked outline (clearance circle of the contract)
WALKWAY_CLEAR_M = 3.5  # walkway edge to lane edge, except at crossings
_HOLD_TOLERANCE_M = 0.5
_DEPOTS = (PoiKind.FUEL_DEPOT, PoiKind.BAGGAGE_HALL, PoiKind.GSE_PARKING)
_CODES = "ABCDEF"


class Finding(NamedTuple):
    severity: str  # "error", "warning" or "info"
    what: str
    where: str  # ids
    x_m: float
    y_m: float

    def __str__(self) -> str:
        return f"{self.severity}: {self.what} [{self.where} at ({self.x_m:.1f}, {self.y_m:.1f})]"


def validate(compiled: CompiledMap) -> list[Finding]:
    """All findings, errors first, in a fixed order within each severity."""
    bank, airport = compiled.arrays, compiled.airport
    lanes = _lane_lines(bank)
    checks = (
        _reachability(bank, airport),
        _aircraft_paths(bank, airport),
        _buildings(bank, airport, lanes),
        _widths(bank, lanes),
        _parked_clearance(bank, airport, lanes),
        _pavement(bank, airport, lanes),
        _runway_strips(bank, airport, lanes),
        _holding_points(bank),
        _walkways(bank, airport, lanes),
    )
    order = {"error": 0, "warning": 1, "info": 2}
    return sorted((finding for check in checks for finding in check), key=lambda finding: order[finding.severity])


def _lane_lines(bank: MapBank) -> list[LineString]:
    xy = np.stack([bank.pt_x, bank.pt_y], axis=1)
    starts = bank.lane_pt0
    return [LineString(xy[starts[i] : starts[i + 1]]) for i in range(len(bank.lane_len))]


def _reachability(bank: MapBank, airport: AirportMap) -> Iterator[Finding]:
    """Every stand's service stop from every depot, and every depot from every stand."""
    num_lanes = len(bank.lane_len)
    dist = bank.dest_dist.reshape(-1, num_lanes) if num_lanes else np.empty((0, 0))
    depots = [d for d, kind in enumerate(bank.dest_kind) if kind in _DEPOTS]
    if not depots:
        yield Finding("error", "no depot (fuel, baggage hall or equipment parking) can be driven to", "pois", 0.0, 0.0)
    for stand, model in enumerate(airport.stands):
        x, y = model.position
        dest = int(bank.stand_dest[stand])
        if dest < 0:
            yield Finding("warning", "no service road near enough to serve the stand", f"stand {model.id}", x, y)
            continue
        for depot in depots:
            there, back = dist[dest, bank.dest_lane[depot]], dist[depot, bank.dest_lane[dest]]
            if not (np.isfinite(there) and np.isfinite(back)):
                kind = PoiKind(int(bank.dest_kind[depot])).name.lower()
                way = "from" if not np.isfinite(there) else "back to"
                yield Finding("error", f"the stand cannot be driven to {way} the {kind}", f"stand {model.id}", x, y)
                break


def _aircraft_paths(bank: MapBank, airport: AirportMap) -> Iterator[Finding]:
    for stand, model in enumerate(airport.stands):
        if bank.stand_path_in[stand] < 0:
            yield Finding(
                "info", "no aircraft path: the stand's aircraft never moves", f"stand {model.id}", *model.position
            )


def _buildings(bank: MapBank, airport: AirportMap, lanes: list[LineString]) -> Iterator[Finding]:
    tree = shapely.STRtree(lanes)
    for building in airport.buildings:
        shape = polygon_of(building.polygon)
        for lane in sorted(tree.query(shape, predicate="dwithin", distance=2.0)):
            near = shapely.shortest_line(lanes[lane], shape)
            if near.length < bank.lane_width[lane] / 2.0:
                at = near.coords[0]
                yield Finding("error", "a lane runs through a building", f"lane {lane}, building {building.id}", *at)


def _widths(bank: MapBank, lanes: list[LineString]) -> Iterator[Finding]:
    for lane in np.flatnonzero(bank.lane_width < LANE_MIN_WIDTH_M - 1e-6):
        at = lanes[lane].coords[0]
        yield Finding(
            "error", f"lane only {bank.lane_width[lane]:.1f} m wide, needs {LANE_MIN_WIDTH_M:.0f}", f"lane {lane}", *at
        )


def _parked_clearance(bank: MapBank, airport: AirportMap, lanes: list[LineString]) -> Iterator[Finding]:
    """One finding per stand: the nearest lane edge to the box of the largest aircraft. Service loops belong there."""
    plain = np.flatnonzero(bank.lane_kind != LaneKind.STAND_ACCESS)
    tree = shapely.STRtree([lanes[lane] for lane in plain])
    for stand in airport.stands:
        box = parked_box(stand)
        near = plain[tree.query(box, predicate="dwithin", distance=OUTLINE_CLEAR_M + 5.0)]
        gaps = [(lanes[lane].distance(box) - bank.lane_width[lane] / 2.0, lane) for lane in near]
        gap, lane = min(gaps, default=(np.inf, -1))
        if gap >= OUTLINE_CLEAR_M - 0.05:
            continue
        at = shapely.shortest_line(lanes[lane], box).coords[0]
        where = f"stand {stand.id}, lane {lane}"
        if gap < -bank.lane_width[lane] / 2.0 + 1e-6:
            yield Finding("error", "a lane runs under the parked aircraft", where, *at)
        else:
            yield Finding("warning", f"lane edge {max(gap, 0.0):.1f} m from the largest parked outline", where, *at)


def _pavement(bank: MapBank, airport: AirportMap, lanes: list[LineString]) -> Iterator[Finding]:
    ground = pavement_polygon(airport).buffer(1.0)
    shapely.prepare(ground)
    inside = shapely.contains_xy(ground, bank.pt_x, bank.pt_y)
    lane_of = np.repeat(np.arange(len(lanes)), np.diff(bank.lane_pt0))
    for lane in np.unique(lane_of[~inside]):
        at = int(np.flatnonzero(~inside & (lane_of == lane))[0])
        where = f"lane {lane}"
        yield Finding("error", "the lane leaves the pavement", where, float(bank.pt_x[at]), float(bank.pt_y[at]))


def _runway_strips(bank: MapBank, airport: AirportMap, lanes: list[LineString]) -> Iterator[Finding]:
    """Lanes inside a runway strip outside every runway crossing's zone: an incursion without a clearance to ask for."""
    zones = [
        Point(bank.cross_x[k], bank.cross_y[k]).buffer(bank.cross_hold_m[k] + 60.0)
        for k in np.flatnonzero(bank.cross_runway == 1)
    ]
    for runway in airport.runways:
        strip = runway_strip(runway)
        for lane in sorted(shapely.STRtree(lanes).query(strip, predicate="intersects")):
            inside = lanes[lane].intersection(strip)
            if inside.length > 1.0 and not any(zone.contains(inside) for zone in zones):
                at = inside.centroid
                yield Finding(
                    "warning", "a lane runs inside the runway strip", f"lane {lane}, runway {runway.id}", at.x, at.y
                )


def _holding_points(bank: MapBank) -> Iterator[Finding]:
    """Stop lines lie at least the taxilane-to-object distance of the letter from the centreline."""
    for k in range(len(bank.cross_x)):
        letter = _CODES[int(bank.cross_code[k])]
        least = TAXILANE_OBJECT_M[letter]
        if not bank.cross_runway[k] and bank.cross_hold_m[k] < least - _HOLD_TOLERANCE_M:
            what = f"vehicles hold {bank.cross_hold_m[k]:.1f} m from the centreline, code {letter} needs {least:.1f}"
            yield Finding("warning", what, f"crossing {k}", float(bank.cross_x[k]), float(bank.cross_y[k]))


def _walkways(bank: MapBank, airport: AirportMap, lanes: list[LineString]) -> Iterator[Finding]:
    tree = shapely.STRtree(lanes)
    for k, walkway in enumerate(airport.walkways):
        line = LineString(walkway.line)
        kerbs = [
            shapely.ops.substring(
                line, max(0.0, bank.wc_s_in[c] - WALKWAY_CLEAR_M - 2.0), bank.wc_s_out[c] + WALKWAY_CLEAR_M + 2.0
            )
            for c in range(bank.walk_cross0[k], bank.walk_cross0[k + 1])
        ]
        beside = line.difference(shapely.union_all(kerbs).buffer(0.1)) if kerbs else line
        if beside.is_empty:
            continue
        for lane in sorted(tree.query(beside, predicate="dwithin", distance=WALKWAY_CLEAR_M + 4.0)):
            gap = lanes[lane].distance(beside) - bank.lane_width[lane] / 2.0 - walkway.width_m / 2.0
            if gap < WALKWAY_CLEAR_M - 0.05:
                at = shapely.shortest_line(beside, lanes[lane]).coords[0]
                yield Finding(
                    "warning", f"walkway {gap:.1f} m from a lane's edge", f"walkway {walkway.id}, lane {lane}", *at
                )
                break
