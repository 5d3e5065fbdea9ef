"""Weather ranges follow the domain table, draws are repeatable, and every draw uses the same count of numbers."""

import gymnasium as gym
import numpy as np
import pytest

from airside_sim import rng
from airside_sim.columns import Episode, Route, Sky
from airside_sim.constants import Light, Sensing, Weather
from airside_sim.episode_setup import Setup, usual_setup
from airside_sim.kernels.weather import LVP_SPEED_MPS, reset_sky


def sample(seed: int, weather: float, light: float) -> tuple[np.ndarray, int]:
    sky = np.zeros((1, len(Sky)))
    words = np.array([rng.seed_word(seed)], dtype=np.uint64)
    setup = usual_setup()
    setup[[Setup.WEATHER, Setup.LIGHT, Setup.SENSING]] = weather, light, Sensing.RANGE
    reset_sky(0, sky, words, setup)
    return sky[0], int(words[0])


@pytest.mark.parametrize(("weather", "low", "high"), [(0, 0.8, 0.8), (1, 0.45, 0.7), (2, 0.65, 0.65), (3, 0.2, 0.35)])
def test_friction_ranges(weather, low, high):
    grips = [sample(seed, weather, 0)[0][Sky.FRICTION] for seed in range(200)]
    assert low <= min(grips)
    assert max(grips) <= high


def test_fog_brings_low_visibility_procedures_and_the_speed_cap():
    for seed in range(50):
        sky, _ = sample(seed, Weather.FOG, Light.DAY)
        assert 100.0 <= sky[Sky.VISIBILITY] <= 400.0
        assert sky[Sky.LVP] == 1.0
        assert sky[Sky.SPEED_CAP] == LVP_SPEED_MPS


def test_clear_day_misses_nobody():
    sky, _ = sample(3, Weather.CLEAR, Light.DAY)
    assert sky[Sky.DROPOUT] == 0.0
    assert sky[Sky.NOISE] == 0.0
    assert sky[Sky.SPEED_CAP] > 50.0


def test_every_choice_consumes_the_same_numbers():
    words = {sample(11, weather, light)[1] for weather in (-1, 0, 1, 2, 3) for light in (-1, 0, 1)}
    assert len(words) == 1


def test_random_weather_shares():
    kinds = np.array([sample(seed, -1, -1)[0][[Sky.WEATHER, Sky.LIGHT]] for seed in range(4000)])
    shares = np.bincount(kinds[:, 0].astype(int), minlength=4) / len(kinds)
    assert np.allclose(shares, [0.65, 0.20, 0.06, 0.09], atol=0.03)
    assert abs(kinds[:, 1].mean() - 0.3) < 0.03


def test_the_time_limit_is_reckoned_with_the_speed_limit_of_low_visibility() -> None:
    ticks = {}
    for weather in ("clear", "fog"):
        env = gym.make_vec("airside_sim:AirsideApron-v0", num_envs=8, obs_type="state", weather=weather,
                           light="day", traffic="empty")  # fmt: skip
        env.reset(seed=5)
        world = env.unwrapped.simulator.world
        ticks[weather] = world.episode[:, Episode.MAX_TICKS].copy()
        if weather == "fog":
            first = world.episode[:, Episode.ROUTE_START].astype(int)
            last = world.episode[:, Episode.ROUTE_LENGTH].astype(int)
            slowest = [
                (1.0 / np.minimum(world.route[e, first[e] : last[e], Route.LIMIT], LVP_SPEED_MPS)).sum()
                for e in range(8)
            ]
        env.close()
    yields_s = ticks["fog"] / 10.0 - np.ceil(15.0 + 1.5 * np.array(slowest))
    assert set(yields_s.round(6) % 30.0) <= {0.0}
    assert (ticks["fog"] > 1.1 * ticks["clear"]).sum() >= 3
    assert (ticks["fog"] >= ticks["clear"]).all()
