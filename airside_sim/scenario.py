"""Scenarios: a YAML file that says where, with what, and among whom an episode is driven (schema_version 1).

A scenario holds data only: which maps, how long a route and what must lie on it, how dense the traffic, which
weather, which vehicle. Keyword arguments of an environment beat its scenario, which beats the id's own (see
`airside_sim.env_config`). `extends` starts from another scenario. Lengths in metres, times in seconds, speeds in SI.
"""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator

from airside_sim.conditions import ConditionsAt
from airside_sim.criteria import Criteria
from airside_sim.episode_setup import MAX_INJECTIONS, MAX_KEYFRAMES
from airside_sim.injections import InjectedEvent
from airside_sim.mapping.errors import MapError
from airside_sim.mapping.yaml_io import load_yaml_model
from airside_sim.resources import find_file, list_names
from airside_sim.varying import Varies, largest, number, smallest

EGO_NAMES = ("tractor", "bus", "bowser", "follow_me")
ACTION_TYPES = ("continuous", "discrete")
OBS_TYPES = ("bev+state", "bev", "state", "objects", "bev+objects", "flat")
BEV_SIZES = (128, 64, 32)
LAYOUTS = ("hwc", "chw")
SENSING_NAMES = ("full", "range", "occluded")
TRAFFIC_LEVELS: Mapping[str, float] = {"empty": 0.0, "moderate": 0.4, "peak": 1.0}
WEATHER_NAMES = ("clear", "rain", "fog", "snow", "random")
LIGHT_NAMES = ("day", "night", "random")
MAX_DENSITY = 4.0  # of peak; beyond it aprons have no room for the vehicles
MAX_TRAILERS = 6
TURNAROUND_MIN = 38.0  # then it is ready for its push
PHASES_MIN: Mapping[str, tuple[float, float] | None] = {
    "any": None,
    "arrival": (1.3, 3.0),
    "unloading": (4.0, 11.0),
    "loading": (15.0, 27.0),
    "departure": (31.0, 37.0),
}

Range = tuple[float, float]


def one_of(names: tuple[str, ...]):
    """Check of a word."""

    def check(value: Any) -> str:
        if value not in names:
            raise ValueError(f"{value!r} is not one of {', '.join(names)}")
        return value

    return check


def check_traffic(value: Any) -> str | float:
    """A level's name, or a fraction of peak."""
    if isinstance(value, str):
        return one_of(tuple(TRAFFIC_LEVELS))(value)
    return number(0.0, MAX_DENSITY)(value)


def check_trailers(value: Any) -> str | int:
    """A whole number of dollies, or "random" (each number is equally likely)."""
    if value == "random":
        return "random"
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_TRAILERS:
        raise ValueError(f"a whole number from 0 to {MAX_TRAILERS}, or 'random', is needed, not {value!r}")
    return value


def _words(names: tuple[str, ...]) -> dict[str, Any]:
    return {"enum": list(names)}


def _numbers(low: float, high: float) -> dict[str, Any]:
    return {"type": "number", "minimum": low, "maximum": high}


_TRAFFIC = Varies(check_traffic, {"anyOf": [_words(tuple(TRAFFIC_LEVELS)), _numbers(0, MAX_DENSITY)]})
_TRAILERS = Varies(
    check_trailers, {"anyOf": [{"const": "random"}, {"type": "integer", "minimum": 0, "maximum": MAX_TRAILERS}]}
)
_WEATHER = Varies(one_of(WEATHER_NAMES), _words(WEATHER_NAMES))
_LIGHT = Varies(one_of(LIGHT_NAMES), _words(LIGHT_NAMES))


def _maybe(low: float, high: float) -> Varies:
    """A number from low to high, a distribution of such, or None."""
    return Varies(number(low, high), _numbers(low, high), is_optional=True)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class RouteNeeds(_Strict):
    """What must lie on a route for the scenario to be about its subject."""

    min_crossings: int = Field(default=0, ge=0, le=8)  # taxiway, taxilane or runway crossings
    stand_goal: bool = False  # the route ends at a stand


