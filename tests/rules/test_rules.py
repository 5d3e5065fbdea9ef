"""Every rule: obeying costs nothing of its term, breaking it the stated amount, and the referee names it."""

import math
from pathlib import Path

import pytest

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Aircraft, Body, Ego, Episode, Junction, Measured, Person, RuleState, Stand
from airside_sim.columns import Vehicle as V
from airside_sim.config import build_params
from airside_sim.constants import ActorClass, AircraftPhase, EventKind, Rule, StopReason, VehicleClass
from airside_sim.envs.referee import whom_of
from airside_sim.info import info_names
from airside_sim.kernels.aircraft import reset_aircraft
from airside_sim.kernels.referee import read_events
from airside_sim.kernels.rules_actors import judge_aircraft
from airside_sim.rules import RULES, amounts, rules_table
from airside_sim.traffic_config import DEFAULT_TRAFFIC
from airside_sim.vehicles import VEHICLES
from tests.kernels.apron_bank import make_bank, make_world, run_ticks
from tests.kernels.ego_world import Bench, bare_bank, make_bench
from tests.rules import staged
from tests.rules.staged import SITUATIONS, Situation, drive_on, stand_at

BY_NAME = {rule.name: rule for rule in RULES}


def play(situation: Situation, policy, name: str, bench: Bench | None = None) -> tuple[list, list, list, Bench]:
    """-> (cost/name, reward/name of every tick, the referee's records of the rule's event, the world at the end)."""
    bench = bench or situation.make()
    reward = BY_NAME[name].name if BY_NAME[name].reward is None else BY_NAME[name].reward
    costs, rewards = [], []
    for _ in range(situation.ticks):
        if situation.world is not None:
            situation.world(bench)
        bench.tick(*policy(bench))
        costs.append(bench.info(f"cost/{name}"))
        rewards.append(bench.info(f"reward/{reward}") if reward else 0.0)
        if bench.w.terminated[0]:
            break
    kind = BY_NAME[name].event.name.lower()
    return costs, rewards, [event for event in read_events(bench.w, 0) if event["event"] == kind], bench


def expected_cost(name: str) -> float:
    """The stated amount; `stop_line` is off by default, its situation sets 0.1."""
    return 0.1 if name == "stop_line" else amounts(BY_NAME[name])[0]


