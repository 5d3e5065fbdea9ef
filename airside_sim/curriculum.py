"""Curriculum: scenarios that are failed more often are drawn more often (Think2Drive, 2024, sec. 3.4).

A scenario's failure rate is a moving average over its finished episodes, 1 before the first: what has not been tried
comes first. Its chance is that rate as a share of all, over a floor that keeps what is solved from being forgotten.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

CURRICULA = ("uniform", "failure_rate")
MEMORY = 0.05  # weight of the newest episode
FLOOR = 0.3  # share of the episodes that are drawn evenly


class Curriculum:
    """Failure rates of `labels`, and the chances that follow from them.

    `chance` (S,) f64 is written in place: cumulative, as `EpisodeSetup.chance` is read by the reset.
    """

    def __init__(self, labels: Sequence[str], chance: np.ndarray) -> None:
        self.labels = tuple(labels)
        self._chance = chance
        self._rate = np.ones(len(self.labels))
        self._write()

    def failure_rates(self) -> dict[str, float]:
        """Moving average of the share of failed episodes, by scenario."""
        return dict(zip(self.labels, self._rate.tolist(), strict=True))

    def chances(self) -> dict[str, float]:
        """Probability of each scenario at the next reset."""
        return dict(zip(self.labels, np.diff(self._chance, prepend=0.0).tolist(), strict=True))

    def update(self, scenario: np.ndarray, success: np.ndarray) -> None:
        """Take over finished episodes, (n,) indices and (n,) bool, in this order."""
        for k, won in zip(scenario.astype(int), success, strict=True):
            self._rate[k] += MEMORY * ((0.0 if won else 1.0) - self._rate[k])
        self._write()

    def get_state(self) -> dict[str, Any]:
        """What decides the chances, JSON-serialisable."""
        return {"failure_rate": self._rate.tolist()}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from `get_state()`."""
        self._rate[:] = state["failure_rate"]
        self._write()

    def _write(self) -> None:
        even = np.full(len(self._rate), 1.0 / len(self._rate))
        total = self._rate.sum()
        by_rate = self._rate / total if total > 0.0 else even
        self._chance[:] = np.cumsum(FLOOR * even + (1.0 - FLOOR) * by_rate)
        self._chance[-1] = 1.0
