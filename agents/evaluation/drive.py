"""Driving one entry of a suite: an episode per seed, each saved as a replay file, failures with their reason."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

import airside_sim
from agents.evaluation.contestants import Contestant, Pilot, pilot
from agents.evaluation.resimulate import Claim
from agents.evaluation.sandbox import AgentFailure, Limits
from airside_sim.envs.observation import Observer
from airside_sim.envs.referee import Referee
from airside_sim.kernels.step import REST, STEP
from airside_sim.replay import Replay, save_replay
from airside_sim.replay.recipe import plain_keywords, scenario_text
from airside_sim.replay.trace import Trace
from airside_sim.rng import seed_word
from airside_sim.sim import Simulator
from airside_sim.suite import ENV_ID, Entry

GIVE_UP_AFTER = 3  # failures in a row: the rest of the entry is failed without driving


@dataclass
class Drive:
    """What an agent did on one entry."""

    claims: list[Claim] = field(default_factory=list)
    actions: int = 0
    ms: float = 0.0

    @property
    def ms_per_action(self) -> float:
        return self.ms / max(1, self.actions)


def drive_entry(one: Contestant, entry: Entry, seeds: list[int], folder: Path, limits: Limits) -> Drive:
    """Drive every seed; replays go to `folder`/SEED.replay. Nothing that an agent does raises."""
    done = Drive()
    driver: Pilot | None = None
    in_a_row, left, reason = 0, list(seeds), ""
    try:
        while left and in_a_row < GIVE_UP_AFTER:
            try:
                driver = driver or pilot(one, limits)
                batch = left if driver.takes_batches else left[:1]
                worlds = _Worlds(entry, batch, driver.obs)
            except (AgentFailure, TypeError, ValueError) as error:  # it did not start, or wants no observation we have
                reason, batch = f"{error}", left[:1]
                claims = [Claim(seed, failed=reason) for seed in batch]
            else:
                claims, reason = worlds.drive(driver, folder, done)
            if reason and driver is not None:
                driver.close()
                driver = None
            in_a_row = in_a_row + 1 if reason else 0
            done.claims += claims
            left = left[len(batch) :]
    finally:
        if driver is not None:
            driver.close()
    given_up = f"not driven after {GIVE_UP_AFTER} failures in a row: {reason}"
    done.claims += [Claim(seed, failed=given_up) for seed in left]
    return done


class _Worlds:
    """A batch of worlds that record what is driven in them."""

    def __init__(self, entry: Entry, seeds: list[int], obs: dict[str, Any]) -> None:
        self._entry, self._seeds, self._obs = entry, seeds, obs
        self._simulator = Simulator(entry.config(**obs), len(seeds))
        self._observer = Observer(self._simulator)

    def drive(self, driver: Pilot, folder: Path, done: Drive) -> tuple[list[Claim], str]:
        """Drive all worlds to their ends; (claims in seed order, the reason of a failure or "")."""
        simulator, n = self._simulator, len(self._seeds)
        simulator.reset(seeds=np.array(self._seeds, np.int64))
        referee = Referee(simulator.world)
        traces = [Trace(simulator.world, 50, e) for e in range(n)]
        driven: list[np.ndarray] = []
        ends = np.zeros(n, np.int64)
        alive, failed = np.ones(n, bool), [""] * n
        reason = ""
        command = np.zeros((n, 2))
        try:
            driver.begin(simulator)
            while alive.any():
                action, ms = driver.act(self._observer.batch(fresh=True), alive)
                done.ms += ms
                done.actions += int(alive.sum())
                for e, why in _refused(action, command, alive).items():
                    failed[e] = reason = why
                    alive[e] = False
                simulator.step(command, np.where(alive, STEP, REST).astype(np.uint8))
                referee.watch()
                driven.append(command.copy())
                ends += alive
                for e in np.flatnonzero(alive):
                    traces[e].tick()
                alive &= ~simulator.done
        except AgentFailure as error:
            reason = str(error)
            for e in np.flatnonzero(alive):
                failed[e] = reason
        actions = np.stack(driven) if driven else np.zeros((0, n, 2))
        logs: list[list[dict]] = [[] for _ in range(n)]
        for record in referee.records():
            logs[record["env"]].append(record | {"env": 0})
        claims = []
        for e, seed in enumerate(self._seeds):
            path = None if failed[e] else folder / f"{seed}.replay"
            if path is not None:
                save_replay(self._replay(seed, actions[: ends[e], e], traces[e], logs[e]), path)
            claims.append(Claim(seed, path, failed[e]))
        return claims, reason

    def _replay(self, seed: int, actions: np.ndarray, trace: Trace, log: list[dict[str, Any]]) -> Replay:
        given = {"scenario": self._entry.scenario} | self._entry.keywords | self._obs
        return Replay(
            env_id=ENV_ID,
            keywords=dict(gym.spec(ENV_ID).kwargs) | plain_keywords(given),
            scenario_text=scenario_text(self._entry.scenario),
            seed=seed,
            episode=0,
            word=int(seed_word(seed)),
            map_hash=self._simulator.map_hash,
            actions=actions,
            digests=trace.digests(),
            outcome=trace.outcome,
            events=log,
            version=airside_sim.__version__,
        )


def _refused(action: np.ndarray, command: np.ndarray, alive: np.ndarray) -> dict[int, str]:
    """Write good actions into `command` (n, 2), clipped; what is wrong with the others, by world."""
    given = np.asarray(action)
    if given.shape != command.shape:
        why = f"action has shape {given.shape[1:]}; (2,) = (steering, velocity) is needed"
        return {int(e): why for e in np.flatnonzero(alive)}
    good = np.isfinite(given).all(axis=1)
    command[good] = np.clip(given[good], [-1.0, 0.0], [1.0, 1.0])
    return {int(e): f"action {given[e].tolist()} is not finite" for e in np.flatnonzero(alive & ~good)}