class PushbackInProgress(_Strict):
    """An aircraft is being pushed across the ego's road when the episode starts, in a share of the episodes.

    With probability 1 only routes with such a zone are drawn; below it, other routes have none.
    """

    probability: float = Field(default=1.0, gt=0, le=1)
    clear_in_s: Range = (10.0, 40.0)  # the road stays blocked this much longer
    within_m: float = Field(default=80.0, gt=20, le=1000)  # zone's largest distance from the start

    @field_validator("clear_in_s")
    @classmethod
    def _ordered(cls, value: Range) -> Range:
        return _check_range(value, "clear_in_s")


class Events(_Strict):
    """Traffic events that the scenario stages."""

    pushback_in_progress: PushbackInProgress | None = None
    turnaround_at_goal: bool = False  # the goal stand holds an aircraft in mid-service


class Mix(_Strict):
    """Who the traffic is made of, where `traffic` alone does not say it."""

    vehicles: Annotated[Any, _maybe(0, 2)] = None  # as a share of what `traffic` gives; None: 1
    people: Annotated[Any, _maybe(0, 2)] = None
    pace: Annotated[Any, _maybe(0.2, 2)] = None  # of the other drivers: 1 is usual, 1.6 far too fast
    moving_aircraft: Annotated[Any, _maybe(0, 20)] = None  # at once near the ego; None: 5 x traffic
    parked_aircraft: Annotated[Any, _maybe(0, 1)] = None  # share of the stands; None: 0.9 x traffic, at most 0.9


class Conditions(_Strict):
    """What the weather's own ranges give, said exactly."""

    visibility_m: Annotated[Any, _maybe(20, 10_000)] = None
    friction: Annotated[Any, _maybe(0.05, 1.0)] = None
    dropout: Annotated[Any, _maybe(0, 1)] = None  # probability a tick that an actor is missed


