"""Safety cost of one tick: soft rates here, hard events by `kernels.events`. Every term is a column of `World.info`."""

from airside_sim.columns import Ego, Measured
from airside_sim.constants import DT_S
from airside_sim.info import Info
from airside_sim.jit import njit


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
    """Columns cost/proximity, cost/speed and cost/hazard_zone of this tick."""
    speed = w.ego[e, Ego.SPEED]
    excess = speed_excess(speed, w.measured[e, Measured.LIMIT], p.cost_speed_tolerance_mps)
    w.info[e, Info.COST_PROXIMITY] = proximity_rate(proximity_sum(e, w, p), speed, p) * DT_S
    w.info[e, Info.COST_SPEED] = p.cost_speed * excess * DT_S
    w.info[e, Info.COST_HAZARD_ZONE] = p.cost_hazard_zone * w.measured[e, Measured.IN_HAZARD] * DT_S


@njit
def sum_costs(e, w):
    """cost_hard, cost_soft and cost from the cost/* columns."""
    hard = 0.0
    for column in range(int(Info.COST_COLLISION_AIRCRAFT), int(Info.COST_OFF_ROUTE) + 1):
        hard += w.info[e, column]
    hard += w.info[e, Info.COST_CRITERION]
    soft = 0.0
    for column in range(int(Info.COST_PROXIMITY), int(Info.COST_HAZARD_ZONE) + 1):
        soft += w.info[e, column]
    w.info[e, Info.COST_HARD] = hard
    w.info[e, Info.COST_SOFT] = soft
    w.info[e, Info.COST] = hard + soft
    w.cost[e] = hard + soft
