"""`parallel_env`: several learning vehicles on one apron, as a PettingZoo `ParallelEnv`.

Every agent has a route, observations, rewards and costs of its own, in the form of the single environments; the traffic
and the ground controller are shared, and the agents meet each other as vehicles (`fleet`, `kernels.fleet_roster`).
"""

from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np

from airside_sim.constants import BEV_CHANNELS
from airside_sim.env_config import resolve
from airside_sim.envs.actions import action_space, write_continuous, write_discrete
from airside_sim.envs.fleet_observation import FleetObserver
from airside_sim.envs.observation import pick
from airside_sim.envs.referee import Referee
from airside_sim.envs.registration import ENV_IDS, SCENARIO_OF_ID
from airside_sim.envs.seeding import check_seed, fresh_seed
from airside_sim.fleet import Fleet
from airside_sim.resources import did_you_mean
from airside_sim.spaces import observation_space

try:
    from pettingzoo import ParallelEnv
except ImportError as error:
    raise ImportError("parallel_env needs PettingZoo: pip install 'airside_sim[pettingzoo]'") from error

MAX_AGENTS = 512


class AirsideParallelEnv(ParallelEnv):
    """Agents "ego_0" .. "ego_{n-1}" on one apron; make it by `parallel_env`."""

    metadata = {  # noqa: RUF012 (PettingZoo's protocol)
        "name": "airside_v0",
        "render_modes": ["human", "rgb_array"],
        "render_fps": 10,
        "is_parallelizable": True,
    }

    def __init__(
        self,
        n_agents: int,
        base_scenario: str = "apron",
        *,
        share_intentions: bool = False,
        respawn: bool = False,
        **keywords: Any,
    ) -> None:
        _check_own(n_agents, share_intentions, respawn)
        self.config = resolve(base_scenario, **keywords)
        if share_intentions and not self.config.has_bev:
            raise ValueError(f"share_intentions=True needs an obs_type with 'bev', not '{self.config.obs_type}'")
        self.render_mode = self.config.render_mode
        self.respawn = respawn
        self.simulator = Fleet(self.config, int(n_agents), respawn=respawn)
        self.observer = FleetObserver(self.simulator, shares_intentions=share_intentions)
        self.possible_agents = [f"ego_{i}" for i in range(n_agents)]
        self.agents: list[str] = []
        self._index = {agent: i for i, agent in enumerate(self.possible_agents)}
        self._spaces = {agent: self._observation_space(share_intentions) for agent in self.possible_agents}
        self._action_spaces = {agent: action_space(self.config.action_type) for agent in self.possible_agents}
        self._write_action = write_discrete if self.config.action_type == "discrete" else write_continuous
        self.commands = np.zeros((n_agents, 2))  # the last actions, as the simulator took them
        self._names = self.simulator.info_names
        self._referee = Referee(self.simulator.world)
        self._renderers: dict[str, Any] = {}
        self._is_seeded = False

    def observation_space(self, agent: str) -> gym.Space:
        """Space of one agent's observations, the same object on every call."""
        return self._spaces[agent]

    def action_space(self, agent: str) -> gym.Space:
        """Space of one agent's actions, the same object on every call."""
        return self._action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
        """Begin with all agents. `seed` fixes the apron and every agent's route; without one the streams go on."""
        if seed is not None:
            seed = check_seed(seed)
        elif not self._is_seeded:
            seed = fresh_seed()
        self._is_seeded = True
        self._referee.clear()
        self.simulator.reset(seeds=None if seed is None else np.array([seed]))
        self.agents = list(self.possible_agents)
        if self.render_mode == "human":
            self.render()
        return self._observations(self.agents), self._infos(self.agents)

    def step(
        self, actions: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, float]]]:
        """One tick of 0.1 s. An agent that ends appears in what this returns and then leaves `agents`.

        Its vehicle leaves the apron on the next tick. With `respawn=True` agents stay: on the step after its end an
        agent's action is ignored, its reward is 0 and its observation is the first of a new route, all zeros while
        there is no room for it on the apron.
        """
        if not self.agents:
            raise gym.error.ResetNeeded("call reset() before step(): no agent drives")
        acting = self.agents
        self._write_actions(actions)
        simulator, world = self.simulator, self.simulator.world
        simulator.step(self.commands)
        self._referee.watch()
        observations, infos = self._observations(acting), self._infos(acting)
        rows = [self._index[agent] for agent in acting]
        rewards = dict(zip(acting, world.reward[rows].tolist(), strict=True))
        terminations = dict(zip(acting, (world.terminated[rows] != 0).tolist(), strict=True))
        truncations = dict(zip(acting, (world.truncated[rows] != 0).tolist(), strict=True))
        if not self.respawn:
            self.agents = [a for a in acting if not (terminations[a] or truncations[a])]
        if self.render_mode == "human":
            self.render()
        return observations, rewards, terminations, truncations, infos

    def render(self, follow: str | None = None) -> np.ndarray | None:
        """The whole apron, or what is round the agent `follow`: (height, width, 3) uint8, or a window in "human"."""
        if self.render_mode is None:
            gym.logger.warn("render() needs an environment made with render_mode='rgb_array' or 'human'")
            return None
        renderer = self._renderer(follow)
        if self.render_mode == "human":
            renderer.show(0)
            return None
        return renderer.rgb(0)

    def close(self) -> None:
        """Close the window, if any; safe to call twice."""
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers = {}

    def events(self) -> list[dict[str, Any]]:
        """The referee's records since the last reset, oldest first; `env` is the agent's number."""
        return self._referee.records()

    def get_state(self) -> bytes:
        """Everything that decides the future, as versioned bytes."""
        return self.simulator.get_state({"seeded": self._is_seeded, "agents": self.agents})

    def set_state(self, state: bytes) -> None:
        """Continue from `get_state()`'s bytes, bit for bit; SnapshotError when they do not fit this env."""
        extra = self.simulator.set_state(state)
        self._is_seeded, self.agents = extra["seeded"], extra["agents"]
        self._referee.follow()

    def observe(self) -> dict[str, Any]:
        """Observations of the present state (after `set_state`, say)."""
        return self._observations(self.agents)

    def _observation_space(self, shares_intentions: bool) -> gym.Space:
        c = self.config
        planes = BEV_CHANNELS + shares_intentions
        return observation_space(c.obs_type, bev_size=c.bev_size, layout=c.layout, packed=c.packed, planes=planes)

    def _write_actions(self, actions: Mapping[str, Any]) -> None:
        """Check that there is one valid action per agent, and store them."""
        for agent in actions:
            if agent not in self._index:
                raise ValueError(f"action for unknown agent '{agent}'{did_you_mean(str(agent), self.possible_agents)}")
        missing = [agent for agent in self.agents if agent not in actions]
        if missing:
            raise ValueError(f"no action for {', '.join(missing)}: every agent in env.agents needs one")
        rows = [self._index[agent] for agent in self.agents]
        given = np.zeros((len(rows), 2))
        self._write_action(np.array([actions[agent] for agent in self.agents]), given)
        self.commands[:] = 0.0
        self.commands[rows] = given

    def _observations(self, agents: list[str]) -> dict[str, Any]:
        batch, present = self.observer.batch(fresh=True), self.simulator.is_present
        rows = {agent: self._index[agent] for agent in agents}
        return {agent: pick(batch, i) if present[i] else _blank(pick(batch, i)) for agent, i in rows.items()}

    def _infos(self, agents: list[str]) -> dict[str, dict[str, float]]:
        table = self.simulator.world.info[[self._index[agent] for agent in agents]].tolist()
        return {agent: dict(zip(self._names, row, strict=True)) for agent, row in zip(agents, table, strict=True)}

    def _renderer(self, follow: str | None) -> Any:
        """The renderer of the whole apron, or of one agent."""
        from airside_sim.rendering.apron import ApronRenderer, one_ego
        from airside_sim.rendering.renderer import Renderer

        if follow is None:
            if "apron" not in self._renderers:
                self._renderers["apron"] = ApronRenderer(self.simulator)
            return self._renderers["apron"]
        if follow not in self._index:
            raise ValueError(f"unknown agent '{follow}'{did_you_mean(follow, self.possible_agents)}")
        if "follow" not in self._renderers:
            self._renderers["follow"] = Renderer(one_ego(self.simulator, 0))
        self._renderers["follow"].simulator = one_ego(self.simulator, self._index[follow])
        return self._renderers["follow"]


