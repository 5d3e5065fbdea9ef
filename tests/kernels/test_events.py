"""How episodes end: success, each failure once on its tick, the clock, fault, and the arithmetic of bad habits."""

import numpy as np
import pytest

from airside_sim.columns import Crossing, Ego, Episode
from airside_sim.constants import ActorClass, FeatureKind, SegmentKind, TerminationReason, VehicleClass
from airside_sim.info import Info, info_names
from airside_sim.kernels.referee import read_events
from tests.kernels.ego_world import Bench, add_feature, bare_bank, make_bench, straight_route

COST_TERMS = [i for i, name in enumerate(info_names()) if name.startswith("cost/")]
REWARD_TERMS = [i for i, name in enumerate(info_names()) if name.startswith("reward/")]


def run(bench: Bench, policy, max_ticks: int) -> tuple[float, float, int]:
    """Return, cost and reason of an episode; checks sums and flags on every tick."""
    total, cost = 0.0, 0.0
    bench.w.episode[0, Episode.MAX_TICKS] = max_ticks
    for k in range(max_ticks):
        bench.tick(*policy(bench, k))
        info = bench.w.info[0]
        assert bench.w.reward[0] == pytest.approx(info[REWARD_TERMS].sum(), abs=1e-12)
        assert bench.w.cost[0] == info[Info.COST] == pytest.approx(info[COST_TERMS].sum(), abs=1e-12)
        assert info[Info.COST] == info[Info.COST_HARD] + info[Info.COST_SOFT]
        assert not (bench.w.terminated[0] and bench.w.truncated[0])
        total += float(bench.w.reward[0])
        cost += float(info[Info.COST])
        if bench.w.terminated[0] or bench.w.truncated[0]:
            break
    return total, cost, int(bench.info("termination_reason"))


def perfect(bench: Bench, _k: int) -> tuple[float, float]:
    """Drive at the limit and stop at the route's end."""
    left_m = bench.w.episode[0, Episode.ROUTE_LENGTH] - bench.w.episode[0, Episode.S_FRONT]
    return 0.0, float(np.clip(np.sqrt(max(0.0, 1.2 * (left_m - 0.5))) / 6.67, 0.03, 1.0))


def test_perfect_drive_succeeds_at_no_cost() -> None:
    bench = make_bench(goal_m=230.0)
    bench.w.episode[0, Episode.GOAL_AT_STAND] = 1.0
    total, cost, reason = run(bench, perfect, 1000)
    assert reason == TerminationReason.COMPLETED
    assert bench.info("is_success") == bench.info("route_completion") == 1.0
    assert cost == 0.0
    # 198 m of progress at 0.1, 19 waypoints at 0.2, the goal, and about 370 ticks at -0.01
    assert total == pytest.approx(19.8 + 3.8 + 10.0 - 3.7, abs=0.5)


BAD_HABITS = {
    "stand": lambda _b, _k: (0.0, 0.0),
    "circle": lambda _b, _k: (0.6, 0.25),
    "leave": lambda _b, _k: (0.15, 1.0),
}


@pytest.mark.parametrize("name", [*BAD_HABITS, "crash", "yield for ever"])
def test_bad_habits_return_15_less_than_the_perfect_drive(name: str) -> None:
    best, _, _ = run(make_bench(goal_m=230.0), perfect, 1000)
    bench = make_bench(goal_m=230.0)
    policy = BAD_HABITS.get(name, perfect)
    if name == "crash":
        bench.add_body(3, 215.0, 0.0, shape=VehicleClass.BUS)
    if name == "yield for ever":
        add_feature(bench, FeatureKind.TAXI_CROSSING, 60.0, 62.0, 100.0)
        bench.w.crossing[0, 0, Crossing.TIME_TO_CONFLICT] = 5.0
        policy = lambda b, _k: (0.0, 0.3 if b.w.episode[0, Episode.S_FRONT] < 55.0 else 0.0)  # noqa: E731
    total, _, reason = run(bench, policy, 1000)
    assert reason != TerminationReason.COMPLETED
    assert total <= best - 15.0


def test_standing_where_nothing_blocks_fails_after_30_s() -> None:
    bench = make_bench()
    total, cost, reason = run(bench, BAD_HABITS["stand"], 1000)
    assert reason == TerminationReason.NO_PROGRESS
    assert bench.w.episode[0, Episode.TICK] == 300
    assert cost == bench.info("cost/off_route") == 1.0
    assert total < -30.0


@pytest.mark.parametrize("blocker", ["vehicle", "crossing", "person"])
def test_waiting_for_others_does_not_count_as_no_progress(blocker: str) -> None:
    bench = make_bench(start_m=30.0)
    if blocker == "crossing":
        add_feature(bench, FeatureKind.TAXI_CROSSING, 35.0, 40.0, 80.0)
        bench.w.crossing[0, 0, Crossing.TIME_TO_CONFLICT] = 5.0
    elif blocker == "vehicle":
        bench.add_body(3, 38.0, 0.3, shape=VehicleClass.GPU)
    else:
        bench.add_body(3, 38.0, 2.0, kind=ActorClass.PERSONNEL)
    _, _, reason = run(bench, BAD_HABITS["stand"], 600)
    assert reason == TerminationReason.TIMEOUT
    assert bench.w.truncated[0] == 1
    assert bench.w.terminated[0] == 0


