"""Who stands near whom: circles about every vehicle and person of a tick, in columns that one pass can compare.

Most drivers have nobody within reach; saying so must not cost a visit to every body row. Entry i of `World.crowd` is
vehicle i, then come the people in body order; who is absent lies NOWHERE_M away.
"""

from enum import IntEnum

from airside_sim.columns import Body, Vehicle
from airside_sim.jit import njit

NOWHERE_M = 1e12
TRAIN_MARGIN_M = 2.0


class Circle(IntEnum):
    """Rows of `World.crowd`."""

    X = 0
    Y = 1
    RADIUS = 2


@njit
def gather_crowd(vehicle, body, crowd, person0):
    """Write crowd (3, V + P) from vehicle (V, Vehicle) and body (N, Body); people are rows person0 and up."""
    vehicles = vehicle.shape[0]
    for u in range(vehicles):
        first = int(vehicle[u, Vehicle.BODY])
        is_here = vehicle[u, Vehicle.ACTIVE] != 0.0
        crowd[Circle.X, u] = body[first, Body.X] if is_here else NOWHERE_M
        crowd[Circle.Y, u] = body[first, Body.Y]
        crowd[Circle.RADIUS, u] = vehicle[u, Vehicle.LENGTH] + TRAIN_MARGIN_M + body[first, Body.RADIUS]
    for i in range(vehicles, crowd.shape[1]):
        n = person0 + i - vehicles
        crowd[Circle.X, i] = body[n, Body.X] if body[n, Body.CLASS] >= 0.0 else NOWHERE_M
        crowd[Circle.Y, i] = body[n, Body.Y]
        crowd[Circle.RADIUS, i] = body[n, Body.RADIUS]


@njit
def _count_within(xs, ys, radii, x, y, far_m):
    """How many circles come within far_m of a point. Without a branch, so that it runs on several at a time."""
    count = 0
    for i in range(xs.shape[0]):
        dx = xs[i] - x
        dy = ys[i] - y
        limit = far_m + radii[i]
        count += dx * dx + dy * dy < limit * limit
    return count


@njit
def find_close(crowd, close, x, y, far_m, own, leader):
    """Entries other than `own` and `leader` whose circles come within far_m of a point, written to close; -> count."""
    xs = crowd[Circle.X]
    ys = crowd[Circle.Y]
    radii = crowd[Circle.RADIUS]
    if _count_within(xs, ys, radii, x, y, far_m) <= 1:  # nobody else
        return 0
    count = 0
    for i in range(xs.shape[0]):
        dx = xs[i] - x
        dy = ys[i] - y
        limit = far_m + radii[i]
        if dx * dx + dy * dy < limit * limit and i != own and i != leader:
            close[count] = i
            count += 1
    return count
