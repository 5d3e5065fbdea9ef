"""The state vector and the list of nearest actors, in the ego frame, as `state_features` documents them."""

import math

import numpy as np

from airside_sim.columns import Body, Crossing, Ego, Episode, Route, RouteFeature, Sky
from airside_sim.constants import (
    MAX_OBJECTS,
    MAX_TRAILERS,
    NUM_WAYPOINTS,
    ROUTE_STEP_M,
    WAYPOINT_SPACING_M,
    ActorClass,
    FeatureKind,
)
from airside_sim.jit import njit, prange
from airside_sim.kernels.bev_layers import next_waypoint_s, route_point
from airside_sim.native_call import call_at
from airside_sim.state_features import (
    AIRCRAFT_RANGE_M,
    CROSSING_LOOKAHEAD_M,
    LIMIT_LOOKAHEAD_M,
    NUM_STATE,
    OBJECT_HIGH,
    OBJECT_LOW,
    OBJECT_RANGE_M,
    STATE_HIGH,
    STATE_LOW,
    ObjectFeature,
    StateFeature,
)

MOVING_MPS = 0.1
_AIRCRAFT = int(ActorClass.AIRCRAFT)
_WAYPOINT0, _DRAWBAR0 = int(StateFeature.WAYPOINT_0_X), int(StateFeature.TRAILER_0_DRAWBAR_ANGLE)
_TRAILER_PRESENT0, _CLEARANCE0 = int(StateFeature.TRAILER_0_PRESENT), int(StateFeature.CLEARANCE_NONE_NEEDED)


@njit
def _write_motion(state, ego, episode, sky):
    """The ego's own motion, its place on the route and the weather."""
    state[StateFeature.FORWARD_SPEED] = ego[Ego.SPEED]
    state[StateFeature.LATERAL_SPEED] = ego[Ego.LATERAL_SPEED]
    state[StateFeature.YAW_RATE] = ego[Ego.YAW_RATE]
    state[StateFeature.ACCELERATION] = ego[Ego.ACCEL]
    state[StateFeature.STEERING_ANGLE] = ego[Ego.STEER]
    state[StateFeature.PREVIOUS_STEER] = ego[Ego.PREV_ACTION_STEER]
    state[StateFeature.PREVIOUS_VELOCITY] = ego[Ego.PREV_ACTION_SPEED]
    state[StateFeature.HEADING_ERROR] = episode[Episode.HEADING_ERROR]
    state[StateFeature.LATERAL_OFFSET] = episode[Episode.LATERAL]
    state[StateFeature.VISIBILITY] = sky[Sky.VISIBILITY]
    state[StateFeature.FRICTION] = sky[Sky.FRICTION]
    state[StateFeature.LOW_VISIBILITY_PROCEDURES] = sky[Sky.LVP]


@njit
def _write_route(state, ego, episode, route, cos, sin, speed_cap_mps):
    """Waypoints every 5 m ahead of the rear axle and the speed limits."""
    num_points = int(episode[Episode.ROUTE_POINTS])
    s_rear, goal_m = episode[Episode.S_REAR], episode[Episode.ROUTE_LENGTH]
    x, y = route_point(route, num_points, next_waypoint_s(episode))
    state[StateFeature.NEXT_WAYPOINT_DISTANCE] = math.hypot(x - ego[Ego.X], y - ego[Ego.Y])
    for i in range(NUM_WAYPOINTS):
        x, y = route_point(route, num_points, min(s_rear + WAYPOINT_SPACING_M * (i + 1), goal_m))
        dx, dy = x - ego[Ego.X], y - ego[Ego.Y]
        state[_WAYPOINT0 + 2 * i] = dx * cos + dy * sin
        state[_WAYPOINT0 + 2 * i + 1] = dy * cos - dx * sin
    here = min(max(int(s_rear / ROUTE_STEP_M), 0), max(num_points - 1, 0))
    limit_mps = min(route[here, Route.LIMIT], speed_cap_mps)
    state[StateFeature.SPEED_LIMIT] = limit_mps
    last = min(num_points - 1, int((s_rear + LIMIT_LOOKAHEAD_M) / ROUTE_STEP_M))
    for k in range(here + 1, last + 1):
        next_mps = min(route[k, Route.LIMIT], speed_cap_mps)
        if next_mps != limit_mps:
            state[StateFeature.NEXT_LIMIT_PRESENT] = 1.0
            state[StateFeature.NEXT_LIMIT] = next_mps
            state[StateFeature.NEXT_LIMIT_DISTANCE] = k * ROUTE_STEP_M - s_rear
            return
    state[StateFeature.NEXT_LIMIT_PRESENT] = 0.0


