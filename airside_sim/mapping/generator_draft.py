"""A drawing board for airports: lay roads and taxilanes as free polylines, get a noded, checked `AirportMap`.

Roads that meet or cross share a node; so do taxi lines. Everything is drawn in plain metres and may be turned and
mirrored as a whole at the end, so that a drawing can be written with the terminal in the south.
"""

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import LineString, Point

from airside_sim.mapping.schema import AirportMap

XY = tuple[float, float]
SNAP_M = 0.25  # ends closer than this to another line join it


@dataclass(frozen=True)
class Frame:
    """A local frame: u runs along a building's face, v away from it."""

    x: float
    y: float
    u: XY
    v: XY

    def at(self, u: float, v: float) -> XY:
        """Map coordinates of (u, v)."""
        return (self.x + u * self.u[0] + v * self.v[0], self.y + u * self.u[1] + v * self.v[1])

    def line(self, *points: XY) -> list[XY]:
        """Map coordinates of several (u, v)."""
        return [self.at(u, v) for u, v in points]

    def box(self, u0: float, v0: float, u1: float, v1: float) -> list[XY]:
        """Corners of a rectangle in map coordinates."""
        return self.line((u0, v0), (u1, v0), (u1, v1), (u0, v1))

    def inward_deg(self) -> float:
        """True heading of -v: where the nose of an aircraft parked nose-in points."""
        return math.degrees(math.atan2(-self.v[0], -self.v[1])) % 360.0


@dataclass
class MapDraft:
    """Collects what is drawn; `finish` nodes the networks and returns the map."""

    name: str
    title: str
    origin: tuple[float, float]
    driving_side: str = "right"
    roads: list[dict[str, Any]] = field(default_factory=list)
    taxis: list[dict[str, Any]] = field(default_factory=list)
    holds: list[tuple[XY, str]] = field(default_factory=list)
    items: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, group: str, /, **fields: Any) -> None:
        """Add an item to one of the schema's lists (`surfaces`, `stands`, `buildings` ...)."""
        self.items.setdefault(group, []).append(fields)

    def road(self, points: list[XY], kind: str = "service", width_m: float = 8.0, oneway: bool = False, **more) -> None:
        """Draw a road: two-way and 8 m wide (two 4 m lanes) unless told otherwise."""
        self.roads.append({"points": points, "kind": kind, "width_m": width_m, "oneway": oneway, **more})

    def taxi(self, points: list[XY], kind: str = "taxilane", code: str = "C", name: str = "") -> None:
        """Draw a taxi centreline."""
        self.taxis.append({"points": points, "kind": kind, "code": code, "name": name})

    def finish(self, turn_deg: float = 0.0, mirror: bool = False) -> AirportMap:
        """Node both networks, turn (counter-clockwise) and mirror (x -> -x) the whole drawing, validate it."""
        data = {key: [dict(item) for item in items] for key, items in self.items.items()}
        data["road_nodes"], data["road_edges"] = _network(self.roads, "r")
        data["taxi_nodes"], data["taxi_edges"] = _network(self.taxis, "t")
        for position, hold in self.holds:
            nearest = min(data["taxi_nodes"], key=lambda node: math.dist(node["position"], position))
            nearest["hold"] = hold
        _name_service_roads(data)
        lat, lon = self.origin
        head = {
            "schema_version": 1,
            "name": self.name,
            "title": self.title,
            "source": "drawn for airside_sim",
            "licence": "MIT",
            "origin": {"lat": lat, "lon": lon},
            "driving_side": self.driving_side,
        }
        return AirportMap.model_validate(head | _placed(data, math.radians(turn_deg), mirror))


def _network(lines: list[dict[str, Any]], prefix: str) -> tuple[list[dict], list[dict]]:
    """Split polylines where they meet; nodes are numbered in drawing order, edges keep their line's fields."""
    shapes = [LineString(line["points"]) for line in lines]
    tree = shapely.STRtree(shapes)
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    for index, (line, shape) in enumerate(zip(lines, shapes, strict=True)):
        cuts = [0.0, shape.length]
        for other in sorted(tree.query(shape, predicate="dwithin", distance=SNAP_M)):
            if other != index:
                cuts += [shape.project(point) for point in _meetings(shape, shapes[other])]
        kept: list[float] = []
        for s in sorted(cuts):
            if not kept or s - kept[-1] > 2 * SNAP_M:
                kept.append(s)
        kept[-1] = shape.length
        for s0, s1 in pairwise(kept):
            points = list(shapely.ops.substring(shape, s0, s1).coords)
            start, end = _node(nodes, points[0], prefix), _node(nodes, points[-1], prefix)
            fields = {key: value for key, value in line.items() if key != "points"}
            if prefix == "r":
                fields["id"] = f"r{len(edges) + 1}"
            edges.append(fields | {"start": start, "end": end, "shape": points[1:-1]})
    return nodes, edges


def _meetings(a: LineString, b: LineString) -> list[Point]:
    """Points where two lines cross, touch, or end within SNAP_M of each other."""
    crossing = a.intersection(b)
    points = [part for part in shapely.get_parts(crossing) if part.geom_type == "Point"]
    ends = [Point(p) for line in (a, b) for p in (line.coords[0], line.coords[-1])]
    return points + [p for p in ends if p.distance(a) <= SNAP_M and p.distance(b) <= SNAP_M]


def _node(nodes: list[dict[str, Any]], position: XY, prefix: str) -> str:
    """Id of the node at a position, new if none lies within 2 * SNAP_M."""
    for node in nodes:
        if math.dist(node["position"], position) <= 2 * SNAP_M:
            return node["id"]
    nodes.append({"id": f"{prefix}n{len(nodes) + 1}", "position": (position[0], position[1])})
    return nodes[-1]["id"]


def _name_service_roads(data: dict[str, list[dict[str, Any]]]) -> None:
    """POIs and stands drawn with a `service_at` point get the id of the road edge that runs there."""
    at = {node["id"]: node["position"] for node in data["road_nodes"]}
    shapes = [LineString([at[e["start"]], *e["shape"], at[e["end"]]]) for e in data["road_edges"]]
    for kind, key in (("stands", "service_road"), ("pois", "road")):
        for item in data.get(kind, []):
            point = item.pop("service_at", None)
            if point is not None:
                item[key] = data["road_edges"][int(np.argmin(shapely.distance(shapes, Point(point))))]["id"]


_POINT_KEYS = {"position"}
_LINE_KEYS = {"polygon", "line", "shape", "lead_in", "pushback", "area", "ends"}


def _placed(data: dict[str, list[dict[str, Any]]], turn_rad: float, mirror: bool) -> dict[str, Any]:
    """The drawing turned and mirrored, centimetres kept; mirroring keeps headings true."""
    c, s, sign = math.cos(turn_rad), math.sin(turn_rad), -1.0 if mirror else 1.0

    def move(p: XY) -> XY:
        x, y = sign * p[0], p[1]
        return (round(x * c - y * s, 2) + 0.0, round(x * s + y * c, 2) + 0.0)

    for items in data.values():
        for item in items:
            for key in _POINT_KEYS & item.keys():
                item[key] = move(item[key])
            for key in _LINE_KEYS & item.keys():
                item[key] = [move(p) for p in item[key]]
            if "heading_deg" in item:
                item["heading_deg"] = round((sign * item["heading_deg"] - math.degrees(turn_rad)) % 360.0, 3)
    return data
