"""Long vehicles: steering by the route, and what their nose and tail will sweep on the way that they will steer.

The rear axle follows the route, so in a bend the nose of a bus swings into the next lane. The driver rolls his own
motion some metres ahead and does not drive into whom that would touch.
"""

import math

from airside_sim.columns import Body, Ego, Episode, Route
from airside_sim.constants import ActorClass
from airside_sim.geometry import boxes_meet
from airside_sim.jit import njit
from airside_sim.kernels.expert_style import REACTION_S, stopping_speed, turn_at

LONG_BODY_M = 8.0
SWING_LOOK_M = 14.0
SWING_STEP_M = 0.5
SWING_MARGIN_M = 0.35
FORESIGHT_S = 2.0  # of others' motion


@njit
def steer_from(e, w, vt, x, y, heading, s_rear, speed, train_outward_m):
    """Wheel angle, rad, by pure pursuit on the rear axle (Coulter 1992); bends are taken wide for the train."""
    vehicle = int(w.ego[e, Ego.VEHICLE])
    wheelbase = vt.wheelbase_m[vehicle]
    n_points = int(w.episode[e, Episode.ROUTE_POINTS])
    look_m = min(7.0, max(0.9 * wheelbase, 2.2 + 0.55 * speed))
    s = s_rear + look_m
    i = min(max(int(s), 2), n_points - 4)
    f = s - i
    bend = turn_at(w.route, e, i - 2, i + 2) / 4.0
    shift = -math.copysign(min(0.45, train_outward_m * abs(bend)), bend)
    h = w.route[e, i, Route.HEADING]
    tx = w.route[e, i, Route.X] + f * math.cos(h) - shift * math.sin(h)
    ty = w.route[e, i, Route.Y] + f * math.sin(h) + shift * math.cos(h)
    dx = tx - x
    dy = ty - y
    u = dx * math.cos(heading) + dy * math.sin(heading)
    v = -dx * math.sin(heading) + dy * math.cos(heading)
    top = vt.max_steer_rad[vehicle]
    return min(top, max(-top, math.atan2(2.0 * wheelbase * v, max(0.25, u * u + v * v))))


@njit
def stop_for_swing(e, w, vt, style, brake):
    """Speed allowed by vehicles that the body of a long ego would touch within the next metres."""
    vehicle = int(w.ego[e, Ego.VEHICLE])
    if vt.front_m[vehicle] + vt.rear_m[vehicle] < LONG_BODY_M or style.sees_vehicles == 0.0:
        return 1e9
    wheelbase = vt.wheelbase_m[vehicle]
    front = vt.front_m[vehicle] + SWING_MARGIN_M
    rear = vt.rear_m[vehicle] + SWING_MARGIN_M
    half = 0.5 * vt.width_m[vehicle] + SWING_MARGIN_M
    x = w.ego[e, Ego.X]
    y = w.ego[e, Ego.Y]
    h = w.ego[e, Ego.HEADING]
    s = w.episode[e, Episode.S_REAR]
    speed = w.ego[e, Ego.SPEED]
    pace = max(speed, 1.5)
    away = 0.0
    while away < SWING_LOOK_M:
        h += SWING_STEP_M * math.tan(steer_from(e, w, vt, x, y, h, s, speed, 0.0)) / wheelbase
        x += SWING_STEP_M * math.cos(h)
        y += SWING_STEP_M * math.sin(h)
        s += SWING_STEP_M
        away += SWING_STEP_M
        if _touches_vehicle(e, w, x, y, h, front, rear, half, min(away / pace, FORESIGHT_S)):
            return stopping_speed(away - SWING_STEP_M - 0.5 - REACTION_S * speed, brake)
    return 1e9


@njit
def _touches_vehicle(e, w, x, y, h, front, rear, half, ahead_s):
    """A pose of the ego's body meets a vehicle's box, where it is now or will be in ahead_s."""
    c = math.cos(h)
    si = math.sin(h)
    for i in range(int(w.near_count[e])):
        body = w.body[e, int(w.near[e, i])]
        kind = int(body[Body.CLASS])
        if kind < 0 or kind == ActorClass.PERSONNEL or kind == ActorClass.AIRCRAFT:
            continue
        for k in range(2):
            dx = body[Body.X] + k * ahead_s * body[Body.VX] - x
            dy = body[Body.Y] + k * ahead_s * body[Body.VY] - y
            if dx * dx + dy * dy > (front + body[Body.RADIUS]) ** 2:
                continue
            other_c = c * body[Body.COS] + si * body[Body.SIN]
            other_s = c * body[Body.SIN] - si * body[Body.COS]
            if boxes_meet(
                c * dx + si * dy, c * dy - si * dx, other_c, other_s, -rear, front, half,
                -body[Body.REAR], body[Body.FRONT], body[Body.HALF_WIDTH],
            ):  # fmt: skip
                return True
    return False
