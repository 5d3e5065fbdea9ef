"""A recorded path laid on the map's lanes: the route rows and features that an episode of the simulator would have.

Each metre of the path gets the lane that explains it best together with its neighbours (Viterbi over the lanes nearby),
so that parallel lanes and junctions are not mixed up. Limits, lane widths and crossings then come from the map.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from airside_sim.bags.errors import BagError
from airside_sim.bags.sync import wrap
from airside_sim.columns import Episode, Route
from airside_sim.constants import ROUTE_STEP_M
from airside_sim.kernels.route_layout import OVERRUN_M, _add_features, _write_point
from airside_sim.mapping.bank import MapBank

REACH_M = 4.0  # lanes farther from a point are not asked
HEADING_RAD = 1.0
SNAP_M = 0.05  # nearer than this, the point is the lane's own
TURN_COST = 0.3  # of a radian between path and lane, against a metre aside
JUMP_COST = 60.0  # between lanes that do not follow each other
AHEAD_M = 100.0  # a driven track goes on along its lane, so that there is something to look ahead at
LOST_M = 8.0  # a path farther than this from every lane has left the map's roads


@dataclass(frozen=True)
class MatchedRoute:
    """A path on lanes, a point a metre, and where the goal lies on it."""

    xy: np.ndarray  # (n, 2)
    lane: np.ndarray  # (n,) i64
    lane_s: np.ndarray  # (n,) f64
    goal_m: float
    lost_points: int  # points with no lane nearby

    def lanes(self) -> tuple[int, ...]:
        """Lanes in order, each once where it goes on."""
        change = np.concatenate([[True], self.lane[1:] != self.lane[:-1]])
        return tuple(int(v) for v in self.lane[change])


def match_route(path_xy: np.ndarray, bank: MapBank, snap: bool = False) -> MatchedRoute:
    """Match a path (n, 2); `snap`: it is a driven track, moved onto the lanes' centres and led on."""
    xy, goal_m = metre_points(path_xy)
    lane, lane_s, lost = _best_lanes(xy, bank)
    if lost > 0.2 * len(xy):
        x, y = xy[0]
        raise BagError(
            f"{lost} of the route's {len(xy)} points lie more than {LOST_M:g} m from every road of the map (begins at "
            f"{x:.1f}, {y:.1f}): another map, or the profile's datum or frame shift is wrong"
        )
    on_lane = _points_on(bank, lane, lane_s)
    near = np.hypot(*(on_lane - xy).T) < (LOST_M if snap else SNAP_M)
    xy = np.where(near[:, None], on_lane, xy)
    if snap:
        goal_m += AHEAD_M  # where a track ends is no goal that could be reached
    xy, lane, lane_s = _extend(xy, lane, lane_s, goal_m, bank)
    goal_m = min(goal_m, len(xy) - 1.0)
    return MatchedRoute(xy, lane, lane_s, goal_m, lost)


def metre_points(path_xy: np.ndarray) -> tuple[np.ndarray, float]:
    """Points about 1 m apart, and the length: a path that already has them keeps them."""
    step = np.hypot(*np.diff(path_xy, axis=0).T)
    kept = np.concatenate([[True], step > 1e-6])
    path_xy, step = path_xy[kept], step[kept[1:]]
    if len(path_xy) < 2:
        raise BagError("the route has fewer than two different points")
    if len(step) > 2 and np.abs(step[:-1] - ROUTE_STEP_M).max() < 0.05 and step[-1] < 1.05:
        return path_xy, float(len(step) - 1 + min(step[-1], 1.0))
    along = np.concatenate([[0.0], np.cumsum(step)])
    at = np.append(np.arange(0.0, along[-1] - 1e-6, ROUTE_STEP_M), along[-1])
    return np.stack([np.interp(at, along, path_xy[:, k]) for k in (0, 1)], axis=1), float(along[-1])


