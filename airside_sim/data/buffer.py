"""The episode that one env is driving, row by row, until it is an `Episode`."""

from typing import Any

import numpy as np

from airside_sim.constants import DT_S
from airside_sim.data.chunks import ChunkedFrames
from airside_sim.data.episode import Episode, EpisodeMeta

FIRST_CAPACITY = 512
STEP_NS = round(DT_S * 1e9)


class Rows:
    """An array that grows along its first axis."""

    def __init__(self, shape: tuple[int, ...], dtype: type) -> None:
        self._data: np.ndarray = np.empty((FIRST_CAPACITY, *shape), dtype)
        self._num = 0

    def append(self, row: Any) -> None:
        if self._num == len(self._data):
            self._data = np.concatenate([self._data, np.empty_like(self._data)])
        self._data[self._num] = row
        self._num += 1

    def array(self) -> np.ndarray:
        return self._data[: self._num].copy()


class EpisodeBuffer:
    """Rows of one episode: `observe` once at its start and once after every `step`."""

    def __init__(self, num_reward: int, num_cost: int, codec: str, facts: dict[str, Any]) -> None:
        self.facts = facts  # fields of `EpisodeMeta` that are known at the start
        self.num_steps = 0
        self._codec = codec
        self._bev: ChunkedFrames | None = None
        self._observed: dict[str, Rows] = {}
        self._step = {
            "action": Rows((2,), np.float32),
            "clean_action": Rows((2,), np.float32),
            "reward": Rows((), np.float32),
            "cost": Rows((), np.float32),
            "reward_terms": Rows((num_reward,), np.float32),
            "cost_terms": Rows((num_cost,), np.float32),
        }

    def observe(self, **rows: np.ndarray) -> None:
        """Add an observation: `bev` (packed, optional), `state`, `objects` (optional), `pose`."""
        bev = rows.pop("bev", None)
        if bev is not None:
            self._bev = self._bev or ChunkedFrames(self._codec)
            self._bev.append(bev)
        for name, row in rows.items():
            if name not in self._observed:
                self._observed[name] = Rows(row.shape, row.dtype.type)
            self._observed[name].append(row)

    def step(self, **rows: Any) -> None:
        """Add what was done and paid between two observations: every per-step leaf."""
        for name, row in rows.items():
            self._step[name].append(row)
        self.num_steps += 1

    def finish(self, is_terminated: bool, **facts: Any) -> Episode:
        """The episode, ended by the world or else cut; `facts` are the fields of `EpisodeMeta` known at its end."""
        arrays = {name: rows.array() for name, rows in (self._observed | self._step).items()}
        if np.array_equal(arrays["clean_action"], arrays["action"]):
            arrays.pop("clean_action")
        last = np.arange(self.num_steps) == self.num_steps - 1
        return Episode(
            **arrays,
            bev=self._bev,
            terminated=last & is_terminated,
            truncated=last & (not is_terminated),
            stamp_ns=np.arange(self.num_steps + 1, dtype=np.int64) * STEP_NS,
            valid=np.ones(self.num_steps + 1, bool),
            meta=EpisodeMeta(**(self.facts | facts)),
        )
