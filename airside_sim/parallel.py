"""When a batch may run on threads: enough envs, more than one thread, and not in a forked child.

Numba's OpenMP pool does not survive a fork: a child that launches a parallel kernel after its parent did is killed.
So a child that finds the pool started by another process stays serial; the results are the same bytes either way.
A lock serialises launches, since numba's fallback pool aborts on concurrent ones.
"""

import os
import threading
from collections.abc import Callable
from typing import Any

import numba

MIN_PARALLEL_ENVS = 4  # below this, starting the threads costs more than they save

_lock = threading.Lock()
_pool_owner: int | None = None  # process that launched the first parallel kernel


def may_run_parallel(num_envs: int) -> bool:
    """True when a batch of this size should use the parallel kernels in this process."""
    if num_envs < MIN_PARALLEL_ENVS or numba.get_num_threads() < 2 or numba.config.DISABLE_JIT:
        return False
    return _pool_owner is None or _pool_owner == os.getpid()


def run_batch(num_envs: int, serial: Callable[..., Any], parallel: Callable[..., Any], *args: Any) -> None:
    """Call one of two kernels that do the same to a batch."""
    global _pool_owner  # noqa: PLW0603  (one thread pool a process is numba's design, so its owner is one too)
    if not may_run_parallel(num_envs):
        serial(*args)
        return
    with _lock:
        _pool_owner = os.getpid()
        parallel(*args)
