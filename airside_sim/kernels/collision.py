"""`measure`: what the ego's outlines touch and how near they are to aircraft and people, exactly, capped at 100 m.

Broad phase: a circle about the whole train against each body's circle, with the best distance so far as the cut;
then `kernels.convex` on each ego body. Results go to `World.measured`, never to the reward directly.
"""

import math

from airside_sim.columns import Body, Ego, Episode, Measured, Route, Sky, Stand
from airside_sim.constants import ActorClass, BevChannel, LaneKind, SegmentKind
from airside_sim.jit import njit
from airside_sim.kernels.convex import aircraft_distance, disc_distance, touches_box, touches_quad, touches_segment
from airside_sim.kernels.dynamics import grip_decel

FAR_M = 100.0
SIGHT_M = 90.0  # further sightings do not count: no ego needs that much to stop


@njit
def _train_circle(ego, num):
    """Centre and radius of a circle about all ego bodies."""
    cx = 0.5 * (ego[0, Body.X] + ego[num - 1, Body.X])
    cy = 0.5 * (ego[0, Body.Y] + ego[num - 1, Body.Y])
    radius = 0.0
    for k in range(num):
        radius = max(radius, math.hypot(ego[k, Body.X] - cx, ego[k, Body.Y] - cy) + ego[k, Body.RADIUS])
    return cx, cy, radius


@njit
def _comes_within(body, n, x, y, reach_m):
    """The circle of body n comes nearer than reach_m to a point; no square root."""
    dx = body[n, Body.X] - x
    dy = body[n, Body.Y] - y
    far = reach_m + body[n, Body.RADIUS]
    return dx * dx + dy * dy < far * far


@njit
def _to_aircraft(ego, num, body, n, at, limit_m):
    """Distance of the nearest ego body to aircraft n, exact below limit_m, else limit_m."""
    best = limit_m
    for k in range(num):
        if _comes_within(body, n, ego[k, Body.X], ego[k, Body.Y], best + ego[k, Body.RADIUS]):
            best = aircraft_distance(
                ego, k, body, n, at.part_nv, at.part_x, at.part_y, at.part_cx, at.part_cy, at.part_r, at.num_parts, best
            )
    return best


@njit
def _to_person(ego, num, body, n, limit_m):
    best = limit_m
    for k in range(num):
        best = min(best, disc_distance(ego, k, body[n, Body.X], body[n, Body.Y], body[n, Body.HALF_WIDTH]))
    return best


@njit
def _hits_box(ego, num, body, n):
    for k in range(num):
        if _comes_within(body, n, ego[k, Body.X], ego[k, Body.Y], ego[k, Body.RADIUS]) and touches_box(ego, k, body, n):
            return True
    return False


@njit
def _stand_aircraft(e, w, b, column):
    """Body index of the aircraft at the origin or destination stand (an `Episode` column), -1 when there is none."""
    stand = int(w.episode[e, column])
    if stand < 0:
        return -1
    local = stand - b.map_stand0[int(w.episode[e, Episode.MAP])]
    if local < 0 or local >= w.stand.shape[1]:
        return -1
    return int(w.stand[e, local, Stand.AIRCRAFT])


@njit
def _halting_point(e, w, vt, p):
    """Odometer reading at which the ego would rest if it began emergency braking now."""
    vehicle = int(w.ego[e, Ego.VEHICLE])
    grip = grip_decel(w.sky[e, Sky.FRICTION], p.dyn_gravity_mps2, vt.mass_kg[vehicle], w.ego[e, Ego.LADEN])
    brake = max(0.05, min(vt.emergency_mps2[vehicle], grip))
    speed = w.ego[e, Ego.SPEED]
    return w.ego[e, Ego.ODOMETER] + speed * p.ep_fault_reaction_s + speed * speed / (2.0 * brake)


