"""When movements start: the stationary apron at reset, arrivals and departures that keep it so, pushes in progress.

The number of moving aircraft is regulated: parked and absent slots wait exponential times a little shorter than needed
for `peak_moving_aircraft * density` movers, and a movement is admitted only below that number. So the count stays just
under its target whatever the map, and the occupied stands stay near their fraction.
"""

import math

from airside_sim import rng
from airside_sim.constants import AircraftPhase, StopReason
from airside_sim.jit import njit
from airside_sim.kernels.aircraft_motion import NEVER_M, rail_limit, rail_pose, set_shape
from airside_sim.kernels.aircraft_rules import (
    NEWCOMER,
    clear_of_parked,
    count_movers,
    is_mover,
    next_order,
    pose_allowed,
    span_allowed,
)
from airside_sim.kernels.crossings import time_to_cover
from airside_sim.kernels.stands import (
    TUG_COUPLED,
    TUG_HOME,
    TUG_NONE,
    TUG_RETURNING,
    arrival_zone_s,
    assign_stands,
    departure_zone_s,
    route_distance2,
)
from airside_sim.world import Aircraft, Body, Ego, Episode, Vehicle

EAGERNESS = 0.5  # waiting times over those that would just give the target: the cap does the rest
TAXI_MPS = 7.0  # mean pace used to place movers at reset
SPAWN_FREE_M = 60.0  # rail kept free ahead of a mover placed at reset, and its least distance to the ego
PUSH_BRAKE_MPS2 = 0.3
EXACT_CODE_SHARE = 0.8  # aircraft that are as large as their stand allows
DECIDE_TICKS = 30
GROUND_CLEAR_M = 25.0  # round an aircraft that appears
LEAST_TAXI_M = 120.0  # every taxi movement shows at least this much
SCENE_STEP_M = 20.0
UNSEEN_M = 170.0  # view of the ego, radius of the largest aircraft, and where it vanishes before the end


@njit
def choose_type(words, e, at, stand_code):
    """A type that fits the stand's letter: mostly of that letter, else any smaller one; -1 when none fits."""
    exact = 0
    fitting = 0
    for t in range(at.code.shape[0]):
        exact += at.code[t] == stand_code
        fitting += at.code[t] <= stand_code
    if fitting == 0:
        return -1
    only_exact = exact > 0 and rng.uniform(words, e) < EXACT_CODE_SHARE
    left = rng.randint(words, e, exact if only_exact else fitting)
    for t in range(at.code.shape[0]):
        if at.code[t] == stand_code or (not only_exact and at.code[t] < stand_code):
            if left == 0:
                return t
            left -= 1
    return -1


@njit
def target_movers(w, e, q):
    return q.peak_moving_aircraft * w.episode[e, Episode.DENSITY]


@njit
def count_slots(aircraft):
    """Slots that own a stand (they come first)."""
    n = 0
    while n < aircraft.shape[0] and aircraft[n, Aircraft.STAND] >= 0.0:
        n += 1
    return n


@njit
def target_parked(w, e, q):
    """Occupied stands wanted (rounded)."""
    fraction = q.peak_stand_occupancy * min(w.episode[e, Episode.DENSITY], 1.0)
    return int(fraction * count_slots(w.aircraft[e]) + 0.5)


@njit
def draw_wait(words, e, pool, movement_s, target):
    """Exponential wait of one of `pool` slots so that all together start movements a little faster than the target."""
    if target <= 0.0:
        return NEVER_M
    mean_s = EAGERNESS * max(pool, 1) * movement_s / target
    return -mean_s * math.log(1.0 - rng.uniform(words, e))


