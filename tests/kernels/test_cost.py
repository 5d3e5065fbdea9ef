"""Soft costs against the contract's formulas."""

import pytest

from airside_sim.columns import Ego, Episode
from airside_sim.config import build_params
from airside_sim.constants import ActorClass
from tests.kernels.ego_world import make_bench


def bench_near(kind: int, gap_m: float, speed: float, **options):
    """Ego with a person, or an A320 whose left wing tip points at it, `gap_m` from its side."""
    bench = make_bench(start_m=40.0, **options)
    if kind == ActorClass.PERSONNEL:
        bench.add_body(0, 37.0, 1.0 + gap_m + 0.3, kind=kind)
    else:
        bench.add_body(0, 50.0, 1.0 + gap_m + 0.5 * 35.81, kind=kind, shape=2)
    bench.w.ego[0, Ego.SPEED] = speed
    bench.judge()
    return bench


@pytest.mark.parametrize(("speed", "factor"), [(0.2, 0.0), (1.39, 0.25), (2.78, 1.0), (6.0, 4.0)])
def test_person_proximity(speed: float, factor: float) -> None:
    bench = bench_near(ActorClass.PERSONNEL, 1.2, speed)
    assert bench.info("min_dist_personnel_m") == pytest.approx(1.2)
    assert bench.info("cost/proximity") == pytest.approx(0.02 * (1.0 - 1.2 / 3.0) * factor * 0.1)


def test_nothing_beyond_the_distance() -> None:
    assert bench_near(ActorClass.PERSONNEL, 3.1, 3.0).info("cost/proximity") == 0.0


def test_aircraft_of_the_goal_stand_is_exempt_up_to_5_kmh() -> None:
    for speed, exempt in ((1.3, True), (1.5, False)):
        bench = bench_near(ActorClass.AIRCRAFT, 2.0, speed)
        gap_m = bench.info("min_dist_aircraft_m")
        assert gap_m < 5.0
        full = 0.02 * (1.0 - gap_m / 5.0) * (speed / 2.78) ** 2 * 0.1
        assert bench.info("cost/proximity") == pytest.approx(full)
        bench.w.episode[0, Episode.GOAL_STAND] = 1.0
        bench.w.stand[0, :, 0] = -1.0
        bench.w.stand[0, 1, 0] = 0.0
        bench.judge()
        assert bench.info("cost/proximity") == pytest.approx(0.0 if exempt else full)


def test_speed_and_hazard_rates() -> None:
    bench = make_bench(start_m=40.0, limit_mps=4.0)
    bench.w.ego[0, Ego.SPEED] = 5.3
    bench.judge()
    assert bench.info("cost/speed") == pytest.approx(0.02 * 0.25 * 0.1)
    bench.w.ego[0, Ego.SPEED] = 4.29
    bench.judge()
    assert bench.info("cost/speed") == 0.0
    bench.w.hazard[0, 0, :9] = [0.0, -5.0, 80.0, -5.0, 80.0, 5.0, 0.0, 5.0, 1.0]
    bench.judge()
    assert bench.info("cost/hazard_zone") == pytest.approx(0.01)
    assert bench.info("cost_soft") == bench.info("cost")


def test_coefficients_reach_the_costs() -> None:
    bench = bench_near(ActorClass.PERSONNEL, 1.5, 2.78, params=build_params(cost={"proximity": 1.0}))
    assert bench.info("cost/proximity") == pytest.approx(0.05)
