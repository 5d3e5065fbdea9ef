"""Lanes that come too close: they get a common junction, whose lock keeps conflicting movements apart.

Road lanes are first split so that only the stretch that is really close belongs to the junction. Which lanes of a
junction conflict is a bit mask a lane: opposite streams through a crossroads go at the same time, crossing ones do not.
A two-way bend so tight that long bodies swing into the other lane is a junction of its two lanes. Every lane has two
bits, for short bodies in it and for long ones, so that only these keep the other lane of a bend free.
"""

from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import LineString

from airside_sim.constants import LONG_SHIFT, LaneKind
from airside_sim.mapping.curves import cut
from airside_sim.mapping.lane import Lane

CONFLICT_M = 3.0  # between centrelines
PAD_M = 3.0  # added to both ends of a close stretch
JOIN_M = 15.0  # close stretches with a smaller gap are one
SMALLEST_M = 6.0  # no piece of a split lane is shorter
STRAIGHT_M = 3.4  # straight lanes of one junction this far apart are passed side by side (bodies are up to 3.0 m wide)
BEND_M = 4.4  # ... when either bends and either body is long: they cut in and swing out
BEND_RAD = 0.2
SHARP_M = 7.5  # radius below which short bodies need that too
MAX_BITS = LONG_SHIFT  # of a mask that a float64 column holds exactly; in larger junctions lanes share bits
TIGHT_BEND_M = 12.0  # radius of a lane at which a bus comes into the other one
BEND_PAD_M = 10.0  # before and behind: its nose and tail swing there
BEND_WINDOW_M = 2.0
LONG_M = 60.0  # a close stretch longer than this is reported


def share_clusters(lanes: list[Lane], warnings: list[str]) -> int:
    """Split and label close lanes in place; returns the number of junction labels."""
    _lock_bends(lanes)
    _split_close(lanes)
    num = max((lane.junction for lane in lanes), default=-1) + 1
    parent = list(range(num))

    def find(c: int) -> int:
        while parent[c] != c:
            c = parent[c]
        return c

    overlapping = set()
    for i, j in _close_pairs(lanes):
        a, b = lanes[i], lanes[j]
        if a.junction < 0 and b.junction < 0:
            parent.append(len(parent))
            a.junction = b.junction = len(parent) - 1
        elif a.junction < 0:
            a.junction = b.junction
        elif b.junction < 0:
            b.junction = a.junction
        else:
            low, high = sorted((find(a.junction), find(b.junction)))
            parent[high] = low
        overlapping |= {k for k in (i, j) if lanes[k].kind != LaneKind.CONNECTOR and lanes[k].curve.length > LONG_M}
    for lane in lanes:
        if lane.junction >= 0:
            lane.junction = find(lane.junction)
    for k in sorted(overlapping):
        x, y = lanes[k].curve.xy[len(lanes[k].curve.xy) // 2]
        warnings.append(f"{lanes[k].curve.length:.0f} m of lane near ({x:.0f}, {y:.0f}) lie on top of another road")
    return len(parent)


def conflict_masks(lanes: list[Lane]) -> tuple[np.ndarray, np.ndarray]:
    """-> (L, 2) i64 bit of each lane within its junction (0 outside), (L, 2) i64 bits of the lanes it conflicts with.

    Column 0 is for short bodies in the lane, column 1 for long ones.
    """
    bit = np.zeros((len(lanes), 2), np.int64)
    conflict = np.zeros((len(lanes), 2), np.int64)
    members: dict[int, list[int]] = {}
    for i, lane in enumerate(lanes):
        if lane.junction >= 0:
            members.setdefault(lane.junction, []).append(i)
    for inside in members.values():
        lines = np.array([LineString(lanes[i].curve.xy) for i in inside])
        bends = np.array([np.ptp(np.unwrap(lanes[i].curve.h)) > BEND_RAD for i in inside])
        sharp = np.array([_turns_within(lanes[i], SHARP_M).any() for i in inside])
        far = shapely.distance(lines[:, None], lines[None, :])  # (K, K)
        for_long = far < np.where(bends[:, None] | bends[None, :], BEND_M, STRAIGHT_M)
        for_short = far < np.where(sharp[:, None] | sharp[None, :], BEND_M, STRAIGHT_M)
        bits = np.int64(1) << (np.arange(len(inside)) % MAX_BITS)
        with_long = np.array([np.bitwise_or.reduce(bits[row]) for row in for_long])
        with_short = np.array([np.bitwise_or.reduce(bits[row]) for row in for_short])
        bit[inside] = np.stack([bits, bits << LONG_SHIFT], axis=1)
        conflict[inside, 0] = with_short | with_long << LONG_SHIFT
        conflict[inside, 1] = with_long | with_long << LONG_SHIFT
    return bit, conflict


def _close_pairs(lanes: list[Lane]) -> list[tuple[int, int]]:
    """Pairs i < j closer than CONFLICT_M that are neither successive, opposite twins nor of one junction."""
    lines = [LineString(lane.curve.xy) for lane in lanes]
    if not lines:
        return []
    pairs = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=CONFLICT_M).T
    return sorted((int(i), int(j)) for i, j in pairs if i < j and _are_strangers(lanes, int(i), int(j)))


def _are_strangers(lanes: list[Lane], i: int, j: int) -> bool:
    a, b = lanes[i], lanes[j]
    if j in a.succ or i in b.succ or (a.chain >= 0 and a.chain == b.chain):
        return False
    return a.junction < 0 or a.junction != b.junction


