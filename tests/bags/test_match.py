"""Map matching: a route of the simulator comes back lane by lane; noise and coarse points change little."""

import numpy as np
import pytest

from airside_sim.bags.errors import BagError
from airside_sim.bags.match import match_route, metre_points
from airside_sim.bags.rebuild import Rebuilder
from airside_sim.columns import Route


@pytest.fixture(scope="module")
def bank():
    return Rebuilder("hub").bank


def test_a_route_keeps_its_points_and_finds_its_lanes(bank, drive):
    route = match_route(drive.route_xy, bank)
    n = int(route.goal_m)
    np.testing.assert_allclose(route.xy[:n], drive.route_xy[:n], atol=1e-9)
    steps = np.flatnonzero(np.diff(route.lane))
    for k in steps:  # every change of lane follows the map, at most over one lane too short to hold a point
        a, b = int(route.lane[k]), int(route.lane[k + 1])
        after = set(bank.lane_succ[bank.lane_succ0[a] : bank.lane_succ0[a + 1]].tolist())
        two = {int(c) for s in after for c in bank.lane_succ[bank.lane_succ0[s] : bank.lane_succ0[s + 1]]}
        assert b in after | two


def test_a_coarse_and_noisy_path_finds_the_same_lanes(bank, drive):
    rng = np.random.default_rng(1)
    rough = drive.route_xy[::5] + rng.normal(0.0, 0.2, drive.route_xy[::5].shape)
    exact, found = match_route(drive.route_xy, bank), match_route(rough, bank)
    shared = set(exact.lanes()) & set(found.lanes())
    assert len(shared) >= 0.9 * len(set(exact.lanes()))


def test_a_path_off_the_map_is_refused(bank):
    with pytest.raises(BagError, match="another map"):
        match_route(np.array([[9000.0, 9000.0], [9100.0, 9000.0]]), bank)


def test_metre_points_of_a_long_step_and_of_too_short_a_path():
    points, length = metre_points(np.array([[0.0, 0.0], [10.5, 0.0]]))
    assert length == pytest.approx(10.5)
    np.testing.assert_allclose(points[:, 0], [*range(11), 10.5])
    with pytest.raises(BagError, match="fewer than two"):
        metre_points(np.array([[1.0, 1.0], [1.0, 1.0]]))


def test_the_route_has_the_limits_and_widths_of_the_map(bank, drive):
    from airside_sim.bags.match import write_route
    from airside_sim.bags.rebuild import _capacity
    from airside_sim.bags.slots import Slots
    from airside_sim.info import info_names
    from airside_sim.world import allocate

    route = match_route(drive.route_xy, bank)
    world = allocate(_capacity(bank, len(route.xy), Slots([])), len(info_names()))
    write_route(world, bank, route, 10.0)
    limits = world.route[0, : len(route.xy), Route.LIMIT]
    assert ((limits > 1.0) & (limits < 12.0)).all()
    np.testing.assert_allclose(world.route[0, : len(route.xy), Route.HALF_WIDTH], 0.5 * bank.lane_width[route.lane])
