"""Commands that make datasets from datasets: what they change, what they drop and say, and what they never touch."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from airside_sim.cli import main
from airside_sim.data import Dataset, EpisodeMeta, open_writer
from airside_sim.data.quality import find_flags
from airside_sim.data.relabel import relabel
from airside_sim.data.split import report_split, split_of
from airside_sim.data.summary import summarise
from airside_sim.state_features import StateFeature
from tests.data.made_up import made_up_episode

DRIVERS = ("expert", "random", "noisy")


def _write(path: Path, episodes: list) -> Path:
    with open_writer(path, force=True) as writer:
        for episode in episodes:
            writer.append(episode)
    return path


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    episodes = [
        made_up_episode(i, 20 + i, size=8, behaviour=DRIVERS[i % 3], route_group=f"group-{i % 15}", map="hub",
                        reward_config={"progress": 0.1, "time": -0.01}, cost_config={"proximity": 0.02, "hard": 1.0})
        for i in range(30)
    ]  # fmt: skip
    return _write(tmp_path / "a.h5", episodes)


def test_no_route_group_is_in_two_parts_and_the_split_is_stable(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "split.h5"
    assert main(["data", "split", str(dataset), "--out", str(out), "--val", "30", "--test", "30"]) == 0
    with Dataset.open(out) as written:
        metas = [written.meta(i) for i in range(len(written))]
    groups = {name: {m.group for m in metas if m.split == name} for name in ("train", "val", "test")}
    assert all(groups.values())
    assert groups["train"].isdisjoint(groups["val"] | groups["test"])
    assert groups["val"].isdisjoint(groups["test"])
    for meta in reversed(metas):  # neither order nor the rest of the dataset matters
        assert split_of(meta.group, val=30, test=30) == meta.split
    assert main(["data", "validate", str(out)]) == 0


def test_split_fractions() -> None:
    parts = [split_of(f"hub-{k}") for k in range(2000)]
    assert parts.count("val") / 2000 == pytest.approx(0.10, abs=0.03)
    assert parts.count("test") / 2000 == pytest.approx(0.10, abs=0.03)
    with pytest.raises(ValueError, match="percentages"):
        split_of("a", val=60, test=50)


def test_near_routes_across_the_split_are_counted() -> None:
    def meta(route: str, split: str, y: float) -> EpisodeMeta:
        line = tuple((10.0 * k, y) for k in range(20))
        return EpisodeMeta((), (), "expert", "sim", route, split=split, route_xy=line)

    report = report_split([meta("a", "train", 0.0), meta("b", "val", 3.0), meta("c", "test", 9.0)])
    assert report.near_routes == 1
    assert report.routes == {"train": 1, "val": 1, "test": 1}


def test_validate_tells_a_route_in_two_parts(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    episodes = [made_up_episode(i, route_id="same", split=s) for i, s in enumerate(("train", "val"))]
    assert main(["data", "validate", str(_write(tmp_path / "a.h5", episodes))]) == 1
    assert "episode 000001: split: route group 'same' is in 'train' and in 'val'" in capsys.readouterr().out


def test_filter_drops_by_flag_driver_and_length_and_says_so(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    out = tmp_path / "kept.zarr"
    words = ["data", "filter", str(dataset), "--out", str(out), "--behaviour", "expert", "noisy", "--min-steps", "40"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "dropped     10  driven by random" in said
    assert "dropped     20  fewer than 40 steps" in said
    with Dataset.open(out) as kept:
        assert {kept.meta(i).behaviour for i in range(len(kept))} == {"expert", "noisy"}
        assert kept.lengths.min() == 40
    assert main(["data", "filter", str(dataset), "--out", str(out), "--drop", "teleprt", "--force"]) == 1
    assert "did you mean 'teleport'" in capsys.readouterr().err


def test_quality_flags() -> None:
    good = made_up_episode(1, 60)
    state = good.state.copy()
    state[:, StateFeature.SPEED_LIMIT] = 8.0
    state[:, StateFeature.FORWARD_SPEED] = 5.0
    pose = np.zeros_like(good.pose)
    pose[:, 0] = 0.5 * np.arange(61)
    good = dataclasses.replace(good, state=state, pose=pose)
    assert find_flags(good) == ()
    jump, still, late, stuck = pose.copy(), pose * 0.0, good.stamp_ns.copy(), good.action.copy()
    jump[30:, 0] += 4.0
    late[30:] += 60_000_000
    stuck[:, 1] = 1.0
    assert find_flags(dataclasses.replace(good, pose=jump)) == ("teleport",)
    assert find_flags(dataclasses.replace(good, pose=still)) == ("stationary",)
    assert find_flags(dataclasses.replace(good, stamp_ns=late)) == ("jitter",)
    assert find_flags(dataclasses.replace(good, action=stuck)) == ("saturated",)
    assert find_flags(dataclasses.replace(good, valid=np.arange(61) > 4)) == ("dropout",)


def test_label_scales_the_stored_terms(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "new.h5"
    words = ["data", "label", str(dataset), "--out", str(out), "--reward", "progress=0.3", "--cost", "hard=2"]
    assert main(words) == 0
    with Dataset.open(dataset) as old, Dataset.open(out) as new:
        before, after = old.read(4), new.read(4)
    np.testing.assert_allclose(after.reward, 3 * before.reward_terms[:, 0] + before.reward_terms[:, 1], atol=1e-5)
    np.testing.assert_allclose(after.cost, before.cost_terms[:, 0] + 2 * before.cost_terms[:, 1], atol=1e-5)
    np.testing.assert_array_equal(after.bev, before.bev)
    assert after.meta.reward_config["progress"] == 0.3
    assert relabel(before, {"progress": 0.1}, {}) is before
    for reward, message in (("progres=1", "did you mean 'progress'"), ("jerk_limit_mps3=5", "is a threshold"),
                            ("time=0.5", "penalty"), ("goal=5", "lacks its term")):  # fmt: skip
        assert main(["data", "label", str(dataset), "--out", str(out), "--reward", reward, "--force"]) == 1
        assert message in capsys.readouterr().err


def test_merge_keeps_order_and_sources(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    other = _write(tmp_path / "b.zarr", [made_up_episode(77), made_up_episode(78)])
    out = tmp_path / "both.h5"
    assert main(["data", "merge", str(dataset), str(other), "--out", str(out)]) == 0
    with Dataset.open(out) as both, Dataset.open(dataset) as first:
        assert len(both) == 32
        assert both.digest(3) == first.digest(3)
        assert both.digest(31) == made_up_episode(78).digest()
    assert main(["data", "merge", str(dataset), "--out", str(dataset), "--force"]) == 1
    assert "also what is read" in capsys.readouterr().err
    with Dataset.open(dataset) as first:
        assert len(first) == 30


def test_info_counts_and_draws(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    picture = tmp_path / "info.png"
    assert main(["data", "info", str(dataset), "--figure", str(picture)]) == 0
    said = capsys.readouterr().out
    assert "30 episodes, 1,035 transitions, 0.03 h" in said
    assert "7 in 15 groups" in said
    assert "random               10" in said
    assert picture.stat().st_size > 20_000
    with Dataset.open(dataset) as opened:
        summary = summarise(opened)
        assert summary.actions.sum() == summary.motion.sum() == 1035
        np.testing.assert_allclose(summary.returns[2], opened.read(2).reward.sum(), rtol=1e-5)


def test_an_episode_without_a_seed_is_shown_as_its_views(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    driven = made_up_episode(1, 5, size=16, source="bag:drive.mcap@12.0")
    path = _write(tmp_path / "a.h5", [dataclasses.replace(driven, meta=dataclasses.replace(driven.meta, seed=None))])
    assert main(["replay", f"{path}#0", "--html", str(tmp_path / "a.html")]) == 1
    assert "comes from bag:drive.mcap@12.0" in capsys.readouterr().err
    assert main(["replay", f"{path}#0", "--video", str(tmp_path / "a.mp4")]) == 0
    assert (tmp_path / "a.mp4").stat().st_size > 5_000


def test_flat_and_repair_commands(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["data", "to-flat", str(dataset), "--out", str(tmp_path / "flat.hdf5"), "--observations", "flat"]) == 0
    assert (tmp_path / "flat.hdf5").is_file()
    killed = open_writer(tmp_path / "killed.h5")
    killed.append(made_up_episode(1))
    killed._lock.release()  # as the system does it for a process that is gone
    assert main(["data", "repair", str(tmp_path / "killed.h5")]) == 0
    assert (tmp_path / "killed.h5").is_file()
    assert main(["data", "repair", str(tmp_path / "none.h5")]) == 1
    assert "no such dataset" in capsys.readouterr().err
    assert not (tmp_path / "none.h5").exists()
