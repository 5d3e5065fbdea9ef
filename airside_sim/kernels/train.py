"""The dolly train: each dolly is two links, drawbar and body, that trail their leading point without slipping.

A link of length l whose leading point moves straight by s turns by the tractrix: tan(a'/2) = tan(a/2) exp(-s/l), with
a its angle to the motion. That is exact for straight motion at any s; arcs are cut into chords of at most 0.2 m. In
a steady circle it gives the off-tracking R_f^2 = R_h^2 - d^2, R_r^2 = R_f^2 - b^2, R_h'^2 = R_r^2 + k^2.
"""

import math

from airside_sim.columns import Body, Ego, Episode, Route
from airside_sim.constants import ROUTE_STEP_M, VehicleClass
from airside_sim.jit import njit

DOLLY = int(VehicleClass.DOLLY)
MAX_CHORD_M = 0.2
MAX_HITCH_RAD = 1.4  # a drawbar or turntable meets its stop: no jackknife through the body ahead
COS_MAX_HITCH = math.cos(MAX_HITCH_RAD)
SIN_MAX_HITCH = math.sin(MAX_HITCH_RAD)


@njit
def train_length(vt, vehicle, trailers):
    """Front bumper to tail of the straight train, m."""
    if trailers < 1:
        return vt.front_m[vehicle] + vt.rear_m[vehicle]
    link_m = vt.drawbar_m[DOLLY] + vt.wheelbase_m[DOLLY]
    hooks_m = (trailers - 1) * vt.hitch_m[DOLLY]
    return vt.front_m[vehicle] + vt.hitch_m[vehicle] + trailers * link_m + hooks_m + vt.rear_m[DOLLY]


@njit
def _trail(ux, uy, dx, dy, length_m):
    """New direction (unit vector, tail to lead) of a link whose leading point moved by (dx, dy).

    The tractrix in half-angle form: with t = tan(a/2) = sin a / (1 + cos a), t' = t exp(-s / l); no arc functions.
    """
    moved_m = math.sqrt(dx * dx + dy * dy)
    if moved_m < 1e-12:
        return ux, uy
    tx = dx / moved_m
    ty = dy / moved_m
    cosine = ux * tx + uy * ty
    sine = tx * uy - ty * ux
    if cosine < -0.999999:
        return ux, uy  # pushed exactly backwards: no side to turn to
    half = sine / (1.0 + cosine) * math.exp(-moved_m / length_m)
    square = half * half
    cosine = (1.0 - square) / (1.0 + square)
    sine = 2.0 * half / (1.0 + square)
    return tx * cosine - ty * sine, ty * cosine + tx * sine


@njit
def _hold_hitch(ux, uy, lead_x, lead_y):
    """Keep a link within the stop of the one ahead (unit vectors)."""
    if ux * lead_x + uy * lead_y >= COS_MAX_HITCH:
        return ux, uy
    side = 1.0 if lead_x * uy - lead_y * ux >= 0.0 else -1.0
    sine = side * SIN_MAX_HITCH
    return lead_x * COS_MAX_HITCH - lead_y * sine, lead_y * COS_MAX_HITCH + lead_x * sine


@njit
def _pull(link, vt, vehicle, trailers, x0, y0, h0, x1, y1, h1):
    """Drag all links while the tractor's rear axle goes straight from pose 0 to pose 1. link: (2 * MAX, 2)."""
    hitch_m = vt.hitch_m[vehicle]
    lead_x = math.cos(h1)
    lead_y = math.sin(h1)
    ox = x0 - hitch_m * math.cos(h0)
    oy = y0 - hitch_m * math.sin(h0)
    nx = x1 - hitch_m * lead_x
    ny = y1 - hitch_m * lead_y
    for i in range(2 * trailers):
        is_body = i % 2 == 1
        length_m = vt.wheelbase_m[DOLLY] if is_body else vt.drawbar_m[DOLLY]
        old_x = link[i, 0]
        old_y = link[i, 1]
        new_x, new_y = _trail(old_x, old_y, nx - ox, ny - oy, length_m)
        new_x, new_y = _hold_hitch(new_x, new_y, lead_x, lead_y)
        link[i, 0] = new_x
        link[i, 1] = new_y
        reach_m = length_m + vt.hitch_m[DOLLY] if is_body else length_m  # a body carries the next hitch behind its axle
        ox -= reach_m * old_x
        oy -= reach_m * old_y
        nx -= reach_m * new_x
        ny -= reach_m * new_y
        lead_x = new_x
        lead_y = new_y


@njit
def update_train(e, w, vt, x, y, heading, distance_m, curvature_pm):
    """Drag the train from the ego's stored pose to the new one, an arc of `distance_m`, and write `World.ego_body`."""
    vehicle = int(w.ego[e, Ego.VEHICLE])
    trailers = int(w.ego[e, Ego.TRAILERS])
    if trailers > 0 and distance_m > 0.0:
        for i in range(2 * trailers):
            w.link[e, i, 0] = math.cos(w.trailer[e, i])
            w.link[e, i, 1] = math.sin(w.trailer[e, i])
        x0 = w.ego[e, Ego.X]
        y0 = w.ego[e, Ego.Y]
        h0 = w.ego[e, Ego.HEADING]
        num = 1 + int(distance_m / MAX_CHORD_M)
        bend = distance_m * curvature_pm / num
        for i in range(num):
            x1 = x
            y1 = y
            h1 = heading
            if i < num - 1:
                half = 0.5 * bend
                chord = distance_m / num * (math.sin(half) / half if abs(half) > 1e-8 else 1.0)
                x1 = x0 + chord * math.cos(h0 + half)
                y1 = y0 + chord * math.sin(h0 + half)
                h1 = h0 + bend
            _pull(w.link[e], vt, vehicle, trailers, x0, y0, h0, x1, y1, h1)
            x0 = x1
            y0 = y1
            h0 = h1
        for i in range(2 * trailers):
            w.trailer[e, i] = math.atan2(w.link[e, i, 1], w.link[e, i, 0])
    speed = distance_m * 10.0
    write_ego_bodies(w.ego_body[e], w.trailer[e], vt, vehicle, trailers, x, y, heading, speed)


