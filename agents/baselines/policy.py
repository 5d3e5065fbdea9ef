"""The network of the baselines: a scaled state, a small network shared by the sixteen objects, and a trunk.

`Encoder` is what Stable-Baselines3 trains; `DrivingPolicy` is the actor alone, as it is shipped and driven.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from airside_sim.constants import MAX_OBJECTS, OBJECT_FEATURES
from airside_sim.state_features import NUM_FLAT, NUM_STATE, ObjectFeature

MIN_STD = 1e-2


class Encoder(nn.Module):
    """(B, NUM_FLAT) observations -> (B, features): the state, and the largest answer any object gives per feature."""

    def __init__(self, object_width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(NUM_STATE))
        self.register_buffer("std", torch.ones(NUM_STATE))
        self.register_buffer("object_mean", torch.zeros(OBJECT_FEATURES))
        self.register_buffer("object_std", torch.ones(OBJECT_FEATURES))
        self.objects = nn.Sequential(
            nn.Linear(OBJECT_FEATURES, object_width), nn.ReLU(), nn.Linear(object_width, object_width), nn.ReLU()
        )
        self.num_features = NUM_STATE + object_width

    def forward(self, flat: Tensor) -> Tensor:
        state = torch.asinh((flat[:, :NUM_STATE] - self.mean) / self.std)  # far out it grows slowly, but it grows
        rows = flat[:, NUM_STATE:].reshape(-1, MAX_OBJECTS, OBJECT_FEATURES)  # (B, 16, 12)
        valid = rows[:, :, ObjectFeature.VALID : ObjectFeature.VALID + 1]
        scaled = torch.asinh((rows - self.object_mean) / self.object_std)
        return torch.cat([state, (self.objects(scaled) * valid).amax(dim=1)], dim=1)

    def fit_scale(self, flat: np.ndarray) -> None:
        """Mean and spread of every feature of observations (M, NUM_FLAT); object rows without an actor are left out."""
        assert flat.shape[1] == NUM_FLAT, flat.shape
        state, rows = flat[:, :NUM_STATE], flat[:, NUM_STATE:].reshape(-1, OBJECT_FEATURES)
        rows = rows[rows[:, ObjectFeature.VALID] > 0.0]
        for mean, std, values in ((self.mean, self.std, state), (self.object_mean, self.object_std, rows)):
            if len(values):
                spread = values.std(axis=0)
                mean.copy_(torch.as_tensor(values.mean(axis=0)))
                std.copy_(torch.as_tensor(np.where(spread < MIN_STD, 1.0, spread)))


class DrivingPolicy(nn.Module):
    """An actor: encoder, trunk, head. `act` gives environment actions for a batch of "flat" observations."""

    def __init__(self, object_width: int, hidden: list[int], activation: str, squash: bool) -> None:
        super().__init__()
        self.encoder = Encoder(object_width)
        layers: list[nn.Module] = []
        width = self.encoder.num_features
        for size in hidden:
            layers += [nn.Linear(width, size), ACTIVATIONS[activation]()]
            width = size
        self.trunk = nn.Sequential(*layers)
        self.head = nn.Linear(width, 2)
        self.squash = squash

    def forward(self, flat: Tensor) -> Tensor:
        """(B, 2) most likely actions in [-1, 1]."""
        mean = self.head(self.trunk(self.encoder(flat)))
        return torch.tanh(mean) if self.squash else mean.clamp(-1.0, 1.0)

    @torch.no_grad()
    def act(self, obs: Any) -> np.ndarray:
        """(B, NUM_FLAT) -> (B, 2) f32: steering in [-1, 1], velocity in [0, 1]."""
        unit = self(torch.as_tensor(np.asarray(obs, np.float32))).numpy()
        return np.stack([unit[:, 0], 0.5 * (unit[:, 1] + 1.0)], axis=1)


ACTIVATIONS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "relu": nn.ReLU}
