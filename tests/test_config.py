"""Ego configuration: defaults of the contract, checks, and errors that name the nearest field."""

import dataclasses

import pytest

from airside_sim.config import (
    CostConfig,
    DynamicsConfig,
    EpisodeConfig,
    RewardConfig,
    build_params,
    coefficient_names,
    replace_checked,
)

CONTRACT_REWARD = {
    "progress": 0.1, "waypoint": 0.2, "goal": 10.0, "time": -0.01, "drift": -0.05, "collision": -30.0,
    "proximity": -1.0, "restricted": -2.0, "steer": -0.02, "jerk": -0.002, "speed": -1.0, "wrong_side": -0.5,
    "yield": 0.5,
}  # fmt: skip


def test_defaults_are_the_contract() -> None:
    params = build_params()
    assert {name: getattr(params, f"reward_{name}") for name in CONTRACT_REWARD} == CONTRACT_REWARD
    assert (params.cost_hard, params.cost_proximity, params.cost_speed, params.cost_hazard_zone) == (
        1.0,
        0.02,
        0.02,
        0.1,
    )
    assert all(isinstance(value, float) for value in params)


def test_every_field_reaches_the_kernels() -> None:
    names = [f"{prefix}_{name}" for prefix, config in
             (("dyn", DynamicsConfig), ("reward", RewardConfig), ("cost", CostConfig), ("ep", EpisodeConfig))
             for name in coefficient_names(config)]  # fmt: skip
    assert list(build_params()._fields) == ["speed_scale", "discrete", *names]


def test_overrides_by_the_names_users_write() -> None:
    params = build_params({"yield": 0.7, "goal": 5.0}, {"speed": 0.0}, speed_scale=1.3, discrete=True)
    assert (params.reward_yield, params.reward_goal, params.cost_speed) == (0.7, 5.0, 0.0)
    assert (params.speed_scale, params.discrete) == (1.3, 1.0)


def test_unknown_name_is_an_error_with_place_and_nearest() -> None:
    with pytest.raises(ValueError, match=r"night.yaml:12: unknown name 'progres'; did you mean 'progress'"):
        replace_checked(RewardConfig(), {"progres": 1.0}, "night.yaml:12")


@pytest.mark.parametrize(
    ("config", "values"),
    [
        (RewardConfig(), {"collision": 5.0}),
        (RewardConfig(), {"goal": -1.0}),
        (CostConfig(), {"aircraft_distance_m": 0.0}),
        (CostConfig(), {"hard": float("nan")}),
        (DynamicsConfig(), {"steer_delay_ticks": 3.0}),
        (EpisodeConfig(), {"clearance_answer_low_s": 30.0}),
    ],
)
def test_impossible_values_are_refused(config: object, values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        replace_checked(config, values, "test")


def test_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        RewardConfig().goal = 3.0  # type: ignore[misc]
    with pytest.raises(ValueError, match="speed_scale"):
        build_params(speed_scale=0.0)
