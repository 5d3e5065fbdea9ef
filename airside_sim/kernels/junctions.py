"""Junction locks: who may be inside a junction cluster at a time.

A movement is the lanes of the junction that a vehicle will drive, as a bit mask. Vehicles whose movements do not
conflict, or that come from one entry lane behind each other, share the lock; everybody else waits, the longest waiter
goes first. The ego takes part with the movement of its route: its flag is 1 while its train is inside, or when it was
granted the lock on approach. An ego that stands on its grant for STANDING_TICKS gives it back for as long, and one
that parks inside is an obstacle like any other, so a parked ego cannot close a junction for good.
"""

from airside_sim.columns import LOCKS_PER_VEHICLE, Body, Ego, Episode, Junction, Route, Vehicle
from airside_sim.constants import DT_S, VehicleClass, VehicleRole
from airside_sim.jit import njit

STANDING_TICKS = 60
PARKED_TICKS = 150
EGO_REACH_M = 32.0  # stopping distance of the fastest, and a second
LONG_M = 7.9  # a belt loader or stairs too
WIDE_M = 2.9
INSIDE_FIRST_S = 1000.0
ROLLING_MPS = 1.0
PLATOON_S = 10.0  # who follows a holder goes with it while nobody has waited longer than this
CLAIM_FROM_S = 1.0
CLAIM_MAX_S = 20.0  # who has stood longer takes the room that the ego waits for
CLAIM_TICKS = 900
MOVEMENT_M = 90  # route points that one junction may hold
EMERGENCY_RANK = 100.0  # goes before all who wait, but not before who is inside


@njit
def right_of_way_rank(vehicle_class, trailers):
    """Give-way rank by the apron rules: fire engines, buses, fuel trucks, trains, then the rest."""
    if vehicle_class == VehicleClass.FIRE_ENGINE:
        return EMERGENCY_RANK
    if vehicle_class == VehicleClass.BUS:
        return 2.0
    if vehicle_class == VehicleClass.BOWSER or vehicle_class == VehicleClass.HYDRANT_DISPENSER:
        return 1.0
    return 0.5 if trailers > 0.0 else 0.0


@njit
def patience(row, rank_s):
    """Who has stood longest goes first, before all who stands inside a junction that others need."""
    inside_s = INSIDE_FIRST_S if holds_any(row) else 0.0
    return row[Vehicle.STOP_TIME] + rank_s * right_of_way_rank(row[Vehicle.CLASS], row[Vehicle.TRAILERS]) + inside_s


@njit
def held_slot(row, j):
    """Slot in which the vehicle row holds lock j, -1 when it does not."""
    for k in range(LOCKS_PER_VEHICLE):
        if row[Vehicle.HELD0 + k] == j:
            return k
    return -1


@njit
def ask_slot(row, j):
    """Slot in which the vehicle row asks for lock j, -1 when it does not."""
    for k in range(int(row[Vehicle.NUM_ASKS])):
        if row[Vehicle.ASK0 + k] == j:
            return k
    return -1


@njit
def num_free_slots(row):
    """Locks that the vehicle row may take beside those it holds."""
    free = 0
    for k in range(LOCKS_PER_VEHICLE):
        free += row[Vehicle.HELD0 + k] < 0.0
    return free


@njit
def holds_any(row):
    """The vehicle row holds a lock."""
    for k in range(LOCKS_PER_VEHICLE):
        if row[Vehicle.HELD0 + k] >= 0.0:
            return True
    return False


@njit
def held_conflicts(row, j, entry, conflict):
    """The vehicle row holds lock j for a movement of another entry that meets the mask `conflict`."""
    k = held_slot(row, j)
    return k >= 0 and int(row[Vehicle.HELD_LANE0 + k]) != entry and int(row[Vehicle.HELD_MASK0 + k]) & conflict != 0


@njit
def ask_conflicts(row, j, entry, conflict):
    """The vehicle row asks for lock j for such a movement."""
    k = ask_slot(row, j)
    return k >= 0 and int(row[Vehicle.ASK_LANE0 + k]) != entry and int(row[Vehicle.ASK_MASK0 + k]) & conflict != 0


