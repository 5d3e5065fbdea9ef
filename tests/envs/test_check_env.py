"""Gymnasium's own checker passes every id and every observation type without a warning."""

import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from airside_sim.env_config import KEYWORDS
from airside_sim.envs.registration import ENV_IDS, register_envs

OBS_TYPES = ("bev", "state", "objects", "bev+objects", "flat")


def check(env_id: str, **keywords) -> None:
    """check_env with every warning an error."""
    env = gym.make(f"airside_sim:{env_id}", **keywords)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped, skip_render_check="render_mode" not in keywords)
    env.close()


@pytest.mark.parametrize("env_id", ENV_IDS)
def test_every_id_passes_the_checker(env_id):
    check(env_id)


@pytest.mark.parametrize("obs_type", OBS_TYPES)
def test_every_observation_type_passes_the_checker(obs_type):
    check("AirsideServiceRoad-v0", obs_type=obs_type)


@pytest.mark.parametrize(
    "keywords",
    [
        {"layout": "chw"},
        {"packed": True},
        {"bev_size": 64},
        {"bev_size": 32, "packed": True},
        {"action_type": "discrete"},
        {"ego": "bus", "weather": "random", "light": "random", "sensing": "occluded"},
        {"render_mode": "rgb_array", "obs_type": "state"},
    ],
    ids=str,
)
def test_variants_pass_the_checker(keywords):
    check("AirsideServiceRoad-v0", **keywords)


@pytest.mark.parametrize("env_id", ENV_IDS)
def test_every_observation_lies_in_its_space(env_id):
    env = gym.make(f"airside_sim:{env_id}", obs_type="bev+objects")
    env.action_space.seed(3)
    obs, info = env.reset(seed=3)
    keys = list(info)
    assert info["cost"] == 0.0
    for _ in range(120):
        assert env.observation_space.contains(obs), [k for k in obs if not env.observation_space[k].contains(obs[k])]
        obs, reward, terminated, truncated, info = env.step(env.action_space.sample())
        assert list(info) == keys
        assert all(type(value) is float for value in info.values())
        assert (type(reward), type(terminated), type(truncated)) == (float, bool, bool)
        assert not (terminated and truncated)
        assert np.isclose(reward, sum(v for k, v in info.items() if k.startswith("reward/")), atol=1e-12)
        assert np.isclose(info["cost"], sum(v for k, v in info.items() if k.startswith("cost/")), atol=1e-12)
        assert np.isclose(info["cost"], info["cost_hard"] + info["cost_soft"], atol=1e-12)
        if terminated or truncated:
            obs, info = env.reset()
    env.close()


def test_specs_are_json_and_registration_is_idempotent():
    for env_id in ENV_IDS:
        spec = gym.spec(env_id)
        assert spec.max_episode_steps is None
        assert gym.envs.registration.EnvSpec.from_json(spec.to_json()).kwargs == spec.kwargs
    before = dict(gym.registry)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        register_envs()
    assert gym.registry == before


def test_actions_are_checked_at_the_border():
    env = gym.make("airside_sim:AirsideServiceRoad-v0", obs_type="state").unwrapped
    with pytest.raises(gym.error.ResetNeeded):
        env.step(np.zeros(2, np.float32))
    env.reset(seed=0)
    with pytest.raises(ValueError, match="not finite"):
        env.step(np.array([np.nan, 0.5]))
    with pytest.raises(ValueError, match=r"shape \(3,\).*\(2,\)"):
        env.step(np.zeros(3))
    with pytest.raises(ValueError, match="seed"):
        env.reset(seed=-1)
    discrete = gym.make("airside_sim:AirsideServiceRoad-v0", obs_type="state", action_type="discrete").unwrapped
    discrete.reset(seed=0)
    for wrong in (30, -1, 1.5):
        with pytest.raises(ValueError, match="0"):
            discrete.step(wrong)
    assert discrete.action_space.n == 30


def test_contract_keywords_all_exist():
    contract = (
        "map scenario ego trailers action_type speed_scale obs_type bev_size bev_range_m bev_ahead_m layout packed "
        "sensing traffic weather light driving_side route_length_m max_steps reward cost render_mode"
    )
    assert set(contract.split()) == set(KEYWORDS)
