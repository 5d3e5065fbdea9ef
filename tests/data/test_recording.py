"""`airside record` end to end: mixed drivers, resumed, and every episode plays again as it was recorded."""

from pathlib import Path

import numpy as np
import pytest

from airside_sim.cli import main
from airside_sim.columns import Ego
from airside_sim.data import Dataset, open_writer, validate_episode
from airside_sim.data.recording import Recorder
from airside_sim.data.relabel import relabel
from airside_sim.data.replaying import episode_replay
from airside_sim.envs.observation import Observer
from airside_sim.replay import Playback, replay_actions
from airside_sim.replay import verify as verify_replay

SMALL = ["--suite", "train", "--set", "bev_size=32", "--num-envs", "6", "--seed", "100"]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recorded") / "mixed.h5"
    words = ["record", "--out", str(path), "--fractions", "expert=2", "random=1", "noisy=1", *SMALL]
    assert main([*words, "--steps", "1500"]) == 0
    assert main([*words, "--steps", "2500", "--resume"]) == 0
    return path


def test_the_dataset_is_what_was_asked_for(recorded: Path) -> None:
    with Dataset.open(recorded) as dataset:
        metas = [dataset.meta(i) for i in range(len(dataset))]
        assert 2500 <= dataset.lengths.sum() < 2500 + 6
        steps = {name: sum(dataset.lengths[i] for i, m in enumerate(metas) if m.behaviour == name)
                 for name in ("expert", "random", "noisy")}  # fmt: skip
        assert sum(steps.values()) == dataset.lengths.sum()
        assert 0.3 < steps["expert"] / dataset.lengths.sum() < 0.7
        assert len({m.seed for m in metas}) == len(metas)
        assert {m.seed for m in metas} <= set(range(100, 100 + len(metas) + 12))
        assert len({m.scenario for m in metas}) > 3
        for i, meta in enumerate(metas):
            episode = dataset.read(i)
            assert validate_episode(episode) == []
            assert episode.digest() == dataset.digest(i)
            assert episode.truncated[-1] == (meta.termination_reason in ("LENGTH", "TIMEOUT"))
            assert meta.map == "hub"
            assert meta.commit
            assert (episode.clean_action is not None) <= (meta.behaviour == "noisy")
        assert any(dataset.read(i).clean_action is not None for i, m in enumerate(metas) if m.behaviour == "noisy")


