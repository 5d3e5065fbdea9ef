"""Junction locks: who may be inside a junction cluster at a time.

`World.junction[e, j]` = holders, entry lane (global), ego timer, ego flag. Vehicles from one entry lane may share a
lock; everybody else waits. The ego takes part: its flag is 1 while its train is inside, or when it was granted the free
lock on approach. An ego that stands on its grant for STANDING_TICKS gives it back for as long, and one that parks
inside is an obstacle like any other, so a parked ego cannot close a junction for good. The timer counts those ticks.
"""

import math

from airside_sim.constants import VehicleClass
from airside_sim.jit import njit
from airside_sim.world import Ego, Episode, Route, Vehicle

HOLDERS = 0
ENTRY = 1
EGO_TIMER = 2
EGO_FLAG = 3
STANDING_TICKS = 60
PARKED_TICKS = 150
EGO_REACH_M = 14.0


@njit
def right_of_way_rank(vehicle_class):
    """Give-way rank by the apron rules: buses before fuel trucks before the rest."""
    if vehicle_class == VehicleClass.BUS:
        return 2.0
    if vehicle_class == VehicleClass.BOWSER or vehicle_class == VehicleClass.HYDRANT_DISPENSER:
        return 1.0
    return 0.0


@njit
def is_free_for(junction, j, entry):
    """Lock j may be taken by a vehicle coming from lane `entry`. junction: (J, 4) of one env."""
    if junction[j, EGO_FLAG] == 1 and junction[j, EGO_TIMER] < PARKED_TICKS:
        return False
    return junction[j, HOLDERS] == 0 or junction[j, ENTRY] == entry


@njit
def _asks(vehicle, v, j):
    return vehicle[v, Vehicle.ACTIVE] == 1.0 and (vehicle[v, Vehicle.ASK] == j or vehicle[v, Vehicle.ASK2] == j)


@njit
def _entry_of(vehicle, v, j):
    lane = vehicle[v, Vehicle.ASK_LANE] if vehicle[v, Vehicle.ASK] == j else vehicle[v, Vehicle.ASK_LANE2]
    return int(lane)


@njit
def _is_first(vehicle, v, j, rank_s):
    """No vehicle from another entry has waited longer for j (rank and slot break ties)."""
    entry = _entry_of(vehicle, v, j)
    mine = vehicle[v, Vehicle.STOP_TIME] + rank_s * right_of_way_rank(vehicle[v, Vehicle.CLASS])
    for u in range(vehicle.shape[0]):
        if u == v or not _asks(vehicle, u, j) or _entry_of(vehicle, u, j) == entry:
            continue
        other = vehicle[u, Vehicle.STOP_TIME] + rank_s * right_of_way_rank(vehicle[u, Vehicle.CLASS])
        if other > mine or (other == mine and u < v):
            return False
    return True


@njit
def _take(junction, j, entry):
    junction[j, HOLDERS] += 1
    junction[j, ENTRY] = entry


@njit
def grant_junctions(vehicle, junction, rank_s):
    """Give asked-for locks. vehicle: (V, Vehicle), junction: (J, 4) of one env. A pair is given together or not."""
    for v in range(vehicle.shape[0]):
        j = int(vehicle[v, Vehicle.ASK])
        if vehicle[v, Vehicle.ACTIVE] == 0.0 or j < 0 or vehicle[v, Vehicle.HELD_JUNCTION2] >= 0.0:
            continue
        j2 = int(vehicle[v, Vehicle.ASK2])
        entry = int(vehicle[v, Vehicle.ASK_LANE])
        entry2 = int(vehicle[v, Vehicle.ASK_LANE2])
        if not is_free_for(junction, j, entry) or not _is_first(vehicle, v, j, rank_s):
            continue
        if j2 >= 0:
            if vehicle[v, Vehicle.HELD_JUNCTION] >= 0.0:
                continue
            if not is_free_for(junction, j2, entry2) or not _is_first(vehicle, v, j2, rank_s):
                continue
        _take(junction, j, entry)
        if vehicle[v, Vehicle.HELD_JUNCTION] < 0.0:
            vehicle[v, Vehicle.HELD_JUNCTION] = j
        else:
            vehicle[v, Vehicle.HELD_JUNCTION2] = j
        if j2 >= 0:
            _take(junction, j2, entry2)
            vehicle[v, Vehicle.HELD_JUNCTION2] = j2
        vehicle[v, Vehicle.ASK] = -1.0
        vehicle[v, Vehicle.ASK2] = -1.0