@njit
def add_ask(row, j, entry):
    """Note that the vehicle row needs lock j too; False when it has no slot left for it beside those it holds."""
    k = int(row[Vehicle.NUM_ASKS])
    if k == num_free_slots(row):
        return False
    row[Vehicle.ASK0 + k] = j
    row[Vehicle.ASK_LANE0 + k] = entry
    row[Vehicle.ASK_MASK0 + k] = 0.0
    row[Vehicle.ASK_CONFLICT0 + k] = 0.0
    row[Vehicle.NUM_ASKS] = k + 1.0
    return True


@njit
def note_movement(row, b, lane, j):
    """Add a lane of junction j to the movement that the vehicle row asks for."""
    k = ask_slot(row, j)
    size = int(row[Vehicle.IS_LONG])
    if k >= 0:
        row[Vehicle.ASK_MASK0 + k] = float(int(row[Vehicle.ASK_MASK0 + k]) | b.lane_bit[lane, size])
        row[Vehicle.ASK_CONFLICT0 + k] = float(int(row[Vehicle.ASK_CONFLICT0 + k]) | b.lane_conflict[lane, size])


@njit
def _follows_holder(vehicle, v, j, entry):
    """A vehicle from the same entry lane holds lock j and is under way."""
    for u in range(vehicle.shape[0]):
        if u == v or vehicle[u, Vehicle.ACTIVE] == 0.0 or vehicle[u, Vehicle.SPEED] < ROLLING_MPS:
            continue
        k = held_slot(vehicle[u], j)
        if k >= 0 and int(vehicle[u, Vehicle.HELD_LANE0 + k]) == entry:
            return True
    return False


@njit
def is_free_for(vehicle, v, junction, j, entry, conflict, rank_s):
    """Lock j may be taken by vehicle v, which comes from lane `entry`. vehicle: (V, Vehicle), junction: (J, Junction).

    No holder's movement conflicts, and nobody who has waited longer wants one that does (rank, then slot break ties);
    behind a holder from the same lane, nobody who has waited longer than PLATOON_S. A rogue driver takes it out of
    turn, and before an ego that has it.
    """
    is_rogue = vehicle[v, Vehicle.ROLE] == VehicleRole.ROGUE
    mine = patience(vehicle[v], rank_s)
    if _follows_holder(vehicle, v, j, entry):
        mine = max(mine, PLATOON_S)
    ego = junction[j]
    if not is_rogue and ego[Junction.EGO_LANE] != entry and ego[Junction.EGO_MASK] & conflict != 0:
        if ego[Junction.EGO_FLAG] == 1 and ego[Junction.EGO_TIMER] < PARKED_TICKS:
            return False
        if ego[Junction.EGO_WAIT] > 0 and ego[Junction.EGO_WAIT] * DT_S >= mine:
            return False
    for u in range(vehicle.shape[0]):
        if u == v or vehicle[u, Vehicle.ACTIVE] == 0.0:
            continue
        if held_conflicts(vehicle[u], j, entry, conflict):
            return False
        if not is_rogue and ask_conflicts(vehicle[u], j, entry, conflict):
            other = patience(vehicle[u], rank_s)
            if other > mine or (other == mine and u < v):
                return False
    return True


@njit
def _may_take_all(vehicle, v, junction, rank_s):
    row = vehicle[v]
    if row[Vehicle.NUM_ASKS] > num_free_slots(row):
        return False
    for k in range(int(row[Vehicle.NUM_ASKS])):
        j, entry = int(row[Vehicle.ASK0 + k]), int(row[Vehicle.ASK_LANE0 + k])
        if not is_free_for(vehicle, v, junction, j, entry, int(row[Vehicle.ASK_CONFLICT0 + k]), rank_s):
            return False
    return True


@njit
def grant_junctions(vehicle, junction, rank_s):
    """Give asked-for locks; rows of one env. All that a vehicle asks for are given together or none is."""
    for v in range(vehicle.shape[0]):
        row = vehicle[v]
        if row[Vehicle.ACTIVE] == 0.0 or row[Vehicle.NUM_ASKS] == 0.0:
            continue
        if not _may_take_all(vehicle, v, junction, rank_s):
            continue
        for k in range(int(row[Vehicle.NUM_ASKS])):
            slot = held_slot(row, -1)
            j = int(row[Vehicle.ASK0 + k])
            row[Vehicle.HELD0 + slot] = j
            row[Vehicle.HELD_LANE0 + slot] = row[Vehicle.ASK_LANE0 + k]
            row[Vehicle.HELD_MASK0 + slot] = row[Vehicle.ASK_MASK0 + k]
            junction[j, Junction.HOLDERS] += 1
        row[Vehicle.NUM_ASKS] = 0.0


