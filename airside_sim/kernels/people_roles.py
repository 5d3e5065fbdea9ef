"""What the people of a stand's crew do: each has a role, and the timeline of the turnaround says where it is needed.

Places are given in the stand frame (origin nose-wheel stop, u to the nose, v to the left). Ahead of the wings people
walk straight; to a place behind that they go along a line at the stand's side, outside the way of the equipment, and in
to the place from there. With the push, wing walkers and headset go along as far as the stand reaches.
"""

import math

from airside_sim.columns import Aircraft, Body, Person, Prop, Turn
from airside_sim.constants import AircraftPhase, BevChannel, Role
from airside_sim.jit import njit
from airside_sim.kernels.props import BLOCKED_BITS, SLOTS, raster_bits
from airside_sim.kernels.turnaround import NOT_YET_S, is_doing, is_done
from airside_sim.turnaround_times import Equipment, Task

TRAFFIC_BITS = BLOCKED_BITS | (1 << BevChannel.TAXIWAY)
FRONT_U = 2.0  # ahead of this everything is reached straight
GATE_U = 6.5  # where one turns from the front to the line at the side
ON_LINE_M = 0.6
MARSHAL_LEAST_U = 8.5
MARSHAL_MOST_M = 20.0  # ahead of the nose
BESIDE_LOADER_M = 2.2  # its middle to the people beside it
BEHIND_DISPENSER_M = 1.2
TIP_M = 2.5  # wing walkers outside the tip
HEADSET_M = 4.0  # beside the nose wheel
NOSE_SIDE_M = 3.4  # chocks: beside the nose
WALK_ALONG_M = 45.0  # of push


@njit
def role_side(role):
    """Side of the aircraft (+1 left, -1 right) on which a role waits."""
    if role == Role.MARSHALLER or role == Role.HEADSET or role == Role.WING_WALKER_LEFT:
        return 1.0
    return -1.0


@njit
def to_stand(b, stand, x, y):
    c = math.cos(b.stand_h[stand])
    s = math.sin(b.stand_h[stand])
    dx = x - b.stand_x[stand]
    dy = y - b.stand_y[stand]
    return c * dx + s * dy, c * dy - s * dx


@njit
def from_stand(b, stand, u, v):
    c = math.cos(b.stand_h[stand])
    s = math.sin(b.stand_h[stand])
    return b.stand_x[stand] + c * u - s * v, b.stand_y[stand] + s * u + c * v


@njit
def free_role(person, slot):
    """Most wanted role that nobody of this slot's crew has yet; NONE when all are there."""
    taken = 0
    for p in range(person.shape[0]):
        if person[p, Person.ACTIVE] == 1.0 and person[p, Person.MODE] == 1.0 and person[p, Person.WALKWAY] == slot:
            taken |= 1 << int(person[p, Person.ROLE])
    for role in range(int(Role.LOADER_FORWARD), int(Role.SUPERVISOR) + 1):
        if not (taken >> role) & 1:
            return role
    return int(Role.NONE)


@njit
def _beside(e, w, b, slot, stand, k, along_m, left_m):
    """Place in the frame of equipment k in service, from its front bumper back and to its left. -> found, u, v."""
    g = slot * SLOTS + k
    if g >= w.prop.shape[1] or w.prop[e, g, Prop.ACTIVE] == 0.0 or w.prop[e, g, Prop.U] < 1.0:
        return False, 0.0, 0.0
    body = w.body[e, int(w.prop[e, g, Prop.BODY])]
    ahead = body[Body.FRONT] - along_m
    x = body[Body.X] + ahead * body[Body.COS] - left_m * body[Body.SIN]
    y = body[Body.Y] + ahead * body[Body.SIN] + left_m * body[Body.COS]
    u, v = to_stand(b, stand, x, y)
    return True, u, v


@njit
def _marshal_u(b, m, stand, nose_m):
    """How far ahead on the lead-in line there is room to stand; -1 when there is none beyond the nose."""
    x, y = from_stand(b, stand, MARSHAL_LEAST_U, 0.0)
    if not _is_stand_ground(raster_bits(b, m, x, y)):
        return -1.0
    u = MARSHAL_LEAST_U
    while u < nose_m + MARSHAL_MOST_M:
        x, y = from_stand(b, stand, u + 1.5, 0.0)
        if not _is_stand_ground(raster_bits(b, m, x, y)):
            break
        u += 1.0
    return u


@njit
def _is_stand_ground(bits):
    return bits & TRAFFIC_BITS == 0


@njit
def _works_at_holds(turn):
    return is_done(turn, Task.BELT_FORWARD) and not is_done(turn, Task.LOADING)


