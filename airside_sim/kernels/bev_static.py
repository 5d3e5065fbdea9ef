"""Static layers of the bird's-eye view: read the map's tiles along the rotated pixel grid, into bit planes.

A raster cell is one byte whose bit c is BEV channel c (0..7). The image is drawn in strips of eight rows, and a strip
in blocks of 8 x 8 pixels: where the map is uniform around a block its value is written at once, elsewhere each pixel
looks up its cell. A strip's bytes lie so that one vectorised pass of bit exchanges turns them into rows of all planes.
"""

import math
from typing import NamedTuple

import numpy as np

from airside_sim.constants import BEV_SIZE
from airside_sim.jit import njit
from airside_sim.mapping.tiles import TILE, TILE_CELLS

NUM_STATIC = 8  # planes held by a raster byte
_BLOCK = 8  # pixels a side
_BLOCKS = BEV_SIZE // _BLOCK
STRIP_WORDS = _BLOCK * BEV_SIZE // 8
_PLANE_WORDS = BEV_SIZE * BEV_SIZE // 64
_ONE_CELL = 4294967296.0  # 2**32: cell coordinates are 32.32 fixed point, exact to 1e-7 cells over a row
_CELL_BITS = 32
_TILE_BITS = 3
assert TILE == 1 << _TILE_BITS
_TO_CELL, _TO_TILE = np.uint64(_CELL_BITS), np.uint64(_CELL_BITS + _TILE_BITS)
_TO_LINE = np.uint64(_CELL_BITS - _TILE_BITS)  # leaves the row within a tile times 8
_COLUMN, _LINE = np.uint64(TILE - 1), np.uint64(TILE_CELLS - TILE)
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


class TileMap(NamedTuple):
    """One map's tiles (`mapping.tiles`) and where its raster lies."""

    start: np.ndarray  # (th * tw,) u32
    reach: np.ndarray  # (th * tw,) u8
    cells: np.ndarray  # (64 * tiles,) u8
    width: int  # tw
    height: int  # th
    x0_m: float
    y0_m: float
    cell_m: float


@njit
def make_view(x_m, y_m, heading_rad, range_m, ahead_m):
    """View of a square of `range_m` metres with `ahead_m` of them ahead of the ego reference."""
    px_m = range_m / BEV_SIZE
    return View(x_m, y_m, math.cos(heading_rad), math.sin(heading_rad), px_m, 0.5 * range_m / px_m, ahead_m / px_m)


@njit
def tile_map(b, m):
    """Map m of the bank."""
    width = (np.int64(b.raster_w[m]) + TILE - 1) // TILE + 2
    height = (np.int64(b.raster_h[m]) + TILE - 1) // TILE + 2
    first, end = b.tile_off[m], b.tile_off[m] + width * height
    cells = b.tile_cells[b.tile_cells_off[m] :]
    x0_m, y0_m, cell_m = b.raster_x0[m], b.raster_y0[m], b.raster_cell_m[m]
    return TileMap(b.tile_start[first:end], b.tile_reach[first:end], cells, width, height, x0_m, y0_m, cell_m)