@njit
def set_parked(e, w, b, q, i, timer_s):
    """Put slot i on blocks with engines off; timer_s until it may leave."""
    row = w.aircraft[e, i]
    stand = int(row[Aircraft.STAND])
    path = b.stand_path_in[stand]
    row[Aircraft.PHASE] = AircraftPhase.PARKED.value
    row[Aircraft.PATH] = path
    row[Aircraft.NEXT_PATH] = -1.0
    row[Aircraft.S] = b.path_len[path] - row[Aircraft.WHEELBASE] if path >= 0 else 0.0
    row[Aircraft.SPEED] = 0.0
    row[Aircraft.ENGINES] = 0.0
    row[Aircraft.BEACON] = 0.0
    row[Aircraft.BREAKAWAY] = 0.0
    row[Aircraft.STOP_REASON] = StopReason.SCHEDULE.value
    row[Aircraft.STOP_TIME] = 0.0
    row[Aircraft.TIMER] = timer_s
    row[Aircraft.FUEL_FROM] = timer_s * rng.uniform_range(w.rng, e, 0.5, 0.9)
    row[Aircraft.FUEL_TO] = max(row[Aircraft.FUEL_FROM] - 900.0, 60.0)
    if row[Aircraft.TUG] != TUG_NONE:
        row[Aircraft.TUG] = TUG_COUPLED
    row[Aircraft.DIRTY] = 1.0


@njit
def go_away(e, w, b, q, i):
    """Slot i leaves the map (or a movement is cancelled at reset) and waits for its next arrival."""
    row = w.aircraft[e, i]
    free = count_slots(w.aircraft[e]) - target_parked(w, e, q)
    row[Aircraft.PHASE] = AircraftPhase.AWAY.value
    row[Aircraft.NEXT_PATH] = -1.0
    row[Aircraft.TIMER] = draw_wait(w.rng, e, free, q.movement_s, target_movers(w, e, q))
    row[Aircraft.SPEED] = 0.0
    row[Aircraft.ENGINES] = 0.0
    row[Aircraft.BEACON] = 0.0
    row[Aircraft.STOP_REASON] = StopReason.NONE.value
    row[Aircraft.STOP_TIME] = 0.0
    if row[Aircraft.TUG] == TUG_COUPLED:
        row[Aircraft.TUG] = TUG_HOME
    row[Aircraft.DIRTY] = 1.0


@njit
def _begin_path(row, path, s, probe_s):
    row[Aircraft.PATH] = path
    row[Aircraft.S] = s
    row[Aircraft.PROBE_S] = probe_s
    row[Aircraft.OBSTACLE_S] = NEVER_M
    row[Aircraft.SPEED] = 0.0
    row[Aircraft.STOP_TIME] = 0.0
    row[Aircraft.BREAKAWAY] = 0.0
    row[Aircraft.DIRTY] = 1.0


@njit
def begin_departure(e, w, b, q, i, timer_s):
    """Beacon on at the stand: number and zone of the whole departure are fixed here."""
    row = w.aircraft[e, i]
    m = int(w.episode[e, Episode.MAP])
    stand = int(row[Aircraft.STAND])
    push = b.stand_path_push[stand]
    out = b.stand_path_out[stand]
    row[Aircraft.ORDER] = next_order(w.aircraft[e])
    row[Aircraft.PHASE] = AircraftPhase.BEACON_ON.value
    row[Aircraft.NEXT_PATH] = out
    _begin_path(row, push, row[Aircraft.WHEELBASE], b.path_len[push])
    row[Aircraft.TIMER] = timer_s
    row[Aircraft.BEACON] = 1.0
    row[Aircraft.ENGINES] = 0.0
    row[Aircraft.TUG] = TUG_COUPLED
    row[Aircraft.PUSH_SPEED] = rng.uniform_range(w.rng, e, q.push_speed_low_mps, q.push_speed_high_mps)
    row[Aircraft.ZONE_OUT] = departure_zone_s(b, m, row, push, out, q.zone_margin_m)


@njit
def begin_arrival(e, w, b, q, i, s):
    """Slot i appears on its arrival path at arc length s."""
    row = w.aircraft[e, i]
    m = int(w.episode[e, Episode.MAP])
    path = b.stand_path_in[int(row[Aircraft.STAND])]
    row[Aircraft.ORDER] = next_order(w.aircraft[e])
    row[Aircraft.PHASE] = AircraftPhase.TAXI_IN.value
    row[Aircraft.NEXT_PATH] = -1.0
    _begin_path(row, path, s, s)
    row[Aircraft.BEACON] = 1.0
    row[Aircraft.ENGINES] = 1.0
    row[Aircraft.ZONE_IN] = arrival_zone_s(b, m, row, path, q.zone_margin_m)


