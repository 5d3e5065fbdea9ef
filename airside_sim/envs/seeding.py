"""Seeds at the border of the environments: checked, spread over a batch, or drawn from the operating system."""

from collections.abc import Sequence
from typing import Any

import numpy as np

MAX_SEED = 2**53  # exact in the float64 episode table


def fresh_seed() -> int:
    """A seed from the operating system, for a first reset without one."""
    return int(np.random.SeedSequence().generate_state(1, np.uint32)[0])


def check_seed(seed: Any) -> int:
    """A seed as int, or ValueError."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= int(seed) < MAX_SEED:
        raise ValueError(f"seed={seed!r}: a whole number from 0 to 2**53 - 1 is needed")
    return int(seed)


def spread_seeds(seed: int | Sequence[int | None] | None, options: dict[str, Any] | None, num_envs: int) -> list:
    """One seed or None per env: `options["episode_seeds"]` as given, or seed + i, or a list of seeds."""
    episode_seeds = (options or {}).get("episode_seeds")
    if episode_seeds is not None:
        seed = np.asarray(episode_seeds).tolist()
    if seed is None:
        return [None] * num_envs
    if isinstance(seed, (int, np.integer)):
        first = check_seed(seed)
        return [first + i for i in range(num_envs)]
    seeds = list(seed)
    if len(seeds) != num_envs:
        raise ValueError(f"{len(seeds)} seeds were given for {num_envs} envs")
    return [None if s is None else check_seed(s) for s in seeds]
