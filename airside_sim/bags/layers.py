"""Occupancy grids as planes of the bird's-eye view: what a perception without object lists saw, with its history.

A grid says where something of a class is, not what; it is drawn, but no term of reward or cost can be measured from it.
"""

import math
from typing import Any

import numpy as np

from airside_sim.bags.decode import Grid
from airside_sim.bags.profile import ACTOR_OF, Layer
from airside_sim.constants import BEV_SIZE, HISTORY_LEN, HISTORY_OFFSETS, BevChannel
from airside_sim.kernels.bev import BevGeometry


class LayerPainter:
    """Remembers the grids of the last ticks and draws them into packed frames."""

    def __init__(self, layers: list[Layer], geometry: BevGeometry) -> None:
        self.layers, self.size = layers, geometry.size
        self._past: list[list[Grid | None]] = [[] for _ in layers]
        pixel_m = geometry.range_m / BEV_SIZE
        middle = np.arange(BEV_SIZE) + 0.5
        self._ahead = (geometry.ahead_m - middle * pixel_m)[:, None]  # (128, 1) of each row
        self._left = (0.5 * geometry.range_m - middle * pixel_m)[None, :]  # (1, 128) of each column

    def forget(self) -> None:
        """After a gap."""
        self._past = [[] for _ in self.layers]

    def paint(self, frame: np.ndarray, pose: np.ndarray, grids: list[Any]) -> None:
        """Add this tick's grids (one a layer, None unknown) and draw all frames as seen from pose; frame packed."""
        for layer, past, grid in zip(self.layers, self._past, grids, strict=True):
            past.append(grid)
            del past[:-HISTORY_LEN]
            if layer.actor == "ignore":
                continue
            for k, offset in enumerate(HISTORY_OFFSETS):
                old = past[max(len(past) - 1 - offset, 0)]
                if old is not None:
                    plane = int(BevChannel.AIRCRAFT_T16) + 4 * ACTOR_OF[layer.actor] + k
                    frame[plane] |= np.packbits(self._seen_from(pose, old), axis=-1)

    def _seen_from(self, pose: np.ndarray, grid: Grid) -> np.ndarray:
        """(S, S) bool: the grid at the centres of the view's pixels, any of a block where the view is pooled."""
        x, y, heading = pose
        c, s = math.cos(heading), math.sin(heading)
        east = x + c * self._ahead - s * self._left - grid.x_m
        north = y + s * self._ahead + c * self._left - grid.y_m
        gc, gs = math.cos(grid.heading_rad), math.sin(grid.heading_rad)
        column = np.floor((gc * east + gs * north) / grid.cell_m).astype(np.int64)
        row = np.floor((gc * north - gs * east) / grid.cell_m).astype(np.int64)
        height, width = grid.occupied.shape
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        seen = np.zeros((BEV_SIZE, BEV_SIZE), bool)
        seen[inside] = grid.occupied[row[inside], column[inside]]
        block = BEV_SIZE // self.size
        return seen.reshape(self.size, block, self.size, block).any(axis=(1, 3))
