"""Writes an `AirportMap` as YAML: one item a line, defaults left out, so that files diff and read well."""

from typing import Any

import yaml

from airside_sim.mapping.schema import AirportMap


def map_to_yaml(m: AirportMap, comment: str = "") -> str:
    """YAML text of a map; `comment` becomes leading `#` lines."""
    lines = [f"# {line}" for line in comment.splitlines()]
    for key, value in m.model_dump(mode="json", exclude_defaults=True).items():
        if isinstance(value, list):
            lines.append(f"{key}:")
            lines += [f"  - {_flow(item)}" for item in value]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    """One value on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10**9, allow_unicode=True)
    return text.removesuffix("\n").removesuffix("\n...")
