"""Golden digests of every id. `python -m tests.envs.golden` writes golden.json anew after an intended change."""

import json
from pathlib import Path

from airside_sim.envs.registration import ENV_IDS
from tests.envs.rollout import rollout_single

FILE = Path(__file__).with_name("golden.json")
NUM_STEPS = 150
SEED = 7


def compute(env_id: str) -> str:
    """Digest of the id's first 150 steps from seed 7."""
    return rollout_single(env_id, NUM_STEPS, SEED)


if __name__ == "__main__":
    FILE.write_text(json.dumps({env_id: compute(env_id) for env_id in ENV_IDS}, indent=2) + "\n")
