"""Broken maps and importer inputs: each gives one MapError of one line with file, line and field, and soon."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from airside_sim.mapping.errors import MapError
from airside_sim.mapping.importers.groundnet import import_groundnet
from airside_sim.mapping.importers.osm import import_osm
from airside_sim.mapping.importers.xplane import import_xplane
from airside_sim.mapping.yaml_io import load_map

MAX_SECONDS = 5.0
LINE = re.compile(r"^(?P<file>.+?):(?P<line>[1-9]\d*): (?P<field>[^:]+): .+", re.DOTALL)

GOOD_YAML = """schema_version: 1
name: tiny
source: a test
licence: MIT
origin: {lat: 50.0, lon: 8.0}
surfaces:
  - {id: apron, kind: apron, polygon: [[-100, -100], [300, -100], [300, 200], [-100, 200]]}
taxi_nodes:
  - {id: t0, position: [-50, 0]}
  - {id: t1, position: [250, 0]}
taxi_edges:
  - {start: t0, end: t1, kind: taxilane, code: C}
stands:
  - {id: S1, position: [100, 80], heading_deg: 0, code: C}
road_nodes:
  - {id: r0, position: [-50, 110]}
  - {id: r1, position: [250, 110]}
road_edges:
  - {id: road, start: r0, end: r1, width_m: 8}
buildings:
  - {id: terminal, polygon: [[0, 130], [200, 130], [200, 160], [0, 160]]}
pois:
  - {id: fuel, kind: fuel_depot, position: [-40, 115]}
"""

GOOD_APT = """I
1100 made for a test

