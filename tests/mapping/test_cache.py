"""Compiled maps by name and from disk: hits, misses, corruption, wrong names."""

import shutil

import numpy as np
import pytest

from airside_sim.mapping import cache
from airside_sim.mapping.cache import bundled_maps, find_map, generated_seeds, load_compiled
from airside_sim.mapping.errors import MapError
from airside_sim.mapping.generator_draft import Frame, MapDraft
from airside_sim.mapping.yaml_write import dump_map

PX_M = 0.8


def tiny_map():
    """A ring road with one depot loop: compiles in a moment."""
    draft = MapDraft("tiny", "Tiny", (0.0, 0.0))
    ring = Frame(0.0, 0.0, (1.0, 0.0), (0.0, 1.0)).line((0, 0), (120, 0), (120, 80), (0, 80), (0, 0))
    draft.road(ring[:3], "service")
    draft.road(ring[2:], "service")
    draft.road([(60, 0), (60, 80)], "stand", 4.0, oneway=True)
    draft.add("pois", id="Depot", kind="fuel_depot", position=(60, 40), service_at=(60, 40))
    draft.add("surfaces", id="apron", kind="apron", polygon=[(-10, -10), (130, -10), (130, 90), (-10, 90)])
    return draft.finish()


@pytest.fixture
def tiny_file(tmp_path, monkeypatch):
    monkeypatch.setenv("AIRSIDE_CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "tiny.yaml"
    dump_map(tiny_map(), path)
    return path


def cache_files(tmp_path):
    return sorted((tmp_path / "cache" / "maps").iterdir())


def assert_equal(a, b):
    assert a.name == b.name
    assert a.airport == b.airport
    for field, x, y in zip(a.arrays._fields, a.arrays, b.arrays, strict=True):
        assert x.dtype == y.dtype, field
        assert np.array_equal(x, y), field


def test_the_second_load_comes_from_disk_and_is_equal(tiny_file, tmp_path, monkeypatch):
    (first,) = load_compiled(tiny_file, PX_M)
    assert [path.suffix for path in cache_files(tmp_path)] == [".npz"], "no temporary file is left"
    monkeypatch.setattr(cache, "compile_map", lambda *_: pytest.fail("compiled again"))
    monkeypatch.setattr(cache, "load_map", lambda *_: pytest.fail("parsed again"))
    assert_equal(load_compiled(str(tiny_file), PX_M)[0], first)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a zip", None])
def test_a_corrupt_cache_file_is_rebuilt(tiny_file, tmp_path, damage):
    (first,) = load_compiled(tiny_file, PX_M)
    (file,) = cache_files(tmp_path)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2] if damage is None else damage)
    assert_equal(load_compiled(tiny_file, PX_M)[0], first)
    with np.load(file, allow_pickle=False) as stored:
        assert "airport" in stored.files


def test_content_pixel_size_side_and_sources_change_the_key(tiny_file, tmp_path, monkeypatch):
    load_compiled(tiny_file, PX_M)
    load_compiled(tiny_file, 2 * PX_M)
    left = load_compiled(tiny_file, PX_M, "left")
    assert left[0].airport.driving_side == "left"
    assert left[0].arrays.map_left_hand[0] == 1
    monkeypatch.setattr(cache, "_sources", lambda: "other")
    load_compiled(tiny_file, PX_M)
    tiny_file.write_text(tiny_file.read_text() + "# edited\n")
    load_compiled(tiny_file, PX_M)
    assert len(cache_files(tmp_path)) == 5


def test_an_unwritable_cache_costs_nothing_but_time(tiny_file, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert load_compiled(tiny_file, PX_M)[0].name == "tiny"


def test_lists_are_flattened_in_order(tiny_file, tmp_path):
    other = tmp_path / "other.yaml"
    shutil.copy(tiny_file, other)
    assert [c.name for c in load_compiled([tiny_file, [str(other), tiny_file]], PX_M)] == ["tiny"] * 3


def test_bundled_maps_are_found_by_name():
    assert {"training_apron", "hub"} <= set(bundled_maps())
    assert find_map("hub") == bundled_maps()["hub"]


def test_unknown_names_give_the_nearest():
    with pytest.raises(MapError, match="did you mean 'training_apron'"):
        find_map("traning_apron")
    with pytest.raises(MapError, match="neither a bundled name nor a file"):
        load_compiled("no/such/file.yaml", PX_M)


@pytest.mark.parametrize(
    "spec", ["generated", "generated:", "generated:x", "generated:5-2", "generated:-3", "generated:0-99999"]
)
def test_wrong_generated_specs_are_errors(spec):
    with pytest.raises(MapError, match="generated"):
        generated_seeds(spec)


def test_generated_specs_name_seeds_with_both_ends():
    assert list(generated_seeds("generated:7")) == [7]
    assert list(generated_seeds("generated:3-5")) == [3, 4, 5]
