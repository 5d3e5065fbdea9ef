"""OpenStreetMap extracts -> AirportMap, or buildings and what else is missing merged onto another map.

Rules of this importer:
- service roads count when they lie within the aerodrome's area or within 30 m of an apron, and are not driveways;
- jet bridges are left out: they move, and their drawn position lies across parked aircraft.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import shapely
from shapely.geometry import LineString, Point

from airside_sim.mapping.areas import parked_box
from airside_sim.mapping.importers.geodesy import TangentPlane
from airside_sim.mapping.importers.line_graph import graph_from_lines
from airside_sim.mapping.importers.osm_extract import XY, Extract, is_line, points_of
from airside_sim.mapping.importers.osm_reader import OsmFeature, read_osm
from airside_sim.mapping.importers.osm_stands import read_stands
from airside_sim.mapping.importers.osm_tags import (
    building_kind,
    hold_kind,
    is_building,
    metres,
    raw_road,
    taxi_letter,
)
from airside_sim.mapping.importers.result import Imported, build_map, map_error
from airside_sim.mapping.importers.road_net import RawRoad, build_roads, driving_side
from airside_sim.mapping.importers.stands import (
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

LICENCE = "ODbL-1.0 (© OpenStreetMap contributors)"
_SNAP_M = 0.5
_BUILDING_NEAR_M = 150.0  # buildings farther than this from apron, stands and taxiways are landside
_HOLD_REACH_M = 5.0


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
    """The extract's parts of a map."""

    def __init__(self, features, plane: TangentPlane, aerodrome: OsmFeature | None, warnings: list[str]) -> None:
        self.warnings = warnings
        self.extract = Extract(features, plane, aerodrome)
        self.stands, changes = read_stands(self.extract)
        warnings += changes

    def fields(self) -> dict:
        """Every list of the AirportMap that OSM can give."""
        taxi_nodes, taxi_edges = self.taxi_graph()
        road_nodes, road_edges, crossings = self.roads(self.stands)
        raw = [RawRoad(e.start, e.end, e.oneway, _line_of(e, road_nodes)) for e in road_edges]
        surfaces = self.surfaces()
        parts = [Point(s.position) for s in self.stands] + [*self.extract.taxi_lines, *(self.extract.aprons())]
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

    def taxi_graph(self) -> tuple[list[TaxiNode], list[TaxiEdge]]:
        """Taxiways and runway centrelines cut at shared vertices; nodes next to a holding_position hold."""
        ways = [f for f in self.extract.of("taxiway", "taxilane", "runway") if is_line(f)]
        holds = [(self.extract.shapes[f.id], hold_kind(f)) for f in self.extract.of("holding_position")]
        cuts = {p for shape, _ in holds if shape.geom_type == "Point" for p in points_of(shape)}
        positions, pieces = graph_from_lines([points_of(self.extract.shapes[f.id]) for f in ways], _SNAP_M, cuts)
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
        for feature in self.extract.of("runway"):
            if is_line(feature):
                by_ref.setdefault(feature.tags.get("ref") or feature.id, []).append(feature)
        runways = []
        for ref, parts in by_ref.items():
            points = [p for part in parts for p in points_of(self.extract.shapes[part.id])]
            ends = max(((a, b) for a in points for b in points), key=lambda pair: math.dist(*pair))
            width = max((metres(part.tags.get("width")) or 0.0 for part in parts), default=0.0) or 45.0
            if math.dist(*ends) > 100.0:
                runways.append(Runway(id=ref[:64], ends=ends, width_m=min(max(width, 10.0), 100.0)))
        return runways

    def surfaces(self) -> list[Surface]:
        """Aprons, and taxiways and runways drawn as areas."""
        surfaces = []
        for feature in self.extract.features:
            kind = feature.tags.get("area:aeroway") or feature.aeroway
            if kind not in ("apron", "taxiway", "runway", "taxilane") or feature.geometry.geom_type != "Polygon":
                continue
            for part in shapely.get_parts(shapely.make_valid(self.extract.shapes[feature.id]).simplify(0.05)):
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
        for feature in self.extract.features:
            if not is_building(feature) or feature.geometry.geom_type != "Polygon":
                continue
            shape = shapely.make_valid(self.extract.shapes[feature.id]).simplify(0.2)
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
        ways = self.extract.airside_ways()
        _, pieces = graph_from_lines([points_of(self.extract.shapes[f.id]) for f in ways], _SNAP_M)
        raw = [raw_road(ways[piece.line_idx], piece) for piece in pieces]
        nodes, edges = build_roads(raw, stands)
        lines = [LineString(_line_of(edge, nodes)) for edge in edges]
        crossings = []
        for feature in self.extract.of("aircraft_crossing"):
            at = self.extract.shapes[feature.id]
            near = min(range(len(lines)), key=lambda k: lines[k].distance(at), default=None)
            if near is not None and lines[near].distance(at) < 2.0:
                crossings.append(Crossing(road=edges[near].id, at=(round(at.x, 2), round(at.y, 2))))
        return nodes, edges, crossings

    def holding_lines(self) -> list[HoldingPosition]:
        """A painted line 20 m wide across the taxi line at every holding_position node."""
        holds = []
        for feature in self.extract.of("holding_position"):
            at = self.extract.shapes[feature.id]
            line = min(self.extract.taxi_lines, key=at.distance, default=None)
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
        gates = [f for f in self.extract.of("gate") if f.geometry.geom_type == "Point"]
        ids = unique_ids([f"gate {f.tags.get('ref') or ''}".strip() for f in gates], "gate")
        return [
            Poi(id=ids[i], kind="gate", position=points_of(self.extract.shapes[f.id])[0]) for i, f in enumerate(gates)
        ]


def _line_of(edge: RoadEdge, nodes: Sequence[RoadNode]) -> tuple[XY, ...]:
    at = {node.id: node.position for node in nodes}
    return (at[edge.start], *edge.shape, at[edge.end])
