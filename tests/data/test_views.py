"""Padded and flat views: exact both ways, true successors at episode ends, and padding that no loss can see."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from airside_sim.data import DatasetError
from airside_sim.data.views import FLAT_KEYS, flat_view, pad, unpad, write_flat
from tests.data.made_up import made_up_episode

EPISODES = [made_up_episode(i, steps) for i, steps in enumerate((5, 40, 17))]


def test_padding_and_back_is_exact() -> None:
    arrays = pad(EPISODES)
    assert arrays["action"].shape == (3, 40, 2)
    assert arrays["bev"].shape == (3, 41, 34, 32, 4)
    assert arrays["mask"].sum(axis=1).tolist() == [5, 40, 17]
    assert arrays["obs_mask"].sum(axis=1).tolist() == [6, 41, 18]
    back = unpad(arrays, [e.meta for e in EPISODES])
    assert [e.digest() for e in back] == [e.digest() for e in EPISODES]


def test_garbage_in_the_padding_changes_no_masked_mean() -> None:
    arrays = pad(EPISODES)
    mask = arrays["mask"]
    clean = (arrays["reward"] * mask).sum() / mask.sum()
    arrays["reward"][~mask] = 1e6
    assert (arrays["reward"] * mask).sum() / mask.sum() == pytest.approx(clean, abs=1e-6)
    assert unpad(arrays, [e.meta for e in EPISODES])[0].digest() == EPISODES[0].digest()


def test_flat_transitions_have_true_successors_and_marked_ends() -> None:
    flat = flat_view(EPISODES)
    assert tuple(flat) == FLAT_KEYS
    assert {len(array) for array in flat.values()} == {62}
    ends = np.flatnonzero(flat["terminals"] | flat["timeouts"])
    assert ends.tolist() == [4, 44, 61]
    assert flat["terminals"][ends].tolist() == [False, True, False]
    inside = np.setdiff1d(np.arange(61), ends)
    np.testing.assert_array_equal(flat["next_observations"][inside], flat["observations"][inside + 1])
    for end, episode in zip(ends, EPISODES, strict=True):
        np.testing.assert_array_equal(flat["next_observations"][end], episode.state[-1])
    assert flat_view(EPISODES, "flat")["observations"].shape == (62, 69 + 16 * 12)
    np.testing.assert_array_equal(flat_view(EPISODES, "bev")["next_observations"][61], EPISODES[2].bev[-1])


def test_the_flat_file_has_its_arrays_at_the_root(tmp_path: Path) -> None:
    path = write_flat(flat_view(EPISODES), tmp_path / "flat.hdf5")
    with h5py.File(path) as file:
        assert sorted(file) == sorted(FLAT_KEYS)
        np.testing.assert_array_equal(file["costs"][:5], EPISODES[0].cost)
    with pytest.raises(FileExistsError, match="--force"):
        write_flat(flat_view(EPISODES), path)


def test_views_say_what_is_missing() -> None:
    with pytest.raises(DatasetError, match="no objects"):
        flat_view([made_up_episode(1, with_objects=False)], "flat")
    with pytest.raises(ValueError, match="did you mean 'state'"):
        flat_view(EPISODES, "sate")
    with pytest.raises(DatasetError, match="no episode"):
        flat_view([])
