"""The algorithms by public name: the module that trains each, and the lighter one that loads what it trained."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from agents.job import Job
from agents.zoo import read_manifest
from airside_sim.resources import did_you_mean

ALGORITHMS: dict[str, str] = {  # a function `run(job) -> Path` of the finished checkpoint
    "ppo": "agents.baselines.learn",
    "sac": "agents.baselines.learn",
    "ppo_lag": "agents.baselines.learn",
}

LOADERS: dict[str, str] = {  # a function `load(folder)` that gives an object with `act(batch of observations)`
    "ppo": "agents.baselines.weights",
    "sac": "agents.baselines.weights",
    "ppo_lag": "agents.baselines.weights",
}


def trainer(algo: str) -> Callable[[Job], Path]:
    """The function that trains `algo`."""
    if algo not in ALGORITHMS:
        raise ValueError(f"unknown algorithm '{algo}'{did_you_mean(algo, list(ALGORITHMS))}")
    return import_module(ALGORITHMS[algo]).run


def load_policy(folder: Path) -> Any:
    """The actor in a checkpoint folder, whatever trained it."""
    algo = read_manifest(folder)["algo"]
    if algo not in LOADERS:
        raise ValueError(f"{folder}: unknown algorithm '{algo}'{did_you_mean(algo, list(LOADERS))}")
    return import_module(LOADERS[algo]).load(folder)
