"""The two orders in which learners read steps, made from a window of an episode.

gym order: row t leads from observation t to observation t + 1, so there is one more observation than steps.
Record order (Dreamer, TD-MPC2): record t holds observation t and the action and reward that led to it. The first record
of an episode has no such action: zeros for Dreamer, NaN for TD-MPC2, which also drops what lies before its window.
"""

import numpy as np

PER_STEP = ("action", "clean_action", "reward", "cost", "reward_terms", "cost_terms", "terminated", "truncated")


def gym_rows(leaves: dict[str, np.ndarray], start: int, length: int) -> dict[str, np.ndarray]:
    """Steps start .. start + length of an episode, padded with zeros, and one observation more; `mask` marks the real.

    `leaves` are whole arrays (T, ...) and (T + 1, ...); `is_first` and `is_last` mark the episode's own ends.
    """
    steps = len(leaves["action"])
    real = min(length, steps - start)
    rows = {}
    for name, array in leaves.items():
        more = 0 if name in PER_STEP else 1
        rows[name] = _padded(array[start : start + real + more], length + more)
    rows["mask"] = np.arange(length) < real
    rows["obs_mask"] = np.arange(length + 1) <= real
    rows["is_first"] = np.arange(start, start + length) == 0
    rows["is_last"] = np.arange(start, start + length) == steps - 1
    return rows


def record_rows(leaves: dict[str, np.ndarray], start: int, length: int, *, nan_first: bool) -> dict[str, np.ndarray]:
    """Records start .. start + length of an episode's T + 1, padded with zeros; `mask` marks the real.

    With `nan_first` (TD-MPC2) the action, reward and cost of the window's first record are NaN, wherever it begins.
    `is_terminal` is `terminated` of the step that led here; a truncated end is `is_last` but not terminal.
    """
    steps = len(leaves["action"])
    real = min(length, steps + 1 - start)
    led = np.arange(start, start + real) - 1  # the step that led to each record
    rows = {}
    for name, array in leaves.items():
        if name not in PER_STEP:
            rows[name] = _padded(array[start : start + real], length)
            continue
        shifted = array[np.maximum(led, 0)]
        shifted[led < 0] = 0
        if nan_first and array.dtype.kind == "f":
            shifted[0] = np.nan
        rows[name] = _padded(shifted, length)
    rows["is_terminal"] = rows.pop("terminated")
    rows.pop("truncated")
    rows["mask"] = np.arange(length) < real
    rows["is_first"] = np.arange(start, start + length) == 0
    rows["is_last"] = np.arange(start, start + length) == steps
    return rows


def _padded(rows: np.ndarray, length: int) -> np.ndarray:
    if len(rows) == length:
        return rows
    out = np.zeros((length, *rows.shape[1:]), rows.dtype)
    out[: len(rows)] = rows
    return out
