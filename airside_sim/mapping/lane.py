"""`Lane`: one directed lane of a map while it is being compiled."""

from dataclasses import dataclass, field

import numpy as np

from airside_sim.constants import LaneKind
from airside_sim.mapping.curves import Curve


@dataclass
class Lane:
    """One directed lane before sampling."""

    curve: Curve
    kind: LaneKind
    width_m: float
    limit_s: np.ndarray  # (k,) arc lengths at which the limit may change
    limit_mps: np.ndarray  # (k,) limit from there on
    edge: list[int]  # road edges it runs on, aligned with limit_s
    junction: int = -1
    has_opposite: bool = False
    chain: int = -1  # stretch of road it belongs to: the two lanes of one chain are opposite twins
    succ: list[int] = field(default_factory=list)
