"""What the scripted driver sees: speed allowed by bodies on or moving into its way, and by people beside it."""

import math

from airside_sim.columns import Body, Ego, Episode, Person, Route
from airside_sim.constants import ActorClass
from airside_sim.geometry import point_box_d2
from airside_sim.jit import njit
from airside_sim.kernels.expert_style import REACTION_S

PASS_MPS = 1.0  # beside people whom the body would brush past
PASS_M = 3.2  # of room beside the body that they are owed, radius included


@njit
def box_distance(px, py, x, y, c, s, front, rear, half_width):
    """Distance from a point to an oriented box (0 inside)."""
    dx = px - x
    dy = py - y
    u = dx * c + dy * s
    v = -dx * s + dy * c
    return math.sqrt(point_box_d2(u, v, -rear, front, half_width))


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
def gap_to_bodies(e, w, at, style, brake, horizon_m, half_width_m):
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
                    d = box_distance(
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
def slow_beside_people(e, w, style, brake, horizon_m, half_width_m):
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
