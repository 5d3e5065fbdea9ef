"""How much of a simulated episode survives a bag: converted episodes against what the simulator itself observed.

Rows are paired by their stamps. The history planes of the first ticks after a gap are left out: nothing was observed
during the gap, so they repeat the oldest frame that there is.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from airside_sim.bags.convert import COSTS, REWARDS
from airside_sim.bags.playout import Playout
from airside_sim.constants import HISTORY_LEN, BevChannel
from airside_sim.data.episode import Episode
from airside_sim.info import info_names
from airside_sim.packing import unpack_bev
from airside_sim.state_features import StateFeature

TICK_NS = 100_000_000
_NEWEST = {"aircraft": [BevChannel.AIRCRAFT_T1], "gse": [BevChannel.GSE_T1, BevChannel.CART_T1, BevChannel.FUEL_T1]}
_OLDER = {"aircraft": range(BevChannel.AIRCRAFT_T16, BevChannel.AIRCRAFT_T1),
          "gse": [*range(BevChannel.GSE_T16, BevChannel.GSE_T1), *range(BevChannel.CART_T16, BevChannel.CART_T1),
                  *range(BevChannel.FUEL_T16, BevChannel.FUEL_T1)]}  # fmt: skip
_PEOPLE_NEWEST, _PEOPLE_OLDER = [BevChannel.PERSON_T1], range(BevChannel.PERSON_T16, BevChannel.PERSON_T1)


@dataclass
class Evidence:
    """Sums over all paired rows; the ratios are properties."""

    rows: int = 0
    steps: int = 0
    overlap: dict[str, list[int]] = field(default_factory=dict)  # name: pixels in both, pixels in either
    near: dict[str, list[int]] = field(default_factory=dict)  # name: right, given, found, true (within one pixel)
    identical_frames: int = 0
    state_error: list[np.ndarray] = field(default_factory=list)  # (rows, NUM_STATE)
    action_error: list[np.ndarray] = field(default_factory=list)
    reward_error: list[np.ndarray] = field(default_factory=list)  # (steps, R)
    cost_error: list[np.ndarray] = field(default_factory=list)
    returns: list[tuple[float, float, float, float]] = field(default_factory=list)  # reward here, there; cost likewise
    ends: list[tuple[bool, bool]] = field(default_factory=list)  # terminated here, there

    def iou(self, name: str) -> float:
        both, either = self.overlap.get(name, (0, 0))
        return both / either if either else float("nan")

    def f1(self, name: str) -> float:
        """Of pixels, each right when the other picture has one within one pixel."""
        right, given, found, true = self.near.get(name, (0, 0, 0, 0))
        if not given or not true:
            return float("nan")
        precision, recall = right / given, found / true
        return 2.0 * precision * recall / (precision + recall)

    def worst_states(self, percentile: float = 99.0) -> dict[str, tuple[float, float]]:
        """{feature: (percentile, maximum) of the absolute error}."""
        error = np.concatenate(self.state_error)
        high, worst = np.percentile(error, percentile, axis=0), error.max(axis=0)
        return {f.name: (float(high[f]), float(worst[f])) for f in StateFeature}

    def term_errors(self) -> dict[str, tuple[float, float]]:
        """{term: (99.9th percentile, maximum) of the absolute error of a step}."""
        names = [info_names()[i] for i in (*REWARDS, *COSTS)]
        error = np.concatenate([np.concatenate(self.reward_error), np.concatenate(self.cost_error)], axis=1)
        return {n: (float(np.percentile(e, 99.9)), float(e.max())) for n, e in zip(names, error.T, strict=True)}


def gather(episodes: list[Episode], playouts: list[Playout], starts_ns: list[int]) -> Evidence:
    """Compare converted episodes with the played ones that begin at `starts_ns`."""
    found = Evidence()
    for episode in episodes:
        which = int(np.searchsorted(starts_ns, episode.stamp_ns[0], side="right")) - 1
        first = int(episode.stamp_ns[0] - starts_ns[which]) // TICK_NS
        _add(found, episode, playouts[which], first)
    return found


def _add(found: Evidence, episode: Episode, playout: Playout, first: int) -> None:
    rows = slice(first, first + episode.num_steps + 1)
    T = episode.num_steps
    found.rows += T + 1
    found.steps += T
    found.state_error.append(np.abs(episode.state - playout.state[rows]))
    found.action_error.append(np.abs(episode.action - playout.action[first : first + T]))
    info = playout.info[first + 1 : first + T + 1]
    found.reward_error.append(np.abs(episode.reward_terms - info[:, REWARDS]))
    found.cost_error.append(np.abs(episode.cost_terms - info[:, COSTS]))
    found.returns.append((float(episode.reward.sum()), float(info[:, REWARDS].sum()), float(episode.cost.sum()),
                          float(info[:, COSTS].sum())))  # fmt: skip
    found.ends.append((bool(episode.terminated[-1]), bool(playout.terminated[first + T - 1])))
    fresh = 0 if first == 0 else HISTORY_LEN
    for k in range(T + 1):
        here, there = episode.bev[k], playout.bev[first + k]
        found.identical_frames += bool((here == there).all())
        for name, planes in _NEWEST.items():
            _overlap(found.overlap.setdefault(f"{name}_newest", [0, 0]), here, there, planes)
        _near(found.near.setdefault("people_newest", [0, 0, 0, 0]), here, there, _PEOPLE_NEWEST)
        if k >= fresh:
            for name, planes in _OLDER.items():
                _overlap(found.overlap.setdefault(f"{name}_history", [0, 0]), here, there, planes)
            _near(found.near.setdefault("people_history", [0, 0, 0, 0]), here, there, _PEOPLE_OLDER)


def _overlap(sums: list[int], here: np.ndarray, there: np.ndarray, planes) -> None:
    a, b = here[list(planes)], there[list(planes)]
    sums[0] += int(np.unpackbits(a & b).sum())
    sums[1] += int(np.unpackbits(a | b).sum())


def _near(sums: list[int], here: np.ndarray, there: np.ndarray, planes) -> None:
    a, b = unpack_bev(here[list(planes)]) > 0, unpack_bev(there[list(planes)]) > 0
    if not (a.any() or b.any()):
        return
    sums[0] += int((a & _grown(b)).sum())
    sums[1] += int(a.sum())
    sums[2] += int((b & _grown(a)).sum())
    sums[3] += int(b.sum())


def _grown(mask: np.ndarray) -> np.ndarray:
    """Every pixel and its eight neighbours; mask (planes, S, S)."""
    wide = np.pad(mask, ((0, 0), (1, 1), (1, 1)))
    S = mask.shape[-1]
    return np.any([wide[:, i : i + S, j : j + S] for i in range(3) for j in range(3)], axis=0)


def starts_of(playouts: list[Playout], first_ns: int, settle_s: float) -> list[int]:
    """Where each episode of a bag begins on the vehicle's clock."""
    starts = [first_ns]
    for playout in playouts[:-1]:
        starts.append(starts[-1] + playout.num_steps * TICK_NS + round(settle_s * 1e9))
    return starts


def read_episodes(path: str | Path) -> list[Episode]:
    """All episodes of a dataset."""
    from airside_sim.data.store import Dataset

    with Dataset.open(path) as dataset:
        return list(dataset)
