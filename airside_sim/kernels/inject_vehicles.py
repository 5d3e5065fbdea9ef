"""Injected events that happen to a background vehicle: a breakdown, a driver who ignores rules, a fire engine.

A fire engine drives in the row of a vehicle that is not about or out of the ego's view. It comes from out of view, its
way leads through a junction or along lanes of the ego's route ahead, and it vanishes out of view again.
"""

import math

from airside_sim.columns import LOCKS_PER_VEHICLE, Body, Ego, Episode, Inject, Route, Vehicle
from airside_sim.constants import EventKind, VehicleClass, VehicleRole
from airside_sim.episode_setup import Injection
from airside_sim.jit import njit
from airside_sim.kernels.junctions import release_junction
from airside_sim.kernels.lane_rail import map_ids, next_on_path
from airside_sim.kernels.missions import PASSING, draw_destination
from airside_sim.kernels.referee import record
from airside_sim.kernels.vehicles_spawn import shape_vehicle, try_place, write_vehicle
from airside_sim.kernels.weather_change import extend_time

BREAKDOWN_REACH_M = 60.0
ROGUE_REACH_M = 80.0
ROGUE_GAP_S = 0.4
EMERGENCY_GAP_S = 1.0
START_TRIES = 4  # of a fire engine, each time it looks
PLACE_TRIES = 10
WAY_TRIES = 10
WAY_LANES = 80
BEFORE_EGO_M = 15  # its way meets the ego's so far ahead at least
MEETING_REACH_M = 90
LONGEST_WAY_M = 350.0  # to there: else the ego has passed before
MEETING_STEP_M = 3
BEYOND_VIEW_M = 5.0
YIELD_S = 30.0  # the contract's allowance for a yield event


@njit
def spare_vehicle(e, w, q):
    """Row of a vehicle that is not about, or of the farthest one out of view; -1 when there is none."""
    far_m = q.view_m + BEYOND_VIEW_M
    found = -1
    for v in range(w.vehicle.shape[1]):
        row = w.vehicle[e, v]
        if row[Vehicle.ACTIVE] == 0.0:
            return v
        if row[Vehicle.ROLE] != VehicleRole.DRIVER:
            continue
        away_m = _away_m(e, w, row) - row[Vehicle.LENGTH]
        if away_m > far_m:
            far_m = away_m
            found = v
    return found


@njit
def take_off(e, w, b, vt, v):
    """Vehicle row v leaves the apron: no bodies, no locks, free for another."""
    row = w.vehicle[e, v]
    for slot in range(LOCKS_PER_VEHICLE):
        release_junction(row, w.junction[e], slot)
    row[Vehicle.ACTIVE] = 0.0
    row[Vehicle.ROLE] = VehicleRole.DRIVER.value
    write_vehicle(row, w.body[e], b, vt)


@njit
def _away_m(e, w, row):
    """Distance of a vehicle row's first body from the ego, m."""
    body = w.body[e, int(row[Vehicle.BODY])]
    return math.hypot(body[Body.X] - w.ego[e, Ego.X], body[Body.Y] - w.ego[e, Ego.Y])


@njit
def break_down(e, w, row, setup):
    """The nearest vehicle ahead on the ego's way stops where it is."""
    first = int(w.episode[e, Episode.S_FRONT]) + 4
    last = min(first + int(BREAKDOWN_REACH_M), int(w.episode[e, Episode.ROUTE_POINTS]) - 1)
    for n in range(first, last):
        v = _driver_at(e, w, n)
        if v >= 0:
            row[Inject.TARGET] = v
            body = int(w.vehicle[e, v, Vehicle.BODY])
            record(e, w, int(EventKind.VEHICLE_BROKE_DOWN), n - w.episode[e, Episode.S_FRONT], body, 0.0)
            extend_time(e, w, setup[Injection.FOR_S])
            return True
    return False


@njit
def _driver_at(e, w, n):
    """Vehicle whose reference point lies on route point n and which heads the same way, -1 none."""
    x = w.route[e, n, Route.X]
    y = w.route[e, n, Route.Y]
    c = math.cos(w.route[e, n, Route.HEADING])
    s = math.sin(w.route[e, n, Route.HEADING])
    for v in range(w.vehicle.shape[1]):
        if w.vehicle[e, v, Vehicle.ACTIVE] == 0.0 or w.vehicle[e, v, Vehicle.ROLE] == VehicleRole.ULD:
            continue
        body = w.body[e, int(w.vehicle[e, v, Vehicle.BODY])]
        if math.hypot(body[Body.X] - x, body[Body.Y] - y) < 1.2 and body[Body.COS] * c + body[Body.SIN] * s > 0.7:
            return v
    return -1


@njit
def make_rogue(e, w, row, setup):
    """The nearest driver under way ahead of the ego, whichever way he goes, begins to ignore the rules."""
    nearest_m = ROGUE_REACH_M
    found = -1
    for v in range(w.vehicle.shape[1]):
        vehicle = w.vehicle[e, v]
        if vehicle[Vehicle.ACTIVE] == 0.0 or vehicle[Vehicle.ROLE] != VehicleRole.DRIVER:
            continue
        if vehicle[Vehicle.BROKEN] > 0.0 or vehicle[Vehicle.DWELL] > 0.0 or vehicle[Vehicle.SPEED] < 0.5:
            continue
        body = w.body[e, int(vehicle[Vehicle.BODY])]
        dx = body[Body.X] - w.ego[e, Ego.X]
        dy = body[Body.Y] - w.ego[e, Ego.Y]
        away_m = math.hypot(dx, dy)
        if dx * w.ego_body[e, 0, Body.COS] + dy * w.ego_body[e, 0, Body.SIN] > 0.0 and away_m < nearest_m:
            nearest_m = away_m
            found = v
    if found < 0:
        return False
    vehicle = w.vehicle[e, found]
    row[Inject.TARGET] = found
    row[Inject.FROM] = vehicle[Vehicle.DESIRED]
    vehicle[Vehicle.ROLE] = VehicleRole.ROGUE.value
    vehicle[Vehicle.DESIRED] = setup[Injection.VALUE]
    vehicle[Vehicle.TARGET_GAP] = ROGUE_GAP_S
    record(e, w, int(EventKind.ROGUE_DRIVER_CAME), nearest_m, int(vehicle[Vehicle.BODY]), 0.0)
    extend_time(e, w, YIELD_S)
    return True


