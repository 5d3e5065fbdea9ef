"""Every entry of the state vector and of an object row: name, bounds, unit, meaning. The documentation is made from it.

Absent entities stand at their upper bound with a presence flag of 0. Values outside the bounds are clipped to them.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from airside_sim.constants import MAX_OBJECTS, MAX_TRAILERS, NUM_WAYPOINTS, OBJECT_FEATURES


class StateFeature(IntEnum):
    """Entries of the state vector, in order."""

    FORWARD_SPEED = 0
    LATERAL_SPEED = 1
    YAW_RATE = 2
    ACCELERATION = 3
    STEERING_ANGLE = 4
    PREVIOUS_STEER = 5
    PREVIOUS_VELOCITY = 6
    HEADING_ERROR = 7
    LATERAL_OFFSET = 8
    NEXT_WAYPOINT_DISTANCE = 9
    WAYPOINT_0_X = 10
    WAYPOINT_0_Y = 11
    WAYPOINT_1_X = 12
    WAYPOINT_1_Y = 13
    WAYPOINT_2_X = 14
    WAYPOINT_2_Y = 15
    WAYPOINT_3_X = 16
    WAYPOINT_3_Y = 17
    WAYPOINT_4_X = 18
    WAYPOINT_4_Y = 19
    WAYPOINT_5_X = 20
    WAYPOINT_5_Y = 21
    WAYPOINT_6_X = 22
    WAYPOINT_6_Y = 23
    WAYPOINT_7_X = 24
    WAYPOINT_7_Y = 25
    WAYPOINT_8_X = 26
    WAYPOINT_8_Y = 27
    WAYPOINT_9_X = 28
    WAYPOINT_9_Y = 29
    SPEED_LIMIT = 30
    NEXT_LIMIT_PRESENT = 31
    NEXT_LIMIT = 32
    NEXT_LIMIT_DISTANCE = 33
    CLEARANCE_NONE_NEEDED = 34
    CLEARANCE_REQUESTED = 35
    CLEARANCE_HELD = 36
    CLEARANCE_GRANTED = 37
    CLEARANCE_WITHDRAWN = 38
    STOP_LINE_PRESENT = 39
    STOP_LINE_DISTANCE = 40
    CROSSING_TRAFFIC_PRESENT = 41
    CROSSING_TRAFFIC_DISTANCE = 42
    CROSSING_TRAFFIC_CLOSING_SPEED = 43
    CROSSING_TIME_TO_CONFLICT = 44
    AIRCRAFT_PRESENT = 45
    AIRCRAFT_BEACON = 46
    AIRCRAFT_DISTANCE = 47
    VISIBILITY = 48
    FRICTION = 49
    LOW_VISIBILITY_PROCEDURES = 50
    TRAILER_0_DRAWBAR_ANGLE = 51
    TRAILER_0_BODY_ANGLE = 52
    TRAILER_1_DRAWBAR_ANGLE = 53
    TRAILER_1_BODY_ANGLE = 54
    TRAILER_2_DRAWBAR_ANGLE = 55
    TRAILER_2_BODY_ANGLE = 56
    TRAILER_3_DRAWBAR_ANGLE = 57
    TRAILER_3_BODY_ANGLE = 58
    TRAILER_4_DRAWBAR_ANGLE = 59
    TRAILER_4_BODY_ANGLE = 60
    TRAILER_5_DRAWBAR_ANGLE = 61
    TRAILER_5_BODY_ANGLE = 62
    TRAILER_0_PRESENT = 63
    TRAILER_1_PRESENT = 64
    TRAILER_2_PRESENT = 65
    TRAILER_3_PRESENT = 66
    TRAILER_4_PRESENT = 67
    TRAILER_5_PRESENT = 68


class ObjectFeature(IntEnum):
    """Entries of one row of `objects`, in order."""

    X = 0
    Y = 1
    COS = 2
    SIN = 3
    VX = 4
    VY = 5
    LENGTH = 6
    WIDTH = 7
    CLASS = 8
    BEACON = 9
    MOVING = 10
    VALID = 11


class Entry(NamedTuple):
    """Documented bounds of one observation entry."""

    low: float
    high: float
    unit: str
    meaning: str


OBJECT_RANGE_M = 200.0  # farther actors are not listed
AIRCRAFT_RANGE_M = 200.0  # nearest-aircraft entries
LIMIT_LOOKAHEAD_M = 100.0
CROSSING_LOOKAHEAD_M = 100.0
_PI = 3.1415927


def _flag(meaning: str) -> Entry:
    return Entry(0.0, 1.0, "-", meaning)


def _clearance(state: str) -> Entry:
    return _flag(f"clearance of the route's next crossing within 100 m is '{state}' (one-hot)")


def _state_entries() -> dict[StateFeature, Entry]:
    S = StateFeature
    entries = {
        S.FORWARD_SPEED: Entry(0.0, 20.0, "m/s", "speed along the heading"),
        S.LATERAL_SPEED: Entry(-5.0, 5.0, "m/s", "speed to the left of the heading"),
        S.YAW_RATE: Entry(-3.0, 3.0, "rad/s", "left positive"),
        S.ACCELERATION: Entry(-10.0, 10.0, "m/s2", "over the last step"),
        S.STEERING_ANGLE: Entry(-1.5, 1.5, "rad", "front wheels, left positive"),
        S.PREVIOUS_STEER: Entry(-1.0, 1.0, "-", "steering of the last action"),
        S.PREVIOUS_VELOCITY: Entry(0.0, 1.0, "-", "velocity of the last action"),
        S.HEADING_ERROR: Entry(-_PI, _PI, "rad", "heading relative to the route"),
        S.LATERAL_OFFSET: Entry(-20.0, 20.0, "m", "rear axle left of the route"),
        S.NEXT_WAYPOINT_DISTANCE: Entry(0.0, 100.0, "m", "rear axle to the waypoint that pays next, straight"),
        S.SPEED_LIMIT: Entry(0.0, 20.0, "m/s", "zone limit here, or the weather's limit if lower"),
        S.NEXT_LIMIT_PRESENT: _flag("another limit begins within 100 m along the route"),
        S.NEXT_LIMIT: Entry(0.0, 20.0, "m/s", "that limit"),
        S.NEXT_LIMIT_DISTANCE: Entry(0.0, LIMIT_LOOKAHEAD_M, "m", "rear axle to its begin, along the route"),
        S.CLEARANCE_NONE_NEEDED: _clearance("none needed"),
        S.CLEARANCE_REQUESTED: _clearance("requested"),
        S.CLEARANCE_HELD: _clearance("held"),
        S.CLEARANCE_GRANTED: _clearance("granted"),
        S.CLEARANCE_WITHDRAWN: _clearance("withdrawn"),
        S.STOP_LINE_PRESENT: _flag("a crossing lies within 100 m ahead, or the train is still on it"),
        S.STOP_LINE_DISTANCE: Entry(-100.0, CROSSING_LOOKAHEAD_M, "m", "front bumper to its stop line"),
        S.CROSSING_TRAFFIC_PRESENT: _flag("an aircraft is on its way to that crossing (ground radar)"),
        S.CROSSING_TRAFFIC_DISTANCE: Entry(0.0, 1000.0, "m", "of the first one, along its path"),
        S.CROSSING_TRAFFIC_CLOSING_SPEED: Entry(-20.0, 20.0, "m/s", "its speed towards the crossing"),
        S.CROSSING_TIME_TO_CONFLICT: Entry(0.0, 120.0, "s", "soonest time until its outline enters the crossing"),
        S.AIRCRAFT_PRESENT: _flag("an aircraft is sensed within 200 m"),
        S.AIRCRAFT_BEACON: _flag("beacon of the nearest one is on"),
        S.AIRCRAFT_DISTANCE: Entry(0.0, AIRCRAFT_RANGE_M, "m", "to the centre of its outline"),
        S.VISIBILITY: Entry(0.0, 2000.0, "m", "meteorological"),
        S.FRICTION: Entry(0.0, 1.0, "-", "tyre to ground"),
        S.LOW_VISIBILITY_PROCEDURES: _flag("low-visibility procedures are in force"),
    }
    for i in range(NUM_WAYPOINTS):
        ahead_m = f"route point {5 * (i + 1)} m ahead of the rear axle, at most the goal"
        entries[S[f"WAYPOINT_{i}_X"]] = Entry(-100.0, 100.0, "m", f"forward: {ahead_m}")
        entries[S[f"WAYPOINT_{i}_Y"]] = Entry(-100.0, 100.0, "m", f"left: {ahead_m}")
    for i in range(MAX_TRAILERS):
        entries[S[f"TRAILER_{i}_DRAWBAR_ANGLE"]] = Entry(-_PI, _PI, "rad", f"drawbar of dolly {i} against its tower")
        entries[S[f"TRAILER_{i}_BODY_ANGLE"]] = Entry(-_PI, _PI, "rad", f"body of dolly {i} against its drawbar")
        entries[S[f"TRAILER_{i}_PRESENT"]] = _flag(f"the train has dolly {i}")
    return {feature: entries[feature] for feature in S}


def _object_entries() -> dict[ObjectFeature, Entry]:
    F = ObjectFeature
    position = (-OBJECT_RANGE_M, OBJECT_RANGE_M, "m")
    return {
        F.X: Entry(*position, "centre of the outline as sensed, forward of the ego"),
        F.Y: Entry(*position, "left of the ego"),
        F.COS: Entry(-1.0, 1.0, "-", "heading relative to the ego"),
        F.SIN: Entry(-1.0, 1.0, "-", "heading relative to the ego"),
        F.VX: Entry(-40.0, 40.0, "m/s", "velocity over ground along the ego's heading"),
        F.VY: Entry(-40.0, 40.0, "m/s", "velocity over ground to the ego's left"),
        F.LENGTH: Entry(0.0, 100.0, "m", "of the outline"),
        F.WIDTH: Entry(0.0, 100.0, "m", "of the outline"),
        F.CLASS: Entry(0.0, 1.0, "-", "class index / 5: aircraft, GSE, baggage cart, fuel truck, person"),
        F.BEACON: _flag("anti-collision beacon on"),
        F.MOVING: _flag("faster than 0.1 m/s"),
        F.VALID: _flag("the row holds an actor"),
    }


STATE_ENTRIES = _state_entries()
OBJECT_ENTRIES = _object_entries()
NUM_STATE = len(StateFeature)
NUM_FLAT = NUM_STATE + MAX_OBJECTS * OBJECT_FEATURES
STATE_LOW = np.array([e.low for e in STATE_ENTRIES.values()], np.float32)
STATE_HIGH = np.array([e.high for e in STATE_ENTRIES.values()], np.float32)
OBJECT_LOW = np.array([e.low for e in OBJECT_ENTRIES.values()], np.float32)
OBJECT_HIGH = np.array([e.high for e in OBJECT_ENTRIES.values()], np.float32)


def state_table() -> str:
    """Markdown table of the state vector."""
    return _table(STATE_ENTRIES)


def object_table() -> str:
    """Markdown table of one object row."""
    return _table(OBJECT_ENTRIES)


def _table(entries: dict) -> str:
    lines = ["| # | name | bounds | unit | meaning |", "|---|---|---|---|---|"]
    for feature, e in entries.items():
        lines.append(f"| {feature.value} | `{feature.name}` | {e.low:g} … {e.high:g} | {e.unit} | {e.meaning} |")
    return "\n".join(lines)
