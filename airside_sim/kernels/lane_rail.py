"""Lanes as rails: where a point behind or ahead of a vehicle's front bumper lies, and which lane comes next.

A vehicle is its front bumper at (LANE, S) plus the lanes it came from (PREV_LANE*), so every axle of it and of its
dollies is a point of the rail behind. `Net` is the part of a MapBank that ground traffic reads, for one map.
"""

import math
from typing import NamedTuple

import numpy as np

from airside_sim.geometry import wrap_angle
from airside_sim.jit import njit
from airside_sim.world import LANES_PER_VEHICLE, Vehicle


class Rail(NamedTuple):
    """Lane centrelines: all that places a point needs."""

    pt0: np.ndarray  # (L+1,)
    length: np.ndarray  # (L,) m
    ds: np.ndarray  # (L,) m
    x: np.ndarray  # (Q,)
    y: np.ndarray


class Way(NamedTuple):
    """The routing table of one map; the ints are its offsets in the bank."""

    lane0: int
    num_lanes: int
    dest0: int
    num_dests: int
    next_off: int
    next_lane: np.ndarray


class Net(NamedTuple):
    """Lanes, lane features and destinations of one map; ids are global. Parts that leaf kernels need are nested:
    every array of an argument costs compile time and, in calls, run time."""

    rail: Rail
    way: Way
    kind: np.ndarray  # (L,) LaneKind
    junction: np.ndarray  # (L,) global junction, -1
    succ0: np.ndarray
    succ: np.ndarray
    pred0: np.ndarray
    pred: np.ndarray
    h: np.ndarray  # (Q,)
    limit: np.ndarray
    feat0: np.ndarray
    feat_kind: np.ndarray
    feat_id: np.ndarray
    feat_stop: np.ndarray
    feat_in: np.ndarray
    feat_out: np.ndarray
    dest_lane: np.ndarray
    dest_s: np.ndarray


@njit
def rail_of(b):
    """Centrelines of the bank."""
    return Rail(b.lane_pt0, b.lane_len, b.lane_ds, b.pt_x, b.pt_y)


@njit
def net_of(b, m):
    """View of map m of the bank."""
    way = Way(
        int(b.map_lane0[m]), int(b.map_lane0[m + 1] - b.map_lane0[m]), int(b.map_dest0[m]),
        int(b.map_dest0[m + 1] - b.map_dest0[m]), int(b.next_off[m]), b.next_lane,
    )  # fmt: skip
    return Net(
        rail_of(b), way, b.lane_kind, b.lane_junction, b.lane_succ0, b.lane_succ, b.lane_pred0, b.lane_pred,
        b.pt_h, b.pt_limit, b.feat0, b.feat_kind, b.feat_id, b.feat_s_stop, b.feat_s_in, b.feat_s_out,
        b.dest_lane, b.dest_s,
    )  # fmt: skip


@njit
def lane_point(rail, lane, s):
    """Map point at arc length s of a lane; beyond either end the lane goes on straight."""
    first = rail.pt0[lane]
    last = rail.pt0[lane + 1] - 1
    x = rail.x
    y = rail.y
    u = s / rail.ds[lane]
    i = int(min(max(math.floor(u), 0.0), float(last - first - 1)))
    f = u - i
    k = first + i
    return x[k] + f * (x[k + 1] - x[k]), y[k] + f * (y[k + 1] - y[k])


@njit
def point_behind(row, rail, back_m):
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
        s += rail.length[lane]
    return lane_point(rail, lane, s)


@njit
def next_on_path(row, way, lane):
    """Lane after `lane` on the way to DEST, and beyond it to NEXT_DEST; -1 when the path ends."""
    local = lane - way.lane0
    dest = int(row[Vehicle.DEST])
    after = -1
    if dest >= 0:
        after = way.next_lane[way.next_off + (dest - way.dest0) * way.num_lanes + local]
    if after < 0:
        dest = int(row[Vehicle.NEXT_DEST])
        if dest >= 0:
            after = way.next_lane[way.next_off + (dest - way.dest0) * way.num_lanes + local]
    return after


@njit
def point_ahead(row, rail, way, ahead_m):
    """Map point ahead_m in front of the front bumper along the path (straight on where the path ends)."""
    if ahead_m <= 0.0:
        return point_behind(row, rail, -ahead_m)
    lane = int(row[Vehicle.LANE])
    s = row[Vehicle.S] + ahead_m
    for _ in range(12):
        if s <= rail.length[lane]:
            break
        after = next_on_path(row, way, lane)
        if after < 0:
            break
        s -= rail.length[lane]
        lane = after
    return lane_point(rail, lane, s)


@njit
def curvature_at(h, ds, k):
    """Absolute curvature between points k and k + 1 of a lane, 1/m, from their headings h."""
    return abs(wrap_angle(h[k + 1] - h[k])) / ds


@njit
def extend_rail(row, net):
    """Fill the PREV_LANE* of a newly placed vehicle with predecessors until its tail lies on the rail."""
    need = row[Vehicle.LENGTH] + 2.0 - row[Vehicle.S]
    lane = int(row[Vehicle.LANE])
    for k in range(LANES_PER_VEHICLE - 1):
        row[Vehicle.PREV_LANE0 + k] = -1.0
    for k in range(LANES_PER_VEHICLE - 1):
        if need <= 0.0 or net.pred0[lane] == net.pred0[lane + 1]:
            break
        lane = int(net.pred[net.pred0[lane]])
        row[Vehicle.PREV_LANE0 + k] = lane
        need -= net.rail.length[lane]


@njit
def roll_over(row, net, after):
    """Move the front bumper from the end of its lane to the start of lane `after`."""
    for k in range(LANES_PER_VEHICLE - 2, 0, -1):
        row[Vehicle.PREV_LANE0 + k] = row[Vehicle.PREV_LANE0 + k - 1]
    row[Vehicle.PREV_LANE0] = row[Vehicle.LANE]
    row[Vehicle.S] -= net.rail.length[int(row[Vehicle.LANE])]
    row[Vehicle.LANE] = after


@njit
def node_lane(row, k):
    """Lane of node k: the front lane (k = 0) or PREV_LANE(k-1)."""
    return int(row[Vehicle.LANE]) if k == 0 else int(row[Vehicle.PREV_LANE0 + k - 1])


@njit
def node_span(row, lengths, k):
    """Arc lengths (low, high) that a vehicle covers on its node k's lane; low > high when it does not reach it."""
    if k == 0:
        return max(0.0, row[Vehicle.S] - row[Vehicle.LENGTH]), row[Vehicle.S]
    left = row[Vehicle.LENGTH] - row[Vehicle.S]
    for i in range(k - 1):
        left -= lengths[int(row[Vehicle.PREV_LANE0 + i])]
    high = lengths[int(row[Vehicle.PREV_LANE0 + k - 1])]
    if left <= 0.0:
        return high + 1.0, high
    return max(0.0, high - left), high
