"""Every shipped scenario with scripted drivers: can it be solved, and does it test something?

    python benchmarks/scenario_table.py [--episodes 50] [--drivers expert aggressive blind random] [--only NAME ...]
                                        [--json OUT]

A scenario is solvable when the expert wins most of its episodes, and tests something when a driver that ignores rules
loses more of them. Exits 1 when the expert solves fewer than 90 % over all scenarios or fewer than 60 % of one, when
background actors touch each other, or when nobody fails a scenario. A row that is done is kept in --json: a killed run
goes on where it was.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import gymnasium as gym
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from agents.rollouts import run_episodes, scripted, summarise
from airside_sim.drivers import make_driver
from airside_sim.outlines import overlapping_pairs
from airside_sim.scenario import load_scenario, scenario_names

TEST_SEED0 = 20_000_000
CONTACT_WORLDS, CONTACT_TICKS, CONTACT_EVERY = 8, 600, 10
SHOWN = ("success", "completion", "collisions", "at_fault", "hard_episodes", "cost")


def drive(name: str, driver: str, episodes: int) -> dict[str, float]:
    """One row: means over seeded test episodes."""
    seeds = TEST_SEED0 + np.arange(episodes)
    results = run_episodes(
        "AirsideApron-v0", scripted(driver), seeds, num_envs=min(episodes, 50), obs_type="state", scenario=name
    )
    return {key: float(value) for key, value in summarise(results).items()}


def contacts(name: str) -> list[tuple[int, int, int, int]]:
    """(tick, world, body, body) of background actors that touch each other, a minute of `CONTACT_WORLDS` worlds."""
    env = gym.make_vec(
        "airside_sim:AirsideApron-v0",
        num_envs=CONTACT_WORLDS,
        obs_type="state",
        scenario=name,
        autoreset_mode="next_step",
    )
    env.reset(options={"episode_seeds": TEST_SEED0 + np.arange(CONTACT_WORLDS)})
    driver = make_driver("expert", env)
    world = env.unwrapped.simulator.world
    found = []
    for tick in range(CONTACT_TICKS):
        env.step(driver.act())
        if tick % CONTACT_EVERY == 0:
            found += [(tick, e, a, b) for e in range(CONTACT_WORLDS) for a, b in overlapping_pairs(world, e)]
    env.close()
    return found


def misses(rows: dict[str, dict[str, dict[str, float]]]) -> list[str]:
    """What does not hold, in words."""
    out = []
    expert = {name: row["expert"]["success"] for name, row in rows.items() if "expert" in row}
    if expert and np.mean(list(expert.values())) < 0.90:
        out.append(f"expert solves {np.mean(list(expert.values())):.3f} of all episodes < 0.90")
    out += [f"{name}: expert solves {share:.2f} < 0.60" for name, share in expert.items() if share < 0.60]
    for name, row in rows.items():
        others = [r["success"] for driver, r in row.items() if driver not in ("expert", "contacts")]
        if others and "expert" in row and min(others) >= row["expert"]["success"]:
            out.append(f"{name}: no driver does worse than the expert")
        if row.get("contacts"):
            out.append(f"{name}: background actors touch: {row['contacts'][:3]}")
        if row.get("expert", {}).get("at_fault", 0.0) > 0.0:
            out.append(f"{name}: the expert is at fault in {row['expert']['at_fault']:.3f} of the episodes")
    return out


def main() -> int:
    """Drive, print, and write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", type=int, default=50)
    parser.add_argument("--drivers", nargs="+", default=["expert", "aggressive", "blind", "random"])
    parser.add_argument("--only", nargs="+", default=scenario_names())
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows = json.loads(args.json.read_text())["rows"] if args.json and args.json.exists() else {}
    todo = [(n, d) for n in args.only for d in (*args.drivers, "contacts") if d not in rows.get(n, {})]
    for name, driver in track(todo, description="driving"):
        rows.setdefault(name, {})[driver] = (
            contacts(name) if driver == "contacts" else drive(name, driver, args.episodes)
        )
        if args.json:
            partial = args.json.with_suffix(".partial")
            partial.write_text(json.dumps({"episodes": args.episodes, "rows": rows}, indent=1))
            os.replace(partial, args.json)
    table = Table(title=f"{args.episodes} test episodes a row")
    for column in ("scenario", "level", "driver", *SHOWN):
        table.add_column(column)
    for name, row in sorted(rows.items(), key=lambda item: (load_scenario(item[0]).difficulty or 0, item[0])):
        for driver, result in row.items():
            if driver == "contacts":
                continue
            level = str(load_scenario(name).difficulty or "-")
            table.add_row(name, level, driver, *(f"{result[key]:.3f}" for key in SHOWN))
    console = Console()
    console.print(table)
    wrong = misses(rows)
    for line in wrong:
        console.print(f"MISSED {line}", style="red")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
