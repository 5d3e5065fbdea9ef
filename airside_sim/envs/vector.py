"""`AirsideVectorEnv`: the native batched environment behind `gymnasium.make_vec`, in all three autoreset modes.

With `copy=False` observations are views of buffers that the next call overwrites; with `copy=True` (default) every
call renders into fresh arrays, so nothing is copied either.
"""

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from airside_sim.columns import Episode
from airside_sim.curriculum import CURRICULA, Curriculum
from airside_sim.envs.actions import action_space, write_continuous, write_discrete
from airside_sim.envs.observation import Observer
from airside_sim.envs.referee import Referee
from airside_sim.envs.seeding import fresh_seed, spread_seeds
from airside_sim.info import Info
from airside_sim.resources import did_you_mean
from airside_sim.sim import Simulator
from airside_sim.suite import configs_of


class AirsideVectorEnv(VectorEnv):
    """E ego vehicles, each in its own world, stepped by one kernel call."""

    metadata = {  # noqa: RUF012 (gymnasium's protocol)
        "render_modes": ["human", "rgb_array"],
        "render_fps": 10,
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }

    def __init__(
        self,
        num_envs: int = 1,
        base_scenario: str = "apron",
        *,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        copy: bool = True,
        curriculum: str = "uniform",
        max_episode_steps: int | None = None,
        **keywords: Any,
    ) -> None:
        if max_episode_steps is not None:
            keywords.setdefault("max_steps", max_episode_steps)
        self.scenarios, configs = configs_of(base_scenario, **keywords)
        self.config = configs[0]
        self.num_envs = num_envs
        self.copy = copy
        self.autoreset_mode = _autoreset_mode(autoreset_mode)
        self.metadata = dict(type(self).metadata) | {"autoreset_mode": self.autoreset_mode}
        self.render_mode = self.config.render_mode
        self.simulator = Simulator(configs, num_envs)
        self.curriculum = self._make_curriculum(curriculum)
        self.observer = Observer(self.simulator)
        self.single_observation_space = self.observer.space
        self.observation_space = self.observer.batched_space
        self.single_action_space = action_space(self.config.action_type)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._write_action = write_discrete if self.config.action_type == "discrete" else write_continuous
        self.commands = np.zeros((num_envs, 2))
        self._names = self.simulator.info_names
        self._referee = Referee(self.simulator.world)
        self._renderer: Any = None
        self._is_seeded = False

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin episodes everywhere, or where `options["reset_mask"]` (n,) bool is True.

        `seed=s` seeds env i with s + i; `options["episode_seeds"]` (n,) gives each its own; without seeds every env
        goes on with its own random stream.
        """
        if isinstance(seed, (int, np.integer)):
            super().reset(seed=int(seed))
        mask = self._reset_mask(options)
        seeds = spread_seeds(seed, options, self.num_envs)
        if not self._is_seeded and all(s is None for s in seeds):
            first = fresh_seed()
            seeds = [first + i for i in range(self.num_envs)]
        self._is_seeded = True
        if mask is None:
            self._referee.clear()
        else:
            self._referee.begin(mask)
        self.simulator.reset(mask, np.array([-1 if s is None else s for s in seeds], dtype=np.int64))
        return self.observer.batch(fresh=self.copy), self._infos(mask)

    def step(self, actions: Any) -> tuple[Any, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """One tick everywhere; finished envs are treated as the autoreset mode says."""
        if not self._is_seeded:
            raise gym.error.ResetNeeded("call reset() before step(): no episode is running")
        self._write_action(actions, self.commands)
        world = self.simulator.world
        over = (world.terminated | world.truncated).astype(np.uint8)
        if self.autoreset_mode == AutoresetMode.DISABLED and over.any():
            raise gym.error.ResetNeeded(
                f"envs {np.flatnonzero(over).tolist()} are finished: reset them with options={{'reset_mask': ...}}"
            )
        # in SAME_STEP no env is ever left finished, so the mask is empty there
        self.simulator.step(self.commands, over)
        self._referee.watch()
        rewards, terminations, truncations = world.reward.copy(), world.terminated != 0, world.truncated != 0
        finished = np.flatnonzero(terminations | truncations)
        if self.curriculum is not None and len(finished):
            success = world.info[finished, Info.IS_SUCCESS] > 0.0
            self.curriculum.update(world.episode[finished, Episode.SCENARIO], success)
        final: dict[str, Any] = {}
        if self.autoreset_mode == AutoresetMode.SAME_STEP:
            final = self._restart(terminations | truncations)
        return self.observer.batch(fresh=self.copy), rewards, terminations, truncations, self._infos(None) | final

    def render(self) -> tuple[np.ndarray, ...] | None:
        """One picture per env ("rgb_array"), or env 0 in a window ("human")."""
        if self.render_mode is None:
            gym.logger.warn("render() needs a vector environment made with render_mode='rgb_array' or 'human'")
            return None
        if self._renderer is None:
            from airside_sim.rendering.renderer import Renderer

            self._renderer = Renderer(self.simulator)
        if self.render_mode == "human":
            self._renderer.show(0)
            return None
        return tuple(self._renderer.rgb(e) for e in range(self.num_envs))

    def close_extras(self, **kwargs: Any) -> None:
        """Close the window, if any."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def events(self) -> list[dict[str, Any]]:
        """The referee's newest records of all envs since the last full reset, oldest first."""
        return self._referee.records()

    def get_state(self) -> bytes:
        """Everything that decides the future of all envs, as versioned bytes."""
        extra: dict[str, Any] = {"seeded": self._is_seeded}
        if self.curriculum is not None:
            extra["curriculum"] = self.curriculum.get_state()
        return self.simulator.get_state(extra)

    def set_state(self, state: bytes) -> None:
        """Continue from `get_state()`'s bytes, bit for bit; SnapshotError when they do not fit."""
        extra = self.simulator.set_state(state)
        self._is_seeded = extra.get("seeded", True)
        if self.curriculum is not None and "curriculum" in extra:
            self.curriculum.set_state(extra["curriculum"])
        self._referee.follow()

    def scenario_labels(self) -> list[str]:
        """Which of `scenarios` each env's episode is."""
        return [self.scenarios[int(k)] for k in self.simulator.world.episode[:, Episode.SCENARIO]]

    def observe(self) -> Any:
        """Observations of the present state (after `set_state`, say)."""
        return self.observer.batch(fresh=self.copy)

    def _make_curriculum(self, kind: str) -> Curriculum | None:
        if kind not in CURRICULA:
            raise ValueError(f"curriculum={kind!r} is not allowed{did_you_mean(str(kind), list(CURRICULA))}")
        if kind == "uniform":
            return None
        if len(self.scenarios) < 2:
            raise ValueError("curriculum='failure_rate' chooses among scenarios: give suite=, a name or a list")
        return Curriculum(self.scenarios, self.simulator.setup.chance)

    def _restart(self, finished: np.ndarray) -> dict[str, Any]:
        """SAME_STEP: keep the last observation and info of finished envs, then begin their next episodes."""
        if not finished.any():
            return {}
        final_obs = np.full(self.num_envs, None, dtype=object)
        for e in np.flatnonzero(finished):
            final_obs[e] = self.observer.one(int(e))
        final_info = self._infos(finished)
        self.simulator.reset(finished)
        return {
            "final_obs": final_obs,
            "_final_obs": finished.copy(),
            "final_observation": final_obs,
            "_final_observation": finished.copy(),
            "final_info": final_info,
            "_final_info": finished.copy(),
        }

    def _infos(self, mask: np.ndarray | None) -> dict[str, Any]:
        """Every info key as an (n,) float64 array beside its mask `_key`; zero where the mask is False."""
        given = np.ones(self.num_envs, dtype=bool) if mask is None else mask.copy()
        table = self.simulator.world.info.T.copy() if mask is None else self.simulator.world.info.T * mask
        infos: dict[str, Any] = {}
        for name, row in zip(self._names, table, strict=True):
            infos[name] = row
            infos[f"_{name}"] = given
        return infos

    def _reset_mask(self, options: dict[str, Any] | None) -> np.ndarray | None:
        if options is None or "reset_mask" not in options:
            return None
        mask = options["reset_mask"]
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != (self.num_envs,):
            raise ValueError(f"options['reset_mask'] must be a bool array of shape ({self.num_envs},)")
        if not mask.any():
            raise ValueError("options['reset_mask'] must have at least one True")
        return mask


def _autoreset_mode(mode: AutoresetMode | str) -> AutoresetMode:
    """The enum member for itself, its value ("NextStep") or its name in any case ("next_step")."""
    if isinstance(mode, AutoresetMode):
        return mode
    for member in AutoresetMode:
        if str(mode) == member.value or str(mode).upper() == member.name:
            return member
    raise ValueError(
        f"autoreset_mode={mode!r} is not allowed{did_you_mean(str(mode), [m.name for m in AutoresetMode])}"
    )
