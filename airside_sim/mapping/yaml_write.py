"""Writing a map as compact, readable YAML: one line per object, fields at their default left out, millimetres kept."""

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from airside_sim.mapping.schema import AirportMap

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_/ -]*(?<! )")
_RESERVED = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


def dump_map(m: AirportMap, path: str | Path) -> None:
    """Write `m` to `path` atomically: readers see the old file or the whole new one."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(format_map(m))
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def format_map(m: AirportMap) -> str:
    """The YAML text of a map."""
    lines = []
    for name, value in _fields(m, decimals=3).items():
        if isinstance(value, list) and value:
            lines.append(f"{name}:")
            lines += [f"  - {_flow(item)}" for item in value]
        else:
            lines.append(f"{name}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _fields(model: BaseModel, decimals: int) -> dict[str, Any]:
    """Name -> plain value of every field that is required or differs from its default."""
    chosen = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if field.is_required() or value != field.get_default(call_default_factory=True):
            chosen[name] = _plain(value, 9 if name == "origin" else decimals)
    return chosen


def _plain(value: Any, decimals: int) -> Any:
    if isinstance(value, BaseModel):
        return _fields(value, decimals)
    if isinstance(value, list | tuple):
        return [_plain(item, decimals) for item in value]
    if isinstance(value, float):
        rounded = round(value, decimals)
        return int(rounded) if rounded == int(rounded) else rounded
    return value


def _flow(value: Any) -> str:
    """Flow-style YAML of plain values; a string is bare only where no YAML reader could take it for another type."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, str):
        bare = _PLAIN.fullmatch(value) and value.lower() not in _RESERVED
        return value if bare else json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return format(value, "f").rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
