"""Two short drives on the small apron, and agents that misbehave."""

from pathlib import Path

import pytest

SUITE = """\
schema_version: 1
name: {name}
title: Two short drives
seeds: {seeds}
entries:
  - {{scenario: empty_road, keywords: {{route_length_m: [60, 90], map: training_apron, traffic: 0.1, max_steps: 500}}}}
  - {{scenario: service_road, keywords: {{route_length_m: [60, 90], map: training_apron, traffic: 0.2}}}}
"""
AGENTS = '''\
import os, time
import numpy as np

class Steady:
    """Follows the point 15 m ahead; counts its episodes, prints, and sees objects as a dict of single arrays."""
    def __init__(self):
        self.episodes = 0
    def reset(self):
        self.episodes += 1
        print("a new episode")
    def act(self, obs):
        assert obs["objects"].shape == (16, 12) and obs["state"].ndim == 1 and self.episodes > 0
        x, y = obs["state"][14:16]
        return np.array([np.clip(1.5 * np.arctan2(y, x), -1, 1), 0.6])

class Crashing:
    def act(self, obs):
        raise RuntimeError("boom")

class Hanging:
    def act(self, obs):
        time.sleep(3600)

class Blank:
    def act(self, obs):
        return [float("nan"), 0.5]

class Hungry:
    def act(self, obs):
        self.kept = [np.empty(1 << 28, np.uint8) for _ in range(64)]
        return [0.0, 0.5]

class Wide:
    def act(self, obs):
        return [0.1, 0.2, 0.3]

class Quitting:
    def act(self, obs):
        os._exit(3)

class Chatty:
    def act(self, obs):
        return "left"

class Cheat:
    obs = {"obs_type": "state", "traffic": 0.0}
    def act(self, obs):
        return [0.0, 0.5]

class Forging:
    """Writes to the pipe on which the judge listens."""
    def act(self, obs):
        for fd in range(3, 20):
            try:
                os.write(fd, b'{"ok": true, "ms": 0.0, "arrays": [["action", "|O", [2]]]}\\n' + b"x" * 16)
            except OSError:
                pass
        return [0.0, 0.5]

class Flaky:
    """Fails on the second of its actions, and only in its first process."""
    mark = os.path.join(os.path.dirname(__file__), "was_here")
    def __init__(self):
        self.fails = not os.path.exists(self.mark)
        open(self.mark, "w").close()
    def act(self, obs):
        if self.fails:
            raise ValueError("first time")
        return [0.0, 0.0]
'''


@pytest.fixture(scope="session")
def suite_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("suite") / "tiny.yaml"
    path.write_text(SUITE.format(name="tiny", seeds="test"))
    return path


@pytest.fixture(scope="session")
def train_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("suite") / "tiny_train.yaml"
    path.write_text(SUITE.format(name="tiny_train", seeds="train"))
    return path


@pytest.fixture(scope="session")
def agents_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("agents") / "odd.py"
    path.write_text(AGENTS)
    return path
