"""Injected event: a person comes out from behind a body beside the road and crosses it before the ego."""

import math

from airside_sim.columns import Body, Ego, Episode, Person, Route, RouteFeature
from airside_sim.constants import EventKind
from airside_sim.episode_setup import Injection
from airside_sim.jit import njit
from airside_sim.kernels.clearance import is_crossing
from airside_sim.kernels.people_look import box_distance2
from airside_sim.kernels.people_spawn import CROSSER, kerb_m, write_person
from airside_sim.kernels.referee import record
from airside_sim.kernels.sensing import body_hides, building_hides
from airside_sim.kernels.weather_change import extend_time

HIDE_STEP_M = 2
HIDE_REACH_M = 30
HIDE_OUT_M = 1.0  # places lie so far apart, from the kerb outwards
HIDE_PLACES = 5
ROAD_M = 13.0  # wider paved places are no road
YIELD_S = 30.0  # the contract's allowance for a yield event


@njit
def step_out(e, w, b, q, setup):
    """Somebody who is not about steps out of the first hiding place at least VALUE m ahead. -> found both."""
    p = _spare_person(e, w, q)
    if p < 0:
        return False
    start = int(w.episode[e, Episode.S_FRONT] + setup[Injection.VALUE])
    last = min(start + HIDE_REACH_M, int(w.episode[e, Episode.ROUTE_LENGTH]) - 4)
    for n in range(start, last, HIDE_STEP_M):
        if _is_on_crossing(e, w, n):
            continue  # nobody walks on a taxiway
        for side in (-1.0, 1.0):  # the near kerb first where one drives on the right
            if _step_out_at(e, w, b, q, setup, p, n, side):
                return True
    return False


@njit
def _step_out_at(e, w, b, q, setup, p, n, side):
    """Person p crosses at route point n from its right (-1) or left (+1), if a body hides him there. -> bool."""
    m = int(w.episode[e, Episode.MAP])
    row = w.person[e, p]
    x = w.route[e, n, Route.X]
    y = w.route[e, n, Route.Y]
    h = w.route[e, n, Route.HEADING]
    ux = -side * math.sin(h)
    uy = side * math.cos(h)
    here = kerb_m(b, m, x, y, ux, uy)
    there = kerb_m(b, m, x, y, -ux, -uy)
    if here < 0.0 or there < 0.0 or here + there > ROAD_M:
        return False
    for k in range(HIDE_PLACES):
        out = here + HIDE_OUT_M * k
        if not _is_hidden(e, w, b, m, int(row[Person.BODY]), x + ux * out, y + uy * out, x, y):
            continue
        _send(row, x + ux * out, y + uy * out, x - ux * there, y - uy * there, setup[Injection.SPEED_MPS])
        write_person(row, w.body[e], q.person_radius_m)
        extend_time(e, w, YIELD_S)
        record(e, w, int(EventKind.PERSON_STEPPED_OUT), n - w.episode[e, Episode.S_FRONT], p, 0.0)
        return True
    return False


@njit
def _send(row, x, y, to_x, to_y, speed_mps):
    """Fill a person's row: under way from (x, y) across a road."""
    row[Person.ACTIVE] = 1.0
    row[Person.X] = row[Person.SCRATCH0] = x
    row[Person.Y] = row[Person.SCRATCH1] = y
    row[Person.TARGET_X] = to_x
    row[Person.TARGET_Y] = to_y
    row[Person.HEADING] = math.atan2(to_y - y, to_x - x)
    row[Person.PREFERRED] = row[Person.SPEED] = speed_mps
    row[Person.MODE] = CROSSER
    row[Person.DIRECTION] = 1.0  # already on his way
    row[Person.CROSSING] = -1.0
    row[Person.STAND] = -1.0
    row[Person.WAIT] = 0.0
    row[Person.STOP_TIME] = 0.0


@njit
def _is_on_crossing(e, w, s):
    """Route arc length s lies in a taxiway or runway crossing."""
    for f in range(int(w.episode[e, Episode.NUM_FEATURES])):
        row = w.feature[e, f]
        if is_crossing(int(row[RouteFeature.KIND])) and row[RouteFeature.S_STOP] < s < row[RouteFeature.S_OUT]:
            return True
    return False


@njit
def _is_hidden(e, w, b, m, n, x, y, road_x, road_y):
    """A body, but no building, stands between the ego and (x, y), and nobody stands there."""
    if not body_hides(w.body[e], n, w.ego[e, Ego.X], w.ego[e, Ego.Y], x, y):
        return False
    if building_hides(b, m, road_x, road_y, x, y):
        return False
    for k in range(w.body.shape[1]):
        if w.body[e, k, Body.CLASS] >= 0.0 and k != n and box_distance2(w.body[e, k], x, y) < 0.5:
            return False
    return True


@njit
def _spare_person(e, w, q):
    """A person who is not about, or the farthest one out of view; -1 when there is none."""
    far2 = q.view_m * q.view_m
    found = -1
    for p in range(w.person.shape[1]):
        row = w.person[e, p]
        if row[Person.ACTIVE] == 0.0:
            return p
        d2 = (row[Person.X] - w.ego[e, Ego.X]) ** 2 + (row[Person.Y] - w.ego[e, Ego.Y]) ** 2
        if d2 > far2:
            far2 = d2
            found = p
    return found
