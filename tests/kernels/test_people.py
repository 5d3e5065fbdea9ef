"""People: when stepping out is safe, what they may not touch, and that they keep their distance."""

import math

import numpy as np
import pytest
import shapely
import shapely.affinity

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Body, Ego, Episode, Person, Vehicle
from airside_sim.constants import ActorClass, VehicleClass
from airside_sim.kernels.people import step_people
from airside_sim.kernels.people_look import meets_aircraft, meets_ego, meets_people, road_is_safe
from airside_sim.kernels.people_spawn import CROSSER
from airside_sim.kernels.walk_crossings import ASKING, ON, PEOPLE_TURN_S, TURN, VEHICLE_TURN_S, take_turns
from airside_sim.traffic_config import DEFAULT_TRAFFIC
from tests.kernels.ego_world import Bench, bare_bank, make_bench

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


def test_turns_of_a_walk_crossing_by_hand() -> None:
    crossing = np.zeros(4)
    crossing[ASKING] = 1.0
    for _ in range(round(PEOPLE_TURN_S / 0.1)):
        take_turns(crossing)
    assert crossing[TURN] == pytest.approx(PEOPLE_TURN_S)
    crossing[ASKING] = 0.0
    take_turns(crossing)
    assert crossing[TURN] == 0.0  # a break in the stream: the turn begins anew
    crossing[ON] = 1.0
    while crossing[TURN] >= 0.0:
        take_turns(crossing)
    assert crossing[TURN] == -VEHICLE_TURN_S
    for tick in range(round(VEHICLE_TURN_S / 0.1)):
        assert crossing[TURN] < 0.0, tick
        take_turns(crossing)
    assert crossing[TURN] == pytest.approx(0.0, abs=0.11)


def walkway_bench(people: int) -> Bench:
    """Walkers on a straight walkway of 60 m along y = 200 whose walk crossing lies at 26 to 34 m."""
    walk = {
        "map_walk0": np.array([0, 1]), "walk_pt0": np.array([0, 61]), "walk_cross0": np.array([0, 1]),
        "walk_len": np.array([60.0]), "walk_ds": np.ones(1), "walk_x": np.arange(61.0), "walk_y": np.full(61, 200.0),
        "wc_id": np.zeros(1), "wc_s_in": np.array([26.0]), "wc_s_out": np.array([34.0]),
    }  # fmt: skip
    bank = bare_bank()
    ints = ("map_walk0", "walk_pt0", "walk_cross0", "wc_id")
    walk = {name: value.astype(np.int32 if name in ints else np.float64) for name, value in walk.items()}
    bank = bank._replace(**walk)
    bench = make_bench(bank=bank)
    w = bench.w._replace(person=np.zeros((1, people, len(Person))), body=np.zeros((1, 12 + people, len(Body))))
    w.body[0, :, Body.CLASS] = -1.0
    w.episode[0, Episode.DENSITY] = 1.0
    rows = w.person[0]
    rows[:, Person.ACTIVE] = 1.0
    rows[:, Person.BODY] = 12 + np.arange(people)
    rows[:, Person.PREFERRED] = 1.3
    rows[:, Person.S] = np.where(np.arange(people) % 2, 35.0, 2.0) + 23.0 * np.arange(people) / people
    rows[:, Person.DIRECTION] = np.where(np.arange(people) % 4 < 2, 1.0, -1.0)
    rows[:, Person.SCRATCH0] = 0.6 * rows[:, Person.DIRECTION]
    rows[:, Person.X], rows[:, Person.Y] = rows[:, Person.S], 200.0 - rows[:, Person.SCRATCH0]
    return bench._replace(w=w)


def test_a_stream_of_people_pauses_for_vehicles_and_goes_on() -> None:
    bench = walkway_bench(14)
    w = bench.w
    q = DEFAULT_TRAFFIC._replace(people_out_m=1e6)
    free = longest_busy = busy = 0
    entered = np.zeros(14, int)
    on_before = np.zeros(14, bool)
    pauses = 0
    for _ in range(3000):
        turn = w.walk_crossing[0, 0, TURN]
        w.episode[0, Episode.TICK] += 1.0
        step_people(0, w, bench.b, AIRCRAFT, q)
        s = w.person[0, :, Person.S]
        on = (s > 26.0) & (s < 34.0)
        stepped_out = on & ~on_before
        entered += stepped_out
        if turn < 0.0:
            assert not stepped_out.any()  # nobody steps out in the vehicles' turn
        on_before = on
        is_free = w.walk_crossing[0, 0, ON] + w.walk_crossing[0, 0, ASKING] == 0.0
        busy = 0 if is_free else busy + 1
        longest_busy = max(longest_busy, busy)
        free = free + 1 if is_free and turn < 0.0 else 0
        pauses += free == 50  # 5 s in which a vehicle may pass
    assert longest_busy < 10.0 * (PEOPLE_TURN_S + 9.0)  # 8 m at 1.3 m/s are left when the turn ends
    assert pauses >= 5
    assert entered.sum() > 40


def crossers_get_across(beside_m: float, paces_mps: tuple[float, float] = (1.3, 1.3)) -> bool:
    """One walks 8 m to the east, the other to the west on a line beside_m to the north; both arrive within 30 s."""
    bench = walkway_bench(2)
    w, rows = bench.w, bench.w.person[0]
    rows[:, Person.MODE] = CROSSER
    rows[:, Person.PREFERRED] = paces_mps
    rows[:, [Person.WAIT, Person.DIRECTION]] = 0.0
    rows[:, Person.X] = rows[:, Person.SCRATCH0] = 20.0, 28.0
    rows[:, Person.TARGET_X] = 28.0, 20.0
    for column in (Person.Y, Person.TARGET_Y, Person.SCRATCH1):
        rows[:, column] = 200.0, 200.0 + beside_m
    is_over = np.zeros(2, bool)
    for _ in range(300):
        w.episode[0, Episode.TICK] += 1.0
        step_people(0, w, bench.b, AIRCRAFT, DEFAULT_TRAFFIC._replace(people_out_m=1e6))
        is_over |= rows[:, Person.WAIT] > 0.0
        assert math.hypot(*(rows[0, [Person.X, Person.Y]] - rows[1, [Person.X, Person.Y]])) > 0.64
        assert abs(rows[:, Person.Y] - 200.0).max() < 1.5  # nobody strays
    return bool(is_over.all())


@pytest.mark.parametrize("beside_m", [0.0, 0.2, -0.2, 0.4, -0.4, 0.6, -0.6])
def test_crossers_who_meet_get_across(beside_m: float) -> None:
    assert crossers_get_across(beside_m)


def test_so_they_do_wherever_they_meet_and_whatever_their_paces() -> None:
    rng = np.random.default_rng(0)
    cases = [(rng.uniform(-0.65, 0.65), tuple(rng.uniform(1.0, 1.6, 2))) for _ in range(150)]
    assert [case for case in cases if not crossers_get_across(*case)] == []
