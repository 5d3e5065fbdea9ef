"""The replay file: how an episode began, every action, and hashes of the world by which a playback proves itself.

A `.replay` file is a NumPy archive (zip, no pickle) of `header` (UTF-8 JSON), `actions` (T, 2) f64 as the simulator
took them, and `snapshots` (K, bytes) u8: whole states at `snapshot_ticks`. Nothing of it is trusted: `verify` plays the
actions again from the seed and compares.
"""

import io
import json
import os
import zipfile
import zlib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

FORMAT = "airside-replay"
VERSION = 1


class ReplayError(ValueError):
    """The file is no replay, is damaged, or does not fit this installation."""


@dataclass(frozen=True)
class Outcome:
    """How the episode went, as its recorder saw it."""

    steps: int = 0
    total_reward: float = 0.0
    total_cost: float = 0.0
    total_cost_hard: float = 0.0
    route_completion: float = 0.0
    is_success: bool = False
    termination_reason: str = "RUNNING"  # constants.TerminationReason


@dataclass(frozen=True)
class Replay:
    """One episode of a single environment."""

    env_id: str
    keywords: dict[str, Any]  # of `gym.make`, JSON-serialisable, with `base_scenario`
    scenario_text: str  # YAML of the `scenario` keyword where that is a file, else ""
    seed: int  # of the env
    episode: int  # number of the episode since that seed: 0 begins with it, later ones go on from the env's own stream
    word: int  # generator word (u64) at the episode's start: what really begins it
    map_hash: str
    actions: np.ndarray  # (T, 2) f64
    digests: tuple[str, ...]  # SHA-256 of all ticks so far, after every `digest_every` ticks and after the last
    outcome: Outcome
    events: list[dict[str, Any]] = field(default_factory=list)  # the referee's records
    digest_every: int = 50
    snapshots: tuple[bytes, ...] = ()
    snapshot_ticks: tuple[int, ...] = ()
    version: str = ""  # of airside_sim

    @property
    def num_steps(self) -> int:
        return len(self.actions)


_ARRAYS = ("actions", "snapshots")


def save_replay(replay: Replay, path: str | Path) -> Path:
    """Write a replay, atomically: a killed process leaves the old file or none."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    header = {f.name: getattr(replay, f.name) for f in fields(replay) if f.name not in _ARRAYS}
    header |= {"format": FORMAT, "format_version": VERSION, "outcome": asdict(replay.outcome), "word": str(replay.word)}
    size = len(replay.snapshots[0]) if replay.snapshots else 0
    snapshots = np.frombuffer(b"".join(replay.snapshots), np.uint8).reshape(len(replay.snapshots), size)
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as out:
        np.savez_compressed(
            out,
            header=np.frombuffer(json.dumps(header, sort_keys=True).encode(), np.uint8),
            actions=replay.actions.astype(np.float64),
            snapshots=snapshots,
        )
    os.replace(partial, path)
    return path


def load_replay(path: str | Path) -> Replay:
    """Read a replay; `ReplayError` names the file and what is wrong with it."""
    path = Path(path)
    if not path.is_file():
        raise ReplayError(f"{path}: no such replay file")
    header, actions, snapshots = _read_members(path)
    if header.get("format") != FORMAT:
        raise ReplayError(f"{path}: header: this archive is no airside replay")
    if header.get("format_version") != VERSION:
        raise ReplayError(f"{path}: format_version: {header.get('format_version')} is not {VERSION}; record it anew")
    names = [f.name for f in fields(Replay) if f.name not in _ARRAYS]
    missing = [name for name in names if name not in header]
    if missing:
        raise ReplayError(f"{path}: header: field '{missing[0]}' is missing; the file is damaged")
    if actions.ndim != 2 or actions.shape[1:] != (2,) or actions.dtype != np.float64 or not np.isfinite(actions).all():
        raise ReplayError(f"{path}: actions: {actions.dtype}{actions.shape} is not a finite float64 array (T, 2)")
    try:
        values = {name: header[name] for name in names}
        values["word"] = int(values["word"])
        values["outcome"] = Outcome(**values["outcome"])
        values["digests"] = tuple(str(d) for d in values["digests"])
        values["snapshot_ticks"] = tuple(int(t) for t in values["snapshot_ticks"])
        values["snapshots"] = tuple(row.tobytes() for row in snapshots)
    except (TypeError, ValueError) as error:
        raise ReplayError(f"{path}: header: {error}; the file is damaged") from error
    replay = Replay(actions=actions, **values)
    _check_types(path, replay)
    return replay


def _read_members(path: Path) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            header = json.loads(archive["header"].tobytes())
            actions, snapshots = archive["actions"], archive["snapshots"]
    except KeyError as error:
        raise ReplayError(f"{path}: {error.args[0]}; the file is damaged or no replay") from error
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise ReplayError(f"{path}: not a readable replay ({error}); it may be truncated") from error
    if not isinstance(header, dict):
        raise ReplayError(f"{path}: header: not a JSON object; the file is damaged")
    return header, actions, snapshots


def _check_types(path: Path, replay: Replay) -> None:
    """Field types, so that later code need not guard itself."""
    wanted = {"env_id": str, "keywords": dict, "scenario_text": str, "seed": int, "episode": int, "map_hash": str,
              "events": list, "digest_every": int, "version": str}  # fmt: skip
    for name, kind in wanted.items():
        if not isinstance(getattr(replay, name), kind):
            raise ReplayError(f"{path}: {name}: {getattr(replay, name)!r} is not of type {kind.__name__}")
    if replay.digest_every < 1:
        raise ReplayError(f"{path}: digest_every: {replay.digest_every} is below 1")
    if not 0 <= replay.word < 1 << 64:
        raise ReplayError(f"{path}: word: {replay.word} is no 64-bit number")
    if len(replay.snapshots) != len(replay.snapshot_ticks):
        raise ReplayError(f"{path}: snapshots: {len(replay.snapshots)} for {len(replay.snapshot_ticks)} ticks")
    if len(replay.digests) != -(-replay.num_steps // replay.digest_every):
        raise ReplayError(f"{path}: digests: {len(replay.digests)} do not cover {replay.num_steps} steps")
