"""A dataset's episode as a replay: simulated again from its seed by its actions, and compared with what was stored."""

from pathlib import Path

import numpy as np

from airside_sim.data.backend import SUFFIXES
from airside_sim.data.schema import DatasetError
from airside_sim.data.store import Dataset
from airside_sim.replay.file import Replay
from airside_sim.replay.playback import replay_actions

TOLERANCE = 1e-3  # of a whole episode's reward, summed from float32


def dataset_address(text: str) -> tuple[Path, int] | None:
    """`demo.h5#12` -> (demo.h5, 12); None for what is no dataset's episode."""
    name, mark, number = text.rpartition("#")
    if not mark or Path(name).suffix not in SUFFIXES:
        return None
    if not number.isdigit():
        raise DatasetError(f"{text}: after # the number of an episode is needed, from 0")
    return Path(name), int(number)


def episode_replay(path: Path, i: int) -> Replay:
    """Replay of episode i of a dataset; DatasetError when it was not simulated or does not play again as stored."""
    with Dataset.open(path) as dataset:
        where = f"{path}: episode {i:06d}"
        if not 0 <= i < len(dataset):
            raise DatasetError(f"{where}: there are {len(dataset)} episodes, numbered from 0")
        meta = dataset.meta(i)
        if meta.seed is None or not meta.env_id:
            raise DatasetError(f"{where}: comes from {meta.source}, not from a simulation with a seed: it cannot be "
                               "played again")  # fmt: skip
        actions, reward = dataset.read_leaf(i, "action"), dataset.read_leaf(i, "reward")
    replay = replay_actions(meta.env_id, meta.keywords, meta.seed, actions.astype(np.float64), text=meta.scenario_text)
    off = abs(replay.outcome.total_reward - float(reward.sum(dtype=np.float64)))
    relabelled = meta.label_version.endswith("+relabelled")
    if replay.num_steps != len(actions) or (off > TOLERANCE and not relabelled):
        raise DatasetError(
            f"{where}: does not play again as recorded ({replay.num_steps} of {len(actions)} steps, return off by "
            f"{off:.3g}): it was recorded with airside_sim {meta.versions.get('airside_sim', '?')}, commit "
            f"{meta.commit or '?'}, map hash {meta.map_hash}"
        )
    return replay
