"""One number for an agent on a suite: hard gates times quality, random at 0, expert at 100.

An episode is worth gate x quality. The gate is 0 after contact with an aircraft, a person, a vehicle or a structure,
after driving into a jet blast or an intake, and after an unauthorised crossing or runway entry; else 1. Quality is

    progress w0 + completion (clearance w1 + comfort w2 + zone speed w3 + right of way w4 + efficiency w5)

so that manners count only along the way that was driven. A suite is worth the interquartile mean over its episodes
(Agarwal et al. 2021), with intervals from resampled entries and, within them, episodes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from agents.evaluation.measure import EpisodeRow

GATES = ("collision_aircraft", "collision_personnel", "collision_vehicle", "collision_structure",
         "crossing_violation", "runway_incursion")  # fmt: skip
NO_MANNERS = (*GATES, "off_pavement", "off_route")  # hard events: gates, or seen in progress
TRIM = 0.25


@dataclass(frozen=True)
class ScoreWeights:
    """Shares of quality; they add up to 1."""

    progress: float = 0.40  # half for the share of the route, half for success
    clearance: float = 0.15  # exp(-cost/proximity / soft_scale)
    comfort: float = 0.10  # share of moving ticks with |jerk| <= 5 m/s^3 and |lateral acceleration| <= 2 m/s^2
    zone_speed: float = 0.10  # exp(-cost/speed / soft_scale)
    right_of_way: float = 0.15  # exp(-all other soft cost/* terms / soft_scale): hazard zones and every rule
    efficiency: float = 0.10  # time at the limits / time taken

    def __post_init__(self) -> None:
        """Shares of one whole."""
        values = [getattr(self, f.name) for f in fields(self)]
        if min(values) < 0.0 or not math.isclose(sum(values), 1.0):
            raise ValueError(f"ScoreWeights must not be negative and must add up to 1: {self}")


WEIGHTS = ScoreWeights()
SOFT_SCALE = 0.05  # soft cost that takes a term to 37 %: 2.5 s of full violation at 0.02 per s


def gate(row: EpisodeRow) -> float:
    """1 while nothing happened that must never happen, else 0."""
    broken = row.failed or row.entered_blast or any(row.costs.get(f"cost/{name}", 0.0) > 0.0 for name in GATES)
    return 0.0 if broken else 1.0


def quality(row: EpisodeRow, weights: ScoreWeights = WEIGHTS) -> float:
    """0..1: how far and how well."""
    terms = {key.removeprefix("cost/"): value for key, value in row.costs.items()}
    proximity, speeding = terms.pop("proximity", 0.0), terms.pop("speed", 0.0)
    others = sum(value for name, value in terms.items() if name not in NO_MANNERS)
    manners = (
        weights.clearance * math.exp(-proximity / SOFT_SCALE)
        + weights.comfort * row.comfort
        + weights.zone_speed * math.exp(-speeding / SOFT_SCALE)
        + weights.right_of_way * math.exp(-others / SOFT_SCALE)
        + weights.efficiency * row.efficiency
    )
    return weights.progress * 0.5 * (row.completion + float(row.success)) + row.completion * manners


def worth(row: EpisodeRow) -> float:
    """Gate times quality, 0..1."""
    return gate(row) * quality(row)


def interquartile_mean(values: np.ndarray) -> np.ndarray:
    """Mean of the middle half along the last axis: `scipy.stats.trim_mean(values, 0.25)`."""
    ordered = np.sort(values, axis=-1)
    cut = int(TRIM * ordered.shape[-1])
    return ordered[..., cut : ordered.shape[-1] - cut].mean(axis=-1)


def resampled(groups: Sequence[np.ndarray], count: int, seed: int = 0) -> np.ndarray:
    """(count,) interquartile means of samples drawn with replacement: entries first, then episodes of each.

    groups: per entry its episodes' worths; all entries have the same number of episodes.
    """
    table = np.stack([np.asarray(g, np.float64) for g in groups])  # (entries, episodes)
    rng = np.random.Generator(np.random.PCG64(seed))
    entries, episodes = table.shape
    rows = rng.integers(0, entries, (count, entries, 1))
    columns = rng.integers(0, episodes, (count, entries, episodes))
    return interquartile_mean(table[rows, columns].reshape(count, -1))


@dataclass(frozen=True)
class Normalised:
    """A score with its 95 % interval."""

    score: float
    low: float
    high: float


def normalise(groups: Sequence[np.ndarray], floor: float, ceiling: float, count: int = 2000) -> Normalised:
    """Score of an agent: `floor` (random's interquartile mean) is 0, `ceiling` (the expert's) is 100."""
    if not ceiling > floor:
        nan = float("nan")
        return Normalised(nan, nan, nan)
    values = np.concatenate([np.asarray(g, np.float64) for g in groups])
    low, high = np.quantile(resampled(groups, count), [0.025, 0.975])

    def scaled(x: float) -> float:
        return float(100.0 * ((x - floor) / (ceiling - floor)))

    return Normalised(scaled(float(interquartile_mean(values))), scaled(float(low)), scaled(float(high)))
