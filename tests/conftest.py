"""Fixtures for every test: no window, no sound, and where the real airports lie."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

_REPOSITORY = Path(__file__).resolve().parent.parent


def find_map_data() -> Path:
    """Folder of real map files: AIRSIDE_MAP_DATA, else `../shared/data/maps` beside the repository.

    Their licences forbid bundling. A missing folder fails the tests that need it: it does not skip them.
    """
    folder = Path(os.environ.get("AIRSIDE_MAP_DATA") or _REPOSITORY.parent / "shared" / "data" / "maps")
    assert folder.is_dir(), f"real map files are missing: {folder}; set AIRSIDE_MAP_DATA to the folder that holds them"
    return folder


@pytest.fixture(scope="session")
def map_data_dir() -> Path:
    return find_map_data()


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the checkout."""
    return _REPOSITORY
