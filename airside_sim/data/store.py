"""Reading and writing datasets; the suffix says which backend: `.h5` (one HDF5 file) or `.zarr` (a zarr v3 folder).

    with open_writer("demo.h5") as writer:
        writer.append(episode)
    dataset = Dataset.open("demo.h5")
    episode = dataset.read(0)

A finished episode is on disk when `append` returns: a process killed at any moment loses no more than the episode that
it was writing, and `Dataset.open` finds all others.
"""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from airside_sim.data.backend import Appender, Reader, backend_of
from airside_sim.data.episode import Episode, EpisodeMeta, check_episode
from airside_sim.data.lock import PathLock
from airside_sim.data.schema import LEAVES, DatasetError
from airside_sim.resources import data_folder


class Dataset:
    """A dataset opened for reading: a sequence of episodes that are loaded when asked for."""

    def __init__(self, path: Path, backend: Reader) -> None:
        self.path = path
        self._backend = backend
        self._metas: dict[int, EpisodeMeta] = {}

    @classmethod
    def open(cls, path: str | Path) -> "Dataset":
        """Open a dataset, also one whose recording was killed; DatasetError when it is none or is damaged."""
        path = Path(path)
        return cls(path, backend_of(path).reader(path))

    def __len__(self) -> int:
        return len(self._backend)

    def __iter__(self) -> Iterator[Episode]:
        return (self.read(i) for i in range(len(self)))

    def __enter__(self) -> "Dataset":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def attrs(self) -> dict[str, Any]:
        """What the file says of itself: schema, names of channels and features, generator, time."""
        return self._backend.attrs

    @property
    def lengths(self) -> np.ndarray:
        """(E,) i64 steps of every episode."""
        return self._backend.lengths

    def meta(self, i: int) -> EpisodeMeta:
        """What is known of episode i, without its arrays."""
        if i not in self._metas:
            self._metas[i] = self._backend.meta(i)
        return self._metas[i]

    def leaf_names(self, i: int) -> tuple[str, ...]:
        """Names of the arrays that episode i has."""
        return self._backend.leaf_names(i)

    def read_leaf(self, i: int, name: str, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Rows start..stop of one array of episode i."""
        return self._backend.read_leaf(i, name, start, stop)

    def read(self, i: int) -> Episode:
        """Episode i, whole."""
        if not 0 <= i < len(self):
            raise IndexError(f"{self.path}: episode {i} of {len(self)}")
        names = self.leaf_names(i)
        missing = [leaf.path for name, leaf in LEAVES.items() if not leaf.is_optional and name not in names]
        if missing:
            raise DatasetError(f"{self.path}: episode {i:06d}: {missing[0]}: is missing; the file is damaged")
        return Episode(meta=self.meta(i), **{name: self.read_leaf(i, name) for name in names})

    def digest(self, i: int) -> str:
        """The digest that was written with episode i; `read(i).digest()` must equal it."""
        return self._backend.digest(i)

    def close(self) -> None:
        self._backend.close()


class DatasetWriter:
    """A dataset opened for appending, held by a lock against other writers."""

    def __init__(self, path: Path, backend: Appender, lock: PathLock) -> None:
        self.path = path
        self._backend = backend
        self._lock = lock

    def __len__(self) -> int:
        return len(self._backend)

    @property
    def codec(self) -> str:
        """What frames are compressed with."""
        return self._backend.codec

    def __enter__(self) -> "DatasetWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, episode: Episode) -> int:
        """Check an episode and write it; returns its number. DatasetError lists what is wrong with it."""
        number = len(self._backend)
        check_episode(episode, f"{self.path}: episode {number}")
        self._backend.append(episode)
        return number

    def close(self) -> None:
        """Put the file in its final form and let go of the lock; safe to call twice."""
        if self._lock.is_held:
            try:
                self._backend.close()
            finally:
                self._lock.release()


def open_writer(
    path: str | Path, *, force: bool = False, resume: bool = False, codec: str = "", attrs: dict[str, Any] | None = None
) -> DatasetWriter:
    """Open a dataset for writing. An existing one is neither touched nor added to, unless asked.

    Args:
        path: `.h5` / `.hdf5` or `.zarr`.
        force: delete what is there.
        resume: add to what is there, finished or killed.
        codec: "gzip" (default of HDF5: any reader opens it) or "zstd" (default of zarr; HDF5 readers need hdf5plugin).
        attrs: more attributes of the file, JSON-serialisable.
    """
    path = Path(path)
    backend = backend_of(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = PathLock(path)
    lock.acquire()
    try:
        if force:
            backend.remove(path)
        elif backend.exists(path) and not resume:
            raise FileExistsError(f"{path}: is there already; --resume adds to it, --force deletes it")
        return DatasetWriter(path, backend.writer(path, codec, attrs or {}), lock)
    except BaseException:
        lock.release()
        raise


def sample_path() -> Path:
    """The shipped sample: 1,500 steps of mixed driving in six episodes, bird's-eye views of 64 pixels."""
    return data_folder("samples") / "mixed.h5"
