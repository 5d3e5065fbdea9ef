"""The scripted driver: room beyond a junction, long vehicles that come round a bend, people beside the way."""

import math

import numpy as np
import pytest

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Aircraft, Body, Ego, Episode, Junction, Person, Route, RouteFeature, Stand, Vehicle
from airside_sim.constants import AircraftPhase, ClearanceState, FeatureKind, HazardKind, VehicleClass
from airside_sim.kernels.expert import drive
from airside_sim.kernels.expert_bodies import PASS_M, PASS_MPS, slow_beside_people
from airside_sim.kernels.expert_rules import (
    HAZARD_M,
    has_room_beyond,
    stop_for_features,
    stop_for_hazards,
    stop_for_junction,
    yield_before_bend,
)
from airside_sim.kernels.expert_style import REACTION_S, Style
from airside_sim.kernels.hazards import OWNER
from airside_sim.vehicles import VEHICLES
from tests.kernels.ego_world import Bench, add_feature, bare_bank, make_bench

STYLE = Style()
BRAKE = 1.2
FREE = 1e9
SLOT = 4  # first mover's body
TRACTOR, BUS = VehicleClass.TRACTOR, VehicleClass.BUS
EAST, NORTH, SOUTH = 0.0, 0.5 * math.pi, -0.5 * math.pi


def put(bench: Bench, x: float, y: float, heading: float, cls: VehicleClass, speed: float = 0.0) -> None:
    """The first background vehicle with its front bumper at (x, y)."""
    c, s, front = math.cos(heading), math.sin(heading), VEHICLES.front_m[cls]
    bench.add_body(SLOT, x - front * c, y - front * s, heading=heading, shape=cls)
    bench.w.body[0, SLOT, [Body.VX, Body.VY]] = speed * c, speed * s
    row = bench.w.vehicle[0, 0]
    row[[Vehicle.ACTIVE, Vehicle.BODY, Vehicle.SPEED]] = 1.0, SLOT, speed
    row[Vehicle.LENGTH] = VEHICLES.length_m[cls]


JUNCTION_IN, JUNCTION_OUT = 60, 80  # route points of junction 0


def junction_bench(trailers: int = 0, goal_m: float = 250.0) -> Bench:
    bank = bare_bank()
    bank.lane_junction[1] = 0
    bench = make_bench(bank=bank, trailers=trailers, goal_m=goal_m)
    bench.w.route[0, JUNCTION_IN:JUNCTION_OUT, Route.LANE] = 1.0
    bench.w.route[0, JUNCTION_OUT:, Route.LANE] = 2.0
    bench.w.junction[0, 0, Junction.EGO_FLAG] = 1
    return bench


def has_room(bench: Bench) -> bool:
    """-> what `has_room_beyond` says; a driver with the lock goes in or stops on the same terms."""
    room = bool(has_room_beyond(0, bench.w, bench.b, JUNCTION_IN, 0, STYLE, BRAKE))
    assert room == (stop_for_junction(0, bench.w, bench.b, STYLE, BRAKE) == FREE)
    return room


@pytest.mark.parametrize("trailers", [0, 2])
def test_who_stands_beyond_a_junction_must_leave_room_for_the_train(trailers: int) -> None:
    bench = junction_bench(trailers)
    assert has_room(bench)
    train_m = bench.w.ego[0, Ego.TRAIN_LENGTH]
    length = VEHICLES.length_m[TRACTOR]
    for left_m, expected in ((train_m - 1.0, False), (train_m + 4.0, True)):
        put(bench, JUNCTION_OUT + left_m + length, 0.0, EAST, TRACTOR)
        assert has_room(bench) is expected
        put(bench, JUNCTION_OUT + left_m + length, 4.0, EAST, TRACTOR)
        assert has_room(bench)  # on the lane beside
    put(bench, JUNCTION_IN + 8.0, 0.0, EAST, TRACTOR)
    assert not has_room(bench)  # stands inside


def test_who_drives_on_leaves_what_it_needs_to_stop() -> None:
    speed = 4.0
    roll_m = speed * speed / (2.0 * BRAKE)
    bench = junction_bench(trailers=2)
    train_m = bench.w.ego[0, Ego.TRAIN_LENGTH]
    tail_m = JUNCTION_OUT + train_m - roll_m
    length = VEHICLES.length_m[TRACTOR]
    put(bench, tail_m + 4.0 + length, 0.0, EAST, TRACTOR, speed)
    assert has_room(bench)
    put(bench, tail_m + 4.0 + length, 0.0, EAST, TRACTOR)
    assert not has_room(bench)
    put(bench, tail_m - 2.0 + length, 0.0, EAST, TRACTOR, speed)
    assert not has_room(bench)


