"""Do pushbacks end on the taxilane, and do the wings keep the stand clearance of ICAO Annex 14, 3.13.6, on the way?

For checks, not for the step.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.mapping.areas import STAND_CLEARANCE_M, polygon_of
from airside_sim.mapping.bank import MapBank
from airside_sim.mapping.bank_build import build_bank
from airside_sim.mapping.cache import load_compiled

STEP_M = 2.0
ON_LINE_M = 0.5


@dataclass(frozen=True)
class PushCheck:
    """What the push of the largest aircraft of a stand comes to."""

    stand: str
    letter: str
    off_line_m: float  # nose wheel or main gear to the nearest taxi centreline at the end, the larger one
    clearance_m: float  # least distance of the outline to parked outlines and buildings
    wanted_m: float

    @property
    def is_ok(self) -> bool:
        return self.off_line_m <= ON_LINE_M and self.clearance_m >= self.wanted_m


@cache
def _plan(kind: int) -> BaseGeometry:
    """True outline of a type, origin at the main gear, nose to x."""
    sizes = AIRCRAFT.part_nv[kind, : AIRCRAFT.num_parts[kind]]
    return shapely.union_all(
        [
            Polygon(np.stack([AIRCRAFT.part_x[kind, k, :n], AIRCRAFT.part_y[kind, k, :n]], 1))
            for k, n in enumerate(sizes)
        ]
    )


def _placed(kind: int, x: float, y: float, heading: float) -> BaseGeometry:
    turned = affinity.rotate(_plan(kind), heading, origin=(0, 0), use_radians=True)
    return affinity.translate(turned, x, y)


def largest_types(code: int) -> list[int]:
    """Types of the stand's own letter, or the widest smaller one."""
    exact = [k for k in range(len(AIRCRAFT.code)) if AIRCRAFT.code[k] == code]
    fitting = [k for k in range(len(AIRCRAFT.code)) if AIRCRAFT.code[k] <= code]
    return exact or sorted(fitting, key=lambda k: AIRCRAFT.span_m[k])[-1:]


def _parked(bank: MapBank, stand: int) -> list[BaseGeometry]:
    x, y, h = bank.stand_x[stand], bank.stand_y[stand], bank.stand_h[stand]
    base = AIRCRAFT.wheelbase_m
    return [
        _placed(k, x - base[k] * np.cos(h), y - base[k] * np.sin(h), h) for k in largest_types(bank.stand_code[stand])
    ]


def check_pushes(map_name: str) -> list[PushCheck]:
    """Every stand of a map that aircraft are pushed from."""
    compiled = load_compiled(map_name, 0.78125)[0]
    bank = build_bank([compiled])
    airport = compiled.airport
    nodes = {node.id: node.position for node in airport.taxi_nodes}
    lines = shapely.union_all([LineString([nodes[edge.start], nodes[edge.end]]) for edge in airport.taxi_edges])
    buildings = [polygon_of(building.polygon) for building in airport.buildings]
    parked = [_parked(bank, stand) for stand in range(len(bank.stand_x))]
    found = []
    for stand, push in enumerate(bank.stand_path_push):
        if push < 0:
            continue
        others = shapely.STRtree(buildings + [shape for k, row in enumerate(parked) if k != stand for shape in row])
        code = int(bank.stand_code[stand])
        results = [_push_of(bank, int(push), kind, lines, others) for kind in largest_types(code)]
        found.append(
            PushCheck(
                stand=airport.stands[stand].id,
                letter="ABCDEF"[code],
                off_line_m=max(off for off, _ in results),
                clearance_m=min(gap for _, gap in results),
                wanted_m=STAND_CLEARANCE_M["ABCDEF"[code]],
            )
        )
    return found


def _push_of(bank: MapBank, push: int, kind: int, lines: BaseGeometry, others: shapely.STRtree) -> tuple[float, float]:
    """(distance from the centreline at the end, least clearance on the way) of one type."""
    first, last = int(bank.path_pt0[push]), int(bank.path_pt0[push + 1])
    base = float(AIRCRAFT.wheelbase_m[kind])
    every = max(1, round(STEP_M / bank.path_ds[push]))
    points = [*range(first + round(base / bank.path_ds[push]), last - 1, every), last - 1]
    gap = np.inf
    for i in points:
        shape = _placed(kind, bank.path_x[i], bank.path_y[i], bank.path_h[i])
        near = others.query_nearest(shape, return_distance=True)[1]
        gap = min(gap, float(near.min()) if len(near) else np.inf)
    x, y, h = bank.path_x[last - 1], bank.path_y[last - 1], bank.path_h[last - 1]
    nose = Point(x + base * np.cos(h), y + base * np.sin(h))
    return max(lines.distance(Point(x, y)), lines.distance(nose)), gap
