"""Train an agent on a suite.

python -m agents.train ppo --suite train --steps 2000000 --logdir runs/ppo
python -m agents.train ppo --resume runs/ppo --steps 2000000
"""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import tyro

from agents.job import Job
from agents.registry import trainer


def train(
    algo: Annotated[str, tyro.conf.Positional],
    suite: str = "train",
    preset: str = "small",
    steps: int = 1_000_000,
    cpu_seconds: float | None = None,
    seed: int = 0,
    logdir: Path | None = None,
    resume: Path | None = None,
    override: tuple[str, ...] = (),
    dry_run: bool = False,
) -> int:
    """Train an agent on a suite.

    Args:
        algo: ppo, sac or ppo_lag.
        suite: a suite with train or validation seeds, by name or path.
        preset: small, or debug for seconds on every code path.
        steps: environment ticks (0.1 s each) in all, those before a resume included.
        cpu_seconds: stop after so much CPU time, resumes included.
        seed: of the learner; fixes the run.
        logdir: folder of the run; runs/ALGO-sSEED where it is not given.
        resume: folder of a run that was interrupted.
        override: settings as NAME.NAME=VALUE, for example ppo.gamma=0.995.
        dry_run: only say how big the agent is.
    """
    command = "python -m agents.train " + shlex.join(sys.argv[1:])
    place = logdir or Path("runs") / f"{algo}-s{seed}"
    job = Job(algo, suite, preset, steps, cpu_seconds, seed, place, resume, override, dry_run, command)
    try:
        exported = trainer(algo)(job)
    except (ValueError, KeyError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if not dry_run:
        sys.stdout.write(f"{exported}\n")
    return 0


if __name__ == "__main__":
    sys.exit(tyro.cli(train))
