"""Hand-made lanes for the tests of ground traffic: `net_from` gives the part of a MapBank that vehicle kernels read."""

from typing import NamedTuple

import numpy as np

from airside_sim.by_reference import by_reference
from airside_sim.columns import (
    LANES_PER_VEHICLE,
    LOCKS_PER_VEHICLE,
    Aircraft,
    Crossing,
    Ego,
    Episode,
    Junction,
    Route,
    Stand,
    Vehicle,
)
from airside_sim.constants import LaneKind
from airside_sim.kernels.junctions import LONG_M, WIDE_M
from airside_sim.kernels.lane_rail import MapIds
from airside_sim.mapping.conflicts import conflict_masks
from airside_sim.mapping.curves import make_curve
from airside_sim.mapping.lane import Lane
from airside_sim.vehicles import VEHICLES


@by_reference
class LaneBank(NamedTuple):
    """The fields of a MapBank that vehicle kernels read."""

    lane_pt0: np.ndarray
    lane_len: np.ndarray
    lane_ds: np.ndarray
    lane_kind: np.ndarray
    lane_junction: np.ndarray
    lane_bit: np.ndarray
    lane_conflict: np.ndarray
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
    ego: np.ndarray
    episode: np.ndarray
    route: np.ndarray
    junction: np.ndarray


def lane_world(vehicles: np.ndarray, num_lanes: int) -> LaneWorld:
    """World of the given vehicle rows (V, Vehicle), nothing else in it: the ego's route is one point off all lanes."""
    episode, route = np.zeros((1, len(Episode))), np.zeros((1, 1, len(Route)))
    episode[0, Episode.ROUTE_POINTS], route[0, 0, Route.LANE] = 1.0, -1.0
    return LaneWorld(
        vehicles[None], np.zeros((1, 1, len(Crossing))), np.zeros((1, 1, len(Stand))), np.zeros((1, 1, 4)),
        np.zeros((1, 1, len(Aircraft))), np.full((1, num_lanes), -1, np.int32),
        np.full((1, len(vehicles) * LANES_PER_VEHICLE), -1, np.int32), np.zeros((1, len(Ego))), episode, route,
        np.zeros((1, num_lanes, len(Junction)), np.int64),
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


ENTRY, EXIT, STRAIGHT, RIGHT, LEFT = 0, 4, 8, 12, 16  # first lane of each kind in `crossroads_lines`, arm by arm


def crossroads_lines() -> list[np.ndarray]:
    """Right-hand crossroads about the origin, lanes 2 m beside the middle: 4 entries, 4 exits, 12 ways through.

    Arm k is the southern one turned by k * 90 degrees; entry k leads straight on to exit k + 2, right to k + 1, left to
    k + 3 (mod 4).
    """
    turn = np.linspace(0.0, 0.5 * np.pi, 17)
    right = np.stack([12.0 - 10.0 * np.cos(turn), -12.0 + 10.0 * np.sin(turn)], axis=1)
    left = np.stack([-12.0 + 14.0 * np.cos(turn), -12.0 + 14.0 * np.sin(turn)], axis=1)
    southern = [straight(2, -60, 2, -12), straight(-2, -12, -2, -60), straight(2, -12, 2, 12), right, left]
    turned = [np.linalg.matrix_power(np.array([[0.0, 1.0], [-1.0, 0.0]]), k) for k in range(4)]
    return [line @ turned[k] for line in southern for k in range(4)]


CROSSROADS_JUNCTION = [-1] * 8 + [0] * 12


def crossroads() -> tuple[LaneBank, MapIds]:
    """The net of `crossroads_lines`; its ways through are junction 0."""
    links = []
    for k in range(4):
        for way, onward in ((STRAIGHT, 2), (RIGHT, 1), (LEFT, 3)):
            links += [(ENTRY + k, way + k), (way + k, EXIT + (k + onward) % 4)]
    return net_from(crossroads_lines(), links, CROSSROADS_JUNCTION)


def to_lanes(lines: list[np.ndarray], junction: list[int]) -> list[Lane]:
    """Road lanes of the map compiler with these centrelines and junction labels."""
    lanes = []
    for points, label in zip(lines, junction, strict=True):
        heading = np.arctan2(*np.gradient(points, axis=0).T[::-1])
        whole = np.zeros(1)
        lanes.append(Lane(make_curve(points, heading), LaneKind.ROAD, 4.0, whole, whole, [0], label))
    return lanes


def net_from(
    lines: list[np.ndarray], links: list[tuple[int, int]], junction: list[int] | None = None, limit_mps: float = 8.0
) -> tuple[LaneBank, MapIds]:
    """Lanes of the given lines and successor links; one destination at the end of each lane, none elsewhere."""
    num = len(lines)
    junction = [-1] * num if junction is None else junction
    bit, conflict = conflict_masks(to_lanes(lines, junction))
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
        lane_junction=np.array(junction, np.int32), lane_bit=bit, lane_conflict=conflict,
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

    row = np.zeros(Vehicle.WIDTH)
    row[Vehicle.PREV_LANE0 : Vehicle.PREV_LANE5 + 1] = -1.0
    row[Vehicle.HELD0 : Vehicle.HELD0 + LOCKS_PER_VEHICLE] = -1.0
    row[[Vehicle.NEXT_DEST, Vehicle.LEADER]] = -1.0
    row[Vehicle.ACTIVE] = 1.0
    row[Vehicle.LANE] = lane
    row[Vehicle.S] = s
    row[Vehicle.CLASS] = cls
    row[Vehicle.TRAILERS] = trailers
    row[Vehicle.LENGTH] = mover_length(VEHICLES, cls, trailers)
    row[Vehicle.DEST] = dest
    row[Vehicle.IS_LONG] = VEHICLES.length_m[cls] > LONG_M or VEHICLES.width_m[cls] > WIDE_M
    return row
