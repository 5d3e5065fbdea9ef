"""X-Plane `apt.dat` -> AirportMap: stands, taxi graph, ground routes, pavement, paint, truck parking, signs, runways.

What the format lacks (buildings, speed limits; before 1130 also roads) is left to `fill`, which lists what it adds.
Rules of this importer:
- a taxi edge nearer to a parked outline than its letter's taxiway-to-object distance is a taxilane;
- letters shrink where neighbours are too close; multi-ramp lines that still overlap are dropped, with a warning;
- truck parkings of one kind within 60 m of each other become one point of interest;
- edges to missing nodes, zero-length edges and unknown line codes are dropped or thinned to plain paint, and reported.
"""

import re
from collections import Counter
from itertools import groupby
from pathlib import Path

import shapely
from shapely.geometry import LineString, Point

from airside_sim.mapping.areas import TAXIWAY_OBJECT_M, parked_box, polygon_of
from airside_sim.mapping.importers.geodesy import TangentPlane
from airside_sim.mapping.importers.result import Imported, build_map
from airside_sim.mapping.importers.road_net import RawRoad, build_roads, components, driving_side
from airside_sim.mapping.importers.stands import (
    clear_of_roads,
    letter_by_equipment,
    letter_by_name,
    letters_by_spacing,
    resolve_overlaps,
    unique_ids,
)
from airside_sim.mapping.importers.xplane_reader import iter_chains, read_airport
from airside_sim.mapping.importers.xplane_records import AptAirport, NetEdge
from airside_sim.mapping.schema import (
    Crossing,
    HoldingPosition,
    Label,
    Marking,
    Poi,
    RoadEdge,
    RoadNode,
    Runway,
    Stand,
    Surface,
    TaxiEdge,
    TaxiNode,
)

_MATERIALS = {
    1: "asphalt",
    2: "concrete",
    3: "grass",
    4: "gravel",
    5: "gravel",
    12: "gravel",
    13: "water",
    14: "gravel",
}
_SURFACE_NAMES = (("road", "road"), ("shoulder", "shoulder"), ("apron", "apron"), ("ramp", "apron"), ("tax", "taxiway"))
# apt.dat line codes (WorldEditor's table); 51 ... 59 repeat 1 ... 9 with a black border. Codes beyond are drawn thin.
_PAINT = {1: "taxi_centreline", 2: "other", 3: "taxi_edge", 4: "hold", 5: "hold", 6: "hold", 7: "other", 8: "taxi_edge"}
_PAINT |= {9: "taxi_edge", 20: "road_edge", 21: "zipper", 22: "road_centre"}
_HOLDS = {4: "runway", 5: "intermediate", 6: "runway"}
_FIRST_LIGHT_CODE = 100
_TRUCK_POIS = (
    ("fuel", "fuel_depot"),
    ("baggage_train", "baggage_hall"),
    ("food", "catering"),
    ("crew", "bus_station"),
    ("", "gse_parking"),  # baggage loaders, ground power, pushback tugs and whatever a later version adds
)
_POI_MERGE_M = 60.0
_POI_ROAD_M = 60.0
_SIGN_KINDS = (("@R", "mandatory"), ("@L", "location"), ("@Y", "direction"))
_NO_LETTER = "E"  # a 1202 row without a size letter predates the letters: airliner taxiways


def import_xplane(path: str | Path, icao: str | None = None) -> Imported:
    """One airport of an apt.dat file as an AirportMap with the gaps still open (see `fill.fill_gaps`)."""
    source = read_airport(path, icao)
    plane = TangentPlane(*_datum(source))
    warnings = list(source.warnings)
    raw = _raw_roads(source, plane, warnings)
    stands, dropped = clear_of_roads(_stands(source, plane, warnings), [LineString(road.line) for road in raw])
    warnings += dropped
    taxi_nodes, taxi_edges = _taxi_graph(source, plane, stands, warnings)
    road_nodes, road_edges = build_roads(raw, stands)
    side, right, left = driving_side(raw)
    if min(right, left) > 0:
        warnings.append(f"one-way pairs: {right} keep right, {left} keep left; the map drives on the {side}")
    markings, holds = _paint(source, plane, warnings)
    name = source.meta.get("icao_code") or source.icao
    airport = build_map(
        path,
        {
            "name": name,
            "title": source.name,
            "source": f"X-Plane apt.dat, airport {source.icao} ({Path(path).name})",
            "licence": "GPL-2.0-or-later (X-Plane Scenery Gateway and its contributors)",
            "origin": plane.origin,
            "driving_side": side,
            "surfaces": _surfaces(source, plane, stands, taxi_edges, taxi_nodes, warnings),
            "runways": _runways(source, plane),
            "taxi_nodes": taxi_nodes,
            "taxi_edges": taxi_edges,
            "stands": stands,
            "road_nodes": road_nodes,
            "road_edges": road_edges,
            "crossings": _crossings(source, plane, road_nodes, road_edges),
            "holding_positions": holds,
            "pois": _pois(source, plane, road_nodes, road_edges, warnings),
            "markings": markings,
            "labels": _labels(source, plane),
        },
    )
    return Imported(airport, warnings)


