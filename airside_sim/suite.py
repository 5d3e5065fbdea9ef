"""Suites: YAML lists of scenarios that an agent is trained or judged on (schema_version 1).

An entry is a scenario and keyword arguments that beat it. `seeds` names the range of `docs/evaluation`: train below
10 million, validation from 10 million, test from 20 million; a suite can be driven only with seeds of its range.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from airside_sim.env_config import EnvConfig, resolve
from airside_sim.mapping.errors import MapError
from airside_sim.mapping.yaml_io import load_yaml_model
from airside_sim.resources import find_file, list_names

SEED_RANGES = {"train": range(10_000_000), "validation": range(10_000_000, 10_000_100),
               "test": range(20_000_000, 20_000_300)}  # fmt: skip
ENV_ID = "AirsideApron-v0"  # every entry is this id with the entry's scenario


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
