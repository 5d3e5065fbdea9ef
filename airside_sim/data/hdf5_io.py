"""HDF5 backend: a group per episode in one file, which any HDF5 reader opens.

An HDF5 file that is being written cannot be trusted after its writer was killed. So a recording puts every episode into
a small file of its own in `NAME.h5.parts/`, by an atomic rename; `close` copies their compressed chunks, as they are,
into a new main file and puts that in place by an atomic rename too. A reader takes the main file and the parts that it
does not hold yet.
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from airside_sim.data.backend import check_codec, check_root, check_rows, explained, root_attrs
from airside_sim.data.chunks import GZIP_LEVEL, ChunkedFrames, decode_chunk, encode_chunk
from airside_sim.data.episode import Episode, EpisodeMeta
from airside_sim.data.schema import CHUNK_STEPS, LEAVES, ROUTE_PATH, DatasetError

GROUP = "episodes"
LIBVER = ("v110", "v110")  # HDF5 1.10 and later: its metadata carry checksums
ZSTD_FILTER = 32015  # registered number of the HDF5 zstd filter (hdf5plugin)
GZIP_FILTER = 1
MAX_OPEN_PARTS = 32


def reader(path: Path) -> "Hdf5Reader":
    return Hdf5Reader(path)


def writer(path: Path, codec: str, attrs: dict[str, Any]) -> "Hdf5Writer":
    return Hdf5Writer(path, check_codec(codec, "gzip"), attrs)


def exists(path: Path) -> bool:
    """A main file, or parts that can be read: their folder is one once its attributes are in it."""
    return path.exists() or (_parts_folder(path) / "root.json").is_file()


def remove(path: Path) -> None:
    """Delete main file and parts."""
    path.unlink(missing_ok=True)
    shutil.rmtree(_parts_folder(path), ignore_errors=True)


def _parts_folder(path: Path) -> Path:
    return path.with_name(path.name + ".parts")


def _parts(path: Path) -> dict[int, Path]:
    """Finished episodes that wait in parts, by number."""
    return {int(p.stem): p for p in sorted(_parts_folder(path).glob("*.h5")) if p.stem.isdigit()}


def _name(i: int) -> str:
    return f"{i:06d}"


class Hdf5Reader:
    """Episodes of the main file, then of the parts after it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._main: h5py.File | None = None
        self._open: dict[Path, h5py.File] = {}
        self._lengths: np.ndarray | None = None
        parts = _parts(path)
        if not exists(path):
            raise DatasetError(f"{path}: no such dataset")
        self._num_main = 0
        if path.is_file():
            with explained(f"{path}"):
                self._main = h5py.File(path, "r")
                self.attrs = check_root(path, {k: _plain(v) for k, v in self._main.attrs.items()})
                self._num_main = len(self._main[GROUP])
        else:
            self.attrs = check_root(path, _read_root(path))
        self._parts = [parts[i] for i in sorted(parts) if i >= self._num_main]
        numbers = [i for i in sorted(parts) if i >= self._num_main]
        if numbers != list(range(self._num_main, self._num_main + len(numbers))):
            raise DatasetError(f"{_parts_folder(path)}: part {self._num_main + len(numbers) - 1:06d}.h5 or one before "
                               "it is missing")  # fmt: skip

    def __len__(self) -> int:
        return self._num_main + len(self._parts)

    @property
    def lengths(self) -> np.ndarray:
        if self._lengths is None:
            self._lengths = np.array([self._length(i) for i in range(len(self))], np.int64)
        return self._lengths

    def meta(self, i: int) -> EpisodeMeta:
        with explained(self._where(i)):
            return EpisodeMeta.from_json(_plain_text(self._group(i).attrs["meta"]))

    def digest(self, i: int) -> str:
        with explained(self._where(i)):
            return _plain_text(self._group(i).attrs["digest"])

    def leaf_names(self, i: int) -> tuple[str, ...]:
        with explained(self._where(i)):
            group = self._group(i)
            return tuple(name for name, leaf in LEAVES.items() if leaf.path in group)

    def read_leaf(self, i: int, name: str, start: int, stop: int | None) -> np.ndarray:
        where = self._where(i)
        with explained(f"{where}: {LEAVES[name].path}"):
            data = self._group(i)[LEAVES[name].path]
            check_rows(where, name, self._length(i), data.shape, data.dtype)
            if name == "bev":
                return read_frames(data, start, len(data) if stop is None else stop)
            return data[start:stop]

    def close(self) -> None:
        for handle in (self._main, *self._open.values()):
            if handle is not None:
                handle.close()
        self._main, self._open = None, {}

    def _where(self, i: int) -> str:
        return f"{self.path}: episode {_name(i)}"

    def _length(self, i: int) -> int:
        with explained(self._where(i)):
            length = int(self._group(i).attrs["length"])
            if length < 1:
                raise DatasetError(f"length: {length} is below 1")
            return length

    def _group(self, i: int) -> h5py.Group:
        if i < self._num_main:
            assert self._main is not None
            return self._main[GROUP][_name(i)]
        part = self._parts[i - self._num_main]
        if part not in self._open:
            if len(self._open) >= MAX_OPEN_PARTS:
                self._open.pop(next(iter(self._open))).close()
            self._open[part] = h5py.File(part, "r")
        return self._open[part]["episode"]


