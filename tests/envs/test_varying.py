"""Values that vary by episode: drawn by their law, fixed by the seed, checked like plain ones."""

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airside_sim.columns import Ego, Episode, Sky
from airside_sim.constants import Light, Weather
from airside_sim.env_config import resolve
from airside_sim.episode_setup import Setup
from airside_sim.varying import Varying, largest, number, read_varying

NUM_ENVS = 256


def _worlds(seed: int = 0, **keywords):
    env = gym.make_vec(
        "airside_sim:AirsideServiceRoad-v0", num_envs=NUM_ENVS, obs_type="state", traffic=keywords.pop("traffic", 0.0),
        **keywords,
    )  # fmt: skip
    env.reset(options={"episode_seeds": seed + np.arange(NUM_ENVS)})
    return env.unwrapped.simulator.world


def test_uniform_traffic_fills_its_range() -> None:
    density = _worlds(traffic={"uniform": [0.2, 0.6]}).episode[:, Episode.DENSITY]
    assert 0.2 <= density.min() < 0.22
    assert 0.58 < density.max() <= 0.6
    assert abs(density.mean() - 0.4) < 4.0 * (0.4 / 12**0.5) / NUM_ENVS**0.5


def test_a_choice_takes_each_in_its_share() -> None:
    trailers = _worlds(trailers={"choice": [0, 4, 4, 4]}).ego[:, Ego.TRAILERS]
    assert set(trailers) == {0.0, 4.0}
    assert 0.62 < (trailers == 4.0).mean() < 0.88


def test_weather_and_light_can_be_chosen_by_name() -> None:
    sky = _worlds(weather={"choice": ["fog", "snow"]}, light={"choice": ["day", "night"]}).sky
    assert set(sky[:, Sky.WEATHER]) == {Weather.FOG, Weather.SNOW}
    assert set(sky[:, Sky.LIGHT]) == {Light.DAY, Light.NIGHT}


def test_a_normal_is_clipped_to_its_range(tmp_path) -> None:
    path = tmp_path / "mist.yaml"
    path.write_text(
        "schema_version: 1\nname: mist\nweather: fog\n"
        "conditions:\n  visibility_m: {normal: [200, 100], range: [120, 260]}\n  friction: 0.3\n"
    )
    sky = _worlds(scenario=str(path)).sky
    seen = sky[:, Sky.VISIBILITY]
    assert (seen.min(), seen.max()) == (120.0, 260.0)
    assert 0.1 < (seen == 120.0).mean() < 0.35  # 21 % lie below
    assert (sky[:, Sky.FRICTION] == 0.3).all()
    assert (sky[:, Sky.LVP] == 1.0).all()  # follows from the visibility


def test_the_mix_says_who_the_traffic_is(tmp_path) -> None:
    path = tmp_path / "people_only.yaml"
    path.write_text(
        "schema_version: 1\nname: p\nmap: hub\ntraffic: 0.4\nmix: {vehicles: 0, people: 1.5, parked_aircraft: 0.5}\n"
    )
    env = gym.make_vec("airside_sim:AirsideApron-v0", num_envs=16, obs_type="state", scenario=str(path))
    env.reset(seed=1)
    world = env.unwrapped.simulator.world
    assert not (world.vehicle[:, :, 0] > 0).any()
    assert (world.person[:, :, 0] > 0).sum() > 5 * 16  # of 36 wanted: many a route begins far from people
    assert (world.setup[:, Setup.PEOPLE] == 1.5).all()


def test_a_seed_fixes_the_draws_wherever_the_env_stands() -> None:
    laws = {"traffic": {"uniform": [0.0, 0.3]}, "trailers": {"choice": [0, 1, 2]}}
    many = _worlds(seed=40, **laws).setup[17]
    env = gym.make("airside_sim:AirsideServiceRoad-v0", obs_type="state", **laws)
    env.reset(seed=57)
    assert np.array_equal(env.unwrapped.simulator.world.setup[0], many)
    env.reset()
    assert not np.array_equal(env.unwrapped.simulator.world.setup[0], many)


def test_arrays_have_room_for_the_densest_episode() -> None:
    config = resolve("apron", traffic={"normal": [0.5, 0.2], "range": [0.1, 1.0]})
    assert config.max_traffic == 1.0
    assert largest(config.traffic) == 1.0


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"traffic": {"uniform": [0.6, 0.2]}}, "low <= high"),
        ({"traffic": {"uniform": [0.2]}}, "two numbers"),
        ({"traffic": {"uniform": [0.2, 9.0]}}, "0 to 4"),
        ({"traffic": {"gauss": [0.2, 0.3]}}, "one of uniform, normal, choice"),
        ({"traffic": {"uniform": [0, 1], "choice": [1]}}, "one of uniform, normal, choice"),
        ({"traffic": {"normal": [0.5, 0.1]}}, "range"),
        ({"traffic": {"normal": [0.5, 0.0], "range": [0, 1]}}, "sigma > 0"),
        ({"traffic": {"uniform": [0, 1], "range": [0, 1]}}, "range belongs to normal"),
        ({"traffic": {"choice": []}}, "needs a list"),
        ({"traffic": {}}, "not nothing"),
        ({"trailers": {"choice": [1, 9]}}, "0 to 6"),
        ({"weather": {"choice": ["fog", "hail"]}}, "hail"),
    ],
)
def test_a_wrong_law_is_one_clear_error(keywords: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        resolve("apron", **keywords)
    assert str(caught.value).startswith(f"{next(iter(keywords))}=")


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=True) | st.integers(-3, 9) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["uniform", "normal", "choice", "range", "x"]), inner, max_size=3)
        ),
        max_leaves=6,
    )
)
def test_anything_is_a_value_or_a_value_error(value) -> None:
    try:
        got = read_varying(value, number(0.0, 4.0))
    except ValueError:
        return
    if isinstance(got, Varying):
        assert read_varying(got.plain(), number(0.0, 4.0)) == got
        assert 0.0 <= largest(got) <= 4.0
    else:
        assert 0.0 <= got <= 4.0
