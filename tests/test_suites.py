"""Suites and the scenario library: every file loads, every seed range is kept apart, mistakes are named."""

from pathlib import Path

import pytest

from airside_sim.mapping.errors import MapError
from airside_sim.scenario import load_scenario, scenario_names
from airside_sim.suite import SEED_RANGES, load_suite, suite_names


def test_the_five_suites_are_there_and_every_entry_resolves() -> None:
    assert set(suite_names()) == {"train", "eval", "generalisation", "long", "stress"}
    for name in suite_names():
        suite = load_suite(name)
        assert suite.name == name
        assert len({entry.label for entry in suite.entries}) == len(suite.entries)


def test_train_is_short_and_eval_is_the_same_on_other_seeds() -> None:
    train, evaluation = load_suite("train"), load_suite("eval")
    assert train.entries == evaluation.entries
    assert all(entry.config().route_length_m[1] <= 300.0 for entry in train.entries)
    assert (train.seeds, evaluation.seeds) == ("train", "test")


def test_long_routes_are_long() -> None:
    for entry in load_suite("long").entries:
        assert entry.config().route_length_m[0] >= 500.0


def test_no_map_of_training_is_in_generalisation() -> None:
    trained = {m for entry in load_suite("train").entries for m in entry.config().map}
    unseen = {m for entry in load_suite("generalisation").entries for m in entry.config().map}
    assert not trained & unseen
    assert "hub" not in unseen


def test_seed_ranges_do_not_meet() -> None:
    ranges = list(SEED_RANGES.values())
    assert all(a.stop <= b.start or b.stop <= a.start for i, a in enumerate(ranges) for b in ranges[i + 1 :])
    assert load_suite("eval").seed_list(3) == [20_000_000, 20_000_001, 20_000_002]
    with pytest.raises(ValueError, match="300 test seeds"):
        load_suite("eval").seed_list(301)


def test_the_library_is_graded_and_told_apart() -> None:
    library = {name: load_scenario(name) for name in scenario_names()}
    assert len(library) >= 30
    assert {s.difficulty for s in library.values()} == {1, 2, 3, 4, 5}
    assert all(s.name == name and s.title and s.tags for name, s in library.items())
    assert len({s.title for s in library.values()}) == len(library)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ("[{scenario: crosing}]", "did you mean 'crossing'"),
        ("[{scenario: crossing}, {scenario: crossing}]", "is there twice"),
        ("[{scenario: crossing, keywords: {trafic: 1}}]", "did you mean 'traffic'"),
        ("[]", "entries"),
        ("[{scenaro: crossing}]", "did you mean 'scenario'"),
    ],
)
def test_a_wrong_suite_is_one_clear_error(tmp_path: Path, entries: str, words: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"schema_version: 1\nname: mine\nseeds: test\nentries: {entries}\n")
    with pytest.raises(MapError, match=words) as caught:
        load_suite(path)
    assert "mine.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)
