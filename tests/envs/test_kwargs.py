"""Keyword arguments: precedence, canonical values, and errors that name the nearest valid one."""

import gymnasium as gym
import pytest

from airside_sim.env_config import resolve
from airside_sim.envs.registration import SCENARIO_OF_ID
from airside_sim.mapping.errors import MapError
from airside_sim.scenario import load_scenario, scenario_names


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"trafic": "peak"}, ["trafic", "did you mean 'traffic'"]),
        ({"traffic": "peek"}, ["'peek'", "did you mean 'peak'", "moderate"]),
        ({"traffic": -1}, ["traffic=-1", "0 to 4"]),
        ({"traffic": float("nan")}, ["traffic=nan"]),
        ({"trailers": 7}, ["trailers=7", "0 to 6"]),
        ({"trailers": 1.5}, ["whole number"]),
        ({"trailers": "rondom"}, ["did you mean 'random'"]),
        ({"ego": "buss"}, ["did you mean 'bus'"]),
        ({"ego": "bus", "trailers": 2}, ["only ego='tractor' tows"]),
        ({"obs_type": "bev+stat"}, ["did you mean 'bev+state'"]),
        ({"action_type": "continous"}, ["did you mean 'continuous'"]),
        ({"bev_size": 100}, ["bev_size=100", "128, 64, 32"]),
        ({"bev_size": True}, ["bev_size=True"]),
        ({"bev_range_m": 5}, ["bev_range_m=5", "16 to 400"]),
        ({"bev_ahead_m": 120}, ["bev_ahead_m=120 exceeds"]),
        ({"layout": "cwh"}, ["did you mean 'chw'"]),
        ({"packed": 1}, ["True or False"]),
        ({"packed": True, "obs_type": "state"}, ["packed=True needs"]),
        ({"sensing": "ocluded"}, ["did you mean 'occluded'"]),
        ({"weather": "foggy"}, ["did you mean 'fog'"]),
        ({"light": "nite"}, ["did you mean 'night'"]),
        ({"driving_side": "wrong"}, ["right, left"]),
        ({"route_length_m": (500, 200)}, ["0 < low <= high"]),
        ({"max_steps": -5}, ["max_steps=-5"]),
        ({"max_steps": 1.5}, ["whole number"]),
        ({"speed_scale": "fast"}, ["speed_scale='fast'"]),
        ({"reward": {"progres": 1.0}}, ["unknown reward coefficient 'progres'", "did you mean 'progress"]),
        ({"cost": {"proximty": 1.0}}, ["unknown cost coefficient"]),
        ({"reward": 3}, ["a dict of coefficients"]),
        ({"reward": {"progress": "much"}}, ["a number is needed"]),
        ({"render_mode": "rgb"}, ["did you mean 'rgb_array'"]),
        ({"map": 3}, ["map=3"]),
        ({"scenario": "crosing"}, ["did you mean 'crossing'"]),
    ],
)
def test_a_wrong_keyword_or_value_names_the_nearest(keywords, words):
    with pytest.raises((TypeError, ValueError, FileNotFoundError)) as caught:
        resolve("apron", **keywords)
    for word in words:
        assert word in str(caught.value), str(caught.value)


def test_gym_make_reports_the_same_errors():
    with pytest.raises(ValueError, match="did you mean 'peak'"):
        gym.make("airside_sim:AirsideApron-v0", traffic="peek")
    with pytest.raises(TypeError, match="did you mean 'trailers'"):
        gym.make_vec("airside_sim:AirsideApron-v0", num_envs=2, trailer=2)


def test_keyword_beats_scenario_beats_id_default():
    assert resolve("apron").trailers == 2
    assert resolve("apron", scenario="service_road").trailers == 0
    assert resolve("apron", scenario="service_road", trailers=4).trailers == 4
    assert resolve("apron", scenario="service_road").max_steps == 500
    # the file does not set the BEV range, so the id's own stays
    assert resolve("turnaround", scenario="crossing").bev_range_m == 64.0
    # what a scenario stages belongs to it as a whole
    assert resolve("crossing", scenario="apron").needs.min_crossings == 0


def test_a_path_is_a_scenario_and_its_mistakes_carry_file_line_and_field(tmp_path):
    good = tmp_path / "night.yaml"
    good.write_text("schema_version: 1\nname: night\nlight: night\nweather: fog\n")
    config = resolve("apron", scenario=str(good))
    assert (config.light, config.weather, config.trailers) == ("night", "fog", 2)
    bad = tmp_path / "bad.yaml"
    bad.write_text("schema_version: 1\nname: bad\nlight: day\nwether: fog\n")
    with pytest.raises((MapError, ValueError), match=r"bad\.yaml:4: .*wether.*weather"):
        load_scenario(bad)


@pytest.mark.parametrize(
    "text",
    [
        "schema_version: 2\nname: x\n",
        "name: x\n",
        "schema_version: 1\n",
        "schema_version: 1\nname: x\nroute_length_m: [300, 100]\n",
        "schema_version: 1\nname: x\ntraffic: heavy\n",
        "schema_version: 1\nname: x\ntrailers: 9\n",
        "schema_version: 1\nname: x\nevents: {pushback_in_progress: {clear_in_s: [40, 10]}}\n",
        "schema_version: 1\nname: x\nevents: {pushbak_in_progress: {}}\n",
        "schema_version: 1\nname: [x\n",
        "- 1\n- 2\n",
        "",
    ],
)
def test_malformed_scenarios_are_one_clear_error(tmp_path, text):
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"wrong\.yaml") as caught:
        load_scenario(path)
    assert "\n" not in str(caught.value).strip()


def test_every_id_has_its_scenario_and_contract_values():
    assert set(SCENARIO_OF_ID.values()) <= set(scenario_names())
    lengths = {name: resolve(name).route_length_m for name in SCENARIO_OF_ID.values()}
    assert lengths == {
        "service_road": (60.0, 200.0),
        "pushback": (100.0, 300.0),
        "crossing": (200.0, 500.0),
        "turnaround": (200.0, 500.0),
        "apron": (200.0, 500.0),
        "peak": (500.0, 1500.0),
    }
    assert resolve("turnaround").bev_range_m == 64.0
    assert resolve("peak").traffic == 1.0
    assert resolve("apron").traffic == 0.4
