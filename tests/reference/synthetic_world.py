"""Random worlds filled by hand: a small raster, a winding route, crossings, hazards, actors with a history.

They need no map compiler and no traffic, so the observation kernels are tested (and timed) alone.
"""

import math

import numpy as np

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Aircraft, Body, Crossing, Ego, Episode, Route, RouteFeature, Sky
from airside_sim.constants import HISTORY_LEN, ActorClass, ClearanceState, FeatureKind
from airside_sim.mapping.bank import MapBank
from airside_sim.mapping.tiles import tile_columns
from airside_sim.world import Capacity, World, allocate

_SMALL = {"vehicles": 4, "people": 4, "props": 2, "lanes": 4, "junctions": 2, "stands": 3, "walk_crossings": 2}


def make_bank(rng: np.random.Generator, *, size_m=300.0, cell_m=0.78125, crossings=4) -> MapBank:
    """One map with a random blocky raster centred on (0, 0) and octagonal crossings; other fields are empty."""
    cells = int(size_m / cell_m)
    coarse = rng.integers(0, 256, (cells // 16 + 1, cells // 16 + 1), dtype=np.uint8)
    coarse &= rng.integers(0, 256, coarse.shape, dtype=np.uint8)
    raster = np.repeat(np.repeat(coarse, 16, 0), 16, 1)[:cells, :cells].copy()
    raster[rng.random(raster.shape) < 0.02] ^= 0x10
    angle = np.arange(8) * (math.pi / 4.0)
    centre = rng.uniform(-60.0, 60.0, (2, crossings, 1))
    empty = {name: np.zeros(1) for name in MapBank._fields}
    return MapBank(**empty)._replace(
        map_crossing0=np.array([0, crossings], np.int32),
        raster_x0=np.array([-0.5 * size_m]),
        raster_y0=np.array([-0.5 * size_m]),
        raster_cell_m=np.array([cell_m]),
        raster_w=np.array([cells], np.int32),
        raster_h=np.array([cells], np.int32),
        raster_off=np.zeros(1, np.int64),
        raster=raster.reshape(-1),
        **tile_columns(raster),
        cross_nv=np.full(crossings, 8, np.int32),
        cross_px=centre[0] + 20.0 * np.cos(angle)[None, :],
        cross_py=centre[1] + 12.0 * np.sin(angle)[None, :],
    )


def make_world(rng: np.random.Generator, num_envs: int, *, bodies: int = 40, aircraft: int = 6) -> World:
    """Worlds of random content: `bodies` actors, of which the first `aircraft` are aircraft."""
    cap = Capacity(
        num_envs=num_envs, aircraft=aircraft, bodies=bodies, route_points=260, route_features=6, crossings=4,
        taxi_edges=2, hazards=6, **_SMALL,
    )  # fmt: skip
    world = allocate(cap, 4)
    for e in range(num_envs):
        _fill_ego(rng, world, e)
        _fill_route(rng, world, e)
        _fill_features(rng, world, e)
        for i in range(bodies):
            _fill_body(rng, world, e, i, is_aircraft=i < aircraft)
    return world


def _fill_ego(rng: np.random.Generator, w: World, e: int) -> None:
    ego = w.ego[e]
    ego[[Ego.X, Ego.Y]] = rng.uniform(-100.0, 100.0, 2)
    ego[Ego.HEADING] = rng.uniform(-7.0, 7.0)
    ego[[Ego.SPEED, Ego.LATERAL_SPEED, Ego.YAW_RATE, Ego.ACCEL, Ego.STEER]] = rng.uniform(-1, 1, 5) * [7, 1, 1, 6, 0.7]
    ego[[Ego.PREV_ACTION_STEER, Ego.PREV_ACTION_SPEED]] = rng.uniform(0, 1, 2)
    count = int(rng.integers(0, 7))
    ego[Ego.TRAILERS] = count
    ego[Ego.TRAIN_LENGTH] = 3.2 + 4.0 * count
    x, y, heading = ego[Ego.X], ego[Ego.Y], ego[Ego.HEADING]
    for k in range(count + 1):
        front, rear = (2.2, 1.0) if k == 0 else (3.4, 0.4)
        w.ego_body[e, k] = _box(x, y, heading, front, rear, 0.75, ActorClass.GSE, 0)
        heading += rng.uniform(-0.4, 0.4)
        w.trailer[e, 2 * k : 2 * k + 2] = heading
        x, y = x - 4.0 * math.cos(heading), y - 4.0 * math.sin(heading)
    w.sky[e, Sky.VISIBILITY] = rng.uniform(50.0, 10_000.0)
    w.sky[e, Sky.FRICTION] = rng.uniform(0.1, 0.9)
    w.sky[e, Sky.SPEED_CAP] = rng.uniform(4.0, 9.0)
    w.sky[e, Sky.LVP] = float(rng.integers(2))


def _box(x, y, heading, front, rear, half_width, actor_class, shape) -> np.ndarray:
    row = np.zeros(len(Body))
    row[[Body.X, Body.Y, Body.COS, Body.SIN]] = x, y, math.cos(heading), math.sin(heading)
    row[[Body.FRONT, Body.REAR, Body.HALF_WIDTH]] = front, rear, half_width
    row[Body.RADIUS] = math.hypot(max(front, rear), half_width)
    row[[Body.CLASS, Body.SHAPE]] = actor_class, shape
    return row


def _fill_route(rng: np.random.Generator, w: World, e: int) -> None:
    """A route of straights and bends that passes near the ego; headings are exact tangents of its pieces."""
    n = int(rng.integers(60, 250))
    x, y, heading = w.ego[e, Ego.X] - 20.0, w.ego[e, Ego.Y], w.ego[e, Ego.HEADING]
    curvature, left, limit = 0.0, 20, 30 / 3.6
    for k in range(n):
        w.route[e, k, [Route.X, Route.Y, Route.HEADING, Route.LIMIT]] = x, y, heading, limit
        mid = heading + 0.5 * curvature
        x, y, heading = x + math.cos(mid), y + math.sin(mid), heading + curvature
        left -= 1
        if left == 0:
            curvature = float(rng.choice([0.0, 0.0, 1 / 8.0, -1 / 8.0, 1 / 25.0]))
            left = int(rng.integers(4, 30))
            limit = float(rng.choice([15.0, 30.0])) / 3.6
    episode = w.episode[e]
    episode[Episode.ROUTE_POINTS] = n
    episode[Episode.ROUTE_LENGTH] = n - 1 - rng.uniform(0.0, 12.0)
    episode[Episode.S_REAR] = rng.uniform(0.0, 0.8) * episode[Episode.ROUTE_LENGTH]
    episode[Episode.S_FRONT] = episode[Episode.S_REAR] + 2.2
    episode[Episode.ROUTE_START] = rng.uniform(2.0, 12.0)
    episode[Episode.WAYPOINTS_PAID] = max(0.0, (episode[Episode.S_FRONT] - episode[Episode.ROUTE_START]) // 10.0)
    episode[[Episode.LATERAL, Episode.HEADING_ERROR]] = rng.uniform(-2.0, 2.0, 2)


def _fill_features(rng: np.random.Generator, w: World, e: int) -> None:
    count = int(rng.integers(0, 5))
    w.episode[e, Episode.NUM_FEATURES] = count
    for f in range(count):
        s_in = w.episode[e, Episode.S_REAR] + rng.uniform(-60.0, 60.0)
        kind = rng.choice([FeatureKind.TAXI_CROSSING, FeatureKind.RUNWAY_CROSSING, FeatureKind.STAND_ZONE])
        row = w.feature[e, f]
        row[[RouteFeature.KIND, RouteFeature.ID]] = kind, rng.integers(0, 4)
        row[[RouteFeature.S_STOP, RouteFeature.S_IN, RouteFeature.S_OUT]] = s_in - 1.0, s_in, s_in + 30.0
        row[RouteFeature.STATE] = rng.integers(0, len(ClearanceState))
    for c in range(w.crossing.shape[1]):
        has_aircraft = rng.random() < 0.5
        w.crossing[e, c, Crossing.AIRCRAFT] = 0.0 if has_aircraft else -1.0
        w.crossing[e, c, Crossing.TIME_TO_CONFLICT] = rng.uniform(0.0, 60.0) if has_aircraft else 1e9
        w.crossing[e, c, Crossing.DISTANCE] = rng.uniform(0.0, 400.0)
        w.crossing[e, c, Crossing.CLOSING_SPEED] = rng.uniform(-5.0, 12.0)
    for z in range(int(rng.integers(0, w.hazard.shape[1]))):
        x, y = w.ego[e, :2] + rng.uniform(-60.0, 60.0, 2)
        turn = rng.uniform(0.0, 6.3)
        corner = turn + np.array([0.0, 1.4, 3.0, 4.9])
        w.hazard[e, z, 0:8:2] = x + 25.0 * np.cos(corner)
        w.hazard[e, z, 1:8:2] = y + 15.0 * np.sin(corner)
        w.hazard[e, z, 8] = 1.0


def _fill_body(rng: np.random.Generator, w: World, e: int, i: int, *, is_aircraft: bool) -> None:
    x, y = w.ego[e, :2] + rng.normal(0.0, 45.0, 2)
    heading = rng.uniform(-3.2, 3.2)
    actor = ActorClass.AIRCRAFT if is_aircraft else ActorClass(int(rng.integers(1, 5)))
    if is_aircraft:
        kind = int(rng.integers(0, len(AIRCRAFT.length_m)))
        extents = AIRCRAFT.wheelbase_m[kind] + 5.0, AIRCRAFT.tail_m[kind], 0.5 * AIRCRAFT.span_m[kind]
        row = _box(x, y, heading, *extents, actor, kind)
        row[Body.RADIUS] = AIRCRAFT.radius_m[kind]
        w.aircraft[e, i, Aircraft.BODY] = i
    elif actor == ActorClass.PERSONNEL:
        row = _box(x, y, heading, 0.3, 0.3, 0.3, actor, -1)
    else:
        row = _box(x, y, heading, *rng.uniform([1.0, 0.3, 0.2], [7.0, 3.0, 1.5]), actor, int(rng.integers(0, 13)))
    speed = 0.0 if rng.random() < 0.5 else rng.uniform(0.5, 8.0)
    row[[Body.VX, Body.VY]] = speed * math.cos(heading), speed * math.sin(heading)
    row[Body.BEACON] = float(rng.random() < 0.3)
    if rng.random() < 0.1:
        row[Body.CLASS] = -1.0
    w.body[e, i] = row
    w.history_count[e] = int(w.history_count[e]) or int(rng.integers(1, HISTORY_LEN + 1))
    if i == 0:
        w.history_head[e] = int(rng.integers(0, HISTORY_LEN))
    for age in range(HISTORY_LEN):
        slot = (int(w.history_head[e]) - age) % HISTORY_LEN
        back = 0.1 * age * speed
        pose = x - back * math.cos(heading), y - back * math.sin(heading), math.cos(heading), math.sin(heading)
        w.history[e, slot, i] = pose
        w.seen[e, slot, i] = rng.random() < 0.9
