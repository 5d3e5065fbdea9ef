"""Injected events in a scenario file: what happens, and the trigger that it waits for.

    inject:
      - {event: fog, at_s: 30, for_s: 20, visibility_m: 120}
      - {event: person_steps_out, after_m: 40, ahead_m: 15, speed_mps: 2.0, probability: 0.5}
      - {event: clearance_withdrawn, before_crossing_m: 30, for_s: 25}
      - {event: breakdown, upon: clearance_granted, for_s: 40}
      - {event: uld_falls_off, after_m: 30, for_s: 40, aside_m: 0.5}
      - {event: emergency_vehicle, at_s: 10}
      - {event: rogue_driver, at_s: 5, for_s: 60, pace: 1.6}

Exactly one of `at_s`, `after_m`, `before_crossing_m` and `upon` (a record of the referee) is the trigger (`on` would be
a truth value in YAML 1.1). An event whose trigger has come, but with nobody near to happen to, waits. Every number may
vary from episode to episode.
"""

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from airside_sim.constants import EventKind, InjectionKind, Trigger
from airside_sim.episode_setup import INJECTION0, INJECTION_WIDTH, Injection
from airside_sim.resources import did_you_mean
from airside_sim.varying import Varies, largest, number, smallest

UPON = (
    "clearance_requested", "clearance_held", "clearance_granted", "clearance_withdrawn", "crossing_vacated",
    "hazard_entered", "yielded", "fog_came", "vehicle_broke_down", "tug_broke_down", "person_stepped_out",
    "uld_fell_off", "uld_cleared", "emergency_vehicle_came", "rogue_driver_came", "low_visibility_began",
    "low_visibility_ended",
)  # fmt: skip
TRIGGERS = ("at_s", "after_m", "before_crossing_m", "upon")
DEFAULTS: dict[str, dict[str, float]] = {  # what each event takes beside its trigger
    "fog": {"for_s": 20.0, "visibility_m": 150.0},
    "breakdown": {"for_s": 30.0},
    "tug_breakdown": {"for_s": 40.0},
    "clearance_withdrawn": {"for_s": 20.0},
    "person_steps_out": {"ahead_m": 14.0, "speed_mps": 1.8},
    "uld_falls_off": {"for_s": 40.0, "aside_m": 0.5},
    "emergency_vehicle": {"for_s": 40.0, "speed_mps": 18.0},
    "rogue_driver": {"for_s": 60.0, "pace": 1.6},
}
SPEEDS_MPS = {"person_steps_out": (0.5, 4.0), "emergency_vehicle": (5.0, 20.0)}
_COLUMN = {
    "for_s": Injection.FOR_S,
    "visibility_m": Injection.VALUE,
    "ahead_m": Injection.VALUE,
    "aside_m": Injection.VALUE,
    "pace": Injection.VALUE,
    "speed_mps": Injection.SPEED_MPS,
}


def _number(low: float, high: float) -> Varies:
    schema = {"type": "number", "minimum": low, "maximum": high}
    return Varies(number(low, high), schema, is_optional=True)


class InjectedEvent(BaseModel):
    """One event; see the module's examples."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    event: Literal[
        "fog", "breakdown", "tug_breakdown", "clearance_withdrawn", "person_steps_out", "uld_falls_off",
        "emergency_vehicle", "rogue_driver",
    ]  # fmt: skip
    probability: float = Field(default=1.0, gt=0, le=1)
    at_s: Annotated[Any, _number(0, 3600)] = None  # trigger: time since the start
    after_m: Annotated[Any, _number(0, 5000)] = None  # trigger: driven along the route
    before_crossing_m: Annotated[Any, _number(0, 60)] = None  # trigger: front to the next stop line
    upon: str | None = None  # trigger: the referee has written this down
    for_s: Annotated[Any, _number(0, 120)] = None  # how long it lasts; fog: how long it takes to come
    visibility_m: Annotated[Any, _number(20, 10_000)] = None
    ahead_m: Annotated[Any, _number(4, 60)] = None  # of the ego's front, along its route, at least
    speed_mps: Annotated[Any, _number(0.5, 20)] = None  # of the person or the fire engine
    aside_m: Annotated[Any, _number(0, 2.5)] = None  # of a lane's middle
    pace: Annotated[Any, _number(1, 2)] = None  # of the limits

    @model_validator(mode="after")
    def _consistent(self) -> "InjectedEvent":
        given = [name for name in TRIGGERS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"one trigger of {', '.join(TRIGGERS)} is needed, not {', '.join(given) or 'none'}")
        if self.upon is not None and self.upon not in UPON:
            raise ValueError(f"upon: unknown event '{self.upon}'{did_you_mean(self.upon, list(UPON))}")
        takes = DEFAULTS[self.event]
        for name in _COLUMN:
            if getattr(self, name) is not None and name not in takes:
                raise ValueError(f"{self.event} takes {', '.join(takes)}, not {name}")
        low, high = SPEEDS_MPS.get(self.event, (0.0, math.inf))
        if self.speed_mps is not None and not low <= smallest(self.speed_mps) <= largest(self.speed_mps) <= high:
            raise ValueError(f"speed_mps of {self.event}: a number from {low:g} to {high:g} is needed")
        return self


def injection_values(events: tuple[InjectedEvent, ...]) -> dict[int, Any]:
    """Columns of `World.setup` that the events fill; plain numbers or distributions."""
    values: dict[int, Any] = {}
    for k, event in enumerate(events):
        first = INJECTION0 + k * INJECTION_WIDTH
        name = next(t for t in TRIGGERS if getattr(event, t) is not None)
        threshold = getattr(event, name)
        values[first + Injection.KIND] = float(InjectionKind[event.event.upper()])
        values[first + Injection.PROBABILITY] = event.probability
        values[first + Injection.TRIGGER] = float(Trigger["ON_EVENT" if name == "upon" else name.upper()])
        values[first + Injection.THRESHOLD] = float(EventKind[threshold.upper()]) if name == "upon" else threshold
        for parameter, default in DEFAULTS[event.event].items():
            given = getattr(event, parameter)
            values[first + _COLUMN[parameter]] = default if given is None else given
    return values
