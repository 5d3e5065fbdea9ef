"""X-Plane importer: the real Berlin, Copenhagen, Syracuse and Buffalo files, and the format's traps on small files."""

import math
from collections import Counter

import pytest
import shapely

from airside_sim.mapping.areas import parked_box
from airside_sim.mapping.errors import MapError
from airside_sim.mapping.importers.xplane import import_xplane
from airside_sim.mapping.importers.xplane_reader import list_airports, read_airport
from airside_sim.mapping.map_checks import find_problem

SMALL = """I
1100 made for a test

1 100 0 0 XTST Test Field North
1302 datum_lat 50.0
1302 datum_lon 8.0
100 45.0 1 0 0.25 1 3 0 09 50.002 7.99 0 0 3 0 0 0 27 50.002 8.01 0 0 3 0 0 0
110 2 0.25 0.0 main apron
111 49.9990 7.9990
111 49.9990 8.0030
112 50.0010 8.0030 50.0012 8.0020
113 50.0010 7.9990
111 49.9995 7.9995
111 49.9995 7.9997
113 49.9997 7.9996
120 centre
111 50.0000 7.9990 51 101
111 50.0000 8.0000 1
115 50.0000 8.0010
120 strange
111 50.0000 7.9990 41
115 50.0001 7.9990
20 50.0005 8.0005 90.0 0 2 {@Y,^l}A1{@L}B
1200
1201 50.0000 7.9990 both 0 n0
1201 50.0000 8.0010 both 1 n1
1201 50.0000 8.0030 both 7 n7
1201 49.9995 8.0010 both 8 n8
1201 50.0005 8.0010 both 9
1202 0 1 twoway taxiway_C A
1202 1 7 oneway taxiway_C A
1203 50.0001 8.0020
1204 departure 09,27
1202 1 99 twoway taxiway_C lost
1206 8 1 oneway road
1206 1 9 oneway road
1300 49.9990 8.0000 180.00 gate heavy|jets G 1
1301 C airline dlh
1300 49.9990 8.0020 180.00 gate jets G 1
1300 49.9990 8.0001 180.00 gate jets shifted
1301 C airline
1400 49.9996 8.0011 0 fuel_jets 0 Fuel
1400 49.9000 8.0011 0 food 0 Far kitchen
99
"""


