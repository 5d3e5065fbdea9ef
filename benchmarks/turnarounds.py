"""A hundred turnarounds from arrival to taxi-out on a busy apron, against the timeline's bounds; and every push path.

    python benchmarks/turnarounds.py [--json OUT] [--count 100] [--map hub]

Times are minutes after on-block. What happens after the aircraft was ready counts from when its push was admitted
(TSAT): the hold before it belongs to the apron, not to the turnaround. Exits 1 when a time is out of its bounds.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent))

from throughput import machine

from airside_sim.columns import Aircraft, Turn
from airside_sim.constants import AircraftPhase
from airside_sim.env_config import resolve
from airside_sim.outlines import overlapping_pairs
from airside_sim.push_clearance import check_pushes
from airside_sim.sim import Simulator
from airside_sim.turnaround_log import hold_of
from airside_sim.turnaround_stage import park_ego
from airside_sim.turnaround_times import Task, bounds_min

WORLDS = 4
LOOK_TICKS = 200
SLACK_MIN = 0.05  # an event waits for the next tick, and a second where equipment was still under way
MOST_TICKS = 200_000


def simulate(map_name: str, count: int) -> tuple[list[dict[str, Any]], int, int]:
    """(turnarounds, world-ticks, contacts between background actors): only such as arrived while watched."""
    config = resolve("apron", map=map_name, obs_type="state", traffic=0.4, max_steps=0, weather="clear", light="day")
    sim = Simulator(config, WORLDS)
    sim.reset(seeds=np.arange(WORLDS))
    for e in range(WORLDS):
        park_ego(sim, e, int(sim.world.aircraft[e, 0, Aircraft.STAND]))
    stays, done, taken, contacts = np.zeros((WORLDS, 2)), [], set(), 0
    tick = 0
    while len(done) < count and tick < MOST_TICKS:
        for _ in range(LOOK_TICKS):
            sim.step(stays)
        tick += LOOK_TICKS
        contacts += sum(len(overlapping_pairs(sim.world, e)) for e in range(WORLDS))
        for e, i in np.argwhere(sim.world.aircraft[:, :, Aircraft.PHASE] == AircraftPhase.TAXI_OUT):
            row = sim.world.aircraft[e, i]
            key = (int(e), int(i), float(row[Aircraft.ON_BLOCK]))
            if row[Aircraft.ON_BLOCK] > 0.0 and key not in taken:
                taken.add(key)
                done.append({"stretch": float(row[Aircraft.STRETCH]), "turn": sim.world.turn[e, i].copy()})
    return done[:count], tick * WORLDS, contacts


def judge(done: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Per task: mean start and end over usual-length turnarounds, and how many of all times are out of bounds."""
    rows = {}
    for task in Task:
        times = np.array([_minutes(one["turn"], task) for one in done])
        bounds = np.array([bounds_min(task, one["stretch"]) for one in done])
        low, high, first, last = bounds.T
        out = (times[:, 0] < low - SLACK_MIN) | (times[:, 0] > high + SLACK_MIN)
        out |= (times[:, 1] < first - SLACK_MIN) | (times[:, 1] > last + SLACK_MIN)
        usual = np.array([one["stretch"] == 1.0 for one in done])
        start, end = times[usual].mean(axis=0) if usual.any() else (np.nan, np.nan)
        rows[task.name.lower()] = {"start_min": float(start), "end_min": float(end), "out_of_bounds": int(out.sum())}
    return rows


def _minutes(turn: np.ndarray, task: Task) -> tuple[float, float]:
    hold_min = hold_of(turn) if task >= Task.BEACON_ON else 0.0
    return turn[task, Turn.START] / 60.0 - hold_min, turn[task, Turn.END] / 60.0 - hold_min


def main() -> int:
    """Simulate, judge, print; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--map", default="hub")
    parser.add_argument("--push-maps", nargs="*", default=["hub", "training_apron"])
    args = parser.parse_args()
    start = time.perf_counter()
    done, ticks, contacts = simulate(args.map, args.count)
    tasks = judge(done)
    pushes = {name: check_pushes(name) for name in args.push_maps}
    console = Console(width=110)
    table = Table(title=f"{len(done)} turnarounds, minutes after on-block (means over the usual length)")
    for column in ("task", "start", "end", "out of bounds"):
        table.add_column(column)
    for name, row in tasks.items():
        table.add_row(name, f"{row['start_min']:.1f}", f"{row['end_min']:.1f}", str(row["out_of_bounds"]))
    console.print(table)
    result: dict[str, Any] = {
        "machine": machine(),
        "map": args.map,
        "turnarounds": len(done),
        "world_ticks": ticks,
        "contacts": contacts,
        "mean_hold_min": float(np.mean([hold_of(one["turn"]) for one in done])),
        "seconds": time.perf_counter() - start,
        "tasks": tasks,
        "pushes": {
            name: {
                "stands": len(rows),
                "least_clearance_m": min(row.clearance_m for row in rows),
                "most_off_line_m": max(row.off_line_m for row in rows),
                "violations": [row.stand for row in rows if not row.is_ok],
            }
            for name, rows in pushes.items()
        },
    }
    console.print({key: value for key, value in result.items() if key not in ("tasks", "machine")})
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n")
    failed = sum(row["out_of_bounds"] for row in tasks.values()) + contacts
    failed += sum(len(entry["violations"]) for entry in result["pushes"].values())
    return 1 if failed or len(done) < args.count else 0


if __name__ == "__main__":
    sys.exit(main())
