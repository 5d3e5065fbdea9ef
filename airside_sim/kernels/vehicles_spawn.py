"""Placing background vehicles: round the ego at reset, later only out of its view, always on free lanes.

No place inside junctions, crossings, stand zones or walk crossings; no body within SPAWN_GAP_M of the whole train.
"""

import math

from airside_sim import rng
from airside_sim.columns import LANES_PER_VEHICLE, LOCKS_PER_VEHICLE, Body, Episode, Vehicle
from airside_sim.constants import ActorClass, LaneKind, VehicleClass, VehicleRole
from airside_sim.episode_setup import Setup
from airside_sim.jit import njit
from airside_sim.kernels.egos import nearest_ego
from airside_sim.kernels.junctions import is_long
from airside_sim.kernels.lane_rail import OVERHANG_SHARE, extend_rail, lane_point, point_behind
from airside_sim.kernels.missions import draw_class, take_next_destination

BODIES_PER_VEHICLE = 5
SPAWN_GAP_M = 5.0
EGO_GAP_M = 14.0


@njit
def mover_length(vt, cls, trailers):
    """Front bumper to tail of a vehicle with its dollies, m."""
    length = vt.front_m[cls]
    if trailers == 0:
        return length + vt.rear_m[cls]
    dolly = VehicleClass.DOLLY.value
    length += vt.hitch_m[cls] + (trailers - 1) * vt.hitch_m[dolly]
    return length + trailers * (vt.drawbar_m[dolly] + vt.wheelbase_m[dolly]) + vt.rear_m[dolly]


@njit
def _write_box(out, front_x, front_y, rear_x, rear_y, speed, front_m, rear_m, half_m, cls, actor, owner):
    """A body whose axles (or sample points) lie at front and rear; rear is its reference point."""
    dx = front_x - rear_x
    dy = front_y - rear_y
    size = math.sqrt(dx * dx + dy * dy)
    if size > 1e-6:
        dx /= size
        dy /= size
    else:
        dx = 1.0
        dy = 0.0
    out[Body.X] = rear_x
    out[Body.Y] = rear_y
    out[Body.COS] = dx
    out[Body.SIN] = dy
    out[Body.FRONT] = front_m
    out[Body.REAR] = rear_m
    out[Body.HALF_WIDTH] = half_m
    reach = max(front_m, rear_m)
    out[Body.RADIUS] = math.sqrt(reach * reach + half_m * half_m)
    out[Body.VX] = speed * dx
    out[Body.VY] = speed * dy
    out[Body.CLASS] = actor
    out[Body.SHAPE] = cls
    out[Body.BEACON] = 0.0
    out[Body.OWNER] = owner


@njit
def write_vehicle(row, body, b, vt):
    """Write the bodies of one mover: itself, then its dollies behind it on the same rail. body: (N, Body)."""
    first = int(row[Vehicle.BODY])
    if row[Vehicle.ACTIVE] == 0.0:
        for k in range(BODIES_PER_VEHICLE):
            body[first + k, Body.CLASS] = -1.0
        return
    cls = int(row[Vehicle.CLASS])
    trailers = int(row[Vehicle.TRAILERS])
    speed = row[Vehicle.SPEED]
    front_m = vt.front_m[cls]
    x, y = point_behind(row, b, OVERHANG_SHARE * (front_m - vt.wheelbase_m[cls]))  # a driver steers the nose too
    rx, ry = point_behind(row, b, front_m)
    half = 0.5 * vt.width_m[cls]
    _write_box(body[first], x, y, rx, ry, speed, front_m, vt.rear_m[cls], half, cls, vt.actor_class[cls], first)
    body[first, Body.BEACON] = 1.0 if row[Vehicle.ROLE] == VehicleRole.EMERGENCY else 0.0
    dolly = VehicleClass.DOLLY.value
    half = 0.5 * vt.width_m[dolly]
    hitch_m = front_m + vt.hitch_m[cls]
    for k in range(1, BODIES_PER_VEHICLE):
        if k > trailers:
            body[first + k, Body.CLASS] = -1.0
            continue
        axle_m = hitch_m + vt.drawbar_m[dolly]
        rear_m = axle_m + vt.wheelbase_m[dolly]
        x, y = point_behind(row, b, axle_m)
        rx, ry = point_behind(row, b, rear_m)
        _write_box(
            body[first + k], x, y, rx, ry, speed, vt.front_m[dolly], vt.rear_m[dolly], half, dolly,
            float(ActorClass.BAGGAGE_CART.value), first,
        )  # fmt: skip
        hitch_m = rear_m + vt.hitch_m[dolly]


@njit
def covers_feature(b, at, lane, low, high):
    for f in range(b.feat0[lane], b.feat0[lane + 1]):
        begin = b.feat_s_in[f]
        if b.feat_s_stop[f] >= 0.0:
            begin = min(begin, b.feat_s_stop[f])
        if begin < high and b.feat_s_out[f] > low:
            return True
    return False


@njit
def _is_clear(body, first, x, y, radius_m):
    """No foreign body within radius_m of the point, by bounding circles. body: (N, Body)."""
    for n in range(body.shape[0]):
        if body[n, Body.CLASS] < 0.0 or (first <= n < first + BODIES_PER_VEHICLE):
            continue
        far = radius_m + min(body[n, Body.RADIUS], 8.0)
        if (body[n, Body.X] - x) ** 2 + (body[n, Body.Y] - y) ** 2 < far * far:
            return False
    return True


