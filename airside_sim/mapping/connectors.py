"""The way through a junction: a smooth curve from the end of one lane to the start of another.

Several candidates are drawn (tangent arc, Bezier, filleted path over the junction's inner roads) and the one with the
widest turn that stays near the inner path wins. Dead ends get a teardrop loop.
"""

import math

import numpy as np
import shapely
from shapely.geometry import LineString

from airside_sim.mapping.curves import Curve, bezier, fillet, has_no_loop, make_curve, min_radius, straight, wrap

GOOD_RADIUS_M = 12.0  # a bus's turning circle: more is no better
LOOP_RADIUS_M = 6.0
KNOT_PENALTY = 100.0
KINK_RAD = math.radians(1.0)
DETOUR_M = 3.0  # how far a candidate may stray from the inner path before it is marked down


def connect(start_xy: np.ndarray, start_h: float, end_xy: np.ndarray, end_h: float, via: np.ndarray) -> Curve:
    """Best curve from one pose to another; `via` (k, 2) are the corners of the inner path between them."""
    guide = LineString(np.vstack([start_xy, via, end_xy]) if len(via) else np.vstack([start_xy, end_xy]))
    best, best_score = None, -math.inf
    for curve in _candidates(start_xy, start_h, end_xy, end_h, via):
        stray = float(shapely.distance(shapely.points(curve.xy[::4]), guide).max())
        radius = min_radius(curve)
        score = min(radius, GOOD_RADIUS_M) - 2.0 * max(0.0, stray - DETOUR_M) - 0.02 * curve.length
        score -= KNOT_PENALTY * (not has_no_loop(curve))
        score -= KNOT_PENALTY * (abs(wrap(curve.h[0] - start_h)) + abs(wrap(curve.h[-1] - end_h)) > KINK_RAD)
        if score > best_score:
            best, best_score = curve, score
        if best_score > 0.6 * GOOD_RADIUS_M and stray <= DETOUR_M:
            break
    assert best is not None, (start_xy, end_xy)
    return best


def _candidates(start_xy, start_h: float, end_xy, end_h: float, via: np.ndarray):
    """Curves to choose from, the likeliest first."""
    gap = math.dist(start_xy, end_xy)
    bearing = math.atan2(end_xy[1] - start_xy[1], end_xy[0] - start_xy[0])
    if abs(wrap(bearing - start_h)) + abs(wrap(end_h - start_h)) < 1e-6:
        yield straight(start_xy, end_xy)
    corner = _ray_meeting(start_xy, start_h, end_xy, end_h)
    if corner is not None:
        yield fillet(np.vstack([start_xy, corner, end_xy]), lambda turn: 1e3)
    for share in (0.33, 0.42, 0.55, 0.8, 1.2):
        yield bezier(start_xy, start_h, end_xy, end_h, share * gap)
    if len(via):
        reach = min(1.0, gap / 4.0)
        ahead = start_xy + reach * np.array([math.cos(start_h), math.sin(start_h)])
        back = end_xy - reach * np.array([math.cos(end_h), math.sin(end_h)])
        yield fillet(np.vstack([start_xy, ahead, via, back, end_xy]), lambda turn: GOOD_RADIUS_M, 5.0)


def _ray_meeting(a, ha: float, b, hb: float) -> np.ndarray | None:
    """Where the ray ahead of pose a meets the ray behind pose b, if both are at least half a metre long."""
    det = math.sin(hb - ha)
    if abs(det) < 1e-3:
        return None
    dx, dy = b[0] - a[0], b[1] - a[1]
    ta = (dx * math.sin(hb) - dy * math.cos(hb)) / det
    tb = (dx * math.sin(ha) - dy * math.cos(ha)) / det
    if ta < 0.5 or tb > -0.5:
        return None
    return np.array([a[0] + ta * math.cos(ha), a[1] + ta * math.sin(ha)])


def turning_loop(start_xy: np.ndarray, start_h: float, end_xy: np.ndarray, radius_m: float = LOOP_RADIUS_M) -> Curve:
    """Teardrop from a lane's end back into the lane beside it: swing out, come round on the big circle, swing in.

    With lateral gap g to the returning lane, circle centres lie 2R apart: reach^2 = (2R)^2 - (g/2 + R)^2.
    """
    ahead = np.array([math.cos(start_h), math.sin(start_h)])
    left = np.array([-ahead[1], ahead[0]])
    gap = float((end_xy - start_xy) @ left)
    side = math.copysign(1.0, gap)
    left, gap = left * side, abs(gap)
    radius = max(radius_m, gap / 2.0)
    reach = math.sqrt(max(0.0, (2.0 * radius) ** 2 - (gap / 2.0 + radius) ** 2))
    swing = math.atan2(reach, gap / 2.0 + radius)
    turn = np.concatenate(
        [
            -np.linspace(0.0, swing, 24),
            -swing + np.linspace(0.0, math.pi + 2.0 * swing, 120)[1:],
            math.pi + swing - np.linspace(0.0, swing, 24)[1:],
        ]
    )
    big = reach * ahead + gap / 2.0 * left
    xy = []
    for k, angle in enumerate(turn):
        if k < 24:
            centre, sign = -radius * left, -1.0
        elif k < 24 + 119:
            centre, sign = big, 1.0
        else:
            centre, sign = (gap + radius) * left, -1.0
        xy.append(centre + sign * radius * (math.sin(angle) * ahead - math.cos(angle) * left))
    return make_curve(start_xy + np.array(xy), start_h + side * turn)