@njit
def release_junction(row, junction, second):
    """Give back the first (second = 0) or second lock that a vehicle row holds, if any."""
    column = Vehicle.HELD_JUNCTION2 if second == 1 else Vehicle.HELD_JUNCTION
    j = int(row[column])
    if j >= 0:
        junction[j, HOLDERS] -= 1
        row[column] = -1.0


@njit
def _ego_junction_at(episode, route, lane_junction, s):
    """Global junction of the route at arc length s, -1 outside."""
    n = int(min(max(s, 0.0), episode[Episode.ROUTE_POINTS] - 1.0))
    lane = int(route[n, Route.LANE])
    return lane_junction[lane] if lane >= 0 else -1


@njit
def update_ego_junctions(ego, episode, route, lane_junction, junction, junction0):
    """Set the ego's flags for this tick from where its train lies on its route. Rows of one env."""
    front = episode[Episode.S_FRONT]
    rear = front - ego[Ego.TRAIN_LENGTH]
    standing = ego[Ego.SPEED] < 0.3
    inside0 = _ego_junction_at(episode, route, lane_junction, front)
    inside1 = _ego_junction_at(episode, route, lane_junction, rear)
    inside2 = _ego_junction_at(episode, route, lane_junction, 0.5 * (front + rear))
    ahead = -1
    s = front + 1.0
    while ahead < 0 and s <= front + EGO_REACH_M:
        ahead = _ego_junction_at(episode, route, lane_junction, s)
        s += 1.0
    if abs(episode[Episode.LATERAL]) > 6.0:
        inside0 = inside1 = inside2 = ahead = -1
    for j in range(junction.shape[0]):
        is_inside = inside0 == j + junction0 or inside1 == j + junction0 or inside2 == j + junction0
        is_near = ahead == j + junction0
        if not is_inside and not is_near:
            junction[j, EGO_FLAG] = 0
            junction[j, EGO_TIMER] = 0
            continue
        timer = junction[j, EGO_TIMER]
        if is_inside:
            junction[j, EGO_FLAG] = 1
            junction[j, EGO_TIMER] = timer + 1 if standing else 0
            continue
        if timer < 0:  # gave its grant back: lets the others go first
            junction[j, EGO_FLAG] = 0
            junction[j, EGO_TIMER] = timer + 1
            continue
        if junction[j, EGO_FLAG] == 0:
            entry = _entry_lane_ahead(episode, route, lane_junction, front)
            if junction[j, HOLDERS] == 0 or junction[j, ENTRY] == entry:
                junction[j, EGO_FLAG] = 1
            junction[j, EGO_TIMER] = 0
        elif standing:
            junction[j, EGO_TIMER] = timer + 1
            if timer + 1 >= STANDING_TICKS:
                junction[j, EGO_FLAG] = 0
                junction[j, EGO_TIMER] = -STANDING_TICKS
        else:
            junction[j, EGO_TIMER] = 0


@njit
def _entry_lane_ahead(episode, route, lane_junction, front):
    """Lane before the next junction on the ego's route."""
    entry = -2
    for k in range(int(EGO_REACH_M) + 1):
        n = int(min(max(front + math.floor(float(k)), 0.0), episode[Episode.ROUTE_POINTS] - 1.0))
        lane = int(route[n, Route.LANE])
        if lane >= 0 and lane_junction[lane] >= 0:
            break
        entry = lane
    return entry
