"""A small world for ego kernels: one env on a bare map whose route is any polyline, with room for bodies."""

import math
from typing import NamedTuple

import numpy as np

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Body, Episode, Route, RouteFeature, Sky
from airside_sim.config import EgoParams, build_params
from airside_sim.constants import ActorClass, VehicleClass
from airside_sim.info import info_names
from airside_sim.kernels.clearance import update_clearance
from airside_sim.kernels.collision import measure
from airside_sim.kernels.dynamics import reset_ego, step_ego
from airside_sim.kernels.events import score
from airside_sim.kernels.route_progress import update_progress
from airside_sim.kernels.rules import update_rules
from airside_sim.kernels.train import place_ego
from airside_sim.mapping.bank import MapBank
from airside_sim.rng import seed_word
from airside_sim.traffic_config import DEFAULT_TRAFFIC
from airside_sim.vehicles import VEHICLES
from airside_sim.world import Capacity, World, allocate

CAPACITY = Capacity(1, 4, 2, 4, 2, 16, 1200, 8, 4, 4, 4, 4, 4, 4, 4)
_INTS = {
    "cross_runway", "cross_code", "cross_nv", "dest_kind", "dest_lane", "dest_stand", "feat0", "feat_kind", "feat_id",
    "next_lane", "path_pt0", "pc_cross", "pe_edge", "pe_dir", "wc_id",
}  # fmt: skip


def bare_bank(segments=(), *, left_hand: bool = False, stand_area: bool = False) -> MapBank:
    """One empty map of 4 x 4 km about the origin. segments: (x0, y0, x1, y1, kind), all in one grid cell."""
    arrays = {}
    for name in MapBank._fields:
        is_int = name in _INTS or name.startswith(
            ("map_", "lane_", "stand_path", "path_cross0", "path_edge0", "path_pt0")
        )
        arrays[name] = np.zeros(4, np.int32 if is_int else np.float64)
    arrays["lane_junction"][:] = -1
    arrays["lane_bit"], arrays["lane_conflict"] = np.zeros((4, 2), np.int64), np.zeros((4, 2), np.int64)
    arrays["map_left_hand"][:] = int(left_hand)
    arrays["next_off"] = np.zeros(1, np.int64)
    rows = np.array([s[:4] for s in segments], dtype=np.float64).reshape(-1, 4)
    for i, name in enumerate(("seg_x0", "seg_y0", "seg_x1", "seg_y1")):
        arrays[name] = np.ascontiguousarray(rows[:, i])
    arrays["seg_kind"] = np.array([int(s[4]) for s in segments], np.int32)
    arrays["grid_x0"], arrays["grid_y0"] = np.array([-2000.0]), np.array([-2000.0])
    arrays["grid_cell_m"] = np.array([4000.0])
    arrays["grid_w"], arrays["grid_h"] = np.array([1], np.int32), np.array([1], np.int32)
    arrays["grid_off"] = np.zeros(1, np.int64)
    arrays["grid_start"] = np.array([0, len(segments)], np.int32)
    arrays["grid_seg"] = np.arange(len(segments), dtype=np.int32)
    arrays["raster_x0"], arrays["raster_y0"] = np.array([-2000.0]), np.array([-2000.0])
    arrays["raster_cell_m"] = np.array([4000.0])
    arrays["raster_w"], arrays["raster_h"] = np.array([1], np.int32), np.array([1], np.int32)
    arrays["raster_off"] = np.zeros(1, np.int64)
    arrays["raster"] = np.array([4 if stand_area else 1], np.uint8)
    return MapBank(**arrays)


