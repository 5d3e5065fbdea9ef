"""One background driver's decision: the acceleration that every limit, leader, line and body in the way allows."""

import math

from airside_sim.columns import Body, Vehicle
from airside_sim.constants import DT_S, StopReason, VehicleRole
from airside_sim.jit import njit
from airside_sim.kernels.crowd import find_close
from airside_sim.kernels.following import idm_accel, safe_speed, stop_accel, stopping_m
from airside_sim.kernels.lane_rail import curvature_at, next_on_path
from airside_sim.kernels.missions import stop_for_service
from airside_sim.kernels.obstacles import CLEAR_M, gap_of_outline, gap_to_body, is_in_reach, is_straight
from airside_sim.kernels.path_scan import FAR_M, scan_path

CAP_STEP_M = 4.0
EGO_GAP_M = 1.5  # standing gap to the ego
HARD_GAP_M = 0.6
PERSON_MARGIN_M = 0.8  # beside the body
PERSON_AHEAD_S = 1.5  # who walks towards the path counts where he will be then
PERSON_TOP_MPS = 2.5
OUTLINE_MARGIN_M = 0.3  # to the ego, of what swings out or cuts the corner
SIDE_MARGIN_M = 0.25  # to vehicles on other lanes


@njit
def speed_cap(row, b, at, brake, lateral):
    """Speed now from which every limit and curve within braking distance can be met, m/s.

    An emergency vehicle has a speed of its own in place of the limits.
    """
    reach = stopping_m(row[Vehicle.SPEED], brake) + 6.0
    lane = int(row[Vehicle.LANE])
    back = min(row[Vehicle.LENGTH], 6.0, row[Vehicle.S])  # the rear still feels the curve
    s = row[Vehicle.S] - back
    d = -back
    cap = FAR_M
    is_emergency = row[Vehicle.ROLE] == VehicleRole.EMERGENCY
    while d < reach:
        if s > b.lane_len[lane]:
            after = next_on_path(row, b, at, lane)
            if after < 0:
                break
            s -= b.lane_len[lane]
            lane = after
        first = b.lane_pt0[lane]
        k = first + min(int(s / b.lane_ds[lane]), b.lane_pt0[lane + 1] - first - 2)
        there = row[Vehicle.DESIRED] if is_emergency else b.pt_limit[k] * row[Vehicle.DESIRED]
        bend = curvature_at(b.pt_h, b.lane_ds[lane], k)
        if bend > 1e-4:
            there = min(there, max(1.2, math.sqrt(lateral / bend)))
        cap = min(cap, math.sqrt(there * there + 2.0 * brake * max(d, 0.0)))
        s += CAP_STEP_M
        d += CAP_STEP_M
    return cap


@njit
def _is_ego_in_reach(front, ego_body, far_m):
    """A body of the ego (EGO_BODIES, Body) has its circle within far_m of body row `front`."""
    for k in range(ego_body.shape[0]):
        if ego_body[k, Body.CLASS] >= 0.0 and is_in_reach(front, ego_body[k], far_m):
            return True
    return False


@njit
def _is_anyone_in_reach(front, vehicle, body, close, far_m):
    """The same for what `close` lists: a person is, a vehicle's circle is larger than its bodies."""
    for i in range(close.shape[0]):
        u = close[i]
        if u >= vehicle.shape[0]:
            return True
        first = int(vehicle[u, Vehicle.BODY])
        for n in range(first, first + 1 + int(vehicle[u, Vehicle.TRAILERS])):
            if is_in_reach(front, body[n], far_m):
                return True
    return False


@njit
def _closing_mps(front, other):
    """Speed at which body row `other` comes towards the axis of row `front` from aside, >= 0."""
    side = front[Body.COS] * (other[Body.Y] - front[Body.Y]) - front[Body.SIN] * (other[Body.X] - front[Body.X])
    outward = front[Body.COS] * other[Body.VY] - front[Body.SIN] * other[Body.VX]
    return max(-outward if side > 0.0 else outward, 0.0)


