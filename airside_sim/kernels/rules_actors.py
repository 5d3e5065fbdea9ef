"""Rules about somebody else: emergency vehicles, aircraft and pushes, people ahead, junctions that others hold.

Each judge looks only at who is near and at what the others are doing because of the ego: an aircraft that brakes or
stands for it, a vehicle that brakes harder than comfort allows. Distances are from the tractor's outline to the other's
reference point (main gear, rear axle, person).
"""

import math

from airside_sim.columns import (
    Aircraft,
    Body,
    Crossing,
    Ego,
    Episode,
    Junction,
    Measured,
    Person,
    Route,
    RuleState,
    Vehicle,
)
from airside_sim.constants import DT_S, AircraftPhase, Rule, StopReason
from airside_sim.geometry import point_box_d2
from airside_sim.jit import njit
from airside_sim.kernels.aircraft_motion import NEVER_M, body_stop_s
from airside_sim.kernels.aircraft_rules import path_end
from airside_sim.kernels.hazards import CODE_D
from airside_sim.kernels.junctions import ego_movement, held_conflicts, is_long

MOVING_MPS = 0.5
HARD_BRAKE_MPS2 = 2.0  # a vehicle with the right of way need not brake harder
FOLLOWS_COS = 0.7  # who drives the same way behind the ego keeps its own distance
PERSON_AHEAD_M = 5.0
PERSON_BESIDE_M = 0.5
WALKING_MPS = 5.0 / 3.6 + 0.3  # 5 km/h with the tolerance of speed limits
BRAKING_MPS2 = -1.0  # who brakes so obeys
EMERGENCY_REACH_M = 60.0
EMERGENCY_ASIDE_M = 10.0
EMERGENCY_NOTICE_S = 5.0
EMERGENCY_LANE_M = 2.5
AIRCRAFT_REACH_M = 60.0
PUSH_WAITS_S = 5.0


@njit
def mark(rule, r, share, distance_m, other):
    """Note a breach of rule r (rows of `World.rule`); the gravest of a tick stays."""
    if share > rule[r, RuleState.BROKEN]:
        rule[r, RuleState.BROKEN] = share
        rule[r, RuleState.DISTANCE] = distance_m
        rule[r, RuleState.OTHER] = other


@njit
def to_body_m(ego_body, body):
    """Distance from the tractor's outline (row 0 of ego bodies) to the reference point of a body row."""
    front = ego_body[0]
    dx = body[Body.X] - front[Body.X]
    dy = body[Body.Y] - front[Body.Y]
    u = dx * front[Body.COS] + dy * front[Body.SIN]
    v = dy * front[Body.COS] - dx * front[Body.SIN]
    return math.sqrt(point_box_d2(u, v, -front[Body.REAR], front[Body.FRONT], front[Body.HALF_WIDTH]))


@njit
def judge_people(e, w):
    """Faster than 5 km/h, and not braking, with a person within 5 m ahead of the bumper."""
    if w.ego[e, Ego.SPEED] <= WALKING_MPS or w.ego[e, Ego.ACCEL] < BRAKING_MPS2:
        return
    front = w.ego_body[e, 0]
    for k in range(w.person.shape[1]):
        dx = w.person[e, k, Person.X] - front[Body.X]
        dy = w.person[e, k, Person.Y] - front[Body.Y]
        if w.person[e, k, Person.ACTIVE] == 0.0 or dx * dx + dy * dy > 400.0:
            continue
        ahead_m = dx * front[Body.COS] + dy * front[Body.SIN] - front[Body.FRONT]
        aside_m = abs(dy * front[Body.COS] - dx * front[Body.SIN]) - front[Body.HALF_WIDTH]
        n = int(w.person[e, k, Person.BODY])
        if 0.0 < ahead_m < PERSON_AHEAD_M and aside_m < PERSON_BESIDE_M + w.body[e, n, Body.HALF_WIDTH]:
            mark(w.rule[e], int(Rule.PEDESTRIAN_PRIORITY), 1.0, ahead_m, float(n))


