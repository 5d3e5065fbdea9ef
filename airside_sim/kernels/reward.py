"""Reward of one tick, one column of `World.info` per term; `World.reward` is exactly their sum.

The terms of the rules of the apron (speed and wrong side among them) are written with their cost: `kernels.cost`.
"""

import math

from airside_sim.columns import Ego, Episode, Measured, RouteFeature
from airside_sim.constants import DT_S, ClearanceState, EventKind, TerminationReason
from airside_sim.info import Info
from airside_sim.jit import njit
from airside_sim.kernels.clearance import is_crossing
from airside_sim.kernels.cost import proximity_sum
from airside_sim.kernels.referee import record

WAYPOINT_M = 10.0


@njit
def _credit_progress(e, w, p):
    """Progress and waypoint terms: new maximum arc length; off the route it is lost, not saved up."""
    before = w.episode[e, Episode.S_MAX]
    now = min(w.episode[e, Episode.S_FRONT], w.episode[e, Episode.ROUTE_LENGTH])
    gained = max(0.0, now - before)
    w.episode[e, Episode.S_MAX] = before + gained
    done = math.floor(max(0.0, before + gained - w.episode[e, Episode.ROUTE_START]) / WAYPOINT_M)
    passed = max(0.0, done - w.episode[e, Episode.WAYPOINTS_PAID])
    w.episode[e, Episode.WAYPOINTS_PAID] += passed
    if abs(w.episode[e, Episode.LATERAL]) > p.reward_max_credit_offset_m:
        return
    w.info[e, Info.REWARD_PROGRESS] = p.reward_progress * gained
    w.info[e, Info.REWARD_WAYPOINT] = p.reward_waypoint * passed


@njit
def _in_restricted(e, w):
    """True on closed ground, or on a crossing without a grant; a granted crossing is no restricted area."""
    s_front = w.episode[e, Episode.S_FRONT]
    s_tail = s_front - w.ego[e, Ego.TRAIN_LENGTH]
    on_granted = False
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        if not is_crossing(int(w.feature[e, f, RouteFeature.KIND])):
            continue
        inside = s_front > w.feature[e, f, RouteFeature.S_STOP] and s_tail < w.feature[e, f, RouteFeature.S_OUT]
        if inside and w.feature[e, f, RouteFeature.VIOLATED] > 0.0:
            return True
        if inside and w.feature[e, f, RouteFeature.STATE] == ClearanceState.GRANTED:
            on_granted = True
    return w.measured[e, Measured.IN_RESTRICTED] > 0.0 and not on_granted


@njit
def _pay_yields(e, w, p):
    """Pay each conflict that has cleared on this tick (CONFLICT 3 -> 2)."""
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        if w.feature[e, f, RouteFeature.CONFLICT] == 3.0:
            w.feature[e, f, RouteFeature.CONFLICT] = 2.0
            w.info[e, Info.REWARD_YIELD] += p.reward_yield
            to_line_m = w.feature[e, f, RouteFeature.S_STOP] - w.episode[e, Episode.S_FRONT]
            record(e, w, int(EventKind.YIELDED), to_line_m, f, 0.0)


@njit
def is_success(e, w):
    """An ego that has arrived did so without hard cost and by the scenario's own criteria."""
    return w.episode[e, Episode.HARD_COST] == 0.0 and w.episode[e, Episode.MISSED] == 0.0


@njit
def write_rewards(e, w, p, reason):
    """The other reward/* columns; `reason` is the tick's TerminationReason (failures and the goal are paid here)."""
    speed = w.ego[e, Ego.SPEED]
    _credit_progress(e, w, p)
    w.info[e, Info.REWARD_TIME] = p.reward_time
    across = speed * math.sin(w.episode[e, Episode.HEADING_ERROR])
    w.info[e, Info.REWARD_DRIFT] = p.reward_drift * abs(across) * DT_S
    w.info[e, Info.REWARD_PROXIMITY] = p.reward_proximity * proximity_sum(e, w, p) * DT_S
    if _in_restricted(e, w):
        w.info[e, Info.REWARD_RESTRICTED] = p.reward_restricted * DT_S
    w.info[e, Info.REWARD_STEER] = p.reward_steer * abs(w.ego[e, Ego.STEER_DELTA])
    jerk = abs(w.ego[e, Ego.ACCEL] - w.ego[e, Ego.PREV_ACCEL]) / DT_S
    w.info[e, Info.REWARD_JERK] = p.reward_jerk * min(jerk, p.reward_jerk_limit_mps3) * DT_S
    _pay_yields(e, w, p)
    if reason == TerminationReason.COMPLETED:
        if is_success(e, w):
            w.info[e, Info.REWARD_GOAL] = p.reward_goal
    elif reason != TerminationReason.NONE and reason != TerminationReason.TIMEOUT:
        w.info[e, Info.REWARD_COLLISION] = p.reward_collision


@njit
def sum_rewards(e, w):
    """`World.reward` from the reward/* columns."""
    total = 0.0
    for column in range(int(Info.REWARD_PROGRESS), int(Info.REWARD_LOW_VISIBILITY) + 1):
        total += w.info[e, column]
    w.reward[e] = total
