"""The scripted driver: route, zones, leaders, clearances, people and pushbacks, from the simulator's own state.

One kernel serves every style: a `Style` row says how fast, how close and what is ignored. It is privileged (it reads
the world, not the observation) and causal (it uses no future).
"""

import math
from typing import NamedTuple

from airside_sim.constants import ActorClass, ClearanceState, FeatureKind
from airside_sim.geometry import wrap_angle
from airside_sim.jit import njit
from airside_sim.kernels.dynamics import zone_limit
from airside_sim.kernels.following import stopping_m
from airside_sim.kernels.path_scan import LINE_M
from airside_sim.world import Body, Ego, Episode, Junction, Person, Route, RouteFeature, Sky, Stand, Vehicle

STOPPED = 0.0
ROOM_M = 2.0  # kept to who stands beyond a junction
TIGHT_M = 16.0  # radius of a bend in which long vehicles swing into the other lane
BEND_LOOK_M = 26
SWAP_SHARE = 0.8
LONG_M = 9.5
JUNCTION_LOOK_M = 40
PASS_MPS = 1.0  # beside people whom the body would brush past
PASS_M = 3.2  # of room beside the body that they are owed, radius included
HAZARD_M = 3.0  # kept to jet blast: who stops too near would count as inside, and go on
BESIDE_M = 7.0  # route to the front of who drives beside it
REACTION_S = 0.35  # the speed loop's lag: braking begins this much before the line needs it


class Style(NamedTuple):
    """Habits of a driver; dimensionless unless the unit is in the name."""

    speed_factor: float = 1.0
    comfort_brake_mps2: float = 1.2
    lateral_accel_mps2: float = 1.5
    gap_m: float = 3.5
    person_gap_m: float = 5.0
    aircraft_margin_m: float = 6.5
    stop_margin_m: float = 1.0
    sees_people: float = 1.0
    sees_aircraft: float = 1.0
    obeys_clearance: float = 1.0
    obeys_junctions: float = 1.0
    sees_vehicles: float = 1.0
    horizon_m: float = 45.0


@njit
def _stopping_speed(distance_m, brake_mps2):
    """Speed from which a constant brake stops within the distance."""
    return math.sqrt(2.0 * brake_mps2 * max(0.0, distance_m))


@njit
def _box_distance(px, py, x, y, c, s, front, rear, half_width):
    """Distance from a point to an oriented box (0 inside)."""
    dx = px - x
    dy = py - y
    u = dx * c + dy * s
    v = -dx * s + dy * c
    du = max(max(-rear - u, u - front), 0.0)
    dv = max(abs(v) - half_width, 0.0)
    return math.sqrt(du * du + dv * dv)


@njit
def _aircraft_distance(px, py, body, at, limit_m):
    """Distance from a point to an aircraft's convex parts, exact below limit_m, else >= limit_m."""
    dx = px - body[Body.X]
    dy = py - body[Body.Y]
    u = dx * body[Body.COS] + dy * body[Body.SIN]
    v = -dx * body[Body.SIN] + dy * body[Body.COS]
    kind = int(body[Body.SHAPE])
    best = 1e9
    for part in range(at.num_parts[kind]):
        cx = u - at.part_cx[kind, part]
        cy = v - at.part_cy[kind, part]
        lower = math.sqrt(cx * cx + cy * cy) - at.part_r[kind, part]
        if lower > limit_m or lower > best:
            continue
        inside = True
        nearest = 1e9
        nv = at.part_nv[kind, part]
        for i in range(nv):
            j = i + 1 if i + 1 < nv else 0
            ax = at.part_x[kind, part, i]
            ay = at.part_y[kind, part, i]
            ex = at.part_x[kind, part, j] - ax
            ey = at.part_y[kind, part, j] - ay
            wx = u - ax
            wy = v - ay
            if ex * wy - ey * wx < 0.0:
                inside = False
            t = min(1.0, max(0.0, (wx * ex + wy * ey) / max(1e-12, ex * ex + ey * ey)))
            d = math.hypot(wx - t * ex, wy - t * ey)
            nearest = min(nearest, d)
        best = 0.0 if inside else min(best, nearest)
    return best


