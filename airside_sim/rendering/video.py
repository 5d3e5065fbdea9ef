"""Writing pictures and MP4 files, atomically: a killed process leaves the old file or none."""

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np


def write_mp4(path: str | Path, frames: Iterable[np.ndarray], fps: int = 10) -> Path:
    """Encode (H, W, 3) uint8 frames as H.264; returns the path. Needs the `render` extra (imageio-ffmpeg)."""
    try:
        import imageio.v2 as imageio
    except ImportError as error:
        raise ImportError("writing video needs imageio: pip install 'airside_sim[render]'") from error
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.partial.mp4")
    with imageio.get_writer(partial, fps=fps, codec="libx264", quality=7, macro_block_size=2) as writer:
        for frame in frames:
            writer.append_data(frame)
    os.replace(partial, path)
    return path


def write_png(path: str | Path, image: np.ndarray) -> Path:
    """Save an (H, W, 3) uint8 picture."""
    from airside_sim.rendering.backend import pygame

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.partial.png")
    pygame.image.save(pygame.surfarray.make_surface(np.ascontiguousarray(image.swapaxes(0, 1))), str(partial))
    os.replace(partial, path)
    return path
