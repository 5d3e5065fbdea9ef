"""Gap filling: the laid roads keep their promises on real airports without roads."""

import math

import pytest
import shapely
from shapely.geometry import LineString

from airside_sim.mapping.areas import parked_box, polygon_of, runway_strip
from airside_sim.mapping.importers.fill import fill_gaps, fill_taxi_graph
from airside_sim.mapping.importers.groundnet import import_groundnet
from airside_sim.mapping.importers.osm import import_osm
from airside_sim.mapping.importers.road_net import RawRoad, components, driving_side, join_chains
from airside_sim.mapping.importers.xplane import import_xplane
from airside_sim.mapping.map_checks import find_problem


@pytest.fixture(scope="module", params=["KSYR", "KBUF"])
def filled(request, map_data_dir):
    return fill_gaps(import_xplane(map_data_dir / "xplane" / f"{request.param}_1050.apt.dat"))


def road_lines(airport):
    at = {node.id: node.position for node in airport.road_nodes}
    return [LineString([at[e.start], *e.shape, at[e.end]]) for e in airport.road_edges]


def test_roads_are_one_connected_network_without_dead_ends(filled):
    edges = filled.airport.road_edges
    assert len(components([(edge.start, edge.end) for edge in edges])) == 1
    ends = [node for edge in edges for node in (edge.start, edge.end)]
    assert all(ends.count(node) >= 2 for node in ends)
    leave = {edge.start for edge in edges} | {edge.end for edge in edges if not edge.oneway}
    arrive = {edge.end for edge in edges} | {edge.start for edge in edges if not edge.oneway}
    assert leave == arrive


def test_roads_keep_clear_of_aircraft_buildings_and_runways(filled):
    airport = filled.airport
    lines, widths = road_lines(airport), [edge.width_m for edge in airport.road_edges]
    boxes = shapely.union_all([parked_box(stand) for stand in airport.stands])
    built = shapely.union_all([polygon_of(building.polygon) for building in airport.buildings])
    strips = shapely.union_all([runway_strip(runway) for runway in airport.runways])
    for line, width in zip(lines, widths, strict=True):
        # 5.5 m is promised from the lane edge; cells of 4 m and rounded corners may take 0.75 m of it
        assert line.distance(boxes) - width / 2.0 > 4.75
        assert line.distance(built) - width / 2.0 > 1.0
        assert not line.intersects(strips)


def test_most_gates_get_a_road(filled):
    airport = filled.airport
    roads = shapely.union_all(road_lines(airport))
    gates = [stand for stand in airport.stands if not stand.remote]
    served = sum(roads.distance(parked_box(stand)) < 60.0 for stand in gates)
    assert served >= 0.8 * len(gates)


def test_everything_filled_is_listed(filled):
    airport = filled.airport
    words = " ".join(airport.filled)
    for expected in ("service roads:", "depots: fuel_depot, baggage_hall, gse_parking", "buildings:"):
        assert expected in words
    assert {poi.kind for poi in airport.pois} >= {"fuel_depot", "baggage_hall", "gse_parking"}
    assert find_problem(airport) is None


def test_filling_is_deterministic(map_data_dir):
    path = map_data_dir / "xplane" / "KBUF_1050.apt.dat"
    first, second = (fill_gaps(import_xplane(path)).airport for _ in range(2))
    assert first.model_dump_json() == second.model_dump_json()


def test_real_roads_are_left_alone(map_data_dir):
    imported = import_xplane(map_data_dir / "xplane" / "EDDB_gateway_1130.apt.dat")
    airport = fill_gaps(imported).airport
    assert airport.road_edges == imported.airport.road_edges
    assert not any("service roads" in word for word in airport.filled)


def test_painted_centrelines_become_the_taxi_graph(map_data_dir):
    airport = import_xplane(map_data_dir / "xplane" / "EKCH_fg_1000.apt.dat").airport
    update, word = fill_taxi_graph(airport, [])
    assert word.endswith("from the painted centrelines")
    parts = components([(edge.start, edge.end) for edge in update["taxi_edges"]])
    assert len(parts[0]) > 0.5 * len(update["taxi_nodes"])
    assert {edge.kind for edge in update["taxi_edges"]} == {"taxiway", "taxilane", "runway"}


def test_lead_ins_become_taxilanes_and_the_side_follows_the_code(map_data_dir):
    airport = fill_gaps(import_osm(sorted((map_data_dir / "osm" / "EGGW").glob("*.geojson")), "EGGW")).airport
    assert airport.driving_side == "left"
    assert any("from the stands' lead-ins" in word for word in airport.filled)
    assert airport.taxi_edges
    assert airport.road_edges


def test_a_map_of_stands_and_arcs_alone_becomes_drivable(map_data_dir):
    airport = fill_gaps(import_groundnet(map_data_dir / "flightgear" / "LSZH.groundnet.xml")).airport
    assert any(word.startswith("pavement:") for word in airport.filled)
    assert sum(line.length for line in road_lines(airport)) > 2000.0


def test_chains_join_through_plain_nodes_only():
    raw = [
        RawRoad("a", "b", True, ((0.0, 0.0), (10.0, 0.0))),
        RawRoad("b", "c", True, ((10.0, 0.0), (20.0, 0.0))),
        RawRoad("d", "c", True, ((30.0, 0.0), (20.0, 0.0))),  # arrows clash at c
    ]
    joined = join_chains(raw)
    assert [(road.start, road.end, road.line) for road in joined] == [
        ("a", "c", ((0.0, 0.0), (10.0, 0.0), (20.0, 0.0))),
        ("d", "c", ((30.0, 0.0), (20.0, 0.0))),
    ]


@pytest.mark.parametrize(("north_lane_x", "side"), [(5.0, "right"), (-5.0, "left")])
def test_side_is_where_the_oncoming_lane_is_not(north_lane_x, side):
    """Northbound at x, southbound at 0: northbound on the east of southbound means keeping right."""
    raw = [
        RawRoad("a", "b", True, ((north_lane_x, 0.0), (north_lane_x, 50.0))),
        RawRoad("c", "d", True, ((0.0, 50.0), (0.0, 0.0))),
    ]
    assert driving_side(raw)[0] == side


def test_turning_loops_leave_on_the_driving_side(filled):
    """Right-hand traffic turns to the left round a loop: the two halves enclose a counter-clockwise ring."""
    airport = filled.airport
    at = {node.id: node.position for node in airport.road_nodes}
    oneway = [edge for edge in airport.road_edges if edge.oneway]
    assert oneway
    for edge in oneway:
        line = [at[edge.start], *edge.shape, at[edge.end]]
        turn = sum(
            math.remainder(math.atan2(c[1] - b[1], c[0] - b[0]) - math.atan2(b[1] - a[1], b[0] - a[0]), math.tau)
            for a, b, c in zip(line, line[1:], line[2:], strict=False)
        )
        assert turn > 0.0
