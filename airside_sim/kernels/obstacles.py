"""Geometric look-ahead: does a body lie in the corridor that a background vehicle is about to drive along?

The lane lists know only background vehicles on the same lanes; this sees the ego wherever it is, people, and vehicles
on lanes that come close. Points of the path every STEP_M are tested against the body's box.
"""

import math

from airside_sim.columns import Body, Vehicle
from airside_sim.geometry import point_box_d2
from airside_sim.jit import njit
from airside_sim.kernels.lane_rail import OVERHANG_SHARE, point_ahead

STEP_M = 1.2
OUTLINE_STEP_M = 0.6
SLACK_M = 0.5  # for lanes that do not join exactly: points one metre of path apart lie at most about a metre apart
CLEAR_M = 1e9


@njit
def _point_to_box(x, y, body):
    """Distance squared from a map point to the box (or disc centre) of a body row."""
    dx = x - body[Body.X]
    dy = y - body[Body.Y]
    u = body[Body.COS] * dx + body[Body.SIN] * dy
    v = body[Body.COS] * dy - body[Body.SIN] * dx
    return point_box_d2(u, v, -body[Body.REAR], body[Body.FRONT], body[Body.HALF_WIDTH])


@njit
def _misses_straight(front, body, width_m):
    """The box lies beside the infinite straight corridor of half width width_m ahead of the row `front`."""
    mid = 0.5 * (body[Body.FRONT] - body[Body.REAR])
    half = 0.5 * (body[Body.FRONT] + body[Body.REAR])
    dx = body[Body.X] + mid * body[Body.COS] - front[Body.X]
    dy = body[Body.Y] + mid * body[Body.SIN] - front[Body.Y]
    side = abs(front[Body.COS] * dy - front[Body.SIN] * dx)
    cosine = abs(front[Body.COS] * body[Body.COS] + front[Body.SIN] * body[Body.SIN])
    sine = abs(front[Body.COS] * body[Body.SIN] - front[Body.SIN] * body[Body.COS])
    return side > width_m + half * sine + body[Body.HALF_WIDTH] * cosine


@njit
def is_straight(row, b, at, front, reach_m):
    """The rail under the whole train and reach_m ahead of it runs within 0.2 m of the axis of body row `front`."""
    for k in range(3):
        x, y = point_ahead(row, b, at, reach_m if k == 0 else (0.5 * reach_m if k == 1 else -row[Vehicle.LENGTH]))
        dx = x - front[Body.X]
        dy = y - front[Body.Y]
        if abs(front[Body.COS] * dy - front[Body.SIN] * dx) > 0.2:
            return False
    return True


@njit
def is_in_reach(front, body, far_m):
    """The circle of a body row comes within far_m of the reference point of row `front`."""
    dx = body[Body.X] - front[Body.X]
    dy = body[Body.Y] - front[Body.Y]
    far = far_m + body[Body.RADIUS]
    return dx * dx + dy * dy <= far * far


@njit
def gap_to_body(row, b, at, front, straight, body, from_m, reach_m, half_m, margin_m):
    """Path distance from the front bumper to where the body comes within half_m + margin_m; CLEAR_M if never.

    row: vehicle, front: its own first body; from_m < 0 also looks beside the train, with a thin margin there.
    """
    if not is_in_reach(front, body, reach_m + front[Body.FRONT] + half_m + margin_m - min(from_m, 0.0)):
        return CLEAR_M
    if straight and _misses_straight(front, body, half_m + margin_m + 0.2):
        return CLEAR_M
    at_m = from_m
    while at_m < reach_m:
        x, y = point_ahead(row, b, at, at_m)
        wide = half_m + (margin_m if at_m > 0.5 else 0.12)
        d2 = _point_to_box(x, y, body)
        if d2 < wide * wide:
            return max(at_m, 0.0)
        at_m += STEP_M
        # points before this one are too far from the box to be looked at
        next_m = at_m - STEP_M + math.sqrt(d2) - half_m - max(margin_m, 0.12) - SLACK_M
        while at_m < next_m:
            at_m += STEP_M
    return CLEAR_M


@njit
def _corner_d2(ax, ay, ac, as_, front, rear, half, bx, by, bc, bs, front_b, rear_b, half_b):
    """Least squared distance of a corner of box A (pose, ahead, behind, half width) from box B."""
    best = CLEAR_M
    for k in range(4):
        u = front if k < 2 else -rear
        v = half if k % 2 == 0 else -half
        dx = ax + ac * u - as_ * v - bx
        dy = ay + as_ * u + ac * v - by
        best = min(best, point_box_d2(bc * dx + bs * dy, bc * dy - bs * dx, -rear_b, front_b, half_b))
    return best


@njit
def gap_of_outline(row, b, at, vt, body, reach_m, margin_m):
    """Path distance after which the outline of the vehicle's first body comes within margin_m of a box, or CLEAR_M.

    In a bend its middle cuts the corner and its tail swings out, beside the corridor of `gap_to_body`. A body beside it
    already counts only once driving on brings them closer.
    """
    cls = int(row[Vehicle.CLASS])
    front_m, rear_m, half_m = vt.front_m[cls], vt.rear_m[cls], 0.5 * vt.width_m[cls]
    steered_m = OVERHANG_SHARE * (front_m - vt.wheelbase_m[cls])
    x, y, c, s = body[Body.X], body[Body.Y], body[Body.COS], body[Body.SIN]
    front_b, rear_b, half_b = body[Body.FRONT], body[Body.REAR], body[Body.HALF_WIDTH]
    allowed2 = margin_m * margin_m
    at_m = 0.0
    while at_m < reach_m:
        ax, ay = point_ahead(row, b, at, at_m - steered_m)
        rx, ry = point_ahead(row, b, at, at_m - front_m)
        length = math.hypot(ax - rx, ay - ry)
        vc, vs = (ax - rx) / length, (ay - ry) / length
        d2 = _corner_d2(rx, ry, vc, vs, front_m, rear_m, half_m, x, y, c, s, front_b, rear_b, half_b)
        d2 = min(d2, _corner_d2(x, y, c, s, front_b, rear_b, half_b, rx, ry, vc, vs, front_m, rear_m, half_m))
        if at_m == 0.0:
            allowed2 = min(allowed2, d2 - 1e-3)
        elif d2 < allowed2:
            return at_m
        at_m += OUTLINE_STEP_M
    return CLEAR_M
