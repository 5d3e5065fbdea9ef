"""A multiplier on cost, steered by a PID controller towards a cost limit per episode (Stooke et al. 2020).

Three things differ from the usual code, each for a fault it has there: the integral is held in [0, penalty_max] (it
wound up and took thousands of episodes to come down), the running mean is divided by 1 - decay^n (it began at 0, so
early episodes looked safer than they were), and only training episodes are counted.
"""

from collections import deque
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PIDConfig:
    """Gains and limits. `cost_limit` is the undiscounted cost an episode may have on average."""

    cost_limit: float = 0.15
    kp: float = 0.1
    ki: float = 0.01
    kd: float = 0.01
    penalty_max: float = 5.0
    decay: float = 0.99  # of the running mean of episode costs
    smoothing: float = 0.95  # of the proportional and derivative parts
    delay: int = 10  # episodes over which the derivative looks back

    def __post_init__(self) -> None:
        """Refuse gains that could push the wrong way."""
        for name in ("kp", "ki", "kd", "cost_limit"):
            if getattr(self, name) < 0.0:
                raise ValueError(f"PIDConfig.{name}={getattr(self, name)!r} must not be negative")
        if self.penalty_max <= 0.0 or self.delay < 1:
            raise ValueError(f"PIDConfig: penalty_max > 0 and delay >= 1 are needed: {self}")
        for name in ("decay", "smoothing"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"PIDConfig.{name}={getattr(self, name)!r} must lie in [0, 1)")


class PIDLagrangian:
    """`penalty` is the multiplier; `update(cost)` takes in one finished training episode."""

    def __init__(self, config: PIDConfig) -> None:
        self.config = config
        self.penalty = 0.0
        self._episodes = 0
        self._mean = 0.0  # running sum form, not yet debiased
        self._integral = 0.0
        self._proportional = 0.0
        self._slow_cost = 0.0
        self._past: deque[float] = deque([0.0], maxlen=config.delay)

    @property
    def cost_mean(self) -> float:
        """Debiased running mean of episode costs."""
        return self._mean / (1.0 - self.config.decay**self._episodes) if self._episodes else 0.0

    def update(self, episode_cost: float) -> float:
        """Take in an episode's cost and return the new multiplier."""
        c = self.config
        self._episodes += 1
        self._mean = c.decay * self._mean + (1.0 - c.decay) * episode_cost
        error = self.cost_mean - c.cost_limit
        self._integral = min(c.penalty_max, max(0.0, self._integral + c.ki * error))
        self._proportional = c.smoothing * self._proportional + (1.0 - c.smoothing) * error
        self._slow_cost = c.smoothing * self._slow_cost + (1.0 - c.smoothing) * self.cost_mean
        rise = max(0.0, self._slow_cost - self._past[0])
        self._past.append(self._slow_cost)
        raw = c.kp * self._proportional + self._integral + c.kd * rise
        self.penalty = min(c.penalty_max, max(0.0, raw))
        return self.penalty

    def state_dict(self) -> dict[str, Any]:
        return {"penalty": self.penalty, "episodes": self._episodes, "mean": self._mean, "integral": self._integral,
                "proportional": self._proportional, "slow_cost": self._slow_cost, "past": list(self._past)}  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.penalty, self._episodes, self._mean = state["penalty"], state["episodes"], state["mean"]
        self._integral, self._proportional = state["integral"], state["proportional"]
        self._slow_cost = state["slow_cost"]
        self._past = deque(state["past"], maxlen=self.config.delay)
