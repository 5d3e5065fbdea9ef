"""An outside offline learner trains on the flat view: d3rlpy's TD3+BC on D4RL's keys."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from airside_sim.cli import main
from airside_sim.data import Dataset, sample_path

pytestmark = pytest.mark.slow


def test_d3rlpy_learns_from_the_flat_file(tmp_path: Path) -> None:
    d3rlpy = pytest.importorskip("d3rlpy", reason="pip install --no-deps d3rlpy==2.8.1 (it pins gymnasium)")
    out = tmp_path / "flat.hdf5"
    assert main(["data", "to-flat", str(sample_path()), "--out", str(out), "--observations", "flat"]) == 0
    with h5py.File(out) as file:
        data = {key: file[key][:] for key in file}
    velocity_scale = np.array([[1.0, 2.0]], np.float32)  # its learners want [-1, 1]: velocity 2 a - 1
    dataset = d3rlpy.dataset.MDPDataset(
        observations=data["observations"],
        actions=data["actions"] * velocity_scale - [[0.0, 1.0]],
        rewards=data["rewards"],
        terminals=data["terminals"],
        timeouts=data["timeouts"],
    )
    with Dataset.open(sample_path()) as ours:
        assert len(dataset.episodes) == len(ours)
        assert [len(e) for e in dataset.episodes] == ours.lengths.tolist()
    learner = d3rlpy.algos.TD3PlusBCConfig(  # a small alpha: mostly cloning, so that 400 steps show something
        observation_scaler=d3rlpy.preprocessing.StandardObservationScaler(), batch_size=64, alpha=0.1
    ).create(device="cpu:0")
    history = learner.fit(
        dataset, n_steps=400, n_steps_per_epoch=200, show_progress=False,
        logger_adapter=d3rlpy.logging.NoopAdapterFactory(),
    )  # fmt: skip
    losses = [metrics for _, metrics in history]
    assert len(losses) == 2
    assert all(np.isfinite(value) for metrics in losses for value in metrics.values())
    seen = data["observations"][:500]
    off = np.abs(learner.predict(seen) - (data["actions"][:500] * velocity_scale - [[0.0, 1.0]])).mean(axis=0)
    guess = np.abs(data["actions"][:500] * velocity_scale - [[0.0, 1.0]]).mean(axis=0)  # of one who always says 0
    assert off.mean() < 0.7 * guess.mean()
