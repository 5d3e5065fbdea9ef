"""Safety cost of one tick: soft rates and broken rules here, hard events by `kernels.events`.

Every term is a column of `World.info`. A rule (`World.rule`) also has its term of the reward.
"""

from airside_sim.columns import Ego, Measured, RuleState
from airside_sim.constants import DT_S, EventKind, Rule
from airside_sim.info import Info
from airside_sim.jit import njit
from airside_sim.kernels.referee import record

SAME_BREACH_S = 5.0  # a breach within this of the last is the same one


@njit
def speed_excess(speed_mps, limit_mps, tolerance_mps):
    """Excess fraction: min(1, max(0, v - limit - tolerance) / limit)."""
    return min(1.0, max(0.0, speed_mps - limit_mps - tolerance_mps) / max(0.1, limit_mps))


@njit
def nearness(distance_m, reach_m):
    """1 - d / d0 inside the reach, 0 beyond it."""
    return max(0.0, 1.0 - distance_m / reach_m)


@njit
def aircraft_distance_counted(e, w, p):
    """Distance that counts: at up to 5 km/h the aircraft of the origin and destination stands are exempt."""
    if w.ego[e, Ego.SPEED] <= p.cost_exempt_speed_mps:
        return w.measured[e, Measured.DIST_AIRCRAFT_STRICT]
    return w.measured[e, Measured.DIST_AIRCRAFT]


@njit
def proximity_sum(e, w, p):
    """Nearness to aircraft (5 m) plus nearness to people (3 m), 0..2."""
    aircraft = nearness(aircraft_distance_counted(e, w, p), p.cost_aircraft_distance_m)
    return aircraft + nearness(w.measured[e, Measured.DIST_PERSON], p.cost_person_distance_m)


@njit
def proximity_rate(near, speed_mps, p):
    """Cost per second: coefficient * nearness * min(cap, (v / v0)^2), 0 below 0.3 m/s."""
    if speed_mps < p.cost_proximity_min_mps:
        return 0.0
    ratio = speed_mps / p.cost_proximity_speed_mps
    return p.cost_proximity * near * min(p.cost_proximity_cap, ratio * ratio)


@njit
def write_soft_costs(e, w, p):
    """Columns cost/proximity and cost/hazard_zone of this tick, and those of the rules with their rewards."""
    w.info[e, Info.COST_PROXIMITY] = proximity_rate(proximity_sum(e, w, p), w.ego[e, Ego.SPEED], p) * DT_S
    charge_rules(e, w, p)
    w.info[e, Info.COST_HAZARD_ZONE] = p.cost_hazard_zone * w.measured[e, Measured.IN_HAZARD] * DT_S


@njit
def _begins(row):
    """A breach begins on this tick; row (RuleState,) of `World.rule`, whose cooling goes on."""
    if row[RuleState.BROKEN] == 0.0:
        if row[RuleState.COOLING] > 0.0:
            row[RuleState.COOLING] = max(0.0, row[RuleState.COOLING] - DT_S)
        return False
    begins = row[RuleState.COOLING] == 0.0
    row[RuleState.COOLING] = SAME_BREACH_S
    return begins


@njit
def _charge(e, w, rule, kind, is_once, cost_column, cost, reward_column, reward):
    """Book one rule's cost and reward: `is_once` the whole amount at its begin, else per second while it lasts.

    The begin of a breach is written into the referee's log with the cost of its tick.
    """
    row = w.rule[e, rule]
    begins = _begins(row)
    amount = row[RuleState.BROKEN] * DT_S
    if is_once:
        amount = row[RuleState.BROKEN] if begins else 0.0
    w.info[e, cost_column] = cost * amount
    w.info[e, reward_column] = reward * amount
    if begins and (cost != 0.0 or reward != 0.0):
        record(e, w, kind, row[RuleState.DISTANCE], int(row[RuleState.OTHER]), cost * amount)


@njit
def _charge_speed(e, w, p):
    """The zone's speed limit: paid for any excess, written down for one that the ego does nothing about."""
    row = w.rule[e, Rule.SPEED]
    limit = w.measured[e, Measured.LIMIT]
    amount = speed_excess(w.ego[e, Ego.SPEED], limit, p.cost_speed_tolerance_mps) * DT_S
    w.info[e, Info.COST_SPEED] = p.cost_speed * amount
    w.info[e, Info.REWARD_SPEED] = p.reward_speed * amount
    if _begins(row) and (p.cost_speed != 0.0 or p.reward_speed != 0.0):
        record(e, w, int(EventKind.SPEEDING), 0.0, -1, p.cost_speed * amount)


