"""Where a loader's rows come from: RAM as it is, RAM in compressed chunks, or a file with a bounded cache.

All give the same rows. A file is opened when a process first reads from it, so a source may be sent to worker
processes; HDF5 handles that cross a fork read wrong data.
"""

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from airside_sim.data.chunks import ChunkedFrames
from airside_sim.data.episode import Episode
from airside_sim.data.schema import CHUNK_STEPS
from airside_sim.data.store import Dataset

FRAME_CACHE_BYTES = 64 << 20  # windows are drawn at random, so frames are seldom wanted twice
LEAF_CACHE_BYTES = 256 << 20  # whole arrays other than frames: of 100,000 steps all fit


class Source(Protocol):
    """Rows of every episode's arrays."""

    lengths: np.ndarray  # (E,) i64 steps

    def frames(self, i: int, start: int, out: np.ndarray) -> None:
        """Write frames start, start + 1 ... of episode i into `out` (n, 34, S, S / 8)."""

    def leaf(self, i: int, name: str) -> np.ndarray:
        """A whole array of episode i that is not `bev`; not to be written to."""

    def frame_shape(self) -> tuple[int, ...]:
        """(34, S, S / 8); empty without frames."""


class RamSource:
    """Episodes in RAM, their frames as they are (70 kB each) or in compressed chunks (about 1 kB each)."""

    def __init__(self, episodes: Sequence[Episode], *, codec: str = "") -> None:
        self.lengths = np.array([e.num_steps for e in episodes], np.int64)
        self._leaves: list[dict[str, Any]] = [e.leaves() for e in episodes]
        for leaves in self._leaves:
            if "bev" in leaves and codec:
                leaves["bev"] = ChunkedFrames.of(leaves["bev"], codec)
            elif "bev" in leaves:
                leaves["bev"] = np.asarray(leaves["bev"])

    @classmethod
    def load(cls, path: str | Path, rows: Sequence[int] | None = None, *, codec: str = "") -> "RamSource":
        """A dataset, or some of its episodes, read into RAM; compressed where `codec` ("zstd", "gzip") is given."""
        with Dataset.open(path) as dataset:
            source = cls([], codec=codec)
            for i in range(len(dataset)) if rows is None else rows:
                one = cls([dataset.read(i)], codec=codec)  # each is compressed before the next is read
                source._leaves += one._leaves
            source.lengths = np.array([len(leaves["action"]) for leaves in source._leaves], np.int64)
            return source

    def frames(self, i: int, start: int, out: np.ndarray) -> None:
        out[:] = self._leaves[i]["bev"][start : start + len(out)]

    def leaf(self, i: int, name: str) -> np.ndarray:
        return self._leaves[i][name]

    def frame_shape(self) -> tuple[int, ...]:
        bev = self._leaves[0].get("bev") if self._leaves else None
        return () if bev is None else tuple(bev.shape[1:])


class FileSource:
    """A dataset on disk, of any size: chunks are decoded when wanted, and the newest stay within a number of bytes.

    `rows` are the episodes that it shows, all by default.
    """

    def __init__(self, path: str | Path, rows: Sequence[int] | None = None, *, frame_cache_bytes: int =
                 FRAME_CACHE_BYTES, leaf_cache_bytes: int = LEAF_CACHE_BYTES) -> None:  # fmt: skip
        self._path = Path(path)
        with Dataset.open(path) as dataset:
            self._rows = np.arange(len(dataset)) if rows is None else np.asarray(rows, np.int64)
            self.lengths = dataset.lengths[self._rows]
            has_frames = len(self._rows) > 0 and "bev" in dataset.leaf_names(int(self._rows[0]))
            self._shape = dataset.read_leaf(int(self._rows[0]), "bev", 0, 1).shape[1:] if has_frames else ()
        self._caches = (_Cache(frame_cache_bytes), _Cache(leaf_cache_bytes))
        self._dataset: Dataset | None = None
        self._process = 0

    def frames(self, i: int, start: int, out: np.ndarray) -> None:
        stop = start + len(out)
        for first in range(start - start % CHUNK_STEPS, stop, CHUNK_STEPS):
            chunk = self._caches[0].get((i, first), partial(self._read, i, "bev", first, first + CHUNK_STEPS))
            low, high = max(start, first), min(stop, first + CHUNK_STEPS)
            out[low - start : high - start] = chunk[low - first : high - first]

    def leaf(self, i: int, name: str) -> np.ndarray:
        return self._caches[1].get((i, name), partial(self._read, i, name, 0, None))

    def frame_shape(self) -> tuple[int, ...]:
        return self._shape

    def __getstate__(self) -> dict[str, Any]:
        """Without the handle and what it has read: the receiving process opens the file itself."""
        caches = tuple(_Cache(cache.max_bytes) for cache in self._caches)
        return self.__dict__ | {"_dataset": None, "_process": 0, "_caches": caches}

    def _read(self, i: int, name: str, start: int, stop: int | None) -> np.ndarray:
        if self._dataset is None or self._process != os.getpid():
            self._dataset, self._process = Dataset.open(self._path), os.getpid()
        return self._dataset.read_leaf(int(self._rows[i]), name, start, stop)


class _Cache:
    """The arrays that were last asked for, up to a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._kept: OrderedDict[Any, np.ndarray] = OrderedDict()
        self._bytes = 0

    def get(self, key: Any, make: Callable[[], np.ndarray]) -> np.ndarray:
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        array = make()
        self._kept[key] = array
        self._bytes += array.nbytes
        while self._bytes > self.max_bytes and len(self._kept) > 1:
            self._bytes -= self._kept.popitem(last=False)[1].nbytes
        return array
