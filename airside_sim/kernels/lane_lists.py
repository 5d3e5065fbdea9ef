"""Which vehicle lies on which lane, and how many stand in each zone: linked lists rebuilt every tick, and counters.

The lists thread through `World.lane_head` (one per lane) and `lane_next` (node = vehicle * LANES_PER_VEHICLE + k).
"""

from airside_sim.columns import LANES_PER_VEHICLE, Crossing, Stand, Vehicle
from airside_sim.constants import FeatureKind
from airside_sim.jit import njit
from airside_sim.kernels.lane_rail import node_lane, node_span


@njit
def list_lanes(e, w, b, at):
    """Enter every active vehicle into the lists of the lanes it covers."""
    vehicle = w.vehicle[e]
    for v in range(vehicle.shape[0]):
        if vehicle[v, Vehicle.ACTIVE] == 0.0:
            continue
        for k in range(LANES_PER_VEHICLE):
            lane = node_lane(vehicle[v], k)
            if lane < 0:
                break
            if k > 0:
                low, high = node_span(vehicle[v], b, k)
                if low > high:
                    break
            node = v * LANES_PER_VEHICLE + k
            w.lane_next[e, node] = w.lane_head[e, lane - at.lane0]
            w.lane_head[e, lane - at.lane0] = node


@njit
def unlist_lanes(e, w, at):
    """Empty the lists again (before any vehicle has moved)."""
    vehicle = w.vehicle[e]
    for v in range(vehicle.shape[0]):
        if vehicle[v, Vehicle.ACTIVE] == 0.0:
            continue
        for k in range(LANES_PER_VEHICLE):
            lane = node_lane(vehicle[v], k)
            if lane < 0:
                break
            w.lane_head[e, lane - at.lane0] = -1


@njit
def _count_zones(e, w, b, at, row):
    """Count the vehicle in every zone that any part of it covers, or whose line its front has passed."""
    row[Vehicle.FEATURE_STOP] = 0.0
    for k in range(LANES_PER_VEHICLE):
        lane = node_lane(row, k)
        if lane < 0:
            break
        low, high = node_span(row, b, k)
        if low > high:
            break
        for f in range(b.feat0[lane], b.feat0[lane + 1]):
            begin = b.feat_s_in[f]
            if b.feat_s_stop[f] >= 0.0 and k == 0:
                begin = min(begin, b.feat_s_stop[f] + 0.3)
            if begin > high or b.feat_s_out[f] < low:
                continue
            kind = b.feat_kind[f]
            gid = b.feat_id[f]
            if kind == FeatureKind.STAND_ZONE:
                w.stand[e, gid - at.stand0, Stand.OCCUPANTS] += 1.0
                if w.stand[e, gid - at.stand0, Stand.CLOSED] == 1.0:
                    row[Vehicle.FEATURE_STOP] = 1.0
            elif kind == FeatureKind.WALK_CROSSING:
                w.walk_crossing[e, gid - at.walk0, 2] += 1.0
            else:
                w.crossing[e, gid - at.crossing0, Crossing.OCCUPANTS] += 1.0


@njit
def count_occupants(e, w, b, at):
    """Write OCCUPANTS of crossings and stands and the vehicles on each walk crossing."""
    w.crossing[e, :, Crossing.OCCUPANTS] = 0.0
    w.stand[e, :, Stand.OCCUPANTS] = 0.0
    w.walk_crossing[e, :, 2] = 0.0
    vehicle = w.vehicle[e]
    for v in range(vehicle.shape[0]):
        if vehicle[v, Vehicle.ACTIVE] == 1.0:
            _count_zones(e, w, b, at, vehicle[v])
