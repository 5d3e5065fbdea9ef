"""Crossing clearances: when they are asked for, answered, held, withdrawn and violated."""

import pytest

from airside_sim.columns import Crossing, Ego, Episode, RouteFeature, Stand
from airside_sim.constants import ClearanceState, FeatureKind, HazardKind
from airside_sim.kernels.clearance import clear_time_s
from airside_sim.kernels.referee import read_events
from tests.kernels.ego_world import Bench, add_feature, make_bench

FREE_S = 1e9


def crossing_bench(*, distance_m: float, kind: int = FeatureKind.TAXI_CROSSING, seed: int = 1) -> Bench:
    """Ego at rest `distance_m` before the line of a crossing 50 m long."""
    bench = make_bench(start_m=30.0, seed=seed)
    add_feature(bench, kind, 30.0 + distance_m, 45.0 + distance_m, 80.0 + distance_m)
    bench.w.crossing[0, 0, Crossing.TIME_TO_CONFLICT] = FREE_S
    return bench


def state(bench: Bench) -> int:
    return int(bench.w.feature[0, 0, RouteFeature.STATE])


def wait_for_answer(bench: Bench) -> int:
    """Ticks from the request to the first state that is not REQUESTED."""
    for tick in range(1, 300):
        bench.tick(0.0, 0.0)
        if state(bench) not in (ClearanceState.REQUESTED, ClearanceState.NONE_NEEDED):
            return tick
    raise AssertionError("no answer")


def test_clear_time_is_the_notes_table() -> None:
    """Notes 4.3: code C taxiway, 72 m with a 20 m train at 15 km/h -> 19 s; code E, 107 m -> 27 s."""
    assert clear_time_s(0.0, 52.0, 20.0, 15.0 / 3.6, 1.5) == pytest.approx(18.8, abs=0.1)
    assert clear_time_s(0.0, 87.0, 20.0, 15.0 / 3.6, 1.5) == pytest.approx(27.2, abs=0.1)


def test_request_begins_at_60_m() -> None:
    far = crossing_bench(distance_m=60.5)
    far.tick(0.0, 0.0)
    assert state(far) == ClearanceState.NONE_NEEDED
    near = crossing_bench(distance_m=59.5)
    near.tick(0.0, 0.0)
    assert state(near) == ClearanceState.REQUESTED


def test_answer_comes_after_3_to_20_s_and_varies() -> None:
    waits = [wait_for_answer(crossing_bench(distance_m=20.0, seed=s)) for s in range(12)]
    assert min(waits) >= 30
    assert max(waits) <= 202
    assert len(set(waits)) > 6


def test_granted_when_free_and_held_while_an_aircraft_is_near() -> None:
    bench = crossing_bench(distance_m=10.0)
    need_s = clear_time_s(10.0, 50.0, 5.5, 15.0 / 3.6, 1.5) + 8.0
    bench.w.crossing[0, 0, Crossing.TIME_TO_CONFLICT] = need_s - 0.1
    wait_for_answer(bench)
    assert state(bench) == ClearanceState.HELD
    bench.w.crossing[0, 0, Crossing.TIME_TO_CONFLICT] = need_s + 0.1
    bench.tick(0.0, 0.0)
    assert state(bench) == ClearanceState.GRANTED
    assert bench.w.crossing[0, 0, Crossing.GRANTED_EGO] == 1.0


def test_withdrawn_before_the_line_but_not_when_it_cannot_be_obeyed() -> None:
    bench = crossing_bench(distance_m=20.0)
    wait_for_answer(bench)
    bench.w.crossing[0, 0, Crossing.TIME_TO_CONFLICT] = 1.0
    bench.w.ego[0, Ego.SPEED] = 6.0
    bench.w.episode[0, Episode.S_FRONT] += 15.0
    bench.w.ego[0, Ego.X] += 15.0
    bench.judge()
    assert state(bench) == ClearanceState.GRANTED  # 5 m at 6 m/s: the ego could not stop any more
    bench.w.ego[0, Ego.SPEED] = 1.0
    bench.judge()
    assert state(bench) == ClearanceState.WITHDRAWN


def drive_over(bench: Bench, metres: float) -> list[float]:
    """Drive on; hard cost of every tick."""
    costs = []
    start = float(bench.w.ego[0, Ego.X])
    for _ in range(900):
        bench.tick(0.0, 0.6)
        costs.append(bench.info("cost_hard"))
        if bench.w.terminated[0] or bench.w.ego[0, Ego.X] > start + metres:
            return costs
    raise AssertionError("did not get there")


def test_passing_the_line_without_a_grant_costs_1_once() -> None:
    bench = crossing_bench(distance_m=8.0)
    costs = drive_over(bench, 150.0)
    assert sum(costs) == 1.0
    assert max(costs) == 1.0
    assert "crossing_violation" in [r["event"] for r in read_events(bench.w, 0)]


