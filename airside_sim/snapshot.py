"""Snapshots: the whole state of a simulator as versioned bytes, from which it continues bit for bit.

Layout: magic, header length (u32 little endian), JSON header, then the world's arrays back to back. The header holds
the format version, a hash of the array names, dtypes and shapes, a hash of the map bank, and what lives outside the
world (a small JSON object). A snapshot fits only a simulator of the same layout and maps; anything else is refused.
"""

import hashlib
import json
import struct
from typing import Any, NamedTuple

import numpy as np

MAGIC = b"AIRSIDE\x01"
VERSION = 1


class SnapshotError(ValueError):
    """The bytes are no snapshot, or not one of this simulator."""


def layout_hash(arrays: NamedTuple) -> str:
    """SHA-256 (16 hex digits) over names, dtypes and shapes of a NamedTuple of arrays."""
    layout = [(name, array.dtype.str, list(array.shape)) for name, array in arrays._asdict().items()]
    return hashlib.sha256(json.dumps(layout).encode()).hexdigest()[:16]


def content_hash(*tuples: NamedTuple) -> str:
    """SHA-256 (16 hex digits) over the contents of NamedTuples of arrays: equal maps have equal hashes."""
    digest = hashlib.sha256()
    for arrays in tuples:
        for name, array in arrays._asdict().items():
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def pack_state(world: NamedTuple, map_hash: str, extra: dict[str, Any]) -> bytes:
    """Bytes of the world and of `extra` (JSON-serialisable)."""
    header = json.dumps(
        {"version": VERSION, "layout": layout_hash(world), "maps": map_hash, "extra": extra}, sort_keys=True
    ).encode()
    parts = [MAGIC, struct.pack("<I", len(header)), header]
    parts += [np.ascontiguousarray(array).tobytes() for array in world]
    return b"".join(parts)


def unpack_state(state: bytes, world: NamedTuple, map_hash: str) -> dict[str, Any]:
    """Write a snapshot into the world's arrays in place and return its `extra`; SnapshotError if it does not fit."""
    header, offset = _read_header(state)
    if header["layout"] != layout_hash(world):
        raise SnapshotError(
            f"snapshot layout {header['layout']} differs from this environment's {layout_hash(world)}: "
            "number of envs, map, traffic density or package version is not the same"
        )
    if header["maps"] != map_hash:
        raise SnapshotError(f"snapshot was taken on maps {header['maps']}, this environment has {map_hash}")
    expected = offset + sum(array.nbytes for array in world)
    if len(state) != expected:
        raise SnapshotError(f"snapshot has {len(state)} bytes, {expected} are needed: it is truncated or padded")
    for array in world:
        values = np.frombuffer(state, dtype=array.dtype, count=array.size, offset=offset)
        array[...] = values.reshape(array.shape)
        offset += array.nbytes
    return header["extra"]


def _read_header(state: bytes) -> tuple[dict[str, Any], int]:
    if not isinstance(state, (bytes, bytearray, memoryview)):
        raise SnapshotError(f"set_state needs bytes from get_state, not {type(state).__name__}")
    state = bytes(state[:65536]) if len(state) > 65536 else bytes(state)
    start = len(MAGIC) + 4
    if len(state) < start or state[: len(MAGIC)] != MAGIC:
        raise SnapshotError("these bytes are no airside_sim snapshot (wrong magic)")
    (length,) = struct.unpack("<I", state[len(MAGIC) : start])
    try:
        header = json.loads(state[start : start + length])
    except ValueError as error:
        raise SnapshotError("snapshot header is damaged") from error
    if header.get("version") != VERSION:
        raise SnapshotError(f"snapshot version {header.get('version')} is not {VERSION}: take it anew")
    return header, start + length
