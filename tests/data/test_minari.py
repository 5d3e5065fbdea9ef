"""Minari opens what we export, its own functions work on it, and importing gives the same episodes bit for bit."""

from pathlib import Path

import minari
import numpy as np
import pytest

from airside_sim.data import Dataset, open_writer
from airside_sim.data.minari_io import from_minari, to_minari
from airside_sim.packing import unpack_bev
from tests.data.made_up import made_up_episode

ID = "airside/made-up-v0"
EPISODES = [made_up_episode(i, steps) for i, steps in enumerate((5, 40, 17, 30))]


@pytest.fixture
def exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "minari"))
    with open_writer(tmp_path / "a.h5") as writer:
        for episode in EPISODES:
            writer.append(episode)
    dataset = Dataset.open(tmp_path / "a.h5")
    to_minari(dataset, ID)
    return dataset


def test_minari_reads_every_value(exported: Dataset) -> None:
    loaded = minari.load_dataset(ID)
    assert (loaded.total_episodes, loaded.total_steps) == (4, 92)
    assert ID in minari.list_local_datasets()
    for given, wanted in zip(loaded.iterate_episodes(), EPISODES, strict=True):
        np.testing.assert_array_equal(given.observations["bev"], unpack_bev(wanted.bev) // 255)
        np.testing.assert_array_equal(given.observations["state"], wanted.state)
        np.testing.assert_array_equal(given.observations["objects"], wanted.objects)
        np.testing.assert_array_equal(given.actions, wanted.action)
        np.testing.assert_array_equal(given.rewards, wanted.reward)
        np.testing.assert_array_equal(given.terminations, wanted.terminated)
        np.testing.assert_array_equal(given.truncations, wanted.truncated)
        np.testing.assert_array_equal(given.infos["cost"][1:], wanted.cost)
        np.testing.assert_array_equal(given.infos["cost_terms"][1:], wanted.cost_terms)
    assert (Path(loaded.storage.data_path) / "metadata.json").stat().st_size < 100_000


def test_minaris_own_tools_work_on_it(exported: Dataset) -> None:
    loaded = minari.load_dataset(ID)
    assert loaded.filter_episodes(lambda e: len(e) > 20).total_steps == 70
    parts = minari.split_dataset(loaded, [2, 2], seed=1)
    assert sum(part.total_episodes for part in parts) == 4
    assert loaded.sample_episodes(2)[0].observations["bev"].dtype == np.int8
    attributes = next(iter(loaded.storage.get_episode_metadata([1])))
    assert attributes["seed"] == 1


def test_import_gives_the_same_episodes(exported: Dataset, tmp_path: Path) -> None:
    with open_writer(tmp_path / "b.zarr") as writer:
        assert from_minari(ID, writer) == 4
    assert [e.digest() for e in Dataset.open(tmp_path / "b.zarr")] == [e.digest() for e in EPISODES]


def test_nothing_is_overwritten_and_bad_ids_are_explained(exported: Dataset) -> None:
    with pytest.raises(FileExistsError, match="--force"):
        to_minari(exported, ID)
    assert to_minari(exported, ID, force=True).is_dir()
    for bad in ("made-up", "a/made-up-v0", "airside/made-up", "airside/a b-v0"):
        with pytest.raises(ValueError, match="NAMESPACE/NAME-vN"):
            to_minari(exported, bad)