@njit
def enter_taxi_out(e, w, b, i, s):
    """The push is over: slot i goes on along its taxi-out path from arc length s."""
    row = w.aircraft[e, i]
    push = int(row[Aircraft.PATH])
    out = int(row[Aircraft.NEXT_PATH])
    row[Aircraft.ZONE_OUT] -= b.path_len[push]
    row[Aircraft.PHASE] = AircraftPhase.TAXI_OUT.value
    row[Aircraft.NEXT_PATH] = -1.0
    row[Aircraft.ENGINES] = 1.0
    _begin_path(row, out, s, s)


@njit
def _has_departure(b, stand):
    return b.stand_path_push[stand] >= 0 and b.stand_path_out[stand] >= 0 and b.stand_path_in[stand] >= 0


@njit
def _is_far(e, w, b, path, s, far_m):
    x, y, _ = rail_pose(b, path, s)
    return math.hypot(x - w.ego[e, Ego.X], y - w.ego[e, Ego.Y]) > far_m


@njit
def _scene_end(e, w, b, q, out):
    """Arc length on a taxi-out path where the aircraft may leave the scene, or the path's end.

    Far from the ego and out of view of its route: else the ego might be near when the aircraft gets there, and it would
    stand on the taxiway for as long as it is seen, before a crossing for ever.
    """
    points = int(w.episode[e, Episode.ROUTE_POINTS])
    s = min(LEAST_TAXI_M, b.path_len[out])
    while s < b.path_len[out]:
        x, y, _ = rail_pose(b, out, s)
        unseen = points < 1 or route_distance2(w.route[e], points, x, y) > UNSEEN_M * UNSEEN_M
        if unseen and _is_far(e, w, b, out, s, q.aircraft_scene_m):
            break
        s = min(s + SCENE_STEP_M, b.path_len[out])
    return s


@njit
def _scene_start(e, w, b, q, path, wheelbase_m):
    """Arc length on an arrival path where the aircraft enters the scene: far from the ego, or the path's start."""
    s = max(b.path_len[path] - wheelbase_m - LEAST_TAXI_M, 0.0)
    while s > 0.0 and not _is_far(e, w, b, path, s, q.aircraft_scene_m):
        s = max(s - SCENE_STEP_M, 0.0)
    return s


@njit
def _may_depart(e, w, b, q, i):
    """Slot i may be pushed and taxi out: no mover needs the push area, and parked neighbours leave room."""
    row = w.aircraft[e, i]
    stand = int(row[Aircraft.STAND])
    push = b.stand_path_push[stand]
    out = b.stand_path_out[stand]
    row[Aircraft.OUT_END] = _scene_end(e, w, b, q, out)
    start = row[Aircraft.WHEELBASE]
    if not span_allowed(w.aircraft[e], i, b, push, start, b.path_len[push], NEWCOMER, q.aircraft_margin_m):
        return False
    if not clear_of_parked(w.aircraft[e], i, b, push, start, b.path_len[push]):
        return False
    return clear_of_parked(w.aircraft[e], i, b, out, 0.0, row[Aircraft.OUT_END])


@njit
def _ground_is_clear(e, w, b, path, s, radius_m):
    """No background vehicle is within radius_m of a place on a path: it could not stop for who appears there."""
    x, y, _ = rail_pose(b, path, s)
    for v in range(w.vehicle.shape[1]):
        if w.vehicle[e, v, Vehicle.ACTIVE] == 1.0:
            body = w.body[e, int(w.vehicle[e, v, Vehicle.BODY])]
            if math.hypot(body[Body.X] - x, body[Body.Y] - y) < radius_m + w.vehicle[e, v, Vehicle.LENGTH]:
                return False
    return True


