"""How a scripted driver drives: the rows of numbers that tell the styles apart, and what all its rules share."""

import math
from typing import NamedTuple

from airside_sim.columns import Route
from airside_sim.geometry import wrap_angle
from airside_sim.jit import njit

REACTION_S = 0.35  # the speed loop's lag: braking begins this much before the line needs it


class Style(NamedTuple):
    """Habits of a driver; dimensionless unless the unit is in the name."""

    speed_factor: float = 1.0
    comfort_brake_mps2: float = 1.2
    lateral_accel_mps2: float = 1.5
    gap_m: float = 3.5
    person_gap_m: float = 5.0
    aircraft_margin_m: float = 6.5
    stop_margin_m: float = 1.0
    sees_people: float = 1.0
    sees_aircraft: float = 1.0
    obeys_clearance: float = 1.0
    obeys_junctions: float = 1.0
    sees_vehicles: float = 1.0
    horizon_m: float = 45.0


@njit
def stopping_speed(distance_m, brake_mps2):
    """Speed from which a constant brake stops within the distance."""
    return math.sqrt(2.0 * brake_mps2 * max(0.0, distance_m))


@njit
def turn_at(route, e, a, b):
    """Change of heading between two route points, rad."""
    return wrap_angle(route[e, b, Route.HEADING] - route[e, a, Route.HEADING])
