"""Rules in real episodes: the expert pays nothing of a rule's term, a driver that ignores it the stated amount."""

from collections.abc import Callable
from typing import Any, NamedTuple

import gymnasium as gym
import numpy as np
import pytest

from airside_sim import make_driver
from airside_sim.columns import Crossing
from airside_sim.envs.referee import in_words
from airside_sim.rules import RULES, amounts

BY_NAME = {rule.name: rule for rule in RULES}
SEEDS = 20_000_000 + np.arange(24)
TICKS = 1300


def full_throttle(actions: np.ndarray, _: Any) -> np.ndarray:
    """The expert's steering at the highest speed that can be asked for."""
    return np.stack([actions[:, 0], np.ones(len(actions), np.float32)], axis=1)


def stop_on_crossings(actions: np.ndarray, simulator: Any) -> np.ndarray:
    """The expert, until it is on a crossing: there it stays."""
    on = simulator.world.crossing[:, :, Crossing.EGO_INSIDE].max(axis=1) > 0.0
    return np.where(on[:, None], np.float32(0.0), actions)


class Case(NamedTuple):
    """Where a rule matters, and who breaks it: a scripted driver, or what is made of the expert's actions."""

    env_id: str
    breaker: str | Callable[[np.ndarray, Any], np.ndarray]
    keywords: tuple[tuple[str, Any], ...] = ()


CASES = {
    "aircraft_priority": Case("AirsideApron-v0", "blind"),
    "pedestrian_priority": Case("AirsideCrossing-v0", "blind"),
    "give_way": Case("AirsideApron-v0", "aggressive"),
    "stop_line": Case("AirsideCrossing-v0", "blind", (("scenario", "stop_and_look"),)),
    "blocking_crossing": Case("AirsideCrossing-v0", stop_on_crossings),
    "behind_engines": Case("AirsideApron-v0", "blind"),
    "hazard_zone": Case("AirsideApron-v0", "blind"),
    "crossing_violation": Case("AirsideCrossing-v0", "blind"),
    "low_visibility": Case("AirsideCrossing-v0", full_throttle, (("weather", "fog"), ("speed_scale", 2.0))),
}


def drive(case: Case, name: str, driver: str | Callable) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """-> (every amount of cost/name that was paid, records of its event) over the first episode of each seed."""
    env = gym.make_vec(
        f"airside_sim:{case.env_id}", num_envs=len(SEEDS), obs_type="state",
        autoreset_mode=gym.vector.AutoresetMode.DISABLED, **dict(case.keywords),
    )  # fmt: skip
    env.reset(options={"episode_seeds": SEEDS})
    policy = make_driver(driver if isinstance(driver, str) else "expert", env)
    alive, paid = np.ones(len(SEEDS), bool), []
    for _ in range(TICKS):
        actions = policy.act()
        if callable(driver):
            actions = driver(actions, env.unwrapped.simulator)
        _, _, terminated, truncated, info = env.step(actions)
        cost = info[f"cost/{name}"][alive]
        paid += cost[cost > 0.0].tolist()
        over = terminated | truncated
        alive &= ~over
        if not alive.any():
            break
        if over.any():
            env.reset(options={"reset_mask": over})
    kind = BY_NAME[name].event.name.lower()
    records = [event for event in env.unwrapped.events() if event["event"] == kind and event["episode"] == 1]
    env.close()
    return np.array(paid), records


@pytest.mark.parametrize("name", CASES)
def test_the_expert_pays_nothing_and_who_ignores_the_rule_the_stated_amount(name: str) -> None:
    case, rule = CASES[name], BY_NAME[name]
    paid, records = drive(case, name, "expert")
    assert paid.size == 0, [in_words(event) for event in records]
    assert records == []
    paid, records = drive(case, name, case.breaker)
    assert records, "nobody broke it: the case tests nothing"
    amount = 0.1 if name == "stop_line" else amounts(rule)[0]
    if rule.how in ("once", "hard"):
        np.testing.assert_allclose(paid, amount)
        assert len(records) == len(paid)
    else:
        assert paid.max() <= 0.1 * amount + 1e-12
        assert len(records) <= len(paid)
    for record in records:
        assert rule.words in in_words(record)
        assert record["cost"] > 0.0
