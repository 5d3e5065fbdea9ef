"""Rollouts as digests: SHA-256 over every observation, reward, cost, flag and info of a fixed action sequence."""

import hashlib
from typing import Any

import gymnasium as gym
import numpy as np


def actions_for(num_steps: int, seed: int = 0) -> np.ndarray:
    """(T, 2) f32: a gentle random drive, the same for every caller."""
    rng = np.random.Generator(np.random.PCG64(seed))
    steer = np.clip(np.cumsum(rng.normal(0.0, 0.08, num_steps)), -0.4, 0.4)
    speed = np.clip(0.6 + 0.4 * np.sin(np.arange(num_steps) / 15.0), 0.0, 1.0)
    return np.stack([steer, speed], axis=1).astype(np.float32)


def add_obs(digest: "hashlib._Hash", obs: Any) -> None:
    """Feed an observation (array or dict of arrays) to a digest."""
    parts = [obs] if isinstance(obs, np.ndarray) else [obs[key] for key in sorted(obs)]
    for part in parts:
        digest.update(np.ascontiguousarray(part).tobytes())


def add_step(digest: "hashlib._Hash", obs: Any, reward: float, terminated: bool, truncated: bool, info: dict) -> None:
    """Feed one step of a single env (or of one row of a batch)."""
    add_obs(digest, obs)
    values = [reward, float(terminated), float(truncated), *(info[key] for key in sorted(info))]
    digest.update(np.array(values, dtype=np.float64).tobytes())


def rollout_single(env_id: str, num_steps: int, seed: int, **keywords: Any) -> str:
    """Digest of `num_steps` steps of a single env, reset whenever an episode ends (the reset counts as no step)."""
    env = gym.make(f"airside_sim:{env_id}", **keywords)
    digest = hashlib.sha256()
    obs, info = env.reset(seed=seed)
    add_obs(digest, obs)
    for action in actions_for(num_steps, seed):
        obs, reward, terminated, truncated, info = env.step(action)
        add_step(digest, obs, reward, terminated, truncated, info)
        if terminated or truncated:
            obs, info = env.reset()
            add_obs(digest, obs)
    env.close()
    return digest.hexdigest()


def rollout_vector_row(env_id: str, num_steps: int, seed: int, row: int, num_envs: int, **keywords: Any) -> str:
    """The same digest from row `row` of a SAME_STEP batch whose row has the episode seed `seed`."""
    envs = gym.make_vec(f"airside_sim:{env_id}", num_envs=num_envs, autoreset_mode="same_step", **keywords)
    digest = hashlib.sha256()
    seeds = np.arange(5000, 5000 + num_envs)
    seeds[row] = seed
    obs, _ = envs.reset(options={"episode_seeds": seeds})
    add_obs(digest, pick(obs, row))
    others = actions_for(num_steps, seed + 1)
    for action, other in zip(actions_for(num_steps, seed), others, strict=True):
        batch = np.repeat(other[None], num_envs, axis=0)
        batch[row] = action
        obs, rewards, terminations, truncations, infos = envs.step(batch)
        over = terminations[row] or truncations[row]
        source = infos["final_info"] if over else infos
        info = {key: source[key][row] for key in envs.unwrapped.simulator.info_names}
        shown = infos["final_obs"][row] if over else pick(obs, row)
        add_step(digest, shown, rewards[row], terminations[row], truncations[row], info)
        if over:
            add_obs(digest, pick(obs, row))
    envs.close()
    return digest.hexdigest()


def pick(obs: Any, row: int) -> Any:
    """Row of a batched observation."""
    return obs[row] if isinstance(obs, np.ndarray) else {key: value[row] for key, value in obs.items()}
