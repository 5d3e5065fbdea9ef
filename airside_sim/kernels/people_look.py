"""What a person on the apron checks before a step: other people, vehicles, equipment, the ego, aircraft and roads."""

import math

from airside_sim.columns import Body, Ego, Episode, Person, Prop, Vehicle
from airside_sim.constants import BevChannel
from airside_sim.geometry import point_box_d2, point_segment_d2
from airside_sim.jit import njit
from airside_sim.kernels.props import SLOTS, raster_bits
from airside_sim.kernels.vehicles_spawn import BODIES_PER_VEHICLE

PERSON_GAP_M = 0.65  # two discs of 0.3 m and a hand's breadth
ON_ROAD_M = 2.2  # to the middle of the crossing: who stops at its line stands 2.5 m from there
SPOT_BITS = (1 << BevChannel.SERVICE_ROAD) | (1 << BevChannel.BUILDING) | (1 << BevChannel.RESTRICTED)


@njit
def box_distance2(body, x, y):
    """Squared distance from a map point to a box body row, 0 inside."""
    dx = x - body[Body.X]
    dy = y - body[Body.Y]
    u = body[Body.COS] * dx + body[Body.SIN] * dy
    v = body[Body.COS] * dy - body[Body.SIN] * dx
    return point_box_d2(u, v, -body[Body.REAR], body[Body.FRONT], body[Body.HALF_WIDTH])


@njit
def meets_people(person, p, x, y):
    """Person p at (x, y) would come closer than PERSON_GAP_M to somebody, and closer than he is now."""
    for k in range(person.shape[0]):
        if k == p or person[k, Person.ACTIVE] == 0.0:
            continue
        dx = person[k, Person.X] - x
        dy = person[k, Person.Y] - y
        d2 = dx * dx + dy * dy
        if d2 < PERSON_GAP_M * PERSON_GAP_M:
            ox = person[k, Person.X] - person[p, Person.X]
            oy = person[k, Person.Y] - person[p, Person.Y]
            if d2 < ox * ox + oy * oy:
                return True
    return False


@njit
def meets_ego(ego_body, x, y, margin_m):
    """(x, y) lies within margin_m of a body of the ego."""
    for k in range(ego_body.shape[0]):
        if ego_body[k, Body.CLASS] >= 0.0 and box_distance2(ego_body[k], x, y) < margin_m * margin_m:
            return True
    return False


@njit
def meets_vehicles(vehicle, body, x, y, margin_m):
    """(x, y) lies within margin_m of a background vehicle or dolly."""
    for v in range(vehicle.shape[0]):
        if vehicle[v, Vehicle.ACTIVE] == 0.0:
            continue
        first = int(vehicle[v, Vehicle.BODY])
        far = vehicle[v, Vehicle.LENGTH] + margin_m + 3.0
        dx = body[first, Body.X] - x
        dy = body[first, Body.Y] - y
        if dx * dx + dy * dy > far * far:
            continue
        for n in range(first, first + BODIES_PER_VEHICLE):
            if body[n, Body.CLASS] >= 0.0 and box_distance2(body[n], x, y) < margin_m * margin_m:
                return True
    return False


@njit
def equipment_body(e, w, slot, k):
    """Body row of thing k of aircraft slot `slot` (0 .. SLOTS - 1 its equipment, SLOTS its tug), -1 when absent."""
    if k == SLOTS:
        tug = w.aircraft.shape[1] + slot
        return tug if w.body[e, tug, Body.CLASS] >= 0.0 else -1
    g = slot * SLOTS + k
    if g < w.prop.shape[1] and w.prop[e, g, Prop.ACTIVE] == 1.0:
        return int(w.prop[e, g, Prop.BODY])
    return -1


@njit
def meets_equipment(e, w, slot, x, y, margin_m):
    """(x, y) lies within margin_m of the equipment or the tug of aircraft slot `slot`."""
    for k in range(SLOTS + 1):
        n = equipment_body(e, w, slot, k)
        if n >= 0 and box_distance2(w.body[e, n], x, y) < margin_m * margin_m:
            return True
    return False


