"""Running a policy over many seeded episodes on the native vector env and summing up what happened."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import gymnasium as gym
import numpy as np

from airside_sim.constants import TerminationReason

Policy = Callable[[Any], np.ndarray]
COLLISIONS = (
    "cost/collision_aircraft",
    "cost/collision_vehicle",
    "cost/collision_personnel",
    "cost/collision_structure",
)


@dataclass
class EpisodeResult:
    """One finished episode."""

    seed: int
    success: bool
    completion: float
    reason: str
    steps: int
    distance_m: float
    reward: float
    cost: float
    cost_hard: float
    collision: str  # "" or the class hit
    at_fault: bool
    mean_jerk: float  # mean |jerk|, m/s^3


def run_episodes(
    env_id: str,
    make_policy: Callable[[gym.vector.VectorEnv], Policy],
    seeds: np.ndarray,
    *,
    num_envs: int = 16,
    on_episode: Callable[[EpisodeResult], None] | None = None,
    **env_kwargs: Any,
) -> list[EpisodeResult]:
    """Play one episode per seed, `num_envs` at a time, and return the results in seed order.

    Each batch of envs is reset with `episode_seeds`; an env that has ended idles on other episodes until its batch is
    done, so an episode depends on its seed alone.
    """
    num_envs = min(num_envs, len(seeds))
    env = gym.make_vec(
        f"airside_sim:{env_id}", num_envs=num_envs, autoreset_mode=gym.vector.AutoresetMode.DISABLED, **env_kwargs
    )
    policy = make_policy(env)
    results: list[EpisodeResult] = []
    for start in range(0, len(seeds), num_envs):
        batch = np.asarray(seeds[start : start + num_envs], dtype=np.int64)
        padded = np.resize(batch, num_envs)  # the last batch repeats seeds; repeats are dropped below
        results += _play_batch(env, policy, padded, len(batch), on_episode)
    env.close()
    return results


def _play_batch(env, policy: Policy, seeds: np.ndarray, keep: int, on_episode) -> list[EpisodeResult]:
    n = len(seeds)
    obs, _ = env.reset(options={"episode_seeds": seeds})
    alive = np.ones(n, dtype=bool)
    total = {name: np.zeros(n) for name in ("reward", "cost", "hard", "distance", "jerk", "steps")}
    fault = np.zeros(n, dtype=bool)
    hit = np.full(n, "", dtype=object)
    accel = np.zeros(n)
    speed = np.zeros(n)
    done_results: dict[int, EpisodeResult] = {}
    while alive.any():
        obs, reward, terminated, truncated, info = env.step(policy(obs))
        new_accel = (info["speed_mps"] - speed) / 0.1
        speed = info["speed_mps"].copy()
        total["reward"] += np.where(alive, reward, 0.0)
        total["cost"] += np.where(alive, info["cost"], 0.0)
        total["hard"] += np.where(alive, info["cost_hard"], 0.0)
        total["distance"] += np.where(alive, speed * 0.1, 0.0)
        total["jerk"] += np.where(alive, np.abs(new_accel - accel) / 0.1, 0.0)
        total["steps"] += alive
        accel = new_accel
        for name in COLLISIONS:
            hit = np.where(alive & (info[name] > 0), name.rsplit("_", 1)[1], hit)
        fault |= alive & (info["at_fault"] > 0)
        ended = terminated | truncated
        for i in np.flatnonzero(alive & ended):
            alive[i] = False
            if i >= keep:
                continue
            done_results[i] = EpisodeResult(
                seed=int(seeds[i]),
                success=bool(info["is_success"][i]),
                completion=float(info["route_completion"][i]),
                reason=TerminationReason(int(info["termination_reason"][i])).name,
                steps=int(total["steps"][i]),
                distance_m=float(total["distance"][i]),
                reward=float(total["reward"][i]),
                cost=float(total["cost"][i]),
                cost_hard=float(total["hard"][i]),
                collision=str(hit[i]),
                at_fault=bool(fault[i]),
                mean_jerk=float(total["jerk"][i] / max(1.0, total["steps"][i])),
            )
            if on_episode:
                on_episode(done_results[i])
        if ended.any() and alive.any():
            obs, _ = env.reset(options={"reset_mask": ended})  # idles along: its later episodes do not count
            speed[ended] = 0.0
    return [done_results[i] for i in range(keep)]


def summarise(results: list[EpisodeResult]) -> dict[str, float]:
    """Means of the table's columns over the episodes."""
    rows = [asdict(r) for r in results]
    time_s = sum(r["steps"] for r in rows) * 0.1
    return {
        "episodes": len(rows),
        "success": float(np.mean([r["success"] for r in rows])),
        "completion": float(np.mean([r["completion"] for r in rows])),
        "collisions": float(np.mean([r["collision"] != "" for r in rows])),
        "at_fault": float(np.mean([r["collision"] != "" and r["at_fault"] for r in rows])),
        "cost": float(np.mean([r["cost"] for r in rows])),
        "hard_episodes": float(np.mean([r["cost_hard"] > 0 for r in rows])),
        "return": float(np.mean([r["reward"] for r in rows])),
        "speed_mps": sum(r["distance_m"] for r in rows) / max(1e-9, time_s),
        "jerk": float(np.mean([r["mean_jerk"] for r in rows])),
    }


def scripted(name: str) -> Callable[[gym.vector.VectorEnv], Policy]:
    """Policy maker for a scripted driver."""
    from airside_sim.drivers import make_driver

    def make(env: gym.vector.VectorEnv) -> Policy:
        return make_driver(name, env).act

    return make
