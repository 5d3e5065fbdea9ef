"""What a background vehicle finds along its lanes: leader, closed zones, junctions to ask for, room beyond them.

`scan_path` walks the path from the front bumper. A crossing or junction may only be entered when the whole vehicle
fits beyond it; until that is known its stop line is kept as the place to hold (`hold_m`). Stand zones are up to 110 m
long, so vehicles follow each other through open ones: the aircraft waits until the last has left a closing one.
"""

from airside_sim.columns import LANES_PER_VEHICLE, Aircraft, Crossing, Ego, Episode, Route, Stand, Vehicle
from airside_sim.constants import AircraftPhase, FeatureKind, StopReason, VehicleRole
from airside_sim.jit import njit
from airside_sim.kernels.following import can_stop, stopping_m
from airside_sim.kernels.junctions import (
    add_ask,
    ask_slot,
    held_slot,
    is_claimed_by_ego,
    is_claimed_by_other,
    note_movement,
)
from airside_sim.kernels.lane_rail import lane_point, next_on_path, node_span

FAR_M = 1e9
LINE_M = 3.5  # stops this far before the end of the lane that leads into a junction: long vehicles swing out there
ROOM_M = 1.0
MAX_HOPS = 16
BESIDE_M = 3.2  # centrelines nearer than this: a tail there is still in the way


@njit
def is_open(e, w, b, at, kind, gid, row, ahead_m, margin_s):
    """A vehicle row whose front is ahead_m before the line may pass it now."""
    speed = row[Vehicle.SPEED]
    if kind == FeatureKind.WALK_CROSSING:
        walk = w.walk_crossing[e, gid - at.walk0]
        waiting = 0.0 if row[Vehicle.ROLE] == VehicleRole.ROGUE else walk[1]  # he passes people at the kerb
        return walk[0] + waiting == 0.0 or not can_stop(speed, ahead_m, 2.0)
    if kind == FeatureKind.STAND_ZONE:
        stand = w.stand[e, gid - at.stand0]
        if stand[Stand.CLOSED] == 0.0 or not can_stop(speed, ahead_m, 4.0):
            return True
        slot = int(stand[Stand.AIRCRAFT])
        # a vehicle caught inside one closing zone may leave through the next while that aircraft still waits
        waiting = slot >= 0 and w.aircraft[e, slot, Aircraft.PHASE] == AircraftPhase.BEACON_ON
        return row[Vehicle.FEATURE_STOP] == 1.0 and waiting
    if kind == FeatureKind.RUNWAY_CROSSING:
        return False
    local = gid - at.crossing0
    cruise = max(speed, min(max(row[Vehicle.SPEED_CAP], 2.0), 6.0))
    start_s = (cruise - speed) / 1.0 * 0.5
    clear_s = (max(ahead_m, 0.0) + b.cross_len_m[gid] + row[Vehicle.LENGTH]) / cruise + start_s
    free = w.crossing[e, local, Crossing.TIME_TO_CONFLICT] > clear_s + margin_s
    return free or not can_stop(speed, ahead_m, 4.0)


@njit
def closed_reason(kind):
    if kind == FeatureKind.WALK_CROSSING:
        return float(StopReason.PERSON.value)
    if kind == FeatureKind.STAND_ZONE:
        return float(StopReason.STAND_ZONE.value)
    return float(StopReason.CROSSING.value)


@njit
def nearest_on_lane(e, w, b, at, lane, after_s, own):
    """Rearmost point (arc length) of the first vehicle on a lane whose front is beyond after_s, and its slot."""
    best = FAR_M
    slot = -1
    node = w.lane_head[e, lane - at.lane0]
    while node >= 0:
        u = node // LANES_PER_VEHICLE
        if u != own:
            low, high = node_span(w.vehicle[e, u], b, node % LANES_PER_VEHICLE)
            if low <= high and high > after_s and low < best:
                best = low
                slot = u
        node = w.lane_next[e, node]
    return best, slot


@njit
def ego_on_lane(ego, episode, route, lane):
    """Arc length of the ego's tail on a lane that its train covers (0 when it began before), FAR_M when it does not."""
    if abs(episode[Episode.LATERAL]) > BESIDE_M:
        return FAR_M
    last = episode[Episode.ROUTE_POINTS] - 1.0
    front = episode[Episode.S_FRONT]
    rear = int(min(max(front - ego[Ego.TRAIN_LENGTH], 0.0), last))
    if int(route[rear, Route.LANE]) == lane:
        return route[rear, Route.LANE_S]
    head = int(min(max(front, 0.0), last))
    if int(route[rear, Route.LANE]) == int(route[head, Route.LANE]):
        return FAR_M
    for n in range(rear + 1, head + 1):
        if int(route[n, Route.LANE]) == lane:
            return 0.0
    return FAR_M


@njit
def beside_on_lane(e, w, b, at, lane, after, own):
    """Tail of a vehicle that left `lane` for another successor than `after` but still lies over it: (s, slot)."""
    best = FAR_M
    slot = -1
    for k in range(b.lane_succ0[lane], b.lane_succ0[lane + 1]):
        other = int(b.lane_succ[k])
        if other == after:
            continue
        s, u = nearest_on_lane(e, w, b, at, other, -1.0, own)
        if u < 0 or s >= best:
            continue
        ax, ay = lane_point(b, other, s)
        bx, by = lane_point(b, after, s)
        if (ax - bx) ** 2 + (ay - by) ** 2 < BESIDE_M * BESIDE_M:
            best = s
            slot = u
    return best, slot