@njit
def _junction_under(e, w, b, s):
    """Global junction of the route at arc length s, -1 outside."""
    n = int(min(max(s, 0.0), w.episode[e, Episode.ROUTE_POINTS] - 1.0))
    lane = int(w.route[e, n, Route.LANE])
    return b.lane_junction[lane] if lane >= 0 else -1


@njit
def _holder(e, w, b, m, cluster):
    """Slot of a vehicle whose movement through the cluster conflicts with the ego's and that holds its lock, -1."""
    tug = w.ego_body[e, 0]
    size = int(is_long(tug[Body.FRONT] + tug[Body.REAR], 2.0 * tug[Body.HALF_WIDTH]))
    rear_s = w.episode[e, Episode.S_FRONT] - 3.0
    entry, _, _, conflict = ego_movement(w.episode[e], w.route[e], b, size, cluster, rear_s)
    local = cluster - b.map_junction0[m]
    for v in range(w.vehicle.shape[1]):
        row = w.vehicle[e, v]
        is_there = row[Vehicle.ACTIVE] == 1.0 and w.body[e, int(row[Vehicle.BODY]), Body.CLASS] >= 0.0
        if is_there and held_conflicts(row, local, entry, conflict):
            return v
    return -1


@njit
def judge_junction(e, w, b, m):
    """Driving into a junction that another holds, or making a vehicle brake hard outside what the ego holds itself.

    MEMORY: the junction the front was in on the last tick, + 1; negative when it was not the ego's.
    """
    state = w.rule[e, Rule.GIVE_WAY]
    here = _junction_under(e, w, b, w.episode[e, Episode.S_FRONT])
    before = state[RuleState.MEMORY]
    if here < 0:
        state[RuleState.MEMORY] = 0.0
    elif abs(before) != here + 1.0:
        lock = w.junction[e, here - b.map_junction0[m]]
        is_mine = lock[Junction.EGO_FLAG] == 1 or w.episode[e, Episode.TICK] <= 1.0
        state[RuleState.MEMORY] = here + 1.0 if is_mine else -(here + 1.0)
        if not is_mine:
            v = _holder(e, w, b, m, here)
            if v >= 0:
                n = int(w.vehicle[e, v, Vehicle.BODY])
                mark(w.rule[e], int(Rule.GIVE_WAY), 1.0, to_body_m(w.ego_body[e], w.body[e, n]), float(n))
    tail_s = w.episode[e, Episode.S_FRONT] - w.ego[e, Ego.TRAIN_LENGTH]
    if state[RuleState.MEMORY] > 0.0 or (here < 0 and _junction_under(e, w, b, tail_s) >= 0):
        return
    if w.ego[e, Ego.SPEED] > MOVING_MPS:
        _judge_forced_braking(e, w)


@njit
def _judge_forced_braking(e, w):
    """A vehicle that does not merely follow brakes hard for the ego."""
    front = w.ego_body[e, 0]
    for v in range(w.vehicle.shape[1]):
        row = w.vehicle[e, v]
        if row[Vehicle.ACCEL] > -HARD_BRAKE_MPS2 or row[Vehicle.ACTIVE] == 0.0:
            continue
        if row[Vehicle.STOP_REASON] != StopReason.EGO or row[Vehicle.SPEED] < MOVING_MPS:
            continue
        n = int(row[Vehicle.BODY])
        along = w.body[e, n, Body.COS] * front[Body.COS] + w.body[e, n, Body.SIN] * front[Body.SIN]
        if along < FOLLOWS_COS:
            mark(w.rule[e], int(Rule.GIVE_WAY), 1.0, to_body_m(w.ego_body[e], w.body[e, n]), float(n))


