"""The dolly train: steady off-tracking against the analytic radii, placement, length and bounded hitch angles."""

import math

import numpy as np
import pytest

from airside_sim.columns import Body, Ego, Episode
from airside_sim.constants import VehicleClass
from airside_sim.geometry import wrap_angle
from airside_sim.kernels.dynamics import advance
from airside_sim.kernels.train import MAX_HITCH_RAD, train_length
from airside_sim.vehicles import VEHICLES
from tests.kernels.ego_world import make_bench, straight_route

DOLLY, TRACTOR = VehicleClass.DOLLY, VehicleClass.TRACTOR


def analytic_radii(radius_m: float, num: int) -> list[float]:
    """Rear-axle radii of the dollies in a steady circle (domain notes 2.2); radius_m is the tractor's rear axle."""
    d, b, k = VEHICLES.drawbar_m[DOLLY], VEHICLES.wheelbase_m[DOLLY], VEHICLES.hitch_m[DOLLY]
    hitch2 = radius_m**2 + VEHICLES.hitch_m[TRACTOR] ** 2
    radii = []
    for _ in range(num):
        rear2 = hitch2 - d**2 - b**2
        radii.append(math.sqrt(rear2))
        hitch2 = rear2 + k**2
    return radii


@pytest.mark.parametrize(("radius_m", "cut_in_m"), [(6.0, 1.2), (10.0, 0.7)])
def test_fourth_dolly_cuts_in_as_the_notes_say(radius_m: float, cut_in_m: float) -> None:
    bench = make_bench(trailers=4)
    wheelbase_m = VEHICLES.wheelbase_m[TRACTOR]
    bench.w.ego[0, Ego.SPEED] = 3.0
    centre = np.array([bench.w.ego[0, Ego.X], radius_m])
    for _ in range(600):
        advance(0, bench.w, VEHICLES, bench.p, math.atan(wheelbase_m / radius_m), 0.0)
    radii = [float(np.hypot(*(bench.w.ego_body[0, 1 + i, :2] - centre))) for i in range(4)]
    assert np.allclose(radii, analytic_radii(radius_m, 4), atol=0.01)
    assert radius_m - radii[3] == pytest.approx(cut_in_m, abs=0.06)


def test_straight_pull_keeps_the_train_straight_and_its_length() -> None:
    bench = make_bench(straight_route(300), trailers=3, start_m=40.0)
    bench.w.ego[0, Ego.SPEED] = 4.0
    for _ in range(50):
        advance(0, bench.w, VEHICLES, bench.p, 0.0, 0.0)
    assert np.allclose(bench.w.trailer[0, :6], 0.0, atol=1e-12)
    tail = bench.w.ego_body[0, 3]
    front_m = bench.w.ego[0, Ego.X] + VEHICLES.front_m[TRACTOR]
    assert front_m - (tail[Body.X] - tail[Body.REAR]) == pytest.approx(train_length(VEHICLES, int(TRACTOR), 3))
    assert bench.w.ego[0, Ego.TRAIN_LENGTH] == train_length(VEHICLES, int(TRACTOR), 3)


def test_bodies_in_use_are_exactly_the_tractor_and_its_dollies() -> None:
    bench = make_bench(trailers=2, start_m=40.0)
    assert (bench.w.ego_body[0, :, Body.CLASS] >= 0).tolist() == [True] * 3 + [False] * 4


def test_train_is_placed_along_a_bent_route() -> None:
    """Quarter circle of radius 12 m: every axle lies within 5 cm of the polyline."""
    arc = np.arange(0.0, 12.0 * math.pi / 2.0, 1.0) / 12.0
    bend = np.column_stack([60.0 + 12.0 * np.sin(arc), 12.0 - 12.0 * np.cos(arc)])
    points = np.vstack([straight_route(60)[:-1], bend])
    bench = make_bench(points, trailers=4, start_m=76.0)
    for k in range(5):
        at = bench.w.ego_body[0, k, :2]
        assert np.hypot(*(points - at).T).min() < 0.56  # half a step of the polyline along it, centimetres across
    across = [
        min(abs(np.hypot(*(bench.w.ego_body[0, k, :2] - [60.0, 12.0])) - 12.0), abs(bench.w.ego_body[0, k, 1]))
        for k in range(5)
    ]
    assert max(across) < 0.15
    assert bench.w.episode[0, Episode.S_FRONT] == pytest.approx(76.0, abs=0.3)


def test_hitches_stay_bounded_at_full_lock() -> None:
    bench = make_bench(trailers=6, start_m=60.0)
    for _ in range(600):
        bench.drive(1.0, 0.3)
        links = bench.w.trailer[0, :12]
        bends = [wrap_angle(links[0] - bench.w.ego[0, Ego.HEADING]), *(wrap_angle(a) for a in np.diff(links))]
        assert np.abs(bends).max() <= MAX_HITCH_RAD + 1e-9
        assert np.isfinite(bench.w.ego_body[0]).all()
