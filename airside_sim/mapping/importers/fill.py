"""Fills the gaps of imported maps by rule, so that they can be driven; every rule that acted is listed in `filled`.

In this order, each only where the map has nothing of the kind:
1. driving side: left for the ICAO prefixes of left-hand countries, when the roads themselves do not tell;
2. taxi graph: the painted taxi centrelines; without paint a taxilane through the starts of the stands' lead-ins;
3. buildings: a terminal 15 m deep, 12 m ahead of the noses of every row of gates that a road can reach from behind,
   kept off roads, stands and taxi lines;
4. service roads: `fill_roads` (behind the tails, else ahead of the noses; linked, ringed, turning loops at dead ends);
5. depots: fuel, baggage hall and equipment parking beside the longest roads away from the stands;
6. pavement: taxiways, stands and roads with their margins as one surface;
7. speed limits are not written: the road kinds carry 15 (stands), 25 (apron) and 40 km/h (service).
"""

import math
from collections.abc import Callable, Sequence

import shapely
from shapely.geometry import LineString, Polygon

from airside_sim.mapping.areas import (
    NOSE_M,
    SPAN_M,
    lead_in_line,
    parked_box,
    pavement_polygon,
    road_line,
    stand_frame,
    taxi_lines,
)
from airside_sim.mapping.importers.fill_grid import RoadGrid
from airside_sim.mapping.importers.fill_roads import has_rear_access, lay_roads
from airside_sim.mapping.importers.line_graph import graph_from_lines
from airside_sim.mapping.importers.result import Imported
from airside_sim.mapping.importers.road_net import build_roads, components
from airside_sim.mapping.schema import AirportMap, Building, Poi, Stand, Surface, TaxiEdge, TaxiNode

XY = tuple[float, float]
# Left-hand traffic by ICAO prefix: UK, Ireland, Cyprus, Malta, Australia, New Zealand and Pacific, Japan, Singapore,
# Hong Kong, Malaysia, Thailand, Indonesia, South Asia, southern and eastern Africa, Caribbean islands.
_LEFT_PREFIXES = ("EG", "EI", "LC", "LM", "Y", "NZ", "NF", "AY", "RJ", "RO", "WS", "VH", "WM", "WB", "VT", "WA", "WI")
_LEFT_PREFIXES += ("VA", "VE", "VI", "VO", "VC", "VG", "VN", "OP", "FA", "FV", "FL", "FQ", "HK", "HT", "HU", "FY", "FB")
_LEFT_PREFIXES += ("MK", "TB", "MY", "TT")
_TERMINAL_AHEAD_M, _TERMINAL_DEPTH_M = 12.0, 15.0
_ROW_PITCH_M = 110.0
_PAINT_SNAP_M = 1.5
_LEAD_IN_M = {"A": 30.0, "B": 45.0, "C": 75.0, "D": 95.0, "E": 110.0, "F": 115.0}  # nose wheel to a guessed taxilane
_DEPOTS = ("fuel_depot", "baggage_hall", "gse_parking")
_DEPOT_OFFSET_M = 3.0


def fill_gaps(imported: Imported) -> Imported:
    """The map with every gap filled by rule; warnings gain what could not be filled."""
    airport, warnings = imported.airport, list(imported.warnings)
    filled = list(airport.filled)
    for rule in (_fill_side, fill_taxi_graph, _fill_buildings, _fill_roads, _fill_depots, _fill_pavement):
        update, word = rule(airport, warnings)
        if update:
            airport = airport.model_copy(update=update)
            filled.append(word)
    airport = airport.model_copy(update={"filled": filled})
    return Imported(AirportMap.model_validate(airport.model_dump()), warnings)


Rule = Callable[[AirportMap, list[str]], tuple[dict, str]]


def _fill_side(airport: AirportMap, warnings: list[str]) -> tuple[dict, str]:
    if any(edge.oneway for edge in airport.road_edges) or not airport.name.upper().startswith(_LEFT_PREFIXES):
        return {}, ""
    return {"driving_side": "left"}, f"driving side: left, by the ICAO code {airport.name}"


