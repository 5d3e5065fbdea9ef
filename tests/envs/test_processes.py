"""Processes and threads: forks after a parallel kernel, gymnasium's AsyncVectorEnv, threads side by side, no leaks."""

import gc
import multiprocessing
import threading

import gymnasium as gym
import numpy as np
import pytest

from tests.envs.rollout import rollout_vector_row

ENV = "airside_sim:AirsideServiceRoad-v0"
SMALL = {"obs_type": "bev+state", "bev_size": 32}


@pytest.fixture(autouse=True)
def parallel_pool_in_use():
    """Every test here starts after this process has run a parallel kernel."""
    rollout_vector_row("AirsideServiceRoad-v0", 2, 0, 0, 16, **SMALL)


def _batch_in_child(queue) -> None:
    queue.put(rollout_vector_row("AirsideServiceRoad-v0", 20, 9, 2, 16, **SMALL))


def test_a_forked_child_may_step_a_large_batch():
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_batch_in_child, args=(queue,))
    child.start()
    digest = queue.get(timeout=240)
    child.join(timeout=60)
    assert child.exitcode == 0
    assert digest == rollout_vector_row("AirsideServiceRoad-v0", 20, 9, 2, 16, **SMALL)


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_async_vector_env_after_a_parallel_kernel(context):
    envs = gym.vector.AsyncVectorEnv([_make_single] * 2, context=context)
    sync = gym.vector.SyncVectorEnv([_make_single] * 2)
    first, _ = envs.reset(seed=6)
    expected, _ = sync.reset(seed=6)
    for _ in range(5):
        for key in expected:
            np.testing.assert_array_equal(first[key], expected[key])
        actions = np.full((2, 2), 0.5, np.float32)
        first, *_ = envs.step(actions)
        expected, *_ = sync.step(actions)
    envs.close()
    sync.close()


def _make_single():
    return gym.make(ENV, **SMALL)


def test_threads_may_step_their_own_batches():
    expected = rollout_vector_row("AirsideServiceRoad-v0", 20, 9, 2, 16, **SMALL)
    digests: list[str] = []

    def work() -> None:
        digests.append(rollout_vector_row("AirsideServiceRoad-v0", 20, 9, 2, 16, **SMALL))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)
    assert digests == [expected] * 3


def test_create_and_close_leaks_nothing():
    psutil = pytest.importorskip("psutil")
    process = psutil.Process()

    def cycle(times: int) -> int:
        for _ in range(times):
            env = gym.make(ENV, obs_type="state")
            env.reset(seed=0)
            env.close()
            env.close()
        gc.collect()
        return process.memory_info().rss

    cycle(15)
    before = cycle(15)
    after = cycle(60)
    assert after - before < 12e6, f"resident memory grew by {(after - before) / 1e6:.1f} MB over 60 environments"
