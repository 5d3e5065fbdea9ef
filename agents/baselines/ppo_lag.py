"""PPO-Lagrangian: Stable-Baselines3's PPO with a second value column for cost and a multiplier on its advantage.

The environment gives rewards as (n, 2): reward and cost. The value head has two outputs, so SB3's rollouts, bootstrap
and value loss serve both; only the advantage is put together here: (A_r - penalty A_c) / (1 + penalty), each part
standardised (Ray et al. 2019 with the multiplier of `agents.common.pid_lagrangian`).
"""

from typing import Any

import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.policies import ActorCriticPolicy
from torch import nn

from agents.common.pid_lagrangian import PIDLagrangian

REWARD, COST = 0, 1


class TwoValuePolicy(ActorCriticPolicy):
    """Values of reward and of cost from one head, (B, 2)."""

    def _build(self, lr_schedule: Any) -> None:
        super()._build(lr_schedule)
        self.value_net = nn.Linear(self.mlp_extractor.latent_dim_vf, 2)
        self.optimizer = self.optimizer_class(self.parameters(), lr=lr_schedule(1), **self.optimizer_kwargs)


class CostRolloutBuffer(RolloutBuffer):
    """A rollout whose rewards, values, returns and advantages have two columns, (T, n, 2)."""

    def reset(self) -> None:
        super().reset()
        shape = (self.buffer_size, self.n_envs, 2)
        for name in ("rewards", "values", "returns", "advantages"):
            setattr(self, name, np.zeros(shape, np.float32))

    def add(
        self, obs: np.ndarray, action: np.ndarray, reward: np.ndarray, episode_start: np.ndarray,
        value: torch.Tensor, log_prob: torch.Tensor,
    ) -> None:  # fmt: skip
        """Store one tick of all worlds; `reward` and `value` are (n, 2)."""
        assert reward.shape == tuple(value.shape) == (self.n_envs, 2), (reward.shape, value.shape)
        self.observations[self.pos] = obs
        self.actions[self.pos] = action
        self.rewards[self.pos] = reward
        self.episode_starts[self.pos] = episode_start
        self.values[self.pos] = value.cpu().numpy()
        self.log_probs[self.pos] = log_prob.cpu().numpy()
        self.pos += 1
        self.full = self.pos == self.buffer_size

    def compute_returns_and_advantage(self, last_values: torch.Tensor, dones: np.ndarray) -> None:
        """Generalised advantages of both columns (Schulman et al. 2016, eq. 16)."""
        following = last_values.cpu().numpy()
        running = np.zeros_like(following)  # (n, 2)
        alive = 1.0 - dones.astype(np.float32)
        for t in reversed(range(self.buffer_size)):
            delta = self.rewards[t] + self.gamma * following * alive[:, None] - self.values[t]
            running = delta + self.gamma * self.gae_lambda * alive[:, None] * running
            self.advantages[t] = running
            following, alive = self.values[t], 1.0 - self.episode_starts[t]
        self.returns = self.advantages + self.values

    def combine(self, penalty: float) -> None:
        """Replace the two advantages by the one that the policy climbs, (T, n)."""
        self.advantages = lagrangian_advantage(self.advantages, penalty)


def lagrangian_advantage(advantages: np.ndarray, penalty: float) -> np.ndarray:
    """(..., 2) -> (...): (A_r - penalty A_c) / (1 + penalty), A_r and A_c at mean 0 and spread 1."""
    flat = advantages.reshape(-1, 2)
    scaled = (advantages - flat.mean(axis=0)) / (flat.std(axis=0) + 1e-8)
    return ((scaled[..., REWARD] - penalty * scaled[..., COST]) / (1.0 + penalty)).astype(np.float32)


class PPOLag(PPO):
    """PPO that pays `pid.penalty` for cost; whoever runs it feeds the controller with finished episodes."""

    def __init__(self, env: Any, pid: PIDLagrangian, **keywords: Any) -> None:
        self.pid = pid
        super().__init__(TwoValuePolicy, env, rollout_buffer_class=CostRolloutBuffer, **keywords)

    def train(self) -> None:
        """One update with the present multiplier."""
        self.rollout_buffer.combine(self.pid.penalty)
        super().train()
        self.logger.record("train/penalty", self.pid.penalty)
        self.logger.record("train/cost_mean", self.pid.cost_mean)
