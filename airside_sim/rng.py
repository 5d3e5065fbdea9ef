"""One 64-bit generator word per env: SplitMix64 (Steele, Lea & Flood 2014), advanced only by that env.

The word lives in `World.rng[e]`, so a snapshot holds it and the batch position, thread count or autoreset cannot
change an episode. All functions take the `(E,)` uint64 array and the env index.
"""

import math

import numpy as np

from airside_sim.jit import njit

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)


@njit
def mix64(word):
    """Bijective finaliser of SplitMix64: uint64 -> uint64."""
    z = np.uint64(word)
    z = (z ^ (z >> np.uint64(30))) * _MIX_A
    z = (z ^ (z >> np.uint64(27))) * _MIX_B
    return z ^ (z >> np.uint64(31))


@njit
def seed_word(seed):
    """Generator word of an episode seed (int >= 0)."""
    return mix64(np.uint64(seed) * np.uint64(2) + _GOLDEN)


@njit
def next_u64(rng, e):
    rng[e] = rng[e] + _GOLDEN
    return mix64(rng[e])


@njit
def uniform(rng, e):
    """float64 in [0, 1), 53 bits."""
    return float(next_u64(rng, e) >> np.uint64(11)) * 1.1102230246251565e-16


@njit
def uniform_range(rng, e, low, high):
    return low + (high - low) * uniform(rng, e)


@njit
def randint(rng, e, n):
    """Integer in [0, n); n >= 1."""
    k = int(uniform(rng, e) * n)
    return min(k, n - 1)


@njit
def normal(rng, e):
    """Standard normal by Box-Muller (one of the pair is dropped: no hidden state)."""
    u = 1.0 - uniform(rng, e)
    v = uniform(rng, e)
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)
