"""Aircraft life: away, taxi in, run down, parked, beacon, push, start-up, taxi out; one slot belongs to one stand.

`step_aircraft` moves every aircraft and tug of one env by a tick and `write_aircraft_bodies` shows them in
`World.body`. Right of way is in aircraft_rules, motion in aircraft_motion, the start of movements (and reset) in
aircraft_schedule, whose public kernels are offered here too.

A towbarless tug belongs to each stand: it waits on the nose-wheel stop, sits under the nose of the parked aircraft,
pushes it, drives back along the same line once its zone is empty, and so never appears or vanishes.
"""

import math

from airside_sim import rng
from airside_sim.columns import Aircraft, Body, Ego, Episode, Person, Stand, Turn
from airside_sim.constants import DT_S, ActorClass, AircraftPhase, StopReason
from airside_sim.jit import njit
from airside_sim.kernels.aircraft_bodies import write_aircraft_bodies
from airside_sim.kernels.aircraft_motion import (
    ARRIVED_M,
    NEVER_M,
    STOPPED_MPS,
    body_stop_s,
    drive,
    limit_ahead,
    rail_pose,
    tug_pose,
)
from airside_sim.kernels.aircraft_rules import extend_probe, path_end
from airside_sim.kernels.aircraft_scene import reset_aircraft, start_pushback_in_progress
from airside_sim.kernels.aircraft_schedule import (
    PUSH_BRAKE_MPS2,
    dwell_s,
    enter_taxi_out,
    go_away,
    set_parked,
    start_movement,
)
from airside_sim.kernels.crossings import crossing_stop_s
from airside_sim.kernels.egos import nearest_ego
from airside_sim.kernels.stands import TUG_COUPLED, TUG_HOME, TUG_NONE, TUG_RETURNING, update_stand
from airside_sim.kernels.turnaround import (
    NOT_YET_S,
    begin_turnaround,
    clock_s,
    lag_s,
    note_end,
    note_start,
    since_on_block_s,
    step_turnarounds,
    stretch_of,
)
from airside_sim.turnaround_times import Task

__all__ = ["reset_aircraft", "start_pushback_in_progress", "step_aircraft", "write_aircraft_bodies"]

SCAN_TICKS = 4  # other vehicles are looked for this often; the ego every tick
PROBE_TICKS = 3
VANISH_M = 40.0  # of the path may be left
VIEW_M = 350.0  # background vehicles live within 220 m of the ego: farther aircraft need not look for them
TUG_RELEASE_S = 25.0  # before the end of start-up the tug wants to leave
TUG_NOTICE_S = 10.0  # and closes its zone this long before
TUG_ACCEL_MPS2 = 0.7
TUG_CLEAR_M = 6.0
DRIVES_MPS = 0.5
LEAST_PUSHED_S = 20.0  # before the first engine is started


@njit
def _ego_stop_s(row, b, ego_body, reach_m, margin_m):
    """Where to stop for the ego's bodies (EGO_BODIES, Body); NEVER_M when none is in the swept corridor."""
    path = int(row[Aircraft.PATH])
    end = path_end(row, b)
    nearest = NEVER_M
    for k in range(ego_body.shape[0]):
        if ego_body[k, Body.CLASS] < 0.0:
            break
        nearest = min(nearest, body_stop_s(row, b, path, end, reach_m, ego_body[k], margin_m))
    return nearest


@njit
def _traffic_stop_s(row, b, body, first, reach_m, vehicle_margin_m, person_margin_m):
    """Where to stop for vehicles, equipment and people: rows of `World.body` from `first` on."""
    path = int(row[Aircraft.PATH])
    end = path_end(row, b)  # equipment waits just beyond the stop
    x, y, _ = rail_pose(b, path, row[Aircraft.S])
    far_m = row[Aircraft.RADIUS] + reach_m + vehicle_margin_m
    nearest = NEVER_M
    for k in range(first, body.shape[0]):
        if body[k, Body.CLASS] < 0.0:
            continue
        dx = body[k, Body.X] - x
        dy = body[k, Body.Y] - y
        round_m = far_m + body[k, Body.RADIUS]
        if dx * dx + dy * dy > round_m * round_m:
            continue
        margin = person_margin_m if int(body[k, Body.CLASS]) == ActorClass.PERSONNEL else vehicle_margin_m
        nearest = min(nearest, body_stop_s(row, b, path, end, reach_m, body[k], margin))
    return nearest


