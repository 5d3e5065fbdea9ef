"""Stable-Baselines3: its checker, its VecEnv protocol over the native batch, and a PPO that learns a step."""

import warnings

import gymnasium as gym
import numpy as np
import pytest

import airside_sim
from airside_sim.envs.registration import ENV_IDS

sb3 = pytest.importorskip("stable_baselines3")


@pytest.mark.parametrize("env_id", ENV_IDS)
def test_sb3s_checker_passes_without_a_warning(env_id):
    from stable_baselines3.common.env_checker import check_env

    env = gym.make(f"airside_sim:{env_id}", layout="chw").unwrapped
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # the contract's velocity runs from 0 to 1; SB3 recommends, but does not need, [-1, 1]
        warnings.filterwarnings("ignore", message="We recommend you to use a symmetric and normalized Box action space")
        check_env(env, warn=True, skip_render_check=True)


def test_vec_env_equals_the_gymnasium_batch_and_delivers_final_values():
    keywords = {"obs_type": "bev+state", "bev_size": 64, "max_steps": 400, "route_length_m": (60, 90)}
    vec = airside_sim.make_sb3_vec("AirsideServiceRoad-v0", 4, **keywords)
    assert vec.observation_space["bev"].shape == (34, 64, 64)
    vec.seed(40)
    obs = vec.reset()
    envs = gym.make_vec("airside_sim:AirsideServiceRoad-v0", num_envs=4, layout="chw", **keywords)
    expected, _ = envs.reset(seed=40)
    np.testing.assert_array_equal(obs["bev"], expected["bev"])
    rng = np.random.Generator(np.random.PCG64(0))
    steer = rng.uniform(-1, 1, 4)
    ends = 0
    for _ in range(150):
        obs, rewards, dones, infos = vec.step(np.stack([steer, np.ones(4)], axis=1).astype(np.float32))
        assert rewards.dtype == np.float32
        for e in np.flatnonzero(dones):
            last = infos[e]["terminal_observation"]
            assert vec.observation_space.contains(last)
            assert not np.array_equal(last["state"], obs["state"][e])
            assert infos[e]["termination_reason"] > 0.0
            assert infos[e]["TimeLimit.truncated"] == (infos[e]["termination_reason"] == 10.0)
            ends += 1
        assert all("terminal_observation" not in infos[e] for e in np.flatnonzero(~dones))
    assert ends > 0
    vec.close()


def test_truncation_is_marked_for_bootstrapping():
    vec = airside_sim.make_sb3_vec("AirsideServiceRoad-v0", 2, obs_type="state", max_steps=400)
    vec.seed(1)
    vec.reset()
    for _ in range(500):
        _, _, dones, infos = vec.step(np.zeros((2, 2), np.float32))
        if dones.any():
            break
    assert dones.any()
    for e in np.flatnonzero(dones):
        reason = airside_sim.constants.TerminationReason(int(infos[e]["termination_reason"]))
        assert infos[e]["TimeLimit.truncated"] is (reason == airside_sim.constants.TerminationReason.TIMEOUT)


@pytest.mark.parametrize("keywords", [{"obs_type": "flat"}, {"obs_type": "bev+state", "bev_size": 64}], ids=str)
def test_ppo_learns_a_step(keywords):
    from stable_baselines3 import PPO
    from stable_baselines3.common.vec_env import VecMonitor

    vec = VecMonitor(airside_sim.make_sb3_vec("AirsideServiceRoad-v0", 4, **keywords))
    policy = "MlpPolicy" if keywords["obs_type"] == "flat" else "MultiInputPolicy"
    model = PPO(policy, vec, n_steps=8, batch_size=16, n_epochs=1, seed=0, device="cpu")
    before = [p.detach().clone() for p in model.policy.parameters()]
    model.learn(64)
    assert any((a != b).any() for a, b in zip(before, model.policy.parameters(), strict=True))
    vec.close()


def test_wrong_requests_are_named():
    with pytest.raises(ValueError, match="did you mean 'AirsideApron-v0'"):
        airside_sim.make_sb3_vec("AirsideAppron-v0", 2)
    with pytest.raises(ValueError, match="bev_size=32"):
        airside_sim.make_sb3_vec("AirsideApron-v0", 2, bev_size=32)
    with pytest.raises(ValueError, match="layout"):
        airside_sim.make_sb3_vec("AirsideApron-v0", 2, layout="hwc")
