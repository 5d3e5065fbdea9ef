"""`TURNAROUND`: the timeline of a turnaround, one row a task, in minutes after on-block, and what it calls for.

Usual times are those of an A320 or B737-800 in 40 minutes, domain notes section 5 [E] with the durations of [V6];
earliest and latest lie 3 to 4 minutes apart by then, as published off-block spreads do [V6], and 36.6 to 45 minutes at
off-block (planned 35-45, [V6]). A task begins after the ends of those in `after`. Kernels read the arrays at the end:
like enumerations they are frozen when numba compiles, and an edit here compiles anew.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

ARRIVAL_MIN = 3.0  # up to here and
DEPARTURE_MIN = 33.0  # from here on a turnaround takes equally long whatever the aircraft; what lies between stretches
WIDEBODY_STRETCH = 7.0 / 3.0  # 80 minutes to off-block: A330 and B787 75-90, B777 90 [V6]


class Task(IntEnum):
    """Rows of the timeline and of `World.turn`, in order of their usual start."""

    MARSHALLING = 0
    ENGINES_RUN_DOWN = 1
    BEACON_OFF = 2
    CHOCKS = 3
    CONES = 4
    GPU_ON = 5
    STAIRS_DOCK = 6
    DOORS_OPEN = 7
    BELT_FORWARD = 8
    BELT_AFT = 9
    DEPLANING = 10
    UNLOADING = 11
    TRAIN_OUT_1 = 12
    TRAIN_OUT_2 = 13
    LAVATORY = 14
    CATERING = 15
    FUEL_ARRIVES = 16
    FUELLING = 17
    CLEANING = 18
    TRAIN_IN_1 = 19
    TRAIN_IN_2 = 20
    TRAIN_IN_3 = 21
    LOADING = 22
    BOARDING = 23
    TUG_CONNECTS = 24
    HOLD_DOORS = 25
    CABIN_DOORS = 26
    BELTS_AWAY = 27
    STAIRS_BACK = 28
    GPU_OFF = 29
    CONES_AND_CHOCKS = 30
    WING_WALKERS = 31
    BEACON_ON = 32
    PUSHBACK = 33
    ENGINE_START = 34
    DISCONNECT = 35
    TAXI = 36


NUM_TASKS = len(Task)


class Equipment(IntEnum):
    """Places of a stand's equipment (`World.prop` row of an aircraft slot); bit k of `Aircraft.SERVING` calls it in."""

    GPU = 0
    CATERING = 1
    BELT_FORWARD = 2
    STAIRS = 3
    DOLLY_1 = 4
    DOLLY_2 = 5
    LAVATORY = 6
    BELT_AFT = 7
    FUEL = 8


NUM_EQUIPMENT = len(Equipment)
ALL = tuple(Equipment)
_DOLLIES = (Equipment.DOLLY_1, Equipment.DOLLY_2)
_BELTS = (Equipment.BELT_FORWARD, Equipment.BELT_AFT)


@dataclass(frozen=True)
class TaskTimes:
    """Earliest, usual and latest start and end, minutes after on-block; sigma of the log-normal duration and lag."""

    what: str
    start_min: tuple[float, float, float]
    end_min: tuple[float, float, float]
    after: tuple[Task, ...] = ()
    within: Task | None = None  # its lag counts from the start of this one
    sigma: float = 0.15
    source: str = "[E]"
    calls: tuple[Equipment, ...] = ()  # leave their place beside the stand when it starts
    frees: tuple[Equipment, ...] = ()  # go back there when it starts
    frees_after: tuple[Equipment, ...] = ()  # go back when it ends
    needs_in: tuple[Equipment, ...] = ()  # it cannot end before they are in service
    needs_back: tuple[Equipment, ...] = ()  # it cannot end before they are back


