"""A bank of several maps: every id becomes global, and nothing else changes."""

import numpy as np
import pytest

from airside_sim.constants import FeatureKind
from airside_sim.mapping.bank_build import _FEATURE_OWNER, _IDS, _STARTS, build_bank
from airside_sim.mapping.compile import compile_map
from airside_sim.mapping.yaml_io import load_map
from tests.mapping.tiny_map import tiny_compiled


@pytest.fixture(scope="module")
def pair():
    first = compile_map(load_map("training_apron"), 100.0 / 128.0)
    second = tiny_compiled()
    return first.arrays, second.arrays, build_bank([first, second])


def test_a_bank_of_one_is_the_map_itself():
    compiled = tiny_compiled()
    bank = build_bank([compiled])
    for name, own, banked in zip(bank._fields, compiled.arrays, bank, strict=True):
        assert np.array_equal(own, banked), name
        assert own.dtype == banked.dtype, name


def test_counts_add_up(pair):
    a, b, bank = pair
    for name in bank._fields:
        if name.startswith("map_") and name.endswith("0"):
            assert list(getattr(bank, name)) == [0, getattr(a, name)[1], getattr(a, name)[1] + getattr(b, name)[1]]


def test_ids_of_the_second_map_are_shifted(pair):
    a, b, bank = pair
    for name, owner in _IDS.items():
        shift = getattr(a, owner)[1]
        local = getattr(b, name)
        tail = getattr(bank, name)[len(getattr(a, name)) :]
        assert np.array_equal(tail, np.where(local >= 0, local + shift, -1)), name


def test_feature_ids_count_their_own_kind(pair):
    a, b, bank = pair
    kinds = b.feat_kind
    tail = bank.feat_id[len(a.feat_id) :]
    for kind in FeatureKind:
        shift = getattr(a, _FEATURE_OWNER[kind])[1]
        assert np.array_equal(tail[kinds == kind], b.feat_id[kinds == kind] + shift)
    assert (kinds == FeatureKind.TAXI_CROSSING).any()


def test_start_arrays_still_point_at_the_same_rows(pair):
    a, b, bank = pair
    for name, target in _STARTS.items():
        starts, rows = getattr(bank, name), getattr(bank, target)
        assert starts[-1] == len(rows), name
        local, base = getattr(b, name), len(getattr(a, name)) - 1
        assert np.array_equal(starts[base:], local + len(getattr(a, target))), name


def test_routing_tables_point_to_global_lanes(pair):
    a, b, bank = pair
    num_lanes, offset = len(b.lane_len), bank.next_off[1]
    assert offset == len(a.next_lane)
    for d in range(len(b.dest_lane)):
        for lane in range(num_lanes):
            local = b.next_lane[d * num_lanes + lane]
            banked = bank.next_lane[offset + d * num_lanes + lane]
            assert banked == (-1 if local < 0 else local + bank.map_lane0[1])
            first = bank.lane_pt0[bank.map_lane0[1] + lane]
            assert bank.pt_x[first] == b.pt_x[b.lane_pt0[lane]]


def test_raster_and_grid_blocks_are_reached_through_their_offsets(pair):
    a, b, bank = pair
    size = b.raster_w[0] * b.raster_h[0]
    assert np.array_equal(bank.raster[bank.raster_off[1] : bank.raster_off[1] + size], b.raster)
    cells = b.grid_w[0] * b.grid_h[0]
    starts = bank.grid_start[bank.grid_off[1] : bank.grid_off[1] + cells + 1]
    for cell in range(0, cells, 7):
        banked = bank.grid_seg[starts[cell] : starts[cell + 1]]
        local = b.grid_seg[b.grid_start[cell] : b.grid_start[cell + 1]]
        assert np.array_equal(banked, local + len(a.seg_kind))


def test_an_empty_bank_is_refused():
    with pytest.raises(ValueError, match="at least one map"):
        build_bank([])
