"""Speed of the simulator against this machine's own write floor, measured in one run.

    python benchmarks/throughput.py [--json OUT] [--quick] [--no-peers] [--no-startup]

The floor is a 557,056-byte frame written into 64 rotating buffers by one and by two threads. Rates are wall-clock
steps a second, autoresets included; "per CPU-s" divides by the CPU time of the whole process. A missed target is
followed by a profile of the stages.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import gymnasium as gym
import numba
import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent))

import peers
import stages

import airside_sim
from airside_sim.columns import Aircraft
from airside_sim.constants import AircraftPhase

ENV = "airside_sim:AirsideApron-v0"
FORMS = {
    "bev+state": {"obs_type": "bev+state", "layout": "chw"},
    "packed+state": {"obs_type": "bev+state", "packed": True},
    "state": {"obs_type": "state"},
    "objects": {"obs_type": "objects"},
}
SIZES = (1, 8, 64, 256)


def make_batch(num_envs: int, **keywords):
    """The native vector env, zero-copy, moderate traffic unless said otherwise, already driven for 2 s."""
    keywords = {"traffic": "moderate"} | keywords
    env = gym.make_vec(ENV, num_envs=num_envs, copy=False, **keywords)
    env.reset(seed=0)
    drive(env, 20)
    return env


def drive(env, steps: int) -> None:
    """Random actions that mostly go ahead; half of the gymnasium-style action space is emergency braking."""
    rng = np.random.default_rng(1)
    actions = rng.uniform([-0.2, 0.3], [0.2, 1.0], (8, env.num_envs, 2)).astype(np.float32)
    for k in range(steps):
        env.step(actions[k % 8])


def measure(env, seconds: float) -> dict[str, float]:
    """Best and median of five windows: env steps per wall second, and per CPU second over all of them."""
    chunk = max(4, int(256 / env.num_envs))
    start = time.perf_counter()
    drive(env, chunk)
    chunk = max(4, int(chunk * 0.2 * seconds / (time.perf_counter() - start)))
    rates, cpu = [], time.process_time()
    for _ in range(5):
        start = time.perf_counter()
        drive(env, chunk)
        rates.append(chunk * env.num_envs / (time.perf_counter() - start))
    cpu = time.process_time() - cpu
    return {"steps_s": max(rates), "median_s": float(np.median(rates)), "per_cpu_s": 5 * chunk * env.num_envs / cpu}


def form_rows(seconds: float) -> dict[str, dict[int, dict[str, float]]]:
    """Every observation form at every batch size."""
    rows: dict[str, dict[int, dict[str, float]]] = {}
    for form, keywords in FORMS.items():
        rows[form] = {}
        for num_envs in SIZES:
            env = make_batch(num_envs, **keywords)
            rows[form][num_envs] = measure(env, seconds)
            env.close()
    return rows


def single_rate(seconds: float) -> float:
    """`env.step` of the default env through `gym.make`, resets included, steps per second."""
    env = gym.make(ENV, traffic="moderate")
    env.reset(seed=0)
    action = np.array([0.0, 0.6], np.float32)
    for _ in range(20):
        env.step(action)
    best = 0.0
    for _ in range(5):
        steps, start = 0, time.perf_counter()
        while time.perf_counter() - start < 0.2 * seconds:
            _, _, terminated, truncated, _ = env.step(action)
            steps += 1
            if terminated or truncated:
                env.reset()
        best = max(best, steps / (time.perf_counter() - start))
    env.close()
    return best


def reset_ms(num_envs: int = 64) -> float:
    """One env's reset inside the batch, simulation only, ms (median of 10 full resets)."""
    env = make_batch(num_envs, obs_type="state")
    times = []
    for _ in range(10):
        start = time.perf_counter()
        env.simulator.reset()
        times.append((time.perf_counter() - start) / num_envs)
    env.close()
    return 1e3 * float(np.median(times))


