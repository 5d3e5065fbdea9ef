"""The leaderboard: agents drive suites, their replays are played again, and what really happened is scored.

    python benchmarks/leaderboard.py --agents random stop blind expert cautious aggressive ppo my_agent.py:Agent
                                     --suite all --seeds 20 --out leaderboard [--jobs 2] [--resume]

Writes results.json, leaderboard.md and index.html (one page, opens from disk). docs/evaluation.md has the rules.
"""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from agents.evaluation.contestants import contestants
from agents.evaluation.sandbox import Limits
from airside_sim.suite import load_suite, suite_names
from benchmarks.board.blocks import Task, run_all
from benchmarks.board.page import write_page
from benchmarks.board.results import results, write_results


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--agents", nargs="+", default=[], help="drivers, checkpoints, FILE.py:OBJECT, MODULE:OBJECT")
    parser.add_argument("--suite", default="eval", help="a suite's name or path, or 'all' shipped ones")
    parser.add_argument("--seeds", type=int, default=20, help="episodes of every entry")
    parser.add_argument("--out", type=Path, default=Path("leaderboard"))
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--resume", action="store_true", help="keep the blocks that are finished in --out")
    for name, value in vars(Limits()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value, help="limit of an agent")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run the leaderboard; returns the exit status."""
    args = parse(argv)
    console = Console()
    try:
        limits = Limits(args.action_s, args.episode_s, args.start_s, args.memory_mb)
        suites = [load_suite(name) for name in (suite_names() if args.suite == "all" else [args.suite])]
        seeds = {suite.name: suite.seed_list(args.seeds) for suite in suites}
        tasks = [
            Task(one, suite.name, entry, seeds[suite.name], args.out, limits)
            for one in contestants(args.agents) for suite in suites for entry in suite.entries
        ]  # fmt: skip
    except (OSError, ValueError) as error:
        console.print(str(error), style="red", markup=False)
        return 2
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        bar = progress.add_task("blocks", total=len(tasks))
        blocks = run_all(tasks, jobs=args.jobs, resume=args.resume, on_done=lambda task, _: progress.update(
            bar, advance=1, description=f"{task.one.name} {task.suite}/{task.entry.label}"))  # fmt: skip
        found = results(blocks, seeds, {suite.name: suite.title for suite in suites})
        write_results(found, args.out)
        page = write_page(found, args.out, on_replay=lambda name: progress.update(bar, description=f"page of {name}"))
    console.print(f"{page}\n{args.out / 'leaderboard.md'}\n{args.out / 'results.json'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
