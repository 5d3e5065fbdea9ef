"""`extends`: a scenario starts from another one and says only what differs."""

from pathlib import Path

import pytest

from airside_sim.env_config import resolve
from airside_sim.mapping.errors import MapError
from airside_sim.mapping.yaml_io import load_yaml_text
from airside_sim.scenario import Scenario, format_scenario, load_scenario, scenario_names
from airside_sim.varying import Varying


def _write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(f"schema_version: 1\nname: {name}\n{text}")
    return path


def test_what_it_does_not_say_it_inherits(tmp_path: Path) -> None:
    child = load_scenario(_write(tmp_path, "child", "extends: crossing\nweather: fog\nmix: {people: 0.2}\n"))
    parent = load_scenario("crossing")
    assert (child.name, child.weather) == ("child", "fog")
    assert (child.traffic, child.trailers, child.needs) == (parent.traffic, parent.trailers, parent.needs)
    assert (child.mix.people, child.mix.moving_aircraft) == (0.2, parent.mix.moving_aircraft)  # groups are merged
    config = resolve("apron", scenario=str(tmp_path / "child.yaml"))
    assert (config.needs.min_crossings, config.weather, config.trailers) == (1, "fog", 2)


def test_grandparents_lie_beside_the_file(tmp_path: Path) -> None:
    _write(tmp_path, "a", "trailers: 3\nreward: {goal: 5, time: 0}\n")
    _write(tmp_path, "b", "extends: a.yaml\nlight: night\n")
    c = load_scenario(_write(tmp_path, "c", "extends: b.yaml\nreward: {goal: 7}\n"))
    assert (c.trailers, c.light, c.reward) == (3, "night", {"goal": 7.0, "time": 0.0})


def test_a_circle_is_named(tmp_path: Path) -> None:
    _write(tmp_path, "a", "extends: b.yaml\n")
    with pytest.raises(MapError, match=r"extends: goes round.*a\.yaml extends b\.yaml extends a\.yaml"):
        load_scenario(_write(tmp_path, "b", "extends: a.yaml\n") and tmp_path / "a.yaml")


def test_a_missing_parent_is_named(tmp_path: Path) -> None:
    with pytest.raises(MapError, match=r"a\.yaml:1: extends: .*'crosing'.*did you mean 'crossing'"):
        load_scenario(_write(tmp_path, "a", "extends: crosing\n"))


def test_a_parents_mistake_names_the_parents_file(tmp_path: Path) -> None:
    _write(tmp_path, "a", "weathr: fog\n")
    with pytest.raises(MapError, match=r"a\.yaml:3: weathr: unknown key"):
        load_scenario(_write(tmp_path, "b", "extends: a.yaml\n"))


def test_a_scenario_is_written_with_what_it_inherits(tmp_path: Path) -> None:
    friction = "{normal: [0.5, 0.1], range: [0.3, 0.8]}"
    text = f"extends: apron\ntraffic: {{uniform: [0.2, 0.6]}}\nconditions: {{friction: {friction}}}\n"
    child = load_scenario(_write(tmp_path, "child", text))
    again = load_yaml_text(format_scenario(child), Scenario)
    assert again.extends is None
    assert again.traffic == Varying("uniform", (0.2, 0.6))
    assert again.conditions == child.conditions
    assert again.events == load_scenario("apron").events


@pytest.mark.parametrize("name", scenario_names())
def test_shipped_scenarios_come_back_from_their_text(name: str) -> None:
    scenario = load_scenario(name)
    assert load_yaml_text(format_scenario(scenario), Scenario) == scenario


def test_a_law_in_a_file_is_checked_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(MapError, match=r"a\.yaml:3: traffic: .*low <= high"):
        load_scenario(_write(tmp_path, "a", "traffic: {uniform: [3, 1]}\n"))
    with pytest.raises(MapError, match=r"b\.yaml:4: mix\.people: .*0 to 2"):
        load_scenario(_write(tmp_path, "b", "mix:\n  people: 5\n"))
