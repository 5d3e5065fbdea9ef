"""Where the ego is along its route: projections of rear axle and front bumper on the one-metre polyline.

The search looks only near the last projection, so a route that crosses itself cannot swap branches.
"""

import math

from airside_sim.columns import Ego, Episode, Route
from airside_sim.constants import ROUTE_STEP_M
from airside_sim.geometry import wrap_angle
from airside_sim.jit import njit

BACK_POINTS = 4
AHEAD_POINTS = 6


@njit
def project(route, e, num_points, x, y, s_near):
    """(arc length, signed distance, left positive) of the nearest polyline point around s_near."""
    middle = math.floor(s_near / ROUTE_STEP_M)
    first = min(max(middle - BACK_POINTS, 0), num_points - 2)
    last = min(max(middle + AHEAD_POINTS, first), num_points - 2)
    best_d2 = 1e18
    best_s = s_near
    side = 1.0
    for n in range(first, last + 1):
        x0 = route[e, n, Route.X]
        y0 = route[e, n, Route.Y]
        ex = route[e, n + 1, Route.X] - x0
        ey = route[e, n + 1, Route.Y] - y0
        wx = x - x0
        wy = y - y0
        t = min(1.0, max(0.0, (wx * ex + wy * ey) / max(1e-12, ex * ex + ey * ey)))
        dx = wx - t * ex
        dy = wy - t * ey
        d2 = dx * dx + dy * dy
        if d2 < best_d2:
            best_d2 = d2
            best_s = (n + t) * ROUTE_STEP_M
            side = 1.0 if ex * wy - ey * wx >= 0.0 else -1.0
    return best_s, side * math.sqrt(best_d2)


@njit
def update_progress(e, w, vt, p):
    """Write S_REAR, S_FRONT, LATERAL and HEADING_ERROR of `Episode`; at tick 0 S_MAX too."""
    num_points = int(w.episode[e, Episode.ROUTE_POINTS])
    vehicle = int(w.ego[e, Ego.VEHICLE])
    x = w.ego[e, Ego.X]
    y = w.ego[e, Ego.Y]
    heading = w.ego[e, Ego.HEADING]
    s_rear, lateral = project(w.route, e, num_points, x, y, w.episode[e, Episode.S_REAR])
    front_m = vt.front_m[vehicle]
    s_front, _ = project(
        w.route, e, num_points, x + front_m * math.cos(heading), y + front_m * math.sin(heading),
        w.episode[e, Episode.S_FRONT],
    )  # fmt: skip
    n = min(max(int(s_rear / ROUTE_STEP_M), 0), num_points - 2)
    way = math.atan2(
        w.route[e, n + 1, Route.Y] - w.route[e, n, Route.Y], w.route[e, n + 1, Route.X] - w.route[e, n, Route.X]
    )
    w.episode[e, Episode.S_REAR] = s_rear
    w.episode[e, Episode.S_FRONT] = s_front
    w.episode[e, Episode.LATERAL] = lateral
    w.episode[e, Episode.HEADING_ERROR] = wrap_angle(heading - way)
    if w.episode[e, Episode.TICK] == 0.0:
        w.episode[e, Episode.S_MAX] = s_front
        w.episode[e, Episode.STALL_MARK] = s_front