def write(tmp_path, text, name="apt.dat", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.fixture(scope="module")
def berlin(map_data_dir):
    return import_xplane(map_data_dir / "xplane" / "EDDB_gateway_1130.apt.dat", "EDDB")


def test_berlin_runways_have_their_published_lengths(berlin):
    lengths = {runway.id: math.dist(*runway.ends) for runway in berlin.airport.runways}
    assert lengths["07R/25L"] == pytest.approx(4000.0, abs=8.0)
    assert lengths["07L/25R"] == pytest.approx(3600.0, abs=8.0)


def test_berlin_roads_are_one_way_pairs_on_the_right(berlin):
    airport = berlin.airport
    at = {node.id: node.position for node in airport.road_nodes}
    lines = [shapely.LineString([at[e.start], *e.shape, at[e.end]]) for e in airport.road_edges]
    assert sum(line.length for line in lines) == pytest.approx(35_900.0, rel=0.01)
    assert sum(edge.oneway for edge in airport.road_edges) > 0.95 * len(airport.road_edges)
    assert airport.driving_side == "right"
    assert len(airport.crossings) == 54
    assert find_problem(airport) is None


def test_berlin_stands_can_all_be_taken_at_once(berlin):
    boxes = [parked_box(stand) for stand in berlin.airport.stands]
    tree = shapely.STRtree(boxes)
    pairs = [(i, j) for i, j in tree.query(boxes, predicate="overlaps").T if i < j]
    assert all(boxes[i].intersection(boxes[j]).area <= 1.0 for i, j in pairs)
    assert len(boxes) > 120
    assert sum("; dropped" in warning for warning in berlin.warnings) == 175 - len(boxes)


def test_berlin_roads_keep_clear_of_parked_aircraft(berlin):
    """Roads are real; what must hold is that no lane runs under a parked aircraft."""
    airport = berlin.airport
    at = {node.id: node.position for node in airport.road_nodes}
    lanes = shapely.STRtree([shapely.LineString([at[e.start], *e.shape, at[e.end]]) for e in airport.road_edges])
    hit = [stand.id for stand in airport.stands if len(lanes.query(parked_box(stand), predicate="intersects"))]
    assert hit == []


def test_copenhagen_has_legacy_stands_and_no_taxi_graph(map_data_dir):
    airport, warnings = import_xplane(map_data_dir / "xplane" / "EKCH_fg_1000.apt.dat")
    assert (airport.taxi_edges, airport.road_edges) == ([], [])
    assert len(airport.stands) > 90
    assert "F" in {stand.code for stand in airport.stands if "A388" in stand.id}
    assert Counter(marking.kind for marking in airport.markings)["taxi_centreline"] > 100
    assert any("no size letter" in warning for warning in warnings)


@pytest.mark.parametrize(("name", "stands"), [("KSYR", 18), ("KBUF", 22)])
def test_american_airports_read_with_crlf(map_data_dir, name, stands):
    airport = import_xplane(map_data_dir / "xplane" / f"{name}_1050.apt.dat", name).airport
    assert (airport.name, len(airport.stands)) == (name, stands)
    assert any(edge.kind == "runway" for edge in airport.taxi_edges)
    assert any(node.hold == "runway" for node in airport.taxi_nodes)


def test_small_file_part_by_part(tmp_path):
    airport, warnings = import_xplane(write(tmp_path, SMALL))
    assert (airport.name, airport.title, airport.origin.lat) == ("XTST", "Test Field North", 50.0)
    assert [stand.id for stand in airport.stands] == ["G 1", "G 1~2"]
    assert [(e.start, e.end, e.oneway, len(e.shape)) for e in airport.taxi_edges] == [
        ("0", "1", False, 0),
        ("1", "7", True, 1),
    ]
    assert {node.id: node.hold for node in airport.taxi_nodes} == {"0": None, "1": "runway", "7": None}
    assert len(airport.road_edges) == 1  # the two pieces meet in a plain node
    assert airport.crossings[0].at == next(n.position for n in airport.taxi_nodes if n.id == "1")
    assert airport.surfaces[0].kind == "apron"
    assert len(airport.surfaces[0].holes) == 1
    assert len(airport.surfaces[0].polygon) > 8  # the Bezier side is sampled
    assert [poi.kind for poi in airport.pois] == ["fuel_depot"]
    assert (airport.labels[0].text, airport.labels[0].kind) == ("A1 B", "location")
    assert [marking.kind for marking in airport.markings] == ["taxi_centreline", "taxi_centreline", "other"]
    text = "\n".join(warnings)
    for expected in ("no node 99", "41 (1)", "stand shifted: overlaps", "truck parkings"):
        assert expected in text


def test_bezier_handles_are_mirrored(tmp_path):
    """Both ends bent: a cubic whose handles are C0 and 2P - C1; its middle is the average of the control polygon."""
    text = SMALL.replace(
        "111 50.0000 7.9990 51 101\n111 50.0000 8.0000 1\n115 50.0000 8.0010",
        ("112 50.0 8.0 50.001 8.0 51\n116 50.0 8.002 49.999 8.002"),
    )
    source = read_airport(write(tmp_path, text))
    chain = next(shape for shape in source.shapes if shape.name == "centre").chains[0]
    # P0 = (50, 8), C0 = (50.001, 8), mirror of C1 = (50.001, 8.002), P1 = (50, 8.002): lat(1/2) = 50 + 0.75 * 0.001.
    assert chain.points[5] == pytest.approx((50.00075, 8.001), abs=1e-9)


def test_many_airports_need_a_code_and_name_the_nearest(tmp_path):
    second = SMALL.split("\n\n", 1)[1].replace("XTST", "XTSU")
    path = write(tmp_path, SMALL.replace("\n99\n", "\n") + second)
    assert [code for code, _ in list_airports(path)] == ["XTST", "XTSU"]
    assert import_xplane(path, "xtsu").airport.name == "XTSU"
    with pytest.raises(MapError, match="2 airports"):
        import_xplane(path)
    with pytest.raises(MapError, match=r"apt\.dat:4: airport: no 'XTTU'.*did you mean XTSU"):
        import_xplane(path, "XTTU")


def test_latin1_names_do_not_stop_the_import(tmp_path):
    airport = import_xplane(write(tmp_path, SMALL.replace("Test Field", "Sæby Flyveplads"), encoding="latin-1")).airport
    assert airport.title == "Sæby Flyveplads North"


def test_left_hand_pairs_are_recognised(tmp_path):
    """A lane to the north beside one 5 m east of it to the south: the oncoming lane is on the right."""
    lanes = "\n".join(
        [
            "1201 49.9990 8.0040 both 20 a",
            "1201 50.0000 8.0040 both 21 b",
            "1201 49.9990 8.00407 both 22 c",
            "1201 50.0000 8.00407 both 23 d",
            "1206 20 21 oneway",
            "1206 23 22 oneway",
            "99",
        ]
    )
    airport = import_xplane(write(tmp_path, SMALL.replace("99\n", lanes + "\n")[:-1] + "\n")).airport
    assert airport.driving_side == "left"
