"""Ego motion: action -> steering and acceleration -> an exact arc of the kinematic bicycle (reference: rear axle).

yaw' = v tan(steer) / wheelbase (Rajamani 2012, ch. 2). Over one tick steering and acceleration are constant, so the
path is a circular arc of length (v0 + v1) / 2 dt and is integrated in closed form. The ego does not reverse.
"""

import math

import numpy as np

from airside_sim.columns import Body, Ego, Episode, Measured, Route, Sky
from airside_sim.constants import DT_S, ROUTE_STEP_M, VehicleClass
from airside_sim.geometry import wrap_angle
from airside_sim.jit import njit
from airside_sim.kernels.train import train_length, update_train
from airside_sim.vehicles import DOLLY_LADEN_KG

# Discrete(30): level < 0 brakes (-1 is emergency braking, else that fraction of the service brake), level > 0 is that
# fraction of full drive, 0 coasts; steer is a fraction of the lock. Order: the contract's groups, 0 then +, - pairs.
_SIGNED = [
    [0.0, 0.1, -0.1, 0.2, -0.2, 0.3, -0.3, 0.5, -0.5],
    [0.0, 0.1, -0.1, 0.2, -0.2, 0.4, -0.4, 0.7, -0.7],
    [0.0, 0.2, -0.2, 0.4, -0.4, 0.7, -0.7, 1.0, -1.0],
]
DISCRETE_STEER = np.array([0.0, 0.0, 0.0, *_SIGNED[0], *_SIGNED[1], *_SIGNED[2]])  # (30,)
DISCRETE_LEVEL = np.array([-1.0, -0.6, -0.3] + [0.7] * 9 + [0.3] * 9 + [0.0] * 9)  # (30,)


@njit
def reset_ego(e, w, vt, p, vehicle, trailers, laden):
    """Clear the ego's rows and set its class, its train (number of dollies, laden or not) and the referee's memory."""
    w.ego[e] = 0.0
    w.trailer[e] = 0.0
    w.ego_body[e] = 0.0
    w.ego_body[e, :, Body.CLASS] = -1.0
    w.halt[e] = 0.0
    w.measured[e] = 0.0
    w.rule[e] = 0.0
    w.event[e] = 0.0
    w.event_count[e] = 0
    w.ego[e, Ego.VEHICLE] = vehicle
    w.ego[e, Ego.TRAILERS] = trailers
    w.ego[e, Ego.TRAIN_LENGTH] = train_length(vt, vehicle, trailers)
    each_kg = vt.mass_kg[int(VehicleClass.DOLLY)]
    if laden:
        each_kg = DOLLY_LADEN_KG
    w.ego[e, Ego.LADEN] = trailers * each_kg
    w.ego[e, Ego.ODOMETER] = 1.0


@njit
def grip_decel(friction, gravity_mps2, tractor_kg, train_kg):
    """Largest acceleration of the train that the tractor's tyres can pass on: dollies are unbraked (notes 2.2)."""
    return friction * gravity_mps2 * tractor_kg / (tractor_kg + train_kg)


@njit
def speed_command(error_mps, integral, accel_mps2, target_mps, p):
    """PID layer: acceleration demand (m/s^2) from the speed error; a stop is finished, not approached for ever."""
    demand = p.dyn_speed_kp_per_s * error_mps + integral - p.dyn_speed_kd * accel_mps2
    if target_mps <= 0.0:
        demand = min(demand, -0.5)
    return demand


@njit
def _accel_demand(e, w, p, target_mps, speed):
    """PID output for a continuous action; keeps the integral in `Ego.PID_INTEGRAL` (m/s^2)."""
    error = target_mps - speed
    limit = p.dyn_integral_limit_mps2
    integral = w.ego[e, Ego.PID_INTEGRAL] + p.dyn_speed_ki_per_s2 * error * DT_S
    integral = min(limit, max(-limit, integral))
    if target_mps <= 0.0 or abs(error) > p.dyn_integral_band_mps:
        integral = 0.0  # a large change is the proportional part's business: no wind-up, no overshoot
    w.ego[e, Ego.PID_INTEGRAL] = integral
    return speed_command(error, integral, w.ego[e, Ego.ACCEL], target_mps, p)


@njit
def zone_limit(e, w):
    """Speed limit in force at the front bumper, m/s: the route's, or the 5 km/h circle measured on the last tick."""
    n = int(w.episode[e, Episode.S_FRONT] / ROUTE_STEP_M)
    n = min(max(n, 0), int(w.episode[e, Episode.ROUTE_POINTS]) - 1)
    limit = w.route[e, n, Route.LIMIT]
    circle = w.measured[e, Measured.LIMIT]
    if circle > 0.0:
        limit = min(limit, circle)
    return limit


