"""Real airports by code, from the user's own map files."""

import gymnasium as gym
import numpy as np
import pytest

from airside_sim.mapping.cache import load_compiled
from airside_sim.mapping.errors import MapError
from airside_sim.mapping.real import real_airport_files
from airside_sim.suite import load_suite

PIXEL_M = 100.0 / 128.0


@pytest.fixture(autouse=True)
def _folder(monkeypatch, map_data_dir) -> None:
    monkeypatch.setenv("AIRSIDE_MAP_DATA", str(map_data_dir))


def test_xplane_and_osm_airports_are_found_by_code() -> None:
    kind, files = real_airport_files("real:KBUF")
    assert (kind, files[0].name) == ("xplane", "KBUF_1050.apt.dat")
    kind, files = real_airport_files("real:EHAM")
    assert kind == "osm"
    assert len(files) == 2


def test_a_real_airport_is_driven_like_any_map() -> None:
    compiled = load_compiled("real:KBUF", PIXEL_M)[0]
    assert len(compiled.airport.stands) > 10
    env = gym.make("airside_sim:AirsideApron-v0", map="real:KBUF", obs_type="state", route_length_m=(60, 500))
    env.reset(seed=1)
    for _ in range(20):
        obs, *_ = env.step(np.array([0.0, 0.5], np.float32))
    assert np.isfinite(obs).all()


@pytest.mark.parametrize(
    ("spec", "message"),
    [("real:KBUX", "did you mean 'KBUF'"), ("real:berlin", "airport's code"), ("real:", "airport's code")],
)
def test_mistakes_are_named(spec, message) -> None:
    with pytest.raises(MapError, match=message):
        load_compiled(spec, PIXEL_M)


def test_without_a_folder_the_error_says_how_to_get_one(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("AIRSIDE_MAP_DATA", str(tmp_path / "nothing"))
    with pytest.raises(MapError, match="airside maps fetch EDDB"):
        load_compiled("real:EDDB", PIXEL_M)


def test_the_generalisation_suite_has_real_airports() -> None:
    maps = {entry.keywords.get("map") for entry in load_suite("generalisation").entries}
    assert {"real:EDDB", "real:KSYR", "real:EHAM"} <= maps