@njit
def _turn(route, e, a, b):
    """Change of heading between two route points, rad."""
    return wrap_angle(route[e, b, Route.HEADING] - route[e, a, Route.HEADING])


@njit
def _limits_ahead(e, ego, episode, route, style, brake, top_mps, horizon_m, train_m):
    """Speed allowed by zone limits, curvature and the goal over the horizon."""
    n_points = int(episode[e, Episode.ROUTE_POINTS])
    s_front = episode[e, Episode.S_FRONT]
    s_rear = episode[e, Episode.S_REAR]
    allowed = top_mps
    first = max(0, int(s_rear))
    last = min(n_points - 3, int(s_front + horizon_m))
    for n in range(first, last, 1):
        ahead_m = max(0.0, n - s_front)
        curvature = 0.0
        if n >= 2:
            curvature = abs(_turn(route, e, n - 2, n + 2)) / 4.0
        if 6 <= n < n_points - 6:  # from left to right the wheels need their time too
            curvature = max(curvature, SWAP_SHARE * abs(_turn(route, e, n, n + 4) - _turn(route, e, n - 4, n)) / 4.0)
        here = top_mps
        if n >= int(s_front) - 1:
            here = min(here, route[e, n, Route.LIMIT] * style.speed_factor)
        if curvature > 1e-3:
            here = min(here, math.sqrt(style.lateral_accel_mps2 / curvature))
        allowed = min(allowed, math.sqrt(here * here + 2.0 * brake * max(0.0, ahead_m - 0.5)))
    # the tail must have left a slow zone before speeding up: limits behind the front count for the tractor only
    goal_m = episode[e, Episode.ROUTE_LENGTH] - s_front
    allowed = min(allowed, _stopping_speed(goal_m - 0.2, 0.6 * brake) + 0.25)
    if goal_m < 0.3:
        allowed = STOPPED
    return allowed


@njit
def _feature_is_closed(e, w, b, f, style):
    """Route feature f would stop this driver now."""
    kind = int(w.feature[e, f, RouteFeature.KIND])
    ident = int(w.feature[e, f, RouteFeature.ID])
    m = int(w.episode[e, Episode.MAP])
    if kind == FeatureKind.STAND_ZONE:
        return style.sees_aircraft > 0.0 and w.stand[e, ident - b.map_stand0[m], Stand.CLOSED] > 0.0
    if kind == FeatureKind.WALK_CROSSING:
        local = ident - b.map_walkx0[m]
        return style.sees_people > 0.0 and w.walk_crossing[e, local, 0] + w.walk_crossing[e, local, 1] > 0.0
    state = w.feature[e, f, RouteFeature.STATE]
    return style.obeys_clearance > 0.0 and state != ClearanceState.GRANTED


@njit
def _stop_for_features(e, w, b, style, brake, train_m):
    """Speed allowed by closed stand zones, crossings without grant and people on or at walk crossings."""
    allowed = 1e9
    s_front = w.episode[e, Episode.S_FRONT]
    speed = w.ego[e, Ego.SPEED]
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        to_stop = w.feature[e, f, RouteFeature.S_STOP] - s_front
        if to_stop > 60.0 or s_front > w.feature[e, f, RouteFeature.S_OUT]:
            continue
        kind = int(w.feature[e, f, RouteFeature.KIND])
        stop = _feature_is_closed(e, w, b, f, style)
        if kind == FeatureKind.TAXI_CROSSING or kind == FeatureKind.RUNWAY_CROSSING:
            unasked = w.feature[e, f, RouteFeature.STATE] == ClearanceState.NONE_NEEDED and to_stop > 40.0
            stop = stop and w.feature[e, f, RouteFeature.ENTERED] == 0.0 and not unasked
        if not stop:
            continue
        can_stop_m = speed * speed / (2.0 * 2.0 * brake)
        if to_stop < -0.5 or (to_stop + 2.0 < can_stop_m and kind != FeatureKind.TAXI_CROSSING):
            continue  # past the line, or no longer able to stop: go on and clear it
        allowed = min(allowed, _stopping_speed(to_stop - style.stop_margin_m - REACTION_S * speed, brake))
    return allowed


