"""Compiled maps by name, from disk when nothing has changed.

A cache file's name is the SHA-256 of what the compiled map depends on: the map's bytes (or the generator's seed), the
sources that compile it, and the BEV pixel size. Files are plain .npz without pickles, replaced atomically; one that
cannot be read is rebuilt. `AIRSIDE_CACHE_DIR` moves the folder.
"""

import hashlib
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np

from airside_sim.jit import cache_root
from airside_sim.mapping.bank import MapBank
from airside_sim.mapping.compile import CompiledMap, compile_map
from airside_sim.mapping.errors import MapError
from airside_sim.mapping.generator import generate_airport
from airside_sim.mapping.real import PREFIX, import_real, real_airport_files
from airside_sim.mapping.schema import AirportMap
from airside_sim.mapping.yaml_io import load_map
from airside_sim.resources import data_folder, did_you_mean

MapSpec = str | Path | Sequence[str | Path]
MAX_GENERATED = 10_000  # maps in one "generated:A-B"
_PACKAGE = Path(__file__).resolve().parents[1]
_ALSO_USED = ("constants.py", "aircraft_types.py", "vehicles.py", "geometry.py")
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


def bundled_maps() -> dict[str, Path]:
    """Names of the shipped airports and their files."""
    return {path.stem: path for path in sorted(data_folder("maps").glob("*.yaml"))}


def load_compiled(spec: MapSpec, bev_px_m: float, driving_side: str | None = None) -> list[CompiledMap]:
    """Compiled maps of a bundled name, a path, "generated:N", "generated:A-B" (both ends included), "real:ICAO", or a
    list of them.

    `driving_side` overrides the maps' own.
    """
    if not isinstance(spec, str | Path):
        return [compiled for one in spec for compiled in load_compiled(one, bev_px_m, driving_side)]
    if isinstance(spec, str) and spec.startswith("generated"):
        return [_generated(seed, bev_px_m, driving_side) for seed in generated_seeds(spec)]
    if isinstance(spec, str) and spec.startswith(PREFIX):
        _, files = real_airport_files(spec)
        content = b"|".join([spec.encode(), *map(_content, files)])
        return [_cached(content, bev_px_m, driving_side, lambda: import_real(spec))]
    return [_from_file(find_map(spec), bev_px_m, driving_side)]


def generated_seeds(spec: str) -> range:
    """Seeds of "generated:A-B" or "generated:N"."""
    match = re.fullmatch(r"generated:(\d{1,12})(?:-(\d{1,12}))?", spec)
    if match is None:
        raise MapError(f'map \'{spec}\': write "generated:SEED" or "generated:FIRST-LAST"')
    first = int(match[1])
    last = int(match[2]) if match[2] else first
    if not first <= last < first + MAX_GENERATED:
        raise MapError(f"map '{spec}': FIRST must not exceed LAST, and at most {MAX_GENERATED} maps make a bank")
    return range(first, last + 1)


def find_map(name_or_path: str | Path) -> Path:
    """File of a bundled map by name, or of a user's map by path."""
    text, known = str(name_or_path), bundled_maps()
    if text in known:
        return known[text]
    path = Path(text).expanduser()
    if path.is_file():
        return path
    raise MapError(f"no map '{text}': neither a bundled name nor a file{did_you_mean(text, list(known))}")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MapError(f"{path}: cannot be read: {error.strerror}") from error


def _from_file(path: Path, bev_px_m: float, driving_side: str | None) -> CompiledMap:
    return _cached(_content(path), bev_px_m, driving_side, lambda: load_map(path))


def _generated(seed: int, bev_px_m: float, driving_side: str | None) -> CompiledMap:
    return _cached(f"generated:{seed}".encode(), bev_px_m, driving_side, lambda: generate_airport(seed))


def _cached(content: bytes, bev_px_m: float, driving_side: str | None, draw: Callable[[], AirportMap]) -> CompiledMap:
    """The compiled map of `content` from disk, else compiled from `draw()` and stored."""
    key = hashlib.sha256(content)
    key.update(f"|{_sources()}|{float(bev_px_m)!r}|{driving_side}".encode())
    path = cache_root() / "maps" / f"{key.hexdigest()[:32]}.npz"
    if path.is_file():
        try:
            return _read(path)
        except _UNREADABLE:
            with suppress(OSError):
                path.unlink()
    airport = draw()
    if driving_side is not None:
        airport = airport.model_copy(update={"driving_side": driving_side})
    compiled = compile_map(airport, bev_px_m)
    _write(path, compiled)
    return compiled


def _read(path: Path) -> CompiledMap:
    with np.load(path, allow_pickle=False) as stored:
        airport = AirportMap.model_validate_json(stored["airport"].tobytes())
        return CompiledMap(airport.name, airport, MapBank(*(stored[field] for field in MapBank._fields)))


def _write(path: Path, compiled: CompiledMap) -> None:
    """Store atomically; a cache that cannot be written costs time, not the run."""
    temporary = path.with_name(f"{path.stem}.{os.getpid()}.tmp")
    airport = np.frombuffer(compiled.airport.model_dump_json().encode(), np.uint8)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            np.savez_compressed(file, airport=airport, **compiled.arrays._asdict())
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()


@cache
def _sources() -> str:
    """Hash over the sources that decide what a compiled map looks like."""
    digest = hashlib.sha256()
    for path in [*sorted((_PACKAGE / "mapping").rglob("*.py")), *(_PACKAGE / name for name in _ALSO_USED)]:
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    digest.update(np.__version__.encode())
    return digest.hexdigest()
