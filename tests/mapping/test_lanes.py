"""Lanes by closed forms on a rectangle of roads, and by invariants on shipped maps."""

import math

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString

from airside_sim.constants import FeatureKind, LaneKind
from airside_sim.mapping.compile import compile_map
from airside_sim.mapping.curves import fillet, min_radius, offset
from airside_sim.mapping.lane_graph import strong_components
from airside_sim.mapping.yaml_io import load_map
from tests.mapping.tiny_map import tiny_compiled, tiny_map


def _bank(name):
    return tiny_compiled() if name == "tiny" else compile_map(load_map(name), 100.0 / 128.0)


@pytest.fixture(scope="module", params=["tiny", "training_apron"])
def compiled(request):
    return _bank(request.param)


def test_fillet_is_the_tangent_arc():
    # 90 degrees, R = 10: tangent length 10 on both sides, arc 10 pi / 2.
    curve = fillet(np.array([[0.0, 0.0], [50.0, 0.0], [50.0, 50.0]]), lambda turn: 10.0)
    assert curve.length == pytest.approx(80.0 + 5.0 * math.pi, abs=1e-3)
    assert min_radius(curve) == pytest.approx(10.0, rel=1e-3)
    assert min_radius(offset(curve, 2.0)) == pytest.approx(8.0, rel=1e-3)
    middle = curve.xy[np.argmin(np.abs(curve.h - math.pi / 4.0))]
    assert math.dist(middle, (50.0, 0.0)) == pytest.approx(10.0 * (math.sqrt(2.0) - 1.0), abs=0.02)


def test_fillets_share_a_short_segment():
    # Two right angles 10 m apart want 10 m of tangent each; they get 5 m, hence R = 5.
    curve = fillet(np.array([[0.0, 0.0], [50.0, 0.0], [50.0, 10.0], [0.0, 10.0]]), lambda turn: 10.0)
    assert min_radius(curve) == pytest.approx(5.0, rel=1e-2)


def test_tiny_lanes_by_hand():
    # Head-of-stand road y = -10, 8 m wide: the eastbound lane keeps right, 2 m south of the centre, and is trimmed
    # 10 m at both right-angled corners (R = 10, tangent 10).
    b = tiny_compiled().arrays
    starts = np.stack([b.pt_x[b.lane_pt0[:-1]], b.pt_y[b.lane_pt0[:-1]]], axis=1)
    lane = int(np.argmin(np.hypot(*(starts - (-20.0, -12.0)).T)))
    assert starts[lane] == pytest.approx((-20.0, -12.0), abs=1e-6)
    assert b.lane_len[lane] == pytest.approx(230.0, abs=1e-6)
    assert b.lane_width[lane] == 4.0
    assert b.lane_opposite[lane] == 1
    assert b.pt_limit[b.lane_pt0[lane]] == pytest.approx(15.0 / 3.6)
    assert (b.lane_kind == LaneKind.STAND_ACCESS).sum() == 2  # the dead-end spur, out and back
    # Inner corners turn on R = 8, outer ones on 12: lengths pi / 2 times that.
    corners = sorted(
        b.lane_len[i] for i in range(len(b.lane_len)) if b.lane_kind[i] == LaneKind.CONNECTOR and b.lane_len[i] < 19
    )
    assert corners[0] == pytest.approx(4.0 * math.pi, abs=1e-2)
    assert corners[-1] == pytest.approx(6.0 * math.pi, abs=1e-2)


def test_left_hand_traffic_mirrors_the_lanes():
    left = compile_map(tiny_map().model_copy(update={"driving_side": "left"}), 100.0 / 128.0).arrays
    right = tiny_compiled().arrays
    assert left.map_left_hand[0] == 1
    # Eastbound on the head-of-stand road: y = -8 instead of -12.
    for bank, y in ((left, -8.0), (right, -12.0)):
        east = (np.abs(bank.pt_y - y) < 1e-6) & (np.abs(np.cos(bank.pt_h) - 1.0) < 1e-9)
        assert east.sum() > 200


