"""Hand-made lanes for the tests of ground traffic: `net_from` turns polylines into the `Net` that kernels read."""

import numpy as np

from airside_sim.constants import LaneKind
from airside_sim.kernels.lane_rail import Net, Rail, Way
from airside_sim.vehicles import VEHICLES
from airside_sim.world import Vehicle


def circle(radius_m: float, turn_rad: float, ds: float = 0.5) -> np.ndarray:
    """(n, 2) points of a left-hand arc about the origin, starting at (radius, 0)."""
    n = int(radius_m * turn_rad / ds)
    a = np.linspace(0.0, turn_rad, n + 1)
    return np.stack([radius_m * np.cos(a), radius_m * np.sin(a)], axis=1)


def straight(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    """(n, 2) points a metre apart."""
    n = round(np.hypot(x1 - x0, y1 - y0))
    return np.stack([np.linspace(x0, x1, n + 1), np.linspace(y0, y1, n + 1)], axis=1)


def net_from(
    lines: list[np.ndarray], links: list[tuple[int, int]], junction: list[int] | None = None, limit_mps: float = 8.0
) -> Net:
    """Lanes of the given lines and successor links; one destination at the end of each lane, none elsewhere."""
    num = len(lines)
    pt0 = np.concatenate([[0], np.cumsum([len(p) for p in lines])]).astype(np.int32)
    steps = [np.hypot(*np.diff(p, axis=0).T) for p in lines]
    points = np.concatenate(lines)
    headings = np.concatenate([np.arctan2(*np.gradient(p, axis=0).T[::-1]) for p in lines])
    succ = [[b for a, b in links if a == k] for k in range(num)]
    pred = [[a for a, b in links if b == k] for k in range(num)]

    def offsets(lists: list[list[int]]) -> np.ndarray:
        return np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int32)

    def flat(lists: list[list[int]]) -> np.ndarray:
        return np.array([k for one in lists for k in one] or [-1], dtype=np.int32)

    next_lane = np.full(num * num, -1, np.int32)
    for dest in range(num):
        reached = {dest}
        while True:
            new = {a for a, b in links if b in reached} - reached
            if not new:
                break
            for a in new:
                next_lane[dest * num + a] = next(b for b in succ[a] if b in reached)
            reached |= new
    none = np.zeros(0, np.int32)
    nothing = np.zeros(0)
    length = np.array([s.sum() for s in steps])
    rail = Rail(pt0, length, np.array([s.mean() for s in steps]), points[:, 0].copy(), points[:, 1].copy())
    way = Way(0, num, 0, num, 0, next_lane)
    return Net(
        rail, way, np.full(num, LaneKind.ROAD.value, np.int32),
        np.array(junction if junction is not None else [-1] * num, np.int32), offsets(succ), flat(succ),
        offsets(pred), flat(pred), headings, np.full(len(points), limit_mps), np.zeros(num + 1, np.int32),
        none, none, nothing, nothing, nothing, np.arange(num, dtype=np.int32), length - 1.0,
    )  # fmt: skip


def vehicle_row(lane: int, s: float, cls: int = 0, trailers: int = 0, dest: int = -1) -> np.ndarray:
    """One active row of `World.vehicle`."""
    from airside_sim.kernels.vehicles_spawn import mover_length

    row = np.zeros(len(Vehicle))
    row[Vehicle.PREV_LANE0 : Vehicle.PREV_LANE5 + 1] = -1.0
    for column in (
        Vehicle.HELD_JUNCTION, Vehicle.HELD_JUNCTION2, Vehicle.ASK, Vehicle.ASK2, Vehicle.NEXT_DEST, Vehicle.LEADER,
    ):  # fmt: skip
        row[column] = -1.0
    row[Vehicle.ACTIVE] = 1.0
    row[Vehicle.LANE] = lane
    row[Vehicle.S] = s
    row[Vehicle.CLASS] = cls
    row[Vehicle.TRAILERS] = trailers
    row[Vehicle.LENGTH] = mover_length(VEHICLES, cls, trailers)
    row[Vehicle.DEST] = dest
    return row
