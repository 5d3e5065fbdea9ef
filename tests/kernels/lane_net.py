"""Hand-made lanes for the tests of ground traffic: `net_from` gives the part of a MapBank that vehicle kernels read."""

from typing import NamedTuple

import numpy as np

from airside_sim.by_reference import by_reference
from airside_sim.constants import LaneKind
from airside_sim.kernels.lane_rail import MapIds
from airside_sim.vehicles import VEHICLES
from airside_sim.world import LANES_PER_VEHICLE, Aircraft, Crossing, Stand, Vehicle


@by_reference
class LaneBank(NamedTuple):
    """The fields of a MapBank that vehicle kernels read."""

    lane_pt0: np.ndarray
    lane_len: np.ndarray
    lane_ds: np.ndarray
    lane_kind: np.ndarray
    lane_junction: np.ndarray
    lane_succ0: np.ndarray
    lane_succ: np.ndarray
    lane_pred0: np.ndarray
    lane_pred: np.ndarray
    pt_x: np.ndarray
    pt_y: np.ndarray
    pt_h: np.ndarray
    pt_limit: np.ndarray
    feat0: np.ndarray
    feat_kind: np.ndarray
    feat_id: np.ndarray
    feat_s_stop: np.ndarray
    feat_s_in: np.ndarray
    feat_s_out: np.ndarray
    dest_lane: np.ndarray
    dest_s: np.ndarray
    next_lane: np.ndarray
    cross_len_m: np.ndarray


@by_reference
class LaneWorld(NamedTuple):
    """The fields of a World of one env that `scan_path` reads."""

    vehicle: np.ndarray
    crossing: np.ndarray
    stand: np.ndarray
    walk_crossing: np.ndarray
    aircraft: np.ndarray
    lane_head: np.ndarray
    lane_next: np.ndarray


def lane_world(vehicles: np.ndarray, num_lanes: int) -> LaneWorld:
    """World of the given vehicle rows (V, Vehicle), nothing else in it."""
    return LaneWorld(
        vehicles[None], np.zeros((1, 1, len(Crossing))), np.zeros((1, 1, len(Stand))), np.zeros((1, 1, 4)),
        np.zeros((1, 1, len(Aircraft))), np.full((1, num_lanes), -1, np.int32),
        np.full((1, len(vehicles) * LANES_PER_VEHICLE), -1, np.int32),
    )  # fmt: skip


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
) -> tuple[LaneBank, MapIds]:
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
    bank = LaneBank(
        lane_pt0=pt0, lane_len=length, lane_ds=np.array([s.mean() for s in steps]),
        lane_kind=np.full(num, LaneKind.ROAD.value, np.int32),
        lane_junction=np.array(junction if junction is not None else [-1] * num, np.int32),
        lane_succ0=offsets(succ), lane_succ=flat(succ), lane_pred0=offsets(pred), lane_pred=flat(pred),
        pt_x=points[:, 0].copy(), pt_y=points[:, 1].copy(), pt_h=headings, pt_limit=np.full(len(points), limit_mps),
        feat0=np.zeros(num + 1, np.int32), feat_kind=none, feat_id=none, feat_s_stop=nothing, feat_s_in=nothing,
        feat_s_out=nothing, dest_lane=np.arange(num, dtype=np.int32), dest_s=length - 1.0, next_lane=next_lane,
        cross_len_m=nothing,
    )  # fmt: skip
    return bank, MapIds(0, num, 0, num, 0, 0, 0, 0, 0)


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
