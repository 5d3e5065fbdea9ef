"""Crossing clearances: requested within 60 m of the stop line, answered after 3-20 s, held while an aircraft is near.

An aircraft is near when its time to the crossing is below the ego's clear time plus 8 s; the clear time is that for
distance to the line + strip + train at 15 km/h (less where the limit is less) plus 1.5 s of reaction. A grant is
withdrawn only before the front passes the line, and only while gentle braking still stops short of it. Passing the
line without a grant is a violation, once per crossing; at a runway it is an incursion.
"""

from airside_sim import rng
from airside_sim.columns import Crossing, Ego, Episode, Route, RouteFeature, Sky, Stand
from airside_sim.constants import ROUTE_STEP_M, ClearanceState, EventKind, FeatureKind, HazardKind
from airside_sim.jit import njit
from airside_sim.kernels.hazards import KIND, first_covered
from airside_sim.kernels.referee import record

WAIT_REACH_M = 60.0  # a junction may lie between the line and where the ego waits
STANDING_MPS = 0.3
HAZARD_REACH_M = 12
HAZARD_MARGIN_M = 1.6  # half the ego and a little


@njit
def is_crossing(kind):
    """True for features that need a clearance."""
    return kind == FeatureKind.TAXI_CROSSING or kind == FeatureKind.RUNWAY_CROSSING


@njit
def clear_time_s(distance_m, strip_m, train_m, speed_mps, reaction_s):
    """Seconds until the tail has left the strip (domain notes 4.3: 72 m at 15 km/h + 1.5 s = 19 s)."""
    return reaction_s + (max(0.0, distance_m) + strip_m + train_m) / speed_mps


@njit
def _crossing_speed(e, w, vt, p, s_stop):
    n = min(max(int(s_stop / ROUTE_STEP_M), 0), int(w.episode[e, Episode.ROUTE_POINTS]) - 1)
    top = min(vt.max_speed_mps[int(w.ego[e, Ego.VEHICLE])], w.sky[e, Sky.SPEED_CAP])
    return max(0.5, min(p.ep_crossing_speed_mps, w.route[e, n, Route.LIMIT], top))


@njit
def _conflicting(e, w, vt, p, f, local, distance_m):
    """True while an aircraft would reach the crossing before the ego has cleared it, margin included."""
    if w.feature[e, f, RouteFeature.WITHHELD] > 0.0:
        return True  # by the controller's own will
    time_s = w.crossing[e, local, Crossing.TIME_TO_CONFLICT]
    s_stop = w.feature[e, f, RouteFeature.S_STOP]
    strip_m = w.feature[e, f, RouteFeature.S_OUT] - s_stop
    speed = _crossing_speed(e, w, vt, p, s_stop)
    need_s = clear_time_s(distance_m, strip_m, w.ego[e, Ego.TRAIN_LENGTH], speed, p.ep_reaction_s)
    return time_s < need_s + p.ep_clearance_margin_s


@njit
def _next_state(e, w, vt, p, f, local, state, distance_m):
    """Clearance state after this tick, for a front still before the line."""
    if state == ClearanceState.NONE_NEEDED:
        if distance_m > p.ep_clearance_request_m:
            return state
        w.feature[e, f, RouteFeature.TIMER] = rng.uniform_range(
            w.rng, e, p.ep_clearance_answer_low_s, p.ep_clearance_answer_high_s
        )
        return int(ClearanceState.REQUESTED)
    if state == ClearanceState.REQUESTED:
        w.feature[e, f, RouteFeature.TIMER] -= 0.1
        if w.feature[e, f, RouteFeature.TIMER] > 1e-9:
            return state
    if not _conflicting(e, w, vt, p, f, local, distance_m):
        return int(ClearanceState.GRANTED)
    if state == ClearanceState.GRANTED:
        speed = w.ego[e, Ego.SPEED]
        stop_m = speed * 0.5 + speed * speed / (2.0 * p.ep_withdraw_brake_mps2)
        return int(ClearanceState.WITHDRAWN) if stop_m + 0.5 < distance_m else state
    return state if state == ClearanceState.WITHDRAWN else int(ClearanceState.HELD)


@njit
def _note_change(e, w, f, before, after, distance_m):
    if after == before:
        return
    if after == ClearanceState.REQUESTED:
        record(e, w, int(EventKind.CLEARANCE_REQUESTED), distance_m, f, 0.0)
    elif after == ClearanceState.HELD:
        record(e, w, int(EventKind.CLEARANCE_HELD), distance_m, f, 0.0)
    elif after == ClearanceState.GRANTED:
        record(e, w, int(EventKind.CLEARANCE_GRANTED), distance_m, f, 0.0)
    elif after == ClearanceState.WITHDRAWN:
        record(e, w, int(EventKind.CLEARANCE_WITHDRAWN), distance_m, f, 0.0)


@njit
def _pass_line(e, w, f):
    """The front is past the line: without a grant a violation; a crossing on which the ego began is granted."""
    if w.feature[e, f, RouteFeature.ENTERED] == 0.0:
        w.feature[e, f, RouteFeature.ENTERED] = 1.0
        if w.feature[e, f, RouteFeature.STATE] != ClearanceState.GRANTED:
            w.feature[e, f, RouteFeature.VIOLATED] = 1.0  # the scorer books it once and turns it into 2
    elif w.feature[e, f, RouteFeature.VIOLATED] == 0.0:
        w.feature[e, f, RouteFeature.STATE] = int(ClearanceState.GRANTED)