@njit
def _has_room_beyond(e, w, b, n, cluster, style, brake):
    """The whole train fits between junction `cluster`, which begins at route point n, and what is closed or stands."""
    points = int(w.episode[e, Episode.ROUTE_POINTS])
    out = n
    while out < points - 1 and b.lane_junction[int(w.route[e, out, Route.LANE])] == cluster:
        out += 1
    if out >= w.episode[e, Episode.ROUTE_LENGTH]:
        return True
    need = out + w.ego[e, Ego.TRAIN_LENGTH] + ROOM_M
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        stop = w.feature[e, f, RouteFeature.S_STOP]
        entered = w.feature[e, f, RouteFeature.ENTERED] > 0.0
        if n - LINE_M < stop < need and not entered and _feature_is_closed(e, w, b, f, style):
            return False
    last = min(points, int(need) + 1)
    for v in range(w.vehicle.shape[1]):
        if w.vehicle[e, v, Vehicle.ACTIVE] == 0.0:
            continue
        roll_m = stopping_m(w.vehicle[e, v, Vehicle.SPEED], brake)
        first = int(w.vehicle[e, v, Vehicle.BODY])
        if math.hypot(w.body[e, first, Body.X] - w.ego[e, Ego.X], w.body[e, first, Body.Y] - w.ego[e, Ego.Y]) > 90.0:
            continue
        for k in range(first, first + 1 + int(w.vehicle[e, v, Vehicle.TRAILERS])):
            body = w.body[e, k]
            for i in range(n if roll_m < 0.2 else out, last - int(roll_m), 2):
                d = _box_distance(
                    w.route[e, i, Route.X], w.route[e, i, Route.Y], body[Body.X], body[Body.Y], body[Body.COS],
                    body[Body.SIN], body[Body.FRONT], body[Body.REAR], body[Body.HALF_WIDTH],
                )  # fmt: skip
                if d < 1.0:
                    return False
    return True


@njit
def _stop_for_junction(e, w, b, style, brake):
    """Speed allowed by the next junction cluster whose lock the ego does not hold."""
    if style.obeys_junctions == 0.0:
        return 1e9
    m = int(w.episode[e, Episode.MAP])
    s_front = w.episode[e, Episode.S_FRONT]
    here = b.lane_junction[int(w.route[e, max(0, int(s_front)), Route.LANE])]
    last = min(int(w.episode[e, Episode.ROUTE_POINTS]) - 1, int(s_front) + JUNCTION_LOOK_M)
    for n in range(int(s_front), last):
        cluster = b.lane_junction[int(w.route[e, n, Route.LANE])]
        if cluster < 0 or cluster == here:
            continue
        if w.junction[e, cluster - b.map_junction0[m], Junction.EGO_FLAG] > 0:
            if n - s_front < 1.0 or _has_room_beyond(e, w, b, n, cluster, style, brake):
                here = cluster
                continue
        speed = w.ego[e, Ego.SPEED]
        return _stopping_speed(n - s_front - LINE_M - REACTION_S * speed, brake)
    return 1e9


