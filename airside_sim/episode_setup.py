"""What a reset draws an episode from: scenarios flattened for kernels, each a row of numbers and which of them vary."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from airside_sim.by_reference import by_reference


class Setup(IntEnum):
    """Columns of `World.setup`: what this episode drew. -1 means "as usual" where so marked."""

    EGO_VEHICLE = 0  # constants.VehicleClass row
    TRAILERS_LOW = 1
    TRAILERS_HIGH = 2  # whole numbers between are equally likely
    LADEN_PROBABILITY = 3
    DENSITY = 4  # fraction of peak traffic
    WEATHER = 5  # constants.Weather, -1 = drawn by the shares of domain spec 7
    LIGHT = 6  # constants.Light, -1 = drawn
    SENSING = 7  # constants.Sensing
    MAX_STEPS = 8  # -1 = time by the route, 0 = no limit, else ticks
    PUSHBACK = 9  # probability that an aircraft is being pushed across the route at the start
    PUSHBACK_WITHIN_M = 10  # the zone's largest distance from the start
    PUSHBACK_CLEAR_LOW_S = 11  # the road stays blocked this long after the start
    PUSHBACK_CLEAR_HIGH_S = 12
    GOAL_OCCUPIED = 13  # 1 = an aircraft is parked at the goal stand (turnaround)
    VISIBILITY_M = 14  # -1: as the weather gives it
    FRICTION = 15  # -1: as the weather gives it
    DROPOUT = 16  # -1: as the weather gives it
    MOVING_AIRCRAFT = 17  # at once near the ego; -1: the peak number times the density
    PARKED = 18  # share of stands with an aircraft; -1: by the density
    VEHICLES = 19  # moving vehicles as a share of what the density gives
    PEOPLE = 20
    PACE = 21  # of other drivers: their speeds are theirs times this
    HAS_CRITERIA = 22  # 1 = the scenario's own criteria of success or failure are followed
    TURN_LOW_MIN = 23  # the goal stand's aircraft has been on blocks for so many minutes of a usual turnaround
    TURN_HIGH_MIN = 24  # -1: the usual mid-service


class Draw(IntEnum):
    """Columns of `EpisodeSetup.draw`: one column of `Setup` that varies."""

    COLUMN = 0
    ALSO = 1  # a second column that gets the same value, -1 none
    KIND = 2  # 0 uniform, 1 normal, 2 choice
    A = 3  # low; mean
    B = 4  # high; sigma
    LOW = 5  # limits of normal
    HIGH = 6
    FIRST = 7  # of its choices in `EpisodeSetup.choice`
    COUNT = 8


class Injection(IntEnum):
    """One injected event as columns of `World.setup`, from `INJECTION0 + k * len(Injection)` on."""

    KIND = 0  # constants.InjectionKind
    PROBABILITY = 1
    TRIGGER = 2  # constants.Trigger
    THRESHOLD = 3  # s, m, or constants.EventKind
    FOR_S = 4  # how long it lasts, or takes to come
    VALUE = 5  # visibility, m; distance ahead of the ego, m; metres aside; pace
    SPEED_MPS = 6  # of a person, of a fire engine


class Keyframe(IntEnum):
    """Conditions at a time, as columns of `World.setup` from `KEYFRAME0 + k * len(Keyframe)` on; k = 0 is the start.

    -1 = the keyframe does not say.
    """

    AT_S = 0
    WEATHER = 1  # constants.Weather
    INTENSITY = 2
    LIGHT = 3  # constants.Light
    VISIBILITY_M = 4
    FRICTION = 5
    DROPOUT = 6


class Criterion(IntEnum):
    """A scenario's limits, as columns of `World.setup` from `SUCCESS0` and from `FAILURE0` on; -1 = none."""

    MAX_TIME_S = 0
    MAX_COST = 1
    MAX_SOFT_COST = 2
    MAX_SPEED_MPS = 3
    KEEP_CLEAR_OF_AIRCRAFT_M = 4
    KEEP_CLEAR_OF_PEOPLE_M = 5
    STOP_WITHIN_M = 6  # of the goal
    EVENTS = 7  # bit k: constants.EventKind k must not happen


