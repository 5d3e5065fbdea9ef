"""Frames in compressed chunks of 16: what lies in HDF5 files and in the RAM of recorders and loaders.

Both codecs carry a checksum, so a flipped bit is an error and never a wrong frame.
"""

import zlib
from collections.abc import Callable

import numpy as np

from airside_sim.data.schema import CHUNK_STEPS

GZIP_LEVEL = 1
ZSTD_LEVEL = 3


def encode_chunk(rows: np.ndarray, codec: str) -> bytes:
    """Up to 16 rows, zero-padded to 16, as one compressed block."""
    if len(rows) < CHUNK_STEPS:
        padded = np.zeros((CHUNK_STEPS, *rows.shape[1:]), rows.dtype)
        padded[: len(rows)] = rows
        rows = padded
    return _ENCODERS[codec](np.ascontiguousarray(rows))


def decode_chunk(block: bytes, codec: str, shape: tuple[int, ...], dtype: np.dtype | type) -> np.ndarray:
    """(16, *shape) of an encoded chunk; ValueError when it is damaged. The array is read-only: no copy is made."""
    size = CHUNK_STEPS * int(np.prod(shape)) * np.dtype(dtype).itemsize
    try:
        raw = _DECODERS[codec](block, size)
    except Exception as error:  # zlib.error, zstandard.ZstdError
        raise ValueError(f"chunk: {error}") from error
    if len(raw) != size:
        raise ValueError(f"chunk: {len(raw)} bytes instead of {size}")
    return np.frombuffer(raw, dtype).reshape(CHUNK_STEPS, *shape)


def _gzip(rows: np.ndarray) -> bytes:
    return zlib.compress(rows.data, GZIP_LEVEL)


def _zstd(rows: np.ndarray) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor(level=ZSTD_LEVEL, write_checksum=True).compress(rows.data)


def _unzstd(block: bytes, size: int) -> bytes:
    import zstandard

    return zstandard.ZstdDecompressor().decompress(block, max_output_size=size)


def _ungzip(block: bytes, size: int) -> bytes:
    return zlib.decompress(block, bufsize=size)


_ENCODERS: dict[str, Callable[[np.ndarray], bytes]] = {"gzip": _gzip, "zstd": _zstd}
_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {"gzip": _ungzip, "zstd": _unzstd}
