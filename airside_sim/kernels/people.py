"""People on foot: walkers on walkways, workers round parked aircraft, crossers at the stands' roads.

They have precedence: a walker at the kerb asks (`World.walk_crossing[e, k]` = people on it, asking, vehicles on it,
turn) and steps out when whoever comes can stop comfortably or stands; once on the road he goes on. A stream of people
pauses now and then to let vehicles through. Nobody walks into a vehicle, the ego, equipment or another person: a step
that would is not taken.
"""

import math

from airside_sim import rng
from airside_sim.columns import Aircraft, Body, Episode, Person
from airside_sim.constants import DT_S, AircraftPhase, Role, StopReason
from airside_sim.episode_setup import Setup
from airside_sim.jit import njit
from airside_sim.kernels.egos import nearest_ego
from airside_sim.kernels.people_look import (
    box_distance2,
    equipment_body,
    meets_ego,
    meets_equipment,
    meets_people,
    meets_planes,
    meets_vehicles,
    road_is_safe,
)
from airside_sim.kernels.people_roles import (
    FRONT_U,
    from_stand,
    goes_along,
    next_leg,
    post_of,
    role_side,
    to_stand,
)
from airside_sim.kernels.people_spawn import (
    CROSSER,
    WALK_OFFSET_M,
    WALKER,
    WORKER,
    draw_work,
    try_place_person,
    walk_point,
    write_person,
)
from airside_sim.kernels.props import SLOTS
from airside_sim.kernels.walk_crossings import ASKING, ON, TURN, take_turns

LOOK_M = 1.0  # stops this far before bodies
PATIENCE_S = 20.0
JAM_S = 2.0  # behind others who do not move: he asks for no crossing
ASIDE_RAD = math.radians(90.0)
PLANE_TICKS = 3  # walkers look for aircraft this often
ARRIVED_M = 0.25
ALONG_MPS = 2.2


@njit
def _step_to(e, w, row, p, x, y, stop_m, slot):
    """Move to (x, y), at most one tick's walk away, unless somebody or something is in the way. -> moved."""
    dx = x - row[Person.X]
    dy = y - row[Person.Y]
    step = math.hypot(dx, dy)
    if step < 1e-6:
        return True
    fx = row[Person.X] + dx / step * stop_m
    fy = row[Person.Y] + dy / step * stop_m
    reason = 0.0
    if meets_ego(w.ego_body[e], fx, fy, 0.5):
        reason = float(StopReason.EGO.value)
    elif meets_people(w.person[e], p, x, y):
        reason = float(StopReason.PERSON.value)
    elif row[Person.MODE] != WALKER or row[Person.CROSSING] >= 0.0:
        if meets_vehicles(w.vehicle[e], w.body[e], fx, fy, 0.5):
            reason = float(StopReason.LEADER.value)
        elif slot >= 0 and meets_equipment(e, w, slot, fx, fy, 0.45):
            if _gets_closer(e, w, slot, row[Person.X], row[Person.Y], fx, fy):
                reason = float(StopReason.NO_ROOM.value)
    if reason > 0.0:
        row[Person.SPEED] = 0.0
        row[Person.STOP_REASON] = reason
        row[Person.STOP_TIME] += DT_S
        return False
    row[Person.X] = x
    row[Person.Y] = y
    row[Person.HEADING] = math.atan2(dy, dx)
    row[Person.SPEED] = step / DT_S
    row[Person.STOP_TIME] = 0.0
    return True


@njit
def _step_aside(e, w, row, p, x, y, slot):
    """Past who stands in the way to (x, y): a step to the side he leaves free; the right when he is straight ahead."""
    dx = x - row[Person.X]
    dy = y - row[Person.Y]
    away2 = 1e9
    free = -ASIDE_RAD
    for k in range(w.person.shape[1]):
        ox = w.person[e, k, Person.X] - row[Person.X]
        oy = w.person[e, k, Person.Y] - row[Person.Y]
        if k != p and w.person[e, k, Person.ACTIVE] == 1.0 and ox * ox + oy * oy < away2:
            away2 = ox * ox + oy * oy
            free = ASIDE_RAD if dx * oy - dy * ox < -1e-9 else -ASIDE_RAD  # he is on the right: pass him left
    for side in (free, -free):
        ax = row[Person.X] + dx * math.cos(side) - dy * math.sin(side)
        ay = row[Person.Y] + dx * math.sin(side) + dy * math.cos(side)
        if _step_to(e, w, row, p, ax, ay, LOOK_M, slot):
            return