@njit
def _look_for_people(row, b, at, body, close, first, person0, half_m, reach_m, straight):
    """Nearest path gap to a person's body, in or walking into the way.

    close: entries of the crowd, people from `first` on = rows person0 and up.
    """
    front = body[int(row[Vehicle.BODY])]
    best = CLEAR_M
    for i in range(close.shape[0]):
        if close[i] >= first:
            person = body[person0 + close[i] - first]
            margin = PERSON_MARGIN_M + PERSON_AHEAD_S * _closing_mps(front, person)
            gap = gap_to_body(row, b, at, front, straight, person, 0.3, reach_m, half_m, margin)
            best = min(best, gap)
    return best


@njit
def _look_for_vehicles(row, b, at, vehicle, body, close, half_m, reach_m, straight):
    """Nearest path gap to a body of a vehicle (V, Vehicle) among the entries `close` of the crowd."""
    front = body[int(row[Vehicle.BODY])]
    best = CLEAR_M
    for i in range(close.shape[0]):
        u = close[i]
        if u >= vehicle.shape[0]:
            break
        first = int(vehicle[u, Vehicle.BODY])
        for n in range(first, first + 1 + int(vehicle[u, Vehicle.TRAILERS])):
            gap = gap_to_body(row, b, at, front, straight, body[n], 0.3, reach_m, half_m, SIDE_MARGIN_M)
            best = min(best, gap)
    return best


@njit
def _ego_gap(row, b, at, vt, front, ego_body, half_m, reach_m, margin_m, straight):
    """-> (path gap to the nearest ego body, its speed along the vehicle's heading there)."""
    best = CLEAR_M
    speed = 0.0
    for k in range(ego_body.shape[0]):
        if ego_body[k, Body.CLASS] < 0.0:
            continue
        gap = gap_to_body(row, b, at, front, straight, ego_body[k], -row[Vehicle.LENGTH], reach_m, half_m, margin_m)
        if not straight and gap > 0.0:
            gap = min(gap, gap_of_outline(row, b, at, vt, ego_body[k], reach_m, OUTLINE_MARGIN_M))
        if gap < best:
            best = gap
            away = ego_body[k, Body.COS] * front[Body.COS] + ego_body[k, Body.SIN] * front[Body.SIN]
            along = ego_body[k, Body.VX] * front[Body.COS] + ego_body[k, Body.VY] * front[Body.SIN]
            speed = max(0.0, along) if away > 0.5 else 0.0
    return best, speed


@njit
def _worse(accel, reason, other, why):
    if other < accel:
        return other, why
    return accel, reason


