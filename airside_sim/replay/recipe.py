"""The environment a replay was recorded in: its keywords as JSON, and back to the settings of a simulator."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from airside_sim.env_config import EnvConfig
from airside_sim.replay.file import Replay, ReplayError
from airside_sim.scenario import format_scenario, load_scenario, scenario_names
from airside_sim.suite import configs_of

LEFT_OUT = ("render_mode",)


def plain_keywords(keywords: dict[str, Any]) -> dict[str, Any]:
    """Keyword arguments of an env as JSON holds them, without those that only show."""
    return {k: _plain(v) for k, v in keywords.items() if k not in LEFT_OUT}


def _plain(value: Any) -> Any:
    """Paths as text and tuples as lists, for JSON."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return str(value) if isinstance(value, Path) else value.item() if isinstance(value, np.generic) else value


def scenario_text(scenario: Any) -> str:
    """YAML of a scenario file of the user's own, with what it inherits; a shipped name stands for itself."""
    if scenario is None or str(scenario) in scenario_names():
        return ""
    return format_scenario(load_scenario(scenario))


def config_of(replay: Replay, map: str | None) -> tuple[EnvConfig, ...]:
    """Settings of the scenarios of the recorded env; ReplayError when they do not resolve here."""
    keywords = dict(replay.keywords)
    base = keywords.pop("base_scenario", "apron")
    if map is not None:
        keywords["map"] = map
    try:
        if not replay.scenario_text:
            return configs_of(base, **keywords)[1]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "scenario.yaml"
            path.write_text(replay.scenario_text, encoding="utf-8")
            return configs_of(base, **(keywords | {"scenario": str(path)}))[1]
    except (TypeError, ValueError, OSError) as error:
        raise ReplayError(f"keywords: {error}") from error