@pytest.mark.parametrize(
    ("kind", "shape", "reason"),
    [
        (ActorClass.AIRCRAFT, 2, TerminationReason.COLLISION_AIRCRAFT),
        (ActorClass.GSE, VehicleClass.BUS, TerminationReason.COLLISION_VEHICLE),
        (ActorClass.PERSONNEL, None, TerminationReason.COLLISION_PERSONNEL),
    ],
)
def test_a_collision_costs_1_once_and_at_least_20(kind: int, shape: int | None, reason: int) -> None:
    bench = make_bench()
    bench.add_body(0, 80.0, 0.0, kind=kind, shape=shape)
    bench.w.ego[0, Ego.SPEED] = 6.0
    hard = 0.0
    for _ in range(200):
        bench.tick(0.0, 1.0)
        hard += bench.info("cost_hard")
        if bench.w.terminated[0]:
            break
    assert bench.info("termination_reason") == reason
    assert hard == 1.0
    assert bench.w.reward[0] <= -20.0
    assert bench.info("at_fault") == 1.0
    assert bench.info("is_success") == 0.0
    assert read_events(bench.w, 0)[-1]["event"] == TerminationReason(reason).name.lower()


def test_structure_and_pavement_end_the_episode() -> None:
    for kind, reason in (
        (SegmentKind.STRUCTURE, TerminationReason.COLLISION_STRUCTURE),
        (SegmentKind.PAVEMENT_EDGE, TerminationReason.OFF_PAVEMENT),
    ):
        bench = make_bench(bank=bare_bank([(60.0, -9.0, 60.0, 9.0, kind)]))
        _, cost, got = run(bench, lambda _b, _k: (0.0, 1.0), 300)
        assert got == reason
        assert cost == pytest.approx(1.0)


def test_a_suddenly_visible_body_is_nobodys_fault() -> None:
    bench = make_bench()
    bench.w.ego[0, Ego.SPEED] = 6.0
    for _ in range(30):
        bench.tick(0.0, 1.0)
    ahead_m = bench.w.ego[0, Ego.X] + 4.4 + 1.5  # 1.5 m before the bumper at 6.6 m/s; braking needs 5.6 m
    bench.add_body(3, ahead_m, 0.0, kind=ActorClass.PERSONNEL)
    for _ in range(5):
        bench.tick(0.0, 0.0)
        if bench.w.terminated[0]:
            break
    assert bench.info("termination_reason") == TerminationReason.COLLISION_PERSONNEL
    assert bench.info("at_fault") == 0.0
    assert bench.info("cost/collision_personnel") == 1.0


def test_a_standing_ego_is_not_at_fault() -> None:
    bench = make_bench()
    bench.add_body(3, 30.5, 0.0, shape=VehicleClass.GPU)
    bench.tick(0.0, 0.0)
    assert bench.info("cost/collision_vehicle") == 1.0
    assert bench.info("at_fault") == 0.0


@pytest.mark.parametrize(
    ("at_stand", "speed", "lateral", "success"),
    [(1, 0.4, 0.0, 1), (1, 2.0, 0.0, 0), (0, 2.0, 0.0, 1), (0, 2.0, 1.7, 0)],
)
def test_success_needs_place_and_at_stands_rest(at_stand: int, speed: float, lateral: float, success: int) -> None:
    bench = make_bench(straight_route(100), start_m=60.0, goal_m=61.0)
    bench.w.episode[0, Episode.GOAL_AT_STAND] = at_stand
    bench.w.ego[0, Ego.SPEED] = speed
    bench.w.ego[0, Ego.Y] = lateral
    bench.judge()
    assert bench.info("is_success") == success
    assert bench.w.terminated[0] == success


def test_arrival_after_a_hard_cost_ends_without_success_or_goal_reward() -> None:
    bench = make_bench(straight_route(100), start_m=60.0, goal_m=61.0)
    bench.w.episode[0, Episode.HARD_COST] = 1.0
    bench.judge()
    assert bench.info("termination_reason") == TerminationReason.COMPLETED
    assert bench.info("is_success") == bench.info("reward/goal") == 0.0


def test_off_route_beyond_15_m() -> None:
    for lateral, terminated in ((14.9, 0), (15.1, 1)):
        bench = make_bench(start_m=60.0)
        bench.w.ego[0, Ego.Y] = -lateral
        bench.judge()
        assert bench.w.terminated[0] == terminated
        assert bench.info("cost/off_route") == terminated


def test_the_clock_never_stops_an_episode_that_ends_by_itself() -> None:
    bench = make_bench(straight_route(100), start_m=60.0, goal_m=61.0)
    bench.w.episode[0, Episode.MAX_TICKS] = 1.0
    bench.tick(0.0, 0.0)
    assert (bench.w.terminated[0], bench.w.truncated[0]) == (1, 0)
