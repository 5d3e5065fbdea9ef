"""`EnvConfig`: every keyword argument of an environment, checked once and frozen.

A keyword beats the scenario file, which beats the id's own scenario. An unknown keyword or value is an error that
names the nearest valid one.
"""

import math
from dataclasses import dataclass, field, fields
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple

from airside_sim.conditions import ConditionsAt, condition_values
from airside_sim.config import CostConfig, RewardConfig, coefficient_names
from airside_sim.constants import Light, Sensing, VehicleClass, Weather
from airside_sim.criteria import Criteria, criteria_values
from airside_sim.episode_setup import EpisodeSetup, Setup, build_setup
from airside_sim.injections import InjectedEvent, injection_values
from airside_sim.resources import did_you_mean
from airside_sim.scenario import (
    ACTION_TYPES,
    BEV_SIZES,
    EGO_NAMES,
    GROUPS,
    LAYOUTS,
    LIGHT_NAMES,
    OBS_TYPES,
    SENSING_NAMES,
    TEXT,
    TRAFFIC_LEVELS,
    WEATHER_NAMES,
    Conditions,
    Events,
    Mix,
    RouteNeeds,
    Scenario,
    Turnaround,
    check_traffic,
    check_trailers,
    explicit_fields,
    load_scenario,
    one_of,
)
from airside_sim.varying import Check, Varying, largest, read_varying

RENDER_MODES = ("human", "rgb_array")
DRIVING_SIDES = ("right", "left")

_CHOICES: dict[str, tuple[Any, ...]] = {
    "ego": EGO_NAMES,
    "action_type": ACTION_TYPES,
    "obs_type": OBS_TYPES,
    "bev_size": BEV_SIZES,
    "layout": LAYOUTS,
    "sensing": SENSING_NAMES,
}
_RANGES: dict[str, tuple[float, float]] = {
    "speed_scale": (0.05, 2.0),
    "bev_range_m": (16.0, 400.0),
    "bev_ahead_m": (0.0, 400.0),
}


@dataclass(frozen=True)
class EnvConfig:
    """All settings of one environment. Lengths m, speeds by factor; see docs/environments.md for each meaning."""

    scenario: str = "apron"
    map: tuple[str, ...] = ("hub",)
    ego: str = "tractor"
    trailers: int | str | Varying = 0  # number of dollies, or "random"
    action_type: str = "continuous"
    speed_scale: float = 1.0
    obs_type: str = "bev+state"
    bev_size: int = 128
    bev_range_m: float = 100.0
    bev_ahead_m: float = 50.0
    layout: str = "hwc"
    packed: bool = False
    sensing: str = "full"
    traffic: float | Varying = 0.4  # fraction of peak
    weather: str | Varying = "clear"
    light: str | Varying = "day"
    driving_side: str | None = None  # None: the map's own
    route_length_m: tuple[float, float] = (200.0, 500.0)
    max_steps: int | None = None  # None: time by the route, 0: no limit
    reward: dict[str, float] = field(default_factory=dict)
    cost: dict[str, float] = field(default_factory=dict)
    render_mode: str | None = None
    needs: RouteNeeds = field(default_factory=RouteNeeds)
    events: Events = field(default_factory=Events)
    inject: tuple[InjectedEvent, ...] = ()
    mix: Mix = field(default_factory=Mix)
    conditions: Conditions = field(default_factory=Conditions)
    conditions_over_time: tuple[ConditionsAt, ...] = ()
    criteria: Criteria = field(default_factory=Criteria)
    turnaround: Turnaround | None = None

    def __post_init__(self) -> None:
        """Refuse combinations that make no sense together."""
        if self.ego != "tractor" and self.trailers != 0:
            raise ValueError(f"trailers={self.trailers!r}: only ego='tractor' tows, not '{self.ego}'")
        if self.packed and "bev" not in self.obs_type:
            raise ValueError(f"packed=True needs an obs_type with 'bev', not '{self.obs_type}'")
        if self.max_traffic == 0.0 and any(event.event == "person_steps_out" for event in self.inject):
            raise ValueError("inject: person_steps_out needs people: traffic is 0")
        if self.conditions_over_time and any(event.event == "fog" for event in self.inject):
            raise ValueError("inject: a fog event and conditions_over_time both set the visibility; add a keyframe")
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
        return 6 if self.trailers == "random" else int(largest(self.trailers))

    @property
    def max_traffic(self) -> float:
        """Densest traffic that an episode may draw: what the arrays have room for."""
        return largest(self.traffic)

    def episode_setup(self) -> EpisodeSetup:
        """The numbers a reset draws an episode from."""
        push = self.events.pushback_in_progress
        mix, conditions = self.mix, self.conditions
        any_number = self.trailers == "random"
        span = self.turnaround.range_min if self.turnaround else None
        said: dict[int, Any] = {
            Setup.EGO_VEHICLE: float(VehicleClass[self.ego.upper()]),
            Setup.TRAILERS_LOW: 0.0 if any_number else self.trailers,
            Setup.TRAILERS_HIGH: float(self.max_trailers),
            Setup.DENSITY: self.traffic,
            Setup.WEATHER: _coded(self.weather, Weather),
            Setup.LIGHT: _coded(self.light, Light),
            Setup.SENSING: float(Sensing[self.sensing.upper()]),
            Setup.MAX_STEPS: self.max_steps,
            Setup.PUSHBACK: push.probability if push else None,
            Setup.PUSHBACK_WITHIN_M: push.within_m if push else None,
            Setup.PUSHBACK_CLEAR_LOW_S: push.clear_in_s[0] if push else None,
            Setup.PUSHBACK_CLEAR_HIGH_S: push.clear_in_s[1] if push else None,
            Setup.GOAL_OCCUPIED: 1.0 if self.events.turnaround_at_goal else None,
            Setup.VISIBILITY_M: conditions.visibility_m,
            Setup.FRICTION: conditions.friction,
            Setup.DROPOUT: conditions.dropout,
            Setup.MOVING_AIRCRAFT: mix.moving_aircraft,
            Setup.PARKED: mix.parked_aircraft,
            Setup.VEHICLES: mix.vehicles,
            Setup.PEOPLE: mix.people,
            Setup.PACE: mix.pace,
            Setup.HAS_CRITERIA: 0.0 if self.criteria.is_empty else 1.0,
            Setup.TURN_LOW_MIN: span[0] if span else None,
            Setup.TURN_HIGH_MIN: span[1] if span else None,
            **injection_values(self.inject),
            **condition_values(self.conditions_over_time),
            **criteria_values(self.criteria),
        }
        said = {column: value for column, value in said.items() if value is not None}
        also: dict[int, int] = {Setup.TRAILERS_LOW: Setup.TRAILERS_HIGH}
        varying = [(c, also.get(c), law) for c, law in said.items() if isinstance(law, Varying)]
        return build_setup({c: largest(v) for c, v in said.items()}, varying)


