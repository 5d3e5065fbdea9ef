"""Stable-Baselines3 models from a `RunConfig`, their whole training state, and the actor that is shipped."""

from typing import Any

import gymnasium as gym
import numpy as np
import torch
from stable_baselines3 import PPO, SAC
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import nn

from agents.baselines.policy import DrivingPolicy, Encoder
from agents.baselines.ppo_lag import PPOLag
from agents.baselines.settings import RunConfig
from agents.common.pid_lagrangian import PIDLagrangian
from agents.suite_env import SuiteVecEnv


class FlatExtractor(BaseFeaturesExtractor):
    """`Encoder` under the name that SB3 asks for."""

    def __init__(self, observation_space: gym.Space, object_width: int) -> None:
        encoder = Encoder(object_width)
        super().__init__(observation_space, encoder.num_features)
        self.encoder = encoder

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        return self.encoder(observations)


def build_model(algo: str, env: SuiteVecEnv, config: RunConfig, seed: int) -> BaseAlgorithm:
    """A fresh model whose encoders know the scale of every feature."""
    net: dict[str, Any] = {
        "features_extractor_class": FlatExtractor,
        "features_extractor_kwargs": {"object_width": config.net.object_width},
        "net_arch": list(config.net.hidden),
    }
    common: dict[str, Any] = {"seed": seed, "device": "cpu"}
    if algo == "sac":
        c = config.sac
        model: BaseAlgorithm = SAC(
            "MlpPolicy", env, learning_rate=c.learning_rate, buffer_size=max(c.buffer_size, env.num_envs),
            learning_starts=c.learning_starts, batch_size=c.batch_size, tau=c.tau, gamma=c.gamma, train_freq=1,
            gradient_steps=c.gradient_steps, ent_coef=f"auto_{c.init_entropy}", policy_kwargs=net, **common,
        )  # fmt: skip
    else:
        p = config.ppo
        net |= {"activation_fn": nn.Tanh}
        numbers: dict[str, Any] = {
            "n_steps": p.n_steps, "batch_size": p.batch_size, "n_epochs": p.n_epochs, "gamma": p.gamma,
            "learning_rate": p.learning_rate, "gae_lambda": p.gae_lambda, "ent_coef": p.ent_coef,
            "clip_range": p.clip_range, "target_kl": p.target_kl, "policy_kwargs": net,
        }  # fmt: skip
        if algo == "ppo_lag":
            model = PPOLag(env, PIDLagrangian(config.pid), **numbers, **common)
        else:
            model = PPO("MlpPolicy", env, **numbers, **common)
        model.policy.log_std.data.copy_(torch.tensor([p.log_std_steer, p.log_std_velocity]))
    return model


def fit_scales(model: BaseAlgorithm, env: SuiteVecEnv, config: RunConfig) -> None:
    """Give every encoder of the model the scale of what a scripted driver sees; the worlds are reset afterwards."""
    seen = np.concatenate(list(env.sample(config.scale_driver, config.scale_ticks))[::4])
    for module in model.policy.modules():
        if isinstance(module, Encoder):
            module.fit_scale(seen)


def actor_of(model: BaseAlgorithm, config: RunConfig) -> DrivingPolicy:
    """The actor alone, with copies of the model's weights."""
    is_sac = isinstance(model, SAC)
    policy = DrivingPolicy(config.net.object_width, list(config.net.hidden), "relu" if is_sac else "tanh", is_sac)
    if isinstance(model, SAC):
        parts = (model.actor.features_extractor, model.actor.latent_pi, model.actor.mu)
    else:
        parts = (model.policy.features_extractor, model.policy.mlp_extractor.policy_net, model.policy.action_net)
    policy.encoder.load_state_dict(parts[0].encoder.state_dict())
    policy.trunk.load_state_dict(parts[1].state_dict())
    policy.head.load_state_dict(parts[2].state_dict())
    return policy


def model_state(model: BaseAlgorithm) -> dict[str, Any]:
    """Weights, optimisers, random generators and worlds: what a run needs to go on. SAC's replay is gathered anew."""
    env = model.get_env()
    state: dict[str, Any] = {
        "policy": model.policy.state_dict(),
        "ticks": model.num_timesteps,
        "updates": model._n_updates,
        "torch_rng": torch.get_rng_state(),
        "numpy_rng": _numpy_state(),
        "optimisers": [o.state_dict() for o in _optimisers(model)],
    }
    if isinstance(model, SAC):
        return state | {"log_ent_coef": model.log_ent_coef.detach()}
    worlds = env.get_state()
    state["worlds"] = [torch.frombuffer(bytearray(world), dtype=torch.uint8) for world in worlds["worlds"]]
    state["sums"] = {name: torch.as_tensor(worlds[name]) for name in ("return", "cost", "length")}
    state["episode_starts"] = torch.as_tensor(np.asarray(model._last_episode_starts, np.float32))
    if isinstance(model, PPOLag):
        state["pid"] = model.pid.state_dict()
    return state


def restore(model: BaseAlgorithm, state: dict[str, Any]) -> None:
    """Continue from `model_state`: PPO's worlds bit for bit, SAC's from new episodes."""
    model.policy.load_state_dict(state["policy"])
    for optimiser, saved in zip(_optimisers(model), state["optimisers"], strict=True):
        optimiser.load_state_dict(saved)
    model.num_timesteps, model._n_updates = state["ticks"], state["updates"]
    env = model.get_env()
    if isinstance(model, SAC):
        model.log_ent_coef.data.copy_(state["log_ent_coef"])
        model.learning_starts += state["ticks"]
    else:
        env.set_state({"worlds": [world.numpy().tobytes() for world in state["worlds"]],
                       **{name: values.numpy() for name, values in state["sums"].items()}})  # fmt: skip
        model._last_obs = env.observe()
        model._last_episode_starts = state["episode_starts"].numpy()
        if isinstance(model, PPOLag):
            model.pid.load_state_dict(state["pid"])
    torch.set_rng_state(state["torch_rng"])
    word = state["numpy_rng"]
    np.random.set_state(("MT19937", word[:624].numpy().astype(np.uint32), int(word[624]), 0, 0.0))  # noqa: NPY002 (SB3)


def _optimisers(model: BaseAlgorithm) -> list[torch.optim.Optimizer]:
    if isinstance(model, SAC):
        return [model.actor.optimizer, model.critic.optimizer, model.ent_coef_optimizer]
    return [model.policy.optimizer]


def _numpy_state() -> torch.Tensor:
    """Key and position of NumPy's global generator, which SB3 shuffles with."""
    _, key, position, _, _ = np.random.get_state()  # noqa: NPY002 (SB3)
    return torch.as_tensor(np.append(key.astype(np.int64), position))
