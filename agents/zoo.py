"""Checkpoint folders: where the shipped ones lie, and the manifest whose hashes every loader checks first."""

import json
import os
from pathlib import Path
from typing import Any

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


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Seal a folder: its manifest with the hashes of weights and settings."""
    hashes = {name: sha256(folder / name) for name in (WEIGHTS, CONFIG)}
    full = {"schema_version": SCHEMA_VERSION, **manifest, "sha256": hashes}
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
