"""Walk crossings: who is on one, who asks for it, and whose turn it is. Columns of `World.walk_crossing`."""

from airside_sim.constants import DT_S
from airside_sim.jit import njit

ON = 0  # people on it
ASKING = 1  # people at its kerbs
TURN = 3  # s that people have been crossing without a break; < 0: s until it is their turn again
PEOPLE_TURN_S = 10.0
VEHICLE_TURN_S = 15.0  # half of which the last people on the road still need


@njit
def is_wanted(crossing):
    """Somebody is on a walk crossing, or asks for it. crossing: row of `World.walk_crossing`."""
    return crossing[ON] + crossing[ASKING] > 0.0


@njit
def take_turns(crossing):
    """Renew TURN of a walk crossing: a stream of people pauses now and then to let vehicles through."""
    if crossing[TURN] < 0.0:
        crossing[TURN] = min(crossing[TURN] + DT_S, 0.0)
    elif not is_wanted(crossing):
        crossing[TURN] = 0.0
    else:
        crossing[TURN] += DT_S
        if crossing[TURN] > PEOPLE_TURN_S:
            crossing[TURN] = -VEHICLE_TURN_S
