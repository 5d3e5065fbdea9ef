"""The cost multiplier: worked by hand, and without the faults that it was written to avoid."""

import pytest

from agents.common.pid_lagrangian import PIDConfig, PIDLagrangian


def test_two_episodes_by_hand() -> None:
    """decay 0.5: after cost 1 the debiased mean is 0.5 / 0.5 = 1, e = 0.8, I = 0.08, P = 0.4, penalty 0.2 + 0.08.

    After cost 0: mean 0.25 / 0.75 = 1/3, e = 2/15, I = 0.08 + 0.1 * 2/15, P = 0.2 + 1/15.
    """
    pid = PIDLagrangian(PIDConfig(cost_limit=0.2, kp=0.5, ki=0.1, kd=0.0, decay=0.5, smoothing=0.5))
    assert pid.update(1.0) == pytest.approx(0.5 * 0.4 + 0.08)
    assert pid.update(0.0) == pytest.approx(0.5 * (0.2 + 1.0 / 15.0) + 0.08 + 0.1 * 2.0 / 15.0)
    assert pid.cost_mean == pytest.approx(1.0 / 3.0)


def test_the_first_episode_is_not_taken_for_safe() -> None:
    pid = PIDLagrangian(PIDConfig())
    pid.update(0.7)
    assert pid.cost_mean == pytest.approx(0.7)


def test_the_integral_does_not_wind_up() -> None:
    pid = PIDLagrangian(PIDConfig(cost_limit=0.1, kp=0.0, kd=0.0, ki=0.1, penalty_max=2.0))
    for _ in range(5_000):
        pid.update(1.0)
    assert pid.penalty == 2.0
    episodes = 0
    while pid.penalty > 0.0:
        pid.update(0.0)
        episodes += 1
    assert episodes < 600  # 220 for the mean of the last hundred to fall, then 0.01 an episode


def test_the_derivative_answers_a_rise_and_not_a_fall() -> None:
    config = PIDConfig(cost_limit=0.0, kp=0.0, ki=0.0, kd=1.0, decay=0.0, smoothing=0.0, delay=2)
    pid = PIDLagrangian(config)
    pid.update(1.0)
    assert pid.update(3.0) > 0.0
    pid.update(0.0)
    assert pid.update(0.0) == 0.0


def test_a_restored_controller_goes_on_alike() -> None:
    one, two = PIDLagrangian(PIDConfig()), PIDLagrangian(PIDConfig())
    for k in range(30):
        one.update(k % 3)
    two.load_state_dict(one.state_dict())
    assert [one.update(c) for c in (1.0, 0.0, 2.0)] == [two.update(c) for c in (1.0, 0.0, 2.0)]


def test_wrong_gains_are_refused() -> None:
    with pytest.raises(ValueError, match=r"PIDConfig.ki=-1.0 must not be negative"):
        PIDConfig(ki=-1.0)
    with pytest.raises(ValueError, match=r"PIDConfig.decay=1.0"):
        PIDConfig(decay=1.0)
