"""Ground equipment at stands: staged beside the nose, slides in to serve a parked aircraft, back before the push.

Prop k belongs to aircraft slot k // SLOTS and so to that slot's stand. Each slot is a strip across the fuselage ahead
of the wing (stand frame: origin nose-wheel stop, x to the nose): a prop only ever moves along its own strip, so lines
never cross. A slot without room for every type of the stand, or over a road or building, stays empty.
"""

import math

from airside_sim import rng
from airside_sim.columns import Aircraft, Body, Episode, Person, Prop
from airside_sim.constants import DT_S, ActorClass, AircraftPhase, BevChannel, VehicleClass
from airside_sim.jit import njit

SLOTS = 6
STAGE_SHIFT_M = 3.4  # outward from the service position: clear of a passing fuselage
WING_CLEAR_M = 2.3
TUG_HALF_M = 1.7


@njit
def slot_geometry(k):
    """Slot k of a stand -> (class, strip centre x, side: -1 right, +1 left)."""
    if k == 0:
        return VehicleClass.GPU.value, 1.6, -1.0
    if k == 1:
        return VehicleClass.CATERING_TRUCK.value, -1.1, -1.0
    if k == 2:
        return VehicleClass.BELT_LOADER.value, -3.8, -1.0
    if k == 3:
        return VehicleClass.PASSENGER_STAIRS.value, -1.1, 1.0
    if k == 4:
        return VehicleClass.DOLLY.value, -3.6, 1.0
    return VehicleClass.LAVATORY_TRUCK.value, 1.6, 1.0


@njit
def nose_outline(at, kind):
    """-> (half width of the forward fuselage, front of wings and engines as x from the nose wheel), m."""
    half = 0.0
    front = -100.0
    for part in range(at.num_parts[kind]):
        side = abs(at.part_cy[kind, part]) > 0.3
        ahead = at.part_cx[kind, part]
        for i in range(at.part_nv[kind, part]):
            if side and ahead > -8.0:
                front = max(front, at.part_x[kind, part, i])
            elif not side and ahead > 0.0:
                half = max(half, abs(at.part_y[kind, part, i]))
    return half, front - at.wheelbase_m[kind]


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
def _box_is_free(b, m, x, y, c, s, half_x, half_y):
    """No road, building or closed area under a box grown by 0.5 m (sampled every metre or so)."""
    u = -half_x - 0.5
    while u <= half_x + 0.5:
        v = -half_y - 0.5
        while v <= half_y + 0.5:
            if raster_bits(b, m, x + c * u - s * v, y + s * u + c * v) & BLOCKED_BITS:
                return False
            v += (2.0 * half_y + 1.0) / 3.0
        u += (2.0 * half_x + 1.0) / 9.0
    return True


@njit
def _stand_limits(at, code):
    """Widest fuselage and foremost wing of the types that may use a stand of this code."""
    half = TUG_HALF_M
    front = -100.0
    for kind in range(at.code.shape[0]):
        if at.code[kind] <= code:
            h, f = nose_outline(at, kind)
            half = max(half, h)
            front = max(front, f)
    return half, front


@njit
def _place_prop(prop, b, m, vt, stand, half, front, k):
    """Fill the fixed columns of one slot; ACTIVE stays 0 when it has no room. prop: row."""
    cls, strip, side = slot_geometry(k)
    wide = 0.5 * vt.width_m[cls]
    if strip - wide < front + WING_CLEAR_M:
        return
    c = math.cos(b.stand_h[stand])
    s = math.sin(b.stand_h[stand])
    length = vt.front_m[cls] + vt.rear_m[cls]
    inner = half + 0.4
    mid = side * (inner + 0.5 * length)
    out = mid + side * STAGE_SHIFT_M
    hx = side * s  # heading: across the fuselage, towards it
    hy = -side * c
    for y in (mid, out):
        cx = b.stand_x[stand] + c * strip - s * y
        cy = b.stand_y[stand] + s * strip + c * y
        if not _box_is_free(b, m, cx, cy, hx, hy, 0.5 * length, wide):
            return
    ref = 0.5 * length - vt.rear_m[cls]  # rear axle from the box centre, along the heading: -ref
    prop[Prop.SERVICE_X] = b.stand_x[stand] + c * strip - s * mid - ref * hx
    prop[Prop.SERVICE_Y] = b.stand_y[stand] + s * strip + c * mid - ref * hy
    prop[Prop.STAGE_X] = prop[Prop.SERVICE_X] - STAGE_SHIFT_M * hx
    prop[Prop.STAGE_Y] = prop[Prop.SERVICE_Y] - STAGE_SHIFT_M * hy
    prop[Prop.HEADING] = math.atan2(hy, hx)
    prop[Prop.STAND] = stand
    prop[Prop.CLASS] = cls
    prop[Prop.ACTOR_CLASS] = ActorClass.BAGGAGE_CART.value if cls == VehicleClass.DOLLY else vt.actor_class[cls]
    prop[Prop.ACTIVE] = 1.0


