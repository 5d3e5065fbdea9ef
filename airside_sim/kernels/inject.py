"""Injected events: what a scenario makes happen to this episode, when its trigger says so.

An injection waits (ARMED) until its trigger holds and there is somebody to whom it can happen, then lasts (ACTIVE) and
is OVER. Whom it can happen to is looked for near the ego: the vehicle ahead on its route, an aircraft under push in
view, the next crossing, a place beside the road that a body hides from the ego.
"""

import math

from airside_sim import rng
from airside_sim.columns import (
    EVENT_RECORDS,
    Aircraft,
    Body,
    Ego,
    Episode,
    EventColumn,
    Inject,
    Person,
    Route,
    RouteFeature,
    Sky,
    Vehicle,
)
from airside_sim.constants import DT_S, AircraftPhase, ClearanceState, EventKind, InjectionKind, Trigger, Weather
from airside_sim.episode_setup import INJECTION0, INJECTION_WIDTH, MAX_INJECTIONS, Injection
from airside_sim.jit import njit
from airside_sim.kernels.clearance import is_crossing
from airside_sim.kernels.people_look import box_distance2
from airside_sim.kernels.people_spawn import CROSSER, kerb_m, write_person
from airside_sim.kernels.referee import record
from airside_sim.kernels.sensing import body_hides, building_hides
from airside_sim.kernels.weather import LVP_SPEED_MPS, see_as_far_as

ABSENT, ARMED, ACTIVE, OVER = 0.0, 1.0, 2.0, 3.0
BREAKDOWN_REACH_M = 60.0
TUG_REACH_M = 150.0
HIDE_STEP_M = 2
HIDE_REACH_M = 30
HIDE_OUT_M = 1.0  # places lie so far apart, from the kerb outwards
HIDE_PLACES = 5
ROAD_M = 13.0  # wider paved places are no road
YIELD_S = 30.0  # the contract's allowance for a yield event
USUAL_MPS = 6.0  # of the ego: what a lower cap of speed costs in time


@njit
def reset_injections(e, w):
    """Arm the injections that this episode has."""
    for k in range(MAX_INJECTIONS):
        c = INJECTION0 + k * INJECTION_WIDTH
        w.inject[e, k] = 0.0
        if w.setup[e, c + Injection.KIND] == 0.0:
            continue
        chance = w.setup[e, c + Injection.PROBABILITY]
        if chance >= 1.0 or rng.uniform(w.rng, e) < chance:
            w.inject[e, k, Inject.STATE] = ARMED


@njit
def step_injections(e, w, b, q):
    """One tick of all injections of env e."""
    for k in range(MAX_INJECTIONS):
        row = w.inject[e, k]
        if row[Inject.STATE] == ABSENT or row[Inject.STATE] == OVER:
            continue
        c = INJECTION0 + k * INJECTION_WIDTH
        setup = w.setup[e, c : c + INJECTION_WIDTH]
        if row[Inject.STATE] == ARMED:
            if not _is_due(e, w, setup) or not _begin(e, w, b, q, row, setup):
                continue
            row[Inject.STATE] = ACTIVE
            row[Inject.LEFT] = setup[Injection.FOR_S]
        _go_on(e, w, row, setup)


@njit
def _is_due(e, w, setup):
    """The trigger holds."""
    trigger = int(setup[Injection.TRIGGER])
    threshold = setup[Injection.THRESHOLD]
    if trigger == Trigger.AT_S:
        return w.episode[e, Episode.TICK] * DT_S >= threshold - 1e-9
    s_front = w.episode[e, Episode.S_FRONT]
    if trigger == Trigger.AFTER_M:
        return s_front - w.episode[e, Episode.ROUTE_START] >= threshold
    if trigger == Trigger.BEFORE_CROSSING_M:
        f = _next_crossing(e, w)
        return f >= 0 and w.feature[e, f, RouteFeature.S_STOP] - s_front <= threshold
    for i in range(min(int(w.event_count[e]), EVENT_RECORDS)):
        if w.event[e, i, EventColumn.KIND] == threshold:
            return True
    return False


@njit
def _next_crossing(e, w):
    """Feature index of the first crossing whose line the front has not passed, -1 none."""
    best = -1
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        ahead = w.feature[e, f, RouteFeature.S_STOP] >= w.episode[e, Episode.S_FRONT]
        if is_crossing(int(w.feature[e, f, RouteFeature.KIND])) and ahead:
            if best < 0 or w.feature[e, f, RouteFeature.S_STOP] < w.feature[e, best, RouteFeature.S_STOP]:
                best = f
    return best


