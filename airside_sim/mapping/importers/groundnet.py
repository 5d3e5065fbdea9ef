"""FlightGear `<ICAO>.groundnet.xml` -> stands, taxi graph and pushback lines; alone or merged onto another map.

Parkings and nodes share one space of indices; arcs are directed, both directions listed where both are legal.
A stand's push follows the arcs marked isPushBackRoute from the stand to the node whose type is PushBack; on the way
the aircraft's main gear runs first, so the line starts behind the nose wheel.
"""

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from airside_sim.mapping.importers.geodesy import TangentPlane
from airside_sim.mapping.importers.osm_reader import parse_xml
from airside_sim.mapping.importers.result import Imported, build_map, map_error, read_utf8
from airside_sim.mapping.importers.stands import letter_by_span, resolve_overlaps, unique_ids
from airside_sim.mapping.schema import AirportMap, Stand, TaxiEdge, TaxiNode

XY = tuple[float, float]
_MATCH_STAND_M = 25.0  # a groundnet parking this near a stand of the other map, with its heading, is the same stand
_MATCH_HEADING_DEG = 30.0
_APRON_REACH_M = 120.0  # arcs with an end this near a parking are taxilanes
_MAIN_GEAR_M = {"A": 3.0, "B": 8.0, "C": 15.0, "D": 22.0, "E": 28.0, "F": 31.0}  # largest wheelbase of the letter


def import_groundnet(path: str | Path, icao: str | None = None) -> Imported:
    """A map of stands, taxi edges and pushback lines; everything else is left to `fill`."""
    root = parse_xml(path, read_utf8(path))
    if root.tag != "groundnet":
        raise map_error(path, 1, "root element", f"<{root.tag}> is not <groundnet>")
    warnings: list[str] = []
    points = _points(path, root)
    if not points:
        raise map_error(path, 1, "parkingList", "the file holds neither parkings nor nodes")
    lats, lons = [p[0] for p in points.values()], [p[1] for p in points.values()]
    plane = TangentPlane(round((min(lats) + max(lats)) / 2.0, 7), round((min(lons) + max(lons)) / 2.0, 7))
    at = {index: plane.to_xy(*latlon) for index, latlon in points.items()}
    arcs = _arcs(path, root, at, warnings)
    stands = _stands(path, root, at, arcs, warnings)
    nodes, edges = _taxi_graph(root, at, arcs)
    airport = build_map(
        path,
        {
            "name": icao or Path(path).name.split(".")[0],
            "title": icao or Path(path).name.split(".")[0],
            "source": f"FlightGear groundnet ({Path(path).name})",
            "licence": "GPL-2.0-or-later (FlightGear and its contributors)",
            "origin": plane.origin,
            "stands": stands,
            "taxi_nodes": nodes,
            "taxi_edges": edges,
        },
    )
    return Imported(airport, warnings)


def merge_groundnet(airport: AirportMap, path: str | Path) -> Imported:
    """Adds the groundnet's pushback lines to the matching stands of another map of the same airport."""
    other, warnings = import_groundnet(path, airport.name)
    theirs = TangentPlane(other.origin.lat, other.origin.lon)
    ours = TangentPlane(airport.origin.lat, airport.origin.lon)
    stands, count = [], 0
    for stand in airport.stands:
        match = _nearest_stand(stand, other.stands, theirs, ours)
        if match is not None and match.pushback and not stand.pushback:
            line = [ours.to_xy(*theirs.to_latlon(*p)) for p in match.pushback]
            stand = stand.model_copy(update={"pushback": line})
            count += 1
        stands.append(stand)
    filled = [*airport.filled, f"{count} pushback lines from {Path(path).name}"] if count else airport.filled
    merged = airport.model_copy(update={"stands": stands, "filled": filled})
    return Imported(merged, warnings)


def _nearest_stand(stand: Stand, others: Sequence[Stand], theirs: TangentPlane, ours: TangentPlane) -> Stand | None:
    best, best_m = None, _MATCH_STAND_M
    for other in others:
        distance = math.dist(ours.to_xy(*theirs.to_latlon(*other.position)), stand.position)
        turn = abs((other.heading_deg - stand.heading_deg + 180.0) % 360.0 - 180.0)
        if distance < best_m and turn < _MATCH_HEADING_DEG:
            best, best_m = other, distance
    return best


def _field(path: str | Path, element: Element, name: str) -> str:
    value = element.get(name)
    if value is None:
        raise map_error(path, 1, f"{element.tag} {element.get('index', '?')}.{name}", "is missing")
    return value


def _number(path: str | Path, element: Element, name: str) -> float:
    text = _field(path, element, name)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise map_error(
            path, 1, f"{element.tag} {element.get('index', '?')}.{name}", f"{text!r} is not a finite number"
        )
    return value


