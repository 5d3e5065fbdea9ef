"""The scripted driver's right-of-way rules: closed lines, junction locks and the room beyond, bends, hazards."""

import math

from airside_sim.columns import Aircraft, Body, Ego, Episode, Junction, Route, RouteFeature, RuleState, Stand, Vehicle
from airside_sim.constants import AircraftPhase, ClearanceState, FeatureKind, Rule, StopReason
from airside_sim.jit import njit
from airside_sim.kernels.expert_bodies import box_distance
from airside_sim.kernels.expert_style import REACTION_S, stopping_speed, turn_at
from airside_sim.kernels.following import stopping_m
from airside_sim.kernels.hazards import CODE_D, KIND, OWNER, first_covered
from airside_sim.kernels.path_scan import LINE_M
from airside_sim.kernels.rules_actors import emergency_ahead, is_behind_engines
from airside_sim.kernels.walk_crossings import is_wanted

ROOM_M = 2.0  # kept to who stands beyond a junction
TIGHT_M = 16.0  # radius of a bend in which long vehicles swing into the other lane
BEND_LOOK_M = 26
LONG_M = 9.5
JUNCTION_LOOK_M = 40
HAZARD_M = 3.0  # kept to jet blast: who stops too near would count as inside, and go on
BESIDE_M = 7.0  # route to the front of who drives beside it
EASE_MPS = 0.6  # below the present speed: gentle braking
BEHIND_C_M = 26.0  # kept behind the tail of an aircraft with its beacon on; code D and up the second
BEHIND_E_M = 51.0
BEHIND_FAR_M = 130.0


@njit
def _feature_is_closed(e, w, b, f, style):
    """Route feature f would stop this driver now."""
    kind = int(w.feature[e, f, RouteFeature.KIND])
    ident = int(w.feature[e, f, RouteFeature.ID])
    m = int(w.episode[e, Episode.MAP])
    if kind == FeatureKind.STAND_ZONE:
        return style.sees_aircraft > 0.0 and w.stand[e, ident - b.map_stand0[m], Stand.CLOSED] > 0.0
    if kind == FeatureKind.WALK_CROSSING:
        local = ident - b.map_walkx0[m]
        return style.sees_people > 0.0 and is_wanted(w.walk_crossing[e, local])
    state = w.feature[e, f, RouteFeature.STATE]
    return style.obeys_clearance > 0.0 and state != ClearanceState.GRANTED


@njit
def _crossing_end(e, w):
    """Arc length at which the crossing that the front is in ends; -1 outside."""
    s_front = w.episode[e, Episode.S_FRONT]
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        kind = int(w.feature[e, f, RouteFeature.KIND])
        if kind == FeatureKind.TAXI_CROSSING or kind == FeatureKind.RUNWAY_CROSSING:
            if w.feature[e, f, RouteFeature.S_IN] < s_front < w.feature[e, f, RouteFeature.S_OUT]:
                return w.feature[e, f, RouteFeature.S_OUT]
    return -1.0


@njit
def _is_waited_for(e, w, b, f):
    """The aircraft that closes stand zone f has not moved yet: it lets out who is caught on a crossing."""
    stand = int(w.feature[e, f, RouteFeature.ID]) - b.map_stand0[int(w.episode[e, Episode.MAP])]
    slot = int(w.stand[e, stand, Stand.AIRCRAFT])
    return slot >= 0 and w.aircraft[e, slot, Aircraft.PHASE] == AircraftPhase.BEACON_ON


@njit
def _must_stand(e, w, f, style):
    """The rules of this episode ask for a stop at every crossing's line, and the ego has not stopped at this one."""
    if w.rule[e, Rule.STOP_LINE, RuleState.APPLIES] == 0.0 or style.obeys_clearance == 0.0:
        return False
    return w.feature[e, f, RouteFeature.STOOD] == 0.0


@njit
def stop_for_emergency(e, w, b, style):
    """Speed allowed by an emergency vehicle that wants to pass: off the junction or crossing, then stand."""
    if style.sees_vehicles == 0.0:
        return 1e9
    v, _, is_behind = emergency_ahead(e, w)
    if v < 0 or is_behind or _crossing_end(e, w) >= 0.0:
        return 1e9
    if b.lane_junction[int(w.route[e, max(0, int(w.episode[e, Episode.S_FRONT])), Route.LANE])] >= 0:
        return 1e9
    return max(0.0, w.ego[e, Ego.SPEED] - EASE_MPS)


