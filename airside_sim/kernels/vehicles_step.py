"""Background vehicles, one tick: lanes listed, locks given, each driver looks, brakes and rolls on, then missions.

Every vehicle decides on the same picture (positions at the start of the tick); its own safe-speed laws make the order
irrelevant for safety.
"""

import math

from airside_sim.constants import DT_S, FeatureKind, StopReason
from airside_sim.jit import njit
from airside_sim.kernels.following import idm_accel, safe_speed, stop_accel, stopping_m
from airside_sim.kernels.junctions import grant_junctions, release_junction, update_ego_junctions
from airside_sim.kernels.lane_rail import (
    curvature_at,
    net_of,
    next_on_path,
    node_lane,
    node_span,
    roll_over,
)
from airside_sim.kernels.missions import (
    has_arrived,
    stop_for_service,
    take_next_destination,
    try_other_way,
)
from airside_sim.kernels.obstacles import CLEAR_M, gap_to_body, is_straight
from airside_sim.kernels.path_scan import FAR_M, Zones, scan_path
from airside_sim.kernels.vehicles_spawn import BODIES_PER_VEHICLE, make_vehicle, try_place, write_vehicle
from airside_sim.world import (
    LANES_PER_VEHICLE,
    Body,
    Crossing,
    Ego,
    Episode,
    Stand,
    Vehicle,
)

CAP_TICKS = 3  # speed limits ahead are looked up this often
CAP_STEP_M = 4.0
EGO_GAP_M = 1.5  # standing gap to the ego
HARD_GAP_M = 0.6
STANDING_MPS = 0.1
RESET_TRIES = 80
FULL_AFTER = 3  # misses in a row: the roads are full, the rest come later


@njit
def zones_of(e, w, b, m):
    return Zones(
        w.crossing[e], w.stand[e], w.walk_crossing[e], w.aircraft[e], b.cross_len_m, int(b.map_crossing0[m]),
        int(b.map_stand0[m]), int(b.map_walkx0[m]), int(b.map_junction0[m]),
    )  # fmt: skip


@njit
def list_lanes(vehicle, heads, nexts, net):
    """Enter every active vehicle into the lists of the lanes it covers."""
    for v in range(vehicle.shape[0]):
        if vehicle[v, Vehicle.ACTIVE] == 0.0:
            continue
        for k in range(LANES_PER_VEHICLE):
            lane = node_lane(vehicle[v], k)
            if lane < 0:
                break
            if k > 0:
                low, high = node_span(vehicle[v], net.rail.length, k)
                if low > high:
                    break
            node = v * LANES_PER_VEHICLE + k
            nexts[node] = heads[lane - net.way.lane0]
            heads[lane - net.way.lane0] = node


@njit
def unlist_lanes(vehicle, heads, net):
    """Empty the lists again (before any vehicle has moved)."""
    for v in range(vehicle.shape[0]):
        if vehicle[v, Vehicle.ACTIVE] == 0.0:
            continue
        for k in range(LANES_PER_VEHICLE):
            lane = node_lane(vehicle[v], k)
            if lane < 0:
                break
            heads[lane - net.way.lane0] = -1


@njit
def speed_cap(row, rail, way, headings, limits, brake, lateral):
    """Speed now from which every limit and curve within braking distance can be met, m/s."""
    reach = stopping_m(row[Vehicle.SPEED], brake) + 6.0
    lane = int(row[Vehicle.LANE])
    back = min(row[Vehicle.LENGTH], 6.0, row[Vehicle.S])  # the rear still feels the curve
    s = row[Vehicle.S] - back
    d = -back
    cap = FAR_M
    while d < reach:
        if s > rail.length[lane]:
            after = next_on_path(row, way, lane)
            if after < 0:
                break
            s -= rail.length[lane]
            lane = after
        first = rail.pt0[lane]
        k = first + min(int(s / rail.ds[lane]), rail.pt0[lane + 1] - first - 2)
        there = limits[k] * row[Vehicle.DESIRED]
        bend = curvature_at(headings, rail.ds[lane], k)
        if bend > 1e-4:
            there = min(there, max(1.2, math.sqrt(lateral / bend)))
        cap = min(cap, math.sqrt(there * there + 2.0 * brake * max(d, 0.0)))
        s += CAP_STEP_M
        d += CAP_STEP_M
    return cap


