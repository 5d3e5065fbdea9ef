"""`World`: the whole state of E environments as flat arrays with named columns, allocated once, written in place.

Every array leads with the env axis E, so a snapshot is a copy of the arrays and env e never touches another row.
Columns are the `IntEnum`s of `airside_sim.columns`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from airside_sim.by_reference import by_reference
from airside_sim.columns import (
    EVENT_RECORDS,
    LANES_PER_VEHICLE,
    Aircraft,
    Body,
    Crossing,
    Ego,
    Episode,
    EventColumn,
    Inject,
    Junction,
    Measured,
    Person,
    Prop,
    Route,
    RouteFeature,
    RuleState,
    Sky,
    Stand,
    Turn,
    Vehicle,
)
from airside_sim.constants import EGO_BODIES, HISTORY_LEN, MAX_TRAILERS, Rule
from airside_sim.episode_setup import MAX_INJECTIONS, SETUP_WIDTH, usual_setup
from airside_sim.turnaround_times import NUM_TASKS


class Capacity(NamedTuple):
    """Array sizes: fixed at construction, apart from numbers that may change."""

    num_envs: int
    vehicles: int
    aircraft: int
    people: int
    props: int
    bodies: int  # aircraft + movers with their dollies + tugs + props + people
    route_points: int
    route_features: int
    lanes: int  # largest map
    junctions: int
    crossings: int
    stands: int
    walk_crossings: int
    taxi_edges: int
    hazards: int


@by_reference
class World(NamedTuple):
    rng: np.ndarray  # (E,) u64
    ego: np.ndarray  # (E, Ego) f64
    trailer: np.ndarray  # (E, 2 * MAX_TRAILERS) f64 link headings: drawbar, body, drawbar, body ...
    link: np.ndarray  # (E, 2 * MAX_TRAILERS, 2) f64 scratch: the same directions as unit vectors
    ego_body: np.ndarray  # (E, EGO_BODIES, Body) f64; CLASS = -1 marks unused
    episode: np.ndarray  # (E, Episode) f64
    setup: np.ndarray  # (E, SETUP_WIDTH) f64 what the episode drew from its scenario
    inject: np.ndarray  # (E, MAX_INJECTIONS, Inject) f64
    route: np.ndarray  # (E, R, Route) f64, 1 m apart
    feature: np.ndarray  # (E, F, RouteFeature) f64
    sky: np.ndarray  # (E, Sky) f64
    vehicle: np.ndarray  # (E, V, Vehicle) f64
    aircraft: np.ndarray  # (E, A, Aircraft) f64
    person: np.ndarray  # (E, P, Person) f64
    prop: np.ndarray  # (E, G, Prop) f64
    body: np.ndarray  # (E, N, Body) f64, rebuilt by the traffic stage every tick
    history: np.ndarray  # (E, HISTORY_LEN, N, 4) f32 x, y, cos, sin as observed
    seen: np.ndarray  # (E, HISTORY_LEN, N) u8 1 = observed then
    history_head: np.ndarray  # (E,) i32 ring slot of the present tick
    history_count: np.ndarray  # (E,) i32 ticks stored, <= HISTORY_LEN
    junction: np.ndarray  # (E, J, Junction) i64 locks
    crossing: np.ndarray  # (E, X, Crossing) f64
    stand: np.ndarray  # (E, S, Stand) f64
    walk_crossing: np.ndarray  # (E, W, 4) f64 0 people on it, 1 people asking, 2 vehicles on it, 3 turn
    taxi_edge: np.ndarray  # (E, T, 2) i32 reservations along / against
    hazard: np.ndarray  # (E, Z, 10) f64 convex quads x0 y0 .. x3 y3, kind (0 = unused), owner aircraft slot
    lane_head: np.ndarray  # (E, L) i32 scratch: newest node on the local lane, -1; node = v * LANES_PER_VEHICLE + k
    lane_next: np.ndarray  # (E, V * LANES_PER_VEHICLE) i32 scratch: linked list of the lanes each vehicle covers
    crowd: np.ndarray  # (E, 3, V + P) f64 scratch: circles about vehicles and people (`kernels.crowd`)
    close: np.ndarray  # (E, V + P) i32 scratch: those near one driver
    near: np.ndarray  # (E, N) i32 the first near_count: bodies that can matter to the ego (`kernels.near`), ascending
    near_count: np.ndarray  # (E,) i32
    halt: np.ndarray  # (E, N) f64 odometer where the ego rests had it braked hard on first seeing body n, 0 = unseen
    measured: np.ndarray  # (E, Measured) f64
    event: np.ndarray  # (E, EVENT_RECORDS, EventColumn) f64 ring of the referee
    event_count: np.ndarray  # (E,) i32 records written this episode
    info: np.ndarray  # (E, I) f64 columns named by `info_names()`
    reward: np.ndarray  # (E,) f64
    cost: np.ndarray  # (E,) f64
    terminated: np.ndarray  # (E,) u8
    truncated: np.ndarray  # (E,) u8
    rule: np.ndarray  # (E, Rule, RuleState) f64 which rules of the apron the ego breaks now
    turn: np.ndarray  # (E, A, NUM_TASKS, Turn) f64 planned and actual times of each slot's turnaround, s after on-block
    event_queue: np.ndarray  # (E, 2 A, 2) f64 heap of the turnarounds' next events (`kernels.event_queue`)
    queue_count: np.ndarray  # (E,) i32 its length


@dataclass(frozen=True)
class _Spec:
    shape: tuple[int, ...]
    dtype: type


def allocate(cap: Capacity, num_info: int) -> World:
    """Zeroed world of the given capacity; body classes start as absent, and all bodies as near."""
    E = cap.num_envs
    specs = {
        "rng": _Spec((E,), np.uint64),
        "ego": _Spec((E, len(Ego)), np.float64),
        "trailer": _Spec((E, 2 * MAX_TRAILERS), np.float64),
        "link": _Spec((E, 2 * MAX_TRAILERS, 2), np.float64),
        "ego_body": _Spec((E, EGO_BODIES, len(Body)), np.float64),
        "episode": _Spec((E, len(Episode)), np.float64),
        "setup": _Spec((E, SETUP_WIDTH), np.float64),
        "inject": _Spec((E, MAX_INJECTIONS, len(Inject)), np.float64),
        "route": _Spec((E, cap.route_points, len(Route)), np.float64),
        "feature": _Spec((E, cap.route_features, len(RouteFeature)), np.float64),
        "sky": _Spec((E, len(Sky)), np.float64),
        "vehicle": _Spec((E, cap.vehicles, Vehicle.WIDTH), np.float64),
        "aircraft": _Spec((E, cap.aircraft, len(Aircraft)), np.float64),
        "person": _Spec((E, cap.people, len(Person)), np.float64),
        "prop": _Spec((E, cap.props, len(Prop)), np.float64),
        "body": _Spec((E, cap.bodies, len(Body)), np.float64),
        "history": _Spec((E, HISTORY_LEN, cap.bodies, 4), np.float32),
        "seen": _Spec((E, HISTORY_LEN, cap.bodies), np.uint8),
        "history_head": _Spec((E,), np.int32),
        "history_count": _Spec((E,), np.int32),
        "junction": _Spec((E, cap.junctions, len(Junction)), np.int64),
        "crossing": _Spec((E, cap.crossings, len(Crossing)), np.float64),
        "stand": _Spec((E, cap.stands, len(Stand)), np.float64),
        "walk_crossing": _Spec((E, cap.walk_crossings, 4), np.float64),
        "taxi_edge": _Spec((E, cap.taxi_edges, 2), np.int32),
        "hazard": _Spec((E, cap.hazards, 10), np.float64),
        "lane_head": _Spec((E, cap.lanes), np.int32),
        "lane_next": _Spec((E, cap.vehicles * LANES_PER_VEHICLE), np.int32),
        "crowd": _Spec((E, 3, cap.vehicles + cap.people), np.float64),
        "close": _Spec((E, cap.vehicles + cap.people), np.int32),
        "near": _Spec((E, cap.bodies), np.int32),
        "near_count": _Spec((E,), np.int32),
        "halt": _Spec((E, cap.bodies), np.float64),
        "measured": _Spec((E, len(Measured)), np.float64),
        "event": _Spec((E, EVENT_RECORDS, len(EventColumn)), np.float64),
        "event_count": _Spec((E,), np.int32),
        "info": _Spec((E, num_info), np.float64),
        "reward": _Spec((E,), np.float64),
        "cost": _Spec((E,), np.float64),
        "terminated": _Spec((E,), np.uint8),
        "truncated": _Spec((E,), np.uint8),
        "rule": _Spec((E, len(Rule), len(RuleState)), np.float64),
        "turn": _Spec((E, cap.aircraft, NUM_TASKS, len(Turn)), np.float64),
        "event_queue": _Spec((E, 2 * cap.aircraft, 2), np.float64),
        "queue_count": _Spec((E,), np.int32),
    }
    world = World(**{name: np.zeros(s.shape, s.dtype) for name, s in specs.items()})
    world.body[:, :, Body.CLASS] = -1.0
    world.ego_body[:, :, Body.CLASS] = -1.0
    world.setup[:] = usual_setup()
    world.near[:] = np.arange(cap.bodies)  # all, until an episode lists them
    world.near_count[:] = cap.bodies
    return world
