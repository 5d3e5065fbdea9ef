"""Slow, obvious state vector and object list, by name."""

import math

import numpy as np

from airside_sim.columns import Body, Crossing, Ego, Episode, Route, RouteFeature, Sky
from airside_sim.constants import ActorClass, ClearanceState, FeatureKind
from airside_sim.state_features import OBJECT_HIGH, OBJECT_LOW, STATE_ENTRIES, StateFeature


def _wrap(angle: float) -> float:
    return math.remainder(angle, 2.0 * math.pi)


def _to_ego(ego: np.ndarray, x: float, y: float) -> tuple[float, float]:
    return _turn(ego, x - ego[Ego.X], y - ego[Ego.Y])


def _turn(ego: np.ndarray, dx: float, dy: float) -> tuple[float, float]:
    cos, sin = math.cos(ego[Ego.HEADING]), math.sin(ego[Ego.HEADING])
    return dx * cos + dy * sin, dy * cos - dx * sin


def twin_state(w, b, e: int) -> dict[str, float]:
    """Every state entry of env e by name, clipped."""
    ego, episode, sky = w.ego[e], w.episode[e], w.sky[e]
    values = {name.name: entry.high for name, entry in STATE_ENTRIES.items()}
    values |= {
        "FORWARD_SPEED": ego[Ego.SPEED], "LATERAL_SPEED": ego[Ego.LATERAL_SPEED], "YAW_RATE": ego[Ego.YAW_RATE],
        "ACCELERATION": ego[Ego.ACCEL], "STEERING_ANGLE": ego[Ego.STEER],
        "PREVIOUS_STEER": ego[Ego.PREV_ACTION_STEER], "PREVIOUS_VELOCITY": ego[Ego.PREV_ACTION_SPEED],
        "HEADING_ERROR": episode[Episode.HEADING_ERROR], "LATERAL_OFFSET": episode[Episode.LATERAL],
        "VISIBILITY": sky[Sky.VISIBILITY], "FRICTION": sky[Sky.FRICTION], "LOW_VISIBILITY_PROCEDURES": sky[Sky.LVP],
    }  # fmt: skip
    values |= _route_values(w, e) | _crossing_values(w, b, e) | _trailer_values(w, e) | _aircraft_values(w, e)
    return {f.name: min(max(values[f.name], entry.low), entry.high) for f, entry in STATE_ENTRIES.items()}


def _route_values(w, e: int) -> dict[str, float]:
    ego, episode = w.ego[e], w.episode[e]
    points = w.route[e, : int(episode[Episode.ROUTE_POINTS])]
    s = np.arange(len(points), dtype=float)
    s_rear, goal = episode[Episode.S_REAR], episode[Episode.ROUTE_LENGTH]

    def at(arc):
        return np.interp(arc, s, points[:, Route.X]), np.interp(arc, s, points[:, Route.Y])

    paid = episode[Episode.ROUTE_START] + 10.0 * (episode[Episode.WAYPOINTS_PAID] + 1.0)
    values = {"NEXT_WAYPOINT_DISTANCE": math.hypot(*_to_ego(ego, *at(min(paid, goal))))}
    for i in range(10):
        ahead, left = _to_ego(ego, *at(min(s_rear + 5.0 * (i + 1), goal)))
        values |= {f"WAYPOINT_{i}_X": ahead, f"WAYPOINT_{i}_Y": left}
    limits = np.minimum(points[:, Route.LIMIT], w.sky[e, Sky.SPEED_CAP])
    here = int(s_rear)
    values["SPEED_LIMIT"] = limits[here]
    others = [k for k in range(here + 1, len(points)) if k <= s_rear + 100.0 and limits[k] != limits[here]]
    values["NEXT_LIMIT_PRESENT"] = float(bool(others))
    if others:
        values |= {"NEXT_LIMIT": limits[others[0]], "NEXT_LIMIT_DISTANCE": others[0] - s_rear}
    return values


