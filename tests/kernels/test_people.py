"""People: when stepping out is safe, what they may not touch, and that they keep their distance."""

import math

import numpy as np
import pytest
import shapely
import shapely.affinity

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.constants import ActorClass, VehicleClass
from airside_sim.kernels.people_look import meets_aircraft, meets_ego, meets_people, road_is_safe
from airside_sim.world import Body, Ego, Person, Vehicle
from tests.kernels.ego_world import Bench, make_bench

HALF_ROAD_M = 4.0
SLOT = 4  # first mover's body


def front_x(bench: Bench) -> float:
    return float(bench.w.ego_body[0, 0, Body.X] + bench.w.ego_body[0, 0, Body.FRONT])


def with_vehicle(bench: Bench, x: float, y: float, heading: float, speed: float) -> Bench:
    bench.add_body(SLOT, x, y, heading=heading, shape=VehicleClass.CATERING_TRUCK)
    row = bench.w.body[0, SLOT]
    row[Body.VX], row[Body.VY] = speed * math.cos(heading), speed * math.sin(heading)
    vehicle = bench.w.vehicle[0, 0]
    vehicle[Vehicle.ACTIVE], vehicle[Vehicle.BODY], vehicle[Vehicle.LENGTH] = 1.0, SLOT, 9.5
    bench.w.body[0, SLOT + 1 : SLOT + 5, Body.CLASS] = -1.0
    return bench


@pytest.mark.parametrize(
    ("away_m", "speed_mps", "safe"), [(30.0, 6.0, True), (12.0, 6.0, False), (8.0, 0.0, True), (1.0, 0.0, False)]
)
def test_a_person_steps_out_only_when_the_ego_can_stop_or_stands(away_m: float, speed_mps: float, safe: bool) -> None:
    bench = make_bench()
    bench.w.ego[0, Ego.SPEED] = speed_mps
    assert road_is_safe(0, bench.w, front_x(bench) + away_m, 0.0, HALF_ROAD_M) is safe


@pytest.mark.parametrize(("away_m", "speed_mps", "safe"), [(40.0, 7.0, True), (15.0, 7.0, False), (12.0, 0.0, True)])
def test_the_same_holds_for_background_vehicles(away_m: float, speed_mps: float, safe: bool) -> None:
    bench = make_bench()
    x = front_x(bench) + 150.0
    bench = with_vehicle(bench, x, 30.0, 0.0, speed_mps)
    nose = x + bench.w.body[0, SLOT, Body.FRONT]
    assert road_is_safe(0, bench.w, nose + away_m, 30.0, HALF_ROAD_M) is safe


def test_a_vehicle_that_has_passed_is_no_reason_to_wait() -> None:
    bench = make_bench()
    x = front_x(bench) + 150.0
    bench = with_vehicle(bench, x, 30.0, 0.0, 7.0)
    assert road_is_safe(0, bench.w, x - 12.0, 30.0, HALF_ROAD_M)


def test_distance_to_an_aircraft_agrees_with_shapely() -> None:
    kind, heading = 2, 0.7
    body = np.zeros((1, len(Body)))
    body[0, Body.COS], body[0, Body.SIN] = math.cos(heading), math.sin(heading)
    body[0, Body.CLASS], body[0, Body.SHAPE] = ActorClass.AIRCRAFT, kind
    parts = []
    for part in range(AIRCRAFT.num_parts[kind]):
        num = AIRCRAFT.part_nv[kind, part]
        parts.append(
            shapely.Polygon(np.stack([AIRCRAFT.part_x[kind, part, :num], AIRCRAFT.part_y[kind, part, :num]], 1))
        )
    outline = shapely.affinity.rotate(shapely.union_all(parts), heading, origin=(0, 0), use_radians=True)
    points = np.random.default_rng(5).uniform(-30.0, 30.0, (400, 2))
    for x, y in points:
        far = outline.distance(shapely.Point(x, y))
        if abs(far - 0.9) > 1e-6:
            assert meets_aircraft(AIRCRAFT, body, 0, x, y, 0.9) == (far < 0.9)


def test_nobody_walks_into_the_ego_or_another_person() -> None:
    bench = make_bench()
    x = front_x(bench)
    assert meets_ego(bench.w.ego_body[0], x + 0.4, 0.0, 0.5)
    assert not meets_ego(bench.w.ego_body[0], x + 0.6, 0.0, 0.5)
    person = np.zeros((3, len(Person)))
    person[:2, Person.ACTIVE] = 1.0
    person[1, Person.X] = 0.8
    assert meets_people(person, 0, 0.2, 0.0)
    assert not meets_people(person, 0, -0.2, 0.0)
    person[1, Person.X] = 0.3  # already too close: moving apart is allowed
    assert not meets_people(person, 0, -0.1, 0.0)
