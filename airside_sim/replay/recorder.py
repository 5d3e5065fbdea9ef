"""Recording episodes as they are driven: `env = RecordReplay(gym.make(...), "replays")`."""

from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

import airside_sim
from airside_sim.columns import Episode
from airside_sim.replay.file import Replay, save_replay
from airside_sim.replay.recipe import plain_keywords, scenario_text
from airside_sim.replay.trace import Trace
from airside_sim.rng import seed_word


class RecordReplay(gym.Wrapper):
    """Writes one `.replay` file per episode into `folder`; an episode cut short by reset or close is written too.

    Args:
        env: a single airside_sim environment (wrappers are fine).
        folder: where the files go; they are named ID-SEED-EPISODE.replay.
        digest_every: ticks between hashes of the world.
        snapshot_every: ticks between whole states in the file (30 kB each), 0 for none.
    """

    def __init__(
        self, env: gym.Env, folder: str | Path = "replays", *, digest_every: int = 50, snapshot_every: int = 600
    ) -> None:
        super().__init__(env)
        self.folder = Path(folder)
        self.paths: list[Path] = []  # files written, oldest first
        self._digest_every, self._snapshot_every = digest_every, snapshot_every
        self._is_recording = False

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin an episode and its recording."""
        self._finish()
        world = self.unwrapped.simulator.world
        word = int(world.rng[0])
        obs, info = self.env.reset(seed=seed, options=options)
        self._seed = int(world.episode[0, Episode.SEED])
        self._episode = int(world.episode[0, Episode.EPISODE_INDEX]) - 1
        self._word = word if self._episode else int(seed_word(self._seed))
        self._actions: list[np.ndarray] = []
        self._snapshots: list[bytes] = []
        self._snapshot_ticks: list[int] = []
        self._trace = Trace(world, self._digest_every)
        self._is_recording = True
        return obs, info

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Drive one tick; the file is written when it ends the episode."""
        result = self.env.step(action)
        simulator = self.unwrapped.simulator
        self._actions.append(self.unwrapped.command[0].copy())
        self._trace.tick()
        if self._snapshot_every and len(self._actions) % self._snapshot_every == 0:
            self._snapshots.append(simulator.get_state({}))
            self._snapshot_ticks.append(len(self._actions))
        if result[2] or result[3]:
            self._finish()
        return result

    def close(self) -> None:
        """Write what is under way and close the environment."""
        self._finish()
        self.env.close()

    def _finish(self) -> None:
        if not self._is_recording or not self._actions:
            return
        self._is_recording = False
        spec = self.unwrapped.spec
        replay = Replay(
            env_id=spec.id,
            keywords=plain_keywords(spec.kwargs),
            scenario_text=scenario_text(spec.kwargs.get("scenario")),
            seed=self._seed,
            episode=self._episode,
            word=self._word,
            map_hash=self.unwrapped.simulator.map_hash,
            actions=np.array(self._actions),
            digests=self._trace.digests(),
            outcome=self._trace.outcome,
            events=self.unwrapped.events(),
            digest_every=self._digest_every,
            snapshots=tuple(self._snapshots),
            snapshot_ticks=tuple(self._snapshot_ticks),
            version=airside_sim.__version__,
        )
        self.paths.append(save_replay(replay, self.folder / f"{spec.id}-{self._seed}-{self._episode:04d}.replay"))