def _split_close(lanes: list[Lane]) -> None:
    """Cut road lanes around the stretches that are close to strangers."""
    lines = [LineString(lane.curve.xy) for lane in lanes]
    near: dict[int, list[int]] = {}
    for i, j in _close_pairs(lanes):
        near.setdefault(i, []).append(j)
        near.setdefault(j, []).append(i)
    for i in sorted(near):
        lane = lanes[i]
        if lane.junction >= 0 or lane.curve.length < 2.0 * SMALLEST_M:
            continue
        others = shapely.union_all([lines[j] for j in near[i]])
        cuts = _cuts(lane, shapely.distance(shapely.points(lane.curve.xy), others) < CONFLICT_M, PAD_M)
        if len(cuts) > 2:
            _split(lanes, i, cuts)


def _lock_bends(lanes: list[Lane]) -> None:
    """Cut both lanes of a road round its tight bends; the pieces join the junction they lead into, or are a new one."""
    twins: dict[int, list[int]] = {}
    for i, lane in enumerate(lanes):
        if lane.chain >= 0 and lane.junction < 0:
            twins.setdefault(lane.chain, []).append(i)
    entered_from = {j: lane.junction for lane in lanes for j in lane.succ}
    num = max((lane.junction for lane in lanes), default=-1) + 1
    for pair in twins.values():
        spots = shapely.MultiPoint(
            np.concatenate([lanes[i].curve.xy[_turns_within(lanes[i], TIGHT_BEND_M)] for i in pair])
        )
        if len(pair) != 2 or spots.is_empty:
            continue
        ours, theirs = (_cut_round(lanes, i, spots, entered_from) for i in pair)
        meets = ours | theirs
        for group in _side_by_side(lanes, list(ours), list(theirs)):
            label = max(meets[k] for k in group)
            for k in group:
                lanes[k].junction = num if label < 0 else label
            num += label < 0


def _side_by_side(lanes: list[Lane], ours: list[int], theirs: list[int]) -> list[set[int]]:
    """Pieces of the two lanes grouped by what lies beside what (one long piece may lie beside two short ones)."""
    groups = [{n} for n in theirs]
    for k in ours:
        line = LineString(lanes[k].curve.xy)
        beside = [g for g in groups if any(LineString(lanes[n].curve.xy).distance(line) < BEND_M for n in g - {*ours})]
        groups = [g for g in groups if g not in beside] + [{k}.union(*beside)]
    return groups


def _cut_round(lanes: list[Lane], i: int, spots: shapely.Geometry, entered_from: dict[int, int]) -> dict[int, int]:
    """Split lane i round what lies by the spots. -> the pieces there and the junction that each touches, or -1."""
    lane = lanes[i]
    is_near = shapely.distance(shapely.points(lane.curve.xy), spots) < lane.width_m + 1.0
    cuts = _cuts(lane, is_near, BEND_PAD_M)
    inside = [bool(is_near[(lane.curve.s >= a) & (lane.curve.s <= b)].any()) for a, b in pairwise(cuts)]
    pieces = [i, *range(len(lanes), len(lanes) + len(inside) - 1)]
    if len(inside) > 1:
        _split(lanes, i, cuts)
    found = {}
    for k, is_bend in zip(pieces, inside, strict=True):
        after = max((lanes[n].junction for n in lanes[k].succ), default=-1) if k == pieces[-1] else -1
        if is_bend:
            found[k] = max(after, entered_from.get(i, -1) if k == i else -1)
    return found


def _turns_within(lane: Lane, radius_m: float) -> np.ndarray:
    """(n,) bool: points of the curve where it turns tighter than the radius."""
    c = lane.curve
    h = np.unwrap(c.h)
    turn = np.interp(c.s + 0.5 * BEND_WINDOW_M, c.s, h) - np.interp(c.s - 0.5 * BEND_WINDOW_M, c.s, h)
    return np.abs(turn) > BEND_WINDOW_M / radius_m


def _cuts(lane: Lane, is_close: np.ndarray, pad_m: float) -> list[float]:
    """Arc lengths 0 .. length at which to cut, pieces alternating between close and clear."""
    s, length = lane.curve.s, lane.curve.length
    edges = np.flatnonzero(np.diff(np.concatenate([[0], is_close.astype(np.int8), [0]])))
    stretches: list[list[float]] = []
    for a, b in zip(edges[::2], edges[1::2] - 1, strict=True):
        low, high = max(0.0, s[a] - pad_m), min(length, s[b] + pad_m)
        if stretches and low - stretches[-1][1] < JOIN_M:
            stretches[-1][1] = high
        else:
            stretches.append([low, high])
    marks = {0.0, length}
    for low, high in stretches:
        marks |= {0.0 if low < SMALLEST_M else float(low), length if high > length - SMALLEST_M else float(high)}
    return sorted(marks)


def _split(lanes: list[Lane], i: int, cuts: list[float]) -> None:
    """Replace lane i by its pieces: the first keeps the number, the last inherits the successors."""
    lane, onward = lanes[i], lanes[i].succ
    whole, limit_s, limit_mps, edges = lane.curve, lane.limit_s, lane.limit_mps, lane.edge
    previous = None
    for a, b in pairwise(cuts):
        first = max(0, int(np.searchsorted(limit_s, a + 1e-9, side="right")) - 1)
        last = max(first + 1, int(np.searchsorted(limit_s, b - 1e-9, side="left")))
        starts = np.maximum(limit_s[first:last] - a, 0.0)
        piece = (cut(whole, a, b), starts, limit_mps[first:last], edges[first:last])
        if previous is None:
            lane.curve, lane.limit_s, lane.limit_mps, lane.edge = piece
            previous = lane
        else:
            curve, starts, mps, names = piece
            new = Lane(curve, lane.kind, lane.width_m, starts, mps, names, -1, lane.has_opposite, lane.chain)
            lanes.append(new)
            previous.succ = [len(lanes) - 1]
            previous = new
    previous.succ = onward
