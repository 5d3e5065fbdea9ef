"""Simulator -> bag -> dataset -> compare: what of states, pictures, rewards and costs survives in each container.

    python benchmarks/bag_round_trip.py [--episodes 8] [--json OUT]

Once on the simulator's own ticks, once as a real recorder would have it: every topic at its own rate, 3 % jitter,
latency, another clock, lost and repeated messages, and a hole in every episode; and once more at rates of which no
sample falls on a tick.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from airside_sim.bags.convert import convert_to
from airside_sim.bags.evidence import Evidence, gather, read_episodes, starts_of
from airside_sim.bags.perturb import Perturbation
from airside_sim.bags.synth import START_NS, drives, write_bag
from airside_sim.bags.write import SENSOR_RATES_HZ, SETTLE_S, TICK_RATES_HZ, BagStyle

SCENARIOS = (
    ("apron", "expert"),
    ("crossing", "expert"),
    ("pushback", "expert"),
    ("turnaround", "cautious"),
    ("apron", "aggressive"),
    ("walkways", "noisy"),
    ("crossing", "blind"),
    ("clearance_long_hold", "expert"),
)
DISTURBED = Perturbation(
    jitter=0.03, latency_s=0.004, clock_offset_s=0.35, drop=0.01, repeat=0.005, holes=1, hole_s=0.6, seed=7
)
ODD_RATES_HZ = {"odometry": 47.0, "vehicle_report": 33.0, "vehicle_cmd": 40.0, "train": 13.0, "objects": 12.5,
                "hazards": 8.0, "clearance": 7.0, "stands": 3.0, "autonomous": 3.0, "weather": 1.0}  # fmt: skip
STYLES = {
    "exact": BagStyle(rates_hz=TICK_RATES_HZ),
    "disturbed": BagStyle(rates_hz=SENSOR_RATES_HZ, perturbation=DISTURBED),
    "odd_rates": BagStyle(rates_hz=ODD_RATES_HZ, perturbation=DISTURBED),  # no sample falls on a tick
}


def summary(found: Evidence) -> dict:
    """The figures of one comparison."""
    reward = np.concatenate(found.reward_error).sum(axis=1)
    cost = np.concatenate(found.cost_error).sum(axis=1)
    r = np.array(found.returns)
    return {
        "rows": found.rows,
        "identical_frames": found.identical_frames / found.rows,
        "iou": {name: found.iou(name) for name in found.overlap},
        "people_f1": {name: found.f1(name) for name in found.near},
        "state_p99_max": {k: v for k, v in found.worst_states().items() if v[1] > 1e-4},
        "action_p99_max": [
            float(np.percentile(np.concatenate(found.action_error), 99)),
            float(np.concatenate(found.action_error).max()),
        ],
        "reward_step_p99_max": [float(np.percentile(reward, 99)), float(reward.max())],
        "cost_step_p99_max": [float(np.percentile(cost, 99)), float(cost.max())],
        "return_error_max": float(np.abs(r[:, 0] - r[:, 1]).max()),
        "cost_return_error_max": float(np.abs(r[:, 2] - r[:, 3]).max()),
        "terms_p999_max": {k: v for k, v in found.term_errors().items() if v[1] > 1e-6},
        "ends_equal": sum(a == b for a, b in found.ends) / len(found.ends),
    }


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--episodes", type=int, default=len(SCENARIOS))
    parser.add_argument("--max-steps", type=int, default=600)
    parser.add_argument("--styles", nargs="+", default=list(STYLES))
    parser.add_argument("--containers", nargs="+", default=["ros1", "sqlite3", "mcap"])
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    playouts = []
    for k in range(args.episodes):
        scenario, driver = SCENARIOS[k % len(SCENARIOS)]
        playouts += list(drives(scenario, [driver], 1, 100 + k, args.max_steps, map="hub", bev_range_m=100.0))
    starts = starts_of(playouts, START_NS, SETTLE_S)
    results: dict = {"episodes": len(playouts), "ticks": sum(p.num_steps for p in playouts)}
    with tempfile.TemporaryDirectory() as folder:
        for style_name in args.styles:
            for kind in args.containers:
                bag = Path(folder) / (f"{style_name}.bag" if kind == "ros1" else f"{style_name}_{kind}")
                out = Path(folder) / f"{style_name}_{kind}.h5"
                began = time.perf_counter()
                write_bag(bag, kind, playouts, STYLES[style_name])
                wrote = time.perf_counter()
                reports = convert_to([bag], out, map="hub", profile="simulator", max_stop_s=0.0, min_steps=20)
                row = summary(gather(read_episodes(out), playouts, starts))
                files = [f for f in bag.rglob("*") if f.is_file()] if bag.is_dir() else [bag]
                row |= {"write_s": wrote - began, "convert_s": time.perf_counter() - wrote,
                        "bag_mb": sum(f.stat().st_size for f in files) * 1e-6, "lost_steps": reports[0]["lost_steps"],
                        "dataset_episodes": reports[0]["episodes"]}  # fmt: skip
                results[f"{style_name}/{kind}"] = row
                print(f"{style_name}/{kind}: {json.dumps(row, indent=1)}", flush=True)
    if args.json:
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
        results["commit"] = commit.stdout.strip()
        args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