@njit
def end_rogue(e, w, q, row, v, is_due):
    """When his time is over he drives as before. -> over, or gone out of view by himself."""
    vehicle = w.vehicle[e, v]
    if vehicle[Vehicle.ROLE] != VehicleRole.ROGUE:
        return True
    if is_due:
        vehicle[Vehicle.ROLE] = VehicleRole.DRIVER.value
        vehicle[Vehicle.DESIRED] = row[Inject.FROM]
        vehicle[Vehicle.TARGET_GAP] = q.idm_headway_s
    return is_due


@njit
def call_emergency(e, w, b, vt, q, row, setup):
    """A fire engine sets out from a place out of view whose way meets the ego's ahead. -> found one."""
    v = spare_vehicle(e, w, q)
    if v < 0:
        return False
    take_off(e, w, b, vt, v)
    engine = w.vehicle[e, v]
    shape_vehicle(engine, vt, VehicleClass.FIRE_ENGINE.value, 0, int(engine[Vehicle.BODY]))
    engine[Vehicle.ROLE] = VehicleRole.EMERGENCY.value
    engine[Vehicle.DESIRED] = setup[Injection.SPEED_MPS]
    engine[Vehicle.TARGET_GAP] = EMERGENCY_GAP_S
    at = map_ids(b, int(w.episode[e, Episode.MAP]))
    ring_m = w.episode[e, Episode.RING]
    low_m = q.view_m + BEYOND_VIEW_M
    for _ in range(START_TRIES):
        placed = try_place(engine, e, w, b, at, vt, low_m, q.respawn_max_m, q.bubble_m + ring_m, PLACE_TRIES)
        if placed and _find_meeting_way(e, w, b, at, engine, q):
            row[Inject.TARGET] = v
            record(e, w, int(EventKind.EMERGENCY_VEHICLE_CAME), _away_m(e, w, engine), int(engine[Vehicle.BODY]), 0.0)
            extend_time(e, w, YIELD_S)
            return True
    take_off(e, w, b, vt, v)
    return False


@njit
def _find_meeting_way(e, w, b, at, engine, q):
    """Give the engine a destination by a way that meets the ego's ahead. -> found."""
    for _ in range(WAY_TRIES):
        if _meets_route(e, w, b, at, engine):
            engine[Vehicle.DWELL] = PASSING
            return True
        x, y = w.ego[e, Ego.X], w.ego[e, Ego.Y]
        goal = int(w.episode[e, Episode.GOAL_LANE])
        dest = draw_destination(w.rng, e, b, at, int(engine[Vehicle.LANE]), x, y, q.bubble_m, goal)
        if dest < 0:
            return False
        engine[Vehicle.DEST] = dest
        engine[Vehicle.NEXT_DEST] = draw_destination(w.rng, e, b, at, int(b.dest_lane[dest]), x, y, q.bubble_m, goal)
    return False


@njit
def _meets_route(e, w, b, at, engine):
    """The first lane of the engine's way that the ego's route has too, or its junction, lies ahead of the ego."""
    lane = int(engine[Vehicle.LANE])
    way_m = -engine[Vehicle.S]
    for _ in range(WAY_LANES):
        ahead_m = _route_distance(e, w, b, lane)
        if ahead_m > -MEETING_REACH_M:
            return ahead_m >= BEFORE_EGO_M
        way_m += b.lane_len[lane]
        lane = next_on_path(engine, b, at, lane)
        if lane < 0 or way_m > LONGEST_WAY_M:
            return False
    return False


@njit
def _route_distance(e, w, b, lane):
    """Metres from the ego's front to the first route point on a lane or in its junction; -MEETING_REACH_M = none."""
    s_front = int(w.episode[e, Episode.S_FRONT])
    first = max(0, s_front - int(w.ego[e, Ego.TRAIN_LENGTH]) - BEFORE_EGO_M)
    last = min(s_front + MEETING_REACH_M, int(w.episode[e, Episode.ROUTE_POINTS]))
    junction = b.lane_junction[lane]
    for n in range(first, last, MEETING_STEP_M):
        other = int(w.route[e, n, Route.LANE])
        if other == lane or (junction >= 0 and other >= 0 and b.lane_junction[other] == junction):
            return n - s_front
    return -MEETING_REACH_M


@njit
def end_emergency(e, w, b, vt, q, v, is_due):
    """When its time is over it vanishes as soon as it is out of view. -> gone, by this or by itself."""
    engine = w.vehicle[e, v]
    if engine[Vehicle.ROLE] != VehicleRole.EMERGENCY:
        return True
    if is_due and _away_m(e, w, engine) > q.view_m + engine[Vehicle.LENGTH] + BEYOND_VIEW_M:
        take_off(e, w, b, vt, v)
        return True
    return False
