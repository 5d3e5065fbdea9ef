"""The BEV inspector: all 34 named channels as labelled tiles, and one composite, from an observation."""

import numpy as np

from airside_sim.constants import BevChannel
from airside_sim.rendering import palette
from airside_sim.rendering.backend import pygame
from airside_sim.rendering.hud import font

COLUMNS = 7
GAP = 6
CAPTION = 18


def channel_colour(channel: int) -> tuple[int, int, int]:
    """Display colour of a BEV channel; older history frames are darker."""
    if channel < 14:
        return palette.BEV_COLOURS[BevChannel(channel)]
    base = palette.BEV_CLASS_COLOURS[(channel - 14) // 4]
    fade = (0.35, 0.5, 0.7, 1.0)[(channel - 14) % 4]
    return tuple(int(fade * c) for c in base)  # type: ignore[return-value]


def composite(bev: np.ndarray) -> np.ndarray:
    """One RGB picture (H, W, 3) of a channel-first BEV (34, H, W): later channels lie above."""
    _, height, width = bev.shape
    image = np.full((height, width, 3), 24, dtype=np.uint8)
    order = [*range(8), BevChannel.ROUTE, *range(9, 13), *range(14, 34), BevChannel.EGO]
    for channel in order:
        image[bev[channel] > 0] = channel_colour(int(channel))
    return image


def inspect_bev(bev: np.ndarray, *, title: str = "", tile: int = 168) -> np.ndarray:
    """Annotated sheet (H, W, 3) uint8 of a BEV (34, S, S) or (S, S, 34) of 0/255."""
    if bev.shape[-1] == len(BevChannel):
        bev = bev.transpose(2, 0, 1)
    cells = [("composite", composite(bev))]
    for channel in BevChannel:
        plane = np.zeros((*bev.shape[1:], 3), dtype=np.uint8)
        plane[bev[channel] > 0] = channel_colour(int(channel))
        cells.append((f"{int(channel)} {channel.name.lower()}", plane))
    rows = -(-len(cells) // COLUMNS)
    top = 30 if title else 0
    width = GAP + COLUMNS * (tile + GAP)
    surface = pygame.Surface((width, top + GAP + rows * (tile + CAPTION + GAP)))
    surface.fill((12, 14, 18))
    if title:
        surface.blit(font(26).render(title, True, palette.HUD_TEXT), (GAP, 8))
    for k, (name, picture) in enumerate(cells):
        x = GAP + (k % COLUMNS) * (tile + GAP)
        y = top + GAP + (k // COLUMNS) * (tile + CAPTION + GAP)
        image = pygame.surfarray.make_surface(picture.swapaxes(0, 1))
        surface.blit(pygame.transform.scale(image, (tile, tile)), (x, y))
        pygame.draw.rect(surface, (60, 66, 76), (x, y, tile, tile), 1)
        surface.blit(font(17).render(name, True, palette.HUD_DIM), (x + 2, y + tile + 3))
    return np.ascontiguousarray(pygame.surfarray.array3d(surface).swapaxes(0, 1))
