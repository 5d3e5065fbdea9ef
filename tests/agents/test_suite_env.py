"""A suite as one VecEnv: its rows are those of single environments, costs of last ticks count, seeds stay in range."""

from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

import airside_sim  # noqa: F401 (registers the ids)
from agents.suite_env import SuiteVecEnv, unit_to_env
from airside_sim.state_features import StateFeature
from airside_sim.suite import load_suite


def _actions(tick: int, n: int) -> np.ndarray:
    rng = np.random.Generator(np.random.PCG64(tick))
    return rng.uniform(-1.0, 1.0, (n, 2)).astype(np.float32)


def test_a_row_is_the_single_environment(train_file: Path) -> None:
    suite = load_suite(train_file)
    env = SuiteVecEnv(suite, 2, seed=3, reward_scale=0.5, with_cost=True, obs_type="flat")
    row = 3  # second world of the second entry
    entry = suite.entries[1]
    single = gym.make("AirsideApron-v0", scenario=entry.scenario, obs_type="flat", **entry.keywords)
    obs = env.reset()
    alone, _ = single.reset(seed=3_000 + row)
    assert np.array_equal(obs[row], alone)
    total = np.zeros(2)
    for tick in range(700):
        actions = _actions(tick, env.num_envs)
        obs, rewards, dones, infos = env.step(actions)
        alone, reward, terminated, truncated, info = single.step(unit_to_env(actions.astype(np.float64))[row])
        assert rewards[row] == pytest.approx([0.5 * reward, info["cost"]], abs=1e-6)
        total += [reward, info["cost"]]
        assert dones[row] == (terminated or truncated)
        if dones[row]:
            break
        assert np.array_equal(obs[row], alone)
    assert dones[row]
    episode = infos[row]["episode"]
    assert (episode["r"], episode["cost"], episode["l"]) == (pytest.approx(total[0]), pytest.approx(total[1]), tick + 1)
    assert np.array_equal(infos[row]["terminal_observation"], alone)
    assert infos[row]["TimeLimit.truncated"] == truncated
    assert total[1] >= 1.0, "a random drive ends in a hard event, whose cost falls on the last tick"


def test_the_pull_to_the_lane_adds_up_to_nothing_over_an_episode(train_file: Path) -> None:
    """With gamma 1 the potentials of an episode telescope to minus the first one, whatever is driven."""
    suite = load_suite(train_file)
    plain = SuiteVecEnv(suite, 1, seed=0, obs_type="flat")
    pulled = SuiteVecEnv(suite, 1, seed=0, lane_pull=2.0, gamma=1.0, obs_type="flat")
    first = plain.reset()
    pulled.reset()
    extra, open_ = np.zeros(2), np.ones(2, bool)
    for tick in range(900):
        actions = _actions(tick, 2)
        _, reward, dones, infos = plain.step(actions)
        _, shaped, _, _ = pulled.step(actions)
        extra += (shaped - reward) * open_
        ended_for_good = [d and not info.get("TimeLimit.truncated", True) for d, info in zip(dones, infos, strict=True)]
        for i in np.flatnonzero(dones & open_):
            if ended_for_good[i]:
                start = 2.0 * abs(first[i, StateFeature.LATERAL_OFFSET])
                assert extra[i] == pytest.approx(start, abs=1e-3)
        open_ &= ~dones
        if not open_.any():
            return
    raise AssertionError("no episode ended")


def test_nothing_is_trained_on_test_seeds(suite_file: Path, train_file: Path) -> None:
    with pytest.raises(ValueError, match="test seeds: nothing may be trained on them"):
        SuiteVecEnv(load_suite(suite_file), 1, seed=0, obs_type="flat")
    with pytest.raises(ValueError, match="would leave the train seeds"):
        SuiteVecEnv(load_suite(train_file), 1, seed=10_000, obs_type="flat")


def test_state_goes_on_bit_for_bit(train_file: Path) -> None:
    env = SuiteVecEnv(load_suite(train_file), 1, seed=1, lane_pull=1.0, obs_type="flat")
    env.reset()
    for tick in range(40):
        env.step(_actions(tick, 2))
    kept = env.get_state()
    there = [env.step(_actions(tick, 2))[:2] for tick in range(40, 60)]
    env.set_state(kept)
    again = [env.step(_actions(tick, 2))[:2] for tick in range(40, 60)]
    assert all(np.array_equal(a, c) and np.array_equal(b, d) for (a, b), (c, d) in zip(there, again, strict=True))
