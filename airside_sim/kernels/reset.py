"""Starting an episode in place: one env's rows are cleared, a route drawn, the ego placed, the apron populated."""

import math

from airside_sim import rng
from airside_sim.columns import Body, Ego, Episode, Sky
from airside_sim.episode_setup import Setup
from airside_sim.jit import njit
from airside_sim.kernels.aircraft import reset_aircraft, start_pushback_in_progress
from airside_sim.kernels.collision import measure
from airside_sim.kernels.criteria import reset_criteria
from airside_sim.kernels.draw_setup import draw_setup
from airside_sim.kernels.dynamics import reset_ego
from airside_sim.kernels.inject import reset_injections
from airside_sim.kernels.route_layout import count_yields, free_flow_time_s, lay_route
from airside_sim.kernels.route_progress import update_progress
from airside_sim.kernels.sensing import sense_actors
from airside_sim.kernels.traffic import reset_traffic
from airside_sim.kernels.train import place_ego, train_length
from airside_sim.kernels.weather import reset_sky
from airside_sim.kernels.weather_change import reset_conditions

TAIL_MARGIN_M = 2.0
ROUTE_TRIES = 12
APPROACH_MPS = 3.3  # mean pace of the ego from rest to a stand's road, junctions included
MID_ZONE_M = 22.0  # from the line before a stand's zone to where the aircraft comes out
FREE_WAIT_TICKS = 1800.0  # waiting for aircraft that does not count against a time limit set by the route


@njit
def clear(e, w):
    """Zero the rows of env e; its generator word and its episode counter stay."""
    index = w.episode[e, Episode.EPISODE_INDEX]
    seed = w.episode[e, Episode.SEED]
    w.ego[e] = 0.0
    w.trailer[e] = 0.0
    w.ego_body[e] = 0.0
    w.ego_body[e, :, Body.CLASS] = -1.0
    w.episode[e] = 0.0
    w.episode[e, Episode.EPISODE_INDEX] = index
    w.episode[e, Episode.SEED] = seed
    w.feature[e] = 0.0
    w.vehicle[e] = 0.0
    w.aircraft[e] = 0.0
    w.person[e] = 0.0
    w.prop[e] = 0.0
    w.body[e] = 0.0
    w.body[e, :, Body.CLASS] = -1.0
    w.seen[e] = 0
    w.history_head[e] = 0
    w.history_count[e] = 0
    w.junction[e] = 0
    w.crossing[e] = 0.0
    w.stand[e] = 0.0
    w.walk_crossing[e] = 0.0
    w.taxi_edge[e] = 0
    w.hazard[e] = 0.0
    w.info[e] = 0.0
    w.reward[e] = 0.0
    w.cost[e] = 0.0
    w.terminated[e] = 0
    w.truncated[e] = 0
    w.turn[e] = 0.0
    w.event_queue[e] = 0.0
    w.queue_count[e] = 0


@njit
def _draw_route(e, w, b, rt, fixed_map, tail_m):
    """Draw a map (unless `fixed_map` >= 0) and a route of the table and lay it; the last try stands whatever it gives.

    -> route index.
    """
    k = 0
    scenario = int(w.episode[e, Episode.SCENARIO])
    map0 = rt.maps0[scenario]
    for _ in range(ROUTE_TRIES):
        m = fixed_map
        if fixed_map < 0:
            m = rt.maps[map0 + rng.randint(w.rng, e, rt.maps0[scenario + 1] - map0)]
        first = rt.map_route0[scenario, m]
        k = first + rng.randint(w.rng, e, rt.map_route0[scenario, m + 1] - first)
        w.episode[e, Episode.MAP] = m
        if lay_route(e, w.episode, w.route, w.feature, b, m, rt.lane[k], rt.s[k], rt.dest[k], tail_m):
            break
    w.episode[e, Episode.GOAL_LANE] = b.dest_lane[rt.dest[k]]
    w.episode[e, Episode.GOAL_STAND] = b.dest_stand[rt.dest[k]]
    w.episode[e, Episode.GOAL_AT_STAND] = 1.0 if b.dest_stand[rt.dest[k]] >= 0 else 0.0
    w.episode[e, Episode.START_STAND] = _stand_near(b, int(w.episode[e, Episode.MAP]), w.route[e], w.episode[e])
    return k


