"""The observation types are views of one truth: layouts, packing, pooling and the flat form agree."""

import gymnasium as gym
import numpy as np
import pytest

import airside_sim
from tests.envs.rollout import actions_for

ENV = "airside_sim:AirsideApron-v0"


def observe(num_steps: int = 25, **keywords):
    """Last observation after a fixed short drive."""
    env = gym.make(ENV, **keywords)
    obs, _ = env.reset(seed=11)
    for action in actions_for(num_steps):
        obs, _, terminated, truncated, _ = env.step(action)
        assert not terminated
        assert not truncated
    env.close()
    return obs


@pytest.fixture(scope="module")
def reference():
    return observe()


def test_default_is_channel_last_128_and_binary(reference):
    assert reference["bev"].shape == (128, 128, 34)
    assert set(np.unique(reference["bev"])) == {0, 255}
    assert reference["bev"][..., airside_sim.BevChannel.EGO].any()
    assert reference["state"].dtype == np.float32


def test_layout_chw_is_the_same_frame(reference):
    chw = observe(layout="chw")["bev"]
    assert chw.shape == (34, 128, 128)
    assert chw.flags.c_contiguous
    np.testing.assert_array_equal(chw.transpose(1, 2, 0), reference["bev"])


def test_packed_is_packbits_of_the_frame(reference):
    packed = observe(packed=True)["bev"]
    assert packed.shape == (34, 128, 16)
    chw = reference["bev"].transpose(2, 0, 1)
    np.testing.assert_array_equal(packed, np.packbits(chw > 0, axis=-1, bitorder="big"))
    np.testing.assert_array_equal(airside_sim.unpack_bev(packed), chw)


@pytest.mark.parametrize("size", [64, 32])
def test_smaller_sizes_are_the_exact_max_pool(reference, size):
    small = observe(bev_size=size)["bev"]
    k = 128 // size
    pooled = reference["bev"].reshape(size, k, size, k, 34).max(axis=(1, 3))
    np.testing.assert_array_equal(small, pooled)


def test_flat_is_state_then_objects():
    parts = observe(obs_type="objects")
    flat = observe(obs_type="flat")
    assert parts["objects"].shape == (16, 12)
    np.testing.assert_array_equal(flat, np.concatenate([parts["state"], parts["objects"].ravel()]))


def test_observations_do_not_change_the_world(reference):
    np.testing.assert_array_equal(observe(obs_type="state"), reference["state"])
    np.testing.assert_array_equal(observe(obs_type="bev"), reference["bev"])
