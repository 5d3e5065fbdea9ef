"""Who can be judged: scripted drivers, checkpoint folders, and any Python object with `act(obs)`."""

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from agents.evaluation.sandbox import AgentFailure, Limits, Sandbox
from agents.zoo import MANIFEST, shipped, shipped_names
from airside_sim.drivers import DRIVER_NAMES, make_driver
from airside_sim.resources import did_you_mean


@dataclass(frozen=True)
class Contestant:
    """A row of the leaderboard before it has driven."""

    name: str  # in tables and file names
    kind: str  # scripted, checkpoint, object
    target: str  # driver, folder, or MODULE:OBJECT

    def fingerprint(self) -> str:
        """Changes when the agent does, as far as its own file tells."""
        digest = hashlib.sha256(f"{self.kind} {self.target}".encode())
        if self.kind == "checkpoint":
            digest.update((Path(self.target) / "manifest.json").read_bytes())
        elif self.kind == "object" and self.target.rpartition(":")[0].endswith(".py"):
            digest.update(Path(self.target.rpartition(":")[0]).read_bytes())
        return digest.hexdigest()[:16]


def contestant(spec: str) -> Contestant:
    """`expert`, `ppo` (shipped), `runs/mine/export`, `my_agent.py:Agent` or `package.module:Agent`."""
    if spec in DRIVER_NAMES:
        return Contestant(spec, "scripted", spec)
    if spec in shipped_names():
        return Contestant(spec, "checkpoint", str(shipped(spec)))
    if (Path(spec) / MANIFEST).is_file():
        return Contestant("-".join(Path(os.path.abspath(spec)).parts[-3:]), "checkpoint", os.path.abspath(spec))
    place, colon, name = spec.rpartition(":")
    if colon and place and name.isidentifier():
        if place.endswith(".py") and not Path(place).is_file():
            raise ValueError(f"agent '{spec}': there is no file {place}")
        where = os.path.abspath(place) if place.endswith(".py") else place
        return Contestant(f"{Path(place).stem}-{name}", "object", f"{where}:{name}")
    known = [*DRIVER_NAMES, *shipped_names()]
    raise ValueError(f"unknown agent '{spec}'{did_you_mean(spec, known)}; "
                     "or give a checkpoint folder, FILE.py:OBJECT or MODULE:OBJECT")  # fmt: skip


def contestants(specs: list[str]) -> list[Contestant]:
    """All of them, with random and expert in front, which the score is measured by; names are unique."""
    found: dict[str, Contestant] = {}
    for spec in ["random", "expert", *specs]:
        one = contestant(spec)
        if found.setdefault(one.name, one) != one:
            raise ValueError(f"agents '{found[one.name].target}' and '{one.target}' would both be called '{one.name}'")
    return list(found.values())


class Pilot(Protocol):
    """What drives one batch of worlds."""

    obs: dict[str, Any]  # keywords of the observation it wants
    takes_batches: bool

    def begin(self, simulator: Any) -> None: ...

    def act(self, obs: Any, alive: np.ndarray) -> tuple[np.ndarray, float]: ...

    def close(self) -> None: ...


class ScriptedPilot:
    """A driver of ours: reads the simulator itself."""

    takes_batches = True

    def __init__(self, name: str) -> None:
        self.obs: dict[str, Any] = {"obs_type": "state"}
        self._name = name

    def begin(self, simulator: Any) -> None:
        self._driver = make_driver(self._name, _Worlds(simulator))

    def act(self, obs: Any, alive: np.ndarray) -> tuple[np.ndarray, float]:
        """Actions (n, 2) and the ms they took."""
        start = time.perf_counter()
        actions = self._driver.act(obs)
        return actions, 1e3 * (time.perf_counter() - start)

    def close(self) -> None:
        """Nothing to end."""


class _Worlds:
    """A simulator in the shape that `make_driver` asks for."""

    def __init__(self, simulator: Any) -> None:
        self.simulator, self.num_envs = simulator, simulator.num_envs


class BoxedPilot:
    """An agent in a sandbox, one world or (checkpoints) a batch at a time."""

    def __init__(self, one: Contestant, limits: Limits) -> None:
        self._box = Sandbox(one.target, is_folder=one.kind == "checkpoint", limits=limits)
        self._episode_ms = 1e3 * limits.episode_s
        self._limits = limits
        self.obs, self.takes_batches = self._box.obs, self._box.takes_batches

    def begin(self, simulator: Any) -> None:
        self._left_ms = self._episode_ms * simulator.num_envs
        self._box.reset()

    def act(self, obs: Any, alive: np.ndarray) -> tuple[np.ndarray, float]:
        """Actions (n, ...) as the agent gives them, and the ms they took; AgentFailure when it gives none."""
        if not self.takes_batches:
            obs = {k: v[0] for k, v in obs.items()} if isinstance(obs, dict) else obs[0]
        action, ms = self._box.act(obs, len(alive))
        self._left_ms -= ms
        if self._left_ms < 0.0:
            raise AgentFailure(f"its actions took over {self._limits.episode_s:g} s in one episode")
        return action if self.takes_batches else action[None], ms

    def close(self) -> None:
        self._box.close()


def pilot(one: Contestant, limits: Limits) -> Pilot:
    """A fresh driver of worlds; AgentFailure when the agent does not start."""
    return ScriptedPilot(one.target) if one.kind == "scripted" else BoxedPilot(one, limits)
