"""A scenario's own criteria of success and failure, beside the contract's.

    criteria:
      success: {max_time_s: 90, max_soft_cost: 0.01, stop_within_m: 0.8, without: [hazard_entered]}
      failure: {max_speed_mps: 7, keep_clear_of_people_m: 0.8, upon: [crossing_violation]}

`is_success` is the contract's success and every `success` criterion. A `failure` criterion ends the episode on the
tick that breaks it, at a hard cost of its own (`cost/criterion`). Every number may vary from episode to episode.
"""

from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from airside_sim.constants import EventKind
from airside_sim.episode_setup import FAILURE0, SUCCESS0, Criterion
from airside_sim.resources import did_you_mean
from airside_sim.varying import Varies, number

EVENT_NAMES = tuple(kind.name.lower() for kind in EventKind)
ENDS_WITH = ("completed", "timeout", "criterion_missed", "criterion_failed")  # nothing to forbid


def _event(name: str) -> str:
    allowed = [event for event in EVENT_NAMES if event not in ENDS_WITH]
    if name not in allowed:
        raise ValueError(f"unknown event '{name}'{did_you_mean(name, allowed)}")
    return name


def _limit(low: float, high: float) -> Varies:
    schema = {"type": "number", "minimum": low, "maximum": high}
    return Varies(number(low, high), schema, is_optional=True)


_EventName = Annotated[
    str,
    AfterValidator(_event),
    Field(json_schema_extra={"enum": [event for event in EVENT_NAMES if event not in ENDS_WITH]}),
]


class _Limits(BaseModel):
    """What both kinds of criterion may limit."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    max_time_s: Annotated[Any, _limit(1, 3600)] = None
    max_cost: Annotated[Any, _limit(0, 100)] = None  # hard and soft, of the whole drive
    max_soft_cost: Annotated[Any, _limit(0, 100)] = None
    max_speed_mps: Annotated[Any, _limit(0.5, 40)] = None
    keep_clear_of_aircraft_m: Annotated[Any, _limit(0, 50)] = None  # while the ego moves
    keep_clear_of_people_m: Annotated[Any, _limit(0, 50)] = None


class SuccessCriteria(_Limits):
    """All must hold on arrival, or it is no success."""

    stop_within_m: Annotated[Any, _limit(0, 2)] = None  # of the goal, at a standstill: without it, none is needed
    without: tuple[_EventName, ...] = ()


class FailureCriteria(_Limits):
    """Each ends the episode at once when it is broken."""

    upon: tuple[_EventName, ...] = ()


class Criteria(BaseModel):
    """The group `criteria` of a scenario file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    success: SuccessCriteria = SuccessCriteria()
    failure: FailureCriteria = FailureCriteria()

    @property
    def is_empty(self) -> bool:
        """Nothing is asked for beyond the contract."""
        return self == Criteria()


def criteria_values(criteria: Criteria) -> dict[int, Any]:
    """Columns of `World.setup` that the criteria fill; plain numbers or distributions."""
    values: dict[int, Any] = {}
    for first, limits, events in (
        (SUCCESS0, criteria.success, criteria.success.without),
        (FAILURE0, criteria.failure, criteria.failure.upon),
    ):
        for criterion in Criterion:
            given = getattr(limits, criterion.name.lower(), None)
            if given is not None:
                values[first + criterion] = given
        values[first + Criterion.EVENTS] = float(sum(1 << EventKind[name.upper()] for name in set(events)))
    return values


class Verdict(NamedTuple):
    """One criterion after a drive."""

    kind: str  # "success" or "failure"
    name: str
    limit: str
    is_kept: bool


def verdicts(setup: np.ndarray, records: list[dict[str, Any]], is_over: bool) -> list[Verdict]:
    """Every criterion of an episode's `World.setup` row, judged by its referee's records; success needs an arrival."""
    out = []
    arrived = any(record["event"] == "completed" for record in records)
    for kind, first, word, event in (
        ("success", SUCCESS0, "without", "criterion_missed"),
        ("failure", FAILURE0, "upon", "criterion_failed"),
    ):
        broken = {int(record["other"]) for record in records if record["event"] == event}
        for criterion in Criterion:
            value = float(setup[first + criterion])
            if value < 0.0 or (criterion == Criterion.EVENTS and value == 0.0):
                continue
            is_events = criterion == Criterion.EVENTS
            limit = _events_of(int(value)) if is_events else f"{value:g}"
            kept = criterion not in broken and (kind == "failure" or arrived or not is_over)
            out.append(Verdict(kind, word if is_events else criterion.name.lower(), limit, kept))
    return out


def _events_of(mask: int) -> str:
    return ", ".join(kind.name.lower() for kind in EventKind if mask & (1 << kind))
