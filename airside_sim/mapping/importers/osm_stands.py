"""Stands of an OpenStreetMap extract.

Rules:
- the stop of a stand drawn as a line is its last node, unless the first one is nearer to a building (then the line
  was drawn backwards); of a stand drawn as a node and as a line with the same ref, the line stays;
- the heading of a stand drawn as a node: along a taxi line that ends there, else towards the gate of the same ref,
  else towards the nearest building, else away from the nearest taxi line;
- letters from `width`, `maxspan` or `aircraft`, else from the spacing of neighbours.
"""

import math

import shapely
from shapely.geometry import Point

from airside_sim.mapping.importers.geodesy import bearing_deg
from airside_sim.mapping.importers.osm_extract import XY, Extract, is_line, points_of
from airside_sim.mapping.importers.osm_reader import OsmFeature
from airside_sim.mapping.importers.osm_tags import stand_letter, stand_name
from airside_sim.mapping.importers.stands import clear_of_roads, letters_by_spacing, resolve_overlaps, unique_ids
from airside_sim.mapping.schema import Stand

_DUPLICATE_STAND_M = 12.0
_GATE_REACH_M = 150.0


def read_stands(extract: Extract) -> tuple[list[Stand], list[str]]:
    """Stands of the extract, and warnings about what was changed or left out."""
    drafts, warnings = _stand_drafts(extract)
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
                remote=not _near_building(extract, position),
            )
        )
    kept, changes = resolve_overlaps(stands)
    roads = [extract.shapes[f.id] for f in extract.airside_ways()]
    kept, dropped = clear_of_roads(kept, roads)
    return kept, [*warnings, *changes, *dropped]


def _stand_drafts(extract: Extract) -> tuple[list[tuple[OsmFeature, XY, float, list[XY]]], list[str]]:
    """(feature, stop, heading, lead-in) of every stand, and warnings; nodes that repeat a line are left out."""
    drafts, flipped = [], 0
    for feature in extract.of("parking_position"):
        if is_line(feature):
            points = points_of(extract.shapes[feature.id])
            if _is_backwards(extract, points):
                points, flipped = points[::-1], flipped + 1
            points = [p for i, p in enumerate(points) if i == 0 or math.dist(p, points[i - 1]) > 0.3]
            if len(points) > 1:
                drafts.append((feature, points[-1], bearing_deg(points[-2], points[-1]), points))
    lines = [(d[0].tags.get("ref"), d[1]) for d in drafts]
    for feature in extract.of("parking_position"):
        if feature.geometry.geom_type != "Point":
            continue
        xy = points_of(extract.shapes[feature.id])[0]
        ref = feature.tags.get("ref")
        if any(math.dist(xy, stop) < _DUPLICATE_STAND_M and (ref == other or ref is None) for other, stop in lines):
            continue
        drafts.append((feature, xy, _node_heading(extract, feature, xy), []))
    if flipped:
        return drafts, [f"{flipped} stand lines were drawn from the stop to the taxiway: reversed"]
    return drafts, []


def _is_backwards(extract: Extract, points: list[XY]) -> bool:
    """True when the first node is the stop: nearer to a building or, if none is near, farther from taxi lines."""
    first, last = Point(points[0]), Point(points[-1])
    built = extract.all_built
    if extract.built and min(built.distance(first), built.distance(last)) < _GATE_REACH_M:
        return built.distance(first) < built.distance(last)
    return bool(extract.taxi_lines) and extract.all_taxi.distance(first) > extract.all_taxi.distance(last) + 1.0


def _node_heading(extract: Extract, feature: OsmFeature, xy: XY) -> float:
    here = Point(xy)
    lines = [points_of(line) for line in extract.taxi_lines]
    for stop, before in [pair for p in lines for pair in ((p[-1], p[-2]), (p[0], p[1]))]:
        if math.dist(stop, xy) < 3.0:
            return bearing_deg(before, stop)
    ref = feature.tags.get("ref")
    gates = [extract.shapes[f.id] for f in extract.of("gate") if ref and f.tags.get("ref") == ref]
    gate = min(gates, key=here.distance, default=None)
    if gate is not None and 3.0 < here.distance(gate) < _GATE_REACH_M:
        return bearing_deg(xy, (gate.x, gate.y))
    if extract.built:
        near = shapely.shortest_line(here, extract.all_built)
        if 1.0 < near.length < _GATE_REACH_M:
            return bearing_deg(xy, near.coords[-1])
    if extract.taxi_lines:
        near = shapely.shortest_line(here, extract.all_taxi)
        if near.length > 1.0:
            return bearing_deg(near.coords[-1], xy)
    return 0.0


def _near_building(extract: Extract, position: XY) -> bool:
    """A contact stand: a building or a passenger gate lies within a nose's reach."""
    here = Point(position)
    gates = [extract.shapes[f.id] for f in extract.of("gate")]
    return any(shape.distance(here) < 60.0 for shape in (*extract.built, *gates))
