"""Recording with the vector engine: scripted drivers or any policies, mixed by share, every episode from its own seed.

Episode k of a recording begins with seed `seed + k`, so it plays again (`airside replay`). Drivers are dealt out by
transitions: a new episode goes to the driver who is furthest behind its share.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode

from airside_sim.columns import Ego
from airside_sim.constants import TerminationReason
from airside_sim.data.buffer import EpisodeBuffer
from airside_sim.data.provenance import Routes, coefficients, commit, versions
from airside_sim.data.store import DatasetWriter
from airside_sim.drivers import make_driver
from airside_sim.envs.vector import AirsideVectorEnv
from airside_sim.info import Info
from airside_sim.replay.recipe import plain_keywords, scenario_text

USUAL_STEPS = 300.0  # of an episode, until a driver has finished one
POSE = [Ego.X, Ego.Y, Ego.HEADING]
OWN_KEYWORDS = ("obs_type", "packed", "layout", "action_type", "render_mode", "copy", "autoreset_mode", "num_envs")
CUT = "LENGTH"  # termination_reason of an episode that ended because the dataset was full


class Policy(Protocol):
    """Drives rows of a vector env; `clean` (n, 2) is what it wanted before its noise."""

    clean: np.ndarray

    def act(self, obs: Any, rows: np.ndarray) -> np.ndarray: ...


MakePolicy = Callable[[Any], Policy]


class Recorder:
    """Drives a vector env and hands every finished episode to a writer.

    Args:
        env_id: of a registered environment.
        shares: of the transitions, by driver; sum 1.
        num_envs: how many drive at once.
        seed: of the first episode.
        with_bev, with_objects: which observations to keep beside the state.
        policies: makers of policies by name, for shares of drivers that are not scripted.
        keywords: of `gym.make_vec`.
    """

    def __init__(
        self, env_id: str, shares: Mapping[str, float], *, num_envs: int = 32, seed: int = 0, with_bev: bool = True,
        with_objects: bool = True, policies: Mapping[str, MakePolicy] | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        check_keywords(keywords)
        view = {"obs_type": _obs_type(with_bev, with_objects), "packed": with_bev, "layout": "chw"}
        env = gym.make_vec(
            f"airside_sim:{env_id}", num_envs=num_envs, autoreset_mode=AutoresetMode.DISABLED, copy=False,
            **(keywords | view),
        )  # fmt: skip
        assert isinstance(env, AirsideVectorEnv)
        self._env: AirsideVectorEnv = env
        self._shares = dict(shares)
        makers = dict(policies or {})
        self._policies: dict[str, Any] = {
            name: makers[name](env) if name in makers else make_driver(name, env, seed) for name in self._shares
        }
        names = list(env.simulator.info_names)
        self._reward_columns = [i for i, n in enumerate(names) if n.startswith("reward/")]
        self._cost_columns = [i for i, n in enumerate(names) if n.startswith("cost/")]
        self._common = _common_facts(env_id, env, keywords | view, names)
        self._routes = Routes(env.simulator)
        self._next_seed = seed
        self._codec = "gzip"  # the writer's, so that chunks go to disk as they are
        self._driver = np.array([""] * num_envs, dtype=object)
        self._count = dict.fromkeys(self._shares, 0)  # episodes finished ...
        self._steps = dict.fromkeys(self._shares, 0)  # ... and their transitions

    def resume(self, recorded: Iterable[tuple[str, int | None, int]]) -> None:
        """Go on after episodes of (behaviour, seed, steps)."""
        for behaviour, seed, steps in recorded:
            if behaviour in self._shares:
                self._count[behaviour] += 1
                self._steps[behaviour] += steps
            if seed is not None:
                self._next_seed = max(self._next_seed, seed + 1)

    def run(
        self, writer: DatasetWriter, steps: int, on_steps: Callable[[int, int], None] = lambda done, episodes: None
    ) -> int:
        """Record until `steps` transitions are written; returns how many episodes that took.

        Episodes under way when there are enough are cut there: truncated, never terminated.
        """
        env, world = self._env, self._env.simulator.world
        first = len(writer)
        self._codec = writer.codec
        done = 0
        buffers: list[EpisodeBuffer] = [None] * env.num_envs  # type: ignore[list-item]
        obs = self._begin(np.ones(env.num_envs, bool), buffers)
        while True:
            actions, clean = self._act(obs)
            obs, _, terminated, truncated, _ = env.step(actions)
            terms = world.info[:, self._reward_columns], world.info[:, self._cost_columns]
            for e, buffer in enumerate(buffers):
                buffer.step(action=actions[e], clean_action=clean[e], reward=world.reward[e], cost=world.cost[e],
                            reward_terms=terms[0][e], cost_terms=terms[1][e])  # fmt: skip
                self._observe(buffer, obs, e)
            ended = terminated | truncated
            under_way = sum(b.num_steps for b in buffers)
            is_full = done + under_way >= steps
            for e in np.flatnonzero(ended | is_full).tolist():
                if done < steps:
                    done += self._finish(writer, buffers[e], e, bool(terminated[e]), bool(ended[e]))
            on_steps(min(steps, done + (0 if is_full else under_way)), len(writer) - first)
            if is_full:
                return len(writer) - first
            if ended.any():
                obs = self._begin(ended, buffers)

    def close(self) -> None:
        self._env.close()

    def _begin(self, mask: np.ndarray, buffers: list[EpisodeBuffer]) -> Any:
        """Start an episode with a fresh seed where `mask` is set."""
        env = self._env
        seeds: list[int | None] = [None] * env.num_envs
        for e in np.flatnonzero(mask):
            seeds[e] = self._next_seed
            self._next_seed += 1
        obs, _ = env.reset(options={"reset_mask": mask, "episode_seeds": seeds})
        labels = env.scenario_labels()
        for e in np.flatnonzero(mask):
            self._driver[e] = self._furthest_behind(int(e), buffers)
            facts = self._common | self._routes.facts(int(e))
            facts |= {"seed": seeds[e], "behaviour": self._driver[e], "scenario": labels[e]}
            buffers[e] = EpisodeBuffer(len(self._reward_columns), len(self._cost_columns), self._codec, facts)
            self._observe(buffers[e], obs, int(e))
        return obs

    def _furthest_behind(self, e: int, buffers: list[EpisodeBuffer]) -> str:
        """Driver whose transitions, with those that its running episodes are likely to add, fall shortest."""
        likely = {n: self._steps[n] / self._count[n] if self._count[n] else USUAL_STEPS for n in self._shares}
        got: dict[str, float] = dict(self._steps)
        for other, name in enumerate(self._driver):
            if name and other != e:
                got[name] += likely[name]
        return max(self._shares, key=lambda n: self._shares[n] - got[n] / (sum(got.values()) + 1.0))

    def _act(self, obs: Any) -> tuple[np.ndarray, np.ndarray]:
        """Actions of all envs, and what their drivers wanted before noise: (n, 2) f32 each."""
        actions = np.zeros((self._env.num_envs, 2), np.float32)
        clean = np.zeros_like(actions)
        for name, policy in self._policies.items():
            rows = np.flatnonzero(self._driver == name)
            if len(rows):
                actions[rows] = policy.act(obs, rows)[rows]
                clean[rows] = policy.clean[rows]
        return np.clip(actions, [-1.0, 0.0], 1.0, dtype=np.float32), np.clip(clean, [-1.0, 0.0], 1.0, dtype=np.float32)

    def _observe(self, buffer: EpisodeBuffer, obs: Any, e: int) -> None:
        parts = obs if isinstance(obs, dict) else {"state": obs}
        buffer.observe(pose=self._env.simulator.world.ego[e, POSE], **{name: array[e] for name, array in parts.items()})

    def _finish(self, writer: DatasetWriter, buffer: EpisodeBuffer, e: int, is_terminated: bool, is_over: bool) -> int:
        """Write env e's episode; returns its transitions."""
        info = self._env.simulator.world.info[e]
        reason = TerminationReason(int(info[Info.TERMINATION_REASON])).name if is_over else CUT
        episode = buffer.finish(
            is_terminated,
            is_success=bool(info[Info.IS_SUCCESS]),
            route_completion=min(1.0, max(0.0, float(info[Info.ROUTE_COMPLETION]))),
            termination_reason=reason,
        )
        writer.append(episode)
        name = self._driver[e]
        self._count[name] += 1
        self._steps[name] += buffer.num_steps
        return buffer.num_steps


