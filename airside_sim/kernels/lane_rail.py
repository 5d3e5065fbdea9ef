"""Lanes as rails: where a point behind or ahead of a vehicle's front bumper lies, and which lane comes next.

A vehicle is its front bumper at (LANE, S) plus the lanes it came from (PREV_LANE*), so every axle of it and of its
dollies is a point of the rail behind. Kernels here take the MapBank `b` by reference and, where they need the ids of
one map, its `MapIds` as `at`.
"""

import math
from typing import NamedTuple

from airside_sim.columns import LANES_PER_VEHICLE, Vehicle
from airside_sim.geometry import wrap_angle
from airside_sim.jit import njit

OVERHANG_SHARE = 0.5  # of the front overhang: that point follows the lane, so nose and flank err alike


class MapIds(NamedTuple):
    """Where the ids of one map begin in the bank. Integers only: it travels by value."""

    lane0: int
    num_lanes: int
    dest0: int
    num_dests: int
    next_off: int
    crossing0: int
    stand0: int
    walk0: int
    junction0: int


@njit
def map_ids(b, m):
    """Offsets of map m of the bank."""
    return MapIds(
        int(b.map_lane0[m]), int(b.map_lane0[m + 1] - b.map_lane0[m]), int(b.map_dest0[m]),
        int(b.map_dest0[m + 1] - b.map_dest0[m]), int(b.next_off[m]), int(b.map_crossing0[m]), int(b.map_stand0[m]),
        int(b.map_walkx0[m]), int(b.map_junction0[m]),
    )  # fmt: skip


@njit
def lane_point(b, lane, s):
    """Map point at arc length s of a lane; beyond either end the lane goes on straight."""
    first = b.lane_pt0[lane]
    last = b.lane_pt0[lane + 1] - 1
    x = b.pt_x
    y = b.pt_y
    u = s / b.lane_ds[lane]
    i = int(min(max(math.floor(u), 0.0), float(last - first - 1)))
    f = u - i
    k = first + i
    return x[k] + f * (x[k + 1] - x[k]), y[k] + f * (y[k + 1] - y[k])


@njit
def point_behind(row, b, back_m):
    """Map point back_m behind the front bumper along the rail of a vehicle row."""
    lane = int(row[Vehicle.LANE])
    s = row[Vehicle.S] - back_m
    for k in range(LANES_PER_VEHICLE - 1):
        if s >= 0.0:
            break
        before = int(row[Vehicle.PREV_LANE0 + k])
        if before < 0:
            break
        lane = before
        s += b.lane_len[lane]
    return lane_point(b, lane, s)


@njit
def next_on_path(row, b, at, lane):
    """Lane after `lane` on the way to DEST, and beyond it to NEXT_DEST; -1 when the path ends."""
    local = lane - at.lane0
    dest = int(row[Vehicle.DEST])
    after = -1
    if dest >= 0:
        after = b.next_lane[at.next_off + (dest - at.dest0) * at.num_lanes + local]
    if after < 0:
        dest = int(row[Vehicle.NEXT_DEST])
        if dest >= 0:
            after = b.next_lane[at.next_off + (dest - at.dest0) * at.num_lanes + local]
    return after


@njit
def point_ahead(row, b, at, ahead_m):
    """Map point ahead_m in front of the front bumper along the path (straight on where the path ends)."""
    if ahead_m <= 0.0:
        return point_behind(row, b, -ahead_m)
    lane = int(row[Vehicle.LANE])
    s = row[Vehicle.S] + ahead_m
    for _ in range(12):
        if s <= b.lane_len[lane]:
            break
        after = next_on_path(row, b, at, lane)
        if after < 0:
            break
        s -= b.lane_len[lane]
        lane = after
    return lane_point(b, lane, s)


@njit
def curvature_at(h, ds, k):
    """Absolute curvature between points k and k + 1 of a lane, 1/m, from their headings h."""
    return abs(wrap_angle(h[k + 1] - h[k])) / ds


@njit
def extend_rail(row, b, at):
    """Fill the PREV_LANE* of a newly placed vehicle with predecessors until its tail lies on the rail."""
    need = row[Vehicle.LENGTH] + 2.0 - row[Vehicle.S]
    lane = int(row[Vehicle.LANE])
    for k in range(LANES_PER_VEHICLE - 1):
        row[Vehicle.PREV_LANE0 + k] = -1.0
    for k in range(LANES_PER_VEHICLE - 1):
        if need <= 0.0 or b.lane_pred0[lane] == b.lane_pred0[lane + 1]:
            break
        lane = int(b.lane_pred[b.lane_pred0[lane]])
        row[Vehicle.PREV_LANE0 + k] = lane
        need -= b.lane_len[lane]


@njit
def roll_over(row, b, at, after):
    """Move the front bumper from the end of its lane to the start of lane `after`."""
    for k in range(LANES_PER_VEHICLE - 2, 0, -1):
        row[Vehicle.PREV_LANE0 + k] = row[Vehicle.PREV_LANE0 + k - 1]
    row[Vehicle.PREV_LANE0] = row[Vehicle.LANE]
    row[Vehicle.S] -= b.lane_len[int(row[Vehicle.LANE])]
    row[Vehicle.LANE] = after


@njit
def node_lane(row, k):
    """Lane of node k: the front lane (k = 0) or PREV_LANE(k-1)."""
    return int(row[Vehicle.LANE]) if k == 0 else int(row[Vehicle.PREV_LANE0 + k - 1])


@njit
def node_span(row, b, k):
    """Arc lengths (low, high) that a vehicle covers on its node k's lane; low > high when it does not reach it."""
    if k == 0:
        return max(0.0, row[Vehicle.S] - row[Vehicle.LENGTH]), row[Vehicle.S]
    left = row[Vehicle.LENGTH] - row[Vehicle.S]
    for i in range(k - 1):
        left -= b.lane_len[int(row[Vehicle.PREV_LANE0 + i])]
    high = b.lane_len[int(row[Vehicle.PREV_LANE0 + k - 1])]
    if left <= 0.0:
        return high + 1.0, high
    return max(0.0, high - left), high