@njit
def draw_static(words, view, tiles, strip, strip_words, origin):
    """Planes 0..7 of `words` (34, 128, 2) u64, every word written.

    A pixel takes the raster cell that holds its centre. `strip` (1024,) u8 and `strip_words` (128,) u64 are one
    memory; `origin` (2, 128) i64 is scratch.
    """
    scale = 1.0 / tiles.cell_m
    step_x = np.int64(math.floor(view.px_m * view.sin * scale * _ONE_CELL + 0.5))
    step_y = np.int64(math.floor(-view.px_m * view.cos * scale * _ONE_CELL + 0.5))
    _find_rows(view, tiles, scale, origin)
    is_inside = _is_inside(tiles, step_x, step_y, origin)
    # pixel centres of a block lie within this many tiles of its middle, a rounding error included
    half_cells = 0.5 * (_BLOCK - 1) * view.px_m * scale * (abs(view.sin) + abs(view.cos))
    reach = int(half_cells / TILE + 1e-3) + 1
    flat = words.reshape(words.size)
    for top in range(0, BEV_SIZE, _BLOCK):
        _read_strip(tiles, step_x, step_y, origin, top, reach, is_inside, strip)
        _store_strip(strip_words, flat, top * BEV_SIZE // 64)


@njit
def _find_rows(view, tiles, scale, origin):
    """origin (2, 128) i64 = x and y of each row's first pixel in fixed-point cells, counted from the ring of tiles."""
    left_m = (view.u0 - 0.5) * view.px_m
    ring = np.int64(TILE) << _CELL_BITS
    for r in range(BEV_SIZE):
        ahead_m = (view.v0 - (r + 0.5)) * view.px_m
        x_m = view.x_m + ahead_m * view.cos - left_m * view.sin
        y_m = view.y_m + ahead_m * view.sin + left_m * view.cos
        origin[0, r] = np.int64(math.floor((x_m - tiles.x0_m) * scale * _ONE_CELL)) + ring
        origin[1, r] = np.int64(math.floor((y_m - tiles.y0_m) * scale * _ONE_CELL)) + ring


@njit
def _is_inside(tiles, step_x, step_y, origin):
    """Every pixel lies on a tile: the four corners do, a cell of rounding from the rim."""
    end_x, end_y = np.int64(tiles.width * TILE - 1), np.int64(tiles.height * TILE - 1)
    for k in range(4):
        r, c = (BEV_SIZE - 1) * (k & 1), (BEV_SIZE - 1) * (k >> 1)
        x, y = (origin[0, r] + c * step_x) >> _CELL_BITS, (origin[1, r] + c * step_y) >> _CELL_BITS
        if x < 1 or x >= end_x or y < 1 or y >= end_y:
            return False
    return True


@njit
def _read_strip(tiles, step_x, step_y, origin, top, reach, is_inside, strip):
    """Eight rows of pixels: the byte of row r, block k, pixel j of the block goes to strip[(7 - j) * 128 + 16 r + k].

    A word of the strip is thus pixel j of eight neighbouring blocks.
    """
    middle_x = (origin[0, top + 3] + origin[0, top + 4] + 7 * step_x) >> 1
    middle_y = (origin[1, top + 3] + origin[1, top + 4] + 7 * step_y) >> 1
    for k in range(_BLOCKS):
        right = k * _BLOCK
        x = min(max((middle_x + right * step_x) >> (_CELL_BITS + _TILE_BITS), 0), tiles.width - 1)
        y = min(max((middle_y + right * step_y) >> (_CELL_BITS + _TILE_BITS), 0), tiles.height - 1)
        tile = np.uint64(y * tiles.width + x)
        if tiles.reach[tile] >= reach:
            _fill_block(strip, k, np.uint8(tiles.start[tile] >> np.uint32(2 * _TILE_BITS)))
            continue
        for r in range(_BLOCK):
            x, y = origin[0, top + r] + right * step_x, origin[1, top + r] + right * step_y
            if is_inside:
                _read_row(tiles, np.uint64(x), np.uint64(y), np.uint64(step_x), np.uint64(step_y), strip, 16 * r + k)
            else:
                _read_row_clipped(tiles, x, y, step_x, step_y, strip, 16 * r + k)


@njit
def _fill_block(strip, k, value):
    for at in range(np.uint64(k), np.uint64(k + 1024), np.uint64(16)):
        strip[at] = value


@njit
def _read_row(tiles, x, y, step_x, step_y, strip, at):
    """Eight pixels that all lie on tiles; unsigned, so that no index is tested for its sign."""
    width = np.uint64(tiles.width)
    for j in range(_BLOCK):
        tile = (y >> _TO_TILE) * width + (x >> _TO_TILE)
        cell = ((y >> _TO_LINE) & _LINE) + ((x >> _TO_CELL) & _COLUMN)
        strip[np.uint64((7 - j) * 128 + at)] = tiles.cells[np.uint64(tiles.start[tile]) + cell]
        x += step_x
        y += step_y


@njit
def _read_row_clipped(tiles, x, y, step_x, step_y, strip, at):
    """The same with signed coordinates: what lies beyond the tiles is as empty as their rim."""
    for j in range(_BLOCK):
        column = min(max(x >> (_CELL_BITS + _TILE_BITS), 0), tiles.width - 1)
        line = min(max(y >> (_CELL_BITS + _TILE_BITS), 0), tiles.height - 1)
        cell = ((np.uint64(y) >> _TO_LINE) & _LINE) + ((np.uint64(x) >> _TO_CELL) & _COLUMN)
        start = tiles.start[np.uint64(line * tiles.width + column)]
        strip[np.uint64((7 - j) * 128 + at)] = tiles.cells[np.uint64(start) + cell]
        x += step_x
        y += step_y


@njit
def _swap(low, high, shift, mask):
    """Exchange the high bits of `low` with the low bits of `high` (one butterfly of the transpose)."""
    t = ((low >> shift) ^ high) & mask
    return low ^ (t << shift), high ^ t


@njit
def _store_strip(strip_words, flat, first):
    """Bytes of pixels -> bits: words `first`.. + 15 of planes 0..7 of flat (34 * 256,) (Hacker's Delight 7-3)."""
    s4, s2, s1 = np.uint64(4), np.uint64(2), np.uint64(1)
    for k in range(np.uint64(16)):
        a0, a4 = _swap(strip_words[k], strip_words[k + np.uint64(64)], s4, _M4)
        a1, a5 = _swap(strip_words[k + np.uint64(16)], strip_words[k + np.uint64(80)], s4, _M4)
        a2, a6 = _swap(strip_words[k + np.uint64(32)], strip_words[k + np.uint64(96)], s4, _M4)
        a3, a7 = _swap(strip_words[k + np.uint64(48)], strip_words[k + np.uint64(112)], s4, _M4)
        a0, a2 = _swap(a0, a2, s2, _M2)
        a1, a3 = _swap(a1, a3, s2, _M2)
        a4, a6 = _swap(a4, a6, s2, _M2)
        a5, a7 = _swap(a5, a7, s2, _M2)
        at = np.uint64(first) + k
        flat[at], flat[at + np.uint64(256)] = _swap(a0, a1, s1, _M1)
        flat[at + np.uint64(512)], flat[at + np.uint64(768)] = _swap(a2, a3, s1, _M1)
        flat[at + np.uint64(1024)], flat[at + np.uint64(1280)] = _swap(a4, a5, s1, _M1)
        flat[at + np.uint64(1536)], flat[at + np.uint64(1792)] = _swap(a6, a7, s1, _M1)
