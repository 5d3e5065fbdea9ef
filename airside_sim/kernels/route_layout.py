"""Laying a route: from (start lane, destination) to points one metre apart and the features they meet.

The polyline starts behind the ego so that its train stands on it; `Episode.ROUTE_START` is the front bumper at spawn.
"""

from airside_sim.columns import Episode, Route, RouteFeature
from airside_sim.constants import ROUTE_STEP_M, FeatureKind
from airside_sim.geometry import wrap_angle
from airside_sim.jit import njit

OVERRUN_M = 12.0  # points past the goal, so that look-ahead never runs out


@njit
def _write_point(e, route, n, b, lane, s):
    """Route point n = the lane at arc length s (linear between lane points)."""
    first = b.lane_pt0[lane]
    last = b.lane_pt0[lane + 1] - 1
    u = s / b.lane_ds[lane]
    i = min(max(int(u), 0), last - first - 1)
    f = u - i
    k = first + i
    turn = wrap_angle(b.pt_h[k + 1] - b.pt_h[k])
    route[e, n, Route.X] = b.pt_x[k] + f * (b.pt_x[k + 1] - b.pt_x[k])
    route[e, n, Route.Y] = b.pt_y[k] + f * (b.pt_y[k + 1] - b.pt_y[k])
    route[e, n, Route.HEADING] = b.pt_h[k] + f * turn
    route[e, n, Route.LIMIT] = min(b.pt_limit[k], b.pt_limit[k + 1])
    route[e, n, Route.LANE] = lane
    route[e, n, Route.LANE_S] = s
    route[e, n, Route.OPPOSITE] = b.lane_opposite[lane]
    route[e, n, Route.HALF_WIDTH] = 0.5 * b.lane_width[lane]


@njit
def _add_features(e, w_feature, b, lane, lane_from_s, route_from_s, route_to_s, start_s, count):
    """Append the lane's features met between route arc lengths; a zone that spans lanes is one entry. -> count."""
    for f in range(b.feat0[lane], b.feat0[lane + 1]):
        s_in = route_from_s + b.feat_s_in[f] - lane_from_s
        s_out = route_from_s + b.feat_s_out[f] - lane_from_s
        if s_out <= start_s or s_in >= route_to_s:
            continue
        kind = b.feat_kind[f]
        merged = False
        for j in range(count):
            same = w_feature[e, j, RouteFeature.KIND] == kind and w_feature[e, j, RouteFeature.ID] == b.feat_id[f]
            if same and s_in <= w_feature[e, j, RouteFeature.S_OUT] + 1.0:
                w_feature[e, j, RouteFeature.S_OUT] = max(s_out, w_feature[e, j, RouteFeature.S_OUT])
                merged = True
        if merged or count >= w_feature.shape[1]:
            continue
        s_stop = s_in - 1.0
        if b.feat_s_stop[f] >= 0.0:
            s_stop = route_from_s + b.feat_s_stop[f] - lane_from_s
        w_feature[e, count, :] = 0.0
        w_feature[e, count, RouteFeature.KIND] = kind
        w_feature[e, count, RouteFeature.ID] = b.feat_id[f]
        w_feature[e, count, RouteFeature.S_STOP] = s_stop
        w_feature[e, count, RouteFeature.S_IN] = s_in
        w_feature[e, count, RouteFeature.S_OUT] = s_out
        w_feature[e, count, RouteFeature.ENTERED] = 1.0 if s_stop < start_s else 0.0
        count += 1
    return count


@njit
def _lane_behind(b, lane):
    """The predecessor that runs straightest into the lane, -1 when the lane starts nowhere."""
    best = -1
    least = 10.0
    for k in range(b.lane_pred0[lane], b.lane_pred0[lane + 1]):
        pred = b.lane_pred[k]
        first = b.pt_h[b.lane_pt0[pred]]
        last = b.pt_h[b.lane_pt0[pred + 1] - 1]
        bend = abs(wrap_angle(last - first))
        if bend < least:
            least = bend
            best = pred
    return best


