"""JSON Schemas of the YAML files, for editors."""

import json
from pathlib import Path

from pydantic import BaseModel


def print_schema(model: type[BaseModel], out: Path | None) -> int:
    """Print a model's JSON Schema, or write it to `out` and print the path."""
    text = json.dumps(model.model_json_schema(), indent=1)
    if out is None:
        print(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
        print(out)
    return 0
