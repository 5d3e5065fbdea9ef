"""Junction locks of many egos: each asks as the ego of a single env does, and they count as ordinary vehicles.

An ego that has a lock, or stands inside a junction, holds it in its puppet's row; one that waits asks there. The
longest waiter goes first, egos and background vehicles alike.
"""

from airside_sim.columns import LOCKS_PER_VEHICLE, Body, Ego, Episode, Junction, Vehicle
from airside_sim.constants import DT_S
from airside_sim.jit import njit
from airside_sim.kernels.fleet_roster import Presence, ego_world
from airside_sim.kernels.junctions import (
    PARKED_TICKS,
    ask_conflicts,
    ego_junction_at,
    ego_movement,
    is_long,
    patience,
    release_junction,
    update_ego_junctions,
)

ANY_LANE = -1.0  # as a mask of conflicts: a puppet takes no lock of its own accord


@njit
def _longest_wait(junction):
    """Ticks for which an ego (its rows (J, Junction)) has been waiting for a grant."""
    longest = 0
    for j in range(junction.shape[0]):
        longest = max(longest, junction[j, Junction.EGO_WAIT])
    return longest


@njit
def _order_by_wait(apron, r):
    """Fill `Roster.turn`: present egos, the longest waiter first, else by number. -> how many."""
    count = 0
    for i in range(r.world.shape[0]):
        if r.presence[i] == Presence.OUT:
            continue
        wait = _longest_wait(ego_world(apron, r, i).junction[0])
        at = count
        while at > 0 and _longest_wait(ego_world(apron, r, r.turn[at - 1]).junction[0]) < wait:
            r.turn[at] = r.turn[at - 1]
            at -= 1
        r.turn[at] = i
        count += 1
    return count


@njit
def _yields(vehicle, own, w, b, j, cluster, wait_s, rank_s):
    """Somebody who has waited longer asks for a movement through junction j that conflicts with this ego's."""
    tug = w.ego_body[0, 0]
    size = int(is_long(tug[Body.FRONT] + tug[Body.REAR], 2.0 * tug[Body.HALF_WIDTH]))
    front = w.episode[0, Episode.S_FRONT]
    entry, _, _, conflict = ego_movement(w.episode[0], w.route[0], b, size, cluster, front)
    mine = vehicle[own]
    mine[Vehicle.STOP_TIME] = wait_s
    mine_s = patience(mine, rank_s)
    for u in range(vehicle.shape[0]):
        if u == own or vehicle[u, Vehicle.ACTIVE] == 0.0 or not ask_conflicts(vehicle[u], j, entry, conflict):
            continue
        other_s = patience(vehicle[u], rank_s)
        if other_s > mine_s or (other_s == mine_s and u < own):
            return True
    return False


@njit
def _is_inside(w, b, cluster):
    """Front, middle or tail of the train lies in the junction."""
    front = w.episode[0, Episode.S_FRONT]
    rear = front - w.ego[0, Ego.TRAIN_LENGTH]
    for s in (front, rear, 0.5 * (front + rear)):
        if ego_junction_at(w.episode[0], w.route[0], b, s) == cluster:
            return True
    return False


@njit
def _ask(apron, r, i, w, b, junction0, rank_s):
    """One tick of ego i's own marks: what it asks for, holds, or hands back."""
    vehicle = apron.vehicle[0]
    own = r.vehicle0 + i
    junction = w.junction[0]
    for j in range(junction.shape[0]):
        r.lock[j, 0] = junction[j, Junction.EGO_FLAG]
        r.lock[j, 1] = junction[j, Junction.EGO_WAIT]
    vehicle[own, Vehicle.ACTIVE] = 0.0  # it does not wait for itself
    update_ego_junctions(w.ego[0], w.ego_body[0], w.episode[0], w.route[0], b, vehicle, junction, junction0)
    vehicle[own, Vehicle.ACTIVE] = 1.0
    for j in range(junction.shape[0]):
        if junction[j, Junction.EGO_FLAG] == 0 or r.lock[j, 0] == 1 or _is_inside(w, b, j + junction0):
            continue
        if _yields(vehicle, own, w, b, j, j + junction0, r.lock[j, 1] * DT_S, rank_s):
            junction[j, Junction.EGO_FLAG] = 0
            junction[j, Junction.EGO_WAIT] = r.lock[j, 1] + 1


@njit
def _show(apron, r, i, w):
    """Put what ego i holds and asks for into its puppet's row."""
    row = apron.vehicle[0, r.vehicle0 + i]
    for slot in range(LOCKS_PER_VEHICLE):
        release_junction(row, apron.junction[0], slot)
    row[Vehicle.NUM_ASKS] = 0.0
    held = 0
    asks = 0
    waits = 0
    for j in range(w.junction.shape[1]):
        lock = w.junction[0, j]
        if lock[Junction.EGO_MASK] == 0:
            continue
        if lock[Junction.EGO_FLAG] == 1:
            if lock[Junction.EGO_TIMER] < PARKED_TICKS and held < LOCKS_PER_VEHICLE:
                row[Vehicle.HELD0 + held] = j
                row[Vehicle.HELD_LANE0 + held] = lock[Junction.EGO_LANE]
                row[Vehicle.HELD_MASK0 + held] = lock[Junction.EGO_MASK]
                apron.junction[0, j, Junction.HOLDERS] += 1
                held += 1
        elif lock[Junction.EGO_WAIT] > 0 and asks < LOCKS_PER_VEHICLE:
            row[Vehicle.ASK0 + asks] = j
            row[Vehicle.ASK_LANE0 + asks] = lock[Junction.EGO_LANE]
            row[Vehicle.ASK_MASK0 + asks] = lock[Junction.EGO_MASK]
            row[Vehicle.ASK_CONFLICT0 + asks] = ANY_LANE
            asks += 1
            waits = max(waits, lock[Junction.EGO_WAIT])
        here = apron.junction[0, j]
        if lock[Junction.EGO_STOOD] > here[Junction.EGO_STOOD]:  # the room beyond is for who has stood longest
            here[Junction.EGO_STOOD] = lock[Junction.EGO_STOOD]
            here[Junction.EGO_EXIT] = lock[Junction.EGO_EXIT]
    row[Vehicle.NUM_ASKS] = asks
    row[Vehicle.STOP_TIME] = waits * DT_S


@njit
def update_fleet_junctions(apron, r, b, rank_s):
    """One tick of every present ego's asks and locks."""
    junction0 = b.map_junction0[int(apron.episode[0, Episode.MAP])]
    for j in range(apron.junction.shape[1]):
        apron.junction[0, j, Junction.EGO_STOOD] = 0
    count = _order_by_wait(apron, r)
    for k in range(count):
        i = r.turn[k]
        w = ego_world(apron, r, i)
        _ask(apron, r, i, w, b, junction0, rank_s)
        _show(apron, r, i, w)
