"""`Simulator`: E environments stepped together, arrays in and arrays out. It knows no environment API.

Everything is allocated at construction; `step`, `reset` and `observe` write in place. The single environment, the
vector environment and the SB3 adapter are views of this class.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.capacity import capacity
from airside_sim.columns import Episode
from airside_sim.config import build_params
from airside_sim.constants import BEV_SIZE, VehicleClass
from airside_sim.env_config import EnvConfig
from airside_sim.episode_setup import join_setups
from airside_sim.info import info_names
from airside_sim.kernels.step import RESET, REST, advance_env, advance_parallel, advance_serial
from airside_sim.mapping.bank import MapBank
from airside_sim.mapping.bank_build import CompiledMap, build_bank
from airside_sim.mapping.cache import load_compiled
from airside_sim.parallel import run_batch
from airside_sim.rng import seed_word
from airside_sim.routes import RouteTable, build_route_table, join_route_tables
from airside_sim.snapshot import content_hash, pack_state, unpack_state
from airside_sim.traffic_config import DEFAULT_TRAFFIC, TrafficParams
from airside_sim.vehicles import EGO_CLASSES, VEHICLES
from airside_sim.world import World, allocate

TAIL_MARGIN_M = 2.0
VIEW_MARGIN_M = 4.0


class Simulator:
    """A batch of worlds on one map bank. All arrays lead with the env axis E.

    With several configs every reset draws one of them; they must agree on all but what an episode is drawn from
    (`suite.EPISODE_FIELDS`). `config` is the first.
    """

    def __init__(self, configs: EnvConfig | Sequence[EnvConfig], num_envs: int) -> None:
        if num_envs < 1:
            raise ValueError(f"num_envs={num_envs}: at least 1 is needed")
        self.configs = (configs,) if isinstance(configs, EnvConfig) else tuple(configs)
        self.config = config = self.configs[0]
        self.num_envs = num_envs
        self.vehicles = VEHICLES
        self.aircraft_types = AIRCRAFT
        self.maps, maps_of = _load_maps(self.configs)
        self.bank = build_bank(self.maps)
        self.setup = join_setups([one.episode_setup() for one in self.configs])
        self.params = build_params(
            config.reward,
            config.cost,
            speed_scale=config.speed_scale,
            discrete=config.action_type == "discrete",
        )
        self.traffic = traffic_params(config)
        self.routes = join_route_tables(
            [_routes(self.bank, one, maps) for one, maps in zip(self.configs, maps_of, strict=True)]
        )
        self.world = self._allocate_world()
        self.map_hash = content_hash(self.bank)
        self._no_reset = np.zeros(num_envs, dtype=np.uint8)
        self._actions = np.zeros((num_envs, 2))

    def _allocate_world(self) -> World:
        return allocate(capacity(self.bank, self.configs, self.num_envs), len(info_names()))

    @property
    def info_names(self) -> tuple[str, ...]:
        """Column names of `world.info`."""
        return info_names()

    @property
    def done(self) -> np.ndarray:
        """(E,) bool: the last step ended the episode."""
        return (self.world.terminated | self.world.truncated).astype(bool)

    def reset(self, mask: np.ndarray | None = None, seeds: np.ndarray | None = None) -> None:
        """Begin new episodes where `mask` (E,) bool is set (everywhere by default).

        `seeds` (E,) int64 restarts the generators of these envs; where it is negative, or without it, an env's own
        stream goes on.
        """
        chosen = np.ones(self.num_envs, bool) if mask is None else mask.astype(bool)
        if seeds is not None:
            for e in np.flatnonzero(chosen & (seeds >= 0)):
                self.world.rng[e] = seed_word(int(seeds[e]))
                self.world.episode[e, Episode.SEED] = float(seeds[e])
                self.world.episode[e, Episode.EPISODE_INDEX] = 0.0
        self._advance(self._actions, np.where(chosen, RESET, REST).astype(np.uint8))

    def step(self, actions: np.ndarray, reset_mask: np.ndarray | None = None) -> None:
        """One tick of 0.1 s. `actions` (E, 2) f64: steering [-1, 1], velocity [0, 1].

        Envs whose `reset_mask` is set begin a new episode instead (next-step autoreset).
        """
        mask = self._no_reset if reset_mask is None else reset_mask
        self._advance(actions, mask)

    def _advance(self, actions: np.ndarray, order: np.ndarray) -> None:
        args = (*self._tables(), actions, order)
        run_batch(self.num_envs, (advance_env, advance_serial, advance_parallel), (0, *args), args)

    def _tables(self) -> tuple[Any, ...]:
        return (
            self.world,
            self.bank,
            self.vehicles,
            self.aircraft_types,
            self.params,
            self.traffic,
            self.setup,
            self.routes,
        )

    def get_state(self, extra: dict[str, Any] | None = None) -> bytes:
        """Everything that decides the future, as bytes."""
        return pack_state(self.world, self.map_hash, extra or {})

    def set_state(self, state: bytes) -> dict[str, Any]:
        """Continue from `get_state`'s bytes, bit for bit; returns its `extra`."""
        return unpack_state(state, self.world, self.map_hash)


def _load_maps(configs: Sequence[EnvConfig]) -> tuple[list[CompiledMap], list[list[int]]]:
    """Every map once, and for each config the places of its maps in that list."""
    maps: list[CompiledMap] = []
    places: dict[tuple[str, str | None], list[int]] = {}
    maps_of = []
    for config in configs:
        for spec in config.map:
            key = (spec, config.driving_side)
            if key not in places:
                loaded = load_compiled(spec, config.bev_range_m / BEV_SIZE, config.driving_side)
                places[key] = list(range(len(maps), len(maps) + len(loaded)))
                maps += loaded
        maps_of.append([m for spec in config.map for m in places[spec, config.driving_side]])
    return maps, maps_of


def _routes(bank: MapBank, config: EnvConfig, maps: list[int]) -> RouteTable:
    """Routes that a scenario may draw on its maps."""
    push = config.events.pushback_in_progress
    return build_route_table(
        bank,
        config.route_length_m,
        train_length_m(config),
        maps=maps,
        min_crossings=config.needs.min_crossings,
        pushback_within_m=push.within_m if push is not None and push.probability == 1.0 else 0.0,
        needs_stand_goal=config.needs.stand_goal,
        top_speed_mps=float(VEHICLES.max_speed_mps[EGO_CLASSES[config.ego]]),
        time_limit_s=0.1 * (config.max_steps or 0),
    )


def traffic_params(config: EnvConfig) -> TrafficParams:
    """Traffic settings of a scenario: nothing appears inside a larger BEV."""
    q = DEFAULT_TRAFFIC
    farthest_m = max(config.bev_ahead_m, config.bev_range_m - config.bev_ahead_m)
    grown_m = max(0.0, math.hypot(farthest_m, 0.5 * config.bev_range_m) + VIEW_MARGIN_M - q.view_m)
    rings = ("view_m", "bubble_m", "bubble_out_m", "respawn_max_m", "people_bubble_m", "people_out_m")
    return q._replace(**{name: getattr(q, name) + grown_m for name in rings})


def train_length_m(config: EnvConfig) -> float:
    """Front bumper to the last tail of the longest train the config may draw, with a margin."""
    vehicle = EGO_CLASSES[config.ego]
    dolly = VehicleClass.DOLLY
    link_m = float(VEHICLES.drawbar_m[dolly] + VEHICLES.front_m[dolly] + VEHICLES.hitch_m[dolly])
    return float(VEHICLES.length_m[vehicle]) + config.max_trailers * link_m + TAIL_MARGIN_M