@njit
def _look_for_bodies(row, rail, way, body, first, last, half_m, reach_m, margin_m, straight, leader):
    """Nearest path gap to bodies [first, last), without its own and its leader's. -> gap."""
    own = int(row[Vehicle.BODY])
    best = CLEAR_M
    x = body[own, Body.X]
    y = body[own, Body.Y]
    far = reach_m + body[own, Body.FRONT] + half_m + margin_m
    for n in range(first, last):
        if body[n, Body.CLASS] < 0.0:
            continue
        dx = body[n, Body.X] - x
        dy = body[n, Body.Y] - y
        limit = far + body[n, Body.RADIUS]
        if dx * dx + dy * dy > limit * limit:
            continue
        owner = int(body[n, Body.OWNER])
        if owner == own or owner == leader:
            continue
        gap = gap_to_body(row, rail, way, body[own], straight, body[n], 0.3, reach_m, half_m, margin_m)
        best = min(best, gap)
    return best


@njit
def _ego_gap(row, rail, way, front, ego_body, half_m, reach_m, margin_m, straight):
    """-> (path gap to the nearest ego body, its speed along the vehicle's heading there)."""
    best = CLEAR_M
    speed = 0.0
    for k in range(ego_body.shape[0]):
        if ego_body[k, Body.CLASS] < 0.0:
            continue
        gap = gap_to_body(row, rail, way, front, straight, ego_body[k], -row[Vehicle.LENGTH], reach_m, half_m, margin_m)
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


@njit(inline=True)
def _decide(e, w, net, vt, zones, v, q, person0):
    """Acceleration of vehicle v and why it would stop. -> (accel, reason, bit mask of held locks seen ahead)."""
    row = w.vehicle[e, v]
    speed = row[Vehicle.SPEED]
    cls = int(row[Vehicle.CLASS])
    top = min(row[Vehicle.SPEED_CAP], vt.max_speed_mps[cls])
    brake = q.comfort_brake_mps2
    accel_max = min(max(vt.accel_mps2[cls], 0.6), 1.2)
    stop_m, reason_stop, gap, leader, seen = scan_path(
        w.vehicle[e], v, w.lane_head[e], w.lane_next[e], net, zones, brake, q.crossing_margin_s
    )
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
    service_m = stop_for_service(w.rng, e, row, net, q.dwell_min_s, q.dwell_max_s)
    if row[Vehicle.DWELL] > 0.0:
        accel, reason = _worse(accel, reason, -speed / DT_S - 0.01, float(StopReason.SERVICE.value))
    elif service_m < FAR_M:
        accel, reason = _worse(accel, reason, stop_accel(speed, service_m, 1.0), float(StopReason.SERVICE.value))
    accel, reason = _see_bodies(e, w, net, vt, v, q, person0, int(leader_body), accel, reason)
    return max(accel, -q.emergency_brake_mps2), reason, seen


