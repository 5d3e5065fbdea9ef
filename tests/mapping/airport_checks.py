"""What every airport we draw must satisfy, measured on the drawing itself (independent of the compiler)."""

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from shapely.geometry import LineString

from airside_sim.mapping.areas import parked_box, pavement_polygon, polygon_of, road_line, taxi_lines
from airside_sim.mapping.schema import AirportMap


def road_strips(m: AirportMap) -> list:
    """Every road edge as the area its lanes cover."""
    at = {node.id: node.position for node in m.road_nodes}
    return [road_line(m, edge, at).buffer(edge.width_m / 2, cap_style="flat") for edge in m.road_edges]


def min_lane_to_parked_m(m: AirportMap) -> float:
    """Smallest distance between a lane's edge and the box around the largest parked aircraft of a stand."""
    boxes = np.array([parked_box(stand) for stand in m.stands], dtype=object)
    return float(min(shapely.distance(boxes, strip).min() for strip in road_strips(m)))


def roads_in_buildings(m: AirportMap) -> list[str]:
    """Ids of road edges whose lanes touch a building."""
    buildings = shapely.union_all([polygon_of(b.polygon) for b in m.buildings])
    return [e.id for e, strip in zip(m.road_edges, road_strips(m), strict=True) if strip.intersects(buildings)]


def roads_off_pavement(m: AirportMap) -> list[str]:
    """Ids of road edges that leave the pavement."""
    pavement = pavement_polygon(m).buffer(0.05)
    return [e.id for e, strip in zip(m.road_edges, road_strips(m), strict=True) if not pavement.contains(strip)]


def is_strongly_connected(m: AirportMap) -> bool:
    """Whether every road node reaches every other along the edges' directions."""
    index = {node.id: i for i, node in enumerate(m.road_nodes)}
    pairs = [(index[e.start], index[e.end]) for e in m.road_edges]
    pairs += [(b, a) for (a, b), e in zip(pairs, m.road_edges, strict=True) if not e.oneway]
    rows, columns = zip(*pairs, strict=True)
    graph = csr_matrix((np.ones(len(pairs)), (rows, columns)), shape=(len(index), len(index)))
    return connected_components(graph, directed=True, connection="strong")[0] == 1


def min_node_gap_m(m: AirportMap) -> float:
    """Shortest road edge: junctions closer than this blur into one."""
    at = {node.id: node.position for node in m.road_nodes}
    return min(road_line(m, edge, at).length for edge in m.road_edges)


def min_walkway_to_lane_m(m: AirportMap) -> float:
    """Smallest gap between a walkway's edge and a lane's edge, over walkways that cross no road."""
    strips = shapely.union_all(road_strips(m))
    lines = [(LineString(w.line), w.width_m / 2) for w in m.walkways]
    gaps = [line.distance(strips) - half for line, half in lines if not line.intersects(strips)]
    return min(gaps, default=float("inf"))


def crossings(m: AirportMap) -> int:
    """Places where a road crosses a taxi centreline."""
    taxi = shapely.union_all(taxi_lines(m))
    at = {node.id: node.position for node in m.road_nodes}
    return int(sum(shapely.count_coordinates(road_line(m, e, at).intersection(taxi)) for e in m.road_edges))


def assert_sound(m: AirportMap) -> None:
    """All of the above, with the offenders named."""
    assert min_lane_to_parked_m(m) >= 5.5, m.name
    assert roads_in_buildings(m) == [], m.name
    assert roads_off_pavement(m) == [], m.name
    assert is_strongly_connected(m), m.name
    assert min_node_gap_m(m) >= 35.0, m.name
    assert min_walkway_to_lane_m(m) >= 3.5, m.name
    boxes = [parked_box(stand) for stand in m.stands]
    tree = shapely.STRtree(boxes)
    near = tree.query(boxes, predicate="dwithin", distance=7.4)
    assert (near[0] == near[1]).all(), f"{m.name}: parked aircraft closer than the stand clearance"
    buildings = shapely.union_all([polygon_of(b.polygon) for b in m.buildings])
    assert all(box.distance(buildings) > 4.5 for box in boxes), m.name
