"""From drawn road edges to chains: stretches of road between places where a driver must choose.

Edges are split where they cross or touch without a shared node, nodes closer than SNAP_M become one, and plain bends
(degree 2, same width and direction rule) are driven through. What is left at a chain's end is a junction or a dead end.
"""

import itertools
import math
from dataclasses import dataclass, field

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import LineString, Point

from airside_sim.mapping.curves import Curve, clean_polyline, deflection, smoothest
from airside_sim.mapping.schema import AirportMap, RoadEdge

SNAP_M = 0.5
PLAIN_BEND_RAD = math.radians(25.0)
ONEWAY_BEND_RAD = math.radians(60.0)  # no oncoming lane to cut into
SIMPLIFY_M = (0.08, 0.3, 0.6, 1.0, 1.5)  # coarser only where the drawing's short zigzags allow no 5 m turn
MIN_CORNER_RADIUS_M = 5.5
MAX_CORNER_RADIUS_M = 25.0
MERGE_CHAIN_M = 20.0  # junctions joined by a shorter chain are one
MAX_CLUSTER_M = 45.0
LIMIT_KMH = {"service": 40.0, "perimeter": 40.0, "apron": 25.0, "head_of_stand": 15.0, "stand": 15.0, "tunnel": 15.0}


@dataclass
class Piece:
    """A road edge, or the part of one between two split points."""

    edge: int  # index into the map's road_edges
    start: int
    end: int
    points: np.ndarray  # (n, 2)


@dataclass
class Chain:
    """Road between two break nodes; `spans` tell which edge lies where."""

    start: int
    end: int
    curve: Curve  # filleted road centreline
    oneway: bool
    width_m: float
    is_stand: bool
    spans: list[tuple[float, int]] = field(default_factory=list)  # (arc length where it ends, edge index)


@dataclass
class RoadNet:
    """Chains, and junction clusters as sets of nodes."""

    node_xy: np.ndarray  # (N, 2)
    chains: list[Chain]
    cluster: dict[int, int]  # break node -> cluster
    inner: set[int]  # chains inside a cluster: replaced by connectors
    dead_ends: set[int]  # nodes of degree 1


def corner_radius(room_m: float, least_m: float):
    """Radius by turn angle: the arc's middle stays within `room_m` of both legs, R (1 - cos(turn / 2)) <= room."""

    def radius(turn_rad: float) -> float:
        wanted = room_m / max(1.0 - math.cos(turn_rad / 2.0), 1e-9)
        return min(max(wanted, least_m), MAX_CORNER_RADIUS_M)

    return radius


def build_road_net(m: AirportMap) -> RoadNet:
    """Chains and clusters of a map's roads."""
    node_xy, pieces = _split_pieces(m)
    incident: dict[int, list[int]] = {}
    for i, piece in enumerate(pieces):
        incident.setdefault(piece.start, []).append(i)
        incident.setdefault(piece.end, []).append(i)
    breaks = {n for n, around in incident.items() if not _is_plain(m, pieces, n, around)}
    chains = _walk_chains(m, pieces, incident, breaks)
    dead_ends = {n for n, around in incident.items() if len(around) == 1}
    cluster, inner = _cluster_nodes(node_xy, chains, breaks)
    return RoadNet(node_xy, chains, cluster, inner, dead_ends)


class _Nodes:
    """Node table that snaps new positions to known ones."""

    def __init__(self) -> None:
        self.xy: list[tuple[float, float]] = []
        self.cells: dict[tuple[int, int], list[int]] = {}

    def at(self, x: float, y: float) -> int:
        cx, cy = math.floor(x / SNAP_M), math.floor(y / SNAP_M)
        for i in range(cx - 1, cx + 2):
            for j in range(cy - 1, cy + 2):
                for node in self.cells.get((i, j), ()):
                    if math.dist(self.xy[node], (x, y)) <= SNAP_M:
                        return node
        self.xy.append((x, y))
        self.cells.setdefault((cx, cy), []).append(len(self.xy) - 1)
        return len(self.xy) - 1