@njit
def release_junction(row, junction, slot):
    """Give back the lock in this slot of a vehicle row, if it holds one there."""
    j = int(row[Vehicle.HELD0 + slot])
    if j >= 0:
        junction[j, Junction.HOLDERS] -= 1
        row[Vehicle.HELD0 + slot] = -1.0


@njit
def ego_junction_at(episode, route, b, s):
    """Global junction of the route at arc length s, -1 outside."""
    n = int(min(max(s, 0.0), episode[Episode.ROUTE_POINTS] - 1.0))
    lane = int(route[n, Route.LANE])
    return b.lane_junction[lane] if lane >= 0 else -1


@njit
def is_long(length_m, width_m):
    """A rigid body is long or wide enough to need the whole of a bend."""
    return length_m > LONG_M or width_m > WIDE_M


@njit
def ego_movement(episode, route, b, size, cluster, s):
    """-> (entry lane, exit lane, mask, conflict mask) of the ego's way through a cluster ahead of s."""
    entry = -2
    leave = -2
    mask = 0
    conflict = 0
    first = int(min(max(s, 0.0), episode[Episode.ROUTE_POINTS] - 1.0))
    last = int(min(first + MOVEMENT_M, episode[Episode.ROUTE_POINTS]))
    for n in range(first, last):
        lane = int(route[n, Route.LANE])
        if lane < 0:
            continue
        if b.lane_junction[lane] == cluster:
            mask |= b.lane_bit[lane, size]
            conflict |= b.lane_conflict[lane, size]
        elif mask != 0:
            leave = lane
            break
        else:
            entry = lane
    return entry, leave, mask, conflict


@njit
def _held_by_others(vehicle, j, entry, conflict):
    for u in range(vehicle.shape[0]):
        if vehicle[u, Vehicle.ACTIVE] == 1.0 and held_conflicts(vehicle[u], j, entry, conflict):
            return True
    return False


@njit
def _wanted_by_others(vehicle, j, entry, conflict):
    for u in range(vehicle.shape[0]):
        row = vehicle[u]
        if row[Vehicle.ACTIVE] == 1.0:
            if held_conflicts(row, j, entry, conflict) or ask_conflicts(row, j, entry, conflict):
                return True
    return False


@njit
def is_claimed_by_ego(row, lock, leave):
    """The ego has been standing before this junction for longer than the vehicle row has, and leaves it by that lane.

    The room there is the ego's: else others would fill it while the ego waits for enough. Nobody in a junction waits
    for that, nobody waits long, and an ego that stands for CLAIM_TICKS does not mean to go.
    """
    if row[Vehicle.ROLE] != VehicleRole.DRIVER:
        return False
    stood_s = lock[Junction.EGO_STOOD] * DT_S
    if lock[Junction.EGO_EXIT] != leave or lock[Junction.EGO_STOOD] > CLAIM_TICKS or holds_any(row):
        return False
    return row[Vehicle.STOP_TIME] < min(stood_s - CLAIM_FROM_S, CLAIM_MAX_S)


@njit
def is_claimed_by_other(vehicle, v, leave):
    """Another vehicle has stood for longer than v for want of room on lane `leave`; on the same terms as the ego."""
    stood_s = vehicle[v, Vehicle.STOP_TIME]
    if stood_s >= CLAIM_MAX_S or holds_any(vehicle[v]) or vehicle[v, Vehicle.ROLE] != VehicleRole.DRIVER:
        return False
    for u in range(vehicle.shape[0]):
        row = vehicle[u]
        if row[Vehicle.CLAIM] == leave and row[Vehicle.ACTIVE] == 1.0 and u != v:
            if stood_s < row[Vehicle.STOP_TIME] - CLAIM_FROM_S and not holds_any(row):
                return True
    return False