@njit(inline=True)
def _see_bodies(e, w, net, vt, v, q, person0, leader, accel, reason):
    """The geometric part of `_decide`: ego, people, and vehicles on lanes that come close."""
    row = w.vehicle[e, v]
    body = w.body[e]
    own = int(row[Vehicle.BODY])
    speed = row[Vehicle.SPEED]
    brake = q.comfort_brake_mps2
    half = 0.5 * vt.width_m[int(row[Vehicle.CLASS])]
    reach = stopping_m(speed, brake) + 8.0
    straight = is_straight(row, net.rail, net.way, body[own], reach)
    dx = w.ego[e, Ego.X] - body[own, Body.X]
    dy = w.ego[e, Ego.Y] - body[own, Body.Y]
    near = reach + row[Vehicle.LENGTH] + w.ego[e, Ego.TRAIN_LENGTH] + 10.0
    if dx * dx + dy * dy < near * near:
        gap, lead_mps = _ego_gap(
            row, net.rail, net.way, body[own], w.ego_body[e], half, reach, q.ego_margin_m, straight
        )
        if gap < CLEAR_M:
            room = gap - 0.5 * EGO_GAP_M
            follow = idm_accel(speed, 30.0, room, lead_mps, 1.0, brake, 1.0, row[Vehicle.TARGET_GAP])
            hard = (safe_speed(room - HARD_GAP_M, lead_mps, 4.0, 7.0) - speed) / DT_S
            accel, reason = _worse(accel, reason, min(follow, hard), float(StopReason.EGO.value))
    reach = stopping_m(speed, brake) + 4.0
    gap = _look_for_bodies(row, net.rail, net.way, body, person0, body.shape[0], half, reach, 0.8, straight, -5)
    if gap < CLEAR_M:
        accel, reason = _worse(accel, reason, stop_accel(speed, gap - 1.5, 2.5), float(StopReason.PERSON.value))
    reach = stopping_m(speed, 3.0) + 2.5
    first = 2 * w.aircraft.shape[1]
    last = first + BODIES_PER_VEHICLE * w.vehicle.shape[1]
    gap = _look_for_bodies(row, net.rail, net.way, body, first, last, half, reach, 0.25, straight, leader)
    if gap < CLEAR_M:
        accel, reason = _worse(accel, reason, stop_accel(speed, gap - 0.8, 5.0), float(StopReason.LEADER.value))
    return accel, reason


@njit
def _count_zones(row, net, zones):
    """Count the vehicle in every zone that any part of it covers, or whose line its front has passed."""
    row[Vehicle.FEATURE_STOP] = 0.0
    for k in range(LANES_PER_VEHICLE):
        lane = node_lane(row, k)
        if lane < 0:
            break
        low, high = node_span(row, net.rail.length, k)
        if low > high:
            break
        for f in range(net.feat0[lane], net.feat0[lane + 1]):
            begin = net.feat_in[f]
            if net.feat_stop[f] >= 0.0 and k == 0:
                begin = min(begin, net.feat_stop[f] + 0.3)
            if begin > high or net.feat_out[f] < low:
                continue
            kind = net.feat_kind[f]
            gid = net.feat_id[f]
            if kind == FeatureKind.STAND_ZONE:
                zones.stand[gid - zones.stand0, Stand.OCCUPANTS] += 1.0
                if zones.stand[gid - zones.stand0, Stand.CLOSED] == 1.0:
                    row[Vehicle.FEATURE_STOP] = 1.0
            elif kind == FeatureKind.WALK_CROSSING:
                zones.walk[gid - zones.walk0, 2] += 1.0
            else:
                zones.crossing[gid - zones.crossing0, Crossing.OCCUPANTS] += 1.0


@njit
def count_occupants(vehicle, net, zones):
    """Write OCCUPANTS of crossings and stands and the vehicles on each walk crossing, from vehicle (V, Vehicle)."""
    zones.crossing[:, Crossing.OCCUPANTS] = 0.0
    zones.stand[:, Stand.OCCUPANTS] = 0.0
    zones.walk[:, 2] = 0.0
    for v in range(vehicle.shape[0]):
        if vehicle[v, Vehicle.ACTIVE] == 1.0:
            _count_zones(vehicle[v], net, zones)


@njit
def _keeps_lock(row, lengths, lane_junction, junction0, seen, second):
    """The lock is still needed: a covered lane belongs to it, or it lies ahead."""
    if seen & (1 << second):
        return True
    j = int(row[Vehicle.HELD_JUNCTION2 if second == 1 else Vehicle.HELD_JUNCTION])
    for k in range(LANES_PER_VEHICLE):
        lane = node_lane(row, k)
        if lane < 0:
            break
        low, high = node_span(row, lengths, k)
        if low > high:
            break
        if lane_junction[lane] == j + junction0:
            return True
    return False


