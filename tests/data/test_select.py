"""Learners see the split they ask for, and drivers in the shares they ask for."""

from pathlib import Path

import numpy as np
import pytest

from airside_sim.data import Dataset, DatasetError, open_writer
from airside_sim.data.loader import WindowLoader
from airside_sim.data.select import rows_of_split, weights_of_shares
from airside_sim.data.sources import FileSource
from tests.data.made_up import made_up_episode


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    with open_writer(tmp_path / "a.h5") as writer:
        for i in range(9):
            behaviour = "random" if i % 3 == 0 else "expert"
            writer.append(made_up_episode(i, 10 + i, size=8, behaviour=behaviour, split="val" if i > 6 else "train"))
    return Dataset.open(tmp_path / "a.h5")


def test_a_source_shows_the_episodes_of_a_split(dataset: Dataset) -> None:
    rows = rows_of_split(dataset, "val")
    assert rows.tolist() == [7, 8]
    loader = WindowLoader(FileSource(dataset.path, rows), length=5, batch_size=40)
    states = np.concatenate([dataset.read_leaf(i, "state") for i in rows])
    batch = loader.batch(0)
    drawn = batch["state"][batch["mask"]]
    assert (np.abs(drawn[:, None] - states[None]).max(axis=2) == 0).any(axis=1).all()
    with pytest.raises(DatasetError, match="airside data split makes one"):
        rows_of_split(dataset, "test")
    with pytest.raises(ValueError, match="did you mean 'val'"):
        rows_of_split(dataset, "vall")


def test_drivers_are_drawn_in_their_shares(dataset: Dataset) -> None:
    weights = weights_of_shares(dataset, {"random": 0.7, "expert": 0.3})
    loader = WindowLoader(FileSource(dataset.path), length=1, batch_size=20_000, with_bev=False, weights=weights)
    drawn = [dataset.meta(i).behaviour for i, _ in loader.windows(0)]
    assert drawn.count("random") / len(drawn) == pytest.approx(0.7, abs=0.02)
    assert (weights_of_shares(dataset, {"expert": 1.0}) > 0).sum() == 6
    with pytest.raises(DatasetError, match="did you mean 'expert'"):
        weights_of_shares(dataset, {"exprt": 1.0})