@njit
def _stand_near(b, m, route, episode):
    """Stand whose service stop lies within 15 m of the spawn, else -1 (its aircraft is exempt from proximity cost)."""
    n = int(episode[Episode.ROUTE_START])
    best = -1
    nearest_m = 15.0
    for d in range(b.map_dest0[m], b.map_dest0[m + 1]):
        if b.dest_stand[d] < 0 or b.dest_lane[d] < 0:
            continue
        lane = b.dest_lane[d]
        i = b.lane_pt0[lane] + int(b.dest_s[d] / b.lane_ds[lane])
        far_m = math.hypot(b.pt_x[i] - route[n, 0], b.pt_y[i] - route[n, 1])
        if far_m < nearest_m:
            nearest_m = far_m
            best = b.dest_stand[d]
    return best


@njit
def _episode_ticks(e, w, vt, is_pushed):
    """Time limit in ticks: the contract's rule, or the scenario's own number (0 = none)."""
    if w.setup[e, Setup.MAX_STEPS] >= 0.0:
        return w.setup[e, Setup.MAX_STEPS]
    top_mps = min(vt.max_speed_mps[int(w.ego[e, Ego.VEHICLE])], w.sky[e, Sky.SPEED_CAP])  # low visibility: 15 km/h
    drive_s = 1.5 * free_flow_time_s(e, w.episode, w.route, top_mps)
    yield_s = 30.0 * count_yields(e, w.episode, w.feature, is_pushed)
    return 10.0 * math.ceil(15.0 + drive_s + yield_s)


@njit
def force_pushback(e, w, b, at, q, rt, k):
    """Put an aircraft in the act of being pushed across the route; the road stays closed until the ego is there.

    -> bool: an aircraft is pushed.
    """
    stand = rt.zone_stand[k]
    su = w.setup[e]
    if su[Setup.PUSHBACK] == 0.0 or stand < 0 or rt.zone_m[k] > su[Setup.PUSHBACK_WITHIN_M]:
        return False
    if su[Setup.PUSHBACK] < 1.0 and rng.uniform(w.rng, e) >= su[Setup.PUSHBACK]:
        return False
    arrival_s = 3.0 + (rt.zone_m[k] + MID_ZONE_M) / APPROACH_MPS
    low_s = min(max(su[Setup.PUSHBACK_CLEAR_LOW_S], arrival_s + 6.0), su[Setup.PUSHBACK_CLEAR_HIGH_S])
    high_s = min(max(low_s, arrival_s + 20.0), su[Setup.PUSHBACK_CLEAR_HIGH_S])
    clear_s = rng.uniform_range(w.rng, e, low_s, high_s)
    return start_pushback_in_progress(e, w, b, at, q, stand, clear_s)


@njit
def draw_ego(e, w, b, vt, p, rt, fixed_map):
    """Draw the ego's train and route and put it at the route's start, at rest. -> route index."""
    vehicle = int(w.setup[e, Setup.EGO_VEHICLE])
    spread = int(w.setup[e, Setup.TRAILERS_HIGH] - w.setup[e, Setup.TRAILERS_LOW]) + 1
    trailers = int(w.setup[e, Setup.TRAILERS_LOW]) + rng.randint(w.rng, e, spread)
    laden = rng.uniform(w.rng, e) < w.setup[e, Setup.LADEN_PROBABILITY]
    tail_m = train_length(vt, vehicle, trailers) + TAIL_MARGIN_M
    k = _draw_route(e, w, b, rt, fixed_map, tail_m)
    w.episode[e, Episode.DENSITY] = w.setup[e, Setup.DENSITY]
    reset_ego(e, w, vt, p, vehicle, trailers, laden)
    place_ego(e, w, vt, p)
    update_progress(e, w, vt, p)
    return k


@njit
def begin_episode(e, w, vt, is_pushed):
    """The ego has been placed and has looked round: its time limit is set, its counters start."""
    w.episode[e, Episode.MAX_TICKS] = _episode_ticks(e, w, vt, is_pushed)
    w.episode[e, Episode.WAITS_FREE] = FREE_WAIT_TICKS if w.setup[e, Setup.MAX_STEPS] < 0.0 else 0.0
    w.info[e] = 0.0
    w.episode[e, Episode.EPISODE_INDEX] += 1.0


@njit
def reset_env(e, w, b, vt, at, p, q, su, rt):
    """Begin a new episode in env e from its generator word."""
    clear(e, w)
    draw_setup(e, w, su)
    reset_injections(e, w)
    reset_sky(e, w.sky, w.rng, w.setup[e])
    reset_conditions(e, w)
    reset_criteria(e, w)
    k = draw_ego(e, w, b, vt, p, rt, -1)
    reset_aircraft(e, w, b, at, q)
    is_pushed = force_pushback(e, w, b, at, q, rt, k)
    reset_traffic(e, w, b, vt, at, q)
    sense_actors(e, w, b, at, q)
    measure(e, w, b, vt, at, p)
    begin_episode(e, w, vt, is_pushed)
