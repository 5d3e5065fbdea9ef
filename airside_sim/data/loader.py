"""Batches of windows from datasets of any size, the same for a seed whatever the source and the number of workers.

    loader = WindowLoader(FileSource("demo.h5"), length=64, batch_size=16, seed=0)
    for batch in loader.batches():
        batch["bev"]  # (16, 64, 34, S, S / 8) u8, packed: unpack on the training device

A window begins at any step, all steps of the dataset equally likely; one that reaches over its episode's end is padded
with zeros, and `mask` is the only truth about which rows are real. Weights per episode make some steps likelier.
"""

import itertools
import queue
import threading
from collections.abc import Iterator, Sequence

import numpy as np

from airside_sim.data.alignment import gym_rows, record_rows
from airside_sim.data.sources import Source
from airside_sim.envs.recycler import Recycler
from airside_sim.resources import did_you_mean

ORDERS = ("dreamer", "gym", "tdmpc2")
USUAL_LEAVES = ("state", "action", "reward", "cost", "terminated", "truncated")
Batch = dict[str, np.ndarray]


class WindowLoader:
    """Draws batches of windows.

    Args:
        source: rows of the dataset.
        length: rows in a window.
        batch_size: windows in a batch.
        seed: batch k depends on this and k alone.
        order: "dreamer", "gym" (observations have `length` + 1 rows) or "tdmpc2"; see `alignment`.
        leaves: arrays to give beside `bev`.
        with_bev: give frames, packed.
        weights: (E,) how much likelier each episode's steps are.
    """

    def __init__(
        self, source: Source, *, length: int = 64, batch_size: int = 16, seed: int = 0, order: str = "dreamer",
        leaves: Sequence[str] = USUAL_LEAVES, with_bev: bool = True, weights: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        if order not in ORDERS:
            raise ValueError(f"order={order!r} is not allowed{did_you_mean(order, list(ORDERS))}")
        if len(source.lengths) == 0:
            raise ValueError("the dataset has no episode (in this split)")
        if length < 1 or batch_size < 1:
            raise ValueError(f"length={length}, batch_size={batch_size}: at least 1 is needed")
        self.source, self.length, self.batch_size, self.seed, self.order = source, length, batch_size, seed, order
        needed = ("action", "terminated", "truncated")
        self.leaves = tuple(dict.fromkeys((*leaves, *needed)))
        self._frame_shape = source.frame_shape() if with_bev else ()
        share = source.lengths * (np.ones(len(source.lengths)) if weights is None else np.asarray(weights, np.float64))
        if not (share >= 0.0).all() or share.sum() <= 0.0:
            raise ValueError("weights: numbers of at least 0, one above it, are needed")
        self._bounds = np.cumsum(share) / share.sum()
        self._frames: Recycler | None = None

    def windows(self, k: int) -> list[tuple[int, int]]:
        """(episode, first row) of batch k's windows."""
        rng = np.random.default_rng([self.seed, k])
        drawn = rng.random((self.batch_size, 2))
        episodes = np.minimum(np.searchsorted(self._bounds, drawn[:, 0], side="right"), len(self._bounds) - 1)
        starts = (drawn[:, 1] * self.source.lengths[episodes]).astype(np.int64)
        return list(zip(episodes.tolist(), starts.tolist(), strict=True))

    def batch(self, k: int) -> Batch:
        """Batch k: every array leads with (batch, time)."""
        windows = self.windows(k)
        rows = [self._rows(i, start) for i, start in windows]
        batch = {name: np.stack([one[name] for one in rows]) for name in rows[0]}
        if self._frame_shape:
            batch["bev"] = self._draw_frames(windows)
        return batch

    def batches(self, *, first: int = 0, step: int = 1, prefetch: int = 2) -> Iterator[Batch]:
        """Batches first, first + step ... without end; a thread makes `prefetch` of them ahead (0: none)."""
        numbers = itertools.count(first, step)
        if prefetch == 0:
            return (self.batch(k) for k in numbers)
        return _ahead(self, numbers, prefetch)

    def _rows(self, i: int, start: int) -> Batch:
        leaves = {name: self.source.leaf(i, name) for name in self.leaves}
        if self.order == "gym":
            return gym_rows(leaves, start, self.length)
        return record_rows(leaves, start, self.length, nan_first=self.order == "tdmpc2")

    def _draw_frames(self, windows: list[tuple[int, int]]) -> np.ndarray:
        """(B, L, 34, S, S / 8), or L + 1 in gym order; memory of batches that were let go of is used again."""
        count = self.length + (self.order == "gym")
        if self._frames is None:
            self._frames = Recycler((self.batch_size, count, *self._frame_shape))
        out = self._frames.take()
        for row, (i, start) in zip(out, windows, strict=True):
            real = min(count, int(self.source.lengths[i]) + 1 - start)
            self.source.frames(i, start, row[:real])
            row[real:] = 0
        return out

    def __getstate__(self) -> dict:
        return self.__dict__ | {"_frames": None}


def _ahead(loader: WindowLoader, numbers: Iterator[int], prefetch: int) -> Iterator[Batch]:
    """Batches made by a thread; an error in it is raised where the batch would have come."""
    made: queue.Queue[Batch | BaseException] = queue.Queue(maxsize=prefetch)
    is_over = threading.Event()

    def work() -> None:
        for k in numbers:
            try:
                result: Batch | BaseException = loader.batch(k)
            except Exception as error:
                result = error
            while not is_over.is_set():
                try:
                    made.put(result, timeout=0.1)
                    break
                except queue.Full:
                    continue
            if is_over.is_set() or isinstance(result, BaseException):
                return

    thread = threading.Thread(target=work, name="airside-loader", daemon=True)
    thread.start()
    try:
        while True:
            result = made.get()
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        is_over.set()
        thread.join()
