"""The kernel cache: an edit anywhere below a kernel, also one outside the package, gives it another cache folder."""

import importlib.util
import sys
from pathlib import Path

import pytest

from airside_sim import jit
from airside_sim.jit import source_hash


@pytest.fixture
def edited_crossings(monkeypatch: pytest.MonkeyPatch):
    """`kernels/crossings.py` as if somebody had added a line to it."""
    plain = jit._imports

    def imports(module: str):
        source, names = plain(module)
        return (source + b"\n# edited" if module == "kernels.crossings" else source), names

    source_hash.cache_clear()
    before = {name: source_hash(name) for name in ("kernels.step", "kernels.following", _apron_file())}
    monkeypatch.setattr(jit, "_imports", imports)
    source_hash.cache_clear()
    yield before
    source_hash.cache_clear()


def _apron_file() -> str:
    return str(Path(__file__).parent / "kernels" / "apron_bank.py")


def test_an_edit_changes_the_hash_of_what_depends_on_it_and_of_nothing_else(edited_crossings: dict[str, str]) -> None:
    assert source_hash("kernels.step") != edited_crossings["kernels.step"]
    assert source_hash(_apron_file()) != edited_crossings[_apron_file()]  # a test's kernel that calls it
    assert source_hash("kernels.following") == edited_crossings["kernels.following"]


def test_kernels_outside_the_package_are_cached_by_their_file(tmp_path: Path) -> None:
    folders = []
    for body in ("x + 1.0", "x + 2.0"):
        file = tmp_path / "outside.py"
        file.write_text(f"from airside_sim.jit import njit\n\n\n@njit\ndef add(x):\n    return {body}\n")
        jit._imports.cache_clear()
        source_hash.cache_clear()
        spec = importlib.util.spec_from_file_location("outside_kernels", file)
        module = importlib.util.module_from_spec(spec)
        sys.modules["outside_kernels"] = module
        spec.loader.exec_module(module)
        folders.append(source_hash(str(file)))
        assert module.add(1.0) == 1.0 + float(body[-3:])
        del sys.modules["outside_kernels"]
    assert folders[0] != folders[1]