@njit(inline=True)
def _roll(row, net, accel):
    """Advance the front bumper by one tick; never past the end of a path that does not go on."""
    speed = max(0.0, row[Vehicle.SPEED] + accel * DT_S)
    if speed < 0.02 and accel <= 0.0:
        speed = 0.0
    row[Vehicle.ACCEL] = (speed - row[Vehicle.SPEED]) / DT_S
    row[Vehicle.SPEED] = speed
    row[Vehicle.S] += speed * DT_S
    while row[Vehicle.S] > net.rail.length[int(row[Vehicle.LANE])]:
        after = next_on_path(row, net.way, int(row[Vehicle.LANE]))
        if after < 0:
            row[Vehicle.S] = net.rail.length[int(row[Vehicle.LANE])]
            row[Vehicle.SPEED] = 0.0
            break
        roll_over(row, net, after)


@njit(inline=True)
def _mission(e, w, row, net, q):
    """Finish dwelling or passing, count the mission, look for another way when room is lacking for long."""
    x = w.ego[e, Ego.X]
    y = w.ego[e, Ego.Y]
    if row[Vehicle.DWELL] > 0.0:
        row[Vehicle.DWELL] -= DT_S
        if row[Vehicle.DWELL] <= 0.0:
            row[Vehicle.MISSIONS] += 1.0
            take_next_destination(w.rng, e, row, net, x, y, q.bubble_m)
    elif has_arrived(row, net):
        row[Vehicle.MISSIONS] += 1.0
        take_next_destination(w.rng, e, row, net, x, y, q.bubble_m)
    elif row[Vehicle.DEST] < 0.0 or next_on_path(row, net.way, int(row[Vehicle.LANE])) < 0:
        take_next_destination(w.rng, e, row, net, x, y, q.bubble_m)
    waited = row[Vehicle.STOP_TIME]
    reason = row[Vehicle.STOP_REASON]
    free = row[Vehicle.HELD_JUNCTION] < 0.0 and row[Vehicle.HELD_JUNCTION2] < 0.0
    blocked = reason != StopReason.SERVICE and reason != StopReason.PERSON
    if free and blocked and waited > q.reroute_s and int(waited / DT_S + 0.5) % 100 == 0:
        try_other_way(w.rng, e, row, net, x, y, q.bubble_m)


@njit(inline=True)
def _wants_new_place(row, front, ego_x, ego_y, q):
    """Too far from the ego, or stuck out of its view."""
    away = math.sqrt((front[Body.X] - ego_x) ** 2 + (front[Body.Y] - ego_y) ** 2)
    if away > q.bubble_out_m:
        return True
    if away < q.view_m + row[Vehicle.LENGTH]:
        return False
    reason = row[Vehicle.STOP_REASON]
    if reason == StopReason.SERVICE:
        return False
    return row[Vehicle.STOP_TIME] > q.stuck_s


@njit
def _move_away(e, w, net, vt, v, q):
    """Give vehicle v another place out of view, when one is found this tick; locks go back first."""
    row = w.vehicle[e, v]
    held = row[Vehicle.HELD_JUNCTION]
    held2 = row[Vehicle.HELD_JUNCTION2]
    if try_place(row, e, w, net, vt, q.view_m + 5.0, q.respawn_max_m, q.bubble_m, 6):
        row[Vehicle.HELD_JUNCTION] = held
        row[Vehicle.HELD_JUNCTION2] = held2
        release_junction(row, w.junction[e], 0)
        release_junction(row, w.junction[e], 1)


