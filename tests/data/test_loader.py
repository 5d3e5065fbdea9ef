"""The loader: four sources and any number of workers give one stream; windows, order and padding are what they say."""

from pathlib import Path

import numpy as np
import pytest

from airside_sim.data import DatasetError, open_writer
from airside_sim.data.alignment import gym_rows, record_rows
from airside_sim.data.loader import USUAL_LEAVES, WindowLoader
from airside_sim.data.sources import FileSource, RamSource
from tests.data.made_up import made_up_episode

EPISODES = [made_up_episode(i, steps) for i, steps in enumerate((5, 40, 17, 90))]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = tmp_path_factory.mktemp("sources")
    for name in ("a.h5", "a.zarr"):
        with open_writer(folder / name) as writer:
            for episode in EPISODES:
                writer.append(episode)
    return {
        "raw": RamSource(EPISODES),
        "compressed": RamSource.load(folder / "a.h5", codec="zstd"),
        "hdf5": FileSource(folder / "a.h5", frame_cache_bytes=100_000, leaf_cache_bytes=20_000),
        "zarr": FileSource(folder / "a.zarr"),
    }


@pytest.mark.parametrize("order", ["dreamer", "gym", "tdmpc2"])
def test_all_sources_give_the_same_batches_for_a_seed(sources: dict, order: str) -> None:
    leaves = (*USUAL_LEAVES, "objects", "reward_terms", "valid")
    loaders = {
        name: WindowLoader(source, length=20, batch_size=6, seed=3, order=order, leaves=leaves)
        for name, source in sources.items()
    }
    for k in range(4):
        wanted = loaders["raw"].batch(k)
        assert wanted["bev"].shape == (6, 21 if order == "gym" else 20, 34, 32, 4)
        for loader in loaders.values():
            given = loader.batch(k)
            assert given.keys() == wanted.keys()
            for name in wanted:
                np.testing.assert_array_equal(given[name], wanted[name], err_msg=name)


def test_the_prefetching_thread_gives_the_same_stream(sources: dict) -> None:
    loader = WindowLoader(sources["hdf5"], length=8, batch_size=3, seed=1)
    ahead = loader.batches(prefetch=2)
    for k in range(5):
        given = next(ahead)
        np.testing.assert_array_equal(given["bev"], loader.batch(k)["bev"])
        np.testing.assert_array_equal(given["action"], loader.batch(k)["action"])
    ahead.close()
    assert not np.array_equal(loader.batch(0)["state"], loader.batch(1)["state"])


def test_an_error_in_the_thread_reaches_the_caller(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a.h5") as writer:
        writer.append(EPISODES[1])
    source = FileSource(tmp_path / "a.h5")
    (tmp_path / "a.h5").write_bytes(b"gone")
    with pytest.raises(DatasetError, match=r"a\.h5"):
        next(WindowLoader(source, length=8, batch_size=3).batches())


def test_every_step_is_equally_likely_to_begin_a_window(sources: dict) -> None:
    loader = WindowLoader(sources["raw"], length=4, batch_size=20_000, with_bev=False)
    count = np.zeros(sum(e.num_steps for e in EPISODES))
    first = np.concatenate([[0], np.cumsum([e.num_steps for e in EPISODES])])
    for i, start in loader.windows(0):
        count[first[i] + start] += 1
    expected = 20_000 / len(count)
    assert np.all(np.abs(count - expected) < 6 * np.sqrt(expected))
    only = WindowLoader(sources["raw"], length=4, batch_size=50, weights=np.array([0.0, 1.0, 0.0, 0.0]))
    assert {i for i, _ in only.windows(0)} == {1}


def test_gym_order() -> None:
    episode = EPISODES[0]  # 5 steps, truncated
    rows = gym_rows(_small(episode), 3, 4)
    assert rows["mask"].tolist() == [True, True, False, False]
    assert rows["obs_mask"].tolist() == [True, True, True, False, False]
    np.testing.assert_array_equal(rows["action"][:2], episode.action[3:])
    np.testing.assert_array_equal(rows["state"][:3], episode.state[3:])
    assert not rows["action"][2:].any()
    assert not rows["state"][3:].any()
    assert rows["is_last"].tolist() == [False, True, False, False]
    assert rows["truncated"].tolist() == [False, True, False, False]


def test_record_order_holds_the_action_that_led_to_the_observation() -> None:
    episode = EPISODES[1]  # 40 steps, terminated
    rows = record_rows(_small(episode), 0, 3, nan_first=False)
    np.testing.assert_array_equal(rows["state"], episode.state[:3])
    np.testing.assert_array_equal(rows["action"], [[0, 0], *episode.action[:2]])
    np.testing.assert_array_equal(rows["reward"], [0, *episode.reward[:2]])
    assert rows["is_first"].tolist() == [True, False, False]
    end = record_rows(_small(episode), 38, 5, nan_first=False)
    np.testing.assert_array_equal(end["action"][:3], episode.action[37:])
    np.testing.assert_array_equal(end["state"][:3], episode.state[38:])
    assert end["mask"].tolist() == [True] * 3 + [False] * 2
    assert end["is_last"].tolist() == [False, False, True, False, False]
    assert end["is_terminal"].tolist() == [False, False, True, False, False]
    cut = record_rows(_small(EPISODES[0]), 3, 3, nan_first=False)
    assert cut["is_last"].tolist() == [False, False, True]
    assert not cut["is_terminal"].any()


def test_tdmpc2_order_has_nan_in_front_and_keeps_the_rest() -> None:
    episode = EPISODES[1]
    rows = record_rows(_small(episode), 10, 4, nan_first=True)
    assert np.isnan(rows["action"][0]).all()
    assert np.isnan(rows["reward"][0])
    np.testing.assert_array_equal(rows["action"][1:], episode.action[10:13])
    np.testing.assert_array_equal(rows["reward"][1:], episode.reward[10:13])
    np.testing.assert_array_equal(rows["state"], episode.state[10:14])


def _small(episode):
    return {name: array for name, array in episode.leaves().items() if name != "bev"}
