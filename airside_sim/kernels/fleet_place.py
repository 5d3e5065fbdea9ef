"""Egos come onto a shared apron: a route of their own, at rest, at least SPAWN_GAP_M from everybody who is there."""

import math

from airside_sim import rng
from airside_sim.columns import Body, Ego, Episode, Route, RouteFeature, Stand
from airside_sim.constants import ActorClass, FeatureKind
from airside_sim.episode_setup import Setup
from airside_sim.jit import njit
from airside_sim.kernels.aircraft import reset_aircraft
from airside_sim.kernels.aircraft_schedule import target_movers
from airside_sim.kernels.criteria import reset_criteria
from airside_sim.kernels.draw_setup import draw_setup
from airside_sim.kernels.fleet_puppets import gather_egos, put_puppet, reset_puppet
from airside_sim.kernels.fleet_roster import Presence, ego_world
from airside_sim.kernels.inject import reset_injections
from airside_sim.kernels.reset import clear, draw_ego, force_pushback
from airside_sim.kernels.traffic import reset_traffic
from airside_sim.kernels.weather import reset_sky
from airside_sim.kernels.weather_change import reset_conditions

SPAWN_GAP_M = 8.0
AIRCRAFT_GAP_M = 60.0  # to the outline circle of one that moves or is about to
LOOK_S = 4  # nobody's way through the place within so many seconds
PATH_GAP_M = 1.0
FIRST_TRIES = 200
LATER_TRIES = 24  # a tick; an ego that finds no place tries again on the next
FAR_OFF_M = 1e9


@njit
def clear_ego(w):
    """Zero what belongs to one ego; the traffic that it shares stays. w: world of that ego."""
    index = w.episode[0, Episode.EPISODE_INDEX]
    seed = w.episode[0, Episode.SEED]
    w.episode[0] = 0.0
    w.episode[0, Episode.EPISODE_INDEX] = index
    w.episode[0, Episode.SEED] = seed
    w.feature[0] = 0.0
    w.seen[0] = 0
    w.history_head[0] = 0
    w.history_count[0] = 0
    w.junction[0] = 0
    w.crossing[0] = 0.0
    w.stand[0] = 0.0
    w.hazard[0] = 0.0
    w.info[0] = 0.0
    w.reward[0] = 0.0
    w.cost[0] = 0.0
    w.terminated[0] = 0
    w.truncated[0] = 0


@njit
def _is_in_the_way(own, other):
    """Body rows: the second is too near to an ego body at rest, or soon comes through it."""
    dx = other[Body.X] - own[Body.X]
    dy = other[Body.Y] - own[Body.Y]
    round_m = own[Body.RADIUS] + other[Body.RADIUS]
    gap_m = SPAWN_GAP_M
    if int(other[Body.CLASS]) == ActorClass.AIRCRAFT:
        if other[Body.BEACON] == 0.0:
            return False  # parked: the lanes keep clear of it
        gap_m = AIRCRAFT_GAP_M
    if dx * dx + dy * dy < (round_m + gap_m) ** 2:
        return True
    for s in range(1, LOOK_S + 1):
        if math.hypot(dx + s * other[Body.VX], dy + s * other[Body.VY]) < round_m + PATH_GAP_M:
            return True
    return False


@njit
def _place_is_free(w, apron):
    """No vehicle, person or moving aircraft near the ego's train. Equipment at stands never stands on a lane."""
    body = apron.body[0]
    person0 = body.shape[0] - apron.person.shape[1]
    prop0 = person0 - apron.prop.shape[1]
    for n in range(body.shape[0]):
        if body[n, Body.CLASS] < 0.0 or prop0 <= n < person0:
            continue
        for k in range(w.ego_body.shape[1]):
            if w.ego_body[0, k, Body.CLASS] < 0.0:
                break
            if _is_in_the_way(w.ego_body[0, k], body[n]):
                return False
    return True


@njit
def _zones_are_open(w, apron, b):
    """The train stands on no crossing and in no closed stand zone."""
    m = int(w.episode[0, Episode.MAP])
    front = w.episode[0, Episode.S_FRONT]
    rear = front - w.ego[0, Ego.TRAIN_LENGTH]
    for f in range(int(w.episode[0, Episode.NUM_FEATURES])):
        row = w.feature[0, f]
        if row[RouteFeature.S_IN] > front + 2.0 or row[RouteFeature.S_OUT] < rear:
            continue
        kind = int(row[RouteFeature.KIND])
        if kind == FeatureKind.TAXI_CROSSING or kind == FeatureKind.RUNWAY_CROSSING:
            return False
        local = int(row[RouteFeature.ID]) - b.map_stand0[m]
        if kind == FeatureKind.STAND_ZONE and apron.stand[0, local, Stand.CLOSED] > 0.0:
            return False
    return True


@njit
def place(apron, r, i, b, vt, p, su, rt, tries):
    """Give ego i a train and a route whose start is free, and put it there. -> route index, -1 when none was found."""
    w = ego_world(apron, r, i)
    m = int(apron.episode[0, Episode.MAP])
    for _ in range(tries):
        clear_ego(w)
        draw_setup(0, w, su)
        reset_injections(0, w)
        reset_criteria(0, w)
        k = draw_ego(0, w, b, vt, p, rt, m)
        if _zones_are_open(w, apron, b) and _place_is_free(w, apron):
            r.presence[i] = Presence.FRESH.value
            r.is_pushed[i] = 0
            put_puppet(apron, r, i, b)
            return k
    clear_ego(w)
    w.ego_body[0, :, Body.CLASS] = -1.0
    return -1


@njit
def reset_apron(apron, r, b, vt, at, p, q, su, rt):
    """Begin anew: the apron's own draws, every ego in its place, then the traffic round them all."""
    clear(0, apron)
    draw_setup(0, apron, su)
    reset_sky(0, apron.sky, apron.rng, apron.setup[0])
    reset_conditions(0, apron)
    episode = apron.episode[0]
    episode[Episode.MAP] = rt.maps[rng.randint(apron.rng, 0, rt.maps.shape[0])]
    episode[Episode.DENSITY] = apron.setup[0, Setup.DENSITY]
    episode[Episode.LATERAL] = FAR_OFF_M  # it has no ego of its own, and no route
    episode[Episode.GOAL_STAND] = -1.0
    episode[Episode.START_STAND] = -1.0
    episode[Episode.GOAL_LANE] = -1.0
    apron.route[0, 0, Route.LANE] = -1.0
    apron.ego[0, Ego.X] = FAR_OFF_M
    for i in range(r.world.shape[0]):
        reset_puppet(apron.vehicle[0, r.vehicle0 + i])
        r.presence[i] = Presence.OUT.value
    for i in range(r.world.shape[0]):
        r.turn[i] = place(apron, r, i, b, vt, p, su, rt, FIRST_TRIES)
    gather_egos(apron, r)
    reset_aircraft(0, apron, b, at, q)
    pushes = 0
    for i in range(r.world.shape[0]):
        if r.turn[i] >= 0 and pushes < max(1.0, target_movers(apron, 0, q)):
            r.is_pushed[i] = force_pushback(0, ego_world(apron, r, i), b, at, q, rt, r.turn[i])
            pushes += r.is_pushed[i]
    reset_traffic(0, apron, b, vt, at, q)