@njit
def _gets_closer(e, w, slot, x0, y0, x1, y1):
    """The look-ahead point is nearer to the slot's equipment than the person is."""
    for k in range(SLOTS + 1):
        n = equipment_body(e, w, slot, k)
        if n >= 0:
            d2 = box_distance2(w.body[e, n], x1, y1)
            if d2 < 0.21 and d2 < box_distance2(w.body[e, n], x0, y0):
                return True
    return False


@njit
def _stand_still(row, reason):
    row[Person.SPEED] = 0.0
    row[Person.STOP_REASON] = reason
    row[Person.STOP_TIME] += DT_S


@njit
def _turn_round(words, e, row):
    row[Person.DIRECTION] = -row[Person.DIRECTION]
    row[Person.WAIT] = rng.uniform_range(words, e, 0.5, 3.0)
    row[Person.STOP_TIME] = 0.0


@njit
def _crossing_ahead(b, walkway, s, direction):
    """-> (index into wc_*, distance to its kerb): < 0 distance while on it; (-1, 1e9) when there is none near."""
    best = -1
    nearest = 1e9
    for c in range(b.walk_cross0[walkway], b.walk_cross0[walkway + 1]):
        if b.wc_s_in[c] < s < b.wc_s_out[c]:
            return c, -1.0
        away = b.wc_s_in[c] - s if direction > 0.0 else s - b.wc_s_out[c]
        if 0.0 <= away < nearest:
            nearest = away
            best = c
    return best, nearest


@njit
def _plane_ahead(e, w, at, row, x, y):
    """An aircraft or tug stands where the walker is going, LOOK_M + 0.5 m on, and not already over him."""
    dx = x - row[Person.X]
    dy = y - row[Person.Y]
    step = max(math.hypot(dx, dy), 1e-6)
    fx = row[Person.X] + dx / step * (LOOK_M + 0.5)
    fy = row[Person.Y] + dy / step * (LOOK_M + 0.5)
    num = w.aircraft.shape[1]
    if not meets_planes(at, w.body[e], num, fx, fy, 0.6):
        return False
    return not meets_planes(at, w.body[e], num, row[Person.X], row[Person.Y], 0.6)


@njit
def _walk(e, w, b, at, row, p):
    """One tick of a walker on his walkway."""
    walkway = int(row[Person.WALKWAY])
    direction = row[Person.DIRECTION]
    s = row[Person.S]
    c, kerb_m = _crossing_ahead(b, walkway, s, direction)
    walkx0 = b.map_walkx0[int(w.episode[e, Episode.MAP])]
    row[Person.CROSSING] = -1.0
    if c >= 0 and kerb_m < 0.0:
        local = b.wc_id[c] - walkx0
        row[Person.CROSSING] = local
        w.walk_crossing[e, local, ON] += 1.0
    elif c >= 0 and kerb_m < 1.2:
        local = b.wc_id[c] - walkx0
        waits = w.walk_crossing[e, local, TURN] < 0.0
        jammed = row[Person.STOP_REASON] == StopReason.PERSON and row[Person.STOP_TIME] > JAM_S
        if not waits and not jammed:
            row[Person.CROSSING] = local
            w.walk_crossing[e, local, ASKING] += 1.0
        if kerb_m < 0.35:
            half = 0.5 * (b.wc_s_out[c] - b.wc_s_in[c])
            x, y, _ = walk_point(b, walkway, 0.5 * (b.wc_s_out[c] + b.wc_s_in[c]), 0.0, 1.0)
            if waits or not road_is_safe(e, w, x, y, half):
                _stand_still(row, float(StopReason.CROSSING.value))
                if row[Person.STOP_TIME] > PATIENCE_S:
                    _turn_round(w.rng, e, row)
                return
    step = row[Person.PREFERRED] * DT_S * direction
    goal = direction * WALK_OFFSET_M
    offset = row[Person.SCRATCH0]
    offset += min(max(goal - offset, -0.05), 0.05)
    if abs(goal - offset) > 0.6:
        step = 0.0  # first step aside, then walk back
    new_s = min(max(s + step, 0.0), b.walk_len[walkway])
    x, y, _ = walk_point(b, walkway, new_s, offset, direction)
    if (int(w.episode[e, Episode.TICK]) + p) % PLANE_TICKS == 0 and _plane_ahead(e, w, at, row, x, y):
        _turn_round(w.rng, e, row)
        return
    if _step_to(e, w, row, p, x, y, LOOK_M, -1):
        row[Person.S] = new_s
        row[Person.SCRATCH0] = offset
    elif row[Person.STOP_TIME] > 4.0 and kerb_m >= 0.0:
        _turn_round(w.rng, e, row)
    if (direction > 0.0 and new_s >= b.walk_len[walkway]) or (direction < 0.0 and new_s <= 0.0):
        _turn_round(w.rng, e, row)


