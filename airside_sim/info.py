"""Names and columns of `World.info`: the flat float keys of `info`, the same every step, 0.0 at reset.

Order is public: `info_names()[Info.X]` is the key of column X. `reward` is the sum of the `reward/*` columns and
`cost` of the `cost/*` columns.
"""

from enum import IntEnum


class Info(IntEnum):
    """Columns of `World.info`."""

    COST = 0
    COST_HARD = 1
    COST_SOFT = 2
    COST_COLLISION_AIRCRAFT = 3
    COST_COLLISION_VEHICLE = 4
    COST_COLLISION_PERSONNEL = 5
    COST_COLLISION_STRUCTURE = 6
    COST_RUNWAY_INCURSION = 7
    COST_CROSSING_VIOLATION = 8
    COST_OFF_PAVEMENT = 9
    COST_OFF_ROUTE = 10  # off the route, or no progress where nothing blocks
    COST_PROXIMITY = 11
    COST_SPEED = 12
    COST_HAZARD_ZONE = 13
    REWARD_PROGRESS = 14
    REWARD_WAYPOINT = 15
    REWARD_GOAL = 16
    REWARD_TIME = 17
    REWARD_DRIFT = 18
    REWARD_COLLISION = 19  # every failure, not only collisions
    REWARD_PROXIMITY = 20
    REWARD_RESTRICTED = 21
    REWARD_STEER = 22
    REWARD_JERK = 23
    REWARD_SPEED = 24
    REWARD_WRONG_SIDE = 25
    REWARD_YIELD = 26
    ROUTE_COMPLETION = 27  # 0..1
    IS_SUCCESS = 28
    AT_FAULT = 29
    MIN_DIST_AIRCRAFT_M = 30  # capped at 100
    MIN_DIST_PERSONNEL_M = 31  # capped at 100
    SPEED_MPS = 32
    TERMINATION_REASON = 33  # constants.TerminationReason
    COST_CRITERION = 34  # a failure criterion of the scenario's own


def _key(column: Info) -> str:
    """COST_HARD stays `cost_hard`; COST_OFF_ROUTE becomes `cost/off_route`."""
    name = column.name.lower()
    if column <= Info.COST_SOFT:
        return name
    for group in ("cost", "reward"):
        if name.startswith(group + "_"):
            return f"{group}/{name[len(group) + 1 :]}"
    return name


_NAMES = tuple(_key(column) for column in Info)


def info_names() -> tuple[str, ...]:
    """Keys of `info` in column order."""
    return _NAMES