@njit
def post_of(e, w, b, m, at, slot, role):
    """Where the slot's timeline needs a role now. -> (needed, u, v) in the stand frame."""
    row = w.aircraft[e, slot]
    turn = w.turn[e, slot]
    stand = int(row[Aircraft.STAND])
    phase = int(row[Aircraft.PHASE])
    kind = int(row[Aircraft.TYPE])
    side = role_side(role)
    if role == Role.MARSHALLER:
        comes = phase == AircraftPhase.TAXI_IN and turn[Task.MARSHALLING, Turn.START] < NOT_YET_S
        ahead = _marshal_u(b, m, stand, at.nose_to_gear_m[kind]) if comes or phase == AircraftPhase.SHUTDOWN else -1.0
        return ahead > 0.0, ahead, 0.0
    if phase != AircraftPhase.PARKED and phase != AircraftPhase.BEACON_ON:
        return False, 0.0, 0.0
    if role == Role.HEADSET:
        chocks = phase == AircraftPhase.PARKED and not is_done(turn, Task.GPU_ON)
        talks = phase == AircraftPhase.BEACON_ON or turn[Task.CONES_AND_CHOCKS, Turn.START] < NOT_YET_S
        return chocks or talks, 2.6, NOSE_SIDE_M
    if role == Role.WING_WALKER_LEFT or role == Role.WING_WALKER_RIGHT:
        out = phase == AircraftPhase.BEACON_ON or turn[Task.WING_WALKERS, Turn.START] < NOT_YET_S
        tip = at.part_x[kind, 2, 2] - at.wheelbase_m[kind]
        return out, tip, side * (0.5 * at.span_m[kind] + TIP_M)
    if phase != AircraftPhase.PARKED:
        return False, 0.0, 0.0
    if role == Role.FUELLER and is_doing(turn, Task.FUELLING):
        back = w.prop[e, min(slot * SLOTS + int(Equipment.FUEL), w.prop.shape[1] - 1), Prop.BODY]
        length = w.body[e, int(back), Body.FRONT] + w.body[e, int(back), Body.REAR]
        return _beside(e, w, b, slot, stand, int(Equipment.FUEL), length + BEHIND_DISPENSER_M, 0.0)
    if not _works_at_holds(turn):
        return False, 0.0, 0.0
    if role == Role.LOADER_FORWARD:
        return _beside(e, w, b, slot, stand, int(Equipment.BELT_FORWARD), 3.0, BESIDE_LOADER_M)
    if role == Role.LOADER_FORWARD_2:
        return _beside(e, w, b, slot, stand, int(Equipment.BELT_FORWARD), 6.0, BESIDE_LOADER_M)
    if role == Role.LOADER_AFT:
        return _beside(e, w, b, slot, stand, int(Equipment.BELT_AFT), 3.0, BESIDE_LOADER_M)
    if role == Role.LOADER_AFT_2:
        return _beside(e, w, b, slot, stand, int(Equipment.BELT_AFT), 6.0, BESIDE_LOADER_M)
    return False, 0.0, 0.0


@njit
def goes_along(e, w, b, m, slot, role):
    """A wing walker's or the headset's place beside the aircraft in its push. -> (goes on, x, y) in the map frame."""
    row = w.aircraft[e, slot]
    if int(row[Aircraft.PHASE]) != AircraftPhase.PUSHBACK or row[Aircraft.S] > row[Aircraft.WHEELBASE] + WALK_ALONG_M:
        return False, 0.0, 0.0
    body = w.body[e, slot]
    if role == Role.HEADSET:
        ahead = row[Aircraft.WHEELBASE]
        left = HEADSET_M
    elif role == Role.WING_WALKER_LEFT or role == Role.WING_WALKER_RIGHT:
        ahead = row[Aircraft.WING_REAR]
        left = role_side(role) * (row[Aircraft.WING_HALF] + TIP_M)
    else:
        return False, 0.0, 0.0
    x = body[Body.X] + ahead * body[Body.COS] - left * body[Body.SIN]
    y = body[Body.Y] + ahead * body[Body.SIN] + left * body[Body.COS]
    return _is_stand_ground(raster_bits(b, m, x, y)), x, y


@njit
def next_leg(cu, cv, fu, fv, line_m, side):
    """Next straight leg on the way from (cu, cv) to (fu, fv), all in the stand frame."""
    line = side * line_m
    on_line = abs(cv - line) < ON_LINE_M
    if cu >= FRONT_U and fu >= FRONT_U:
        return fu, fv
    if cu >= FRONT_U:
        if not on_line:
            return GATE_U, line
        return fu, line
    if abs(cu - fu) < ON_LINE_M and fu < FRONT_U:
        return fu, fv
    if not on_line:
        return cu, line
    if fu >= FRONT_U:
        return GATE_U, line
    return fu, line


@njit
def line_is_walkable(b, m, stand, line_m, side, last_u):
    """The line at the side of a stand is off roads, buildings and closed areas back to last_u."""
    u = GATE_U
    while u > last_u - 1.0:
        x, y = from_stand(b, stand, u, side * line_m)
        if not _is_stand_ground(raster_bits(b, m, x, y)):
            return False
        u -= 2.5
    return True