KEYWORDS = tuple(f.name for f in fields(EnvConfig) if f.name not in GROUPS)


def _coded(value: Any, enum: type[IntEnum]) -> Any:
    """Names of an enum as its numbers, "random" as -1; distributions name by name."""
    if isinstance(value, Varying):
        return Varying(value.kind, tuple(_coded(v, enum) for v in value.values))
    return -1.0 if value == "random" else float(enum[value.upper()])


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
        return explicit_fields(scenario) | {name: getattr(scenario, name) for name in GROUPS}
    return {name: getattr(scenario, name) for name in type(scenario).model_fields if name not in TEXT}


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


def _varying(name: str, value: Any) -> Any:
    """A value or distribution of those that may vary from episode to episode."""
    try:
        return read_varying(value, _VARYING[name].check)
    except ValueError as error:
        hint = did_you_mean(value, list(_VARYING[name].words)) if isinstance(value, str) else ""
        raise ValueError(f"{name}={value!r}: {error}{hint}") from error


def _density(value: Any) -> float:
    """Traffic as a fraction of peak."""
    given = value.item() if hasattr(value, "item") else value
    checked = check_traffic(given)
    return TRAFFIC_LEVELS[checked] if isinstance(checked, str) else checked


def _dollies(value: Any) -> int | str:
    given = value.item() if hasattr(value, "item") else value
    return check_trailers(int(given) if isinstance(given, float) and given == int(given) else given)


class _MayVary(NamedTuple):
    """A keyword that takes a value or a distribution: the check of one value, and the words among its values."""

    check: Check
    words: tuple[str, ...]


_VARYING = {
    "traffic": _MayVary(_density, tuple(TRAFFIC_LEVELS)),
    "trailers": _MayVary(_dollies, ("random",)),
    "weather": _MayVary(one_of(WEATHER_NAMES), WEATHER_NAMES),
    "light": _MayVary(one_of(LIGHT_NAMES), LIGHT_NAMES),
}


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
    **dict.fromkeys(_VARYING, _varying),
    "max_steps": _max_steps,
    "packed": _flag,
    "render_mode": _optional_choice,
    "driving_side": _optional_choice,
    "route_length_m": _length_range,
    "map": _maps,
    "reward": _coefficients,
    "cost": _coefficients,
}
