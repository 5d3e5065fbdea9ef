"""Service roads of imported maps: chains joined to edges, kinds by what they pass, driving side by lane pairs."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import shapely
from shapely.geometry import LineString, Point

from airside_sim.mapping.areas import NOSE_M, SPAN_M, polygon_of, stand_frame, stand_polygon
from airside_sim.mapping.schema import RoadEdge, RoadNode, Stand

XY = tuple[float, float]
ONE_WAY_WIDTH_M = 4.0  # lane pairs of real maps lie 5 m apart: 4 m lanes leave the paint between them
TWO_WAY_WIDTH_M = 7.5
APRON_WITHIN_M = 40.0  # roads this near a stand's outline are apron roads (25 km/h), others service roads (40 km/h)
HEAD_OF_STAND_M = 25.0  # roads this far ahead of the noses carry the head-of-stand limit


@dataclass(frozen=True)
class RawRoad:
    """A piece of road between two node ids as the source has it; `line` includes both ends."""

    start: str
    end: str
    oneway: bool
    line: tuple[XY, ...]
    width_m: float | None = None
    limit_kmh: float | None = None
    kind: str = "service"


def build_roads(raw: Sequence[RawRoad], stands: Sequence[Stand]) -> tuple[list[RoadNode], list[RoadEdge]]:
    """Nodes and edges of the schema: kinds assigned, chains through plain nodes joined, ids `R1`, `R2` ... by order."""
    pieces = join_chains(classify(raw, stands))
    at: dict[str, XY] = {}
    for piece in pieces:
        at.setdefault(piece.start, piece.line[0])
        at.setdefault(piece.end, piece.line[-1])
    edges = []
    for i, piece in enumerate(pieces, start=1):
        width = piece.width_m or (ONE_WAY_WIDTH_M if piece.oneway else TWO_WAY_WIDTH_M)
        edges.append(
            RoadEdge(
                id=f"R{i}",
                start=piece.start,
                end=piece.end,
                kind=piece.kind,
                oneway=piece.oneway,
                width_m=min(max(width, 3.0), 30.0),
                limit_kmh=piece.limit_kmh,
                shape=list(piece.line[1:-1]),
            )
        )
    return [RoadNode(id=node, position=xy) for node, xy in at.items()], edges


def classify(raw: Sequence[RawRoad], stands: Sequence[Stand]) -> list[RawRoad]:
    """Kind by place: inside a stand's outline, ahead of its nose, near a stand, else a service road. Tunnels stay."""
    outlines = [stand_polygon(stand) for stand in stands]
    heads = [polygon_of(_head_of_stand(stand)) for stand in stands]
    outline_tree, head_tree = shapely.STRtree(outlines), shapely.STRtree(heads)
    pieces = []
    for piece in raw:
        middle = LineString(piece.line).interpolate(0.5, normalized=True)
        if piece.kind == "tunnel" or not stands:
            kind = piece.kind
        elif len(outline_tree.query(middle, predicate="intersects")):
            kind = "stand"
        elif len(head_tree.query(middle, predicate="intersects")):
            kind = "head_of_stand"
        elif len(outline_tree.query(middle, predicate="dwithin", distance=APRON_WITHIN_M)):
            kind = "apron"
        else:
            kind = "service"
        pieces.append(replace(piece, kind=kind))
    return pieces


def _head_of_stand(stand: Stand) -> list[XY]:
    half, nose = SPAN_M[stand.code] / 2.0, NOSE_M[stand.code]
    return stand_frame(
        stand, [(nose, half), (nose, -half), (nose + HEAD_OF_STAND_M, -half), (nose + HEAD_OF_STAND_M, half)]
    )


def join_chains(raw: Sequence[RawRoad]) -> list[RawRoad]:
    """Joins pieces that meet at a node nothing else touches and that agree in everything but shape.

    Fewer, longer lanes: the 759 rows of Berlin become about 250 edges, and a crossing lies within an edge."""
    pieces = dict(enumerate(raw))
    touching: dict[str, list[int]] = defaultdict(list)
    for i, piece in pieces.items():
        touching[piece.start].append(i)
        touching[piece.end].append(i)
    for node in sorted(touching, key=lambda n: (len(n), n)):
        if len(touching[node]) != 2 or touching[node][0] == touching[node][1]:
            continue
        i, j = touching[node]
        joined = _join(pieces[i], pieces[j], node)
        if joined is None or joined.start == joined.end:
            continue
        pieces[i] = joined
        del pieces[j]
        for end in (joined.start, joined.end):
            touching[end] = [i if k == j else k for k in touching[end]]
        touching[node] = []
    return list(pieces.values())


def _join(a: RawRoad, b: RawRoad, node: str) -> RawRoad | None:
    """The two pieces as one along a's direction, None when they differ or their one-way arrows clash."""
    if (a.oneway, a.kind, a.width_m, a.limit_kmh) != (b.oneway, b.kind, b.width_m, b.limit_kmh):
        return None
    if a.oneway:
        if a.end == node and b.start == node:
            return replace(a, end=b.end, line=a.line + b.line[1:])
        if a.start == node and b.end == node:
            return replace(a, start=b.start, line=b.line + a.line[1:])
        return None
    if a.start == node:
        a = replace(a, start=a.end, end=a.start, line=a.line[::-1])
    if b.end == node:
        b = replace(b, start=b.end, end=b.start, line=b.line[::-1])
    return replace(a, end=b.end, line=a.line + b.line[1:])


def driving_side(raw: Sequence[RawRoad]) -> tuple[str, int, int]:
    """(side, pairs on the right, pairs on the left): where the oncoming lane of a one-way lane lies, majority of pairs.

    A pair is two one-way pieces 2.5 to 9 m apart that point against each other within 20 degrees."""
    segments = [pair for piece in raw if piece.oneway for pair in pairwise(piece.line) if math.dist(*pair) > 8.0]
    tree = shapely.STRtree([LineString(segment) for segment in segments])
    votes = {"right": 0, "left": 0}
    for (x0, y0), (x1, y1) in segments:
        mx, my, length = (x0 + x1) / 2.0, (y0 + y1) / 2.0, math.hypot(x1 - x0, y1 - y0)
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        for k in tree.query(Point(mx, my).buffer(9.0)):
            (a0, b0), (a1, b1) = segments[k]
            other = math.dist((a0, b0), (a1, b1))
            if ((a1 - a0) * ux + (b1 - b0) * uy) / other > -0.94:
                continue
            nearest = tree.geometries[k].interpolate(tree.geometries[k].project(Point(mx, my)))
            left = ux * (nearest.y - my) - uy * (nearest.x - mx)
            if 2.5 <= abs(left) <= 9.0:
                votes["right" if left > 0.0 else "left"] += 1
                break
    return "left" if votes["left"] > votes["right"] else "right", votes["right"], votes["left"]


def components(edges: Sequence[tuple[str, str]]) -> list[set[str]]:
    """Node sets of the connected parts of an undirected graph, largest first."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for a, b in edges:
        neighbours[a].add(b)
        neighbours[b].add(a)
    parts, seen = [], set()
    for root in neighbours:
        if root in seen:
            continue
        part, stack = {root}, [root]
        while stack:
            for other in neighbours[stack.pop()] - part:
                part.add(other)
                stack.append(other)
        seen |= part
        parts.append(part)
    return sorted(parts, key=len, reverse=True)
