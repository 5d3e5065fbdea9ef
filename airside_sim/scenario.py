"""Scenarios: a YAML file that says where, with what, and among whom an episode is driven (schema_version 1).

A scenario holds data only: which maps, how long a route and what must lie on it, how dense the traffic, which
weather, which vehicle. Keyword arguments of an environment beat its scenario, which beats the id's own (see
`airside_sim.env_config`). Lengths in metres, times in seconds, speeds in SI.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from airside_sim.mapping.yaml_io import load_yaml_model
from airside_sim.resources import find_file, list_names

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

Range = tuple[float, float]


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
    moving_aircraft: float | None = Field(
        default=None, ge=0, le=20
    )  # at once near the ego; None: 5 x traffic, 0: parked


class Scenario(_Strict):
    """One scenario file. Every field but the first two has a default; a keyword argument overrides its namesake."""

    schema_version: Literal[1]
    name: Annotated[str, Field(min_length=1, max_length=64)]
    title: str = ""
    map: str | list[str] = "hub"
    route_length_m: Range = (200.0, 500.0)
    needs: RouteNeeds = RouteNeeds()
    events: Events = Events()
    ego: Literal["tractor", "bus", "bowser", "follow_me"] = "tractor"
    trailers: Annotated[int, Field(ge=0, le=6)] | Literal["random"] = 0
    traffic: Literal["empty", "moderate", "peak"] | Annotated[float, Field(ge=0, le=MAX_DENSITY)] = "moderate"
    weather: Literal["clear", "rain", "fog", "snow", "random"] = "clear"
    light: Literal["day", "night", "random"] = "day"
    sensing: Literal["full", "range", "occluded"] = "full"
    driving_side: Literal["right", "left"] | None = None
    bev_range_m: float = Field(default=100.0, ge=16, le=400)
    bev_ahead_m: float | None = Field(default=None, ge=0, le=400)  # None: half of the range
    max_steps: int | None = Field(default=None, ge=0)
    speed_scale: float = Field(default=1.0, gt=0, le=2)
    reward: dict[str, float] = {}
    cost: dict[str, float] = {}

    @field_validator("route_length_m")
    @classmethod
    def _ordered(cls, value: Range) -> Range:
        return _check_range(value, "route_length_m")


def _check_range(value: Range, name: str) -> Range:
    low, high = value
    if not 0.0 < low <= high:
        raise ValueError(f"{name} must be [low, high] with 0 < low <= high, not [{low:g}, {high:g}]")
    return value


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Scenario of a shipped name ("crossing") or a YAML path; errors carry file, line and field."""
    return load_yaml_model(find_file("scenarios", name_or_path), Scenario)


def scenario_names() -> list[str]:
    """Names of the shipped scenarios."""
    return list_names("scenarios")


def explicit_fields(scenario: Scenario) -> dict[str, Any]:
    """Only what the file itself sets (so that an unset field may fall back to the id's own scenario)."""
    skipped = {"schema_version", "name", "title"}
    return {name: getattr(scenario, name) for name in scenario.model_fields_set if name not in skipped}
