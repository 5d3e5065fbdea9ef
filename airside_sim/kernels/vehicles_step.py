"""Background vehicles, one tick: lanes listed, locks given, each driver looks, brakes and rolls on, then missions.

Every vehicle decides on the same picture (positions at the start of the tick); its own safe-speed laws make the order
irrelevant for safety.
"""

import math

from airside_sim.columns import LANES_PER_VEHICLE, LOCKS_PER_VEHICLE, Body, Episode, Vehicle
from airside_sim.constants import DT_S, StopReason, VehicleRole
from airside_sim.episode_setup import Setup
from airside_sim.jit import njit
from airside_sim.kernels.crowd import gather_crowd
from airside_sim.kernels.egos import nearest_ego
from airside_sim.kernels.junctions import grant_junctions, holds_any, release_junction, update_ego_junctions
from airside_sim.kernels.lane_lists import count_occupants, list_lanes, unlist_lanes
from airside_sim.kernels.lane_rail import map_ids, next_on_path, node_lane, node_span, roll_over
from airside_sim.kernels.missions import has_arrived, take_next_destination, try_other_way
from airside_sim.kernels.vehicle_driver import decide, speed_cap
from airside_sim.kernels.vehicles_spawn import BODIES_PER_VEHICLE, make_vehicle, try_place, write_vehicle

HOLD_AND_WAIT_S = 3.0
CAP_TICKS = 3  # speed limits ahead are looked up this often
STANDING_MPS = 0.1
RESET_TRIES = 80
NEAR_TICKS = 50  # the lanes near the ego are measured this often
NEAR_STRIDE = 8
RING_STEP_M = 20.0
RING_MAX_M = 600.0
FULL_AFTER = 3  # misses in a row: the roads are full, the rest come later


@njit
def _is_inside_any(row, b):
    """A part of the vehicle row lies in a junction."""
    for k in range(LANES_PER_VEHICLE):
        lane = node_lane(row, k)
        if lane < 0:
            return False
        low, high = node_span(row, b, k)
        if low > high:
            return False
        if b.lane_junction[lane] >= 0:
            return True
    return False


@njit
def _keeps_lock(row, b, at, seen, slot):
    """The lock is still needed: a covered lane belongs to it, or it lies ahead.

    Who stands and needs more locks gives back those ahead, to ask for all at once: nobody waits while holding. Inside
    a junction they are kept, else it would never be cleared.
    """
    waits = row[Vehicle.NUM_ASKS] > 0.0 and row[Vehicle.STOP_TIME] > HOLD_AND_WAIT_S
    if seen & (1 << slot) and (not waits or _is_inside_any(row, b)):
        return True
    j = int(row[Vehicle.HELD0 + slot])
    for k in range(LANES_PER_VEHICLE):
        lane = node_lane(row, k)
        if lane < 0:
            break
        low, high = node_span(row, b, k)
        if low > high:
            break
        if b.lane_junction[lane] == j + at.junction0:
            return True
    return False


@njit(inline=True)
def _roll(row, b, at, accel):
    """Advance the front bumper by one tick; never past the end of a path that does not go on."""
    speed = max(0.0, row[Vehicle.SPEED] + accel * DT_S)
    if speed < 0.02 and accel <= 0.0:
        speed = 0.0
    row[Vehicle.ACCEL] = (speed - row[Vehicle.SPEED]) / DT_S
    row[Vehicle.SPEED] = speed
    row[Vehicle.S] += speed * DT_S
    while row[Vehicle.S] > b.lane_len[int(row[Vehicle.LANE])]:
        after = next_on_path(row, b, at, int(row[Vehicle.LANE]))
        if after < 0:
            row[Vehicle.S] = b.lane_len[int(row[Vehicle.LANE])]
            row[Vehicle.SPEED] = 0.0
            break
        roll_over(row, b, at, after)


