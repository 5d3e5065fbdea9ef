"""Routing tables against a slow twin, and destinations where a vehicle may stop."""

import numpy as np
import pytest
import shapely
from shapely.geometry import Point

from airside_sim.constants import FeatureKind, PoiKind
from airside_sim.mapping.areas import parked_box
from airside_sim.mapping.compile import compile_map
from airside_sim.mapping.routing import PARKED_CLEARANCE_M
from airside_sim.mapping.yaml_io import load_map
from tests.mapping.tiny_map import tiny_compiled


@pytest.fixture(scope="module", params=["tiny", "training_apron"])
def compiled(request):
    return tiny_compiled() if request.param == "tiny" else compile_map(load_map("training_apron"), 100.0 / 128.0)


def _slow_distances(b, dest):
    """Bellman-Ford on the lane graph: metres from the start of every lane to the destination."""
    dist = np.full(len(b.lane_len), np.inf)
    dist[b.dest_lane[dest]] = b.dest_s[dest]
    for _ in range(len(dist)):
        best = dist.copy()
        for i in range(len(dist)):
            if i != b.dest_lane[dest]:
                onward = dist[b.lane_succ[b.lane_succ0[i] : b.lane_succ0[i + 1]]]
                best[i] = min(best[i], b.lane_len[i] + onward.min(initial=np.inf))
        if np.array_equal(best, dist):
            break
        dist = best
    return dist


def test_distances_equal_the_slow_twin(compiled):
    b = compiled.arrays
    num_lanes = len(b.lane_len)
    for dest in range(0, len(b.dest_lane), 3):
        table = b.dest_dist[dest * num_lanes : (dest + 1) * num_lanes]
        assert table == pytest.approx(_slow_distances(b, dest), rel=1e-5)


def test_following_next_lane_arrives_after_the_stated_metres(compiled):
    b = compiled.arrays
    num_lanes = len(b.lane_len)
    for dest in range(len(b.dest_lane)):
        for start in range(num_lanes):
            lane, metres = start, 0.0
            while lane != b.dest_lane[dest]:
                onward = b.next_lane[dest * num_lanes + lane]
                assert onward in b.lane_succ[b.lane_succ0[lane] : b.lane_succ0[lane + 1]]
                metres += b.lane_len[lane]
                lane = onward
            assert metres + b.dest_s[dest] == pytest.approx(b.dest_dist[dest * num_lanes + start], rel=1e-5)
            assert b.next_lane[dest * num_lanes + lane] == -1


def test_service_stops_keep_clear_of_parked_aircraft(compiled):
    b, m = compiled.arrays, compiled.airport
    outlines = shapely.union_all([parked_box(stand) for stand in m.stands])
    owner = np.repeat(np.arange(len(b.lane_len)), np.diff(b.feat0))
    for stand, dest in enumerate(b.stand_dest):
        assert dest >= 0
        assert b.dest_stand[dest] == stand
        assert b.dest_kind[dest] == PoiKind.STAND
        lane, s = b.dest_lane[dest], b.dest_s[dest]
        at = b.lane_pt0[lane] + round(s / b.lane_ds[lane])
        assert Point(b.pt_x[at], b.pt_y[at]).distance(outlines) >= PARKED_CLEARANCE_M - 0.02
        assert b.lane_junction[lane] == -1
        for f in np.flatnonzero((owner == lane) & (b.feat_kind == FeatureKind.TAXI_CROSSING)):
            assert not b.feat_s_in[f] < s < b.feat_s_out[f]


def test_poi_takes_the_nearest_lane():
    b = tiny_compiled().arrays
    fuel = int(np.flatnonzero(b.dest_kind == PoiKind.FUEL_DEPOT)[0])
    at = b.lane_pt0[b.dest_lane[fuel]] + round(b.dest_s[fuel] / b.lane_ds[b.dest_lane[fuel]])
    assert b.pt_x[at] == pytest.approx(222.0, abs=0.5)  # the spur's lane beside (228, -28), not the one beyond
    assert b.dest_stand[fuel] == -1


def test_service_road_is_obeyed():
    m = tiny_compiled().airport
    stands = [m.stands[0].model_copy(update={"service_road": "north"}), *m.stands[1:]]
    b = compile_map(m.model_copy(update={"stands": stands}), 100.0 / 128.0).arrays
    dest = b.stand_dest[0]
    at = b.lane_pt0[b.dest_lane[dest]] + round(b.dest_s[dest] / b.lane_ds[b.dest_lane[dest]])
    assert abs(b.pt_y[at] - 130.0) < 3.0
