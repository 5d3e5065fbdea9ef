"""True outlines of bodies as shapely polygons and the overlaps between them: for checks, not for the step."""

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from airside_sim.aircraft_types import AIRCRAFT, AircraftTable
from airside_sim.columns import Body
from airside_sim.constants import ActorClass
from airside_sim.world import World

TOUCH_M2 = 1e-4  # shared area below this is contact of rounding, not overlap


def outline(body: np.ndarray, types: AircraftTable = AIRCRAFT) -> BaseGeometry:
    """Outline of one `Body` row in map metres: box, disc, or the convex parts of an aircraft."""
    x, y, c, s = body[[Body.X, Body.Y, Body.COS, Body.SIN]]
    if body[Body.CLASS] == ActorClass.PERSONNEL:
        return Point(x, y).buffer(body[Body.HALF_WIDTH])
    if body[Body.CLASS] == ActorClass.AIRCRAFT:
        kind = int(body[Body.SHAPE])
        parts = []
        for k in range(int(types.num_parts[kind])):
            n = int(types.part_nv[kind, k])
            parts.append(_placed(types.part_x[kind, k, :n], types.part_y[kind, k, :n], x, y, c, s))
        return shapely.union_all(parts)
    front, rear, half = body[[Body.FRONT, Body.REAR, Body.HALF_WIDTH]]
    return _placed(np.array([front, front, -rear, -rear]), np.array([half, -half, -half, half]), x, y, c, s)


def _placed(u: np.ndarray, v: np.ndarray, x: float, y: float, c: float, s: float) -> Polygon:
    return Polygon(np.stack([x + u * c - v * s, y + u * s + v * c], axis=1))


def overlapping_pairs(world: World, e: int) -> list[tuple[int, int]]:
    """Background bodies of env e that overlap, as slot pairs.

    Bodies of one articulated actor (same OWNER) are not compared: drawbars join them. Nor is a tug with the aircraft
    it is coupled to: its slot is the aircraft's plus the number of aircraft.
    """
    bodies = world.body[e]
    num_aircraft = world.aircraft.shape[1]
    present = np.flatnonzero(bodies[:, Body.CLASS] >= 0)
    rows = bodies[present]
    gap = np.hypot(rows[:, None, Body.X] - rows[None, :, Body.X], rows[:, None, Body.Y] - rows[None, :, Body.Y])
    near = np.triu(gap < rows[:, None, Body.RADIUS] + rows[None, :, Body.RADIUS], 1)
    near &= rows[:, None, Body.OWNER] != rows[None, :, Body.OWNER]
    shapes: dict[int, BaseGeometry] = {}
    pairs = []
    for i, j in zip(*np.nonzero(near), strict=True):
        a, b = int(present[i]), int(present[j])
        if b - a == num_aircraft and a < num_aircraft:
            continue
        for k in (a, b):
            if k not in shapes:
                shapes[k] = outline(bodies[k])
        if shapes[a].intersects(shapes[b]) and shapes[a].intersection(shapes[b]).area > TOUCH_M2:
            pairs.append((a, b))
    return pairs


def ego_contacts(world: World, e: int) -> list[tuple[int, int]]:
    """(ego body, background slot) pairs that touch in env e."""
    ego = [row for row in world.ego_body[e] if row[Body.CLASS] >= 0]
    hull = MultiPolygon([outline(row) for row in ego]) if ego else None
    found = []
    for k in np.flatnonzero(world.body[e, :, Body.CLASS] >= 0):
        row = world.body[e, k]
        if (
            hull is None
            or np.hypot(row[Body.X] - ego[0][Body.X], row[Body.Y] - ego[0][Body.Y]) > row[Body.RADIUS] + 40.0
        ):
            continue
        shape = outline(row)
        found += [(i, int(k)) for i, part in enumerate(hull.geoms) if part.intersects(shape)]
    return found