@njit
def _measure_movers(e, w, num, cx, cy, radius, halt_m):
    """Distance to people, contacts with people and vehicles; keeps `World.halt` (first sightings)."""
    ego = w.ego_body[e]
    body = w.body[e]
    head = w.history_head[e]
    person = FAR_M
    hit_vehicle = -1
    hit_person = -1
    for i in range(w.near_count[e]):
        n = w.near[e, i]
        kind = int(body[n, Body.CLASS])
        if kind < 0 or not _comes_within(body, n, cx, cy, radius + FAR_M):
            if w.halt[e, n] != 0.0:  # most are 0 already: memory that is not written need not go back
                w.halt[e, n] = 0.0
            continue
        if not _comes_within(body, n, cx, cy, radius + SIGHT_M):
            w.halt[e, n] = 0.0
        elif w.halt[e, n] == 0.0 and w.seen[e, head, n] != 0:
            w.halt[e, n] = halt_m
        if kind == ActorClass.AIRCRAFT:
            continue
        if kind == ActorClass.PERSONNEL:
            if _comes_within(body, n, cx, cy, radius + person):
                d = _to_person(ego, num, body, n, person)
                if d <= 0.0 and hit_person < 0:
                    hit_person = n
                person = min(person, d)
        elif hit_vehicle < 0 and _comes_within(body, n, cx, cy, radius) and _hits_box(ego, num, body, n):
            hit_vehicle = n
    w.measured[e, Measured.DIST_PERSON] = person
    w.measured[e, Measured.HIT_VEHICLE] = hit_vehicle
    w.measured[e, Measured.HIT_PERSON] = hit_person


@njit
def _nearest_aircraft(body, num_aircraft, cx, cy):
    """Slot of the aircraft whose circle is nearest: measured first, it lets most others be skipped. -1 = none."""
    best = -1
    least = 1e18
    for n in range(num_aircraft):
        if body[n, Body.CLASS] == ActorClass.AIRCRAFT:
            dx = body[n, Body.X] - cx
            dy = body[n, Body.Y] - cy
            gap = math.sqrt(dx * dx + dy * dy) - body[n, Body.RADIUS]
            if gap < least:
                least = gap
                best = n
    return best


@njit
def _measure_aircraft(e, w, b, at, num, cx, cy, radius):
    """Distance and contact with aircraft, with and without those of the origin and destination stands."""
    ego = w.ego_body[e]
    body = w.body[e]
    num_aircraft = w.aircraft.shape[1]  # aircraft i is body i
    start_plane = _stand_aircraft(e, w, b, Episode.START_STAND)
    goal_plane = _stand_aircraft(e, w, b, Episode.GOAL_STAND)
    first = _nearest_aircraft(body, num_aircraft, cx, cy)
    nearest = FAR_M
    strict = FAR_M
    hit = -1
    for i in range(-1, num_aircraft if first >= 0 else -1):
        n = first if i < 0 else i
        if (i == first) or body[n, Body.CLASS] != ActorClass.AIRCRAFT:
            continue
        exempt = n == start_plane or n == goal_plane
        limit = nearest if exempt else strict
        if not _comes_within(body, n, cx, cy, limit + radius):
            continue
        d = _to_aircraft(ego, num, body, n, at, limit)
        if d <= 0.0 and hit < 0:
            hit = n
        nearest = min(nearest, d)
        if not exempt:
            strict = min(strict, d)
    w.measured[e, Measured.DIST_AIRCRAFT] = nearest
    w.measured[e, Measured.DIST_AIRCRAFT_STRICT] = strict
    w.measured[e, Measured.HIT_AIRCRAFT] = hit


@njit
def _measure_segments(e, w, b, m, num):
    """Contacts with structures, the pavement's boundary and the boundaries of runway strips."""
    ego = w.ego_body[e]
    structure = 0.0
    off_pavement = 0.0
    strip = 0.0
    cell_m = b.grid_cell_m[m]
    for k in range(num):
        mid = 0.5 * (ego[k, Body.FRONT] - ego[k, Body.REAR])
        x = ego[k, Body.X] + mid * ego[k, Body.COS]
        y = ego[k, Body.Y] + mid * ego[k, Body.SIN]
        column = math.floor((x - b.grid_x0[m]) / cell_m)
        row = math.floor((y - b.grid_y0[m]) / cell_m)
        if column < 0 or row < 0 or column >= b.grid_w[m] or row >= b.grid_h[m]:
            off_pavement = 1.0
            continue
        cell = b.grid_off[m] + row * b.grid_w[m] + column
        for i in range(b.grid_start[cell], b.grid_start[cell + 1]):
            g = b.grid_seg[i]
            if not touches_segment(ego, k, b.seg_x0[g], b.seg_y0[g], b.seg_x1[g], b.seg_y1[g]):
                continue
            if b.seg_kind[g] == SegmentKind.STRUCTURE:
                structure = 1.0
            elif b.seg_kind[g] == SegmentKind.PAVEMENT_EDGE:
                off_pavement = 1.0
            else:
                strip = 1.0
    w.measured[e, Measured.HIT_STRUCTURE] = structure
    w.measured[e, Measured.OFF_PAVEMENT] = off_pavement
    w.measured[e, Measured.ON_STRIP_EDGE] = strip


