"""A whole suite as one Stable-Baselines3 `VecEnv`: a few native vector envs, one per entry, side by side.

Actions lie in [-1, 1] on this side of the border (velocity is mapped to [0, 1]); rewards are scaled by a constant.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from stable_baselines3.common.vec_env.base_vec_env import VecEnv, VecEnvIndices

from airside_sim.drivers import make_driver
from airside_sim.envs.vector import AirsideVectorEnv
from airside_sim.state_features import StateFeature
from airside_sim.suite import SEED_RANGES, Suite

SEED_STRIDE = 1_000  # learner seed s begins its envs at s * stride: their seeds stay apart and inside the train range
MAX_OFFSET_M = 5.0  # the lane pulls no harder from farther off


def unit_to_env(actions: np.ndarray) -> np.ndarray:
    """(n, 2) in [-1, 1] -> steering in [-1, 1], velocity in [0, 1]."""
    return np.stack([actions[:, 0], 0.5 * (actions[:, 1] + 1.0)], axis=1)


class SuiteVecEnv(VecEnv):
    """Every entry of a suite in `envs_per_entry` worlds; a finished world begins its next episode in the same step.

    Args:
        suite: what to drive; its seeds must be train or validation seeds.
        envs_per_entry: worlds of each entry.
        seed: learner seed; fixes every world.
        reward_scale: rewards are multiplied by it.
        lane_pull: per metre off the route, as a potential: it shows the way back and changes no optimal policy.
        gamma: the learner's discount, for the potential.
        with_cost: give rewards as (n, 2): scaled reward and cost.
        **keywords: of `gym.make`, over the entries' own.
    """

    def __init__(
        self, suite: Suite, envs_per_entry: int, *, seed: int, reward_scale: float = 1.0, lane_pull: float = 0.0,
        gamma: float = 0.99, with_cost: bool = False, **keywords: Any,
    ) -> None:  # fmt: skip
        if suite.seeds == "test":
            raise ValueError(f"suite '{suite.name}' has test seeds: nothing may be trained on them")
        self.labels = [entry.label for entry in suite.entries]
        self.envs = [
            AirsideVectorEnv(
                envs_per_entry, scenario=entry.scenario, autoreset_mode=AutoresetMode.SAME_STEP,
                **(entry.keywords | keywords),
            )
            for entry in suite.entries
        ]  # fmt: skip
        self._seeds0 = SEED_RANGES[suite.seeds].start + seed * SEED_STRIDE + np.arange(len(self.envs) * envs_per_entry)
        if self._seeds0[-1] not in SEED_RANGES[suite.seeds]:
            raise ValueError(f"seed={seed}: its episodes would leave the {suite.seeds} seeds")
        self._scale, self._with_cost = reward_scale, with_cost
        self._lane_pull, self._gamma = lane_pull, gamma
        self._each = envs_per_entry
        self._actions: np.ndarray | None = None
        self.render_mode = None
        n = len(self._seeds0)
        self._return, self._cost, self._length = np.zeros(n), np.zeros(n), np.zeros(n, np.int64)
        box = gym.spaces.Box(-1.0, 1.0, (2,), np.float32)
        super().__init__(n, self.envs[0].single_observation_space, box)

    def reset(self) -> np.ndarray:
        """Observations (n, D) of first episodes."""
        parts = []
        for k, env in enumerate(self.envs):
            seeds = self._seeds0[k * self._each : (k + 1) * self._each]
            parts.append(env.reset(options={"episode_seeds": seeds})[0])
        self._return[:] = self._cost[:] = 0.0
        self._length[:] = 0
        obs = np.concatenate(parts)
        self._potential = self._potential_of(obs)
        return obs

    def step_async(self, actions: np.ndarray) -> None:
        self._actions = unit_to_env(np.asarray(actions, np.float64))

    def step_wait(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """(obs, rewards, dones, infos); `infos` are empty but for finished episodes."""
        obs, rewards, dones = [], np.zeros((self.num_envs, 2)), np.zeros(self.num_envs, bool)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for k, env in enumerate(self.envs):
            rows = slice(k * self._each, (k + 1) * self._each)
            part, reward, terminated, truncated, info = env.step(self._actions[rows])
            obs.append(part)
            over = terminated | truncated
            cost = info["cost"]
            if over.any():
                cost = np.where(over, info["final_info"]["cost"], cost)
            rewards[rows, 0], rewards[rows, 1] = reward, cost
            self._return[rows] += reward
            self._cost[rows] += cost
            self._length[rows] += 1
            dones[rows] = over
            for e in np.flatnonzero(over):
                infos[rows.start + e] = self._finish(rows.start + int(e), k, int(e), info, bool(truncated[e]))
        seen = np.concatenate(obs)
        rewards[:, 0] = self._scale * (rewards[:, 0] + self._shaping(seen, dones, infos))
        rewards = rewards.astype(np.float32)
        return seen, rewards if self._with_cost else rewards[:, 0].copy(), dones, infos

    def _shaping(self, obs: np.ndarray, dones: np.ndarray, infos: list[dict[str, Any]]) -> np.ndarray:
        """(n,) gamma potential(s') - potential(s), 0 at a world's end (Ng et al. 1999: no optimal policy changes)."""
        following = self._potential_of(obs)
        after = np.where(dones, 0.0, following)
        for i in np.flatnonzero(dones):
            if infos[i]["TimeLimit.truncated"]:
                after[i] = self._potential_of(infos[i]["terminal_observation"][None])[0]
        gained = self._gamma * after - self._potential
        self._potential = following
        return gained

    def _potential_of(self, obs: np.ndarray) -> np.ndarray:
        return -self._lane_pull * np.minimum(np.abs(obs[:, StateFeature.LATERAL_OFFSET]), MAX_OFFSET_M)

    def _finish(self, i: int, k: int, e: int, info: dict[str, Any], truncated: bool) -> dict[str, Any]:
        """SB3's info of a finished world, and its episode in numbers."""
        last = info["final_info"]
        episode = {
            "r": float(self._return[i]),
            "l": int(self._length[i]),
            "t": 0.0,
            "entry": self.labels[k],
            "cost": float(self._cost[i]),
            "success": float(last["is_success"][e]),
            "completion": float(last["route_completion"][e]),
        }
        self._return[i] = self._cost[i] = 0.0
        self._length[i] = 0
        return {
            "terminal_observation": info["final_obs"][e],
            "TimeLimit.truncated": truncated,
            "episode": episode,
            "is_success": bool(episode["success"]),
        }

    def observe(self) -> np.ndarray:
        """Observations of the present state (after `set_state`)."""
        return np.concatenate([env.observe() for env in self.envs])

    def get_state(self) -> dict[str, Any]:
        """Everything that decides the future, as bytes and arrays."""
        return {"worlds": [env.get_state() for env in self.envs], "return": self._return.copy(),
                "cost": self._cost.copy(), "length": self._length.copy()}  # fmt: skip

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from `get_state()`, bit for bit."""
        for env, world in zip(self.envs, state["worlds"], strict=True):
            env.set_state(world)
        self._return[:], self._cost[:], self._length[:] = state["return"], state["cost"], state["length"]
        self._potential = self._potential_of(self.observe())

    def sample(self, driver: str, ticks: int) -> Iterator[np.ndarray]:
        """Observations (n, D) of `ticks` ticks of a scripted driver: what an apron looks like from the seat."""
        self.reset()
        drivers = [make_driver(driver, env) for env in self.envs]
        for _ in range(ticks):
            yield np.concatenate([env.step(d.act())[0] for env, d in zip(self.envs, drivers, strict=True)])

    def close(self) -> None:
        for env in self.envs:
            env.close()

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        return [getattr(self, attr_name) for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        setattr(self, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: VecEnvIndices = None, **kwargs: Any) -> list[Any]:
        raise NotImplementedError("a suite's worlds are stepped together: call methods of `envs` directly")

    def env_is_wrapped(self, wrapper_class: type[gym.Wrapper], indices: VecEnvIndices = None) -> list[bool]:
        return [False for _ in self._get_indices(indices)]

    def get_images(self) -> Sequence[np.ndarray | None]:
        return [None] * self.num_envs
