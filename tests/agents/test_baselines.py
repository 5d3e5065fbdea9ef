"""PPO, SAC and PPO-Lagrangian: every code path in seconds, resumed runs, and checkpoints without pickles."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from stable_baselines3.common.buffers import RolloutBuffer

from agents.baselines.learn import run
from agents.baselines.policy import DrivingPolicy, Encoder
from agents.baselines.ppo_lag import CostRolloutBuffer, lagrangian_advantage
from agents.baselines.settings import PRESETS, override
from agents.evaluation.contestants import contestant
from agents.evaluation.drive import drive_entry
from agents.evaluation.resimulate import judge_entry
from agents.evaluation.sandbox import Limits
from agents.job import Job
from agents.registry import ALGORITHMS, LOADERS, load_policy, trainer
from agents.zoo import ZooError, read_manifest, shipped, shipped_names
from airside_sim.state_features import NUM_FLAT, NUM_STATE
from airside_sim.suite import load_suite


def _job(algo: str, train_file: Path, logdir: Path, steps: int, resume: Path | None = None, *pairs: str) -> Job:
    return Job(algo, str(train_file), "debug", steps, None, 7, logdir, resume, pairs, False, "test")


@pytest.mark.parametrize("algo", sorted(ALGORITHMS))
def test_a_debug_run_gives_a_checkpoint_that_drives(algo: str, train_file: Path, suite_file: Path, tmp_path) -> None:
    folder = trainer(algo)(_job(algo, train_file, tmp_path / "run", 600))
    manifest = read_manifest(folder)
    assert (manifest["algo"], manifest["seed"], manifest["obs_type"]) == (algo, 7, "flat")
    assert manifest["env_ticks"] >= 600
    assert manifest["updates"] > 0
    assert json.loads((tmp_path / "run" / "status.json").read_text())["state"] == "done"
    suite = load_suite(suite_file)
    done = drive_entry(contestant(str(folder)), suite.entries[0], suite.seed_list(2), tmp_path / "drive", Limits())
    assert [row.failed for row in judge_entry(suite.entries[0], done.claims)] == ["", ""]


@pytest.mark.parametrize("algo", ["ppo", "ppo_lag"])
def test_a_resumed_run_is_the_run_that_was_never_stopped(algo: str, train_file: Path, tmp_path: Path) -> None:
    straight = run(_job(algo, train_file, tmp_path / "straight", 192))
    run(_job(algo, train_file, tmp_path / "halves", 96))
    halves = run(_job(algo, train_file, tmp_path / "unused", 192, tmp_path / "halves"))
    one, two = load_file(straight / "weights.safetensors"), load_file(halves / "weights.safetensors")
    assert all(torch.equal(one[name], two[name]) for name in one)
    first = load_file(run(_job(algo, train_file, tmp_path / "half", 96)) / "weights.safetensors")
    assert any(not torch.equal(one[name], first[name]) for name in one)


def test_sac_goes_on_after_a_stop(train_file: Path, tmp_path: Path) -> None:
    run(_job("sac", train_file, tmp_path / "run", 300))
    folder = run(_job("sac", train_file, tmp_path / "unused", 700, tmp_path / "run"))
    assert read_manifest(folder)["env_ticks"] >= 700


def test_the_shipped_actor_is_the_one_that_was_trained(train_file: Path) -> None:
    from agents.baselines.build import actor_of, build_model, fit_scales
    from agents.suite_env import SuiteVecEnv

    config = PRESETS["debug"]
    for algo in ALGORITHMS:
        env = SuiteVecEnv(load_suite(train_file), 1, seed=0, with_cost=algo == "ppo_lag", obs_type="flat")
        model = build_model(algo, env, config, 0)
        fit_scales(model, env, config)
        obs = env.reset()
        own = np.clip(model.predict(obs, deterministic=True)[0], -1.0, 1.0)
        actions = actor_of(model, config).act(obs)
        assert actions == pytest.approx(np.stack([own[:, 0], 0.5 * (own[:, 1] + 1.0)], axis=1), abs=1e-5)


def test_the_order_of_objects_and_empty_rows_do_not_matter() -> None:
    torch.manual_seed(0)
    encoder = Encoder(8)
    rng = np.random.Generator(np.random.PCG64(0))
    flat = rng.normal(size=(4, NUM_FLAT)).astype(np.float32)
    rows = flat[:, NUM_STATE:].reshape(4, 16, 12)
    rows[:, :, 11] = np.arange(16) < 5
    there = encoder(torch.as_tensor(flat))
    rows[:, :5] = rows[:, [3, 1, 4, 0, 2]]
    rows[:, 5:, :11] = 99.0
    assert torch.allclose(encoder(torch.as_tensor(flat)), there, atol=1e-6)
    rows[:, 0, 0] += 1.0
    assert not torch.allclose(encoder(torch.as_tensor(flat)), there, atol=1e-6)


def test_scales_are_those_of_what_was_seen() -> None:
    encoder = Encoder(8)
    flat = np.zeros((50, NUM_FLAT), np.float32)
    flat[:, 0] = np.linspace(0.0, 4.0, 50)
    flat[:, NUM_STATE + 11] = 1.0
    flat[:, NUM_STATE] = 30.0
    encoder.fit_scale(flat)
    assert encoder.mean[0] == pytest.approx(2.0)
    assert encoder.std[0] == pytest.approx(flat[:, 0].std())
    assert encoder.std[1] == 1.0  # what never varies keeps its unit
    assert encoder.object_mean[0] == pytest.approx(30.0)  # the fifteen empty rows do not count


def test_each_column_of_the_cost_buffer_is_sb3s_advantage() -> None:
    import gymnasium as gym

    spaces = gym.spaces.Box(-1, 1, (3,)), gym.spaces.Box(-1, 1, (2,))
    rng = np.random.Generator(np.random.PCG64(1))
    both = CostRolloutBuffer(6, *spaces, gae_lambda=0.9, gamma=0.95, n_envs=2)
    single = [RolloutBuffer(6, *spaces, gae_lambda=0.9, gamma=0.95, n_envs=2) for _ in range(2)]
    for _ in range(6):
        obs, action, start = rng.normal(size=(2, 3)), rng.normal(size=(2, 2)), (rng.random(2) < 0.3).astype(np.float32)
        reward, value = rng.normal(size=(2, 2)), torch.as_tensor(rng.normal(size=(2, 2)))
        both.add(obs, action, reward, start, value, torch.zeros(2))
        for k in range(2):
            single[k].add(obs, action, reward[:, k], start, value[:, k], torch.zeros(2))
    last, dones = torch.as_tensor(rng.normal(size=(2, 2))), np.array([True, False])
    both.compute_returns_and_advantage(last, dones)
    for k in range(2):
        single[k].compute_returns_and_advantage(last[:, k], dones)
        assert both.advantages[..., k] == pytest.approx(single[k].advantages, abs=1e-5)
        assert both.returns[..., k] == pytest.approx(single[k].returns, abs=1e-5)


def test_the_multiplier_turns_the_advantage_from_reward_to_cost() -> None:
    """Standardised, reward is (-1, 1) and cost (1, -1) or (-1, 1)."""
    agree, differ = np.array([[0.0, 2.0], [4.0, 0.0]]), np.array([[0.0, 0.0], [4.0, 2.0]])
    assert lagrangian_advantage(agree, 3.0) == pytest.approx([-1.0, 1.0])
    assert lagrangian_advantage(differ, 0.0) == pytest.approx([-1.0, 1.0])
    assert lagrangian_advantage(differ, 3.0) == pytest.approx([0.5, -0.5])


def test_overrides_name_what_is_wrong() -> None:
    assert override(PRESETS["small"], ("ppo.gamma=0.9", "net.hidden=8,4")).net.hidden == (8, 4)
    with pytest.raises(ValueError, match="unknown name 'gama'; did you mean 'gamma'"):
        override(PRESETS["small"], ("ppo.gama=0.9",))
    with pytest.raises(ValueError, match="'ppo' is a group"):
        override(PRESETS["small"], ("ppo=1",))
    with pytest.raises(ValueError, match="unknown algorithm 'pppo'; did you mean 'ppo'"):
        trainer("pppo")
    assert set(LOADERS) == set(ALGORITHMS)


def test_a_changed_checkpoint_is_refused(train_file: Path, tmp_path: Path) -> None:
    folder = run(_job("ppo", train_file, tmp_path / "run", 100))
    assert isinstance(load_policy(folder), DrivingPolicy)
    weights = folder / "weights.safetensors"
    raw = bytearray(weights.read_bytes())
    raw[-1] ^= 1
    weights.write_bytes(raw)
    with pytest.raises(ZooError, match="its SHA-256 is not the manifest's"):
        load_policy(folder)
    with pytest.raises(ZooError, match=r"no manifest\.json"):
        load_policy(tmp_path)
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", shipped_names())
def test_what_is_shipped_loads_is_small_and_says_where_it_comes_from(name: str) -> None:
    folder = shipped(name)
    manifest = read_manifest(folder)
    assert load_policy(folder).act(np.zeros((2, NUM_FLAT), np.float32)).shape == (2, 2)
    assert {"CARD.md", "curve.csv", "config.yaml"} <= {p.name for p in folder.iterdir()}
    assert sum(p.stat().st_size for p in folder.iterdir()) < 2_000_000
    assert {"commit", "dirty", "versions", "hardware", "env_ticks", "cpu_s", "command"} <= set(manifest)
