"""No way of not driving pays: each returns at least 15 less than the expert, on the same episodes."""

from collections.abc import Callable

import gymnasium as gym
import numpy as np
import pytest

from airside_sim.drivers import make_driver
from airside_sim.envs.registration import ENV_IDS

MARGIN = 15.0


def seeds_of(env_id: str) -> np.ndarray:
    """Few where episodes are long; on the service road few have anybody to yield to."""
    return np.arange(96 if env_id == "AirsideServiceRoad-v0" else 24)


LONGEST_TICKS = 6000


class Habit:
    """Actions (n, 2) of every env of a batch, from the expert's and the last info of the episodes not yet over."""

    def __init__(self, name: str, num_envs: int) -> None:
        self.name = name
        self.has_yielded = np.zeros(num_envs, bool)

    def __call__(self, expert: np.ndarray, info: dict, alive: np.ndarray) -> np.ndarray:
        if self.name == "expert":
            return expert
        if self.name == "circling":
            return np.tile(np.float32([1.0, 0.62]), (len(expert), 1))
        if self.name == "driving off":
            return np.tile(np.float32([0.3, 1.0]), (len(expert), 1))
        if self.name == "crashing":  # straight on at full speed
            return np.tile(np.float32([0.0, 1.0]), (len(expert), 1))
        if self.name == "yielding for ever":
            on_the_way = (info["route_completion"] > 0.05) & (info["route_completion"] < 0.9)
            stands = on_the_way & (info["speed_mps"] < 0.1)
            self.has_yielded |= alive & (stands | (info["reward/yield"] > 0.0))
            return np.where(self.has_yielded[:, None], np.float32(0.0), expert)
        return np.zeros_like(expert)  # standing still


def returns(env_id: str, habit: Habit) -> np.ndarray:
    """Undiscounted return of one episode a seed."""
    seeds = seeds_of(env_id)
    env = gym.make_vec(
        f"airside_sim:{env_id}", num_envs=len(seeds), obs_type="state", copy=False,
        autoreset_mode=gym.vector.AutoresetMode.SAME_STEP,
    )  # fmt: skip
    obs, info = env.reset(options={"episode_seeds": seeds})
    driver = make_driver("expert", env)
    alive, total = np.ones(len(seeds), bool), np.zeros(len(seeds))
    for _ in range(LONGEST_TICKS):
        obs, reward, terminated, truncated, info = env.step(habit(driver.act(obs), info, alive))
        total += np.where(alive, reward, 0.0)
        alive &= ~(terminated | truncated)
        if not alive.any():
            break
    env.close()
    assert not alive.any(), f"{habit.name} never ends"
    return total


@pytest.fixture(scope="module")
def expert_returns() -> Callable[[str], np.ndarray]:
    known: dict[str, np.ndarray] = {}

    def of(env_id: str) -> np.ndarray:
        if env_id not in known:
            known[env_id] = returns(env_id, Habit("expert", len(seeds_of(env_id))))
        return known[env_id]

    return of


@pytest.mark.parametrize("name", ["standing still", "circling", "driving off", "crashing", "yielding for ever"])
@pytest.mark.parametrize("env_id", ENV_IDS)
def test_no_way_of_not_driving_pays(env_id: str, name: str, expert_returns: Callable[[str], np.ndarray]) -> None:
    habit = Habit(name, len(seeds_of(env_id)))
    got, best = returns(env_id, habit), expert_returns(env_id)
    if name == "yielding for ever":  # only where there was something to yield to
        assert habit.has_yielded.any()
        got, best = got[habit.has_yielded], best[habit.has_yielded]
    print(f"{env_id} {name}: {got.mean():.1f}, expert {best.mean():.1f} ({len(got)} episodes)")
    assert got.mean() <= best.mean() - MARGIN
