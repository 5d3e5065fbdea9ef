"""Injected event: a ULD falls off a train and lies on the ego's lane until a crew has cleared it.

It lies in a background vehicle's row that never moves, so drivers queue behind it, and whatever sees, measures or hits
bodies takes it for one. Without a train near the ego's way it lies ahead out of view: it fell before the ego came.
"""

import math

from airside_sim import rng
from airside_sim.columns import Body, Ego, Episode, Inject, Route, Sky, Vehicle
from airside_sim.constants import ActorClass, EventKind, LaneKind, VehicleClass, VehicleRole
from airside_sim.episode_setup import Injection
from airside_sim.jit import njit
from airside_sim.kernels.inject_vehicles import BEYOND_VIEW_M, spare_vehicle, take_off
from airside_sim.kernels.lane_rail import map_ids
from airside_sim.kernels.people_look import box_distance2
from airside_sim.kernels.referee import record
from airside_sim.kernels.vehicles_spawn import covers_feature, shape_vehicle, write_vehicle
from airside_sim.kernels.weather_change import extend_time

LEAST_AHEAD_M = 10.0
REACH_M = 70  # along the route
BESIDE_M = 5.5  # a train this near to the route may lose it there
BEHIND_TAIL_M = 3
LOOKS = 12  # in vain for a train, then it lies beyond the view
GOAL_FREE_M = 15.0
SKEW_RAD = 0.4
CLEAR_M = 1.6  # round its middle: half its diagonal and 0.5 m
DRIVER_CLEAR_M = 11.0  # drivers who come see it in time
GRAVITY_MPS2 = 9.81


@njit
def drop_container(e, w, b, vt, q, row, setup):
    """Let a container fall from a train on or beside the route ahead, or lie farther on. -> found a place."""
    v = spare_vehicle(e, w, q)
    if v < 0:
        return False
    first = int(w.episode[e, Episode.S_FRONT] + _least_ahead_m(e, w))
    train, n = _train_beside_route(e, w, first)
    is_found = train >= 0 and _lay(e, w, b, vt, v, train, n, setup[Injection.VALUE])
    row[Inject.FROM] += 1.0
    if not is_found and row[Inject.FROM] > LOOKS:
        n = max(first, int(w.episode[e, Episode.S_FRONT] + q.view_m + BEYOND_VIEW_M))
        is_found = _lay(e, w, b, vt, v, -1, n, setup[Injection.VALUE])
    if not is_found:
        return False
    row[Inject.TARGET] = v
    body = int(w.vehicle[e, v, Vehicle.BODY])
    away_m = math.hypot(w.body[e, body, Body.X] - w.ego[e, Ego.X], w.body[e, body, Body.Y] - w.ego[e, Ego.Y])
    record(e, w, int(EventKind.ULD_FELL_OFF), away_m, body, 0.0)
    extend_time(e, w, setup[Injection.FOR_S])
    return True


@njit
def clear_container(e, w, b, vt, v):
    """A crew has cleared it, unless the ego touches it or is about to. -> gone."""
    if w.vehicle[e, v, Vehicle.ROLE] != VehicleRole.ULD:
        return True
    body = w.body[e, int(w.vehicle[e, v, Vehicle.BODY])]
    x, y = body[Body.X], body[Body.Y]
    for k in range(w.ego_body.shape[1]):
        if w.ego_body[e, k, Body.CLASS] >= 0.0 and box_distance2(w.ego_body[e, k], x, y) < CLEAR_M * CLEAR_M:
            return False
    away_m = math.hypot(x - w.ego[e, Ego.X], y - w.ego[e, Ego.Y])
    record(e, w, int(EventKind.ULD_CLEARED), away_m, -1, 0.0)
    take_off(e, w, b, vt, v)
    return True


@njit
def _least_ahead_m(e, w):
    """From here on an ego that brakes firmly comes to rest before it."""
    speed = w.ego[e, Ego.SPEED]
    brake_mps2 = min(4.0, 0.4 * GRAVITY_MPS2 * w.sky[e, Sky.FRICTION])
    return LEAST_AHEAD_M + speed + speed * speed / (2.0 * brake_mps2)


