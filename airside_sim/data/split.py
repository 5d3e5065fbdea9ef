"""Splitting by route: no route of the training set is met again in validation or test.

A route's group (same map, first and last lane) falls into one of 100 buckets by a hash, so the split does not depend on
order, on what else is in the dataset, or on the machine.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from airside_sim.data.episode import EpisodeMeta

SALT = "airside-split-1"
VAL_PERCENT = 10
TEST_PERCENT = 10
NEAR_M = 5.0  # mean distance between routes that count as nearly the same


@dataclass(frozen=True)
class SplitReport:
    """How many there are of each, and what the split cannot keep apart."""

    episodes: dict[str, int]
    routes: dict[str, int]
    groups: dict[str, int]
    near_routes: int  # routes of val or test within 5 m of one of train on average: other lanes, much the same way


def split_of(group: str, *, salt: str = SALT, val: int = VAL_PERCENT, test: int = TEST_PERCENT) -> str:
    """ "train", "val" or "test" of a route group; `val` and `test` are percentages of groups."""
    if val < 0 or test < 0 or val + test > 100:
        raise ValueError(f"val={val}, test={test}: percentages that sum to at most 100 are needed")
    bucket = int.from_bytes(hashlib.sha256(f"{salt}|{group}".encode()).digest()[:8], "big") % 100
    if bucket < val:
        return "val"
    return "test" if bucket < val + test else "train"


def report_split(metas: Iterable[EpisodeMeta]) -> SplitReport:
    """Counts of a dataset whose episodes carry their split."""
    metas = list(metas)
    names = sorted({m.split for m in metas})
    routes = {name: {m.route_id: m.route_xy for m in metas if m.split == name} for name in names}
    held_out = [xy for name in ("val", "test") for xy in routes.get(name, {}).values()]
    trained = list(routes.get("train", {}).values())
    return SplitReport(
        episodes={name: sum(m.split == name for m in metas) for name in names},
        routes={name: len(routes[name]) for name in names},
        groups={name: len({m.group for m in metas if m.split == name}) for name in names},
        near_routes=sum(any(_mean_distance_m(a, b) < NEAR_M for b in trained) for a in held_out if a),
    )


def _mean_distance_m(a: tuple, b: tuple) -> float:
    """Mean distance from the points of each polyline to the nearest of the other, the larger of the two."""
    if not b:
        return np.inf
    p, q = np.array(a), np.array(b)
    far = np.hypot(p[:, None, 0] - q[None, :, 0], p[:, None, 1] - q[None, :, 1])
    return float(max(far.min(axis=1).mean(), far.min(axis=0).mean()))
