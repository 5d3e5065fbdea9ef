"""The log of turnarounds: planned and actual times of every task at every occupied stand, with A-CDM milestones."""

from typing import Any

from airside_sim.aircraft_types import AIRCRAFT_NAMES
from airside_sim.columns import Aircraft, Episode, Turn
from airside_sim.constants import AircraftPhase
from airside_sim.turnaround_times import TURNAROUND, Task

NOT_YET_S = 1e9
MILESTONES = {
    Task.ENGINES_RUN_DOWN: "AIBT",  # actual in-block time, at its start
    Task.WING_WALKERS: "TOBT",  # target off-block time: ready, at its end
    Task.BEACON_ON: "TSAT/ASRT",  # start-up approved and requested
    Task.PUSHBACK: "AOBT",  # actual off-block time, at its start
}


def turnaround_log(simulator: Any, e: int = 0) -> list[dict[str, Any]]:
    """Present or last turnaround of every stand of env e: one record a task, times in minutes after on-block.

    `start_min` and `end_min` are None until it has happened; `hold_min` is how long the aircraft, ready, waited for its
    push to be admitted. Tasks before the episode's start are written down as planned.
    """
    world, m = simulator.world, int(simulator.world.episode[e, Episode.MAP])
    stands = simulator.maps[m].airport.stands
    stand0 = int(simulator.bank.map_stand0[m])
    records = []
    for slot, row in enumerate(world.aircraft[e]):
        never = row[Aircraft.STRETCH] == 0.0  # no aircraft has been on blocks here
        if row[Aircraft.STAND] < 0 or never or row[Aircraft.PHASE] == AircraftPhase.TAXI_IN:
            continue
        head = {
            "slot": slot,
            "stand": stands[int(row[Aircraft.STAND]) - stand0].id,
            "aircraft": AIRCRAFT_NAMES[int(row[Aircraft.TYPE])],
            "on_block_s": round(float(row[Aircraft.ON_BLOCK]), 1),
            "stretch": float(row[Aircraft.STRETCH]),
        }
        records += [head | record for record in task_records(world.turn[e, slot])]
    return records


def task_records(turn: Any) -> list[dict[str, Any]]:
    """Records of one turnaround. turn: (NUM_TASKS, Turn) s after on-block."""
    hold_min = hold_of(turn)
    return [
        {
            "task": task.name.lower(),
            "what": TURNAROUND[task].what,
            "milestone": MILESTONES.get(task, ""),
            "planned_start_min": _minutes(turn[task, Turn.PLAN_START]),
            "planned_end_min": _minutes(turn[task, Turn.PLAN_END]),
            "start_min": _minutes(turn[task, Turn.START]),
            "end_min": _minutes(turn[task, Turn.END]),
            "hold_min": hold_min if task >= Task.BEACON_ON else 0.0,
        }
        for task in Task
    ]


def hold_of(turn: Any) -> float:
    """Minutes between ready (TOBT) and the beacon (TSAT) beyond what was planned; 0 while it has not happened."""
    ready, beacon = turn[Task.WING_WALKERS], turn[Task.BEACON_ON]
    if beacon[Turn.START] >= NOT_YET_S or ready[Turn.END] >= NOT_YET_S:
        return 0.0
    planned_s = beacon[Turn.PLAN_START] - ready[Turn.PLAN_END]
    return float(max(beacon[Turn.START] - ready[Turn.END] - planned_s, 0.0) / 60.0)


def _minutes(seconds: float) -> float | None:
    return None if seconds >= NOT_YET_S else round(float(seconds) / 60.0, 3)