@njit
def _train_beside_route(e, w, first):
    """-> (vehicle whose last dolly is nearest ahead on or beside the route, route point there); (-1, 0) none."""
    last = min(first + REACH_M, int(w.episode[e, Episode.ROUTE_LENGTH] - GOAL_FREE_M))
    for n in range(first, last, 2):
        x = w.route[e, n, Route.X]
        y = w.route[e, n, Route.Y]
        h = w.route[e, n, Route.HEADING]
        for v in range(w.vehicle.shape[1]):
            row = w.vehicle[e, v]
            if row[Vehicle.ACTIVE] == 0.0 or row[Vehicle.TRAILERS] == 0.0:
                continue
            tail = w.body[e, int(row[Vehicle.BODY] + row[Vehicle.TRAILERS])]
            along = abs(tail[Body.COS] * math.cos(h) + tail[Body.SIN] * math.sin(h))
            if along > 0.8 and math.hypot(tail[Body.X] - x, tail[Body.Y] - y) < BESIDE_M:
                return v, n
    return -1, 0


@njit
def _lay(e, w, b, vt, v, train, n, aside_m):
    """Lay the container into vehicle row v at route point n, a little before it when the train goes the same way.

    It lies aside_m towards the side it fell from: the kerb, or the middle of the road for an oncoming train.
    """
    h = w.route[e, n, Route.HEADING]
    kerb = 1.0 if b.map_left_hand[int(w.episode[e, Episode.MAP])] != 0 else -1.0  # left or right of the heading
    if train >= 0:
        tail = w.body[e, int(w.vehicle[e, train, Vehicle.BODY] + w.vehicle[e, train, Vehicle.TRAILERS])]
        if tail[Body.COS] * math.cos(h) + tail[Body.SIN] * math.sin(h) > 0.0:
            n -= BEHIND_TAIL_M
        else:
            kerb = -kerb
    lane = int(w.route[e, n, Route.LANE])
    s = w.route[e, n, Route.LANE_S]
    at = map_ids(b, int(w.episode[e, Episode.MAP]))
    is_plain = n < w.episode[e, Episode.ROUTE_LENGTH] - GOAL_FREE_M and lane >= 0 and s > 3.0
    if not is_plain or b.lane_kind[lane] == LaneKind.CONNECTOR or b.lane_junction[lane] >= 0:
        return False
    if covers_feature(b, at, lane, s - 3.0, s + 3.0):
        return False
    h = w.route[e, n, Route.HEADING]
    x = w.route[e, n, Route.X] - kerb * aside_m * math.sin(h)
    y = w.route[e, n, Route.Y] + kerb * aside_m * math.cos(h)
    if not _is_free(e, w, v, train, x, y):
        return False
    take_off(e, w, b, vt, v)
    row = w.vehicle[e, v]
    cls = VehicleClass.ULD.value
    shape_vehicle(row, vt, cls, 0, int(row[Vehicle.BODY]))
    row[Vehicle.ACTIVE] = 1.0
    row[Vehicle.ROLE] = VehicleRole.ULD.value
    row[Vehicle.LANE] = lane
    row[Vehicle.S] = s + vt.front_m[cls]
    _write_container(row, w.body[e], b, vt, x, y, h + rng.uniform_range(w.rng, e, -SKEW_RAD, SKEW_RAD))
    return True


@njit
def _is_free(e, w, v, train, x, y):
    """No body touches the place, and no driver but the train's own is so near that he could not stop."""
    first = int(w.vehicle[e, v, Vehicle.BODY])
    owner = w.vehicle[e, train, Vehicle.BODY] if train >= 0 else -1.0
    vehicles_end = w.body.shape[1] - w.person.shape[1] - w.prop.shape[1]
    for k in range(w.body.shape[1]):
        body = w.body[e, k]
        if body[Body.CLASS] < 0.0 or body[Body.OWNER] == first:
            continue
        is_driver = 2 * w.aircraft.shape[1] <= k < vehicles_end and body[Body.OWNER] != owner
        clear_m = DRIVER_CLEAR_M if is_driver else CLEAR_M
        if body[Body.CLASS] == ActorClass.AIRCRAFT:
            clear_m = body[Body.RADIUS]
        if box_distance2(body, x, y) < clear_m * clear_m:
            return False
    return True


@njit
def _write_container(row, body, b, vt, x, y, heading):
    """Write its body: a box about its middle, where it fell and not on the lane's rail. body: (N, Body)."""
    write_vehicle(row, body, b, vt)
    out = body[int(row[Vehicle.BODY])]
    c, s = math.cos(heading), math.sin(heading)
    mid_m = 0.5 * (out[Body.FRONT] - out[Body.REAR])
    out[Body.X] = x - mid_m * c
    out[Body.Y] = y - mid_m * s
    out[Body.COS] = c
    out[Body.SIN] = s
