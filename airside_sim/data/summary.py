"""What is in a dataset, in numbers: counts, hours, returns, costs, actions, where the ego drove."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from airside_sim.constants import DT_S
from airside_sim.data.schema import LEAVES
from airside_sim.data.store import Dataset
from airside_sim.state_features import StateFeature

HALF_FLOAT_BYTES = 2 * 8  # of the eight pixels in a packed byte: the usual estimate has every channel as float16
ACTION_BINS = 20
SPEED_BINS = 20
MAX_SPEED_MPS = 10.0


@dataclass
class Summary:
    """One pass over a dataset, frames left out."""

    path: Path
    num_bytes: int
    lengths: np.ndarray  # (E,)
    returns: np.ndarray  # (E,)
    costs: np.ndarray  # (E,)
    success: np.ndarray  # (E,) bool
    behaviours: list[str]
    splits: Counter = field(default_factory=Counter)
    endings: Counter = field(default_factory=Counter)
    scenarios: Counter = field(default_factory=Counter)
    flags: Counter = field(default_factory=Counter)
    maps: Counter = field(default_factory=Counter)  # by transitions
    num_routes: int = 0
    num_groups: int = 0
    num_unlabelled: int = 0
    leaves: tuple[str, ...] = ()
    half_float_bytes: int = 0  # of one frame with every channel a float16; 0 without frames
    actions: np.ndarray = field(default_factory=lambda: np.zeros((ACTION_BINS, ACTION_BINS), np.int64))
    motion: np.ndarray = field(
        default_factory=lambda: np.zeros((SPEED_BINS, ACTION_BINS), np.int64)
    )  # speed x steering
    driven: dict[str, list[np.ndarray]] = field(default_factory=dict)  # (n, 2) positions by map, m

    @property
    def num_steps(self) -> int:
        return int(self.lengths.sum())

    @property
    def hours(self) -> float:
        return self.num_steps * DT_S / 3600.0

    @property
    def bytes_per_frame(self) -> float:
        return self.num_bytes / max(1, self.num_steps + len(self.lengths))


def summarise(dataset: Dataset) -> Summary:
    """Numbers of all episodes."""
    E = len(dataset)
    metas = [dataset.meta(i) for i in range(E)]
    summary = Summary(
        path=dataset.path,
        num_bytes=size_on_disk(dataset.path),
        lengths=dataset.lengths,
        returns=np.zeros(E),
        costs=np.zeros(E),
        success=np.array([m.is_success for m in metas], bool),
        behaviours=[m.behaviour for m in metas],
        splits=Counter(m.split or "not split" for m in metas),
        endings=Counter(m.termination_reason for m in metas),
        scenarios=Counter(m.scenario for m in metas),
        flags=Counter(flag for m in metas for flag in m.quality),
        num_routes=len({m.route_id for m in metas}),
        num_groups=len({m.group for m in metas}),
        num_unlabelled=sum(not m.is_action_labelled for m in metas),
        leaves=tuple(name for name in LEAVES if E and name in dataset.leaf_names(0)),
        half_float_bytes=HALF_FLOAT_BYTES * _packed_bytes(dataset),
    )
    for i, meta in enumerate(metas):
        summary.returns[i] = dataset.read_leaf(i, "reward").sum(dtype=np.float64)
        summary.costs[i] = dataset.read_leaf(i, "cost").sum(dtype=np.float64)
        summary.maps[meta.map] += int(dataset.lengths[i])
        summary.driven.setdefault(meta.map, []).append(dataset.read_leaf(i, "pose")[:, :2])
        _count_actions(summary, dataset, i)
    return summary


def _packed_bytes(dataset: Dataset) -> int:
    if len(dataset) == 0 or "bev" not in dataset.leaf_names(0):
        return 0
    return dataset.read_leaf(0, "bev", 0, 1).nbytes


def _count_actions(summary: Summary, dataset: Dataset, i: int) -> None:
    action = dataset.read_leaf(i, "action")
    speed = dataset.read_leaf(i, "state")[:-1, StateFeature.FORWARD_SPEED]
    steering, velocity = (-1.0, 1.0), (0.0, 1.0)
    summary.actions += np.histogram2d(action[:, 1], action[:, 0], ACTION_BINS, (velocity, steering))[0].astype(np.int64)
    fast = np.clip(speed, 0.0, MAX_SPEED_MPS)
    bins, ranges = (SPEED_BINS, ACTION_BINS), ((0.0, MAX_SPEED_MPS), steering)
    summary.motion += np.histogram2d(fast, action[:, 0], bins, ranges)[0].astype(np.int64)


def size_on_disk(path: Path) -> int:
    """Bytes of a dataset's file or folder, and of parts that wait for their main file."""
    roots = [path, path.with_name(path.name + ".parts")]
    files = [p for root in roots for p in ([root] if root.is_file() else root.rglob("*")) if p.is_file()]
    return sum(p.stat().st_size for p in files)


