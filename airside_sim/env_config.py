"""`EnvConfig`: every keyword argument of an environment, checked once and frozen.

A keyword beats the scenario file, which beats the id's own scenario. An unknown keyword or value is an error that
names the nearest valid one.
"""

import math
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from airside_sim.config import CostConfig, RewardConfig, coefficient_names
from airside_sim.constants import Light, Sensing, VehicleClass, Weather
from airside_sim.episode_setup import EpisodeSetup
from airside_sim.resources import did_you_mean
from airside_sim.scenario import (
    ACTION_TYPES,
    BEV_SIZES,
    EGO_NAMES,
    LAYOUTS,
    LIGHT_NAMES,
    MAX_DENSITY,
    OBS_TYPES,
    SENSING_NAMES,
    TRAFFIC_LEVELS,
    WEATHER_NAMES,
    Events,
    RouteNeeds,
    Scenario,
    explicit_fields,
    load_scenario,
)

RENDER_MODES = ("human", "rgb_array")
DRIVING_SIDES = ("right", "left")

_CHOICES: dict[str, tuple[Any, ...]] = {
    "ego": EGO_NAMES,
    "action_type": ACTION_TYPES,
    "obs_type": OBS_TYPES,
    "bev_size": BEV_SIZES,
    "layout": LAYOUTS,
    "sensing": SENSING_NAMES,
    "weather": WEATHER_NAMES,
    "light": LIGHT_NAMES,
}
_RANGES: dict[str, tuple[float, float]] = {
    "speed_scale": (0.05, 2.0),
    "bev_range_m": (16.0, 400.0),
    "bev_ahead_m": (0.0, 400.0),
    "traffic": (0.0, MAX_DENSITY),
}


@dataclass(frozen=True)
class EnvConfig:
    """All settings of one environment. Lengths m, speeds by factor; see docs/environments.md for each meaning."""

    scenario: str = "apron"
    map: tuple[str, ...] = ("hub",)
    ego: str = "tractor"
    trailers: int | str = 0  # number of dollies, or "random"
    action_type: str = "continuous"
    speed_scale: float = 1.0
    obs_type: str = "bev+state"
    bev_size: int = 128
    bev_range_m: float = 100.0
    bev_ahead_m: float = 50.0
    layout: str = "hwc"
    packed: bool = False
    sensing: str = "full"
    traffic: float = 0.4  # fraction of peak
    weather: str = "clear"
    light: str = "day"
    driving_side: str | None = None  # None: the map's own
    route_length_m: tuple[float, float] = (200.0, 500.0)
    max_steps: int | None = None  # None: time by the route, 0: no limit
    reward: dict[str, float] = field(default_factory=dict)
    cost: dict[str, float] = field(default_factory=dict)
    render_mode: str | None = None
    needs: RouteNeeds = field(default_factory=RouteNeeds)
    events: Events = field(default_factory=Events)

    def __post_init__(self) -> None:
        """Refuse combinations that make no sense together."""
        if self.ego != "tractor" and self.trailers != 0:
            raise ValueError(f"trailers={self.trailers!r}: only ego='tractor' tows, not '{self.ego}'")
        if self.packed and "bev" not in self.obs_type:
            raise ValueError(f"packed=True needs an obs_type with 'bev', not '{self.obs_type}'")
        if self.bev_ahead_m > self.bev_range_m:
            raise ValueError(f"bev_ahead_m={self.bev_ahead_m:g} exceeds bev_range_m={self.bev_range_m:g}")

    @property
    def has_bev(self) -> bool:
        return "bev" in self.obs_type

    @property
    def has_state(self) -> bool:
        return self.obs_type in ("bev+state", "state", "objects", "flat", "bev+objects")

    @property
    def has_objects(self) -> bool:
        return self.obs_type in ("objects", "bev+objects", "flat")

    @property
    def max_trailers(self) -> int:
        return 6 if self.trailers == "random" else int(self.trailers)

    def episode_setup(self) -> EpisodeSetup:
        """The numbers a reset draws an episode from."""
        push = self.events.pushback_in_progress
        clear_low_s, clear_high_s = push.clear_in_s if push else (10.0, 40.0)
        return EpisodeSetup(
            ego_vehicle=float(VehicleClass[self.ego.upper()]),
            trailers_low=0.0 if self.trailers == "random" else float(self.trailers),
            trailers_high=float(self.max_trailers),
            density=self.traffic,
            weather=-1.0 if self.weather == "random" else float(Weather[self.weather.upper()]),
            light=-1.0 if self.light == "random" else float(Light[self.light.upper()]),
            sensing=float(Sensing[self.sensing.upper()]),
            max_steps=-1.0 if self.max_steps is None else float(self.max_steps),
            pushback=push.probability if push else 0.0,
            pushback_within_m=push.within_m if push else 0.0,
            pushback_clear_low_s=clear_low_s,
            pushback_clear_high_s=clear_high_s,
            goal_occupied=1.0 if self.events.turnaround_at_goal else 0.0,
            speed_scale=self.speed_scale,
        )


KEYWORDS = tuple(f.name for f in fields(EnvConfig) if f.name not in ("needs", "events"))


