"""Soak: hours of simulated apron life in which nothing may break.

    python benchmarks/soak.py drive [--steps 5000000]      every id, random and expert actions
    python benchmarks/soak.py hour [--worlds 16 --ticks 36000 --place lane|off-road]   peak, ego parked, no reset
    python benchmarks/soak.py leak [--cycles 10000]        create and close

Exits 1 with the seeds and ticks of whatever failed.
"""

import argparse
import gc
import resource
import sys
import time

import gymnasium as gym
import numpy as np
from rich.progress import track

import airside_sim  # noqa: F401  (registers the ids)
from airside_sim.columns import Aircraft, Body, Ego, Vehicle
from airside_sim.constants import StopReason
from airside_sim.drivers import make_driver
from airside_sim.envs.registration import ENV_IDS
from airside_sim.info import info_names
from airside_sim.outlines import ego_contacts, overlapping_pairs


def memory_mb() -> float:
    """Resident set size now, MiB."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def check_step(env, obs, reward, info, problems: list[str], where: str) -> None:
    """One batch: finite, in its space (sampled), reward and cost the sums of their terms."""
    names = info_names()
    parts = {kind: sum(info[n] for n in names if n.startswith(kind + "/")) for kind in ("reward", "cost")}
    if not np.allclose(parts["reward"], reward, atol=1e-9) or not np.allclose(parts["cost"], info["cost"], atol=1e-9):
        problems.append(f"{where}: reward or cost is not the sum of its terms")
    for name, value in obs.items() if isinstance(obs, dict) else [("obs", obs)]:
        if not np.isfinite(value).all():
            problems.append(f"{where}: {name} is not finite")
    if not env.observation_space.contains(obs):
        problems.append(f"{where}: observation outside its space")


def drive(steps: int, num_envs: int = 64) -> list[str]:
    """Random and expert actions over all ids."""
    problems: list[str] = []
    share = steps // (2 * len(ENV_IDS))
    for env_id in ENV_IDS:
        for driver in ("expert", "random"):
            env = gym.make_vec(
                f"airside_sim:{env_id}", num_envs=num_envs, obs_type="bev+objects", bev_size=32, copy=False
            )
            obs, info = env.reset(seed=1)
            policy = make_driver(driver, env, 1)
            ticks = share // num_envs
            before = memory_mb()
            for t in track(range(ticks), description=f"{env_id} {driver}"):
                obs, reward, _, _, info = env.step(policy.act(obs))
                if t % 250 == 0:
                    check_step(env, obs, reward, info, problems, f"{env_id} {driver} tick {t}")
                    if t == 2500:
                        before = memory_mb()
            if memory_mb() - before > 64:
                problems.append(f"{env_id} {driver}: memory grew by {memory_mb() - before:.0f} MiB")
            env.close()
    return problems


def park_off_road(sim) -> None:
    """Move each ego to the nearest spot clear of lanes, walkways, stands and aircraft paths, 15 to 120 m away."""
    bank, world = sim.bank, sim.world
    keep_clear = ((bank.pt_x, bank.pt_y, 9.0), (bank.path_x, bank.path_y, 45.0), (bank.walk_x, bank.walk_y, 5.0),
                  (bank.stand_x, bank.stand_y, 30.0))  # fmt: skip
    for e in range(len(world.rng)):
        x, y = world.ego[e, Ego.X], world.ego[e, Ego.Y]
        spots = [(x + r * np.cos(a), y + r * np.sin(a)) for r in range(15, 121, 5) for a in np.arange(0, 6.28, 0.35)]
        free = [
            s for s in spots if all(np.hypot(px - s[0], py - s[1]).min(initial=1e9) > m for px, py, m in keep_clear)
        ]
        dx, dy = (free[0][0] - x, free[0][1] - y) if free else (3000.0, 3000.0)
        world.ego[e, [Ego.X, Ego.Y]] += dx, dy
        world.ego_body[e, :, Body.X] += dx
        world.ego_body[e, :, Body.Y] += dy


def hour(worlds: int, ticks: int, map_name: str, places: list[str]) -> list[str]:
    """Peak traffic round a parked ego: in its lane, and moved off the road."""
    problems: list[str] = []
    for place in places:
        env = gym.make_vec(
            "airside_sim:AirsidePeak-v0", num_envs=worlds, obs_type="state", max_steps=0, map=map_name, traffic="peak",
            weather="clear", light="day", autoreset_mode=gym.vector.AutoresetMode.DISABLED,
        )  # fmt: skip
        env.reset(seed=100)
        sim = env.unwrapped.simulator
        if place == "off-road":
            park_off_road(sim)
        actions = np.zeros((worlds, 2))
        missions = []
        longest = 0.0
        for t in track(range(ticks), description=f"hour, ego {place}"):
            sim.step(actions)  # below the env: the episode is over at once when off the road, the apron lives on
            if t % 20 == 0:
                longest = max(longest, _check_world(sim.world, problems, f"ego {place} tick {t}"))
            if t in (ticks // 2 - 1, ticks - 1):
                missions.append(
                    sim.world.vehicle[:, :, Vehicle.MISSIONS].sum() + sim.world.aircraft[:, :, Aircraft.MISSIONS].sum()
                )
        second, first = missions[1] - missions[0], missions[0]
        print(f"ego {place}: missions first half {first:.0f}, second half {second:.0f}, longest stop {longest:.0f} s")
        if second < 0.9 * first:
            problems.append(f"ego {place}: missions fell from {first:.0f} to {second:.0f} a half")
        env.close()
    return problems


def _check_world(world, problems: list[str], where: str) -> float:
    if not (np.isfinite(world.body).all() and np.isfinite(world.vehicle).all() and np.isfinite(world.person).all()):
        problems.append(f"{where}: not finite")
    for e in range(len(world.rng)):
        for a, b in overlapping_pairs(world, e):
            problems.append(f"{where} world {e}: bodies {a} and {b} overlap")
        for k, b in ego_contacts(world, e):
            problems.append(f"{where} world {e}: body {b} touches the standing ego's body {k}")
    stopped = world.vehicle[:, :, Vehicle.ACTIVE] * world.vehicle[:, :, Vehicle.STOP_TIME]
    silent = (stopped > 120.0) & (world.vehicle[:, :, Vehicle.STOP_REASON] == StopReason.NONE)
    if silent.any():
        problems.append(f"{where}: {int(silent.sum())} vehicles stand over 120 s without a reason")
    return float(stopped.max())


def leak(cycles: int) -> list[str]:
    """Create, reset, step and close environments."""

    def once() -> None:
        env = gym.make("airside_sim:AirsideServiceRoad-v0", map="training_apron", obs_type="state")
        env.reset(seed=0)
        env.step(env.action_space.sample())
        env.close()

    for _ in range(100):
        once()
    gc.collect()
    before = memory_mb()
    for _ in track(range(cycles), description="create and close"):
        once()
    gc.collect()
    grown = memory_mb() - before
    print(f"memory after {cycles} create/close cycles: {grown:+.1f} MiB")
    return [f"{grown:.0f} MiB leaked over {cycles} cycles"] if grown > 20 else []


def main() -> int:
    """Run one soak; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("drive", "hour", "leak"))
    parser.add_argument("--steps", type=int, default=5_000_000)
    parser.add_argument("--worlds", type=int, default=16)
    parser.add_argument("--ticks", type=int, default=36_000)
    parser.add_argument("--cycles", type=int, default=10_000)
    parser.add_argument("--map", default="hub")
    parser.add_argument("--place", nargs="+", choices=("lane", "off-road"), default=["lane", "off-road"])
    args = parser.parse_args()
    start = time.perf_counter()
    problems = {
        "drive": lambda: drive(args.steps),
        "hour": lambda: hour(args.worlds, args.ticks, args.map, args.place),
        "leak": lambda: leak(args.cycles),
    }[args.what]()
    for line in problems[:40]:
        print("PROBLEM", line)
    print(f"{args.what}: {len(problems)} problems, {time.perf_counter() - start:.0f} s")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
