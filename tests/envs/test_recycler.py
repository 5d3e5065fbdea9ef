"""Recycled frames: memory comes round again, and never while anybody still looks at it."""

import gc

import gymnasium as gym
import numpy as np
import pytest

from airside_sim.envs.recycler import KEPT, Recycler


def address(array: np.ndarray) -> int:
    return array.__array_interface__["data"][0]


def test_released_memory_is_handed_out_again() -> None:
    recycler = Recycler((4, 16))
    first = recycler.take()
    first[:] = 3
    place = address(first)
    del first
    again = recycler.take()
    assert address(again) == place
    assert (again == 3).all()


@pytest.mark.parametrize(
    "view",
    [lambda a: a[1], lambda a: a.transpose(1, 0), lambda a: a[::2, 3:][0], lambda a: a.view(np.uint64), memoryview],
)
def test_a_view_keeps_its_memory(view) -> None:
    recycler = Recycler((4, 16))
    array = recycler.take()
    array[:] = 7
    place, held = address(array), view(array)
    del array
    gc.collect()
    others = [recycler.take() for _ in range(5)]
    assert place not in [address(o) for o in others]
    for other in others:
        other[:] = 0
    assert (np.asarray(held).view(np.uint8) == 7).all()


def test_a_tensor_keeps_its_memory() -> None:
    torch = pytest.importorskip("torch")
    recycler = Recycler((4, 16))
    tensor = torch.from_numpy(recycler.take()).reshape(64)[8:]
    tensor[:] = 7
    for _ in range(5):
        recycler.take()[:] = 0
    assert (tensor == 7).all()


def test_no_more_than_a_few_idle_buffers_stay() -> None:
    recycler = Recycler((4, 16))
    arrays = [recycler.take() for _ in range(10)]
    del arrays
    assert len(recycler._idle) == KEPT


def test_observations_that_are_kept_never_change() -> None:
    env = gym.make_vec("airside_sim:AirsideServiceRoad-v0", num_envs=3, obs_type="bev", bev_size=32)
    env.reset(seed=0)
    kept, copies, seen = [], [], set()
    for k in range(30):
        obs = env.step(np.tile(np.float32([0.0, 0.6]), (3, 1)))[0]
        seen.add(address(obs))
        if k % 3 == 0:
            kept.append(obs[1])
            copies.append(obs[1].copy())
    env.close()
    assert len(seen) < 20  # memory did come round
    for view, copy in zip(kept, copies, strict=True):
        assert np.array_equal(view, copy)