@njit
def _begin(e, w, b, q, row, setup):
    """Start the injection if there is somebody it can happen to. -> started."""
    kind = int(setup[Injection.KIND])
    if kind == InjectionKind.FOG:
        row[Inject.FROM] = w.sky[e, Sky.VISIBILITY]
        record(e, w, int(EventKind.FOG_CAME), setup[Injection.VALUE], -1, 0.0)
        return True
    if kind == InjectionKind.BREAKDOWN:
        return _break_down(e, w, row, setup)
    if kind == InjectionKind.TUG_BREAKDOWN:
        return _stop_push(e, w, row)
    if kind == InjectionKind.CLEARANCE_WITHDRAWN:
        f = _next_crossing(e, w)
        if f < 0 or w.feature[e, f, RouteFeature.STATE] != ClearanceState.GRANTED:
            return False
        row[Inject.TARGET] = f
        _extend_time(e, w, setup[Injection.FOR_S])
        return True
    return _step_out(e, w, b, q, setup)


@njit
def _go_on(e, w, row, setup):
    """One tick of an active injection; its end."""
    kind = int(setup[Injection.KIND])
    row[Inject.LEFT] -= DT_S
    left_s = row[Inject.LEFT] if row[Inject.LEFT] > 1e-9 else 0.0
    target = int(row[Inject.TARGET])
    if kind == InjectionKind.FOG:
        share = 1.0 - left_s / setup[Injection.FOR_S] if setup[Injection.FOR_S] > 0.0 else 1.0
        _thicken(e, w, row[Inject.FROM] + share * (setup[Injection.VALUE] - row[Inject.FROM]))
    elif kind == InjectionKind.BREAKDOWN:
        w.vehicle[e, target, Vehicle.BROKEN] = left_s
    elif kind == InjectionKind.TUG_BREAKDOWN:
        w.aircraft[e, target, Aircraft.BROKEN] = left_s
    elif kind == InjectionKind.CLEARANCE_WITHDRAWN:
        w.feature[e, target, RouteFeature.WITHHELD] = left_s
    if left_s == 0.0:
        row[Inject.STATE] = OVER


@njit
def _extend_time(e, w, seconds):
    """A time limit does not run out because of what was done to the ego."""
    if w.episode[e, Episode.MAX_TICKS] > 0.0:
        w.episode[e, Episode.MAX_TICKS] += math.ceil(10.0 * seconds)


@njit
def _thicken(e, w, visibility_m):
    """Fog of this visibility; the first tick of low-visibility procedures gives the time that they cost."""
    had_lvp = w.sky[e, Sky.LVP] > 0.0
    see_as_far_as(w.sky[e], visibility_m)
    w.sky[e, Sky.WEATHER] = Weather.FOG.value
    w.sky[e, Sky.INTENSITY] = max(w.sky[e, Sky.INTENSITY], min(0.9, 150.0 / visibility_m))
    if not had_lvp and w.sky[e, Sky.LVP] > 0.0:
        left_m = max(w.episode[e, Episode.ROUTE_LENGTH] - w.episode[e, Episode.S_FRONT], 0.0)
        _extend_time(e, w, 1.5 * left_m * (1.0 / LVP_SPEED_MPS - 1.0 / USUAL_MPS))


@njit
def _break_down(e, w, row, setup):
    """The nearest vehicle ahead on the ego's way stops where it is."""
    first = int(w.episode[e, Episode.S_FRONT]) + 4
    last = min(first + int(BREAKDOWN_REACH_M), int(w.episode[e, Episode.ROUTE_POINTS]) - 1)
    for n in range(first, last):
        for v in range(w.vehicle.shape[1]):
            if w.vehicle[e, v, Vehicle.ACTIVE] == 0.0:
                continue
            k = int(w.vehicle[e, v, Vehicle.BODY])
            body = w.body[e, k]
            away_m = math.hypot(body[Body.X] - w.route[e, n, Route.X], body[Body.Y] - w.route[e, n, Route.Y])
            h = w.route[e, n, Route.HEADING]
            if away_m < 1.2 and body[Body.COS] * math.cos(h) + body[Body.SIN] * math.sin(h) > 0.7:
                row[Inject.TARGET] = v
                record(e, w, int(EventKind.VEHICLE_BROKE_DOWN), n - w.episode[e, Episode.S_FRONT], k, 0.0)
                _extend_time(e, w, setup[Injection.FOR_S])
                return True
    return False


