"""Other reward and cost coefficients for recorded episodes, from the terms that were stored with them.

A term is its coefficient times something that the drive decided, so the new term is the old one times new / old: exact,
with nothing rendered or simulated. Thresholds (`aircraft_distance_m` ...) decide otherwise, and a coefficient that was
zero has left no term: both need the episode simulated again.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from airside_sim.config import CostConfig, RewardConfig, coefficient_names, replace_checked
from airside_sim.data.episode import Episode

RELABELLED = "+relabelled"  # behind the label version of terms that were scaled


def relabel(episode: Episode, reward: Mapping[str, float], cost: Mapping[str, float]) -> Episode:
    """The episode with these coefficients changed, by the names of `reward=` and `cost=` keywords."""
    meta = episode.meta
    replace_checked(RewardConfig(), reward, "reward")  # unknown names, and penalties that would reward
    replace_checked(CostConfig(), cost, "cost")
    new_reward, new_cost = meta.reward_config | dict(reward), meta.cost_config | dict(cost)
    reward_factors = _factors(meta.reward_names, meta.reward_config, reward, RewardConfig, "reward", "")
    cost_factors = _factors(meta.cost_names, meta.cost_config, cost, CostConfig, "cost", "hard")
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
    names: tuple[str, ...], old: Mapping[str, float], new: Mapping[str, float], config: type, what: str, rest: str
) -> np.ndarray:
    """(number of terms,) new / old coefficient of every term; ValueError for what cannot be changed this way.

    A term has the coefficient of its own name; `rest` is that of all terms without one (hard cost events).
    """
    coefficients = coefficient_names(config)
    owner = [term if term in coefficients else rest for term in names]
    factors = np.ones(len(names))
    for name, value in new.items():
        terms = [k for k, one in enumerate(owner) if one == name]
        if not terms:
            raise ValueError(
                f"{what}: '{name}' scales no term of the dataset (it is a threshold, or the dataset lacks its term): "
                "the episodes must be simulated again"
            )
        if name not in old:
            raise ValueError(f"{what}: the dataset does not say which '{name}' its terms were made with")
        if old[name] == 0.0 and value != 0.0:
            raise ValueError(f"{what}: '{name}' was 0 when the terms were made, so there is nothing to scale")
        if old[name] != 0.0:
            factors[terms] = value / old[name]
    return factors
