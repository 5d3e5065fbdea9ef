"""The referee's log: what happened when, where, how fast and with whom, gathered from the world after each step.

Kernels write short records into a ring per env (`kernels.referee`); this keeps them for as long as the environment
lives, in words.
"""

from collections import deque
from typing import Any

import numpy as np

from airside_sim.columns import EVENT_RECORDS, Body, Episode
from airside_sim.constants import ActorClass, EventKind, VehicleClass
from airside_sim.info import Info
from airside_sim.kernels.referee import read_events
from airside_sim.world import World

MAX_RECORDS = 10_000
ENDS = (*range(EventKind.COMPLETED, EventKind.TIMEOUT + 1), EventKind.CRITERION_FAILED)
_NAMES_A_BODY = (
    EventKind.COLLISION_AIRCRAFT, EventKind.COLLISION_VEHICLE, EventKind.COLLISION_PERSONNEL,
    EventKind.VEHICLE_BROKE_DOWN, EventKind.TUG_BROKE_DOWN, EventKind.ULD_FELL_OFF, EventKind.EMERGENCY_VEHICLE_CAME,
    EventKind.ROGUE_DRIVER_CAME, EventKind.EMERGENCY_VEHICLE_HINDERED, EventKind.AIRCRAFT_HINDERED,
    EventKind.PUSHBACK_HINDERED, EventKind.PERSON_HINDERED, EventKind.RIGHT_OF_WAY_TAKEN,
    EventKind.PASSED_BEHIND_ENGINES,
)  # fmt: skip


class Referee:
    """Keeps the newest `MAX_RECORDS` records of a batch."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._records: deque[dict[str, Any]] = deque(maxlen=MAX_RECORDS)
        self._seen = world.event_count.copy()
        self._episode = world.episode[:, Episode.EPISODE_INDEX].copy()

    def clear(self) -> None:
        """Forget everything (an explicit reset)."""
        self._records.clear()
        self.begin(np.ones(len(self._seen), bool))

    def begin(self, mask: np.ndarray) -> None:
        """New episodes begin where `mask` (E,) bool is set, maybe of a seed that was driven before."""
        self._seen[mask] = 0
        self._episode[mask] = -1.0

    def follow(self) -> None:
        """Forget everything and go on from a restored state: what its ring holds is history."""
        self._records.clear()
        self._seen[:] = self._world.event_count
        self._episode[:] = self._world.episode[:, Episode.EPISODE_INDEX]

    def watch(self) -> None:
        """Take over what the last step brought."""
        world = self._world
        episode = world.episode[:, Episode.EPISODE_INDEX]
        changed = (world.event_count != self._seen) | (episode != self._episode)
        if changed.any():
            for e in np.flatnonzero(changed):
                self._take(int(e))

    def _take(self, e: int) -> None:
        world = self._world
        episode = world.episode[e, Episode.EPISODE_INDEX]
        before = int(self._seen[e]) if episode == self._episode[e] else 0
        self._seen[e], self._episode[e] = world.event_count[e], episode
        new = min(int(world.event_count[e]) - before, EVENT_RECORDS)
        if new <= 0:
            return
        for record in read_events(world, e)[-new:]:
            kind = EventKind[record["event"].upper()]
            extra = {
                "env": e,
                "episode": int(episode),
                "ends": kind in ENDS,
                "at_fault": kind in ENDS and bool(world.info[e, Info.AT_FAULT]),
                "whom": whom_of(world, e, kind, record["other"]),
            }
            self._records.append(record | extra)

    def records(self) -> list[dict[str, Any]]:
        """Records since the last explicit reset, oldest first."""
        return [dict(record) for record in self._records]


def whom_of(world: World, e: int, kind: EventKind, other: int) -> str:
    """Class of the actor that a record is about, "" when it names none."""
    if kind not in _NAMES_A_BODY or other < 0:
        return ""
    body = world.body[e, other]
    actor = ActorClass(int(body[Body.CLASS])) if body[Body.CLASS] >= 0 else None
    if actor is None or actor in (ActorClass.AIRCRAFT, ActorClass.PERSONNEL):
        return actor.name.lower() if actor is not None else ""
    return VehicleClass(int(body[Body.SHAPE])).name.lower()


def in_words(record: dict[str, Any]) -> str:
    """One line of the log: `  12.3 s  touched a vehicle (belt_loader) at 5.1 km/h, 34.02 m, cost 1.00, at fault`."""
    whom = f" ({record['whom']})" if record["whom"] else ""
    places = 2 if record["cost"] >= 0.01 else 4  # the first tick of what costs by the second
    cost = f", cost {record['cost']:.{places}f}" if record["cost"] else ""
    fault = ", at fault" if record["at_fault"] else ""
    speed_kmh = 3.6 * record["speed_mps"]
    where = f"at {speed_kmh:.1f} km/h, {record['distance_m']:.2f} m"
    return f"{record['time_s']:7.1f} s  {record['words']}{whom} {where}{cost}{fault}"
