"""Tight two-way bends are junctions of both their lanes: where they begin and end, what they join, which are left."""

from itertools import pairwise

import numpy as np
import pytest
import shapely

from airside_sim.constants import LaneKind
from airside_sim.mapping.conflicts import share_clusters
from airside_sim.mapping.curves import fillet, offset, reverse, straight
from airside_sim.mapping.lane import Lane

CORNER = [(0, 0), (80, 0), (80, 80)]


def make_lane(curve, kind: LaneKind = LaneKind.ROAD, junction: int = -1, chain: int = -1) -> Lane:
    return Lane(curve, kind, 4.0, np.zeros(1), np.zeros(1), [0], junction, True, chain)


def two_way(points: list[tuple[float, float]], radius_m: float) -> list[Lane]:
    """Right-hand lanes 2 m beside a polyline whose corners are arcs: along it, then back."""
    middle = fillet(np.array(points, float), lambda _: radius_m)
    return [make_lane(curve, chain=0) for curve in (offset(middle, -2.0), reverse(offset(middle, 2.0)))]


def pieces(lanes: list[Lane], first: int) -> list[int]:
    """The lanes from `first` on, one behind the other."""
    found = [first]
    while lanes[found[-1]].succ:
        found += lanes[found[-1]].succ
    return found


def length_m(lanes: list[Lane], which: list[int]) -> float:
    return sum(lanes[k].curve.length for k in which)


@pytest.mark.parametrize("radius_m", [8.0, 11.0])
def test_a_tight_two_way_bend_is_a_junction_of_both_lanes(radius_m: float) -> None:
    lanes = two_way(CORNER, radius_m)
    whole = [lane.curve.length for lane in lanes]
    assert share_clusters(lanes, []) == 1
    for first in (0, 1):
        chain = pieces(lanes, first)
        assert [lanes[k].junction for k in chain] == [-1, 0, -1]
        assert length_m(lanes, chain) == pytest.approx(whole[first], abs=0.01)
        for a, b in pairwise(chain):
            assert lanes[a].curve.xy[-1] == pytest.approx(lanes[b].curve.xy[0])
        curve = lanes[chain[1]].curve
        turns = np.abs(np.diff(curve.h)) > 1e-6
        assert turns.any()
        assert curve.s[:-1][turns].min() > 9.0  # noses and tails swing before and behind it
        assert curve.length - curve.s[1:][turns].max() > 9.0
        assert curve.length < 0.5 * np.pi * (radius_m + 2.0) + 32.0


@pytest.mark.parametrize("radius_m", [14.5, 30.0])
def test_a_gentle_bend_is_none(radius_m: float) -> None:
    lanes = two_way(CORNER, radius_m)
    assert share_clusters(lanes, []) == 0
    assert [lane.junction for lane in lanes] == [-1, -1]


def test_a_tight_one_way_bend_is_none() -> None:
    lanes = two_way(CORNER, 8.0)[:1]
    assert share_clusters(lanes, []) == 0
    assert [lane.junction for lane in lanes] == [-1]


@pytest.mark.parametrize("leads", ["out", "in", "both"])
@pytest.mark.parametrize(("end_m", "touches"), [(27.0, True), (45.0, False)])
def test_a_bend_that_touches_a_junction_joins_it(leads: str, end_m: float, touches: bool) -> None:
    """Connectors of junction 0 begin or end at (82, end_m) and (78, end_m), where the road ends."""
    lanes = two_way([(0, 0), (80, 0), (80, end_m)], 8.0)
    if leads != "in":
        lanes[0].succ = [len(lanes)]
        lanes.append(make_lane(straight((82, end_m), (82, end_m + 12)), LaneKind.CONNECTOR, 0))
    if leads != "out":
        lanes.append(make_lane(straight((78, end_m + 12), (78, end_m)), LaneKind.CONNECTOR, 0))
        lanes[-1].succ = [1]
    assert share_clusters(lanes, []) == (1 if touches else 2)
    bend = [lane.junction for lane in lanes if lane.kind == LaneKind.ROAD and np.ptp(lane.curve.h) > 1.0]
    assert bend == [0, 0] if touches else bend[0] == bend[1] == 1
    clear = [lane.junction for lane in lanes if lane.kind == LaneKind.ROAD and np.ptp(lane.curve.h) < 0.1]
    assert clear == [-1] * (2 if touches else 4)


@pytest.mark.parametrize("outer_first", [True, False])
@pytest.mark.parametrize("apart_m", [50.0, 65.0, 80.0])
def test_both_lanes_of_every_bend_have_one_junction(apart_m: float, outer_first: bool) -> None:
    """Two bends behind each other, the same way round: the lanes' pieces need not match one by one."""
    points = [(0.0, 0.0), (80.0, 0.0), (80.0, apart_m), (0.0, apart_m)]
    lanes = two_way(points if outer_first else points[::-1], 12.0)
    share_clusters(lanes, [])
    ours, theirs = pieces(lanes, 0), pieces(lanes, 1)
    lines = [shapely.LineString(lanes[k].curve.xy) for k in theirs]
    for corner in points[1:3]:
        (bend,) = (k for k in ours if _apex_m(lanes[k], corner) < 10.0)
        apex = lanes[bend].curve.xy[np.argmin(np.hypot(*(lanes[bend].curve.xy - corner).T))]
        opposite = theirs[int(np.argmin([line.distance(shapely.Point(apex)) for line in lines]))]
        assert lanes[bend].junction == lanes[opposite].junction >= 0


def _apex_m(lane: Lane, corner: tuple[float, float]) -> float:
    return float(np.hypot(*(lane.curve.xy - corner).T).min())
