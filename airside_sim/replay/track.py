"""Who was where at every tick of a replay, as arrays: what a page or a plot draws.

An actor is one body for as long as it stays the same thing: a slot that is given to another vehicle, or a vehicle that
moves to another place out of view, begins a new actor.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from airside_sim.columns import Body, Ego, Episode, Measured, Route, RouteFeature, Sky
from airside_sim.constants import ActorClass, ClearanceState, FeatureKind
from airside_sim.envs.referee import Referee
from airside_sim.info import info_names
from airside_sim.replay.playback import Playback

REACH_M = 170.0  # of the ego: nobody farther off is drawn
JUMP_M = 8.0  # more than this in a tick is another place, not a drive
_COLUMNS = (Body.X, Body.Y, Body.COS, Body.SIN, Body.BEACON, Body.CLASS, Body.SHAPE, Body.FRONT, Body.REAR,
            Body.HALF_WIDTH)  # fmt: skip
_X, _Y, _COS, _SIN, _BEACON, _CLASS = range(6)
_WHAT = slice(_CLASS, 10)


@dataclass(frozen=True)
class Actor:
    """One body over the ticks `first` .. `first + len(xy) - 1`."""

    slot: int  # body index; -1 - k for ego body k
    actor_class: int  # constants.ActorClass
    shape: int  # vehicle class or aircraft type row, -1 a person
    front_m: float
    rear_m: float
    half_width_m: float  # disc radius of a person
    first: int
    xy: np.ndarray  # (n, 2) f64 m
    heading: np.ndarray  # (n,) f64 rad
    beacon: np.ndarray  # (n,) bool


@dataclass(frozen=True)
class Track:
    """A replay as seen from above; T + 1 instants, the first is the start."""

    actors: list[Actor]
    ego_xy: np.ndarray  # (T + 1, 2)
    speed_mps: np.ndarray  # (T + 1,)
    limit_mps: np.ndarray  # (T + 1,)
    terms: np.ndarray  # (T + 1, I) `info` rows
    term_names: tuple[str, ...]
    route: np.ndarray  # (R, 2) m
    hazards: list[tuple[int, int, int, np.ndarray]]  # first tick, last tick, HazardKind, quad (4, 2) m
    crossings: list[tuple[np.ndarray, list[tuple[int, str]]]]  # ring (k, 2) m, (tick, clearance state) changes
    log: list[dict[str, Any]]  # referee's records in words
    weather: dict[str, float]


def track_of(playback: Playback, on_tick: Callable[[int], None] = lambda tick: None) -> Track:
    """Play the whole replay and note everything within `REACH_M` of the ego."""
    playback.seek(0)
    world, bank = playback.simulator.world, playback.simulator.bank
    episode = world.episode[0]
    route = world.route[0, : int(episode[Episode.ROUTE_LENGTH]) + 1, [Route.X, Route.Y]].reshape(2, -1).T.copy()
    rows, egos, terms, motion = [], [], [], []
    hazards, crossings, referee = _Runs(), _Crossings(world, bank), Referee(world)
    for tick in range(playback.replay.num_steps + 1):
        if tick:
            playback.advance()
        rows.append(world.body[0][:, _COLUMNS].astype(np.float32))
        egos.append(world.ego_body[0][:, _COLUMNS].astype(np.float32))
        terms.append(world.info[0].astype(np.float32))
        limit = min(world.measured[0, Measured.LIMIT], world.sky[0, Sky.SPEED_CAP])
        motion.append((*world.ego[0, [Ego.X, Ego.Y, Ego.SPEED]], limit))
        hazards.add(tick, world.hazard[0])
        crossings.add(tick)
        referee.watch()
        on_tick(tick)
    moved = np.array(motion)  # (T + 1, 4)
    actors = _actors(np.stack(rows), moved[:, :2], lambda slot: slot)
    actors += _actors(np.stack(egos), moved[:, :2], lambda slot: -1 - slot)
    sky = world.sky[0]
    return Track(
        actors=actors,
        ego_xy=moved[:, :2],
        speed_mps=moved[:, 2],
        limit_mps=moved[:, 3],
        terms=np.stack(terms),
        term_names=info_names(),
        route=route,
        hazards=hazards.done(),
        crossings=crossings.done(),
        log=referee.records(),
        weather={s.name.lower(): float(sky[s]) for s in (Sky.WEATHER, Sky.LIGHT, Sky.VISIBILITY, Sky.FRICTION)},
    )


def _actors(rows: np.ndarray, ego_xy: np.ndarray, name: Callable[[int], int]) -> list[Actor]:
    """Cut every slot's history (T, N, columns) into actors that come within reach."""
    near = np.hypot(rows[:, :, _X] - ego_xy[:, None, 0], rows[:, :, _Y] - ego_xy[:, None, 1]) < REACH_M
    near &= rows[:, :, _CLASS] >= 0
    found = []
    for slot in np.flatnonzero(near.any(axis=0)):
        row = rows[:, slot]
        step = np.hypot(np.diff(row[:, _X]), np.diff(row[:, _Y]))
        cut = (np.diff(row[:, _WHAT], axis=0) != 0).any(axis=1) | (step > JUMP_M)
        for run in np.split(np.arange(len(row)), np.flatnonzero(cut) + 1):
            inside = near[run, slot]
            if not inside.any():
                continue
            kept = run[inside.argmax() : len(run) - inside[::-1].argmax()]
            part = row[kept]
            _, shape, front, rear, half = part[0, _WHAT]
            found.append(
                Actor(
                    slot=name(int(slot)), actor_class=int(part[0, _CLASS]), shape=int(shape), front_m=float(front),
                    rear_m=float(rear), half_width_m=float(half), first=int(kept[0]),
                    xy=part[:, [_X, _Y]].astype(np.float64), heading=np.arctan2(part[:, _SIN], part[:, _COS]),
                    beacon=part[:, _BEACON] > 0,
                )
            )  # fmt: skip
    return sorted(found, key=lambda a: (a.actor_class != ActorClass.AIRCRAFT, a.first, a.slot))


