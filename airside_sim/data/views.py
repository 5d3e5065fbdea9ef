"""Whole datasets as plain arrays: padded `[episodes, timesteps, features]` with masks, and the flat transitions of D4RL
and DSRL.

Both hold what fits in memory. The bird's-eye view comes packed and only when asked for.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from airside_sim.data.alignment import PER_STEP
from airside_sim.data.episode import Episode, EpisodeMeta
from airside_sim.data.schema import DatasetError
from airside_sim.resources import did_you_mean

FLAT_KEYS = ("observations", "next_observations", "actions", "rewards", "costs", "terminals", "timeouts")
FLAT_OBSERVATIONS = ("state", "flat", "bev")  # flat: state and objects in one vector, as `obs_type="flat"` gives it


def pad(episodes: Sequence[Episode]) -> dict[str, np.ndarray]:
    """Arrays (E, Tmax, ...) per step and (E, Tmax + 1, ...) per observation, zeros beyond each episode's end.

    `mask` (E, Tmax) and `obs_mask` (E, Tmax + 1) are the only truth about what is real; `length` (E,) counts steps.
    """
    if not episodes:
        raise DatasetError("there is no episode to pad")
    names = [name for name in episodes[0].leaves() if all(getattr(e, name) is not None for e in episodes)]
    length = np.array([e.num_steps for e in episodes], np.int32)
    longest = int(length.max())
    arrays: dict[str, np.ndarray] = {}
    for name in names:
        rows = longest + (name not in PER_STEP)
        first = getattr(episodes[0], name)
        out = np.zeros((len(episodes), rows, *first.shape[1:]), first.dtype)
        for e, episode in enumerate(episodes):
            array = np.asarray(getattr(episode, name))
            if array.shape[1:] != first.shape[1:]:
                raise DatasetError(f"{name}: {array.shape[1:]} in episode {e}, {first.shape[1:]} in episode 0")
            out[e, : len(array)] = array
        arrays[name] = out
    arrays["mask"] = np.arange(longest) < length[:, None]
    arrays["obs_mask"] = np.arange(longest + 1) <= length[:, None]
    return arrays | {"length": length}


def unpad(arrays: dict[str, np.ndarray], metas: Sequence[EpisodeMeta]) -> list[Episode]:
    """The episodes that `pad` was given, exactly."""
    episodes = []
    for e, meta in enumerate(metas):
        T = int(arrays["length"][e])
        leaves = {
            name: array[e, : T + (name not in PER_STEP)].copy()
            for name, array in arrays.items()
            if name not in ("mask", "obs_mask", "length")
        }
        episodes.append(Episode(meta=meta, **leaves))
    return episodes


def flat_view(episodes: Iterable[Episode], observations: str = "state") -> dict[str, np.ndarray]:
    """N transitions under the seven keys of D4RL and DSRL; `next_observations` are the true ones at every end.

    `terminals` are the world's ends, `timeouts` the clock's and cuts; an episode ends where either is set.
    """
    if observations not in FLAT_OBSERVATIONS:
        raise ValueError(
            f"observations={observations!r} is not allowed{did_you_mean(observations, list(FLAT_OBSERVATIONS))}"
        )
    columns: dict[str, list[np.ndarray]] = {key: [] for key in FLAT_KEYS}
    for episode in episodes:
        seen = _observations(episode, observations)
        values = (seen[:-1], seen[1:], episode.action, episode.reward, episode.cost, episode.terminated,
                  episode.truncated)  # fmt: skip
        for key, value in zip(FLAT_KEYS, values, strict=True):
            columns[key].append(value)
    if not columns["actions"]:
        raise DatasetError("there is no episode to flatten")
    return {key: np.concatenate(parts) for key, parts in columns.items()}


def write_flat(arrays: dict[str, np.ndarray], path: str | Path, *, force: bool = False) -> Path:
    """The flat view as one HDF5 file with the arrays at its root, as D4RL and DSRL read it."""
    import h5py

    path = Path(path)
    if path.exists() and not force:
        raise FileExistsError(f"{path}: is there already; --force overwrites it")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    with h5py.File(partial, "w") as file:
        for key, array in arrays.items():
            file.create_dataset(key, data=array, compression="gzip", compression_opts=1, shuffle=array.itemsize > 1)
    os.replace(partial, path)
    return path


def _observations(episode: Episode, kind: str) -> np.ndarray:
    """(T + 1, ...) of one kind, or DatasetError when the episode has not been recorded with it."""
    if kind == "state":
        return episode.state
    wanted = episode.objects if kind == "flat" else episode.bev
    if wanted is None:
        raise DatasetError(f"the episodes have no {'objects' if kind == 'flat' else 'bev'}: record them with it")
    array = np.asarray(wanted)
    return array if kind == "bev" else np.concatenate([episode.state, array.reshape(len(array), -1)], axis=1)
