"""Areas that follow from a map by rule: parked outlines, stands, taxiway strips, runway strips, pavement (shapely).

The figures are the code letter's, from ICAO Annex 14 and the aircraft table; metres throughout.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from airside_sim.mapping.schema import AirportMap, Runway, Stand, TaxiEdge

# Largest span of the letter (Annex 14, open upper limit), nose tip ahead of the nose wheel and tail tip behind it:
# the envelope of the letter's types (A321/B738 for C, B763 D, A333 nose and B77W tail E, A388 F; FAA database 2023-09).
SPAN_M = {"A": 15.0, "B": 24.0, "C": 36.0, "D": 52.0, "E": 65.0, "F": 80.0}
NOSE_M = {"A": 1.5, "B": 2.7, "C": 5.1, "D": 5.5, "E": 6.6, "F": 5.0}
TAIL_M = {"A": 11.0, "B": 25.4, "C": 39.5, "D": 50.0, "E": 68.0, "F": 68.5}
STAND_CLEARANCE_M = {"A": 3.0, "B": 3.0, "C": 4.5, "D": 7.5, "E": 7.5, "F": 7.5}  # Annex 14 3.13.6
TAXIWAY_WIDTH_M = {"A": 7.5, "B": 10.5, "C": 15.0, "D": 23.0, "E": 23.0, "F": 25.0}  # Annex 14 3.9.4 (upper)
TAXIWAY_WITH_SHOULDERS_M = {"A": 7.5, "B": 10.5, "C": 25.0, "D": 34.0, "E": 38.0, "F": 44.0}  # Annex 14 3.10.1
TAXIWAY_OBJECT_M = {"A": 15.5, "B": 20.0, "C": 26.0, "D": 37.0, "E": 43.5, "F": 51.0}  # Annex 14 table 3-1
TAXILANE_OBJECT_M = {"A": 12.0, "B": 16.5, "C": 22.5, "D": 33.5, "E": 40.0, "F": 47.5}  # Annex 14 table 3-1
RUNWAY_STRIP_HALF_WIDTH_M = 90.0  # runway-holding distance, precision approach, code 4
RUNWAY_STRIP_BEYOND_END_M = 60.0  # Annex 14 3.4.2
ROAD_SHOULDER_M = 1.5  # firm ground beside a road's edge line
PAVEMENT_GAP_M = 0.5  # slits narrower than twice this between two drawn surfaces are drawing errors, not grass
UNPAVED = ("grass", "water")


def polygon_of(points: Sequence[tuple[float, float]], holes: Iterable[Sequence] = ()) -> BaseGeometry:
    """A valid polygonal geometry from drawn rings; self-intersections are repaired, empty when nothing remains."""
    return polygonal(shapely.make_valid(Polygon(points, list(holes))))


def polygonal(shape: BaseGeometry) -> BaseGeometry:
    """The polygonal part of a geometry (make_valid may return lines and points beside polygons)."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    nested = [p for part in shapely.get_parts(shape) if part.geom_type == "MultiPolygon" for p in part.geoms]
    parts += nested
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def heading_rad(heading_deg: float) -> float:
    """True heading (degrees clockwise from north) to radians counter-clockwise from east."""
    return math.radians(90.0 - heading_deg)


