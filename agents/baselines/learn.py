"""Training a baseline on a suite: fresh or resumed, with curves, checkpoints and a folder that can be shipped."""

import dataclasses
import time
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import configure

from agents.baselines.build import actor_of, build_model, fit_scales, model_state, restore
from agents.baselines.ppo_lag import PPOLag
from agents.baselines.settings import PRESETS, RunConfig, override
from agents.baselines.weights import save_policy
from agents.common import provenance
from agents.common.run_folder import RunFolder, load_checkpoint
from agents.job import Job
from agents.suite_env import SuiteVecEnv
from airside_sim.suite import load_suite

WINDOW = 200  # finished episodes that a line of the curve averages over
LOG_EVERY = 20_000  # ticks
STATUS_S = 20.0


def run(job: Job) -> Path:
    """Train as the job says; returns the folder of the finished checkpoint."""
    torch.set_num_threads(1)
    config = override(PRESETS[job.preset], job.override)
    suite = load_suite(job.suite)
    gamma = config.sac.gamma if job.algo == "sac" else config.ppo.gamma
    env = SuiteVecEnv(
        suite, config.envs_per_entry, seed=job.seed, reward_scale=config.reward_scale, lane_pull=config.lane_pull,
        gamma=gamma, with_cost=job.algo == "ppo_lag", obs_type="flat",
    )  # fmt: skip
    model = build_model(job.algo, env, config, job.seed)
    if job.dry_run:
        return _describe(model, env)
    saved = load_checkpoint(job.resume) if job.resume else None
    folder = RunFolder(job.resume or job.logdir, saved["times"] if saved else None)
    if saved:
        restore(model, saved)
        folder.drop_after(saved["ticks"])
    else:
        fit_scales(model, env, config)
    model.set_logger(configure(str(folder.path / "tensorboard"), ["tensorboard"]))
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        watch = Watch(folder, config, job, progress)
        model.learn(
            max(0, job.steps - model.num_timesteps), callback=watch, reset_num_timesteps=saved is None, log_interval=10
        )
    folder.save(model_state(model))
    folder.status("done", model.num_timesteps, job.steps)
    return export(model, config, job, folder)


class Watch(BaseCallback):
    """Counts episodes, feeds the cost controller, writes curves and checkpoints."""

    def __init__(self, folder: RunFolder, config: RunConfig, job: Job, progress: Progress) -> None:
        super().__init__()
        self._folder, self._config, self._job, self._progress = folder, config, job, progress
        self._task = progress.add_task(job.algo, total=job.steps)
        self._episodes: deque[dict[str, Any]] = deque(maxlen=WINDOW)
        self._logged = -1
        self._saved_at = time.monotonic()
        self._told_at = 0.0

    def _on_step(self) -> bool:
        for info in self.locals["infos"]:
            if "episode" in info:
                self._episodes.append(info["episode"])
                if isinstance(self.model, PPOLag):
                    self.model.pid.update(info["episode"]["cost"])
        return self._job.cpu_seconds is None or self._folder.cpu_s < self._job.cpu_seconds

    def _on_rollout_start(self) -> None:
        """Between updates everything is at rest: the moment to write."""
        ticks = self.model.num_timesteps
        if ticks // LOG_EVERY > self._logged // LOG_EVERY and self._episodes:
            self._logged = ticks
            self._folder.log(self._row(ticks))
        if time.monotonic() - self._told_at > STATUS_S:
            self._folder.status("running", ticks, self._job.steps)
            self._told_at = time.monotonic()
        if time.monotonic() - self._saved_at > self._config.checkpoint_s:
            self._folder.save(model_state(self.model))
            self._saved_at = time.monotonic()
        success = np.mean([e["success"] for e in self._episodes]) if self._episodes else 0.0
        self._progress.update(self._task, completed=ticks, description=f"{self._job.algo} {ticks:,} ticks, "
                              f"success {success:.0%}")  # fmt: skip

    def _on_training_end(self) -> None:
        if self._episodes:
            self._folder.log(self._row(self.model.num_timesteps))

    def _row(self, ticks: int) -> dict[str, float]:
        def mean(name: str) -> float:
            return round(float(np.mean([e[name] for e in self._episodes])), 4)

        row = {
            "env_ticks": ticks,
            "updates": int(self.model._n_updates),
            "episode/return": mean("r"),
            "episode/success": mean("success"),
            "episode/completion": mean("completion"),
            "episode/cost": mean("cost"),
            "episode/length": mean("l"),
        }
        for name, value in row.items():
            self.logger.record(name, value)
        if isinstance(self.model, PPOLag):
            row["lambda"] = round(self.model.pid.penalty, 4)
        return row


def export(model: Any, config: RunConfig, job: Job, folder: RunFolder) -> Path:
    """The actor, its settings, where it comes from, its curve and a card, ready for the zoo."""
    policy = actor_of(model, config)
    target = folder.path / "export"
    network = {"object_width": config.net.object_width, "hidden": list(config.net.hidden),
               "activation": "relu" if policy.squash else "tanh", "squash": policy.squash}  # fmt: skip
    settings = _plain(dataclasses.asdict(config))
    manifest = {
        "algo": job.algo, "env": "AirsideApron-v0", "suite": job.suite, "preset": job.preset, "seed": job.seed,
        "obs_type": "flat", "env_ticks": model.num_timesteps, "updates": int(model._n_updates),
        **folder.times(), "command": job.command, **provenance.commit(), "versions": provenance.versions(),
        "hardware": provenance.hardware(),
    }  # fmt: skip
    save_policy(policy, {"network": network, "run": settings}, target, manifest)
    folder.write_curve(target / "curve.csv")
    (target / "CARD.md").write_text(card(manifest, sum(p.numel() for p in policy.parameters())), encoding="utf-8")
    return target


def card(manifest: dict[str, Any], parameters: int) -> str:
    """What a reader needs to know before using the checkpoint."""
    names = {"ppo": "PPO", "sac": "SAC", "ppo_lag": "PPO-Lagrangian"}
    return (
        f"# {names[manifest['algo']]} on suite `{manifest['suite']}`, learner seed {manifest['seed']}\n\n"
        f"An actor of {parameters:,} parameters over the `flat` observation (state and sixteen objects), trained with "
        f"Stable-Baselines3 for {manifest['env_ticks']:,} ticks of 0.1 s "
        f"({manifest['cpu_s'] / 60.0:.0f} CPU minutes on one thread). It is the last checkpoint of the run, not the "
        "best. Features are scaled by what the scripted driver `noisy` sees.\n\n"
        "A floor for other learners, not a driver to trust: see the leaderboard for how often it hits something.\n\n"
        f"Made by: `{manifest['command']}`\n"
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _describe(model: Any, env: SuiteVecEnv) -> Path:
    from rich import print as show

    count = sum(p.numel() for p in model.policy.parameters())
    show(f"{env.num_envs} worlds of {len(env.labels)} entries, {count:,} parameters ({count * 4 / 1e6:.1f} MB)")
    show(model.policy)
    return Path()