@njit
def emergency_ahead(e, w):
    """-> (slot of an emergency vehicle whose way leads past the ego, metres to it, is it behind on the same lane).

    Its beacon is on, it moves or stands because of the ego, and within 60 m ahead of it its heading passes the tractor
    at less than 10 m. (-1, 0, False) without one.
    """
    front = w.ego_body[e, 0]
    for v in range(w.vehicle.shape[1]):
        row = w.vehicle[e, v]
        if row[Vehicle.ACTIVE] == 0.0:
            continue
        body = w.body[e, int(row[Vehicle.BODY])]
        if body[Body.BEACON] == 0.0 or (row[Vehicle.SPEED] < MOVING_MPS and row[Vehicle.STOP_REASON] != StopReason.EGO):
            continue
        dx = front[Body.X] - body[Body.X]
        dy = front[Body.Y] - body[Body.Y]
        ahead_m = dx * body[Body.COS] + dy * body[Body.SIN] - body[Body.FRONT]
        aside_m = abs(dy * body[Body.COS] - dx * body[Body.SIN])
        if -body[Body.FRONT] < ahead_m < EMERGENCY_REACH_M and aside_m < EMERGENCY_ASIDE_M:
            along = body[Body.COS] * front[Body.COS] + body[Body.SIN] * front[Body.SIN]
            return v, math.hypot(dx, dy), along > FOLLOWS_COS and aside_m < EMERGENCY_LANE_M
    return -1, 0.0, False


@njit
def judge_emergency(e, w, b):
    """Not at rest 5 s after an emergency vehicle has come near, or in its way.

    Who has it behind on the same lane drives on, and nobody stops on a junction. MEMORY: s since it came near.
    """
    state = w.rule[e, Rule.EMERGENCY_VEHICLE]
    v, away_m, is_behind = emergency_ahead(e, w)
    if v < 0:
        state[RuleState.MEMORY] = 0.0
        return
    state[RuleState.MEMORY] += DT_S
    if state[RuleState.MEMORY] < EMERGENCY_NOTICE_S:
        return
    if is_behind or _junction_under(e, w, b, w.episode[e, Episode.S_FRONT]) >= 0:
        return
    waits = w.vehicle[e, v, Vehicle.STOP_REASON] == StopReason.EGO and w.vehicle[e, v, Vehicle.SPEED] < MOVING_MPS
    if waits or w.ego[e, Ego.SPEED] > MOVING_MPS:
        mark(w.rule[e], int(Rule.EMERGENCY_VEHICLE), 1.0, away_m, w.vehicle[e, v, Vehicle.BODY])


@njit
def _room_m(e, w, b, row, q):
    """Metres that a taxiing aircraft may roll for the ego's bodies, NEVER_M when they are out of its stop's reach."""
    speed = row[Aircraft.SPEED]
    reach_m = speed * speed / (2.0 * q.taxi_brake_mps2) + 1.0 * speed
    path = int(row[Aircraft.PATH])
    nearest = NEVER_M
    for k in range(w.ego_body.shape[1]):
        if w.ego_body[e, k, Body.CLASS] < 0.0:
            break
        stop_s = body_stop_s(row, b, path, path_end(row, b), reach_m, w.ego_body[e, k], q.vehicle_margin_m)
        if stop_s < NEVER_M:
            nearest = min(nearest, stop_s - row[Aircraft.S])
    return nearest


@njit
def _holds_for_ego(e, w, i):
    """Aircraft i stands before a crossing on which nobody but the ego is."""
    for k in range(w.crossing.shape[1]):
        here = w.crossing[e, k]
        if here[Crossing.EGO_INSIDE] > 0.0 and here[Crossing.AIRCRAFT] == i and here[Crossing.OCCUPANTS] == 0.0:
            return True
    return False


