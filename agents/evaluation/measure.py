"""What an episode was like, measured tick by tick from a simulator: costs, collisions, comfort, time.

Everything here is read from the world while a replay is played again; nothing is taken from the agent or its file.
"""

from dataclasses import dataclass, field

import numpy as np

from airside_sim.columns import Ego, Episode, Measured, Route
from airside_sim.constants import DT_S, ROUTE_STEP_M, HazardKind, TerminationReason
from airside_sim.info import Info
from airside_sim.kernels.collision import touches_quad
from airside_sim.sim import Simulator

MOVING_MPS = 0.1
ENTERING_MPS = 0.3  # faster than this it drives into a hazard; slower, the hazard comes to it
COMFORT_JERK_MPS3 = 5.0  # domain notes, section 9: jerk < 5 m/s^3, lateral acceleration < 2 m/s^2
COMFORT_LATERAL_MPS2 = 2.0
NO_ENTRY = (HazardKind.JET_BLAST, HazardKind.INTAKE)


@dataclass(frozen=True)
class EpisodeRow:
    """One episode in numbers. A failed one (`failed` says why) has driven nothing that counts."""

    entry: str
    seed: int
    failed: str = ""
    success: bool = False
    completion: float = 0.0
    reason: str = "FAILED"
    steps: int = 0
    distance_m: float = 0.0
    total_reward: float = 0.0
    cost: float = 0.0
    cost_hard: float = 0.0
    cost_soft: float = 0.0
    costs: dict[str, float] = field(default_factory=dict)  # every `cost/*` key of `info`, summed
    at_fault: bool = False
    entered_blast: bool = False
    compliance: float = 0.0  # share of ticks on which nothing was charged
    speed_mps: float = 0.0
    jerk_mean: float = 0.0  # |jerk| while moving, m/s^3
    jerk_p95: float = 0.0
    lateral_mean: float = 0.0  # |lateral acceleration| while moving, m/s^2
    lateral_p95: float = 0.0
    comfort: float = 0.0  # share of the moving ticks within the comfort bounds
    efficiency: float = 0.0  # time of the driven part at the speed limit / time taken


class Meter:
    """Measures every world of a simulator from its reset on; call `tick(alive)` after every step."""

    def __init__(self, simulator: Simulator) -> None:
        self._world = simulator.world
        self._names = [name for name in simulator.info_names if name.startswith("cost/")]
        self._columns = [simulator.info_names.index(name) for name in self._names]
        n = simulator.num_envs
        self._free_s = free_times(simulator)
        self._costs = np.zeros((n, len(self._names)))
        self._sums = np.zeros((n, 4))  # reward, cost, hard, soft
        self._clean, self._steps = np.zeros(n), np.zeros(n)
        self._blast, self._fault = np.zeros(n, bool), np.zeros(n, bool)
        self._odometer0 = self._world.ego[:, Ego.ODOMETER].copy()
        self._rows: list[np.ndarray] = []  # (n, 3) f32 a tick: |jerk|, |lateral acceleration|, counts

    def tick(self, alive: np.ndarray) -> None:
        """Take in the step that has just been made in the worlds of `alive` (n,) bool."""
        world, info = self._world, self._world.info
        terms = info[:, self._columns] * alive[:, None]
        self._costs += terms
        charged = (terms > 0.0).any(axis=1)
        self._steps += alive
        self._clean += alive & ~charged
        self._sums += np.stack(
            [world.reward, info[:, Info.COST], info[:, Info.COST_HARD], info[:, Info.COST_SOFT]], axis=1
        ) * alive[:, None]  # fmt: skip
        self._fault |= alive & (info[:, Info.AT_FAULT] > 0.0)
        speed = world.ego[:, Ego.SPEED]
        for e in np.flatnonzero(alive & (world.measured[:, Measured.IN_HAZARD] > 0.0) & (speed > ENTERING_MPS)):
            self._blast[e] |= _in_no_entry(world, int(e))
        jerk = np.abs(world.ego[:, Ego.ACCEL] - world.ego[:, Ego.PREV_ACCEL]) / DT_S
        lateral = np.abs(world.ego[:, Ego.YAW_RATE] * speed)
        self._rows.append(np.stack([jerk, lateral, alive & (speed > MOVING_MPS)], axis=1).astype(np.float32))

    def episode(self, e: int, entry: str, seed: int) -> EpisodeRow:
        """Row of world `e`, whose episode has ended."""
        world, info = self._world, self._world.info[e]
        rows = np.stack([row[e] for row in self._rows])
        jerk, lateral = rows[rows[:, 2] > 0.0, :2].T if (rows[:, 2] > 0.0).any() else np.zeros((2, 1), np.float32)
        steps = max(1.0, float(self._steps[e]))
        distance_m = float(world.ego[e, Ego.ODOMETER] - self._odometer0[e])
        completion = float(info[Info.ROUTE_COMPLETION])
        reward, cost, hard, soft = self._sums[e].tolist()
        is_gentle = (jerk <= COMFORT_JERK_MPS3) & (lateral <= COMFORT_LATERAL_MPS2)
        return EpisodeRow(
            entry=entry, seed=seed, success=bool(info[Info.IS_SUCCESS]), completion=completion,
            reason=TerminationReason(int(info[Info.TERMINATION_REASON])).name, steps=int(self._steps[e]),
            distance_m=distance_m, total_reward=reward, cost=cost, cost_hard=hard, cost_soft=soft,
            costs=dict(zip(self._names, self._costs[e].tolist(), strict=True)), at_fault=bool(self._fault[e]),
            entered_blast=bool(self._blast[e]), compliance=float(self._clean[e]) / steps,
            speed_mps=distance_m / (steps * DT_S), jerk_mean=float(jerk.mean()),
            jerk_p95=float(np.quantile(jerk, 0.95)), lateral_mean=float(lateral.mean()),
            lateral_p95=float(np.quantile(lateral, 0.95)), comfort=float(is_gentle.mean()),
            efficiency=min(1.0, float(self._free_s[e]) * completion / (steps * DT_S)),
        )  # fmt: skip


def free_times(simulator: Simulator) -> np.ndarray:
    """(n,) s that each world's route takes at the limit in force or the vehicle's top speed."""
    world, times = simulator.world, np.zeros(simulator.num_envs)
    for e in range(simulator.num_envs):
        first, last = world.episode[e, [Episode.ROUTE_START, Episode.ROUTE_LENGTH]]
        top = simulator.vehicles.max_speed_mps[int(world.ego[e, Ego.VEHICLE])]
        limits = world.route[e, int(first / ROUTE_STEP_M) : int(last / ROUTE_STEP_M) + 1, Route.LIMIT]
        times[e] = (last - first) / len(limits) * (1.0 / np.minimum(limits, top)).sum()
    return times


def _in_no_entry(world, e: int) -> bool:
    """An ego body lies in a jet blast or an intake."""
    num = 1 + int(world.ego[e, Ego.TRAILERS])
    quads = [quad for quad in world.hazard[e] if int(quad[8]) in NO_ENTRY]
    return any(touches_quad(world.ego_body[e], k, quad) for quad in quads for k in range(num))
