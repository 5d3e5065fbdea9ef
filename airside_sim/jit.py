"""Numba settings for every kernel: an on-disk cache keyed by the package's own sources.

`cache=True` alone is unsafe across files: editing a helper leaves its cached callers on the old code, silently
(measured with numba 0.68.1). So the cache folder's name is a hash of all kernel sources and versions, set before
the first decorator runs. Import `njit` and `prange` from here, never from numba.
"""

import hashlib
import os
import platform
import tempfile
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba import prange  # noqa: F401  (re-exported)

_PACKAGE = Path(__file__).resolve().parent


def source_hash() -> str:
    """SHA-256 (first 16 hex digits) over every .py of the package that can hold a kernel."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    digest.update(f"{numba.__version__} {np.__version__} {platform.python_version()} {platform.machine()}".encode())
    return digest.hexdigest()[:16]


def cache_root() -> Path:
    """Folder for compiled kernels and maps: $AIRSIDE_CACHE_DIR, else $XDG_CACHE_HOME or ~/.cache, else the temp dir."""
    named = os.environ.get("AIRSIDE_CACHE_DIR")
    if named:
        return Path(named).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    root = Path(base) if base else Path.home() / ".cache"
    if root.exists() and not os.access(root, os.W_OK):
        root = Path(tempfile.gettempdir())
    return root / "airside_sim"


numba.config.CACHE_DIR = str(cache_root() / "kernels" / source_hash())
numba.config.PARFOR_MAX_TUPLE_SIZE = 256  # parallel kernels take `MapBank` whole; numba stops at 100 fields


def njit(function=None, *, parallel: bool = False, inline: bool = False):
    """`numba.njit` as every kernel here uses it: cached, no fastmath (it reorders sums), no bounds checks."""
    options: dict[str, Any] = {"cache": True, "fastmath": False, "error_model": "numpy", "nogil": True}
    options["parallel"] = parallel
    if inline:
        options["inline"] = "always"
    if function is None:
        return numba.njit(**options)
    return numba.njit(**options)(function)
