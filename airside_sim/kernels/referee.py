"""The referee's notebook: a ring of short records per env (`World.event`), and their words.

`record` is called by kernels on the tick of an event; `read_events` turns the ring into dicts for people.
"""

from typing import Any

from airside_sim.columns import EVENT_RECORDS, Ego, Episode, EventColumn
from airside_sim.constants import DT_S, EventKind
from airside_sim.episode_setup import Criterion
from airside_sim.jit import njit
from airside_sim.rules import RULES
from airside_sim.world import World


@njit
def record(e, w, kind, distance_m, other, value):
    """Write one record: kind (EventKind), metres to its matter, body or feature index (-1 none), cost."""
    k = w.event_count[e] % EVENT_RECORDS
    w.event[e, k, EventColumn.TICK] = w.episode[e, Episode.TICK]
    w.event[e, k, EventColumn.KIND] = kind
    w.event[e, k, EventColumn.SPEED] = w.ego[e, Ego.SPEED]
    w.event[e, k, EventColumn.DISTANCE] = distance_m
    w.event[e, k, EventColumn.OTHER] = other
    w.event[e, k, EventColumn.X] = w.ego[e, Ego.X]
    w.event[e, k, EventColumn.Y] = w.ego[e, Ego.Y]
    w.event[e, k, EventColumn.VALUE] = value
    w.event_count[e] += 1
    w.episode[e, Episode.EVENTS] = float(int(w.episode[e, Episode.EVENTS]) | (1 << int(kind)))


@njit
def has_recorded(e, w, kind):
    """An event of this kind has been written down in this episode."""
    return int(w.episode[e, Episode.EVENTS]) & (1 << kind) != 0


_WORDS = {rule.event: rule.words for rule in RULES} | {
    EventKind.COMPLETED: "reached the end of the route",
    EventKind.COLLISION_AIRCRAFT: "touched an aircraft",
    EventKind.COLLISION_VEHICLE: "touched a vehicle",
    EventKind.COLLISION_PERSONNEL: "touched a person",
    EventKind.COLLISION_STRUCTURE: "touched a building or fixed obstacle",
    EventKind.OFF_PAVEMENT: "left the pavement",
    EventKind.OFF_ROUTE: "strayed from the route",
    EventKind.NO_PROGRESS: "stood without progress though nothing blocked",
    EventKind.TIMEOUT: "ran out of time",
    EventKind.CLEARANCE_REQUESTED: "requested a crossing clearance",
    EventKind.CLEARANCE_HELD: "was told to hold",
    EventKind.CLEARANCE_GRANTED: "was cleared to cross",
    EventKind.CLEARANCE_WITHDRAWN: "had its clearance withdrawn",
    EventKind.CROSSING_VACATED: "vacated the crossing",
    EventKind.YIELDED: "yielded to an aircraft until it had passed",
    EventKind.FOG_CAME: "fog came up",
    EventKind.VEHICLE_BROKE_DOWN: "had a vehicle break down ahead",
    EventKind.TUG_BROKE_DOWN: "had the tug of a pushback break down near it",
    EventKind.PERSON_STEPPED_OUT: "had a person step out before it",
    EventKind.ULD_FELL_OFF: "had a container on the road before it",
    EventKind.ULD_CLEARED: "had the container cleared by a crew",
    EventKind.EMERGENCY_VEHICLE_CAME: "had a fire engine under lights come across its way",
    EventKind.ROGUE_DRIVER_CAME: "met a driver who ignores the rules",
    EventKind.LOW_VISIBILITY_BEGAN: "came under low-visibility procedures",
    EventKind.LOW_VISIBILITY_ENDED: "was released from low-visibility procedures",
    EventKind.CRITERION_MISSED: "arrived but missed the criterion",
    EventKind.CRITERION_FAILED: "failed by the criterion",
}
_OF_CRITERIA = (EventKind.CRITERION_MISSED, EventKind.CRITERION_FAILED)


def _criterion_words(kind: EventKind, row: Any) -> str:
    """Which criterion, and what it measured (for EVENTS, what happened)."""
    criterion = Criterion(int(row[EventColumn.OTHER]))
    value = float(row[EventColumn.DISTANCE])
    if criterion != Criterion.EVENTS:
        return f"{_WORDS[kind]} {criterion.name.lower()} ({value:.4g})"
    word = "without" if kind == EventKind.CRITERION_MISSED else "upon"
    return f"{_WORDS[kind]} {word} ({EventKind(int(value)).name.lower()})"


def read_events(world: World, e: int) -> list[dict[str, Any]]:
    """Records of env e's episode, oldest first (the newest 32): time_s, event, words, speed_mps, distance_m, ..."""
    count = int(world.event_count[e])
    records = []
    for i in range(max(0, count - EVENT_RECORDS), count):
        row = world.event[e, i % EVENT_RECORDS]
        kind = EventKind(int(row[EventColumn.KIND]))
        of_criterion = kind in _OF_CRITERIA
        records.append(
            {
                "time_s": round(float(row[EventColumn.TICK]) * DT_S, 1),
                "event": kind.name.lower(),
                "words": _criterion_words(kind, row) if of_criterion else _WORDS[kind],
                "speed_mps": float(row[EventColumn.SPEED]),
                "distance_m": 0.0 if of_criterion else float(row[EventColumn.DISTANCE]),
                "other": int(row[EventColumn.OTHER]),
                "x_m": float(row[EventColumn.X]),
                "y_m": float(row[EventColumn.Y]),
                "cost": float(row[EventColumn.VALUE]),
            }
        )
    return records
