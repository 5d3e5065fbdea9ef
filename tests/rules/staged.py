"""One situation per rule on a bare straight road: what obeys it, what breaks it, and whom it is about.

The road runs east from the origin, the ego starts 30 m along it. Others are placed by hand, with the columns that the
traffic kernels would write; nobody moves unless a situation's `world` says so.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from airside_sim.columns import (
    Aircraft,
    Body,
    Crossing,
    Ego,
    Episode,
    Junction,
    Person,
    Route,
    RouteFeature,
    Sky,
    Stand,
)
from airside_sim.columns import Vehicle as V
from airside_sim.config import build_params
from airside_sim.constants import ActorClass, AircraftPhase, ClearanceState, FeatureKind, StopReason, VehicleClass
from tests.kernels.ego_world import Bench, add_feature, bare_bank, make_bench

A320 = 2
LIMIT_MPS = 6.67
Policy = Callable[[Bench], tuple[float, float]]


class Situation(NamedTuple):
    """`make` builds the world, `obey` and `breach` drive in it; the record names `whom` within `within_m`."""

    make: Callable[[], Bench]
    obey: Policy
    breach: Policy
    whom: str = ""
    within_m: tuple[float, float] = (0.0, 0.0)
    ticks: int = 120
    world: Callable[[Bench], None] | None = None  # before every tick


def drive_on(_: Bench) -> tuple[float, float]:
    """At the limit."""
    return 0.0, 1.0


def stand_at(s_m: float) -> Policy:
    """Come to rest with the bumper at s_m and stay."""

    def policy(bench: Bench) -> tuple[float, float]:
        left_m = s_m - bench.w.episode[0, Episode.S_FRONT]
        return 0.0, min(1.0, math.sqrt(1.6 * max(0.0, left_m - 0.3)) / LIMIT_MPS)

    return policy


def stop_and_go(s_m: float) -> Policy:
    """Rest at s_m for a second, then drive on."""
    stood = [0]

    def policy(bench: Bench) -> tuple[float, float]:
        near = bench.w.episode[0, Episode.S_FRONT] > s_m - 1.0
        stood[0] += near and bench.w.ego[0, Ego.SPEED] < 0.05
        return drive_on(bench) if stood[0] > 10 else stand_at(s_m)(bench)

    return policy


def _plane(bench: Bench, phase: int, x: float, y: float, heading: float) -> None:
    """Aircraft slot 0 at rest with its beacon on."""
    bench.add_body(0, x, y, heading=heading, kind=ActorClass.AIRCRAFT, shape=A320)
    row = bench.w.aircraft[0, 0]
    row[Aircraft.TYPE], row[Aircraft.PHASE], row[Aircraft.BEACON] = A320, phase, 1.0
    row[Aircraft.FUSE_REAR], row[Aircraft.WING_HALF], row[Aircraft.RADIUS] = -20.0, 17.0, 25.0
    row[Aircraft.STAND] = 0.0


def _vehicle(bench: Bench, x: float, y: float, heading: float, kind: VehicleClass, speed_mps: float) -> None:
    """Background vehicle 0, body 6."""
    bench.add_body(6, x, y, heading=heading, shape=kind)
    row = bench.w.vehicle[0, 0]
    row[V.ACTIVE], row[V.BODY], row[V.CLASS], row[V.SPEED] = 1.0, 6.0, kind, speed_mps


def _person(bench: Bench, x: float, y: float) -> None:
    bench.add_body(12, x, y, kind=ActorClass.PERSONNEL)
    row = bench.w.person[0, 0]
    row[Person.ACTIVE], row[Person.X], row[Person.Y], row[Person.BODY] = 1.0, x, y, 12.0


def emergency() -> Bench:
    """A fire engine comes the other way, on the lane beside."""
    bench = make_bench()
    _vehicle(bench, 105.0, 4.0, math.pi, VehicleClass.BOWSER, 1.0)
    bench.w.body[0, 6, Body.BEACON] = 1.0
    return bench


def _engine_comes(bench: Bench) -> None:
    bench.w.body[0, 6, Body.X] -= 0.1


def closed_stand_zone() -> Bench:
    """A stand's aircraft shows its beacon: its zone begins at 62 m."""
    bench = make_bench()
    _plane(bench, AircraftPhase.BEACON_ON, 75.0, 45.0, math.pi / 2)
    bench.w.aircraft[0, 0, Aircraft.FUSE_REAR] = 0.0  # its tail is far from the road
    add_feature(bench, FeatureKind.STAND_ZONE, 60.0, 62.0, 90.0)
    bench.w.stand[0, 0, Stand.CLOSED] = 1.0
    return bench


def push() -> Bench:
    """An aircraft is pushed out beside the road; the crew stops when the ego comes beyond 50 m."""
    bench = make_bench()
    _plane(bench, AircraftPhase.PUSHBACK, 75.0, 45.0, -math.pi / 2)
    return bench


def _crew_looks(bench: Bench) -> None:
    stops = bench.w.episode[0, Episode.S_FRONT] > 50.0
    bench.w.aircraft[0, 0, Aircraft.STOP_REASON] = StopReason.EGO if stops else StopReason.NONE
    bench.w.aircraft[0, 0, Aircraft.SPEED] = 0.0 if stops else 1.5


def walk_crossing() -> Bench:
    """Somebody is at the kerb of a walk crossing that begins at 62 m."""
    bench = make_bench()
    add_feature(bench, FeatureKind.WALK_CROSSING, 60.0, 62.0, 66.0)
    bench.w.walk_crossing[0, 0, 1] = 1.0
    _person(bench, 64.0, 3.0)
    bench.w.person[0, 0, Person.CROSSING] = 0.0
    return bench


