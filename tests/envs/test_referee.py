"""The referee's log: every record once, in words, with whom and at whose fault, in single and vector envs alike."""

from itertools import pairwise

import gymnasium as gym
import numpy as np

from airside_sim import make_driver
from airside_sim.envs.referee import in_words


def _single(seed: int, driver: str, env_id: str = "AirsideCrossing-v0") -> list[dict]:
    env = gym.make(f"airside_sim:{env_id}", obs_type="state")
    env.reset(seed=seed)
    policy = make_driver(driver, env)
    for _ in range(4000):
        _, _, terminated, truncated, _ = env.step(policy.act())
        if terminated or truncated:
            break
    return env.unwrapped.events()


def test_a_crossing_is_told_from_request_to_end() -> None:
    events = _single(1, "expert")
    kinds = [event["event"] for event in events]
    assert kinds.index("clearance_requested") < kinds.index("clearance_granted") < kinds.index("crossing_vacated")
    assert [event["ends"] for event in events] == [False] * (len(events) - 1) + [True]
    assert all(a["time_s"] <= b["time_s"] for a, b in pairwise(events))
    assert "was cleared to cross at" in in_words(next(e for e in events if e["event"] == "clearance_granted"))


def test_a_collision_says_with_whom_at_what_cost_and_whose_fault() -> None:
    for seed in range(40):
        last = _single(seed, "blind", "AirsidePushback-v0")[-1]
        if last["event"] == "collision_aircraft":
            break
    assert (last["whom"], last["cost"], last["at_fault"]) == ("aircraft", 1.0, True)
    assert in_words(last).strip().startswith(f"{last['time_s']:.1f} s  touched an aircraft (aircraft) at ")
    assert in_words(last).endswith("cost 1.00, at fault")


def test_a_vector_env_tells_the_same_and_each_record_once() -> None:
    for mode in ("next_step", "same_step"):
        env = gym.make_vec("airside_sim:AirsideCrossing-v0", num_envs=6, obs_type="state", autoreset_mode=mode)
        env.reset(options={"episode_seeds": np.arange(6)})
        policy = make_driver("expert", env)
        for _ in range(2500):
            env.step(policy.act())
        events = env.unwrapped.events()
        first = [{k: v for k, v in e.items() if k != "env"} for e in events if e["env"] == 1 and e["episode"] == 1]
        alone = [{k: v for k, v in e.items() if k != "env"} for e in _single(1, "expert")]
        assert first == alone
        ends = [(e["env"], e["episode"]) for e in events if e["ends"]]
        assert len(ends) == len(set(ends)) > 6


def test_the_first_record_of_a_seed_driven_again_is_not_lost() -> None:
    env = gym.make_vec("airside_sim:AirsideCrossing-v0", num_envs=2, obs_type="state", autoreset_mode="disabled")
    policy = make_driver("stop", env)
    seeds = np.arange(2)
    for seed in range(200):  # a start within 60 m of a line requests at once
        seeds = np.array([seed, seed])
        env.reset(options={"episode_seeds": seeds})
        env.step(policy.act())
        if env.unwrapped.events():
            break
    once = len(env.unwrapped.events())
    env.reset(seed=[int(s) for s in seeds], options={"reset_mask": np.array([True, True])})
    env.step(policy.act())
    assert len(env.unwrapped.events()) == 2 * once > 0


def test_a_restored_state_tells_only_what_comes_after_it() -> None:
    env = gym.make("airside_sim:AirsideCrossing-v0", obs_type="state")
    env.reset(seed=1)
    policy = make_driver("expert", env)
    while not env.unwrapped.events():
        env.step(policy.act())
    state = env.unwrapped.get_state()
    env.unwrapped.set_state(state)
    env.step(policy.act())
    assert env.unwrapped.events() == []
