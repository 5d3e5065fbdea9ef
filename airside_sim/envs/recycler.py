"""Fresh frames without fresh memory.

A batch of 64 frames is 36 MB. Asking the system for it on every step costs three times what simulating and drawing
does, since each page is faulted in and zeroed. So the memory of frames that the caller has let go of is handed out
again; frames still held anywhere (also as a slice, a transpose or a torch tensor) are never touched.
"""

import numpy as np

KEPT = 3  # idle buffers: a learner holds an observation and its successor


class _Lease:
    """Owner of one handed-out array: numpy keeps it alive for as long as the array or any view of it lives."""

    def __init__(self, memory: np.ndarray, idle: list[np.ndarray]) -> None:
        self._memory = memory
        self._idle = idle

    @property
    def __array_interface__(self) -> dict:
        return self._memory.__array_interface__

    def __del__(self) -> None:
        if len(self._idle) < KEPT:
            self._idle.append(self._memory)


class Recycler:
    """Uninitialised u8 arrays of one shape."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self._idle: list[np.ndarray] = []

    def take(self) -> np.ndarray:
        """An array that nothing else refers to; its contents are arbitrary."""
        try:
            memory = self._idle.pop()
        except IndexError:
            memory = np.empty(self.shape, np.uint8)
        return np.asarray(_Lease(memory, self._idle))
