"""Conflict masks of junctions: by hand on a crossroads, against shapely distances, and on a real map.

Masks have a column for short bodies and one for long ones; `SIZES` are the pairs of both.
"""

from itertools import product

import numpy as np
import pytest
import shapely

from airside_sim.constants import LONG_SHIFT
from airside_sim.mapping.bank_build import build_bank
from airside_sim.mapping.cache import load_compiled
from airside_sim.mapping.conflicts import BEND_M, MAX_BITS, STRAIGHT_M, conflict_masks
from tests.kernels.lane_net import (
    CROSSROADS_JUNCTION,
    LEFT,
    RIGHT,
    STRAIGHT,
    circle,
    crossroads_lines,
    straight,
    to_lanes,
)

SOUTH, EAST, NORTH, WEST = range(4)
SHORT, LONG = 0, 1
SIZES = list(product((SHORT, LONG), repeat=2))


def test_who_conflicts_on_a_crossroads() -> None:
    bit, conflict = conflict_masks(to_lanes(crossroads_lines(), CROSSROADS_JUNCTION))

    def meets(a: int, b: int) -> list[bool]:
        found = [bool(conflict[a, i] & bit[b, j]) for i, j in SIZES]
        assert found == [bool(conflict[b, j] & bit[a, i]) for i, j in SIZES]
        return found

    always, never, with_a_long_one = [True] * 4, [False] * 4, [False, True, True, True]
    assert (bit[:8] == 0).all()  # entries and exits lie outside
    assert (conflict[:8] == 0).all()
    assert len(set(bit[8:].ravel())) == 24
    for arm in range(4):
        right, opposite, left = (arm + 1) % 4, (arm + 2) % 4, (arm + 3) % 4
        assert meets(STRAIGHT + arm, STRAIGHT + arm) == always
        assert meets(STRAIGHT + arm, STRAIGHT + opposite) == never  # 4 m apart
        assert meets(STRAIGHT + arm, STRAIGHT + right) == always
        assert meets(STRAIGHT + arm, STRAIGHT + left) == always
        assert meets(LEFT + arm, STRAIGHT + opposite) == always
        assert meets(LEFT + arm, STRAIGHT + right) == always
        assert meets(RIGHT + arm, STRAIGHT + left) == always  # joins it
        assert meets(RIGHT + arm, RIGHT + opposite) == never
        assert meets(RIGHT + arm, STRAIGHT + right) == with_a_long_one  # ends 4 m beside it: long bodies swing out


def test_masks_are_the_distances() -> None:
    lines = crossroads_lines()
    bit, conflict = conflict_masks(to_lanes(lines, CROSSROADS_JUNCTION))
    for a, b, (i, j) in product(range(8, 20), range(8, 20), SIZES):
        far_m = shapely.LineString(lines[a]).distance(shapely.LineString(lines[b]))
        is_narrow = (a < RIGHT and b < RIGHT) or (i == SHORT and j == SHORT)  # no way through is sharp
        assert bool(conflict[a, i] & bit[b, j]) == (far_m < (3.4 if is_narrow else 4.4)), (a, b, i, j, far_m)


@pytest.mark.parametrize(
    ("radius_m", "apart_m", "expected"),
    [
        (16.0, 4.0, [False, True, True, True]),  # short bodies pass each other, a long one swings into the other lane
        (16.0, 3.0, [True] * 4),
        (16.0, 4.8, [False] * 4),
        (6.0, 4.0, [True] * 4),  # so sharp that nobody keeps its lane
        (6.0, 4.8, [False] * 4),
    ],
)
def test_who_meets_the_opposite_lane_in_a_bend(radius_m: float, apart_m: float, expected: list[bool]) -> None:
    turn = 0.5 * np.pi
    lines = [circle(radius_m, turn, 0.25), circle(radius_m + apart_m, turn, 0.25)[::-1]]
    bit, conflict = conflict_masks(to_lanes(lines, [0, 0]))
    assert [bool(conflict[0, i] & bit[1, j]) for i, j in SIZES] == expected
    assert [bool(conflict[1, i] & bit[0, j]) for i, j in SIZES] == expected
    assert (conflict & bit == bit).all()


def test_lanes_of_different_junctions_never_conflict() -> None:
    bit, conflict = conflict_masks(to_lanes([straight(0, 0, 9, 0), straight(0, 1, 9, 1)], [0, 1]))
    both = 1 | 1 << LONG_SHIFT
    assert bit.tolist() == [[1, 1 << LONG_SHIFT]] * 2
    assert conflict.tolist() == [[both, both]] * 2  # itself alone: masks of different junctions are never compared


def test_a_large_junction_shares_bits_and_never_misses_a_conflict() -> None:
    lines = [straight(0, 10 * k, 20, 10 * k) for k in range(MAX_BITS + 8)]
    lines.append(straight(10, -5, 10, 15))  # crosses the first two
    bit, conflict = conflict_masks(to_lanes(lines, [0] * len(lines)))
    for i, j in SIZES:
        assert conflict[-1, i] & bit[0, j]
        assert conflict[-1, i] & bit[1, j]
        assert conflict[0, i] & bit[-1, j]
        assert conflict[-1, i] & bit[MAX_BITS + 1, j]  # shares the bit of lane 1: waits for nothing, but safely
        assert not conflict[5, i] & bit[6, j]
    assert not np.bitwise_or.reduce(bit[:, SHORT]) & np.bitwise_or.reduce(bit[:, LONG])
    for masks in (bit, conflict):
        everything = np.bitwise_or.reduce(masks.ravel())
        assert np.float64(everything).astype(np.int64) == everything


@pytest.mark.parametrize("name", ["hub", "training_apron"])
def test_masks_of_a_real_map(name: str) -> None:
    b = build_bank(load_compiled(name, 0.78125))
    inside = b.lane_junction >= 0
    assert ((b.lane_bit != 0) == inside[:, None]).all()
    assert (b.lane_conflict[~inside] == 0).all()
    assert (b.lane_bit & b.lane_conflict == b.lane_bit).all()
    apart = np.zeros((2, 2), int)
    for junction in np.unique(b.lane_junction[inside]):
        lanes = np.flatnonzero(b.lane_junction == junction)
        bits, conflict = b.lane_bit[lanes], b.lane_conflict[lanes]
        assert (conflict & ~np.bitwise_or.reduce(bits.ravel()) == 0).all()  # within the junction only
        lines = np.array([
            shapely.LineString(np.stack([b.pt_x[p:q], b.pt_y[p:q]], axis=1))
            for p, q in zip(b.lane_pt0[lanes], b.lane_pt0[lanes + 1], strict=True)
        ])  # fmt: skip
        far_m = shapely.distance(lines[:, None], lines[None, :])
        meets = {(i, j): (conflict[:, None, i] & bits[None, :, j]) != 0 for i, j in SIZES}
        for (i, j), table in meets.items():
            assert table[far_m < STRAIGHT_M - 0.05].all()
            assert not table[far_m > BEND_M + 0.05].any() or len(lanes) > MAX_BITS
            assert (table == meets[j, i].T).all() or len(lanes) > MAX_BITS
            assert (meets[SHORT, SHORT] <= table).all()  # who is short has no less room
            apart[i, j] += int((~table).sum())
        if len(lanes) <= MAX_BITS:
            assert len(set(bits.ravel().tolist())) == 2 * len(lanes)
    assert (apart > 50).all()  # junctions do let several through
    assert apart[SHORT, SHORT] > apart[LONG, LONG]