@njit
def judge_aircraft(e, w, b, q):
    """A taxiing aircraft must brake or stand for the ego; a push stands, or does not begin, because of it.

    MEMORY of PUSHBACK: s that a push has been waiting.
    """
    waits = False
    for i in range(w.aircraft.shape[1]):
        row = w.aircraft[e, i]
        phase = int(row[Aircraft.PHASE])
        if row[Aircraft.BEACON] == 0.0 or phase == AircraftPhase.AWAY or phase == AircraftPhase.SHUTDOWN:
            continue
        away_m = to_body_m(w.ego_body[e], w.body[e, i])
        if away_m > AIRCRAFT_REACH_M + row[Aircraft.RADIUS]:
            continue
        stands = row[Aircraft.SPEED] < 0.05
        reason = int(row[Aircraft.STOP_REASON])
        if phase == AircraftPhase.TAXI_IN or phase == AircraftPhase.TAXI_OUT:
            hindered = stands and reason == StopReason.EGO
            if stands and reason == StopReason.CROSSING:
                hindered = _holds_for_ego(e, w, i)
            elif row[Aircraft.SPEED] > MOVING_MPS:
                hindered = _room_m(e, w, b, row, q) < NEVER_M
            if hindered:
                mark(w.rule[e], int(Rule.AIRCRAFT_PRIORITY), 1.0, away_m, float(i))
        elif stands and reason == StopReason.EGO and phase <= AircraftPhase.PUSHBACK:
            waits = True
            has_begun = phase == AircraftPhase.PUSHBACK
            if has_begun or w.rule[e, Rule.PUSHBACK, RuleState.MEMORY] > PUSH_WAITS_S:
                mark(w.rule[e], int(Rule.PUSHBACK), 1.0, away_m, float(i))
    w.rule[e, Rule.PUSHBACK, RuleState.MEMORY] = w.rule[e, Rule.PUSHBACK, RuleState.MEMORY] + DT_S if waits else 0.0


@njit
def is_behind_engines(row, body, x, y, reach_m):
    """A point lies up to reach_m behind the tail of an aircraft (rows of `aircraft` and `body`), within its span."""
    dx = x - body[Body.X]
    dy = y - body[Body.Y]
    u = dx * body[Body.COS] + dy * body[Body.SIN]
    v = dy * body[Body.COS] - dx * body[Body.SIN]
    return row[Aircraft.FUSE_REAR] - reach_m < u < row[Aircraft.FUSE_REAR] and abs(v) < row[Aircraft.WING_HALF]


@njit
def judge_engines(e, w, at, q):
    """Driving on behind an aircraft whose beacon is on, outside its hazard areas (`cost/hazard_zone` has those).

    Only who drives in counts, not whom the beacon surprises there. MEMORY: slot + 1 of the aircraft behind which the
    front is, negative while that is no breach.
    """
    state = w.rule[e, Rule.BEHIND_ENGINES]
    front = w.ego_body[e, 0]
    x = front[Body.X] + front[Body.FRONT] * front[Body.COS]
    y = front[Body.Y] + front[Body.FRONT] * front[Body.SIN]
    step_m = w.ego[e, Ego.SPEED] * DT_S + 0.01
    found = 0.0
    for i in range(w.aircraft.shape[1]):
        row = w.aircraft[e, i]
        body = w.body[e, i]
        if row[Aircraft.BEACON] == 0.0 or row[Aircraft.PHASE] == AircraftPhase.AWAY:
            continue
        reach_m = q.blast_idle_e_m if at.code[int(row[Aircraft.TYPE])] >= CODE_D else q.blast_idle_c_m
        if not is_behind_engines(row, body, x, y, reach_m):
            continue
        found = i + 1.0
        if abs(state[RuleState.MEMORY]) != found:
            was_in = is_behind_engines(row, body, x - step_m * front[Body.COS], y - step_m * front[Body.SIN], reach_m)
            state[RuleState.MEMORY] = -found if was_in else found
        if state[RuleState.MEMORY] > 0.0 and w.ego[e, Ego.SPEED] > MOVING_MPS:
            if w.measured[e, Measured.IN_HAZARD] == 0.0:
                mark(w.rule[e], int(Rule.BEHIND_ENGINES), 1.0, to_body_m(w.ego_body[e], body), float(i))
        break
    if found == 0.0:
        state[RuleState.MEMORY] = 0.0
