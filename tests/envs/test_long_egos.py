"""A bus and a bowser with the expert: their noses swing into the next lane, and nobody who stands there is touched."""

import numpy as np
import pytest

from agents.rollouts import run_episodes, scripted
from airside_sim.columns import Ego, Episode
from airside_sim.geometry import boxes_meet
from airside_sim.kernels.expert_swing import steer_from
from airside_sim.vehicles import VEHICLES


@pytest.mark.parametrize("scenario", ["bus_transfer", "fuel_run"])
def test_the_expert_touches_nobody_with_a_long_vehicle(scenario: str) -> None:
    results = run_episodes(
        "AirsideApron-v0", scripted("expert"), 30_000_000 + np.arange(24), num_envs=24, obs_type="state",
        scenario=scenario,
    )  # fmt: skip
    assert not [r.seed for r in results if r.collision]
    assert np.mean([r.success for r in results]) > 0.5


def test_the_rolled_way_is_the_driven_way() -> None:
    """Steering asked for from the ego's own pose is what the driver does."""
    import gymnasium as gym

    from airside_sim import make_driver

    env = gym.make("airside_sim:AirsideApron-v0", obs_type="state", ego="bus", traffic="empty")
    env.reset(seed=3)
    world = env.unwrapped.simulator.world
    driver = make_driver("expert", env)
    for _ in range(150):
        action = driver.act()
        ego = world.ego[0]
        angle = steer_from(
            0, world, VEHICLES, ego[Ego.X], ego[Ego.Y], ego[Ego.HEADING], world.episode[0, Episode.S_REAR],
            ego[Ego.SPEED], 0.0,
        )  # fmt: skip
        assert action[0] == pytest.approx(angle / VEHICLES.max_steer_rad[int(ego[Ego.VEHICLE])], abs=1e-6)
        env.step(action)


def test_boxes_meet_when_they_overlap() -> None:
    assert boxes_meet(3.0, 0.0, 1.0, 0.0, -1.0, 2.5, 1.0, -1.0, 1.0, 0.5)
    assert not boxes_meet(3.6, 0.0, 1.0, 0.0, -1.0, 2.5, 1.0, -1.0, 1.0, 0.5)