@njit
def _may_arrive(e, w, b, q, i, s):
    """Slot i may appear at arc length s of its arrival path, out of sight of the ego, and go to its stand."""
    row = w.aircraft[e, i]
    path = b.stand_path_in[int(row[Aircraft.STAND])]
    if not _is_far(e, w, b, path, s, q.view_m + row[Aircraft.RADIUS]):
        return False
    if not pose_allowed(w.aircraft[e], i, b, path, s, NEWCOMER, q.aircraft_margin_m):
        return False
    if not _ground_is_clear(e, w, b, path, s, row[Aircraft.RADIUS] + GROUND_CLEAR_M):
        return False
    return clear_of_parked(w.aircraft[e], i, b, path, s, b.path_len[path] - row[Aircraft.WHEELBASE])


@njit
def start_movement(e, w, b, at, q):
    """Every three seconds, admit one arrival or departure if fewer than the target move."""
    target = target_movers(w, e, q)
    if int(w.episode[e, Episode.TICK]) % DECIDE_TICKS != 0 or count_movers(w.aircraft[e]) >= math.ceil(target):
        return
    slots = count_slots(w.aircraft[e])
    occupied = 0
    for i in range(slots):
        phase = int(w.aircraft[e, i, Aircraft.PHASE])
        occupied += AircraftPhase.TAXI_IN <= phase and phase <= AircraftPhase.PARKED
    wanted = target_parked(w, e, q)
    first = rng.randint(w.rng, e, max(slots, 1))
    tries = 1
    for k in range(slots):
        i = (first + k) % slots
        row = w.aircraft[e, i]
        if row[Aircraft.TIMER] > 0.0 or tries == 0:
            continue
        stand = int(row[Aircraft.STAND])
        if int(row[Aircraft.PHASE]) == AircraftPhase.PARKED and occupied > wanted - 3 and _has_departure(b, stand):
            tries -= 1
            if _may_depart(e, w, b, q, i):
                timer_s = rng.uniform_range(w.rng, e, q.beacon_low_s, q.beacon_high_s)
                begin_departure(e, w, b, q, i, timer_s)
                return
        elif int(row[Aircraft.PHASE]) == AircraftPhase.AWAY and occupied <= wanted and b.stand_path_in[stand] >= 0:
            if row[Aircraft.TUG] == TUG_RETURNING:
                continue
            kind = choose_type(w.rng, e, at, b.stand_code[stand])
            if kind < 0:
                continue
            tries -= 1
            set_shape(row, at, kind)
            s = _scene_start(e, w, b, q, b.stand_path_in[stand], row[Aircraft.WHEELBASE])
            if _may_arrive(e, w, b, q, i, s):
                begin_arrival(e, w, b, q, i, s)
                return


@njit
def _far_from_ego(e, w, row, x, y):
    return math.hypot(x - w.ego[e, Ego.X], y - w.ego[e, Ego.Y]) > row[Aircraft.RADIUS] + SPAWN_FREE_M


@njit
def _free_stretch(e, w, b, q, i, path, s, s_end):
    """Slot i may stand at arc length s of a path, drive on for a while, and pass all parked aircraft to s_end."""
    row = w.aircraft[e, i]
    x, y, _ = rail_pose(b, path, s)
    if not _far_from_ego(e, w, row, x, y):
        return False
    ahead = min(s + SPAWN_FREE_M, s_end)
    if not span_allowed(w.aircraft[e], i, b, path, s, ahead, NEWCOMER, q.aircraft_margin_m):
        return False
    return clear_of_parked(w.aircraft[e], i, b, path, s, s_end)


