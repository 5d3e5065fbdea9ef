"""Reads OpenStreetMap extracts (Overpass JSON, `.osm` XML, GeoJSON) into one list of tagged points, lines and areas.

The format is told by content, not by name. XML with a DTD is refused: entities can expand without end.
"""

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import shapely

from airside_sim.mapping.errors import MapError
from airside_sim.mapping.importers.result import map_error, read_utf8

LonLat = tuple[float, float]
_AREA_TAGS = ("building", "area:aeroway")
_AREA_AEROWAYS = ("aerodrome", "apron", "terminal", "hangar")


@dataclass(frozen=True)
class OsmFeature:
    """One tagged object; `geometry` is a shapely Point, LineString or Polygon in (lon, lat) degrees."""

    id: str  # "node/1", "way/2", "relation/3"; empty when the extract has none
    tags: dict[str, str]
    geometry: shapely.Geometry

    @property
    def aeroway(self) -> str:
        return self.tags.get("aeroway", "")


def read_osm(paths: str | Path | Sequence[str | Path]) -> tuple[list[OsmFeature], str, list[str]]:
    """(features of all files, each object once; name the files carry or ""; warnings)."""
    files = [paths] if isinstance(paths, str | Path) else list(paths)
    features: dict[str, OsmFeature] = {}
    warnings: list[str] = []
    name = ""
    for path in files:
        found, file_name = _read_file(Path(path), warnings)
        name = name or file_name
        for feature in found:
            key = feature.id or feature.geometry.wkt
            old = features.get(key)
            # Two exports may hold the same object, one with fewer tags: the fuller one stays.
            if old is None or len(feature.tags) > len(old.tags):
                features[key] = feature
    if not features:
        raise map_error(files[0], 1, "features", "the extract holds no tagged objects")
    return list(features.values()), name, warnings


def _read_file(path: Path, warnings: list[str]) -> tuple[list[OsmFeature], str]:
    text = read_utf8(path)
    if text.lstrip().startswith("<"):
        return _read_xml(path, text, warnings), ""
    document = _parse_json(path, text)
    if not isinstance(document, dict):
        raise map_error(path, 1, "document", "neither OSM XML, Overpass JSON nor GeoJSON")
    if isinstance(document.get("elements"), list):
        return _read_elements(path, document["elements"], warnings), ""
    if isinstance(document.get("features"), list):
        name = document.get("name")
        return _read_geojson(path, text, document["features"], warnings), name if isinstance(name, str) else ""
    raise map_error(path, 1, "document", "has neither `elements` (Overpass) nor `features` (GeoJSON)")


def _parse_json(path: Path, text: str):
    def refuse(constant: str) -> float:
        raise ValueError(constant)

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise map_error(path, error.lineno, "JSON", f"{error.msg} (column {error.colno})") from None
    except RecursionError:
        raise map_error(path, 1, "JSON", "is nested too deeply") from None
    except ValueError as error:
        position = text.find(str(error))
        line = text.count("\n", 0, max(position, 0)) + 1
        raise map_error(path, line, "JSON", f"{str(error)[:40]} is not a finite number") from None


def _read_geojson(path: Path, text: str, items: list, warnings: list[str]) -> list[OsmFeature]:
    features = []
    for i, item in enumerate(items):
        try:
            features += _geojson_feature(item)
        except _Broken as error:
            raise map_error(path, _feature_line(text, i), f"features[{i}].{error.field}", str(error)) from None
        except _Unsupported as error:
            warnings.append(f"{path.name}: features[{i}]: {error}; skipped")
    return features