@njit
def _toward(row, x, y, pace_mps):
    """Next point at one tick's walk towards (x, y), and the distance left before the step."""
    dx = x - row[Person.X]
    dy = y - row[Person.Y]
    left = math.hypot(dx, dy)
    step = pace_mps * DT_S
    if left <= step:
        return x, y, left
    return row[Person.X] + dx / left * step, row[Person.Y] + dy / left * step, left


@njit
def _goes_round(row):
    return row[Person.ROLE] == Role.SUPERVISOR or row[Person.ROLE] == Role.NONE


@njit
def _set_goal(e, w, b, at, row):
    """Aim a worker at his post, or home, by the next straight leg. -> (has a post, he is where he should be)."""
    m = int(w.episode[e, Episode.MAP])
    slot = int(row[Person.WALKWAY])
    role = int(row[Person.ROLE])
    stand = int(row[Person.STAND])
    along, x, y = goes_along(e, w, b, m, slot, role)
    if along:
        row[Person.TARGET_X] = x
        row[Person.TARGET_Y] = y
        return True, math.hypot(x - row[Person.X], y - row[Person.Y]) < ARRIVED_M
    needed, fu, fv = post_of(e, w, b, m, at, slot, role)
    if not needed or (row[Person.LINE] == 0.0 and fu < FRONT_U):
        needed = False
        fu, fv = to_stand(b, stand, row[Person.SCRATCH0], row[Person.SCRATCH1])
    cu, cv = to_stand(b, stand, row[Person.X], row[Person.Y])
    u, v = fu, fv
    if not _goes_round(row):  # he went straight and comes back straight
        u, v = next_leg(cu, cv, fu, fv, row[Person.LINE], role_side(role))
    x, y = from_stand(b, stand, u, v)
    row[Person.TARGET_X] = x
    row[Person.TARGET_Y] = y
    return needed, math.hypot(fu - cu, fv - cv) < 2.0 * ARRIVED_M


@njit
def _work(e, w, b, at, row, p):
    """One tick of a worker: where his role is needed, else home; a supervisor goes round a parked aircraft."""
    slot = int(row[Person.WALKWAY])
    x, y, left = _toward(row, row[Person.TARGET_X], row[Person.TARGET_Y], _pace_mps(e, w, row))
    if left > ARRIVED_M:
        stop_m = min(LOOK_M, left + 0.2)
        if not _step_to(e, w, row, p, x, y, stop_m, slot):
            if row[Person.STOP_REASON] == StopReason.PERSON:
                _step_aside(e, w, row, p, x, y, slot)
            if row[Person.STOP_TIME] > 3.0:  # somebody or something stands there: think again
                row[Person.TARGET_X] = row[Person.X]
                row[Person.TARGET_Y] = row[Person.Y]
                row[Person.WAIT] = 1.0
        if w.aircraft[e, slot, Aircraft.PHASE] == AircraftPhase.PUSHBACK:
            _set_goal(e, w, b, at, row)
        return
    _stand_still(row, float(StopReason.SERVICE.value))
    has_post, is_there = _set_goal(e, w, b, at, row)
    if not is_there or has_post:
        if is_there:
            row[Person.WAIT] = 1.0
        return
    row[Person.WAIT] = rng.uniform_range(w.rng, e, 1.0, 3.0)
    if _goes_round(row) and w.aircraft[e, slot, Aircraft.PHASE] == AircraftPhase.PARKED:
        draw_work(e, w, b, at, row)


@njit
def _pace_mps(e, w, row):
    """Who walks with a push keeps up with it."""
    if w.aircraft[e, int(row[Person.WALKWAY]), Aircraft.PHASE] == AircraftPhase.PUSHBACK:
        return max(row[Person.PREFERRED], ALONG_MPS)
    return row[Person.PREFERRED]


