"""The referee's records: what happened when, where and how fast, read from the simulator after each step."""

from collections import deque
from typing import Any

import numpy as np

from airside_sim.constants import DT_S, TerminationReason
from airside_sim.info import Info, info_names
from airside_sim.world import Ego, Episode, World

MAX_RECORDS = 10_000
_HARD = [c for c in Info if Info.COST_COLLISION_AIRCRAFT <= c <= Info.COST_OFF_ROUTE]


class Referee:
    """Keeps one record per hard cost and per end of an episode; the newest `MAX_RECORDS` of a batch."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._records: deque[dict[str, Any]] = deque(maxlen=MAX_RECORDS)

    def clear(self) -> None:
        """Forget everything (an explicit reset)."""
        self._records.clear()

    def watch(self) -> None:
        """Record what the last step brought."""
        world = self._world
        eventful = (world.info[:, Info.COST_HARD] > 0.0) | (world.terminated != 0) | (world.truncated != 0)
        if eventful.any():
            for e in np.flatnonzero(eventful):
                self._record(int(e))

    def _record(self, e: int) -> None:
        world = self._world
        base = {
            "env": e,
            "episode": int(world.episode[e, Episode.EPISODE_INDEX]),
            "time_s": round(float(world.episode[e, Episode.TICK]) * DT_S, 1),
            "x_m": float(world.ego[e, Ego.X]),
            "y_m": float(world.ego[e, Ego.Y]),
            "speed_mps": float(world.ego[e, Ego.SPEED]),
            "at_fault": bool(world.info[e, Info.AT_FAULT]),
        }
        for column in _HARD:
            if world.info[e, column] > 0.0:
                name = info_names()[column].partition("/")[2]
                self._records.append({"event": name, **base, "cost": float(world.info[e, column])})
        if world.terminated[e] or world.truncated[e]:
            reason = TerminationReason(int(world.info[e, Info.TERMINATION_REASON])).name.lower()
            self._records.append({"event": f"end:{reason}", **base, "cost": 0.0})

    def records(self) -> list[dict[str, Any]]:
        """Records since the last explicit reset, oldest first."""
        return [dict(record) for record in self._records]
