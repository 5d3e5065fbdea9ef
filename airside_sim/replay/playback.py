"""Playing a replay again: the simulator rebuilt from its header, stepped by its actions, compared hash by hash."""

from dataclasses import dataclass, replace
from typing import Any

import gymnasium as gym
import numpy as np

import airside_sim
from airside_sim.columns import Episode
from airside_sim.envs.referee import Referee
from airside_sim.replay.file import Outcome, Replay, ReplayError
from airside_sim.replay.recipe import config_of, plain_keywords, scenario_text
from airside_sim.replay.trace import Trace
from airside_sim.rng import seed_word
from airside_sim.sim import Simulator
from airside_sim.snapshot import SnapshotError

SNAPSHOT_ARRAYS = (
    "rng",
    "ego",
    "trailer",
    "episode",
    "feature",
    "sky",
    "vehicle",
    "aircraft",
    "person",
    "prop",
    "body",
)
SEEK_EVERY = 100  # ticks between the states kept for seeking


class Playback:
    """A one-env simulator that plays a replay; `seek` goes anywhere in it.

    Args:
        replay: what to play.
        map: map file to use where the recorded one has another path on this machine.
    """

    def __init__(self, replay: Replay, *, map: str | None = None) -> None:
        self.replay = replay
        self.simulator = Simulator(config_of(replay, map), 1)
        if replay.map_hash and self.simulator.map_hash != replay.map_hash:
            raise ReplayError(
                f"map '{', '.join(self.simulator.config.map)}' is not the one the replay was recorded on "
                f"(hash {self.simulator.map_hash}, recorded {replay.map_hash}): give the same file with --map"
            )
        self._action = np.zeros((1, 2))
        self._states: dict[int, bytes] = {}
        self.restart()

    @property
    def is_over(self) -> bool:
        return self.tick >= self.replay.num_steps

    def restart(self) -> None:
        """Go to the start of the episode."""
        world = self.simulator.world
        world.rng[0] = np.uint64(self.replay.word)
        world.episode[0, Episode.SEED] = float(self.replay.seed)
        world.episode[0, Episode.EPISODE_INDEX] = float(self.replay.episode)
        self.simulator.reset()
        self.tick = 0
        self._states.setdefault(0, self.simulator.get_state({}))

    def advance(self) -> None:
        """Play one tick; IndexError past the end."""
        self._action[0] = self.replay.actions[self.tick]
        self.simulator.step(self._action)
        self.tick += 1
        if self.tick % SEEK_EVERY == 0 and self.tick not in self._states:
            self._states[self.tick] = self.simulator.get_state({})

    def seek(self, tick: int) -> None:
        """Go to a tick, forward or back; clipped to the episode."""
        tick = min(max(tick, 0), self.replay.num_steps)
        nearest = max(t for t in self._states if t <= tick)
        if tick < self.tick or nearest > self.tick:
            self.simulator.set_state(self._states[nearest])
            self.tick = nearest
        while self.tick < tick:
            self.advance()


@dataclass(frozen=True)
class Verdict:
    """Whether a replay plays again as recorded."""

    is_true: bool
    from_seed: bool  # it begins as its seed says; a later episode of an env cannot show that, only its own word
    reason: str  # "" when true
    outcome: Outcome  # of the playback: what really happens
    events: tuple[dict[str, Any], ...] = ()


def verify(replay: Replay, *, map: str | None = None) -> Verdict:
    """Play the whole replay and compare hashes, snapshots, outcome and referee log with what it claims."""
    playback = Playback(replay, map=map)
    trace, events, wrong_snapshot = _play(playback)
    is_true, reason = _judge(replay, trace, events, wrong_snapshot)
    from_seed = replay.episode == 0 and int(seed_word(replay.seed)) == replay.word
    return Verdict(is_true, from_seed, reason, trace.outcome, tuple(events))


def _play(playback: Playback) -> tuple[Trace, list[dict[str, Any]], int]:
    """Trace and referee log of the whole episode, and the first tick whose snapshot differs (-1 none)."""
    world, replay = playback.simulator.world, playback.replay
    trace, referee = Trace(world, replay.digest_every), Referee(world)
    snapshots = dict(zip(replay.snapshot_ticks, replay.snapshots, strict=True))
    wrong = -1
    while not playback.is_over:
        playback.advance()
        trace.tick()
        referee.watch()
        over = bool(world.terminated[0] or world.truncated[0])
        if wrong < 0 and playback.tick in snapshots and not _is_state(playback.simulator, snapshots[playback.tick]):
            wrong = playback.tick
        if over and not playback.is_over:
            break  # actions after the end: nobody drove them
    return trace, referee.records(), wrong


def _is_state(simulator: Simulator, snapshot: bytes) -> bool:
    """The snapshot is the simulator's present state, apart from scratch and rows left over from older episodes."""
    here = simulator.get_state({})
    arrays = [getattr(simulator.world, name).copy() for name in SNAPSHOT_ARRAYS]
    try:
        simulator.set_state(snapshot)
        same = all(
            np.array_equal(a, getattr(simulator.world, name)) for a, name in zip(arrays, SNAPSHOT_ARRAYS, strict=True)
        )
    except SnapshotError:
        same = False
    simulator.set_state(here)
    return same


def _judge(replay: Replay, trace: Trace, events: list[dict[str, Any]], wrong_snapshot: int) -> tuple[bool, str]:
    if replay.episode <= 0 and int(seed_word(replay.seed)) != replay.word:
        return False, f"the episode does not begin as seed {replay.seed} does"
    if trace.outcome.steps != replay.num_steps:
        return False, f"the episode ends after {trace.outcome.steps} steps, the replay has {replay.num_steps} actions"
    for k, (got, claimed) in enumerate(zip(trace.digests(), replay.digests, strict=True)):
        if got != claimed:
            first, last = k * replay.digest_every, min((k + 1) * replay.digest_every, replay.num_steps)
            hint = "" if replay.version == airside_sim.__version__ else f" (recorded with airside_sim {replay.version})"
            return False, f"the world differs from the recorded one between ticks {first} and {last}{hint}"
    if wrong_snapshot >= 0:
        return False, f"the snapshot of tick {wrong_snapshot} is not the state the actions lead to"
    if trace.outcome != replay.outcome:
        return False, f"the replay claims {replay.outcome}, but its actions lead to {trace.outcome}"
    if events != replay.events:
        return False, "the referee's log of the playback is another one"
    return True, ""


def replay_actions(
    env_id: str, keywords: dict[str, Any], seed: int, actions: np.ndarray, *, digest_every: int = 50, text: str = ""
) -> Replay:
    """A replay of `actions` (T, 2) driven from `seed`: what a row of a vector env did, simulated once more.

    Actions after the end of the episode are dropped. `keywords` are those of `gym.make`; `text` is the YAML of a
    scenario file of the user's own, which is read when it is not given.
    """
    base = dict(gym.spec(env_id).kwargs) | plain_keywords(keywords)
    draft = Replay(
        env_id, base, text or scenario_text(keywords.get("scenario")), seed, 0, int(seed_word(seed)), "",
        np.ascontiguousarray(actions, np.float64), (), Outcome(), digest_every=digest_every,
        version=airside_sim.__version__,
    )  # fmt: skip
    playback = Playback(draft)
    trace, events, _ = _play(playback)
    return replace(
        draft,
        map_hash=playback.simulator.map_hash,
        actions=draft.actions[: trace.outcome.steps],
        digests=trace.digests(),
        outcome=trace.outcome,
        events=events,
    )
