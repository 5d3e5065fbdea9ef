"""Calling kernels: at once, and on threads when enough envs, more than one thread and an unforked process allow it.

Numba finds a kernel's compiled version by a fingerprint of every argument; for tables of a hundred arrays that took
30 us a call. `launch` remembers the compiled entry point by a short key of the argument types.

Numba's OpenMP pool does not survive a fork: a child that launches a parallel kernel after its parent did is killed.
So a child that finds the pool started by another process stays serial; the results are the same bytes either way.
A lock serialises launches, since numba's fallback pool aborts on concurrent ones.
"""

import os
import threading
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from airside_sim.native_call import address_of, compiled

MIN_PARALLEL_ENVS = 4  # below this, starting the threads costs more than they save

_lock = threading.Lock()
_entries: dict[Any, Callable[..., Any]] = {}
_addresses: dict[Any, int] = {}
_pool_owner: int | None = None  # process that launched the first parallel kernel


def may_run_parallel(num_envs: int) -> bool:
    """True when a batch of this size should use the parallel kernels in this process."""
    if num_envs < MIN_PARALLEL_ENVS or numba.get_num_threads() < 2 or numba.config.DISABLE_JIT:
        return False
    return _pool_owner is None or _pool_owner == os.getpid()


def launch(kernel: Callable[..., Any], *args: Any) -> None:
    """Call a kernel that returns nothing, by positional arguments of any type that it accepts."""
    key = (kernel, *[_type_key(arg) for arg in args])
    entry = _entries.get(key)
    if entry is None:
        entry = _entries[key] = kernel if numba.config.DISABLE_JIT else compiled(kernel, args).entry_point
    entry(*args)


def _type_key(arg: Any) -> Any:
    """Equal keys have equal numba types."""
    if isinstance(arg, np.ndarray):
        flags = arg.flags
        return arg.dtype, arg.ndim, flags.c_contiguous, flags.f_contiguous, flags.writeable, flags.aligned
    return getattr(arg, "_ref_type", None) or type(arg)


def _address(kernel: Callable[..., Any], args: tuple[Any, ...]) -> int:
    """`address_of`, remembered."""
    key = (kernel, *[_type_key(arg) for arg in args])
    address = _addresses.get(key)
    if address is None:
        address = _addresses[key] = address_of(kernel, args)
    return address


def run_batch(
    num_envs: int,
    kernels: tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]],
    first: tuple[Any, ...],
    args: tuple[Any, ...],
) -> None:
    """Do the same to a batch by the kernel for one env, all in turn, or all on threads.

    `first` are the first kernel's arguments for env 0, `args` those of the other two; the third takes the first one's
    address before them.
    """
    global _pool_owner  # noqa: PLW0603  (one thread pool a process is numba's design, so its owner is one too)
    one, serial, parallel = kernels
    if num_envs == 1:
        launch(one, *first)
    elif may_run_parallel(num_envs):
        with _lock:
            _pool_owner = os.getpid()
            launch(parallel, _address(one, first), *args)
    else:
        launch(serial, *args)
