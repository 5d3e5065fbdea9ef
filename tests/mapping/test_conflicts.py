"""Conflict masks of junctions: by hand on a crossroads, against shapely distances, and on a real map."""

import numpy as np
import pytest
import shapely

from airside_sim.mapping.bank_build import build_bank
from airside_sim.mapping.cache import load_compiled
from airside_sim.mapping.conflicts import BEND_M, MAX_BITS, STRAIGHT_M, conflict_masks
from tests.kernels.lane_net import (
    CROSSROADS_JUNCTION,
    LEFT,
    RIGHT,
    STRAIGHT,
    crossroads_lines,
    straight,
    to_lanes,
)

SOUTH, EAST, NORTH, WEST = range(4)


def test_who_conflicts_on_a_crossroads() -> None:
    bit, conflict = conflict_masks(to_lanes(crossroads_lines(), CROSSROADS_JUNCTION))

    def meets(a: int, b: int) -> bool:
        assert bool(conflict[a] & bit[b]) == bool(conflict[b] & bit[a])
        return bool(conflict[a] & bit[b])

    assert (bit[:8] == 0).all()  # entries and exits lie outside
    assert (conflict[:8] == 0).all()
    assert len(set(bit[8:])) == 12
    for arm in range(4):
        right, opposite, left = (arm + 1) % 4, (arm + 2) % 4, (arm + 3) % 4
        assert meets(STRAIGHT + arm, STRAIGHT + arm)
        assert not meets(STRAIGHT + arm, STRAIGHT + opposite)  # 4 m apart
        assert meets(STRAIGHT + arm, STRAIGHT + right)
        assert meets(STRAIGHT + arm, STRAIGHT + left)
        assert meets(LEFT + arm, STRAIGHT + opposite)
        assert meets(LEFT + arm, STRAIGHT + right)
        assert meets(RIGHT + arm, STRAIGHT + left)  # joins it
        assert not meets(RIGHT + arm, RIGHT + opposite)
        assert meets(RIGHT + arm, STRAIGHT + right)  # ends 4 m beside it: long bodies swing out


def test_masks_are_the_distances() -> None:
    lines = crossroads_lines()
    bit, conflict = conflict_masks(to_lanes(lines, CROSSROADS_JUNCTION))
    for a in range(8, 20):
        for b in range(8, 20):
            far_m = shapely.LineString(lines[a]).distance(shapely.LineString(lines[b]))
            both_straight = a < RIGHT and b < RIGHT
            assert bool(conflict[a] & bit[b]) == (far_m < (3.4 if both_straight else 4.4)), (a, b, far_m)


def test_lanes_of_different_junctions_never_conflict() -> None:
    bit, conflict = conflict_masks(to_lanes([straight(0, 0, 9, 0), straight(0, 1, 9, 1)], [0, 1]))
    assert list(bit) == [1, 1]
    assert list(conflict) == [1, 1]  # itself alone: masks of different junctions are never compared


def test_a_large_junction_shares_bits_and_never_misses_a_conflict() -> None:
    lines = [straight(0, 10 * k, 20, 10 * k) for k in range(MAX_BITS + 8)]
    lines.append(straight(10, -5, 10, 15))  # crosses the first two
    bit, conflict = conflict_masks(to_lanes(lines, [0] * len(lines)))
    assert conflict[-1] & bit[0]
    assert conflict[-1] & bit[1]
    assert conflict[0] & bit[-1]
    assert conflict[-1] & bit[MAX_BITS + 1]  # shares the bit of lane 1: waits for nothing, but safely
    assert not conflict[5] & bit[6]
    assert (np.float64(np.bitwise_or.reduce(bit)).astype(np.int64)) == np.bitwise_or.reduce(bit)


@pytest.mark.parametrize("name", ["hub", "training_apron"])
def test_masks_of_a_real_map(name: str) -> None:
    b = build_bank(load_compiled(name, 0.78125))
    inside = b.lane_junction >= 0
    assert ((b.lane_bit != 0) == inside).all()
    assert (b.lane_conflict[~inside] == 0).all()
    assert (b.lane_bit & b.lane_conflict == b.lane_bit).all()
    apart = 0
    for j in np.unique(b.lane_junction[inside]):
        lanes = np.flatnonzero(b.lane_junction == j)
        bits = b.lane_bit[lanes]
        assert (b.lane_conflict[lanes] & ~np.bitwise_or.reduce(bits) == 0).all()  # within the junction only
        table = (b.lane_conflict[lanes][:, None] & bits[None, :]) != 0
        if len(lanes) <= MAX_BITS:
            assert len(set(bits.tolist())) == len(lanes)
            assert (table == table.T).all()
        lines = np.array([
            shapely.LineString(np.stack([b.pt_x[p:q], b.pt_y[p:q]], axis=1))
            for p, q in zip(b.lane_pt0[lanes], b.lane_pt0[lanes + 1], strict=True)
        ])  # fmt: skip
        far_m = shapely.distance(lines[:, None], lines[None, :])
        assert table[far_m < STRAIGHT_M - 0.05].all()
        assert not table[far_m > BEND_M + 0.05].any() or len(lanes) > MAX_BITS
        apart += int((~table).sum())
    assert apart > 50  # junctions do let several through
