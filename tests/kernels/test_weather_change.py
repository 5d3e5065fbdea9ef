"""Keyframes of weather and light: what lies between two of them, what a changed visibility brings, and snapshots."""

import gymnasium as gym
import numpy as np
import pytest

from airside_sim.columns import Episode, Sky
from airside_sim.constants import Light, Weather
from airside_sim.kernels.referee import read_events
from airside_sim.mapping.errors import MapError
from airside_sim.rendering.atmosphere import apply
from airside_sim.rendering.camera import Camera
from airside_sim.scenario import load_scenario

HEAD = "schema_version: 1\nname: w\nmap: training_apron\nroute_length_m: [60, 200]\ntraffic: 0\nconditions_over_time:\n"
FOG = (
    "  - {at_s: 2, weather: fog, visibility_m: 100}\n  - {at_s: 4, visibility_m: 100}\n  - {at_s: 6, weather: clear}\n"
)


def write(folder, keyframes: str) -> str:
    path = folder / "weather.yaml"
    path.write_text(HEAD + keyframes)
    return str(path)


def watch(path: str, ticks: int, num_envs: int = 1, **keywords):
    """Sky rows of every tick (T, E, Sky), and the env."""
    env = gym.make_vec("airside_sim:AirsideApron-v0", num_envs=num_envs, obs_type="state", scenario=path, **keywords)
    env.reset(seed=3)
    world = env.unwrapped.simulator.world
    rows = []
    for _ in range(ticks):
        env.step(np.zeros((num_envs, 2), np.float32))
        rows.append(world.sky.copy())
    return np.array(rows), env


def test_fog_comes_and_lifts_by_equal_factors_and_brings_low_visibility_procedures(tmp_path) -> None:
    sky, env = watch(write(tmp_path, FOG), 80)
    world = env.unwrapped.simulator.world
    seen = sky[:, 0, Sky.VISIBILITY]
    assert seen[9] == pytest.approx(np.sqrt(2000.0 * 100.0))  # half way at 1 s
    assert np.allclose(np.diff(np.log(seen[:20])), np.log(100 / 2000) / 20)
    assert np.allclose(seen[19:40], 100.0)
    assert seen[60:] == pytest.approx(2000.0)
    lvp = sky[:, 0, Sky.LVP]
    assert (lvp == (seen < 550.0)).all()
    assert (sky[lvp == 1, 0, Sky.SPEED_CAP] < 4.2).all()
    assert (sky[lvp == 0, 0, Sky.SPEED_CAP] > 50.0).all()
    assert (sky[:59, 0, Sky.WEATHER] == Weather.FOG).all()
    assert (sky[60:, 0, Sky.WEATHER] == Weather.CLEAR).all()
    events = [r["event"] for r in read_events(world, 0)]
    assert events == ["low_visibility_began", "low_visibility_ended"]


def test_time_that_low_visibility_costs_is_given(tmp_path) -> None:
    _, calm = watch(write(tmp_path, "  - {at_s: 2, friction: 0.5}\n"), 30)
    _, foggy = watch(write(tmp_path, FOG), 30)
    limits = [env.unwrapped.simulator.world.episode[0, Episode.MAX_TICKS] for env in (calm, foggy)]
    assert limits[1] > limits[0] + 50


def test_friction_and_light_go_over_into_each_other_and_numbers_vary(tmp_path) -> None:
    keys = "  - {at_s: 2, friction: {uniform: [0.2, 0.4]}}\n  - {at_s: 4, light: night}\n"
    sky, _env = watch(write(tmp_path, keys), 50, num_envs=6)
    last = sky[-1, :, Sky.FRICTION]
    assert len(set(last.tolist())) == 6
    assert (last >= 0.2).all()
    assert (last <= 0.4).all()
    assert np.allclose(sky[9, :, Sky.FRICTION], 0.5 * (0.8 + last))
    assert np.allclose(sky[:40, 0, Sky.DARKNESS], np.arange(1, 41) / 40.0)
    assert (sky[:19, :, Sky.LIGHT] == Light.DAY).all()
    assert (sky[20:, :, Sky.LIGHT] == Light.NIGHT).all()


def test_rain_begins_gently_and_snow_follows_it_half_way(tmp_path) -> None:
    sky, _ = watch(write(tmp_path, "  - {at_s: 2, weather: rain}\n  - {at_s: 4, weather: snow}\n"), 45)
    assert (sky[:29, 0, Sky.WEATHER] == Weather.RAIN).all()
    assert (sky[30:, 0, Sky.WEATHER] == Weather.SNOW).all()
    assert np.allclose(np.diff(sky[:20, 0, Sky.INTENSITY]), 0.03)
    assert sky[-1, 0, Sky.FRICTION] == pytest.approx(0.275)


def test_a_snapshot_in_the_middle_goes_on_bit_for_bit(tmp_path) -> None:
    env = gym.make("airside_sim:AirsideApron-v0", obs_type="state", scenario=write(tmp_path, FOG)).unwrapped
    env.reset(seed=5)
    action = np.array([0.0, 0.5], np.float32)

    def drive(ticks: int) -> list[bytes]:
        return [env.step(action)[0].tobytes() + env.simulator.world.sky.tobytes() for _ in range(ticks)]

    drive(10)
    state = env.get_state()
    first = drive(30)
    env.set_state(state)
    assert drive(30) == first


def test_the_picture_darkens_with_dusk() -> None:
    sky = np.zeros(len(Sky))
    sky[Sky.VISIBILITY] = 2000.0
    ego = np.zeros((1, 14))
    image = np.full((60, 80, 3), 150, np.uint8)
    camera = Camera(0.0, 0.0, 2.0, 80, 60)
    levels = []
    for darkness in (0.0, 0.4, 1.0):
        sky[Sky.DARKNESS] = darkness
        levels.append(apply(image, camera, sky, ego, np.zeros((0, 14)), np.zeros((0, 2)), 0).mean())
    assert levels[0] == 150.0
    assert levels[0] > levels[1] > levels[2]


@pytest.mark.parametrize(
    ("keyframes", "words"),
    [
        ("  - {at_s: 2}\n", "needs one of weather"),
        ("  - {at_s: 2, wether: fog}\n", "did you mean 'weather'"),
        ("  - {at_s: 2, weather: fogg}\n", "did you mean 'fog'"),
        ("  - {weather: fog}\n", "at_s: is missing"),
        ("  - {at_s: 5, weather: fog}\n  - {at_s: 5, light: night}\n", "follow each other"),
        ("  - {at_s: {uniform: [2, 9]}, weather: fog}\n  - {at_s: 8, light: night}\n", "follow each other"),
        ("  - {at_s: 2, friction: 3}\n", "0.05 to 1"),
    ],
)
def test_a_wrong_keyframe_is_one_clear_error(tmp_path, keyframes: str, words: str) -> None:
    with pytest.raises(MapError, match=words) as caught:
        load_scenario(write(tmp_path, keyframes))
    assert "weather.yaml:" in str(caught.value)
    assert "conditions_over_time" in str(caught.value)


def test_a_fog_event_beside_keyframes_is_refused(tmp_path) -> None:
    path = write(tmp_path, FOG + "inject: [{event: fog, at_s: 3}]\n")
    with pytest.raises(ValueError, match="conditions_over_time"):
        gym.make("airside_sim:AirsideApron-v0", scenario=path)