@njit
def _is_behind(episode, route, vehicle, entry):
    """A vehicle on the entry lane is ahead of the ego: that one asks first."""
    n = int(min(max(episode[Episode.S_FRONT], 0.0), episode[Episode.ROUTE_POINTS] - 1.0))
    s = route[n, Route.LANE_S] if int(route[n, Route.LANE]) == entry else -1.0
    for u in range(vehicle.shape[0]):
        if vehicle[u, Vehicle.ACTIVE] == 1.0 and vehicle[u, Vehicle.LANE] == entry and vehicle[u, Vehicle.S] > s + 1.0:
            return True
    return False


@njit
def _approach(lock, vehicle, j, entry, conflict, standing):
    """One tick of an ego short of junction j, `lock` = its row: ask, hold, or hand back a grant it does not use."""
    timer = lock[Junction.EGO_TIMER]
    if timer < 0 and _wanted_by_others(vehicle, j, entry, conflict):  # gave its grant back: lets the others go first
        lock[Junction.EGO_FLAG] = 0
        lock[Junction.EGO_TIMER] = timer + 1
    elif lock[Junction.EGO_FLAG] == 0:
        lock[Junction.EGO_TIMER] = 0
        if _held_by_others(vehicle, j, entry, conflict):
            lock[Junction.EGO_WAIT] += 1
        else:
            lock[Junction.EGO_FLAG] = 1
            lock[Junction.EGO_WAIT] = 0
    elif not standing:
        lock[Junction.EGO_TIMER] = 0
    elif timer + 1 < STANDING_TICKS:
        lock[Junction.EGO_TIMER] = timer + 1
    else:
        lock[Junction.EGO_FLAG] = 0
        lock[Junction.EGO_TIMER] = -STANDING_TICKS


@njit
def update_ego_junctions(ego, ego_body, episode, route, b, vehicle, junction, junction0):
    """Set the ego's columns for this tick from where its train lies on its route. Rows of one env."""
    front = episode[Episode.S_FRONT]
    rear = front - ego[Ego.TRAIN_LENGTH]
    standing = ego[Ego.SPEED] < 0.3
    tug = ego_body[0]
    size = int(is_long(tug[Body.FRONT] + tug[Body.REAR], 2.0 * tug[Body.HALF_WIDTH]))
    inside0 = ego_junction_at(episode, route, b, front)
    inside1 = ego_junction_at(episode, route, b, rear)
    inside2 = ego_junction_at(episode, route, b, 0.5 * (front + rear))
    ahead = -1
    s = front + 1.0
    while ahead < 0 and s <= front + EGO_REACH_M:
        ahead = ego_junction_at(episode, route, b, s)
        s += 1.0
    if abs(episode[Episode.LATERAL]) > 6.0:
        inside0 = inside1 = inside2 = ahead = -1
    for j in range(junction.shape[0]):
        cluster = j + junction0
        lock = junction[j]
        is_inside = inside0 == cluster or inside1 == cluster or inside2 == cluster
        if is_inside:
            entry, _, mask, _ = ego_movement(episode, route, b, size, cluster, rear - 1.0)
            lock[Junction.EGO_TIMER] = lock[Junction.EGO_TIMER] + 1 if standing and lock[Junction.EGO_FLAG] == 1 else 0
            lock[Junction.EGO_FLAG] = 1
            lock[Junction.EGO_WAIT] = 0
            lock[Junction.EGO_LANE] = entry
            lock[Junction.EGO_MASK] = mask
            lock[Junction.EGO_STOOD] = 0
        elif ahead == cluster:
            entry, leave, mask, conflict = ego_movement(episode, route, b, size, cluster, front)
            lock[Junction.EGO_LANE] = entry
            lock[Junction.EGO_MASK] = mask
            lock[Junction.EGO_EXIT] = leave
            if _is_behind(episode, route, vehicle, entry):
                lock[Junction.EGO_STOOD] = 0
                lock[Junction.EGO_FLAG] = 0
                lock[Junction.EGO_TIMER] = 0
                lock[Junction.EGO_WAIT] = 0
            else:
                lock[Junction.EGO_STOOD] = lock[Junction.EGO_STOOD] + 1 if standing else 0
                _approach(lock, vehicle, j, entry, conflict, standing)
        elif lock[Junction.EGO_MASK] != 0:
            lock[Junction.EGO_STOOD] = 0
            lock[Junction.EGO_FLAG] = 0
            lock[Junction.EGO_TIMER] = 0
            lock[Junction.EGO_WAIT] = 0
            lock[Junction.EGO_MASK] = 0
