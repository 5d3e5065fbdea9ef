"""pygame, imported for drawing without a display: the one place that imports it.

Only the API common to pygame and pygame-ce is used. Importing raises an ImportError that names the extra to install.
"""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
try:
    import pygame
except ImportError as error:  # pragma: no cover - depends on the installation
    raise ImportError("rendering needs pygame: pip install 'airside_sim[render]'") from error

if not pygame.font.get_init():
    pygame.font.init()  # not pygame.init(): that opens audio and prints ALSA errors on servers

__all__ = ["pygame"]
