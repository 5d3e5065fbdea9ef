"""When movements start: arrivals and departures that keep the apron as busy as `aircraft_scene` made it.

The number of moving aircraft is regulated: a parked slot is ready once its turnaround is complete
(`kernels.turnaround`, whose pace allows for `peak_moving_aircraft * density` movers), an absent one waits an
exponential time, and a movement is admitted only below that number. So the count stays just under its target whatever
the map, and the occupied stands stay near their fraction.
"""

import math

from airside_sim import rng
from airside_sim.columns import Aircraft, Body, Episode, Turn, Vehicle
from airside_sim.constants import AircraftPhase, StopReason
from airside_sim.episode_setup import Setup
from airside_sim.jit import njit
from airside_sim.kernels.aircraft_motion import NEVER_M, rail_pose, set_shape
from airside_sim.kernels.aircraft_rules import (
    NEWCOMER,
    clear_of_parked,
    count_movers,
    next_order,
    pose_allowed,
    span_allowed,
)
from airside_sim.kernels.egos import nearest_ego
from airside_sim.kernels.stands import (
    TUG_COUPLED,
    TUG_HOME,
    TUG_NONE,
    TUG_RETURNING,
    arrival_zone_s,
    departure_zone_s,
    route_distance2,
)
from airside_sim.kernels.turnaround import NOT_YET_S, lag_s, may_have_clearance, note_end, note_start
from airside_sim.turnaround_times import Task

EAGERNESS = 0.5  # waiting times over those that would just give the target: the cap does the rest
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
    wanted = w.setup[e, Setup.MOVING_AIRCRAFT]
    if wanted < 0.0:
        return q.peak_moving_aircraft * w.episode[e, Episode.DENSITY]
    return wanted if w.episode[e, Episode.DENSITY] > 0.0 else 0.0  # an empty airport has none


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
    fraction = w.setup[e, Setup.PARKED]
    if fraction < 0.0:
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
def dwell_s(w, e, q):
    """Mean time on blocks that gives the wanted number of movements."""
    target = target_movers(w, e, q)
    if target <= 0.0:
        return NEVER_M
    return max(target_parked(w, e, q), 1) * q.movement_s / target


@njit
def set_parked(e, w, b, q, i):
    """Put slot i on blocks with engines off; its turnaround is placed by the caller."""
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
    row[Aircraft.TIMER] = 0.0
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
def beacon_time_s(turn, q):
    """Planned time from the beacon to the push, within what a crew takes."""
    return min(max(lag_s(turn, Task.BEACON_ON, Task.PUSHBACK), q.beacon_low_s), q.beacon_high_s)


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
    row[Aircraft.SERVING] = 0.0
    row[Aircraft.TUG] = TUG_COUPLED
    note_start(w, e, i, Task.BEACON_ON)
    note_end(w, e, i, Task.BEACON_ON)
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
    row[Aircraft.SERVING] = 0.0
    w.turn[e, i, Task.MARSHALLING, Turn.START] = NOT_YET_S
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
    note_start(w, e, i, Task.TAXI)
    note_end(w, e, i, Task.TAXI)
    _begin_path(row, out, s, s)


@njit
def has_departure(b, stand):
    return b.stand_path_push[stand] >= 0 and b.stand_path_out[stand] >= 0 and b.stand_path_in[stand] >= 0


@njit
def _is_far(e, w, b, path, s, far_m):
    x, y, _ = rail_pose(b, path, s)
    ego_x, ego_y = nearest_ego(e, w, x, y)
    return math.hypot(x - ego_x, y - ego_y) > far_m


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
def scene_start(e, w, b, q, path, wheelbase_m):
    """Arc length on an arrival path where the aircraft enters the scene: far from the ego, or the path's start."""
    s = max(b.path_len[path] - wheelbase_m - LEAST_TAXI_M, 0.0)
    while s > 0.0 and not _is_far(e, w, b, path, s, q.aircraft_scene_m):
        s = max(s - SCENE_STEP_M, 0.0)
    return s


@njit
def may_depart(e, w, b, q, i):
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
        if tries == 0:
            return
        stand = int(row[Aircraft.STAND])
        if int(row[Aircraft.PHASE]) == AircraftPhase.PARKED and occupied > wanted - 3 and has_departure(b, stand):
            if not may_have_clearance(w, e, i):
                continue
            tries -= 1
            if may_depart(e, w, b, q, i):
                begin_departure(e, w, b, q, i, beacon_time_s(w.turn[e, i], q))
                return
        elif int(row[Aircraft.PHASE]) == AircraftPhase.AWAY and occupied <= wanted and b.stand_path_in[stand] >= 0:
            if row[Aircraft.TUG] == TUG_RETURNING or row[Aircraft.TIMER] > 0.0:
                continue
            kind = choose_type(w.rng, e, at, b.stand_code[stand])
            if kind < 0:
                continue
            tries -= 1
            set_shape(row, at, kind)
            s = scene_start(e, w, b, q, b.stand_path_in[stand], row[Aircraft.WHEELBASE])
            if _may_arrive(e, w, b, q, i, s):
                begin_arrival(e, w, b, q, i, s)
                return