@njit
def write_prop(row, body, vt):
    """Write the body of one prop. body: (N, Body)."""
    out = body[int(row[Prop.BODY])]
    if row[Prop.ACTIVE] == 0.0:
        out[Body.CLASS] = -1.0
        return
    cls = int(row[Prop.CLASS])
    u = row[Prop.U]
    out[Body.COS] = math.cos(row[Prop.HEADING])
    out[Body.SIN] = math.sin(row[Prop.HEADING])
    out[Body.X] = row[Prop.STAGE_X] + u * (row[Prop.SERVICE_X] - row[Prop.STAGE_X])
    out[Body.Y] = row[Prop.STAGE_Y] + u * (row[Prop.SERVICE_Y] - row[Prop.STAGE_Y])
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
def reset_props(e, w, b, vt, at, q):
    """Equip the stands of this episode's aircraft slots; parked aircraft are found in any stage of their service."""
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
        half, front = _stand_limits(at, b.stand_code[stand])
        serving = w.aircraft[e, i, Aircraft.PHASE] == AircraftPhase.PARKED
        settled = rng.uniform(w.rng, e) < 0.85
        for k in range(SLOTS):
            row = w.prop[e, i * SLOTS + k]
            if rng.uniform(w.rng, e) > 0.85:
                continue
            _place_prop(row, b, m, vt, stand, half, front, k)
            if row[Prop.ACTIVE] == 0.0:
                continue
            row[Prop.DELAY] = rng.uniform_range(w.rng, e, 2.0, 12.0)
            row[Prop.U] = 1.0 if serving and settled else 0.0
            write_prop(row, w.body[e], vt)


@njit
def _way_is_free(e, w, row, toward):
    """Nobody and no ego within 1.5 m of the box's leading half. toward: +1 in, -1 back."""
    own = w.body[e, int(row[Prop.BODY])]
    for p in range(w.person.shape[1]):
        if w.person[e, p, Person.ACTIVE] == 0.0:
            continue
        if _near_end(own, w.person[e, p, Person.X], w.person[e, p, Person.Y], 1.0, toward):
            return False
    for k in range(w.ego_body.shape[1]):
        ego = w.ego_body[e, k]
        if ego[Body.CLASS] >= 0.0 and _near_end(own, ego[Body.X], ego[Body.Y], ego[Body.RADIUS] + 0.5, toward):
            return False
    return True


@njit
def _near_end(own, x, y, radius_m, toward):
    dx = x - own[Body.X]
    dy = y - own[Body.Y]
    u = (own[Body.COS] * dx + own[Body.SIN] * dy) * toward
    v = abs(own[Body.COS] * dy - own[Body.SIN] * dx)
    end = own[Body.FRONT] if toward > 0.0 else own[Body.REAR]
    return v < own[Body.HALF_WIDTH] + radius_m and end - 1.0 < u < end + 0.6 + radius_m


@njit
def _step_stand(e, w, vt, i, q):
    """One aircraft slot's props: in while it is parked, else back; one after another on the way in."""
    parked = w.aircraft[e, i, Aircraft.PHASE] == AircraftPhase.PARKED
    settled = 2.0 if parked else 1.0
    if w.prop[e, i * SLOTS, Prop.SETTLED] == settled:
        return
    busy = False
    for k in range(SLOTS):
        row = w.prop[e, i * SLOTS + k]
        if row[Prop.ACTIVE] == 0.0:
            continue
        if not parked and row[Prop.U] == 0.0:
            row[Prop.DELAY] = 2.0 + 2.0 * k
            row[Prop.SPEED] = 0.0
            continue
        if parked and row[Prop.U] == 1.0:
            row[Prop.SPEED] = 0.0
            continue
        speed = 0.0
        toward = 1.0 if parked else -1.0
        if parked and row[Prop.U] == 0.0 and (busy or row[Prop.DELAY] > 0.0):
            row[Prop.DELAY] -= DT_S
        elif _way_is_free(e, w, row, toward):
            speed = toward * q.prop_speed_mps
        busy = True
        was_moving = row[Prop.SPEED] != 0.0
        row[Prop.SPEED] = speed
        if speed != 0.0:
            row[Prop.U] = min(1.0, max(0.0, row[Prop.U] + speed * DT_S / STAGE_SHIFT_M))
        if speed != 0.0 or was_moving:
            write_prop(row, w.body[e], vt)
    w.prop[e, i * SLOTS, Prop.SETTLED] = 0.0 if busy else settled


@njit
def step_props(e, w, vt, q):
    """One tick of all props."""
    if w.episode[e, Episode.DENSITY] <= 0.0:
        return
    for i in range(min(w.aircraft.shape[1], w.prop.shape[1] // SLOTS)):
        _step_stand(e, w, vt, i, q)


@njit
def stand_props_clear(e, w, stand):
    """All equipment of a (global) stand is staged."""
    for g in range(w.prop.shape[1]):
        if w.prop[e, g, Prop.ACTIVE] == 1.0 and w.prop[e, g, Prop.STAND] == stand and w.prop[e, g, Prop.U] > 0.0:
            return False
    return True