@njit
def _place_arrival(e, w, b, at, q, i):
    """At reset: slot i somewhere on its way in."""
    row = w.aircraft[e, i]
    stand = int(row[Aircraft.STAND])
    path = b.stand_path_in[stand]
    kind = choose_type(w.rng, e, at, b.stand_code[stand])
    if path < 0 or kind < 0:
        return False
    set_shape(row, at, kind)
    end = b.path_len[path] - row[Aircraft.WHEELBASE]
    s = rng.uniform_range(w.rng, e, _scene_start(e, w, b, q, path, row[Aircraft.WHEELBASE]), end)
    if not _free_stretch(e, w, b, q, i, path, s, end):
        return False
    begin_arrival(e, w, b, q, i, s)
    row[Aircraft.PROBE_S] = min(s + SPAWN_FREE_M, end)
    room_m = max(min(SPAWN_FREE_M - q.follow_gap_m, end - s - 5.0), 0.0)
    row[Aircraft.SPEED] = min(rail_limit(b, path, s), math.sqrt(q.taxi_brake_mps2 * room_m))
    return True


@njit
def _place_departure(e, w, b, q, i):
    """At reset: slot i somewhere between beacon on and the end of its taxi-out path, uniform over time."""
    row = w.aircraft[e, i]
    stand = int(row[Aircraft.STAND])
    if not _has_departure(b, stand) or not _may_depart(e, w, b, q, i):
        return False
    push = b.stand_path_push[stand]
    out = b.stand_path_out[stand]
    beacon_s = 0.5 * (q.beacon_low_s + q.beacon_high_s)
    push_s = beacon_s + (b.path_len[push] - row[Aircraft.WHEELBASE]) / 1.2
    start_s = push_s + 0.5 * (q.start_up_low_s + q.start_up_high_s)
    clock = (start_s + row[Aircraft.OUT_END] / TAXI_MPS) * rng.uniform(w.rng, e)
    s_out = (clock - start_s) * TAXI_MPS
    if clock < start_s:
        s_now = row[Aircraft.WHEELBASE] + max(clock - beacon_s, 0.0) * 1.2
        x, y, _ = rail_pose(b, push, s_now)
        if not _far_from_ego(e, w, row, x, y):
            return False
    elif not _free_stretch(e, w, b, q, i, out, s_out, row[Aircraft.OUT_END]):
        return False
    begin_departure(e, w, b, q, i, max(beacon_s - clock, 0.0))
    if clock > beacon_s and clock < push_s:
        row[Aircraft.PHASE] = AircraftPhase.PUSHBACK.value
        row[Aircraft.S] += (clock - beacon_s) * 1.2
    elif clock >= push_s:
        row[Aircraft.PHASE] = AircraftPhase.START_UP.value
        row[Aircraft.S] = b.path_len[push]
        row[Aircraft.ENGINES] = 1.0
        row[Aircraft.TUG] = TUG_HOME
        row[Aircraft.TIMER] = max(start_s - clock, 0.0)
    if clock >= start_s:
        enter_taxi_out(e, w, b, i, s_out)
        row[Aircraft.PROBE_S] = min(s_out + SPAWN_FREE_M, row[Aircraft.OUT_END])
        row[Aircraft.SPEED] = min(rail_limit(b, out, s_out), 3.0)
    return True


@njit
def reset_aircraft(e, w, b, at, q):
    """Fill the stands and start the movements of env e; needs MAP, DENSITY, route and ego pose of the episode."""
    m = int(w.episode[e, Episode.MAP])
    slots = assign_stands(e, w, b, m)
    target = target_movers(w, e, q)
    needed = target_parked(w, e, q)
    goal = w.episode[e, Episode.GOAL_STAND]
    start = w.episode[e, Episode.START_STAND]
    left = slots
    for i in range(slots):
        row = w.aircraft[e, i]
        stand = int(row[Aircraft.STAND])
        own = (stand == goal or stand == start) and w.episode[e, Episode.DENSITY] > 0.0
        chosen = own or rng.uniform(w.rng, e) * left < needed
        left -= 1
        moves = target > 0.0 and _has_departure(b, stand)
        row[Aircraft.TUG] = TUG_HOME if moves else TUG_NONE
        kind = choose_type(w.rng, e, at, b.stand_code[stand])
        if kind >= 0:
            set_shape(row, at, kind)
        if chosen and kind >= 0:
            needed -= 1
            wait_s = draw_wait(w.rng, e, target_parked(w, e, q), q.movement_s, target)
            set_parked(e, w, b, q, i, wait_s + (q.stand_hold_s if own else 0.0))
        else:
            go_away(e, w, b, q, i)
    wanted = min(int(target + rng.uniform(w.rng, e)), slots)
    for _ in range(3 * wanted):
        if count_movers(w.aircraft[e]) >= wanted:
            break
        i = rng.randint(w.rng, e, slots)
        stand = w.aircraft[e, i, Aircraft.STAND]
        phase = int(w.aircraft[e, i, Aircraft.PHASE])
        if stand == goal or stand == start:
            continue
        if phase == AircraftPhase.AWAY:
            _place_arrival(e, w, b, at, q, i)
        elif phase == AircraftPhase.PARKED:
            _place_departure(e, w, b, q, i)


