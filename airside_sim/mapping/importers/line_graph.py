"""A graph from loose lines: shared vertices and ends that touch become nodes, the pieces between them edges."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import shapely
from shapely.geometry import LineString, Point

XY = tuple[float, float]


@dataclass(frozen=True)
class Piece:
    """One edge: node ids of its ends, its points, and the index of the line it was cut from."""

    start: str
    end: str
    points: tuple[XY, ...]
    line_idx: int


def graph_from_lines(
    lines: Sequence[Sequence[XY]], snap_m: float, cut_at: Collection[XY] = ()
) -> tuple[dict[str, XY], list[Piece]]:
    """(position of every node, edges). Ends within snap_m of a vertex or a line are joined to it.

    Vertices listed in `cut_at` become nodes too.
    Lines that merely cross stay apart: on a map that is a bridge or a crossing without a turn."""
    clean = [_without_repeats(line) for line in lines]
    shared = Counter(p for line in clean for p in set(line))
    pinned = _split_at_ends(clean, snap_m)
    nodes = _NodeTable(snap_m)
    pieces: list[Piece] = []
    for k, line in enumerate(clean):
        if len(line) < 2:
            continue
        full, cuts = pinned[k]
        breaks = [i for i, p in enumerate(full) if i in (0, len(full) - 1) or shared[p] > 1 or i in cuts or p in cut_at]
        for a, b in pairwise(breaks):
            points = full[a : b + 1]
            start, end = nodes.at(points[0]), nodes.at(points[-1])
            if start == end and LineString(points).length < 4.0 * snap_m:
                continue
            points = [nodes.position[start], *points[1:-1], nodes.position[end]]
            points = _without_repeats(points)
            if start != end and len(points) > 1:
                pieces.append(Piece(start, end, tuple(points), k))
    used = {node for piece in pieces for node in (piece.start, piece.end)}
    return {node: xy for node, xy in nodes.position.items() if node in used}, pieces


class _NodeTable:
    """Nodes by position: a point within snap_m of an older node is that node."""

    def __init__(self, snap_m: float) -> None:
        self.snap_m = snap_m
        self.position: dict[str, XY] = {}
        self._cells: dict[tuple[int, int], list[str]] = {}

    def at(self, point: XY) -> str:
        cx, cy = int(point[0] // self.snap_m), int(point[1] // self.snap_m)
        around = [(cx + i, cy + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        near = [node for cell in around for node in self._cells.get(cell, ())]
        here = Point(point)
        near = [node for node in near if Point(self.position[node]).distance(here) <= self.snap_m]
        if near:
            return min(near, key=lambda node: (Point(self.position[node]).distance(here), int(node[1:])))
        name = f"n{len(self.position) + 1}"
        self.position[name] = point
        self._cells.setdefault((cx, cy), []).append(name)
        return name


def _split_at_ends(lines: Sequence[Sequence[XY]], snap_m: float) -> list[tuple[list[XY], set[int]]]:
    """Every line with a vertex inserted where another line's end touches it, and the indices of those vertices."""
    shapes = [LineString(line) if len(line) > 1 else LineString() for line in lines]
    tree = shapely.STRtree(shapes)
    touches: dict[int, dict[float, XY]] = {}
    for k, line in enumerate(lines):
        if len(line) < 2:
            continue
        for end in (line[0], line[-1]):
            for other in tree.query(Point(end), predicate="dwithin", distance=snap_m):
                along = shapes[other].project(Point(end))
                if other != k and snap_m < along < shapes[other].length - snap_m:
                    touches.setdefault(int(other), {})[along] = end
    return [_insert(list(line), shapes[k], touches.get(k, {})) for k, line in enumerate(lines)]


def _insert(line: list[XY], shape: LineString, touches: dict[float, XY]) -> tuple[list[XY], set[int]]:
    if not touches:
        return line, set()
    stations = [
        (shape.project(Point(p)) if 0 < i < len(line) - 1 else (0.0, shape.length)[i > 0], p, False)
        for i, p in enumerate(line)
    ]
    stations += [(along, end, True) for along, end in touches.items()]
    stations.sort(key=lambda station: station[0])
    return [p for _, p, _ in stations], {i for i, station in enumerate(stations) if station[2]}


def _without_repeats(points: Sequence[XY]) -> list[XY]:
    return [tuple(p) for i, p in enumerate(points) if i == 0 or tuple(p) != tuple(points[i - 1])]
