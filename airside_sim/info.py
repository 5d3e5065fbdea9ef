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
    COST_EMERGENCY_VEHICLE = 14  # rules of the apron from here on (`airside_sim.rules`)
    COST_AIRCRAFT_PRIORITY = 15
    COST_PUSHBACK = 16
    COST_PEDESTRIAN_PRIORITY = 17
    COST_GIVE_WAY = 18
    COST_STOP_LINE = 19
    COST_BLOCKING_CROSSING = 20
    COST_BEHIND_ENGINES = 21
    COST_LOW_VISIBILITY = 22
    COST_WRONG_SIDE = 23
    REWARD_PROGRESS = 24
    REWARD_WAYPOINT = 25
    REWARD_GOAL = 26
    REWARD_TIME = 27
    REWARD_DRIFT = 28
    REWARD_COLLISION = 29  # every failure, not only collisions
    REWARD_PROXIMITY = 30
    REWARD_RESTRICTED = 31
    REWARD_STEER = 32
    REWARD_JERK = 33
    REWARD_SPEED = 34
    REWARD_WRONG_SIDE = 35
    REWARD_YIELD = 36
    REWARD_EMERGENCY_VEHICLE = 37  # rules of the apron from here on
    REWARD_AIRCRAFT_PRIORITY = 38
    REWARD_PUSHBACK = 39
    REWARD_PEDESTRIAN_PRIORITY = 40
    REWARD_GIVE_WAY = 41
    REWARD_STOP_LINE = 42
    REWARD_BLOCKING_CROSSING = 43
    REWARD_BEHIND_ENGINES = 44
    REWARD_LOW_VISIBILITY = 45
    ROUTE_COMPLETION = 46  # 0..1
    IS_SUCCESS = 47
    AT_FAULT = 48
    MIN_DIST_AIRCRAFT_M = 49  # capped at 100
    MIN_DIST_PERSONNEL_M = 50  # capped at 100
    SPEED_MPS = 51
    TERMINATION_REASON = 52  # constants.TerminationReason
    COST_CRITERION = 53  # a failure criterion of the scenario's own


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