@njit
def decide(e, w, b, at, vt, v, q, person0):
    """Acceleration of vehicle v and why it would stop. -> (accel, reason, bit mask of held locks seen ahead)."""
    row = w.vehicle[e, v]
    speed = row[Vehicle.SPEED]
    cls = int(row[Vehicle.CLASS])
    top = min(row[Vehicle.SPEED_CAP], vt.max_speed_mps[cls])
    brake = q.comfort_brake_mps2
    accel_max = min(max(vt.accel_mps2[cls], 1.0), 1.2)
    stop_m, reason_stop, gap, leader, seen = scan_path(e, w, b, at, v, brake, q.crossing_margin_s)
    reason = float(StopReason.NONE.value)
    accel = idm_accel(speed, top, FAR_M, 0.0, accel_max, brake, q.idm_gap_m, row[Vehicle.TARGET_GAP])
    leader_body = -1.0
    if leader >= 0:
        ahead = w.vehicle[e, leader]
        leader_body = ahead[Vehicle.BODY]
        lead_mps = ahead[Vehicle.SPEED]
        follow = idm_accel(speed, top, gap, lead_mps, accel_max, brake, q.idm_gap_m, row[Vehicle.TARGET_GAP])
        hard = (safe_speed(gap - HARD_GAP_M, lead_mps, 5.0, q.emergency_brake_mps2) - speed) / DT_S
        accel, reason = _worse(accel, reason, min(follow, hard), float(StopReason.LEADER.value))
    row[Vehicle.LEADER] = leader_body
    if stop_m < FAR_M:
        accel, reason = _worse(accel, reason, stop_accel(speed, stop_m, brake), reason_stop)
    service_m = stop_for_service(w.rng, e, row, b, at, q.dwell_min_s, q.dwell_max_s)
    if row[Vehicle.DWELL] > 0.0:
        accel, reason = _worse(accel, reason, -speed / DT_S - 0.01, float(StopReason.SERVICE.value))
    elif service_m < FAR_M:
        accel, reason = _worse(accel, reason, stop_accel(speed, service_m, 1.0), float(StopReason.SERVICE.value))
    if row[Vehicle.BROKEN] > 0.0:
        accel, reason = _worse(accel, reason, -brake, float(StopReason.BREAKDOWN.value))
    accel, reason = _see_bodies(e, w, b, at, vt, v, q, person0, leader, accel, reason)
    return max(accel, -q.emergency_brake_mps2), reason, seen


@njit
def _see_bodies(e, w, b, at, vt, v, q, person0, leader, accel, reason):
    """The geometric part of `_decide`: ego, people, and vehicles on lanes that come close."""
    row = w.vehicle[e, v]
    body = w.body[e]
    own = int(row[Vehicle.BODY])
    speed = row[Vehicle.SPEED]
    brake = q.comfort_brake_mps2
    half = 0.5 * vt.width_m[int(row[Vehicle.CLASS])]
    reach = stopping_m(speed, brake) + 8.0
    people_m = stopping_m(speed, brake) + 4.0
    vehicles_m = stopping_m(speed, 3.0) + 2.5
    size = body[own, Body.FRONT] + half
    people_far_m = people_m + PERSON_MARGIN_M + PERSON_AHEAD_S * PERSON_TOP_MPS
    far = size + max(people_far_m, vehicles_m + SIDE_MARGIN_M)
    count = find_close(w.crowd[e], w.close[e], body[own, Body.X], body[own, Body.Y], far, v, leader)
    close = w.close[e, :count]
    ego_near = _is_ego_in_reach(body[own], w.ego_body[e], size + reach + q.ego_margin_m + row[Vehicle.LENGTH])
    if not ego_near and not _is_anyone_in_reach(body[own], w.vehicle[e], body, close, far):
        return accel, reason
    straight = is_straight(row, b, at, body[own], reach)
    if ego_near:
        gap, lead_mps = _ego_gap(row, b, at, vt, body[own], w.ego_body[e], half, reach, q.ego_margin_m, straight)
        if gap < CLEAR_M:
            room = gap - 0.5 * EGO_GAP_M
            follow = idm_accel(speed, 30.0, room, lead_mps, 1.0, brake, 1.0, row[Vehicle.TARGET_GAP])
            hard = (safe_speed(room - HARD_GAP_M, lead_mps, 4.0, 7.0) - speed) / DT_S
            accel, reason = _worse(accel, reason, min(follow, hard), float(StopReason.EGO.value))
    gap = _look_for_people(row, b, at, body, close, w.vehicle.shape[1], person0, half, people_m, straight)
    if gap < CLEAR_M:
        accel, reason = _worse(accel, reason, stop_accel(speed, gap - 1.5, 2.5), float(StopReason.PERSON.value))
    gap = _look_for_vehicles(row, b, at, w.vehicle[e], body, close, half, vehicles_m, straight)
    if gap < CLEAR_M:
        accel, reason = _worse(accel, reason, stop_accel(speed, gap - 0.8, 5.0), float(StopReason.LEADER.value))
    return accel, reason
