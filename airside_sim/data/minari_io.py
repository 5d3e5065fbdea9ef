"""Minari datasets (0.5): written with our own HDF5 writer, so compressed, and read back exactly.

The bird's-eye view is declared as `MultiBinary`: Minari takes a uint8 `Box` of that shape for a picture and stores it
as JPEG, and serialises 557,056 bounds on every load. State and objects are `Box` leaves beside it.
"""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces

from airside_sim.data.chunks import GZIP_LEVEL
from airside_sim.data.episode import Episode, EpisodeMeta
from airside_sim.data.schema import LEAVES, DatasetError
from airside_sim.data.store import Dataset, DatasetWriter
from airside_sim.envs.actions import action_space
from airside_sim.packing import pack_bev, unpack_bev
from airside_sim.spaces import objects_space, state_space

VIEWS_AT_ONCE = 64  # a multiple of the 8 in a chunk
EXTRA = ("pose", "stamp_ns", "valid", "clean_action", "reward_terms", "cost_terms")  # arrays below infos/


def to_minari(dataset: Dataset, dataset_id: str, *, root: Path | None = None, force: bool = False) -> Path:
    """Write episodes as the Minari dataset NAMESPACE/NAME-vN below `root` (Minari's own folder by default)."""
    minari = _minari()
    _check_id(dataset_id)
    folder = (root or _datasets_folder()) / dataset_id
    if folder.exists() and not force:
        raise FileExistsError(f"{folder}: is there already; --force overwrites it")
    if len(dataset) == 0:
        raise DatasetError(f"{dataset.path}: has no episode")
    first = dataset.read(0)
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    (partial / "data").mkdir(parents=True)
    steps = _write_episodes(dataset, partial / "data" / "main_data.hdf5")
    metadata = {
        "total_episodes": len(dataset),
        "total_steps": steps,
        "data_format": "hdf5",
        "observation_space": _serialised(_observation_space(first)),
        "action_space": _serialised(action_space("continuous")),
        "dataset_id": dataset_id,
        "minari_version": minari.__version__,
        "jpeg_encoding": False,
        "algorithm_name": ", ".join(sorted({dataset.meta(i).behaviour for i in range(len(dataset))})),
        "description": f"Airport apron driving; {dataset.attrs['generator']}",
        "author": ["airside_sim"],
    }
    (partial / "data" / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(partial, folder)
    return folder


def from_minari(dataset_id: str, writer: DatasetWriter, *, root: Path | None = None) -> int:
    """Append every episode of a Minari dataset that `to_minari` wrote; returns how many."""
    import h5py

    path = (root or _datasets_folder()) / dataset_id / "data" / "main_data.hdf5"
    if not path.is_file():
        raise DatasetError(f"{path}: no such Minari dataset")
    try:
        with h5py.File(path, "r") as file:
            count = len(file)
            for i in range(count):
                writer.append(_read_episode(file[f"episode_{i}"], f"{path}: episode_{i}"))
    except (OSError, KeyError) as error:
        raise DatasetError(f"{path}: cannot be read ({error}); the file is damaged or not from to-minari") from error
    return count


def _minari() -> Any:
    try:
        import minari
    except ImportError as error:
        raise ImportError("Minari is missing: pip install 'airside_sim[data]'") from error
    return minari


def _datasets_folder() -> Path:
    from minari.storage.datasets_root_dir import get_dataset_path

    return Path(get_dataset_path())


def _serialised(space: spaces.Space) -> str:
    from minari.serialization import serialize_space

    return serialize_space(space)


def _check_id(dataset_id: str) -> None:
    """Minari's own rule, and two letters in every part (one is "malformed" to it)."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{2,}/[A-Za-z0-9_-]{2,}-v\d+", dataset_id):
        raise ValueError(f"id={dataset_id!r}: NAMESPACE/NAME-vN is needed, such as airside/mixed-small-v0")


def _observation_space(episode: Episode) -> spaces.Dict:
    parts: dict[str, spaces.Space] = {"state": state_space()}
    if episode.bev is not None:
        channels, size = episode.bev.shape[1:3]
        parts["bev"] = spaces.MultiBinary((channels, size, size))
    if episode.objects is not None:
        parts["objects"] = objects_space()
    return spaces.Dict(parts)


def _write_episodes(dataset: Dataset, path: Path) -> int:
    """All episodes; returns their steps."""
    import h5py

    steps = 0
    with h5py.File(path, "w") as file:
        for i in range(len(dataset)):
            episode = dataset.read(i)
            group = file.create_group(f"episode_{i}")
            group.attrs.update({"id": i, "total_steps": episode.num_steps, "airside_meta": episode.meta.to_json()})
            if episode.meta.seed is not None:
                group.attrs["seed"] = episode.meta.seed
            _write_episode(group, episode)
            steps += episode.num_steps
    return steps


def _write_episode(group: Any, episode: Episode) -> None:
    """Minari's layout; every array may grow, so that Minari can append."""
    if episode.bev is not None:
        _write_views(group, episode)
    seen = {"state": episode.state}
    if episode.objects is not None:
        seen["objects"] = episode.objects
    arrays = {f"observations/{name}": array for name, array in seen.items()}
    arrays |= {"actions": episode.action, "rewards": episode.reward, "terminations": episode.terminated,
               "truncations": episode.truncated}  # fmt: skip
    arrays["infos/cost"] = _after_reset(episode.cost)
    leaves = episode.leaves()
    for name in EXTRA:
        if name in leaves:
            array = np.asarray(leaves[name])
            arrays[f"infos/{name}"] = array if LEAVES[name].extra_rows else _after_reset(array)
    for path, array in arrays.items():
        if array.size == 0:
            group.create_dataset(path, data=array)
            continue
        group.create_dataset(
            path, data=array, chunks=array.shape, maxshape=(None, *array.shape[1:]),
            compression="gzip", compression_opts=GZIP_LEVEL, shuffle=array.itemsize > 1,
        )  # fmt: skip


def _write_views(group: Any, episode: Episode) -> None:
    """The views as int8 zeros and ones, some at a time: unpacked, a long episode is gigabytes."""
    assert episode.bev is not None
    count, channels, size = episode.bev.shape[:3]
    plane = (channels, size, size)
    data = group.create_dataset(
        "observations/bev", (count, *plane), np.int8, chunks=(8, *plane), maxshape=(None, *plane), compression="gzip",
        compression_opts=GZIP_LEVEL,
    )  # fmt: skip
    for start in range(0, count, VIEWS_AT_ONCE):
        packed = np.asarray(episode.bev[start : start + VIEWS_AT_ONCE])
        data[start : start + len(packed)] = unpack_bev(packed) >> 7


def _after_reset(array: np.ndarray) -> np.ndarray:
    """Minari's infos have an entry for the reset, then one per step."""
    return np.concatenate([np.zeros_like(array[:1]), array])


def _read_episode(group: Any, where: str) -> Episode:
    if "airside_meta" not in group.attrs:
        raise DatasetError(f"{where}: airside_meta: is missing; only datasets of `airside data to-minari` come back")
    leaves: dict[str, np.ndarray] = {
        "action": group["actions"][:].astype(np.float32),
        "reward": group["rewards"][:].astype(np.float32),
        "terminated": group["terminations"][:].astype(bool),
        "truncated": group["truncations"][:].astype(bool),
        "cost": group["infos/cost"][1:].astype(np.float32),
    }
    for name in EXTRA:
        if f"infos/{name}" in group:
            array = group[f"infos/{name}"][:]
            leaves[name] = (array if LEAVES[name].extra_rows else array[1:]).astype(LEAVES[name].dtype)
    for name in ("state", "objects"):
        if f"observations/{name}" in group:
            leaves[name] = group[f"observations/{name}"][:].astype(np.float32)
    if "observations/bev" in group:
        views = group["observations/bev"]
        starts = range(0, len(views), VIEWS_AT_ONCE)
        leaves["bev"] = np.concatenate([pack_bev(views[i : i + VIEWS_AT_ONCE].astype(np.uint8)) for i in starts])
    return Episode(meta=EpisodeMeta.from_json(group.attrs["airside_meta"]), **leaves)
