"""A replay plays again bit for bit, and one that claims what did not happen is found out."""

from dataclasses import replace
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

from airside_sim import RecordReplay, make_driver
from airside_sim.replay import Playback, Replay, ReplayError, load_replay, replay_actions, verify
from tests.replay.conftest import record


def test_a_recorded_episode_is_true(replay: Replay) -> None:
    verdict = verify(replay)
    assert verdict.is_true, verdict.reason
    assert verdict.outcome == replay.outcome


def test_a_whole_episode_with_its_log_is_true(tmp_path: Path) -> None:
    whole = load_replay(record(tmp_path, seed=0, steps=10_000))
    assert whole.outcome.termination_reason != "RUNNING"
    assert [e["event"] for e in whole.events if e["ends"]] == [whole.outcome.termination_reason.lower()]
    assert whole.events[-1]["ends"]
    assert verify(whole).is_true


def test_later_episodes_of_an_env_are_true_as_well(tmp_path: Path) -> None:
    env = RecordReplay(gym.make("airside_sim:AirsideServiceRoad-v0", obs_type="state"), tmp_path)
    for seed in (None, None, 5, None):
        env.reset(seed=seed)
        for _ in range(70):
            if any(env.step(np.array([0.3, 0.4], np.float32))[2:4]):
                break  # off the road
    env.close()
    replays = [load_replay(path) for path in env.paths]
    assert [r.episode for r in replays] == [0, 1, 0, 1]
    for r in replays:
        assert verify(r).is_true, verify(r).reason
        assert verify(r).from_seed == (r.episode == 0)


def _more_speed(replay: Replay) -> Replay:
    actions = replay.actions.copy()
    actions[70, 1] = 0.9 if actions[70, 1] < 0.5 else 0.1
    return replace(replay, actions=actions)


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        (_more_speed, "between ticks 50 and 100"),
        (lambda r: replace(r, seed=r.seed + 1), "begin as seed 5"),
        (lambda r: replace(r, seed=r.seed + 1, word=Playback(r).replay.word + 1), "begin as seed 5"),
        (lambda r: replace(r, outcome=replace(r.outcome, is_success=True)), "claims"),
        (lambda r: replace(r, outcome=replace(r.outcome, total_cost=-1.0)), "claims"),
        (lambda r: replace(r, digests=(*r.digests[:-1], "0" * 64)), "between ticks 100 and 130"),
        (lambda r: replace(r, events=[{"event": "completed"}]), "log"),
        (lambda r: replace(r, snapshots=(r.snapshots[1], r.snapshots[1])), "snapshot of tick 50"),
        (lambda r: replace(r, snapshots=(b"nonsense", r.snapshots[1])), "snapshot of tick 50"),
    ],
)
def test_a_tampered_replay_is_found_out(replay: Replay, tamper, reason: str) -> None:
    verdict = verify(tamper(replay))
    assert not verdict.is_true
    assert reason in verdict.reason
    assert not verdict.outcome.is_success  # the verdict says what really happens


def test_actions_after_the_end_are_found_out(tmp_path: Path) -> None:
    short = load_replay(record(tmp_path, steps=10_000))
    longer = replace(short, actions=np.concatenate([short.actions, short.actions[-1:]]))
    assert f"ends after {short.num_steps} steps" in verify(longer).reason


def test_seeking_gives_the_state_that_playing_gives(replay: Replay) -> None:
    playback = Playback(replay)
    seen = []
    while not playback.is_over:
        playback.advance()
        seen.append(playback.simulator.world.ego[0].copy())
    for tick in (110, 3, 57, 130, 0, 101):
        playback.seek(tick)
        assert playback.tick == tick
        if tick:
            assert np.array_equal(playback.simulator.world.ego[0], seen[tick - 1])
    playback.seek(10_000)
    assert playback.tick == replay.num_steps


@pytest.mark.parametrize("action_type", ["continuous", "discrete"])
def test_a_row_of_a_vector_env_becomes_a_replay(action_type: str) -> None:
    keywords = {"obs_type": "state", "action_type": action_type}
    env = gym.make_vec("airside_sim:AirsideApron-v0", num_envs=3, autoreset_mode="disabled", **keywords)
    env.reset(options={"episode_seeds": np.array([8, 9, 10])})
    driver = make_driver("expert", env)
    taken, reward, cost = [], 0.0, 0.0
    for _ in range(120):
        env.step(driver.act())
        taken.append(env.unwrapped.commands[1].copy())
        world = env.unwrapped.simulator.world
        reward, cost = reward + world.reward[1], cost + world.cost[1]
    env.close()
    made = replay_actions("AirsideApron-v0", keywords, 9, np.array(taken))
    assert made.outcome.steps == 120
    assert (made.outcome.total_reward, made.outcome.total_cost) == (reward, cost)
    assert verify(made).is_true


def test_a_scenario_of_the_users_own_travels_in_the_file(tmp_path: Path) -> None:
    scenario = tmp_path / "mine.yaml"
    scenario.write_text("schema_version: 1\nname: mine\nmap: training_apron\ntraffic: 0.2\ntrailers: 3\n")
    recorded = load_replay(record(tmp_path, scenario=str(scenario), steps=60))
    scenario.unlink()
    assert verify(recorded).is_true


def test_another_map_is_refused(replay: Replay) -> None:
    with pytest.raises(ReplayError, match="--map"):
        Playback(replay, map="training_apron")


def test_keywords_that_do_not_resolve_are_named(replay: Replay) -> None:
    with pytest.raises(ReplayError, match=r"keywords: .*no_such"):
        Playback(replace(replay, keywords=replay.keywords | {"no_such": 1}))