def _split_pieces(m: AirportMap) -> tuple[np.ndarray, list[Piece]]:
    """Edges cut at every place where another edge crosses or ends on them."""
    at = {node.id: node.position for node in m.road_nodes}
    lines = [LineString([at[e.start], *e.shape, at[e.end]]) for e in m.road_edges]
    nodes = _Nodes()
    ends = [(nodes.at(*line.coords[0]), nodes.at(*line.coords[-1])) for line in lines]
    cuts: list[list[tuple[float, int]]] = [[] for _ in lines]
    for i, j in _close_pairs(lines):
        for x, y in _meeting_points(m, lines, i, j):
            node = nodes.at(x, y)
            for k in (i, j):
                if node not in ends[k] and lines[k].distance(Point(nodes.xy[node])) <= 2.0 * SNAP_M:
                    cuts[k].append((lines[k].project(Point(nodes.xy[node])), node))
    for k, line in enumerate(lines):
        if m.road_edges[k].oneway:  # sharp corners become junctions of one, where a connector finds a wider turn
            for i in range(1, len(line.coords) - 1):
                if abs(deflection(*np.array(line.coords[i - 1 : i + 2]))) > ONEWAY_BEND_RAD:
                    cuts[k].append((line.project(Point(line.coords[i])), nodes.at(*line.coords[i])))
    pieces = []
    for k, line in enumerate(lines):
        stops = [(0.0, ends[k][0]), *sorted(set(cuts[k])), (line.length, ends[k][1])]
        for (s0, a), (s1, b) in itertools.pairwise(stops):
            if s1 - s0 < 0.05:
                continue
            part = np.array(shapely.ops.substring(line, s0, s1).coords)
            part[0], part[-1] = nodes.xy[a], nodes.xy[b]
            if len(clean_polyline(part)) >= 2 and not (a == b and s1 - s0 < 3.0):
                pieces.append(Piece(k, a, b, part))
    return np.array(nodes.xy).reshape(-1, 2), pieces


def _close_pairs(lines: list[LineString]) -> list[tuple[int, int]]:
    if not lines:
        return []
    tree = shapely.STRtree(lines)
    pairs = tree.query(lines, predicate="dwithin", distance=SNAP_M).T
    return sorted((int(i), int(j)) for i, j in pairs if i < j)


def _meeting_points(m: AirportMap, lines: list[LineString], i: int, j: int) -> list[tuple[float, float]]:
    """Where two edges meet: proper crossings (not over a tunnel), and ends of one that touch the other."""
    points = []
    tunnels = (m.road_edges[i].kind == "tunnel") != (m.road_edges[j].kind == "tunnel")
    if not tunnels:
        hit = lines[i].intersection(lines[j])
        points += [(p.x, p.y) for p in shapely.get_parts(hit) if p.geom_type == "Point"]
    for a, b in ((i, j), (j, i)):
        for x, y in (lines[a].coords[0], lines[a].coords[-1]):
            if lines[b].distance(Point(x, y)) <= SNAP_M:
                points.append((x, y))
    return points


def _is_plain(m: AirportMap, pieces: list[Piece], node: int, around: list[int]) -> bool:
    """Two pieces of the same sort meet here and a driver just goes on."""
    if len(around) != 2 or around[0] == around[1]:
        return False
    a, b = (pieces[i] for i in around)
    ea, eb = m.road_edges[a.edge], m.road_edges[b.edge]
    if _sort(ea) != _sort(eb):
        return False
    if ea.oneway and (a.end == node) == (b.end == node):
        return False
    before, after = _neighbour(a, node), _neighbour(b, node)
    here = a.points[-1] if a.end == node else a.points[0]
    return abs(deflection(before, here, after)) <= (ONEWAY_BEND_RAD if ea.oneway else PLAIN_BEND_RAD)


def _sort(edge: RoadEdge) -> tuple[bool, float, bool]:
    return edge.oneway, round(edge.width_m, 2), edge.kind == "stand"