@njit
def charge_rules(e, w, p):
    """Columns cost/* and reward/* of the rules of the apron, from `World.rule`."""
    _charge(
        e, w, int(Rule.EMERGENCY_VEHICLE), int(EventKind.EMERGENCY_VEHICLE_HINDERED), False,
        int(Info.COST_EMERGENCY_VEHICLE), p.cost_emergency_vehicle,
        int(Info.REWARD_EMERGENCY_VEHICLE), p.reward_emergency_vehicle,
    )  # fmt: skip
    _charge(
        e, w, int(Rule.AIRCRAFT_PRIORITY), int(EventKind.AIRCRAFT_HINDERED), True,
        int(Info.COST_AIRCRAFT_PRIORITY), p.cost_aircraft_priority,
        int(Info.REWARD_AIRCRAFT_PRIORITY), p.reward_aircraft_priority,
    )  # fmt: skip
    _charge(
        e, w, int(Rule.PUSHBACK), int(EventKind.PUSHBACK_HINDERED), True,
        int(Info.COST_PUSHBACK), p.cost_pushback, int(Info.REWARD_PUSHBACK), p.reward_pushback,
    )  # fmt: skip
    _charge(
        e, w, int(Rule.PEDESTRIAN_PRIORITY), int(EventKind.PERSON_HINDERED), True,
        int(Info.COST_PEDESTRIAN_PRIORITY), p.cost_pedestrian_priority,
        int(Info.REWARD_PEDESTRIAN_PRIORITY), p.reward_pedestrian_priority,
    )  # fmt: skip
    _charge(
        e, w, int(Rule.GIVE_WAY), int(EventKind.RIGHT_OF_WAY_TAKEN), True,
        int(Info.COST_GIVE_WAY), p.cost_give_way, int(Info.REWARD_GIVE_WAY), p.reward_give_way,
    )  # fmt: skip
    _charge(
        e, w, int(Rule.STOP_LINE), int(EventKind.STOP_LINE_RUN), True,
        int(Info.COST_STOP_LINE), p.cost_stop_line, int(Info.REWARD_STOP_LINE), p.reward_stop_line,
    )  # fmt: skip
    _charge(
        e, w, int(Rule.BLOCKING_CROSSING), int(EventKind.CROSSING_BLOCKED), False,
        int(Info.COST_BLOCKING_CROSSING), p.cost_blocking_crossing,
        int(Info.REWARD_BLOCKING_CROSSING), p.reward_blocking_crossing,
    )  # fmt: skip
    _charge(
        e, w, int(Rule.BEHIND_ENGINES), int(EventKind.PASSED_BEHIND_ENGINES), False,
        int(Info.COST_BEHIND_ENGINES), p.cost_behind_engines,
        int(Info.REWARD_BEHIND_ENGINES), p.reward_behind_engines,
    )  # fmt: skip
    _charge(
        e, w, int(Rule.LOW_VISIBILITY), int(EventKind.LOW_VISIBILITY_SPEED), False,
        int(Info.COST_LOW_VISIBILITY), p.cost_low_visibility,
        int(Info.REWARD_LOW_VISIBILITY), p.reward_low_visibility,
    )  # fmt: skip
    _charge(
        e, w, int(Rule.WRONG_SIDE), int(EventKind.WRONG_SIDE_TAKEN), False,
        int(Info.COST_WRONG_SIDE), p.cost_wrong_side, int(Info.REWARD_WRONG_SIDE), p.reward_wrong_side,
    )  # fmt: skip
    _charge_speed(e, w, p)


@njit
def sum_costs(e, w):
    """cost_hard, cost_soft and cost from the cost/* columns."""
    hard = 0.0
    for column in range(int(Info.COST_COLLISION_AIRCRAFT), int(Info.COST_OFF_ROUTE) + 1):
        hard += w.info[e, column]
    hard += w.info[e, Info.COST_CRITERION]
    soft = 0.0
    for column in range(int(Info.COST_PROXIMITY), int(Info.COST_WRONG_SIDE) + 1):
        soft += w.info[e, column]
    w.info[e, Info.COST_HARD] = hard
    w.info[e, Info.COST_SOFT] = soft
    w.info[e, Info.COST] = hard + soft
    w.cost[e] = hard + soft
