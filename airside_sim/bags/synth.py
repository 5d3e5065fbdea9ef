"""Demo bags from the simulator: drivers in a scenario, replays, or episodes of a dataset driven once more."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from airside_sim.bags.container import open_bag_writer
from airside_sim.bags.errors import BagError
from airside_sim.bags.playout import Playout, play
from airside_sim.bags.write import BagStyle, write_playout
from airside_sim.columns import Episode
from airside_sim.data.episode import EpisodeMeta
from airside_sim.drivers import make_driver
from airside_sim.replay.file import Replay
from airside_sim.replay.playback import Playback, replay_actions
from airside_sim.sim import Simulator
from airside_sim.suite import configs_of

START_NS = 1_700_000_000_000_000_000  # of a bag's first episode: any whole tenth of a second serves


def drives(
    scenario: str, drivers: Sequence[str], episodes: int, seed: int, max_steps: int = 100_000, **keywords: Any
) -> Iterator[Playout]:
    """Episodes `seed`, `seed + 1` ... of a scenario, driven by the drivers in turn."""
    labels, configs = configs_of(scenario, **keywords)
    simulator = Simulator(configs, 1)
    pilots = [make_driver(name, SimpleNamespace(simulator=simulator), seed) for name in drivers]
    for k in range(episodes):
        simulator.reset(seeds=np.array([seed + k]))
        about = {"driver": drivers[k % len(drivers)], "seed": seed + k, "scenario": labels[0],
                 "map": _map_name(simulator), "map_hash": simulator.map_hash}  # fmt: skip
        yield play(simulator, pilots[k % len(pilots)].act, max_steps, about)


def drive_of_replay(replay: Replay, driver: str = "replay", map: str | None = None) -> Playout:
    """A replay driven once more."""
    playback = Playback(replay, map=map)
    actions = iter(replay.actions)
    about = {
        "driver": driver,
        "seed": replay.seed,
        "scenario": str(replay.keywords.get("base_scenario", "")),
        "map": _map_name(playback.simulator),
        "map_hash": playback.simulator.map_hash,
    }
    return play(playback.simulator, lambda: next(actions), replay.num_steps, about)


def drive_of_episode(meta: EpisodeMeta, actions: np.ndarray) -> Playout:
    """A simulated episode of a dataset driven once more: T actions from its seed."""
    if meta.seed is None or not meta.env_id:
        raise BagError(f"episode from '{meta.source}' has no seed: only simulated driving can be driven once more")
    if meta.scenario_text:
        raise BagError("an episode of a scenario file cannot be driven once more from the dataset alone")
    kept = {k: v for k, v in meta.keywords.items() if k not in ("obs_type", "packed", "layout")}
    replay = replay_actions(meta.env_id, kept, meta.seed, actions)
    return drive_of_replay(replay, meta.behaviour)


def _map_name(simulator: Simulator) -> str:
    """Of the map that env 0's episode is on."""
    return simulator.maps[int(simulator.world.episode[0, Episode.MAP])].name


def write_bag(
    path: str | Path,
    kind: str,
    playouts: Iterable[Playout],
    style: BagStyle,
    *,
    force: bool = False,
    on_episode: Callable[[int], None] = lambda k: None,
) -> int:
    """Write episodes one after the other into a bag; returns how many."""
    start_ns, count = START_NS, 0
    with open_bag_writer(path, kind, force=force) as bag:
        for count, playout in enumerate(playouts, 1):
            start_ns = write_playout(bag, playout, start_ns, style, count - 1)
            on_episode(count)
    return count
