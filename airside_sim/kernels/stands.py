"""Stand zones: the road intervals that a stand's aircraft sweeps, when they are closed, and which stands are in play.

Contract for drivers: a zone (FeatureKind.STAND_ZONE, local stand k) is closed while `world.stand[e, k, Stand.CLOSED]`
is 1. It closes early enough (arrival: `zone_notice_m` before the zone; departure: the whole beacon time) for vehicles
inside to leave, and the aircraft does not move into it while `Stand.OCCUPANTS` is above 0.
"""

import math

from airside_sim.columns import Aircraft, Episode, Stand
from airside_sim.constants import AircraftPhase, FeatureKind
from airside_sim.jit import njit
from airside_sim.kernels.aircraft_motion import NEVER_M, RAIL_STEP_M, meets_point, rail_pose

TUG_NONE = 0.0
TUG_COUPLED = 1.0
TUG_HOME = 2.0
TUG_RETURNING = 3.0
LEAVE_SCAN_M = 150.0  # of the taxi-out path that can still lie over the stand's roads
ARRIVE_SCAN_M = 250.0
POINT_STEP_M = 3.0


@njit
def _touches(b, lane, s_in, s_out, row, x, y, c, s, margin_m):
    """The outline posed at x, y covers a point of the lane interval, or comes within margin_m of it."""
    far_m = row[Aircraft.RADIUS] + margin_m
    u = s_in
    while True:
        k = b.lane_pt0[lane] + int(u / b.lane_ds[lane] + 0.5)
        k = min(k, b.lane_pt0[lane + 1] - 1)
        dx = b.pt_x[k] - x
        dy = b.pt_y[k] - y
        if dx * dx + dy * dy < far_m * far_m and meets_point(row, x, y, c, s, b.pt_x[k], b.pt_y[k], margin_m):
            return True
        if u >= s_out:
            return False
        u = min(u + POINT_STEP_M, s_out)


@njit
def zone_window(b, m, stand, row, path, s, s_end, margin_m):
    """First and last arc length in [s, s_end] of a path with the outline over the stand zone (NEVER_M, -1: none)."""
    first = NEVER_M
    last = -1.0
    for lane in range(b.map_lane0[m], b.map_lane0[m + 1]):
        for f in range(b.feat0[lane], b.feat0[lane + 1]):
            if b.feat_kind[f] != FeatureKind.STAND_ZONE or b.feat_id[f] != stand:
                continue
            reach_m = margin_m + 0.5 * b.lane_width[lane]
            at_s = s
            while at_s <= s_end:
                if at_s < first or at_s > last:
                    x, y, h = rail_pose(b, path, at_s)
                    if _touches(b, lane, b.feat_s_in[f], b.feat_s_out[f], row, x, y, math.cos(h), math.sin(h), reach_m):
                        first = min(first, at_s)
                        last = max(last, at_s)
                at_s += RAIL_STEP_M
    return first, last


@njit
def arrival_zone_s(b, m, row, path, margin_m):
    """Arc length on an arrival path where the zone begins; without a road in the way, 30 m before the stop."""
    stand = int(row[Aircraft.STAND])
    end = b.path_len[path] - row[Aircraft.WHEELBASE]
    first, _ = zone_window(b, m, stand, row, path, max(end - ARRIVE_SCAN_M, 0.0), end, margin_m)
    if first > end:
        return max(end - 30.0, 0.0)
    return max(first - RAIL_STEP_M, 0.0)


@njit
def departure_zone_s(b, m, row, push, out, margin_m):
    """Progress (push arc length, then push length + taxi-out arc length) at which the zone is left behind."""
    stand = int(row[Aircraft.STAND])
    length = b.path_len[push]
    start = row[Aircraft.WHEELBASE]
    _, last = zone_window(b, m, stand, row, out, 0.0, min(b.path_len[out], LEAVE_SCAN_M), margin_m)
    if last >= 0.0:
        return length + last + RAIL_STEP_M
    _, last = zone_window(b, m, stand, row, push, start, length, margin_m)
    if last >= 0.0:
        return min(last + RAIL_STEP_M, length)
    return min(start + row[Aircraft.FUSE_FRONT], length)


@njit
def _is_closed(row, push_end, notice_m, tug_notice_s):
    phase = int(row[Aircraft.PHASE])
    if row[Aircraft.TUG] == TUG_RETURNING:
        return True
    if phase == AircraftPhase.TAXI_IN:
        return row[Aircraft.S] > row[Aircraft.ZONE_IN] - notice_m
    if phase == AircraftPhase.SHUTDOWN or phase == AircraftPhase.BEACON_ON:
        return True
    if phase == AircraftPhase.PUSHBACK or phase == AircraftPhase.TAXI_OUT:
        return row[Aircraft.S] < row[Aircraft.ZONE_OUT]
    if phase == AircraftPhase.START_UP:
        waiting = row[Aircraft.TUG] == TUG_COUPLED and row[Aircraft.TIMER] < tug_notice_s
        return waiting or push_end < row[Aircraft.ZONE_OUT]
    return False


@njit
def update_stand(stand, local, i, row, push_end, notice_m, tug_notice_s):
    """Write one stand's AIRCRAFT and CLOSED. stand: (S, Stand) of one env; the slot counts until its push is over."""
    phase = int(row[Aircraft.PHASE])
    here = phase >= AircraftPhase.TAXI_IN and phase <= AircraftPhase.PUSHBACK
    stand[local, Stand.AIRCRAFT] = float(i) if here else -1.0
    stand[local, Stand.CLOSED] = 1.0 if _is_closed(row, push_end, notice_m, tug_notice_s) else 0.0


@njit
def route_distance2(route, points, x, y):
    """Squared distance of a point to the route, sampled every 20 m (0 when there is no route)."""
    if points < 1:
        return 0.0
    best = NEVER_M * NEVER_M
    for n in range(0, points, 20):
        best = min(best, (route[n, 0] - x) ** 2 + (route[n, 1] - y) ** 2)
    return best


@njit
def assign_stands(e, w, b, m):
    """Give each aircraft slot its stand for the episode: all of the map, or the nearest to the route. -> slots used.

    One slot belongs to one stand, so a tug never has to change stands and a stand never gets two aircraft.
    """
    stand0 = b.map_stand0[m]
    stands = b.map_stand0[m + 1] - stand0
    slots = min(w.aircraft.shape[1], stands)
    points = int(w.episode[e, Episode.ROUTE_POINTS])
    for k in range(stands):
        w.stand[e, k, Stand.AIRCRAFT] = -1.0
        w.stand[e, k, Stand.CLOSED] = 0.0
        if slots < stands:
            far = route_distance2(w.route[e], points, b.stand_x[stand0 + k], b.stand_y[stand0 + k])
            w.stand[e, k, Stand.NEXT_ARRIVAL] = far  # scratch until the end of this function
    for i in range(slots):
        pick = i
        if slots < stands:
            for k in range(stands):
                if w.stand[e, k, Stand.NEXT_ARRIVAL] < w.stand[e, pick, Stand.NEXT_ARRIVAL]:
                    pick = k
            w.stand[e, pick, Stand.NEXT_ARRIVAL] = 2.0 * NEVER_M * NEVER_M
        w.aircraft[e, i, Aircraft.STAND] = stand0 + pick
    for k in range(stands):
        w.stand[e, k, Stand.NEXT_ARRIVAL] = 0.0
    for i in range(slots, w.aircraft.shape[1]):
        w.aircraft[e, i, Aircraft.STAND] = -1.0
    return slots