@njit
def _look(e, w, i, b, brake, vehicle_margin_m, person_margin_m):
    """Refresh OBSTACLE_S and say where to stop for the ego: (obstacle arc length, ego arc length)."""
    row = w.aircraft[e, i]
    speed = row[Aircraft.SPEED]
    reach_m = speed * speed / (2.0 * 0.8 * brake) + 2.0 * speed + 6.0
    x, y, _ = rail_pose(b, int(row[Aircraft.PATH]), row[Aircraft.S])
    ego_x, ego_y = nearest_ego(e, w, x, y)
    far_m = math.hypot(x - ego_x, y - ego_y)
    if far_m > VIEW_M:
        row[Aircraft.OBSTACLE_S] = NEVER_M
        return NEVER_M, NEVER_M
    if (int(w.episode[e, Episode.TICK]) + i) % SCAN_TICKS == 0:
        first = 2 * w.aircraft.shape[1]
        body = w.body[e]
        stop = _traffic_stop_s(row, b, body, first, reach_m, vehicle_margin_m, person_margin_m)
        row[Aircraft.OBSTACLE_S] = stop
    ego_s = NEVER_M
    # a push crew stops for who stands behind the tail, not for who drives in
    drives_in = int(row[Aircraft.PHASE]) == AircraftPhase.PUSHBACK and w.ego[e, Ego.SPEED] > DRIVES_MPS
    if far_m < row[Aircraft.RADIUS] + reach_m + 40.0 and not drives_in:
        ego_s = _ego_stop_s(row, b, w.ego_body[e], reach_m, vehicle_margin_m)
    return row[Aircraft.OBSTACLE_S], ego_s


@njit
def _note_stop(row, reason):
    """Keep reason and duration of standing still."""
    if row[Aircraft.SPEED] > STOPPED_MPS:
        row[Aircraft.STOP_REASON] = StopReason.NONE.value
        row[Aircraft.STOP_TIME] = 0.0
    else:
        row[Aircraft.STOP_REASON] = reason.value
        row[Aircraft.STOP_TIME] += DT_S


@njit
def _taxi_limits(e, w, i, b, end, q):
    """How far slot i may go for aircraft, crossings and its stand zone: (arc length, StopReason)."""
    row = w.aircraft[e, i]
    m = int(w.episode[e, Episode.MAP])
    speed = row[Aircraft.SPEED]
    brake = q.taxi_brake_mps2
    if row[Aircraft.PROBE_S] < end and (int(w.episode[e, Episode.TICK]) + i) % PROBE_TICKS == 0:
        want = row[Aircraft.S] + speed * speed / (2.0 * 0.8 * brake) + 2.0 * speed + 8.0 + q.follow_gap_m
        extend_probe(w.aircraft[e], i, b, min(want, end), q.aircraft_margin_m)
    stop_s = end
    reason = StopReason.SCHEDULE
    if row[Aircraft.PROBE_S] < end - 1e-6:
        stop_s = row[Aircraft.PROBE_S] - q.follow_gap_m
        reason = StopReason.LEADER
    cross_s = crossing_stop_s(w.crossing[e], b.map_crossing0[m], b, row, brake)
    if cross_s < stop_s:
        stop_s = cross_s
        reason = StopReason.CROSSING
    if int(row[Aircraft.PHASE]) == AircraftPhase.TAXI_IN:
        local = int(row[Aircraft.STAND]) - b.map_stand0[m]
        hold_s = row[Aircraft.ZONE_IN] - 1.0
        if w.stand[e, local, Stand.OCCUPANTS] > 0.0 and row[Aircraft.S] + speed * speed / (2.0 * brake) < hold_s + 1.0:
            if hold_s < stop_s:
                stop_s = hold_s
                reason = StopReason.STAND_ZONE
    return stop_s, reason


