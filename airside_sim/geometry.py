"""Exact plane geometry of segments, boxes and convex polygons, scalar in and scalar out.

A box is axis-aligned in its own frame: x in [low_x, high_x], |y| <= half_y. Callers bring the other shape into that
frame, so no corner array is ever needed. Distances come squared (suffix `_d2`), 0 on contact.
"""

import math

from airside_sim.jit import njit


@njit
def point_box_d2(x, y, low_x, high_x, half_y):
    """Squared distance from a point to a box, 0 inside."""
    dx = max(low_x - x, x - high_x, 0.0)
    dy = max(abs(y) - half_y, 0.0)
    return dx * dx + dy * dy


@njit
def point_segment_d2(x, y, x0, y0, x1, y1):
    """Squared distance from a point to a segment (which may be a point)."""
    ex = x1 - x0
    ey = y1 - y0
    wx = x - x0
    wy = y - y0
    length2 = ex * ex + ey * ey
    t = 0.0
    if length2 > 0.0:
        t = min(1.0, max(0.0, (wx * ex + wy * ey) / length2))
    dx = wx - t * ex
    dy = wy - t * ey
    return dx * dx + dy * dy


@njit
def segment_meets_box(x0, y0, x1, y1, low_x, high_x, half_y):
    """True when a segment touches a box: separating axes are the box's two and the segment's normal."""
    if max(x0, x1) < low_x or min(x0, x1) > high_x or max(y0, y1) < -half_y or min(y0, y1) > half_y:
        return False
    nx = y0 - y1
    ny = x1 - x0
    mid_x = 0.5 * (low_x + high_x)
    offset = abs(nx * (x0 - mid_x) + ny * y0)
    return offset <= abs(nx) * 0.5 * (high_x - low_x) + abs(ny) * half_y


@njit
def segment_box_d2(x0, y0, x1, y1, low_x, high_x, half_y):
    """Squared distance from a segment to a box, 0 on contact: exact, as both are convex."""
    if segment_meets_box(x0, y0, x1, y1, low_x, high_x, half_y):
        return 0.0
    d2 = min(point_box_d2(x0, y0, low_x, high_x, half_y), point_box_d2(x1, y1, low_x, high_x, half_y))
    d2 = min(d2, point_segment_d2(low_x, half_y, x0, y0, x1, y1))
    d2 = min(d2, point_segment_d2(low_x, -half_y, x0, y0, x1, y1))
    d2 = min(d2, point_segment_d2(high_x, half_y, x0, y0, x1, y1))
    return min(d2, point_segment_d2(high_x, -half_y, x0, y0, x1, y1))


@njit
def boxes_meet(x, y, c, s, low_x, high_x, half_y, other_low, other_high, other_half):
    """True when two boxes touch; (x, y, c, s) is the other's origin and heading in the first one's frame."""
    mid = 0.5 * (low_x + high_x)
    half_x = 0.5 * (high_x - low_x)
    other_mid = 0.5 * (other_low + other_high)
    other_half_x = 0.5 * (other_high - other_low)
    dx = x + other_mid * c - mid
    dy = y + other_mid * s
    ac = abs(c)
    sc = abs(s)
    if abs(dx) > half_x + other_half_x * ac + other_half * sc:
        return False
    if abs(dy) > half_y + other_half_x * sc + other_half * ac:
        return False
    if abs(dx * c + dy * s) > other_half_x + half_x * ac + half_y * sc:
        return False
    return abs(-dx * s + dy * c) <= other_half + half_x * sc + half_y * ac


@njit
def wrap_angle(angle_rad):
    """Angle in [-pi, pi). (`math.remainder` does not exist in numba.)"""
    return angle_rad - 2.0 * math.pi * math.floor(angle_rad / (2.0 * math.pi) + 0.5)
