"""The algorithms of `python -m agents.train`: public name -> module with a function `run(job) -> Path`."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from agents.job import Job
from airside_sim.resources import did_you_mean

ALGORITHMS: dict[str, str] = {
    "ppo": "agents.baselines.learn",
    "sac": "agents.baselines.learn",
    "ppo_lag": "agents.baselines.learn",
}


def trainer(algo: str) -> Callable[[Job], Path]:
    """The function that trains `algo`."""
    if algo not in ALGORITHMS:
        raise ValueError(f"unknown algorithm '{algo}'{did_you_mean(algo, list(ALGORITHMS))}")
    return import_module(ALGORITHMS[algo]).run
