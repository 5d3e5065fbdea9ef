"""Cutting drives: stops, takeovers, gaps and ends, on made-up drives of known lengths."""

from types import SimpleNamespace

import numpy as np
import pytest

from airside_sim.bags.segment import SegmentRules, segment


def _drive(n=200, *, stands=(), manual=(), gap=(), ended=None):
    """n ticks at 3 m/s; ranges (first, end) of standing, manual driving and gaps."""
    d = SimpleNamespace(
        stamp_ns=np.arange(n) * 100_000_000, speed_mps=np.full(n, 3.0), is_auto=np.ones(n, bool),
        is_gap=np.zeros(n, bool), is_first=np.zeros(n, bool), terminated=np.zeros(n, bool), cause=[""] * n,
    )  # fmt: skip
    d.is_first[0] = True
    for first, end in stands:
        d.speed_mps[first:end] = 0.0
    for first, end in manual:
        d.is_auto[first:end] = False
    for first, end in gap:
        d.is_gap[first:end] = True
        d.cause[first:end] = ["GAP"] * (end - first)
        d.is_first[end] = True
    if ended is not None:
        d.terminated[ended] = True
        d.is_first[ended + 1 : ended + 2] = True
    return d


def _spans(drive, **rules):
    parts, lost = segment(drive, SegmentRules(**{"min_steps": 10, "cut_at_mode": True} | rules))
    return [(p.first, p.last, p.reason or "TERMINATED") for p in parts], lost


def test_a_drive_without_incident_is_one_episode():
    assert _spans(_drive()) == ([(0, 199, "END")], {"gap": 0})


def test_a_gap_ends_one_episode_and_begins_another():
    spans, lost = _spans(_drive(gap=[(80, 90)]))
    assert spans == [(0, 79, "GAP"), (90, 199, "END")]
    assert lost["gap"] == 10


def test_a_long_stop_keeps_a_second_on_either_side():
    spans, lost = _spans(_drive(stands=[(60, 120)]))
    assert spans == [(0, 70, "STOP"), (110, 199, "END")]
    assert lost["stop"] == 40


def test_a_short_stop_stays():
    assert _spans(_drive(stands=[(60, 90)]))[0] == [(0, 199, "END")]
    assert _spans(_drive(stands=[(60, 190)]), max_stop_s=0.0)[0] == [(0, 199, "END")]


def test_the_stop_in_which_the_goal_is_reached_belongs_to_it():
    drive = _drive(100, stands=[(60, 100)], ended=99)
    assert _spans(drive)[0] == [(0, 99, "TERMINATED")]


def test_standing_before_the_start_is_dropped_but_for_a_second():
    assert _spans(_drive(stands=[(0, 100)]))[0] == [(90, 199, "END")]


def test_a_takeover_truncates_before_the_person_drives():
    spans, lost = _spans(_drive(manual=[(100, 150)]))
    assert spans == [(0, 99, "TAKEOVER"), (150, 199, "END")]
    assert lost["mode"] == 50
    assert _spans(_drive(manual=[(100, 150)]), mode="manual")[0] == [(100, 149, "TAKEOVER")]
    assert _spans(_drive(manual=[(100, 150)]), mode="both")[0] == [
        (0, 99, "TAKEOVER"), (100, 149, "TAKEOVER"), (150, 199, "END")]  # fmt: skip
    assert _spans(_drive(manual=[(100, 150)]), cut_at_mode=False)[0] == [(0, 199, "END")]


def test_an_end_that_the_labels_see_terminates_and_the_rest_goes_on():
    parts, _ = segment(_drive(ended=120), SegmentRules(min_steps=10))
    assert [(p.first, p.last, p.terminated) for p in parts] == [(0, 120, True), (121, 199, False)]


def test_long_episodes_are_chopped_evenly_without_losing_a_step():
    parts, _ = segment(_drive(1201), SegmentRules())
    assert [p.num_steps for p in parts] == [400, 400, 400]
    assert [p.reason for p in parts] == ["LENGTH", "LENGTH", "END"]
    assert not any(p.terminated for p in parts)


def test_scraps_are_dropped_and_counted():
    spans, lost = _spans(_drive(gap=[(30, 40)]), min_steps=50)
    assert spans == [(40, 199, "END")]
    assert lost["short"] == 29


@pytest.mark.parametrize("rules", [{"min_steps": 0}, {"min_steps": 600}, {"max_stop_s": 1.5}])
def test_rules_that_keep_nothing_are_refused(rules):
    with pytest.raises(ValueError, match=next(iter(rules))):
        SegmentRules(**rules)
