"""Bit planes to their final form: exact 2 x 2 max-pools on bits, and bits to bytes of 0 or 255."""

import numpy as np

from airside_sim.jit import njit
from airside_sim.native_store import stream_bits

_PAIRS = np.uint64(0x5555555555555555)
_NIBBLE2 = np.uint64(0x3333333333333333)
_NIBBLE4 = np.uint64(0x0F0F0F0F0F0F0F0F)
_BYTES = np.uint64(0x00FF00FF00FF00FF)
_SHORTS = np.uint64(0x0000FFFF0000FFFF)
_INT = np.uint64(0x00000000FFFFFFFF)


@njit
def halve_word(word):
    """OR neighbouring pixels of 64 (packbits order in memory, little endian) -> 32 pixels in the low half."""
    one, two, four, eight, sixteen = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(8), np.uint64(16)
    t = (word | (word >> one)) & _PAIRS  # pixel pair (7, 6), (5, 4) ... of a byte at bits 6, 4, 2, 0
    t = (t | (t >> one)) & _NIBBLE2
    t = (t | (t >> two)) & _NIBBLE4  # a nibble a byte
    t = ((t << four) | (t >> eight)) & _BYTES  # first byte of a pair is the high nibble
    t = (t | (t >> eight)) & _SHORTS
    return (t | (t >> sixteen)) & _INT


@njit
def pool_to_64(words, out):
    """words (C, 128, 2) -> out (C * 64,) u64, one word a row; `out` may be the start of `words`."""
    shift = np.uint64(32)
    for c in range(words.shape[0]):
        for r in range(64):
            left = words[c, 2 * r, 0] | words[c, 2 * r + 1, 0]
            right = words[c, 2 * r, 1] | words[c, 2 * r + 1, 1]
            out[c * 64 + r] = halve_word(left) | (halve_word(right) << shift)


@njit
def pool_to_32(planes, rows, out):
    """rows (planes * 64,) -> out (planes * 16,) u64, two rows of 32 pixels a word; `out` may be the start of `rows`."""
    shift = np.uint64(32)
    for k in range(planes * 16):
        upper = halve_word(rows[4 * k] | rows[4 * k + 1])
        lower = halve_word(rows[4 * k + 2] | rows[4 * k + 3])
        out[k] = upper | (lower << shift)


@njit
def expand(words, num_words, out):
    """Bits -> bytes of 0 or 255. words (>= num_words,) u64, out (8 * num_words,) u64 (written past the cache)."""
    for k in range(num_words):
        stream_bits(out, k, words[k])
