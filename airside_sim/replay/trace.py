"""What a recorder and a playback both keep of an episode: hashes of the world tick by tick, and sums."""

import hashlib
from dataclasses import replace

import numpy as np

from airside_sim.constants import TerminationReason
from airside_sim.info import Info
from airside_sim.replay.file import Outcome
from airside_sim.world import World

HASHED = ("ego", "ego_body", "trailer", "body", "info", "reward", "cost", "terminated", "truncated")


class Trace:
    """Feeds every tick of one row of a world to a SHA-256 and sums reward and cost."""

    def __init__(self, world: World, digest_every: int, row: int = 0) -> None:
        self._world = world
        self._row = row
        self._every = digest_every
        self._hash = hashlib.sha256()
        self._digests: list[str] = []
        self.outcome = Outcome()

    def tick(self) -> None:
        """Take in the step that has just been made."""
        world, e = self._world, self._row
        for name in HASHED:
            self._hash.update(np.ascontiguousarray(getattr(world, name)[e]))
        info, past = world.info[e], self.outcome
        over = bool(world.terminated[e] or world.truncated[e])
        self.outcome = replace(
            past,
            steps=past.steps + 1,
            total_reward=past.total_reward + float(world.reward[e]),
            total_cost=past.total_cost + float(world.cost[e]),
            total_cost_hard=past.total_cost_hard + float(info[Info.COST_HARD]),
            route_completion=float(info[Info.ROUTE_COMPLETION]),
            is_success=bool(info[Info.IS_SUCCESS]),
            termination_reason=TerminationReason(int(info[Info.TERMINATION_REASON])).name if over else "RUNNING",
        )
        if self.outcome.steps % self._every == 0:
            self._digests.append(self._hash.hexdigest())

    def digests(self) -> tuple[str, ...]:
        """One every `digest_every` ticks, and one of the last tick."""
        rest = [self._hash.hexdigest()] if self.outcome.steps % self._every else []
        return (*self._digests, *rest)