@njit
def _train_fits(row, b, at, body, ego_body):
    """The whole train, sampled every 3 m, is clear of every body and of the ego."""
    back = -1.0
    first = int(row[Vehicle.BODY])
    while back < row[Vehicle.LENGTH] + 2.0:
        x, y = point_behind(row, b, back)
        if not _is_clear(body, first, x, y, SPAWN_GAP_M):
            return False
        for k in range(ego_body.shape[0]):
            if ego_body[k, Body.CLASS] < 0.0:
                continue
            if (ego_body[k, Body.X] - x) ** 2 + (ego_body[k, Body.Y] - y) ** 2 < EGO_GAP_M * EGO_GAP_M:
                return False
        back += 3.0
    return True


@njit
def _place(row, e, w, b, at, lane, s, low_m, high_m):
    """Put the vehicle row at (lane, s) when that place is allowed. -> True when done."""
    length = row[Vehicle.LENGTH]
    if b.lane_kind[lane] == LaneKind.CONNECTOR or b.lane_junction[lane] >= 0 or s < length + 1.0:
        return False
    x, y = lane_point(b, lane, s)
    ego_x, ego_y = nearest_ego(e, w, x, y)
    dx = x - ego_x
    dy = y - ego_y
    far2 = dx * dx + dy * dy
    if far2 < low_m * low_m or far2 > high_m * high_m:
        return False
    x, y = lane_point(b, lane, s - length)
    ego_x, ego_y = nearest_ego(e, w, x, y)
    if (x - ego_x) ** 2 + (y - ego_y) ** 2 < low_m * low_m:
        return False
    if covers_feature(b, at, lane, s - length - 1.0, s + 3.0):
        return False
    old_lane = row[Vehicle.LANE]
    old_s = row[Vehicle.S]
    p0 = row[Vehicle.PREV_LANE0]
    p1 = row[Vehicle.PREV_LANE1]
    row[Vehicle.LANE] = lane
    row[Vehicle.S] = s
    row[Vehicle.PREV_LANE0] = -1.0
    row[Vehicle.PREV_LANE1] = -1.0
    if _train_fits(row, b, at, w.body[e], w.ego_body[e]):
        return True
    row[Vehicle.LANE] = old_lane
    row[Vehicle.S] = old_s
    row[Vehicle.PREV_LANE0] = p0
    row[Vehicle.PREV_LANE1] = p1
    return False


@njit
def try_place(row, e, w, b, at, vt, low_m, high_m, range_m, tries):
    """Try random places between low_m and high_m from the ego; on success the vehicle drives there. -> bool."""
    for _ in range(tries):
        lane = at.lane0 + rng.randint(w.rng, e, at.num_lanes)
        room = b.lane_len[lane] - row[Vehicle.LENGTH] - 4.0
        if room <= 0.0:
            continue
        s = row[Vehicle.LENGTH] + 1.5 + rng.uniform(w.rng, e) * room
        if not _place(row, e, w, b, at, lane, s, low_m, high_m):
            continue
        extend_rail(row, b, at)
        row[Vehicle.NEXT_DEST] = -1.0
        goal = int(w.episode[e, Episode.GOAL_LANE])
        x, y = lane_point(b, lane, s)
        ego_x, ego_y = nearest_ego(e, w, x, y)
        take_next_destination(w.rng, e, row, b, at, ego_x, ego_y, range_m, goal)
        if row[Vehicle.DEST] < 0.0:
            row[Vehicle.ACTIVE] = 0.0
            write_vehicle(row, w.body[e], b, vt)
            return False
        i = b.lane_pt0[lane] + int(s / b.lane_ds[lane])
        row[Vehicle.ACTIVE] = 1.0
        row[Vehicle.SPEED] = min(0.5 * b.pt_limit[i], 3.0)
        row[Vehicle.SPEED_CAP] = row[Vehicle.SPEED]
        row[Vehicle.ACCEL] = 0.0
        row[Vehicle.STOP_TIME] = 0.0
        row[Vehicle.STOP_REASON] = 0.0
        row[Vehicle.NUM_ASKS] = 0.0
        row[Vehicle.FEATURE_STOP] = 0.0
        row[Vehicle.LEADER] = -1.0
        write_vehicle(row, w.body[e], b, vt)
        return True
    return False


@njit
def make_vehicle(row, e, w, vt, v, first_body, q):
    """Fill the fixed columns of slot v: class, dollies, driver; it has no place yet."""
    cls, trailers = draw_class(w.rng, e)
    shape_vehicle(row, vt, cls, trailers, first_body)
    spread = q.speed_factor_max - q.speed_factor_min
    half = 0.5 * (rng.uniform(w.rng, e) + rng.uniform(w.rng, e))  # triangular: most drive near the limit
    row[Vehicle.DESIRED] = (q.speed_factor_min + spread * half) * w.setup[e, Setup.PACE]
    row[Vehicle.TARGET_GAP] = q.idm_headway_s * rng.uniform_range(w.rng, e, 0.8, 1.2)


@njit
def shape_vehicle(row, vt, cls, trailers, first_body):
    """Fill the columns of a vehicle row that follow from its class and dollies; it has no driver and no place yet."""
    row[:] = 0.0
    row[Vehicle.CLASS] = cls
    row[Vehicle.TRAILERS] = trailers
    row[Vehicle.IS_LONG] = 1.0 if is_long(vt.front_m[cls] + vt.rear_m[cls], vt.width_m[cls]) else 0.0
    row[Vehicle.LENGTH] = mover_length(vt, cls, trailers)
    row[Vehicle.BODY] = first_body
    row[Vehicle.CLAIM] = -1.0
    row[Vehicle.DEST] = -1.0
    row[Vehicle.NEXT_DEST] = -1.0
    row[Vehicle.LEADER] = -1.0
    for k in range(LANES_PER_VEHICLE - 1):
        row[Vehicle.PREV_LANE0 + k] = -1.0
    for k in range(LOCKS_PER_VEHICLE):
        row[Vehicle.HELD0 + k] = -1.0
