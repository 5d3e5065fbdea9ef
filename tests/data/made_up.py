"""Episodes made up from a seed, with every leaf filled: no simulator needed."""

from typing import Any

import numpy as np

from airside_sim.data.episode import Episode, EpisodeMeta
from airside_sim.spaces import NUM_STATE

REWARDS = ("progress", "time")
COSTS = ("proximity", "collision_vehicle")


def made_up_episode(seed: int, steps: int = 40, *, size: int = 32, with_objects: bool = True, **meta: Any) -> Episode:
    rng = np.random.default_rng(seed)
    reward_terms = rng.normal(size=(steps, 2)).astype(np.float32)
    cost_terms = rng.random((steps, 2)).astype(np.float32)
    terminated = np.zeros(steps, bool)
    truncated = np.zeros(steps, bool)
    (terminated if seed % 2 else truncated)[-1] = True
    bev = np.packbits(rng.random((steps + 1, 34, size, size)) < 0.02, axis=-1)
    facts = {"behaviour": "expert", "source": "sim", "route_id": f"route-{seed % 7}", "seed": seed} | meta
    return Episode(
        state=rng.normal(size=(steps + 1, NUM_STATE)).astype(np.float32),
        pose=np.cumsum(rng.normal(size=(steps + 1, 3)), axis=0),
        action=rng.uniform([-1.0, 0.0], [1.0, 1.0], (steps, 2)).astype(np.float32),
        reward=reward_terms.sum(axis=1, dtype=np.float64).astype(np.float32),
        cost=cost_terms.sum(axis=1, dtype=np.float64).astype(np.float32),
        reward_terms=reward_terms,
        cost_terms=cost_terms,
        terminated=terminated,
        truncated=truncated,
        stamp_ns=np.arange(steps + 1, dtype=np.int64) * 100_000_000,
        valid=np.ones(steps + 1, bool),
        meta=EpisodeMeta(reward_names=REWARDS, cost_names=COSTS, **facts),
        bev=bev,
        objects=rng.normal(size=(steps + 1, 16, 12)).astype(np.float32) if with_objects else None,
        clean_action=rng.uniform([-1.0, 0.0], [1.0, 1.0], (steps, 2)).astype(np.float32),
    )
