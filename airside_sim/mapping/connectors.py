"""The way through a junction: a smooth curve from the end of one lane to the start of another.

Several candidates are drawn (tangent arc, Bezier, filleted path over the junction's inner roads) and the one with the
widest turn that stays near the inner path wins. Dead ends get a teardrop loop.
"""

import math

import numpy as np
import shapely
from shapely.geometry import LineString

from airside_sim.mapping.curves import Curve, bezier, fillet, has_no_loop, join, make_curve, min_radius, straight, wrap

GOOD_RADIUS_M = 12.0  # a bus's turning circle: more is no better
LOOP_RADIUS_M = 6.0
UTURN_RAD = math.radians(25.0)
KNOT_PENALTY = 100.0
KINK_RAD = math.radians(1.0)
DETOUR_M = 3.0  # how far a candidate may stray from the inner path before it is marked down


def connect(start_xy: np.ndarray, start_h: float, end_xy: np.ndarray, end_h: float, via: np.ndarray) -> Curve:
    """Best curve from one pose to another; `via` (k, 2) are the corners of the inner path between them."""
    guide = LineString(np.vstack([start_xy, via, end_xy]) if len(via) else np.vstack([start_xy, end_xy]))
    best, best_score = None, -math.inf
    for curve in _candidates(start_xy, start_h, end_xy, end_h, via):
        stray = 0.0 if _turns_back(curve) else float(shapely.distance(shapely.points(curve.xy[::4]), guide).max())
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


def _turns_back(curve: Curve) -> bool:
    """A loop of more than 180 degrees: it leaves the straight line between its ends on purpose."""
    return bool(np.ptp(curve.h) > math.radians(200.0))


def _candidates(start_xy, start_h: float, end_xy, end_h: float, via: np.ndarray):
    """Curves to choose from, the likeliest first."""
    gap = math.dist(start_xy, end_xy)
    bearing = math.atan2(end_xy[1] - start_xy[1], end_xy[0] - start_xy[0])
    if abs(wrap(bearing - start_h)) + abs(wrap(end_h - start_h)) < 1e-6:
        yield straight(start_xy, end_xy)
    corner = _ray_meeting(start_xy, start_h, end_xy, end_h)
    if corner is not None:
        yield fillet(np.vstack([start_xy, corner, end_xy]), lambda turn: 1e3)
    if abs(wrap(end_h + math.pi - start_h)) < UTURN_RAD and gap < 2.0 * LOOP_RADIUS_M:
        yield turning_loop(start_xy, start_h, end_xy, end_h)
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


def turning_loop(start_xy, start_h: float, end_xy, end_h: float, radius_m: float = LOOP_RADIUS_M) -> Curve:
    """Teardrop from a lane's end back into the lane beside it: swing out, come round on the big circle, swing in.

    With lateral gap g between the lanes, the circles of swing and loop touch when their centres lie 2R apart:
    reach^2 = (2R)^2 - (g/2 + R)^2. The swings are Beziers, so that the lanes need not be quite parallel.
    """
    mean_h = start_h + 0.5 * wrap(end_h + math.pi - start_h)
    ahead = np.array([math.cos(mean_h), math.sin(mean_h)])
    left = np.array([-ahead[1], ahead[0]])
    between = np.asarray(end_xy) - start_xy
    side = math.copysign(1.0, float(between @ left))
    gap = abs(float(between @ left))
    radius = max(radius_m, gap / 2.0)
    reach = math.sqrt(max(0.0, (2.0 * radius) ** 2 - (gap / 2.0 + radius) ** 2))
    swing = math.atan2(reach, gap / 2.0 + radius)
    level = max(0.0, float(between @ ahead))
    centre = start_xy + (reach + level) * ahead + side * gap / 2.0 * left
    turn = np.linspace(-swing, math.pi + swing, 160)
    arc_xy = centre + radius * (np.sin(turn)[:, None] * ahead - side * np.cos(turn)[:, None] * left)
    arc = make_curve(arc_xy, mean_h + side * turn)
    if swing < 0.02:
        return join([bezier(start_xy, start_h, arc.xy[0], arc.h[0], 0.5), arc])
    handle = 4.0 / 3.0 * math.tan(swing / 4.0) * radius + level / 3.0
    swing_out = bezier(start_xy, start_h, arc.xy[0], float(arc.h[0]), handle)
    swing_in = bezier(arc.xy[-1], float(arc.h[-1]), end_xy, end_h, handle)
    return join([swing_out, arc, swing_in])