def test_episodes_are_simulated_again_bit_for_bit(recorded: Path) -> None:
    with Dataset.open(recorded) as dataset:
        for i in np.argsort(dataset.lengths)[[0, 1, len(dataset) // 2]].tolist():
            episode = dataset.read(i)
            playback = Playback(episode_replay(recorded, i))
            observer = Observer(playback.simulator)
            world = playback.simulator.world
            for t in range(episode.num_steps + 1):
                obs = observer.one(0)
                for name in ("bev", "state", "objects"):
                    np.testing.assert_array_equal(obs[name], getattr(episode, name)[t], err_msg=f"{name} {i} {t}")
                np.testing.assert_array_equal(world.ego[0, [Ego.X, Ego.Y, Ego.HEADING]], episode.pose[t])
                if t < episode.num_steps:
                    playback.advance()
                    assert np.float32(world.reward[0]) == episode.reward[t]
                    assert np.float32(world.cost[0]) == episode.cost[t]


def test_replay_opens_an_episode_of_a_dataset(recorded: Path, capsys: pytest.CaptureFixture) -> None:
    assert verify_replay(episode_replay(recorded, 0)).is_true
    assert main(["replay", f"{recorded}#0", "--verify"]) == 0
    assert "true" in capsys.readouterr().out
    assert main(["replay", f"{recorded}#9999"]) == 1
    assert "numbered from 0" in capsys.readouterr().err
    assert main(["replay", f"{recorded}#last"]) == 1
    assert "number of an episode" in capsys.readouterr().err


def test_relabelling_equals_driving_with_other_coefficients(recorded: Path) -> None:
    reward, cost = {"progress": 0.3, "time": -0.05, "collision": -40.0}, {"hard": 2.5, "speed": 0.1}
    with Dataset.open(recorded) as dataset:
        i = next(i for i in np.argsort(dataset.lengths).tolist() if dataset.meta(i).behaviour == "random")
        episode = dataset.read(i)
    new = relabel(episode, reward, cost)
    meta = episode.meta
    other = replay_actions(meta.env_id, meta.keywords | {"reward": reward, "cost": cost}, meta.seed, episode.action)
    playback = Playback(other)
    for t in range(episode.num_steps):
        playback.advance()
        world = playback.simulator.world
        assert new.reward[t] == pytest.approx(world.reward[0], abs=1e-5, rel=1e-6)
        assert new.cost[t] == pytest.approx(world.cost[0], abs=1e-5, rel=1e-6)
    assert validate_episode(new) == []
    assert not np.allclose(new.reward, episode.reward)
    assert new.meta.label_version == "airside-label/1+relabelled"


def test_zarr_holds_the_same_episodes_as_hdf5(recorded: Path, tmp_path: Path) -> None:
    assert main(["data", "convert", str(recorded), "--out", str(tmp_path / "a.zarr")]) == 0
    assert main(["data", "convert", str(tmp_path / "a.zarr"), "--out", str(tmp_path / "b.h5"), "--codec", "zstd"]) == 0
    with Dataset.open(recorded) as first, Dataset.open(tmp_path / "b.h5") as last:
        assert [last.read(i).digest() for i in range(len(last))] == [first.digest(i) for i in range(len(first))]


def test_a_recording_is_the_same_each_time(recorded: Path, tmp_path: Path) -> None:
    words = ["record", "--fractions", "expert=2", "random=1", "noisy=1", *SMALL, "--steps", "600", "--no-bev"]
    digests = []
    for name in ("a.h5", "b.h5"):
        assert main([*words, "--out", str(tmp_path / name)]) == 0
        with Dataset.open(tmp_path / name) as dataset:
            digests.append([dataset.digest(i) for i in range(len(dataset))])
            assert dataset.read(0).bev is None
    assert digests[0] == digests[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--driver", "expart"], "did you mean 'expert'"),
        (["--fractions", "expert"], "is not NAME=NUMBER"),
        (["--env", "AirsideApron-v1"], "did you mean 'AirsideApron-v0'"),
        (["--set", "trafic=1"], "did you mean 'traffic'"),
        (["--set", "action_type=discrete"], "continuous actions"),
        (["--steps", "0"], "at least 1"),
        (["--codec", "zip"], "one of: gzip, zstd"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture, words: list[str], message: str) -> None:
    assert main(["record", "--out", str(tmp_path / "a.h5"), *words]) == 1
    error = capsys.readouterr().err.strip()
    assert message in error
    assert "\n" not in error
    assert list(tmp_path.glob("*.h5")) == []


class Straight:
    """A policy of a user's own: half speed ahead."""

    def __init__(self, env) -> None:
        self.clean = np.tile(np.array([0.0, 0.5], np.float32), (env.num_envs, 1))

    def act(self, obs, rows: np.ndarray) -> np.ndarray:
        assert obs["bev"].shape == (2, 34, 32, 4)
        return self.clean


def test_a_policy_of_ones_own_is_recorded_under_its_name(tmp_path: Path) -> None:
    recorder = Recorder("AirsideServiceRoad-v0", {"straight": 0.5, "expert": 0.5}, num_envs=2, bev_size=32,
                        policies={"straight": Straight})  # fmt: skip
    with open_writer(tmp_path / "a.h5") as writer:
        recorder.run(writer, 120)
    recorder.close()
    with Dataset.open(tmp_path / "a.h5") as dataset:
        mine = next(dataset.read(i) for i in range(len(dataset)) if dataset.meta(i).behaviour == "straight")
        np.testing.assert_array_equal(mine.action, np.tile([[0.0, 0.5]], (mine.num_steps, 1)))


def test_a_dataset_is_not_recorded_over(recorded: Path, capsys: pytest.CaptureFixture) -> None:
    before = recorded.read_bytes()
    assert main(["record", "--out", str(recorded), "--steps", "10"]) == 1
    assert "--force" in capsys.readouterr().err
    assert recorded.read_bytes() == before