def _datum(source: AptAirport) -> tuple[float, float]:
    """The aerodrome reference point, else the centre of everything's bounding box."""
    try:
        return float(source.meta["datum_lat"]), float(source.meta["datum_lon"])
    except (KeyError, ValueError):
        points = [p for _, chain in iter_chains(source, 110) for p in chain.points]
        points += [p for runway in source.runways for p in runway.ends] + [stand.at for stand in source.stands]
        if not points:
            return 0.0, 0.0
        lats, lons = [p[0] for p in points], [p[1] for p in points]
        return (min(lats) + max(lats)) / 2.0, (min(lons) + max(lons)) / 2.0


def _stands(source: AptAirport, plane: TangentPlane, warnings: list[str]) -> list[Stand]:
    positions = [plane.to_xy(*stand.at) for stand in source.stands]
    headings = [stand.heading_deg % 360.0 for stand in source.stands]
    spaced = letters_by_spacing(positions, headings)
    ids = unique_ids([stand.name for stand in source.stands], "stand")
    stands = []
    for i, stand in enumerate(source.stands):
        known = stand.letter or letter_by_name(stand.name) or letter_by_equipment(stand.aircraft)
        remote = stand.kind != "gate"
        stands.append(
            Stand(id=ids[i], position=positions[i], heading_deg=headings[i], code=known or spaced[i], remote=remote)
        )
    guessed = sum(stand.letter is None for stand in source.stands)
    if guessed:
        warnings.append(f"{guessed} stands have no size letter: taken from type names, equipment or spacing")
    kept, dropped = resolve_overlaps(stands)
    warnings += dropped
    return kept


def _usable_edges(source: AptAirport, road: bool, warnings: list[str]) -> list[NetEdge]:
    """Edges of one net whose nodes exist and differ; the others are reported."""
    edges = []
    for edge in source.edges:
        if (edge.kind == "road") != road:
            continue
        missing = [node for node in (edge.start, edge.end) if node not in source.nodes]
        if missing:
            warnings.append(f"line {edge.line}: edge {edge.start}-{edge.end}: no node {missing[0]}; dropped")
        elif source.nodes[edge.start].at == source.nodes[edge.end].at:
            warnings.append(f"line {edge.line}: edge {edge.start}-{edge.end}: zero length; dropped")
        else:
            edges.append(edge)
    return edges


def _taxi_graph(source, plane, stands, warnings: list[str]) -> tuple[list[TaxiNode], list[TaxiEdge]]:
    edges = _usable_edges(source, False, warnings)
    boxes = shapely.STRtree([parked_box(stand) for stand in stands])
    active = Counter(node for edge in edges if edge.active for node in (edge.start, edge.end))
    total = Counter(node for edge in edges for node in (edge.start, edge.end))
    on_runway = {node for edge in edges if edge.kind == "runway" for node in (edge.start, edge.end)}
    nodes = []
    for node in total:
        # Aircraft wait where an edge outside the runway's zone meets one inside it, not on the runway itself.
        holds = 0 < active[node] < total[node] and node not in on_runway
        xy = plane.to_xy(*source.nodes[node].at)
        nodes.append(TaxiNode(id=node, position=xy, hold="runway" if holds else None))
    result = []
    for edge in edges:
        shape = [plane.to_xy(*p) for p in edge.shape]
        code = edge.letter or _NO_LETTER
        line = LineString([plane.to_xy(*source.nodes[edge.start].at), *shape, plane.to_xy(*source.nodes[edge.end].at)])
        near = boxes.query(line, predicate="dwithin", distance=TAXIWAY_OBJECT_M[code] - 0.5)
        kind = "runway" if edge.kind == "runway" else ("taxilane" if len(near) else "taxiway")
        result.append(
            TaxiEdge(
                start=edge.start,
                end=edge.end,
                kind=kind,
                code=code,
                oneway=edge.oneway,
                name=edge.name[:60],
                shape=shape,
            )
        )
    parts = components([(edge.start, edge.end) for edge in edges])
    if len(parts) > 1:
        warnings.append(f"the taxi graph has {len(parts)} parts of {', '.join(str(len(p)) for p in parts[:6])} nodes")
    return nodes, result


