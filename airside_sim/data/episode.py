"""`Episode`: one recorded drive in memory, and the validator that lists everything wrong with it.

Row t of the per-step arrays leads from observation t to observation t + 1.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from airside_sim.data.chunks import ChunkedFrames
from airside_sim.data.schema import LABEL_VERSION, LEAVES, SUM_TOLERANCE, DatasetError, waypoints_of

MAX_ERRORS_SHOWN = 20
DIGEST_ROWS = 64  # hashed at a time: a whole number of chunks
SPLITS = ("", "train", "val", "test")


@dataclass(frozen=True)
class EpisodeMeta:
    """What is known of an episode beside its arrays; JSON in the file."""

    reward_names: tuple[str, ...]  # of the columns of `reward_terms`, without "reward/"
    cost_names: tuple[str, ...]
    behaviour: str  # who drove: a driver of `airside_sim.drivers`, a checkpoint, "human" ...
    source: str  # "sim", or "bag:FILE@OFFSET_S"
    route_id: str  # equal for equal routes of equal maps
    route_group: str = ""  # routes that must never be divided between train and val; empty: the route itself
    route_lanes: tuple[int, ...] = ()  # lanes of the route, in order, in the map's own numbering
    route_xy: tuple[tuple[float, float], ...] = ()  # the route every 10 m, m
    split: str = ""  # "train", "val", "test"; empty: not split yet
    env_id: str = ""
    keywords: dict[str, Any] = field(default_factory=dict)  # of `gym.make`; with the seed they make the episode again
    scenario: str = ""
    scenario_text: str = ""  # YAML of the scenario where it is a file of the user's own
    seed: int | None = None  # the episode begins with it; None: it cannot be simulated again (recorded from a vehicle)
    map: str = ""
    map_hash: str = ""
    is_action_labelled: bool = True  # False: driving without actions (zeros are stored)
    is_success: bool = False
    route_completion: float = 0.0  # 0..1
    termination_reason: str = "NONE"  # constants.TerminationReason, or the cut: TAKEOVER, GAP, STOP, LENGTH
    label_version: str = LABEL_VERSION
    reward_config: dict[str, float] = field(default_factory=dict)  # coefficients behind the terms
    cost_config: dict[str, float] = field(default_factory=dict)
    quality: tuple[str, ...] = ()  # flags: dropout, jitter, stationary, teleport, saturated, missing_terms
    versions: dict[str, str] = field(default_factory=dict)  # airside_sim, numba, numpy ...
    commit: str = ""  # git commit of the recording checkout, "" outside one

    @property
    def group(self) -> str:
        return self.route_group or self.route_id

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str | bytes) -> "EpisodeMeta":
        """Read back; DatasetError names a field that is missing, unknown or of the wrong type."""
        try:
            values = json.loads(text)
        except (ValueError, TypeError) as error:
            raise DatasetError(f"meta: not JSON ({error})") from error
        if not isinstance(values, dict):
            raise DatasetError("meta: not a JSON object")
        known = {f.name: f for f in fields(cls)}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise DatasetError(f"meta: unknown field '{unknown[0]}'")
        for name in ("reward_names", "cost_names", "route_lanes", "quality"):
            values[name] = _tuple(name, values.get(name, []))
        values["route_xy"] = tuple(
            _tuple("route_xy", point) for point in _tuple("route_xy", values.get("route_xy", []))
        )
        try:
            meta = cls(**values)
        except TypeError as error:
            raise DatasetError(f"meta: {error}") from error
        wrong = [name for name, kind in _KINDS.items() if not isinstance(getattr(meta, name), kind)]
        if wrong:
            raise DatasetError(f"meta: {wrong[0]}: {getattr(meta, wrong[0])!r} is of the wrong type")
        return meta


_KINDS: dict[str, Any] = {
    "behaviour": str, "source": str, "route_id": str, "route_group": str, "split": str, "env_id": str,
    "keywords": dict, "scenario": str, "scenario_text": str, "seed": int | None, "map": str, "map_hash": str,
    "is_action_labelled": bool, "is_success": bool, "route_completion": (int, float), "termination_reason": str,
    "label_version": str, "reward_config": dict, "cost_config": dict, "versions": dict, "commit": str,
}  # fmt: skip


def _tuple(name: str, value: Any) -> tuple:
    if not isinstance(value, list):
        raise DatasetError(f"meta: {name}: {value!r} is not a list")
    return tuple(value)


@dataclass(frozen=True)
class Episode:
    """T steps and T + 1 observations; see `schema.LEAVES` for every array's meaning."""

    state: np.ndarray  # (T + 1, NUM_STATE) f32
    pose: np.ndarray  # (T + 1, 3) f64
    action: np.ndarray  # (T, 2) f32
    reward: np.ndarray  # (T,) f32
    cost: np.ndarray  # (T,) f32
    reward_terms: np.ndarray  # (T, R) f32
    cost_terms: np.ndarray  # (T, K) f32
    terminated: np.ndarray  # (T,) bool
    truncated: np.ndarray  # (T,) bool
    stamp_ns: np.ndarray  # (T + 1,) i64
    valid: np.ndarray  # (T + 1,) bool
    meta: EpisodeMeta
    bev: np.ndarray | ChunkedFrames | None = None  # (T + 1, 34, S, S / 8) u8, packed
    objects: np.ndarray | None = None  # (T + 1, 16, 12) f32
    clean_action: np.ndarray | None = None  # (T, 2) f32

    @property
    def num_steps(self) -> int:
        return len(self.action)

    @property
    def route(self) -> np.ndarray:
        """(T + 1, N, 2) f32: the next waypoints in the ego frame, a view of the state."""
        return waypoints_of(self.state)

    def leaves(self) -> dict[str, np.ndarray | ChunkedFrames]:
        """The arrays that are there, in the order of `LEAVES`."""
        return {name: getattr(self, name) for name in LEAVES if getattr(self, name) is not None}

    def digest(self) -> str:
        """SHA-256 over meta and arrays: equal episodes have equal digests, wherever they lie."""
        digest = hashlib.sha256(self.meta.to_json().encode())
        for name, array in self.leaves().items():
            digest.update(f"{name}{array.dtype.str}{array.shape}".encode())
            for start in range(0, len(array), DIGEST_ROWS):
                digest.update(np.ascontiguousarray(array[start : start + DIGEST_ROWS]).data)
        return digest.hexdigest()