@njit
def _push_start(row, push_len, clear_in_s):
    """Arc length from which a push leaves the zone after clear_in_s, and the time missing if the push is too short."""
    s = min(row[Aircraft.ZONE_OUT], push_len)
    left_s = clear_in_s
    while left_s > 0.0 and s > row[Aircraft.WHEELBASE]:
        room_m = push_len - s + 0.25
        pace = min(row[Aircraft.PUSH_SPEED], math.sqrt(2.0 * 0.85 * PUSH_BRAKE_MPS2 * room_m))
        s -= 0.25
        left_s -= 0.25 / pace
    return max(s, row[Aircraft.WHEELBASE]), max(left_s, 0.0)


@njit
def start_pushback_in_progress(e, w, b, at, q, stand, clear_in_s):
    """Put an aircraft at a (global) stand in the act of leaving, its zone closed for about clear_in_s more (10-40 s).

    For reset only: movements in its way are cancelled. False when the stand has no slot, no paths or no fitting type.
    """
    slot = -1
    for i in range(w.aircraft.shape[1]):
        if w.aircraft[e, i, Aircraft.STAND] == stand:
            slot = i
    if stand < 0 or slot < 0 or not _has_departure(b, stand):
        return False
    row = w.aircraft[e, slot]
    if int(row[Aircraft.PHASE]) != AircraftPhase.PARKED:
        go_away(e, w, b, q, slot)
        kind = choose_type(w.rng, e, at, b.stand_code[stand])
        if kind < 0:
            return False
        set_shape(row, at, kind)
        set_parked(e, w, b, q, slot, 0.0)
    for j in range(w.aircraft.shape[1]):
        if is_mover(int(w.aircraft[e, j, Aircraft.PHASE])) and not _may_depart(e, w, b, q, slot):
            go_away(e, w, b, q, j)
    if not _may_depart(e, w, b, q, slot):
        return False
    begin_departure(e, w, b, q, slot, 0.0)
    push_len = b.path_len[b.stand_path_push[stand]]
    beyond_m = row[Aircraft.ZONE_OUT] - push_len
    if beyond_m > 0.0:
        top = rail_limit(b, int(row[Aircraft.NEXT_PATH]), 0.0)
        row[Aircraft.PHASE] = AircraftPhase.START_UP.value
        row[Aircraft.S] = push_len
        row[Aircraft.ENGINES] = 1.0
        row[Aircraft.TUG] = TUG_HOME
        row[Aircraft.TIMER] = max(clear_in_s - time_to_cover(beyond_m, 0.0, top, q.taxi_accel_mps2), 0.0)
        return True
    s, missing_s = _push_start(row, push_len, clear_in_s)
    row[Aircraft.S] = s
    pace = row[Aircraft.PUSH_SPEED]
    start_s = 0.5 * pace / q.push_accel_mps2  # lost by a start from rest
    row[Aircraft.TIMER] = max(missing_s - start_s, 0.0)
    if missing_s < start_s:
        row[Aircraft.PHASE] = AircraftPhase.PUSHBACK.value
        pace -= math.sqrt(2.0 * q.push_accel_mps2 * pace * missing_s)  # reaching its pace from here costs missing_s
        room_m = push_len - s
        row[Aircraft.SPEED] = min(pace, math.sqrt(2.0 * 0.85 * PUSH_BRAKE_MPS2 * room_m))
    return True
