"""Suites: YAML lists of scenarios that an agent is trained or judged on (schema_version 1).

An entry is a scenario and keyword arguments that beat it. `seeds` names the range of `docs/evaluation`: train below
10 million, validation from 10 million, test from 20 million; a suite can be driven only with seeds of its range.

`configs_of` also makes one environment of a whole suite: each of its episodes is one of the suite's.
"""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from airside_sim.env_config import EnvConfig, resolve
from airside_sim.mapping.errors import MapError
from airside_sim.mapping.yaml_io import load_yaml_model
from airside_sim.resources import find_file, list_names
from airside_sim.scenario import GROUPS

SEED_RANGES = {"train": range(10_000_000), "validation": range(10_000_000, 10_000_100),
               "test": range(20_000_000, 20_000_300)}  # fmt: skip
ENV_ID = "AirsideApron-v0"  # every entry is this id with the entry's scenario
# What an episode is drawn from; in all else the scenarios of one environment agree.
EPISODE_FIELDS = (
    "scenario", "map", "ego", "trailers", "sensing", "traffic", "weather", "light", "driving_side", "route_length_m",
    "max_steps", *GROUPS,
)  # fmt: skip
VIEW_FIELDS = ("bev_range_m", "bev_ahead_m")  # a scenario's own view gives way to the environment's


class Entry(BaseModel):
    """One family of episodes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: str
    name: str = ""  # in tables; the scenario's where empty
    keywords: dict[str, Any] = {}  # of `gym.make`, over the scenario

    @property
    def label(self) -> str:
        return self.name or self.scenario

    def config(self, **keywords: Any) -> EnvConfig:
        """Resolved settings; `keywords` (observation, rendering) beat the entry."""
        return resolve("apron", scenario=self.scenario, **(self.keywords | keywords))


class Suite(BaseModel):
    """A suite file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1]
    name: Annotated[str, Field(min_length=1, max_length=64)]
    title: str = ""
    seeds: Literal["train", "validation", "test"]
    entries: Annotated[tuple[Entry, ...], Field(min_length=1)]

    def seed_list(self, count: int) -> list[int]:
        """The first `count` seeds of the suite's range; ValueError when it has fewer."""
        allowed = SEED_RANGES[self.seeds]
        if not 0 < count <= len(allowed):
            raise ValueError(f"seeds={count}: suite '{self.name}' has {len(allowed)} {self.seeds} seeds")
        return list(allowed[:count])


def load_suite(name_or_path: str | Path) -> Suite:
    """A shipped suite or a YAML path; every entry's scenario and keywords are checked."""
    path = find_file("suites", name_or_path)
    suite = load_yaml_model(path, Suite)
    labels = [entry.label for entry in suite.entries]
    for i, entry in enumerate(suite.entries):
        if labels.index(entry.label) != i:
            raise MapError(f"{path}:1: entries[{i}]: '{entry.label}' is there twice; give one a name")
        try:
            entry.config()
        except (TypeError, ValueError, OSError) as error:
            raise MapError(f"{path}:1: entries[{i}]: {entry.label}: {error}") from error
    return suite


def suite_names() -> list[str]:
    """Names of the shipped suites."""
    return list_names("suites")


def configs_of(
    base_scenario: str, *, suite: str | Path | Sequence[str] | None = None, **keywords: Any
) -> tuple[tuple[str, ...], tuple[EnvConfig, ...]]:
    """Labels and settings of an environment's scenarios: one, or with `suite` (a name, a file or scenario names) many.

    Keywords beat every entry. ValueError when entries differ in what must be the same for all (reward, say).
    """
    if suite is None:
        config = resolve(base_scenario, **keywords)
        return (config.scenario,), (config,)
    if "scenario" in keywords:
        raise ValueError("scenario and suite exclude each other: name the scenario in the suite")
    base = resolve(base_scenario, **keywords)
    view = {name: getattr(base, name) for name in VIEW_FIELDS}
    entries = _entries(suite)
    labels = tuple(entry.label for entry in entries)
    configs = tuple(resolve(base_scenario, scenario=e.scenario, **(e.keywords | view | keywords)) for e in entries)
    for field in fields(EnvConfig):
        if field.name in EPISODE_FIELDS:
            continue
        for label, config in zip(labels, configs, strict=True):
            own, first = getattr(config, field.name), getattr(configs[0], field.name)
            if own != first:
                raise ValueError(
                    f"suite: {label} has {field.name}={own!r} but {labels[0]} {first!r}: one environment has one; "
                    f"give {field.name} as a keyword"
                )
    return labels, configs


def _entries(suite: str | Path | Sequence[str]) -> tuple[Entry, ...]:
    if isinstance(suite, str | Path):
        return load_suite(suite).entries
    if not suite or len(set(suite)) < len(suite):
        raise ValueError(f"suite={list(suite)!r}: a suite's name, or different scenario names, are needed")
    return tuple(Entry(scenario=name) for name in suite)