def validate_episode(episode: Episode) -> list[str]:
    """Everything that is wrong with an episode, as `leaf: what`; an empty list when all is well."""
    errors = _wrong_shapes(episode)
    if errors:
        return errors  # values of ill-shaped arrays say nothing
    for name in LEAVES:
        array = getattr(episode, name)
        if array is not None and array.dtype.kind == "f" and not np.isfinite(array).all():
            row = int(np.argwhere(~np.isfinite(array))[0][0])
            errors.append(f"{name}: not finite at row {row}")
    return (errors + _wrong_sums(episode) + _wrong_flags(episode) + _wrong_actions(episode))[:MAX_ERRORS_SHOWN]


def check_episode(episode: Episode, where: str) -> None:
    """DatasetError with every violation, when there is one."""
    errors = validate_episode(episode)
    if errors:
        raise DatasetError(f"{where}: " + "; ".join(errors))


def _wrong_shapes(episode: Episode) -> list[str]:
    errors = []
    T = episode.num_steps
    if T < 1:
        errors.append("action: an episode has at least one step")
    size = episode.bev.shape[-2] if episode.bev is not None and episode.bev.ndim == 4 else 0
    sizes = {"R": len(episode.meta.reward_names), "K": len(episode.meta.cost_names), "S": size, "S/8": size // 8}
    for name, leaf in LEAVES.items():
        array = getattr(episode, name)
        if array is None:
            if not leaf.is_optional:
                errors.append(f"{name}: is missing")
            continue
        wanted = (T + leaf.extra_rows, *(sizes[n] if isinstance(n, str) else n for n in leaf.shape))
        if array.shape != wanted or array.dtype != np.dtype(leaf.dtype):
            errors.append(f"{name}: {array.dtype}{array.shape} is not {np.dtype(leaf.dtype).name}{wanted}")
    if episode.bev is not None and (size % 8 or size == 0):
        errors.append(f"bev: {size} pixels a side are not a multiple of 8")
    if episode.meta.split not in SPLITS:
        errors.append(f"meta: split '{episode.meta.split}' is none of {', '.join(SPLITS[1:])}")
    if not 0.0 <= episode.meta.route_completion <= 1.0:
        errors.append(f"meta: route_completion {episode.meta.route_completion} is outside 0..1")
    return errors


def _wrong_sums(episode: Episode) -> list[str]:
    errors = []
    for name in ("reward", "cost"):
        total = getattr(episode, f"{name}_terms").astype(np.float64).sum(axis=1)
        given = getattr(episode, name).astype(np.float64)
        off = np.abs(total - given) > SUM_TOLERANCE * np.maximum(1.0, np.abs(total))
        if off.any():
            t = int(np.argmax(off))
            errors.append(f"{name}: {given[t]:.7g} at step {t} is not the sum of its terms {total[t]:.7g}")
    if (episode.cost < 0.0).any():
        errors.append(f"cost: negative at step {int(np.argmax(episode.cost < 0.0))}")
    return errors


def _wrong_flags(episode: Episode) -> list[str]:
    errors = []
    ended = episode.terminated | episode.truncated
    if ended[:-1].any():
        errors.append(f"terminated, truncated: set at step {int(np.argmax(ended))}, before the last")
    if not ended[-1]:
        errors.append("terminated, truncated: neither is set at the last step; a cut is a truncation")
    if (episode.terminated & episode.truncated).any():
        errors.append("terminated, truncated: both are set")
    if (np.diff(episode.stamp_ns) <= 0).any():
        errors.append(f"stamp_ns: does not rise after row {int(np.argmax(np.diff(episode.stamp_ns) <= 0))}")
    return errors


def _wrong_actions(episode: Episode) -> list[str]:
    errors = []
    for name in ("action", "clean_action"):
        action = getattr(episode, name)
        if action is None:
            continue
        out = (np.abs(action[:, 0]) > 1.0) | (action[:, 1] < 0.0) | (action[:, 1] > 1.0)
        if out.any():
            t = int(np.argmax(out))
            errors.append(f"{name}: {action[t].tolist()} at step {t} is outside [-1, 1] x [0, 1]")
    return errors
