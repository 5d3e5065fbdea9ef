"""`score`: how the tick ends (success, failure, time), what it costs and what it earns.

Exactly one reason ends an episode. Failures beat success, and the gravest failure beats the others, so each costs
1.0 hard once, on its tick. Truncation is the clock's alone and never coincides with termination.
"""

from airside_sim.columns import Body, Ego, Episode, Measured, RouteFeature
from airside_sim.constants import EventKind, FeatureKind, TerminationReason
from airside_sim.episode_setup import FAILURE0, SUCCESS0, Criterion
from airside_sim.info import Info
from airside_sim.jit import njit
from airside_sim.kernels.blocked import is_blocked
from airside_sim.kernels.cost import sum_costs, write_soft_costs
from airside_sim.kernels.criteria import judge, shown_value
from airside_sim.kernels.referee import record
from airside_sim.kernels.reward import is_success, sum_rewards, write_rewards

STOPPED_MPS = 0.1


@njit
def _book_crossings(e, w, p):
    """Violations of this tick: crossing_violation, or True for a runway entered without a grant."""
    incursion = False
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        if w.feature[e, f, RouteFeature.VIOLATED] != 1.0:
            continue
        w.feature[e, f, RouteFeature.VIOLATED] = 2.0
        if w.feature[e, f, RouteFeature.KIND] == FeatureKind.RUNWAY_CROSSING:
            incursion = True
        else:
            w.info[e, Info.COST_CROSSING_VIOLATION] += p.cost_hard
            record(e, w, int(EventKind.CROSSING_VIOLATION), 0.0, f, p.cost_hard)
    return incursion


@njit
def _enters_strip(e, w):
    """True when a body touches a runway strip's edge with no runway clearance, off the route or past a known line.

    A road that the map leads through a strip without a crossing (a perimeter road) does not count on its own.
    """
    if w.measured[e, Measured.ON_STRIP_EDGE] == 0.0:
        return False
    s_front = w.episode[e, Episode.S_FRONT]
    s_tail = s_front - w.ego[e, Ego.TRAIN_LENGTH]
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        if w.feature[e, f, RouteFeature.KIND] != FeatureKind.RUNWAY_CROSSING:
            continue
        near = (
            s_front > w.feature[e, f, RouteFeature.S_STOP] - 5.0 and s_tail < w.feature[e, f, RouteFeature.S_OUT] + 5.0
        )
        if near:
            return w.feature[e, f, RouteFeature.ENTERED] == 0.0
    return abs(w.episode[e, Episode.LATERAL]) > 4.0


@njit
def _collision(e, w):
    """Gravest contact as a TerminationReason, and the body touched (-1: none or a structure)."""
    if w.measured[e, Measured.HIT_AIRCRAFT] >= 0.0:
        return int(TerminationReason.COLLISION_AIRCRAFT), int(w.measured[e, Measured.HIT_AIRCRAFT])
    if w.measured[e, Measured.HIT_PERSON] >= 0.0:
        return int(TerminationReason.COLLISION_PERSONNEL), int(w.measured[e, Measured.HIT_PERSON])
    if w.measured[e, Measured.HIT_VEHICLE] >= 0.0:
        return int(TerminationReason.COLLISION_VEHICLE), int(w.measured[e, Measured.HIT_VEHICLE])
    if w.measured[e, Measured.HIT_STRUCTURE] > 0.0:
        return int(TerminationReason.COLLISION_STRUCTURE), -1
    return int(TerminationReason.NONE), -1


