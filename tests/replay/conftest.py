"""One short recorded episode, shared by the replay tests."""

from pathlib import Path

import gymnasium as gym
import pytest

from airside_sim import RecordReplay, make_driver
from airside_sim.replay import Replay, load_replay

STEPS = 130
EVERY = 50


def record(folder: Path, seed: int | None = 4, steps: int = STEPS, **keywords) -> Path:
    """Drive an expert for a while, or to the end, and return the file."""
    env = RecordReplay(
        gym.make("airside_sim:AirsideCrossing-v0", obs_type="state", **keywords), folder, snapshot_every=EVERY
    )
    driver = make_driver("expert", env)
    obs, _ = env.reset(seed=seed)
    for _ in range(steps):
        obs, _, terminated, truncated, _ = env.step(driver.act(obs))
        if terminated or truncated:
            break
    env.close()
    return env.paths[-1]


@pytest.fixture(scope="session")
def replay_file(tmp_path_factory) -> Path:
    return record(tmp_path_factory.mktemp("replays"))


@pytest.fixture
def replay(replay_file: Path) -> Replay:
    return load_replay(replay_file)
