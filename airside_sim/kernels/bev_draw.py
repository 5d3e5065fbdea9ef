"""Shapes drawn straight into bit rows: convex polygons, discs and single pixels, as ranges of bits.

A plane is 128 rows of two 64-bit words whose bytes are `np.packbits` order (pixel 0 = highest bit of byte 0), so a
packed observation is this memory itself and a span of pixels is two table look-ups and two ORs.
Coordinates are pixels: u to the right, v downwards, pixel (r, c) has its centre at u = c + 0.5, v = r + 0.5.
"""

import math
import sys

import numpy as np

from airside_sim.constants import BEV_SIZE
from airside_sim.jit import njit

MAX_VERTICES = 16
_FAR = 1.0e9

assert sys.byteorder == "little", "the bit planes rely on little-endian words"


def _from_column_masks() -> np.ndarray:
    """(129, 2) u64: words of a row whose pixels c, c + 1 ... 127 are set."""
    bits = np.arange(BEV_SIZE)[None, :] >= np.arange(BEV_SIZE + 1)[:, None]
    return np.packbits(bits, axis=-1, bitorder="big").view(np.uint64)


FROM_COLUMN = _from_column_masks()


@njit
def _set_span(words, plane, count, r, low_u, high_u):
    """Set the pixels of row r whose centres lie in [low_u, high_u], in `count` planes from `plane` on."""
    first = int(min(max(low_u + 0.5, 0.0), 128.0))
    end = int(min(max(high_u + 0.5, 0.0), 128.0))
    mask0 = FROM_COLUMN[first, 0] & ~FROM_COLUMN[end, 0]
    mask1 = FROM_COLUMN[first, 1] & ~FROM_COLUMN[end, 1]
    for p in range(plane, plane + count):
        words[p, r, 0] |= mask0
        words[p, r, 1] |= mask1


@njit
def set_pixel(words, plane, count, u, v):
    """Set the pixel that holds (u, v), if it is on the image."""
    if 0.0 <= u < 128.0 and 0.0 <= v < 128.0:
        c, r = int(u), int(v)
        mask0 = FROM_COLUMN[c, 0] & ~FROM_COLUMN[c + 1, 0]
        mask1 = FROM_COLUMN[c, 1] & ~FROM_COLUMN[c + 1, 1]
        for p in range(plane, plane + count):
            words[p, r, 0] |= mask0
            words[p, r, 1] |= mask1


@njit
def fill_disc(words, plane, count, u, v, radius):
    """Set every pixel whose centre is within `radius` (pixels) of (u, v)."""
    first = max(0, math.ceil(v - radius - 0.5))
    last = min(BEV_SIZE - 1, math.floor(v + radius - 0.5))
    for r in range(first, last + 1):
        dv = r + 0.5 - v
        half_chord = math.sqrt(max(radius * radius - dv * dv, 0.0))
        _set_span(words, plane, count, r, u - half_chord, u + half_chord)


@njit
def fill_polygon(words, plane, count, vert, n, span):
    """Set every pixel whose centre is inside the convex polygon `vert` (2, MAX_VERTICES) = (u, v), either winding.

    `span` (2, 128) is scratch. An edge owns the rows with v_low <= centre < v_high, so each row meets two edges.
    """
    u_min = u_max = vert[0, 0]
    v_min = v_max = vert[1, 0]
    for i in range(1, n):
        u_min, u_max = min(u_min, vert[0, i]), max(u_max, vert[0, i])
        v_min, v_max = min(v_min, vert[1, i]), max(v_max, vert[1, i])
    if u_max < 0.5 or u_min > 127.5 or v_max < 0.5 or v_min > 127.5:
        return
    first = max(0, math.ceil(v_min - 0.5))
    last = min(BEV_SIZE - 1, math.ceil(v_max - 0.5) - 1)
    for r in range(first, last + 1):
        span[0, r] = _FAR
        span[1, r] = -_FAR
    j = n - 1
    for i in range(n):
        _trace_edge(vert[0, j], vert[1, j], vert[0, i], vert[1, i], first, last, span)
        j = i
    for r in range(first, last + 1):
        _set_span(words, plane, count, r, span[0, r], span[1, r])


@njit
def _trace_edge(ua, va, ub, vb, first, last, span):
    """Widen the row spans by the edge a-b where it crosses the row centres."""
    if va > vb:
        ua, va, ub, vb = ub, vb, ua, va
    start = max(first, math.ceil(va - 0.5))
    end = min(last, math.ceil(vb - 0.5) - 1)
    if start > end:
        return
    slope = (ub - ua) / (vb - va)
    for r in range(start, end + 1):
        u = ua + (r + 0.5 - va) * slope
        span[0, r] = min(span[0, r], u)
        span[1, r] = max(span[1, r], u)
