"""The shipped airports: what the files hold is what the script draws, and it is sound and rich enough."""

import numpy as np
import pytest

from airside_sim.mapping.areas import stand_polygon
from airside_sim.mapping.cache import bundled_maps, load_compiled
from airside_sim.mapping.generator_own import OWN_AIRPORTS
from airside_sim.mapping.validate import validate
from airside_sim.mapping.yaml_io import load_map
from airside_sim.mapping.yaml_write import format_map
from tests.mapping.airport_checks import assert_sound, crossings

PX_M = 100.0 / 128.0


@pytest.mark.parametrize("name", OWN_AIRPORTS)
def test_file_is_what_the_script_draws(name):
    path = bundled_maps()[name]
    assert path.read_text(encoding="utf-8") == format_map(OWN_AIRPORTS[name]())
    assert path.stat().st_size < 1_000_000


@pytest.mark.parametrize("name", OWN_AIRPORTS)
def test_own_airport_is_sound(name):
    m = load_map(bundled_maps()[name])
    assert_sound(m)
    assert m.licence == "MIT"


def test_training_apron_has_six_code_c_stands_and_two_crossings():
    m = load_map("training_apron")
    assert [stand.code for stand in m.stands] == ["C"] * 6
    assert crossings(m) == 2
    assert {"fuel_depot", "gse_parking", "baggage_hall"} <= {poi.kind for poi in m.pois}


def test_hub_has_piers_remote_stands_a_runway_and_crossings():
    m = load_map("hub")
    assert len(m.stands) >= 40
    assert {stand.code for stand in m.stands} == {"C", "E"}
    assert sum(stand.remote for stand in m.stands) >= 12
    assert len({b.id[0] for b in m.buildings if b.kind == "pier"}) >= 2
    assert len(m.runways) == 1
    assert any(node.hold == "runway" for node in m.taxi_nodes)
    assert crossings(m) >= 8, "six taxilane crossings, one taxiway and one runway crossing"
    assert {e.kind for e in m.road_edges} >= {"service", "apron", "head_of_stand", "stand", "perimeter", "tunnel"}
    kinds = {poi.kind for poi in m.pois}
    assert kinds >= {"fuel_depot", "baggage_hall", "gse_parking", "bus_station", "catering"}
    assert all(stand_polygon(stand).is_valid for stand in m.stands)


@pytest.mark.parametrize("name", OWN_AIRPORTS)
def test_compiled_own_airport_has_no_finding(name):
    (compiled,) = load_compiled(name, PX_M)
    assert validate(compiled) == []
    bank = compiled.arrays
    assert np.isfinite(bank.dest_dist).all(), "every stand and depot is reachable from every lane"
    assert (bank.stand_path_push >= 0).all(), "an aircraft can be pushed off every stand"


def test_aircraft_leave_the_hub_by_the_runway_and_never_by_an_alley():
    (compiled,) = load_compiled("hub", PX_M)
    bank = compiled.arrays
    ends = bank.path_pt0[bank.stand_path_out + 1] - 1
    assert (bank.path_y[ends] > 640.0).all()
