"""Puppets: the egos as the apron's other actors see them.

An ego is a vehicle row that others drive: it lies on the lanes of its route like any background vehicle, so that others
follow it, count it in zones and give it room, and its bodies stand in the apron's body list. All egos together also
fill the apron's `World.ego_body`, so that whatever looks out for the ego of a single env looks out for all of them.
"""

from airside_sim.columns import LANES_PER_VEHICLE, LOCKS_PER_VEHICLE, Body, Ego, Episode, Route, Vehicle
from airside_sim.jit import njit
from airside_sim.kernels.fleet_roster import Presence, ego_world, first_body
from airside_sim.kernels.junctions import is_long, release_junction
from airside_sim.kernels.path_scan import BESIDE_M


@njit
def _lay_on_lanes(row, episode, route, b):
    """Front lane and lanes behind it from where the train lies on its route; no lane while it is beside them."""
    row[Vehicle.LANE] = -1.0
    for k in range(LANES_PER_VEHICLE - 1):
        row[Vehicle.PREV_LANE0 + k] = -1.0
    if abs(episode[Episode.LATERAL]) > BESIDE_M:
        return
    front_m = min(max(episode[Episode.S_FRONT], 0.0), episode[Episode.ROUTE_POINTS] - 1.0)
    n = int(front_m)
    lane = int(route[n, Route.LANE])
    row[Vehicle.LANE] = lane
    row[Vehicle.S] = min(route[n, Route.LANE_S] + front_m - n, b.lane_len[lane])
    rear_m = front_m - row[Vehicle.LENGTH]
    k = 0
    while n > 0 and n > rear_m and k < LANES_PER_VEHICLE - 1:
        n -= 1
        if int(route[n, Route.LANE]) != lane:
            lane = int(route[n, Route.LANE])
            row[Vehicle.PREV_LANE0 + k] = lane
            k += 1


@njit
def reset_puppet(row):
    """An absent puppet that holds nothing. row: (Vehicle,)."""
    row[:] = 0.0
    row[Vehicle.LANE] = -1.0
    row[Vehicle.DEST] = -1.0
    row[Vehicle.NEXT_DEST] = -1.0
    row[Vehicle.LEADER] = -1.0
    row[Vehicle.CLAIM] = -1.0
    for k in range(LOCKS_PER_VEHICLE):
        row[Vehicle.HELD0 + k] = -1.0


@njit
def put_puppet(apron, r, i, b):
    """Bring ego i's vehicle row and bodies on the apron to its present pose."""
    w = ego_world(apron, r, i)
    row = apron.vehicle[0, r.vehicle0 + i]
    first = first_body(r, i)
    tug = w.ego_body[0, 0]
    row[Vehicle.ACTIVE] = 1.0
    row[Vehicle.CLASS] = w.ego[0, Ego.VEHICLE]
    row[Vehicle.TRAILERS] = w.ego[0, Ego.TRAILERS]
    row[Vehicle.IS_LONG] = 1.0 if is_long(tug[Body.FRONT] + tug[Body.REAR], 2.0 * tug[Body.HALF_WIDTH]) else 0.0
    row[Vehicle.LENGTH] = w.ego[0, Ego.TRAIN_LENGTH]
    row[Vehicle.SPEED] = w.ego[0, Ego.SPEED]
    row[Vehicle.ACCEL] = w.ego[0, Ego.ACCEL]
    row[Vehicle.BODY] = first
    _lay_on_lanes(row, w.episode[0], w.route[0], b)
    for k in range(r.each):
        for c in range(apron.body.shape[2]):
            apron.body[0, first + k, c] = w.ego_body[0, k, c]
        apron.body[0, first + k, Body.OWNER] = first


@njit
def remove_puppet(apron, r, i):
    """Take ego i's vehicle off the apron: its locks go back, and nobody remembers having seen it."""
    row = apron.vehicle[0, r.vehicle0 + i]
    for slot in range(LOCKS_PER_VEHICLE):
        release_junction(row, apron.junction[0], slot)
    reset_puppet(row)
    first = first_body(r, i)
    for n in range(first, first + r.each):
        apron.body[0, n, Body.CLASS] = -1.0
        for other in range(r.world.shape[0]):
            w = ego_world(apron, r, other)
            w.seen[0, :, n] = 0
            w.halt[0, n] = 0.0
    r.presence[i] = Presence.OUT.value


@njit
def gather_egos(apron, r):
    """Write the bodies of all present egos into the apron's `ego_body`, without gaps."""
    everyone = apron.ego_body[0]
    n = 0
    for i in range(r.world.shape[0]):
        if r.presence[i] == Presence.OUT:
            continue
        own = ego_world(apron, r, i).ego_body[0]
        first = n
        for k in range(r.each):
            if own[k, Body.CLASS] < 0.0:
                break
            for c in range(everyone.shape[1]):
                everyone[n, c] = own[k, c]
            everyone[n, Body.OWNER] = first
            n += 1
    while n < everyone.shape[0] and everyone[n, Body.CLASS] >= 0.0:
        everyone[n, Body.CLASS] = -1.0
        n += 1
