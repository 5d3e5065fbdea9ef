"""The same seed gives the same bytes: in a fresh process, from a snapshot, without the JIT, and for ever (golden)."""

import json
import os
import subprocess
import sys

import gymnasium as gym
import numpy as np
import pytest

from airside_sim.envs.registration import ENV_IDS
from airside_sim.snapshot import SnapshotError
from tests.envs import golden
from tests.envs.rollout import actions_for, rollout_single

SMALL = {"obs_type": "bev+objects", "bev_size": 32}


def in_fresh_process(code: str, repository, **variables: str) -> str:
    """Last printed line of a Python process that runs `code` from the checkout."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=repository,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=540,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("env_id", ENV_IDS)
def test_golden_digest(env_id):
    """Fails when behaviour changed: if that was meant, `python -m tests.envs.golden` and bump the ids' -vN."""
    if not golden.FILE.is_file():
        pytest.skip("no golden.json in this checkout: write it with `python -m tests.envs.golden`")
    assert golden.compute(env_id) == json.loads(golden.FILE.read_text())[env_id]


def test_a_fresh_process_gives_the_same_digest(repository):
    code = (
        "from tests.envs.rollout import rollout_single;"
        "print(rollout_single('AirsideCrossing-v0', 80, 3, obs_type='bev+objects', bev_size=32))"
    )
    assert in_fresh_process(code, repository) == rollout_single("AirsideCrossing-v0", 80, 3, **SMALL)


def test_without_the_jit_the_digest_is_the_same(repository):
    """Plain Python runs the same source: 3 steps on the training apron."""
    keywords = {"obs_type": "state", "traffic": 0.1, "weather": "rain"}
    code = (
        "from tests.envs.rollout import rollout_single;"
        f"print(rollout_single('AirsideServiceRoad-v0', 3, 5, **{keywords!r}))"
    )
    assert in_fresh_process(code, repository, NUMBA_DISABLE_JIT="1") == rollout_single(
        "AirsideServiceRoad-v0", 3, 5, **keywords
    )


@pytest.mark.parametrize("env_id", ["AirsideApron-v0", "AirsidePushback-v0", "AirsidePeak-v0"])
def test_a_snapshot_in_mid_episode_continues_bit_for_bit(env_id):
    actions = actions_for(60, seed=2)
    env = gym.make(f"airside_sim:{env_id}", **SMALL).unwrapped
    env.reset(seed=2)
    for action in actions[:30]:
        env.step(action)
    state = env.get_state()
    assert isinstance(state, bytes)
    expected = [env.step(action) for action in actions[30:]]
    other = gym.make(f"airside_sim:{env_id}", **SMALL).unwrapped
    other.set_state(state)
    env.set_state(state)
    for copy in (other, env):
        for action, (obs, reward, terminated, truncated, info) in zip(actions[30:], expected, strict=True):
            again = copy.step(action)
            assert all(np.array_equal(obs[key], again[0][key]) for key in obs)
            assert (reward, terminated, truncated, info) == again[1:]
            if terminated or truncated:
                break
        copy.set_state(state)


def test_a_vector_snapshot_continues_through_autoresets():
    envs = gym.make_vec("airside_sim:AirsideServiceRoad-v0", num_envs=3, **SMALL).unwrapped
    envs.reset(seed=4)
    drive = np.ones((3, 2), np.float32)
    for _ in range(20):
        envs.step(drive)
    state = envs.get_state()
    first = [envs.step(drive) for _ in range(120)]
    assert any((step[2] | step[3]).any() for step in first)
    envs.set_state(state)
    for step in first:
        again = envs.step(drive)
        assert all(np.array_equal(step[0][key], again[0][key]) for key in step[0])
        np.testing.assert_array_equal(step[1], again[1])


def test_foreign_bytes_are_refused_with_the_reason():
    env = gym.make("airside_sim:AirsideServiceRoad-v0", obs_type="state").unwrapped
    env.reset(seed=0)
    state = env.get_state()
    with pytest.raises(SnapshotError, match="magic"):
        env.set_state(b"nonsense")
    with pytest.raises(SnapshotError, match="bytes from get_state"):
        env.set_state("text")
    with pytest.raises(SnapshotError, match="truncated"):
        env.set_state(state[:-8])
    with pytest.raises(SnapshotError, match="layout"):
        gym.make("airside_sim:AirsideServiceRoad-v0", obs_type="state", traffic="peak").unwrapped.set_state(state)
    with pytest.raises(SnapshotError, match="version 9"):
        env.set_state(state.replace(b'"version": 1', b'"version": 9', 1))
    np.testing.assert_array_equal(env.observe(), gym_reset_obs())


def gym_reset_obs():
    """Observation of the state that every refused snapshot must leave as it was."""
    env = gym.make("airside_sim:AirsideServiceRoad-v0", obs_type="state")
    obs, _ = env.reset(seed=0)
    return obs