def test_a_goal_in_the_junction_needs_no_room_beyond() -> None:
    bench = junction_bench(goal_m=JUNCTION_OUT - 5.0)
    put(bench, JUNCTION_OUT + 7.0, 0.0, EAST, TRACTOR)
    assert has_room(bench)


BEND_M = 60  # straight to the east, then a quarter circle to the left, then to the north


def bend_bench(radius_m: float, start_m: float = 45.0) -> Bench:
    turn = np.arange(1.0, radius_m * NORTH) / radius_m
    arc = np.stack([BEND_M + radius_m * np.sin(turn), radius_m * (1.0 - np.cos(turn))], axis=1)
    west = np.column_stack([np.arange(BEND_M + 1.0), np.zeros(BEND_M + 1)])
    on = np.arange(1.0, 100.0)
    north = np.column_stack([np.full(len(on), BEND_M + radius_m), radius_m + on])
    return make_bench(np.concatenate([west, arc, north]), start_m=start_m)


def yields(bench: Bench, style: Style = STYLE) -> float:
    return float(yield_before_bend(0, bench.w, style, BRAKE))


@pytest.mark.parametrize("speed", [0.0, 3.0])
@pytest.mark.parametrize("beyond_m", [4.0, 20.0])
def test_a_long_vehicle_that_comes_round_a_tight_bend_is_waited_for(beyond_m: float, speed: float) -> None:
    """Its front is beyond_m behind the bend, on the lane to the left."""
    place = BEND_M + 10.0 - 4.0, 10.0 + beyond_m
    bench = bend_bench(10.0)
    bench.w.ego[0, Ego.SPEED] = speed
    assert yields(bench) == FREE
    put(bench, *place, SOUTH, BUS, 3.0)
    left_m = BEND_M - 45.0 - 1.0 - REACTION_S * speed
    assert yields(bench) == pytest.approx(math.sqrt(2.0 * BRAKE * left_m), rel=0.05)
    assert yields(bench, Style(sees_vehicles=0.0)) == FREE
    put(bench, *place, SOUTH, TRACTOR, 3.0)
    assert yields(bench) == FREE  # short
    put(bench, *place, NORTH, BUS, 3.0)
    assert yields(bench) == FREE  # drives the same way
    put(bench, place[0], place[1] + 60.0, SOUTH, BUS, 3.0)
    assert yields(bench) == FREE  # far off
    put(bench, place[0] - 10.0, place[1], SOUTH, BUS, 3.0)
    assert yields(bench) == FREE  # on another road


@pytest.mark.parametrize(("radius_m", "start_m"), [(25.0, 45.0), (10.0, BEND_M + 4.0), (10.0, 25.0)])
def test_nobody_waits_before_a_wide_bend_nor_far_off_nor_inside(radius_m: float, start_m: float) -> None:
    bench = bend_bench(radius_m, start_m)
    put(bench, BEND_M + radius_m - 4.0, radius_m + 4.0, SOUTH, BUS, 3.0)
    assert yields(bench) == FREE


def beside(bench: Bench, x: float, y: float, style: Style = STYLE) -> float:
    """Speed allowed by a person at (x, y); the front of the ego is at (30, 0)."""
    bench.w.person[0, 0, [Person.ACTIVE, Person.X, Person.Y]] = 1.0, x, y
    return float(slow_beside_people(0, bench.w, style, BRAKE, 40.0, 1.0))


@pytest.mark.parametrize("y", [2.5, -2.5, 4.0])
def test_people_beside_the_way_are_passed_the_slower_the_nearer(y: float) -> None:
    bench = make_bench()
    pass_mps = pytest.approx(PASS_MPS / math.sqrt(1.0 - (abs(y) - 1.0) / PASS_M))  # the body reaches out 1 m
    pass2 = PASS_MPS**2 / (1.0 - (abs(y) - 1.0) / PASS_M)
    assert beside(bench, 31.0, y) == pass_mps
    assert beside(bench, 27.0, y) == pass_mps
    assert beside(bench, 31.0, math.copysign(4.6, y)) == FREE
    assert beside(bench, 18.0, y) == FREE  # behind the tail
    assert beside(make_bench(trailers=4), 18.0, y) == pass_mps  # beside the dollies
    assert beside(bench, 31.0, y, Style(sees_people=0.0)) == FREE
    reach_m = math.sqrt((1.0 + PASS_M) ** 2 - y * y)  # of them along the way
    for ahead_m in (12.0, 25.0):
        expected = math.sqrt(pass2 + 2.0 * BRAKE * (ahead_m - reach_m - 1.0))
        assert beside(bench, 30.0 + ahead_m, y) == pytest.approx(expected, rel=0.07)
    beside(bench, 31.0, y)
    bench.w.person[0, 0, Person.ACTIVE] = 0.0
    assert slow_beside_people(0, bench.w, STYLE, BRAKE, 40.0, 1.0) == FREE


