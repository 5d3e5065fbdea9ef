"""Tiles of a raster: they give back every cell, repeat nothing, and their reach never promises too much."""

import numpy as np
import pytest

from airside_sim.mapping.tiles import MAX_REACH, NUM_UNIFORM, TILE, tile_raster


def _raster(seed: int, height: int, width: int) -> np.ndarray:
    """Large uniform fields with some small marks."""
    rng = np.random.default_rng(seed)
    coarse = rng.choice(np.array([0, 0, 1, 6], np.uint8), (height // 60 + 1, width // 60 + 1))
    raster = np.repeat(np.repeat(coarse, 60, 0), 60, 1)[:height, :width].copy()
    rows, columns = rng.integers(0, height, 12), rng.integers(0, width, 12)
    raster[rows, columns] ^= 0x10
    return raster


@pytest.mark.parametrize(("height", "width"), [(200, 331), (8, 8), (1, 1), (64, 200)])
def test_every_cell_comes_back_and_the_ring_is_empty(height, width):
    raster = _raster(3, height, width)
    tiles = tile_raster(raster)
    th, tw = tiles.start.shape
    assert (th, tw) == (-(-height // TILE) + 2, -(-width // TILE) + 2)
    whole = tiles.cells.reshape(-1, TILE, TILE)[tiles.start // 64].transpose(0, 2, 1, 3).reshape(th * TILE, tw * TILE)
    expected = np.zeros_like(whole)
    expected[TILE : TILE + height, TILE : TILE + width] = raster
    np.testing.assert_array_equal(whole, expected)


def test_uniform_tiles_come_first_and_no_tile_twice():
    tiles = tile_raster(_raster(4, 400, 400))
    cells = tiles.cells.reshape(-1, TILE * TILE)
    assert (cells[:NUM_UNIFORM] == np.arange(NUM_UNIFORM)[:, None]).all()
    assert (cells[NUM_UNIFORM:] != cells[NUM_UNIFORM:, :1]).any(axis=1).all()
    assert len(np.unique(cells, axis=0)) == len(cells)


def test_reach_is_the_largest_square_of_one_value():
    raster = _raster(5, 500, 420)
    reach = tile_raster(raster).reach
    th, tw = reach.shape
    far = (MAX_REACH + 1) * TILE  # off the raster every layer is empty
    padded = np.zeros((th * TILE + 2 * far, tw * TILE + 2 * far), np.uint8)
    padded[far + TILE : far + TILE + 500, far + TILE : far + TILE + 420] = raster

    def is_uniform(y: int, x: int, rings: int) -> bool:
        near = padded[far + (y - rings) * TILE : far + (y + rings + 1) * TILE]
        near = near[:, far + (x - rings) * TILE : far + (x + rings + 1) * TILE]
        return bool((near == near[0, 0]).all())

    assert reach.max() >= 3
    for y in range(th):
        for x in range(tw):
            k = int(reach[y, x])
            assert k == 0 or is_uniform(y, x, k), (y, x)
            assert k == MAX_REACH or not is_uniform(y, x, k + 1), (y, x)