class _Broken(ValueError):
    """A feature that is not what the format says; `field` is the path within the feature."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class _Unsupported(ValueError):
    """A legal feature that the importer has no use for."""


def _feature_line(text: str, index: int) -> int:
    """Line of the index-th `"type": "Feature"`."""
    for k, match in enumerate(re.finditer(r'"type"\s*:\s*"Feature"', text)):
        if k == index:
            return text.count("\n", 0, match.start()) + 1
    return 1


def _geojson_feature(item) -> list[OsmFeature]:
    if not isinstance(item, dict):
        raise _Broken("type", "a feature must be an object")
    properties, geometry = item.get("properties") or {}, item.get("geometry")
    if not isinstance(properties, dict):
        raise _Broken("properties", "must be an object")
    if not isinstance(geometry, dict):
        raise _Broken("geometry", "is missing")
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    tags = properties.get("tags") if isinstance(properties.get("tags"), dict) else properties
    tags = {str(k): str(v) for k, v in tags.items() if v is not None}
    identity = str(item.get("id") or properties.get("@id") or "")
    if not identity and "osm_id" in properties:
        identity = f"{properties.get('osm_type', 'way')}/{properties['osm_id']}"
    build = _GEOJSON_SHAPES.get(kind) if isinstance(kind, str) else None
    if build is None:
        raise _Unsupported(f"geometry {kind!r} is not used")
    shapes = build(coordinates)
    return [OsmFeature(identity if k == 0 else f"{identity}#{k}", tags, shape) for k, shape in enumerate(shapes)]


def _position(value) -> LonLat:
    if not (isinstance(value, list) and len(value) >= 2):
        raise _Broken("geometry.coordinates", f"{str(value)[:40]!r} is not a position")
    return _lonlat(value[0], value[1], "geometry.coordinates")


def _lonlat(lon, lat, field: str) -> LonLat:
    try:
        lon, lat = float(lon), float(lat)
    except (TypeError, ValueError):
        raise _Broken(field, f"({str(lon)[:20]}, {str(lat)[:20]}) are not numbers") from None
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lat) <= 90.0 and abs(lon) <= 180.0):
        raise _Broken(field, f"({lon}, {lat}) is not on Earth")
    return lon, lat


def _positions(value, minimum: int) -> list[LonLat]:
    if not isinstance(value, list) or len(value) < minimum:
        raise _Broken("geometry.coordinates", f"needs at least {minimum} positions")
    return [_position(item) for item in value]


def _parts(value) -> list:
    if not isinstance(value, list) or not value:
        raise _Broken("geometry.coordinates", "needs at least one part")
    return value


def _polygon(rings) -> shapely.Polygon:
    checked = [_positions(ring, 4) for ring in _parts(rings)]
    return shapely.Polygon(checked[0], checked[1:])


_GEOJSON_SHAPES: dict[str, Callable] = {
    "Point": lambda c: [shapely.Point(_position(c))],
    "LineString": lambda c: [shapely.LineString(_positions(c, 2))],
    "MultiLineString": lambda c: [shapely.LineString(_positions(line, 2)) for line in _parts(c)],
    "Polygon": lambda c: [_polygon(c)],
    "MultiPolygon": lambda c: [_polygon(rings) for rings in _parts(c)],
}


def _read_elements(path: Path, elements: list, warnings: list[str]) -> list[OsmFeature]:
    """Overpass JSON, with `out geom` or with nodes listed beside the ways."""
    nodes: dict[object, LonLat] = {}
    features: list[OsmFeature] = []
    for i, element in enumerate(elements):
        if isinstance(element, dict) and element.get("type") == "node":
            nodes[element.get("id")] = _element_position(path, i, element)
    for i, element in enumerate(elements):
        if not isinstance(element, dict) or element.get("type") not in ("node", "way", "relation"):
            raise map_error(path, 1, f"elements[{i}].type", "must be node, way or relation")
        tags = element.get("tags") or {}
        if not isinstance(tags, dict):
            raise map_error(path, 1, f"elements[{i}].tags", "must be an object")
        tags = {str(k): str(v) for k, v in tags.items()}
        identity = f"{element['type']}/{element.get('id')}"
        if not tags:
            continue
        if element["type"] == "node":
            features.append(OsmFeature(identity, tags, shapely.Point(nodes[element.get("id")])))
            continue
        lines = _element_lines(path, i, element, nodes, warnings)
        features += _ways(identity, tags, lines, element["type"] == "relation")
    return features


def _element_position(path: Path, i: int, element: dict) -> LonLat:
    try:
        return _lonlat(element.get("lon"), element.get("lat"), "lat/lon")
    except _Broken as error:
        raise map_error(path, 1, f"elements[{i}].{error.field}", str(error)) from None


def _element_lines(path: Path, i: int, element: dict, nodes: dict, warnings: list[str]) -> list[list[LonLat]]:
    """Coordinates of a way, or of a relation's outer ways."""
    members = element.get("members") if element["type"] == "relation" else [element]
    lines = []
    for member in members if isinstance(members, list) else []:
        if not isinstance(member, dict) or member.get("role", "outer") not in ("outer", ""):
            continue
        if isinstance(member.get("geometry"), list):
            points = [_element_position(path, i, p) for p in member["geometry"] if isinstance(p, dict)]
        else:
            refs = member.get("nodes") if isinstance(member.get("nodes"), list) else []
            points = [nodes[ref] for ref in refs if isinstance(ref, int | str) and ref in nodes]
            if len(points) < len(refs):
                warnings.append(f"{path.name}: way {member.get('id')}: {len(refs) - len(points)} nodes are missing")
        if len(points) > 1:
            lines.append(points)
    return lines