def test_successors_continue_the_lane(compiled):
    b = compiled.arrays
    for i in range(len(b.lane_len)):
        end = b.lane_pt0[i + 1] - 1
        followers = b.lane_succ[b.lane_succ0[i] : b.lane_succ0[i + 1]]
        assert len(followers) > 0
        for j in followers:
            start = b.lane_pt0[j]
            assert math.hypot(b.pt_x[start] - b.pt_x[end], b.pt_y[start] - b.pt_y[end]) < 0.01
            assert abs(math.remainder(b.pt_h[start] - b.pt_h[end], 2 * math.pi)) < math.radians(2.0)
            assert i in b.lane_pred[b.lane_pred0[j] : b.lane_pred0[j + 1]]


def test_headings_and_spacing(compiled):
    b = compiled.arrays
    for i in range(len(b.lane_len)):
        span = slice(b.lane_pt0[i], b.lane_pt0[i + 1])
        h = b.pt_h[span]
        assert np.abs(np.diff(h)).max() / b.lane_ds[i] < math.radians(15.0)
        chord = np.hypot(np.diff(b.pt_x[span]), np.diff(b.pt_y[span]))
        assert chord == pytest.approx(b.lane_ds[i], rel=0.02)  # an arc's chord is a little shorter
        assert b.lane_len[i] == pytest.approx(b.lane_ds[i] * (len(h) - 1))
        along = np.arctan2(np.diff(b.pt_y[span]), np.diff(b.pt_x[span]))
        off = np.abs(np.angle(np.exp(1j * (along - 0.5 * (h[1:] + h[:-1])))))
        assert off.max() < math.radians(3.0)


def test_lanes_stay_on_their_roads(compiled):
    b, m = compiled.arrays, compiled.airport
    at = {node.id: node.position for node in m.road_nodes}
    roads = shapely.union_all(
        [LineString([at[e.start], *e.shape, at[e.end]]).buffer(e.width_m / 2.0 + 1.0) for e in m.road_edges]
    )
    dead_ends = [n for n in at if sum(n in (e.start, e.end) for e in m.road_edges) == 1]
    loops = shapely.union_all([shapely.Point(at[n]).buffer(20.0) for n in dead_ends])
    inside = shapely.contains_xy(roads.union(loops), b.pt_x, b.pt_y)
    assert inside.all(), np.stack([b.pt_x, b.pt_y], axis=1)[~inside][:5]


def test_strangers_that_come_close_share_a_junction(compiled):
    b = compiled.arrays
    lines = [
        LineString(np.stack([b.pt_x[a:e], b.pt_y[a:e]], axis=1))
        for a, e in zip(b.lane_pt0, b.lane_pt0[1:], strict=False)
    ]
    pairs = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=2.9).T
    for i, j in pairs:
        joined = j in b.lane_succ[b.lane_succ0[i] : b.lane_succ0[i + 1]]
        joined |= i in b.lane_succ[b.lane_succ0[j] : b.lane_succ0[j + 1]]
        if i < j and not joined:
            assert b.lane_junction[i] >= 0, (i, j)
            assert b.lane_junction[i] == b.lane_junction[j], (i, j)


def test_every_lane_reaches_every_other(compiled):
    """The kept network is strongly connected: breadth-first search from lane 0, forwards and backwards."""
    b = compiled.arrays
    for start, links in ((b.lane_succ0, b.lane_succ), (b.lane_pred0, b.lane_pred)):
        seen, queue = {0}, [0]
        while queue:
            lane = queue.pop()
            fresh = [int(j) for j in links[start[lane] : start[lane + 1]] if int(j) not in seen]
            seen.update(fresh)
            queue += fresh
        assert len(seen) == len(b.lane_len)


def test_strong_components_of_a_figure():
    # 0 -> 1 -> 2 -> 0 is one component, 3 <-> 4 another, 5 hangs off.
    labels = strong_components([[1], [2], [0, 3], [4, 5], [3], []])
    assert labels[0] == labels[1] == labels[2]
    assert labels[3] == labels[4]
    assert len({labels[0], labels[3], labels[5]}) == 3