MAX_INJECTIONS = 6
INJECTION_WIDTH = len(Injection)
INJECTION0 = len(Setup)
MAX_KEYFRAMES = 8
KEYFRAME_WIDTH = len(Keyframe)
KEYFRAME0 = INJECTION0 + MAX_INJECTIONS * INJECTION_WIDTH
SUCCESS0 = KEYFRAME0 + (1 + MAX_KEYFRAMES) * KEYFRAME_WIDTH
FAILURE0 = SUCCESS0 + len(Criterion)
SETUP_WIDTH = FAILURE0 + len(Criterion)
UNIFORM, NORMAL, CHOICE = 0, 1, 2

USUAL = {
    Setup.LADEN_PROBABILITY: 0.5,
    Setup.MAX_STEPS: -1.0,
    Setup.PUSHBACK_CLEAR_LOW_S: 10.0,
    Setup.PUSHBACK_CLEAR_HIGH_S: 40.0,
    Setup.VISIBILITY_M: -1.0,
    Setup.FRICTION: -1.0,
    Setup.DROPOUT: -1.0,
    Setup.MOVING_AIRCRAFT: -1.0,
    Setup.PARKED: -1.0,
    Setup.VEHICLES: 1.0,
    Setup.PEOPLE: 1.0,
    Setup.PACE: 1.0,
    Setup.TURN_LOW_MIN: -1.0,
    Setup.TURN_HIGH_MIN: -1.0,
}  # every other column is 0 where a scenario says nothing


def usual_setup() -> np.ndarray:
    """(SETUP_WIDTH,) f64 of an episode about which nothing is said."""
    row = np.zeros(SETUP_WIDTH)
    row[list(USUAL)] = list(USUAL.values())
    row[KEYFRAME0:] = -1.0
    row[[SUCCESS0 + Criterion.EVENTS, FAILURE0 + Criterion.EVENTS]] = 0.0
    return row


@by_reference
class EpisodeSetup(NamedTuple):
    """S scenarios for the kernels."""

    base: np.ndarray  # (S, SETUP_WIDTH) f64
    draw0: np.ndarray  # (S+1,) i64 rows of `draw` that belong to each scenario
    draw: np.ndarray  # (N, Draw) f64
    choice: np.ndarray  # (C,) f64
    chance: np.ndarray  # (S,) f64 cumulative chances of the scenarios, the last 1; a curriculum rewrites them


def build_setup(values: dict[int, float], varying: list[tuple[int, int | None, Any]]) -> EpisodeSetup:
    """`values` by column over the usual ones, and (column, second column, `Varying` of numbers) for those that vary."""
    base = usual_setup()
    for column, value in values.items():
        base[column] = value
    draw = np.zeros((len(varying), len(Draw)))
    choices: list[float] = []
    for row, (column, also, law) in zip(draw, varying, strict=True):
        row[Draw.COLUMN], row[Draw.ALSO] = column, -1 if also is None else also
        if law.kind == "choice":
            row[Draw.KIND], row[Draw.FIRST], row[Draw.COUNT] = CHOICE, len(choices), len(law.values)
            choices += law.values
        else:
            row[Draw.KIND] = UNIFORM if law.kind == "uniform" else NORMAL
            row[Draw.A : Draw.B + 1] = law.values
            row[Draw.LOW : Draw.HIGH + 1] = law.limits
    return EpisodeSetup(base[None], np.array([0, len(draw)]), draw, np.array(choices, np.float64), np.ones(1))


def join_setups(setups: Sequence[EpisodeSetup]) -> EpisodeSetup:
    """One setup of all scenarios, equally likely."""
    draws = [setup.draw.copy() for setup in setups]
    first = 0
    for setup, draw in zip(setups, draws, strict=True):
        draw[:, Draw.FIRST] += first
        first += len(setup.choice)
    return EpisodeSetup(
        base=np.concatenate([setup.base for setup in setups]),
        draw0=np.cumsum([0, *map(len, draws)]),
        draw=np.concatenate(draws),
        choice=np.concatenate([setup.choice for setup in setups]),
        chance=np.arange(1, len(setups) + 1) / len(setups),
    )