@njit
def _stop_push(e, w, row):
    """The nearest aircraft under push stops: its tug has broken down."""
    nearest_m = TUG_REACH_M
    found = -1
    for i in range(w.aircraft.shape[1]):
        body = w.body[e, i]
        far_m = math.hypot(body[Body.X] - w.ego[e, Ego.X], body[Body.Y] - w.ego[e, Ego.Y])
        if w.aircraft[e, i, Aircraft.PHASE] == AircraftPhase.PUSHBACK and far_m < nearest_m:
            nearest_m = far_m
            found = i
    if found < 0:
        return False
    row[Inject.TARGET] = found
    record(e, w, int(EventKind.TUG_BROKE_DOWN), nearest_m, found, 0.0)
    return True


@njit
def _step_out(e, w, b, q, setup):
    """A person comes out from behind a body beside the road and crosses it before the ego."""
    p = _spare_person(e, w, q)
    if p < 0:
        return False
    m = int(w.episode[e, Episode.MAP])
    row = w.person[e, p]
    start = int(w.episode[e, Episode.S_FRONT] + setup[Injection.VALUE])
    last = min(start + HIDE_REACH_M, int(w.episode[e, Episode.ROUTE_LENGTH]) - 4)
    for n in range(start, last, HIDE_STEP_M):
        if _is_on_crossing(e, w, n):
            continue  # nobody walks on a taxiway
        x = w.route[e, n, Route.X]
        y = w.route[e, n, Route.Y]
        h = w.route[e, n, Route.HEADING]
        for side in (-1.0, 1.0):  # the near kerb first where one drives on the right
            ux = -side * math.sin(h)
            uy = side * math.cos(h)
            here = kerb_m(b, m, x, y, ux, uy)
            there = kerb_m(b, m, x, y, -ux, -uy)
            if here < 0.0 or there < 0.0 or here + there > ROAD_M:
                continue
            for k in range(HIDE_PLACES):
                out = here + HIDE_OUT_M * k
                if not _is_hidden(e, w, b, m, int(row[Person.BODY]), x + ux * out, y + uy * out, x, y):
                    continue
                row[Person.ACTIVE] = 1.0
                row[Person.X] = x + ux * out
                row[Person.Y] = y + uy * out
                row[Person.SCRATCH0] = row[Person.X]
                row[Person.SCRATCH1] = row[Person.Y]
                row[Person.TARGET_X] = x - ux * there
                row[Person.TARGET_Y] = y - uy * there
                row[Person.HEADING] = math.atan2(-uy, -ux)
                row[Person.PREFERRED] = setup[Injection.SPEED_MPS]
                row[Person.SPEED] = setup[Injection.SPEED_MPS]
                row[Person.MODE] = CROSSER
                row[Person.DIRECTION] = 1.0  # already on his way
                row[Person.CROSSING] = -1.0
                row[Person.STAND] = -1.0
                row[Person.WAIT] = 0.0
                row[Person.STOP_TIME] = 0.0
                write_person(row, w.body[e], q.person_radius_m)
                _extend_time(e, w, YIELD_S)
                record(e, w, int(EventKind.PERSON_STEPPED_OUT), n - w.episode[e, Episode.S_FRONT], p, 0.0)
                return True
    return False


@njit
def _is_on_crossing(e, w, s):
    """Route arc length s lies in a taxiway or runway crossing."""
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        row = w.feature[e, f]
        if is_crossing(int(row[RouteFeature.KIND])) and row[RouteFeature.S_STOP] < s < row[RouteFeature.S_OUT]:
            return True
    return False


@njit
def _is_hidden(e, w, b, m, n, x, y, road_x, road_y):
    """A body, but no building, stands between the ego and (x, y), and nobody stands there."""
    if not body_hides(w.body[e], n, w.ego[e, Ego.X], w.ego[e, Ego.Y], x, y):
        return False
    if building_hides(b, m, road_x, road_y, x, y):
        return False
    for k in range(w.body.shape[1]):
        if w.body[e, k, Body.CLASS] >= 0.0 and k != n and box_distance2(w.body[e, k], x, y) < 0.5:
            return False
    return True


@njit
def _spare_person(e, w, q):
    """A person who is not about, or the farthest one out of view; -1 when there is none."""
    far2 = q.view_m * q.view_m
    found = -1
    for p in range(w.person.shape[1]):
        row = w.person[e, p]
        if row[Person.ACTIVE] == 0.0:
            return p
        d2 = (row[Person.X] - w.ego[e, Ego.X]) ** 2 + (row[Person.Y] - w.ego[e, Ego.Y]) ** 2
        if d2 > far2:
            far2 = d2
            found = p
    return found
