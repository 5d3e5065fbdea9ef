"""A one-taxilane apron made by hand: stands north of an eastbound taxilane, a road behind them, one taxi crossing.

Taxilane on y = 0 from x = -500 to 500. Nose-wheel stops at (x_k, 62), aircraft face north. Arrivals come from the
west, pushes swing the tail west, departures leave to the east. Road lane 0 runs along y = 30 (stand zones), road
lane 1 along x = 250 over the taxilane (crossing 0, a box of 20 m by 60 m).
"""

import functools
import math

import numpy as np
import shapely

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Aircraft, Body, Episode, Stand
from airside_sim.constants import FeatureKind
from airside_sim.jit import njit
from airside_sim.kernels.aircraft import step_aircraft, write_aircraft_bodies
from airside_sim.kernels.crossings import update_crossings
from airside_sim.kernels.hazards import update_hazards
from airside_sim.mapping.bank import MapBank
from airside_sim.world import Capacity, World, allocate

RADIUS_M = 30.0
NOSE_Y = 62.0
ROAD_Y = 30.0
CROSS_X = 250.0
EDGE_M = 100.0
NOSE_REACH_M = 38.0
TAIL_REACH_M = 38.0


def _sample(
    pieces: list[tuple[float, float, float, float, float]], ds: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points of straight and arc pieces (x, y, heading, length, curvature) at spacing ds; headings are the tangents."""
    xs, ys, hs = [], [], []
    for k, (x, y, h, length, curvature) in enumerate(pieces):
        n = round(length / ds)
        last = k == len(pieces) - 1
        for s in np.linspace(0.0, length, n + last, endpoint=last):
            if curvature == 0.0:
                xs.append(x + s * math.cos(h))
                ys.append(y + s * math.sin(h))
            else:
                xs.append(x + (math.sin(h + curvature * s) - math.sin(h)) / curvature)
                ys.append(y - (math.cos(h + curvature * s) - math.cos(h)) / curvature)
            hs.append(h + curvature * s)
    return np.array(xs), np.array(ys), np.array(hs)


def _paths(stand_x: float) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Arrival, push and taxi-out rail of one stand; headings are the aircraft's."""
    r = RADIUS_M
    quarter = 0.5 * math.pi * r
    turn_x = stand_x - r
    arrive = _sample(
        [
            (-500.0, 0.0, 0.0, turn_x + 500.0, 0.0),
            (turn_x, 0.0, 0.0, quarter, 1.0 / r),
            (stand_x, r, 0.5 * math.pi, NOSE_Y - r, 0.0),
        ],
        1.0,
    )
    push = _sample(
        [
            (stand_x, NOSE_Y, -0.5 * math.pi, NOSE_Y - r, 0.0),
            (stand_x, r, -0.5 * math.pi, quarter, -1.0 / r),
            (turn_x, 0.0, -math.pi, 25.0, 0.0),
        ],
        1.0,
    )
    out = _sample([(turn_x - 25.0, 0.0, 0.0, 525.0 - turn_x, 0.0)], 1.0)
    return [arrive, (push[0], push[1], push[2] + math.pi), out]


def _taxilane_edges(path_x: np.ndarray, path_y: np.ndarray) -> list[tuple[int, float, float]]:
    """(edge, s_in, s_out) of 100 m pieces of the taxilane below a rail, in order."""
    pieces = []
    for edge in range(10):
        inside = (np.abs(path_y) < 1.0) & (path_x >= -500.0 + EDGE_M * edge) & (path_x < -400.0 + EDGE_M * edge)
        if inside.any():
            s = np.nonzero(inside)[0]
            pieces.append((edge, float(s[0]), float(s[-1]) + 1.0))
    return pieces


def _lanes() -> dict[str, np.ndarray]:
    """Two road lanes of 1 m spacing with their points."""
    x = np.arange(-500.0, 501.0)
    y = np.arange(-100.0, 101.0)
    return {
        "lane_pt0": np.array([0, x.size, x.size + y.size], np.int32),
        "lane_len": np.array([1000.0, 200.0]),
        "lane_ds": np.ones(2),
        "lane_width": np.full(2, 4.0),
        "pt_x": np.concatenate([x, np.full(y.size, CROSS_X)]),
        "pt_y": np.concatenate([np.full(x.size, ROAD_Y), y]),
        "pt_h": np.concatenate([np.zeros(x.size), np.full(y.size, 0.5 * math.pi)]),
    }


def make_bank(stand_xs: tuple[float, ...] = (-60.0, -15.0, 30.0, 75.0, 120.0), code: int = 2) -> MapBank:
    """MapBank of the apron; only what aircraft kernels read is filled."""
    rails, edges, crossings = [], [], []
    for x in stand_xs:
        for k, rail in enumerate(_paths(x)):
            rails.append(rail)
            direction = 1 if k == 1 else 0
            edges.append([(edge, direction, a, b) for edge, a, b in _taxilane_edges(rail[0], rail[1])])
            s_in = CROSS_X - 10.0 - NOSE_REACH_M - rail[0][0]
            crossings.append([(0, s_in, s_in + 20.0 + NOSE_REACH_M + TAIL_REACH_M)] if k == 2 else [])
    sizes = [r[0].size for r in rails]
    pieces = [p for group in edges for p in group]
    swept = [p for group in crossings for p in group]
    n = len(stand_xs)
    zones = np.arange(n)
    empty = {name: np.zeros(1) for name in MapBank._fields}
    fields = {
        **_lanes(),
        "map_lane0": np.array([0, 2], np.int32),
        "map_crossing0": np.array([0, 1], np.int32),
        "map_stand0": np.array([0, n], np.int32),
        "map_path0": np.array([0, 3 * n], np.int32),
        "map_edge0": np.array([0, 10], np.int32),
        "feat0": np.array([0, n, n + 1], np.int32),
        "feat_kind": np.array([FeatureKind.STAND_ZONE] * n + [FeatureKind.TAXI_CROSSING], np.int32),
        "feat_id": np.concatenate([zones, [0]]).astype(np.int32),
        "feat_s_in": np.concatenate([np.array(stand_xs) + 475.0, [70.0]]),
        "feat_s_out": np.concatenate([np.array(stand_xs) + 525.0, [130.0]]),
        "stand_x": np.array(stand_xs),
        "stand_y": np.full(n, NOSE_Y),
        "stand_h": np.full(n, 0.5 * math.pi),
        "stand_code": np.full(n, code, np.int32),
        "stand_path_in": (3 * zones).astype(np.int32),
        "stand_path_push": (3 * zones + 1).astype(np.int32),
        "stand_path_out": (3 * zones + 2).astype(np.int32),
        "path_pt0": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        "path_len": np.array([s - 1.0 for s in sizes]),
        "path_ds": np.ones(len(rails)),
        "path_x": np.concatenate([r[0] for r in rails]),
        "path_y": np.concatenate([r[1] for r in rails]),
        "path_h": np.concatenate([r[2] for r in rails]),
        "path_limit": np.concatenate([np.where(np.abs(r[1]) < 1.0, 8.0, 3.0) for r in rails]),
        "path_stand": np.repeat(zones, 3).astype(np.int32),
        "path_cross0": np.concatenate([[0], np.cumsum([len(c) for c in crossings])]).astype(np.int32),
        "pc_cross": np.array([c[0] for c in swept], np.int32),
        "pc_s_in": np.array([c[1] for c in swept]),
        "pc_s_out": np.array([c[2] for c in swept]),
        "path_edge0": np.concatenate([[0], np.cumsum([len(c) for c in edges])]).astype(np.int32),
        "pe_edge": np.array([p[0] for p in pieces], np.int32),
        "pe_dir": np.array([p[1] for p in pieces], np.int32),
        "pe_s_in": np.array([p[2] for p in pieces]),
        "pe_s_out": np.array([p[3] for p in pieces]),
    }
    return MapBank(**empty)._replace(**fields)


def make_world(bank: MapBank, *, density: float = 1.0, seed: int = 0, ego: tuple[float, float] = (1e5, 1e5)) -> World:
    """One env on the bank, the ego far away unless told."""
    stands = int(np.diff(bank.map_stand0).max())
    cap = Capacity(
        num_envs=1, vehicles=1, aircraft=stands, people=1, props=1, bodies=2 * stands + 5 + 2, route_points=4,
        route_features=2, lanes=2, junctions=1, crossings=int(np.diff(bank.map_crossing0).max()), stands=stands,
        walk_crossings=1, taxi_edges=int(np.diff(bank.map_edge0).max()), hazards=64,
    )  # fmt: skip
    world = allocate(cap, 1)
    world.rng[0] = np.uint64(seed * 7919 + 12345)
    world.episode[0, Episode.DENSITY] = density
    world.episode[0, [Episode.GOAL_STAND, Episode.START_STAND]] = -1.0
    world.ego[0, :2] = ego
    return world


@njit
def run_ticks(w, b, at, vt, q, ticks):
    """The aircraft part of the traffic stage, `ticks` times, for env 0."""
    for _ in range(ticks):
        w.episode[0, Episode.TICK] += 1.0
        step_aircraft(0, w, b, at, q)
        write_aircraft_bodies(0, w, b, at, vt, q)
        update_crossings(0, w, b, q)
        update_hazards(0, w, b, at, q)


@functools.cache
def _plan(kind: int) -> shapely.Geometry:
    """True outline of a type in its own frame."""
    sizes = AIRCRAFT.part_nv[kind, : AIRCRAFT.num_parts[kind]]
    parts = [np.stack([AIRCRAFT.part_x[kind, k, :n], AIRCRAFT.part_y[kind, k, :n]], 1) for k, n in enumerate(sizes)]
    return shapely.union_all([shapely.Polygon(part) for part in parts])


def outline(world: World, slot: int) -> shapely.Geometry:
    """True outline of an aircraft in the map frame, from its body."""
    body = world.body[0, slot]
    turn = np.array([[body[Body.COS], body[Body.SIN]], [-body[Body.SIN], body[Body.COS]]])
    return shapely.transform(_plan(int(body[Body.SHAPE])), lambda xy: xy @ turn + body[: Body.Y + 1])


def overlapping(world: World, slots: list[int]) -> list[tuple[int, int]]:
    """Pairs of aircraft (one of them in `slots`) whose true outlines touch."""
    present = [i for i in range(world.aircraft.shape[1]) if world.body[0, i, Body.CLASS] >= 0]
    pairs = []
    for i in slots:
        for j in present:
            gap = math.hypot(*(world.body[0, i, :2] - world.body[0, j, :2]))
            near = gap < world.aircraft[0, i, Aircraft.RADIUS] + world.aircraft[0, j, Aircraft.RADIUS]
            if i != j and near and outline(world, i).intersects(outline(world, j)):
                pairs.append((i, j))
    return pairs


def zones_closed(world: World) -> np.ndarray:
    """CLOSED of every stand of env 0."""
    return world.stand[0, :, Stand.CLOSED] > 0