def _degrees(path: str | Path, element: Element, name: str) -> float:
    """`N47 27.209` -> 47.4535: hemisphere, degrees, decimal minutes."""
    text = _field(path, element, name)
    match = re.fullmatch(r"\s*([NSEW])\s*(\d{1,3})\s+(\d{1,2}(?:\.\d*)?)\s*", text)
    limit = 90.0 if name == "lat" else 180.0
    value = float(match[2]) + float(match[3]) / 60.0 if match else math.inf
    if match is None or value > limit:
        message = f"{text!r} is not hemisphere, degrees and minutes like 'N47 27.209'"
        raise map_error(path, 1, f"{element.tag} {element.get('index', '?')}.{name}", message)
    return -value if match[1] in "SW" else value


def _points(path: str | Path, root: Element) -> dict[str, tuple[float, float]]:
    """(lat, lon) of every parking and node by index."""
    points: dict[str, tuple[float, float]] = {}
    for element in (*root.iter("Parking"), *root.iter("node")):
        points[_field(path, element, "index")] = (_degrees(path, element, "lat"), _degrees(path, element, "lon"))
    return points


def _arcs(path: str | Path, root: Element, at: dict[str, XY], warnings: list[str]) -> list[tuple[str, str, bool, str]]:
    """(begin, end, is pushback, name) of every arc between two known places."""
    arcs = []
    for element in root.iter("arc"):
        begin, end = _field(path, element, "begin"), _field(path, element, "end")
        missing = [index for index in (begin, end) if index not in at]
        if missing:
            warnings.append(f"arc {begin}-{end}: no node {missing[0]}; dropped")
        elif math.dist(at[begin], at[end]) > 0.1:
            arcs.append((begin, end, element.get("isPushBackRoute") == "1", element.get("name") or ""))
    return arcs


def _stands(path, root: Element, at: dict[str, XY], arcs, warnings: list[str]) -> list[Stand]:
    push_arcs: dict[str, list[str]] = defaultdict(list)
    for begin, end, is_push, _ in arcs:
        if is_push:
            push_arcs[begin].append(end)
    parkings = list(root.iter("Parking"))
    names = [f"{p.get('name') or ''} {p.get('number') or ''}".strip() for p in parkings]
    ids = unique_ids([name or f"stand {p.get('index')}" for name, p in zip(names, parkings, strict=True)], "stand")
    stands = []
    for stand_id, parking in zip(ids, parkings, strict=True):
        index = _field(path, parking, "index")
        heading = _number(path, parking, "heading") % 360.0
        letter = letter_by_span(2.0 * _number(path, parking, "radius") - 0.01)
        remote = parking.get("type") != "gate"
        stand = Stand(id=stand_id, position=at[index], heading_deg=heading, code=letter, remote=remote)
        stands.append(stand.model_copy(update={"pushback": _pushback(stand, index, at, push_arcs)}))
    kept, changes = resolve_overlaps(stands)
    warnings += changes
    return kept


def _pushback(stand: Stand, index: str, at: dict[str, XY], push_arcs: dict[str, list[str]]) -> list[XY]:
    """Main-gear line along the pushback arcs: [] when there is none or it does not lead backwards."""
    line, seen = [], {index}
    while push_arcs.get(index):
        index = push_arcs[index][0]
        if index in seen:
            return []
        seen.add(index)
        line.append(at[index])
    angle = math.radians(90.0 - stand.heading_deg)
    gear = _MAIN_GEAR_M[stand.code]
    start = (stand.position[0] - gear * math.cos(angle), stand.position[1] - gear * math.sin(angle))
    behind = [p for p in line if _ahead(stand, p) < -gear - 5.0]
    return [(round(start[0], 2), round(start[1], 2)), *behind] if behind else []


def _ahead(stand: Stand, point: XY) -> float:
    angle = math.radians(90.0 - stand.heading_deg)
    x, y = stand.position
    return (point[0] - x) * math.cos(angle) + (point[1] - y) * math.sin(angle)


def _taxi_graph(root: Element, at: dict[str, XY], arcs) -> tuple[list[TaxiNode], list[TaxiEdge]]:
    """Arcs between nodes (lead-ins of parkings follow from the stands); a pair of opposite arcs is one two-way edge."""
    parking = {p.get("index") for p in root.iter("Parking")}
    parked_at = [at[index] for index in parking if index in at]
    element = {node.get("index"): node for node in root.iter("node")}
    directed = {(a, b): name for a, b, is_push, name in arcs if not is_push and not {a, b} & parking}
    edges, used = [], []
    for (a, b), name in directed.items():
        both = (b, a) in directed
        if both and (b, a) in used:
            continue
        used.append((a, b))
        on_runway = all(element[i].get("isOnRunway") == "1" for i in (a, b))
        near = any(math.dist(at[i], p) < _APRON_REACH_M for p in parked_at for i in (a, b))
        kind = "runway" if on_runway else ("taxilane" if near else "taxiway")
        edges.append(TaxiEdge(start=a, end=b, kind=kind, code="E", oneway=not both, name=name[:60]))
    nodes = [
        TaxiNode(id=i, position=at[i], hold="runway" if element[i].get("holdPointType") == "normal" else None)
        for i in dict.fromkeys(index for edge in edges for index in (edge.start, edge.end))
    ]
    return nodes, edges
