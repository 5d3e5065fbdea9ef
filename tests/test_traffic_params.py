"""`traffic_params`: nothing may appear or vanish inside the picture, however large the BEV."""

import math

import pytest

from airside_sim.env_config import resolve
from airside_sim.sim import traffic_params
from airside_sim.traffic_config import DEFAULT_TRAFFIC

RINGS = ("view_m", "bubble_m", "bubble_out_m", "respawn_max_m", "people_bubble_m", "people_out_m")


def test_the_usual_picture_keeps_the_usual_rings() -> None:
    assert traffic_params(resolve("apron", traffic=1.0)) == DEFAULT_TRAFFIC


@pytest.mark.parametrize(("range_m", "ahead_m"), [(200.0, 100.0), (200.0, 20.0), (150.0, 150.0), (400.0, 200.0)])
def test_rings_grow_with_the_farthest_corner(range_m: float, ahead_m: float) -> None:
    q = traffic_params(resolve("apron", traffic=1.0, bev_range_m=range_m, bev_ahead_m=ahead_m))
    corners = [math.hypot(u, 0.5 * range_m) for u in (ahead_m, range_m - ahead_m)]
    assert q.view_m > max(corners)
    grown = {getattr(q, name) - getattr(DEFAULT_TRAFFIC, name) for name in RINGS}
    assert max(grown) == pytest.approx(min(grown))
    assert q.view_m < q.people_bubble_m < q.people_out_m < q.respawn_max_m < q.bubble_out_m
    rest = {name: getattr(DEFAULT_TRAFFIC, name) for name in RINGS}
    assert q._replace(**rest) == DEFAULT_TRAFFIC
