"""Static layers of the bird's-eye view: read the map's byte raster along the rotated pixel grid, into bit planes.

A raster cell is one byte whose bit c is BEV channel c (0..7). Sixty-four pixels are gathered as eight 64-bit words and
transposed bit by bit, which gives one word of each of the eight planes at once: about a third of the cost of
scattering pixels into planes.
"""

import math
from typing import NamedTuple

import numpy as np

from airside_sim.constants import BEV_SIZE
from airside_sim.jit import njit

NUM_STATIC = 8  # planes held by a raster byte
_ONE_CELL = 4294967296.0  # 2**32: cell coordinates are 32.32 fixed point, exact to 1e-7 cells over a row
_SHIFT = np.uint64(32)
_M4 = np.uint64(0x0F0F0F0F0F0F0F0F)
_M2 = np.uint64(0x3333333333333333)
_M1 = np.uint64(0x5555555555555555)


class View(NamedTuple):
    """Map metres to pixel units of the unpooled image: u grows to the right (column), v downwards (row)."""

    x_m: float  # ego reference
    y_m: float
    cos: float
    sin: float
    px_m: float  # metres a pixel
    u0: float  # pixel coordinates of the ego reference
    v0: float


@njit
def make_view(x_m, y_m, heading_rad, range_m, ahead_m):
    """View of a square of `range_m` metres with `ahead_m` of them ahead of the ego reference."""
    px_m = range_m / BEV_SIZE
    return View(x_m, y_m, math.cos(heading_rad), math.sin(heading_rad), px_m, 0.5 * range_m / px_m, ahead_m / px_m)


@njit
def _gather_inside(raster, offset, width, fx, fy, step_x, step_y, row):
    """One row of pixels that all lie on the raster; `row` (128,) u8 gets pixel 8 g + j of a half at (7 - j) * 8 + g."""
    cell_width = np.uint64(width)
    base = np.uint64(offset)
    for half in range(2):
        for g in range(8):
            for j in range(8):
                at = base + (fy >> _SHIFT) * cell_width + (fx >> _SHIFT)
                row[half * 64 + (7 - j) * 8 + g] = raster[at]
                fx += step_x
                fy += step_y


@njit
def _gather_clipped(raster, offset, width, height, fx, fy, step_x, step_y, row):
    """The same with signed coordinates and a bounds check a pixel; off the raster every layer is empty."""
    for c in range(BEV_SIZE):
        col = fx >> 32
        line = fy >> 32
        value = np.uint8(0)
        if 0 <= col < width and 0 <= line < height:
            value = raster[offset + line * width + col]
        row[(c & 64) + (7 - (c & 7)) * 8 + ((c & 63) >> 3)] = value
        fx += step_x
        fy += step_y


@njit
def _swap(low, high, shift, mask):
    """Exchange the high bits of `low` with the low bits of `high` (one butterfly of the transpose)."""
    t = ((low >> shift) ^ high) & mask
    return low ^ (t << shift), high ^ t


@njit
def _transpose_store(row_words, half, words, r):
    """Eight words of byte-interleaved pixels -> word `half` of row r of planes 0..7 (Hacker's Delight 7-3)."""
    k = half * 8
    s4, s2, s1 = np.uint64(4), np.uint64(2), np.uint64(1)
    a0, a4 = _swap(row_words[k], row_words[k + 4], s4, _M4)
    a1, a5 = _swap(row_words[k + 1], row_words[k + 5], s4, _M4)
    a2, a6 = _swap(row_words[k + 2], row_words[k + 6], s4, _M4)
    a3, a7 = _swap(row_words[k + 3], row_words[k + 7], s4, _M4)
    a0, a2 = _swap(a0, a2, s2, _M2)
    a1, a3 = _swap(a1, a3, s2, _M2)
    a4, a6 = _swap(a4, a6, s2, _M2)
    a5, a7 = _swap(a5, a7, s2, _M2)
    words[0, r, half], words[1, r, half] = _swap(a0, a1, s1, _M1)
    words[2, r, half], words[3, r, half] = _swap(a2, a3, s1, _M1)
    words[4, r, half], words[5, r, half] = _swap(a4, a5, s1, _M1)
    words[6, r, half], words[7, r, half] = _swap(a6, a7, s1, _M1)


@njit
def draw_static(words, view, raster, offset, width, height, x0_m, y0_m, cell_m, row, row_words):
    """Planes 0..7 of `words` (34, 128, 2) u64, every word written.

    A pixel takes the raster cell that holds its centre. `row` (128,) u8 and `row_words` (16,) u64 are one memory.
    """
    scale = 1.0 / cell_m
    step_x = math.floor(view.px_m * view.sin * scale * _ONE_CELL + 0.5)
    step_y = math.floor(-view.px_m * view.cos * scale * _ONE_CELL + 0.5)
    left_m = (view.u0 - 0.5) * view.px_m
    last = BEV_SIZE - 1
    for r in range(BEV_SIZE):
        ahead_m = (view.v0 - (r + 0.5)) * view.px_m
        x_m = view.x_m + ahead_m * view.cos - left_m * view.sin
        y_m = view.y_m + ahead_m * view.sin + left_m * view.cos
        fx = math.floor((x_m - x0_m) * scale * _ONE_CELL)
        fy = math.floor((y_m - y0_m) * scale * _ONE_CELL)
        col0, col1 = fx >> 32, (fx + last * step_x) >> 32
        line0, line1 = fy >> 32, (fy + last * step_y) >> 32
        if min(col0, col1) >= 0 and max(col0, col1) < width and min(line0, line1) >= 0 and max(line0, line1) < height:
            _gather_inside(
                raster, offset, width, np.uint64(fx), np.uint64(fy), np.uint64(step_x), np.uint64(step_y), row
            )
        else:
            _gather_clipped(raster, offset, width, height, fx, fy, step_x, step_y, row)
        _transpose_store(row_words, 0, words, r)
        _transpose_store(row_words, 1, words, r)
