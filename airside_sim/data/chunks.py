"""Frames in compressed chunks of 16: what lies in HDF5 files and in the RAM of recorders and loaders.

Both codecs carry a checksum, so a flipped bit is an error and never a wrong frame.
"""

import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from airside_sim.data.schema import CHUNK_STEPS

GZIP_LEVEL = 1
ZSTD_LEVEL = 3


class ChunkedFrames:
    """Frames that lie in RAM as compressed chunks; reads like an array along its first axis.

    A recorder that holds 32 episodes of 1,500 frames needs 100 MB this way, instead of 3 GB.
    """

    def __init__(self, codec: str) -> None:
        self.codec = codec
        self.blocks: list[bytes] = []
        self._tail: np.ndarray | None = None  # (16, 34, S, S / 8): frames that do not fill a chunk yet
        self._num_tail = 0

    @classmethod
    def of(cls, frames: np.ndarray, codec: str) -> "ChunkedFrames":
        """The same frames, compressed."""
        chunked = cls(codec)
        for frame in frames:
            chunked.append(frame)
        return chunked

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self), *(self._tail.shape[1:] if self._tail is not None else (0, 0, 0)))

    @property
    def dtype(self) -> np.dtype:
        return np.dtype(np.uint8)

    @property
    def ndim(self) -> int:
        return 4

    def __len__(self) -> int:
        return CHUNK_STEPS * len(self.blocks) + self._num_tail

    def __getitem__(self, rows: slice) -> np.ndarray:
        start, stop, step = rows.indices(len(self))
        return np.concatenate(
            [np.empty((0, *self.shape[1:]), np.uint8)]
            + [self.chunk(k)[max(0, start - CHUNK_STEPS * k) : stop - CHUNK_STEPS * k]
               for k in range(start // CHUNK_STEPS, -(-stop // CHUNK_STEPS))]
        )[::step]  # fmt: skip

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:] if dtype is None else self[:].astype(dtype)

    def append(self, frame: np.ndarray) -> None:
        """Add one (34, S, S / 8) frame; it is copied."""
        if self._tail is None:
            self._tail = np.zeros((CHUNK_STEPS, *frame.shape), np.uint8)
        self._tail[self._num_tail] = frame
        self._num_tail += 1
        if self._num_tail == CHUNK_STEPS:
            self.blocks.append(encode_chunk(self._tail, self.codec))
            self._num_tail = 0

    def chunk(self, k: int) -> np.ndarray:
        """Chunk k, (16, 34, S, S / 8); rows past the end are arbitrary."""
        if k < len(self.blocks):
            return decode_chunk(self.blocks[k], self.codec, self.shape[1:], np.uint8)
        assert self._tail is not None
        return self._tail

    def encoded(self, codec: str) -> Iterator[bytes]:
        """All chunks in a codec, the last one zero-padded."""
        for k in range(-(-len(self) // CHUNK_STEPS)):
            if codec == self.codec and k < len(self.blocks):
                yield self.blocks[k]
            else:
                yield encode_chunk(self.chunk(k)[: len(self) - CHUNK_STEPS * k], codec)


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
