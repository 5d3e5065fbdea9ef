"""How one aircraft moves: poses on its rail, the three boxes that stand for its outline, and its speed law.

An aircraft is a point (main-gear axle) on a rail of the map bank. For right of way it is covered by three boxes in its
own frame (fuselage, wing with engines, tailplane), which is a little more than its true outline.
"""

import math

from airside_sim.columns import Aircraft, Body
from airside_sim.constants import DT_S
from airside_sim.jit import njit

NEVER_M = 1e9
RAIL_STEP_M = 4.0  # spacing of poses in sweep tests; every box is longer than this
STOPPED_MPS = 0.05
ARRIVED_M = 0.1


@njit
def rail_index(b, path, s):
    """Point index before arc length s (clamped to the path) and the fraction of the step beyond it."""
    first = b.path_pt0[path]
    last = b.path_pt0[path + 1] - 2 - first
    f = max(s, 0.0) / b.path_ds[path]
    k = min(int(f), last)
    return first + k, min(f - k, 1.0)


@njit
def rail_pose(b, path, s):
    """x, y, aircraft heading at arc length s; linear between points, the heading along the shorter arc."""
    k, t = rail_index(b, path, s)
    turn = b.path_h[k + 1] - b.path_h[k]
    turn -= 2.0 * math.pi * math.floor(turn / (2.0 * math.pi) + 0.5)
    x = b.path_x[k] + t * (b.path_x[k + 1] - b.path_x[k])
    y = b.path_y[k] + t * (b.path_y[k + 1] - b.path_y[k])
    return x, y, b.path_h[k] + t * turn


@njit
def rail_limit(b, path, s):
    k, _ = rail_index(b, path, s)
    return b.path_limit[k]


@njit
def set_shape(row, at, kind):
    """Write type `kind` into an aircraft row (columns of `Aircraft`): wheelbase, radius, three covering boxes."""
    span = at.span_m[kind]
    row[Aircraft.TYPE] = kind
    row[Aircraft.WHEELBASE] = at.wheelbase_m[kind]
    row[Aircraft.RADIUS] = at.radius_m[kind]
    nose_m = at.wheelbase_m[kind] + at.nose_to_gear_m[kind]
    for box in range(3):
        row[Aircraft.FUSE_FRONT + 3 * box] = -NEVER_M
        row[Aircraft.FUSE_REAR + 3 * box] = NEVER_M
        row[Aircraft.FUSE_HALF + 3 * box] = 0.0
    for k in range(at.num_parts[kind]):
        half = 0.0
        front = -NEVER_M
        rear = NEVER_M
        for v in range(at.part_nv[kind, k]):
            half = max(half, abs(at.part_y[kind, k, v]))
            front = max(front, at.part_x[kind, k, v])
            rear = min(rear, at.part_x[kind, k, v])
        box = 1
        if half < 0.085 * span:
            box = 0
        elif front + rear < -at.tail_m[kind] and half < 0.25 * span:
            box = 2
        c = Aircraft.FUSE_FRONT + 3 * box
        row[c] = max(row[c], front)
        row[c + 1] = min(row[c + 1], rear)
        row[c + 2] = max(row[c + 2], half)
    row[Aircraft.FUSE_FRONT] = max(row[Aircraft.FUSE_FRONT], nose_m)
    row[Aircraft.FUSE_REAR] = min(row[Aircraft.FUSE_REAR], -at.tail_m[kind])


@njit
def boxes_meet(ax, ay, ac, as_, al, aw, bx, by, bc, bs, bl, bw):
    """Two oriented boxes (centre, cos, sin, half length, half width) overlap: separating axes."""
    dx = bx - ax
    dy = by - ay
    c = abs(ac * bc + as_ * bs)
    s = abs(ac * bs - as_ * bc)
    if abs(dx * ac + dy * as_) > al + bl * c + bw * s:
        return False
    if abs(dy * ac - dx * as_) > aw + bl * s + bw * c:
        return False
    if abs(dx * bc + dy * bs) > bl + al * c + aw * s:
        return False
    return abs(dy * bc - dx * bs) <= bw + al * s + aw * c


@njit
def meets_box(row, x, y, c, s, bx, by, bc, bs, bl, bw):
    """An aircraft (row gives its boxes) posed at x, y, (c, s) overlaps one box."""
    for k in range(3):
        front = row[Aircraft.FUSE_FRONT + 3 * k]
        rear = row[Aircraft.FUSE_REAR + 3 * k]
        if front < rear:
            continue
        mid = 0.5 * (front + rear)
        half = 0.5 * (front - rear)
        if boxes_meet(x + mid * c, y + mid * s, c, s, half, row[Aircraft.FUSE_HALF + 3 * k], bx, by, bc, bs, bl, bw):
            return True
    return False


