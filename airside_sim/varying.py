"""Values that vary from episode to episode: `traffic: {uniform: [0.2, 0.6]}` wherever one number or word may stand.

    {uniform: [low, high]}                      any number between
    {normal: [mean, sigma], range: [low, high]} clipped to the range
    {choice: [a, b, ...]}                       each as likely as the others; repeat one to make it likelier

Each episode draws its values from the env's own generator, so a seed fixes them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic_core import core_schema

KINDS = ("uniform", "normal", "choice")


@dataclass(frozen=True)
class Varying:
    """A distribution over checked values; numbers for uniform and normal, any checked value for choice."""

    kind: str
    values: tuple[Any, ...]  # (low, high), (mean, sigma) or the choices
    limits: tuple[float, float] = (-math.inf, math.inf)  # of normal

    def plain(self) -> dict[str, list[Any]]:
        """The mapping that a YAML file holds."""
        out: dict[str, list[Any]] = {self.kind: list(self.values)}
        return out | ({"range": list(self.limits)} if self.kind == "normal" else {})


Check = Callable[[Any], Any]  # the value as stored, or ValueError


def read_varying(value: Any, check: Check) -> Any:
    """A plain value through `check`, or a mapping as `Varying` of checked values; ValueError says what is wrong."""
    if isinstance(value, Varying):
        value = value.plain()
    if not isinstance(value, dict):
        return check(value)
    kinds = [kind for kind in KINDS if kind in value]
    unknown = [key for key in value if key not in (*KINDS, "range")]
    if unknown or len(kinds) != 1:
        raise ValueError(f"one of {', '.join(KINDS)} is needed, not {', '.join(map(str, value)) or 'nothing'}")
    kind, given = kinds[0], value[kinds[0]]
    if not isinstance(given, (list, tuple)) or not given:
        raise ValueError(f"{kind} needs a list")
    if "range" in value and kind != "normal":
        raise ValueError(f"range belongs to normal, not to {kind}")
    if kind == "choice":
        return Varying(kind, tuple(check(v) for v in given))
    low, high = _pair(kind, given)
    if kind == "normal":
        limits = _pair("range", value.get("range", ())) if "range" in value else None
        if limits is None:
            raise ValueError("normal needs a range: [low, high] beside it")
        _ordered("range", limits)
        if high <= 0.0:
            raise ValueError(f"normal [mean, sigma] needs sigma > 0, not {high:g}")
        return Varying(kind, (low, high), (float(check(limits[0])), float(check(limits[1]))))
    _ordered(kind, (low, high))
    return Varying(kind, tuple(float(check(v)) for v in (low, high)))


def _pair(name: str, given: Any) -> tuple[float, float]:
    numbers = isinstance(given, (list, tuple)) and all(
        isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v) for v in given
    )
    if not numbers or len(given) != 2:
        raise ValueError(f"{name} needs two numbers")
    return float(given[0]), float(given[1])


def _ordered(name: str, pair: tuple[float, float]) -> None:
    if pair[0] > pair[1]:
        raise ValueError(f"{name} must be [low, high] with low <= high, not [{pair[0]:g}, {pair[1]:g}]")


def largest(value: Any) -> float:
    """Largest number that a plain or varying value can take."""
    if not isinstance(value, Varying):
        return float(value)
    return float(value.limits[1] if value.kind == "normal" else max(value.values))


def smallest(value: Any) -> float:
    """Smallest number that a plain or varying value can take."""
    if not isinstance(value, Varying):
        return float(value)
    return float(value.limits[0] if value.kind == "normal" else min(value.values))


def number(low: float, high: float) -> Check:
    """Check of a number from low to high."""

    def check(value: Any) -> float:
        ok = isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high
        if not ok:
            raise ValueError(f"a number from {low:g} to {high:g} is needed, not {value!r}")
        return float(value)

    return check


@dataclass(frozen=True)
class Varies:
    """Marks a pydantic field that takes a plain value or a distribution: `Annotated[Any, Varies(check, schema)]`.

    `schema` is the JSON Schema of a plain value; with `is_optional` the field takes None as well.
    """

    check: Check
    schema: dict[str, Any]
    is_optional: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        """Validate by `read_varying`, write as YAML holds it."""
        return core_schema.no_info_plain_validator_function(
            self._read, serialization=core_schema.plain_serializer_function_ser_schema(_plain)
        )

    def _read(self, value: Any) -> Any:
        return None if value is None and self.is_optional else read_varying(value, self.check)

    def __get_pydantic_json_schema__(self, schema: core_schema.CoreSchema, handler: Any) -> dict[str, Any]:
        """The plain value's schema or one of the three distributions."""
        pair = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
        forms = {
            "uniform": {"uniform": pair},
            "normal": {"normal": pair, "range": pair},
            "choice": {"choice": {"type": "array", "items": self.schema, "minItems": 1}},
        }
        laws = [
            {"type": "object", "properties": p, "required": list(p), "additionalProperties": False}
            for p in forms.values()
        ]
        return {"anyOf": [self.schema, *laws, *([{"type": "null"}] if self.is_optional else [])]}


def _plain(value: Any) -> Any:
    return value.plain() if isinstance(value, Varying) else value
