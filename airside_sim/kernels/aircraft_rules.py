"""Who may move: right of way between aircraft and the admission of new movements.

Every movement (an arrival; a push with its taxi-out) gets a number when it is admitted, and yields to all lower
numbers: it may take a pose only if no aircraft with a lower number will still sweep over it. A newcomer is admitted
only at a pose that satisfies this, so nobody ever stands in the way of a lower number: the lowest can always go, and
neither a deadlock nor an overlap can arise, whatever the order at merges, on two-way taxilanes and in turns. (Holding
all taxi edges of a path per direction was tried: it allowed about one movement at a time on two-way taxiways.)
"""

import math

from airside_sim.columns import Aircraft
from airside_sim.constants import AircraftPhase
from airside_sim.jit import njit
from airside_sim.kernels.aircraft_motion import RAIL_STEP_M, meets_aircraft, rail_pose

NEWCOMER = 1e18  # order of an aircraft that is not admitted yet
SPAN_STEP_M = 8.0  # the boxes of both aircraft and the margin cover what lies between
STATIC_MARGIN_M = 0.5  # to the boxes of parked aircraft


@njit
def is_mover(phase):
    """Holds a movement number: taxiing, being pushed or about to be."""
    return phase == AircraftPhase.TAXI_IN or phase >= AircraftPhase.BEACON_ON


@njit
def path_end(row, b):
    """Arc length at which the aircraft's movement along PATH ends."""
    path = int(row[Aircraft.PATH])
    phase = int(row[Aircraft.PHASE])
    if phase == AircraftPhase.TAXI_OUT:
        return row[Aircraft.OUT_END]
    if phase == AircraftPhase.TAXI_IN:
        return b.path_len[path] - row[Aircraft.WHEELBASE]
    return b.path_len[path]


@njit
def sweep_meets(b, path, s, s_end, sweeper, row, x, y, c, sn, margin_m):
    """Aircraft `sweeper` going along a path from s to s_end comes within margin_m of aircraft `row` posed at x, y.

    Distance to the pose shrinks at most 1 m per metre of path, so far stretches are jumped over. The chord between two
    rail points serves as heading, which saves the sine and cosine.
    """
    round_m = sweeper[Aircraft.RADIUS] + row[Aircraft.RADIUS] + margin_m
    first = b.path_pt0[path]
    last = b.path_pt0[path + 1] - 2
    ds = b.path_ds[path]
    along = (b.path_x[first + 1] - b.path_x[first]) * math.cos(b.path_h[first])
    along += (b.path_y[first + 1] - b.path_y[first]) * math.sin(b.path_h[first])
    forward = 1.0 if along > 0.0 else -1.0  # a push goes tail first
    while True:
        k = min(first + int(max(s, 0.0) / ds), last)
        dx = (b.path_x[k + 1] - b.path_x[k]) / ds
        dy = (b.path_y[k + 1] - b.path_y[k]) / ds
        rest = min(max(s, 0.0) - (k - first) * ds, ds)
        px = b.path_x[k] + rest * dx
        py = b.path_y[k] + rest * dy
        far_m = math.hypot(px - x, py - y)
        if far_m <= round_m and meets_aircraft(row, x, y, c, sn, sweeper, px, py, forward * dx, forward * dy, margin_m):
            return True
        if s >= s_end:
            return False
        s = min(s + max(RAIL_STEP_M, far_m - round_m), s_end)


@njit
def mover_needs(other, b, row, x, y, c, sn, margin_m):
    """The moving aircraft `other` will still sweep over the pose."""
    end = path_end(other, b)
    if sweep_meets(b, int(other[Aircraft.PATH]), other[Aircraft.S], end, other, row, x, y, c, sn, margin_m):
        return True
    out = int(other[Aircraft.NEXT_PATH])
    if out < 0:
        return False
    return sweep_meets(b, out, 0.0, other[Aircraft.OUT_END], other, row, x, y, c, sn, margin_m)


@njit
def pose_allowed(aircraft, i, b, path, s, order, margin_m):
    """No mover with a number below `order` needs the pose of aircraft i at arc length s of a path."""
    x, y, h = rail_pose(b, path, s)
    c = math.cos(h)
    sn = math.sin(h)
    row = aircraft[i]
    for j in range(aircraft.shape[0]):
        if j == i or not is_mover(int(aircraft[j, Aircraft.PHASE])) or aircraft[j, Aircraft.ORDER] >= order:
            continue
        if mover_needs(aircraft[j], b, row, x, y, c, sn, margin_m):
            return False
    return True


@njit
def span_allowed(aircraft, i, b, path, s, s_end, order, margin_m):
    """`pose_allowed` for every pose from s to s_end, the last one first: it is the likeliest to be needed."""
    while True:
        if not pose_allowed(aircraft, i, b, path, s_end, order, margin_m):
            return False
        if s_end <= s:
            return True
        s_end = max(s_end - SPAN_STEP_M, s)


@njit
def extend_probe(aircraft, i, b, want_s, margin_m):
    """Push the known-free arc length of aircraft i on towards want_s; False when somebody who goes first needs it."""
    row = aircraft[i]
    path = int(row[Aircraft.PATH])
    while row[Aircraft.PROBE_S] < want_s:
        s = min(row[Aircraft.PROBE_S] + RAIL_STEP_M, want_s)
        if not pose_allowed(aircraft, i, b, path, s, row[Aircraft.ORDER], margin_m):
            return False
        row[Aircraft.PROBE_S] = s
    return True


@njit
def parked_pose(b, row):
    """Main-gear pose of an aircraft with its nose wheel on the stop of its stand."""
    k = int(row[Aircraft.STAND])
    c = math.cos(b.stand_h[k])
    sn = math.sin(b.stand_h[k])
    return b.stand_x[k] - row[Aircraft.WHEELBASE] * c, b.stand_y[k] - row[Aircraft.WHEELBASE] * sn, c, sn


@njit
def clear_of_parked(aircraft, i, b, path, s, s_end):
    """The sweep of aircraft i along a path touches no stand that is, or will be, occupied by another."""
    row = aircraft[i]
    for j in range(aircraft.shape[0]):
        phase = int(aircraft[j, Aircraft.PHASE])
        if j == i or phase == AircraftPhase.AWAY or phase > AircraftPhase.PARKED:
            continue
        x, y, c, sn = parked_pose(b, aircraft[j])
        if sweep_meets(b, path, s, s_end, row, aircraft[j], x, y, c, sn, STATIC_MARGIN_M):
            return False
    return True


@njit
def next_order(aircraft):
    """Number of the next admitted movement: behind all present ones."""
    last = 0.0
    for j in range(aircraft.shape[0]):
        if is_mover(int(aircraft[j, Aircraft.PHASE])):
            last = max(last, aircraft[j, Aircraft.ORDER])
    return last + 1.0


@njit
def count_movers(aircraft):
    n = 0
    for j in range(aircraft.shape[0]):
        if is_mover(int(aircraft[j, Aircraft.PHASE])):
            n += 1
    return n