@njit
def _measure_hazards(e, w, num, cx, cy, radius):
    """1 when an ego body overlaps a hazard quad (jet blast, intake, pushback envelope, tail sweep, fuelling zone)."""
    ego = w.ego_body[e]
    w.measured[e, Measured.IN_HAZARD] = 0.0
    for z in range(w.hazard.shape[1]):
        quad = w.hazard[e, z]
        if quad[8] == 0.0:
            continue
        if (
            max(quad[0], quad[2], quad[4], quad[6]) < cx - radius
            or min(quad[0], quad[2], quad[4], quad[6]) > cx + radius
        ):
            continue
        if (
            max(quad[1], quad[3], quad[5], quad[7]) < cy - radius
            or min(quad[1], quad[3], quad[5], quad[7]) > cy + radius
        ):
            continue
        for k in range(num):
            if touches_quad(ego, k, quad):
                w.measured[e, Measured.IN_HAZARD] = 1.0
                return


@njit
def raster_byte(b, m, x, y):
    """Static layers (bit c = BEV channel c) at a point of map m; 0 outside."""
    column = math.floor((x - b.raster_x0[m]) / b.raster_cell_m[m])
    row = math.floor((y - b.raster_y0[m]) / b.raster_cell_m[m])
    if column < 0 or row < 0 or column >= b.raster_w[m] or row >= b.raster_h[m]:
        return 0
    return int(b.raster[b.raster_off[m] + row * b.raster_w[m] + column])


@njit
def _measure_ground(e, w, b, m, p):
    """Restricted ground under the tractor, and the speed limit in force.

    The 5 km/h circle about aircraft holds inside stand areas, except on a road lane that leads through one.
    """
    ego = w.ego_body[e]
    mid = 0.5 * (ego[0, Body.FRONT] - ego[0, Body.REAR])
    byte = raster_byte(b, m, ego[0, Body.X] + mid * ego[0, Body.COS], ego[0, Body.Y] + mid * ego[0, Body.SIN])
    last = int(w.episode[e, Episode.ROUTE_POINTS]) - 1
    n = min(max(int(w.episode[e, Episode.S_FRONT]), 0), last)
    limit = w.route[e, n, Route.LIMIT]
    in_stand = (byte >> int(BevChannel.STAND_AREA)) & 1 == 1
    on_road = (byte >> int(BevChannel.SERVICE_ROAD)) & 1 == 1
    if on_road and b.lane_kind[int(w.route[e, n, Route.LANE])] != LaneKind.STAND_ACCESS:
        in_stand = False
    if in_stand and w.measured[e, Measured.DIST_AIRCRAFT] < p.ep_stand_circle_m:
        limit = min(limit, p.ep_stand_circle_mps)
    w.measured[e, Measured.LIMIT] = limit
    w.measured[e, Measured.IN_RESTRICTED] = float((byte >> int(BevChannel.RESTRICTED)) & 1)


@njit
def measure(e, w, b, vt, at, p):
    """Fill `World.measured[e]` for the present poses of the ego, the traffic and the hazards."""
    m = int(w.episode[e, Episode.MAP])
    num = 1 + int(w.ego[e, Ego.TRAILERS])
    cx, cy, radius = _train_circle(w.ego_body[e], num)
    _measure_movers(e, w, num, cx, cy, radius, _halting_point(e, w, vt, p))
    _measure_aircraft(e, w, b, at, num, cx, cy, radius)
    _measure_segments(e, w, b, m, num)
    _measure_hazards(e, w, num, cx, cy, radius)
    _measure_ground(e, w, b, m, p)
