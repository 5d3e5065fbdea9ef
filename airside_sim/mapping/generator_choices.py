"""Random choices that all generated layouts share: which letters stand in a row, where depots find room."""

from collections.abc import Sequence

import numpy as np

from airside_sim.mapping.areas import TAXILANE_OBJECT_M
from airside_sim.mapping.generator_blocks import ROAD_M, row_length

LETTER_WEIGHTS = {"B": 0.08, "C": 0.6, "D": 0.1, "E": 0.22}  # main letter of a side: the world's fleet, roughly
PUSH_ROOM_M = {"B": 30.0, "C": 40.0, "D": 60.0, "E": 72.0}  # kept beside the last stand where a taxilane ends
DEPOT_KINDS = ("fuel_depot", "gse_parking", "catering", "gse_parking", "bus_station", "gate", "fuel_depot")
MIN_NODE_GAP_M = 46.0  # between junctions along a road, so that a train fits between


def main_letter(rng: np.random.Generator) -> str:
    """The letter that most stands of a side have."""
    letters = list(LETTER_WEIGHTS)
    return letters[int(rng.choice(len(letters), p=list(LETTER_WEIGHTS.values())))]


def fill_row(rng: np.random.Generator, letter: str, length_m: float) -> tuple[str, ...]:
    """As many stands as fit into a row (callers keep room for two); one in eight is of the next smaller letter."""
    smaller = {"B": "B", "C": "B", "D": "C", "E": "C"}[letter]
    codes: tuple[str, ...] = ()
    while True:
        code = smaller if rng.random() < 0.125 else letter
        if row_length((*codes, code)) > length_m:
            return codes
        codes = (*codes, code)


def largest(codes: Sequence[str]) -> str:
    """The largest letter of several."""
    return max(codes)


def dead_end_m(road_m: float, letter: str) -> float:
    """Where a taxilane may end before a road that runs across its head."""
    return road_m + ROAD_M / 2 + TAXILANE_OBJECT_M[letter] + 4.0


def spread(rng: np.random.Generator, low: float, high: float, taken: Sequence[float], wanted: int) -> list[float]:
    """Up to `wanted` places in [low, high], each MIN_NODE_GAP_M away from `taken` and from one another, sorted."""
    found: list[float] = []
    for place in rng.uniform(low, high, 60 * wanted) if high > low else ():
        if len(found) < wanted and all(abs(place - other) >= MIN_NODE_GAP_M for other in (*taken, *found)):
            found.append(round(float(place), 1))
    return sorted(found)


def some_of(rng: np.random.Generator, places: Sequence[float], wanted: int) -> list[float]:
    """Up to `wanted` of the places, sorted: depots opposite access lanes share their junctions."""
    chosen = rng.permutation(len(places))[:wanted]
    return sorted(places[int(i)] for i in chosen)


def label_depots(rng: np.random.Generator, count: int, kinds: Sequence[str], prefix: str) -> list[tuple[str, str]]:
    """(kind, label) of `count` depots; kinds in turn from a random start, labels numbered."""
    start = int(rng.integers(len(kinds)))
    chosen = [kinds[(start + i) % len(kinds)] for i in range(count)]
    return [(kind, f"{prefix} {kind.replace('_', ' ')} {i + 1}") for i, kind in enumerate(chosen)]
