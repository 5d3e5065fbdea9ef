"""What a storage backend offers, and which one a path means."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from airside_sim.data.episode import Episode, EpisodeMeta
from airside_sim.data.schema import (
    ACTION_NAMES,
    BEV_NAMES,
    LEAVES,
    OBJECT_NAMES,
    POSE_NAMES,
    SCHEMA,
    STATE_NAMES,
    DatasetError,
)
from airside_sim.resources import did_you_mean

SUFFIXES = {
    ".h5": "airside_sim.data.hdf5_io",
    ".hdf5": "airside_sim.data.hdf5_io",
    ".zarr": "airside_sim.data.zarr_io",
}
CODECS = ("gzip", "zstd")


class Reader(Protocol):
    """Episodes by number; every failure is a DatasetError that names file and place."""

    attrs: dict[str, Any]

    def __len__(self) -> int: ...
    @property
    def lengths(self) -> np.ndarray: ...
    def meta(self, i: int) -> EpisodeMeta: ...
    def digest(self, i: int) -> str: ...
    def leaf_names(self, i: int) -> tuple[str, ...]: ...
    def read_leaf(self, i: int, name: str, start: int, stop: int | None) -> np.ndarray: ...
    def close(self) -> None: ...


class Appender(Protocol):
    """Takes checked episodes; each is safe on disk when `append` returns."""

    codec: str

    def __len__(self) -> int: ...
    def append(self, episode: Episode) -> None: ...
    def close(self) -> None: ...


def backend_of(path: Path) -> Any:
    """Module of a path's suffix, with `reader`, `writer`, `exists` and `remove`; DatasetError for another suffix."""
    if path.suffix not in SUFFIXES:
        raise DatasetError(f"{path}: a dataset ends in .h5, .hdf5 or .zarr{did_you_mean(path.suffix, list(SUFFIXES))}")
    try:
        return import_module(SUFFIXES[path.suffix])
    except ImportError as error:
        raise ImportError(f"{path}: {error.name} is missing: pip install 'airside_sim[data]'") from error


def check_codec(codec: str, default: str) -> str:
    """The codec's name, or ValueError."""
    codec = codec or default
    if codec not in CODECS:
        raise ValueError(f"codec={codec!r} is not allowed{did_you_mean(codec, list(CODECS))}")
    return codec


def root_attrs(extra: dict[str, Any]) -> dict[str, Any]:
    """What every dataset says of itself."""
    import datetime

    import airside_sim

    return {
        "schema": SCHEMA,
        "dt_s": 0.1,
        "action_names": list(ACTION_NAMES),
        "action_low": [-1.0, 0.0],
        "action_high": [1.0, 1.0],
        "bev_channels": list(BEV_NAMES),
        "bev_packing": "numpy.packbits(bev, axis=-1, bitorder='big')",
        "state_names": list(STATE_NAMES),
        "object_names": list(OBJECT_NAMES),
        "pose_names": list(POSE_NAMES),
        "generator": f"airside_sim {airside_sim.__version__}",
        "created_utc": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    } | extra


def check_root(path: Path, attrs: dict[str, Any]) -> dict[str, Any]:
    """Attributes of a dataset of this schema, or DatasetError."""
    schema = attrs.get("schema")
    if schema is None:
        raise DatasetError(f"{path}: schema: is missing; this is no airside dataset")
    if schema != SCHEMA:
        raise DatasetError(f"{path}: schema: '{schema}' is not '{SCHEMA}'; it was written by another version")
    return attrs


def check_rows(where: str, name: str, length: int, shape: tuple[int, ...], dtype: np.dtype) -> None:
    """DatasetError unless an array on disk has the rows and the type of its leaf."""
    leaf = LEAVES[name]
    if shape[:1] != (length + leaf.extra_rows,) or len(shape) != 1 + len(leaf.shape) or dtype != np.dtype(leaf.dtype):
        raise DatasetError(
            f"{where}: {leaf.path}: {dtype}{shape} is not {np.dtype(leaf.dtype).name} with "
            f"{length + leaf.extra_rows} rows of {len(leaf.shape)} dimensions; the file is damaged"
        )


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Turns whatever a storage library raises about a damaged file into a DatasetError that names the place."""
    try:
        yield
    except DatasetError as error:
        text = str(error)
        raise (error if text.startswith(where.split(":")[0]) else DatasetError(f"{where}: {text}")) from error.__cause__
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:
        raise DatasetError(f"{where}: cannot be read ({_first_line(error)}); the file is damaged") from error


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:160]
