"""Ground equipment at stands: waits beside the aircraft, drives in when its task calls, back when the task is over.

Prop k belongs to aircraft slot k // SLOTS and so to that slot's stand; its way from stage to service is a straight, a
quarter turn and a straight (`kernels.prop_places`), and U says how much of it is behind. Bits of `Aircraft.SERVING`
call it (`kernels.turnaround`). A place without room for every type of the stand, or over a road or building, stays
empty. Nobody is hit: equipment waits for people and for the ego.
"""

import math

from airside_sim import rng
from airside_sim.columns import Aircraft, Body, Episode, Person, Prop, Route
from airside_sim.constants import DT_S, ActorClass, AircraftPhase, BevChannel, VehicleClass
from airside_sim.geometry import point_box_d2
from airside_sim.jit import njit
from airside_sim.kernels.prop_places import (
    BESIDE_GAP_M,
    NUM_STRIPS,
    STAGE_SHIFT_M,
    TURN_M,
    WING_CLEAR_M,
    aft_x,
    fuel_line_m,
    fuel_x,
    side_line_m,
    side_stage_x,
    stand_limits,
    strip_of,
    vehicle_of,
)
from airside_sim.turnaround_times import NUM_EQUIPMENT, Equipment

SLOTS = NUM_EQUIPMENT
QUARTER = 0.5 * math.pi
CODE_E = 4
LONG_EGO_M = 9.0  # a bus, a bowser
LONG_SWEEP_M = 7.0  # from its route to where its ends come in a corner
PRESENT = 0.9  # of the places that have room are used


@njit
def raster_bits(b, m, x, y):
    """Static layers at a map point, one bit a BEV channel; 0 outside the map."""
    col = math.floor((x - b.raster_x0[m]) / b.raster_cell_m[m])
    line = math.floor((y - b.raster_y0[m]) / b.raster_cell_m[m])
    if col < 0 or line < 0 or col >= b.raster_w[m] or line >= b.raster_h[m]:
        return 0
    return int(b.raster[b.raster_off[m] + line * b.raster_w[m] + col])


BLOCKED_BITS = (1 << BevChannel.SERVICE_ROAD) | (1 << BevChannel.BUILDING) | (1 << BevChannel.RESTRICTED)


@njit
def _area_is_free(b, m, stand, x0, x1, y0, y1):
    """No road, building or closed area in a rectangle of the stand frame grown by 0.5 m (sampled every metre or so)."""
    c = math.cos(b.stand_h[stand])
    s = math.sin(b.stand_h[stand])
    columns = int((x1 - x0 + 1.0) / 1.1) + 1
    lines = int((y1 - y0 + 1.0) / 1.1) + 1
    for i in range(columns + 1):
        u = x0 - 0.5 + (x1 - x0 + 1.0) * i / columns
        for j in range(lines + 1):
            v = y0 - 0.5 + (y1 - y0 + 1.0) * j / lines
            if raster_bits(b, m, b.stand_x[stand] + c * u - s * v, b.stand_y[stand] + s * u + c * v) & BLOCKED_BITS:
                return False
    return True


@njit
def _stage_at(prop, b, vt, stand, k, x, y, heading):
    """Fix what does not depend on the aircraft: rear axle (x, y) and heading in the stand frame."""
    cls = vehicle_of(k)
    c = math.cos(b.stand_h[stand])
    s = math.sin(b.stand_h[stand])
    prop[Prop.STAGE_X] = b.stand_x[stand] + c * x - s * y
    prop[Prop.STAGE_Y] = b.stand_y[stand] + s * x + c * y
    prop[Prop.HEADING] = b.stand_h[stand] + heading
    prop[Prop.STAND] = stand
    prop[Prop.CLASS] = cls
    prop[Prop.ACTOR_CLASS] = ActorClass.BAGGAGE_CART.value if cls == VehicleClass.DOLLY else vt.actor_class[cls]
    prop[Prop.ACTIVE] = 1.0


