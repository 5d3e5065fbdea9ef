"""PyTorch's wrappers: the stream does not depend on workers, tensors hold the arrays, unpacking is exact."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from agents.common.datasets import Transitions, WindowBatches, unpack_bev
from airside_sim.data import open_writer
from airside_sim.data.loader import WindowLoader
from airside_sim.data.sources import FileSource, RamSource
from airside_sim.packing import unpack_bev as unpack_array
from tests.data.made_up import made_up_episode

EPISODES = [made_up_episode(i, steps) for i, steps in enumerate((5, 40, 17))]


@pytest.mark.parametrize("name", ["a.h5", "a.zarr"])
def test_any_number_of_workers_gives_one_stream(tmp_path: Path, name: str) -> None:
    with open_writer(tmp_path / name) as writer:
        for episode in EPISODES:
            writer.append(episode)
    source = FileSource(tmp_path / name)
    loader = WindowLoader(source, length=10, batch_size=4, seed=5)
    loader.batch(0)  # the parent has the file open when the workers begin
    streams = [
        list(DataLoader(WindowBatches(loader, num_batches=5), batch_size=None, num_workers=workers))
        for workers in (0, 1, 2)
    ]
    assert [len(stream) for stream in streams] == [5, 5, 5]
    for stream in streams:
        for k, batch in enumerate(stream):
            for key, wanted in loader.batch(k).items():
                np.testing.assert_array_equal(batch[key].numpy(), wanted, err_msg=key)


def test_transitions_never_cross_an_episode() -> None:
    data = Transitions(RamSource(EPISODES))
    assert len(data) == 62
    last = data[4]
    np.testing.assert_array_equal(last["next_state"].numpy(), EPISODES[0].state[5])
    np.testing.assert_array_equal(last["next_bev"].numpy(), EPISODES[0].bev[5])
    assert last["truncated"].item()
    assert not last["terminated"].item()
    np.testing.assert_array_equal(data[5]["state"].numpy(), EPISODES[1].state[0])
    np.testing.assert_array_equal(data[5]["action"].numpy(), EPISODES[1].action[0])
    batch = next(iter(DataLoader(data, batch_size=8)))
    assert batch["bev"].shape == (8, 34, 32, 4)


def test_unpacking_on_a_device_is_the_inverse_of_packing() -> None:
    packed = EPISODES[0].bev
    np.testing.assert_array_equal(unpack_bev(torch.from_numpy(packed)).numpy(), unpack_array(packed))