@njit
def _step_taxi(e, w, b, q, i):
    """TAXI_IN and TAXI_OUT: roll along the path; True once at its end."""
    row = w.aircraft[e, i]
    end = path_end(row, b)
    stop_s, reason = _taxi_limits(e, w, i, b, end, q)
    brake = q.taxi_brake_mps2
    obstacle_s, ego_s = _look(e, w, i, b, brake, q.vehicle_margin_m, q.person_margin_m)
    if min(obstacle_s, ego_s) < stop_s:
        reason = StopReason.EGO if ego_s <= obstacle_s else StopReason.CROSSING
    was_standing = row[Aircraft.SPEED] <= STOPPED_MPS
    top = limit_ahead(b, int(row[Aircraft.PATH]), row[Aircraft.S], row[Aircraft.SPEED], 0.85 * brake)
    drive(row, stop_s, min(obstacle_s, ego_s), top, q.taxi_accel_mps2, brake, q.aircraft_emergency_mps2)
    if was_standing and row[Aircraft.SPEED] > STOPPED_MPS:
        row[Aircraft.BREAKAWAY] = q.blast_breakaway_s
    row[Aircraft.BREAKAWAY] = max(row[Aircraft.BREAKAWAY] - DT_S, 0.0)
    _note_stop(row, reason)
    return end - row[Aircraft.S] < ARRIVED_M and row[Aircraft.SPEED] <= STOPPED_MPS


@njit
def _step_arrival(e, w, b, at, q, i):
    """Taxi in; the marshaller takes over where the stand zone closes."""
    row = w.aircraft[e, i]
    waits = w.turn[e, i, Task.MARSHALLING, Turn.START] >= NOT_YET_S
    if waits and row[Aircraft.S] > row[Aircraft.ZONE_IN] - q.zone_notice_m:
        w.turn[e, i, Task.MARSHALLING, Turn.START] = clock_s(w, e)
    if not _step_taxi(e, w, b, q, i):
        return
    set_parked(e, w, b, q, i)
    row[Aircraft.PHASE] = AircraftPhase.SHUTDOWN.value  # until its timeline lets the beacon go off
    row[Aircraft.ENGINES] = 1.0
    row[Aircraft.BEACON] = 1.0
    row[Aircraft.MISSIONS] += 1.0
    begin_turnaround(w, e, i, stretch_of(at.code[int(row[Aircraft.TYPE])], dwell_s(w, e, q)))


@njit
def _step_beacon(e, w, b, q, i):
    """Wait for the end of the notice, an empty zone and a free first stretch; then push."""
    row = w.aircraft[e, i]
    row[Aircraft.TIMER] -= DT_S
    local = int(row[Aircraft.STAND]) - b.map_stand0[int(w.episode[e, Episode.MAP])]
    reason = StopReason.SCHEDULE
    if row[Aircraft.TIMER] <= 0.0:
        row[Aircraft.TIMER] = 0.0
        obstacle_s, ego_s = _look(e, w, i, b, PUSH_BRAKE_MPS2, q.vehicle_margin_m, q.person_margin_m)
        if ego_s < NEVER_M:
            reason = StopReason.EGO
        elif w.stand[e, local, Stand.OCCUPANTS] > 0.0 or obstacle_s < NEVER_M:
            reason = StopReason.STAND_ZONE
        else:
            row[Aircraft.PHASE] = AircraftPhase.PUSHBACK.value
            note_start(w, e, i, Task.PUSHBACK)
    _note_stop(row, reason)


@njit
def _start_engines(w, e, i):
    """The first engine is started a while after the push has begun."""
    row = w.aircraft[e, i]
    turn = w.turn[e, i]
    pushed_s = since_on_block_s(w, e, i) - turn[Task.PUSHBACK, Turn.START]
    lag = max(lag_s(turn, Task.PUSHBACK, Task.ENGINE_START), LEAST_PUSHED_S)
    if row[Aircraft.ENGINES] == 0.0 and pushed_s >= lag:
        row[Aircraft.ENGINES] = 1.0
        note_start(w, e, i, Task.ENGINE_START)


