"""On ice the tractor cannot turn faster than the grip allows, so the expert enters bends slower."""

import gymnasium as gym
import numpy as np

from airside_sim import make_driver
from airside_sim.columns import Ego, Sky


def test_the_expert_corners_within_the_grip_of_ice() -> None:
    env = gym.make_vec("airside_sim:AirsideApron-v0", num_envs=16, obs_type="state", scenario="ice_train")
    env.reset(options={"episode_seeds": 20_000_024 + np.arange(16)})  # 20,000,037 once slid into a bus
    driver = make_driver("expert", env)
    world = env.unwrapped.simulator.world
    used = []
    for _ in range(900):
        _, _, _, _, info = env.step(driver.act())
        assert not info["cost/collision_vehicle"].any()
        grip = world.sky[:, Sky.FRICTION] * 9.81
        used.append(np.abs(world.ego[:, Ego.YAW_RATE]) * world.ego[:, Ego.SPEED] / grip)
    assert np.quantile(used, 0.999) < 0.95
    assert np.max(used) > 0.5  # it does turn
