"""A lock on a path, so that two processes never write one dataset; the system lets go of it when its holder dies."""

import contextlib
import os
import sys
from pathlib import Path

from airside_sim.data.schema import DatasetError


class PathLock:
    """Exclusive lock on `.NAME.lock` beside a path."""

    def __init__(self, path: Path) -> None:
        self._target = path
        self._file = path.with_name(f".{path.name}.lock")
        self._handle: int | None = None

    @property
    def is_held(self) -> bool:
        return self._handle is not None

    def acquire(self) -> None:
        """Take the lock or raise DatasetError at once when somebody else has it."""
        while True:
            handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                _lock(handle)
            except OSError as error:
                os.close(handle)
                raise DatasetError(f"{self._target}: another process is writing to it") from error
            if self._is_still(handle):
                self._handle = handle
                return
            os.close(handle)  # its last holder removed the file between our opening and locking it

    def release(self) -> None:
        """Let go; safe to call twice."""
        if self._handle is None:
            return
        with contextlib.suppress(OSError):  # Windows does not remove open files; an unlocked one harms nobody
            os.unlink(self._file)
        os.close(self._handle)
        self._handle = None

    def _is_still(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), os.stat(self._file))
        except FileNotFoundError:
            return False


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