def write_route(world: Any, bank: MapBank, route: MatchedRoute, start_m: float) -> None:
    """Rows of `World.route` and `World.feature` of env 0 for a drive that begins with its front at `start_m`."""
    n = len(route.xy)
    if n > world.route.shape[1]:
        raise BagError(f"the route has {n} points, {world.route.shape[1]} fit")
    for k in range(n):
        _write_point(0, world.route, k, bank, int(route.lane[k]), float(route.lane_s[k]))
    off = np.hypot(*(world.route[0, :n, [Route.X, Route.Y]] - route.xy.T)) >= SNAP_M
    way = np.arctan2(*np.gradient(route.xy, axis=0).T[::-1])
    world.route[0, :n, Route.X], world.route[0, :n, Route.Y] = route.xy.T
    world.route[0, :n, Route.HEADING] = np.where(off, way, world.route[0, :n, Route.HEADING])
    episode = world.episode[0]
    episode[Episode.ROUTE_POINTS], episode[Episode.ROUTE_LENGTH] = n, route.goal_m
    episode[Episode.ROUTE_START] = start_m
    count = 0
    for lane, base_m, end_m in _runs(route, bank):
        if base_m < route.goal_m:
            count = _add_features(
                0, world.feature, bank, lane, 0.0, base_m, min(end_m, route.goal_m), start_m, count
            )  # fmt: skip
    episode[Episode.NUM_FEATURES] = count


def _runs(route: MatchedRoute, bank: MapBank) -> list[tuple[int, float, float]]:
    """(lane, route arc length of its begin, of its end) in order; short lanes skipped by the points are put back."""
    runs: list[tuple[int, float, float]] = []
    for k in range(len(route.lane)):
        lane = int(route.lane[k])
        if k and lane == route.lane[k - 1] and route.lane_s[k] >= route.lane_s[k - 1]:
            continue
        base_m = k * ROUTE_STEP_M - float(route.lane_s[k])
        if runs:
            missing = _between(bank, runs[-1][0], lane)
            if missing >= 0:
                runs.append((missing, base_m - float(bank.lane_len[missing]), base_m))
        runs.append((lane, base_m, base_m + float(bank.lane_len[lane])))
    return runs


def _between(bank: MapBank, a: int, b: int) -> int:
    """The lane that leads from a to b where they do not touch, else -1."""
    after = _successors(bank, a)
    if b in after:
        return -1
    return next((int(c) for c in after if b in _successors(bank, int(c))), -1)


def _successors(bank: MapBank, lane: int) -> np.ndarray:
    return bank.lane_succ[bank.lane_succ0[lane] : bank.lane_succ0[lane + 1]]


def _best_lanes(xy: np.ndarray, bank: MapBank) -> tuple[np.ndarray, np.ndarray, int]:
    """Lane and arc length for every point; how many points had no lane nearby."""
    lane_of = np.repeat(np.arange(len(bank.lane_len)), np.diff(bank.lane_pt0))
    way = np.arctan2(*np.gradient(xy, axis=0).T[::-1])
    lost = 0
    cost = np.zeros(1)
    chain: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []  # lanes, arc lengths, best predecessor
    for k, (x, y) in enumerate(xy):
        lanes, s, aside, is_lost = _candidates(x, y, way[k], bank, lane_of)
        lost += is_lost
        if k == 0:
            cost, back = aside, np.zeros(len(lanes), np.int64)
        else:
            step = float(np.hypot(*(xy[k] - xy[k - 1])))
            joins = _joins(chain[-1][0], chain[-1][1], lanes, s, step, bank)
            total = cost[:, None] + joins
            back = total.argmin(axis=0)
            cost = total[back, np.arange(len(lanes))] + aside
        chain.append((lanes, s, back))
    pick = int(cost.argmin())
    lane, lane_s = np.zeros(len(xy), np.int64), np.zeros(len(xy))
    for k in range(len(xy) - 1, -1, -1):
        lanes, s, back = chain[k]
        lane[k], lane_s[k] = lanes[pick], s[pick]
        pick = int(back[pick])
    return lane, lane_s, lost


