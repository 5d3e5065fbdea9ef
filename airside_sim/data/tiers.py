"""Named qualities of recorded driving: who drives which share of the transitions, and how many there are.

The one table behind `airside record --driver`, the shipped sample and the documentation. A driver's name is a tier of
its own; `mixed` is short for `mixed-small`.
"""

from typing import NamedTuple

from airside_sim.drivers import DRIVER_NAMES
from airside_sim.resources import did_you_mean

# Shares of transitions, after the mixed sets of offline driving work: most of it good, enough of it bad to learn cost.
MIX = {"expert": 0.35, "cautious": 0.20, "noisy": 0.20, "aggressive": 0.15, "random": 0.10}


class Tier(NamedTuple):
    """What `airside record --driver TIER` records unless told otherwise."""

    shares: dict[str, float]  # of the transitions, by driver; sum 1
    steps: int


TIERS: dict[str, Tier] = {
    "expert": Tier({"expert": 1.0}, 100_000),
    "cautious": Tier({"cautious": 1.0}, 100_000),
    "aggressive": Tier({"aggressive": 1.0}, 100_000),
    "noisy": Tier({"noisy": 1.0}, 100_000),
    "random": Tier({"random": 1.0}, 100_000),
    "mixed-small": Tier(MIX, 100_000),
    "mixed-large": Tier(MIX, 1_000_000),
}


def tier_of(name: str) -> Tier:
    """A tier, a driver's name, or ValueError that names the nearest."""
    name = "mixed-small" if name == "mixed" else name
    if name in TIERS:
        return TIERS[name]
    if name in DRIVER_NAMES:
        return Tier({name: 1.0}, 100_000)
    raise ValueError(f"unknown driver '{name}'{did_you_mean(name, sorted({*TIERS, *DRIVER_NAMES, 'mixed'}))}")


def read_shares(texts: tuple[str, ...]) -> dict[str, float]:
    """`("expert=0.7", "random=0.3")` as shares that sum to 1; ValueError says what is wrong."""
    shares: dict[str, float] = {}
    for text in texts:
        name, _, number = text.partition("=")
        try:
            share = float(number)
        except ValueError as error:
            raise ValueError(f"fractions: '{text}' is not NAME=NUMBER") from error
        if name not in DRIVER_NAMES:
            raise ValueError(f"fractions: unknown driver '{name}'{did_you_mean(name, list(DRIVER_NAMES))}")
        if not 0.0 < share < float("inf") or name in shares:
            raise ValueError(f"fractions: '{text}': each driver once, with a number above 0")
        shares[name] = share
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}
