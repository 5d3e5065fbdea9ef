"""What the schema cannot see: ids given twice, references to nothing, outlines that cross themselves."""

import difflib
import math
from collections.abc import Iterator, Sequence

import shapely
from shapely.geometry import Polygon

from airside_sim.mapping.schema import AirportMap

Location = tuple[int | str, ...]
Problem = tuple[Location, str]

FOLD_AREA_M2 = 0.5  # folds smaller than this come from rounding and are repaired silently
_NAMED = ("surfaces", "runways", "taxi_nodes", "stands", "road_nodes", "road_edges", "buildings", "restricted", "pois")
_OUTLINED = ("surfaces", "buildings", "restricted", "speed_zones")


def find_problem(m: AirportMap) -> Problem | None:
    """The first thing wrong with a well-formed map: (path of the field, message)."""
    return next(problems(m), None)


def problems(m: AirportMap) -> Iterator[Problem]:
    """Everything wrong with a well-formed map."""
    yield from _duplicate_ids(m)
    yield from _loose_references(m)
    yield from _bad_outlines(m)


def _duplicate_ids(m: AirportMap) -> Iterator[Problem]:
    for group in (*_NAMED, "walkways"):
        first: dict[str, int] = {}
        for i, item in enumerate(getattr(m, group)):
            if item.id in first:
                yield (group, i, "id"), f"'{item.id}' is already the id of {group}[{first[item.id]}]"
            first.setdefault(item.id, i)


def _loose_references(m: AirportMap) -> Iterator[Problem]:
    taxi_nodes = {node.id: node.position for node in m.taxi_nodes}
    road_nodes = {node.id: node.position for node in m.road_nodes}
    roads = [edge.id for edge in m.road_edges]
    known_roads = set(roads)
    for group, edges, nodes in (("taxi_edges", m.taxi_edges, taxi_nodes), ("road_edges", m.road_edges, road_nodes)):
        kind = group.removesuffix("_edges")
        for i, edge in enumerate(edges):
            for end in ("start", "end"):
                if getattr(edge, end) not in nodes:
                    given = getattr(edge, end)
                    yield (group, i, end), f"there is no {kind} node '{given}'{_nearest(given, list(nodes))}"
            if edge.start in nodes and edge.end in nodes:
                line = [nodes[edge.start], *edge.shape, nodes[edge.end]]
                if sum(map(math.dist, line[1:], line)) < 0.01:
                    yield (group, i), "the edge has no length"
    for group, field in (("stands", "service_road"), ("pois", "road"), ("crossings", "road")):
        for i, item in enumerate(getattr(m, group)):
            given = getattr(item, field)
            if given is not None and given not in known_roads:
                yield (group, i, field), f"there is no road edge '{given}'{_nearest(given, roads)}"
    for i, runway in enumerate(m.runways):
        if math.dist(*runway.ends) < 1.0:
            yield ("runways", i, "ends"), "the two ends coincide"


def _bad_outlines(m: AirportMap) -> Iterator[Problem]:
    for group in _OUTLINED:
        for i, item in enumerate(getattr(m, group)):
            if _is_folded(item.polygon):
                yield (group, i, "polygon"), "the outline crosses itself"
    for i, stand in enumerate(m.stands):
        if stand.area and (len(stand.area) < 3 or _is_folded(stand.area)):
            yield ("stands", i, "area"), "the outline crosses itself or has fewer than 3 corners"


def _is_folded(ring: Sequence[tuple[float, float]]) -> bool:
    """True when the ring crosses itself by more than rounding could: the lobes of an eight cancel in its area."""
    polygon = Polygon(ring)
    if polygon.is_valid:
        return False
    return abs(shapely.make_valid(polygon).area - abs(polygon.area)) > FOLD_AREA_M2 or polygon.area < 0.01


def _nearest(given: str, allowed: list[str]) -> str:
    close = difflib.get_close_matches(given, allowed, n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""
