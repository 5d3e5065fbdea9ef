"""Scripted drivers on every environment id: success, collisions, incursions and cost over seeded test episodes.

    python benchmarks/driver_table.py [--episodes N] [--drivers ...] [--ids ...] [--map M] [--json OUT]

The expert is the ceiling and the blind follower the floor that learned agents are compared with. Exits 1 when a row
misses its target; every collision of the expert is listed with the seed that replays it.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from agents.rollouts import EpisodeResult, run_episodes, scripted, summarise
from airside_sim.envs.registration import ENV_IDS

TEST_SEED0 = 20_000_000
EXPERT_SUCCESS = {"AirsidePeak-v0": 0.85}
BLIND_HARD = {"AirsideApron-v0": 0.25, "AirsidePushback-v0": 0.60, "AirsideCrossing-v0": 0.60}


def misses(driver: str, env_id: str, row: dict[str, float], incursions: int, success_target: float | None) -> list[str]:
    """Targets of this row that do not hold, in words."""
    out = []
    if driver == "expert":
        target = success_target if success_target is not None else EXPERT_SUCCESS.get(env_id, 0.95)
        out += [f"success {row['success']:.3f} < {target}"] if row["success"] < target else []
        out += [f"at-fault collisions {row['at_fault']:.4f}"] if row["at_fault"] > 0 else []
        out += [f"runway incursions {incursions}"] if incursions else []
        out += [f"mean cost {row['cost']:.4f} > 0.05"] if row["cost"] > 0.05 else []
    elif driver == "blind" and env_id in BLIND_HARD and row["hard_episodes"] < BLIND_HARD[env_id]:
        out.append(f"hard-cost episodes {row['hard_episodes']:.3f} < {BLIND_HARD[env_id]}")
    elif driver == "random" and row["success"] > 0.02:
        out.append(f"success {row['success']:.3f} > 0.02")
    return out


def main() -> int:
    """Run the table; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=1000)
    parser.add_argument("--drivers", nargs="+", default=["expert", "blind", "random"])
    parser.add_argument("--ids", nargs="+", default=list(ENV_IDS))
    parser.add_argument("--map", default=None)
    parser.add_argument("--success-target", type=float, default=None, help="for the expert on --map")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    console = Console(width=150)
    table = Table(title=f"{args.episodes} test episodes a row" + (f", map {args.map}" if args.map else ""))
    names = ("success", "completion", "collisions", "at_fault", "hard_episodes", "cost", "return", "speed_mps", "jerk")
    for column in ("id", "driver", *names, "endings", "s"):
        table.add_column(column, justify="left" if column in ("id", "driver", "endings") else "right")
    seeds = TEST_SEED0 + np.arange(args.episodes)
    keywords = {"map": args.map} if args.map else {}
    failed, rows, listed = [], [], []
    with Progress(console=console) as progress:
        for env_id in args.ids:
            for driver in args.drivers:
                task = progress.add_task(f"{env_id} {driver}", total=args.episodes)
                start = time.perf_counter()
                results = run_episodes(
                    env_id, scripted(driver), seeds, num_envs=64, obs_type="state",
                    on_episode=lambda _, task=task: progress.advance(task), **keywords,
                )  # fmt: skip
                progress.remove_task(task)
                row = summarise(results)
                endings = _endings(results)
                incursions = endings.get("RUNWAY_INCURSION", 0)
                missed = misses(driver, env_id, row, incursions, args.success_target)
                failed += [f"{env_id} {driver}: {m}" for m in missed]
                if driver == "expert":
                    listed += [f"{env_id} {_story(r)}" for r in results if not r.success]
                rows.append({"id": env_id, "driver": driver, "map": args.map, **row, "endings": endings})
                cells = [f"{row[n]:.3f}" for n in names]
                words = " ".join(f"{k.lower()}:{v}" for k, v in endings.items())
                table.add_row(env_id, driver, *cells, words, f"{time.perf_counter() - start:.0f}")
    console.print(table)
    for line in listed:
        console.print(line, style="dim")
    for line in failed:
        console.print(f"MISSED {line}", style="red")
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps({"episodes": args.episodes, "rows": rows, "missed": failed}, indent=1))
    return 1 if failed else 0


def _story(r: EpisodeResult) -> str:
    fault = "at fault" if r.at_fault else "not at fault"
    return f"seed {r.seed}: {r.reason} after {r.steps} steps, hit {r.collision or 'nothing'}, {fault}"


def _endings(results: list[EpisodeResult]) -> dict[str, int]:
    reasons = [r.reason for r in results]
    return {name: reasons.count(name) for name in sorted(set(reasons), key=reasons.count, reverse=True)}


if __name__ == "__main__":
    sys.exit(main())
