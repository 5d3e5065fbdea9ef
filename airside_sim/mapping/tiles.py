"""A raster cut into tiles of 8 x 8 cells, each distinct tile stored once, and how far around a tile nothing changes.

A map's raster is tens of megabytes, of which a rotated view touches a cache line every few pixels. Airports are mostly
uniform and their edges repeat, so the distinct tiles of a map fit into a core's own cache (0.2 MB of 28 MB on the hub),
and where all tiles near a block of pixels are uniform and alike the block needs no look-ups at all.
"""

from typing import NamedTuple

import numpy as np

TILE = 8  # cells a side
TILE_CELLS = TILE * TILE
NUM_UNIFORM = 256  # the first tiles of every store: tile v is filled with value v
MAX_REACH = 15


class Tiles(NamedTuple):
    """Tiles of one raster, with a ring of empty tiles around it (off the raster every layer is empty)."""

    start: np.ndarray  # (th, tw) u32: where the tile's cells begin in `cells`; below 64 * 256 they are all one value
    reach: np.ndarray  # (th, tw) u8: all tiles up to this many tiles away are uniform, with this tile's value
    cells: np.ndarray  # (64 * distinct tiles,) u8, each tile row-major


def tile_raster(raster: np.ndarray) -> Tiles:
    """Tiles of a raster (h, w) u8; th = ceil(h / 8) + 2 and tw = ceil(w / 8) + 2."""
    ringed = _with_ring(raster)
    th, tw = ringed.shape[0] // TILE, ringed.shape[1] // TILE
    rows = ringed.reshape(th, TILE, tw * TILE)
    lowest = rows.min(axis=1).reshape(th, tw, TILE).min(axis=2)
    highest = rows.max(axis=1).reshape(th, tw, TILE).max(axis=2)
    is_uniform = lowest == highest
    mixed = ringed.reshape(th, TILE, tw, TILE).transpose(0, 2, 1, 3)[~is_uniform]
    distinct, number = _distinct(mixed.reshape(-1, TILE_CELLS))
    start = lowest.astype(np.uint32)
    start[~is_uniform] = NUM_UNIFORM + number
    uniform = np.repeat(np.arange(NUM_UNIFORM, dtype=np.uint8), TILE_CELLS)
    cells = np.concatenate([uniform, distinct.reshape(-1)])
    return Tiles(start * np.uint32(TILE_CELLS), _reach(lowest, is_uniform), cells)


def tile_columns(raster: np.ndarray) -> dict[str, np.ndarray]:
    """The bank's columns of one map's tiles."""
    tiles = tile_raster(raster)
    return {
        "tile_off": np.zeros(1, np.int64),
        "tile_start": tiles.start.reshape(-1),
        "tile_reach": tiles.reach.reshape(-1),
        "tile_cells_off": np.zeros(1, np.int64),
        "tile_cells": tiles.cells,
    }


def tiles_across(cells: int) -> int:
    """Tiles along a side of `cells` cells, with the ring."""
    return -(-cells // TILE) + 2


def _with_ring(raster: np.ndarray) -> np.ndarray:
    """(h, w) -> (8 th, 8 tw): a tile of empty cells on every side, more to the north and east."""
    height, width = raster.shape
    ringed = np.zeros((tiles_across(height) * TILE, tiles_across(width) * TILE), np.uint8)
    ringed[TILE : TILE + height, TILE : TILE + width] = raster
    return ringed


def _distinct(tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows of (n, 64) u8 and each row's number among them."""
    whole = np.ascontiguousarray(tiles).view(f"V{TILE_CELLS}").reshape(-1)
    distinct, number = np.unique(whole, return_inverse=True)
    return distinct.view(np.uint8).reshape(-1, TILE_CELLS), number.astype(np.uint32)


def _reach(value: np.ndarray, is_uniform: np.ndarray) -> np.ndarray:
    """How many rings of tiles around each one are uniform with its value; the outermost ring goes on for ever."""
    level = np.where(is_uniform, value.astype(np.int16), -1)
    near = np.stack(_neighbours(level))
    alike = is_uniform & (near == level).all(axis=0)
    reach = alike.astype(np.uint8)
    for _ in range(MAX_REACH - 1):
        alike = alike & np.logical_and.reduce(_neighbours(alike))
        if not alike.any():
            break
        reach += alike
    return reach


def _neighbours(grid: np.ndarray) -> list[np.ndarray]:
    """The eight shifted copies of a grid, its rim repeated."""
    h, w = grid.shape
    wide = np.pad(grid, 1, mode="edge")
    return [wide[i : i + h, j : j + w] for i in range(3) for j in range(3) if (i, j) != (1, 1)]