def text_of(summary: Summary) -> str:
    """Lines for the terminal."""
    s, frame = summary, max(1.0, summary.bytes_per_frame)
    hour = frame * 36_000
    smaller = f"; {s.half_float_bytes / frame:.0f}-fold smaller than float16 frames" if s.half_float_bytes else ""
    lines = [
        f"{s.path}: {len(s.lengths):,} episodes, {s.num_steps:,} transitions, {s.hours:.2f} h at 10 Hz",
        f"arrays      {', '.join(s.leaves)}",
        f"size        {s.num_bytes / 1e6:.1f} MB: {frame:,.0f} bytes a frame, {hour / 1e6:.1f} MB an hour, "
        f"{1e9 / hour:.1f} hours a GB{smaller}",
        f"routes      {s.num_routes} in {s.num_groups} groups; split: {_counts(s.splits)}",
        f"maps        {_counts(s.maps)} transitions",
        f"scenarios   {_counts(s.scenarios)}",
        f"endings     {_counts(s.endings)}",
        f"flags       {_counts(s.flags) or 'none'}; without actions: {s.num_unlabelled}",
        "",
        f"{'driver':<14}{'episodes':>9}{'share':>8}{'success':>9}{'return':>10}{'cost':>9}{'hours':>8}",
    ]
    names = sorted(set(s.behaviours))
    for name in [*names, *(["all"] if len(names) > 1 else [])]:
        rows = np.array([name in ("all", b) for b in s.behaviours])
        steps = s.lengths[rows].sum()
        lines.append(
            f"{name:<14}{rows.sum():>9}{steps / max(1, s.num_steps):>8.1%}{s.success[rows].mean():>9.1%}"
            f"{s.returns[rows].mean():>10.2f}{s.costs[rows].mean():>9.3f}{steps * DT_S / 3600:>8.2f}"
        )
    if len(s.returns):
        lines += ["", _quantiles("return", s.returns), _quantiles("cost", s.costs), _quantiles("steps", s.lengths)]
        lines += [
            "",
            "% of transitions by steering (columns, -1 to 1) and velocity action (rows, 1 at the top)",
        ]
        lines += _coarse(s.actions)
    return "\n".join(lines)


def _counts(counter: Counter, most: int = 8) -> str:
    shown = ", ".join(f"{name or '?'} {count:,}" for name, count in counter.most_common(most))
    return shown + (f", {len(counter) - most} more" if len(counter) > most else "")


def _quantiles(name: str, values: np.ndarray) -> str:
    low, q1, middle, q3, high = np.quantile(values, (0.0, 0.25, 0.5, 0.75, 1.0))
    return f"{name:<8}min {low:.3g}  25 % {q1:.3g}  median {middle:.3g}  75 % {q3:.3g}  max {high:.3g}"


def _coarse(histogram: np.ndarray) -> list[str]:
    """A 20 x 20 histogram as 5 x 10 percentages."""
    blocks = histogram.reshape(5, 4, 10, 2).sum(axis=(1, 3))
    share = 100.0 * blocks / max(1, blocks.sum())
    return ["".join(f"{value:6.1f}" for value in row) for row in share[::-1]]