class Turnaround(_Strict):
    """How far the turnaround at the goal stand has come when the episode starts; by itself it is in mid-service.

    `minutes` after on-block of the usual timeline (docs/turnarounds.md), or the name of a part of it.
    """

    phase: Literal["any", "arrival", "unloading", "loading", "departure"] = "any"
    minutes: tuple[float, float] | None = None

    @field_validator("minutes")
    @classmethod
    def _within_the_timeline(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not 0.0 <= value[0] <= value[1] <= TURNAROUND_MIN:
            raise ValueError(f"a pair (low, high) of minutes with 0 <= low <= high <= {TURNAROUND_MIN:g} is needed")
        return value

    @property
    def range_min(self) -> tuple[float, float] | None:
        """(low, high), None for the usual mid-service."""
        return self.minutes or PHASES_MIN[self.phase]


class Scenario(_Strict):
    """One scenario file. Every field but the first two has a default; a keyword argument overrides its namesake."""

    schema_version: Literal[1]
    name: Annotated[str, Field(min_length=1, max_length=64)]
    title: str = ""
    extends: str | None = None  # a shipped name, or a file beside this one
    difficulty: int | None = Field(default=None, ge=1, le=5)  # 1 an empty road .. 5 everything at once
    tags: tuple[str, ...] = ()
    map: str | list[str] = "hub"
    route_length_m: Range = (200.0, 500.0)
    needs: RouteNeeds = RouteNeeds()
    events: Events = Events()
    inject: Annotated[tuple[InjectedEvent, ...], Field(max_length=MAX_INJECTIONS)] = ()
    mix: Mix = Mix()
    conditions: Conditions = Conditions()
    conditions_over_time: Annotated[tuple[ConditionsAt, ...], Field(max_length=MAX_KEYFRAMES)] = ()
    criteria: Criteria = Criteria()
    ego: Literal["tractor", "bus", "bowser", "follow_me"] = "tractor"
    trailers: Annotated[Any, _TRAILERS] = 0
    traffic: Annotated[Any, _TRAFFIC] = "moderate"
    weather: Annotated[Any, _WEATHER] = "clear"
    light: Annotated[Any, _LIGHT] = "day"
    sensing: Literal["full", "range", "occluded"] = "full"
    driving_side: Literal["right", "left"] | None = None
    bev_range_m: float = Field(default=100.0, ge=16, le=400)
    bev_ahead_m: float | None = Field(default=None, ge=0, le=400)  # None: half of the range
    max_steps: int | None = Field(default=None, ge=0)
    speed_scale: float = Field(default=1.0, gt=0, le=2)
    reward: dict[str, float] = {}
    cost: dict[str, float] = {}
    turnaround: Turnaround | None = None

    @field_validator("route_length_m")
    @classmethod
    def _ordered(cls, value: Range) -> Range:
        return _check_range(value, "route_length_m")

    @field_validator("conditions_over_time")
    @classmethod
    def _in_order(cls, value: tuple[ConditionsAt, ...]) -> tuple[ConditionsAt, ...]:
        for before, after in itertools.pairwise(value):
            if largest(before.at_s) >= smallest(after.at_s):
                raise ValueError("keyframes must follow each other: each at_s later than any of the one before")
        return value


def _check_range(value: Range, name: str) -> Range:
    low, high = value
    if not 0.0 < low <= high:
        raise ValueError(f"{name} must be [low, high] with 0 < low <= high, not [{low:g}, {high:g}]")
    return value


MAX_GENERATIONS = 8


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Scenario of a shipped name ("crossing") or a YAML path; errors carry file, line and field."""
    return _load(find_file("scenarios", name_or_path), ())


def _load(path: Path, younger: tuple[Path, ...]) -> Scenario:
    """The file over what it extends; `younger` are the files that led here."""
    if path.resolve() in younger or len(younger) >= MAX_GENERATIONS:
        chain = " extends ".join(p.name for p in (*younger, path))
        raise MapError(f"{younger[0]}:1: extends: goes round in a circle or too deep: {chain}")
    own = load_yaml_model(path, Scenario)
    if own.extends is None:
        return own
    beside = path.parent / own.extends
    try:
        base = find_file("scenarios", beside if beside.is_file() else own.extends)
    except FileNotFoundError as error:
        raise MapError(f"{path}:1: extends: {error}") from error
    return _merge(_load(base, (*younger, path.resolve())), own)


def _merge(base: Any, own: Any) -> Any:
    """`own` over `base`: groups are merged field by field, dictionaries key by key, everything else is replaced."""
    changes = {}
    for name in own.model_fields_set - {"extends"}:
        new, old = getattr(own, name), getattr(base, name)
        if isinstance(new, BaseModel) and isinstance(old, BaseModel):
            new = _merge(old, new)
        elif isinstance(new, dict) and isinstance(old, dict):
            new = old | new
        changes[name] = new
    return base.model_copy(update=changes)


def format_scenario(scenario: Scenario) -> str:
    """YAML of a loaded scenario, with everything that it inherits and without `extends`."""
    return yaml.safe_dump(scenario.model_dump(mode="json", exclude_unset=True, exclude={"extends"}), sort_keys=False)


def scenario_names() -> list[str]:
    """Names of the shipped scenarios."""
    return list_names("scenarios")


GROUPS = (
    "needs",
    "events",
    "inject",
    "mix",
    "conditions",
    "conditions_over_time",
    "criteria",
    "turnaround",
)  # belong to a scenario as a whole: no keyword overrides a part
TEXT = ("schema_version", "name", "title", "extends", "difficulty", "tags")


def explicit_fields(scenario: Scenario) -> dict[str, Any]:
    """Only what the file itself sets (so that an unset field may fall back to the id's own scenario)."""
    return {name: getattr(scenario, name) for name in scenario.model_fields_set if name not in TEXT}