def held_junction() -> Bench:
    """A bus holds the junction from 60 to 74 m, for a way across the ego's."""
    bank = bare_bank()
    bank.lane_junction[1] = 0
    bank.lane_bit[1, :] = 1
    bank.lane_conflict[1, :] = 2
    bench = make_bench(bank=bank)
    bench.w.route[0, 60:74, Route.LANE] = 1.0
    bench.w.route[0, 74:, Route.LANE] = 2.0
    _vehicle(bench, 67.0, 12.0, -math.pi / 2, VehicleClass.BUS, 0.0)
    row = bench.w.vehicle[0, 0]
    row[V.HELD0 : V.HELD0 + 6] = -1.0
    row[V.HELD0], row[V.HELD_LANE0], row[V.HELD_MASK0] = 0.0, 3.0, 2.0
    bench.w.junction[0, 0, Junction.HOLDERS] = 1
    return bench


def cleared_crossing() -> Bench:
    """A taxiway crossing, cleared, where stopping at the line is asked for."""
    bench = make_bench(params=build_params(cost={"stop_line": 0.1}, reward={"stop_line": -1.0}))
    return _with_crossing(bench, FeatureKind.TAXI_CROSSING, is_granted=True)


def _with_crossing(bench: Bench, kind: int, *, is_granted: bool) -> Bench:
    add_feature(bench, kind, 50.0, 58.0, 90.0)
    bench.w.crossing[0, 0, Crossing.TIME_TO_CONFLICT] = 1e9 if is_granted else 1.0
    if is_granted:
        bench.w.feature[0, 0, RouteFeature.STATE] = ClearanceState.GRANTED
    return bench


def open_crossing() -> Bench:
    """The same where no stop is asked for."""
    return _with_crossing(make_bench(), FeatureKind.TAXI_CROSSING, is_granted=True)


def held_crossing() -> Bench:
    """An aircraft comes: no clearance."""
    return _with_crossing(make_bench(), FeatureKind.TAXI_CROSSING, is_granted=False)


def held_runway() -> Bench:
    """The same before a runway."""
    return _with_crossing(make_bench(), FeatureKind.RUNWAY_CROSSING, is_granted=False)


def engines_running() -> Bench:
    """An aircraft north of the road shows it its tail, 20 m away, the beacon on."""
    bench = make_bench()
    _plane(bench, AircraftPhase.START_UP, 80.0, 40.0, math.pi / 2)
    return bench


def fog() -> Bench:
    """Low-visibility procedures on a road for 24 km/h; twice the allowed speed is what full throttle asks for."""
    bench = make_bench(params=build_params(speed_scale=2.0))
    bench.w.sky[0, Sky.LVP], bench.w.sky[0, Sky.SPEED_CAP], bench.w.sky[0, Sky.VISIBILITY] = 1.0, 15.0 / 3.6, 150.0
    return bench


def two_way_road() -> Bench:
    """An oncoming lane lies beside the ego's."""
    bench = make_bench()
    bench.w.route[0, :, Route.OPPOSITE] = 1.0
    return bench


def slow_zone() -> Bench:
    """A zone of 4 m/s where full throttle asks for twice that."""
    return make_bench(limit_mps=4.0, params=build_params(speed_scale=2.0))


def jet_blast() -> Bench:
    """A blast area lies over the road from 60 to 80 m."""
    bench = make_bench()
    bench.w.hazard[0, 0, :9] = [60.0, -5.0, 80.0, -5.0, 80.0, 5.0, 60.0, 5.0, 1.0]
    return bench


def _half_throttle(_: Bench) -> tuple[float, float]:
    return 0.0, 0.5


def _drift_left(bench: Bench) -> tuple[float, float]:
    """Over to y = 2.2 m and straight on."""
    offset_m = 2.2 - bench.w.ego[0, Ego.Y]
    return max(-1.0, min(1.0, 0.3 * offset_m - 2.0 * bench.w.ego[0, Ego.HEADING])), 0.7


SITUATIONS: dict[str, Situation] = {
    "emergency_vehicle": Situation(
        emergency, stand_at(36.0), drive_on, "bowser", (20.0, 60.0), world=_engine_comes, ticks=110
    ),
    "aircraft_priority": Situation(closed_stand_zone, stand_at(59.0), drive_on, "aircraft", (40.0, 50.0)),
    "pushback": Situation(push, stand_at(45.0), drive_on, "aircraft", (40.0, 60.0), world=_crew_looks),
    "pedestrian_priority": Situation(walk_crossing, stand_at(58.0), drive_on, "personnel", (1.0, 3.0)),
    "give_way": Situation(held_junction, stand_at(56.0), drive_on, "bus", (10.0, 16.0)),
    "stop_line": Situation(cleared_crossing, stop_and_go(49.3), drive_on, "", (0.0, 0.7), ticks=200),
    "blocking_crossing": Situation(open_crossing, drive_on, stand_at(70.0), "", (20.0, 40.0), ticks=150),
    "behind_engines": Situation(engines_running, stand_at(60.0), drive_on, "aircraft", (40.0, 50.0)),
    "low_visibility": Situation(fog, _half_throttle, drive_on, "", (150.0, 150.0)),
    "wrong_side": Situation(two_way_road, drive_on, _drift_left, "", (1.5, 2.5)),
    "speed": Situation(slow_zone, _half_throttle, drive_on),
    "hazard_zone": Situation(jet_blast, stand_at(57.0), drive_on),
    "crossing_violation": Situation(held_crossing, stand_at(49.0), drive_on),
    "runway_incursion": Situation(held_runway, stand_at(49.0), drive_on, "", (50.0, 51.0)),
}
