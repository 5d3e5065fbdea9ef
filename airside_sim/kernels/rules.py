"""Which rules of the apron the ego breaks on this tick: `World.rule`, charged by `kernels.cost` and put into words.

What each rule says, what it costs and where it comes from is in `airside_sim.rules`. A rule that can be broken only
where the ego had a choice is judged so: a line counts when the ego could still have stopped at it as it closed.
Rules about one other body are in `kernels.rules_actors`.
"""

from airside_sim.columns import (
    Aircraft,
    Body,
    Ego,
    Episode,
    Measured,
    Person,
    Route,
    RouteFeature,
    RuleState,
    Sky,
    Stand,
)
from airside_sim.constants import DT_S, ROUTE_STEP_M, AircraftPhase, FeatureKind, Rule
from airside_sim.jit import njit
from airside_sim.kernels.blocked import is_blocked
from airside_sim.kernels.clearance import is_crossing
from airside_sim.kernels.cost import speed_excess
from airside_sim.kernels.rules_actors import (
    judge_aircraft,
    judge_emergency,
    judge_engines,
    judge_junction,
    judge_people,
    mark,
    to_body_m,
)
from airside_sim.kernels.walk_crossings import is_wanted

STANDING_MPS = 0.3
LINE_LOOK_M = 60.0
LINE_BRAKE_MPS2 = 1.5  # a closing line counts while so gentle a stop, half a second later, ends before it
LINE_REACTION_S = 0.5
STOP_SHORT_M = 2.0  # who rests within this before a line has stopped at it (CAAS: 1.5 m; half a metre for the eye)
BLOCKS_AFTER_S = 2.0
SLOWING_MPS2 = -0.3
NOTED_EXCESS = 0.02  # of the limit: what the speed loop overshoots by is paid, not written down


@njit
def is_wrong_side(e, w, b, p):
    """True while the tractor's side is over the lane's edge by more than the tolerance, towards an oncoming lane.

    The oncoming lane lies left of the ego's where traffic keeps right, right of it where it keeps left.
    """
    n = min(max(int(w.episode[e, Episode.S_REAR] / ROUTE_STEP_M), 0), int(w.episode[e, Episode.ROUTE_POINTS]) - 1)
    if w.route[e, n, Route.OPPOSITE] == 0.0:
        return False
    towards = w.episode[e, Episode.LATERAL]
    if b.map_left_hand[int(w.episode[e, Episode.MAP])] != 0:
        towards = -towards
    edge_m = towards + w.ego_body[e, 0, Body.HALF_WIDTH]
    return edge_m > w.route[e, n, Route.HALF_WIDTH] + p.ep_wrong_side_m


@njit
def _judge_speed(e, w, p):
    """Zone limits, and the cap of low visibility where it is the lower one; who is slowing down obeys."""
    speed = w.ego[e, Ego.SPEED]
    limit = w.measured[e, Measured.LIMIT]
    if w.ego[e, Ego.ACCEL] < SLOWING_MPS2:
        return
    excess = speed_excess(speed, limit, p.cost_speed_tolerance_mps)
    if excess > NOTED_EXCESS:
        mark(w.rule[e], int(Rule.SPEED), excess, 0.0, -1.0)
    cap = w.sky[e, Sky.SPEED_CAP]
    if w.sky[e, Sky.LVP] > 0.0 and cap < limit:
        excess = speed_excess(min(speed, limit + p.cost_speed_tolerance_mps), cap, p.cost_speed_tolerance_mps)
        mark(w.rule[e], int(Rule.LOW_VISIBILITY), excess, w.sky[e, Sky.VISIBILITY], -1.0)


@njit
def _can_stop(e, w, to_line_m):
    """The ego can stop at a line this far ahead without hurry; on slippery ground it must begin earlier."""
    speed = w.ego[e, Ego.SPEED]
    brake = min(LINE_BRAKE_MPS2, 0.3 * w.sky[e, Sky.FRICTION] * 9.81)
    return speed * LINE_REACTION_S + speed * speed / (2.0 * brake) <= to_line_m


@njit
def _aircraft_of(e, w, stand):
    """Slot of the aircraft that belongs to a global stand, -1 none."""
    for i in range(w.aircraft.shape[1]):
        if w.aircraft[e, i, Aircraft.STAND] == stand:
            return i
    return -1


@njit
def _person_at(e, w, local):
    """Body of the person on, or asking for, a walk crossing who is nearest to the ego; -1 none."""
    best = -1
    nearest_m = 1e9
    for k in range(w.person.shape[1]):
        if w.person[e, k, Person.ACTIVE] == 1.0 and w.person[e, k, Person.CROSSING] == local:
            n = int(w.person[e, k, Person.BODY])
            away_m = to_body_m(w.ego_body[e], w.body[e, n])
            if away_m < nearest_m:
                nearest_m = away_m
                best = n
    return best


