"""A scenario's own criteria: they deny success or end the episode, are paid for, and the referee names them."""

import gymnasium as gym
import numpy as np
import pytest

from airside_sim import make_driver
from airside_sim.columns import Episode
from airside_sim.constants import TerminationReason
from airside_sim.criteria import verdicts
from airside_sim.mapping.errors import MapError
from airside_sim.scenario import load_scenario

HEAD = "schema_version: 1\nname: c\nmap: training_apron\nroute_length_m: [60, 120]\ntraffic: 0\n"


def write(folder, criteria: str) -> str:
    path = folder / "criteria.yaml"
    path.write_text(HEAD + (f"criteria:\n{criteria}\n" if criteria else ""))
    return str(path)


def drive(path: str, driver: str = "expert", seed: int = 2):
    """The last step's info, the sum of each key, the reward's sum, the records, and the env of one episode."""
    env = gym.make("airside_sim:AirsideApron-v0", obs_type="state", scenario=path)
    env.reset(seed=seed)
    policy = make_driver(driver, env)
    totals: dict[str, float] = {}
    done = False
    while not done:
        _, _, terminated, truncated, info = env.step(policy.act())
        totals = {key: totals.get(key, 0.0) + value for key, value in info.items()}
        done = terminated or truncated
    return info, totals, env.unwrapped.events(), env


def test_kept_criteria_leave_the_contracts_success(tmp_path) -> None:
    text = "  success: {max_time_s: 200, max_cost: 1, max_speed_mps: 9, stop_within_m: 1.2,\n"
    text += "            without: [crossing_violation]}\n"
    info, totals, records, env = drive(write(tmp_path, text + "  failure: {max_speed_mps: 12}"))
    assert info["is_success"] == 1.0
    assert totals["reward/goal"] == 10.0
    assert totals["cost/criterion"] == 0.0
    world = env.unwrapped.simulator.world
    assert abs(world.episode[0, Episode.S_FRONT] - world.episode[0, Episode.ROUTE_LENGTH]) <= 1.2
    assert info["speed_mps"] <= 0.1
    report = verdicts(world.setup[0], records, True)
    assert {v.name for v in report} == {"max_time_s", "max_cost", "max_speed_mps", "stop_within_m", "without"}
    assert all(v.is_kept for v in report)


def test_a_missed_criterion_denies_success_and_the_goals_reward_and_is_named(tmp_path) -> None:
    info, totals, records, env = drive(write(tmp_path, "  success: {max_time_s: 5, max_speed_mps: 1.5}"))
    assert info["termination_reason"] == TerminationReason.COMPLETED
    assert info["route_completion"] == 1.0
    assert info["is_success"] == 0.0
    assert totals["reward/goal"] == 0.0
    assert totals["cost_hard"] == 0.0
    words = [r["words"] for r in records if r["event"] == "criterion_missed"]
    assert len(words) == 2
    assert "max_time_s" in words[0]
    assert "max_speed_mps" in words[1]
    world = env.unwrapped.simulator.world
    assert [v.is_kept for v in verdicts(world.setup[0], records, True)] == [False, False]


def test_a_failure_criterion_ends_the_episode_at_once_at_a_hard_cost(tmp_path) -> None:
    info, totals, records, _ = drive(write(tmp_path, "  failure: {max_speed_mps: 3}"))
    assert info["termination_reason"] == TerminationReason.CRITERION_FAILED
    assert 3.0 < info["speed_mps"] < 3.3
    assert info["is_success"] == 0.0
    assert totals["cost/criterion"] == totals["cost_hard"] == 1.0
    assert totals["cost"] == pytest.approx(totals["cost_hard"] + totals["cost_soft"])
    assert totals["reward/collision"] == -30.0
    assert records[-1]["event"] == "criterion_failed"
    assert "max_speed_mps (3." in records[-1]["words"]
    assert records[-1]["ends"]


def test_an_event_may_be_forbidden(tmp_path) -> None:
    text = "  failure: {upon: [low_visibility_began]}\nconditions_over_time:\n  - {at_s: 2, weather: fog}"
    info, _, records, _ = drive(write(tmp_path, text))
    assert info["termination_reason"] == TerminationReason.CRITERION_FAILED
    assert "upon (low_visibility_began)" in records[-1]["words"]


def test_without_criteria_a_goal_that_is_no_stand_needs_no_stop_and_info_keeps_its_keys(tmp_path) -> None:
    plain, _, _, _ = drive(write(tmp_path, ""))
    asked, _, _, _ = drive(write(tmp_path, "  success: {max_cost: 100}"))
    assert plain.keys() == asked.keys()
    assert {key: float(value) for key, value in plain.items()} == {key: float(value) for key, value in asked.items()}


def test_distances_count_while_the_ego_moves(tmp_path) -> None:
    path = write(tmp_path, "  failure: {keep_clear_of_people_m: 50}")
    env = gym.make_vec("airside_sim:AirsideApron-v0", num_envs=8, obs_type="state", scenario=path, traffic=1.0)
    env.reset(seed=1)
    for _ in range(30):
        info = env.step(np.zeros((8, 2), np.float32))[-1]
        assert not info["cost/criterion"].any()
    failed = np.zeros(8, bool)
    for _ in range(30):
        failed |= env.step(np.tile(np.array([0.0, 0.5], np.float32), (8, 1)))[-1]["cost/criterion"] > 0
    assert failed.any()


@pytest.mark.parametrize(
    ("criteria", "words"),
    [
        ("  success: {max_tim_s: 5}", "did you mean 'max_time_s'"),
        ("  succes: {max_time_s: 5}", "did you mean 'success'"),
        ("  success: {without: [hazard_enterd]}", "did you mean 'hazard_entered'"),
        ("  failure: {upon: [completed]}", "unknown event 'completed'"),
        ("  failure: {stop_within_m: 1}", "unknown key 'stop_within_m'"),
        ("  failure: {max_speed_mps: -1}", "0.5 to 40"),
    ],
)
def test_a_wrong_criterion_is_one_clear_error(tmp_path, criteria: str, words: str) -> None:
    with pytest.raises(MapError, match=words) as caught:
        load_scenario(write(tmp_path, criteria))
    assert "criteria.yaml:7: criteria" in str(caught.value)
    assert "\n" not in str(caught.value)
