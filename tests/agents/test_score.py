"""The score: gates close, quality falls with every fault, statistics are those of SciPy."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import trim_mean

from agents.evaluation.measure import EpisodeRow
from agents.evaluation.score import (
    GATES,
    ScoreWeights,
    gate,
    interquartile_mean,
    normalise,
    quality,
    resampled,
    worth,
)
from benchmarks.board.tables import rate, summary

GOOD = EpisodeRow("entry", 1, success=True, completion=1.0, comfort=1.0, efficiency=1.0, steps=100, distance_m=50.0)


def test_a_perfect_episode_is_worth_1_and_nothing_is_worth_more() -> None:
    assert worth(GOOD) == pytest.approx(1.0)
    assert worth(EpisodeRow("entry", 1)) == 0.0


@pytest.mark.parametrize("name", GATES)
@given(completion=st.floats(0.0, 1.0), comfort=st.floats(0.0, 1.0), soft=st.floats(0.0, 2.0))
def test_an_added_collision_never_raises_the_worth(name: str, completion: float, comfort: float, soft: float) -> None:
    row = dataclasses.replace(GOOD, completion=completion, comfort=comfort, costs={"cost/proximity": soft})
    hit = dataclasses.replace(row, costs=row.costs | {f"cost/{name}": 1.0})
    assert gate(hit) == 0.0
    assert worth(hit) <= worth(row)


def test_a_blast_and_a_failed_episode_close_the_gate() -> None:
    assert gate(GOOD) == 1.0
    assert gate(dataclasses.replace(GOOD, entered_blast=True)) == 0.0
    assert gate(dataclasses.replace(GOOD, failed="boom")) == 0.0


@pytest.mark.parametrize("name", ["proximity", "speed", "hazard_zone", "a_rule_of_tomorrow"])
def test_every_soft_cost_lowers_quality_also_one_that_does_not_exist_yet(name: str) -> None:
    worse = dataclasses.replace(GOOD, costs={f"cost/{name}": 0.05})
    much_worse = dataclasses.replace(GOOD, costs={f"cost/{name}": 0.5})
    assert quality(GOOD) > quality(worse) > quality(much_worse)


@pytest.mark.parametrize("name", ["comfort", "efficiency", "completion", "success"])
def test_quality_grows_with_what_is_good(name: str) -> None:
    assert quality(dataclasses.replace(GOOD, **{name: 0.0})) < quality(GOOD)


def test_standing_still_politely_is_worth_nothing() -> None:
    assert worth(dataclasses.replace(GOOD, success=False, completion=0.0)) == 0.0


def test_weights_must_add_up() -> None:
    with pytest.raises(ValueError, match="add up to 1"):
        ScoreWeights(progress=0.5)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=60))
def test_the_interquartile_mean_is_scipys(values: list[float]) -> None:
    assert interquartile_mean(np.array(values)) == pytest.approx(trim_mean(values, 0.25))


def test_the_floor_is_0_and_the_ceiling_100_exactly() -> None:
    groups = [np.array([0.1, 0.37, 0.5]), np.array([0.2, 0.9, 0.33])]
    own = float(interquartile_mean(np.concatenate(groups)))
    assert normalise(groups, own, 0.9).score == 0.0
    assert normalise(groups, 0.01, own).score == 100.0
    assert np.isnan(normalise(groups, 0.5, 0.5).score)


def test_intervals_hold_the_spread_of_entries_and_of_episodes() -> None:
    alike = [np.full(20, 0.5), np.full(20, 0.5)]
    assert resampled(alike, 100) == pytest.approx(np.full(100, 0.5))
    apart = [np.full(20, 0.2), np.full(20, 0.8)]  # no spread within an entry, yet two entries may both be the same one
    drawn = resampled(apart, 400)
    assert drawn.min() == pytest.approx(0.2)
    assert drawn.max() == pytest.approx(0.8)
    assert np.array_equal(drawn, resampled(apart, 400))


def test_none_in_n_is_at_most_3_in_n() -> None:
    assert rate(0, 300.0) == "≤ 0.01"
    assert rate(3, 10.0) == "0.3"
    assert rate(0, 0.0) == "n/a"


def test_failed_episodes_count_against_success_and_not_as_free_of_events() -> None:
    rows = [dataclasses.replace(GOOD, total_reward=10.0), EpisodeRow("entry", 2, failed="boom")]
    row = summary(rows)
    assert (row["success"], row["failed"], row["return"], row["km"]) == (0.5, 1, 10.0, 0.05)
    assert summary(rows[1:])["return"] is None