def stand_frame(stand: Stand, points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points (m ahead, m left) of a stand's nose wheel in map coordinates."""
    h = heading_rad(stand.heading_deg)
    c, s = math.cos(h), math.sin(h)
    x, y = stand.position
    return [(x + a * c - b * s, y + a * s + b * c) for a, b in points]


def parked_box(stand: Stand) -> Polygon:
    """Bounding box of the largest aircraft the stand takes (the hull of every type of its letter lies inside)."""
    nose, tail, half = NOSE_M[stand.code], -TAIL_M[stand.code], SPAN_M[stand.code] / 2.0
    return Polygon(stand_frame(stand, [(nose, half), (tail, half), (tail, -half), (nose, -half)]))


def stand_polygon(stand: Stand) -> BaseGeometry:
    """The stand's outline: as drawn, else the largest aircraft's box plus the letter's stand clearance."""
    if stand.area:
        return polygon_of(stand.area)
    clear = STAND_CLEARANCE_M[stand.code]
    ahead = NOSE_M[stand.code] + min(clear, 4.5)  # nose clearance shrinks to 4.5 m with guidance (Annex 14 3.13.7)
    behind, half = -TAIL_M[stand.code] - clear, SPAN_M[stand.code] / 2.0 + clear
    return Polygon(stand_frame(stand, [(ahead, half), (behind, half), (behind, -half), (ahead, -half)]))


def runway_polygon(runway: Runway) -> BaseGeometry:
    """The runway's pavement."""
    return LineString(runway.ends).buffer(runway.width_m / 2.0, cap_style="flat")


def runway_strip(runway: Runway) -> BaseGeometry:
    """The strip that no vehicle enters without a clearance: a rectangle, 60 m beyond both ends."""
    (x0, y0), (x1, y1) = runway.ends
    length = max(math.hypot(x1 - x0, y1 - y0), 1e-6)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    more = RUNWAY_STRIP_BEYOND_END_M
    half = runway.strip_half_width_m if runway.strip_half_width_m is not None else RUNWAY_STRIP_HALF_WIDTH_M
    line = LineString([(x0 - more * ux, y0 - more * uy), (x1 + more * ux, y1 + more * uy)])
    return line.buffer(half, cap_style="flat")


def taxi_line(m: AirportMap, edge: TaxiEdge, positions: dict[str, tuple[float, float]] | None = None) -> LineString:
    """Centreline of a taxi edge; `positions` saves rebuilding the node table in a loop."""
    at = positions or {node.id: node.position for node in m.taxi_nodes}
    return LineString([at[edge.start], *edge.shape, at[edge.end]])


def road_line(m: AirportMap, edge, positions: dict[str, tuple[float, float]] | None = None) -> LineString:
    """Centreline of a road edge."""
    at = positions or {node.id: node.position for node in m.road_nodes}
    return LineString([at[edge.start], *edge.shape, at[edge.end]])


def taxi_lines(m: AirportMap) -> list[LineString]:
    """Centreline of every taxi edge, in order."""
    at = {node.id: node.position for node in m.taxi_nodes}
    return [taxi_line(m, edge, at) for edge in m.taxi_edges]


def taxi_strips(m: AirportMap) -> list[BaseGeometry]:
    """Taxiway pavement with shoulders along every taxi edge that is not a runway."""
    strips = []
    for edge, line in zip(m.taxi_edges, taxi_lines(m), strict=True):
        if edge.kind != "runway":
            strips.append(line.buffer(TAXIWAY_WITH_SHOULDERS_M[edge.code] / 2.0, join_style="round"))
    return strips


def lead_in_line(stand: Stand, taxi: BaseGeometry) -> LineString | None:
    """The stand's lead-in: as drawn, else straight back from the nose wheel to the first taxi line within 150 m."""
    if stand.lead_in:
        points = list(stand.lead_in)
        if math.dist(points[-1], stand.position) > 0.01:
            points.append(stand.position)
        return LineString(points) if len(points) > 1 else None
    back = LineString([stand.position, stand_frame(stand, [(-150.0, 0.0)])[0]])
    hit = back.intersection(taxi)
    if hit.is_empty:
        return None
    distance = min(shapely.distance(shapely.Point(stand.position), part) for part in shapely.get_parts(hit))
    if distance < 1.0:
        return None
    return LineString([stand_frame(stand, [(-distance, 0.0)])[0], stand.position])


def pavement_polygon(m: AirportMap) -> BaseGeometry:
    """Everything a vehicle may stand on: drawn pavement, roads with a shoulder, stands, taxiways, runways."""
    at = {node.id: node.position for node in m.road_nodes}
    lines = [road_line(m, edge, at) for edge in m.road_edges]
    reach = [edge.width_m / 2.0 + ROAD_SHOULDER_M for edge in m.road_edges]
    parts: list[BaseGeometry] = [polygon_of(s.polygon, s.holes) for s in m.surfaces if s.kind not in UNPAVED]
    parts += list(shapely.buffer(np.array(lines, dtype=object), np.array(reach))) if lines else []
    parts += [stand_polygon(stand) for stand in m.stands]
    parts += [runway_polygon(runway) for runway in m.runways]
    parts += taxi_strips(m)
    if not parts:
        return MultiPolygon()
    union = shapely.union_all([part for part in parts if not part.is_empty], grid_size=0.001)
    closed = union.buffer(PAVEMENT_GAP_M, join_style="mitre").buffer(-PAVEMENT_GAP_M, join_style="mitre")
    return polygonal(shapely.make_valid(closed.simplify(0.02)))
