"""Ego motion against closed forms: straight line, circle, stopping distance, friction, rates and the discrete table."""

import math

import numpy as np
import pytest

from airside_sim.columns import Ego, Route, Sky
from airside_sim.config import DynamicsConfig, build_params
from airside_sim.constants import VehicleClass
from airside_sim.kernels.dynamics import DISCRETE_LEVEL, DISCRETE_STEER, advance, arc_step, grip_decel
from airside_sim.vehicles import VEHICLES
from tests.kernels.ego_world import make_bench, straight_route

TRACTOR = VehicleClass.TRACTOR


def ego(bench, column: int) -> float:
    return float(bench.w.ego[0, column])


def test_straight_line_is_exact() -> None:
    bench = make_bench()
    start = ego(bench, Ego.X)
    bench.w.ego[0, Ego.SPEED] = 5.0
    for _ in range(100):
        advance(0, bench.w, VEHICLES, bench.p, 0.0, 0.0)
    assert abs(ego(bench, Ego.X) - start - 50.0) < 1e-9
    assert ego(bench, Ego.Y) == 0.0
    assert ego(bench, Ego.HEADING) == 0.0


@pytest.mark.parametrize("steer_rad", [0.05, 0.3, -0.6, 0.876])
def test_circle_of_radius_wheelbase_over_tan(steer_rad: float) -> None:
    bench = make_bench(friction=0.8)
    bench.w.ego[0, Ego.SPEED] = 1.5
    radius_m = VEHICLES.wheelbase_m[TRACTOR] / math.tan(steer_rad)
    centre = (ego(bench, Ego.X), radius_m)  # to the left of an eastward start
    for _ in range(400):
        advance(0, bench.w, VEHICLES, bench.p, steer_rad, 0.0)
        distance_m = math.hypot(ego(bench, Ego.X) - centre[0], ego(bench, Ego.Y) - centre[1])
        assert abs(distance_m - abs(radius_m)) < 1e-9


def test_arc_closes_after_one_turn() -> None:
    x, y, heading = 1.0, 2.0, 0.3
    for _ in range(7):
        x, y, heading = arc_step(x, y, heading, 2.0 * math.pi * 4.0 / 7.0, 0.25)
    assert np.allclose([x, y, heading], [1.0, 2.0, 0.3], atol=1e-12)


@pytest.mark.parametrize(("friction", "trailers", "laden"), [(0.8, 0, False), (0.5, 2, True), (0.3, 4, True)])
def test_emergency_braking_stops_in_v2_over_2a(friction: float, trailers: int, laden: bool) -> None:
    bench = make_bench(friction=friction, trailers=trailers, laden=laden)
    train_kg = trailers * 1500.0
    decel = min(6.0, friction * 9.81 * 3500.0 / (3500.0 + train_kg))
    bench.w.ego[0, Ego.SPEED] = 6.0
    start = ego(bench, Ego.ODOMETER)
    for _ in range(100):
        bench.drive(0.0, 0.0)
    assert ego(bench, Ego.SPEED) == 0.0
    assert abs(ego(bench, Ego.ODOMETER) - start - 6.0**2 / (2.0 * decel)) < 1e-9


def test_grip_of_the_worked_train() -> None:
    """Notes 2.2: 3.5 t with 6 t behind brake at 2.5 m/s^2 dry (0.7), 1.8 wet (0.5), 0.5 on ice (0.15)."""
    assert grip_decel(0.7, 9.81, 3500.0, 6000.0) == pytest.approx(2.5, abs=0.05)
    assert grip_decel(0.5, 9.81, 3500.0, 6000.0) == pytest.approx(1.8, abs=0.05)
    assert grip_decel(0.15, 9.81, 3500.0, 6000.0) == pytest.approx(0.54, abs=0.05)


def test_service_braking_never_exceeds_two_or_the_grip() -> None:
    for friction, trailers, limit in ((0.8, 0, 2.0), (0.2, 4, 0.2 * 9.81 * 3500.0 / 9500.0)):
        bench = make_bench(friction=friction, trailers=trailers, laden=True)
        bench.w.ego[0, Ego.SPEED] = 6.0
        hardest = 0.0
        for _ in range(60):
            bench.drive(0.0, 0.05)
            hardest = min(hardest, ego(bench, Ego.ACCEL))
        assert -limit - 1e-9 < hardest < -0.8 * limit


def test_low_velocity_action_below_1_mps_is_no_emergency() -> None:
    bench = make_bench()
    bench.w.ego[0, Ego.SPEED] = 0.9
    bench.drive(0.0, 0.0)
    assert ego(bench, Ego.EMERGENCY) == 0.0
    assert ego(bench, Ego.ACCEL) > -2.0
    bench.w.ego[0, Ego.SPEED] = 1.1
    bench.drive(0.0, 0.0)
    assert ego(bench, Ego.EMERGENCY) == 1.0


