"""Weather and light that change on the way, in a scenario file.

    conditions_over_time:
      - {at_s: 20, weather: fog, visibility_m: 120}      # from the start until then it comes up
      - {at_s: 60, visibility_m: {uniform: [90, 150]}}   # it stays
      - {at_s: 100, weather: clear}                      # and lifts
      - {at_s: 140, light: night}

Each keyframe says what holds at its time; in between, values go over into each other. A weather without numbers brings
its usual ones. Every number may vary from episode to episode, but keyframes keep their order.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from airside_sim.constants import Light, Weather
from airside_sim.episode_setup import KEYFRAME0, KEYFRAME_WIDTH, Keyframe
from airside_sim.varying import Varies, number

USUAL_INTENSITY = 0.6
USUAL: dict[str, dict[Keyframe, float]] = {  # the middle of each weather's ranges (`kernels.weather`)
    "clear": {Keyframe.VISIBILITY_M: 2000.0, Keyframe.FRICTION: 0.8, Keyframe.DROPOUT: 0.0},
    "rain": {Keyframe.VISIBILITY_M: 1000.0, Keyframe.FRICTION: 0.575, Keyframe.DROPOUT: 0.04},
    "fog": {Keyframe.VISIBILITY_M: 250.0, Keyframe.FRICTION: 0.65, Keyframe.DROPOUT: 0.05},
    "snow": {Keyframe.VISIBILITY_M: 575.0, Keyframe.FRICTION: 0.275, Keyframe.DROPOUT: 0.06},
}


def _number(low: float, high: float, *, is_optional: bool = True) -> Varies:
    schema = {"type": "number", "minimum": low, "maximum": high}
    return Varies(number(low, high), schema, is_optional=is_optional)


class ConditionsAt(BaseModel):
    """One keyframe; see the module's example."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    at_s: Annotated[Any, _number(0.1, 3600, is_optional=False)]
    weather: Literal["clear", "rain", "fog", "snow"] | None = None
    light: Literal["day", "night"] | None = None
    visibility_m: Annotated[Any, _number(20, 10_000)] = None
    friction: Annotated[Any, _number(0.05, 1.0)] = None
    dropout: Annotated[Any, _number(0, 1)] = None

    @model_validator(mode="after")
    def _says_something(self) -> "ConditionsAt":
        said = (self.weather, self.light, self.visibility_m, self.friction, self.dropout)
        if all(value is None for value in said):
            raise ValueError("a keyframe needs one of weather, light, visibility_m, friction, dropout beside at_s")
        return self


def condition_values(keyframes: tuple[ConditionsAt, ...]) -> dict[int, Any]:
    """Columns of `World.setup` that the keyframes fill; plain numbers or distributions."""
    values: dict[int, Any] = {}
    for k, key in enumerate(keyframes, start=1):
        first = KEYFRAME0 + k * KEYFRAME_WIDTH
        said: dict[Keyframe, Any] = {Keyframe.AT_S: key.at_s}
        if key.weather is not None:
            said |= USUAL[key.weather]
            said[Keyframe.WEATHER] = float(Weather[key.weather.upper()])
            said[Keyframe.INTENSITY] = 0.0 if key.weather == "clear" else USUAL_INTENSITY
        if key.light is not None:
            said[Keyframe.LIGHT] = float(Light[key.light.upper()])
        for column, given in (
            (Keyframe.VISIBILITY_M, key.visibility_m),
            (Keyframe.FRICTION, key.friction),
            (Keyframe.DROPOUT, key.dropout),
        ):
            if given is not None:
                said[column] = given
        values |= {first + column: value for column, value in said.items()}
    return values