@njit
def _longitudinal(e, w, vt, p, vehicle, action_speed, level):
    """Acceleration over this tick, m/s^2, from the velocity action (continuous) or the level (discrete)."""
    speed = w.ego[e, Ego.SPEED]
    grip = grip_decel(w.sky[e, Sky.FRICTION], p.dyn_gravity_mps2, vt.mass_kg[vehicle], w.ego[e, Ego.LADEN])
    drive = min(vt.accel_mps2[vehicle], grip)
    brake = min(vt.brake_mps2[vehicle], grip)
    top = vt.max_speed_mps[vehicle]
    if p.discrete > 0.0:
        emergency = level <= -1.0
        demand = level * vt.accel_mps2[vehicle] if level > 0.0 else level * vt.brake_mps2[vehicle]
        if level == 0.0:
            demand = -p.dyn_coast_decel_mps2
        governed = speed_command(top * p.speed_scale - speed, 0.0, w.ego[e, Ego.ACCEL], top, p)
        demand = min(demand, max(governed, -vt.brake_mps2[vehicle]))  # throttle ends at the top speed
        w.ego[e, Ego.SPEED_CMD] = top * p.speed_scale
    else:
        emergency = action_speed < p.dyn_emergency_below
        target = action_speed * p.speed_scale * min(zone_limit(e, w), top, w.sky[e, Sky.SPEED_CAP])
        if emergency:
            target = 0.0
        w.ego[e, Ego.SPEED_CMD] = target
        demand = _accel_demand(e, w, p, target, speed)
    if emergency and (speed > p.dyn_emergency_above_mps or (w.ego[e, Ego.EMERGENCY] > 0.0 and speed > 0.0)):
        w.ego[e, Ego.EMERGENCY] = 1.0
        w.ego[e, Ego.PID_INTEGRAL] = 0.0
        return -min(vt.emergency_mps2[vehicle], grip)
    w.ego[e, Ego.EMERGENCY] = 0.0
    demand = min(drive, max(-brake, demand))
    before = max(w.ego[e, Ego.ACCEL], -brake)  # released emergency brakes do not linger in the lag
    return before + (demand - before) * (1.0 - math.exp(-DT_S / p.dyn_speed_lag_s))


@njit
def _turn_wheel(e, w, vt, p, vehicle, action_steer):
    """Front-wheel angle after this tick: a command one tick old, chased at the steering rate."""
    lock = vt.max_steer_rad[vehicle]
    wanted = min(1.0, max(-1.0, action_steer)) * lock
    chased = w.ego[e, Ego.STEER_CMD] if p.dyn_steer_delay_ticks > 0.0 else wanted
    w.ego[e, Ego.STEER_CMD] = wanted
    step = p.dyn_steer_rate_radps * DT_S
    before = w.ego[e, Ego.STEER]
    steer = before + min(step, max(-step, chased - before))
    w.ego[e, Ego.STEER] = steer
    w.ego[e, Ego.STEER_DELTA] = steer - before
    return steer


@njit
def arc_step(x, y, heading, distance_m, curvature_pm):
    """Pose after `distance_m` along an arc: exact, also at curvature 0."""
    half = 0.5 * distance_m * curvature_pm
    chord = distance_m
    if abs(half) > 1e-8:
        chord = distance_m * math.sin(half) / half
    return (
        x + chord * math.cos(heading + half),
        y + chord * math.sin(heading + half),
        wrap_angle(heading + 2.0 * half),
    )


@njit
def advance(e, w, vt, p, steer, accel):
    """Move tractor and train by one tick at constant steering and acceleration."""
    vehicle = int(w.ego[e, Ego.VEHICLE])
    before = w.ego[e, Ego.SPEED]
    speed = before + accel * DT_S
    distance = 0.5 * (before + speed) * DT_S
    if speed <= 0.0:
        speed = 0.0
        distance = before * before / (-2.0 * accel) if accel < 0.0 else 0.0
    curvature = math.tan(steer) / vt.wheelbase_m[vehicle]
    fastest = max(before, speed)
    if fastest > 0.0:
        grip = w.sky[e, Sky.FRICTION] * p.dyn_gravity_mps2 / (fastest * fastest)  # yaw rate <= mu g / v
        curvature = min(grip, max(-grip, curvature))
    x, y, heading = arc_step(w.ego[e, Ego.X], w.ego[e, Ego.Y], w.ego[e, Ego.HEADING], distance, curvature)
    update_train(e, w, vt, x, y, heading, distance, curvature)
    w.ego[e, Ego.X] = x
    w.ego[e, Ego.Y] = y
    w.ego[e, Ego.HEADING] = heading
    w.ego[e, Ego.PREV_ACCEL] = w.ego[e, Ego.ACCEL]
    w.ego[e, Ego.ACCEL] = (speed - before) / DT_S
    w.ego[e, Ego.SPEED] = speed
    w.ego[e, Ego.YAW_RATE] = curvature * speed
    # the rear axle does not slide: what an observer calls lateral speed is that of the middle of the wheelbase
    w.ego[e, Ego.LATERAL_SPEED] = 0.5 * vt.wheelbase_m[vehicle] * curvature * speed
    w.ego[e, Ego.ODOMETER] += distance


@njit
def step_ego(e, w, vt, p, action_steer, action_speed):
    """One tick of the ego. Continuous: steering in [-1, 1], velocity in [0, 1]. Discrete: index 0..29 and nothing."""
    vehicle = int(w.ego[e, Ego.VEHICLE])
    level = 0.0
    steer_wish = action_steer
    shown = action_speed
    if p.discrete > 0.0:
        k = min(29, max(0, int(action_steer)))
        steer_wish = DISCRETE_STEER[k]
        level = DISCRETE_LEVEL[k]
        shown = 0.5 * (level + 1.0)  # `PREV_ACTION_SPEED` stays in [0, 1]
    steer = _turn_wheel(e, w, vt, p, vehicle, steer_wish)
    accel = _longitudinal(e, w, vt, p, vehicle, action_speed, level)
    advance(e, w, vt, p, steer, accel)
    w.ego[e, Ego.PREV_ACTION_STEER] = steer_wish
    w.ego[e, Ego.PREV_ACTION_SPEED] = shown