def test_taxilane_crossings_by_hand():
    # The east road crosses the code C taxilane (y = 90) at right angles: hold 22.5 m, so the zone is y 67.5 .. 112.5,
    # the northbound lane starts at y = 0 and stops a metre before.
    b = tiny_compiled().arrays
    crossing = b.feat_kind == FeatureKind.TAXI_CROSSING
    assert crossing.sum() == 4
    owner = np.repeat(np.arange(len(b.lane_len)), np.diff(b.feat0))
    for f in np.flatnonzero(crossing):
        start_y, heading = b.pt_y[b.lane_pt0[owner[f]]], b.pt_h[b.lane_pt0[owner[f]]]
        first, last = (67.5, 112.5) if math.sin(heading) > 0 else (112.5, 67.5)
        assert b.feat_s_in[f] == pytest.approx(abs(first - start_y), abs=0.3)
        assert b.feat_s_out[f] == pytest.approx(abs(last - start_y), abs=0.3)
        assert b.feat_s_stop[f] == pytest.approx(b.feat_s_in[f] - 1.0)
    assert b.map_crossing0[1] == 2
    assert b.cross_hold_m == pytest.approx([22.5, 22.5])
    assert b.cross_len_m.min() >= 45.0
    assert b.map_walkx0[1] == 1
    for k in range(2):  # convex, counter-clockwise
        ring = np.stack([b.cross_px[k, : b.cross_nv[k]], b.cross_py[k, : b.cross_nv[k]]], axis=1)
        edge = np.roll(ring, -1, axis=0) - ring
        onward = np.roll(edge, -1, axis=0)
        assert (edge[:, 0] * onward[:, 1] - edge[:, 1] * onward[:, 0] > 0).all()


def test_road_beside_a_taxilane_is_no_crossing():
    m = tiny_map()
    nodes = [n.model_copy(update={"position": (n.position[0], 105.0)}) if n.id in "cd" else n for n in m.road_nodes]
    b = compile_map(m.model_copy(update={"road_nodes": nodes}), 100.0 / 128.0).arrays
    owner = np.repeat(np.arange(len(b.lane_len)), np.diff(b.feat0))
    along = [
        lane
        for lane in range(len(b.lane_len))
        if b.lane_len[lane] > 100 and abs(math.cos(b.pt_h[b.lane_pt0[lane]])) > 0.99 and b.pt_y[b.lane_pt0[lane]] > 50
    ]
    assert len(along) == 2  # the north road, now 15 m from the centreline, inside the 22.5 m strip
    features = {int(lane) for lane in owner[b.feat_kind == FeatureKind.TAXI_CROSSING]}
    for f in np.flatnonzero((b.feat_kind == FeatureKind.TAXI_CROSSING) & np.isin(owner, along)):
        # Only its last metres before the corner can belong to the crossing, never the road's length.
        assert b.feat_s_out[f] - b.feat_s_in[f] < 60.0
    assert features


def test_features_lie_on_their_lanes_in_order(compiled):
    b = compiled.arrays
    for i in range(len(b.lane_len)):
        span = slice(b.feat0[i], b.feat0[i + 1])
        assert (np.diff(b.feat_s_in[span]) >= 0).all()
        assert (b.feat_s_in[span] >= 0).all()
        assert (b.feat_s_out[span] <= b.lane_len[i] + 1e-9).all()
        assert (b.feat_s_stop[span] <= b.feat_s_in[span]).all()
    owner = np.repeat(np.arange(len(b.lane_len)), np.diff(b.feat0))
    assert (b.lane_junction[owner[b.feat_s_stop >= 0]] == -1).all()  # nobody waits inside a junction


def test_compile_is_deterministic():
    again = compile_map(tiny_map(), 100.0 / 128.0).arrays
    for name, first, second in zip(again._fields, again, tiny_compiled().arrays, strict=True):
        assert first.tobytes() == second.tobytes(), name
        assert first.dtype == second.dtype, name


@pytest.mark.parametrize("oneway", [True, False])
def test_a_single_road_is_a_network_only_if_one_can_turn_round(oneway):
    m = tiny_map()
    road = m.road_edges[0].model_copy(update={"oneway": oneway})
    alone = {"road_edges": [road], "road_nodes": m.road_nodes[:2], "pois": [], "walkways": []}
    compiled = compile_map(m.model_copy(update=alone), 100.0 / 128.0)
    if oneway:
        assert len(compiled.arrays.lane_len) == 0
        assert "no road" in compiled.warnings[0]
    else:  # two lanes and a teardrop at each end
        assert sorted(compiled.arrays.lane_kind) == [LaneKind.ROAD] * 2 + [LaneKind.CONNECTOR] * 2
        loop = compiled.arrays.lane_len.min()
        # R = 6, gap 4: swing = acos((2 + 6) / 12); length = R (pi + 4 swing)
        assert loop == pytest.approx(6.0 * (math.pi + 4.0 * math.acos(8.0 / 12.0)), rel=0.01)