def fill_taxi_graph(airport: AirportMap, warnings: list[str]) -> tuple[dict, str]:
    if airport.taxi_edges or not airport.stands:
        return {}, ""
    painted = [marking.line for marking in airport.markings if marking.kind == "taxi_centreline"]
    source = "the painted centrelines" if painted else "the stands' lead-ins"
    lines = painted or _guessed_taxilanes(airport.stands)
    positions, pieces = graph_from_lines(lines, _PAINT_SNAP_M)
    boxes = shapely.STRtree([parked_box(stand).buffer(-3.0) for stand in airport.stands])
    reach = shapely.STRtree([parked_box(stand) for stand in airport.stands])
    runways = [LineString(runway.ends).buffer(runway.width_m / 3.0) for runway in airport.runways]
    edges = []
    for piece in pieces:
        line = LineString(piece.points)
        if len(boxes.query(line, predicate="intersects")):
            continue  # a stand's own lead-in, painted to the nose wheel
        on_runway = any(runway.contains(line.interpolate(0.5, normalized=True)) for runway in runways)
        near = reach.query(line, predicate="dwithin", distance=45.0)
        code = max((airport.stands[k].code for k in near), default="E")
        kind = "runway" if on_runway else ("taxilane" if len(near) else "taxiway")
        shape = list(piece.points[1:-1])
        edges.append(TaxiEdge(start=piece.start, end=piece.end, kind=kind, code=code, shape=shape))
    used = {node for edge in edges for node in (edge.start, edge.end)}
    nodes = [TaxiNode(id=node, position=xy) for node, xy in positions.items() if node in used]
    return {"taxi_nodes": nodes, "taxi_edges": edges}, f"taxi graph: {len(edges)} edges from {source}"


def _guessed_taxilanes(stands: Sequence[Stand]) -> list[list[XY]]:
    """Per row of stands a line through the points where their lead-ins start, and the lead-ins' curves to it."""
    lines = []
    for row in _rows(stands):
        starts = [_lead_in_start(stand) for stand in row]
        first, last = starts[0], starts[-1]
        line = [first, *starts[1:-1], last] if len(starts) > 1 else _across(row[0], first)
        extended = [_beyond(line[1], line[0]), *line, _beyond(line[-2], line[-1])]
        lines.append([(round(x, 2), round(y, 2)) for x, y in extended])
    return lines


def _lead_in_start(stand: Stand) -> XY:
    if len(stand.lead_in) > 1 and math.dist(stand.lead_in[0], stand.position) > 30.0:
        return stand.lead_in[0]
    return stand_frame(stand, [(-_LEAD_IN_M[stand.code], 0.0)])[0]


def _across(stand: Stand, start: XY) -> list[XY]:
    left = stand_frame(stand, [(0.0, 20.0)])[0]
    dx, dy = left[0] - stand.position[0], left[1] - stand.position[1]
    return [(start[0] + dx, start[1] + dy), start, (start[0] - dx, start[1] - dy)]


def _beyond(inner: XY, outer: XY, more_m: float = 40.0) -> XY:
    length = max(math.dist(inner, outer), 1e-6)
    return (
        outer[0] + (outer[0] - inner[0]) / length * more_m,
        outer[1] + (outer[1] - inner[1]) / length * more_m,
    )


def _rows(stands: Sequence[Stand]) -> list[list[Stand]]:
    """Stands abreast (headings within 12 degrees, noses within 25 m, pitch below 110 m), in lateral order."""
    pairs = []
    for i, a in enumerate(stands):
        pairs.append((str(i), str(i)))
        angle = math.radians(90.0 - a.heading_deg)
        for j in range(i + 1, len(stands)):
            b = stands[j]
            dx, dy = b.position[0] - a.position[0], b.position[1] - a.position[1]
            ahead, left = dx * math.cos(angle) + dy * math.sin(angle), -dx * math.sin(angle) + dy * math.cos(angle)
            turn = abs((a.heading_deg - b.heading_deg + 180.0) % 360.0 - 180.0)
            if turn < 12.0 and abs(ahead) < 25.0 and abs(left) < _ROW_PITCH_M:
                pairs.append((str(i), str(j)))
    rows = []
    for part in components(pairs):
        row = [stands[k] for k in sorted(int(name) for name in part)]
        angle = math.radians(90.0 - row[0].heading_deg)
        row.sort(key=lambda s, a=angle: -s.position[0] * math.sin(a) + s.position[1] * math.cos(a))
        rows.append(row)
    return rows


def _fill_roads(airport: AirportMap, warnings: list[str]) -> tuple[dict, str]:
    if airport.road_edges or not airport.stands:
        return {}, ""
    raw, served = lay_roads(airport, airport.driving_side == "left")
    if not raw:
        warnings.append("no service roads could be laid: no free ground behind, ahead of or beside the stands")
        return {}, ""
    nodes, edges = build_roads(raw, airport.stands)
    at = {node.id: node.position for node in nodes}
    km = sum(LineString([at[e.start], *e.shape, at[e.end]]).length for e in edges) / 1000.0
    word = f"service roads: {km:.1f} km laid to {served} service points of {len(airport.stands)} stands"
    return {"road_nodes": nodes, "road_edges": edges, "crossings": []}, word


