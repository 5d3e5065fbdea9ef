"""Cutting a labelled drive into episodes: at takeovers, gaps, long stops and ends; long ones chopped, scraps dropped.

A cut is always a truncation. Only what the labels call an end (goal, collision, off the road) terminates.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from airside_sim.bags.tick import Drive

STANDING_MPS = 0.1
STEPS_PER_S = 10


@dataclass(frozen=True)
class SegmentRules:
    """Lengths in steps of 0.1 s unless named otherwise."""

    max_stop_s: float = 3.0  # a longer stop is cut out; 0 keeps every stop
    keep_stop_s: float = 1.0  # of a stop that is cut: this much stays on either side
    max_steps: int = 500
    min_steps: int = 50
    mode: str = "autonomous"  # which driving is kept where a mode is known: autonomous, manual or both
    cut_at_mode: bool = True

    def __post_init__(self) -> None:
        """Refuse rules that keep nothing."""
        if not 1 <= self.min_steps <= self.max_steps:
            raise ValueError(f"min_steps={self.min_steps} must lie in 1..max_steps={self.max_steps}")
        if self.max_stop_s and self.max_stop_s < 2.0 * self.keep_stop_s:
            raise ValueError(
                f"max_stop_s={self.max_stop_s} must be at least twice keep_stop_s={self.keep_stop_s}, or 0"
            )


@dataclass(frozen=True)
class Segment:
    """Observations first..last of a drive, both included."""

    first: int
    last: int
    terminated: bool
    reason: str  # "" when the labels say it; else GAP, TAKEOVER, STOP, LENGTH, MAP_EXIT, REVERSE or END

    @property
    def num_steps(self) -> int:
        return self.last - self.first


def segment(drive: Drive, rules: SegmentRules) -> tuple[list[Segment], dict[str, int]]:
    """Episodes of a drive, and how many steps each kind of cut took."""
    lost: dict[str, int] = {}
    pieces: list[Segment] = []
    for whole in _stretches(drive):
        for part in _split_modes(drive, whole, rules, lost):
            pieces += _split_stops(drive, part, rules, lost)
    kept = []
    for piece in pieces:
        for part in _chop(piece, rules):
            if part.num_steps >= rules.min_steps:
                kept.append(part)
            else:
                lost["short"] = lost.get("short", 0) + part.num_steps
    lost["gap"] = int(drive.is_gap.sum())
    return kept, lost


def _stretches(drive: Drive) -> list[Segment]:
    """Runs of computed ticks, each ended by the labels or by what comes after."""
    found = []
    firsts = np.flatnonzero(drive.is_first)
    for first in firsts:
        last = int(first)
        while (
            last + 1 < len(drive.stamp_ns)
            and not drive.is_gap[last + 1]
            and not drive.is_first[last + 1]
            and not drive.terminated[last]
        ):
            last += 1
        ended = bool(drive.terminated[last])
        after = drive.cause[last + 1] if last + 1 < len(drive.stamp_ns) else "END"
        found.append(Segment(int(first), last, ended, "" if ended else after or "END"))
    return found


def _split_modes(drive: Drive, whole: Segment, rules: SegmentRules, lost: dict[str, int]) -> list[Segment]:
    """Parts driven in the wanted mode; the tick on which the other one takes over is left out."""
    auto = drive.is_auto[whole.first : whole.last + 1]
    if not rules.cut_at_mode or (rules.mode == "both" and (auto == auto[0]).all()):
        return [whole]
    edges = np.flatnonzero(np.diff(auto.astype(np.int8))) + 1 + whole.first
    bounds = [whole.first, *edges.tolist(), whole.last + 1]
    parts = []
    for first, end in pairwise(bounds):
        wanted = rules.mode == "both" or bool(drive.is_auto[first]) == (rules.mode == "autonomous")
        if not wanted:
            lost["mode"] = lost.get("mode", 0) + int(end - first)
        elif end == whole.last + 1:
            parts.append(Segment(first, whole.last, whole.terminated, whole.reason))
        else:
            parts.append(Segment(first, end - 1, False, "TAKEOVER"))
    return parts


def _split_stops(drive: Drive, whole: Segment, rules: SegmentRules, lost: dict[str, int]) -> list[Segment]:
    """Parts between long stops, with a little of each stop on either side."""
    if rules.max_stop_s == 0.0:
        return [whole]
    keep = round(rules.keep_stop_s * STEPS_PER_S)
    stands = np.concatenate([[False], drive.speed_mps[whole.first : whole.last + 1] < STANDING_MPS, [False]])
    edges = np.flatnonzero(np.diff(stands.astype(np.int8))) + whole.first
    parts: list[Segment] = []
    first = whole.first
    for begin, end in edges.reshape(-1, 2).tolist():  # stands on begin .. end - 1
        if end - begin <= rules.max_stop_s * STEPS_PER_S:
            continue
        is_last = end == whole.last + 1
        if is_last and whole.terminated:
            continue  # the goal is reached at rest: that stop belongs to it
        stop = min(begin + keep, whole.last)
        if stop > first and begin > whole.first:
            parts.append(Segment(first, stop, False, "STOP"))
        lost["stop"] = lost.get("stop", 0) + int(end - begin) - keep * (2 if not is_last else 1)
        first = whole.last + 1 if is_last else max(end - keep, begin)
    if first < whole.last:
        parts.append(Segment(first, whole.last, whole.terminated, whole.reason))
    return parts


def _chop(piece: Segment, rules: SegmentRules) -> list[Segment]:
    """Equal parts of at most max_steps; the last keeps the end. The border's observation belongs to both."""
    num = -(-piece.num_steps // rules.max_steps) if piece.num_steps else 0
    if num <= 1:
        return [piece]
    borders = np.linspace(piece.first, piece.last, num + 1).astype(int)
    parts = [Segment(int(a), int(b), False, "LENGTH") for a, b in pairwise(borders)]
    return parts[:-1] + [Segment(parts[-1].first, piece.last, piece.terminated, piece.reason)]
