"""Checkpoints as they are shipped: weights, settings, a manifest with hashes; written and read without pickles."""

import json
import os
from pathlib import Path
from typing import Any

import yaml
from safetensors.torch import load_file, save_file

from agents.baselines.policy import DrivingPolicy
from agents.common.provenance import sha256
from airside_sim.resources import did_you_mean

ZOO = Path(__file__).resolve().parent.parent / "zoo"
WEIGHTS, CONFIG, MANIFEST = "weights.safetensors", "config.yaml", "manifest.json"
SCHEMA_VERSION = 1


class ZooError(ValueError):
    """The folder is no checkpoint, or not the one its manifest describes."""


def shipped(name: str) -> Path:
    """Folder of a shipped algorithm: `ppo` -> zoo/ppo/AirsideApron-v0/small/s0."""
    return ZOO / name / "AirsideApron-v0" / "small" / "s0"


def shipped_names() -> list[str]:
    """Algorithms that have a shipped checkpoint."""
    return sorted(p.name for p in ZOO.glob("*") if (shipped(p.name) / MANIFEST).is_file())


def save_policy(policy: DrivingPolicy, network: dict[str, Any], folder: Path, manifest: dict[str, Any]) -> None:
    """Write weights, network settings and manifest; the manifest last, so that a half-written folder has none."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    save_file({k: v.contiguous() for k, v in policy.state_dict().items()}, folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)
    (folder / CONFIG).write_text(yaml.safe_dump(network, sort_keys=True), encoding="utf-8")
    full = {"schema_version": SCHEMA_VERSION, **manifest,
            "sha256": {name: sha256(folder / name) for name in (WEIGHTS, CONFIG)}}  # fmt: skip
    partial = folder / f".{MANIFEST}.partial"
    partial.write_text(json.dumps(full, indent=1) + "\n", encoding="utf-8")
    os.replace(partial, folder / MANIFEST)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a checkpoint, its hashes checked; ZooError says what is wrong."""
    path = folder / MANIFEST
    if not path.is_file():
        names = shipped_names()
        raise ZooError(f"{folder}: no {MANIFEST}; shipped checkpoints: {', '.join(names) or 'none'}"
                       f"{did_you_mean(folder.name, names) if names else ''}")  # fmt: skip
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["schema_version"] != SCHEMA_VERSION:
            raise ZooError(f"{path}: schema_version {manifest['schema_version']} is not {SCHEMA_VERSION}")
        for name, wanted in manifest["sha256"].items():
            if sha256(folder / name) != wanted:
                raise ZooError(f"{folder / name}: its SHA-256 is not the manifest's: the file was changed or damaged")
    except (json.JSONDecodeError, KeyError, TypeError, OSError) as error:
        raise ZooError(f"{path}: {error!r}; the checkpoint is damaged") from error
    return manifest


def load_policy(folder: Path) -> DrivingPolicy:
    """The actor of a checkpoint."""
    read_manifest(folder)
    network = yaml.safe_load((folder / CONFIG).read_text(encoding="utf-8"))["network"]
    policy = DrivingPolicy(network["object_width"], network["hidden"], network["activation"], network["squash"])
    policy.load_state_dict(load_file(folder / WEIGHTS))
    return policy.eval()
