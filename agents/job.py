"""What `python -m agents.train` was asked to do."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """A training run as the command line gives it."""

    algo: str
    suite: str
    preset: str
    steps: int
    cpu_seconds: float | None
    seed: int
    logdir: Path
    resume: Path | None
    override: tuple[str, ...]
    dry_run: bool
    command: str