def _ways(identity: str, tags: dict[str, str], lines: list[list[LonLat]], is_relation: bool) -> list[OsmFeature]:
    """An area when the tags say so and the line closes (or a relation's outer ways join up), else lines."""
    area = tags.get("aeroway") in _AREA_AEROWAYS or any(tag in tags for tag in _AREA_TAGS) or tags.get("area") == "yes"
    if is_relation:
        shapes = list(shapely.get_parts(shapely.polygonize([shapely.LineString(line) for line in lines])))
    elif area and lines and len(lines[0]) >= 4 and lines[0][0] == lines[0][-1]:
        shapes = [shapely.Polygon(lines[0])]
    else:
        shapes = [shapely.LineString(line) for line in lines]
    return [OsmFeature(identity if k == 0 else f"{identity}#{k}", tags, shape) for k, shape in enumerate(shapes)]


def _read_xml(path: Path, text: str, warnings: list[str]) -> list[OsmFeature]:
    root = parse_xml(path, text)
    if root.tag != "osm":
        raise map_error(path, 1, "root element", f"<{root.tag}> is not <osm>")
    elements: list[dict] = []
    for item in root:
        tags = {tag.get("k", ""): tag.get("v", "") for tag in item.findall("tag")}
        element = {"type": item.tag, "id": item.get("id"), "tags": tags}
        if item.tag == "node":
            element |= {"lat": item.get("lat"), "lon": item.get("lon")}
        elif item.tag == "way":
            element["nodes"] = [ref.get("ref") for ref in item.findall("nd")]
        elif item.tag == "relation":
            element["members"] = [{"role": m.get("role"), "ref": m.get("ref")} for m in item.findall("member")]
        else:
            continue
        elements.append(element)
    ways = {element["id"]: element for element in elements if element["type"] == "way"}
    for element in elements:
        for member in element.get("members", []):
            member["nodes"] = ways.get(member["ref"], {}).get("nodes", [])
    return _read_elements(path, elements, warnings)


def parse_xml(path: str | Path, text: str) -> ElementTree.Element:
    """Root of a document without DTD; a syntax error names its line."""
    declaration = re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE)
    if declaration:
        line = text.count("\n", 0, declaration.start()) + 1
        raise map_error(path, line, "DTD", "documents with entity declarations are refused")
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise map_error(path, error.position[0], "XML", str(error).split(":")[0]) from None
    except RecursionError:
        raise MapError(f"{path}:1: XML: is nested too deeply") from None
