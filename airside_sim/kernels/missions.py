"""Where background vehicles go: destinations near the ego, a stop at a stand's or depot's loop, and on to the next."""

from airside_sim import rng
from airside_sim.columns import Vehicle
from airside_sim.constants import FeatureKind, LaneKind, StopReason, VehicleRole
from airside_sim.jit import njit

DRAWS = 12
MIXED_CLASSES = 20  # entries of the lottery below
PATH_LANES = 200  # of a path that are looked at
PASSING = -1.0  # DWELL of a destination that is only passed


@njit
def draw_class(words, e):
    """-> (VehicleClass, dollies). Half of the movers are baggage tractors, as on a real apron."""
    k = rng.randint(words, e, MIXED_CLASSES)
    if k < 9:
        return 0, rng.randint(words, e, 4)
    if k < 11:
        return 5, 0  # belt loader
    if k < 13:
        return 7, 0  # catering
    if k < 14:
        return 6, 0  # hydrant dispenser
    if k < 15:
        return 2, 0  # bowser
    if k < 16:
        return 1, 0  # bus
    if k < 17:
        return 11, 0  # stairs
    if k < 18:
        return 10, 0  # lavatory
    if k < 19:
        return 3, 0  # follow-me
    return 8, 0  # towbar tug


@njit
def _crosses_runway(b, at, k, lane):
    """The way from the start of `lane` to destination k (local) meets a runway: background vehicles never get one."""
    for _ in range(PATH_LANES):
        for f in range(b.feat0[lane], b.feat0[lane + 1]):
            if b.feat_kind[f] == FeatureKind.RUNWAY_CROSSING:
                return True
        lane = b.next_lane[at.next_off + k * at.num_lanes + lane - at.lane0]
        if lane < 0:
            return False
    return True


@njit
def draw_destination(words, e, b, at, lane, x, y, range_m, reserved):
    """A destination reachable from `lane` without a runway, not on it, near (x, y) if the draws find one; else -1.

    Nobody is sent to lane `reserved`: the ego's goal, which dispatch keeps free for it.
    """
    fallback = -1
    for _ in range(DRAWS):
        if at.num_dests == 0:
            break
        k = rng.randint(words, e, at.num_dests)
        dest = at.dest0 + k
        to = int(b.dest_lane[dest])
        if to < 0 or to == lane or to == reserved:
            continue
        if b.next_lane[at.next_off + k * at.num_lanes + lane - at.lane0] < 0 or _crosses_runway(b, at, k, lane):
            continue
        i = b.lane_pt0[to] + int(b.dest_s[dest] / b.lane_ds[to])
        fallback = dest
        if (b.pt_x[i] - x) ** 2 + (b.pt_y[i] - y) ** 2 < range_m * range_m:
            return dest
    return fallback


@njit
def may_dwell(row, b, at):
    """Dwelling is for service loops, and only where no zone lies over the stop."""
    dest = int(row[Vehicle.DEST])
    if dest < 0 or row[Vehicle.ROLE] != VehicleRole.DRIVER:
        return False
    lane = b.dest_lane[dest]
    s = b.dest_s[dest]
    if b.lane_kind[lane] != LaneKind.STAND_ACCESS or b.lane_junction[lane] >= 0 or s < row[Vehicle.LENGTH]:
        return False
    for f in range(b.feat0[lane], b.feat0[lane + 1]):
        if b.feat_s_in[f] < s + 1.0 and b.feat_s_out[f] > s - row[Vehicle.LENGTH] - 1.0:
            return False
    return True


@njit
def take_next_destination(words, e, row, b, at, x, y, range_m, reserved):
    """DEST <- NEXT_DEST and draw the one after; a path that does not continue from the present lane is redrawn."""
    lane = int(row[Vehicle.LANE])
    dest = int(row[Vehicle.NEXT_DEST])
    if dest >= 0:
        local = at.next_off + (dest - at.dest0) * at.num_lanes + lane - at.lane0
        ahead = b.dest_lane[dest] == lane and b.dest_s[dest] > row[Vehicle.S] + 15.0
        if b.next_lane[local] < 0 and not ahead:
            dest = -1
    if dest < 0:
        dest = draw_destination(words, e, b, at, lane, x, y, range_m, reserved)
    row[Vehicle.DEST] = dest
    row[Vehicle.NEXT_DEST] = -1.0
    if dest >= 0:
        row[Vehicle.NEXT_DEST] = draw_destination(words, e, b, at, int(b.dest_lane[dest]), x, y, range_m, reserved)
    row[Vehicle.DWELL] = 0.0 if may_dwell(row, b, at) else PASSING


@njit
def stop_for_service(words, e, row, b, at, low_s, high_s):
    """Start the dwell once the vehicle stands at its stop. -> distance to that stop (1e9 when it only passes)."""
    dest = int(row[Vehicle.DEST])
    if dest < 0 or row[Vehicle.DWELL] == PASSING or b.dest_lane[dest] != int(row[Vehicle.LANE]):
        return 1e9
    left_m = b.dest_s[dest] - row[Vehicle.S]
    if left_m < -3.0:
        row[Vehicle.DWELL] = PASSING
        return 1e9
    if row[Vehicle.DWELL] == 0.0 and left_m < 1.5 and row[Vehicle.SPEED] < 0.3:
        row[Vehicle.DWELL] = rng.uniform_range(words, e, low_s, high_s)
        row[Vehicle.STOP_REASON] = float(StopReason.SERVICE.value)
    return max(left_m, 0.0)


@njit
def has_arrived(row, b, at):
    """The front has passed the destination it does not stop at."""
    dest = int(row[Vehicle.DEST])
    if dest < 0 or row[Vehicle.DWELL] != PASSING:
        return False
    return b.dest_lane[dest] == int(row[Vehicle.LANE]) and row[Vehicle.S] >= b.dest_s[dest]


@njit
def try_other_way(words, e, row, b, at, x, y, range_m, reserved):
    """Waiting for room at a junction: take a destination behind another exit, if the draws find one."""
    lane = int(row[Vehicle.LANE])
    if b.lane_succ0[lane + 1] - b.lane_succ0[lane] < 2 or int(row[Vehicle.DEST]) < 0:
        return
    column = lane - at.lane0
    now = b.next_lane[at.next_off + (int(row[Vehicle.DEST]) - at.dest0) * at.num_lanes + column]
    for _ in range(4):
        dest = draw_destination(words, e, b, at, lane, x, y, range_m, reserved)
        if dest < 0:
            return
        if b.next_lane[at.next_off + (dest - at.dest0) * at.num_lanes + column] != now:
            row[Vehicle.NEXT_DEST] = dest
            take_next_destination(words, e, row, b, at, x, y, range_m, reserved)
            return
