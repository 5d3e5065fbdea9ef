"""Does anything excuse a standing ego? The 30 s no-progress rule counts only ticks on which nothing blocks."""

import math

from airside_sim.columns import Body, Ego, Episode, Junction, Route, RouteFeature, Stand
from airside_sim.constants import ROUTE_STEP_M, ActorClass, ClearanceState, FeatureKind
from airside_sim.jit import njit
from airside_sim.kernels.clearance import is_crossing
from airside_sim.kernels.walk_crossings import is_wanted

LINE_REACH_M = 20.0  # a closed line this near ahead excuses waiting
JUNCTION_REACH_M = 20.0
ACTOR_REACH_M = 45.0
ROOM_M = 5.0  # kept beyond a junction that must not be blocked
BAND_M = 2.6  # half width of the strip ahead that must be free: half the ego plus 1.6 m


@njit
def _room_needed(e, w, b, first, points):
    """Metres ahead that must be free to enter the next junction: to its end and the whole train; 0 without one."""
    n = first
    last = min(points, first + int(JUNCTION_REACH_M))
    while n < last and b.lane_junction[int(w.route[e, n, Route.LANE])] < 0:
        n += 1
    if n == last:
        return 0.0
    cluster = b.lane_junction[int(w.route[e, n, Route.LANE])]
    while n < points and b.lane_junction[int(w.route[e, n, Route.LANE])] == cluster:
        n += 1
    return float(n - first) * ROUTE_STEP_M + w.ego[e, Ego.TRAIN_LENGTH] + ROOM_M


@njit
def _line_closed(e, w, b, m, reach_m):
    """A crossing without grant, a closed stand zone or a walk crossing with people within reach ahead."""
    s_front = w.episode[e, Episode.S_FRONT]
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        to_line_m = w.feature[e, f, RouteFeature.S_STOP] - s_front
        if to_line_m > reach_m or to_line_m < -1.0:
            continue
        kind = int(w.feature[e, f, RouteFeature.KIND])
        ident = int(w.feature[e, f, RouteFeature.ID])
        if is_crossing(kind):
            if w.feature[e, f, RouteFeature.STATE] != ClearanceState.GRANTED and to_line_m >= 0.0:
                return True
        elif kind == FeatureKind.STAND_ZONE:
            if w.stand[e, ident - b.map_stand0[m], Stand.CLOSED] > 0.0:
                return True
        elif kind == FeatureKind.WALK_CROSSING:
            local = ident - b.map_walkx0[m]
            if is_wanted(w.walk_crossing[e, local]):
                return True
    return False


@njit
def _junction_taken(e, w, b, m, first, last):
    """A junction ahead is held by others and not by the ego."""
    for n in range(first, last):
        cluster = b.lane_junction[int(w.route[e, n, Route.LANE])]
        if cluster >= 0:
            local = cluster - b.map_junction0[m]
            if w.junction[e, local, Junction.EGO_FLAG] == 0 and w.junction[e, local, Junction.HOLDERS] > 0:
                return True
    return False


@njit
def _near_route(e, w, x, y, reach_m, first, last):
    for n in range(first, last, 2):
        if math.hypot(x - w.route[e, n, Route.X], y - w.route[e, n, Route.Y]) < reach_m:
            return True
    return False


@njit
def _actor_ahead(e, w, first, last, reach_m):
    """A vehicle, a person, or an aircraft that moves or shows its beacon, in the strip ahead."""
    x = w.ego[e, Ego.X]
    y = w.ego[e, Ego.Y]
    for n in range(w.body.shape[1]):
        kind = int(w.body[e, n, Body.CLASS])
        if kind < 0:
            continue
        if kind == ActorClass.AIRCRAFT and w.body[e, n, Body.BEACON] == 0.0:
            continue
        bx = w.body[e, n, Body.X]
        by = w.body[e, n, Body.Y]
        size_m = w.body[e, n, Body.RADIUS]
        if math.hypot(bx - x, by - y) > reach_m + 8.0 + size_m:
            continue
        if kind != ActorClass.AIRCRAFT and kind != ActorClass.PERSONNEL:
            # the middle of the box: its reference is the rear axle
            mid = 0.5 * (w.body[e, n, Body.FRONT] - w.body[e, n, Body.REAR])
            bx += mid * w.body[e, n, Body.COS]
            by += mid * w.body[e, n, Body.SIN]
            size_m = 0.5 * (w.body[e, n, Body.FRONT] + w.body[e, n, Body.REAR])
        if _near_route(e, w, bx, by, BAND_M + size_m, first, last):
            return True
    return False


@njit
def _hazard_ahead(e, w, first, last):
    """A hazard quad covers the route ahead (tested at its bounding box: waiting short of it is prudent)."""
    for z in range(w.hazard.shape[1]):
        quad = w.hazard[e, z]
        if quad[8] == 0.0:
            continue
        low_x = min(quad[0], quad[2], quad[4], quad[6])
        high_x = max(quad[0], quad[2], quad[4], quad[6])
        low_y = min(quad[1], quad[3], quad[5], quad[7])
        high_y = max(quad[1], quad[3], quad[5], quad[7])
        for n in range(first, last):
            x = w.route[e, n, Route.X]
            y = w.route[e, n, Route.Y]
            if low_x - BAND_M < x < high_x + BAND_M and low_y - BAND_M < y < high_y + BAND_M:
                return True
    return False


@njit
def is_blocked(e, w, b):
    """True when a closed line, a taken junction, an actor or a hazard lies just ahead on the route."""
    m = int(w.episode[e, Episode.MAP])
    first = max(0, int(w.episode[e, Episode.S_FRONT] / ROUTE_STEP_M))
    points = int(w.episode[e, Episode.ROUTE_POINTS])
    room_m = _room_needed(e, w, b, first, points)
    if _line_closed(e, w, b, m, max(LINE_REACH_M, room_m)):
        return True
    reach_m = max(ACTOR_REACH_M, room_m)
    last = min(points, first + int(reach_m))
    if _junction_taken(e, w, b, m, first, min(points, first + int(JUNCTION_REACH_M))):
        return True
    return _actor_ahead(e, w, first, last, reach_m) or _hazard_ahead(e, w, first, last)
