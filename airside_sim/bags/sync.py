"""Every stream on one 10 Hz grid: whole tenths of a second of the vehicle's clock, in int64 nanoseconds.

Continuous values are interpolated between the samples on both sides, angles on the circle, quaternions by slerp; what
is a status, an order or a perception is held from the last sample at or before the instant, never taken from a later
one. A gap longer than the limit is marked, never filled.
"""

from typing import NamedTuple

import numpy as np

STEP_NS = 100_000_000


class Aligned(NamedTuple):
    """One stream on a grid of n instants."""

    values: np.ndarray  # (n, D)
    is_gap: np.ndarray  # (n,) bool: no sample near enough on both sides


class Held(NamedTuple):
    """Index of the last sample at or before each instant of a grid."""

    index: np.ndarray  # (n,) i64, -1 none
    age_s: np.ndarray  # (n,) f64, inf without one


def grid_between(first_ns: int, last_ns: int) -> np.ndarray:
    """Whole tenths of a second within [first, last]."""
    low, high = -(-first_ns // STEP_NS), last_ns // STEP_NS
    return np.arange(low, high + 1, dtype=np.int64) * STEP_NS


def interpolate(stamp_ns: np.ndarray, values: np.ndarray, grid_ns: np.ndarray, max_gap_s: float) -> Aligned:
    """Linear between the neighbours of each instant; values (m, D)."""
    before, share, is_gap = _neighbours(stamp_ns, grid_ns, max_gap_s)
    after = np.minimum(before + 1, len(stamp_ns) - 1)
    a, b = values[before], values[after]
    return Aligned(np.where(share[:, None] > 0.0, a + share[:, None] * (b - a), a), is_gap)


def interpolate_angles(stamp_ns: np.ndarray, angles: np.ndarray, grid_ns: np.ndarray, max_gap_s: float) -> Aligned:
    """The short way round between neighbours; angles (m, D) rad -> (-pi, pi]."""
    before, share, is_gap = _neighbours(stamp_ns, grid_ns, max_gap_s)
    after = np.minimum(before + 1, len(stamp_ns) - 1)
    turn = wrap(angles[after] - angles[before])
    return Aligned(wrap(angles[before] + share[:, None] * turn), is_gap)


def slerp(stamp_ns: np.ndarray, quaternions: np.ndarray, grid_ns: np.ndarray, max_gap_s: float) -> Aligned:
    """Spherical interpolation of (m, 4) unit quaternions, along the shorter arc."""
    before, share, is_gap = _neighbours(stamp_ns, grid_ns, max_gap_s)
    a = quaternions[before]
    b = quaternions[np.minimum(before + 1, len(stamp_ns) - 1)]
    dot = (a * b).sum(axis=1)
    b = np.where(dot[:, None] < 0.0, -b, b)  # q and -q are one rotation
    angle = np.arccos(np.clip(np.abs(dot), 0.0, 1.0))
    sine = np.sin(angle)
    small = sine < 1e-9
    safe = np.where(small, 1.0, sine)
    wa = np.where(small, 1.0 - share, np.sin((1.0 - share) * angle) / safe)
    wb = np.where(small, share, np.sin(share * angle) / safe)
    return Aligned(wa[:, None] * a + wb[:, None] * b, is_gap)


def hold(stamp_ns: np.ndarray, grid_ns: np.ndarray) -> Held:
    """Zero-order hold: no look-ahead."""
    index = np.searchsorted(stamp_ns, grid_ns, side="right") - 1
    age = (grid_ns - stamp_ns[np.maximum(index, 0)]) * 1e-9
    return Held(index, np.where(index >= 0, age, np.inf))


def mean_over_steps(stamp_ns: np.ndarray, values: np.ndarray, grid_ns: np.ndarray) -> np.ndarray:
    """(n, D) mean of the samples within [t, t + 0.1 s) of each instant; where there is none, the last one before."""
    first = np.searchsorted(stamp_ns, grid_ns, side="left")
    end = np.searchsorted(stamp_ns, grid_ns + STEP_NS, side="left")
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    count = (end - first)[:, None]
    only = np.minimum(first, len(values) - 1)
    held = values[np.maximum(first - 1, 0)]
    changed = np.concatenate([[0], np.cumsum((np.diff(values, axis=0) != 0.0).any(axis=1))])
    is_level = changed[np.maximum(end - 1, 0)] == changed[only]  # equal samples give themselves, not a rounded mean
    mean = np.where(is_level[:, None], values[only], (total[end] - total[first]) / np.maximum(count, 1))
    return np.where(count == 0, held, mean)


def yaw_of(quaternions: np.ndarray) -> np.ndarray:
    """(n,) heading of (n, 4) x, y, z, w."""
    x, y, z, w = quaternions.T
    return np.arctan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))


def wrap(angle: np.ndarray) -> np.ndarray:
    """Angles brought to (-pi, pi]."""
    return -((-angle + np.pi) % (2.0 * np.pi) - np.pi)


def _neighbours(stamp_ns: np.ndarray, grid_ns: np.ndarray, max_gap_s: float):
    """Index of the sample before each instant, the instant's share of the way to the next, and where that is a gap."""
    before = np.clip(np.searchsorted(stamp_ns, grid_ns, side="right") - 1, 0, len(stamp_ns) - 1)
    after = np.minimum(before + 1, len(stamp_ns) - 1)
    span = stamp_ns[after] - stamp_ns[before]
    since = grid_ns - stamp_ns[before]
    share = np.where(span > 0, since / np.maximum(span, 1), 0.0)
    outside = (since < 0) | ((span == 0) & (since > 0))
    is_gap = outside | ((span > max_gap_s * 1e9) & (since > 0))
    return before, np.clip(share, 0.0, 1.0), is_gap
