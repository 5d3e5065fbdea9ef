"""Exact distance between one ego body (a box) and everything else: convex polygons, boxes, discs, segments.

Polygons are streamed edge by edge through the box's frame; nothing is copied. `body` arguments are the row arrays
`World.ego_body[e]` (EGO_BODIES, Body) or `World.body[e]` (N, Body) with a row index.
"""

import math

from airside_sim.columns import Body
from airside_sim.geometry import boxes_meet, point_box_d2, segment_box_d2, segment_meets_box
from airside_sim.jit import njit


@njit
def polygon_box_d2(xs, ys, num, x, y, c, s, low_x, high_x, half_y, limit_d2):
    """Squared distance from a convex polygon to a box, 0 on overlap; exact below limit_d2, else at least that.

    xs, ys: (>= num,) vertices in any turn; (x, y, c, s): the polygon frame's origin and heading in the box's frame.
    """
    mid_x = 0.5 * (low_x + high_x)
    best = limit_d2
    num_left = 0
    num_right = 0
    ax = x + c * xs[num - 1] - s * ys[num - 1]
    ay = y + s * xs[num - 1] + c * ys[num - 1]
    for i in range(num):
        bx = x + c * xs[i] - s * ys[i]
        by = y + s * xs[i] + c * ys[i]
        # the edge's own bounding box first: most edges end here, without a division
        dx = max(min(ax, bx) - high_x, low_x - max(ax, bx), 0.0)
        dy = max(min(ay, by) - half_y, -half_y - max(ay, by), 0.0)
        if dx * dx + dy * dy < best:
            best = min(best, segment_box_d2(ax, ay, bx, by, low_x, high_x, half_y))
            if best == 0.0:
                return 0.0
        if (bx - ax) * (0.0 - ay) - (by - ay) * (mid_x - ax) >= 0.0:
            num_left += 1
        else:
            num_right += 1
        ax = bx
        ay = by
    if num_left == num or num_right == num:  # the box lies wholly inside
        return 0.0
    return best


@njit
def _relative(ego, k, x, y):
    """Point (x, y) of the map in the frame of ego body k."""
    dx = x - ego[k, Body.X]
    dy = y - ego[k, Body.Y]
    c = ego[k, Body.COS]
    s = ego[k, Body.SIN]
    return c * dx + s * dy, c * dy - s * dx


@njit
def aircraft_distance(ego, k, body, n, part_nv, part_x, part_y, part_cx, part_cy, part_r, num_parts, limit_m):
    """Distance from ego body k to aircraft body n, exact when below limit_m, else limit_m. 0 = contact."""
    t = int(body[n, Body.SHAPE])
    x, y = _relative(ego, k, body[n, Body.X], body[n, Body.Y])
    c = ego[k, Body.COS] * body[n, Body.COS] + ego[k, Body.SIN] * body[n, Body.SIN]
    s = ego[k, Body.COS] * body[n, Body.SIN] - ego[k, Body.SIN] * body[n, Body.COS]
    low_x = -ego[k, Body.REAR]
    high_x = ego[k, Body.FRONT]
    half_y = ego[k, Body.HALF_WIDTH]
    best = limit_m
    for part in range(num_parts[t]):
        px = x + c * part_cx[t, part] - s * part_cy[t, part]
        py = y + s * part_cx[t, part] + c * part_cy[t, part]
        reach = best + part_r[t, part]
        if point_box_d2(px, py, low_x, high_x, half_y) > reach * reach:
            continue
        d2 = polygon_box_d2(
            part_x[t, part], part_y[t, part], part_nv[t, part], x, y, c, s, low_x, high_x, half_y, best * best
        )
        if d2 < best * best:
            best = math.sqrt(d2)
        if best == 0.0:
            break
    return best


@njit
def disc_distance(ego, k, x, y, radius_m):
    """Distance from ego body k to a disc's edge, 0 on contact."""
    u, v = _relative(ego, k, x, y)
    d2 = point_box_d2(u, v, -ego[k, Body.REAR], ego[k, Body.FRONT], ego[k, Body.HALF_WIDTH])
    return max(0.0, math.sqrt(d2) - radius_m)


@njit
def touches_box(ego, k, body, n):
    """True when ego body k touches the box of body n."""
    x, y = _relative(ego, k, body[n, Body.X], body[n, Body.Y])
    c = ego[k, Body.COS] * body[n, Body.COS] + ego[k, Body.SIN] * body[n, Body.SIN]
    s = ego[k, Body.COS] * body[n, Body.SIN] - ego[k, Body.SIN] * body[n, Body.COS]
    return boxes_meet(
        x, y, c, s, -ego[k, Body.REAR], ego[k, Body.FRONT], ego[k, Body.HALF_WIDTH],
        -body[n, Body.REAR], body[n, Body.FRONT], body[n, Body.HALF_WIDTH],
    )  # fmt: skip


@njit
def touches_segment(ego, k, x0, y0, x1, y1):
    """True when ego body k touches a segment of the map."""
    u0, v0 = _relative(ego, k, x0, y0)
    u1, v1 = _relative(ego, k, x1, y1)
    return segment_meets_box(u0, v0, u1, v1, -ego[k, Body.REAR], ego[k, Body.FRONT], ego[k, Body.HALF_WIDTH])


@njit
def touches_quad(ego, k, quad):
    """True when ego body k touches a convex quad x0 y0 .. x3 y3 (row of `World.hazard`)."""
    low_x = -ego[k, Body.REAR]
    high_x = ego[k, Body.FRONT]
    half_y = ego[k, Body.HALF_WIDTH]
    mid_x = 0.5 * (low_x + high_x)
    num_left = 0
    ax, ay = _relative(ego, k, quad[6], quad[7])
    for i in range(4):
        bx, by = _relative(ego, k, quad[2 * i], quad[2 * i + 1])
        if segment_meets_box(ax, ay, bx, by, low_x, high_x, half_y):
            return True
        if (bx - ax) * (0.0 - ay) - (by - ay) * (mid_x - ax) >= 0.0:
            num_left += 1
        ax = bx
        ay = by
    return num_left == 4 or num_left == 0
