"""A scenario's own criteria: what this drive has come to so far, and which limit it has broken.

`World.setup` holds two rows of limits (`episode_setup.Criterion`): one whose breach ends the episode at once, one that
is looked at on arrival. Distances count while the ego moves: who walks up to a standing ego is none of its doing.
"""

from airside_sim.columns import Ego, Episode, Measured
from airside_sim.constants import DT_S, EventKind, TerminationReason
from airside_sim.episode_setup import FAILURE0, SUCCESS0, Criterion, Setup
from airside_sim.info import Info
from airside_sim.jit import njit
from airside_sim.kernels.cost import aircraft_distance_counted, sum_costs
from airside_sim.kernels.referee import record

FAR_M = 100.0
SLACK = 1e-9
MAX_EVENT_KINDS = 53  # bits that a float64 holds exactly
NUM_CRITERIA = len(Criterion)


@njit
def reset_criteria(e, w):
    """Nothing has come near yet."""
    w.episode[e, Episode.NEAR_AIRCRAFT] = FAR_M
    w.episode[e, Episode.NEAR_PERSON] = FAR_M


@njit
def judge(e, w, p, reason, other):
    """Follow the drive and apply the criteria to this tick's TerminationReason. -> (reason, other).

    A breach beats arrival and the clock; `other` is then the Criterion. Soft costs of the tick are written already.
    """
    if w.setup[e, Setup.HAS_CRITERIA] == 0.0:
        return reason, other
    sum_costs(e, w)
    _follow(e, w, p)
    if reason == TerminationReason.NONE or reason == TerminationReason.COMPLETED or reason == TerminationReason.TIMEOUT:
        for k in range(NUM_CRITERIA):
            if is_broken(e, w, FAILURE0, k):
                return int(TerminationReason.CRITERION_FAILED), k
    if reason == TerminationReason.COMPLETED:
        for k in range(NUM_CRITERIA):
            if is_broken(e, w, SUCCESS0, k):
                w.episode[e, Episode.MISSED] += 1.0
                record(e, w, EventKind.CRITERION_MISSED.value, shown_value(e, w, SUCCESS0, k), k, 0.0)
    return reason, other


@njit
def _follow(e, w, p):
    """Add this tick to what the criteria look at."""
    row = w.episode[e]
    row[Episode.SOFT_COST] += w.info[e, Info.COST_SOFT]
    row[Episode.TOP_SPEED] = max(row[Episode.TOP_SPEED], w.ego[e, Ego.SPEED])
    if w.ego[e, Ego.SPEED] > p.ep_moving_mps:
        row[Episode.NEAR_AIRCRAFT] = min(row[Episode.NEAR_AIRCRAFT], aircraft_distance_counted(e, w, p))
        row[Episode.NEAR_PERSON] = min(row[Episode.NEAR_PERSON], w.measured[e, Measured.DIST_PERSON])


@njit
def measured_value(e, w, k):
    """What criterion k measures of the drive so far."""
    row = w.episode[e]
    if k == Criterion.MAX_TIME_S:
        return row[Episode.TICK] * DT_S
    if k == Criterion.MAX_COST:
        return row[Episode.HARD_COST] + w.info[e, Info.COST_HARD] + row[Episode.SOFT_COST]
    if k == Criterion.MAX_SOFT_COST:
        return row[Episode.SOFT_COST]
    if k == Criterion.MAX_SPEED_MPS:
        return row[Episode.TOP_SPEED]
    if k == Criterion.KEEP_CLEAR_OF_AIRCRAFT_M:
        return row[Episode.NEAR_AIRCRAFT]
    if k == Criterion.KEEP_CLEAR_OF_PEOPLE_M:
        return row[Episode.NEAR_PERSON]
    return abs(row[Episode.S_FRONT] - row[Episode.ROUTE_LENGTH])


@njit
def _forbidden_events(e, w, c0):
    """Bit mask of the events that must not happen and have."""
    return int(w.setup[e, c0 + Criterion.EVENTS]) & int(w.episode[e, Episode.EVENTS])


@njit
def is_broken(e, w, c0, k):
    """Criterion k of the row of limits from setup column c0 on is not kept."""
    if k == Criterion.EVENTS:
        return _forbidden_events(e, w, c0) != 0
    limit = w.setup[e, c0 + k]
    if limit < 0.0:
        return False
    value = measured_value(e, w, k)
    if k == Criterion.KEEP_CLEAR_OF_AIRCRAFT_M or k == Criterion.KEEP_CLEAR_OF_PEOPLE_M:
        return value < limit - SLACK
    return value > limit + SLACK


@njit
def shown_value(e, w, c0, k):
    """What the referee writes beside criterion k: its measured value; of EVENTS the first kind that happened."""
    if k != Criterion.EVENTS:
        return measured_value(e, w, k)
    mask = _forbidden_events(e, w, c0)
    for kind in range(MAX_EVENT_KINDS):
        if mask & (1 << kind):
            return float(kind)
    return -1.0