@njit
def _vacates_crossing(e, w, slot):
    """The ego's front is on a taxiway crossing, and the aircraft whose stand lies beyond has not moved yet."""
    if slot < 0 or w.aircraft[e, slot, Aircraft.PHASE] != AircraftPhase.BEACON_ON:
        return False
    s_front = w.episode[e, Episode.S_FRONT]
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        row = w.feature[e, f]
        if is_crossing(int(row[RouteFeature.KIND])):
            if row[RouteFeature.S_IN] < s_front + 1.0 and s_front < row[RouteFeature.S_OUT] + 5.0:
                return True
    return False


@njit
def _judge_line(e, w, b, m, f):
    """A walk crossing with people, or a closed stand zone: the front may not enter when it could stop at the line."""
    row = w.feature[e, f]
    ident = int(row[RouteFeature.ID])
    s_front = w.episode[e, Episode.S_FRONT]
    is_walk = int(row[RouteFeature.KIND]) == FeatureKind.WALK_CROSSING
    if is_walk:
        local = ident - b.map_walkx0[m]
        closed = is_wanted(w.walk_crossing[e, local])
    else:
        closed = w.stand[e, ident - b.map_stand0[m], Stand.CLOSED] > 0.0
    if not closed:
        row[RouteFeature.OWED] = 0.0
    elif s_front <= row[RouteFeature.S_STOP]:
        if _can_stop(e, w, row[RouteFeature.S_STOP] - s_front):
            row[RouteFeature.OWED] = 1.0
    elif row[RouteFeature.OWED] == 1.0 and s_front > row[RouteFeature.S_IN] + 0.5:
        row[RouteFeature.OWED] = 0.0
        other = _person_at(e, w, ident - b.map_walkx0[m]) if is_walk else _aircraft_of(e, w, ident)
        away_m = to_body_m(w.ego_body[e], w.body[e, other]) if other >= 0 else 0.0
        if is_walk:
            mark(w.rule[e], int(Rule.PEDESTRIAN_PRIORITY), 1.0, away_m, float(other))
        elif not _vacates_crossing(e, w, other):
            mark(w.rule[e], int(Rule.AIRCRAFT_PRIORITY), 1.0, away_m, float(other))


@njit
def _judge_stop_line(e, w, f):
    """Having come to rest before the line of a taxiway or runway crossing, whatever the clearance says."""
    row = w.feature[e, f]
    to_line_m = row[RouteFeature.S_STOP] - w.episode[e, Episode.S_FRONT]
    if to_line_m >= 0.0:
        if to_line_m <= STOP_SHORT_M and w.ego[e, Ego.SPEED] < STANDING_MPS:
            row[RouteFeature.STOOD] = 1.0
    elif row[RouteFeature.STOOD] == 0.0:
        row[RouteFeature.STOOD] = 1.0
        if w.episode[e, Episode.S_FRONT] < row[RouteFeature.S_OUT] and w.ego[e, Ego.ODOMETER] > 1.0 + STOP_SHORT_M:
            mark(w.rule[e], int(Rule.STOP_LINE), 1.0, -to_line_m, float(f))


@njit
def _judge_features(e, w, b, m):
    """All lines of the route, and standing on a crossing where nothing ahead forces it."""
    s_front = w.episode[e, Episode.S_FRONT]
    s_tail = s_front - w.ego[e, Ego.TRAIN_LENGTH]
    on = -1
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        row = w.feature[e, f]
        if s_tail > row[RouteFeature.S_OUT] or s_front < row[RouteFeature.S_STOP] - LINE_LOOK_M:
            continue
        if is_crossing(int(row[RouteFeature.KIND])):
            _judge_stop_line(e, w, f)
            if s_front > row[RouteFeature.S_IN] + 0.5 and s_tail < row[RouteFeature.S_OUT] - 0.5:
                on = f
        else:
            _judge_line(e, w, b, m, f)
    state = w.rule[e, Rule.BLOCKING_CROSSING]
    if on < 0 or w.ego[e, Ego.SPEED] >= STANDING_MPS:
        state[RuleState.MEMORY] = 0.0
        return
    state[RuleState.MEMORY] += DT_S
    if state[RuleState.MEMORY] > BLOCKS_AFTER_S and not is_blocked(e, w, b):
        left_m = w.feature[e, on, RouteFeature.S_OUT] - s_tail
        mark(w.rule[e], int(Rule.BLOCKING_CROSSING), 1.0, left_m, float(on))


@njit
def update_rules(e, w, b, at, p, q):
    """Write BROKEN, DISTANCE and OTHER of every rule of env e for the present tick."""
    m = int(w.episode[e, Episode.MAP])
    for r in range(w.rule.shape[1]):
        w.rule[e, r, RuleState.BROKEN] = 0.0
    w.rule[e, Rule.STOP_LINE, RuleState.APPLIES] = abs(p.cost_stop_line) + abs(p.reward_stop_line)
    _judge_speed(e, w, p)
    if is_wrong_side(e, w, b, p):
        over_m = abs(w.episode[e, Episode.LATERAL])
        mark(w.rule[e], int(Rule.WRONG_SIDE), 1.0, over_m, -1.0)
    _judge_features(e, w, b, m)
    judge_people(e, w)
    judge_junction(e, w, b, m)
    judge_emergency(e, w, b)
    judge_aircraft(e, w, b, q)
    judge_engines(e, w, at, q)