@njit
def _step_push(e, w, b, q, i):
    row = w.aircraft[e, i]
    _start_engines(w, e, i)
    m = int(w.episode[e, Episode.MAP])
    path = int(row[Aircraft.PATH])
    end = b.path_len[path]
    brake = PUSH_BRAKE_MPS2
    obstacle_s, ego_s = _look(e, w, i, b, brake, q.vehicle_margin_m, q.person_margin_m)
    cross_s = crossing_stop_s(w.crossing[e], b.map_crossing0[m], b, row, brake)
    broken = row[Aircraft.BROKEN] > 0.0
    broken_s = row[Aircraft.S] if broken else NEVER_M
    stop_s = min(end, cross_s, broken_s)
    nearest = min(obstacle_s, ego_s)
    drive(row, stop_s, nearest, row[Aircraft.PUSH_SPEED], q.push_accel_mps2, brake, q.aircraft_emergency_mps2)
    waits = StopReason.BREAKDOWN if broken else StopReason.CROSSING
    _note_stop(row, StopReason.EGO if ego_s <= min(stop_s, obstacle_s) else waits)
    if end - row[Aircraft.S] < ARRIVED_M and row[Aircraft.SPEED] <= STOPPED_MPS:
        row[Aircraft.PHASE] = AircraftPhase.START_UP.value
        row[Aircraft.S] = end
        row[Aircraft.SPEED] = 0.0
        if row[Aircraft.ENGINES] == 0.0:
            row[Aircraft.ENGINES] = 1.0
            note_start(w, e, i, Task.ENGINE_START)
        note_end(w, e, i, Task.PUSHBACK)
        note_start(w, e, i, Task.DISCONNECT)
        row[Aircraft.TIMER] = rng.uniform_range(w.rng, e, q.start_up_low_s, q.start_up_high_s)


@njit
def _step_start_up(e, w, b, q, i):
    """Engines start; in the last part the tug leaves, and the aircraft goes when the tug is home."""
    row = w.aircraft[e, i]
    row[Aircraft.TIMER] = max(row[Aircraft.TIMER] - DT_S, 0.0)
    local = int(row[Aircraft.STAND]) - b.map_stand0[int(w.episode[e, Episode.MAP])]
    reason = StopReason.SCHEDULE
    if row[Aircraft.TUG] == TUG_COUPLED and row[Aircraft.TIMER] < TUG_RELEASE_S:
        if w.stand[e, local, Stand.OCCUPANTS] > 0.0:
            reason = StopReason.STAND_ZONE
        else:
            row[Aircraft.TUG] = TUG_RETURNING
            note_end(w, e, i, Task.ENGINE_START)
            row[Aircraft.TUG_S] = b.path_len[int(row[Aircraft.PATH])]
            row[Aircraft.TUG_SPEED] = 0.0
    _note_stop(row, reason)
    if row[Aircraft.TIMER] <= 0.0 and (row[Aircraft.TUG] == TUG_HOME or row[Aircraft.TUG] == TUG_NONE):
        enter_taxi_out(e, w, b, i, 0.0)


@njit
def _before_tug(x, y, h, ahead_m, px, py, radius_m):
    """A circle is in the way of a tug at (x, y) heading h within ahead_m."""
    u = (px - x) * math.cos(h) + (py - y) * math.sin(h)
    v = (py - y) * math.cos(h) - (px - x) * math.sin(h)
    return -2.0 - radius_m < u < ahead_m + radius_m and abs(v) < 2.5 + radius_m


