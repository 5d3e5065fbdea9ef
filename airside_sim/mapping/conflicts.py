"""Lanes that come too close: they get a common junction, whose lock keeps conflicting movements apart.

Road lanes are first split so that only the stretch that is really close belongs to the junction. Which lanes of a
junction conflict is a bit mask a lane: opposite streams through a crossroads go at the same time, crossing ones do not.
"""

from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import LineString

from airside_sim.constants import LaneKind
from airside_sim.mapping.curves import cut
from airside_sim.mapping.lane import Lane

CONFLICT_M = 3.0  # between centrelines
PAD_M = 3.0  # added to both ends of a close stretch
JOIN_M = 15.0  # close stretches with a smaller gap are one
SMALLEST_M = 6.0  # no piece of a split lane is shorter
STRAIGHT_M = 3.4  # straight lanes of one junction this far apart are passed side by side (bodies are up to 3.0 m wide)
BEND_M = 4.4  # ... when either bends: long bodies cut in and swing out
BEND_RAD = 0.2
MAX_BITS = 52  # of a mask that a float64 column holds exactly; in larger junctions lanes share bits
LONG_M = 60.0  # a close stretch longer than this is reported


def share_clusters(lanes: list[Lane], warnings: list[str]) -> int:
    """Split and label close lanes in place; returns the number of junction labels."""
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
    """-> (L,) i64 bit of each lane within its junction (0 outside), (L,) i64 bits of the lanes it conflicts with."""
    bit = np.zeros(len(lanes), np.int64)
    conflict = np.zeros(len(lanes), np.int64)
    members: dict[int, list[int]] = {}
    for i, lane in enumerate(lanes):
        if lane.junction >= 0:
            members.setdefault(lane.junction, []).append(i)
    for inside in members.values():
        lines = np.array([LineString(lanes[i].curve.xy) for i in inside])
        bends = np.array([np.ptp(np.unwrap(lanes[i].curve.h)) > BEND_RAD for i in inside])
        room_m = np.where(bends[:, None] | bends[None, :], BEND_M, STRAIGHT_M)
        close = shapely.distance(lines[:, None], lines[None, :]) < room_m  # (K, K)
        bits = np.int64(1) << (np.arange(len(inside)) % MAX_BITS)
        bit[inside] = bits
        conflict[inside] = [np.bitwise_or.reduce(bits[row]) for row in close]
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
        cuts = _cuts(lane, shapely.distance(shapely.points(lane.curve.xy), others) < CONFLICT_M)
        if len(cuts) > 2:
            _split(lanes, i, cuts)


def _cuts(lane: Lane, is_close: np.ndarray) -> list[float]:
    """Arc lengths 0 .. length at which to cut, pieces alternating between close and clear."""
    s, length = lane.curve.s, lane.curve.length
    edges = np.flatnonzero(np.diff(np.concatenate([[0], is_close.astype(np.int8), [0]])))
    stretches: list[list[float]] = []
    for a, b in zip(edges[::2], edges[1::2] - 1, strict=True):
        low, high = max(0.0, s[a] - PAD_M), min(length, s[b] + PAD_M)
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
