"""Aircraft rails: they end at the nose wheel, hand over pose for pose, and turn no tighter than the main gear can."""

import math

import numpy as np
import pytest

from airside_sim.mapping.areas import SPAN_M
from airside_sim.mapping.compile import compile_map
from airside_sim.mapping.taxi_paths import WHEELBASE_M
from airside_sim.mapping.yaml_io import load_map
from tests.mapping.tiny_map import tiny_compiled, tiny_map


@pytest.fixture(scope="module", params=["tiny", "training_apron"])
def compiled(request):
    return tiny_compiled() if request.param == "tiny" else compile_map(load_map("training_apron"), 100.0 / 128.0)


def _path(b, p):
    span = slice(b.path_pt0[p], b.path_pt0[p + 1])
    return b.path_x[span], b.path_y[span], b.path_h[span]


def test_every_stand_moves_aircraft(compiled):
    b = compiled.arrays
    assert (b.stand_path_in >= 0).all()
    assert (b.path_stand[b.stand_path_push] == np.arange(len(b.stand_x))).all()


def test_rails_end_and_start_at_the_nose_wheel(compiled):
    b = compiled.arrays
    for stand, (arrive, push) in enumerate(zip(b.stand_path_in, b.stand_path_push, strict=True)):
        for p, end in ((arrive, -1), (push, 0)):
            x, y, h = _path(b, p)
            assert (x[end], y[end]) == pytest.approx((b.stand_x[stand], b.stand_y[stand]), abs=1e-6)
            assert abs(math.remainder(h[end] - b.stand_h[stand], 2 * math.pi)) < 1e-6


def test_a_parked_type_is_in_line_with_its_stand(compiled):
    """Main gear one wheelbase before the end of path_in, or after the start of path_push: heading is the stand's."""
    b = compiled.arrays
    for stand, (arrive, push) in enumerate(zip(b.stand_path_in, b.stand_path_push, strict=True)):
        steps = int(WHEELBASE_M[compiled.airport.stands[stand].code] / b.path_ds[arrive])
        for h in (_path(b, arrive)[2][-1 - steps], _path(b, push)[2][steps]):
            assert abs(math.remainder(h - b.stand_h[stand], 2 * math.pi)) < math.radians(1.0)


def test_path_out_takes_over_the_pose_of_the_push(compiled):
    b = compiled.arrays
    for push, out in zip(b.stand_path_push, b.stand_path_out, strict=True):
        (px, py, ph), (ox, oy, oh) = _path(b, push), _path(b, out)
        assert math.hypot(px[-1] - ox[0], py[-1] - oy[0]) < 0.01
        assert abs(math.remainder(ph[-1] - oh[0], 2 * math.pi)) < math.radians(1.0)
        back = math.atan2(py[-1] - py[-2], px[-1] - px[-2])
        assert math.cos(back - ph[-1]) < -0.99  # pushed tail first


def test_turns_are_gentle(compiled):
    b = compiled.arrays
    for p in range(len(b.path_len)):
        x, y, h = _path(b, p)
        bend = np.abs(np.diff(h)).max() / b.path_ds[p]
        assert bend < 1.0 / 11.0
        assert np.hypot(np.diff(x), np.diff(y)) == pytest.approx(b.path_ds[p], rel=0.01)
        assert b.path_len[p] == pytest.approx(b.path_ds[p] * (len(x) - 1))


def test_tiny_arrival_by_hand():
    # Stand S1: taxilane y = 90, nose at (25, 10), R = 28. Both ends of the taxilane are entries; t0, 75 m from the
    # join, is the nearer: 75 + 80 - 2 * 28 + 28 pi / 2.
    b = tiny_compiled().arrays
    x, y, _ = _path(b, b.stand_path_in[0])
    assert x[0] == pytest.approx(-50.0)
    to_join = 75.0
    expected = to_join + 80.0 - 2.0 * 28.0 + 14.0 * math.pi
    assert b.path_len[b.stand_path_in[0]] == pytest.approx(expected, abs=0.1)
    assert y[0] == pytest.approx(90.0)


def test_limits_fall_towards_the_stand(compiled):
    b = compiled.arrays
    knot = 1852.0 / 3600.0
    for stand in range(len(b.stand_x)):
        p = b.stand_path_in[stand]
        limit = b.path_limit[b.path_pt0[p] : b.path_pt0[p + 1]]
        assert limit[-1] == pytest.approx(2.0 * knot, rel=0.05)
        assert limit.max() <= 15.0 * knot + 1e-9
        push = b.stand_path_push[stand]
        assert (b.path_limit[b.path_pt0[push] : b.path_pt0[push + 1]] == 1.5).all()


def test_crossings_of_a_path_by_hand():
    """A departure of S4 to the east sweeps the east road's crossing while its box overlaps x = 216 .. 224."""
    b = tiny_compiled().arrays
    p = b.stand_path_out[3]
    x, _, _ = _path(b, p)
    assert x[-1] == pytest.approx(250.0)
    rows = range(b.path_cross0[p], b.path_cross0[p + 1])
    assert len(rows) == 1
    k = rows[0]
    assert b.cross_x[b.pc_cross[k]] == pytest.approx(220.0, abs=0.1)
    nose_m = WHEELBASE_M["C"] + 5.1
    assert b.pc_s_in[k] == pytest.approx(216.0 - nose_m - x[0], abs=3.0)
    assert b.pc_s_out[k] <= b.path_len[p] + 1e-9


def test_edges_of_a_path_follow_each_other(compiled):
    b = compiled.arrays
    for p in range(len(b.path_len)):
        span = slice(b.path_edge0[p], b.path_edge0[p + 1])
        s_in, s_out = b.pe_s_in[span], b.pe_s_out[span]
        assert len(s_in) > 0
        assert (s_out >= s_in).all()
        assert s_in[0] == 0.0
        assert s_out[-1] == pytest.approx(b.path_len[p])
        assert s_in[1:] == pytest.approx(s_out[:-1], abs=1e-6)


def test_wing_tip_gaps_by_hand():
    # Stands 45 m apart with 36 m spans: 9 m between neighbours, open ends beside the first and last.
    b = tiny_compiled().arrays
    assert SPAN_M["C"] == 36.0
    assert sorted(b.stand_gap_left_m) == pytest.approx([9.0, 9.0, 9.0, 60.0])
    assert sorted(b.stand_gap_right_m) == pytest.approx([9.0, 9.0, 9.0, 60.0])
    # Noses point south: the left wing points east, so the easternmost stand is open on its left.
    assert b.stand_gap_left_m[3] == 60.0
    assert b.stand_gap_right_m[0] == 60.0


def test_stand_without_taxilane_is_static():
    m = tiny_map().model_copy(update={"taxi_edges": [], "taxi_nodes": []})
    compiled = compile_map(m, 100.0 / 128.0)
    assert (compiled.arrays.stand_path_in == -1).all()
    assert any("4 stand(s) without aircraft movement" in w for w in compiled.warnings)
