"""Baseline actors on disk: safetensors and YAML, no pickles."""

from pathlib import Path
from typing import Any

import yaml
from safetensors.torch import load_file, save_file

from agents.baselines.policy import DrivingPolicy
from agents.zoo import CONFIG, WEIGHTS, read_manifest, write_manifest


def save_policy(policy: DrivingPolicy, config: dict[str, Any], folder: Path, manifest: dict[str, Any]) -> None:
    """Write weights, settings and, last, the manifest: a half-written folder has none."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in policy.state_dict().items()}, folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)
    (folder / CONFIG).write_text(yaml.safe_dump(config, sort_keys=True), encoding="utf-8")
    write_manifest(folder, manifest)


def load(folder: Path) -> DrivingPolicy:
    """The actor of a checkpoint folder, its hashes checked."""
    read_manifest(folder)
    network = yaml.safe_load((folder / CONFIG).read_text(encoding="utf-8"))["network"]
    policy = DrivingPolicy(network["object_width"], network["hidden"], network["activation"], network["squash"])
    policy.load_state_dict(load_file(folder / WEIGHTS))
    return policy.eval()