def resolve(base_scenario: str, **keywords: Any) -> EnvConfig:
    """Settings from the id's scenario, then the `scenario` keyword's file, then the other keywords."""
    for name in keywords:
        if name not in KEYWORDS:
            raise TypeError(f"unknown environment keyword '{name}'{did_you_mean(name, list(KEYWORDS))}")
    values = _scenario_values(load_scenario(base_scenario), everything=True)
    values["scenario"] = base_scenario
    chosen = keywords.pop("scenario", None)
    if chosen is not None:
        values |= _scenario_values(load_scenario(chosen), everything=False)
        values["scenario"] = str(chosen)
    if "ego" in keywords and keywords["ego"] != "tractor" and "trailers" not in keywords:
        values["trailers"] = 0  # the scenario's train belongs to its tractor
    values |= keywords
    if values.get("bev_ahead_m") is None:
        values["bev_ahead_m"] = values["bev_range_m"] / 2.0 if _is_number(values["bev_range_m"]) else 50.0
    return EnvConfig(**{name: _checked(name, value) for name, value in values.items()})


def _scenario_values(scenario: Scenario, *, everything: bool) -> dict[str, Any]:
    """Settings of a file: all of them, or those it writes down (what it stages belongs to it either way)."""
    if not everything:
        return explicit_fields(scenario) | {"needs": scenario.needs, "events": scenario.events}
    skipped = {"schema_version", "name", "title"}
    return {name: getattr(scenario, name) for name in type(scenario).model_fields if name not in skipped}


def _checked(name: str, value: Any) -> Any:
    """One keyword's value in its canonical type, or an error with given, allowed and nearest."""
    if name in _CHOICES:
        return _choice(name, value, _CHOICES[name])
    if name in _SPECIAL:
        return _SPECIAL[name](name, value)
    if name in _RANGES:
        return _number(name, value, *_RANGES[name])
    return value


def _choice(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    if isinstance(value, bool) or value not in allowed:
        raise ValueError(f"{name}={value!r} is not allowed{did_you_mean(str(value), [str(a) for a in allowed])}")
    return value


def _is_number(value: Any) -> bool:
    if isinstance(value, (bool, str)):
        return False
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError):
        return False


def _number(name: str, value: Any, low: float, high: float) -> float:
    if not _is_number(value) or not low <= float(value) <= high:
        raise ValueError(f"{name}={value!r}: a number from {low:g} to {high:g} is needed")
    return float(value)


def _traffic(name: str, value: Any) -> float:
    if isinstance(value, str):
        return TRAFFIC_LEVELS[_choice(name, value, tuple(TRAFFIC_LEVELS))]
    return _number(name, value, *_RANGES[name])


def _trailers(name: str, value: Any) -> int | str:
    if isinstance(value, str):
        return _choice(name, value, ("random",))
    number = _number(name, value, 0, 6)
    if number != int(number):
        raise ValueError(f"{name}={value!r}: a whole number from 0 to 6, or 'random', is needed")
    return int(number)


def _max_steps(name: str, value: Any) -> int | None:
    if value is None:
        return None
    number = _number(name, value, 0, 10**9)
    if number != int(number):
        raise ValueError(f"{name}={value!r}: a whole number of steps, 0 (no limit) or None (by the route) is needed")
    return int(number)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name}={value!r}: True or False is needed")
    return value


def _optional_choice(name: str, value: Any) -> str | None:
    allowed = {"render_mode": RENDER_MODES, "driving_side": DRIVING_SIDES}[name]
    return None if value is None else _choice(name, value, allowed)


def _length_range(name: str, value: Any) -> tuple[float, float]:
    """(low, high) in metres; a single number stands for itself +- 10 %."""
    pair = [0.9 * float(value), 1.1 * float(value)] if _is_number(value) else value
    is_pair = isinstance(pair, (list, tuple)) and len(pair) == 2 and all(_is_number(v) for v in pair)
    if not is_pair or not 0.0 < float(pair[0]) <= float(pair[1]) < float("inf"):
        raise ValueError(f"{name}={value!r}: a pair (low, high) of metres with 0 < low <= high is needed")
    return float(pair[0]), float(pair[1])


def _maps(name: str, value: Any) -> tuple[str, ...]:
    given = value if isinstance(value, (list, tuple)) else [value]
    if not given or not all(isinstance(v, (str, Path)) for v in given):
        raise ValueError(f"{name}={value!r}: a map's name, a path, a list of them, or 'generated:A-B' is needed")
    return tuple(str(v) for v in given)


def _coefficients(name: str, value: Any) -> dict[str, float]:
    """Overrides of reward or cost coefficients; names are checked against their config classes."""
    known = coefficient_names({"reward": RewardConfig, "cost": CostConfig}[name])
    if not isinstance(value, dict):
        raise ValueError(f"{name}={value!r}: a dict of coefficients is needed{did_you_mean('', known)}")
    for key, number in value.items():
        if key not in known:
            raise ValueError(f"unknown {name} coefficient '{key}'{did_you_mean(str(key), known)}")
        if not _is_number(number):
            raise ValueError(f"{name}['{key}']={number!r}: a number is needed")
    return {str(key): float(number) for key, number in value.items()}


_SPECIAL = {
    "traffic": _traffic,
    "trailers": _trailers,
    "max_steps": _max_steps,
    "packed": _flag,
    "render_mode": _optional_choice,
    "driving_side": _optional_choice,
    "route_length_m": _length_range,
    "map": _maps,
    "reward": _coefficients,
    "cost": _coefficients,
}