def test_velocity_is_tracked_without_overshoot_at_limit_cap_and_scale() -> None:
    for limit_mps, cap_mps, scale, wanted in ((4.0, 100.0, 1.0, 4.0), (6.67, 3.0, 1.0, 3.0), (4.0, 100.0, 1.3, 5.2)):
        bench = make_bench(limit_mps=limit_mps, params=build_params(speed_scale=scale))
        bench.w.sky[0, Sky.SPEED_CAP] = cap_mps
        speeds = []
        for _ in range(150):
            bench.drive(0.0, 1.0)
            speeds.append(ego(bench, Ego.SPEED))
        assert max(speeds) < wanted + 0.05
        assert speeds[-1] == pytest.approx(wanted, abs=0.01)
        assert np.diff(speeds).max() <= 0.1 + 1e-9  # accel limit 1.0 m/s^2


def test_ego_never_reverses_and_stops_for_good() -> None:
    bench = make_bench()
    for k in range(120):
        bench.drive(0.0, 1.0 if k < 40 else 0.03 * (k < 80))
        assert ego(bench, Ego.SPEED) >= 0.0
    assert ego(bench, Ego.SPEED) == 0.0


def test_steering_rate_delay_and_lock() -> None:
    bench = make_bench()
    bench.drive(1.0, 0.0)
    assert ego(bench, Ego.STEER) == 0.0  # the command is one tick old
    bench.drive(1.0, 0.0)
    assert ego(bench, Ego.STEER) == pytest.approx(0.05)
    for _ in range(30):
        bench.drive(1.0, 0.0)
    assert ego(bench, Ego.STEER) == pytest.approx(VEHICLES.max_steer_rad[TRACTOR])
    prompt = make_bench(params=build_params(dynamics=DynamicsConfig(steer_delay_ticks=0.0)))
    prompt.drive(1.0, 0.0)
    assert ego(prompt, Ego.STEER) == pytest.approx(0.05)


def test_yaw_rate_is_clipped_by_grip() -> None:
    bench = make_bench(friction=0.2)
    bench.w.ego[0, Ego.SPEED] = 6.0
    advance(0, bench.w, VEHICLES, bench.p, 0.876, 0.0)
    assert ego(bench, Ego.YAW_RATE) == pytest.approx(0.2 * 9.81 / 6.0)


def test_discrete_table_is_the_contract() -> None:
    assert len(DISCRETE_STEER) == len(DISCRETE_LEVEL) == 30
    assert DISCRETE_LEVEL[:3].tolist() == [-1.0, -0.6, -0.3]
    assert DISCRETE_STEER[:3].tolist() == [0.0, 0.0, 0.0]
    for first, level, steers in (
        (3, 0.7, (0.1, 0.2, 0.3, 0.5)),
        (12, 0.3, (0.1, 0.2, 0.4, 0.7)),
        (21, 0.0, (0.2, 0.4, 0.7, 1.0)),
    ):
        assert set(DISCRETE_LEVEL[first : first + 9]) == {level}
        assert set(DISCRETE_STEER[first : first + 9]) == {0.0, *steers, *(-s for s in steers)}


def test_discrete_actions_drive_brake_and_coast() -> None:
    params = build_params(discrete=True)
    bench = make_bench(params=params)
    for _ in range(40):
        bench.drive(3.0, 0.0)  # throttle 0.7
    assert ego(bench, Ego.ACCEL) == pytest.approx(0.7, abs=0.01)
    bench.w.ego[0, Ego.SPEED] = 4.0
    for _ in range(15):
        bench.drive(21.0, 0.0)  # coast
    assert ego(bench, Ego.ACCEL) == pytest.approx(-0.1, abs=0.01)
    bench.w.ego[0, Ego.SPEED] = 5.0
    bench.drive(0.0, 0.0)  # full brake is emergency braking
    assert ego(bench, Ego.ACCEL) == pytest.approx(-6.0)
    for _ in range(200):
        bench.drive(3.0, 0.0)
    assert ego(bench, Ego.SPEED) <= VEHICLES.max_speed_mps[TRACTOR] + 0.08


def test_zone_limit_is_read_at_the_front_bumper() -> None:
    bench = make_bench(straight_route(200))
    bench.w.route[0, 40:, Route.LIMIT] = 2.0
    for _ in range(200):
        bench.tick(0.0, 1.0)
    assert ego(bench, Ego.SPEED) == pytest.approx(2.0, abs=0.02)
