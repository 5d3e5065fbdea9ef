"""Observations: the spaces of every observation type, and arrays rendered straight into what is handed out.

The BEV is held channel-first; "hwc" is a view of it. `one` always renders into memory of its own, `batch` so
or into one reused set as asked.
"""

from typing import Any

import numpy as np
from gymnasium import spaces

from airside_sim.constants import BEV_CHANNELS, MAX_OBJECTS, OBJECT_FEATURES
from airside_sim.env_config import EnvConfig
from airside_sim.envs.recycler import Recycler
from airside_sim.kernels.bev import (
    BevGeometry,
    allocate_scratch,
    as_words,
    num_slots,
    render_env,
    render_parallel,
    render_serial,
)
from airside_sim.kernels.observe import observe_env, observe_parallel, observe_serial
from airside_sim.parallel import launch, run_batch
from airside_sim.sim import Simulator
from airside_sim.spaces import NUM_STATE, observation_space

Arrays = dict[str, np.ndarray]


class Observer:
    """Turns a simulator's state into observations of its config's `obs_type`."""

    _kernels = ((render_env, render_serial, render_parallel), (observe_env, observe_serial, observe_parallel))

    def __init__(self, simulator: Simulator, planes: int = BEV_CHANNELS) -> None:
        config = simulator.config
        self._sim = simulator
        self._config = config
        self._geometry = BevGeometry(config.bev_size, config.bev_range_m, config.bev_ahead_m)
        self._scratch = allocate_scratch(num_slots(simulator.num_envs), planes)
        self._reused: Arrays | None = None
        self._frames = {n: Recycler(_frame_shape(config, n, planes)) for n in {1, simulator.num_envs}}
        self.space = observation_space(
            config.obs_type, bev_size=config.bev_size, layout=config.layout, packed=config.packed, planes=planes
        )
        self._batched_space: spaces.Space | None = None

    @property
    def batched_space(self) -> spaces.Space:
        """Space of the whole batch; its bounds are views of the single one's, so that it costs no memory."""
        if self._batched_space is None:
            self._batched_space = _batched(self.space, self._sim.num_envs)
        return self._batched_space

    def one(self, e: int) -> Any:
        """Observation of env e in arrays of its own."""
        sim, arrays = self._sim, self._allocate(1)
        if "bev" in arrays:
            words = as_words(arrays["bev"])[0]
            geometry, packed = self._geometry, self._config.packed
            launch(render_env, e, sim.world, sim.bank, sim.aircraft_types, geometry, packed, self._scratch, 0, words)
        if "state" in arrays:
            launch(
                observe_env,
                e,
                sim.world,
                sim.bank,
                sim.vehicles,
                sim.aircraft_types,
                arrays["state"][0],
                arrays["objects"][0],
            )
        return pick(self._present(arrays), 0)

    def batch(self, fresh: bool) -> Any:
        """Observations of all envs, (E, ...); `fresh` = False reuses (and overwrites) one set of arrays."""
        sim = self._sim
        if fresh:
            arrays = self._allocate(sim.num_envs)
        else:
            arrays = self._reused = self._reused or self._allocate(sim.num_envs)
        worlds, (drawers, watchers) = self._worlds(), self._kernels
        if "bev" in arrays:
            tables = (*worlds, sim.bank, sim.aircraft_types)
            drawing = (self._geometry, self._config.packed, self._scratch, as_words(arrays["bev"]))
            first = (0, *tables, *drawing[:3], 0, drawing[3][0])
            run_batch(sim.num_envs, drawers, first, (*tables, *drawing))
        if "state" in arrays:
            tables = (*worlds, sim.bank, sim.vehicles, sim.aircraft_types)
            rows = (arrays["state"], arrays["objects"])
            run_batch(sim.num_envs, watchers, (0, *tables, rows[0][0], rows[1][0]), (*tables, *rows))
        return self._present(arrays)

    def _worlds(self) -> tuple[Any, ...]:
        """What the kernels below take as the worlds of a batch."""
        return (self._sim.world,)

    def _allocate(self, num_envs: int) -> Arrays:
        """Uninitialised channel-first arrays for 1 env or the batch."""
        arrays: Arrays = {}
        if self._config.has_bev:
            arrays["bev"] = self._frames[num_envs].take()
        if self._config.has_state:
            arrays["state"] = np.empty((num_envs, NUM_STATE), np.float32)
            arrays["objects"] = np.empty((num_envs, MAX_OBJECTS, OBJECT_FEATURES), np.float32)
        return arrays

    def _present(self, arrays: Arrays) -> Any:
        """Channel-first arrays (E, ...) in the form of the `obs_type`."""
        config, shown = self._config, dict(arrays)
        if config.has_bev and not config.packed and config.layout == "hwc":
            shown["bev"] = arrays["bev"].transpose(0, 2, 3, 1)
        if config.obs_type == "flat":
            objects = arrays["objects"]
            return np.concatenate([arrays["state"], objects.reshape(len(objects), -1)], axis=1)
        if not config.has_objects:
            shown.pop("objects", None)
        return shown if len(shown) > 1 else next(iter(shown.values()))


def _frame_shape(config: EnvConfig, num_envs: int, planes: int) -> tuple[int, ...]:
    """Shape of a batch of frames, channel-first."""
    size = config.bev_size
    return (num_envs, planes, size, size // 8 if config.packed else size)


def pick(obs: Any, row: int) -> Any:
    """One env's observation as a view of the batch's."""
    return {key: value[row] for key, value in obs.items()} if isinstance(obs, dict) else obs[row]


def _batched(space: spaces.Space, num_envs: int) -> spaces.Space:
    """What `gymnasium.vector.utils.batch_space` gives, with broadcast instead of repeated bounds.

    For 256 frames of (34, 128, 128) gymnasium's own takes 12 s and 285 MB.
    """
    if isinstance(space, spaces.Dict):
        return spaces.Dict({name: _batched(part, num_envs) for name, part in space.spaces.items()})
    assert isinstance(space, spaces.Box), space
    batch: Any = spaces.Box.__new__(spaces.Box)
    for name, value in vars(space).items():
        if isinstance(value, np.ndarray) and value.shape == space.shape:
            value = np.broadcast_to(value, (num_envs, *space.shape))
        setattr(batch, name, value)
    batch._shape = (num_envs, *space.shape)
    batch._np_random = None
    return batch
