"""OpenStreetMap importer: three formats of one small airport give one map; the real Amsterdam, Singapore and Luton."""

import json
import math
from xml.sax.saxutils import quoteattr

import pytest
from shapely.geometry import LineString, Point, Polygon

from airside_sim.mapping.importers.line_graph import graph_from_lines
from airside_sim.mapping.importers.osm import import_osm, merge_osm
from airside_sim.mapping.importers.xplane import import_xplane
from airside_sim.mapping.map_checks import find_problem

LAT0, LON0 = 50.0, 8.0
M_LAT, M_LON = 111_229.0, 71_696.0  # metres per degree at 50 N (WGS84)

# id -> (east m, north m); a taxiway along y = 0, three stands north of it, a road behind, a terminal ahead.
NODES = {
    1: (-300, 0), 2: (0, 0), 3: (300, 0),
    10: (0, 0), 11: (0, 70), 12: (50, 70), 13: (50, 0), 14: (110, 72),
    20: (-200, 110), 21: (200, 110), 22: (-200, 100), 23: (200, 100),
    30: (-300, -40), 31: (250, 40), 32: (250, 0),
    40: (-400, -200), 41: (400, -200), 42: (400, 200), 43: (-400, 200),
    50: (-150, 0), 60: (52, 96),
}  # fmt: skip
NODE_TAGS = {
    14: {"aeroway": "parking_position", "ref": "3", "maxspan": "64"},
    50: {"aeroway": "holding_position", "holding_position:type": "runway"},
    32: {"aeroway": "aircraft_crossing"},
    60: {"aeroway": "gate", "ref": "2"},
}
WAYS = {
    100: ([1, 50, 2, 13, 32, 3], {"aeroway": "taxiway", "ref": "A", "width": "23"}),
    101: ([10, 11], {"aeroway": "parking_position", "ref": "1"}),
    102: ([12, 13], {"aeroway": "parking_position", "ref": "2"}),  # drawn from the stop to the taxiway
    103: ([20, 21, 23, 22, 20], {"aeroway": "terminal", "building": "yes", "height": "18"}),
    104: ([30, 32, 31], {"highway": "service", "maxspeed": "20 mph", "oneway": "-1"}),
    105: ([40, 41, 42, 43, 40], {"aeroway": "aerodrome", "icao": "XOSM", "name": "Test Field"}),
    106: ([20, 43], {"highway": "service", "access": "public"}),
    107: ([11, 60], {"aeroway": "jet_bridge"}),
}


def lonlat(node):
    x, y = NODES[node]
    return LON0 + x / M_LON, LAT0 + y / M_LAT


def overpass(path):
    elements = [
        {"type": "node", "id": n, "lon": lonlat(n)[0], "lat": lonlat(n)[1], "tags": NODE_TAGS.get(n, {})} for n in NODES
    ]
    elements += [{"type": "way", "id": w, "nodes": nodes, "tags": tags} for w, (nodes, tags) in WAYS.items()]
    path.write_text(json.dumps({"elements": elements}), encoding="utf-8")
    return path


def overpass_geom(path):
    """`out geom`: coordinates in the ways, no untagged nodes."""
    elements = [
        {"type": "node", "id": n, "lon": lonlat(n)[0], "lat": lonlat(n)[1], "tags": t} for n, t in NODE_TAGS.items()
    ]
    for way, (nodes, tags) in WAYS.items():
        points = [{"lat": lonlat(n)[1], "lon": lonlat(n)[0]} for n in nodes]
        elements.append({"type": "way", "id": way, "geometry": points, "tags": tags})
    path.write_text(json.dumps({"elements": elements}), encoding="utf-8")
    return path


def xml(path):
    def tags(values):
        return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in values.items())

    rows = [
        f'<node id="{n}" lon="{lonlat(n)[0]:.9f}" lat="{lonlat(n)[1]:.9f}">{tags(NODE_TAGS.get(n, {}))}</node>'
        for n in NODES
    ]
    for way, (nodes, values) in WAYS.items():
        rows.append(f'<way id="{way}">{"".join(f"""<nd ref="{n}"/>""" for n in nodes)}{tags(values)}</way>')
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">{"".join(rows)}</osm>', encoding="utf-8")
    return path


def geojson(path):
    features = [
        {"type": "Feature", "id": f"node/{n}", "properties": t, "geometry": {"type": "Point", "coordinates": lonlat(n)}}
        for n, t in NODE_TAGS.items()
    ]
    for way, (nodes, tags) in WAYS.items():
        line = [lonlat(n) for n in nodes]
        closed = nodes[0] == nodes[-1]
        geometry = {"type": "Polygon", "coordinates": [line]} if closed else {"type": "LineString", "coordinates": line}
        features.append({"type": "Feature", "id": f"way/{way}", "properties": tags, "geometry": geometry})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


@pytest.fixture(params=[overpass, overpass_geom, xml, geojson])
def small(request, tmp_path):
    return import_osm(request.param(tmp_path / "extract"))