@njit
def _write_box(body, k, vt, vehicle, x, y, heading, speed):
    c = math.cos(heading)
    s = math.sin(heading)
    front = vt.front_m[vehicle]
    rear = vt.rear_m[vehicle]
    half = 0.5 * vt.width_m[vehicle]
    body[k, Body.X] = x
    body[k, Body.Y] = y
    body[k, Body.COS] = c
    body[k, Body.SIN] = s
    body[k, Body.FRONT] = front
    body[k, Body.REAR] = rear
    body[k, Body.HALF_WIDTH] = half
    body[k, Body.RADIUS] = math.sqrt(max(front, rear) ** 2 + half * half)
    body[k, Body.VX] = speed * c
    body[k, Body.VY] = speed * s
    body[k, Body.CLASS] = vt.actor_class[vehicle]
    body[k, Body.SHAPE] = vehicle
    body[k, Body.BEACON] = 0.0
    body[k, Body.OWNER] = 0.0


@njit
def write_ego_bodies(body, trailer, vt, vehicle, trailers, x, y, heading, speed):
    """Outlines of the tractor and its dollies. body: (EGO_BODIES, Body); trailer: (2 * MAX_TRAILERS,) headings."""
    _write_box(body, 0, vt, vehicle, x, y, heading, speed)
    hx = x - vt.hitch_m[vehicle] * math.cos(heading)
    hy = y - vt.hitch_m[vehicle] * math.sin(heading)
    for i in range(trailers):
        drawbar = trailer[2 * i]
        way = trailer[2 * i + 1]
        ax = hx - vt.drawbar_m[DOLLY] * math.cos(drawbar) - vt.wheelbase_m[DOLLY] * math.cos(way)
        ay = hy - vt.drawbar_m[DOLLY] * math.sin(drawbar) - vt.wheelbase_m[DOLLY] * math.sin(way)
        _write_box(body, 1 + i, vt, DOLLY, ax, ay, way, speed)
        hx = ax - vt.hitch_m[DOLLY] * math.cos(way)
        hy = ay - vt.hitch_m[DOLLY] * math.sin(way)


@njit
def route_point(route, e, num_points, s):
    """Point of the route polyline at arc length s (extended straight past its ends)."""
    u = s / ROUTE_STEP_M
    n = min(max(math.floor(u), 0), num_points - 2)
    f = u - n
    x = route[e, n, Route.X] + f * (route[e, n + 1, Route.X] - route[e, n, Route.X])
    y = route[e, n, Route.Y] + f * (route[e, n + 1, Route.Y] - route[e, n, Route.Y])
    return x, y


@njit
def place_ego(e, w, vt, p):
    """Put the ego at rest with its front bumper at `Episode.ROUTE_START` and every dolly along the route behind it."""
    vehicle = int(w.ego[e, Ego.VEHICLE])
    trailers = int(w.ego[e, Ego.TRAILERS])
    num_points = int(w.episode[e, Episode.ROUTE_POINTS])
    s_front = w.episode[e, Episode.ROUTE_START]
    s_rear = s_front - vt.front_m[vehicle]
    x, y = route_point(w.route, e, num_points, s_rear)
    ahead_x, ahead_y = route_point(w.route, e, num_points, s_rear + vt.wheelbase_m[vehicle])
    heading = math.atan2(ahead_y - y, ahead_x - x)
    w.ego[e, Ego.X] = x
    w.ego[e, Ego.Y] = y
    w.ego[e, Ego.HEADING] = heading
    w.ego[e, Ego.SPEED] = 0.0
    lead_x = x - vt.hitch_m[vehicle] * math.cos(heading)
    lead_y = y - vt.hitch_m[vehicle] * math.sin(heading)
    s = s_rear - vt.hitch_m[vehicle]
    for i in range(2 * trailers):
        is_body = i % 2 == 1
        length_m = vt.wheelbase_m[DOLLY] if is_body else vt.drawbar_m[DOLLY]
        s -= length_m
        tail_x, tail_y = route_point(w.route, e, num_points, s)
        way = math.atan2(lead_y - tail_y, lead_x - tail_x)
        w.trailer[e, i] = way
        reach_m = length_m + vt.hitch_m[DOLLY] if is_body else length_m
        lead_x -= reach_m * math.cos(way)
        lead_y -= reach_m * math.sin(way)
        if is_body:
            s -= vt.hitch_m[DOLLY]
    w.episode[e, Episode.S_REAR] = s_rear
    w.episode[e, Episode.S_FRONT] = s_front
    w.episode[e, Episode.S_MAX] = s_front
    w.episode[e, Episode.STALL_MARK] = s_front
    write_ego_bodies(w.ego_body[e], w.trailer[e], vt, vehicle, trailers, x, y, heading, 0.0)
