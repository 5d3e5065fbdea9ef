"""Every tunable number of ego dynamics, reward, cost and episode: frozen, checked, one default each.

`build_params` flattens the four dataclasses into `EgoParams`, the NamedTuple of floats that kernels receive as `p`.
Coefficients of a term carry the term's name (`reward={"progress": 0.2}` in an environment's keywords); thresholds
carry their unit. A trailing underscore (`yield_`) only avoids a Python keyword: users write `yield`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, TypeVar

from airside_sim.by_reference import by_reference
from airside_sim.resources import did_you_mean


def _check(config: Any, *, allow_negative: tuple[str, ...] = ()) -> None:
    """Every field a finite number, non-negative unless named."""
    for field in fields(config):
        value = getattr(config, field.name)
        where = f"{type(config).__name__}.{field.name}"
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(f"{where}={value!r}: a finite number is needed")
        if value < 0.0 and field.name not in allow_negative:
            raise ValueError(f"{where}={value!r} must not be negative")


def _check_positive(config: Any, *names: str) -> None:
    for name in names:
        if getattr(config, name) <= 0.0:
            raise ValueError(f"{type(config).__name__}.{name}={getattr(config, name)!r} must be above 0")


@dataclass(frozen=True)
class DynamicsConfig:
    """How the ego answers its commands (domain notes 2.1 and 2.2)."""

    steer_rate_radps: float = 0.5  # notes: 0.3-0.6 rad/s
    steer_delay_ticks: float = 1.0  # 0 or 1 ticks of 0.1 s; notes: 0.1-0.3 s
    speed_lag_s: float = 0.3  # first-order lag of drive and service brake; notes: 0.3-0.5 s
    speed_kp_per_s: float = 2.0  # speed loop, proportional
    speed_ki_per_s2: float = 0.4  # integral
    speed_kd: float = 0.5  # derivative, on the measured acceleration: critical damping with the lag above
    integral_limit_mps2: float = 0.5  # anti-windup: the integral's share of the command ...
    integral_band_mps: float = 0.3  # ... which works only this near to the target
    emergency_below: float = 0.02  # velocity actions below this are emergency braking ...
    emergency_above_mps: float = 1.0  # ... while faster than this
    coast_decel_mps2: float = 0.1  # rolling resistance of the discrete "coast" actions
    gravity_mps2: float = 9.81

    def __post_init__(self) -> None:
        """Refuse what the kernels cannot integrate."""
        _check(self)
        _check_positive(self, "steer_rate_radps", "speed_lag_s", "speed_kp_per_s", "gravity_mps2")
        if self.steer_delay_ticks not in (0.0, 1.0):
            raise ValueError(f"DynamicsConfig.steer_delay_ticks={self.steer_delay_ticks!r} must be 0 or 1")


@dataclass(frozen=True)
class RewardConfig:
    """Coefficients of the reward; penalties are given as negative numbers, as they enter the sum."""

    progress: float = 0.1  # per metre of new maximum route arc length
    waypoint: float = 0.2  # per 10 m of it
    goal: float = 10.0  # once, on success
    time: float = -0.01  # per step
    drift: float = -0.05  # per metre moved across the route: |v_perp| dt
    collision: float = -30.0  # once, on any failure
    proximity: float = -1.0  # per s, times (1 - d / d0)
    restricted: float = -2.0  # per s in a restricted area, or on a crossing without a grant
    steer: float = -0.02  # per rad of steering movement
    jerk: float = -0.002  # times min(|j|, 20) dt
    speed: float = -1.0  # per s, times the excess fraction
    wrong_side: float = -0.5  # per s
    yield_: float = 0.5  # once per conflict with an aircraft, when it has cleared
    # rules of the apron broken (`airside_sim.rules`)
    emergency_vehicle: float = -0.5  # per s
    aircraft_priority: float = -2.0  # once per conflict
    pushback: float = -2.0  # once per conflict
    pedestrian_priority: float = -1.0  # once per conflict
    give_way: float = -1.0  # once per conflict
    stop_line: float = 0.0  # once per line; 0: a granted crossing needs no stop
    blocking_crossing: float = -0.5  # per s
    behind_engines: float = -0.5  # per s
    low_visibility: float = -0.5  # per s, times the excess fraction
    max_credit_offset_m: float = 5.0  # no progress credit further off the route
    jerk_limit_mps3: float = 20.0

    def __post_init__(self) -> None:
        """Penalties may not reward, and a failure must cost at least 20."""
        penalties = tuple(name for name in _PENALTIES)
        _check(self, allow_negative=penalties)
        for name in penalties:
            if getattr(self, name) > 0.0:
                raise ValueError(f"RewardConfig.{name}={getattr(self, name)!r} is a penalty and must not be above 0")


_PENALTIES = (
    "time", "drift", "collision", "proximity", "restricted", "steer", "jerk", "speed", "wrong_side",
    "emergency_vehicle", "aircraft_priority", "pushback", "pedestrian_priority", "give_way", "stop_line",
    "blocking_crossing", "behind_engines", "low_visibility",
)  # fmt: skip


@dataclass(frozen=True)
class CostConfig:
    """Coefficients of the safety cost. Soft rates are per second: 50 s of full violation equal one hard event."""

    hard: float = 1.0  # each hard event
    proximity: float = 0.02  # per s, times (1 - d / d0) min(4, (v / v0)^2)
    speed: float = 0.02  # per s, times the excess fraction
    hazard_zone: float = 0.1  # per s
    # rules of the apron broken (`airside_sim.rules`)
    emergency_vehicle: float = 0.02  # per s
    aircraft_priority: float = 0.2  # once per conflict
    pushback: float = 0.2  # once per conflict
    pedestrian_priority: float = 0.1  # once per conflict
    give_way: float = 0.1  # once per conflict
    stop_line: float = 0.0  # once per line; 0: a granted crossing needs no stop
    blocking_crossing: float = 0.02  # per s
    behind_engines: float = 0.02  # per s
    low_visibility: float = 0.02  # per s, times the excess fraction
    wrong_side: float = 0.02  # per s
    aircraft_distance_m: float = 5.0  # d0 of aircraft
    person_distance_m: float = 3.0  # d0 of people
    proximity_speed_mps: float = 2.78  # v0
    proximity_cap: float = 4.0  # largest speed factor
    proximity_min_mps: float = 0.3  # nothing below
    exempt_speed_mps: float = 5.0 / 3.6  # up to this, the aircraft of the origin and destination stands are exempt
    speed_tolerance_mps: float = 0.3

    def __post_init__(self) -> None:
        """Distances and the speed scale divide."""
        _check(self)
        _check_positive(self, "aircraft_distance_m", "person_distance_m", "proximity_speed_mps")


@dataclass(frozen=True)
class EpisodeConfig:
    """Success, termination, clearance and speed-circle thresholds."""

    goal_distance_m: float = 2.0  # front bumper to the route's end
    goal_lateral_m: float = 1.5
    goal_speed_mps: float = 0.5  # at stands
    off_route_m: float = 15.0
    stall_s: float = 30.0  # without progress where nothing blocks
    stall_progress_m: float = 1.0  # less than this is no progress
    clearance_request_m: float = 60.0  # before the stop line
    clearance_answer_low_s: float = 3.0
    clearance_answer_high_s: float = 20.0
    clearance_margin_s: float = 8.0
    crossing_speed_mps: float = 15.0 / 3.6  # assumed when clear times are computed (domain notes 4.3)
    reaction_s: float = 1.5
    withdraw_brake_mps2: float = 1.5  # a grant is only withdrawn while this braking stops short of the line
    stand_circle_m: float = 10.0  # 5 km/h this near to an aircraft, inside stand areas
    stand_circle_mps: float = 5.0 / 3.6
    yield_distance_m: float = 25.0  # waiting this near to a blocked line counts as yielding
    wrong_side_m: float = 0.6  # the tractor's side this far over the lane's edge towards oncoming traffic
    moving_mps: float = 0.3  # faster than this the ego can be at fault
    fault_reaction_s: float = 0.3  # before the emergency braking of the at-fault test

    def __post_init__(self) -> None:
        """Ranges must be ordered."""
        _check(self)
        _check_positive(self, "off_route_m", "stall_s", "crossing_speed_mps", "withdraw_brake_mps2")
        if self.clearance_answer_low_s > self.clearance_answer_high_s:
            raise ValueError(
                f"EpisodeConfig.clearance_answer_low_s={self.clearance_answer_low_s:g} exceeds "
                f"clearance_answer_high_s={self.clearance_answer_high_s:g}"
            )


C = TypeVar("C", DynamicsConfig, RewardConfig, CostConfig, EpisodeConfig)


def coefficient_names(config: type) -> list[str]:
    """Names users write, in field order: `yield_` is `yield`."""
    return [field.name.rstrip("_") for field in fields(config)]


def replace_checked(config: C, values: Mapping[str, float], where: str) -> C:
    """`config` with fields replaced; an unknown name is an error that says where and names the nearest."""
    allowed = coefficient_names(type(config))
    by_name = dict(zip(allowed, (field.name for field in fields(config)), strict=True))
    for name in values:
        if name not in by_name:
            raise ValueError(f"{where}: unknown name '{name}'{did_you_mean(str(name), allowed)}")
    return replace(config, **{by_name[name]: value for name, value in values.items()})


@by_reference
class EgoParams(NamedTuple):
    """All float64; kernels receive it as `p`. Prefixes: dyn_, reward_, cost_, ep_."""

    speed_scale: float
    discrete: float  # 1 = action column 0 is an index into the 30 discrete actions
    dyn_steer_rate_radps: float
    dyn_steer_delay_ticks: float
    dyn_speed_lag_s: float
    dyn_speed_kp_per_s: float
    dyn_speed_ki_per_s2: float
    dyn_speed_kd: float
    dyn_integral_limit_mps2: float
    dyn_integral_band_mps: float
    dyn_emergency_below: float
    dyn_emergency_above_mps: float
    dyn_coast_decel_mps2: float
    dyn_gravity_mps2: float
    reward_progress: float
    reward_waypoint: float
    reward_goal: float
    reward_time: float
    reward_drift: float
    reward_collision: float
    reward_proximity: float
    reward_restricted: float
    reward_steer: float
    reward_jerk: float
    reward_speed: float
    reward_wrong_side: float
    reward_yield: float
    reward_emergency_vehicle: float
    reward_aircraft_priority: float
    reward_pushback: float
    reward_pedestrian_priority: float
    reward_give_way: float
    reward_stop_line: float
    reward_blocking_crossing: float
    reward_behind_engines: float
    reward_low_visibility: float
    reward_max_credit_offset_m: float
    reward_jerk_limit_mps3: float
    cost_hard: float
    cost_proximity: float
    cost_speed: float
    cost_hazard_zone: float
    cost_emergency_vehicle: float
    cost_aircraft_priority: float
    cost_pushback: float
    cost_pedestrian_priority: float
    cost_give_way: float
    cost_stop_line: float
    cost_blocking_crossing: float
    cost_behind_engines: float
    cost_low_visibility: float
    cost_wrong_side: float
    cost_aircraft_distance_m: float
    cost_person_distance_m: float
    cost_proximity_speed_mps: float
    cost_proximity_cap: float
    cost_proximity_min_mps: float
    cost_exempt_speed_mps: float
    cost_speed_tolerance_mps: float
    ep_goal_distance_m: float
    ep_goal_lateral_m: float
    ep_goal_speed_mps: float
    ep_off_route_m: float
    ep_stall_s: float
    ep_stall_progress_m: float
    ep_clearance_request_m: float
    ep_clearance_answer_low_s: float
    ep_clearance_answer_high_s: float
    ep_clearance_margin_s: float
    ep_crossing_speed_mps: float
    ep_reaction_s: float
    ep_withdraw_brake_mps2: float
    ep_stand_circle_m: float
    ep_stand_circle_mps: float
    ep_yield_distance_m: float
    ep_wrong_side_m: float
    ep_moving_mps: float
    ep_fault_reaction_s: float


def _flat(prefix: str, config: Any) -> dict[str, float]:
    return {f"{prefix}_{field.name.rstrip('_')}": float(getattr(config, field.name)) for field in fields(config)}


def build_params(
    reward: Mapping[str, float] | None = None,
    cost: Mapping[str, float] | None = None,
    *,
    speed_scale: float = 1.0,
    discrete: bool = False,
    dynamics: DynamicsConfig | None = None,
    episode: EpisodeConfig | None = None,
) -> EgoParams:
    """Parameters of the ego's kernels; `reward` and `cost` override coefficients by name."""
    if not math.isfinite(speed_scale) or speed_scale <= 0.0:
        raise ValueError(f"speed_scale={speed_scale!r} must be a finite number above 0")
    values = {"speed_scale": float(speed_scale), "discrete": 1.0 if discrete else 0.0}
    values |= _flat("dyn", dynamics or DynamicsConfig())
    values |= _flat("reward", replace_checked(RewardConfig(), reward or {}, "reward"))
    values |= _flat("cost", replace_checked(CostConfig(), cost or {}, "cost"))
    values |= _flat("ep", episode or EpisodeConfig())
    return EgoParams(**values)
