"""OpenStreetMap extracts -> AirportMap, or buildings and what else is missing merged onto another map.

Rules of this importer:
- the stop of a stand drawn as a line is its last node, unless the first one is nearer to a building (then the line
  was drawn backwards); of a stand drawn as a node and as a line with the same ref, the line stays;
- the heading of a stand drawn as a node: along a taxi line that ends there, else towards the gate of the same ref,
  else towards the nearest building, else away from the nearest taxi line;
- letters from `width`, `maxspan` or `aircraft`, else from the spacing of neighbours;
- service roads count when they lie within the aerodrome's area or within 30 m of an apron, and are not driveways;
- jet bridges are left out: they move, and their drawn position lies across parked aircraft.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import shapely
from shapely.geometry import LineString, Point

from airside_sim.mapping.areas import parked_box
from airside_sim.mapping.importers.geodesy import TangentPlane, bearing_deg
from airside_sim.mapping.importers.line_graph import graph_from_lines
from airside_sim.mapping.importers.osm_reader import OsmFeature, read_osm
from airside_sim.mapping.importers.osm_tags import (
    building_kind,
    hold_kind,
    is_building,
    metres,
    raw_road,
    stand_letter,
    stand_name,
    taxi_letter,
)
from airside_sim.mapping.importers.result import Imported, build_map, map_error
from airside_sim.mapping.importers.road_net import RawRoad, build_roads, driving_side
from airside_sim.mapping.importers.stands import (
    clear_of_roads,
    letters_by_spacing,
    resolve_overlaps,
    unique_ids,
)
from airside_sim.mapping.schema import (
    AirportMap,
    Building,
    Crossing,
    HoldingPosition,
    Poi,
    RoadEdge,
    RoadNode,
    Runway,
    Stand,
    Surface,
    TaxiEdge,
    TaxiNode,
)

XY = tuple[float, float]
LICENCE = "ODbL-1.0 (© OpenStreetMap contributors)"
_SNAP_M = 0.5
_ROAD_NEAR_APRON_M = 30.0
_BUILDING_NEAR_M = 150.0  # buildings farther than this from apron, stands and taxiways are landside
_DUPLICATE_STAND_M = 12.0
_LANDSIDE_SERVICES = ("driveway", "parking_aisle", "drive-through", "emergency_access")
_HOLD_REACH_M = 5.0
_GATE_REACH_M = 150.0


def import_osm(paths: str | Path | Sequence[str | Path], icao: str | None = None) -> Imported:
    """One airport from one or several extracts, gaps still open (see `fill.fill_gaps`)."""
    features, file_name, warnings = read_osm(paths)
    first = Path(paths if isinstance(paths, str | Path) else paths[0])
    aerodrome = _aerodrome(first, features, icao)
    name = icao or (aerodrome.tags.get("icao") if aerodrome else None) or file_name.split("_")[0] or first.stem
    plane = TangentPlane(*_centre(features, aerodrome))
    airport = build_map(
        first, {**_Osm(features, plane, aerodrome, warnings).fields(), **_heading(name, aerodrome, plane)}
    )
    return Imported(airport, warnings)


def merge_osm(airport: AirportMap, paths: str | Path | Sequence[str | Path]) -> Imported:
    """Adds OSM buildings to a map, and service roads or stands only where the map has none at all."""
    features, _, warnings = read_osm(paths)
    first = Path(paths if isinstance(paths, str | Path) else paths[0])
    plane = TangentPlane(airport.origin.lat, airport.origin.lon)
    osm = _Osm(features, plane, _aerodrome(first, features, None, strict=False), warnings)
    stands = airport.stands or osm.stands
    near = _near(airport, stands)
    added = {"buildings": [*airport.buildings, *osm.buildings(near, stands)]}
    for key in ("stands", "taxi_edges", "surfaces", "road_edges"):
        if not getattr(airport, key):
            added |= _missing_part(key, osm, stands)
    words = [f"{len(value)} {key.replace('_', ' ')} from OpenStreetMap" for key, value in added.items() if value]
    update = {**added, "filled": [*airport.filled, *words], "licence": f"{airport.licence}; {LICENCE}"}
    return Imported(airport.model_copy(update=update), warnings)


def _missing_part(key: str, osm: "_Osm", stands: list[Stand]) -> dict:
    if key == "stands":
        return {"stands": osm.stands}
    if key == "taxi_edges":
        return dict(zip(("taxi_nodes", "taxi_edges"), osm.taxi_graph(), strict=True))
    if key == "surfaces":
        return {"surfaces": osm.surfaces()}
    nodes, edges, crossings = osm.roads(stands)
    return {"road_nodes": nodes, "road_edges": edges, "crossings": crossings}


def _near(airport: AirportMap, stands: Sequence[Stand]) -> shapely.STRtree:
    """What buildings matter to: stands, roads, taxiways and aprons."""
    parts = [Point(stand.position) for stand in stands]
    parts += [Point(node.position) for node in (*airport.taxi_nodes, *airport.road_nodes)]
    parts += [shapely.make_valid(shapely.Polygon(s.polygon)) for s in airport.surfaces if s.kind == "apron"]
    return shapely.STRtree(parts)


def _heading(name: str, aerodrome: OsmFeature | None, plane: TangentPlane) -> dict:
    title = aerodrome.tags.get("name", name) if aerodrome else name
    return {
        "name": name[:64],
        "title": title,
        "source": "OpenStreetMap extract",
        "licence": LICENCE,
        "origin": plane.origin,
    }


def _aerodrome(path: Path, features: Sequence[OsmFeature], icao: str | None, strict: bool = True) -> OsmFeature | None:
    """The aerodrome object: the one with the code, else the largest; None when the extract has none."""
    found = [f for f in features if f.aeroway == "aerodrome"]
    codes = [f.tags["icao"] for f in found if "icao" in f.tags]
    if strict and icao and codes and icao not in codes:
        raise map_error(path, 1, "aerodrome", f"no {icao!r} in this extract; it holds {', '.join(sorted(codes)[:5])}")
    wanted = [f for f in found if f.tags.get("icao") == icao] or found
    return max(wanted, key=lambda f: f.geometry.area, default=None)


def _centre(features: Sequence[OsmFeature], aerodrome: OsmFeature | None) -> tuple[float, float]:
    shape = (
        aerodrome.geometry if aerodrome else shapely.MultiPoint([f.geometry.centroid for f in features if f.aeroway])
    )
    if shape.is_empty:
        shape = features[0].geometry
    west, south, east, north = shape.bounds
    return round((south + north) / 2.0, 7), round((west + east) / 2.0, 7)


class _Osm:
    """The extract in local metres, read out part by part."""

    def __init__(self, features, plane: TangentPlane, aerodrome: OsmFeature | None, warnings: list[str]) -> None:
        self.warnings = warnings
        self.features = features
        self.shapes = {f.id: shapely.transform(f.geometry, lambda c: _project(plane, c)) for f in features}
        self.area = self.shapes[aerodrome.id] if aerodrome and aerodrome.geometry.geom_type == "Polygon" else None
        self.taxi_lines = [self.shapes[f.id] for f in self._of("taxiway", "taxilane") if self._is_line(f)]
        self.built = [self.shapes[f.id] for f in features if is_building(f) and not self._is_line(f)]
        lines = [_points(line) for line in self.taxi_lines]
        self.taxi_ends = [pair for p in lines for pair in ((p[-1], p[-2]), (p[0], p[1]))]
        self.all_built = shapely.union_all(self.built)
        self.all_taxi = shapely.union_all(self.taxi_lines)
        self.stands = self._stands()
        roads = [self.shapes[f.id] for f in self._airside_ways()]
        self.stands, dropped = clear_of_roads(self.stands, roads)
        warnings += dropped

    def fields(self) -> dict:
        """Every list of the AirportMap that OSM can give."""
        taxi_nodes, taxi_edges = self.taxi_graph()
        road_nodes, road_edges, crossings = self.roads(self.stands)
        raw = [RawRoad(e.start, e.end, e.oneway, _line_of(e, road_nodes)) for e in road_edges]
        surfaces = self.surfaces()
        parts = [Point(s.position) for s in self.stands] + [*self.taxi_lines, *(self._aprons())]
        return {
            "driving_side": driving_side(raw)[0],
            "surfaces": surfaces,
            "runways": self.runways(),
            "taxi_nodes": taxi_nodes,
            "taxi_edges": taxi_edges,
            "stands": self.stands,
            "road_nodes": road_nodes,
            "road_edges": road_edges,
            "crossings": crossings,
            "buildings": self.buildings(shapely.STRtree(parts), self.stands),
            "holding_positions": self.holding_lines(),
            "pois": self.gates(),
        }

    def _of(self, *aeroways: str) -> list[OsmFeature]:
        return [f for f in self.features if f.aeroway in aeroways]

    def _is_line(self, feature: OsmFeature) -> bool:
        return feature.geometry.geom_type == "LineString"

    def _aprons(self) -> list[shapely.Geometry]:
        return [shapely.make_valid(self.shapes[f.id]) for f in self._of("apron") if f.geometry.geom_type == "Polygon"]

    def taxi_graph(self) -> tuple[list[TaxiNode], list[TaxiEdge]]:
        """Taxiways and runway centrelines cut at shared vertices; nodes next to a holding_position hold."""
        ways = [f for f in self._of("taxiway", "taxilane", "runway") if self._is_line(f)]
        holds = [(self.shapes[f.id], hold_kind(f)) for f in self._of("holding_position")]
        cuts = {p for shape, _ in holds if shape.geom_type == "Point" for p in _points(shape)}
        positions, pieces = graph_from_lines([_points(self.shapes[f.id]) for f in ways], _SNAP_M, cuts)
        near_stand = shapely.STRtree([parked_box(stand) for stand in self.stands])
        edges = []
        for piece in pieces:
            way = ways[piece.line_idx]
            close = len(near_stand.query(LineString(piece.points), predicate="dwithin", distance=30.0))
            kind = way.aeroway if way.aeroway != "taxiway" or not close else "taxilane"
            start, end, points = piece.start, piece.end, piece.points
            if way.tags.get("oneway") in ("-1", "reverse"):
                start, end, points = end, start, points[::-1]
            edges.append(
                TaxiEdge(
                    start=start,
                    end=end,
                    kind=kind,
                    code=taxi_letter(way),
                    oneway=way.tags.get("oneway") in ("yes", "-1", "1", "true", "reverse"),
                    name=(way.tags.get("ref") or way.tags.get("name") or "")[:60],
                    shape=list(points[1:-1]),
                )
            )
        nodes = []
        for node, xy in positions.items():
            hold = next((kind for shape, kind in holds if shape.distance(Point(xy)) < _HOLD_REACH_M), None)
            nodes.append(TaxiNode(id=node, position=xy, hold=hold))
        return nodes, edges

    def runways(self) -> list[Runway]:
        """One runway per ref: the two points farthest apart of all its lines (displaced thresholds are extra ways)."""
        by_ref: dict[str, list[OsmFeature]] = {}
        for feature in self._of("runway"):
            if self._is_line(feature):
                by_ref.setdefault(feature.tags.get("ref") or feature.id, []).append(feature)
        runways = []
        for ref, parts in by_ref.items():
            points = [p for part in parts for p in _points(self.shapes[part.id])]
            ends = max(((a, b) for a in points for b in points), key=lambda pair: math.dist(*pair))
            width = max((metres(part.tags.get("width")) or 0.0 for part in parts), default=0.0) or 45.0
            if math.dist(*ends) > 100.0:
                runways.append(Runway(id=ref[:64], ends=ends, width_m=min(max(width, 10.0), 100.0)))
        return runways

    def _stands(self) -> list[Stand]:
        drafts = self._stand_drafts()
        letters = letters_by_spacing([d[1] for d in drafts], [d[2] for d in drafts])
        ids = unique_ids([stand_name(d[0]) for d in drafts], "stand")
        stands = []
        for i, (feature, position, heading, lead_in) in enumerate(drafts):
            known = stand_letter(feature)
            stands.append(
                Stand(
                    id=ids[i],
                    position=position,
                    heading_deg=round(heading, 2),
                    code=known or letters[i],
                    lead_in=lead_in,
                    remote=not self._near_building(position),
                )
            )
        kept, changes = resolve_overlaps(stands)
        self.warnings += changes
        return kept

    def _stand_drafts(self) -> list[tuple[OsmFeature, XY, float, list[XY]]]:
        """(feature, stop, heading, lead-in) of every stand; nodes that repeat a line are left out."""
        drafts, flipped = [], 0
        for feature in self._of("parking_position"):
            if self._is_line(feature):
                points = _points(self.shapes[feature.id])
                if self._is_backwards(points):
                    points, flipped = points[::-1], flipped + 1
                points = [p for i, p in enumerate(points) if i == 0 or math.dist(p, points[i - 1]) > 0.3]
                if len(points) > 1:
                    drafts.append((feature, points[-1], bearing_deg(points[-2], points[-1]), points))
        lines = [(d[0].tags.get("ref"), d[1]) for d in drafts]
        for feature in self._of("parking_position"):
            if feature.geometry.geom_type != "Point":
                continue
            xy = _points(self.shapes[feature.id])[0]
            ref = feature.tags.get("ref")
            if any(math.dist(xy, stop) < _DUPLICATE_STAND_M and (ref == other or ref is None) for other, stop in lines):
                continue
            drafts.append((feature, xy, self._node_heading(feature, xy), []))
        if flipped:
            self.warnings.append(f"{flipped} stand lines were drawn from the stop to the taxiway: reversed")
        return drafts

    def _is_backwards(self, points: list[XY]) -> bool:
        """True when the first node is the stop: nearer to a building or, if none is near, farther from taxi lines."""
        first, last = Point(points[0]), Point(points[-1])
        built = self.all_built
        if self.built and min(built.distance(first), built.distance(last)) < _GATE_REACH_M:
            return built.distance(first) < built.distance(last)
        return bool(self.taxi_lines) and self.all_taxi.distance(first) > self.all_taxi.distance(last) + 1.0

    def _node_heading(self, feature: OsmFeature, xy: XY) -> float:
        here = Point(xy)
        for stop, before in self.taxi_ends:
            if math.dist(stop, xy) < 3.0:
                return bearing_deg(before, stop)
        ref = feature.tags.get("ref")
        gates = [self.shapes[f.id] for f in self._of("gate") if ref and f.tags.get("ref") == ref]
        gate = min(gates, key=here.distance, default=None)
        if gate is not None and 3.0 < here.distance(gate) < _GATE_REACH_M:
            return bearing_deg(xy, (gate.x, gate.y))
        if self.built:
            near = shapely.shortest_line(here, self.all_built)
            if 1.0 < near.length < _GATE_REACH_M:
                return bearing_deg(xy, near.coords[-1])
        if self.taxi_lines:
            near = shapely.shortest_line(here, self.all_taxi)
            if near.length > 1.0:
                return bearing_deg(near.coords[-1], xy)
        return 0.0

    def _near_building(self, position: XY) -> bool:
        """A contact stand: a building or a passenger gate lies within a nose's reach."""
        here = Point(position)
        gates = [self.shapes[f.id] for f in self._of("gate")]
        return any(shape.distance(here) < 60.0 for shape in (*self.built, *gates))

    def surfaces(self) -> list[Surface]:
        """Aprons, and taxiways and runways drawn as areas."""
        surfaces = []
        for feature in self.features:
            kind = feature.tags.get("area:aeroway") or feature.aeroway
            if kind not in ("apron", "taxiway", "runway", "taxilane") or feature.geometry.geom_type != "Polygon":
                continue
            for part in shapely.get_parts(shapely.make_valid(self.shapes[feature.id]).simplify(0.05)):
                if part.geom_type != "Polygon" or part.area < 4.0:
                    continue
                rings = [
                    [(round(x, 2), round(y, 2)) for x, y in ring.coords[:-1]]
                    for ring in (part.exterior, *part.interiors)
                ]
                material = "concrete" if "concrete" in feature.tags.get("surface", "") else "asphalt"
                surfaces.append(
                    Surface(
                        id=f"{feature.id}-{len(surfaces)}"[:64],
                        kind="taxiway" if kind == "taxilane" else kind,
                        material=material,
                        polygon=rings[0],
                        holes=[ring for ring in rings[1:] if len(set(ring)) >= 3],
                    )
                )
        return surfaces

    def buildings(self, near: shapely.STRtree, stands: Sequence[Stand]) -> list[Building]:
        """Terminals, hangars, buildings airside; what reaches over a parked aircraft is an upper floor or a roof."""
        parked = shapely.union_all([parked_box(stand).buffer(-2.0) for stand in stands])
        buildings, over = [], 0
        for feature in self.features:
            if not is_building(feature) or feature.geometry.geom_type != "Polygon":
                continue
            shape = shapely.make_valid(self.shapes[feature.id]).simplify(0.2)
            if shape.area < 10.0 or not len(near.query(shape, predicate="dwithin", distance=_BUILDING_NEAR_M)):
                continue
            if shape.intersection(parked).area > 4.0:
                over += 1
                shape = shape.difference(shapely.union_all([parked_box(stand).buffer(1.0) for stand in stands]))
            for part in shapely.get_parts(shape):
                if part.geom_type != "Polygon" or part.area < 10.0:
                    continue
                ring = [(round(x, 2), round(y, 2)) for x, y in part.exterior.coords[:-1]]
                height = metres(feature.tags.get("height")) or 10.0
                identity = f"{feature.id}-{len(buildings)}"[:64]
                buildings.append(
                    Building(id=identity, kind=building_kind(feature), polygon=ring, height_m=max(height, 1.0))
                )
        if over:
            self.warnings.append(f"{over} buildings reach over parked aircraft: cut back to the ground they leave free")
        return buildings

    def roads(self, stands: Sequence[Stand]) -> tuple[list[RoadNode], list[RoadEdge], list[Crossing]]:
        """highway=service airside; aircraft_crossing nodes become crossings."""
        ways = self._airside_ways()
        _, pieces = graph_from_lines([_points(self.shapes[f.id]) for f in ways], _SNAP_M)
        raw = [raw_road(ways[piece.line_idx], piece) for piece in pieces]
        nodes, edges = build_roads(raw, stands)
        lines = [LineString(_line_of(edge, nodes)) for edge in edges]
        crossings = []
        for feature in self._of("aircraft_crossing"):
            at = self.shapes[feature.id]
            near = min(range(len(lines)), key=lambda k: lines[k].distance(at), default=None)
            if near is not None and lines[near].distance(at) < 2.0:
                crossings.append(Crossing(road=edges[near].id, at=(round(at.x, 2), round(at.y, 2))))
        return nodes, edges, crossings

    def _airside_ways(self) -> list[OsmFeature]:
        aprons = shapely.union_all(self._aprons()) if self._aprons() else None
        ways = [f for f in self.features if f.tags.get("highway") == "service" and self._is_line(f)]
        return [f for f in ways if self._is_airside(f, aprons)]

    def _is_airside(self, feature: OsmFeature, aprons: shapely.Geometry | None) -> bool:
        middle = self.shapes[feature.id].interpolate(0.5, normalized=True)
        near_apron = aprons is not None and aprons.distance(middle) < _ROAD_NEAR_APRON_M
        if feature.tags.get("service") in _LANDSIDE_SERVICES and not near_apron:
            return False
        if near_apron:
            return True
        is_private = feature.tags.get("access", "private") in ("private", "no")
        return self.area is not None and is_private and bool(self.area.contains(middle))

    def holding_lines(self) -> list[HoldingPosition]:
        """A painted line 20 m wide across the taxi line at every holding_position node."""
        holds = []
        for feature in self._of("holding_position"):
            at = self.shapes[feature.id]
            line = min(self.taxi_lines, key=at.distance, default=None)
            if at.geom_type != "Point" or line is None or line.distance(at) > _HOLD_REACH_M:
                continue
            s = line.project(at)
            before, after = line.interpolate(max(s - 1.0, 0.0)), line.interpolate(s + 1.0)
            heading = math.atan2(after.y - before.y, after.x - before.x) + math.pi / 2.0
            dx, dy = 10.0 * math.cos(heading), 10.0 * math.sin(heading)
            ends = [(round(at.x + k * dx, 2), round(at.y + k * dy, 2)) for k in (-1, 1)]
            holds.append(HoldingPosition(kind=hold_kind(feature), line=ends))
        return holds

    def gates(self) -> list[Poi]:
        """Passenger gates: places by the terminal, not stands."""
        gates = [f for f in self._of("gate") if f.geometry.geom_type == "Point"]
        ids = unique_ids([f"gate {f.tags.get('ref') or ''}".strip() for f in gates], "gate")
        return [Poi(id=ids[i], kind="gate", position=_points(self.shapes[f.id])[0]) for i, f in enumerate(gates)]


def _project(plane: TangentPlane, lonlat):
    return [plane.to_xy(lat, lon) for lon, lat in lonlat]


def _points(shape: shapely.Geometry) -> list[XY]:
    return [(round(x, 2), round(y, 2)) for x, y in shape.coords]


def _line_of(edge: RoadEdge, nodes: Sequence[RoadNode]) -> tuple[XY, ...]:
    at = {node.id: node.position for node in nodes}
    return (at[edge.start], *edge.shape, at[edge.end])
