"""The ground as cached square tiles: a tile is drawn once (2x supersampled) and blitted for ever after."""

import math
from collections import OrderedDict
from itertools import pairwise

import numpy as np

from airside_sim.rendering import palette
from airside_sim.rendering.backend import pygame
from airside_sim.rendering.scene import Primitive, Scene

TILE_M = 64.0
MAX_TILES = 160
SUPERSAMPLE = 2


class GroundTiles:
    """Tiles of one scene at one scale (pixels per metre); least recently used tiles are dropped."""

    def __init__(self, scene: Scene, scale: float) -> None:
        self.scene = scene
        self.scale = scale
        self._tiles: OrderedDict[tuple[int, int], pygame.Surface] = OrderedDict()

    def blit(self, target: "pygame.Surface", west: float, north: float) -> None:
        """Paint the ground so that map point (west, north) lies at the target's top left corner."""
        width_m = target.get_width() / self.scale
        height_m = target.get_height() / self.scale
        for i in range(math.floor(west / TILE_M), math.floor((west + width_m) / TILE_M) + 1):
            for j in range(math.floor((north - height_m) / TILE_M), math.floor(north / TILE_M) + 1):
                tile = self._tile(i, j)
                x = round((i * TILE_M - west) * self.scale)
                y = round((north - (j + 1) * TILE_M) * self.scale)
                target.blit(tile, (x, y))

    def _tile(self, i: int, j: int) -> "pygame.Surface":
        key = (i, j)
        if key in self._tiles:
            self._tiles.move_to_end(key)
            return self._tiles[key]
        side = math.ceil(TILE_M * self.scale) + 1
        large = pygame.Surface((side * SUPERSAMPLE, side * SUPERSAMPLE))
        large.fill(palette.GRASS)
        west, south = i * TILE_M, j * TILE_M
        north = south + TILE_M
        for primitive in self.scene.touching(west - 1, south - 1, west + TILE_M + 1, north + 1):
            draw_primitive(large, primitive, west, north, self.scale * SUPERSAMPLE)
        tile = pygame.transform.smoothscale(large, (side, side))
        self._tiles[key] = tile
        if len(self._tiles) > MAX_TILES:
            self._tiles.popitem(last=False)
        return tile


def draw_primitive(surface: "pygame.Surface", p: Primitive, west: float, north: float, scale: float) -> None:
    """Draw one primitive; (west, north) is the map point of the surface's top left corner."""
    pixels = np.stack([(p.points[:, 0] - west) * scale, (north - p.points[:, 1]) * scale], axis=1)
    if p.kind == "fill":
        pygame.draw.polygon(surface, p.colour, pixels.tolist())
    elif p.kind == "line":
        for piece in _dashes(pixels, p.dash_m, scale):
            thick_line(surface, p.colour, piece, p.width_m * scale)
    else:
        _text(surface, p, pixels[0], scale)


def _dashes(pixels: np.ndarray, dash_m: tuple[float, float] | None, scale: float) -> list[np.ndarray]:
    if dash_m is None:
        return [pixels]
    steps = np.hypot(*np.diff(pixels, axis=0).T)
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    on, off = dash_m[0] * scale, dash_m[1] * scale
    pieces = []
    for start in np.arange(0.0, arc[-1], on + off):
        stop = min(start + on, arc[-1])
        inner = np.flatnonzero((arc > start) & (arc < stop))
        s = np.concatenate([[start], arc[inner], [stop]])
        pieces.append(np.stack([np.interp(s, arc, pixels[:, 0]), np.interp(s, arc, pixels[:, 1])], axis=1))
    return pieces


def thick_line(surface: "pygame.Surface", colour, pixels: np.ndarray, width: float) -> None:
    """Polyline of a real width: a quad per segment (pygame's own wide lines have slanted ends)."""
    half = max(0.5, width / 2)
    for a, b in pairwise(pixels):
        dx, dy = b - a
        length = math.hypot(dx, dy)
        if length < 1e-6:
            continue
        nx, ny = -dy / length * half, dx / length * half
        pygame.draw.polygon(
            surface, colour,
            [(a[0] + nx, a[1] + ny), (b[0] + nx, b[1] + ny), (b[0] - nx, b[1] - ny), (a[0] - nx, a[1] - ny)],
        )  # fmt: skip


def _text(surface: "pygame.Surface", p: Primitive, at: np.ndarray, scale: float) -> None:
    size = int(p.width_m * scale)
    if size < 6 or not p.text:
        return
    image = pygame.font.Font(None, int(size * 1.4)).render(p.text, True, p.colour, p.background)
    surface.blit(image, (at[0] - image.get_width() / 2, at[1] - image.get_height() / 2))
