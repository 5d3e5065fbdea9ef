"""`AirsideEnv`: the Gymnasium environment of one vehicle, the N = 1 view of the batched simulator.

Every observation and info is a fresh copy; rewards, costs and flags are plain Python values.
"""

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from airside_sim.columns import Episode
from airside_sim.envs.actions import action_space, write_continuous, write_discrete
from airside_sim.envs.observation import Observer
from airside_sim.envs.referee import Referee
from airside_sim.envs.seeding import check_seed, fresh_seed
from airside_sim.sim import Simulator
from airside_sim.suite import configs_of
from airside_sim.turnaround_log import turnaround_log


class AirsideEnv(gym.Env):
    """One ego vehicle on an apron; ids and keyword arguments: docs/environments.md."""

    metadata = {"render_modes": ["human", "rgb_array"], "render_fps": 10}  # noqa: RUF012 (gymnasium's protocol)

    def __init__(self, base_scenario: str = "apron", **keywords: Any) -> None:
        self.scenarios, configs = configs_of(base_scenario, **keywords)
        self.config = configs[0]
        self.render_mode = self.config.render_mode
        self.simulator = Simulator(configs, 1)
        self.observer = Observer(self.simulator)
        self.observation_space: spaces.Space = self.observer.space
        self.action_space: spaces.Space = action_space(self.config.action_type)
        self._write_action = write_discrete if self.config.action_type == "discrete" else write_continuous
        self.command = np.zeros((1, 2))  # the last action, as the simulator took it
        self._names = self.simulator.info_names
        self._referee = Referee(self.simulator.world)
        self._renderer: Any = None
        self._is_running = False
        self._is_seeded = False

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, float]]:
        """Begin an episode. `seed` fixes it; without one the env's own random stream goes on."""
        if seed is not None:
            seed = check_seed(seed)
        super().reset(seed=seed)
        if seed is None and not self._is_seeded:
            seed = fresh_seed()
        seeds = None if seed is None else np.array([seed])
        self._is_seeded = True
        self._referee.clear()
        self.simulator.reset(seeds=seeds)
        self._is_running = True
        if self.render_mode == "human":
            self.render()
        return self.observer.one(0), self._info()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, float]]:
        """Drive one tick of 0.1 s."""
        if not self._is_running:
            raise gym.error.ResetNeeded("call reset() before step(): no episode is running")
        self._write_action(action, self.command[0])
        self.simulator.step(self.command)
        world = self.simulator.world
        terminated, truncated = bool(world.terminated[0]), bool(world.truncated[0])
        self._is_running = not (terminated or truncated)
        info = self._info()
        self._referee.watch()
        if self.render_mode == "human":
            self.render()
        return self.observer.one(0), float(world.reward[0]), terminated, truncated, info

    def render(self) -> np.ndarray | None:
        """Picture of the present state: (height, width, 3) uint8 in "rgb_array", a window in "human"."""
        if self.render_mode is None:
            gym.logger.warn("render() needs an environment made with render_mode='rgb_array' or 'human'")
            return None
        if self._renderer is None:
            from airside_sim.rendering.renderer import Renderer

            self._renderer = Renderer(self.simulator)
        if self.render_mode == "human":
            self._renderer.show(0)
            return None
        return self._renderer.rgb(0)

    def close(self) -> None:
        """Close the window, if any; safe to call twice."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def events(self) -> list[dict[str, Any]]:
        """The referee's records of this episode, oldest first: what, when, with whom, at what distance and cost."""
        return self._referee.records()

    @property
    def scenario(self) -> str:
        """Which of `scenarios` this episode is."""
        return self.scenarios[int(self.simulator.world.episode[0, Episode.SCENARIO])]

    def turnaround_log(self) -> list[dict[str, Any]]:
        """Planned and actual times of every task of the turnarounds on this apron (`airside_sim.turnaround_log`)."""
        return turnaround_log(self.simulator)

    def get_state(self) -> bytes:
        """Everything that decides the future of this env, as versioned bytes."""
        extra: dict[str, Any] = {"running": self._is_running, "seeded": self._is_seeded}
        if self._np_random is not None:
            extra["np_random"] = self._np_random.bit_generator.state
        return self.simulator.get_state(extra)

    def set_state(self, state: bytes) -> None:
        """Continue from `get_state()`'s bytes, bit for bit; SnapshotError when they do not fit this env."""
        extra = self.simulator.set_state(state)
        self._is_running, self._is_seeded = extra["running"], extra["seeded"]
        if "np_random" in extra:
            self.np_random.bit_generator.state = extra["np_random"]
        self._referee.follow()

    def observe(self) -> Any:
        """Observation of the present state (after `set_state`, say)."""
        return self.observer.one(0)

    def get_keys_to_action(self) -> dict[tuple[str, ...], Any]:
        """Arrow-like keys for `gymnasium.utils.play` (continuous actions)."""
        table = {(): (0.0, 0.3), ("w",): (0.0, 1.0), ("s",): (0.0, 0.0), ("a",): (0.5, 0.4), ("d",): (-0.5, 0.4)}
        return {keys: np.array(action, np.float32) for keys, action in table.items()}

    def _info(self) -> dict[str, float]:
        return dict(zip(self._names, self.simulator.world.info[0].tolist(), strict=True))
