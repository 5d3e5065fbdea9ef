"""Action spaces, and the border check of actions: shape, finiteness, range."""

from typing import Any

import numpy as np
from gymnasium import spaces

NUM_DISCRETE = 30


def action_space(action_type: str) -> spaces.Space:
    """Space of one env: Box([-1, 0], [1, 1]) = (steering, velocity), or Discrete(30)."""
    if action_type == "discrete":
        return spaces.Discrete(NUM_DISCRETE)
    return spaces.Box(np.array([-1.0, 0.0], np.float32), np.array([1.0, 1.0], np.float32), dtype=np.float32)


def write_continuous(action: Any, out: np.ndarray) -> None:
    """Check actions of `out`'s shape, (2,) or (n, 2), and store them clipped; ValueError says what is wrong."""
    given = np.asarray(action, dtype=np.float64)
    if given.shape != out.shape:
        raise ValueError(f"action has shape {given.shape}; {out.shape} = (steering, velocity) is needed")
    if not np.isfinite(given).all():
        raise ValueError(f"action {given.tolist()} is not finite: steering in [-1, 1], velocity in [0, 1]")
    np.clip(given, _LOW, _HIGH, out=out)


def write_discrete(action: Any, out: np.ndarray) -> None:
    """Check action indices and store them in column 0 of `out`, (2,) or (n, 2)."""
    given = np.asarray(action)
    if given.dtype.kind not in "iu":
        raise ValueError(f"action {action!r} is not a whole number from 0 to {NUM_DISCRETE - 1}")
    if given.shape != out.shape[:-1]:
        raise ValueError(f"action has shape {given.shape}; {out.shape[:-1]} (one index an env) is needed")
    if (given < 0).any() or (given >= NUM_DISCRETE).any():
        raise ValueError(f"action {given.tolist()} is outside 0..{NUM_DISCRETE - 1}")
    out[..., 0] = given
    out[..., 1] = 0.0


_LOW = np.array([-1.0, 0.0])
_HIGH = np.array([1.0, 1.0])