@njit
def meets_aircraft(row, x, y, c, s, other, ox, oy, oc, os, margin_m):
    """Two posed aircraft come within about `margin_m` of each other (boxes of `other` grown by it)."""
    for k in range(3):
        front = other[Aircraft.FUSE_FRONT + 3 * k]
        rear = other[Aircraft.FUSE_REAR + 3 * k]
        if front < rear:
            continue
        mid = 0.5 * (front + rear)
        length = 0.5 * (front - rear) + margin_m
        width = other[Aircraft.FUSE_HALF + 3 * k] + margin_m
        if meets_box(row, x, y, c, s, ox + mid * oc, oy + mid * os, oc, os, length, width):
            return True
    return False


@njit
def meets_point(row, x, y, c, s, px, py, margin_m):
    """A point lies within `margin_m` of the boxes of a posed aircraft."""
    u = (px - x) * c + (py - y) * s
    v = abs((py - y) * c - (px - x) * s)
    for k in range(3):
        if (
            row[Aircraft.FUSE_REAR + 3 * k] - margin_m < u < row[Aircraft.FUSE_FRONT + 3 * k] + margin_m
            and v < row[Aircraft.FUSE_HALF + 3 * k] + margin_m
        ):
            return True
    return False


@njit
def limit_ahead(b, path, s, speed_mps, brake_mps2):
    """Largest speed now that still keeps every path limit within braking distance."""
    best = rail_limit(b, path, s)
    step_m = max(speed_mps * speed_mps / (2.0 * brake_mps2) / 6.0, 0.5)
    for k in range(1, 7):
        ahead_m = k * step_m
        limit = rail_limit(b, path, s + ahead_m)
        if limit < best:
            best = min(best, math.sqrt(limit * limit + 2.0 * brake_mps2 * ahead_m))
    return best


@njit
def drive(row, stop_s, obstacle_s, top_mps, accel_mps2, brake_mps2, emergency_mps2):
    """One tick along the rail towards the nearer of `stop_s` and `obstacle_s`; braking is harder only for an obstacle.

    v = sqrt(2 * 0.85 * brake * distance) leaves room for the discrete step, so the nominal brake is not exceeded.
    """
    speed = row[Aircraft.SPEED]
    room_m = min(stop_s, obstacle_s) - row[Aircraft.S]
    target = 0.0
    if room_m > 0.02:
        target = min(top_mps, math.sqrt(2.0 * 0.85 * brake_mps2 * room_m))
    brake = brake_mps2
    obstacle_m = obstacle_s - row[Aircraft.S]
    if speed * speed > 2.0 * brake_mps2 * max(obstacle_m, 0.0):
        brake = emergency_mps2
    change = min(max(target - speed, -brake * DT_S), accel_mps2 * DT_S)
    speed = max(speed + change, 0.0)
    row[Aircraft.SPEED] = speed
    row[Aircraft.S] += speed * DT_S


@njit
def tug_pose(row, b, push_path):
    """Nose-wheel position and heading of a tug that retraces the push: where it was with the aircraft at TUG_S."""
    x, y, h = rail_pose(b, push_path, row[Aircraft.TUG_S])
    return x + row[Aircraft.WHEELBASE] * math.cos(h), y + row[Aircraft.WHEELBASE] * math.sin(h), h


@njit
def body_stop_s(row, b, path, end, reach_m, body, margin_m):
    """Arc length at which the aircraft must stop for a body in its swept corridor; NEVER_M if it is not in the way.

    body: row of `Body` columns. One already inside the margin counts only if the aircraft would come closer than 0.3 m.
    Poses lie on a fixed grid of the path up to arc length `end`, so the answer does not wander while the aircraft
    rolls up to it.
    """
    s = row[Aircraft.S]
    mid = 0.5 * (body[Body.FRONT] - body[Body.REAR])
    bx = body[Body.X] + mid * body[Body.COS]
    by = body[Body.Y] + mid * body[Body.SIN]
    length = 0.5 * (body[Body.FRONT] + body[Body.REAR])
    width = body[Body.HALF_WIDTH]
    if body[Body.SHAPE] < 0.0:
        length = width
    round_m = row[Aircraft.RADIUS] + length + width + margin_m
    x, y, h = rail_pose(b, path, s)
    if (bx - x) ** 2 + (by - y) ** 2 > (round_m + reach_m) ** 2:
        return NEVER_M
    bc = body[Body.COS]
    bs = body[Body.SIN]
    if bc == 0.0 and bs == 0.0:
        bc = 1.0
    c = math.cos(h)
    sn = math.sin(h)
    margin = margin_m
    if meets_box(row, x, y, c, sn, bx, by, bc, bs, length + margin, width + margin):
        margin = 0.3
    grid_s = math.floor(s / RAIL_STEP_M) * RAIL_STEP_M
    while grid_s < min(s + reach_m, end):
        grid_s += RAIL_STEP_M
        x, y, h = rail_pose(b, path, min(grid_s, end))
        if (bx - x) ** 2 + (by - y) ** 2 > round_m * round_m:
            continue
        c = math.cos(h)
        sn = math.sin(h)
        side_m = abs((by - y) * c - (bx - x) * sn)
        if side_m > row[Aircraft.WING_HALF] + length + width + margin:
            continue
        if meets_box(row, x, y, c, sn, bx, by, bc, bs, length + margin, width + margin):
            return grid_s - RAIL_STEP_M
    return NEVER_M