def check_keywords(keywords: Mapping[str, Any]) -> None:
    """ValueError for keywords of the environment that a recording decides itself."""
    taken = [name for name in OWN_KEYWORDS if name in keywords]
    if taken:
        raise ValueError(f"set: '{taken[0]}' is the recorder's own: datasets hold packed channel-first views and "
                         "continuous actions")  # fmt: skip


def _obs_type(with_bev: bool, with_objects: bool) -> str:
    """What to render: state and objects come together."""
    if with_bev:
        return "bev+objects" if with_objects else "bev+state"
    return "objects" if with_objects else "state"


def _common_facts(env_id: str, env: AirsideVectorEnv, keywords: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """`EpisodeMeta` fields that all episodes of a recording share."""
    reward, cost = coefficients(env.config.reward, env.config.cost)
    base = dict(gym.spec(env_id).kwargs)
    return {
        "reward_names": tuple(n.removeprefix("reward/") for n in names if n.startswith("reward/")),
        "cost_names": tuple(n.removeprefix("cost/") for n in names if n.startswith("cost/")),
        "source": "sim",
        "env_id": env_id,
        "keywords": base | plain_keywords(keywords),
        "scenario_text": scenario_text(keywords.get("scenario")),
        "reward_config": reward,
        "cost_config": cost,
        "versions": versions(),
        "commit": commit(),
    }
