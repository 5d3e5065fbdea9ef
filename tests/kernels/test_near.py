"""The list of bodies that can matter: nothing is left out that any stage could still see, measure or list."""

import gymnasium as gym
import numpy as np
import pytest

from airside_sim.columns import Body, Ego
from airside_sim.drivers import make_driver
from airside_sim.kernels.near import LIST_TICKS, NEAR_M
from airside_sim.state_features import OBJECT_RANGE_M


def listed(world, e: int) -> np.ndarray:
    return world.near[e, : world.near_count[e]]


@pytest.mark.parametrize("sensing", ["full", "occluded"])
def test_every_body_within_the_object_range_is_listed_and_no_other_is_seen(sensing: str) -> None:
    env = gym.make_vec("airside_sim:AirsideApron-v0", num_envs=6, obs_type="state", sensing=sensing)
    obs, _ = env.reset(seed=3)
    driver, world = make_driver("expert", env, 3), env.unwrapped.simulator.world
    left_out = 0
    for _ in range(25 * LIST_TICKS):
        obs = env.step(driver.act(obs))[0]
        for e in range(6):
            far = np.hypot(*(world.body[e, :, [Body.X, Body.Y]] - world.ego[e, [Ego.X, Ego.Y], None]))
            here = world.body[e, :, Body.CLASS] >= 0.0
            outside = np.setdiff1d(np.flatnonzero(here), listed(world, e))
            assert far[outside].min(initial=1e9) > OBJECT_RANGE_M + 10.0
            assert not world.seen[e, :, outside].any()
            assert not world.halt[e, outside].any()
            left_out += len(outside)
    env.close()
    assert left_out > 0


def test_the_list_is_ascending_and_made_anew_when_due() -> None:
    env = gym.make_vec("airside_sim:AirsideApron-v0", num_envs=1, obs_type="state")
    env.reset(seed=3)
    world = env.unwrapped.simulator.world
    before = listed(world, 0).copy()
    assert (np.diff(before) > 0).all()
    world.ego[0, Ego.X] += 10 * NEAR_M  # out of everything's reach: only what moves stays
    for _ in range(LIST_TICKS):
        env.unwrapped.simulator.step(np.zeros((1, 2)))
    assert len(listed(world, 0)) < len(before)
    assert len(listed(world, 0)) == world.body.shape[1] - world.prop.shape[1]
    env.close()