@njit(inline=True)
def _mission(e, w, row, b, at, q):
    """Finish dwelling or passing, count the mission, look for another way when room is lacking for long."""
    front = w.body[e, int(row[Vehicle.BODY])]
    x, y = nearest_ego(e, w, front[Body.X], front[Body.Y])
    goal = int(w.episode[e, Episode.GOAL_LANE])
    range_m = q.bubble_m + w.episode[e, Episode.RING]
    if row[Vehicle.DWELL] > 0.0:
        row[Vehicle.DWELL] -= DT_S
        if row[Vehicle.DWELL] <= 0.0:
            row[Vehicle.MISSIONS] += 1.0
            take_next_destination(w.rng, e, row, b, at, x, y, range_m, goal)
    elif has_arrived(row, b, at):
        row[Vehicle.MISSIONS] += 1.0
        take_next_destination(w.rng, e, row, b, at, x, y, range_m, goal)
    elif row[Vehicle.DEST] < 0.0 or next_on_path(row, b, at, int(row[Vehicle.LANE])) < 0:
        take_next_destination(w.rng, e, row, b, at, x, y, range_m, goal)
    waited = row[Vehicle.STOP_TIME]
    reason = row[Vehicle.STOP_REASON]
    blocked = reason != StopReason.SERVICE and reason != StopReason.PERSON
    if blocked and not holds_any(row) and waited > q.reroute_s and int(waited / DT_S + 0.5) % 100 == 0:
        try_other_way(w.rng, e, row, b, at, x, y, range_m, goal)


@njit(inline=True)
def _wants_new_place(e, w, row, front, q, ring_m, is_surplus):
    """Too far from the nearest ego, or stuck or one too many out of its view."""
    ego_x, ego_y = nearest_ego(e, w, front[Body.X], front[Body.Y])
    away = math.sqrt((front[Body.X] - ego_x) ** 2 + (front[Body.Y] - ego_y) ** 2)
    if away > q.bubble_out_m + ring_m:
        return True
    if away < q.view_m + row[Vehicle.LENGTH]:
        return False
    reason = row[Vehicle.STOP_REASON]
    if reason == StopReason.SERVICE:
        return False
    return is_surplus or row[Vehicle.STOP_TIME] > q.stuck_s


@njit
def _enter(row, e, w, b, at, vt, q):
    """Try a few places out of the ego's view. -> bool."""
    ring_m = w.episode[e, Episode.RING]
    return try_place(row, e, w, b, at, vt, q.view_m + 5.0, q.respawn_max_m + ring_m, q.bubble_m + ring_m, 6)


@njit
def _move_away(e, w, b, at, vt, v, q, is_surplus):
    """Give vehicle v another place out of view, or none when it is surplus or was an event's; its locks go back.

    -> is it gone?
    """
    row = w.vehicle[e, v]
    found = False
    if is_surplus or row[Vehicle.ROLE] != VehicleRole.DRIVER:
        row[Vehicle.ACTIVE] = 0.0
        row[Vehicle.ROLE] = VehicleRole.DRIVER.value
        write_vehicle(row, w.body[e], b, vt)
    else:
        found = _enter(row, e, w, b, at, vt, q)
    if found or row[Vehicle.ACTIVE] == 0.0:
        for slot in range(LOCKS_PER_VEHICLE):
            release_junction(row, w.junction[e], slot)
    return row[Vehicle.ACTIVE] == 0.0


@njit
def num_driven(w, q):
    """Vehicle rows that move here; the puppets behind them stand for egos, which others drive."""
    return w.vehicle.shape[1] - int(q.puppets)


@njit
def step_vehicles(e, w, b, vt, q):
    """One tick of all background vehicles of env e, bodies included."""
    m = int(w.episode[e, Episode.MAP])
    at = map_ids(b, m)
    vehicle = w.vehicle[e]
    count = num_driven(w, q)
    tick = int(w.episode[e, Episode.TICK])
    person0 = w.body.shape[1] - w.person.shape[1]
    update_ego_junctions(w.ego[e], w.ego_body[e], w.episode[e], w.route[e], b, vehicle, w.junction[e], at.junction0)
    grant_junctions(vehicle, w.junction[e], q.junction_rank_s)
    list_lanes(e, w, b, at)
    gather_crowd(vehicle, w.body[e], w.crowd[e], person0)
    for v in range(count):
        if vehicle[v, Vehicle.ACTIVE] == 0.0 or vehicle[v, Vehicle.ROLE] == VehicleRole.ULD:
            continue
        row = vehicle[v]
        if (tick + v) % CAP_TICKS == 0:
            row[Vehicle.SPEED_CAP] = speed_cap(row, b, at, q.comfort_brake_mps2, q.lateral_accel_mps2)
        accel, reason, seen = decide(e, w, b, at, vt, v, q, person0)
        row[Vehicle.ACCEL] = accel
        row[Vehicle.STOP_REASON] = reason
        for slot in range(LOCKS_PER_VEHICLE):
            if row[Vehicle.HELD0 + slot] >= 0.0 and not _keeps_lock(row, b, at, seen, slot):
                release_junction(row, w.junction[e], slot)
    unlist_lanes(e, w, at)
    if tick % NEAR_TICKS == 0:
        _widen_ring(e, w, b, m, q)
    ring_m = w.episode[e, Episode.RING]
    surplus = int(vehicle[:count, Vehicle.ACTIVE].sum()) - target_vehicles(e, w, _lane_metres(b, m), q)
    for v in range(count):
        row = vehicle[v]
        if row[Vehicle.ACTIVE] == 0.0:
            if surplus < 0 and (tick + v) % 8 == 0:
                make_vehicle(row, e, w, vt, v, int(row[Vehicle.BODY]), q)  # perhaps a shorter one
                surplus += _enter(row, e, w, b, at, vt, q)
            continue
        if row[Vehicle.ROLE] == VehicleRole.ULD:
            continue
        stood = row[Vehicle.SPEED] == 0.0
        _roll(row, b, at, row[Vehicle.ACCEL])
        row[Vehicle.STOP_TIME] = row[Vehicle.STOP_TIME] + DT_S if row[Vehicle.SPEED] < STANDING_MPS else 0.0
        _mission(e, w, row, b, at, q)
        front = w.body[e, int(row[Vehicle.BODY])]
        if (tick + v) % 5 == 0 and _wants_new_place(e, w, row, front, q, ring_m, surplus > 0):
            surplus -= _move_away(e, w, b, at, vt, v, q, surplus > 0)
        if not stood or row[Vehicle.SPEED] != 0.0:
            write_vehicle(row, w.body[e], b, vt)
    count_occupants(e, w, b, at)