def test_every_format_gives_the_same_airport(small):
    airport, warnings = small
    assert (airport.name, airport.title) == ("XOSM", "Test Field")
    assert {stand.id: stand.code for stand in airport.stands} == {"1": "D", "2": "C", "3": "E"}
    for stand in airport.stands:
        assert abs((stand.heading_deg + 180.0) % 360.0 - 180.0) < 3.0, stand  # noses to the terminal in the north
    assert any("1 stand lines were drawn from the stop" in warning for warning in warnings)
    assert [(b.kind, b.height_m) for b in airport.buildings] == [("terminal", 18.0)]
    assert {edge.name for edge in airport.taxi_edges} == {"A"}
    assert [node.hold for node in airport.taxi_nodes].count("runway") == 1
    assert [(e.oneway, round(e.limit_kmh)) for e in airport.road_edges] == [(True, 32)]
    at = {node.id: node.position for node in airport.road_nodes}
    assert at[airport.road_edges[0].start][0] > at[airport.road_edges[0].end][0]  # oneway=-1 turns it round
    assert len(airport.crossings) == 1
    assert math.dist(airport.crossings[0].at, at[airport.road_edges[0].start]) == pytest.approx(40.0, abs=0.5)
    assert [poi.kind for poi in airport.pois] == ["gate"]
    assert find_problem(airport) is None


def test_graph_joins_touching_ends_and_leaves_bridges_apart():
    lines = [[(0.0, 0.0), (100.0, 0.0)], [(50.0, 0.3), (50.0, 80.0)], [(20.0, -50.0), (20.0, 50.0)]]
    nodes, pieces = graph_from_lines(lines, 0.5)
    assert len(nodes) == 6  # four ends of the first two lines less none, the touch, and the bridge's own two
    assert sorted(piece.line_idx for piece in pieces) == [0, 0, 1, 2]
    total = sum(LineString(piece.points).length for piece in pieces)
    assert total == pytest.approx(100.0 + 79.7 + 100.0, abs=0.5)


def test_merge_adds_buildings_to_another_map(tmp_path, map_data_dir):
    airport = import_xplane(map_data_dir / "xplane" / "KSYR_1050.apt.dat").airport
    stand = next(s for s in airport.stands if not s.remote)
    # a hangar 40 m ahead of a gate and one 3 km away, drawn in degrees round the map's own origin
    lat_m, lon_m = 111_100.0, 111_320.0 * math.cos(math.radians(airport.origin.lat))
    angle = math.radians(90.0 - stand.heading_deg)
    near = (stand.position[0] + 50.0 * math.cos(angle), stand.position[1] + 50.0 * math.sin(angle))
    features = []
    for k, (x, y) in enumerate([near, (near[0] + 3000.0, near[1] + 3000.0)]):
        ring = [(x - 10, y - 10), (x + 10, y - 10), (x + 10, y + 10), (x - 10, y + 10), (x - 10, y - 10)]
        ring = [(airport.origin.lon + px / lon_m, airport.origin.lat + py / lat_m) for px, py in ring]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append(
            {"type": "Feature", "id": f"way/{k}", "properties": {"building": "hangar"}, "geometry": geometry}
        )
    path = tmp_path / "buildings.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    merged = merge_osm(airport, path).airport
    assert [building.kind for building in merged.buildings] == ["hangar"]
    assert Polygon(merged.buildings[0].polygon).centroid.distance(Point(near)) < 1.0
    assert (merged.stands, merged.taxi_edges) == (airport.stands, airport.taxi_edges)
    assert "OpenStreetMap" in merged.licence
    assert merged.filled[-1] == "1 buildings from OpenStreetMap"


@pytest.mark.parametrize(("icao", "stands", "buildings"), [("EHAM", 100, 0), ("WSSS", 150, 5), ("EGGW", 40, 2)])
def test_real_extracts_of_several_files(map_data_dir, icao, stands, buildings):
    airport, _ = import_osm(sorted((map_data_dir / "osm" / icao).glob("*.geojson")), icao)
    assert airport.name == icao
    assert len(airport.stands) > stands
    assert len(airport.buildings) >= buildings
    assert len({stand.id for stand in airport.stands}) == len(airport.stands)
    assert find_problem(airport) is None


def test_amsterdam_runways(map_data_dir):
    airport, _ = import_osm(sorted((map_data_dir / "osm" / "EHAM").glob("*.geojson")), "EHAM")
    lengths = {runway.id: math.dist(*runway.ends) for runway in airport.runways}
    # Published lengths (AIP): 3,800 m Polderbaan, 3,453 m Buitenveldertbaan, 2,014 m Oostbaan.
    assert lengths["18R/36L"] == pytest.approx(3800.0, rel=0.03)
    assert lengths["09/27"] == pytest.approx(3453.0, rel=0.03)
    assert lengths["04/22"] == pytest.approx(2014.0, rel=0.05)
