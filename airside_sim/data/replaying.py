"""A dataset's episode as a replay: simulated again from its seed by its actions, and compared with what was stored."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from airside_sim.constants import DT_S
from airside_sim.data.backend import SUFFIXES
from airside_sim.data.episode import EpisodeMeta
from airside_sim.data.schema import DatasetError
from airside_sim.data.store import Dataset
from airside_sim.replay.file import Replay
from airside_sim.replay.playback import replay_actions
from airside_sim.state_features import StateFeature

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
        meta = _meta(dataset, i)
        if meta.seed is None or not meta.env_id:
            raise DatasetError(f"{where}: comes from {meta.source}, not from a simulation with a seed: it cannot be "
                               "played again; --video shows its bird's-eye views")  # fmt: skip
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


def is_simulated(path: Path, i: int) -> bool:
    """Whether an episode can be played again; DatasetError when there is no such episode."""
    with Dataset.open(path) as dataset:
        return _meta(dataset, i).seed is not None


def recorded_views(path: Path, i: int) -> Iterator[np.ndarray]:
    """Pictures (H, W, 3) of a recorded episode's bird's-eye views, all channels named: what a vehicle's episode has."""
    from airside_sim.packing import unpack_bev
    from airside_sim.rendering.inspector import inspect_bev

    with Dataset.open(path) as dataset:
        meta, speed = dataset.meta(i), dataset.read_leaf(i, "state")[:, StateFeature.FORWARD_SPEED]
        if "bev" not in dataset.leaf_names(i):
            raise DatasetError(f"{path}: episode {i:06d}: has no bird's-eye view")
        for t in range(len(speed)):
            frame = unpack_bev(dataset.read_leaf(i, "bev", t, t + 1))[0]
            title = f"{path.name}#{i}  {meta.behaviour}, {meta.source}  {t * DT_S:.1f} s  {speed[t]:.1f} m/s"
            yield inspect_bev(frame, title=title)


def _meta(dataset: Dataset, i: int) -> EpisodeMeta:
    if not 0 <= i < len(dataset):
        raise DatasetError(f"{dataset.path}: episode {i:06d}: there are {len(dataset)} episodes, numbered from 0")
    return dataset.meta(i)