@njit
def _gap_to_bodies(e, w, at, style, brake, horizon_m, half_width_m):
    """Speed allowed by everything solid on or moving into the route band ahead."""
    allowed = 1e9
    ex = w.ego[e, Ego.X]
    ey = w.ego[e, Ego.Y]
    speed = w.ego[e, Ego.SPEED]
    s_front = w.episode[e, Episode.S_FRONT]
    n_points = int(w.episode[e, Episode.ROUTE_POINTS])
    first = min(n_points - 1, max(0, int(s_front + 0.5)))
    last = min(n_points, int(s_front + horizon_m) + 1)
    for i in range(w.body.shape[1]):
        kind = int(w.body[e, i, Body.CLASS])
        if kind < 0:
            continue
        body = w.body[e, i]
        far_m = math.hypot(body[Body.X] - ex, body[Body.Y] - ey) - body[Body.RADIUS]
        if far_m > horizon_m + 12.0:
            continue
        vx = body[Body.VX]
        vy = body[Body.VY]
        moving = math.hypot(vx, vy)
        margin = half_width_m + 0.45
        gap = style.gap_m
        if kind == ActorClass.PERSONNEL:
            if style.sees_people == 0.0:
                continue
            margin = half_width_m + 1.2
            gap = style.person_gap_m
        elif kind == ActorClass.AIRCRAFT:
            if style.sees_aircraft == 0.0:
                continue
            margin = half_width_m + (style.aircraft_margin_m if moving > 0.05 else 0.6)
            gap = 6.5
        elif style.sees_vehicles == 0.0:
            continue
        for look in range(3):
            ahead_s = 0.0 if look == 0 else (1.2 if look == 1 else 2.4)
            if look > 0 and moving < 0.2:
                break
            ox = vx * ahead_s
            oy = vy * ahead_s
            hit = -1
            for n in range(first, last, 1):
                px = w.route[e, n, Route.X] - ox
                py = w.route[e, n, Route.Y] - oy
                bx = px - body[Body.X]
                by = py - body[Body.Y]
                near = bx * bx + by * by
                reach = body[Body.RADIUS] + margin
                if near > reach * reach:
                    continue
                if kind == ActorClass.AIRCRAFT:
                    d = _aircraft_distance(px, py, body, at, margin)
                elif kind == ActorClass.PERSONNEL:
                    d = math.sqrt(near) - body[Body.HALF_WIDTH]
                else:
                    d = _box_distance(
                        px, py, body[Body.X], body[Body.Y], body[Body.COS], body[Body.SIN],
                        body[Body.FRONT], body[Body.REAR], body[Body.HALF_WIDTH],
                    )  # fmt: skip
                if d < margin:
                    hit = n
                    break
            if hit < 0:
                continue
            h = w.route[e, hit, Route.HEADING]
            along = vx * math.cos(h) + vy * math.sin(h)
            distance_m = hit - s_front
            if look > 0 and along > 0.5 * speed and along > 0.7 * moving:
                continue  # it drives ahead of us: the present gap decides
            if look > 0 and speed > 0.5 and distance_m / speed > ahead_s + 3.5:
                continue  # it will have passed
            lead = max(0.0, along) if look == 0 else 0.0
            room = distance_m - gap - REACTION_S * speed
            allowed = min(allowed, math.sqrt(lead * lead + 2.0 * brake * max(0.0, room)) if room > 0.0 else lead * 0.7)
    return allowed


@njit
def _slow_beside_people(e, w, style, brake, horizon_m, half_width_m):
    """Speed allowed by people near the way of the train: the nearer it passes them, the slower.

    Speed ~ nearness^-1/2 costs the least time for a given sum over the way of nearness times speed (`kernels.cost`).
    """
    if style.sees_people == 0.0:
        return 1e9
    allowed = 1e9
    s_front = w.episode[e, Episode.S_FRONT]
    first = max(0, int(s_front - w.ego[e, Ego.TRAIN_LENGTH]))
    last = min(int(w.episode[e, Episode.ROUTE_POINTS]), int(s_front + horizon_m) + 1)
    near2 = (half_width_m + PASS_M) ** 2
    for i in range(w.person.shape[1]):
        if w.person[e, i, Person.ACTIVE] == 0.0:
            continue
        x = w.person[e, i, Person.X]
        y = w.person[e, i, Person.Y]
        if math.hypot(x - w.ego[e, Ego.X], y - w.ego[e, Ego.Y]) > horizon_m + w.ego[e, Ego.TRAIN_LENGTH] + 5.0:
            continue
        begins = -1
        least2 = near2
        for n in range(first, last):
            away2 = (w.route[e, n, Route.X] - x) ** 2 + (w.route[e, n, Route.Y] - y) ** 2
            if away2 < least2:
                begins = n if begins < 0 else begins
                least2 = away2
        if begins >= 0:
            nearness = min(1.0, 1.0 - (math.sqrt(least2) - half_width_m) / PASS_M)
            pass2 = PASS_MPS * PASS_MPS / max(nearness, 0.02)
            allowed = min(allowed, math.sqrt(pass2 + 2.0 * brake * max(0.0, begins - s_front - 1.0)))
    return allowed


