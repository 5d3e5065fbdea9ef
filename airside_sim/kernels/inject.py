"""Injected events: what a scenario makes happen to this episode, when its trigger says so.

An injection waits (ARMED) until its trigger holds and there is somebody to whom it can happen, then lasts (ACTIVE) and
is OVER. Whom it can happen to is looked for near the ego, every RETRY_TICKS. Each kind of event has its begin in one of
the `inject_*` files; this one keeps the time.
"""

import math

from airside_sim import rng
from airside_sim.columns import Aircraft, Body, Ego, Episode, Inject, RouteFeature, Sky, Vehicle
from airside_sim.constants import DT_S, AircraftPhase, ClearanceState, EventKind, InjectionKind, Trigger, Weather
from airside_sim.episode_setup import INJECTION0, INJECTION_WIDTH, MAX_INJECTIONS, Injection
from airside_sim.jit import njit
from airside_sim.kernels.clearance import is_crossing
from airside_sim.kernels.inject_container import clear_container, drop_container
from airside_sim.kernels.inject_people import step_out
from airside_sim.kernels.inject_vehicles import break_down, call_emergency, end_emergency, end_rogue, make_rogue
from airside_sim.kernels.referee import has_recorded, record
from airside_sim.kernels.weather_change import change_visibility, extend_time

ABSENT, ARMED, ACTIVE, OVER = 0.0, 1.0, 2.0, 3.0
RETRY_TICKS = 5.0
TUG_REACH_M = 150.0


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
def step_injections(e, w, b, vt, q):
    """One tick of all injections of env e."""
    for k in range(MAX_INJECTIONS):
        row = w.inject[e, k]
        if row[Inject.STATE] == ABSENT or row[Inject.STATE] == OVER:
            continue
        c = INJECTION0 + k * INJECTION_WIDTH
        setup = w.setup[e, c : c + INJECTION_WIDTH]
        if row[Inject.STATE] == ARMED:
            if row[Inject.RETRY] > 0.0:
                row[Inject.RETRY] -= 1.0
                continue
            if not _is_due(e, w, setup):
                continue
            if not _begin(e, w, b, vt, q, row, setup):
                # a clearance is taken back on the tick it is given; bodies do not come and go so fast
                row[Inject.RETRY] = 0.0 if setup[Injection.KIND] == InjectionKind.CLEARANCE_WITHDRAWN else RETRY_TICKS
                continue
            row[Inject.STATE] = ACTIVE
            row[Inject.LEFT] = setup[Injection.FOR_S]
        _go_on(e, w, b, vt, q, row, setup)


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
    return has_recorded(e, w, int(threshold))


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
def _begin(e, w, b, vt, q, row, setup):
    """Start the injection if there is somebody it can happen to. -> started."""
    kind = int(setup[Injection.KIND])
    if kind == InjectionKind.FOG:
        row[Inject.FROM] = w.sky[e, Sky.VISIBILITY]
        record(e, w, int(EventKind.FOG_CAME), setup[Injection.VALUE], -1, 0.0)
        return True
    if kind == InjectionKind.BREAKDOWN:
        return break_down(e, w, row, setup)
    if kind == InjectionKind.TUG_BREAKDOWN:
        return _stop_push(e, w, row)
    if kind == InjectionKind.CLEARANCE_WITHDRAWN:
        return _withdraw(e, w, row, setup)
    if kind == InjectionKind.PERSON_STEPS_OUT:
        return step_out(e, w, b, q, setup)
    if kind == InjectionKind.ULD_FALLS_OFF:
        return drop_container(e, w, b, vt, q, row, setup)
    if kind == InjectionKind.EMERGENCY_VEHICLE:
        return call_emergency(e, w, b, vt, q, row, setup)
    return make_rogue(e, w, row, setup)


@njit
def _go_on(e, w, b, vt, q, row, setup):
    """One tick of an active injection; its end."""
    kind = int(setup[Injection.KIND])
    row[Inject.LEFT] -= DT_S
    left_s = row[Inject.LEFT] if row[Inject.LEFT] > 1e-9 else 0.0
    target = int(row[Inject.TARGET])
    is_over = left_s == 0.0
    if kind == InjectionKind.FOG:
        share = 1.0 - left_s / setup[Injection.FOR_S] if setup[Injection.FOR_S] > 0.0 else 1.0
        _thicken(e, w, row[Inject.FROM] + share * (setup[Injection.VALUE] - row[Inject.FROM]))
    elif kind == InjectionKind.BREAKDOWN:
        w.vehicle[e, target, Vehicle.BROKEN] = left_s
    elif kind == InjectionKind.TUG_BREAKDOWN:
        w.aircraft[e, target, Aircraft.BROKEN] = left_s
    elif kind == InjectionKind.CLEARANCE_WITHDRAWN:
        w.feature[e, target, RouteFeature.WITHHELD] = left_s
    elif kind == InjectionKind.ULD_FALLS_OFF:
        is_over = is_over and clear_container(e, w, b, vt, target)
    elif kind == InjectionKind.EMERGENCY_VEHICLE:
        is_over = end_emergency(e, w, b, vt, q, target, is_over)
    elif kind == InjectionKind.ROGUE_DRIVER:
        is_over = end_rogue(e, w, q, row, target, is_over)
    if is_over:
        row[Inject.STATE] = OVER


@njit
def _thicken(e, w, visibility_m):
    """Fog of this visibility."""
    w.sky[e, Sky.WEATHER] = Weather.FOG.value
    w.sky[e, Sky.INTENSITY] = max(w.sky[e, Sky.INTENSITY], min(0.9, 150.0 / visibility_m))
    change_visibility(e, w, visibility_m)


@njit
def _withdraw(e, w, row, setup):
    """The granted clearance of the next crossing is taken back."""
    f = _next_crossing(e, w)
    if f < 0 or w.feature[e, f, RouteFeature.STATE] != ClearanceState.GRANTED:
        return False
    row[Inject.TARGET] = f
    extend_time(e, w, setup[Injection.FOR_S])
    return True


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