def _crossing_values(w, b, e: int) -> dict[str, float]:
    s_front = w.episode[e, Episode.S_FRONT]
    tail = s_front - w.ego[e, Ego.TRAIN_LENGTH]
    rows = [
        f
        for f in w.feature[e, : int(w.episode[e, Episode.NUM_FEATURES])]
        if f[RouteFeature.KIND] in (FeatureKind.TAXI_CROSSING, FeatureKind.RUNWAY_CROSSING)
        and f[RouteFeature.S_OUT] >= tail
        and f[RouteFeature.S_STOP] <= s_front + 100.0
    ]
    state = ClearanceState.NONE_NEEDED
    values = {"STOP_LINE_PRESENT": float(bool(rows)), "CROSSING_TRAFFIC_PRESENT": 0.0}
    if rows:
        row = min(rows, key=lambda f: f[RouteFeature.S_STOP])
        state = ClearanceState(int(row[RouteFeature.STATE]))
        values["STOP_LINE_DISTANCE"] = row[RouteFeature.S_STOP] - s_front
        radar = w.crossing[e, int(row[RouteFeature.ID]) - b.map_crossing0[0]]
        if radar[Crossing.AIRCRAFT] >= 0:
            values |= {
                "CROSSING_TRAFFIC_PRESENT": 1.0, "CROSSING_TRAFFIC_DISTANCE": radar[Crossing.DISTANCE],
                "CROSSING_TRAFFIC_CLOSING_SPEED": radar[Crossing.CLOSING_SPEED],
                "CROSSING_TIME_TO_CONFLICT": radar[Crossing.TIME_TO_CONFLICT],
            }  # fmt: skip
    return values | {f"CLEARANCE_{s.name}": float(s is state) for s in ClearanceState}


def _trailer_values(w, e: int) -> dict[str, float]:
    count = int(w.ego[e, Ego.TRAILERS])
    values = {f"TRAILER_{i}_PRESENT": float(i < count) for i in range(6)}
    ahead = w.ego[e, Ego.HEADING]
    for i in range(count):
        drawbar, body = w.trailer[e, 2 * i : 2 * i + 2]
        values |= {
            f"TRAILER_{i}_DRAWBAR_ANGLE": _wrap(drawbar - ahead),
            f"TRAILER_{i}_BODY_ANGLE": _wrap(body - drawbar),
        }
        ahead = body
    return values


def _sensed(w, e: int) -> list[tuple[float, int, float, float]]:
    """(distance, body, x, y of the outline's centre) of all sensed actors, nearest first."""
    now = w.history_head[e]
    found = []
    for i, body in enumerate(w.body[e]):
        if body[Body.CLASS] < 0 or not w.seen[e, now, i]:
            continue
        x, y, cos, sin = w.history[e, now, i].astype(np.float64)
        shift = 0.5 * (body[Body.FRONT] - body[Body.REAR])
        x, y = x + shift * cos, y + shift * sin
        found.append((math.hypot(x - w.ego[e, Ego.X], y - w.ego[e, Ego.Y]), i, x, y))
    return sorted(found)


def _aircraft_values(w, e: int) -> dict[str, float]:
    near = [(d, i) for d, i, _, _ in _sensed(w, e) if w.body[e, i, Body.CLASS] == ActorClass.AIRCRAFT and d < 200.0]
    if not near:
        return {"AIRCRAFT_PRESENT": 0.0}
    distance, i = near[0]
    beacon = w.body[e, i, Body.BEACON]
    return {"AIRCRAFT_PRESENT": 1.0, "AIRCRAFT_BEACON": beacon, "AIRCRAFT_DISTANCE": distance}


def twin_objects(w, e: int) -> np.ndarray:
    """(16, 12) of env e, clipped."""
    rows = np.zeros((16, 12))
    now = w.history_head[e]
    for j, (_, i, x, y) in enumerate([s for s in _sensed(w, e) if s[0] < 200.0][:16]):
        body = w.body[e, i]
        cos, sin = w.history[e, now, i, 2:].astype(np.float64)
        width = 2.0 * body[Body.HALF_WIDTH]
        length = width if body[Body.SHAPE] < 0 else body[Body.FRONT] + body[Body.REAR]
        moving = float(math.hypot(body[Body.VX], body[Body.VY]) > 0.1)
        heading, velocity = _turn(w.ego[e], cos, sin), _turn(w.ego[e], body[Body.VX], body[Body.VY])
        tail = (length, width, body[Body.CLASS] / 5.0, body[Body.BEACON], moving, 1.0)
        rows[j] = np.clip([*_to_ego(w.ego[e], x, y), *heading, *velocity, *tail], OBJECT_LOW, OBJECT_HIGH)
    return rows


def state_vector(values: dict[str, float]) -> np.ndarray:
    """Named values in the order of `StateFeature`."""
    return np.array([values[f.name] for f in StateFeature])