def _raw_roads(source: AptAirport, plane: TangentPlane, warnings: list[str]) -> list[RawRoad]:
    edges = _usable_edges(source, True, warnings)
    raw = []
    for edge in edges:
        latlon = [source.nodes[edge.start].at, *edge.shape, source.nodes[edge.end].at]
        raw.append(RawRoad(edge.start, edge.end, edge.oneway, tuple(plane.to_xy(*p) for p in latlon)))
    parts = components([(edge.start, edge.end) for edge in edges])
    if len(parts) > 1:
        warnings.append(f"the road net has {len(parts)} parts of {', '.join(str(len(p)) for p in parts[:6])} nodes")
    return raw


def _crossings(source, plane, road_nodes: list[RoadNode], road_edges: list[RoadEdge]) -> list[Crossing]:
    """Nodes that the taxi graph and the road graph share; hold lines follow from the letter."""
    taxi = {node for edge in source.edges if edge.kind != "road" for node in (edge.start, edge.end)}
    road = {node for edge in source.edges if edge.kind == "road" for node in (edge.start, edge.end)}
    at = {node.id: node.position for node in road_nodes}
    lines = [LineString([at[edge.start], *edge.shape, at[edge.end]]) for edge in road_edges]
    tree = shapely.STRtree(lines)
    crossings = []
    for node in sorted(taxi & road & source.nodes.keys(), key=lambda n: (len(n), n)):
        xy = plane.to_xy(*source.nodes[node].at)
        for k in sorted(tree.query(Point(xy), predicate="dwithin", distance=0.02)):
            crossings.append(Crossing(road=road_edges[k].id, at=xy))
            break
    return crossings


def _surfaces(source, plane, stands, taxi_edges, taxi_nodes, warnings: list[str]) -> list[Surface]:
    """Row 110 with holes, self-intersections repaired; the boundary (row 130) becomes grass under everything."""
    noses = shapely.STRtree([Point(stand.position) for stand in stands])
    at = {node.id: node.position for node in taxi_nodes}
    taxi = shapely.STRtree([LineString([at[e.start], *e.shape, at[e.end]]) for e in taxi_edges])
    surfaces = []
    for shape in source.shapes:
        rings = [[plane.to_xy(*p) for p in chain.points] for chain in shape.chains if chain.closed]
        rings = [ring for ring in rings if len(set(ring)) >= 3]
        if shape.row == 120 or not rings:
            continue
        area = polygon_of(rings[0], rings[1:]).simplify(0.03)
        material = "grass" if shape.row == 130 else _material(shape.surface)
        for part in shapely.get_parts(area):
            if part.geom_type != "Polygon" or part.area < 1.0:
                continue
            kind = _surface_kind(shape.name, material, part, noses, taxi)
            rounded = [
                [(round(x, 2), round(y, 2)) for x, y in ring.coords[:-1]] for ring in (part.exterior, *part.interiors)
            ]
            surfaces.append(
                Surface(
                    id=f"{shape.row}-{shape.line}-{len(surfaces)}",
                    kind=kind,
                    material=material,
                    polygon=rounded[0],
                    holes=[ring for ring in rounded[1:] if len(set(ring)) >= 3],
                )
            )
    if not any(surface.kind not in ("grass", "water") for surface in surfaces):
        warnings.append("no pavement (row 110)")
    return surfaces