class Bench(NamedTuple):
    """World, bank, tables and parameters of one ego, with the steps of a tick as methods."""

    w: World
    b: MapBank
    p: EgoParams

    def drive(self, steer: float, speed: float) -> None:
        """Ego motion alone."""
        step_ego(0, self.w, VEHICLES, self.p, steer, speed)

    def tick(self, steer: float, speed: float) -> None:
        """A whole tick without traffic."""
        self.w.episode[0, Episode.TICK] += 1.0
        self.drive(steer, speed)
        self.judge()

    def judge(self) -> None:
        """Everything after the motion."""
        update_progress(0, self.w, VEHICLES, self.p)
        measure(0, self.w, self.b, VEHICLES, AIRCRAFT, self.p)
        update_clearance(0, self.w, self.b, VEHICLES, self.p)
        update_rules(0, self.w, self.b, AIRCRAFT, self.p, DEFAULT_TRAFFIC)
        score(0, self.w, self.b, VEHICLES, self.p)

    def info(self, name: str) -> float:
        return float(self.w.info[0, info_names().index(name)])

    def add_body(self, n: int, x: float, y: float, *, heading: float = 0.0, kind=ActorClass.GSE, shape=None) -> None:
        """Put an actor into body slot n: a person (kind PERSONNEL), aircraft type `shape`, or vehicle class `shape`."""
        row = self.w.body[0, n]
        row[:] = 0.0
        row[Body.X], row[Body.Y], row[Body.COS], row[Body.SIN] = x, y, math.cos(heading), math.sin(heading)
        row[Body.CLASS], row[Body.SHAPE] = kind, -1.0 if shape is None else shape
        if kind == ActorClass.PERSONNEL:
            row[Body.FRONT] = row[Body.REAR] = row[Body.HALF_WIDTH] = row[Body.RADIUS] = 0.3
        elif kind == ActorClass.AIRCRAFT:
            row[Body.RADIUS] = AIRCRAFT.radius_m[shape]
        else:
            row[Body.FRONT], row[Body.REAR] = VEHICLES.front_m[shape], VEHICLES.rear_m[shape]
            row[Body.HALF_WIDTH] = 0.5 * VEHICLES.width_m[shape]
            row[Body.RADIUS] = math.hypot(max(row[Body.FRONT], row[Body.REAR]), row[Body.HALF_WIDTH])
        self.w.seen[0, :, n] = 1


def straight_route(length_m: int) -> np.ndarray:
    """(n, 2) points one metre apart, eastwards from the origin."""
    return np.column_stack([np.arange(length_m + 1.0), np.zeros(length_m + 1)])


def make_bench(
    points: np.ndarray | None = None,
    *,
    start_m: float = 30.0,
    goal_m: float | None = None,
    limit_mps: float = 6.67,
    vehicle: VehicleClass = VehicleClass.TRACTOR,
    trailers: int = 0,
    laden: bool = False,
    friction: float = 0.8,
    bank: MapBank | None = None,
    params: EgoParams | None = None,
    seed: int = 1,
) -> Bench:
    """An ego at rest with its front bumper `start_m` along the polyline."""
    points = straight_route(300) if points is None else points
    w, b, p = allocate(CAPACITY, len(info_names())), bank or bare_bank(), params or build_params()
    w.rng[0] = seed_word(seed)
    num = len(points)
    step = np.diff(points, axis=0)
    heading = np.arctan2(step[:, 1], step[:, 0])
    w.route[0, :num, Route.X], w.route[0, :num, Route.Y] = points[:, 0], points[:, 1]
    w.route[0, :num, Route.HEADING] = np.append(heading, heading[-1])
    w.route[0, :num, Route.LIMIT] = limit_mps
    w.route[0, :num, Route.HALF_WIDTH] = 2.0
    w.episode[0, Episode.ROUTE_POINTS] = num
    w.episode[0, Episode.ROUTE_START] = start_m
    w.episode[0, Episode.ROUTE_LENGTH] = num - 13.0 if goal_m is None else goal_m
    w.episode[0, Episode.GOAL_STAND] = w.episode[0, Episode.START_STAND] = -1.0
    w.sky[0, Sky.FRICTION], w.sky[0, Sky.SPEED_CAP] = friction, 100.0
    reset_ego(0, w, VEHICLES, p, int(vehicle), trailers, laden)
    place_ego(0, w, VEHICLES, p)
    update_progress(0, w, VEHICLES, p)
    measure(0, w, b, VEHICLES, AIRCRAFT, p)
    return Bench(w, b, p)


def add_feature(bench: Bench, kind: int, s_stop: float, s_in: float, s_out: float, ident: int = 0) -> int:
    """Append a route feature; returns its index."""
    f = int(bench.w.episode[0, Episode.NUM_FEATURES])
    row = bench.w.feature[0, f]
    row[RouteFeature.KIND], row[RouteFeature.ID] = kind, ident
    row[RouteFeature.S_STOP], row[RouteFeature.S_IN], row[RouteFeature.S_OUT] = s_stop, s_in, s_out
    bench.w.episode[0, Episode.NUM_FEATURES] += 1
    return f
