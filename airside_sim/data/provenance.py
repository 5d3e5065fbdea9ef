"""Where an episode comes from: its route, its map, the versions that made it."""

import functools
import hashlib
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from airside_sim.columns import Episode as Column
from airside_sim.columns import Route
from airside_sim.config import CostConfig, RewardConfig, coefficient_names, replace_checked
from airside_sim.sim import Simulator
from airside_sim.snapshot import content_hash

ROUTE_SPACING = 10  # route points are 1 m apart; kept every 10 m


@functools.lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Versions of what decides how an episode comes out."""
    import airside_sim

    found = {"airside_sim": airside_sim.__version__, "python": platform.python_version()}
    return found | {name: metadata.version(name) for name in ("numba", "numpy", "gymnasium")}


@functools.lru_cache(maxsize=1)
def commit() -> str:
    """Git commit of the checkout that airside_sim is run from, "+" after it when files are changed; "" elsewhere."""
    folder = Path(__file__).resolve().parent
    try:
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=True)
        changed = subprocess.run(
            ["git", "status", "--porcelain", "-uno"], cwd=folder, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def coefficients(reward: dict[str, float], cost: dict[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """All coefficients and thresholds of reward and cost, by the names that users write, with these changed."""
    return _by_name(replace_checked(RewardConfig(), reward, "reward")), _by_name(
        replace_checked(CostConfig(), cost, "cost")
    )


def _by_name(config: RewardConfig | CostConfig) -> dict[str, float]:
    return dict(zip(coefficient_names(type(config)), map(float, vars(config).values()), strict=True))


class Routes:
    """Facts about the routes of a simulator's episodes."""

    def __init__(self, simulator: Simulator) -> None:
        self._sim = simulator
        self._hashes = [content_hash(one.arrays) for one in simulator.maps]

    def facts(self, e: int) -> dict[str, Any]:
        """`EpisodeMeta` fields about the map and the route of env e's present episode."""
        world, bank = self._sim.world, self._sim.bank
        m = int(world.episode[e, Column.MAP])
        route = world.route[e, : int(world.episode[e, Column.ROUTE_POINTS])]
        lanes = (route[:, Route.LANE].astype(np.int64) - int(bank.map_lane0[m])).tolist()
        ordered = tuple(dict.fromkeys(lanes))
        xy = np.round(route[:, [Route.X, Route.Y]], 1)
        kept = np.concatenate([xy[::ROUTE_SPACING], xy[-1:]])
        name, key = self._sim.maps[m].name, self._hashes[m]
        return {
            "map": name,
            "map_hash": self._sim.map_hash,
            "route_id": f"{name}-{hashlib.sha256(key.encode() + xy.tobytes()).hexdigest()[:16]}",
            "route_group": f"{name}-{key}-{ordered[0]}-{ordered[-1]}",
            "route_lanes": ordered,
            "route_xy": tuple((float(x), float(y)) for x, y in kept),
        }
