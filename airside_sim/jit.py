"""Numba settings for every kernel: an on-disk cache keyed by what a kernel is made of.

`cache=True` alone is unsafe across files: editing a helper leaves its cached callers on the old code, silently
(measured with numba 0.68.1). So each module's cache folder is named by a hash of the module and of everything in the
package that it imports: an edit recompiles what depends on it and nothing else. Import `njit` and `prange` from here.
"""

import hashlib
import os
import platform
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba import (
    prange,  # noqa: F401  (re-exported)
    types,
)
from numba.core.imputils import lower_cast
from numba.extending import overload

from airside_sim.inner_kernels import IS_TESTED, InnerDispatcher

_PACKAGE = Path(__file__).resolve().parent
_IMPORT = re.compile(r"^\s*(?:from|import)\s+airside_sim\.([\w.]+)", re.MULTILINE)
_FROM_ROOT = re.compile(r"^\s*from airside_sim import ([\w, ]+)", re.MULTILINE)


@cache
def _imports(module: str) -> tuple[bytes, tuple[str, ...]]:
    """Source of a module of the package (dotted, without the package) or of a file, and what it imports of it."""
    path = Path(module) if module.endswith(".py") else _PACKAGE.joinpath(*module.split(".")).with_suffix(".py")
    if not path.is_file():
        return b"", ()
    source = path.read_bytes()
    text = source.decode()
    names = set(_IMPORT.findall(text))
    for listed in _FROM_ROOT.findall(text):
        names |= {name.strip() for name in listed.split(",")}
    return source, tuple(sorted(names))


@cache
def source_hash(module: str) -> str:
    """First 16 hex digits of a SHA-256 over a module, everything of the package it imports, and the versions."""
    seen: set[str] = set()
    waiting = [module, "jit", "by_reference", "inner_kernels", "native_call"]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _imports(name)[1]
    digest = hashlib.sha256()
    for name in sorted(seen):
        digest.update(name.encode() + _imports(name)[0])
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


_CACHE = cache_root() / "kernels"
numba.config.PARFOR_MAX_TUPLE_SIZE = 256  # parallel kernels take `MapBank` whole; numba stops at 100 fields


def njit(function=None, *, parallel: bool = False, inline: bool = False):
    """`numba.njit` as every kernel here uses it: cached, no fastmath (it reorders sums), no bounds checks."""
    options: dict[str, Any] = {"fastmath": False, "error_model": "numpy", "nogil": True, "parallel": parallel}
    options["no_cfunc_wrapper"] = True  # nothing calls kernels from C
    if inline:
        options["inline"] = "always"

    def decorate(f):
        if numba.config.DISABLE_JIT:
            return f
        inside = f.__module__.startswith("airside_sim.")
        module = f.__module__.removeprefix("airside_sim.") if inside else f.__code__.co_filename
        numba.config.CACHE_DIR = str(_CACHE / source_hash(module))  # numba reads it when the dispatcher is made
        dispatcher = numba.njit(cache=True, **options)(f)
        inner = InnerDispatcher(f, {**options, "nopython": True}) if IS_TESTED else dispatcher
        return _serve_kernels(dispatcher, inner)

    return decorate if function is None else decorate(function)


def _serve_kernels(dispatcher, inner):
    """Have `inner` answer the kernels that call `dispatcher`, once for all constants that they pass.

    Numba types a constant argument as a literal and specialises the callee on it: `fill(plane=8)` and `fill(plane=9)`
    became two functions, which tripled the compile time.
    """
    resolve = inner.get_call_template

    def get_call_template(args, kws):
        return resolve([types.unliteral(a) for a in args], {k: types.unliteral(v) for k, v in kws.items()})

    dispatcher.get_call_template = get_call_template
    dispatcher.get_overload = inner.get_overload
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