@njit
def target_vehicles(e, w, lane_m, q):
    """Movers of this episode: the peak number, or what the map's lanes carry, times the density, within capacity."""
    wanted = min(q.peak_vehicles, lane_m / q.lane_m_per_vehicle) * w.episode[e, Episode.DENSITY]
    wanted *= w.setup[e, Setup.VEHICLES]
    return min(num_driven(w, q), int(min(wanted, lane_m / q.crowded_m) + 0.5))


@njit
def _lane_metres(b, m):
    """Metres of lane of map m (its points lie one metre apart)."""
    return float(b.lane_pt0[b.map_lane0[m + 1]] - b.lane_pt0[b.map_lane0[m]])


@njit
def _lanes_near(e, w, b, m, range_m):
    """Metres of lane of map m within range_m of the ego, from every NEAR_STRIDE-th point."""
    count = 0
    for i in range(b.lane_pt0[b.map_lane0[m]], b.lane_pt0[b.map_lane0[m + 1]], NEAR_STRIDE):
        x, y = nearest_ego(e, w, b.pt_x[i], b.pt_y[i])
        count += (b.pt_x[i] - x) ** 2 + (b.pt_y[i] - y) ** 2 < range_m * range_m
    return float(count * NEAR_STRIDE)


@njit
def _widen_ring(e, w, b, m, q):
    """Step RING up or down to the least at which the lanes in the bubble hold all movers."""
    need_m = q.crowded_m * target_vehicles(e, w, _lane_metres(b, m), q)
    ring_m = w.episode[e, Episode.RING]
    while ring_m < RING_MAX_M and _lanes_near(e, w, b, m, q.bubble_m + ring_m) < need_m:
        ring_m += RING_STEP_M
    if ring_m == w.episode[e, Episode.RING] and ring_m > 0.0:
        if _lanes_near(e, w, b, m, q.bubble_m + ring_m - RING_STEP_M) >= need_m:
            ring_m -= RING_STEP_M
    w.episode[e, Episode.RING] = ring_m


@njit
def reset_vehicles(e, w, b, vt, q):
    """Spread the vehicles over the lanes round the ego."""
    m = int(w.episode[e, Episode.MAP])
    at = map_ids(b, m)
    w.lane_head[e] = -1
    w.episode[e, Episode.RING] = 0.0
    _widen_ring(e, w, b, m, q)
    range_m = q.bubble_m + w.episode[e, Episode.RING]
    first = 2 * w.aircraft.shape[1]
    wanted = target_vehicles(e, w, _lane_metres(b, m), q)
    misses = 0
    for v in range(num_driven(w, q)):
        row = w.vehicle[e, v]
        make_vehicle(row, e, w, vt, v, first + BODIES_PER_VEHICLE * v, q)
        write_vehicle(row, w.body[e], b, vt)
        if v < wanted and misses < FULL_AFTER:
            found = try_place(row, e, w, b, at, vt, 0.0, range_m, range_m, RESET_TRIES)
            misses = 0 if found else misses + 1
    count_occupants(e, w, b, at)
