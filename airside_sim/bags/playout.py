"""One driven episode of the simulator as arrays over its ticks, and as a world in continuous time between them.

Sensors publish at their own instants, not on the simulator's ticks. `Playout.ego_at` follows the arc that the kernel
drove within a tick; actors move straight from tick to tick.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from airside_sim.bags.view import Eye
from airside_sim.columns import Body, Crossing, Ego, Episode, Route, RouteFeature, Sky, Stand
from airside_sim.constants import DT_S, FeatureKind, Sensing
from airside_sim.kernels.dynamics import zone_limit
from airside_sim.sim import Simulator

REACH_M = 230.0  # of the ego: what a perception is taken to cover
JUMP_M = 8.0  # more than this in a tick is another actor in the same slot
TICK_NS = 100_000_000


class Objects(NamedTuple):
    """What the ego's perception sees on one tick, n bodies."""

    track: np.ndarray  # (n,) i64
    body: np.ndarray  # (n, Body) f64, poses as observed


@dataclass(frozen=True)
class Playout:
    """An episode of T actions; every array but the actions has T + 1 rows."""

    ego: np.ndarray  # (T + 1, Ego)
    trailer: np.ndarray  # (T + 1, 2 * MAX_TRAILERS) rad
    objects: list[Objects]
    feature: np.ndarray  # (T + 1, F, RouteFeature)
    crossing: np.ndarray  # (T + 1, F, Crossing) of each feature that is a crossing
    stand: np.ndarray  # (T + 1, S, Stand) local stands of the map
    stand_track: np.ndarray  # (T + 1, S) i64 track of the aircraft there, -1 none
    hazard: list[np.ndarray]  # (n, 10) in use
    sky: np.ndarray  # (T + 1, Sky)
    info: np.ndarray  # (T + 1, I)
    action: np.ndarray  # (T, 2)
    wish: np.ndarray  # (T, 2) steering angle, rad, and speed, m/s, that the action asks for
    terminated: np.ndarray  # (T,) bool
    truncated: np.ndarray  # (T,) bool
    route_xy: np.ndarray  # (R, 2) 1 m apart, the last point is the goal
    route_start_m: float
    bev: np.ndarray  # (T + 1, 34, S, S / 8) u8 what the ego observed, packed
    state: np.ndarray  # (T + 1, NUM_STATE) f32
    meta: dict[str, Any]

    @property
    def num_steps(self) -> int:
        return len(self.action)

    def ego_at(self, time_s: np.ndarray) -> np.ndarray:
        """(n, Ego) at times since the start: pose and motion within a tick along its arc, steering turned evenly."""
        last = len(self.ego) - 1
        k = np.clip(np.floor(time_s / DT_S + 1e-9).astype(np.int64), 0, last - 1)
        u = np.clip(time_s / DT_S - k, 0.0, 1.0)  # share of the tick
        a, b = self.ego[k], self.ego[k + 1]
        row = a + u[:, None] * (b - a)
        row[:, Ego.HEADING] = a[:, Ego.HEADING]
        v0, v1 = a[:, Ego.SPEED], b[:, Ego.SPEED]
        whole = b[:, Ego.ODOMETER] - a[:, Ego.ODOMETER]
        even = 0.5 * (v0 + v1) * DT_S
        driven = DT_S * (v0 * u + 0.5 * (v1 - v0) * u * u) * np.where(even > 1e-12, whole / np.maximum(even, 1e-12), 0)
        turn = wrapped(b[:, Ego.HEADING] - a[:, Ego.HEADING])
        bend = np.where(whole > 1e-12, turn * driven / np.maximum(whole, 1e-12), 0.0)
        chord = driven * np.sinc(0.5 * bend / np.pi)
        row[:, Ego.X] = a[:, Ego.X] + chord * np.cos(a[:, Ego.HEADING] + 0.5 * bend)
        row[:, Ego.Y] = a[:, Ego.Y] + chord * np.sin(a[:, Ego.HEADING] + 0.5 * bend)
        row[:, Ego.HEADING] = wrapped(a[:, Ego.HEADING] + bend)
        exact = u < 1e-9
        row[exact] = a[exact]
        at_end = u > 1.0 - 1e-9
        row[at_end] = b[at_end]
        return row

    def trailer_at(self, time_s: float) -> np.ndarray:
        """(2 * MAX_TRAILERS,) link headings at a time."""
        k, u = self._split(time_s)
        if u == 0.0:
            return self.trailer[k]
        return wrapped(self.trailer[k] + u * wrapped(self.trailer[k + 1] - self.trailer[k]))

    def objects_at(self, time_s: float) -> tuple[Objects, np.ndarray]:
        """What is seen at a time, moved from the tick before towards the one after; and yaw rates (n,) rad/s."""
        k, u = self._split(time_s)
        here = self.objects[k]
        after = self.objects[min(k + 1, len(self.objects) - 1)]
        row_of = {int(t): i for i, t in enumerate(after.track)}
        to = np.array([row_of.get(int(t), -1) for t in here.track], np.int64)
        body, going = here.body.copy(), to >= 0
        rate = np.zeros(len(body))
        if going.any():
            a, b = here.body[going], after.body[to[going]]
            turn = wrapped(np.arctan2(b[:, Body.SIN], b[:, Body.COS]) - np.arctan2(a[:, Body.SIN], a[:, Body.COS]))
            rate[going] = turn / DT_S
            if u > 0.0:
                moved = a + u * (b - a)
                moved[:, [Body.CLASS, Body.SHAPE, Body.BEACON]] = a[:, [Body.CLASS, Body.SHAPE, Body.BEACON]]
                way = np.arctan2(a[:, Body.SIN], a[:, Body.COS]) + u * turn
                moved[:, Body.COS], moved[:, Body.SIN] = np.cos(way), np.sin(way)
                body[going] = moved
        return Objects(here.track, body), rate

    def _split(self, time_s: float) -> tuple[int, float]:
        """Tick before a time, and the share of a tick after it."""
        k = int(min(max(np.floor(time_s / DT_S + 1e-9), 0), len(self.ego) - 1))
        u = time_s / DT_S - k
        return (k, 0.0) if u < 1e-9 or k == len(self.ego) - 1 else (k, u)