@njit
def stop_for_features(e, w, b, style, brake, train_m):
    """Speed allowed by closed stand zones, crossings without grant and people on or at walk crossings."""
    allowed = 1e9
    s_front = w.episode[e, Episode.S_FRONT]
    speed = w.ego[e, Ego.SPEED]
    vacate_m = _crossing_end(e, w)
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        to_stop = w.feature[e, f, RouteFeature.S_STOP] - s_front
        if to_stop > 60.0 or s_front > w.feature[e, f, RouteFeature.S_OUT]:
            continue
        kind = int(w.feature[e, f, RouteFeature.KIND])
        stop = _feature_is_closed(e, w, b, f, style)
        if kind == FeatureKind.TAXI_CROSSING or kind == FeatureKind.RUNWAY_CROSSING:
            unasked = w.feature[e, f, RouteFeature.STATE] == ClearanceState.NONE_NEEDED and to_stop > 40.0
            stop = stop or _must_stand(e, w, f, style)
            stop = stop and w.feature[e, f, RouteFeature.ENTERED] == 0.0 and not unasked
        elif stop and kind == FeatureKind.STAND_ZONE and w.feature[e, f, RouteFeature.S_STOP] < vacate_m:
            stop = not _is_waited_for(e, w, b, f)
        if not stop:
            continue
        can_stop_m = speed * speed / (2.0 * 2.0 * brake)
        if to_stop < -0.5 or (to_stop + 2.0 < can_stop_m and kind != FeatureKind.TAXI_CROSSING):
            continue  # past the line, or no longer able to stop: go on and clear it
        allowed = min(allowed, stopping_speed(to_stop - style.stop_margin_m - REACTION_S * speed, brake))
    return allowed


@njit
def has_room_beyond(e, w, b, n, cluster, style, brake):
    """The whole train fits between junction `cluster`, which begins at route point n, and what is closed or stands."""
    points = int(w.episode[e, Episode.ROUTE_POINTS])
    out = n
    while out < points - 1 and b.lane_junction[int(w.route[e, out, Route.LANE])] == cluster:
        out += 1
    if out >= w.episode[e, Episode.ROUTE_LENGTH]:
        return True
    need = out + w.ego[e, Ego.TRAIN_LENGTH] + ROOM_M
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        stop = w.feature[e, f, RouteFeature.S_STOP]
        entered = w.feature[e, f, RouteFeature.ENTERED] > 0.0
        if n - LINE_M < stop < need and not entered and _feature_is_closed(e, w, b, f, style):
            return False
    last = min(points, int(need) + 1)
    for v in range(w.vehicle.shape[1]):
        if w.vehicle[e, v, Vehicle.ACTIVE] == 0.0:
            continue
        roll_m = stopping_m(w.vehicle[e, v, Vehicle.SPEED], brake)
        first = int(w.vehicle[e, v, Vehicle.BODY])
        if math.hypot(w.body[e, first, Body.X] - w.ego[e, Ego.X], w.body[e, first, Body.Y] - w.ego[e, Ego.Y]) > 90.0:
            continue
        for k in range(first, first + 1 + int(w.vehicle[e, v, Vehicle.TRAILERS])):
            body = w.body[e, k]
            if body[Body.CLASS] < 0.0:
                continue  # on an apron of many egos: itself
            for i in range(n if roll_m < 0.2 else out, last - int(roll_m), 2):
                d = box_distance(
                    w.route[e, i, Route.X], w.route[e, i, Route.Y], body[Body.X], body[Body.Y], body[Body.COS],
                    body[Body.SIN], body[Body.FRONT], body[Body.REAR], body[Body.HALF_WIDTH],
                )  # fmt: skip
                if d < 1.0:
                    return False
    return True


@njit
def stop_for_junction(e, w, b, style, brake):
    """Speed allowed by the next junction cluster whose lock the ego does not hold."""
    if style.obeys_junctions == 0.0:
        return 1e9
    m = int(w.episode[e, Episode.MAP])
    s_front = w.episode[e, Episode.S_FRONT]
    here = b.lane_junction[int(w.route[e, max(0, int(s_front)), Route.LANE])]
    last = min(int(w.episode[e, Episode.ROUTE_POINTS]) - 1, int(s_front) + JUNCTION_LOOK_M)
    for n in range(int(s_front), last):
        cluster = b.lane_junction[int(w.route[e, n, Route.LANE])]
        if cluster < 0 or cluster == here:
            continue
        if w.junction[e, cluster - b.map_junction0[m], Junction.EGO_FLAG] > 0:
            if n - s_front < 1.0 or has_room_beyond(e, w, b, n, cluster, style, brake):
                here = cluster
                continue
        speed = w.ego[e, Ego.SPEED]
        return stopping_speed(n - s_front - LINE_M - REACTION_S * speed, brake)
    return 1e9


@njit
def _bend_ahead(e, w, first, last):
    """First route point of a tight bend between two route points; -1 when there is none or the front is in it."""
    for n in range(first, last):
        turn = abs(turn_at(w.route, e, n - 1, n + 1))
        if turn > 2.0 / TIGHT_M:
            return n if n > first + 1 else -1
    return -1


