"""A caption along the bottom of a picture."""

import numpy as np

from airside_sim.rendering import palette
from airside_sim.rendering.backend import pygame
from airside_sim.rendering.hud import font


def add_title(image: np.ndarray, text: str) -> np.ndarray:
    """Copy of image (H, W, 3) uint8 with the text in a dark strip at the bottom."""
    surface = pygame.surfarray.make_surface(np.ascontiguousarray(image.swapaxes(0, 1)))
    words = font(28).render(text, True, palette.HUD_TEXT)
    strip = pygame.Surface((words.get_width() + 24, words.get_height() + 10), pygame.SRCALPHA)
    strip.fill(palette.HUD_BACKGROUND)
    strip.blit(words, (12, 5))
    x = (surface.get_width() - strip.get_width()) / 2
    surface.blit(strip, (x, surface.get_height() - strip.get_height() - 12))
    return np.ascontiguousarray(pygame.surfarray.array3d(surface).swapaxes(0, 1))
