"""`Eye`: packed bird's-eye view, state and objects of one env, by the kernels that the environments observe with."""

from typing import Any

import numpy as np

from airside_sim.constants import MAX_OBJECTS, OBJECT_FEATURES
from airside_sim.kernels.bev import BevGeometry, allocate_scratch, as_words, packed_shape, render_env
from airside_sim.kernels.observe import observe_env
from airside_sim.native_store import ALIGNMENT
from airside_sim.parallel import launch
from airside_sim.state_features import NUM_STATE


class Eye:
    """Observes env 0 of whatever has `world, bank, vehicles, aircraft_types`."""

    def __init__(self, size: int = 128, range_m: float = 100.0, ahead_m: float = 50.0) -> None:
        self.geometry = BevGeometry(size, float(range_m), float(ahead_m))
        self._scratch = allocate_scratch(1)

    def look(self, scene: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(34, S, S / 8) u8 packed frame, (NUM_STATE,) f32, (16, 12) f32, each an array of its own."""
        world, bank, types = scene.world, scene.bank, scene.aircraft_types
        frame = _aligned_frame(self.geometry.size)
        launch(render_env, 0, world, bank, types, self.geometry, True, self._scratch, 0, as_words(frame)[0])
        state = np.empty(NUM_STATE, np.float32)
        objects = np.empty((MAX_OBJECTS, OBJECT_FEATURES), np.float32)
        launch(observe_env, 0, world, bank, scene.vehicles, types, state, objects)
        return frame[0], state, objects


def _aligned_frame(size: int) -> np.ndarray:
    """One packed frame (1, 34, S, S / 8) u8, aligned for the streaming stores of the renderer."""
    shape = (1, *packed_shape(size))
    num = int(np.prod(shape))
    raw = np.zeros(num + ALIGNMENT, np.uint8)
    first = -raw.ctypes.data % ALIGNMENT
    return raw[first : first + num].reshape(shape)
