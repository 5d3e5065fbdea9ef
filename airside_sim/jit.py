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
from numba import types
from numba.core.imputils import lower_cast
from numba.extending import overload

_PACKAGE = Path(__file__).resolve().parent
_NO_KERNELS = ("rendering", "envs", "commands", "importers")  # folders whose edits cannot change a kernel


def source_hash() -> str:
    """SHA-256 (first 16 hex digits) over every .py of the package that can hold a kernel."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        if path.parent.name in _NO_KERNELS:
            continue
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
    options["no_cfunc_wrapper"] = True  # nothing calls kernels from C
    if inline:
        options["inline"] = "always"
    if function is None:
        return lambda f: _compile_once(numba.njit(**options)(f))
    return _compile_once(numba.njit(**options)(function))


def _compile_once(dispatcher):
    """Let kernels call it with constants without a compilation for each value.

    Numba types a constant argument as a literal and specialises the callee on it: `fill(plane=8)` and `fill(plane=9)`
    became two functions, which tripled the compile time.
    """
    resolve = getattr(dispatcher, "get_call_template", None)
    if resolve is not None:  # absent when the JIT is off

        def get_call_template(args, kws):
            return resolve([types.unliteral(a) for a in args], {k: types.unliteral(v) for k, v in kws.items()})

        dispatcher.get_call_template = get_call_template
    return dispatcher


@overload(int)
def _int_of_enum(member):
    """`int(Enum.MEMBER)` inside kernels; numba itself knows only `Enum.MEMBER.value`."""
    if isinstance(member, types.IntEnumMember):
        return lambda member: member.value
    return None


@lower_cast(types.IntEnumMember, types.Float)
def _enum_to_float(context, builder, from_type, to_type, value):
    """`float_column == Enum.MEMBER` inside kernels: state tables are float64."""
    return context.cast(builder, value, from_type.dtype, to_type)
