"""What scenarios stage: a pushback across the road that the ego will really drive, and how many aircraft move."""

import gymnasium as gym
import numpy as np

from airside_sim.columns import Body, Episode, RouteFeature, Stand
from airside_sim.constants import FeatureKind

NUM_ENVS = 64


def _first_closed_m(world, bank, e: int) -> float:
    """Metres from the front bumper to the nearest closed stand zone on the route of env e, inf without one."""
    stand0 = bank.map_stand0[int(world.episode[e, Episode.MAP])]
    found = np.inf
    for row in world.feature[e, : int(world.episode[e, Episode.NUM_FEATURES])]:
        is_zone = row[RouteFeature.KIND] == FeatureKind.STAND_ZONE and row[RouteFeature.S_OUT] > row[RouteFeature.S_IN]
        if is_zone and world.stand[e, int(row[RouteFeature.ID]) - stand0, Stand.CLOSED] > 0.0:
            found = min(found, row[RouteFeature.S_IN] - world.episode[e, Episode.S_FRONT])
    return found


def _closed_at_start(env_id: str, **keywords) -> np.ndarray:
    env = gym.make_vec(f"airside_sim:{env_id}", num_envs=NUM_ENVS, obs_type="state", **keywords)
    env.reset(seed=3)
    env.step(np.zeros((NUM_ENVS, 2), np.float32))
    simulator = env.unwrapped.simulator
    return np.array([_first_closed_m(simulator.world, simulator.bank, e) for e in range(NUM_ENVS)])


def test_every_pushback_episode_starts_before_a_closed_zone() -> None:
    away_m = _closed_at_start("AirsidePushback-v0")
    assert (away_m > 5.0).all()
    assert (away_m < 60.0).all()


def test_a_probability_stages_it_in_a_share_of_the_episodes_only(tmp_path) -> None:
    scenario = tmp_path / "some.yaml"
    scenario.write_text(
        "schema_version: 1\nname: some\ntitle: Some pushbacks\nmap: hub\nroute_length_m: [200, 500]\n"
        "trailers: 2\ntraffic: moderate\n"
        "events:\n  pushback_in_progress: {probability: 0.8, within_m: 250, clear_in_s: [10, 90]}\n"
    )
    closed = np.isfinite(_closed_at_start("AirsideApron-v0", scenario=str(scenario))).mean()
    assert 0.2 < closed < 0.9


def test_an_apron_episode_meets_one_farther_on_its_way() -> None:
    away_m = _closed_at_start("AirsideApron-v0")
    assert np.isfinite(away_m).mean() > 0.8
    assert (away_m > 60.0).mean() > 0.3


def _mean_moving_aircraft(tmp_path, count: int, **keywords) -> float:
    """Aircraft that move or hold on a taxilane, a world, over the first 40 s."""
    scenario = tmp_path / f"{count}.yaml"
    scenario.write_text(f"schema_version: 1\nname: some\nmap: hub\ntraffic: 0.2\nmix: {{moving_aircraft: {count}}}\n")
    env = gym.make_vec(
        "airside_sim:AirsideCrossing-v0", num_envs=16, obs_type="state", scenario=str(scenario), **keywords
    )
    env.reset(seed=5)
    world = env.unwrapped.simulator.world
    aircraft = slice(0, world.aircraft.shape[1])
    moving = 0.0
    for _ in range(400):
        env.step(np.zeros((16, 2), np.float32))
        moving += (
            np.hypot(world.body[:, aircraft, Body.VX], world.body[:, aircraft, Body.VY]).astype(bool).sum(1).mean()
        )
    return moving / 400


def test_a_scenario_says_how_many_aircraft_move_whatever_the_other_traffic(tmp_path) -> None:
    assert _mean_moving_aircraft(tmp_path, 0) == 0.0
    assert _mean_moving_aircraft(tmp_path, 7, traffic=0.0) == 0.0
    few, many = _mean_moving_aircraft(tmp_path, 1), _mean_moving_aircraft(tmp_path, 7)
    assert 0.1 < few < 1.5
    assert many > 2.0 * few
