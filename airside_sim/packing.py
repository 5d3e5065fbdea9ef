"""Packed BEV: eight binary pixels a byte, in `np.packbits(..., bitorder="big")` order along the last axis."""

import numpy as np


def pack_bev(bev: np.ndarray) -> np.ndarray:
    """(..., 34, S, S) u8 of 0 and 255, channel-first -> (..., 34, S, S / 8) u8."""
    _check(bev, bev.shape[-1], "pack_bev")
    return np.packbits(bev, axis=-1, bitorder="big")


def unpack_bev(packed: np.ndarray) -> np.ndarray:
    """(..., 34, S, S / 8) u8 -> (..., 34, S, S) u8 of 0 and 255: the exact inverse of `pack_bev`."""
    _check(packed, 8 * packed.shape[-1], "unpack_bev")
    bits = np.unpackbits(packed, axis=-1, bitorder="big")
    return np.multiply(bits, np.uint8(255), out=bits)


def _check(array: np.ndarray, width: int, name: str) -> None:
    if array.dtype != np.uint8 or array.ndim < 3 or array.shape[-2] != width or width % 8:
        raise ValueError(f"{name}: channel-first uint8 planes are needed, not {array.dtype} of shape {array.shape}")
