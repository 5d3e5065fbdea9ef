"""`Fleet`: one apron on which several egos drive, arrays in and arrays out. It knows no environment API.

The apron is a world of E = 1 whose traffic is simulated once; every ego has a world of its own that shares the apron's
traffic arrays (`kernels.fleet_roster`). `world` stacks what the egos own: its rows are the egos, in order.
"""

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

import numpy as np

from airside_sim.by_reference import address_for_kernels
from airside_sim.capacity import capacity
from airside_sim.columns import Body, Episode
from airside_sim.env_config import EnvConfig
from airside_sim.info import info_names
from airside_sim.kernels.fleet import judge_all, look, look_parallel, look_serial, move_all
from airside_sim.kernels.fleet_roster import Presence, Roster
from airside_sim.parallel import launch, run_batch
from airside_sim.rng import mix64, seed_word
from airside_sim.sim import Simulator
from airside_sim.snapshot import pack_state, unpack_state
from airside_sim.world import World, allocate

SHARED = (
    "sky", "vehicle", "aircraft", "person", "prop", "walk_crossing", "taxi_edge", "lane_head", "lane_next", "crowd",
    "close", "turn", "event_queue", "queue_count",
)  # fmt: skip
_GOLDEN = 0x9E3779B97F4A7C15


class Fleet(Simulator):
    """`num_envs` egos on one apron. `world` has their rows; the traffic in it is the apron's, with one row for all."""

    def __init__(self, config: EnvConfig, num_egos: int, *, respawn: bool = False) -> None:
        super().__init__(config, num_egos)
        self.traffic = self.traffic._replace(puppets=float(num_egos))
        self.views = [_view(self.world, i, SHARED) for i in range(num_egos)]
        driven = self.apron.vehicle.shape[1] - num_egos
        self._stage = self.views[0]._replace(vehicle=self.apron.vehicle[:, :driven])
        bodies = self.apron.body.shape[1]
        self.roster = Roster(
            world=np.array([address_for_kernels(view) for view in self.views], np.int64),
            stage=np.array([address_for_kernels(self._stage)], np.int64),
            presence=np.zeros(num_egos, np.uint8),
            is_pushed=np.zeros(num_egos, np.uint8),
            turn=np.zeros(num_egos, np.int64),
            lock=np.zeros((self.apron.junction.shape[1], 2), np.int64),
            vehicle0=driven,
            body0=bodies - self.apron.person.shape[1] - self.apron.prop.shape[1] - self._bodies_each * num_egos,
            each=self._bodies_each,
            respawn=int(respawn),
        )

    def _allocate_world(self) -> World:
        n = self.num_envs
        alone = capacity(self.bank, self.configs, 1)
        room = alone._replace(vehicles=alone.vehicles + n, bodies=alone.bodies + self._bodies_each * n)
        apron = allocate(room, len(info_names()))
        everyone = np.zeros((1, self._bodies_each * n, len(Body)))
        everyone[:, :, Body.CLASS] = -1.0
        self.apron = apron._replace(ego_body=everyone)
        own = room._replace(num_envs=n, vehicles=0, aircraft=0, people=0, props=0, lanes=0)
        return allocate(own, len(info_names()))._replace(**{name: getattr(apron, name) for name in SHARED})

    @property
    def _bodies_each(self) -> int:
        """Bodies of the longest train an ego may draw."""
        return 1 + self.config.max_trailers

    @property
    def is_present(self) -> np.ndarray:
        """(n,) bool: the ego's vehicle is on the apron (also on the tick on which it ended)."""
        return self.roster.presence != Presence.OUT

    @property
    def is_driving(self) -> np.ndarray:
        """(n,) bool: the ego is on the apron and its episode goes on."""
        return self.is_present & (self.world.episode[:, Episode.DONE] == 0.0)

    def reset(self, mask: np.ndarray | None = None, seeds: np.ndarray | None = None) -> None:
        """Begin anew with every ego. `seeds` (1,) restarts all generators from one number; None goes on with them.

        Egos share an apron, so there is no `mask`. Raises ValueError when the apron has no room for all.
        """
        assert mask is None, mask
        if seeds is not None:
            self._seed(int(seeds[0]))
        self._move(np.zeros((self.num_envs, 2)), is_reset=True)
        placed = int(self.is_present.sum())
        if placed < self.num_envs:
            raise ValueError(
                f"n_agents={self.num_envs}: only {placed} found a free place to start on {', '.join(self.config.map)}; "
                "take fewer agents, a larger map or a wider route_length_m"
            )

    def step(self, actions: np.ndarray, reset_mask: np.ndarray | None = None) -> None:
        """One tick of 0.1 s. `actions` (n, 2) f64; rows of egos that do not drive are ignored."""
        assert reset_mask is None, reset_mask
        self._move(actions, is_reset=False)

    def _move(self, actions: np.ndarray, *, is_reset: bool) -> None:
        apron, roster, bank = self.apron, self.roster, self.bank
        tables = (bank, self.vehicles, self.aircraft_types, self.params, self.traffic)
        launch(move_all, apron, roster, *tables, self.setup, self.routes, actions, is_reset)
        args = (apron, roster, *tables)
        run_batch(self.num_envs, (look, look_serial, look_parallel), (0, *args), args)
        launch(judge_all, apron, roster, *tables)

    def _seed(self, seed: int) -> None:
        """A generator word for the apron and one for every ego, all from one seed."""
        first = int(seed_word(seed))
        self.apron.rng[0] = first
        for i in range(self.num_envs):
            self.world.rng[i] = mix64(np.uint64((first + (i + 1) * _GOLDEN) % 2**64))
        self.apron.episode[0, Episode.SEED] = seed
        self.world.episode[:, Episode.SEED] = seed
        self.world.episode[:, Episode.EPISODE_INDEX] = 0.0

    def _state(self) -> Any:
        """Every array that decides the future, by name."""
        arrays = {f"apron_{name}": array for name, array in self.apron._asdict().items()}
        arrays |= {f"ego_{name}": array for name, array in self.world._asdict().items() if name not in SHARED}
        arrays |= {"presence": self.roster.presence, "is_pushed": self.roster.is_pushed}
        return namedtuple("FleetState", arrays)(**arrays)  # type: ignore[misc]

    def get_state(self, extra: dict[str, Any] | None = None) -> bytes:
        """Everything that decides the future, as bytes."""
        return pack_state(self._state(), self.map_hash, extra or {})

    def set_state(self, state: bytes) -> dict[str, Any]:
        """Continue from `get_state`'s bytes, bit for bit; returns its `extra`."""
        return unpack_state(state, self._state(), self.map_hash)


def _view(world: World, i: int, shared: Sequence[str]) -> World:
    """World of E = 1 over row i of a batch and the arrays that all its rows share."""
    return World(**{name: a if name in shared else a[i : i + 1] for name, a in world._asdict().items()})