@njit
def lay_route(e, episode, route, feature, b, m, lane, s, dest, tail_m):
    """Write route points and features of env e; True when everything fits and the destination is reached.

    lane, s: front bumper at spawn. tail_m: how far the polyline reaches behind it (train length plus a margin).
    """
    capacity = route.shape[1]
    # backwards: note the lanes behind in the route rows themselves (no scratch needed), then fill forwards
    behind = 0
    back_lane = lane
    need_m = tail_m - s
    while need_m > 0.0 and behind < 32:
        pred = _lane_behind(b, back_lane)
        if pred < 0:
            break
        route[e, capacity - 1 - behind, Route.LANE] = pred
        behind += 1
        back_lane = pred
        need_m -= b.lane_len[pred]
    first_s = max(0.0, -need_m) if behind > 0 else max(0.0, s - tail_m)
    start_m = s - first_s  # route arc length of the front bumper at spawn
    for k in range(behind):
        start_m += b.lane_len[int(route[e, capacity - 1 - k, Route.LANE])]

    lane0 = b.map_lane0[m]
    num_lanes = b.map_lane0[m + 1] - lane0
    base = b.next_off[m] + (dest - b.map_dest0[m]) * num_lanes
    n = 0
    count = 0
    at_m = 0.0  # route arc length where the present lane (from `from_s`) begins
    from_s = first_s
    current = back_lane
    pending = behind - 1
    reached = False
    goal_m = 0.0
    on_start = behind == 0
    past_goal = False
    for _ in range(500):
        length = b.lane_len[current]
        end_m = at_m + length - from_s
        if reached:
            end_m = min(end_m, goal_m + OVERRUN_M)
        elif current == b.dest_lane[dest] and pending < 0 and (not on_start or b.dest_s[dest] > s):
            reached = True
            goal_m = at_m + b.dest_s[dest] - from_s
            end_m = min(end_m, goal_m + OVERRUN_M)
        while n * ROUTE_STEP_M <= end_m + 1e-9:
            if n >= capacity - 40:
                return False
            _write_point(e, route, n, b, current, min(from_s + n * ROUTE_STEP_M - at_m, length))
            n += 1
        limit_m = goal_m if reached else end_m
        if not past_goal:
            count = _add_features(e, feature, b, current, from_s, at_m, limit_m, start_m, count)
        if reached:
            past_goal = True
            if n * ROUTE_STEP_M > goal_m + OVERRUN_M:
                break
        at_m += length - from_s
        from_s = 0.0
        if pending >= 0:
            pending -= 1
            current = int(route[e, capacity - 1 - pending, Route.LANE]) if pending >= 0 else lane
            on_start = pending < 0
            continue
        on_start = False
        nxt = b.next_lane[base + current - lane0]
        if reached:
            if b.lane_succ0[current + 1] == b.lane_succ0[current]:
                break
            nxt = b.lane_succ[b.lane_succ0[current]]
        if nxt < 0:
            return False
        current = nxt
    if not reached:
        return False
    episode[e, Episode.ROUTE_POINTS] = n
    episode[e, Episode.ROUTE_START] = start_m
    episode[e, Episode.ROUTE_LENGTH] = goal_m
    episode[e, Episode.NUM_FEATURES] = count
    return True


@njit
def free_flow_time_s(e, episode, route, top_speed_mps):
    """Seconds the route takes at min(zone limit, top speed), from spawn to goal."""
    total_s = 0.0
    first = int(episode[e, Episode.ROUTE_START])
    last = int(episode[e, Episode.ROUTE_LENGTH])
    for n in range(first, last):
        total_s += ROUTE_STEP_M / max(0.5, min(route[e, n, Route.LIMIT], top_speed_mps))
    return total_s


@njit
def count_yields(e, episode, feature, pushback):
    """Crossings on the route plus the forced pushback: each earns 30 s of episode time."""
    count = 1 if pushback else 0
    for f in range(int(episode[e, Episode.NUM_FEATURES])):
        kind = feature[e, f, RouteFeature.KIND]
        if kind == FeatureKind.TAXI_CROSSING or kind == FeatureKind.RUNWAY_CROSSING:
            count += 1
    return count
