"""Bytes a frame and time of the codecs, on a dataset's frames as rendered and with the speckle of a perception grid.

    python benchmarks/dataset_codecs.py DATASET [--frames 1600] [--json OUT]

Speckle flips single pixels in all planes: 0.1 % and 1 % of them, anew in every frame, which is the hardest kind for
any codec. Times are CPU time of one thread.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from airside_sim.data import Dataset
from airside_sim.data.chunks import decode_chunk, encode_chunk
from airside_sim.data.schema import CHUNK_STEPS

SPECKLE = (0.0, 0.001, 0.01)
CODECS = ("gzip", "zstd")


def sample_chunks(dataset: Dataset, num_frames: int) -> list[np.ndarray]:
    """Chunks of 16 frames from all over the dataset."""
    rng = np.random.default_rng(0)
    full = [(i, k) for i, steps in enumerate(dataset.lengths) for k in range((int(steps) + 1) // CHUNK_STEPS)]
    picked = rng.permutation(len(full))[: max(1, num_frames // CHUNK_STEPS)]
    return [dataset.read_leaf(full[n][0], "bev", CHUNK_STEPS * full[n][1], CHUNK_STEPS * (full[n][1] + 1))
            for n in picked]  # fmt: skip


def speckled(chunk: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """The frames with that share of their pixels flipped."""
    if share == 0.0:
        return chunk
    flips = np.zeros(chunk.size * 8, np.uint8)
    flips[rng.integers(0, flips.size, int(share * flips.size))] = 1
    return chunk ^ np.packbits(flips).reshape(chunk.shape)


def measure(chunks: list[np.ndarray], codec: str, share: float) -> dict:
    """One row of the table."""
    rng = np.random.default_rng(1)
    noisy = [speckled(chunk, share, rng) for chunk in chunks]
    frames = CHUNK_STEPS * len(noisy)
    started = time.process_time()
    blocks = [encode_chunk(chunk, codec) for chunk in noisy]
    encoded = time.process_time()
    back = [decode_chunk(block, codec, noisy[0].shape[1:], np.uint8) for block in blocks]
    decoded = time.process_time()
    assert all(np.array_equal(a, b) for a, b in zip(back, noisy, strict=True))
    size = sum(map(len, blocks)) / frames
    pixels = 8 * noisy[0][0].size
    return {
        "codec": codec,
        "speckle": share,
        "bytes_per_frame": round(size),
        "times_below_float16": round(2 * pixels / size, 1),
        "encode_ms": round(1e3 * (encoded - started) / frames, 3),
        "decode_ms": round(1e3 * (decoded - encoded) / frames, 3),
    }


def main(argv: list[str] | None = None) -> int:
    """Measure, print and, when asked, write the rows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--frames", type=int, default=1600)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args(argv)
    with Dataset.open(args.dataset) as dataset:
        chunks = sample_chunks(dataset, args.frames)
    raw = chunks[0][0].size
    print(
        f"a frame: float16 {16 * raw:,} B, uint8 {8 * raw:,} B, packed {raw:,} B; {CHUNK_STEPS * len(chunks)} measured"
    )
    rows = [measure(chunks, codec, share) for share in SPECKLE for codec in CODECS]
    for row in rows:
        print("  ".join(f"{key} {value}" for key, value in row.items()))
    if args.json:
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
        machine = {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version(),
                   "commit": commit.stdout.strip()}  # fmt: skip
        args.json.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
