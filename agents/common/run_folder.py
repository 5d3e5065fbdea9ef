"""The folder of a training run: curves as lines, a status with the time left, checkpoints whole or absent."""

import csv
import json
import os
import time
from pathlib import Path
from typing import Any

CHECKPOINT = "checkpoint.pt"


def write_atomic(path: Path, text: str) -> None:
    """Text that is there as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)


class RunFolder:
    """Writes `metrics.jsonl`, `status.json` and `checkpoint.pt`; CPU and wall time add up over resumes."""

    def __init__(self, path: Path, before: dict[str, float] | None = None) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self._before = before or {"cpu_s": 0.0, "wall_s": 0.0}
        self._cpu0, self._wall0 = time.process_time(), time.monotonic()

    @property
    def cpu_s(self) -> float:
        return self._before["cpu_s"] + time.process_time() - self._cpu0

    @property
    def wall_s(self) -> float:
        return self._before["wall_s"] + time.monotonic() - self._wall0

    def times(self) -> dict[str, float]:
        return {"cpu_s": round(self.cpu_s, 1), "wall_s": round(self.wall_s, 1)}

    def log(self, row: dict[str, Any]) -> None:
        """Append a line of numbers."""
        with (self.path / "metrics.jsonl").open("a", encoding="utf-8") as out:
            out.write(json.dumps(row | self.times()) + "\n")

    def drop_after(self, ticks: int) -> None:
        """Forget lines newer than a checkpoint that is resumed."""
        path = self.path / "metrics.jsonl"
        if path.exists():
            lines = path.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if json.loads(line)["env_ticks"] <= ticks]
            write_atomic(path, "".join(f"{line}\n" for line in kept))

    def status(self, state: str, ticks: int, total: int) -> None:
        """What is going on, and when it will be done."""
        rate = ticks / max(1e-9, self.wall_s)
        eta_s = round((total - ticks) / rate) if ticks else None
        write_atomic(self.path / "status.json", json.dumps(
            {"state": state, "env_ticks": ticks, "total": total, "eta_s": eta_s} | self.times(), indent=1))  # fmt: skip

    def save(self, state: dict[str, Any]) -> None:
        """One generation of everything, atomically."""
        import torch  # here: the leaderboard writes files too, and needs no torch

        partial = self.path / f".{CHECKPOINT}.partial"
        torch.save(state | {"times": self.times()}, partial)
        os.replace(partial, self.path / CHECKPOINT)

    def write_curve(self, target: Path) -> None:
        """`metrics.jsonl` as a CSV; empty when no episode has ended."""
        path = self.path / "metrics.jsonl"
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
        with target.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, list(rows[0]) if rows else [])
            writer.writeheader()
            writer.writerows(rows)


def load_checkpoint(folder: Path) -> dict[str, Any]:
    """The newest generation of a run; nothing is unpickled but tensors and plain values."""
    import torch

    path = folder / CHECKPOINT
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no checkpoint to resume from")
    return torch.load(path, map_location="cpu", weights_only=True)
