"""Playing the replays of one entry again, all at once, from their seeds: the only source of a score.

The settings are the suite's, not the file's; of a file only the actions are used, and what it claims is compared.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agents.evaluation.measure import EpisodeRow, Meter
from airside_sim.envs.referee import Referee
from airside_sim.kernels.step import REST, STEP
from airside_sim.replay import Replay, ReplayError, load_replay
from airside_sim.replay.playback import judge
from airside_sim.replay.trace import Trace
from airside_sim.rng import seed_word
from airside_sim.sim import Simulator
from airside_sim.suite import ENV_ID, Entry


@dataclass(frozen=True)
class Claim:
    """An episode that an agent says it has driven."""

    seed: int
    path: Path | None = None  # of its replay
    failed: str = ""  # why there is none


def judge_entry(entry: Entry, claims: list[Claim]) -> list[EpisodeRow]:
    """A row for every claim, in order; a replay that is not true is a failed episode with the reason."""
    replays: list[Replay] = []
    owners: list[int] = []
    rows: list[EpisodeRow | None] = [None] * len(claims)
    for i, claim in enumerate(claims):
        reason = claim.failed
        if claim.path is not None and not reason:
            try:
                replay = load_replay(claim.path)
                reason = _misfit(replay, claim.seed)
            except ReplayError as error:
                reason = str(error).replace(f"{claim.path}", claim.path.name)
        if reason or claim.path is None:
            rows[i] = EpisodeRow(entry.label, claim.seed, failed=reason or "no replay")
        else:
            replays.append(replay)
            owners.append(i)
    if replays:
        for i, row in zip(owners, _play(entry, replays), strict=True):
            rows[i] = row
    return [row for row in rows if row is not None]


def _misfit(replay: Replay, seed: int) -> str:
    """Why the replay cannot be the episode that was asked for, "" if it can."""
    if replay.env_id != ENV_ID:
        return f"the replay is of {replay.env_id}, not {ENV_ID}"
    if replay.seed != seed or replay.episode != 0 or replay.word != int(seed_word(seed)):
        return f"the replay does not begin as seed {seed} does"
    if not replay.num_steps:
        return "the replay has no actions"
    return ""


def _play(entry: Entry, replays: list[Replay]) -> list[EpisodeRow]:
    """Play all replays side by side; the row of each is read when its episode or its actions end."""
    n = len(replays)
    simulator = Simulator(entry.config(obs_type="state"), n)
    simulator.reset(seeds=np.array([r.seed for r in replays], np.int64))
    world, meter, referee = simulator.world, Meter(simulator), Referee(simulator.world)
    traces = [Trace(world, replay.digest_every, e) for e, replay in enumerate(replays)]
    steps = np.array([r.num_steps for r in replays])
    actions = np.zeros((int(steps.max()), n, 2))
    for e, replay in enumerate(replays):
        actions[: steps[e], e] = np.clip(replay.actions, [-1.0, 0.0], [1.0, 1.0])
    alive = np.ones(n, bool)
    rows: list[EpisodeRow | None] = [None] * n
    for tick in range(len(actions)):
        simulator.step(actions[tick], np.where(alive, STEP, REST).astype(np.uint8))
        referee.watch()
        meter.tick(alive)
        for e in np.flatnonzero(alive):
            traces[e].tick()
        over = simulator.done & alive
        for e in np.flatnonzero(over):
            rows[e] = meter.episode(int(e), entry.label, replays[e].seed)
        alive &= ~over & (tick + 1 < steps)
        if not alive.any():
            break
    logs = _by_env(referee, n)
    return [_verdict(entry, *parts, simulator.map_hash) for parts in zip(replays, traces, logs, rows, strict=True)]


def _verdict(entry: Entry, replay: Replay, trace: Trace, log: list, row: EpisodeRow | None, maps: str) -> EpisodeRow:
    if replay.map_hash != maps:
        reason = f"the replay was recorded on maps {replay.map_hash}, the suite has {maps}"
    else:
        is_true, reason = judge(replay, trace, log)
        if is_true and row is None:
            reason = f"the replay stops after {replay.num_steps} steps, before the episode ends"
    return row if row is not None and not reason else EpisodeRow(entry.label, replay.seed, failed=reason)


def _by_env(referee: Referee, n: int) -> list[list[dict]]:
    """The referee's records of each world, as a single environment would have written them."""
    logs: list[list[dict]] = [[] for _ in range(n)]
    for record in referee.records():
        logs[record["env"]].append(record | {"env": 0})
    return logs
