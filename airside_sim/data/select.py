"""Which episodes a learner sees, and how often: rows of a split, weights that give each driver its share."""

from collections.abc import Mapping

import numpy as np

from airside_sim.data.episode import SPLITS
from airside_sim.data.schema import DatasetError
from airside_sim.data.store import Dataset
from airside_sim.resources import did_you_mean


def rows_of_split(dataset: Dataset, split: str) -> np.ndarray:
    """Numbers of the episodes of "train", "val" or "test", for a source's `rows`; DatasetError when there is none."""
    if split not in SPLITS[1:]:
        raise ValueError(f"split={split!r} is not allowed{did_you_mean(split, list(SPLITS[1:]))}")
    rows = np.array([i for i in range(len(dataset)) if dataset.meta(i).split == split], np.int64)
    if not len(rows):
        raise DatasetError(f"{dataset.path}: no episode is of split '{split}': airside data split makes one")
    return rows


def weights_of_shares(dataset: Dataset, shares: Mapping[str, float], rows: np.ndarray | None = None) -> np.ndarray:
    """Weights for `WindowLoader`, so that each driver's steps make up its share of what is drawn.

    Drivers that are not named are left out. `rows` are the episodes of the source, all by default.
    """
    picked = np.arange(len(dataset)) if rows is None else rows
    drivers = np.array([dataset.meta(int(i)).behaviour for i in picked], dtype=object)
    lengths = dataset.lengths[picked]
    weights = np.zeros(len(picked))
    for name, share in shares.items():
        steps = lengths[drivers == name].sum()
        if steps == 0:
            raise DatasetError(f"{dataset.path}: nothing is driven by '{name}'"
                               f"{did_you_mean(name, sorted(set(drivers)))}")  # fmt: skip
        weights[drivers == name] = share / steps
    return weights