@njit
def step_vehicles(e, w, b, vt, q):
    """One tick of all background vehicles of env e, bodies included."""
    m = int(w.episode[e, Episode.MAP])
    net = net_of(b, m)
    zones = zones_of(e, w, b, m)
    vehicle = w.vehicle[e]
    count = vehicle.shape[0]
    tick = int(w.episode[e, Episode.TICK])
    person0 = w.body.shape[1] - w.person.shape[1]
    update_ego_junctions(w.ego[e], w.episode[e], w.route[e], b.lane_junction, w.junction[e], zones.junction0)
    grant_junctions(vehicle, w.junction[e], q.junction_rank_s)
    list_lanes(vehicle, w.lane_head[e], w.lane_next[e], net)
    for v in range(count):
        if vehicle[v, Vehicle.ACTIVE] == 0.0:
            continue
        row = vehicle[v]
        if (tick + v) % CAP_TICKS == 0:
            row[Vehicle.SPEED_CAP] = speed_cap(
                row, net.rail, net.way, net.h, net.limit, q.comfort_brake_mps2, q.lateral_accel_mps2
            )
        accel, reason, seen = _decide(e, w, net, vt, zones, v, q, person0)
        row[Vehicle.ACCEL] = accel
        row[Vehicle.STOP_REASON] = reason
        for second in range(2):
            column = Vehicle.HELD_JUNCTION2 if second == 1 else Vehicle.HELD_JUNCTION
            if row[column] >= 0.0 and not _keeps_lock(
                row, net.rail.length, net.junction, zones.junction0, seen, second
            ):
                release_junction(row, w.junction[e], second)
    unlist_lanes(vehicle, w.lane_head[e], net)
    wanted = target_vehicles(e, w, _lane_metres(b, m), q)
    for v in range(count):
        row = vehicle[v]
        if row[Vehicle.ACTIVE] == 0.0:
            if v < wanted and (tick + v) % 8 == 0:
                make_vehicle(row, e, w, vt, v, int(row[Vehicle.BODY]), q)  # perhaps a shorter one
                try_place(row, e, w, net, vt, q.view_m + 5.0, q.respawn_max_m, q.bubble_m, 6)
            continue
        _roll(row, net, row[Vehicle.ACCEL])
        row[Vehicle.STOP_TIME] = row[Vehicle.STOP_TIME] + DT_S if row[Vehicle.SPEED] < STANDING_MPS else 0.0
        _mission(e, w, row, net, q)
        front = w.body[e, int(row[Vehicle.BODY])]
        if (tick + v) % 5 == 0 and _wants_new_place(row, front, w.ego[e, Ego.X], w.ego[e, Ego.Y], q):
            _move_away(e, w, net, vt, v, q)
        write_vehicle(row, w.body[e], net.rail, vt)
    count_occupants(vehicle, net, zones)


@njit
def target_vehicles(e, w, lane_m, q):
    """Movers of this episode: the peak number, or what the map's lanes carry, times the density, within capacity."""
    peak = min(q.peak_vehicles, lane_m / q.lane_m_per_vehicle)
    return min(w.vehicle.shape[1], int(peak * w.episode[e, Episode.DENSITY] + 0.5))


@njit
def _lane_metres(b, m):
    """Metres of lane of map m (its points lie one metre apart)."""
    return float(b.lane_pt0[b.map_lane0[m + 1]] - b.lane_pt0[b.map_lane0[m]])


@njit
def reset_vehicles(e, w, b, vt, q):
    """Spread the vehicles over the lanes round the ego."""
    m = int(w.episode[e, Episode.MAP])
    net = net_of(b, m)
    w.lane_head[e] = -1
    first = 2 * w.aircraft.shape[1]
    wanted = target_vehicles(e, w, _lane_metres(b, m), q)
    misses = 0
    for v in range(w.vehicle.shape[1]):
        row = w.vehicle[e, v]
        make_vehicle(row, e, w, vt, v, first + BODIES_PER_VEHICLE * v, q)
        write_vehicle(row, w.body[e], net.rail, vt)
        if v < wanted and misses < FULL_AFTER:
            found = try_place(row, e, w, net, vt, 0.0, q.bubble_m, q.bubble_m, RESET_TRIES)
            misses = 0 if found else misses + 1
    count_occupants(w.vehicle[e], net, zones_of(e, w, b, m))
