"""Every number of a baseline run: frozen, one default each, presets as tables."""

from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from agents.common.pid_lagrangian import PIDConfig
from airside_sim.resources import did_you_mean


@dataclass(frozen=True)
class NetConfig:
    object_width: int = 64
    hidden: tuple[int, ...] = (256, 256)


@dataclass(frozen=True)
class PPOConfig:
    n_steps: int = 64  # ticks a world between updates
    batch_size: int = 528
    n_epochs: int = 5
    learning_rate: float = 4e-4
    gamma: float = 0.99
    gae_lambda: float = 0.95
    ent_coef: float = 0.0
    clip_range: float = 0.2
    target_kl: float = 0.03
    log_std_steer: float = -1.3  # lane keeping needs a few hundredths of the lock
    log_std_velocity: float = -0.9


@dataclass(frozen=True)
class SACConfig:
    buffer_size: int = 300_000
    learning_starts: int = 10_000
    batch_size: int = 256
    gradient_steps: int = 4  # per tick of all worlds
    learning_rate: float = 3e-4
    gamma: float = 0.99
    tau: float = 0.005
    init_entropy: float = 0.1


@dataclass(frozen=True)
class RunConfig:
    """A baseline run on a suite; the algorithm's own numbers are in its part."""

    envs_per_entry: int = 3
    reward_scale: float = 0.1
    lane_pull: float = 4.0  # potential per metre off the route, in units of reward
    scale_ticks: int = 400  # driven by `noisy` to learn the scale of every feature
    scale_driver: str = "noisy"
    checkpoint_s: float = 180.0
    net: NetConfig = field(default_factory=NetConfig)
    ppo: PPOConfig = field(default_factory=PPOConfig)
    sac: SACConfig = field(default_factory=SACConfig)
    pid: PIDConfig = field(default_factory=PIDConfig)


PRESETS: dict[str, RunConfig] = {
    "small": RunConfig(),
    "debug": RunConfig(
        envs_per_entry=1,
        scale_ticks=20,
        net=NetConfig(16, (32,)),
        ppo=PPOConfig(n_steps=16, batch_size=64, n_epochs=2),
        sac=SACConfig(buffer_size=5_000, learning_starts=200, batch_size=32, gradient_steps=1),
    ),
}


def override(config: Any, pairs: tuple[str, ...]) -> Any:
    """`config` with `a.b=c` applied; an unknown name or a value of another kind is an error."""
    for pair in pairs:
        path, equals, text = pair.partition("=")
        if not equals:
            raise ValueError(f"--override {pair}: NAME.NAME=VALUE is needed")
        config = _replaced(config, path.split("."), text, pair)
    return config


def _replaced(config: Any, path: list[str], text: str, pair: str) -> Any:
    names = [f.name for f in fields(config)]
    if path[0] not in names:
        raise ValueError(f"--override {pair}: unknown name '{path[0]}'{did_you_mean(path[0], names)}")
    old = getattr(config, path[0])
    if is_dataclass(old):
        if len(path) == 1:
            raise ValueError(f"--override {pair}: '{path[0]}' is a group; name one of its entries")
        return replace(config, **{path[0]: _replaced(old, path[1:], text, pair)})
    if len(path) > 1:
        raise ValueError(f"--override {pair}: '{path[0]}' has no entries")
    try:
        if isinstance(old, tuple):
            return replace(config, **{path[0]: tuple(int(part) for part in text.split(","))})
        return replace(config, **{path[0]: type(old)(text)})
    except ValueError as error:
        raise ValueError(f"--override {pair}: {error}") from error