@njit
def scan_path(e, w, b, at, v, brake, margin_s):
    """Walk the path of vehicle v and write its asks. -> (stop_m, reason, leader gap, leader slot, locks seen).

    The last is a bit mask: bit k = the junction held in slot k lies ahead.
    """
    row = w.vehicle[e, v]
    speed = row[Vehicle.SPEED]
    length = row[Vehicle.LENGTH]
    reach = stopping_m(speed, brake) + 1.5 * speed + 10.0
    ask_reach = stopping_m(speed, brake) + speed + 10.0
    row[Vehicle.NUM_ASKS] = 0.0
    row[Vehicle.CLAIM] = -1.0
    lane = int(row[Vehicle.LANE])
    base = -row[Vehicle.S]
    after_s = row[Vehicle.S]
    stop_m = FAR_M
    reason = float(StopReason.NONE.value)
    hold_m = -1.0
    need_m = -1.0
    inside = b.lane_junction[lane]  # a junction whose end has not been passed: room is counted from there
    asking = False
    seen = 0
    gap = FAR_M
    leader = -1
    for _ in range(MAX_HOPS):
        tail, slot = nearest_on_lane(e, w, b, at, lane, after_s, v)
        blocked = FAR_M
        why = float(StopReason.NONE.value)
        for f in range(b.feat0[lane], b.feat0[lane + 1]):
            kind = b.feat_kind[f]
            if b.feat_s_stop[f] < 0.0:
                if kind != FeatureKind.STAND_ZONE and hold_m >= 0.0 and base + b.feat_s_in[f] < need_m:
                    need_m = max(need_m, base + b.feat_s_out[f] + length + ROOM_M)
                continue
            line_m = base + b.feat_s_stop[f]
            if line_m < -0.3 or b.feat_s_stop[f] >= tail:
                continue
            if not is_open(e, w, b, at, kind, b.feat_id[f], row, line_m, margin_s):
                if line_m < blocked:
                    blocked = line_m
                    why = closed_reason(kind)
            elif kind == FeatureKind.STAND_ZONE or not can_stop(speed, line_m, 3.0):
                continue
            elif hold_m < 0.0 or line_m >= need_m:
                hold_m = line_m
                need_m = base + b.feat_s_out[f] + length + ROOM_M
            else:
                need_m = max(need_m, base + b.feat_s_out[f] + length + ROOM_M)
        by_line = blocked < FAR_M
        if slot >= 0:
            lead = w.vehicle[e, slot]
            far = base + tail + stopping_m(lead[Vehicle.SPEED], brake)
            if base + tail < blocked:
                gap = base + tail
                leader = slot
            if far - 0.5 < blocked:
                blocked = far - 0.5
                why = float(StopReason.NO_ROOM.value)
                by_line = False
        ego_s = ego_on_lane(w.ego[e], w.episode[e], w.route[e], lane)
        if ego_s < FAR_M and ego_s > after_s:
            far = base + ego_s + stopping_m(max(0.0, w.ego[e, Ego.SPEED]), brake)
            if far - 0.5 < blocked:
                blocked = far - 0.5
                why = float(StopReason.EGO.value)
                by_line = False
        if blocked < FAR_M:
            if hold_m >= 0.0 and need_m > blocked:
                if asking:
                    row[Vehicle.NUM_ASKS] = 0.0
                    reason = float(StopReason.NO_ROOM.value)
                stop_m = min(stop_m, hold_m)
                if not asking:
                    reason = why
            elif by_line and not asking:
                stop_m = blocked
                reason = why
            break
        end_m = base + b.lane_len[lane]
        if hold_m < 0.0 and end_m > reach and end_m > 0.0 and not asking:
            break
        if hold_m >= 0.0 and end_m > need_m and end_m > reach and inside < 0:
            break
        if hold_m >= 0.0 and end_m >= need_m:
            if asking:
                break
            hold_m = -1.0
        after = next_on_path(row, b, at, lane)
        if after < 0:
            if not asking:
                stop_m = min(stop_m, end_m - ROOM_M)
                reason = float(StopReason.SCHEDULE.value)
            break
        entering = b.lane_junction[after]
        if asking and inside >= 0 and entering != inside:
            if row[Vehicle.CLAIM] < 0.0 and entering < 0:
                row[Vehicle.CLAIM] = after
            ego_first = is_claimed_by_ego(row, w.junction[e, inside - at.junction0], after)
            if ego_first or is_claimed_by_other(w.vehicle[e], v, after):
                row[Vehicle.NUM_ASKS] = 0.0
                break
        if entering >= 0 and entering != inside:
            local = entering - at.junction0
            held = held_slot(row, local)
            if held >= 0:
                seen |= 1 << held
            elif not asking:
                at_m = hold_m if hold_m >= 0.0 and need_m > end_m - LINE_M else end_m - LINE_M
                stop_m = at_m
                reason = float(StopReason.JUNCTION.value)
                if at_m > ask_reach:
                    break
                asking = add_ask(row, local, lane)
                hold_m = at_m
                need_m = FAR_M
            elif ask_slot(row, local) < 0 and add_ask(row, local, lane):
                need_m = FAR_M
        elif inside >= 0 and entering < 0 and hold_m >= 0.0:
            rear = end_m + length + ROOM_M
            need_m = rear if need_m >= FAR_M else max(need_m, rear)
        if asking and entering >= 0:
            note_movement(row, b, after, entering - at.junction0)
        side_s, side = beside_on_lane(e, w, b, at, lane, after, v)
        if side >= 0 and end_m + side_s < gap:
            gap = end_m + side_s
            leader = side
            if asking:
                row[Vehicle.NUM_ASKS] = 0.0
                reason = float(StopReason.NO_ROOM.value)
            break
        inside = entering
        base = end_m
        after_s = -1.0
        lane = after
    return stop_m, reason, gap, leader, seen