def _fill_depots(airport: AirportMap, warnings: list[str]) -> tuple[dict, str]:
    """Fuel depot, baggage hall, equipment parking: whichever the map lacks, spread over the quietest long roads."""
    missing = [kind for kind in _DEPOTS if not any(poi.kind == kind for poi in airport.pois)]
    if not missing or not airport.road_edges:
        return {}, ""
    at = {node.id: node.position for node in airport.road_nodes}
    stands = shapely.union_all([parked_box(stand) for stand in airport.stands])
    taxi = shapely.union_all(taxi_lines(airport))
    options = []
    for edge in airport.road_edges:
        line = road_line(airport, edge, at)
        middle = line.interpolate(0.5, normalized=True)
        quiet = min(60.0, stands.distance(middle)) + min(60.0, taxi.distance(middle) if not taxi.is_empty else 60.0)
        if line.length >= 40.0 and not edge.id.endswith("t"):
            options.append((quiet, edge, line))
    options.sort(key=lambda option: (-option[0], option[1].id))
    pois, places = [], []
    for kind in missing:
        spread = [o for o in options if all(o[2].distance(place) > 150.0 for place in places)] or options
        if not spread:
            warnings.append(f"no road is long enough for a {kind}")
            continue
        _, edge, line = spread[0]
        options.remove(spread[0])
        place = line.offset_curve(
            -(edge.width_m / 2.0 + _DEPOT_OFFSET_M)
            if airport.driving_side == "right"
            else edge.width_m / 2.0 + _DEPOT_OFFSET_M
        )
        point = place.interpolate(0.5, normalized=True)
        places.append(point)
        pois.append(Poi(id=f"{kind}-filled", kind=kind, position=(round(point.x, 2), round(point.y, 2)), road=edge.id))
    return {"pois": [*airport.pois, *pois]}, f"depots: {', '.join(poi.kind for poi in pois)}"


def _fill_buildings(airport: AirportMap, warnings: list[str]) -> tuple[dict, str]:
    if airport.buildings:
        return {}, ""
    at = {node.id: node.position for node in airport.road_nodes}
    free_of = [road_line(airport, edge, at).buffer(edge.width_m / 2.0 + 4.0) for edge in airport.road_edges]
    free_of += [parked_box(stand).buffer(4.5) for stand in airport.stands]
    free_of += [
        line.buffer(SPAN_M[e.code] / 2.0 + 7.5) for e, line in zip(airport.taxi_edges, taxi_lines(airport), strict=True)
    ]
    free_of += [
        LineString(marking.line).buffer(3.0) for marking in airport.markings if marking.kind == "taxi_centreline"
    ]
    taxi = shapely.union_all(taxi_lines(airport))
    free_of += [
        line.buffer(SPAN_M[s.code] / 2.0) for s in airport.stands if (line := lead_in_line(s, taxi)) is not None
    ]
    free_of += [LineString(runway.ends).buffer(150.0) for runway in airport.runways]
    keep_off = shapely.union_all(free_of)
    buildings = []
    gates = [stand for stand in airport.stands if not stand.remote]
    if not airport.road_edges and gates:
        rear = has_rear_access(gates, RoadGrid(airport))
        gates = [stand for stand, free in zip(gates, rear, strict=True) if free]
    for row in _rows(gates):
        shape = shapely.make_valid(_terminal_outline(row)).difference(keep_off)
        for part in shapely.get_parts(shape.buffer(-4.0).buffer(4.0, join_style="mitre").simplify(0.5)):
            if part.geom_type == "Polygon" and part.area > 150.0:
                ring = [(round(x, 2), round(y, 2)) for x, y in part.exterior.coords[:-1]]
                buildings.append(
                    Building(id=f"terminal-{len(buildings) + 1}", kind="terminal", polygon=ring, height_m=15.0)
                )
    return (
        ({"buildings": buildings}, f"buildings: {len(buildings)} terminal outlines ahead of gate rows")
        if buildings
        else ({}, "")
    )


def _terminal_outline(row: Sequence[Stand]) -> Polygon:
    """Strip 12 to 27 m ahead of the nose tips of a row, from half a span left of it to half a span right of it."""
    near, far = [], []
    for stand in row:
        ahead = NOSE_M[stand.code] + _TERMINAL_AHEAD_M
        half = SPAN_M[stand.code] / 2.0
        near += stand_frame(stand, [(ahead, -half), (ahead, half)])
        far += stand_frame(stand, [(ahead + _TERMINAL_DEPTH_M, -half), (ahead + _TERMINAL_DEPTH_M, half)])
    return Polygon([*near, *far[::-1]])


def _fill_pavement(airport: AirportMap, warnings: list[str]) -> tuple[dict, str]:
    if any(surface.kind not in ("grass", "water", "runway") for surface in airport.surfaces):
        return {}, ""
    surfaces = []
    for k, part in enumerate(shapely.get_parts(pavement_polygon(airport).simplify(0.1))):
        rings = [[(round(x, 2), round(y, 2)) for x, y in ring.coords[:-1]] for ring in (part.exterior, *part.interiors)]
        holes = [ring for ring in rings[1:] if len(set(ring)) >= 3]
        surfaces.append(Surface(id=f"pavement-{k + 1}", kind="apron", polygon=rings[0], holes=holes))
    if not surfaces:
        return {}, ""
    return {"surfaces": [*airport.surfaces, *surfaces]}, "pavement: taxiways, stands and roads with their margins"