def test_passing_with_a_grant_is_free_and_is_vacated() -> None:
    bench = crossing_bench(distance_m=8.0)
    wait_for_answer(bench)
    bench.w.crossing[0, 0, Crossing.TIME_TO_CONFLICT] = FREE_S
    inside = []
    for _ in range(400):
        bench.tick(0.0, 0.6)
        assert bench.info("reward/restricted") == 0.0
        inside.append(bench.w.crossing[0, 0, Crossing.EGO_INSIDE])
    assert 1.0 in inside
    assert inside[-1] == 0.0
    assert state(bench) == ClearanceState.NONE_NEEDED
    assert [r["event"] for r in read_events(bench.w, 0)][-1] == "crossing_vacated"


def test_runway_without_a_grant_is_an_incursion_and_ends_it() -> None:
    bench = crossing_bench(distance_m=8.0, kind=FeatureKind.RUNWAY_CROSSING)
    costs = drive_over(bench, 40.0)
    assert bench.w.terminated[0] == 1
    assert costs[-1] == bench.info("cost/runway_incursion") == 1.0
    assert sum(costs) == 1.0


def test_yield_is_paid_once_when_the_conflict_has_cleared() -> None:
    bench = crossing_bench(distance_m=8.0)
    paid = 0.0
    for period in range(4):
        bench.w.crossing[0, 0, Crossing.TIME_TO_CONFLICT] = 5.0 if period % 2 == 0 else FREE_S
        for _ in range(210):
            bench.tick(0.0, 0.0)
            paid += bench.info("reward/yield")
    assert paid == 0.5


def test_entering_a_closed_stand_zone_forfeits_the_yield() -> None:
    bench = make_bench(start_m=30.0)
    add_feature(bench, FeatureKind.STAND_ZONE, 40.0, 42.0, 70.0)
    bench.w.stand[0, 0, Stand.CLOSED] = 1.0
    paid = 0.0
    for tick in range(300):
        if tick == 200:
            bench.w.stand[0, 0, Stand.CLOSED] = 0.0
        bench.tick(0.0, 0.4)
        paid += bench.info("reward/yield")
    assert bench.w.episode[0, Episode.S_FRONT] > 45.0
    assert paid == 0.0


def test_waiting_for_an_aircraft_is_free_where_the_route_sets_the_limit() -> None:
    bench = crossing_bench(distance_m=25.0)
    wait_for_answer(bench)
    bench.w.episode[0, Episode.MAX_TICKS] = 1000.0
    bench.w.episode[0, Episode.WAITS_FREE] = 1800.0

    def grown(ticks: int = 10) -> float:
        before = float(bench.w.episode[0, Episode.MAX_TICKS])
        for _ in range(ticks):
            bench.judge()
        return float(bench.w.episode[0, Episode.MAX_TICKS]) - before

    assert grown() == 0.0  # granted
    bench.w.crossing[0, 0, Crossing.TIME_TO_CONFLICT] = 1.0
    bench.judge()
    assert grown() == 10.0
    bench.w.episode[0, Episode.WAITS_FREE] = 4.0
    assert grown() == 4.0  # not for ever
    bench.w.episode[0, Episode.WAITS_FREE] = 1800.0
    bench.w.ego[0, Ego.SPEED] = 1.0
    assert grown() == 0.0  # drives
    bench.w.ego[0, Ego.SPEED] = 0.0
    bench.w.episode[0, Episode.WAITS_FREE] = 0.0
    assert grown() == 0.0  # the scenario set a number of its own
    bench.w.episode[0, Episode.WAITS_FREE] = 1800.0
    bench.w.feature[0, 0, RouteFeature.S_STOP] += 36.0
    assert grown() == 0.0  # 61 m away: it need not stand here


@pytest.mark.parametrize(
    ("kind", "from_m", "extends"),
    [
        (HazardKind.JET_BLAST, 36.0, True),
        (HazardKind.PUSHBACK, 36.0, True),
        (HazardKind.FUELLING, 36.0, False),  # stays for as long as the aircraft is parked
        (HazardKind.JET_BLAST, 46.0, False),  # it need not stand here
        (HazardKind.JET_BLAST, 20.0, False),  # it stands inside
    ],
)
def test_waiting_short_of_an_aircraft_s_hazard_is_free_too(kind: HazardKind, from_m: float, extends: bool) -> None:
    bench = make_bench(start_m=30.0)
    bench.w.hazard[0, 0, :9] = [from_m, -5.0, 80.0, -5.0, 80.0, 5.0, from_m, 5.0, kind]
    bench.w.episode[0, Episode.MAX_TICKS] = 1000.0
    bench.w.episode[0, Episode.WAITS_FREE] = 1800.0
    for _ in range(10):
        bench.judge()
    assert bench.w.episode[0, Episode.MAX_TICKS] == (1010.0 if extends else 1000.0)
