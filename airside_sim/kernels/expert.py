"""The scripted driver: route, zones, leaders, clearances, people and pushbacks, from the simulator's own state.

One kernel serves every style: a `Style` row says how fast, how close and what is ignored. It is privileged (it reads
the world, not the observation) and causal (it uses no future).
"""

import math

from airside_sim.columns import Ego, Episode, Route, Sky
from airside_sim.jit import njit
from airside_sim.kernels.dynamics import zone_limit
from airside_sim.kernels.expert_bodies import gap_to_bodies, slow_beside_people
from airside_sim.kernels.expert_rules import (
    stop_for_emergency,
    stop_for_engines,
    stop_for_features,
    stop_for_hazards,
    stop_for_junction,
    yield_before_bend,
)
from airside_sim.kernels.expert_style import stopping_speed, turn_at
from airside_sim.kernels.expert_swing import steer_from, stop_for_swing

STOPPED = 0.0
SWAP_SHARE = 0.8
GRIP_SHARE = 0.7  # of the grip, for cornering


@njit
def _limits_ahead(e, ego, episode, route, style, brake, top_mps, horizon_m, friction):
    """Speed allowed by zone limits, curvature and the goal over the horizon."""
    lateral_mps2 = min(style.lateral_accel_mps2, GRIP_SHARE * friction * 9.81)  # on ice the tractor would not turn in
    n_points = int(episode[e, Episode.ROUTE_POINTS])
    s_front = episode[e, Episode.S_FRONT]
    s_rear = episode[e, Episode.S_REAR]
    allowed = top_mps
    first = max(0, int(s_rear))
    last = min(n_points - 3, int(s_front + horizon_m))
    for n in range(first, last, 1):
        ahead_m = max(0.0, n - s_front)
        curvature = 0.0
        if n >= 2:
            curvature = abs(turn_at(route, e, n - 2, n + 2)) / 4.0
        if 6 <= n < n_points - 6:  # from left to right the wheels need their time too
            curvature = max(
                curvature, SWAP_SHARE * abs(turn_at(route, e, n, n + 4) - turn_at(route, e, n - 4, n)) / 4.0
            )
        here = top_mps
        if n >= int(s_front) - 1:
            here = min(here, route[e, n, Route.LIMIT] * style.speed_factor)
        if curvature > 1e-3:
            here = min(here, math.sqrt(lateral_mps2 / curvature))
        allowed = min(allowed, math.sqrt(here * here + 2.0 * brake * max(0.0, ahead_m - 0.5)))
    # the tail must have left a slow zone before speeding up: limits behind the front count for the tractor only
    goal_m = episode[e, Episode.ROUTE_LENGTH] - s_front
    allowed = min(allowed, stopping_speed(goal_m - 0.2, 0.6 * brake) + 0.25)
    if goal_m < 0.3:
        allowed = STOPPED
    return allowed


@njit
def drive(e, w, b, vt, at, style, speed_scale, out):
    """Continuous action of env e into out[e] = (steering, velocity), as the contract defines them."""
    vehicle = int(w.ego[e, Ego.VEHICLE])
    trailers = w.ego[e, Ego.TRAILERS]
    speed = w.ego[e, Ego.SPEED]
    train_m = w.ego[e, Ego.TRAIN_LENGTH]
    half_width_m = 0.5 * vt.width_m[vehicle]
    grip = w.sky[e, Sky.FRICTION] * 9.81 * vt.mass_kg[vehicle] / (vt.mass_kg[vehicle] + w.ego[e, Ego.LADEN])
    brake = min(style.comfort_brake_mps2, 0.55 * grip)
    horizon_m = min(style.horizon_m, 12.0 + speed * 1.0 + speed * speed / (2.0 * brake))
    top_mps = min(vt.max_speed_mps[vehicle], w.sky[e, Sky.SPEED_CAP])

    target = _limits_ahead(e, w.ego, w.episode, w.route, style, brake, top_mps, horizon_m, w.sky[e, Sky.FRICTION])
    target = min(target, stop_for_features(e, w, b, style, brake, train_m))
    target = min(target, stop_for_junction(e, w, b, style, brake))
    target = min(target, gap_to_bodies(e, w, at, style, brake, horizon_m, half_width_m))
    target = min(target, slow_beside_people(e, w, style, brake, horizon_m, half_width_m))
    target = min(target, yield_before_bend(e, w, style, brake))
    target = min(target, stop_for_swing(e, w, vt, style, brake))
    target = min(target, stop_for_emergency(e, w, b, style))
    target = min(target, stop_for_engines(e, w, at, style, brake, horizon_m))
    target = min(target, stop_for_hazards(e, w, style, brake, horizon_m, half_width_m))

    scale = speed_scale * min(zone_limit(e, w), top_mps)
    level = min(1.0, max(0.0, target / max(0.1, scale)))
    if level < 0.021:
        # a full stop is asked for: above 1 m/s that would be emergency braking, wanted only when nothing else suffices
        level = 0.0 if speed <= 1.0 or (target < 0.05 and speed > 2.5 * brake) else 0.021
    wheels_rad = steer_from(
        e, w, vt, w.ego[e, Ego.X], w.ego[e, Ego.Y], w.ego[e, Ego.HEADING], w.episode[e, Episode.S_REAR], speed,
        0.8 * trailers,
    )  # fmt: skip
    out[e, 0] = wheels_rad / vt.max_steer_rad[vehicle]
    out[e, 1] = level