def wrapped(angle: np.ndarray) -> np.ndarray:
    """Angles brought to (-pi, pi]."""
    return -((-angle + np.pi) % (2.0 * np.pi) - np.pi)


def play(
    simulator: Simulator, act: Callable[[], np.ndarray], max_steps: int, meta: dict[str, Any], *, bev_size: int = 128
) -> Playout:
    """Drive the simulator's env 0 from its present start by `act() -> (2,)` until it ends or `max_steps`."""
    notes = _Notes(simulator, bev_size)
    notes.take()
    commands = np.zeros((1, 2))
    for _ in range(max_steps):
        commands[0] = act()
        notes.act(commands[0])
        simulator.step(commands)
        notes.take()
        if simulator.done[0]:
            break
    return notes.playout(meta)


class _Notes:
    """Rows taken from env 0 tick by tick."""

    def __init__(self, simulator: Simulator, bev_size: int) -> None:
        self.sim = simulator
        config = simulator.config
        self.eye = Eye(bev_size, config.bev_range_m, config.bev_ahead_m)
        self.rows: dict[str, list[Any]] = {name: [] for name in (
            "ego", "trailer", "objects", "feature", "crossing", "stand", "stand_track", "hazard", "sky", "info",
            "action", "wish", "terminated", "truncated", "bev", "state")}  # fmt: skip
        self.last = np.full((simulator.world.body.shape[1], 4), -1.0)  # class, shape, x, y of each slot
        self.generation = np.zeros(simulator.world.body.shape[1], np.int64)

    def take(self) -> None:
        """Note the present tick."""
        w, rows = self.sim.world, self.rows
        tracks = self._tracks()
        rows["ego"].append(w.ego[0].copy())
        rows["trailer"].append(w.trailer[0].copy())
        rows["objects"].append(self._objects(tracks))
        num = int(w.episode[0, Episode.NUM_FEATURES])
        rows["feature"].append(self._features(num))
        rows["crossing"].append(self._crossings(num))
        rows["stand"].append(w.stand[0].copy())
        slot = w.stand[0, :, Stand.AIRCRAFT].astype(np.int64)
        rows["stand_track"].append(np.where(slot >= 0, tracks[np.maximum(slot, 0)], -1))
        rows["hazard"].append(w.hazard[0][w.hazard[0, :, 8] > 0.0].copy())
        rows["sky"].append(w.sky[0].copy())
        rows["info"].append(w.info[0].copy())
        self._observe()

    def act(self, action: np.ndarray) -> None:
        """Note an action and what it asks of the vehicle, before the step."""
        w, sim = self.sim.world, self.sim
        vehicle = int(w.ego[0, Ego.VEHICLE])
        top = min(float(zone_limit(0, w)), float(sim.vehicles.max_speed_mps[vehicle]), float(w.sky[0, Sky.SPEED_CAP]))
        self.rows["action"].append(np.clip(action, [-1.0, 0.0], 1.0))
        steer = self.rows["action"][-1][0] * sim.vehicles.max_steer_rad[vehicle]
        self.rows["wish"].append([steer, self.rows["action"][-1][1] * sim.params.speed_scale * top])

    def _tracks(self) -> np.ndarray:
        """(N,) track numbers: a slot that shows another actor gets the next one."""
        body = self.sim.world.body[0]
        now = body[:, [Body.CLASS, Body.SHAPE, Body.X, Body.Y]]
        other = (now[:, :2] != self.last[:, :2]).any(1) | (np.hypot(*(now - self.last)[:, 2:].T) > JUMP_M)
        self.generation += other & (now[:, 0] >= 0)
        self.last = now.copy()
        return np.arange(len(body)) + len(body) * self.generation

    def _objects(self, tracks: np.ndarray) -> Objects:
        w = self.sim.world
        head = int(w.history_head[0])
        body = w.body[0].copy()
        if int(w.sky[0, Sky.SENSING]) != Sensing.FULL:
            body[:, [Body.X, Body.Y, Body.COS, Body.SIN]] = w.history[0, head]
        far = np.hypot(body[:, Body.X] - w.ego[0, Ego.X], body[:, Body.Y] - w.ego[0, Ego.Y])
        kept = (body[:, Body.CLASS] >= 0) & (w.seen[0, head] != 0) & (far < REACH_M)
        return Objects(tracks[kept].copy(), body[kept])

    def _features(self, num: int) -> np.ndarray:
        """Route features; crossings by their number on the map."""
        rows = self.sim.world.feature[0, :num].copy()
        rows[rows[:, RouteFeature.KIND] <= FeatureKind.RUNWAY_CROSSING, RouteFeature.ID] -= self._crossing0()
        return rows

    def _crossing0(self) -> int:
        return int(self.sim.bank.map_crossing0[int(self.sim.world.episode[0, Episode.MAP])])

    def _crossings(self, num: int) -> np.ndarray:
        w, out = self.sim.world, np.zeros((num, len(Crossing)))
        first = self._crossing0()
        for f in range(num):
            if w.feature[0, f, RouteFeature.KIND] <= FeatureKind.RUNWAY_CROSSING:
                out[f] = w.crossing[0, int(w.feature[0, f, RouteFeature.ID]) - first]
        return out

    def _observe(self) -> None:
        sim = self.sim
        frame, state, _ = self.eye.look(sim)
        self.rows["bev"].append(frame)
        self.rows["state"].append(state)
        if len(self.rows["bev"]) > 1:
            self.rows["terminated"].append(bool(sim.world.terminated[0]))
            self.rows["truncated"].append(bool(sim.world.truncated[0]))

    def playout(self, meta: dict[str, Any]) -> Playout:
        w = self.sim.world
        goal_m = float(w.episode[0, Episode.ROUTE_LENGTH])
        points = w.route[0, : int(goal_m) + 2, [Route.X, Route.Y]].reshape(2, -1).T
        share = goal_m - int(goal_m)
        end = points[-2] + share * (points[-1] - points[-2])
        route = np.concatenate([points[:-1], end[None]]) if share > 1e-9 else points[:-1]
        plain = {n: r if n in ("objects", "hazard") else np.array(r) for n, r in self.rows.items()}
        return Playout(
            **plain, route_xy=route.copy(), route_start_m=float(w.episode[0, Episode.ROUTE_START]), meta=meta
        )
