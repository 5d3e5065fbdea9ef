"""The main job in a few minutes: drive an airport with random, a freshly trained PPO and the expert, and look at it.

    python -m agents.demo [--airport apt.dat --icao EDDB] [--out demo_output] [--train-seconds 120]

Writes `results.md`, `demo.mp4` (random, PPO, expert) and `bev.png` (every channel named).
"""

import argparse
import sys
import time
from pathlib import Path

import gymnasium as gym
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from agents.rollouts import run_episodes, scripted, summarise

ENV_ID = "AirsideServiceRoad-v0"
SHOW_ID = "AirsideApron-v0"
TEST_SEED0 = 20_000_000
NUM_TRAIN_ENVS = 32
COLUMNS = (
    ("success", "{:.0%}"),
    ("completion", "{:.0%}"),
    ("collisions", "{:.0%}"),
    ("cost", "{:.3f}"),
    ("speed_mps", "{:.2f} m/s"),
    ("jerk", "{:.2f} m/s3"),
    ("return", "{:.1f}"),
)


def prepare_map(airport: Path | None, icao: str | None, out: Path, console: Console) -> str:
    """Bundled hub, a map YAML as it is, or an apt.dat imported to `out`; returns a map keyword."""
    if airport is None:
        return "hub"
    if airport.suffix in (".yaml", ".yml"):
        return str(airport)
    from airside_sim.mapping.importers import import_airport
    from airside_sim.mapping.yaml_io import dump_map

    target = out / f"{(icao or airport.stem).lower()}.yaml"
    imported = import_airport("xplane", airport, icao).airport
    dump_map(imported, target)
    console.print(f"imported {imported.title or imported.name}: {len(imported.stands)} stands, "
                  f"{len(imported.road_edges)} roads, {len(imported.taxi_edges)} taxi edges")  # fmt: skip
    for line in imported.filled:
        console.print(f"  filled by rule: {line}", style="dim")
    return str(target)


def train_ppo(map_name: str, seconds: float, progress: Progress, seed: int = 0):
    """PPO on the state vector for `seconds` of wall time; returns the SB3 model."""
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common.callbacks import BaseCallback

    from airside_sim import make_sb3_vec

    torch.set_num_threads(1)
    task = progress.add_task("training PPO", total=seconds)

    class WallClock(BaseCallback):
        def _on_training_start(self) -> None:
            self.start = time.monotonic()

        def _on_step(self) -> bool:
            elapsed = time.monotonic() - self.start
            progress.update(task, completed=elapsed, description=f"training PPO, {self.num_timesteps:,} steps")
            return elapsed < seconds

    env = make_sb3_vec(ENV_ID, NUM_TRAIN_ENVS, obs_type="flat", map=map_name)
    model = PPO(
        "MlpPolicy", env, n_steps=256, batch_size=1024, n_epochs=6, learning_rate=5e-4, gamma=0.99, gae_lambda=0.95,
        ent_coef=0.0, seed=seed, device="cpu", policy_kwargs={"net_arch": [128, 128], "log_std_init": -0.7},
    )  # fmt: skip
    model.learn(10**9, callback=WallClock())
    env.close()
    return model


def ppo_policy(model):
    """Policy maker: the mean action of a trained SB3 model."""

    def make(env):
        return lambda obs: model.predict(obs, deterministic=True)[0]

    return make


def film(make_policy, env_id: str, title: str, seed: int, seconds: float, **env_kwargs):
    """Frames of one episode with a title; env_kwargs must give the observation the policy expects."""
    from airside_sim.rendering.renderer import Renderer
    from airside_sim.rendering.title import add_title

    env = gym.make_vec(
        f"airside_sim:{env_id}", num_envs=1, autoreset_mode=gym.vector.AutoresetMode.DISABLED, **env_kwargs
    )
    policy = make_policy(env)
    renderer = Renderer(env.unwrapped.simulator, width=800, height=600)
    obs, _ = env.reset(options={"episode_seeds": np.array([seed])})
    done = np.array([False])
    for _ in range(int(seconds * 10)):
        obs, _, terminated, truncated, _ = env.step(policy(obs))
        yield add_title(renderer.rgb(0), title)
        done = terminated | truncated
        if done[0]:
            for _ in range(8):
                yield add_title(renderer.rgb(0), title)
            break
    env.close()


def bev_sheet(map_name: str, seed: int) -> np.ndarray:
    """Inspector sheet of the expert's view some seconds into an episode."""
    from airside_sim.drivers import make_driver
    from airside_sim.rendering.inspector import inspect_bev

    env = gym.make(f"airside_sim:{SHOW_ID}", map=map_name, layout="chw")
    obs, _ = env.reset(seed=seed)
    driver = make_driver("expert", env)
    for _ in range(120):
        obs, _, terminated, truncated, _ = env.step(driver.act(obs))
        if terminated or truncated:
            break
    sheet = inspect_bev(obs["bev"], title=f"{SHOW_ID} on {map_name}: bev (34, 128, 128) uint8, heading up")
    env.close()
    return sheet


def main(argv: list[str] | None = None) -> int:
    """Run the demo; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--airport", type=Path)
    parser.add_argument("--icao")
    parser.add_argument("--out", type=Path, default=Path("demo_output"))
    parser.add_argument("--train-seconds", type=float, default=120.0)
    parser.add_argument("--episodes", type=int, default=32)
    args = parser.parse_args(argv)
    from airside_sim.rendering.video import write_mp4, write_png

    console = Console()
    args.out.mkdir(parents=True, exist_ok=True)
    map_name = prepare_map(args.airport, args.icao, args.out, console)
    seeds = TEST_SEED0 + np.arange(args.episodes)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        model = train_ppo(map_name, args.train_seconds, progress)
        policies = {"random": scripted("random"), "ppo": ppo_policy(model), "expert": scripted("expert")}
        rows = {}
        for name, make in policies.items():
            task = progress.add_task(f"driving: {name}", total=len(seeds))
            results = run_episodes(
                ENV_ID, make, seeds, obs_type="flat", map=map_name,
                on_episode=lambda _, task=task: progress.advance(task),
            )  # fmt: skip
            rows[name] = summarise(results)
        task = progress.add_task("filming", total=3)
        frames: list[np.ndarray] = []
        for name, env_id, seconds in (("random", ENV_ID, 25.0), ("ppo", ENV_ID, 25.0), ("expert", SHOW_ID, 75.0)):
            frames += film(policies[name], env_id, name, TEST_SEED0 + 3, seconds, obs_type="flat", map=map_name)
            progress.advance(task)
        video = write_mp4(args.out / "demo.mp4", frames)
        picture = write_png(args.out / "bev.png", bev_sheet(map_name, TEST_SEED0 + 3))
    _report(rows, args.out, console, map_name)
    console.print(f"video    {video}\npicture  {picture}")
    return 0


def _report(rows: dict[str, dict[str, float]], out: Path, console: Console, map_name: str) -> None:
    table = Table(title=f"{ENV_ID} on {map_name}, {int(rows['expert']['episodes'])} test episodes each")
    table.add_column("driver")
    lines = ["| driver | " + " | ".join(c for c, _ in COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for column, _ in COLUMNS:
        table.add_column(column, justify="right")
    for name, row in rows.items():
        cells = [form.format(row[column]) for column, form in COLUMNS]
        table.add_row(name, *cells)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    console.print(table)
    (out / "results.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
