"""Six values: natively, and through the real safety-gymnasium 1.0.0, step for step the same."""

import importlib.util

import gymnasium as gym
import numpy as np
import pytest

import airside_sim
from airside_sim.envs.registration import ENV_IDS, safe_id
from tests.envs.rollout import actions_for

KEYWORDS = {"obs_type": "flat"}


@pytest.fixture(scope="module")
def safety_gymnasium():
    """The real package through our loader; `make test` installs it."""
    if importlib.util.find_spec("safety_gymnasium") is None:
        pytest.skip("safety_gymnasium is not installed")
    return airside_sim.load_safety_gymnasium()


def steps_of(env, num_steps: int = 120) -> list[tuple]:
    """Everything an env gives over a fixed drive, with resets."""
    out = [env.reset(seed=9)]
    for action in actions_for(num_steps, 4):
        step = env.step(action)
        out.append(step)
        if step[-3] or step[-2]:
            out.append(env.reset())
    env.close()
    return out


@pytest.mark.parametrize("env_id", ENV_IDS)
def test_native_six_values_are_the_five_with_the_cost_taken_out(env_id):
    plain = steps_of(gym.make(f"airside_sim:{env_id}", **KEYWORDS), 60)
    safe = steps_of(airside_sim.make_safe(env_id, **KEYWORDS), 60)
    assert len(plain) == len(safe)
    for five, six in zip(plain, safe, strict=True):
        np.testing.assert_array_equal(five[0], six[0])
        assert set(five[-1]) - set(six[-1]) == {"cost"}
        if len(five) == 5:
            _, reward, terminated, truncated, info = five
            assert (reward, info["cost"], terminated, truncated) == six[1:5]


@pytest.mark.parametrize("env_id", ["AirsideServiceRoad-v0", "AirsideApron-v0"])
def test_the_real_package_agrees_step_for_step(safety_gymnasium, env_id):
    real = safety_gymnasium.make(safe_id(env_id), **KEYWORDS)
    assert type(real).__module__.startswith(("safety_gymnasium", "gymnasium"))
    for ours, theirs in zip(steps_of(airside_sim.make_safe(env_id, **KEYWORDS)), steps_of(real), strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        assert ours[1:] == theirs[1:]


def test_their_gymnasium_conversion_gives_the_cost_back(safety_gymnasium):
    name, _, version = safe_id("AirsideServiceRoad-v0").partition("-")
    converted = steps_of(gym.make(f"{name}Gymnasium-{version}", **KEYWORDS), 40)
    plain = steps_of(gym.make("AirsideServiceRoad-v0", **KEYWORDS), 40)
    for a, b in zip(converted, plain, strict=True):
        np.testing.assert_array_equal(a[0], b[0])
        if len(a) == 5:
            assert a[1:] == b[1:]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_their_vectors_carry_the_step_cost_and_final_keys(safety_gymnasium, asynchronous):
    envs = safety_gymnasium.vector.make(
        "SafetyAirsideServiceRoad-v0", num_envs=3, asynchronous=asynchronous, **KEYWORDS
    )
    native = gym.make_vec("airside_sim:AirsideServiceRoad-v0", num_envs=3, autoreset_mode="same_step", **KEYWORDS)
    obs, _ = envs.reset(seed=2)
    expected, _ = native.reset(seed=2)
    np.testing.assert_array_equal(obs, expected)
    ends = 0
    for action in actions_for(150, 6):
        batch = np.stack([action, [1.0, 1.0], [-1.0, 1.0]]).astype(np.float32)
        obs, rewards, costs, terminations, truncations, infos = envs.step(batch)
        expected, rewards_b, terminations_b, truncations_b, infos_b = native.step(batch)
        np.testing.assert_array_equal(obs, expected)
        np.testing.assert_array_equal(rewards, rewards_b)
        over = terminations_b | truncations_b
        np.testing.assert_array_equal(terminations | truncations, over)
        step_costs = infos_b["cost"].copy()
        if over.any():
            step_costs[over] = infos_b["final_info"]["cost"][over]
            assert infos["_final_observation"].tolist() == over.tolist()
            ends += 1
        np.testing.assert_array_equal(costs, step_costs)
        assert "cost" not in infos
    assert ends > 0
    envs.close()
    native.close()


def test_loader_leaves_nothing_behind(safety_gymnasium):
    import dataclasses
    import sys

    assert dataclasses.dataclass.__module__ == "dataclasses"
    assert "gymnasium.wrappers.compatibility" not in sys.modules
    assert airside_sim.load_safety_gymnasium() is safety_gymnasium


def test_unknown_id_names_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'AirsidePeak-v0'"):
        airside_sim.make_safe("SafetyAirsidePeek-v0")
