"""Both backends: what is written comes back bit for bit, nothing is overwritten unasked, two writers never meet."""

import dataclasses
import os
import random
import signal
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from airside_sim.data import Dataset, DatasetError, open_writer
from tests.data.made_up import made_up_episode

FORMS = [("a.h5", ""), ("a.h5", "zstd"), ("a.zarr", ""), ("a.zarr", "gzip")]


@pytest.mark.parametrize(("name", "codec"), FORMS)
def test_episodes_come_back_bit_for_bit(tmp_path: Path, name: str, codec: str) -> None:
    episodes = [made_up_episode(i, steps, with_objects=i != 1) for i, steps in enumerate((1, 15, 16, 33))]
    with open_writer(tmp_path / name, codec=codec, attrs={"note": "ours"}) as writer:
        assert [writer.append(e) for e in episodes] == [0, 1, 2, 3]
    dataset = Dataset.open(tmp_path / name)
    assert dataset.lengths.tolist() == [1, 15, 16, 33]
    assert dataset.attrs["note"] == "ours"
    assert dataset.attrs["bev_channels"][8] == "route"
    assert [dataset.digest(i) for i in range(4)] == [e.digest() for e in episodes]
    assert [e.digest() for e in dataset] == [e.digest() for e in episodes]
    assert dataset.read(1).objects is None
    for start, stop in ((0, 5), (10, 20), (16, 32), (31, 34), (5, 5)):
        assert np.array_equal(dataset.read_leaf(3, "bev", start, stop), episodes[3].bev[start:stop])
        assert np.array_equal(dataset.read_leaf(3, "state", start, stop), episodes[3].state[start:stop])


def test_hdf5_opens_with_plain_h5py_under_the_documented_keys(tmp_path: Path) -> None:
    episode = made_up_episode(5)
    with open_writer(tmp_path / "a.h5") as writer:
        writer.append(episode)
    with h5py.File(tmp_path / "a.h5") as file:
        group = file["episodes/000000"]
        assert np.array_equal(group["obs/bev"][:], episode.bev)
        assert np.array_equal(group["obs/route"][:], episode.state[:, 10:30].reshape(-1, 10, 2))
        assert np.array_equal(group["cost_terms"][:], episode.cost_terms)
        assert group.attrs["behaviour"] == b"expert"
        assert group.attrs["return"] == pytest.approx(episode.reward.sum(), abs=1e-4)
        assert file.attrs["schema"] == b"airside-offline/1"


@pytest.mark.parametrize("name", ["a.h5", "a.zarr"])
def test_an_existing_dataset_is_only_touched_when_asked(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with open_writer(path) as writer:
        writer.append(made_up_episode(1))
    with pytest.raises(FileExistsError, match=r"--resume adds to it, --force deletes it"):
        open_writer(path)
    assert Dataset.open(path).digest(0) == made_up_episode(1).digest()
    with open_writer(path, resume=True) as writer:
        assert writer.append(made_up_episode(2)) == 1
    assert [Dataset.open(path).digest(i) for i in (0, 1)] == [made_up_episode(i).digest() for i in (1, 2)]
    with open_writer(path, force=True) as writer:
        assert writer.append(made_up_episode(3)) == 0
    assert [e.digest() for e in Dataset.open(path)] == [made_up_episode(3).digest()]


@pytest.mark.parametrize("name", ["a.h5", "a.zarr"])
def test_a_second_writer_is_refused_until_the_first_is_done(tmp_path: Path, name: str) -> None:
    first = open_writer(tmp_path / name)
    first.append(made_up_episode(1))
    for how in ({"resume": True}, {"force": True}):
        with pytest.raises(DatasetError, match="another process is writing"):
            open_writer(tmp_path / name, **how)
    first.close()
    open_writer(tmp_path / name, resume=True).close()
    assert len(Dataset.open(tmp_path / name)) == 1


def test_an_episode_that_breaks_the_schema_is_not_written(tmp_path: Path) -> None:
    good = made_up_episode(1)
    bad = dataclasses.replace(good, reward=good.reward + 1.0, terminated=~good.terminated)
    with open_writer(tmp_path / "a.h5") as writer:
        with pytest.raises(DatasetError, match=r"episode 000000|episode 0: reward: .* not the sum .*; terminated"):
            writer.append(bad)
        writer.append(good)
    assert len(Dataset.open(tmp_path / "a.h5")) == 1


def _write_until_killed(path: Path, report: int) -> None:
    """Append episodes 0, 1, 2 ..., now and then closing and reopening, and report each that is done."""
    try:
        while True:
            with open_writer(path, resume=True) as writer:
                for _ in range(3):
                    number = writer.append(made_up_episode(len(writer), 20))
                    os.write(report, number.to_bytes(4, "little"))
    finally:
        os._exit(1)  # an error must not go on with the parent's tests


@pytest.mark.parametrize("name", ["a.h5", "a.zarr"])
def test_fifty_kills_lose_no_finished_episode(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    rng = random.Random(name)
    wanted: list[str] = []
    for _ in range(50):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _write_until_killed(path, writing)
        os.close(writing)
        time.sleep(rng.uniform(0.005, 0.3))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read()
        finished = max(len(wanted), int.from_bytes(told[-4:], "little") + 1 if told else 0)
        if not path.exists() and not (path.with_name(path.name + ".parts") / "root.json").exists():
            assert finished == 0
            continue
        dataset = Dataset.open(path)
        assert finished <= len(dataset) <= finished + 1
        new = range(len(wanted), len(dataset))
        wanted += [made_up_episode(i, 20).digest() for i in new]
        assert [dataset.digest(i) for i in range(len(dataset))] == wanted
        assert [dataset.read(i).digest() for i in new] == wanted[new.start :]
        dataset.close()
    assert len(wanted) > 5
    open_writer(path, resume=True).close()
    assert [e.digest() for e in Dataset.open(path)] == wanted
    assert sorted(p.name for p in tmp_path.iterdir()) == [name]
