"""The training apron at peak with a standing ego, and the exact outlines of everything on it, for soak tests."""

from functools import cache

import numpy as np
import shapely

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Body
from airside_sim.env_config import resolve
from airside_sim.sim import Simulator

TOLERANCE_M = 0.02


@cache
def peak_simulator(num_envs: int) -> Simulator:
    """One simulator for the session: compiling its kernels is most of the test's time."""
    config = resolve("apron", map="training_apron", obs_type="state", traffic=1.0, max_steps=0)
    return Simulator(config, num_envs)


def _box(row: np.ndarray) -> shapely.Polygon:
    c, s = row[Body.COS], row[Body.SIN]
    u = np.array([row[Body.FRONT], row[Body.FRONT], -row[Body.REAR], -row[Body.REAR]])
    v = row[Body.HALF_WIDTH] * np.array([1.0, -1.0, -1.0, 1.0])
    return shapely.Polygon(np.stack([row[Body.X] + c * u - s * v, row[Body.Y] + s * u + c * v], axis=1))


def _plane(row: np.ndarray) -> shapely.Geometry:
    kind, c, s = int(row[Body.SHAPE]), row[Body.COS], row[Body.SIN]
    parts = []
    for part in range(AIRCRAFT.num_parts[kind]):
        num = AIRCRAFT.part_nv[kind, part]
        u, v = AIRCRAFT.part_x[kind, part, :num], AIRCRAFT.part_y[kind, part, :num]
        parts.append(shapely.Polygon(np.stack([row[Body.X] + c * u - s * v, row[Body.Y] + s * u + c * v], axis=1)))
    return shapely.union_all(parts)


def outline(row: np.ndarray, is_aircraft: bool) -> shapely.Geometry:
    """Exact outline of a body row, shrunk by TOLERANCE_M."""
    if is_aircraft:
        shape = _plane(row)
    elif row[Body.SHAPE] < 0.0:
        shape = shapely.Point(row[Body.X], row[Body.Y]).buffer(row[Body.HALF_WIDTH])
    else:
        shape = _box(row)
    return shape.buffer(-TOLERANCE_M)


def overlaps(sim: Simulator, e: int) -> list[tuple[int, int]]:
    """Pairs of body slots whose outlines overlap; -1 is the ego. Bodies of one actor are not compared."""
    world = sim.world
    num_aircraft = world.aircraft.shape[1]
    body = world.body[e]
    slots = [int(n) for n in np.flatnonzero(body[:, Body.CLASS] >= 0.0)]
    shapes = [outline(body[n], n < num_aircraft) for n in slots]
    owners = [int(body[n, Body.OWNER]) for n in slots]
    for k in np.flatnonzero(world.ego_body[e, :, Body.CLASS] >= 0.0):
        slots.append(-1)
        owners.append(-1)
        shapes.append(_box(world.ego_body[e, k]))
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = zip(first.tolist(), second.tolist(), strict=True)
    return [(slots[i], slots[j]) for i, j in pairs if i < j and owners[i] != owners[j]]
