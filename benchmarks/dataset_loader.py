"""How fast windows come out of a dataset, and how much memory that takes.

    python benchmarks/dataset_loader.py demo.h5 [demo.zarr ...] [--ram] [--repeat 6] [--json OUT]

Each row is measured in a process of its own: packed frames per second of CPU (one core: the loader's thread and
decompression together) and of wall time, and the largest resident memory. `--repeat K` first writes K copies of an HDF5
file's episodes side by side into one file, for a dataset larger than memory allows.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

from airside_sim.data import Dataset
from airside_sim.data.loader import WindowLoader
from airside_sim.data.sources import FileSource, RamSource

WARM_UP = 2


def measure(path: str, kind: str, length: int, batch_size: int, num_batches: int, frame_cache_mb: int) -> dict:
    """One row: batches of batch_size windows of `length` frames."""
    started = time.perf_counter()
    if kind == "file":
        source = FileSource(path, frame_cache_bytes=frame_cache_mb << 20)
    else:
        source = RamSource.load(path, codec="zstd" if kind == "ram-compressed" else "")
    loader = WindowLoader(source, length=length, batch_size=batch_size, seed=0)
    batches = loader.batches(prefetch=2)
    for _ in range(WARM_UP):
        next(batches)
    opened_s = time.perf_counter() - started
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(num_batches):
        next(batches)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    batches.close()
    frames = num_batches * length * batch_size
    return {
        "source": f"{kind}:{Path(path).name}",
        "steps": int(source.lengths.sum()),
        "disk_bytes": _size(Path(path)),
        "packed_bytes": int(source.lengths.sum() + len(source.lengths)) * _frame_bytes(source),
        "frames_per_cpu_s": round(frames / cpu),
        "frames_per_wall_s": round(frames / wall),
        "max_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "opened_s": round(opened_s, 2),
    }


def _frame_bytes(source: FileSource | RamSource) -> int:
    channels, rows, columns = source.frame_shape()
    return channels * rows * columns


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(p.stat().st_size for p in files)


def enlarge(path: Path, times: int, out: Path) -> None:
    """`times` copies of an HDF5 dataset's episodes in one file, their chunks as they are."""
    import h5py

    shutil.copyfile(path, out)
    with Dataset.open(path) as dataset:
        count = len(dataset)
    with h5py.File(out, "r+") as file:
        for k in range(1, times):
            for i in range(count):
                file.copy(f"episodes/{i:06d}", file["episodes"], name=f"{k * count + i:06d}")


def main(argv: list[str] | None = None) -> int:
    """Measure, print and, when asked, write the rows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--ram", action="store_true", help="also from RAM, raw and compressed (small datasets)")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--length", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--frame-cache-mb", type=int, default=64)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args(argv)
    rows = []
    with tempfile.TemporaryDirectory(dir=args.paths[0].parent) as folder:
        paths = list(args.paths)
        if args.repeat > 1:
            paths = [Path(folder) / f"{p.stem}-x{args.repeat}{p.suffix}" for p in args.paths]
            for path, large in zip(args.paths, paths, strict=True):
                enlarge(path, args.repeat, large)
        jobs = [(p, kind) for p in paths for kind in (("file", "ram-raw", "ram-compressed") if args.ram else ("file",))]
        for path, kind in jobs:
            numbers = (str(path), kind, args.length, args.batch_size, args.batches, args.frame_cache_mb)
            with get_context("spawn").Pool(1) as pool:  # its own peak of memory
                rows.append(pool.apply(measure, numbers))
            r = rows[-1]
            print(f"{r['source']:<34}{r['steps']:>10,} steps  {r['packed_bytes'] / 1e9:6.2f} GB packed  "
                  f"{r['frames_per_cpu_s']:>8,} frames/CPU-s  {r['frames_per_wall_s']:>8,} frames/s  "
                  f"{r['max_rss_bytes'] / 1e6:6.0f} MB")  # fmt: skip
    if args.json:
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
        machine = {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version(),
                   "commit": commit.stdout.strip(), "length": args.length, "batch_size": args.batch_size}  # fmt: skip
        args.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
