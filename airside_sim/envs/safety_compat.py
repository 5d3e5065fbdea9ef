"""What gymnasium 0.28 had and safety-gymnasium 1.0.0 builds on: wrappers with their old attributes, vector classes.

Written against gymnasium 1.2 to 1.4. The vector classes carry the cost through gymnasium's own vectors inside `info`,
so that they work with whatever protocol those use between processes.
"""

from collections.abc import Callable, Sequence
from typing import Any

import cloudpickle
import gymnasium
import numpy as np
from gymnasium.utils import RecordConstructorArgs
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv, VectorEnv
from gymnasium.wrappers.utils import RunningMeanStd

_COST = "cost"


class EnvCompatibility:
    """gym 0.21 environments are not supported here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise gymnasium.error.Error("apply_api_compatibility needs gymnasium 0.28")


class AutoResetWrapper(gymnasium.Wrapper, RecordConstructorArgs):
    """Base of `SafeAutoResetWrapper`, which brings its own `step`."""

    def __init__(self, env: gymnasium.Env) -> None:
        RecordConstructorArgs.__init__(self)
        gymnasium.Wrapper.__init__(self, env)


class NormalizeObservation(gymnasium.Wrapper, RecordConstructorArgs):
    """Running mean and variance of array observations, with gymnasium 0.28's attributes."""

    def __init__(self, env: gymnasium.Env, epsilon: float = 1e-8) -> None:
        RecordConstructorArgs.__init__(self, epsilon=epsilon)
        gymnasium.Wrapper.__init__(self, env)
        self.num_envs = getattr(env, "num_envs", 1)
        self.is_vector_env = getattr(env, "is_vector_env", False)
        self.obs_rms = RunningMeanStd(shape=env.observation_space.shape)
        self.epsilon = epsilon

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        obs, info = self.env.reset(**kwargs)
        return (self.normalize(obs) if self.is_vector_env else self.normalize(np.array([obs]))[0]), info

    def normalize(self, obs: np.ndarray) -> np.ndarray:
        """Update the statistics with a batch (n, D) and return it normalised."""
        self.obs_rms.update(obs)
        return (obs - self.obs_rms.mean) / np.sqrt(self.obs_rms.var + self.epsilon)


class NormalizeReward(gymnasium.Wrapper, RecordConstructorArgs):
    """Rewards scaled by the deviation of their discounted sum, with gymnasium 0.28's attributes."""

    def __init__(self, env: gymnasium.Env, gamma: float = 0.99, epsilon: float = 1e-8) -> None:
        RecordConstructorArgs.__init__(self, gamma=gamma, epsilon=epsilon)
        gymnasium.Wrapper.__init__(self, env)
        self.num_envs = getattr(env, "num_envs", 1)
        self.is_vector_env = getattr(env, "is_vector_env", False)
        self.return_rms = RunningMeanStd(shape=())
        self.returns = np.zeros(self.num_envs)
        self.gamma = gamma
        self.epsilon = epsilon

    def normalize(self, rewards: np.ndarray) -> np.ndarray:
        """Scale a batch of rewards (n,)."""
        self.return_rms.update(self.returns)
        return rewards / np.sqrt(self.return_rms.var + self.epsilon)


class _CostInInfo(gymnasium.Wrapper):
    """Six values to five: the cost travels in `info` through gymnasium's vectors."""

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        obs, reward, cost, terminated, truncated, info = self.env.step(action)  # type: ignore[misc]
        return obs, reward, bool(terminated), bool(truncated), info | {_COST: float(cost)}


class _EnvFactory:
    """Picklable constructor; a fresh process loads safety_gymnasium through the loader before it unpickles."""

    def __init__(self, env_fn: Callable[[], gymnasium.Env]) -> None:
        self._env_fn = env_fn

    def __call__(self) -> gymnasium.Env:
        return _CostInInfo(self._env_fn())

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_factory, (cloudpickle.dumps(self._env_fn),)


def _rebuild_factory(pickled: bytes) -> _EnvFactory:
    from airside_sim.envs.safety_loader import load_safety_gymnasium

    load_safety_gymnasium()
    return _EnvFactory(cloudpickle.loads(pickled))


class _SafetyVectorEnv(VectorEnv):
    """Six-value vector env over a gymnasium vector env in SAME_STEP autoreset."""

    def __init__(self, inner: VectorEnv) -> None:
        self._inner = inner
        self.num_envs = inner.num_envs
        self.metadata = dict(inner.metadata)
        self.render_mode = inner.render_mode
        self.single_observation_space = inner.single_observation_space
        self.single_action_space = inner.single_action_space
        self.observation_space = inner.observation_space
        self.action_space = inner.action_space

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        return self._inner.reset(seed=seed, options=options)

    def step(self, actions: Any) -> tuple[Any, ...]:
        """(obs, rewards, costs, terminations, truncations, infos); costs are the step's, never the reset's."""
        obs, rewards, terminations, truncations, infos = self._inner.step(actions)
        costs = np.zeros(self.num_envs)
        final = infos.get("final_info")
        for source in (infos, final) if final is not None else (infos,):
            if _COST in source:
                given = source.pop(f"_{_COST}")
                costs[given] = source.pop(_COST)[given]
        if "final_obs" in infos:
            infos["final_observation"] = infos["final_obs"]
            infos["_final_observation"] = infos["_final_obs"]
        return obs, rewards, costs, terminations, truncations, infos

    def get_images(self) -> Any:
        """One frame per environment."""
        return self._inner.render()

    def render(self) -> Any:
        """All frames tiled into one picture, as safety_gymnasium does."""
        from safety_gymnasium.vector.utils.tile_images import tile_images

        return tile_images(self.get_images())

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Call a method of every environment."""
        return self._inner.call(name, *args, **kwargs)  # type: ignore[attr-defined]

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """Attribute of every environment."""
        return self._inner.get_attr(name)  # type: ignore[attr-defined]

    def set_attr(self, name: str, values: Any) -> None:
        """Set an attribute of every environment."""
        self._inner.set_attr(name, values)  # type: ignore[attr-defined]

    def close_extras(self, **kwargs: Any) -> None:
        self._inner.close(**kwargs)


class SafetySyncVectorEnv(_SafetyVectorEnv):
    """Serial six-value vector env."""

    def __init__(
        self,
        env_fns: Sequence[Callable[[], gymnasium.Env]],
        observation_space: Any = None,
        action_space: Any = None,
        copy: bool = True,
    ) -> None:
        fns = [_EnvFactory(fn) for fn in env_fns]
        super().__init__(SyncVectorEnv(fns, copy=copy, autoreset_mode=AutoresetMode.SAME_STEP))


class SafetyAsyncVectorEnv(_SafetyVectorEnv):
    """Six-value vector env with one process per environment."""

    def __init__(
        self,
        env_fns: Sequence[Callable[[], gymnasium.Env]],
        observation_space: Any = None,
        action_space: Any = None,
        shared_memory: bool = True,
        copy: bool = True,
        context: str | None = None,
        daemon: bool = True,
    ) -> None:
        super().__init__(
            AsyncVectorEnv(
                [_EnvFactory(fn) for fn in env_fns],
                shared_memory=shared_memory,
                copy=copy,
                context=context,
                daemon=daemon,
                autoreset_mode=AutoresetMode.SAME_STEP,
            )
        )
