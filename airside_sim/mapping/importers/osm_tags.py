"""What single OpenStreetMap tags mean for an airport map: letters, widths, heights, limits, kinds."""

import re

from airside_sim.mapping.importers.line_graph import Piece
from airside_sim.mapping.importers.osm_reader import OsmFeature
from airside_sim.mapping.importers.road_net import RawRoad
from airside_sim.mapping.importers.stands import letter_by_name, letter_by_span


def is_building(feature: OsmFeature) -> bool:
    if feature.aeroway in ("terminal", "hangar"):
        return True
    return feature.tags.get("building", "no") not in ("no", "roof")


def building_kind(feature: OsmFeature) -> str:
    if feature.aeroway in ("terminal", "hangar"):
        return feature.aeroway
    kind = feature.tags.get("building", "")
    return {"hangar": "hangar", "terminal": "terminal", "storage_tank": "tank"}.get(kind, "building")


def hold_kind(feature: OsmFeature) -> str:
    return "intermediate" if "intermediate" in feature.tags.get("holding_position:type", "") else "runway"


def taxi_letter(way: OsmFeature) -> str:
    span = metres(way.tags.get("maxspan")) or metres(way.tags.get("clearance"))
    if span:
        return letter_by_span(span)
    width = metres(way.tags.get("width"))
    if width is None or way.aeroway == "runway":
        return "E"
    return "B" if width < 10.5 else "C" if width < 18.0 else "E" if width < 25.0 else "F"


def stand_letter(feature: OsmFeature) -> str | None:
    span = metres(feature.tags.get("maxspan")) or metres(feature.tags.get("width"))
    if span and span > 5.0:
        return letter_by_span(span)
    return letter_by_name(feature.tags.get("aircraft", ""))


def stand_name(feature: OsmFeature) -> str:
    return feature.tags.get("ref") or feature.tags.get("name") or feature.id.replace("/", " ")


def raw_road(way: OsmFeature, piece: Piece) -> RawRoad:
    oneway = way.tags.get("oneway", "no")
    start, end, points = piece.start, piece.end, piece.points
    if oneway in ("-1", "reverse"):
        start, end, points = end, start, points[::-1]
    return RawRoad(
        start=start,
        end=end,
        oneway=oneway in ("yes", "1", "true", "-1", "reverse"),
        line=points,
        width_m=metres(way.tags.get("width")),
        limit_kmh=kmh(way.tags.get("maxspeed")),
        kind="tunnel" if way.tags.get("tunnel", "no") != "no" else "service",
    )


def metres(text: str | None) -> float | None:
    """`23`, `23 m`, `75'` or `75 ft` in metres; None for anything else."""
    match = re.fullmatch(r"\s*(\d{1,4}(?:[.,]\d+)?)\s*(m|ft|')?\s*", text or "")
    if match is None:
        return None
    value = float(match[1].replace(",", "."))
    return value * (0.3048 if match[2] in ("ft", "'") else 1.0) or None


def kmh(text: str | None) -> float | None:
    match = re.fullmatch(r"\s*(\d{1,3})\s*(mph|km/h)?\s*", text or "")
    if match is None:
        return None
    value = float(match[1]) * (1.609 if match[2] == "mph" else 1.0)
    return value if 0.0 < value <= 80.0 else None