def many_egos(seconds: float, num: int = 64) -> dict[str, float]:
    """`num` egos on one apron with the full BEV, new routes for who ends: agent steps a second, best and median."""
    env = airside_sim.parallel_env("AirsideApron-v0", num, layout="chw", traffic="moderate", respawn=True)
    env.reset(seed=0)
    rng = np.random.default_rng(1)
    actions = rng.uniform([-0.2, 0.3], [0.2, 1.0], (8, num, 2)).astype(np.float32)
    orders = [dict(zip(env.agents, rows, strict=True)) for rows in actions]
    rates = []
    for window in range(6):
        steps, start = 0, time.perf_counter()
        while time.perf_counter() - start < 0.2 * seconds:
            env.step(orders[steps % 8])
            steps += 1
        if window:  # the first one warms up
            rates.append(steps * num / (time.perf_counter() - start))
    env.close()
    return {"steps_s": max(rates), "median_s": float(np.median(rates))}


def actor_growth(seconds: float) -> list[dict[str, float]]:
    """Traffic from empty to twice peak at 64 envs: actors in the world and in view against steps a second."""
    rows = []
    for traffic in (0.0, 0.1, 0.4, 1.0, 1.5):
        env = make_batch(64, traffic=traffic, **FORMS["packed+state"])
        drive(env, 50)
        counts = stages.count_actors(env.simulator)
        rows.append({"traffic": traffic, **counts, **measure(env, seconds)})
        env.close()
    return rows


def turnaround_rate(seconds: float) -> dict[str, float]:
    """The hub with a turnaround on every stand and the usual vehicles and people, 64 envs, packed BEV."""
    scenario = "schema_version: 1\nname: full_stands\nmap: hub\nmix: {parked_aircraft: 1.0}\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "full_stands.yaml"
        path.write_text(scenario)
        env = make_batch(64, scenario=str(path), **FORMS["packed+state"])
    drive(env, 50)
    busy = (env.simulator.world.aircraft[:, :, Aircraft.PHASE] == AircraftPhase.PARKED).sum(axis=1).mean()
    row = {"on_blocks": float(busy), **measure(env, seconds)}
    env.close()
    return row


def map_growth(seconds: float) -> dict[str, float]:
    """The same world on a raster of 16 times the area (the map in its middle), packed BEV, 64 envs."""
    env = make_batch(64, **FORMS["packed+state"])
    before = measure(env, seconds)["steps_s"]
    bytes_before = env.simulator.bank.raster.nbytes
    env.simulator.bank = stages.enlarge(env.simulator.bank, 4)
    drive(env, 20)
    after = measure(env, seconds)["steps_s"]
    grown = env.simulator.bank.raster.nbytes / bytes_before
    env.close()
    return {"steps_s": before, "steps_s_enlarged": after, "ratio": after / before, "raster_bytes_ratio": grown}


def startup_s() -> dict[str, float]:
    """Seconds from `import` to the first step in a fresh process: nothing cached, then everything."""
    code = (
        f"import gymnasium as gym; env = gym.make('{ENV}'); env.reset(seed=0); "
        "env.step(env.action_space.sample()); print('ok')"
    )
    times = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("cold", "warm"):
            start = time.perf_counter()
            environment = os.environ | {"AIRSIDE_CACHE_DIR": folder}
            subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
            times[name] = time.perf_counter() - start
    return times