def _material(surface: int) -> str:
    if 20 <= surface <= 38:
        return "asphalt"
    if 50 <= surface <= 57:
        return "concrete"
    return _MATERIALS.get(surface, "asphalt")  # 15 is transparent: pavement painted by an orthophoto


def _surface_kind(name: str, material: str, part, noses: shapely.STRtree, taxi: shapely.STRtree) -> str:
    if material in ("grass", "water"):
        return material
    if material == "gravel":
        return "shoulder"
    named = next((kind for word, kind in _SURFACE_NAMES if word in name.lower()), None)
    if named:
        return named
    if len(noses.query(part, predicate="intersects")):
        return "apron"
    return "taxiway" if len(taxi.query(part, predicate="intersects")) else "apron"


def _runways(source: AptAirport, plane: TangentPlane) -> list[Runway]:
    ids = unique_ids(["/".join(runway.ids) for runway in source.runways], "runway")
    return [
        Runway(
            id=ids[i],
            ends=tuple(plane.to_xy(*end) for end in runway.ends),
            width_m=min(max(runway.width_m, 6.0), 100.0),
        )
        for i, runway in enumerate(source.runways)
    ]


def _paint(source, plane, warnings: list[str]) -> tuple[list[Marking], list[HoldingPosition]]:
    """Rows 110 and 120 hold paint on their edges: one marking per run of segments with the same paint code."""
    markings, holds = [], []
    strange: Counter[int] = Counter()
    for row in (110, 120):
        for _, chain in iter_chains(source, row):
            points = [plane.to_xy(*p) for p in chain.points]
            if chain.closed:
                points.append(points[0])
            paints = [_paint_code(codes) for codes in chain.codes]
            start = 0
            for code, run in groupby(paints):
                length = len(list(run))
                line = _without_repeats(points[start : start + length + 1])
                start += length
                if code is None or len(line) < 2:
                    continue
                plain = code - 50 if 51 <= code <= 59 else code
                if plain not in _PAINT:
                    strange[code] += 1
                markings.append(Marking(kind=_PAINT.get(plain, "other"), line=line))
                if plain in _HOLDS:
                    holds.append(HoldingPosition(kind=_HOLDS[plain], line=line))
    if strange:
        listed = ", ".join(f"{code} ({count})" for code, count in sorted(strange.items()))
        warnings.append(f"line codes outside WorldEditor's table, drawn as plain paint: {listed}")
    return markings, holds


def _paint_code(codes: tuple[int, ...]) -> int | None:
    return next((code for code in codes if 0 < code < _FIRST_LIGHT_CODE), None)


def _without_repeats(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]


def _pois(source, plane, road_nodes, road_edges, warnings: list[str]) -> list[Poi]:
    at = {node.id: node.position for node in road_nodes}
    lines = [LineString([at[e.start], *e.shape, at[e.end]]) for e in road_edges]
    tree = shapely.STRtree(lines)
    pois: list[Poi] = []
    far = 0
    for truck in source.trucks:
        if not truck.is_parking:
            continue
        xy = plane.to_xy(*truck.at)
        kind = next(kind for word, kind in _TRUCK_POIS if truck.kinds[0].startswith(word))
        if any(poi.kind == kind and Point(poi.position).distance(Point(xy)) < _POI_MERGE_M for poi in pois):
            continue
        if lines and not len(tree.query(Point(xy), predicate="dwithin", distance=_POI_ROAD_M)):
            far += 1
            continue
        pois.append(Poi(id=f"{kind}-{len(pois) + 1}", kind=kind, position=xy))
    if far:
        warnings.append(f"{far} truck parkings lie more than {_POI_ROAD_M:.0f} m from any road; dropped")
    return pois


def _labels(source: AptAirport, plane: TangentPlane) -> list[Label]:
    """Signs (row 20): `{@Y}A1{^r}` becomes "A1", kind by its first colour."""
    labels = []
    for sign in source.signs:
        text = re.sub(r"\{[^}]*\}", " ", sign.text.replace("{hyphen}", "-")).replace("_", " ").replace("|", " ")
        text = " ".join(text.split())
        if text:
            kind = next((kind for mark, kind in _SIGN_KINDS if mark in sign.text), "text")
            labels.append(Label(text=text, position=plane.to_xy(*sign.at), kind=kind))
    return labels
