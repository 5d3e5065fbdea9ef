"""Other reward and cost coefficients for recorded episodes, from the terms that were stored with them.

A term is its coefficient times something that the drive decided, so the new term is the old one times new / old: exact,
with nothing rendered or simulated. Thresholds (`aircraft_distance_m` ...) decide otherwise, and a coefficient that was
zero has left no term: both need the episode simulated again.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from airside_sim.config import CostConfig, RewardConfig, replace_checked
from airside_sim.data.episode import Episode

RELABELLED = "+relabelled"  # behind the label version of terms that were scaled
REWARD_LINEAR = ("progress", "waypoint", "goal", "time", "drift", "collision", "proximity", "restricted", "steer",
                 "jerk", "speed", "wrong_side", "yield")  # fmt: skip
COST_LINEAR = ("proximity", "speed", "hazard_zone")  # their own coefficient each; `hard` scales all other cost terms


def relabel(episode: Episode, reward: Mapping[str, float], cost: Mapping[str, float]) -> Episode:
    """The episode with these coefficients changed, by the names of `reward=` and `cost=` keywords."""
    meta = episode.meta
    replace_checked(RewardConfig(), reward, "reward")  # unknown names, and penalties that would reward
    replace_checked(CostConfig(), cost, "cost")
    new_reward, new_cost = meta.reward_config | dict(reward), meta.cost_config | dict(cost)
    reward_factors = _factors(meta.reward_names, meta.reward_config, reward, REWARD_LINEAR, "reward", "")
    cost_factors = _factors(meta.cost_names, meta.cost_config, cost, COST_LINEAR, "cost", "hard")
    if new_reward == meta.reward_config and new_cost == meta.cost_config:
        return episode
    reward_terms = (episode.reward_terms * reward_factors).astype(np.float32)
    cost_terms = (episode.cost_terms * cost_factors).astype(np.float32)
    label_version = meta.label_version.removesuffix(RELABELLED) + RELABELLED
    return replace(
        episode,
        reward_terms=reward_terms,
        cost_terms=cost_terms,
        reward=reward_terms.sum(axis=1, dtype=np.float64).astype(np.float32),
        cost=cost_terms.sum(axis=1, dtype=np.float64).astype(np.float32),
        meta=replace(meta, reward_config=new_reward, cost_config=new_cost, label_version=label_version),
    )


def _factors(
    names: tuple[str, ...], old: Mapping[str, float], new: Mapping[str, float], linear: tuple[str, ...], what: str,
    rest: str,
) -> np.ndarray:  # fmt: skip
    """(number of terms,) new / old coefficient of every term; ValueError for what cannot be changed this way."""
    factors = np.ones(len(names))
    for name, value in new.items():
        if name not in linear and name != rest:
            raise ValueError(
                f"{what}: '{name}' is a threshold: it does not scale a term, so the episodes must be simulated again"
            )
        if name not in old:
            raise ValueError(f"{what}: the dataset does not say which '{name}' its terms were made with")
        terms = [k for k, term in enumerate(names) if (term == name or (name == rest and term not in linear))]
        if old[name] == 0.0 and value != 0.0:
            raise ValueError(f"{what}: '{name}' was 0 when the terms were made, so there is nothing to scale")
        for k in terms:
            factors[k] = value / old[name] if old[name] != 0.0 else 1.0
    return factors