def _candidates(x: float, y: float, way: float, bank: MapBank, lane_of: np.ndarray):
    """Lanes near a point: their numbers, arc lengths and costs; the nearest one alone when none is near."""
    d2 = (bank.pt_x - x) ** 2 + (bank.pt_y - y) ** 2
    near = np.flatnonzero(d2 < REACH_M**2)
    good = near[np.abs(wrap(bank.pt_h[near] - way)) < HEADING_RAD]
    is_lost = len(good) == 0
    if is_lost:
        good = np.array([int(d2.argmin())])
        is_lost = bool(d2[good[0]] > LOST_M**2)
    best: dict[int, int] = {}
    for i in good[np.argsort(d2[good], kind="stable")]:
        best.setdefault(int(lane_of[i]), int(i))
    lanes, s, costs = [], [], []
    for lane, i in best.items():
        along, aside = _project(bank, lane, i, x, y)
        lanes.append(lane)
        s.append(along)
        costs.append(min(aside, LOST_M) + TURN_COST * abs(float(wrap(bank.pt_h[i] - way))))
    return np.array(lanes), np.array(s), np.array(costs), int(is_lost)


def _project(bank: MapBank, lane: int, i: int, x: float, y: float) -> tuple[float, float]:
    """Arc length and distance of a point on the lane's two pieces about its point i."""
    first, last = int(bank.lane_pt0[lane]), int(bank.lane_pt0[lane + 1]) - 1
    best = (0.0, 1e18)
    for a in (i - 1, i):
        if not first <= a < last:
            continue
        ex, ey = bank.pt_x[a + 1] - bank.pt_x[a], bank.pt_y[a + 1] - bank.pt_y[a]
        t = ((x - bank.pt_x[a]) * ex + (y - bank.pt_y[a]) * ey) / max(ex * ex + ey * ey, 1e-12)
        t = min(max(t, 0.0), 1.0)
        far = float(np.hypot(x - bank.pt_x[a] - t * ex, y - bank.pt_y[a] - t * ey))
        if far < best[1] - 1e-12:
            best = ((a - first + t) * float(bank.lane_ds[lane]), far)
    return best


def _joins(lanes_a, s_a, lanes_b, s_b, step_m: float, bank: MapBank) -> np.ndarray:
    """(a, b) cost of going from one candidate to another in a step: how far that is from the step's length."""
    out = np.full((len(lanes_a), len(lanes_b)), JUMP_COST)
    for i, a in enumerate(lanes_a):
        left = float(bank.lane_len[a]) - s_a[i]
        after = _successors(bank, int(a))
        for j, b in enumerate(lanes_b):
            if a == b:
                out[i, j] = min(out[i, j], abs(s_b[j] - s_a[i] - step_m))
            if b in after:
                out[i, j] = min(out[i, j], abs(left + s_b[j] - step_m))
            elif left < 2.0:
                for c in after:
                    if bank.lane_len[c] < 2.0 and b in _successors(bank, int(c)):
                        out[i, j] = min(out[i, j], abs(left + float(bank.lane_len[c]) + s_b[j] - step_m))
    return out


def _points_on(bank: MapBank, lane: np.ndarray, lane_s: np.ndarray) -> np.ndarray:
    first, last = bank.lane_pt0[lane], bank.lane_pt0[lane + 1] - 1
    u = lane_s / bank.lane_ds[lane]
    i = np.clip(u.astype(np.int64), 0, last - first - 1)
    k, f = first + i, u - i
    x = bank.pt_x[k] + f * (bank.pt_x[k + 1] - bank.pt_x[k])
    return np.stack([x, bank.pt_y[k] + f * (bank.pt_y[k + 1] - bank.pt_y[k])], axis=1)


def _extend(xy, lane, lane_s, goal_m: float, bank: MapBank):
    """The goal's own point gives way to whole metres that go on past it, as on a route of the simulator."""
    whole = min(int(np.floor(goal_m + 1e-9)), len(xy) - 1)
    xy, lane, lane_s = list(xy[: whole + 1]), list(lane[: whole + 1]), list(lane_s[: whole + 1])
    at_lane, at_s = int(lane[-1]), float(lane_s[-1])
    for _ in range(whole + 1, int(goal_m + OVERRUN_M + 1e-9) + 1):
        at_s += ROUTE_STEP_M
        while at_s > bank.lane_len[at_lane]:
            after = _successors(bank, at_lane)
            if len(after) == 0:
                return np.array(xy), np.array(lane), np.array(lane_s)
            at_s -= float(bank.lane_len[at_lane])
            at_lane = int(after[0])
        xy.append(_points_on(bank, np.array([at_lane]), np.array([at_s]))[0])
        lane.append(at_lane)
        lane_s.append(at_s)
    return np.array(xy), np.array(lane), np.array(lane_s)