@njit
def next_crossing(feature, episode, train_length_m):
    """Row of the route's next crossing within 100 m, or of the one the train is still on; -1 if none."""
    s_front = episode[Episode.S_FRONT]
    best = -1
    for f in range(int(episode[Episode.NUM_FEATURES])):
        kind = int(feature[f, RouteFeature.KIND])
        if kind != FeatureKind.TAXI_CROSSING and kind != FeatureKind.RUNWAY_CROSSING:
            continue
        if feature[f, RouteFeature.S_OUT] < s_front - train_length_m:
            continue
        if feature[f, RouteFeature.S_STOP] - s_front > CROSSING_LOOKAHEAD_M:
            continue
        if best < 0 or feature[f, RouteFeature.S_STOP] < feature[best, RouteFeature.S_STOP]:
            best = f
    return best


@njit
def _write_crossing(state, episode, feature, crossing, cross0, train_length_m):
    """Clearance one-hot, stop line and the ground radar's next aircraft; absent entries keep their upper bounds."""
    for k in range(5):
        state[_CLEARANCE0 + k] = 0.0
    state[StateFeature.STOP_LINE_PRESENT] = 0.0
    state[StateFeature.CROSSING_TRAFFIC_PRESENT] = 0.0
    f = next_crossing(feature, episode, train_length_m)
    if f < 0:
        state[_CLEARANCE0] = 1.0
        return
    state[_CLEARANCE0 + int(feature[f, RouteFeature.STATE])] = 1.0
    state[StateFeature.STOP_LINE_PRESENT] = 1.0
    state[StateFeature.STOP_LINE_DISTANCE] = feature[f, RouteFeature.S_STOP] - episode[Episode.S_FRONT]
    local = int(feature[f, RouteFeature.ID]) - cross0
    if crossing[local, Crossing.AIRCRAFT] >= 0.0:
        state[StateFeature.CROSSING_TRAFFIC_PRESENT] = 1.0
        state[StateFeature.CROSSING_TRAFFIC_DISTANCE] = crossing[local, Crossing.DISTANCE]
        state[StateFeature.CROSSING_TRAFFIC_CLOSING_SPEED] = crossing[local, Crossing.CLOSING_SPEED]
        state[StateFeature.CROSSING_TIME_TO_CONFLICT] = crossing[local, Crossing.TIME_TO_CONFLICT]


@njit
def _write_trailers(state, ego, trailer):
    """Each link's angle against the one ahead, and which dollies there are."""
    ahead = ego[Ego.HEADING]
    count = int(ego[Ego.TRAILERS])
    for i in range(MAX_TRAILERS):
        state[_TRAILER_PRESENT0 + i] = 1.0 if i < count else 0.0
    for i in range(2 * count):
        turn = trailer[i] - ahead
        state[_DRAWBAR0 + i] = math.atan2(math.sin(turn), math.cos(turn))
        ahead = trailer[i]


@njit
def _outline_centre(body, pose):
    """(x, y) of the middle of an outline at an observed pose (x, y, cos, sin)."""
    shift_m = 0.5 * (body[Body.FRONT] - body[Body.REAR])
    return pose[0] + shift_m * pose[2], pose[1] + shift_m * pose[3]


@njit
def _rank_actors(state, objects, body, near, history, seen, ego_x, ego_y):
    """Keep the nearest sensed actors' body indices in objects[:, 0], squared distances in objects[:, 1]; -> count.

    Also writes the nearest-aircraft entries. Equal distances keep the lower body index first.
    """
    found = 0
    farthest = OBJECT_RANGE_M * OBJECT_RANGE_M
    nearest_aircraft = AIRCRAFT_RANGE_M * AIRCRAFT_RANGE_M
    state[StateFeature.AIRCRAFT_PRESENT] = 0.0
    for k in range(near.shape[0]):
        i = near[k]
        if not seen[i] or body[i, Body.CLASS] < 0.0:
            continue
        x, y = _outline_centre(body[i], history[i])
        d2 = (x - ego_x) * (x - ego_x) + (y - ego_y) * (y - ego_y)
        if d2 < nearest_aircraft and int(body[i, Body.CLASS]) == _AIRCRAFT:
            nearest_aircraft = d2
            state[StateFeature.AIRCRAFT_PRESENT] = 1.0
            state[StateFeature.AIRCRAFT_BEACON] = body[i, Body.BEACON]
            state[StateFeature.AIRCRAFT_DISTANCE] = math.sqrt(d2)
        if d2 >= farthest:
            continue
        at = found if found < MAX_OBJECTS else MAX_OBJECTS - 1
        while at > 0 and d2 < objects[at - 1, 1]:
            objects[at, 0], objects[at, 1] = objects[at - 1, 0], objects[at - 1, 1]
            at -= 1
        objects[at, 0], objects[at, 1] = i, d2
        found = min(found + 1, MAX_OBJECTS)
        if found == MAX_OBJECTS:
            farthest = min(farthest, float(objects[MAX_OBJECTS - 1, 1]))
    return found