class Hdf5Writer:
    """Writes parts; `close` makes them into the main file."""

    def __init__(self, path: Path, codec: str, attrs: dict[str, Any]) -> None:
        self.path = path
        self._folder = _parts_folder(path)
        self._num = 0
        if exists(path):
            old = Hdf5Reader(path)
            self._num = len(old)
            codec = str(old.attrs.get("codec", codec))
            old.close()
        self.codec = codec
        self._attrs = root_attrs(attrs | {"codec": codec})
        self._folder.mkdir(exist_ok=True)
        for leftover in self._folder.glob("*.tmp"):
            leftover.unlink()  # the episode that a killed writer was at
        if not path.is_file() and not (self._folder / "root.json").is_file():
            _write_root(self._folder, self._attrs)

    def __len__(self) -> int:
        return self._num

    def append(self, episode: Episode) -> None:
        partial = self._folder / f"{_name(self._num)}.tmp"
        with h5py.File(partial, "w", libver=LIBVER) as file:
            write_group(file.create_group("episode"), episode, self.codec)
        _sync(partial)
        os.replace(partial, self._folder / f"{_name(self._num)}.h5")
        self._num += 1

    def close(self) -> None:
        """Main file and parts become one new main file; a kill in here leaves the old ones as they are."""
        partial = self.path.with_name(f".{self.path.name}.partial")
        parts = _parts(self.path)
        if parts or not self.path.is_file():
            if self.path.is_file():
                shutil.copyfile(self.path, partial)
            with h5py.File(partial, "a" if self.path.is_file() else "w", libver=LIBVER) as file:
                if GROUP not in file:
                    file.attrs.update({k: _storable(v) for k, v in _read_root(self.path).items()})
                    file.create_group(GROUP)
                episodes = file[GROUP]
                for i, part in sorted(parts.items()):
                    if _name(i) not in episodes:
                        with h5py.File(part, "r") as source:
                            source.copy("episode", episodes, name=_name(i))
            _sync(partial)
            os.replace(partial, self.path)
        shutil.rmtree(self._folder)


def write_group(group: h5py.Group, episode: Episode, codec: str) -> None:
    """All arrays, the meta and the digest of an episode into an empty group."""
    meta = episode.meta
    group.attrs["meta"] = _storable(meta.to_json())
    group.attrs["digest"] = _storable(episode.digest())
    group.attrs["length"] = episode.num_steps
    group.attrs["return"] = float(episode.reward.sum(dtype=np.float64))
    group.attrs["cost_return"] = float(episode.cost.sum(dtype=np.float64))
    group.attrs["reward_names"] = _storable(meta.reward_names)
    group.attrs["cost_names"] = _storable(meta.cost_names)
    for name in ("behaviour", "route_id", "split", "source"):
        group.attrs[name] = _storable(getattr(meta, name) or "-")
    for name, array in episode.leaves().items():
        if name == "bev":
            _write_frames(group, array, codec)
        else:
            _write_small(group, LEAVES[name].path, np.asarray(array))
    _write_small(group, ROUTE_PATH, episode.route)


def _write_small(group: h5py.Group, path: str, array: np.ndarray) -> None:
    """A whole array as one chunk; gzip, since only frames are worth another codec."""
    if array.size == 0:  # no terms: HDF5 has no empty chunks
        group.create_dataset(path, data=array)
        return
    group.create_dataset(
        path, data=array, chunks=array.shape, compression="gzip", compression_opts=GZIP_LEVEL,
        shuffle=array.itemsize > 1,
    )  # fmt: skip