class _Runs:
    """Hazard quads that stay the same over several ticks, as runs."""

    def __init__(self) -> None:
        self._open: dict[tuple, int] = {}
        self._closed: list[tuple[int, int, int, np.ndarray]] = []
        self._tick = 0

    def add(self, tick: int, quads: np.ndarray) -> None:
        now = {(int(q[8]), *np.round(q[:8], 1).tolist()) for q in quads if q[8] > 0}
        for key in [k for k in self._open if k not in now]:
            self._close(key, tick - 1)
        for key in now:
            self._open.setdefault(key, tick)
        self._tick = tick

    def _close(self, key: tuple, last: int) -> None:
        self._closed.append((self._open.pop(key), last, key[0], np.array(key[1:]).reshape(4, 2)))

    def done(self) -> list[tuple[int, int, int, np.ndarray]]:
        for key in list(self._open):
            self._close(key, self._tick)
        return sorted(self._closed, key=lambda run: run[:3])


class _Crossings:
    """Clearance state of each crossing on the route, at the ticks where it changes."""

    def __init__(self, world, bank) -> None:
        self._world = world
        self._rows, self._rings = [], []
        for f in range(int(world.episode[0, Episode.NUM_FEATURES])):
            if world.feature[0, f, RouteFeature.KIND] <= FeatureKind.RUNWAY_CROSSING:
                x = int(world.feature[0, f, RouteFeature.ID])
                self._rows.append(f)
                self._rings.append(np.stack([bank.cross_px[x], bank.cross_py[x]], axis=1)[: int(bank.cross_nv[x])])
        self._changes: list[list[tuple[int, str]]] = [[] for _ in self._rows]

    def add(self, tick: int) -> None:
        for f, changes in zip(self._rows, self._changes, strict=True):
            state = ClearanceState(int(self._world.feature[0, f, RouteFeature.STATE])).name.lower()
            if not changes or changes[-1][1] != state:
                changes.append((tick, state))

    def done(self) -> list[tuple[np.ndarray, list[tuple[int, str]]]]:
        return list(zip(self._rings, self._changes, strict=True))