@njit
def _write_object(row, body, pose, ego_x, ego_y, cos, sin):
    """One row of `objects`."""
    x, y = _outline_centre(body, pose)
    dx, dy = x - ego_x, y - ego_y
    vx, vy = body[Body.VX], body[Body.VY]
    is_disc = body[Body.SHAPE] < 0.0
    row[ObjectFeature.X] = dx * cos + dy * sin
    row[ObjectFeature.Y] = dy * cos - dx * sin
    row[ObjectFeature.COS] = pose[2] * cos + pose[3] * sin
    row[ObjectFeature.SIN] = pose[3] * cos - pose[2] * sin
    row[ObjectFeature.VX] = vx * cos + vy * sin
    row[ObjectFeature.VY] = vy * cos - vx * sin
    row[ObjectFeature.LENGTH] = 2.0 * body[Body.HALF_WIDTH] if is_disc else body[Body.FRONT] + body[Body.REAR]
    row[ObjectFeature.WIDTH] = 2.0 * body[Body.HALF_WIDTH]
    row[ObjectFeature.CLASS] = body[Body.CLASS] / 5.0
    row[ObjectFeature.BEACON] = body[Body.BEACON]
    row[ObjectFeature.MOVING] = 1.0 if vx * vx + vy * vy > MOVING_MPS * MOVING_MPS else 0.0
    row[ObjectFeature.VALID] = 1.0
    for k in range(row.shape[0]):
        row[k] = min(max(row[k], OBJECT_LOW[k]), OBJECT_HIGH[k])


@njit
def observe_env(e, w, b, vt, at, state, objects):
    """State (NUM_STATE,) f32 and objects (16, 12) f32 of env e, clipped into their bounds."""
    ego, episode = w.ego[e], w.episode[e]
    cos, sin = math.cos(ego[Ego.HEADING]), math.sin(ego[Ego.HEADING])
    for k in range(NUM_STATE):
        state[k] = STATE_HIGH[k]
    _write_motion(state, ego, episode, w.sky[e])
    _write_route(state, ego, episode, w.route[e], cos, sin, w.sky[e, Sky.SPEED_CAP])
    cross0 = b.map_crossing0[int(episode[Episode.MAP])]
    _write_crossing(state, episode, w.feature[e], w.crossing[e], cross0, ego[Ego.TRAIN_LENGTH])
    _write_trailers(state, ego, w.trailer[e])
    body, now = w.body[e], w.history_head[e]
    history = w.history[e, now]
    near = w.near[e, : w.near_count[e]]
    found = _rank_actors(state, objects, body, near, history, w.seen[e, now], ego[Ego.X], ego[Ego.Y])
    for j in range(found):
        i = int(objects[j, 0])
        _write_object(objects[j], body[i], history[i], ego[Ego.X], ego[Ego.Y], cos, sin)
    objects[found:] = 0.0
    for k in range(NUM_STATE):
        state[k] = min(max(state[k], STATE_LOW[k]), STATE_HIGH[k])


@njit
def observe_serial(w, b, vt, at, state, objects):
    """All envs on the calling thread: state (E, NUM_STATE) f32, objects (E, 16, 12) f32."""
    for e in range(state.shape[0]):
        observe_env(e, w, b, vt, at, state[e], objects[e])


@njit(parallel=True)
def observe_parallel(observe_at, w, b, vt, at, state, objects):
    """The same over threads, by the address of `observe_env`."""
    for k in prange(state.shape[0]):
        e = np.int64(k)
        call_at(observe_at, (e, w, b, vt, at, state[e], objects[e]))
