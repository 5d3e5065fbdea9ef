"""Scripted drivers: floors and ceilings for every learned agent, and the source of recorded driving.

`make_driver(name, env).act(obs)` works on single, vector and SB3 environments alike. Drivers read the simulator's own
state (privileged), never its future. `noisy` and `random` own a seeded generator, so a run repeats.
"""

from typing import Any

import numpy as np

from airside_sim.jit import njit
from airside_sim.kernels.expert import drive
from airside_sim.kernels.expert_style import Style
from airside_sim.resources import did_you_mean

STYLES: dict[str, Style] = {
    "expert": Style(),
    "cautious": Style(speed_factor=0.75, comfort_brake_mps2=0.8, lateral_accel_mps2=0.7, gap_m=5.0, person_gap_m=7.0),
    "aggressive": Style(
        speed_factor=1.3,
        comfort_brake_mps2=1.9,
        lateral_accel_mps2=2.5,
        gap_m=1.7,
        person_gap_m=2.5,
        aircraft_margin_m=3.0,
        stop_margin_m=0.3,
    ),
    "noisy": Style(),
    "blind": Style(sees_people=0.0, sees_aircraft=0.0, obeys_clearance=0.0),
}
DRIVER_NAMES = (*STYLES, "random", "stop")

BURST_PROBABILITY = 0.02  # per tick: about 20 % of the time inside a burst
BURST_TICKS = (5, 15)


@njit
def _drive_rows(rows, w, b, vt, at, style, speed_scale, out):
    for k in range(rows.shape[0]):
        drive(int(rows[k]), w, b, vt, at, style, speed_scale, out)


def _simulator(env: Any) -> Any:
    """The `Simulator` behind a gymnasium env, vector env or SB3 VecEnv."""
    base = getattr(env, "unwrapped", env)
    simulator = getattr(base, "simulator", None)
    if simulator is None:
        raise TypeError(f"make_driver needs an airside_sim environment; {type(base).__name__} has no simulator")
    return simulator


class Driver:
    """A policy over the simulator's state; `act(obs)` ignores obs and returns env-unit actions.

    Returns (2,) float32 for a single env, (n, 2) for a vector env; int64 scalars / (n,) when the env is discrete.
    """

    def __init__(self, name: str, env: Any, seed: int = 0) -> None:
        if name not in DRIVER_NAMES:
            raise ValueError(f"unknown driver '{name}'{did_you_mean(name, list(DRIVER_NAMES))}")
        self.name = name
        self.simulator = _simulator(env)
        self.is_single = not hasattr(env, "num_envs")
        self.is_discrete = self.simulator.config.action_type == "discrete"
        num_envs = self.simulator.num_envs
        self.clean = np.zeros((num_envs, 2))  # what it wanted on the last `act`, before any noise
        self._rows = np.arange(num_envs)
        self._rng = np.random.Generator(np.random.PCG64(seed))
        self._actions = np.zeros((num_envs, 2))
        self._burst_left = np.zeros(num_envs, dtype=np.int64)
        self._burst = np.zeros((num_envs, 2))

    def act(self, obs: Any = None, rows: np.ndarray | None = None) -> np.ndarray:
        """Action for the present state of every env; with `rows` (i64) scripted ones only think about those envs."""
        if self.name == "random":
            self._actions[:, 0] = self._rng.uniform(-1.0, 1.0, len(self._actions))
            self._actions[:, 1] = self._rng.uniform(0.0, 1.0, len(self._actions))
            if self.is_discrete:
                return self._shape(self._rng.integers(0, 30, len(self._actions)))
        elif self.name == "stop":
            self._actions[:] = 0.0
        else:
            sim = self.simulator
            _drive_rows(
                self._rows if rows is None else rows, sim.world, sim.bank, sim.vehicles, sim.aircraft_types,
                STYLES[self.name], float(sim.config.speed_scale), self._actions,
            )  # fmt: skip
        self.clean[:] = self._actions
        if self.name == "noisy":
            self._add_bursts()
        if self.is_discrete:
            return self._shape(nearest_discrete(self._actions, self.simulator))
        return self._shape(self._actions.astype(np.float32))

    def _shape(self, actions: np.ndarray) -> np.ndarray:
        return actions[0] if self.is_single else actions

    def _add_bursts(self) -> None:
        """Random actions for 5 to 15 ticks at a time."""
        start = (self._burst_left == 0) & (self._rng.random(len(self._burst)) < BURST_PROBABILITY)
        lengths = self._rng.integers(BURST_TICKS[0], BURST_TICKS[1] + 1, len(self._burst))
        draws = self._rng.uniform([-0.5, 0.0], [0.5, 1.0], (len(self._burst), 2))
        self._burst_left = np.where(start, lengths, self._burst_left)
        self._burst = np.where(start[:, None], draws, self._burst)
        active = self._burst_left > 0
        self._actions[active] = self._burst[active]
        self._burst_left = np.maximum(0, self._burst_left - 1)


def make_driver(name: str, env: Any, seed: int = 0) -> Driver:
    """Driver `name` (one of `DRIVER_NAMES`) for an airside_sim env of any kind."""
    return Driver(name, env, seed)


def nearest_discrete(actions: np.ndarray, simulator: Any) -> np.ndarray:
    """Index of the discrete action that comes closest to each continuous one: (n, 2) -> (n,) int64.

    The wanted acceleration decides the group (brake, coast, throttle), the steering the member.
    """
    from airside_sim.columns import Ego, Episode, Route
    from airside_sim.kernels.dynamics import DISCRETE_LEVEL, DISCRETE_STEER

    world = simulator.world
    rows = np.arange(len(actions))
    n = np.clip(world.episode[:, Episode.S_FRONT].astype(np.int64), 0, world.route.shape[1] - 1)
    top = simulator.vehicles.max_speed_mps[world.ego[:, Ego.VEHICLE].astype(np.int64)]
    target = actions[:, 1] * np.minimum(world.route[rows, n, Route.LIMIT], top)
    gap = target - world.ego[:, Ego.SPEED]
    wanted = np.select([gap < -0.6, gap < -0.15, gap < 0.1, gap < 0.8], [-0.6, -0.3, 0.0, 0.3], 0.7)
    stopping = actions[:, 1] < 0.02
    fast = world.ego[:, Ego.SPEED] > 1.0
    wanted = np.where(stopping, np.where(fast, -1.0, -0.6), wanted)
    mismatch = np.abs(DISCRETE_LEVEL[None, :] - wanted[:, None]) * 10.0 + np.abs(
        DISCRETE_STEER[None, :] - actions[:, :1]
    )
    return mismatch.argmin(axis=1)
