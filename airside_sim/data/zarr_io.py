"""zarr v3 backend: a folder with a group per episode; the frames of an episode are one shard file.

An episode is written into a hidden folder and renamed into place, so a folder in `episodes/` is always whole when a
process is killed. (Against a loss of power each of its 30 files would have to be synced, which takes longer than
writing them; `airside data validate` finds what is damaged.)
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from zarr.codecs import GzipCodec, ZstdCodec
from zarr.storage import LocalStore

from airside_sim.data.backend import check_codec, check_root, check_rows, explained, root_attrs
from airside_sim.data.chunks import GZIP_LEVEL, ZSTD_LEVEL
from airside_sim.data.episode import Episode, EpisodeMeta
from airside_sim.data.schema import CHUNK_STEPS, LEAVES, ROUTE_PATH, DatasetError

GROUP = "episodes"


def reader(path: Path) -> "ZarrReader":
    return ZarrReader(path)


def writer(path: Path, codec: str, attrs: dict[str, Any]) -> "ZarrWriter":
    return ZarrWriter(path, check_codec(codec, "zstd"), attrs)


def exists(path: Path) -> bool:
    return path.exists()


def remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)


class ZarrReader:
    """Episodes of a zarr folder; arrays are opened when first read and kept open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_dir():
            raise DatasetError(f"{path}: no such dataset")
        with explained(f"{path}"):
            self.attrs = check_root(path, dict(zarr.open_group(LocalStore(path, read_only=True), mode="r").attrs))
        names = sorted(p.name for p in (path / GROUP).iterdir() if p.name.isdigit()) if (path / GROUP).is_dir() else []
        for i, name in enumerate(names):
            if name != f"{i:06d}":
                raise DatasetError(f"{path}: episode {i:06d} is missing before {name}")
        self._num = len(names)
        self._lengths: np.ndarray | None = None
        self._arrays: dict[tuple[int, str], zarr.Array] = {}

    def __len__(self) -> int:
        return self._num

    @property
    def lengths(self) -> np.ndarray:
        if self._lengths is None:
            self._lengths = np.array([self._length(i) for i in range(len(self))], np.int64)
        return self._lengths

    def meta(self, i: int) -> EpisodeMeta:
        with explained(self._where(i)):
            return EpisodeMeta.from_json(self._group_attrs(i)["meta"])

    def digest(self, i: int) -> str:
        with explained(self._where(i)):
            return str(self._group_attrs(i)["digest"])

    def leaf_names(self, i: int) -> tuple[str, ...]:
        folder = self._folder(i)
        return tuple(name for name, leaf in LEAVES.items() if (folder / leaf.path).is_dir())

    def read_leaf(self, i: int, name: str, start: int, stop: int | None) -> np.ndarray:
        with explained(f"{self._where(i)}: {LEAVES[name].path}"):
            array = self._array(i, name)
            check_rows(self._where(i), name, self._length(i), array.shape, array.dtype)
            return np.asarray(array[start:stop])

    def close(self) -> None:
        self._arrays = {}

    def _where(self, i: int) -> str:
        return f"{self.path}: episode {i:06d}"

    def _folder(self, i: int) -> Path:
        return self.path / GROUP / f"{i:06d}"

    def _group_attrs(self, i: int) -> dict[str, Any]:
        return json.loads((self._folder(i) / "zarr.json").read_text(encoding="utf-8"))["attributes"]

    def _length(self, i: int) -> int:
        if self._lengths is not None:
            return int(self._lengths[i])
        with explained(self._where(i)):
            length = int(self._group_attrs(i)["length"])
            if length < 1:
                raise DatasetError(f"length: {length} is below 1")
            return length

    def _array(self, i: int, name: str) -> zarr.Array:
        if (i, name) not in self._arrays:
            self._arrays[i, name] = zarr.open_array(
                LocalStore(self._folder(i) / LEAVES[name].path, read_only=True), mode="r"
            )
        return self._arrays[i, name]


class ZarrWriter:
    """Adds episodes to a zarr folder."""

    def __init__(self, path: Path, codec: str, attrs: dict[str, Any]) -> None:
        self.path = path
        if (path / "zarr.json").is_file():
            old = ZarrReader(path)
            self._num, codec = len(old), str(old.attrs.get("codec", codec))
        elif path.exists() and any(path.iterdir()):
            raise DatasetError(f"{path}: is a folder with other files in it")
        else:
            _create(path, root_attrs(attrs | {"codec": codec}))
            self._num = 0
        self.codec = codec
        (path / GROUP).mkdir(exist_ok=True)
        for leftover in path.glob(".episode-*"):
            shutil.rmtree(leftover)  # the episode that a killed writer was at

    def __len__(self) -> int:
        return self._num

    def append(self, episode: Episode) -> None:
        partial = self.path / f".episode-{self._num:06d}"
        write_group(partial, episode, self.codec)
        os.rename(partial, self.path / GROUP / f"{self._num:06d}")
        self._num += 1

    def close(self) -> None:
        """Nothing is pending between episodes."""


def _create(path: Path, attrs: dict[str, Any]) -> None:
    """The root group, put in place whole: a killed writer leaves none, or one with its attributes."""
    partial = path.with_name(f".{path.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    root = zarr.create_group(LocalStore(partial), zarr_format=3, attributes=attrs)
    root.create_group(GROUP)
    if path.exists():
        path.rmdir()
    os.rename(partial, path)


def write_group(folder: Path, episode: Episode, codec: str) -> None:
    """All arrays, the meta and the digest of an episode as a zarr group in a new folder."""
    meta = episode.meta
    attrs = {
        "meta": meta.to_json(),
        "digest": episode.digest(),
        "length": episode.num_steps,
        "return": float(episode.reward.sum(dtype=np.float64)),
        "cost_return": float(episode.cost.sum(dtype=np.float64)),
        "behaviour": meta.behaviour,
        "route_id": meta.route_id,
        "split": meta.split,
        "source": meta.source,
    }
    group = zarr.create_group(LocalStore(folder), zarr_format=3, attributes=attrs)
    compressors = GzipCodec(level=GZIP_LEVEL) if codec == "gzip" else ZstdCodec(level=ZSTD_LEVEL, checksum=True)
    for name, array in episode.leaves().items():
        chunks, shards = array.shape, None  # one chunk
        if name == "bev":
            num_chunks = -(-len(array) // CHUNK_STEPS)
            chunks = (CHUNK_STEPS, *array.shape[1:])
            shards = (CHUNK_STEPS * num_chunks, *array.shape[1:])
        _write(group, LEAVES[name].path, array, chunks, shards, compressors)
    _write(group, ROUTE_PATH, episode.route, episode.route.shape, None, compressors)


def _write(group: zarr.Group, path: str, array: Any, chunks: Any, shards: Any, compressors: Any) -> None:
    chunks = tuple(max(1, n) for n in chunks)  # no terms: an empty axis
    data = group.create_array(path, shape=array.shape, dtype=array.dtype, chunks=chunks, shards=shards,
                              compressors=compressors, fill_value=0)  # fmt: skip
    data[...] = np.asarray(array)
