"""Each reward term against its formula, one at a time."""

import math

import pytest

from airside_sim.columns import Body, Ego, Episode, Route
from airside_sim.config import build_params
from airside_sim.constants import ActorClass
from tests.kernels.ego_world import bare_bank, make_bench


def test_progress_and_waypoints_pay_new_arc_length_only() -> None:
    bench = make_bench(start_m=30.0)
    progress = waypoints = 0.0
    for k in range(100):
        bench.tick(0.0, 0.6 if k < 60 else 0.0)
        progress += bench.info("reward/progress")
        waypoints += bench.info("reward/waypoint")
    gained_m = bench.w.episode[0, Episode.S_FRONT] - 30.0
    assert progress == pytest.approx(0.1 * gained_m, abs=1e-9)
    assert waypoints == pytest.approx(0.2 * math.floor(gained_m / 10.0))
    bench.w.ego[0, Ego.X] -= 3.0
    bench.judge()
    assert bench.info("reward/progress") == 0.0
    bench.w.ego[0, Ego.X] += 3.0
    bench.judge()
    assert bench.info("reward/progress") == 0.0


def test_no_credit_far_off_the_route_and_none_later() -> None:
    bench = make_bench(start_m=30.0)
    bench.w.episode[0, Episode.TICK] = 1.0  # at tick 0 the maximum is set, not credited
    bench.w.ego[0, Ego.Y] = 6.0
    for _ in range(5):
        bench.w.ego[0, Ego.X] += 1.0
        bench.judge()
        assert bench.info("reward/progress") == 0.0
    bench.w.ego[0, Ego.Y] = 0.0
    bench.judge()
    assert bench.info("reward/progress") == 0.0
    bench.w.ego[0, Ego.X] += 1.0
    bench.judge()
    assert bench.info("reward/progress") == pytest.approx(0.1)


def test_time_drift_steer_and_jerk() -> None:
    bench = make_bench(start_m=30.0)
    bench.w.ego[0, Ego.HEADING] = 0.3
    bench.w.ego[0, Ego.SPEED] = 4.0
    bench.w.ego[0, Ego.STEER_DELTA] = -0.05
    bench.w.ego[0, Ego.ACCEL] = 0.4
    bench.w.ego[0, Ego.PREV_ACCEL] = 0.1
    bench.judge()
    assert bench.info("reward/time") == -0.01
    assert bench.info("reward/drift") == pytest.approx(-0.05 * 4.0 * math.sin(0.3) * 0.1)
    assert bench.info("reward/steer") == pytest.approx(-0.02 * 0.05)
    assert bench.info("reward/jerk") == pytest.approx(-0.002 * 3.0 * 0.1)
    bench.w.ego[0, Ego.ACCEL] = -6.0
    bench.judge()
    assert bench.info("reward/jerk") == pytest.approx(-0.002 * 20.0 * 0.1)  # capped


def test_proximity_and_speed() -> None:
    bench = make_bench(start_m=30.0, limit_mps=4.0)
    bench.add_body(4, 20.0, 1.0 + 0.3 + 1.5, kind=ActorClass.PERSONNEL)  # 1.5 m behind the outline's side ...
    bench.w.body[0, 4, Body.X] = 27.0  # ... abeam the tractor
    bench.w.ego[0, Ego.SPEED] = 6.3
    bench.judge()
    assert bench.info("reward/proximity") == pytest.approx(-(1.0 - 1.5 / 3.0) * 0.1)
    assert bench.info("reward/speed") == pytest.approx(-(6.3 - 4.0 - 0.3) / 4.0 * 0.1)


def test_wrong_side_is_left_on_the_right_hand_map_and_right_on_the_other() -> None:
    for left_hand, sign in ((False, 1.0), (True, -1.0)):
        for y, wrong in ((2.0 * sign, True), (-2.0 * sign, False), (1.0 * sign, False)):
            bench = make_bench(start_m=30.0, bank=bare_bank(left_hand=left_hand))
            bench.w.route[0, :, Route.OPPOSITE] = 1.0
            bench.w.ego[0, Ego.Y] = y
            bench.judge()
            assert bench.info("reward/wrong_side") == (-0.05 if wrong else 0.0)


def test_restricted_ground() -> None:
    bench = make_bench(start_m=30.0)
    bench.b.raster[0] = 1 << 6
    bench.judge()
    assert bench.info("reward/restricted") == pytest.approx(-0.2)


def test_coefficients_reach_the_terms() -> None:
    bench = make_bench(start_m=30.0, params=build_params({"time": -0.5, "progress": 2.0}))
    bench.w.episode[0, Episode.TICK] = 1.0  # at tick 0 the maximum is set, not credited
    bench.w.ego[0, Ego.X] += 1.0
    bench.judge()
    assert bench.info("reward/time") == -0.5
    assert bench.info("reward/progress") == pytest.approx(2.0)
