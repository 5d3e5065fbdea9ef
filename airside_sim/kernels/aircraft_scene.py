"""The apron that an episode begins with: stands filled, movements under way, and on demand a push in progress."""

import math

from airside_sim import rng
from airside_sim.columns import Aircraft, Episode
from airside_sim.constants import AircraftPhase
from airside_sim.episode_setup import Setup
from airside_sim.jit import njit
from airside_sim.kernels.aircraft_motion import NEVER_M, rail_limit, rail_pose, set_shape
from airside_sim.kernels.aircraft_rules import NEWCOMER, clear_of_parked, count_movers, is_mover, span_allowed
from airside_sim.kernels.aircraft_schedule import (
    PUSH_BRAKE_MPS2,
    begin_arrival,
    begin_departure,
    choose_type,
    dwell_s,
    enter_taxi_out,
    go_away,
    has_departure,
    may_depart,
    scene_start,
    set_parked,
    target_movers,
    target_parked,
)
from airside_sim.kernels.crossings import time_to_cover
from airside_sim.kernels.egos import nearest_ego
from airside_sim.kernels.stands import TUG_HOME, TUG_NONE, assign_stands
from airside_sim.kernels.turnaround import (
    complete_turnaround,
    draw_timeline,
    note_start,
    place_turnaround,
    queue_turnarounds,
    ready_s,
    stretch_of,
    stretched_s,
)
from airside_sim.turnaround_times import Task

WAITS_S = 240.0  # for a push to be admitted: some are ready at the start whatever the traffic
MID_SERVICE_S = 240.0  # after on-block doors are open and unloading goes on
TAXI_MPS = 7.0  # mean pace used to place movers
SPAWN_FREE_M = 60.0  # rail kept free ahead of a mover, and its least distance to the ego


@njit
def _far_from_ego(e, w, row, x, y):
    ego_x, ego_y = nearest_ego(e, w, x, y)
    return math.hypot(x - ego_x, y - ego_y) > row[Aircraft.RADIUS] + SPAWN_FREE_M


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
    s = rng.uniform_range(w.rng, e, scene_start(e, w, b, q, path, row[Aircraft.WHEELBASE]), end)
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
    if not has_departure(b, stand) or not may_depart(e, w, b, q, i):
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
    complete_turnaround(w, e, i)
    begin_departure(e, w, b, q, i, max(beacon_s - clock, 0.0))
    if clock > beacon_s and clock < push_s:
        row[Aircraft.PHASE] = AircraftPhase.PUSHBACK.value
        row[Aircraft.S] += (clock - beacon_s) * 1.2
        note_start(w, e, i, Task.PUSHBACK)
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
def _place_parked(e, w, b, at, q, i, is_own):
    """At reset: slot i on blocks anywhere in its stay, the wait for its push included.

    The aircraft of the ego's own stands are in mid-service and not ready before stand_hold_s, unless the scenario says
    in which minutes of the timeline the one at the goal is.
    """
    set_parked(e, w, b, q, i)
    code = at.code[int(w.aircraft[e, i, Aircraft.TYPE])]
    dwell = dwell_s(w, e, q)
    stretch = stretch_of(code, NEVER_M if is_own else dwell)
    draw_timeline(w.rng, e, w.turn[e, i], stretch)
    ready = ready_s(w.turn[e, i])
    low_s = 0.0
    high_s = max(ready + WAITS_S, min(dwell, 2.0 * ready))
    if is_own:
        low_s = MID_SERVICE_S
        high_s = ready - q.stand_hold_s
    asked_min = w.setup[e, Setup.TURN_LOW_MIN]
    if asked_min >= 0.0 and w.aircraft[e, i, Aircraft.STAND] == w.episode[e, Episode.GOAL_STAND]:
        low_s = stretched_s(asked_min, stretch)
        high_s = stretched_s(w.setup[e, Setup.TURN_HIGH_MIN], stretch)
    place_turnaround(w, e, i, stretch, low_s, high_s)


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
        moves = target > 0.0 and has_departure(b, stand)
        row[Aircraft.TUG] = TUG_HOME if moves else TUG_NONE
        kind = choose_type(w.rng, e, at, b.stand_code[stand])
        if kind >= 0:
            set_shape(row, at, kind)
        if chosen and kind >= 0:
            needed -= 1
            _place_parked(e, w, b, at, q, i, own)
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
    queue_turnarounds(w, e)


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
    if stand < 0 or slot < 0 or not has_departure(b, stand):
        return False
    row = w.aircraft[e, slot]
    if int(row[Aircraft.PHASE]) != AircraftPhase.PARKED:
        go_away(e, w, b, q, slot)
        kind = choose_type(w.rng, e, at, b.stand_code[stand])
        if kind < 0:
            return False
        set_shape(row, at, kind)
        set_parked(e, w, b, q, slot)
        draw_timeline(w.rng, e, w.turn[e, slot], 1.0)
    for j in range(w.aircraft.shape[1]):
        if is_mover(int(w.aircraft[e, j, Aircraft.PHASE])) and not may_depart(e, w, b, q, slot):
            go_away(e, w, b, q, j)
    if not may_depart(e, w, b, q, slot):
        return False
    complete_turnaround(w, e, slot)
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
        note_start(w, e, slot, Task.PUSHBACK)
        pace -= math.sqrt(2.0 * q.push_accel_mps2 * pace * missing_s)  # reaching its pace from here costs missing_s
        room_m = push_len - s
        row[Aircraft.SPEED] = min(pace, math.sqrt(2.0 * 0.85 * PUSH_BRAKE_MPS2 * room_m))
    return True