@njit
def _cross(e, w, row, p):
    """One tick of a crosser: DIRECTION 0 waits at the kerb, 1 walks over; then the ends change places."""
    if row[Person.DIRECTION] == 0.0:
        mid_x = 0.5 * (row[Person.TARGET_X] + row[Person.SCRATCH0])
        mid_y = 0.5 * (row[Person.TARGET_Y] + row[Person.SCRATCH1])
        wide = math.hypot(row[Person.TARGET_X] - row[Person.SCRATCH0], row[Person.TARGET_Y] - row[Person.SCRATCH1])
        if not road_is_safe(e, w, mid_x, mid_y, 0.5 * wide):
            _stand_still(row, float(StopReason.CROSSING.value))
            return
        row[Person.DIRECTION] = 1.0
    x, y, left = _toward(row, row[Person.TARGET_X], row[Person.TARGET_Y], row[Person.PREFERRED])
    if left > ARRIVED_M:
        if not _step_to(e, w, row, p, x, y, LOOK_M, -1) and row[Person.STOP_REASON] == StopReason.PERSON:
            _step_aside(e, w, row, p, x, y, -1)
        return
    row[Person.DIRECTION] = 0.0
    row[Person.WAIT] = rng.uniform_range(w.rng, e, 5.0, 25.0)
    _stand_still(row, float(StopReason.SERVICE.value))
    x = row[Person.TARGET_X]
    y = row[Person.TARGET_Y]
    row[Person.TARGET_X] = row[Person.SCRATCH0]
    row[Person.TARGET_Y] = row[Person.SCRATCH1]
    row[Person.SCRATCH0] = x
    row[Person.SCRATCH1] = y


@njit
def target_people(e, w, q):
    """People of this episode: the peak number times its density, within capacity."""
    wanted = q.peak_people * w.episode[e, Episode.DENSITY] * w.setup[e, Setup.PEOPLE]
    return min(w.person.shape[1], int(wanted + 0.5))


@njit
def _is_lost(e, w, row, q):
    ego_x, ego_y = nearest_ego(e, w, row[Person.X], row[Person.Y])
    far2 = (row[Person.X] - ego_x) ** 2 + (row[Person.Y] - ego_y) ** 2
    return far2 > q.people_out_m * q.people_out_m


@njit
def step_people(e, w, b, at, q):
    """One tick of all people; also renews the counts of walk crossings."""
    if w.episode[e, Episode.DENSITY] <= 0.0:
        return
    w.walk_crossing[e, :, ON] = 0.0
    w.walk_crossing[e, :, ASKING] = 0.0
    tick = int(w.episode[e, Episode.TICK])
    wanted = target_people(e, w, q)
    for p in range(w.person.shape[1]):
        row = w.person[e, p]
        if row[Person.ACTIVE] == 0.0:
            if p < wanted and (tick + p) % 10 == 0:
                try_place_person(e, w, b, at, p, q.view_m + 3.0, q.people_bubble_m, q)
            continue
        if (tick + p) % 10 == 0 and _is_lost(e, w, row, q):
            try_place_person(e, w, b, at, p, q.view_m + 3.0, q.people_bubble_m, q)
            continue
        stood = row[Person.SPEED] == 0.0
        if row[Person.WAIT] > 0.0 and not (row[Person.MODE] == WORKER and _must_leave(e, w, row)):
            row[Person.WAIT] -= DT_S
            _stand_still(row, float(StopReason.SERVICE.value))
        elif row[Person.MODE] == WALKER:
            _walk(e, w, b, at, row, p)
        elif row[Person.MODE] == WORKER:
            _work(e, w, b, at, row, p)
        elif row[Person.MODE] == CROSSER:
            _cross(e, w, row, p)
        if not stood or row[Person.SPEED] != 0.0:
            write_person(row, w.body[e], q.person_radius_m)
    for k in range(w.walk_crossing.shape[1]):
        take_turns(w.walk_crossing[e, k])


@njit
def _must_leave(e, w, row):
    """The aircraft is about to move: no more waiting."""
    return w.aircraft[e, int(row[Person.WALKWAY]), Aircraft.PHASE] != AircraftPhase.PARKED


@njit
def reset_people(e, w, b, at, q):
    """Spread people round the ego, nobody within 2.5 m of it."""
    body0 = w.body.shape[1] - w.person.shape[1]
    wanted = target_people(e, w, q)
    for p in range(w.person.shape[1]):
        row = w.person[e, p]
        row[:] = 0.0
        row[Person.BODY] = body0 + p
        w.body[e, body0 + p, Body.CLASS] = -1.0
    for p in range(wanted):
        try_place_person(e, w, b, at, p, 12.0, q.people_bubble_m, q)