1 100 0 0 XTST Test
1302 datum_lat 50.0
100 45.0 1 0 0.25 1 3 0 09 50.002 7.99 0 0 3 0 0 0 27 50.002 8.01 0 0 3 0 0 0
110 2 0.25 0.0 apron
111 49.9990 7.9990
111 49.9990 8.0030
112 50.0010 8.0030 50.0012 8.0020
113 50.0010 7.9990
120 centre
111 50.0000 7.9990 51
115 50.0000 8.0010
1200
1201 50.0000 7.9990 both 0 a
1201 50.0000 8.0010 both 1 b
1202 0 1 twoway taxiway_C A
1206 0 1 oneway road
1300 49.9990 8.0000 180.00 gate jets G 1
1301 C airline
1400 49.9996 8.0011 0 fuel_jets 0 Fuel
99
"""

GOOD_GEOJSON = """{"type": "FeatureCollection", "features": [
{"type": "Feature", "id": "way/1", "properties": {"aeroway": "taxiway"},
 "geometry": {"type": "LineString", "coordinates": [[8.0, 50.0], [8.01, 50.0]]}},
{"type": "Feature", "id": "node/2", "properties": {"aeroway": "parking_position"},
 "geometry": {"type": "Point", "coordinates": [8.005, 50.001]}}
]}
"""

POINT = '{"type": "Point", "coordinates": [8.005, 50.001]}'
LINE_1 = '"LineString", "coordinates": [[8.0, 50.0], [8.01, 50.0]]'
COORDINATES_1 = "features[1].geometry.coordinates"

GOOD_OVERPASS = {
    "elements": [
        {"type": "node", "id": 1, "lat": 50.0, "lon": 8.0, "tags": {"aeroway": "gate"}},
        {
            "type": "way",
            "id": 2,
            "geometry": [{"lat": 50.0, "lon": 8.0}, {"lat": 50.0, "lon": 8.1}],
            "tags": {"aeroway": "taxiway"},
        },
    ]
}

GOOD_OSM_XML = """<?xml version="1.0"?>
<osm version="0.6">
<node id="1" lat="50.0" lon="8.0"><tag k="aeroway" v="gate"/></node>
<node id="2" lat="50.0" lon="8.01"/>
<way id="3"><nd ref="1"/><nd ref="2"/><tag k="aeroway" v="taxiway"/></way>
</osm>
"""

GOOD_GROUNDNET = """<?xml version="1.0"?>
<groundnet><parkingList>
<Parking index="0" type="gate" name="A" number="1" lat="N50 0.1" lon="E08 0.0" heading="0" radius="17"/>
</parkingList><TaxiNodes>
<node index="2" lat="N50 0.05" lon="E08 0.0" isOnRunway="0" holdPointType="none"/>
<node index="3" lat="N50 0.05" lon="E08 0.1" isOnRunway="0" holdPointType="none"/>
</TaxiNodes><TaxiWaySegments><arc begin="2" end="3" isPushBackRoute="0" name=""/></TaxiWaySegments></groundnet>
"""

LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
    '<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">]>'
)
YAML_BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
)


def swap(text: str, old: str, new: str) -> bytes:
    assert old in text, old
    return text.replace(old, new, 1).encode()


def without(text: str, start: str) -> bytes:
    """The text without its first line that starts so."""
    lines = text.split("\n")
    index = next(i for i, line in enumerate(lines) if line.lstrip().startswith(start))
    return "\n".join(lines[:index] + lines[index + 1 :]).encode()


# name -> (bytes, text that the message must hold)
YAML_CASES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "only_comment": (b"# nothing\n", "empty"),
    "not_a_mapping": (b"- 1\n- 2\n", "mapping"),
    "scalar": (b"42\n", "mapping"),
    "tab_indent": (b"surfaces:\n\t- id: a\n", "YAML"),
    "unclosed_flow": (GOOD_YAML.encode() + b"labels: [{text: a\n", "YAML"),
    "unclosed_quote": (GOOD_YAML.encode() + b'title: "never ends\n', "YAML"),
    "two_documents": (GOOD_YAML.encode() + b"---\na: 1\n", "YAML"),
    "binary": (b"\x00\x01\x02schema", ""),
    "latin1": (GOOD_YAML.replace("tiny", "tiny").encode() + "title: Sæby\n".encode("latin-1"), "UTF-8"),
    "utf16": (GOOD_YAML.encode("utf-16"), ""),
    "alias_bomb": (YAML_BOMB.encode(), "alias"),
    "deep_nesting": (b"a: " + b"[" * 20000 + b"]" * 20000, ""),
    "python_tag": (GOOD_YAML.encode() + b"title: !!python/object/apply:os.system ['true']\n", "tag"),
    "merge_key": (GOOD_YAML.encode() + b"<<: {title: x}\n", ""),
    "duplicate_key": (GOOD_YAML.encode() + b"name: again\n", "twice"),
    "duplicate_nested_key": (swap(GOOD_YAML, "{lat: 50.0, lon: 8.0}", "{lat: 50.0, lat: 51.0, lon: 8.0}"), "twice"),
    "unknown_top_key": (GOOD_YAML.encode() + b"suface: []\n", "did you mean 'surfaces'"),
    "unknown_nested_key": (swap(GOOD_YAML, "width_m: 8", "widht_m: 8"), "did you mean 'width_m'"),
    "wrong_schema_version": (swap(GOOD_YAML, "schema_version: 1", "schema_version: 2"), "schema_version"),
    "schema_version_text": (swap(GOOD_YAML, "schema_version: 1", "schema_version: one"), "schema_version"),
    "no_schema_version": (without(GOOD_YAML, "schema_version"), "schema_version"),
    "no_name": (without(GOOD_YAML, "name"), "name: is missing"),
    "no_source": (without(GOOD_YAML, "source"), "source: is missing"),
    "no_licence": (without(GOOD_YAML, "licence"), "licence: is missing"),
    "no_origin": (without(GOOD_YAML, "origin"), "origin: is missing"),
    "empty_name": (swap(GOOD_YAML, "name: tiny", 'name: ""'), "name"),
    "name_is_number": (swap(GOOD_YAML, "name: tiny", "name: 12"), "quotes"),
    "origin_off_earth": (swap(GOOD_YAML, "lat: 50.0", "lat: 95.0"), "origin.lat"),
    "origin_nan": (swap(GOOD_YAML, "lat: 50.0", "lat: .nan"), "origin.lat"),
    "origin_infinite": (swap(GOOD_YAML, "lon: 8.0", "lon: .inf"), "origin.lon"),
    "origin_text": (swap(GOOD_YAML, "lat: 50.0", "lat: north"), "origin.lat"),
    "origin_list": (swap(GOOD_YAML, "{lat: 50.0, lon: 8.0}", "[50.0, 8.0]"), "origin"),
    "surfaces_is_mapping": (swap(GOOD_YAML, "surfaces:\n  - {id", "surfaces:\n    {id"), "surfaces"),
    "surface_kind": (swap(GOOD_YAML, "kind: apron", "kind: aprn"), "did you mean 'apron'"),
    "polygon_two_points": (swap(GOOD_YAML, ", [200, 160], [0, 160]]", "]"), "buildings[0].polygon"),
    "polygon_crosses_itself": (
        swap(GOOD_YAML, "[[0, 130], [200, 130], [200, 160], [0, 160]]", "[[0, 130], [200, 160], [200, 130], [0, 160]]"),
        "crosses itself",
    ),
    "polygon_degenerate": (swap(GOOD_YAML, ", [200, 160], [0, 160]]", ", [100, 130]]"), "buildings[0]"),
    "point_three_numbers": (swap(GOOD_YAML, "position: [100, 80]", "position: [100, 80, 0]"), "stands[0].position"),
    "point_text": (swap(GOOD_YAML, "position: [100, 80]", "position: [east, 80]"), "stands[0].position"),
    "point_nan": (swap(GOOD_YAML, "position: [100, 80]", "position: [.nan, 80]"), "stands[0].position"),
    "point_missing": (swap(GOOD_YAML, "position: [100, 80], ", ""), "stands[0].position"),
    "stand_code": (swap(GOOD_YAML, "heading_deg: 0, code: C", "heading_deg: 0, code: G"), "stands[0].code"),
    "stand_heading_missing": (swap(GOOD_YAML, "heading_deg: 0, ", ""), "stands[0].heading_deg"),
    "stand_heading_text": (swap(GOOD_YAML, "heading_deg: 0", "heading_deg: north"), "stands[0].heading_deg"),
    "stand_service_road": (
        swap(GOOD_YAML, "heading_deg: 0", "heading_deg: 0, service_road: raod"),
        "did you mean 'road'",
    ),
    "taxi_edge_lost_node": (swap(GOOD_YAML, "{start: t0, end: t1", "{start: t0, end: t2"), "no taxi node 't2'"),
    "road_edge_lost_node": (swap(GOOD_YAML, "start: r0, end: r1", "start: r0, end: r9"), "no road node 'r9'"),
    "road_edge_no_length": (swap(GOOD_YAML, "start: r0, end: r1", "start: r0, end: r0"), "no length"),
    "road_width_zero": (swap(GOOD_YAML, "width_m: 8", "width_m: 0"), "width_m"),
    "road_width_huge": (swap(GOOD_YAML, "width_m: 8", "width_m: 800"), "width_m"),
    "road_limit_negative": (swap(GOOD_YAML, "width_m: 8", "width_m: 8, limit_kmh: -5"), "limit_kmh"),
    "road_kind": (swap(GOOD_YAML, "width_m: 8", "kind: servis"), "did you mean 'service'"),
    "duplicate_stand": (
        swap(GOOD_YAML, "road_nodes:", "  - {id: S1, position: [160, 80], heading_deg: 0}\nroad_nodes:"), "already"),
    "duplicate_road_node": (swap(GOOD_YAML, "{id: r1,", "{id: r0,"), "already"),
    "crossing_lost_road": (GOOD_YAML.encode() + b"crossings:\n  - {road: rode, at: [0, 0]}\n", "did you mean 'road'"),
    "crossing_hold_zero": (GOOD_YAML.encode() + b"crossings:\n  - {road: road, at: [0, 0], hold_m: 0}\n", "hold_m"),
    "poi_kind": (swap(GOOD_YAML, "kind: fuel_depot", "kind: fuel"), "pois[0].kind"),
    "poi_lost_road": (swap(GOOD_YAML, "position: [-40, 115]", "position: [-40, 115], road: r"), "pois[0].road"),
    "runway_one_end": (GOOD_YAML.encode() + b"runways:\n  - {id: '09', ends: [[0, 0]]}\n", "runways[0].ends"),
    "runway_same_ends": (GOOD_YAML.encode() + b"runways:\n  - {id: '09', ends: [[0, 0], [0, 0]]}\n", "coincide"),
    "walkway_one_point": (GOOD_YAML.encode() + b"walkways:\n  - {id: w, line: [[0, 0]]}\n", "walkways[0].line"),
    "speed_zone_limit": (
        GOOD_YAML.encode() + b"speed_zones:\n  - {polygon: [[0, 0], [1, 0], [1, 1]], limit_kmh: 300}\n", "limit_kmh"),
    "driving_side": (GOOD_YAML.encode() + b"driving_side: middle\n", "driving_side"),
    "list_item_is_null": (GOOD_YAML.encode() + b"labels:\n  - null\n", "labels[0]"),
    "boolean_for_number": (swap(GOOD_YAML, "heading_deg: 0", "heading_deg: [1]"), "heading_deg"),
}  # fmt: skip

APT_CASES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "blank": (b"\n \n", "empty"),
    "zip_file": (b"PK\x03\x04\x00\x00\x00\x00", "binary"),
    "html": (b"<html><body>not found</body></html>\n", "header"),
    "no_platform_line": (GOOD_APT[2:].encode(), "header"),
    "old_version": (swap(GOOD_APT, "1100 made", "10 made"), "version"),
    "version_text": (swap(GOOD_APT, "1100 made", "v1100 made"), "version"),
    "no_airport": (b"I\n1100 x\n99\n", "no airport"),
    "truncated_rows": (GOOD_APT[:420].encode(), "truncated"),
    "truncated_mid_number": (GOOD_APT[: GOOD_APT.index("1206") + 6].encode(), "truncated"),
    "row_code_text": (swap(GOOD_APT, "1200\n", "x1200\n"), "row code"),
    "row_code_infinite": (swap(GOOD_APT, "1200\n", "inf\n"), "row code"),
    "header_short": (swap(GOOD_APT, "1 100 0 0 XTST Test", "1 100 0 0"), "ICAO"),
    "runway_short": (swap(GOOD_APT, "0 0 3 0 0 0 27 50.002 8.01", "0 0"), "row 100"),
    "runway_text": (swap(GOOD_APT, "09 50.002 7.99", "09 north 7.99"), "row 100 latitude"),
    "node_without_shape": (swap(GOOD_APT, "110 2 0.25 0.0 apron\n", ""), "row 111"),
    "shape_never_ends": (swap(GOOD_APT, "113 50.0010 7.9990\n", ""), "row 120"),
    "last_shape_never_ends": (GOOD_APT[: GOOD_APT.index("115")].encode() + b"99\n", "never ends"),
    "node_missing_lon": (swap(GOOD_APT, "111 49.9990 8.0030", "111 49.9990"), "row 111 longitude"),
    "node_nan": (swap(GOOD_APT, "111 49.9990 8.0030", "111 nan 8.0030"), "row 111 latitude"),
    "node_infinite": (swap(GOOD_APT, "111 49.9990 8.0030", "111 1e999 8.0030"), "row 111 latitude"),
    "node_off_earth": (swap(GOOD_APT, "111 49.9990 8.0030", "111 149.9990 8.0030"), "row 111 position"),
    "bezier_without_handle": (swap(GOOD_APT, "50.0012 8.0020", ""), "row 112"),
    "line_code_text": (swap(GOOD_APT, "7.9990 51", "7.9990 yellow"), "line code"),
    "surface_text": (swap(GOOD_APT, "110 2 ", "110 asphalt "), "surface"),
    "taxi_node_short": (swap(GOOD_APT, "1201 50.0000 8.0010 both 1 b", "1201 50.0000 8.0010"), "row 1201"),
    "edge_short": (swap(GOOD_APT, "1202 0 1 twoway taxiway_C A", "1202 0"), "row 1202"),
    "edge_direction": (swap(GOOD_APT, "0 1 twoway", "0 1 sideways"), "direction"),
    "road_direction": (swap(GOOD_APT, "0 1 oneway", "0 1 one_way"), "row 1206 direction"),
    "shape_point_without_edge": (swap(GOOD_APT, "1200\n", "1203 50.0 8.0\n"), "row 1203"),
    "zone_without_edge": (swap(GOOD_APT, "1200\n", "1204 departure 09\n"), "row 1204"),
    "stand_short": (swap(GOOD_APT, "1300 49.9990 8.0000 180.00 gate jets G 1", "1300 49.9990 8.0000"), "row 1300"),
    "stand_heading": (swap(GOOD_APT, "8.0000 180.00", "8.0000 south"), "row 1300 heading"),
    "letter_without_stand": (swap(GOOD_APT, "1300 49.9990 8.0000 180.00 gate jets G 1\n", ""), "row 1301"),
    "truck_text": (swap(GOOD_APT, "1400 49.9996", "1400 here"), "row 1400"),
}

OSM_CASES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "text": (b"hello", "JSON"),
    "json_list": (b"[1, 2]", "neither"),
    "json_number": (b"17", "neither"),
    "no_features": (b'{"type": "FeatureCollection"}', "neither"),
    "no_objects": (b'{"type": "FeatureCollection", "features": []}', "no tagged objects"),
    "truncated_json": (GOOD_GEOJSON[:200].encode(), "JSON"),
    "trailing_comma": (swap(GOOD_GEOJSON, "}},\n", "}},,\n"), "JSON"),
    "nan": (swap(GOOD_GEOJSON, "[8.005, 50.001]", "[NaN, 50.001]"), "finite"),
    "infinity": (swap(GOOD_GEOJSON, "[8.005, 50.001]", "[Infinity, 50.001]"), "finite"),
    "huge_number": (swap(GOOD_GEOJSON, "[8.005, 50.001]", "[1e999, 50.001]"), "not on Earth"),
    "deep_json": (b'{"features": ' + b"[" * 100000, "JSON"),
    "latin1": (swap(GOOD_GEOJSON, "taxiway", "taxiway").replace(b"way/1", "wåy/1".encode("latin-1")), "UTF-8"),
    "feature_is_text": (b'{"features": ["a"]}', "features[0]"),
    "properties_is_list": (swap(GOOD_GEOJSON, '{"aeroway": "taxiway"}', "[1]"), "features[0].properties"),
    "geometry_missing": (swap(GOOD_GEOJSON, f'"geometry": {POINT}', '"x": 1'), "features[1].geometry"),
    "geometry_text": (swap(GOOD_GEOJSON, POINT, '"here"'), "features[1].geometry"),
    "coordinates_missing": (swap(GOOD_GEOJSON, ', "coordinates": [8.005, 50.001]', ""), COORDINATES_1),
    "coordinates_text": (swap(GOOD_GEOJSON, "[8.005, 50.001]", '["east", 50.001]'), COORDINATES_1),
    "coordinates_short": (swap(GOOD_GEOJSON, "[8.005, 50.001]", "[8.005]"), COORDINATES_1),
    "coordinates_swapped": (swap(GOOD_GEOJSON, "[8.005, 50.001]", "[50.001, 108.005]"), "not on Earth"),
    "line_of_one_point": (swap(GOOD_GEOJSON, "[[8.0, 50.0], [8.01, 50.0]]", "[[8.0, 50.0]]"), "features[0].geometry.c"),
    "ring_of_two": (swap(GOOD_GEOJSON, LINE_1, '"Polygon", "coordinates": [[[8, 50], [8, 51]]]'), "at least 4"),
    "polygon_without_rings": (swap(GOOD_GEOJSON, LINE_1, '"Polygon", "coordinates": []'), "at least one"),
    "element_type": (json.dumps({"elements": [{"type": "area"}]}).encode(), "elements[0].type"),
    "element_is_number": (json.dumps({"elements": [7]}).encode(), "elements[0].type"),
    "element_lat": (swap(json.dumps(GOOD_OVERPASS), '"lat": 50.0, "lon": 8.0, "tags"', '"tags"'), "elements[0].lat"),
    "element_tags": (swap(json.dumps(GOOD_OVERPASS), '{"aeroway": "gate"}', "[1]"), "elements[0].tags"),
    "xml_unclosed": (GOOD_OSM_XML[:-8].encode(), "XML"),
    "xml_mismatch": (swap(GOOD_OSM_XML, "</way>", "</node>"), "XML"),
    "xml_wrong_root": (b"<gpx></gpx>", "root element"),
    "xml_laughs": (swap(GOOD_OSM_XML, '<osm version="0.6">', LAUGHS + '<osm version="0.6">'), "DTD"),
    "xml_external_entity": (swap(GOOD_OSM_XML, "<osm", '<!DOCTYPE osm SYSTEM "file:///etc/passwd"><osm'), "DTD"),
    "xml_entity": (swap(GOOD_OSM_XML, 'v="gate"', 'v="&gate;"'), "XML"),
    "xml_lat_text": (swap(GOOD_OSM_XML, 'lat="50.0" lon="8.01"', 'lat="fifty" lon="8.01"'), "lat/lon"),
    "xml_lat_missing": (swap(GOOD_OSM_XML, 'lat="50.0" lon="8.01"', 'lon="8.01"'), "lat/lon"),
    "xml_lat_nan": (swap(GOOD_OSM_XML, 'lat="50.0" lon="8.01"', 'lat="nan" lon="8.01"'), "not on Earth"),
    "xml_utf16": (GOOD_OSM_XML.encode("utf-16"), "UTF-8"),
}  # fmt: skip

GROUNDNET_CASES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "text": (b"no xml", "XML"),
    "wrong_root": (b"<osm/>", "root element"),
    "nothing_inside": (b"<groundnet></groundnet>", "parkingList"),
    "truncated": (GOOD_GROUNDNET[:300].encode(), "XML"),
    "laughs": (swap(GOOD_GROUNDNET, "<groundnet>", LAUGHS + "<groundnet>"), "DTD"),
    "latin1": (swap(GOOD_GROUNDNET, 'name="A"', 'name="Å"').decode().encode("latin-1"), "UTF-8"),
    "latitude_decimal": (swap(GOOD_GROUNDNET, "N50 0.1", "50.001"), "Parking 0.lat"),
    "latitude_beyond": (swap(GOOD_GROUNDNET, "N50 0.1", "N95 0.1"), "Parking 0.lat"),
    "latitude_missing": (swap(GOOD_GROUNDNET, 'lat="N50 0.1" ', ""), "Parking 0.lat"),
    "heading_text": (swap(GOOD_GROUNDNET, 'heading="0"', 'heading="N"'), "Parking 0.heading"),
    "heading_missing": (swap(GOOD_GROUNDNET, ' heading="0"', ""), "Parking 0.heading"),
    "radius_nan": (swap(GOOD_GROUNDNET, 'radius="17"', 'radius="nan"'), "Parking 0.radius"),
    "index_missing": (swap(GOOD_GROUNDNET, '<node index="2" ', "<node "), "index"),
    "arc_without_end": (swap(GOOD_GROUNDNET, ' end="3"', ""), "arc"),
}  # fmt: skip

READERS: dict[str, tuple[str, Callable[[Path], object], dict[str, tuple[bytes, str]]]] = {
    "yaml": ("map.yaml", load_map, YAML_CASES),
    "apt": ("apt.dat", import_xplane, APT_CASES),
    "osm": ("extract.json", import_osm, OSM_CASES),
    "groundnet": ("X.groundnet.xml", import_groundnet, GROUNDNET_CASES),
}
CASES = [(reader, case) for reader, (_, _, cases) in READERS.items() for case in cases]


@pytest.mark.parametrize(("reader", "case"), CASES, ids=[f"{reader}-{case}" for reader, case in CASES])
def test_one_clear_error(tmp_path, reader, case):
    name, read, cases = READERS[reader]
    data, expected = cases[case]
    path = tmp_path / name
    path.write_bytes(data)
    start = time.perf_counter()
    with pytest.raises(MapError) as caught:
        read(path)
    assert time.perf_counter() - start < MAX_SECONDS
    message = str(caught.value)
    found = LINE.match(message)
    assert found, message
    assert "\n" not in message
    assert Path(found["file"]).name == name
    assert int(found["line"]) <= data.count(b"\n") + 2
    assert expected in message, message


@pytest.mark.parametrize(
    ("name", "read", "text"),
    [
        ("map.yaml", load_map, GOOD_YAML),
        ("apt.dat", import_xplane, GOOD_APT),
        ("extract.json", import_osm, GOOD_GEOJSON),
        ("extract.json", import_osm, json.dumps(GOOD_OVERPASS)),
        ("extract.osm", import_osm, GOOD_OSM_XML),
        ("X.groundnet.xml", import_groundnet, GOOD_GROUNDNET),
    ],
)
def test_the_unbroken_originals_are_read(tmp_path, name, read, text):
    """Otherwise the cases above might fail for a reason of their own."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert read(path)


@pytest.mark.parametrize(("name", "read"), [(name, read) for name, read, _ in READERS.values()])
def test_a_missing_file_is_an_error_too(tmp_path, name, read):
    with pytest.raises((MapError, FileNotFoundError), match=re.escape(name)):
        read(tmp_path / "absent" / name)


def test_line_numbers_point_at_the_mistake(tmp_path):
    path = tmp_path / "apt.dat"
    path.write_bytes(swap(GOOD_APT, "111 49.9990 8.0030", "111 49.9990"))
    with pytest.raises(MapError, match=r"apt\.dat:9: row 111 longitude: missing"):
        import_xplane(path)
    path = tmp_path / "extract.json"
    path.write_bytes(swap(GOOD_GEOJSON, "[8.005, 50.001]", "[8.005]"))
    with pytest.raises(MapError, match=r"extract\.json:4: features\[1\]\.geometry\.coordinates"):
        import_osm(path)
