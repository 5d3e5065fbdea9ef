"""One environment of many scenarios: each episode draws one, and a curriculum prefers those that are failed."""

import gymnasium as gym
import numpy as np
import pytest

import airside_sim  # noqa: F401  (registers the ids)
from airside_sim.columns import Ego, Episode
from airside_sim.constants import VehicleClass
from airside_sim.curriculum import FLOOR, Curriculum
from airside_sim.suite import configs_of

SUITE = ["empty_road", "follow_me_run", "crossing_quiet"]
COMMON = {"map": "training_apron", "obs_type": "state", "route_length_m": (60, 300)}


def _vector(num_envs: int, **keywords):
    return gym.make_vec("airside_sim:AirsideApron-v0", num_envs=num_envs, suite=SUITE, **(COMMON | keywords))


def test_every_scenario_comes_in_its_share_and_keeps_its_own_settings() -> None:
    env = _vector(300).unwrapped
    env.reset(seed=0)
    labels = np.array(env.scenario_labels())
    for name in SUITE:
        assert 60 < (labels == name).sum() < 140  # 100 expected, sigma 8
    world = env.simulator.world
    drives = world.ego[:, Ego.VEHICLE] == VehicleClass.FOLLOW_ME
    assert (drives == (labels == "follow_me_run")).all()
    assert (world.episode[labels == "empty_road", Episode.DENSITY] == 0.0).all()
    routes = env.simulator.routes
    assert (routes.crossings[routes.map_route0[2, 0] : routes.map_route0[2, -1]] >= 1).all()
    assert (world.episode[labels == "crossing_quiet", Episode.NUM_FEATURES] >= 1).all()


def test_single_env_drives_the_same_episodes_as_the_vector() -> None:
    many = _vector(6).unwrapped
    many.reset(seed=40)
    one = gym.make("airside_sim:AirsideApron-v0", suite=SUITE, **COMMON).unwrapped
    for e in range(6):
        obs, _ = one.reset(seed=40 + e)
        assert one.scenario == many.scenario_labels()[e]
        assert np.array_equal(obs, many.observe()[e])


def test_a_scenario_alone_is_the_environment_of_that_scenario() -> None:
    plain = gym.make("airside_sim:AirsideApron-v0", scenario="crossing_quiet", **COMMON).unwrapped
    suite = gym.make("airside_sim:AirsideApron-v0", suite=["crossing_quiet"], **COMMON).unwrapped
    for env in (plain, suite):
        env.reset(seed=3)
        for _ in range(50):
            env.step(np.array([0.0, 0.7], np.float32))
    assert np.array_equal(plain.simulator.world.ego, suite.simulator.world.ego)


def test_curriculum_draws_what_is_failed() -> None:
    chance = np.zeros(4)
    plan = Curriculum("abcd", chance)
    assert np.allclose(list(plan.chances().values()), 0.25)
    for _ in range(200):
        plan.update(np.array([0, 1, 2, 3]), np.array([True, True, True, False]))
    found = plan.chances()
    assert found["d"] == pytest.approx(FLOOR / 4 + (1 - FLOOR), abs=0.001)
    assert found["a"] == pytest.approx(FLOOR / 4, abs=0.001)
    assert chance[-1] == 1.0


def test_failures_in_the_vector_move_its_chances_and_a_snapshot_keeps_them() -> None:
    env = _vector(16, curriculum="failure_rate", autoreset_mode="same_step")
    env.reset(seed=0)
    stop = np.tile(np.array([0.0, 0.0], np.float32), (16, 1))
    inner = env.unwrapped
    assert inner.curriculum.failure_rates() == dict.fromkeys(SUITE, 1.0)
    inner.curriculum.update(np.zeros(60, int), np.ones(60, bool))  # say the first is solved
    state = inner.get_state()
    runs = []
    for _ in range(2):
        inner.set_state(state)
        for _ in range(330):  # nothing blocks: each is failed after 30 s without progress
            env.step(stop)
        runs.append((inner.scenario_labels(), inner.curriculum.failure_rates()))
    assert runs[0] == runs[1]
    assert inner.curriculum.failure_rates()["crossing_quiet"] == 1.0
    assert 0.04 < inner.curriculum.failure_rates()["empty_road"] < 0.9


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"suite": "trian"}, "trian"),
        ({"suite": ["crossing", "crossing"]}, "different scenario names"),
        ({"suite": SUITE, "scenario": "crossing"}, "exclude each other"),
        ({"suite": SUITE, "curriculum": "hardest"}, "failure_rate"),
        ({"scenario": "crossing", "curriculum": "failure_rate"}, "give suite="),
    ],
)
def test_mistakes_are_named(keywords, message) -> None:
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        gym.make_vec("airside_sim:AirsideApron-v0", num_envs=2, obs_type="state", **keywords)


def test_what_one_environment_has_once_must_agree(tmp_path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text("schema_version: 1\nname: odd\nextends: crossing\nspeed_scale: 0.5\n")
    with pytest.raises(ValueError, match=r"odd\.yaml has speed_scale=0\.5"):
        configs_of("apron", suite=["crossing", str(path)])
    _, configs = configs_of("apron", suite=["crossing", str(path)], speed_scale=0.7)
    assert {config.speed_scale for config in configs} == {0.7}


def test_a_turnaround_takes_the_environments_view() -> None:
    _, configs = configs_of("apron", suite=["crossing", "turnaround"])
    assert {config.bev_range_m for config in configs} == {100.0}
