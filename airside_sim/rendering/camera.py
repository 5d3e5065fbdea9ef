"""Where the picture looks: north up, centred on a map point, a number of pixels per metre."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Camera:
    x: float
    y: float
    scale: float  # pixels per metre
    width: int
    height: int

    @property
    def west(self) -> float:
        return self.x - self.width / (2 * self.scale)

    @property
    def north(self) -> float:
        return self.y + self.height / (2 * self.scale)

    @property
    def reach_m(self) -> float:
        """Radius of the circle that holds the whole view."""
        return float(np.hypot(self.width, self.height)) / (2 * self.scale) + 5.0

    def to_pixels(self, points: np.ndarray) -> np.ndarray:
        """Map points (n, 2) -> pixels (n, 2), y down."""
        return np.stack([(points[:, 0] - self.west) * self.scale, (self.north - points[:, 1]) * self.scale], axis=1)
