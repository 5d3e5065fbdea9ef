"""The native vector env: autoreset modes, batch position, threads, seeds and copies."""

import gymnasium as gym
import numba
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from tests.envs.rollout import pick, rollout_single, rollout_vector_row

ENV = "airside_sim:AirsideServiceRoad-v0"
SMALL = {"obs_type": "bev+objects", "bev_size": 32}
SHORT = SMALL | {"max_steps": 400, "route_length_m": (60, 90)}


def make(num_envs: int, mode: str = "next_step", **keywords):
    return gym.make_vec(ENV, num_envs=num_envs, autoreset_mode=mode, **(SHORT | keywords))


def reckless(num_steps: int, num_envs: int) -> np.ndarray:
    """(T, n, 2): full speed in wide curves, which soon leaves the road and ends episodes."""
    steer = np.linspace(-0.2, 0.2, num_envs)[None].repeat(num_steps, 0)
    return np.stack([steer, np.ones_like(steer)], axis=2).astype(np.float32)


def same(a, b) -> bool:
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b)
    return all(np.array_equal(a[key], b[key]) for key in a)


def test_make_vec_uses_the_native_engine():
    envs = make(3)
    assert type(envs.unwrapped).__name__ == "AirsideVectorEnv"
    assert envs.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    obs, infos = envs.reset(seed=0)
    assert envs.observation_space.contains(obs)
    assert infos["cost"].tolist() == [0.0, 0.0, 0.0]
    assert infos["_cost"].tolist() == [True, True, True]
    envs.close()


def test_batched_space_equals_gymnasiums():
    envs = make(2)
    expected = gym.vector.utils.batch_space(envs.single_observation_space, 2)
    assert envs.observation_space == expected
    assert envs.observation_space.contains(envs.observation_space.sample())
    envs.close()


@pytest.mark.parametrize("mode", ["next_step", "same_step"])
def test_agrees_with_gymnasiums_sync_vector_step_for_step(mode):
    native = make(3, mode)
    sync = gym.vector.SyncVectorEnv([lambda: gym.make(ENV, **SHORT)] * 3, autoreset_mode=AutoresetMode[mode.upper()])
    obs_a, info_a = native.reset(seed=21)
    obs_b, info_b = sync.reset(seed=21)
    assert same(obs_a, obs_b)
    ends = 0
    for action in reckless(250, 3):
        obs_a, reward_a, term_a, trunc_a, info_a = native.step(action)
        obs_b, reward_b, term_b, trunc_b, info_b = sync.step(action)
        assert same(obs_a, obs_b)
        np.testing.assert_array_equal(reward_a, reward_b)
        np.testing.assert_array_equal(term_a, term_b)
        np.testing.assert_array_equal(trunc_a, trunc_b)
        for key in info_b:
            if key == "final_obs":
                for mine, theirs in zip(info_a[key], info_b[key], strict=True):
                    assert (mine is None and theirs is None) or same(mine, theirs)
            elif key == "final_info":
                for inner in info_b[key]:
                    np.testing.assert_array_equal(info_a[key][inner], info_b[key][inner])
            else:
                np.testing.assert_array_equal(info_a[key], info_b[key], err_msg=key)
        ends += int((term_a | trunc_a).sum())
    assert ends >= 2
    native.close()
    sync.close()


def test_disabled_mode_resets_only_the_mask():
    envs = make(4, "disabled")
    other = make(4, "next_step")
    obs, _ = envs.reset(seed=5)
    other.reset(seed=5)
    for action in reckless(300, 4):
        obs, _, term, trunc, infos = envs.step(action)
        expected = other.step(action)
        assert same(obs, expected[0])
        over = term | trunc
        if over.any():
            break
    assert over.any()
    with pytest.raises(gym.error.ResetNeeded, match="finished"):
        envs.step(action)
    before = {key: value.copy() for key, value in obs.items()}
    obs, infos = envs.reset(options={"reset_mask": over})
    assert infos["_cost"].tolist() == over.tolist()
    after_autoreset = other.step(action)[0]
    for e in range(4):
        if over[e]:
            assert same(pick(obs, e), pick(after_autoreset, e))
        else:
            assert same(pick(obs, e), pick(before, e))
    with pytest.raises(ValueError, match="at least one True"):
        envs.reset(options={"reset_mask": np.zeros(4, bool)})
    with pytest.raises(ValueError, match="bool array"):
        envs.reset(options={"reset_mask": [True] * 4})


@pytest.mark.parametrize(("row", "num_envs"), [(0, 1), (0, 5), (4, 5), (2, 9)])
def test_single_env_equals_any_row_of_a_batch(row, num_envs):
    expected = rollout_single("AirsideServiceRoad-v0", 120, seed=33, **SMALL)
    assert rollout_vector_row("AirsideServiceRoad-v0", 120, 33, row, num_envs, **SMALL) == expected


def test_threads_do_not_change_a_byte():
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.fail("this machine offers numba one thread only: the test needs two")
    digests = []
    for threads in (1, 2):
        numba.set_num_threads(threads)
        try:
            digests.append(rollout_vector_row("AirsideApron-v0", 60, 8, 3, 12, **SMALL))
        finally:
            numba.set_num_threads(numba.config.NUMBA_NUM_THREADS)
    assert digests[0] == digests[1]


def test_seeds_spread_and_episode_seeds_set_each():
    envs = make(4)
    a, _ = envs.reset(seed=100)
    b, _ = envs.reset(options={"episode_seeds": np.array([103, 102, 101, 100])})
    for e in range(4):
        assert same(pick(a, e), pick(b, 3 - e))
    c, _ = envs.reset()
    assert not same(b, c)
    with pytest.raises(ValueError, match="3 seeds were given for 4"):
        envs.reset(options={"episode_seeds": [1, 2, 3]})


def test_copy_true_gives_fresh_arrays_and_copy_false_one_buffer():
    fresh, shared = make(2, copy=True), make(2, copy=False)
    first, _ = fresh.reset(seed=1)
    kept = {key: value.copy() for key, value in first.items()}
    second = fresh.step(np.ones((2, 2), np.float32))[0]
    assert same(first, kept)
    assert not any(np.shares_memory(first[key], second[key]) for key in first)
    one, _ = shared.reset(seed=1)
    assert same(one, kept)
    two = shared.step(np.ones((2, 2), np.float32))[0]
    assert all(np.shares_memory(one[key], two[key]) for key in one)
    assert same(two, second)


def test_terminal_cost_lies_in_final_info():
    envs = make(4, "same_step")
    envs.reset(seed=3)
    seen = 0.0
    for action in reckless(300, 4):
        _, _, term, trunc, infos = envs.step(action)
        over = term | trunc
        if over.any():
            assert (infos["cost"][over] == 0.0).all()
            assert (infos["_final_info"] == over).all()
            assert infos["final_observation"] is infos["final_obs"]
            seen += infos["final_info"]["cost_hard"][over].sum()
    assert seen >= 1.0


def test_actions_are_checked_and_events_tell_what_happened():
    envs = make(3)
    with pytest.raises(gym.error.ResetNeeded):
        envs.step(np.zeros((3, 2), np.float32))
    envs.reset(seed=0)
    with pytest.raises(ValueError, match=r"shape \(2,\); \(3, 2\)"):
        envs.step(np.zeros(2, np.float32))
    with pytest.raises(ValueError, match="not finite"):
        envs.step(np.full((3, 2), np.inf))
    for action in reckless(250, 3):
        envs.step(action)
    events = envs.unwrapped.events()
    assert any(event["ends"] for event in events)
    assert any(event["cost"] >= 1.0 for event in events)