def _blank(obs: Any) -> Any:
    """An observation of the same form that shows nothing."""
    return {name: np.zeros_like(part) for name, part in obs.items()} if isinstance(obs, dict) else np.zeros_like(obs)


def _check_own(n_agents: Any, share_intentions: Any, respawn: Any) -> None:
    """Refuse wrong values of the keywords that only the parallel env has."""
    is_whole = isinstance(n_agents, (int, np.integer)) and not isinstance(n_agents, bool)
    if not is_whole or not 1 <= n_agents <= MAX_AGENTS:
        raise ValueError(f"n_agents={n_agents!r}: a whole number from 1 to {MAX_AGENTS} is needed")
    for name, value in (("share_intentions", share_intentions), ("respawn", respawn)):
        if not isinstance(value, bool):
            raise ValueError(f"{name}={value!r}: True or False is needed")


def parallel_env(id: str, n_agents: int, **keywords: Any) -> AirsideParallelEnv:
    """`n_agents` vehicles of environment `id` on one apron.

    Keywords as in `gym.make`, and `share_intentions=True` (the planned ways of the others as a 35th BEV plane) and
    `respawn=True` (an agent that ends gets a new route instead of leaving).
    """
    base_id = str(id).rpartition(":")[2]
    if base_id not in SCENARIO_OF_ID:
        raise ValueError(f"unknown environment id '{id}'{did_you_mean(base_id, list(ENV_IDS))}")
    return AirsideParallelEnv(n_agents, SCENARIO_OF_ID[base_id], **keywords)