@njit
def _bend_ahead(e, w, first, last):
    """First route point of a tight bend between two route points; -1 when there is none or the front is in it."""
    for n in range(first, last):
        turn = abs(wrap_angle(w.route[e, n + 1, Route.HEADING] - w.route[e, n - 1, Route.HEADING]))
        if turn > 2.0 / TIGHT_M:
            return n if n > first + 1 else -1
    return -1


@njit
def _yield_before_bend(e, w, style, brake):
    """Speed allowed by a long vehicle that comes the other way: in a tight bend it swings over, so wait before it."""
    if style.sees_vehicles == 0.0:
        return 1e9
    s_front = w.episode[e, Episode.S_FRONT]
    first = max(1, int(s_front))
    last = min(first + BEND_LOOK_M, int(w.episode[e, Episode.ROUTE_POINTS]) - 2)
    bend = _bend_ahead(e, w, first, last)
    if bend < 0:
        return 1e9
    end = min(bend + 2 * BEND_LOOK_M, int(w.episode[e, Episode.ROUTE_POINTS]) - 1)
    for v in range(w.vehicle.shape[1]):
        body = w.body[e, int(w.vehicle[e, v, Vehicle.BODY])]
        if w.vehicle[e, v, Vehicle.ACTIVE] == 0.0 or body[Body.FRONT] + body[Body.REAR] < LONG_M:
            continue
        x = body[Body.X] + body[Body.FRONT] * body[Body.COS]
        y = body[Body.Y] + body[Body.FRONT] * body[Body.SIN]
        for n in range(max(0, bend - 6), end, 2):
            dx = w.route[e, n, Route.X] - x
            dy = w.route[e, n, Route.Y] - y
            h = w.route[e, n, Route.HEADING]
            towards = math.cos(h) * body[Body.COS] + math.sin(h) * body[Body.SIN]
            if dx * dx + dy * dy < BESIDE_M * BESIDE_M and towards < 0.5:
                speed = w.ego[e, Ego.SPEED]
                return _stopping_speed(bend - s_front - 1.0 - REACTION_S * speed, brake)
    return 1e9


@njit
def _stop_for_hazards(e, w, style, brake, horizon_m, half_width_m):
    """Speed allowed by jet blast and pushback envelopes on the route; those that already hold the ego are left."""
    if style.sees_aircraft == 0.0:
        return 1e9
    s_front = w.episode[e, Episode.S_FRONT]
    first = max(0, int(s_front))
    last = min(int(w.episode[e, Episode.ROUTE_POINTS]), int(s_front + horizon_m) + 1)
    allowed = 1e9
    for z in range(w.hazard.shape[1]):
        if w.hazard[e, z, 8] == 0.0:
            continue
        quad = w.hazard[e, z]
        for n in range(first, last):
            px = w.route[e, n, Route.X]
            py = w.route[e, n, Route.Y]
            inside = True
            for i in range(4):
                j = (i + 1) % 4
                dx = quad[2 * j] - quad[2 * i]
                dy = quad[2 * j + 1] - quad[2 * i + 1]
                if dx * (py - quad[2 * i + 1]) - dy * (px - quad[2 * i]) < -(half_width_m + 0.3) * math.hypot(dx, dy):
                    inside = False
                    break
            if inside:
                if n - s_front > 0.5:
                    speed = w.ego[e, Ego.SPEED]
                    allowed = min(allowed, _stopping_speed(n - s_front - HAZARD_M - REACTION_S * speed, brake))
                break
    return allowed