def test_every_rule_has_a_situation_a_term_and_an_event_of_its_own() -> None:
    assert set(SITUATIONS) == set(BY_NAME)
    assert {f"cost/{name}" for name in BY_NAME} <= set(info_names())
    assert len({rule.event for rule in RULES}) == len({rule.words for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("name", SITUATIONS)
def test_obeying_costs_nothing(name: str) -> None:
    costs, rewards, events, bench = play(SITUATIONS[name], SITUATIONS[name].obey, name)
    assert sum(costs) == 0.0
    assert events == []
    if BY_NAME[name].reward is None:
        assert sum(rewards) == 0.0
    assert not bench.w.terminated[0]


@pytest.mark.parametrize("name", SITUATIONS)
def test_breaking_costs_the_stated_amount_and_is_named(name: str) -> None:
    situation, rule = SITUATIONS[name], BY_NAME[name]
    costs, rewards, events, bench = play(situation, situation.breach, name)
    paid = [cost for cost in costs if cost > 0.0]
    amount = expected_cost(name)
    if rule.how in ("once", "hard"):
        assert paid == [pytest.approx(amount)]
    elif rule.how == "per s":
        assert len(paid) > 5
        assert paid == pytest.approx([0.1 * amount] * len(paid))
    else:
        assert len(paid) > 5
        assert max(paid) <= 0.1 * amount
    if rule.reward is None:  # its reward term is paid on the same ticks, and negative
        assert [r < 0.0 for r in rewards] == [c > 0.0 for c in costs]
    assert len(events) == 1, events
    event = events[0]
    assert event["words"] == rule.words
    # an overshoot is paid before it is grave enough to be written down
    written = paid[:5] if rule.how == "per s, by excess" else paid[:1]
    assert any(event["cost"] == pytest.approx(cost) for cost in written)
    assert situation.within_m[0] <= event["distance_m"] <= situation.within_m[1]
    assert event["time_s"] in [pytest.approx(0.1 * (costs.index(cost) + 1)) for cost in written]
    assert whom_of(bench.w, 0, rule.event, event["other"]) == situation.whom


def test_amounts_by_excess_are_the_formula() -> None:
    """Low visibility: (v - 15 km/h - 0.3) / 15 km/h of 0.02 a second; the zone's excess is the speed term's own."""
    situation = SITUATIONS["low_visibility"]
    costs, _, _, bench = play(situation, drive_on, "low_visibility")
    cap = 15.0 / 3.6
    counted = min(bench.w.ego[0, Ego.SPEED], bench.w.measured[0, Measured.LIMIT] + 0.3)
    assert costs[-1] == pytest.approx(0.1 * 0.02 * min(1.0, (counted - cap - 0.3) / cap))


def test_coefficients_are_the_users_and_0_switches_a_rule_off() -> None:
    situation = SITUATIONS["aircraft_priority"]
    for amount in (0.0, 0.5):
        bench = staged.closed_stand_zone()
        terms = {"cost": {"aircraft_priority": amount}, "reward": {"aircraft_priority": -amount}}
        bench = bench._replace(p=build_params(**terms))
        costs, rewards, events, _ = play(situation, drive_on, "aircraft_priority", bench)
        assert sum(costs) == -sum(rewards) == amount
        assert len(events) == (amount > 0.0)
    with pytest.raises(ValueError, match="must not be above 0"):
        build_params(reward={"give_way": 0.1})


def test_a_line_that_closes_too_late_to_stop_at_is_no_breach() -> None:
    for name, array in (("aircraft_priority", "stand"), ("pedestrian_priority", "walk_crossing")):
        situation = SITUATIONS[name]
        bench = situation.make()
        column = int(Stand.CLOSED) if array == "stand" else 1
        getattr(bench.w, array)[0, 0, column] = 0.0

        def close(bench: Bench, array=array, column=column) -> None:
            near = bench.w.episode[0, Episode.S_FRONT] > 55.0  # 5 m before the line at 24 km/h
            getattr(bench.w, array)[0, 0, column] = float(near)

        bench.w.person[0, :, Person.ACTIVE] = 0.0
        costs, _, _, bench = play(situation._replace(world=close), drive_on, name, bench)
        assert bench.w.episode[0, Episode.S_FRONT] > 70.0
        assert sum(costs) == 0.0


@pytest.mark.parametrize(("speed_level", "breaks"), [(0.2, False), (0.6, True)])
def test_a_person_ahead_is_passed_at_walking_pace_only(speed_level: float, breaks: bool) -> None:
    bench = make_bench()
    staged._person(bench, 60.0, 1.3)
    situation = Situation(make_bench, drive_on, drive_on, ticks=150)
    costs, _, events, _ = play(situation, lambda _: (0.0, speed_level), "pedestrian_priority", bench)
    assert sum(costs) == pytest.approx(0.1 if breaks else 0.0)
    assert not events or 0.0 < events[0]["distance_m"] < 5.0


def test_who_was_granted_the_junction_may_enter_it() -> None:
    bench = staged.held_junction()
    bench.w.junction[0, 0, Junction.EGO_FLAG] = 1
    costs, _, _, _ = play(SITUATIONS["give_way"], drive_on, "give_way", bench)
    assert sum(costs) == 0.0


@pytest.mark.parametrize(("heading", "accel", "breaks"), [
    (-math.pi / 2, -3.0, True), (-math.pi / 2, -1.9, False), (0.0, -3.0, False),
])  # fmt: skip
def test_hard_braking_of_a_vehicle_that_does_not_follow_is_a_breach(heading: float, accel: float, breaks: bool) -> None:
    bench = make_bench()
    staged._vehicle(bench, 70.0, 12.0, heading, VehicleClass.BUS, 4.0)
    bench.w.vehicle[0, 0, V.ACCEL], bench.w.vehicle[0, 0, V.STOP_REASON] = accel, StopReason.EGO
    costs, _, _, _ = play(SITUATIONS["give_way"]._replace(ticks=30), drive_on, "give_way", bench)
    assert sum(costs) == pytest.approx(0.1 if breaks else 0.0)


def test_an_aircraft_that_stands_for_the_ego_is_hindered_and_one_conflict_counts_once() -> None:
    bench = make_bench()
    staged._plane(bench, AircraftPhase.TAXI_IN, 75.0, 45.0, -math.pi / 2)
    bench.w.aircraft[0, 0, Aircraft.STOP_REASON] = StopReason.EGO
    situation = SITUATIONS["aircraft_priority"]._replace(ticks=200)
    costs, _, events, _ = play(situation, stand_at(40.0), "aircraft_priority", bench)
    assert sum(costs) == pytest.approx(0.2)
    assert len(events) == 1


def test_whom_a_beacon_surprises_behind_the_tail_may_leave() -> None:
    bench = staged.engines_running()
    bench.w.aircraft[0, 0, Aircraft.BEACON] = 0.0

    def switch(bench: Bench) -> None:
        bench.w.aircraft[0, 0, Aircraft.BEACON] = float(bench.w.episode[0, Episode.S_FRONT] > 75.0)

    costs, _, _, _ = play(SITUATIONS["behind_engines"]._replace(world=switch), drive_on, "behind_engines", bench)
    assert sum(costs) == 0.0


def test_standing_on_a_crossing_behind_somebody_is_excused() -> None:
    bench = staged.open_crossing()
    staged._vehicle(bench, 80.0, 0.0, 0.0, VehicleClass.BUS, 0.0)
    costs, _, _, _ = play(SITUATIONS["blocking_crossing"], stand_at(70.0), "blocking_crossing", bench)
    assert sum(costs) == 0.0


def test_the_wrong_side_is_the_right_one_where_traffic_keeps_left() -> None:
    bench = make_bench(bank=bare_bank(left_hand=True))
    bench.w.route[0, :, staged.Route.OPPOSITE] = 1.0
    costs, _, _, _ = play(SITUATIONS["wrong_side"], staged._drift_left, "wrong_side", bench)
    assert sum(costs) == 0.0


def test_an_emergency_vehicle_behind_on_the_same_lane_is_led_on() -> None:
    bench = make_bench()
    staged._vehicle(bench, 5.0, 0.0, 0.0, VehicleClass.BOWSER, 8.0)
    bench.w.body[0, 6, Body.BEACON] = 1.0
    costs, _, _, _ = play(Situation(make_bench, drive_on, drive_on), drive_on, "emergency_vehicle", bench)
    assert sum(costs) == 0.0


def test_every_rule_event_is_in_the_table() -> None:
    events = [kind for kind in EventKind if EventKind.EMERGENCY_VEHICLE_HINDERED <= kind <= EventKind.SPEEDING]
    assert set(events) <= {rule.event for rule in RULES}


@pytest.mark.parametrize(("ego_y", "hinders"), [(0.0, True), (-60.0, False)])
def test_standing_in_the_way_of_a_taxiing_aircraft_hinders_it(ego_y: float, hinders: bool) -> None:
    """On the taxilane of the hand-made apron, and well beside it."""
    bank = make_bank()
    world = make_world(bank, ego=(-150.0, ego_y), seed=1)
    body = world.ego_body[0, 0]
    body[[Body.X, Body.Y, Body.COS, Body.FRONT, Body.REAR, Body.HALF_WIDTH]] = [-150.0, ego_y, 1.0, 2.5, 0.7, 0.8]
    body[Body.RADIUS], body[Body.CLASS] = 3.0, ActorClass.GSE
    world.ego_body[0, 1:, Body.CLASS] = -1.0
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    broken_while_moving = False
    for _ in range(400):
        run_ticks(world, bank, AIRCRAFT, VEHICLES, DEFAULT_TRAFFIC, 15)
        world.rule[0, :, RuleState.BROKEN] = 0.0
        judge_aircraft(0, world, bank, DEFAULT_TRAFFIC)
        row = world.rule[0, Rule.AIRCRAFT_PRIORITY]
        if row[RuleState.BROKEN] > 0.0:
            broken_while_moving |= world.aircraft[0, int(row[RuleState.OTHER]), Aircraft.SPEED] > 0.5
    assert broken_while_moving == hinders


def test_the_page_of_rules_is_generated_from_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "rules.md"
    assert rules_table() in page.read_text(encoding="utf-8"), "run python docs/make_tables.py"