@njit
def _update_crossing(e, w, vt, p, f, local):
    s_front = w.episode[e, Episode.S_FRONT]
    s_tail = s_front - w.ego[e, Ego.TRAIN_LENGTH]
    s_stop = w.feature[e, f, RouteFeature.S_STOP]
    s_out = w.feature[e, f, RouteFeature.S_OUT]
    if s_tail > s_out:
        if w.feature[e, f, RouteFeature.ENTERED] == 1.0:
            w.feature[e, f, RouteFeature.ENTERED] = 2.0
            record(e, w, int(EventKind.CROSSING_VACATED), s_tail - s_out, f, 0.0)
        w.feature[e, f, RouteFeature.STATE] = int(ClearanceState.NONE_NEEDED)
        return
    distance_m = s_stop - s_front
    if distance_m >= 0.0 and w.feature[e, f, RouteFeature.ENTERED] == 0.0:
        before = int(w.feature[e, f, RouteFeature.STATE])
        after = int(_next_state(e, w, vt, p, f, local, before, distance_m))
        w.feature[e, f, RouteFeature.STATE] = after
        _note_change(e, w, f, before, after, distance_m)
    else:
        _pass_line(e, w, f)
    if w.feature[e, f, RouteFeature.STATE] == ClearanceState.GRANTED:
        w.crossing[e, local, Crossing.GRANTED_EGO] = 1.0
    if s_front > w.feature[e, f, RouteFeature.S_IN]:
        w.crossing[e, local, Crossing.EGO_INSIDE] = 1.0


@njit
def _blocked_by_aircraft(e, w, f, kind, local):
    """True while the feature is closed to the ego because of an aircraft."""
    if kind == FeatureKind.STAND_ZONE:
        return w.stand[e, local, Stand.CLOSED] > 0.0
    state = w.feature[e, f, RouteFeature.STATE]
    return state == ClearanceState.HELD or state == ClearanceState.WITHDRAWN


@njit
def _update_conflict(e, w, p, f, kind, local):
    """CONFLICT: 0 none, 1 the ego waits for an aircraft, 2 over (paid or forfeited), 3 cleared now: to be paid.

    -> the ego stands before this feature because of an aircraft.
    """
    conflict = w.feature[e, f, RouteFeature.CONFLICT]
    distance_m = w.feature[e, f, RouteFeature.S_STOP] - w.episode[e, Episode.S_FRONT]
    blocked = _blocked_by_aircraft(e, w, f, kind, local)
    waits = blocked and -0.5 <= distance_m < WAIT_REACH_M and w.ego[e, Ego.SPEED] < STANDING_MPS
    if conflict >= 2.0:
        return waits
    if distance_m < -0.5:
        w.feature[e, f, RouteFeature.CONFLICT] = 2.0 if conflict == 1.0 else conflict
    elif conflict == 0.0 and blocked and distance_m < p.ep_yield_distance_m:
        w.feature[e, f, RouteFeature.CONFLICT] = 1.0
    elif conflict == 1.0 and not blocked:
        w.feature[e, f, RouteFeature.CONFLICT] = 3.0
    return waits


@njit
def _waits_for_hazard(e, w):
    """The ego stands short of the jet blast, intake or swept area of an aircraft that lies over its route."""
    if w.ego[e, Ego.SPEED] >= STANDING_MPS:
        return False
    first = max(0, int(w.episode[e, Episode.S_FRONT]))
    last = min(int(w.episode[e, Episode.ROUTE_POINTS]), first + HAZARD_REACH_M)
    for z in range(w.hazard.shape[1]):
        kind = w.hazard[e, z, KIND]
        if kind == HazardKind.NONE:
            break
        if kind != HazardKind.FUELLING:
            if first_covered(w.hazard[e, z], w.route[e], first, last, HAZARD_MARGIN_M) > first:
                return True
    return False


@njit
def _forget_ego(e, w, b, m):
    """Clear the ego's marks on the route's crossings and stands: a place may appear twice on a route."""
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        kind = int(w.feature[e, f, RouteFeature.KIND])
        ident = int(w.feature[e, f, RouteFeature.ID])
        if is_crossing(kind):
            w.crossing[e, ident - b.map_crossing0[m], Crossing.EGO_INSIDE] = 0.0
            w.crossing[e, ident - b.map_crossing0[m], Crossing.GRANTED_EGO] = 0.0
        elif kind == FeatureKind.STAND_ZONE:
            w.stand[e, ident - b.map_stand0[m], Stand.EGO_INSIDE] = 0.0


@njit
def update_clearance(e, w, b, vt, p):
    """Clearances, violations, conflicts, and which crossings and stand zones hold the ego, for every route feature.

    Where the route sets the time limit, a tick spent standing for an aircraft is added to it, up to 3 minutes.
    """
    waits = False
    m = int(w.episode[e, Episode.MAP])
    s_front = w.episode[e, Episode.S_FRONT]
    s_tail = s_front - w.ego[e, Ego.TRAIN_LENGTH]
    _forget_ego(e, w, b, m)
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        kind = int(w.feature[e, f, RouteFeature.KIND])
        ident = int(w.feature[e, f, RouteFeature.ID])
        if is_crossing(kind):
            local = ident - b.map_crossing0[m]
            _update_crossing(e, w, vt, p, f, local)
            waits |= _update_conflict(e, w, p, f, kind, local)
        elif kind == FeatureKind.STAND_ZONE:
            local = ident - b.map_stand0[m]
            if s_front > w.feature[e, f, RouteFeature.S_IN] and s_tail < w.feature[e, f, RouteFeature.S_OUT]:
                w.stand[e, local, Stand.EGO_INSIDE] = 1.0
            waits |= _update_conflict(e, w, p, f, kind, local)
    if w.episode[e, Episode.WAITS_FREE] > 0.0 and (waits or _waits_for_hazard(e, w)):
        w.episode[e, Episode.WAITS_FREE] -= 1.0
        w.episode[e, Episode.MAX_TICKS] += 1.0
