"""Reading YAML into pydantic models so that every mistake says `FILE:LINE: field: what is wrong; did you mean 'x'?`.

The document is composed into nodes, which know their lines, and plain values are built from the nodes; when pydantic
refuses a value, its path leads back to the node. Anchors are refused beyond a handful: an alias bomb of nine lines
would otherwise fill the memory. The model never sees a file that is not UTF-8, too large or has a key twice.
"""

import difflib
import re
import types
import typing
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import yaml
from pydantic import BaseModel, ValidationError

from airside_sim.mapping.errors import MapError
from airside_sim.mapping.map_checks import find_problem
from airside_sim.mapping.schema import AirportMap
from airside_sim.mapping.yaml_write import dump_map, format_map
from airside_sim.resources import find_file

__all__ = ["dump_map", "format_map", "load_map", "load_yaml_model", "load_yaml_text", "nearest"]

MAX_BYTES = 32 * 1024 * 1024
MAX_ALIASES = 16
MAX_NESTING = 64  # brackets in brackets; the parser takes quadratic time on more

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Model = TypeVar("_Model", bound=BaseModel)
_Location = tuple[int | str, ...]


def load_map(name_or_path: str | Path) -> AirportMap:
    """The map of a file, or of a bundled map's name; MapError names file and line of the first mistake."""
    path = find_file("maps", name_or_path)
    node = _compose(path)
    airport = _validate(node, AirportMap, path)
    problem = find_problem(airport)
    if problem is not None:
        location, message = problem
        raise MapError(f"{path}:{_line_of(node, location)}: {_field_name(location)}: {message}")
    return airport


def load_yaml_model(path: str | Path, model: type[_Model]) -> _Model:
    """A YAML file checked against any pydantic model."""
    path = Path(path)
    return _validate(_compose(path), model, path)


def load_yaml_text(text: str, model: type[_Model], source: str = "<text>") -> _Model:
    """The same for a string; `source` stands where the file's name would."""
    return _validate(_parse(text, source), model, source)