@njit
def _place_strip(prop, b, m, vt, stand, half, front, k):
    """Equipment of a strip beside the nose: STAGE_SHIFT_M straight ahead."""
    cls = vehicle_of(k)
    strip, side, gap = strip_of(k)
    wide = 0.5 * vt.width_m[cls]
    if strip - wide < front + WING_CLEAR_M - 1e-9:
        return
    length = vt.front_m[cls] + vt.rear_m[cls]
    near = half + gap
    far = near + length + STAGE_SHIFT_M
    if not _area_is_free(
        b, m, stand, strip - wide, strip + wide, min(side * near, side * far), max(side * near, side * far)
    ):
        return
    axle = side * (near + vt.front_m[cls] + STAGE_SHIFT_M)
    _stage_at(prop, b, vt, stand, k, strip, axle, -side * QUARTER)
    prop[Prop.RUN] = STAGE_SHIFT_M
    prop[Prop.LENGTH] = STAGE_SHIFT_M


@njit
def _aft_limits(at, code):
    """Rearmost and foremost place at the aft hold over the types of a stand."""
    low = 0.0
    high = -1000.0
    for kind in range(at.code.shape[0]):
        if at.code[kind] <= code:
            low = min(low, aft_x(at, kind))
            high = max(high, aft_x(at, kind))
    return low, high


@njit
def _place_beside(prop, b, m, vt, at, stand, half, front, tip, k):
    """Equipment that waits abreast of the nose outside the wing tips and goes back along the stand's side."""
    side = 1.0 if k == Equipment.LAVATORY else -1.0
    cls = vehicle_of(k)
    wide = 0.5 * vt.width_m[cls]
    line = fuel_line_m(half) if k == Equipment.FUEL else side_line_m(half, tip)
    room = b.stand_gap_left_m[stand] if side > 0.0 else b.stand_gap_right_m[stand]
    if room < BESIDE_GAP_M or b.stand_code[stand] > CODE_E:  # behind the wing of an A380 comes its tailplane
        return
    x = side_stage_x(at, b.stand_code[stand], front, line - wide, vt, cls)
    low, high = _aft_limits(at, b.stand_code[stand])
    last = low - 2.0
    if k == Equipment.FUEL:
        last = 0.0
        for kind in range(at.code.shape[0]):
            if at.code[kind] <= b.stand_code[stand]:
                last = min(last, fuel_x(at, kind, line))
    a = side * (line - wide)
    z = side * (line + wide)
    if not _area_is_free(b, m, stand, last, x + vt.rear_m[cls], min(a, z), max(a, z)):
        return
    if k != Equipment.FUEL:
        inner = side * (half + 0.4)
        if not _area_is_free(b, m, stand, low - wide, high + wide, min(a, inner), max(a, inner)):
            return
    _stage_at(prop, b, vt, stand, k, x, side * line, math.pi)
    prop[Prop.SIDE] = side  # facing the tail, the aircraft lies on the left of what stands on its left


@njit
def fit_to_type(row, b, vt, at, kind, k):
    """Way of equipment k to an aircraft of this type; strips suit all. Only while it is staged."""
    if k < NUM_STRIPS:
        return
    stand = int(row[Prop.STAND])
    half, front, tip = stand_limits(at, b.stand_code[stand])
    cls = vehicle_of(k)
    line = fuel_line_m(half) if k == Equipment.FUEL else side_line_m(half, tip)
    x = side_stage_x(at, b.stand_code[stand], front, line - 0.5 * vt.width_m[cls], vt, cls)
    if k == Equipment.FUEL:
        row[Prop.LENGTH] = max(x - vt.front_m[cls] - fuel_x(at, kind, line), 0.1)
        row[Prop.RUN] = row[Prop.LENGTH]
        return
    row[Prop.ARC] = TURN_M
    row[Prop.RUN] = x - aft_x(at, kind) - TURN_M
    inward = line - TURN_M - half - 0.4 - vt.front_m[cls]
    row[Prop.LENGTH] = row[Prop.RUN] + QUARTER * TURN_M + max(inward, 0.0)


@njit
def prop_pose(row, u):
    """Rear axle and heading with the fraction u of the way behind."""
    s = u * row[Prop.LENGTH]
    run = min(s, row[Prop.RUN])
    h = row[Prop.HEADING]
    x = row[Prop.STAGE_X] + run * math.cos(h)
    y = row[Prop.STAGE_Y] + run * math.sin(h)
    radius = row[Prop.ARC]
    if s <= row[Prop.RUN] or radius == 0.0:
        return x, y, h
    side = row[Prop.SIDE]
    turn = min((s - row[Prop.RUN]) / radius, QUARTER)
    x += radius * (math.sin(turn) * math.cos(h) - side * (1.0 - math.cos(turn)) * math.sin(h))
    y += radius * (math.sin(turn) * math.sin(h) + side * (1.0 - math.cos(turn)) * math.cos(h))
    h += side * turn
    rest = max(s - row[Prop.RUN] - QUARTER * radius, 0.0)
    return x + rest * math.cos(h), y + rest * math.sin(h), h


