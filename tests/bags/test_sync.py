"""Alignment: errors of interpolation, gaps, angles, quaternions, and that nothing looks ahead."""

import numpy as np
import pytest

from airside_sim.bags.sync import (
    STEP_NS,
    grid_between,
    hold,
    interpolate,
    interpolate_angles,
    mean_over_steps,
    slerp,
    yaw_of,
)

T0 = 1_700_000_000_000_000_000


@pytest.mark.parametrize("rate_hz", [50.0, 25.0, 13.0])
def test_jittered_sinusoids_interpolate_to_a_percent_and_the_hole_is_marked(rate_hz):
    rng = np.random.default_rng(3)
    t = np.arange(0.0, 20.0, 1.0 / rate_hz)
    t = t + rng.uniform(-0.03, 0.03, len(t)) / rate_hz
    t = t[(t < 8.0) | (t > 8.5)]
    stamps = T0 + np.round(t * 1e9).astype(np.int64)
    grid = grid_between(int(stamps[0]), int(stamps[-1]))
    s = (grid - T0) * 1e-9
    found = interpolate(stamps, np.sin(2 * np.pi * 0.2 * t)[:, None], grid, 0.3)
    error = np.abs(found.values[:, 0] - np.sin(2 * np.pi * 0.2 * s))
    assert error[~found.is_gap].max() < 0.01
    inside = (s > t[t < 8.2].max()) & (s < t[t > 8.2].min())
    np.testing.assert_array_equal(found.is_gap, inside)
    assert inside.sum() >= 4


def test_before_the_first_and_after_the_last_sample_is_a_gap():
    stamps = T0 + np.array([100, 200]) * 1_000_000
    found = interpolate(stamps, np.array([[1.0], [2.0]]), T0 + np.array([0, 100, 150, 200, 300]) * 1_000_000, 0.3)
    np.testing.assert_array_equal(found.is_gap, [True, False, False, False, True])
    assert found.values[2, 0] == pytest.approx(1.5)


def test_angles_go_the_short_way_round():
    stamps = T0 + np.array([0, STEP_NS])
    found = interpolate_angles(stamps, np.array([[3.1], [-3.1]]), np.array([T0 + STEP_NS // 2]), 0.3)
    assert abs(found.values[0, 0]) == pytest.approx(np.pi, abs=1e-9)


def test_slerp_takes_either_sign_of_a_quaternion():
    def about_z(a):
        return [0.0, 0.0, np.sin(a / 2), np.cos(a / 2)]

    stamps = T0 + np.array([0, STEP_NS])
    at = np.array([T0 + STEP_NS // 4])
    for sign in (1.0, -1.0):
        found = slerp(stamps, np.array([about_z(0.2), sign * np.array(about_z(1.0))]), at, 0.3)
        assert yaw_of(found.values)[0] == pytest.approx(0.4)


def test_hold_never_takes_a_later_sample():
    rng = np.random.default_rng(0)
    stamps = T0 + np.sort(rng.integers(0, 5_000_000_000, 40))
    grid = grid_between(T0, T0 + 5_000_000_000)
    held = hold(stamps, grid)
    known = held.index >= 0
    assert (stamps[held.index[known]] <= grid[known]).all()
    following = np.minimum(held.index[known] + 1, len(stamps) - 1)
    assert ((stamps[following] > grid[known]) | (following == held.index[known])).all()
    assert np.isinf(held.age_s[~known]).all()


def test_commands_are_averaged_over_their_step_and_held_over_empty_ones():
    stamps = T0 + np.array([0, 40, 90, 100, 350]) * 1_000_000
    values = np.array([[1.0], [1.0], [4.0], [5.0], [9.0]])
    found = mean_over_steps(stamps, values, T0 + np.arange(4) * STEP_NS)
    np.testing.assert_allclose(found[:, 0], [2.0, 5.0, 5.0, 9.0])


def test_the_grid_lies_on_whole_tenths_in_integers():
    grid = grid_between(T0 + 1, T0 + 350_000_000)
    np.testing.assert_array_equal(grid - T0, np.array([1, 2, 3]) * STEP_NS)
    assert grid.dtype == np.int64