def nearest(given: object, allowed: list[str]) -> str:
    """`; did you mean 'x'?` for the closest allowed name, or nothing."""
    close = difflib.get_close_matches(str(given), allowed, n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


def _compose(path: Path) -> yaml.Node:
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise MapError(f"{path}:1: file: cannot be read: {error.strerror or error}") from error
    if len(raw) > MAX_BYTES:
        raise MapError(f"{path}:1: file: {len(raw)} bytes, more than the limit of {MAX_BYTES}")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise MapError(f"{path}:{line}: file: not UTF-8 (byte 0x{raw[error.start]:02x})") from error
    return _parse(text, path)


def _parse(text: str, source: str | Path) -> yaml.Node:
    line = _too_deep(text)
    if line:
        raise MapError(f"{source}:{line}: file: brackets are nested more than {MAX_NESTING} deep")
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise MapError(f"{source}:{line}: file: not valid YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        first_line = str(error).splitlines()[0] if str(error) else "nested too deeply"
        raise MapError(f"{source}:1: file: not valid YAML: {first_line}") from error
    if node is None:
        raise MapError(f"{source}:1: file: empty")
    return node


def _too_deep(text: str) -> int:
    """Line where brackets first nest beyond MAX_NESTING, 0 when nowhere. Brackets in quoted text count too."""
    data = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
    steps = np.zeros(256, np.int8)
    steps[[ord("["), ord("{")]], steps[[ord("]"), ord("}")]] = 1, -1
    deep = np.cumsum(steps[data], dtype=np.int32) > MAX_NESTING
    return int(np.count_nonzero(data[: int(deep.argmax())] == ord("\n"))) + 1 if deep.any() else 0


def _validate(node: yaml.Node, model: type[_Model], source: str | Path) -> _Model:
    try:
        data = _Builder(source).build(node)
    except RecursionError:
        raise MapError(f"{source}:{node.start_mark.line + 1}: file: nested too deeply") from None
    if not isinstance(data, dict):
        raise MapError(f"{source}:{node.start_mark.line + 1}: file: a mapping 'key: value' is needed at the top level")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise MapError(_describe(error, node, model, source)) from error


class _Builder:
    """Plain Python values from YAML nodes (core types only: no dates, no tags, no merge keys)."""

    def __init__(self, source: str | Path) -> None:
        self.source = source
        self.scalars = yaml.SafeLoader("")  # YAML 1.1 spellings (0x1F, 1_000, .inf), tried only when Python's fail
        self.seen: set[int] = set()
        self.num_aliases = 0

    def build(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self.seen:
            self.num_aliases += 1
            if self.num_aliases > MAX_ALIASES:
                self._fail(node, f"more than {MAX_ALIASES} aliases ('*name')")
        self.seen.add(id(node))
        if node.tag not in ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            self._fail(node, f"tag '{node.tag}' is not allowed")
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child) for child in node.value]
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._fail(key_node, "a key must be a plain word")
            if key_node.value in mapping:
                self._fail(key_node, f"key '{key_node.value}' is given twice")
            mapping[key_node.value] = self.build(value_node)
        return mapping

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        kind = node.tag.rpartition(":")[2]
        if kind in ("str", "timestamp"):
            return node.value
        if kind == "null":
            return None
        if kind not in ("int", "float", "bool"):
            self._fail(node, f"tag '{node.tag}' is not allowed")
        try:
            if kind == "int":
                return int(node.value) if not node.value.startswith("0") else self.scalars.construct_yaml_int(node)
            if kind == "float":
                return float(node.value)
        except ValueError:
            pass
        try:
            return getattr(self.scalars, f"construct_yaml_{kind}")(node)
        except (ValueError, KeyError):
            return self._fail(node, f"'{node.value[:40]}' is not a {kind}")

    def _fail(self, node: yaml.Node, message: str) -> Any:
        raise MapError(f"{self.source}:{node.start_mark.line + 1}: file: {message}")


def _describe(error: ValidationError, root: yaml.Node, model: type[BaseModel], source: str | Path) -> str:
    """The first error by line, in one line."""
    found = []
    for item in error.errors(include_url=False):
        location = tuple(part for part in item["loc"])
        order = _line_of(root, location), item["type"] == "missing"  # a mistyped key explains the missing one
        found.append((order, _field_name(location), _explain(item, location, model)))
    found.sort(key=lambda row: row[0])
    (line, _), field, message = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return f"{source}:{line}: {field}: {message}{more}"


def _explain(item: Any, location: _Location, model: type[BaseModel]) -> str:
    kind = item["type"]
    if kind == "extra_forbidden":
        owner = _model_at(model, location[:-1])
        allowed = sorted(owner.model_fields) if owner else []
        return f"unknown key '{location[-1]}'{nearest(location[-1], allowed) or f'; allowed: {_listed(allowed)}'}"
    if kind == "missing":
        return "is missing"
    if kind in ("literal_error", "enum"):
        allowed = re.findall(r"'([^']*)'", str(item["ctx"]["expected"]))
        return f"'{item['input']}' is not one of {item['ctx']['expected']}{nearest(item['input'], allowed)}"
    given = repr(item["input"])
    given = given if len(given) <= 60 else given[:57] + "..."
    hint = "; write it in quotes" if kind == "string_type" and isinstance(item["input"], int | float) else ""
    return f"{item['msg'][0].lower()}{item['msg'][1:]}, not {given}{hint}"


def _listed(names: list[str]) -> str:
    return ", ".join(names)


def _field_name(location: _Location) -> str:
    """`stands[3].code` for ('stands', 3, 'code')."""
    name = ""
    for part in location:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name or "file"


def _line_of(root: yaml.Node, location: _Location) -> int:
    """Line (from 1) of the deepest node that exists on the path; for a key, of the key itself."""
    node, line = root, root.start_mark.line
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
        else:
            break
    return line + 1


def _model_at(annotation: Any, location: _Location) -> type[BaseModel] | None:
    """The pydantic model that a path ends at, found through lists, tuples, dicts and unions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not location:
            return annotation
        field = annotation.model_fields.get(str(location[0]))
        return _model_at(field.annotation, location[1:]) if field else None
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        found = (_model_at(option, location) for option in inner)
        return next((model for model in found if model), None)
    if origin is typing.Annotated:
        return _model_at(inner[0], location)
    if origin in (list, tuple, dict) and location:
        return _model_at(inner[-1] if origin is dict else inner[0], location[1:])
    return None