@njit
def write_prop(row, body, vt):
    """Write the body of one prop. body: (N, Body)."""
    out = body[int(row[Prop.BODY])]
    if row[Prop.ACTIVE] == 0.0:
        out[Body.CLASS] = -1.0
        return
    cls = int(row[Prop.CLASS])
    x, y, h = prop_pose(row, row[Prop.U])
    out[Body.COS] = math.cos(h)
    out[Body.SIN] = math.sin(h)
    out[Body.X] = x
    out[Body.Y] = y
    out[Body.FRONT] = vt.front_m[cls]
    out[Body.REAR] = vt.rear_m[cls]
    out[Body.HALF_WIDTH] = 0.5 * vt.width_m[cls]
    out[Body.RADIUS] = math.hypot(max(vt.front_m[cls], vt.rear_m[cls]), 0.5 * vt.width_m[cls])
    out[Body.VX] = row[Prop.SPEED] * out[Body.COS]
    out[Body.VY] = row[Prop.SPEED] * out[Body.SIN]
    out[Body.CLASS] = row[Prop.ACTOR_CLASS]
    out[Body.SHAPE] = cls
    out[Body.BEACON] = 0.0
    out[Body.OWNER] = row[Prop.BODY]


@njit
def _is_swept(episode, route, ego, staged):
    """A long ego's way leads past what is staged within its sweep. Rows of ego and staged: Body; route (R, Route)."""
    if ego[Body.FRONT] + ego[Body.REAR] < LONG_EGO_M:
        return False
    for n in range(int(episode[Episode.ROUTE_POINTS])):
        dx = route[n, Route.X] - staged[Body.X]
        dy = route[n, Route.Y] - staged[Body.Y]
        u = dx * staged[Body.COS] + dy * staged[Body.SIN]
        v = dy * staged[Body.COS] - dx * staged[Body.SIN]
        d2 = point_box_d2(u, v, -staged[Body.REAR], staged[Body.FRONT], staged[Body.HALF_WIDTH])
        if d2 < LONG_SWEEP_M * LONG_SWEEP_M:
            return True
    return False