@njit
def _step_tug(e, w, b, q, i):
    """The tug retraces the push at tug_speed and stops for the ego and people."""
    row = w.aircraft[e, i]
    push = b.stand_path_push[int(row[Aircraft.STAND])]
    x, y, h = tug_pose(row, b, push)
    left_m = row[Aircraft.TUG_S] - row[Aircraft.WHEELBASE]
    speed = row[Aircraft.TUG_SPEED]
    ahead_m = TUG_CLEAR_M + speed * speed / (2.0 * TUG_ACCEL_MPS2)
    top = min(q.tug_speed_mps, math.sqrt(2.0 * 0.85 * TUG_ACCEL_MPS2 * max(left_m, 0.0)) + 0.05)
    for k in range(w.ego_body.shape[1]):
        body = w.ego_body[e, k]
        if body[Body.CLASS] < 0.0:
            break
        if _before_tug(x, y, h, ahead_m, body[Body.X], body[Body.Y], body[Body.RADIUS]):
            top = 0.0
    for p in range(w.person.shape[1]):
        person = w.person[e, p]
        if person[Person.ACTIVE] == 1.0 and _before_tug(x, y, h, ahead_m, person[Person.X], person[Person.Y], 0.3):
            top = 0.0
    change = min(max(top - speed, -2.0 * DT_S), TUG_ACCEL_MPS2 * DT_S)
    row[Aircraft.TUG_SPEED] = max(speed + change, 0.0)
    row[Aircraft.TUG_S] -= row[Aircraft.TUG_SPEED] * DT_S
    row[Aircraft.DIRTY] = 1.0
    if row[Aircraft.TUG_S] - row[Aircraft.WHEELBASE] < ARRIVED_M:
        row[Aircraft.TUG] = TUG_HOME
        row[Aircraft.TUG_SPEED] = 0.0
        note_end(w, e, i, Task.DISCONNECT)


@njit
def _step_departure(e, w, b, q, i):
    """Taxi out; the slot is free again near the end of the scene, where the ego cannot see it."""
    row = w.aircraft[e, i]
    _step_taxi(e, w, b, q, i)
    if row[Aircraft.OUT_END] - row[Aircraft.S] < VANISH_M:
        x, y, _ = rail_pose(b, int(row[Aircraft.PATH]), row[Aircraft.S])
        ego_x, ego_y = nearest_ego(e, w, x, y)
        if math.hypot(x - ego_x, y - ego_y) > q.view_m + row[Aircraft.RADIUS]:
            row[Aircraft.MISSIONS] += 1.0
            go_away(e, w, b, q, i)


@njit
def _step_slot(e, w, b, at, q, i):
    """One tick of one slot by its phase."""
    row = w.aircraft[e, i]
    phase = int(row[Aircraft.PHASE])
    if phase == AircraftPhase.AWAY:
        row[Aircraft.TIMER] -= DT_S
        return
    if phase == AircraftPhase.SHUTDOWN or phase == AircraftPhase.PARKED:
        return  # its timeline goes on by events
    row[Aircraft.DIRTY] = 1.0
    if phase == AircraftPhase.TAXI_IN:
        _step_arrival(e, w, b, at, q, i)
    elif phase == AircraftPhase.BEACON_ON:
        _step_beacon(e, w, b, q, i)
    elif phase == AircraftPhase.PUSHBACK:
        _step_push(e, w, b, q, i)
    elif phase == AircraftPhase.START_UP:
        _step_start_up(e, w, b, q, i)
    else:
        _step_departure(e, w, b, q, i)


@njit
def step_aircraft(e, w, b, at, q):
    """Advance all aircraft and tugs of env e by one tick and update the stand table."""
    m = int(w.episode[e, Episode.MAP])
    start_movement(e, w, b, at, q)
    step_turnarounds(w, e)
    for i in range(w.aircraft.shape[1]):
        row = w.aircraft[e, i]
        stand = int(row[Aircraft.STAND])
        if stand < 0:
            break
        _step_slot(e, w, b, at, q, i)
        if row[Aircraft.TUG] == TUG_RETURNING:
            _step_tug(e, w, b, q, i)
        push = b.stand_path_push[stand]
        push_end = b.path_len[push] if push >= 0 else 0.0
        update_stand(
            w.stand[e], stand - b.map_stand0[m], i, row, push_end, q.zone_notice_m, TUG_RELEASE_S + TUG_NOTICE_S
        )
