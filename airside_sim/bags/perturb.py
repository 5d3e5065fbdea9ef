"""What a real recorder does to clean streams: jitter, latency, other clocks, lost messages, holes, repeats.

Seeded, so that a bag can be made again bit for bit.
"""

from dataclasses import dataclass, fields

import numpy as np

NS = 1_000_000_000


@dataclass(frozen=True)
class Perturbation:
    """Defaults disturb nothing."""

    jitter: float = 0.0  # of the period, uniform to both sides; of a sensor's sampling instant, stamp included
    latency_s: float = 0.0  # from stamp to recorder, exponentially distributed about this mean
    clock_offset_s: float = 0.0  # how far the recorder's clock runs ahead of the vehicle's
    drop: float = 0.0  # probability that a message is lost
    repeat: float = 0.0  # probability that a message is recorded twice
    holes: int = 0  # times an episode at which every sensor is silent
    hole_s: float = 0.6  # length of one
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        for field in fields(self):
            value = getattr(self, field.name)
            if not np.isfinite(value) or (value < 0 and field.name != "clock_offset_s"):
                raise ValueError(f"{field.name}={value!r} must be a finite number, not negative")
        for name in ("drop", "repeat"):
            if getattr(self, name) >= 1.0:
                raise ValueError(f"{name}={getattr(self, name)!r} must be below 1")
        if self.jitter >= 0.5:
            raise ValueError(f"jitter={self.jitter!r} must be below 0.5: messages would change their order")


class Recorder:
    """Turns publishing instants into stamps and log times, and says which messages arrive."""

    def __init__(self, how: Perturbation, episode: int, duration_s: float) -> None:
        self.how = how
        self.rng = np.random.Generator(np.random.PCG64([how.seed, episode]))
        room = max(0.0, duration_s - how.hole_s - 4.0)
        self.holes = np.sort(2.0 + room * self.rng.random(how.holes))  # s, begin

    def instants(self, rate_hz: float, duration_s: float) -> np.ndarray:
        """(n,) s at which a sensor of this rate samples, within the episode."""
        period_s = 1.0 / rate_hz
        times = np.arange(round(duration_s * rate_hz) + 1) * period_s
        if self.how.jitter:
            times = times + self.how.jitter * period_s * self.rng.uniform(-1.0, 1.0, len(times))
        times[0], times[-1] = 0.0, duration_s  # a recording begins and ends with a sample of everything
        return np.clip(times, 0.0, duration_s)

    def arrivals(self, time_s: float, start_ns: int) -> list[int]:
        """Log times of a message stamped `time_s` after the start: none when lost, two when repeated."""
        how = self.how
        lost = self.rng.random() < how.drop
        twice = self.rng.random() < how.repeat
        delay_s = self.rng.exponential(how.latency_s) if how.latency_s else 0.0
        silent = ((self.holes <= time_s) & (time_s < self.holes + how.hole_s)).any()
        if lost or silent:
            return []
        log_ns = start_ns + to_ns(time_s) + to_ns(delay_s + how.clock_offset_s)
        return [log_ns, log_ns + 1_000_000] if twice else [log_ns]


def to_ns(time_s: float) -> int:
    """Whole nanoseconds."""
    return round(time_s * NS)