@njit
def _steer(e, w, vt, train_outward_m):
    """Pure pursuit on the rear axle (Coulter 1992); bends are taken wide by what the train will cut in."""
    vehicle = int(w.ego[e, Ego.VEHICLE])
    wheelbase = vt.wheelbase_m[vehicle]
    speed = w.ego[e, Ego.SPEED]
    n_points = int(w.episode[e, Episode.ROUTE_POINTS])
    look_m = min(7.0, max(0.9 * wheelbase, 2.2 + 0.55 * speed))
    s = w.episode[e, Episode.S_REAR] + look_m
    i = min(max(int(s), 2), n_points - 4)
    f = s - i
    bend = wrap_angle(w.route[e, i + 2, Route.HEADING] - w.route[e, i - 2, Route.HEADING]) / 4.0
    shift = -math.copysign(min(0.45, train_outward_m * abs(bend)), bend)
    h = w.route[e, i, Route.HEADING]
    tx = w.route[e, i, Route.X] + f * math.cos(h) - shift * math.sin(h)
    ty = w.route[e, i, Route.Y] + f * math.sin(h) + shift * math.cos(h)
    dx = tx - w.ego[e, Ego.X]
    dy = ty - w.ego[e, Ego.Y]
    heading = w.ego[e, Ego.HEADING]
    u = dx * math.cos(heading) + dy * math.sin(heading)
    v = -dx * math.sin(heading) + dy * math.cos(heading)
    steer = math.atan2(2.0 * wheelbase * v, max(0.25, u * u + v * v))
    return min(1.0, max(-1.0, steer / vt.max_steer_rad[vehicle]))


@njit
def drive(e, w, b, vt, at, style, speed_scale, out):
    """Continuous action of env e into out[e] = (steering, velocity), as the contract defines them."""
    vehicle = int(w.ego[e, Ego.VEHICLE])
    trailers = w.ego[e, Ego.TRAILERS]
    speed = w.ego[e, Ego.SPEED]
    train_m = w.ego[e, Ego.TRAIN_LENGTH]
    half_width_m = 0.5 * vt.width_m[vehicle]
    grip = w.sky[e, Sky.FRICTION] * 9.81 * vt.mass_kg[vehicle] / (vt.mass_kg[vehicle] + w.ego[e, Ego.LADEN])
    brake = min(style.comfort_brake_mps2, 0.55 * grip)
    horizon_m = min(style.horizon_m, 12.0 + speed * 1.0 + speed * speed / (2.0 * brake))
    top_mps = min(vt.max_speed_mps[vehicle], w.sky[e, Sky.SPEED_CAP])

    target = _limits_ahead(e, w.ego, w.episode, w.route, style, brake, top_mps, horizon_m, train_m)
    target = min(target, _stop_for_features(e, w, b, style, brake, train_m))
    target = min(target, _stop_for_junction(e, w, b, style, brake))
    target = min(target, _gap_to_bodies(e, w, at, style, brake, horizon_m, half_width_m))
    target = min(target, _slow_beside_people(e, w, style, brake, horizon_m, half_width_m))
    target = min(target, _yield_before_bend(e, w, style, brake))
    target = min(target, _stop_for_hazards(e, w, style, brake, horizon_m, half_width_m))

    scale = speed_scale * min(zone_limit(e, w), top_mps)
    level = min(1.0, max(0.0, target / max(0.1, scale)))
    if level < 0.021:
        # a full stop is asked for: above 1 m/s that would be emergency braking, wanted only when nothing else suffices
        level = 0.0 if speed <= 1.0 or (target < 0.05 and speed > 2.5 * brake) else 0.021
    out[e, 0] = _steer(e, w, vt, 0.8 * trailers)
    out[e, 1] = level