def machine() -> dict[str, object]:
    """What the numbers belong to."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    model = next((x.split(":")[1].strip() for x in _lines("/proc/cpuinfo") if x.startswith("model name")), "")
    return {
        "cpu": model or platform.processor(),
        "threads": numba.get_num_threads(),
        "load_average": os.getloadavg()[0],
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "numba", "gymnasium")},
        "commit": commit.stdout.strip(),
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def targets(result: dict) -> list[tuple[str, float, float, bool]]:
    """(name, measured, wanted, higher is better)."""
    floor = result["floor"]["frames_s_2"]
    forms, single = result["forms"], result["single_steps_s"]
    rows = [
        ("full BEV, 64 envs / 2-thread floor", forms["bev+state"][64]["steps_s"] / floor, 0.30, True),
        ("packed BEV, 64 envs / 2-thread floor", forms["packed+state"][64]["steps_s"] / floor, 0.60, True),
        ("turnaround on every stand, packed / 2-thread floor", result["turnarounds"]["steps_s"] / floor, 0.20, True),
        ("state, 64 envs, steps/s", forms["state"][64]["steps_s"], 40_000, True),
        ("objects, 64 envs, steps/s", forms["objects"][64]["steps_s"], 40_000, True),
        ("single env.step with BEV, steps/s", single, 3_000, True),
        ("moving actors in view", result["actors"]["moving_in_view"], 6.0, True),
        ("reset, ms", result["reset_ms"], 1.0, False),
        ("64 egos, BEV, agent steps/s", result["many_egos"]["steps_s"], 3_000, True),
        ("map area x 16, ratio of speed", result["map_growth"]["ratio"], 0.85, True),
    ]
    if "startup_s" in result:
        rows.append(("import to first step, warm, s", result["startup_s"]["warm"], 4.0, False))
        rows.append(("import to first step, cold, s", result["startup_s"]["cold"], 90.0, False))
    highway = result.get("peers", {}).get("highway-fast-v0")
    if highway:
        ratio = forms["bev+state"][64]["per_cpu_s"] / highway["per_cpu_s"]
        rows.append(("highway-fast-v0 grid 128, ratio per CPU-s", ratio, 200.0, True))
    return rows


def report(result: dict, console: Console) -> bool:
    """Print the tables; True when every target is met."""
    floor = result["floor"]["frames_s_2"]
    table = Table(title="steps a second (and share of the two-thread floor)")
    table.add_column("observation")
    for n in SIZES:
        table.add_column(f"{n} envs", justify="right")
    table.add_column("64 envs, per CPU-s", justify="right")
    for form, row in result["forms"].items():
        cells = [f"{row[n]['steps_s']:,.0f} ({row[n]['steps_s'] / floor:.2f})" for n in SIZES]
        table.add_row(form, *cells, f"{row[64]['per_cpu_s']:,.0f}")
    console.print(result["machine"])
    one, two = result["floor"]["frames_s_1"], floor
    console.print(f"floor: {one:,.0f} frames/s on one thread, {two:,.0f} on two")
    console.print(table)
    egos = result["many_egos"]["steps_s"]
    console.print(f"64 egos, BEV: {egos:,.0f} agent steps/s on one apron ({egos / floor:.2f} of the two-thread floor)")
    console.print("actors", result["actors"])
    for row in result["actor_growth"]:
        console.print("growth", {k: round(v, 1) for k, v in row.items()})
    for name, row in result.get("peers", {}).items():
        console.print("peer", name, {k: round(v, 1) for k, v in row.items()})
    verdicts = Table(title="targets")
    for column in ("what", "measured", "wanted", ""):
        verdicts.add_column(column)
    met_all = True
    for name, got, wanted, higher in targets(result):
        met = got >= wanted if higher else got <= wanted
        met_all &= met
        verdicts.add_row(name, f"{got:,.2f}", f"{'>=' if higher else '<='} {wanted:,.2f}", "ok" if met else "MISSED")
    console.print(verdicts)
    return met_all


def main() -> None:
    """Measure, print, and write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--quick", action="store_true", help="short windows")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--no-startup", action="store_true", help="leave out the cold and warm start")
    args = parser.parse_args()
    seconds = 0.5 if args.quick else 3.0
    env = make_batch(64)
    drive(env, 100)
    result = {"machine": machine(), "floor": stages.floor(), "actors": stages.count_actors(env.simulator)}
    env.close()
    result["forms"] = form_rows(seconds)
    result["turnarounds"] = turnaround_rate(seconds)
    result["single_steps_s"] = single_rate(seconds)
    result["reset_ms"] = reset_ms()
    result["many_egos"] = many_egos(seconds)
    result["map_growth"] = map_growth(seconds)
    result["actor_growth"] = actor_growth(seconds)
    if not args.no_startup:
        result["startup_s"] = startup_s()
    if not args.no_peers:
        result["peers"] = peers.measure_all(seconds)
    console = Console(width=120)
    if not report(result, console):
        result["stages_us"] = stages.profile(make_batch(64))
        console.print(
            "stages, us of one thread per env step:", {k: round(v, 1) for k, v in result["stages_us"].items()}
        )
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