@njit
def is_at_fault(e, w, p, other):
    """The ego moved, and emergency braking from first sight would have brought it to rest before this point.

    `World.halt` holds, per body, the odometer at which the ego would have rested had it braked hard (after 0.3 s) on
    first seeing it within 90 m. Background actors never hit a standing ego, so resting earlier prevents the contact.
    A moving actor that drove into an ego which did not move towards it is at fault itself. other = -1: a structure.
    """
    if w.ego[e, Ego.SPEED] <= p.ep_moving_mps:
        return False
    if other < 0:
        return True
    halt_m = w.halt[e, other]
    if halt_m == 0.0 or halt_m >= w.ego[e, Ego.ODOMETER]:
        return False
    dx = w.body[e, other, Body.X] - w.ego[e, Ego.X]
    dy = w.body[e, other, Body.Y] - w.ego[e, Ego.Y]
    vx = w.body[e, other, Body.VX]
    vy = w.body[e, other, Body.VY]
    ego_towards = dx * w.ego_body[e, 0, Body.VX] + dy * w.ego_body[e, 0, Body.VY]
    other_towards = -(dx * vx + dy * vy)
    moves = vx * vx + vy * vy > p.ep_moving_mps * p.ep_moving_mps
    return not (moves and other_towards > 0.0 and ego_towards <= 0.0)


@njit
def _has_arrived(e, w, p):
    """Front bumper within 2 m of the route's end, 1.5 m aside, and at rest when the goal is a stand.

    Where a criterion asks how precisely it stops, it must stand still.
    """
    if abs(w.episode[e, Episode.S_FRONT] - w.episode[e, Episode.ROUTE_LENGTH]) > p.ep_goal_distance_m:
        return False
    if abs(w.episode[e, Episode.LATERAL]) > p.ep_goal_lateral_m:
        return False
    if w.setup[e, SUCCESS0 + Criterion.STOP_WITHIN_M] >= 0.0:
        return w.ego[e, Ego.SPEED] <= STOPPED_MPS
    return w.episode[e, Episode.GOAL_AT_STAND] == 0.0 or w.ego[e, Ego.SPEED] <= p.ep_goal_speed_mps


@njit
def _is_stalled(e, w, b, p):
    """Counts ticks without a metre of progress where nothing blocks; waiting for others pauses the count."""
    if w.episode[e, Episode.S_MAX] >= w.episode[e, Episode.STALL_MARK] + p.ep_stall_progress_m:
        w.episode[e, Episode.STALL_MARK] = w.episode[e, Episode.S_MAX]
        w.episode[e, Episode.STALL_TICKS] = 0.0
        w.episode[e, Episode.BLOCKED] = 0.0
        return False
    w.episode[e, Episode.BLOCKED] = 1.0 if w.ego[e, Ego.SPEED] < 1.0 and is_blocked(e, w, b) else 0.0
    if w.episode[e, Episode.BLOCKED] == 0.0:
        w.episode[e, Episode.STALL_TICKS] += 1.0
    return w.episode[e, Episode.STALL_TICKS] * 0.1 >= p.ep_stall_s


@njit
def _decide(e, w, b, p, incursion):
    """TerminationReason of this tick and the body touched, failures first."""
    stalled = _is_stalled(e, w, b, p)
    reason, other = _collision(e, w)
    if reason != TerminationReason.NONE:
        return reason, other
    if incursion or _enters_strip(e, w):
        return int(TerminationReason.RUNWAY_INCURSION), -1
    if w.measured[e, Measured.OFF_PAVEMENT] > 0.0:
        return int(TerminationReason.OFF_PAVEMENT), -1
    if abs(w.episode[e, Episode.LATERAL]) > p.ep_off_route_m:
        return int(TerminationReason.OFF_ROUTE), -1
    if _has_arrived(e, w, p):
        return int(TerminationReason.COMPLETED), -1
    if stalled:
        return int(TerminationReason.NO_PROGRESS), -1
    limit = w.episode[e, Episode.MAX_TICKS]
    if limit > 0.0 and w.episode[e, Episode.TICK] >= limit:
        return int(TerminationReason.TIMEOUT), -1
    return int(TerminationReason.NONE), -1