@njit
def meets_aircraft(at, body, slot, x, y, margin_m):
    """(x, y) lies within margin_m of the outline of aircraft `slot` as it stands."""
    if slot < 0 or body[slot, Body.CLASS] < 0.0:
        return False
    kind = int(body[slot, Body.SHAPE])
    dx = x - body[slot, Body.X]
    dy = y - body[slot, Body.Y]
    u = body[slot, Body.COS] * dx + body[slot, Body.SIN] * dy
    v = body[slot, Body.COS] * dy - body[slot, Body.SIN] * dx
    for part in range(at.num_parts[kind]):
        far = at.part_r[kind, part] + margin_m
        if (u - at.part_cx[kind, part]) ** 2 + (v - at.part_cy[kind, part]) ** 2 > far * far:
            continue
        num = at.part_nv[kind, part]
        inside = True
        ax = at.part_x[kind, part, num - 1]
        ay = at.part_y[kind, part, num - 1]
        for i in range(num):
            bx = at.part_x[kind, part, i]
            by = at.part_y[kind, part, i]
            if point_segment_d2(u, v, ax, ay, bx, by) < margin_m * margin_m:
                return True
            if (bx - ax) * (v - ay) - (by - ay) * (u - ax) < 0.0:
                inside = False
            ax = bx
            ay = by
        if inside:
            return True
    return False


@njit
def line_is_clear(e, w, b, at, slot, x0, y0, x1, y1):
    """A worker may walk straight to (x1, y1): off roads, 0.9 m from the aircraft, 0.8 m from equipment."""
    m = int(w.episode[e, Episode.MAP])
    length = math.hypot(x1 - x0, y1 - y0)
    steps = int(length / 0.7) + 1
    for k in range(steps + 1):
        f = k / steps
        x = x0 + f * (x1 - x0)
        y = y0 + f * (y1 - y0)
        if raster_bits(b, m, x, y) & SPOT_BITS:
            return False
        if meets_aircraft(at, w.body[e], slot, x, y, 0.9) or meets_equipment(e, w, slot, x, y, 0.8):
            return False
    return True


@njit
def _comes(front_x, front_y, vx, vy, x, y, half_m):
    """A vehicle could not stop comfortably before the crossing point (x, y) of half width half_m."""
    speed2 = vx * vx + vy * vy
    if speed2 < 0.09:
        return False
    dx = x - front_x
    dy = y - front_y
    away = math.sqrt(dx * dx + dy * dy)
    need = speed2 / 3.0 + 1.2 * math.sqrt(speed2) + half_m + 3.0
    if away > need:
        return False
    return dx * vx + dy * vy > 0.0 or away < half_m + 2.0


@njit
def road_is_safe(e, w, x, y, half_m):
    """Stepping out at a crossing centred on (x, y) is safe: nobody on it, everybody coming can stop comfortably."""
    body = w.body[e]
    for v in range(w.vehicle.shape[1]):
        if w.vehicle[e, v, Vehicle.ACTIVE] == 0.0:
            continue
        n = int(w.vehicle[e, v, Vehicle.BODY])
        fx = body[n, Body.X] + body[n, Body.FRONT] * body[n, Body.COS]
        fy = body[n, Body.Y] + body[n, Body.FRONT] * body[n, Body.SIN]
        if (fx - x) ** 2 + (fy - y) ** 2 > 3600.0:
            continue
        if _comes(fx, fy, body[n, Body.VX], body[n, Body.VY], x, y, half_m):
            return False
        for k in range(n, n + BODIES_PER_VEHICLE):
            if body[k, Body.CLASS] >= 0.0 and box_distance2(body[k], x, y) < ON_ROAD_M * ON_ROAD_M:
                return False
    fx = w.ego_body[e, 0, Body.X] + w.ego_body[e, 0, Body.FRONT] * w.ego_body[e, 0, Body.COS]
    fy = w.ego_body[e, 0, Body.Y] + w.ego_body[e, 0, Body.FRONT] * w.ego_body[e, 0, Body.SIN]
    speed = w.ego[e, Ego.SPEED]
    vx = speed * w.ego_body[e, 0, Body.COS]
    vy = speed * w.ego_body[e, 0, Body.SIN]
    return not _comes(fx, fy, vx, vy, x, y, half_m) and not meets_ego(w.ego_body[e], x, y, ON_ROAD_M)


@njit
def meets_planes(at, body, num_aircraft, x, y, margin_m):
    """(x, y) lies within margin_m of any aircraft's outline or its tug."""
    for i in range(num_aircraft):
        for n in (i, num_aircraft + i):
            if body[n, Body.CLASS] < 0.0:
                continue
            far = body[n, Body.RADIUS] + margin_m
            if (body[n, Body.X] - x) ** 2 + (body[n, Body.Y] - y) ** 2 > far * far:
                continue
            if n >= num_aircraft:
                if box_distance2(body[n], x, y) < margin_m * margin_m:
                    return True
            elif meets_aircraft(at, body, n, x, y, margin_m):
                return True
    return False