def asked_mps(bench: Bench, style: Style = STYLE) -> float:
    out = np.zeros((1, 2))
    drive(0, bench.w, bench.b, VEHICLES, AIRCRAFT, style, 1.0, out)
    return float(out[0, 1] * min(bench.w.route[0, 0, Route.LIMIT], VEHICLES.max_speed_mps[TRACTOR]))


def test_the_driver_does_what_these_rules_say() -> None:
    bench = make_bench()
    bench.w.ego[0, Ego.SPEED] = 3.0
    assert asked_mps(bench) > 5.0
    beside(bench, 31.0, 1.0)
    assert asked_mps(bench) == pytest.approx(PASS_MPS, abs=0.05)
    bench = bend_bench(10.0, 55.0)
    free_mps = asked_mps(bench)
    put(bench, 66.0, 30.0, SOUTH, BUS)
    assert asked_mps(bench) == pytest.approx(yields(bench), abs=0.05)
    assert yields(bench) < free_mps


def allowed_before_closed_stand(phase: AircraftPhase, *, on_crossing: bool) -> float:
    """Speed allowed with the front at 30 m and a closed stand zone's line at 36 m."""
    bench = make_bench(start_m=30.0)
    add_feature(bench, FeatureKind.TAXI_CROSSING, 19.0 if on_crossing else 69.0, 20.0 if on_crossing else 70.0, 90.0)
    add_feature(bench, FeatureKind.STAND_ZONE, 36.0, 37.0, 60.0)
    bench.w.feature[0, 0, [RouteFeature.STATE, RouteFeature.ENTERED]] = ClearanceState.GRANTED, 1.0
    bench.w.stand[0, 0, [Stand.CLOSED, Stand.AIRCRAFT]] = 1.0, 0.0
    bench.w.aircraft[0, 0, Aircraft.PHASE] = phase
    return float(stop_for_features(0, bench.w, bench.b, STYLE, BRAKE, 0.0))


def test_nobody_stops_on_a_crossing_for_an_aircraft_that_lets_him_out() -> None:
    assert allowed_before_closed_stand(AircraftPhase.BEACON_ON, on_crossing=True) == FREE
    assert allowed_before_closed_stand(AircraftPhase.PUSHBACK, on_crossing=True) < 4.0
    assert allowed_before_closed_stand(AircraftPhase.BEACON_ON, on_crossing=False) < 4.0


def test_the_driver_stops_three_metres_short_of_blast_and_drives_on_from_inside() -> None:
    bench = make_bench(start_m=30.0)
    bench.w.hazard[0, 0, :9] = [50.0, -5.0, 80.0, -5.0, 80.0, 5.0, 50.0, 5.0, HazardKind.JET_BLAST]
    edge_m = 50.0 - 1.3  # half the body and the margin beside it
    for front_m, free in [(44.0, False), (edge_m - HAZARD_M, False), (50.0, True)]:
        bench.w.episode[0, Episode.S_FRONT] = front_m
        allowed = stop_for_hazards(0, bench.w, STYLE, BRAKE, 45.0, 1.0)
        room_m = math.ceil(edge_m) - front_m - HAZARD_M
        assert allowed == (FREE if free else pytest.approx(math.sqrt(2.0 * BRAKE * max(0.0, room_m))))


def test_who_stands_in_an_aircraft_s_hazard_drives_out_through_its_others() -> None:
    bench = make_bench(start_m=30.0, trailers=2)
    for z, (low, high) in enumerate([(20.0, 28.0), (36.0, 50.0)]):  # over the dollies, and ahead
        bench.w.hazard[0, z, :9] = [low, -5.0, high, -5.0, high, 5.0, low, 5.0, HazardKind.JET_BLAST]
        bench.w.hazard[0, z, OWNER] = 0.0
    assert stop_for_hazards(0, bench.w, STYLE, BRAKE, 45.0, 1.0) == FREE
    bench.w.hazard[0, 0, OWNER] = 1.0  # another aircraft's
    assert stop_for_hazards(0, bench.w, STYLE, BRAKE, 45.0, 1.0) < 4.0
