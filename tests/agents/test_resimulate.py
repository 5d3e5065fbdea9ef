"""Replays played again in a batch give what an independent roll-out of the same driver gives."""

from pathlib import Path

import numpy as np
import pytest

from agents.evaluation.contestants import contestant
from agents.evaluation.drive import drive_entry
from agents.evaluation.resimulate import judge_entry
from agents.evaluation.sandbox import Limits
from agents.rollouts import run_episodes, scripted
from airside_sim.replay import load_replay, verify
from airside_sim.suite import load_suite


@pytest.mark.parametrize("driver", ["expert", "aggressive"])
def test_rows_are_those_of_a_roll_out(driver: str, suite_file: Path, tmp_path: Path) -> None:
    suite = load_suite(suite_file)
    entry, seeds = suite.entries[1], suite.seed_list(4)
    done = drive_entry(contestant(driver), entry, seeds, tmp_path, Limits())
    rows = judge_entry(entry, done.claims)
    twin = run_episodes(
        "AirsideApron-v0", scripted(driver), np.array(seeds), num_envs=4, obs_type="state", scenario=entry.scenario,
        **entry.keywords,
    )  # fmt: skip
    for row, other in zip(rows, twin, strict=True):
        assert (row.failed, row.seed, row.reason, row.steps) == ("", other.seed, other.reason, other.steps)
        assert row.success == other.success
        assert row.total_reward == pytest.approx(other.reward)
        assert row.cost == pytest.approx(other.cost)
        assert row.cost == pytest.approx(sum(row.costs.values()))
        assert row.distance_m == pytest.approx(other.distance_m, abs=0.5)
        assert row.speed_mps == pytest.approx(other.distance_m / (0.1 * other.steps), abs=0.02)
        assert 0.0 < row.jerk_mean <= row.jerk_p95
        assert 0.0 < row.efficiency <= 1.0
    assert done.actions == sum(r.steps for r in rows)


def test_the_saved_replay_is_true_by_itself(suite_file: Path, tmp_path: Path) -> None:
    suite = load_suite(suite_file)
    done = drive_entry(contestant("expert"), suite.entries[0], suite.seed_list(2), tmp_path, Limits())
    for claim in done.claims:
        verdict = verify(load_replay(claim.path))
        assert (verdict.is_true, verdict.from_seed, verdict.reason) == (True, True, "")


def test_speeding_shows_in_its_own_terms(suite_file: Path, tmp_path: Path) -> None:
    """`aggressive` drives over the limit: compliance below the cautious driver's, and a speed cost."""
    suite = load_suite(suite_file)
    rows = {}
    for driver in ("aggressive", "cautious"):
        done = drive_entry(contestant(driver), suite.entries[0], suite.seed_list(3), tmp_path / driver, Limits())
        rows[driver] = judge_entry(suite.entries[0], done.claims)
    fast, slow = (np.mean([r.speed_mps for r in rows[d]]) for d in ("aggressive", "cautious"))
    assert fast > slow
    jerk = {d: np.mean([r.jerk_p95 for r in rows[d]]) for d in rows}
    assert jerk["aggressive"] > jerk["cautious"]