@njit
def _hard_column(reason):
    """Column of the hard cost that a failure books; -1 for no failure."""
    if reason == TerminationReason.COLLISION_AIRCRAFT:
        return int(Info.COST_COLLISION_AIRCRAFT)
    if reason == TerminationReason.COLLISION_VEHICLE:
        return int(Info.COST_COLLISION_VEHICLE)
    if reason == TerminationReason.COLLISION_PERSONNEL:
        return int(Info.COST_COLLISION_PERSONNEL)
    if reason == TerminationReason.COLLISION_STRUCTURE:
        return int(Info.COST_COLLISION_STRUCTURE)
    if reason == TerminationReason.RUNWAY_INCURSION:
        return int(Info.COST_RUNWAY_INCURSION)
    if reason == TerminationReason.OFF_PAVEMENT:
        return int(Info.COST_OFF_PAVEMENT)
    if reason == TerminationReason.OFF_ROUTE or reason == TerminationReason.NO_PROGRESS:
        return int(Info.COST_OFF_ROUTE)
    if reason == TerminationReason.CRITERION_FAILED:
        return int(Info.COST_CRITERION)
    return -1


@njit
def _write_measures(e, w):
    """Info columns that only report."""
    length_m = w.episode[e, Episode.ROUTE_LENGTH] - w.episode[e, Episode.ROUTE_START]
    done_m = w.episode[e, Episode.S_MAX] - w.episode[e, Episode.ROUTE_START]
    w.info[e, Info.ROUTE_COMPLETION] = min(1.0, max(0.0, done_m / max(1e-6, length_m)))
    w.info[e, Info.MIN_DIST_AIRCRAFT_M] = w.measured[e, Measured.DIST_AIRCRAFT]
    w.info[e, Info.MIN_DIST_PERSONNEL_M] = w.measured[e, Measured.DIST_PERSON]
    w.info[e, Info.SPEED_MPS] = w.ego[e, Ego.SPEED]


@njit
def _end(e, w, p, reason, other):
    """Flags, success, fault and the referee's record of the reason that ends the episode."""
    w.info[e, Info.TERMINATION_REASON] = reason
    if reason == TerminationReason.NONE:
        return
    w.episode[e, Episode.DONE] = 1.0
    if reason == TerminationReason.TIMEOUT:
        w.truncated[e] = 1
    else:
        w.terminated[e] = 1
    if reason == TerminationReason.COMPLETED:
        w.info[e, Info.ROUTE_COMPLETION] = 1.0
        w.info[e, Info.IS_SUCCESS] = 1.0 if is_success(e, w) else 0.0
    touched = int(TerminationReason.COLLISION_AIRCRAFT) <= reason <= int(TerminationReason.COLLISION_STRUCTURE)
    if touched and is_at_fault(e, w, p, other):
        w.info[e, Info.AT_FAULT] = 1.0
    if reason == TerminationReason.CRITERION_FAILED:
        value = shown_value(e, w, FAILURE0, other)
        record(e, w, int(EventKind.CRITERION_FAILED), value, other, w.info[e, Info.COST_HARD])
    else:
        record(e, w, reason, w.episode[e, Episode.S_FRONT], other, w.info[e, Info.COST_HARD])


@njit
def score(e, w, b, vt, p):
    """Fill `World.info`, reward, cost, terminated and truncated of env e for this tick."""
    was_in_hazard = w.info[e, Info.COST_HAZARD_ZONE] > 0.0
    w.info[e] = 0.0
    w.terminated[e] = 0
    w.truncated[e] = 0
    incursion = _book_crossings(e, w, p)
    reason, other = _decide(e, w, b, p, incursion)
    write_soft_costs(e, w, p)
    reason, other = judge(e, w, p, reason, other)
    column = _hard_column(reason)
    if column >= 0:
        w.info[e, column] = p.cost_hard
    sum_costs(e, w)
    w.episode[e, Episode.HARD_COST] += w.info[e, Info.COST_HARD]
    write_rewards(e, w, p, reason)
    sum_rewards(e, w)
    _write_measures(e, w)
    if w.info[e, Info.COST_HAZARD_ZONE] > 0.0 and not was_in_hazard:
        record(e, w, int(EventKind.HAZARD_ENTERED), 0.0, -1, w.info[e, Info.COST_HAZARD_ZONE])
    _end(e, w, p, reason, other)
