"""Peers of the simulator, where they are installed: the same loop, per CPU-second, simulated seconds beside."""

import time
from importlib.util import find_spec

import gymnasium as gym

GRID = {
    "observation": {
        "type": "OccupancyGrid",
        "features": ["presence", "vx", "vy", "on_road"],
        "grid_size": [[-64, 64], [-64, 64]],
        "grid_step": [1, 1],
    }
}


def _make_highway():
    import highway_env  # noqa: F401  (registers its ids)

    return gym.make("highway-fast-v0", config=GRID)


PEERS = {  # name: (module it needs, factory, simulated seconds a step)
    "highway-fast-v0": ("highway_env", _make_highway, 1.0),
    "CarRacing-v3": ("Box2D", lambda: gym.make("CarRacing-v3"), 0.02),
}


def measure_all(seconds: float) -> dict[str, dict[str, float]]:
    """Rows of the peers that can be imported here."""
    return {
        name: _measure(make, step_s, seconds) for name, (module, make, step_s) in PEERS.items() if find_spec(module)
    }


def _measure(make, step_s: float, seconds: float) -> dict[str, float]:
    """Random actions, reset when done, at least `seconds` of wall time and 20 steps."""
    env = make()
    env.reset(seed=0)
    env.action_space.seed(0)
    for _ in range(3):
        env.step(env.action_space.sample())
    steps, wall, cpu = 0, time.perf_counter(), time.process_time()
    while steps < 20 or time.perf_counter() - wall < seconds:
        _, _, terminated, truncated, _ = env.step(env.action_space.sample())
        steps += 1
        if terminated or truncated:
            env.reset()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    env.close()
    return {"steps_s": steps / wall, "per_cpu_s": steps / cpu, "simulated_s_per_cpu_s": steps * step_s / cpu}
