"""The dataset benchmarks run on the shipped sample and write what they measured."""

import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType

from airside_sim.data import sample_path


def _script(repository: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, repository / "benchmarks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_loader_stays_within_memory(repository: Path, tmp_path: Path) -> None:
    path = tmp_path / "sample.h5"
    shutil.copyfile(sample_path(), path)
    module = _script(repository, "dataset_loader")
    module.enlarge(path, 3, tmp_path / "large.h5")
    row = module.measure(str(tmp_path / "large.h5"), "file", 64, 16, 3, 4)
    assert row["steps"] == 4500
    assert row["frames_per_cpu_s"] > 0
    assert row["packed_bytes"] == 4518 * 34 * 64 * 8


def test_codecs_are_measured(repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "codecs.json"
    assert _script(repository, "dataset_codecs").main([str(sample_path()), "--frames", "64", "--json", str(out)]) == 0
    rows = {(r["codec"], r["speckle"]): r["bytes_per_frame"] for r in json.loads(out.read_text())["rows"]}
    assert rows["zstd", 0.0] < rows["gzip", 0.0] < 34 * 64 * 64 * 2 / 200
    assert rows["zstd", 0.01] > rows["zstd", 0.001] > rows["zstd", 0.0]
