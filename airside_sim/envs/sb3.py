"""`make_sb3_vec`: a Stable-Baselines3 `VecEnv` straight over the native batch, channel-first, without processes.

SB3 takes the smallest axis of an image for its channels, so a byte BEV needs `bev_size` of at least 40.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode
from stable_baselines3.common.vec_env.base_vec_env import VecEnv, VecEnvIndices

from airside_sim.envs.registration import ENV_IDS, SCENARIO_OF_ID
from airside_sim.envs.vector import AirsideVectorEnv
from airside_sim.resources import did_you_mean

MIN_BEV_SIZE = 40


class AirsideSB3VecEnv(VecEnv):
    """SB3's vector interface: a finished env is reset in the same step, its last observation goes into `infos`."""

    def __init__(self, env: AirsideVectorEnv) -> None:
        self.env = env
        self.simulator = env.simulator
        self.render_mode = env.render_mode
        self._pending: np.ndarray | None = None
        self._names = env.simulator.info_names
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)

    def reset(self) -> Any:
        """Observations of new episodes; seeds set by `seed()` are used once."""
        seeds = None if all(s is None for s in self._seeds) else list(self._seeds)
        obs, infos = self.env.reset(seed=seeds)
        self.reset_infos = self._rows(infos, range(self.num_envs))
        self._reset_seeds()
        self._reset_options()
        return obs

    def step_async(self, actions: np.ndarray) -> None:
        self._pending = actions

    def step_wait(self) -> tuple[Any, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """(obs, rewards f32, dones, infos): the info of a finished env is that of its last step, cost included."""
        obs, rewards, terminations, truncations, infos = self.env.step(self._pending)
        dones = terminations | truncations
        rows = self._rows(infos, range(self.num_envs))
        finished = np.flatnonzero(dones)
        if len(finished):
            last = self._rows(infos["final_info"], finished)
            for row, e in zip(last, finished, strict=True):
                row["terminal_observation"] = infos["final_obs"][e]
                rows[e] = row
        for row, truncated, terminated in zip(rows, truncations.tolist(), terminations.tolist(), strict=True):
            row["TimeLimit.truncated"] = truncated and not terminated
        return obs, rewards.astype(np.float32), dones, rows

    def _rows(self, infos: dict[str, Any], envs: Iterable[int]) -> list[dict[str, Any]]:
        """One flat dict of floats per env."""
        table = np.stack([infos[name] for name in self._names], axis=1)
        return [dict(zip(self._names, table[e].tolist(), strict=True)) for e in envs]

    def close(self) -> None:
        self.env.close()

    def get_images(self) -> Sequence[np.ndarray | None]:
        return list(self.env.render() or [None] * self.num_envs)

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """Attribute of the batch, once per chosen env."""
        return [getattr(self.env, attr_name) for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Set an attribute of the batch (all envs share it)."""
        setattr(self.env, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: VecEnvIndices = None, **kwargs: Any) -> list[Any]:
        """Call a method of the batch once; its result is given for every chosen env."""
        result = getattr(self.env, method_name)(*args, **kwargs)
        return [result for _ in self._get_indices(indices)]

    def env_is_wrapped(self, wrapper_class: type[gym.Wrapper], indices: VecEnvIndices = None) -> list[bool]:
        """No env of a native batch is wrapped."""
        return [False for _ in self._get_indices(indices)]


def make_sb3_vec(id: str, n: int, **keywords: Any) -> AirsideSB3VecEnv:
    """`n` envs of `id` as an SB3 `VecEnv`. Keywords as in `gym.make`; the layout is "chw"."""
    base_id = str(id).rpartition(":")[2]
    if base_id not in SCENARIO_OF_ID:
        raise ValueError(f"unknown environment id '{id}'{did_you_mean(base_id, list(ENV_IDS))}")
    if keywords.setdefault("layout", "chw") != "chw":
        raise ValueError("make_sb3_vec: layout='chw' is needed (SB3 would copy every frame to transpose it)")
    env = AirsideVectorEnv(n, SCENARIO_OF_ID[base_id], autoreset_mode=AutoresetMode.SAME_STEP, **keywords)
    if env.config.has_bev and not env.config.packed and env.config.bev_size < MIN_BEV_SIZE:
        raise ValueError(f"make_sb3_vec: bev_size={env.config.bev_size} < {MIN_BEV_SIZE}: SB3 would mistake the axes")
    return AirsideSB3VecEnv(env)