def _at(early: float, usual: float, late: float) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Start and end of what takes no time."""
    return (early, usual, late), (early, usual, late)


TURNAROUND: dict[Task, TaskTimes] = {
    Task.MARSHALLING: TaskTimes("marshaller in place, aircraft enters the stand", (-5.0, -2.0, -0.2), (0.0, 0.0, 0.0)),
    Task.ENGINES_RUN_DOWN: TaskTimes("on blocks, engines run down", (0.0, 0.0, 0.0), (0.3, 0.5, 0.7)),
    Task.BEACON_OFF: TaskTimes("beacon off", *_at(0.5, 0.7, 1.0), (Task.ENGINES_RUN_DOWN,)),
    Task.CHOCKS: TaskTimes(
        "chocks", (0.6, 0.8, 1.2), (1.2, 1.6, 4.0), (Task.BEACON_OFF,), source="[V6] 2-4 min after stop"
    ),
    Task.CONES: TaskTimes("cones at tips, engines, tail", (0.8, 1.0, 1.6), (1.5, 2.0, 4.0), (Task.BEACON_OFF,)),
    Task.GPU_ON: TaskTimes(
        "ground power connected", (0.8, 1.0, 1.6), (1.5, 2.0, 4.0), (Task.BEACON_OFF,), source="[V6] doors, GPU 3-4",
        calls=(Equipment.GPU,), needs_in=(Equipment.GPU,),
    ),
    Task.STAIRS_DOCK: TaskTimes(
        "stairs docked", (1.1, 1.5, 2.2), (2.2, 3.0, 4.0), (Task.BEACON_OFF,),
        calls=(Equipment.STAIRS,), needs_in=(Equipment.STAIRS,),
    ),
    Task.DOORS_OPEN: TaskTimes("door L1 open", *_at(2.2, 3.0, 4.2), (Task.STAIRS_DOCK,)),
    Task.BELT_FORWARD: TaskTimes(
        "belt loader at the forward hold", (1.5, 2.0, 2.8), (2.4, 3.0, 4.2), (Task.BEACON_OFF,),
        calls=(Equipment.BELT_FORWARD,), needs_in=(Equipment.BELT_FORWARD,),
    ),
    Task.BELT_AFT: TaskTimes(
        "belt loader at the aft hold", (1.5, 2.0, 2.8), (2.4, 3.0, 4.6), (Task.BEACON_OFF,),
        calls=(Equipment.BELT_AFT,), needs_in=(Equipment.BELT_AFT,),
    ),
    Task.DEPLANING: TaskTimes(
        "deplaning", (2.4, 3.1, 4.4), (9.0, 11.0, 13.5), (Task.DOORS_OPEN,), source="[V6] about 8"
    ),
    Task.UNLOADING: TaskTimes(
        "unloading", (2.5, 3.1, 4.8), (10.5, 13.0, 16.5), (Task.BELT_FORWARD, Task.BELT_AFT), None, 0.2,
        "[V6] about 12", calls=_DOLLIES,
    ),
    Task.TRAIN_OUT_1: TaskTimes("first baggage train leaves", *_at(6.5, 8.0, 10.5), within=Task.UNLOADING),
    Task.TRAIN_OUT_2: TaskTimes(
        "last baggage train leaves", *_at(10.5, 13.0, 17.0), (Task.UNLOADING,), frees=_DOLLIES
    ),
    Task.LAVATORY: TaskTimes(
        "lavatory and water", (3.2, 4.0, 5.4), (11.0, 14.0, 17.5), (Task.BEACON_OFF,), None, 0.2,
        calls=(Equipment.LAVATORY,), frees_after=(Equipment.LAVATORY,),
    ),
    Task.CATERING: TaskTimes(
        "catering", (4.0, 5.0, 6.6), (13.0, 15.0, 19.0), (Task.BEACON_OFF,), None, 0.2, "[V6] 10-13.5",
        calls=(Equipment.CATERING,), frees_after=(Equipment.CATERING,),
    ),
    Task.FUEL_ARRIVES: TaskTimes(
        "dispenser arrives", (3.2, 4.0, 5.2), (4.2, 5.0, 6.4), (Task.BEACON_OFF,),
        calls=(Equipment.FUEL,), needs_in=(Equipment.FUEL,),
    ),
    Task.FUELLING: TaskTimes(
        "fuelling", (4.2, 5.0, 6.6), (16.0, 19.0, 23.0), (Task.FUEL_ARRIVES,), None, 0.25,
        "[V6] about 20 with connecting",
        frees_after=(Equipment.FUEL,),
    ),
    Task.CLEANING: TaskTimes(
        "cleaning", (9.0, 11.0, 13.8), (16.0, 19.0, 23.5), (Task.DEPLANING,), None, 0.2, "[V6] 8-15"
    ),
    Task.TRAIN_IN_1: TaskTimes(
        "first train with outbound bags", *_at(11.0, 13.5, 17.4), (Task.TRAIN_OUT_2,), calls=_DOLLIES
    ),
    Task.TRAIN_IN_2: TaskTimes("second train", *_at(14.0, 17.0, 21.0), (Task.TRAIN_IN_1,)),
    Task.TRAIN_IN_3: TaskTimes("third train", *_at(18.0, 22.0, 26.0), (Task.TRAIN_IN_2,)),
    Task.LOADING: TaskTimes(
        "loading", (11.5, 14.0, 18.0), (24.5, 28.0, 31.5), (Task.UNLOADING, Task.TRAIN_IN_1), None, 0.2,
        "[V6] about 12",
        frees_after=_DOLLIES,
    ),
    Task.BOARDING: TaskTimes(
        "boarding", (17.0, 20.0, 24.0), (29.5, 33.0, 36.0), (Task.CLEANING,), source="[V6] about 13"
    ),
    Task.TUG_CONNECTS: TaskTimes("pushback tractor connects", (24.0, 27.0, 30.0), (27.5, 31.0, 34.0)),
    Task.HOLD_DOORS: TaskTimes("hold doors closed", (30.0, 33.0, 35.6), (30.4, 33.5, 36.2), (Task.LOADING,)),
    Task.CABIN_DOORS: TaskTimes(
        "cabin doors closed", (30.8, 34.0, 37.0), (31.6, 35.0, 38.4), (Task.BOARDING, Task.HOLD_DOORS)
    ),
    Task.BELTS_AWAY: TaskTimes(
        "belt loaders away", (30.4, 33.5, 36.3), (31.6, 35.0, 38.0), (Task.HOLD_DOORS,), frees=_BELTS, needs_back=_BELTS
    ),
    Task.STAIRS_BACK: TaskTimes(
        "stairs back", (31.8, 35.0, 38.6), (32.6, 36.5, 39.8), (Task.CABIN_DOORS,),
        frees=(Equipment.STAIRS,), needs_back=(Equipment.STAIRS,),
    ),
    Task.GPU_OFF: TaskTimes(
        "ground power off", (31.8, 35.0, 38.6), (32.4, 36.0, 39.8), (Task.CABIN_DOORS,),
        frees=(Equipment.GPU,), needs_back=(Equipment.GPU,),
    ),
    Task.CONES_AND_CHOCKS: TaskTimes(
        "cones and chocks away, headset on", (32.8, 36.5, 40.0), (34.3, 38.0, 41.8),
        (Task.STAIRS_BACK, Task.GPU_OFF, Task.BELTS_AWAY), source="[V6] departure preparation 3-5",
    ),
    Task.WING_WALKERS: TaskTimes(
        "wing walkers in place: ready (TOBT)", (34.4, 38.0, 42.0), (34.9, 38.4, 42.6), (Task.CONES_AND_CHOCKS,),
        needs_back=ALL,
    ),
    Task.BEACON_ON: TaskTimes("clearance, beacon on (TSAT, ASRT)", *_at(36.3, 39.2, 43.4), (Task.WING_WALKERS,)),
    Task.PUSHBACK: TaskTimes(
        "pushback (AOBT)", (36.6, 40.0, 45.0), (37.3, 42.0, 48.0), (Task.BEACON_ON,), source="[V6] 1.5-3 min"
    ),
    Task.ENGINE_START: TaskTimes(
        "engine start", (36.9, 40.5, 46.0), (37.9, 42.8, 50.0), within=Task.PUSHBACK,
        source="30-60 s an engine, the first during the push",
    ),
    Task.DISCONNECT: TaskTimes(
        "brake set, tug disconnects and leaves", (37.3, 42.0, 48.0), (38.2, 44.2, 51.0), (Task.PUSHBACK,)
    ),
    Task.TAXI: TaskTimes("taxi", *_at(38.2, 45.0, 52.0), (Task.DISCONNECT,)),
}  # fmt: skip

LAST_TIMED = Task.WING_WALKERS  # later ones happen when the apron lets them

_rows = [TURNAROUND[task] for task in Task]
START_MIN = np.array([row.start_min for row in _rows])  # (NUM_TASKS, 3) earliest, usual, latest
END_MIN = np.array([row.end_min for row in _rows])
SIGMA = np.array([row.sigma for row in _rows])
AFTER = np.array([[*row.after, -1, -1, -1][:3] for row in _rows], np.int64)  # (NUM_TASKS, 3), -1 = none
WITHIN = np.array([-1 if row.within is None else row.within for row in _rows], np.int64)


def _masks(column: str) -> np.ndarray:
    return np.array([sum(1 << int(k) for k in getattr(row, column)) for row in _rows], np.int64)


CALLS, FREES, FREES_AFTER = _masks("calls"), _masks("frees"), _masks("frees_after")
NEEDS_IN, NEEDS_BACK = _masks("needs_in"), _masks("needs_back")


def stretched(minutes: float, stretch: float) -> float:
    """Minutes after on-block when the part between arrival and departure takes `stretch` times as long."""
    inner = min(max(minutes, ARRIVAL_MIN), DEPARTURE_MIN) - ARRIVAL_MIN
    return minutes + (stretch - 1.0) * inner


def bounds_min(task: Task, stretch: float = 1.0) -> tuple[float, float, float, float]:
    """Earliest and latest start, earliest and latest end of a task."""
    row = TURNAROUND[task]
    low, high = row.start_min[0], row.start_min[2]
    first, last = row.end_min[0], row.end_min[2]
    return (
        stretched(low, stretch),
        stretched(high, stretch),
        stretched(first, stretch),
        stretched(last, stretch),
    )