@njit
def yield_before_bend(e, w, style, brake):
    """Speed allowed by a long vehicle that comes the other way: in a tight bend it swings over, so wait before it."""
    if style.sees_vehicles == 0.0:
        return 1e9
    s_front = w.episode[e, Episode.S_FRONT]
    first = max(1, int(s_front))
    last = min(first + BEND_LOOK_M, int(w.episode[e, Episode.ROUTE_POINTS]) - 2)
    bend = _bend_ahead(e, w, first, last)
    if bend < 0:
        return 1e9
    end = min(bend + 2 * BEND_LOOK_M, int(w.episode[e, Episode.ROUTE_POINTS]) - 1)
    for v in range(w.vehicle.shape[1]):
        body = w.body[e, int(w.vehicle[e, v, Vehicle.BODY])]
        is_here = w.vehicle[e, v, Vehicle.ACTIVE] != 0.0 and body[Body.CLASS] >= 0.0
        if not is_here or body[Body.FRONT] + body[Body.REAR] < LONG_M:
            continue
        x = body[Body.X] + body[Body.FRONT] * body[Body.COS]
        y = body[Body.Y] + body[Body.FRONT] * body[Body.SIN]
        for n in range(max(0, bend - 6), end, 2):
            dx = w.route[e, n, Route.X] - x
            dy = w.route[e, n, Route.Y] - y
            h = w.route[e, n, Route.HEADING]
            towards = math.cos(h) * body[Body.COS] + math.sin(h) * body[Body.SIN]
            if dx * dx + dy * dy < BESIDE_M * BESIDE_M and towards < 0.5:
                speed = w.ego[e, Ego.SPEED]
                return stopping_speed(bend - s_front - 1.0 - REACTION_S * speed, brake)
    return 1e9


@njit
def _holds_train(e, w, owner, half_width_m):
    """A hazard of this aircraft already lies over the train."""
    s_front = w.episode[e, Episode.S_FRONT]
    first = max(0, int(s_front - w.ego[e, Ego.TRAIN_LENGTH]))
    for z in range(w.hazard.shape[1]):
        if w.hazard[e, z, KIND] == 0.0:
            break
        if w.hazard[e, z, OWNER] == owner:
            if first_covered(w.hazard[e, z], w.route[e], first, int(s_front) + 1, half_width_m) >= 0:
                return True
    return False


@njit
def _holds_for_crossing(plane):
    """The aircraft (its row) stands because of vehicles on a crossing."""
    return plane[Aircraft.SPEED] < 0.05 and plane[Aircraft.STOP_REASON] == StopReason.CROSSING


@njit
def stop_for_hazards(e, w, style, brake, horizon_m, half_width_m):
    """Speed allowed by jet blast and pushback envelopes on the route.

    Who is already in a hazard of an aircraft leaves it: standing there costs more than passing through its next one.
    So does who is on a crossing at which the aircraft holds until it is empty: else both would wait for ever.
    """
    if style.sees_aircraft == 0.0:
        return 1e9
    s_front = w.episode[e, Episode.S_FRONT]
    first = max(0, int(s_front))
    last = min(int(w.episode[e, Episode.ROUTE_POINTS]), int(s_front + horizon_m) + 1)
    vacates = _crossing_end(e, w) >= 0.0
    allowed = 1e9
    for z in range(w.hazard.shape[1]):
        if w.hazard[e, z, KIND] == 0.0:
            break
        if vacates and _holds_for_crossing(w.aircraft[e, int(w.hazard[e, z, OWNER])]):
            continue
        n = first_covered(w.hazard[e, z], w.route[e], first, last, half_width_m + 0.3)
        if n - s_front > 0.5 and not _holds_train(e, w, w.hazard[e, z, OWNER], half_width_m):
            speed = w.ego[e, Ego.SPEED]
            allowed = min(allowed, stopping_speed(n - s_front - HAZARD_M - REACTION_S * speed, brake))
    return allowed


@njit
def stop_for_engines(e, w, at, style, brake, horizon_m):
    """Speed allowed by aircraft whose beacon is on: who is behind one, or on a crossing, leaves."""
    if style.sees_aircraft == 0.0 or _crossing_end(e, w) >= 0.0:
        return 1e9
    s_front = w.episode[e, Episode.S_FRONT]
    speed = w.ego[e, Ego.SPEED]
    first = max(0, int(s_front))
    last = min(int(w.episode[e, Episode.ROUTE_POINTS]), int(s_front + horizon_m) + 1)
    allowed = 1e9
    for i in range(w.aircraft.shape[1]):
        row = w.aircraft[e, i]
        if row[Aircraft.BEACON] == 0.0 or row[Aircraft.PHASE] == AircraftPhase.AWAY:
            continue
        body = w.body[e, i]
        dx = body[Body.X] - w.ego[e, Ego.X]
        dy = body[Body.Y] - w.ego[e, Ego.Y]
        if dx * dx + dy * dy > BEHIND_FAR_M * BEHIND_FAR_M:
            continue
        reach_m = BEHIND_E_M if at.code[int(row[Aircraft.TYPE])] >= CODE_D else BEHIND_C_M
        for n in range(first, last):
            if is_behind_engines(row, body, w.route[e, n, Route.X], w.route[e, n, Route.Y], reach_m):
                to_stop = n - s_front - 1.0
                if to_stop > speed * speed / (4.0 * brake):
                    allowed = min(allowed, stopping_speed(to_stop - REACTION_S * speed, brake))
                break
    return allowed