def _write_frames(group: h5py.Group, frames: np.ndarray | ChunkedFrames, codec: str) -> None:
    """Chunks of 16 frames, compressed here and handed over as they are: HDF5 would hold its lock meanwhile."""
    chunk = (CHUNK_STEPS, *frames.shape[1:])
    options: dict[str, Any] = {"compression": "gzip", "compression_opts": GZIP_LEVEL}
    if codec == "zstd":
        _load_zstd()
        options = {"compression": ZSTD_FILTER, "compression_opts": (3,)}
    data = group.create_dataset(
        LEAVES["bev"].path, frames.shape, frames.dtype, chunks=chunk, maxshape=(None, *frames.shape[1:]), **options
    )
    for k, block in enumerate(_encoded(frames, codec)):
        data.id.write_direct_chunk((CHUNK_STEPS * k, 0, 0, 0), block)


def _encoded(frames: np.ndarray | ChunkedFrames, codec: str) -> Iterator[bytes]:
    if isinstance(frames, ChunkedFrames):
        return frames.encoded(codec)
    return (encode_chunk(frames[i : i + CHUNK_STEPS], codec) for i in range(0, len(frames), CHUNK_STEPS))


def read_frames(data: h5py.Dataset, start: int, stop: int) -> np.ndarray:
    """Rows start..stop of the frames, (n, 34, S, S / 8)."""
    start, stop = max(0, start), min(stop, len(data))
    out = np.empty((max(0, stop - start), *data.shape[1:]), data.dtype)
    for first in range(start - start % CHUNK_STEPS, stop, CHUNK_STEPS):
        chunk = read_chunk(data, first)
        low, high = max(start, first), min(stop, first + CHUNK_STEPS)
        out[low - start : high - start] = chunk[low - first : high - first]
    return out


def read_chunk(data: h5py.Dataset, first: int) -> np.ndarray:
    """The (16, 34, S, S / 8) chunk that begins at row `first`; rows past the end are zero."""
    if data.chunks != (CHUNK_STEPS, *data.shape[1:]) or data.dtype != np.uint8:
        return _read_foreign_chunk(data, first)
    filters = data.id.get_create_plist()
    kind = filters.get_filter(0)[0] if filters.get_nfilters() == 1 else -1
    if kind not in (GZIP_FILTER, ZSTD_FILTER):
        return _read_foreign_chunk(data, first)
    mask, block = data.id.read_direct_chunk((first, 0, 0, 0))
    if mask:
        return _read_foreign_chunk(data, first)
    return decode_chunk(block, "gzip" if kind == GZIP_FILTER else "zstd", data.shape[1:], data.dtype)


def _read_foreign_chunk(data: h5py.Dataset, first: int) -> np.ndarray:
    """Files that others wrote or repacked: whatever filters they have."""
    rows = data[first : first + CHUNK_STEPS]
    chunk = np.zeros((CHUNK_STEPS, *data.shape[1:]), data.dtype)
    chunk[: len(rows)] = rows
    return chunk


def _load_zstd() -> None:
    """Registers the zstd filter with HDF5; ImportError says what to install."""
    try:
        import hdf5plugin  # noqa: F401  (its import does it)
    except ImportError as error:
        raise ImportError("codec='zstd' in HDF5 needs hdf5plugin: pip install 'airside_sim[data]'") from error


def _read_root(path: Path) -> dict[str, Any]:
    file = _parts_folder(path) / "root.json"
    with explained(f"{file}"):
        return json.loads(file.read_text(encoding="utf-8"))


def _write_root(folder: Path, attrs: dict[str, Any]) -> None:
    partial = folder / "root.tmp"
    partial.write_text(json.dumps(attrs), encoding="utf-8")
    _sync(partial)
    os.replace(partial, folder / "root.json")


def _sync(path: Path) -> None:
    """Data on the disk before the name that promises them."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _storable(value: Any) -> Any:
    """Attribute as HDF5 holds it: numbers as they are, text as bytes of fixed length, all else as JSON text.

    Text of variable length would lie in HDF5's global heap, which has no checksum: a flipped bit in it makes the
    library search for ever.
    """
    if isinstance(value, (int, float, bool)):
        return value
    return np.bytes_((value if isinstance(value, str) else json.dumps(value)).encode())


def _plain_text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _plain(value: Any) -> Any:
    """Attribute as Python holds it."""
    value = value.item() if isinstance(value, np.generic) else value
    value = value.decode() if isinstance(value, bytes) else value
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
