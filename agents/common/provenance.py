"""Where numbers come from: commit, versions, machine. Standard library only, so that anything may ask."""

import hashlib
import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("airside_sim", "numpy", "numba", "gymnasium", "torch", "stable_baselines3")


def commit() -> dict[str, Any]:
    """Commit of the checkout this file lies in, and whether its files differ from it."""
    root = Path(__file__).resolve().parents[2]

    def git(*words: str) -> str:
        done = subprocess.run(("git", "-C", str(root), *words), capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    return {"commit": git("rev-parse", "HEAD") or "unknown", "dirty": bool(git("status", "--porcelain"))}


def versions() -> dict[str, str]:
    """Installed versions of what decides the numbers."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def hardware() -> dict[str, Any]:
    """Processor, cores and system."""
    return {"cpu": _cpu_name(), "cores": os.cpu_count(), "system": platform.system(), "machine": platform.machine()}


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