@njit
def reset_props(e, w, b, vt, at, q):
    """Equip the stands of this episode's aircraft slots; what an aircraft's timeline calls for is in service."""
    m = int(w.episode[e, Episode.MAP])
    body0 = w.body.shape[1] - w.person.shape[1] - w.prop.shape[1]
    for g in range(w.prop.shape[1]):
        w.prop[e, g, Prop.BODY] = body0 + g
        w.body[e, body0 + g, Body.CLASS] = -1.0
    if w.episode[e, Episode.DENSITY] <= 0.0:
        return
    for i in range(min(w.aircraft.shape[1], w.prop.shape[1] // SLOTS)):
        stand = int(w.aircraft[e, i, Aircraft.STAND])
        if stand < 0 or (w.aircraft[e, i, Aircraft.PHASE] == AircraftPhase.AWAY and rng.uniform(w.rng, e) < 0.5):
            continue
        half, front, tip = stand_limits(at, b.stand_code[stand])
        if tip == 0.0:
            continue  # no known type is small enough for it
        serving = int(w.aircraft[e, i, Aircraft.SERVING])
        for k in range(SLOTS):
            row = w.prop[e, i * SLOTS + k]
            if rng.uniform(w.rng, e) > PRESENT:
                continue
            if k < NUM_STRIPS:
                _place_strip(row, b, m, vt, stand, half, front, k)
            else:
                _place_beside(row, b, m, vt, at, stand, half, front, tip, k)
            if row[Prop.ACTIVE] == 0.0:
                continue
            fit_to_type(row, b, vt, at, int(w.aircraft[e, i, Aircraft.TYPE]), k)
            row[Prop.U] = 0.0
            write_prop(row, w.body[e], vt)
            if k >= NUM_STRIPS and _is_swept(
                w.episode[e], w.route[e], w.ego_body[e, 0], w.body[e, body0 + i * SLOTS + k]
            ):
                row[Prop.ACTIVE] = 0.0  # a long vehicle is expected: nothing waits where it sweeps
            row[Prop.U] = float((serving >> k) & 1)
            write_prop(row, w.body[e], vt)


@njit
def _way_is_free(e, w, row, toward):
    """Nobody and no ego within 1.5 m of the box's leading half. toward: +1 in, -1 back."""
    own = w.body[e, int(row[Prop.BODY])]
    swings = row[Prop.ARC] > 0.0
    for p in range(w.person.shape[1]):
        if w.person[e, p, Person.ACTIVE] == 0.0:
            continue
        if _near_end(own, w.person[e, p, Person.X], w.person[e, p, Person.Y], 1.0, toward, swings):
            return False
    for k in range(w.ego_body.shape[1]):
        ego = w.ego_body[e, k]
        if ego[Body.CLASS] < 0.0:
            break
        if _near_end(own, ego[Body.X], ego[Body.Y], ego[Body.RADIUS] + 0.5, toward, swings):
            return False
    return True


@njit
def _near_end(own, x, y, radius_m, toward, swings):
    """A circle lies before the end that leads, or beside what swings out in a turn."""
    dx = x - own[Body.X]
    dy = y - own[Body.Y]
    u = (own[Body.COS] * dx + own[Body.SIN] * dy) * toward
    v = abs(own[Body.COS] * dy - own[Body.SIN] * dx)
    end = own[Body.FRONT] if toward > 0.0 else own[Body.REAR]
    if v < own[Body.HALF_WIDTH] + radius_m and end - 1.0 < u < end + 0.6 + radius_m:
        return True
    back = own[Body.REAR] if toward > 0.0 else own[Body.FRONT]
    return swings and v < own[Body.HALF_WIDTH] + 0.7 and -back - 0.3 < u < end


@njit
def _step_prop(e, w, b, vt, at, row, i, k, wanted, q):
    """One prop on its way to where it is wanted (0 staged, 1 in service). -> it is not there yet."""
    if row[Prop.U] == wanted:
        if row[Prop.SPEED] != 0.0:
            row[Prop.SPEED] = 0.0
            write_prop(row, w.body[e], vt)
        return False
    if row[Prop.U] == 0.0:
        fit_to_type(row, b, vt, at, int(w.aircraft[e, i, Aircraft.TYPE]), k)
    toward = 1.0 if wanted > row[Prop.U] else -1.0
    towed = w.prop[e, i * SLOTS + int(Equipment.DOLLY_2)]
    tows = k == Equipment.DOLLY_1 and towed[Prop.ACTIVE] == 1.0
    is_free = _way_is_free(e, w, row, toward) and (not tows or _way_is_free(e, w, towed, toward))
    row[Prop.SPEED] = toward * q.prop_speed_mps if is_free else 0.0
    row[Prop.U] = min(1.0, max(0.0, row[Prop.U] + row[Prop.SPEED] * DT_S / row[Prop.LENGTH]))
    write_prop(row, w.body[e], vt)
    if tows:
        towed[Prop.U] = row[Prop.U]
        towed[Prop.SPEED] = row[Prop.SPEED] if row[Prop.U] != wanted else 0.0
        write_prop(towed, w.body[e], vt)
    return True


@njit
def step_props(e, w, b, vt, at, q):
    """One tick of all props; stands where all is where it should be cost one comparison."""
    if w.episode[e, Episode.DENSITY] <= 0.0:
        return
    for i in range(min(w.aircraft.shape[1], w.prop.shape[1] // SLOTS)):
        serving = w.aircraft[e, i, Aircraft.SERVING]
        if w.prop[e, i * SLOTS, Prop.SETTLED] == serving + 1.0:
            continue
        busy = False
        for k in range(SLOTS):
            g = i * SLOTS + k
            row = w.prop[e, g]
            if row[Prop.ACTIVE] == 1.0 and not (k == Equipment.DOLLY_2 and w.prop[e, g - 1, Prop.ACTIVE] == 1.0):
                busy |= _step_prop(e, w, b, vt, at, row, i, k, float((int(serving) >> k) & 1), q)
        w.prop[e, i * SLOTS, Prop.SETTLED] = 0.0 if busy else serving + 1.0


@njit
def stand_props_clear(e, w, stand):
    """All equipment of a (global) stand is staged."""
    for g in range(w.prop.shape[1]):
        if w.prop[e, g, Prop.ACTIVE] == 1.0 and w.prop[e, g, Prop.STAND] == stand and w.prop[e, g, Prop.U] > 0.0:
            return False
    return True