def _neighbour(piece: Piece, node: int) -> np.ndarray:
    return piece.points[-2] if piece.end == node else piece.points[1]


def _walk_chains(m: AirportMap, pieces: list[Piece], incident: dict[int, list[int]], breaks: set[int]) -> list[Chain]:
    """Follow pieces from break to break; a ring without a break is opened at its first node."""
    used: set[int] = set()
    chains = []
    for first in range(len(pieces)):
        for node in (pieces[first].start, pieces[first].end):
            if first not in used and node in breaks:
                chains.append(_walk(m, pieces, incident, breaks, used, first, node))
    for first in range(len(pieces)):
        if first not in used:
            breaks.add(pieces[first].start)
            chains.append(_walk(m, pieces, incident, breaks, used, first, pieces[first].start))
    return chains


def _walk(m, pieces, incident, breaks, used, first: int, start: int) -> Chain:
    opening = pieces[first].points[:1] if pieces[first].start == start else pieces[first].points[-1:]
    points, spans, node, i, against = [opening], [], start, first, False
    while True:
        used.add(i)
        piece = pieces[i]
        forward = piece.start == node
        against |= m.road_edges[piece.edge].oneway and not forward
        part = piece.points if forward else piece.points[::-1]
        points.append(part[1:])
        spans.append((float(np.hypot(*np.diff(part, axis=0).T).sum()), piece.edge))
        node = piece.end if forward else piece.start
        if node in breaks:
            break
        i = next(k for k in incident[node] if k != i)
    xy = np.concatenate(points)
    if against:
        xy, spans, start, node = xy[::-1], spans[::-1], node, start
    return _make_chain(m.road_edges[pieces[first].edge], xy, spans, start, node)


def _make_chain(edge: RoadEdge, xy: np.ndarray, spans: list[tuple[float, int]], start: int, end: int) -> Chain:
    half_lane = 0.0 if edge.oneway else edge.width_m / 4.0
    least_m = MIN_CORNER_RADIUS_M + half_lane  # of the centreline: the inner lane keeps the minimum
    curve = smoothest(xy, SIMPLIFY_M, corner_radius(edge.width_m / 2.0 + 1.0 - half_lane, least_m), least_m)
    ends = np.cumsum([length for length, _ in spans])
    scale = curve.length / max(float(ends[-1]), 1e-9)
    marks = [(float(s * scale), e) for s, (_, e) in zip(ends, spans, strict=True)]
    return Chain(start, end, curve, edge.oneway, edge.width_m, edge.kind == "stand", marks)


def _cluster_nodes(node_xy: np.ndarray, chains: list[Chain], breaks: set[int]) -> tuple[dict[int, int], set[int]]:
    """Union break nodes joined by short chains, shortest first, while a cluster stays below MAX_CLUSTER_M across."""
    members = {n: [n] for n in sorted(breaks)}
    root = {n: n for n in members}
    short = [i for i, c in enumerate(chains) if c.curve.length < MERGE_CHAIN_M and c.start != c.end]
    degree: dict[int, int] = {}
    for chain in chains:
        for n in (chain.start, chain.end):
            degree[n] = degree.get(n, 0) + 1
    for i in sorted(short, key=lambda k: (chains[k].curve.length, k)):
        a, b = root[chains[i].start], root[chains[i].end]
        if a == b or 1 in (degree[chains[i].start], degree[chains[i].end]):
            continue
        both = node_xy[members[a] + members[b]]
        if np.hypot(*(both.max(axis=0) - both.min(axis=0))) > MAX_CLUSTER_M:
            continue
        a, b = min(a, b), max(a, b)
        members[a] += members.pop(b)
        for n in members[a]:
            root[n] = a
    order = {r: k for k, r in enumerate(sorted(members))}
    cluster = {n: order[r] for n, r in root.items()}
    inner = {i for i in short if cluster[chains[i].start] == cluster[chains[i].end]}
    return cluster, inner
