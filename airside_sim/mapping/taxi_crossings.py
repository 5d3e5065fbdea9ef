"""Where roads cross taxiways, taxilanes and runways: zones on lanes, one per physical crossing.

A crossing exists where a lane meets a taxi centreline; it reaches as far as the lane stays within the hold distance of
the code letter. Roads that run along a taxiway inside its strip cross nothing and get no zone. Strips that overlap
along a road merge: there is no room to wait between them.
"""

import math
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPoint, Point

from airside_sim.constants import FeatureKind
from airside_sim.mapping.areas import (
    RUNWAY_STRIP_BEYOND_END_M,
    RUNWAY_STRIP_HALF_WIDTH_M,
    TAXILANE_OBJECT_M,
    TAXIWAY_OBJECT_M,
    taxi_lines,
)
from airside_sim.mapping.curves import wrap
from airside_sim.mapping.lane import Lane
from airside_sim.mapping.lane_zones import Interval, LaneNet, Zone
from airside_sim.mapping.schema import AirportMap

SAME_PLACE_M = 12.0  # hits nearer than this are one crossing (both directions of a road)
EXPLICIT_REACH_M = 30.0  # a `crossings` entry of the map speaks of hits this near
STRAIGHT_ON_RAD = math.radians(40.0)
MAX_VERTICES = 8
CODES = "ABCDEF"


@dataclass
class _Hit:
    """A lane meets a centreline."""

    lane: int
    s: float
    xy: tuple[float, float]
    hold_m: float
    code: int
    runway: bool
    line: LineString  # the centreline some way on both sides
    intervals: list[Interval] = field(default_factory=list)


def build_crossings(m: AirportMap, lanes: list[Lane], net: LaneNet) -> tuple[dict[str, np.ndarray], list[Zone]]:
    """Bank columns cross_* and the crossings' zones."""
    hits = _find_hits(m, lanes)
    _apply_explicit(m, lanes, hits)
    points = [shapely.points(lane.curve.xy) for lane in lanes]
    for hit in hits:
        reach = 2.0 * hit.hold_m + 10.0
        hit.intervals = _walk(net, lanes, points, hit, reach, -1) + _walk(net, lanes, points, hit, reach, +1)
    rows, zones = [], []
    for number, group in enumerate(_group(hits)):
        runway = any(hit.runway for hit in group)
        kind = FeatureKind.RUNWAY_CROSSING if runway else FeatureKind.TAXI_CROSSING
        intervals = [interval for hit in group for interval in hit.intervals]
        zones.append(Zone(kind, number, intervals))
        rows.append((group, runway, _corridor(lanes, intervals)))
    return _columns(rows), zones


def _find_hits(m: AirportMap, lanes: list[Lane]) -> list[_Hit]:
    lines = [LineString(lane.curve.xy) for lane in lanes]
    tunnel = [all(m.road_edges[e].kind == "tunnel" for e in lane.edge) for lane in lanes]
    tree = shapely.STRtree(lines)
    hits: list[_Hit] = []
    taxi = taxi_lines(m)
    onward = _Onward(m, taxi)
    for k, edge in enumerate(m.taxi_edges):
        if edge.kind == "runway" and m.runways:
            continue
        table = TAXILANE_OBJECT_M if edge.kind == "taxilane" else TAXIWAY_OBJECT_M
        hold = RUNWAY_STRIP_HALF_WIDTH_M if edge.kind == "runway" else table[edge.code]
        for i in sorted(int(i) for i in tree.query(taxi[k], predicate="intersects")):
            if not tunnel[i]:
                line = onward.line(k, 2.5 * hold)
                hits += _meet(i, lines[i], taxi[k], hold, CODES.index(edge.code), edge.kind == "runway", line)
    for runway in m.runways:
        line = _extended(runway.ends)
        half = runway.strip_half_width_m if runway.strip_half_width_m is not None else RUNWAY_STRIP_HALF_WIDTH_M
        for i in sorted(int(i) for i in tree.query(line, predicate="intersects")):
            if not tunnel[i]:
                hits += _meet(i, lines[i], line, half, CODES.index("E"), True, line)
    return hits


def _meet(i: int, lane: LineString, edge: LineString, hold: float, code: int, runway: bool, line) -> list[_Hit]:
    meeting = [p for p in shapely.get_parts(lane.intersection(edge)) if p.geom_type == "Point"]
    return [_Hit(i, float(lane.project(p)), (p.x, p.y), hold, code, runway, line) for p in meeting]


def _extended(ends: tuple[tuple[float, float], tuple[float, float]]) -> LineString:
    """Runway centreline with the strip's ends."""
    (x0, y0), (x1, y1) = ends
    more = RUNWAY_STRIP_BEYOND_END_M / max(math.dist(*ends), 1e-6)
    dx, dy = (x1 - x0) * more, (y1 - y0) * more
    return LineString([(x0 - dx, y0 - dy), (x1 + dx, y1 + dy)])


class _Onward:
    """A taxi edge's centreline, continued straight on over its neighbours."""

    def __init__(self, m: AirportMap, lines: list[LineString]) -> None:
        self.edges, self.lines = m.taxi_edges, lines
        self.around: dict[str, list[int]] = {}
        for k, edge in enumerate(m.taxi_edges):
            if edge.kind != "runway":
                self.around.setdefault(edge.start, []).append(k)
                self.around.setdefault(edge.end, []).append(k)
        self.known: dict[tuple[int, float], LineString] = {}

    def line(self, k: int, reach_m: float) -> LineString:
        key = (k, reach_m)
        if key not in self.known:
            xy = list(self.lines[k].coords)
            ahead = self._follow(k, self.edges[k].end, xy, reach_m)
            behind = self._follow(k, self.edges[k].start, xy[::-1], reach_m)
            self.known[key] = LineString(behind[::-1] + xy + ahead)
        return self.known[key]

    def _follow(self, k: int, node: str, xy: list, reach_m: float) -> list:
        """Points beyond `node`, taking the straightest neighbour."""
        points: list = []
        used = {k}
        while reach_m > 0.0:
            tail = (xy + points)[-2:]
            best, best_turn = None, STRAIGHT_ON_RAD
            for other in self.around.get(node, ()):
                if other not in used:
                    line = list(self.lines[other].coords)
                    line = line if self.edges[other].start == node else line[::-1]
                    turn = abs(wrap(_angle(line[0], line[1]) - _angle(*tail)))
                    if turn < best_turn:
                        best, best_turn = (other, line), turn
            if best is None:
                break
            other, line = best
            used.add(other)
            points += line[1:]
            reach_m -= self.lines[other].length
            node = self.edges[other].end if self.edges[other].start == node else self.edges[other].start
        return points


def _angle(a, b) -> float:
    return math.atan2(b[1] - a[1], b[0] - a[0])


def _apply_explicit(m: AirportMap, lanes: list[Lane], hits: list[_Hit]) -> None:
    """`crossings` of the map override the hold distance on their road."""
    roads = {edge.id: i for i, edge in enumerate(m.road_edges)}
    for crossing in m.crossings:
        if crossing.hold_m is not None:
            for hit in hits:
                if math.dist(hit.xy, crossing.at) <= EXPLICIT_REACH_M and roads[crossing.road] in lanes[hit.lane].edge:
                    hit.hold_m = crossing.hold_m


def _walk(net: LaneNet, lanes: list[Lane], points, hit: _Hit, reach: float, direction: int) -> list[Interval]:
    """Intervals from the hit, back (-1) or on (+1), while the lane stays within the hold distance of the centreline."""
    found: list[Interval] = []
    work = [(hit.lane, hit.s, reach)]
    seen = set()
    while work:
        lane, start, left = work.pop()
        if lane in seen:
            continue
        seen.add(lane)
        s = lanes[lane].curve.s
        inside = shapely.distance(points[lane], hit.line) < hit.hold_m
        if direction < 0:
            outside = np.flatnonzero(~inside & (s <= start))
            edge = float(s[outside[-1]]) if len(outside) else 0.0
            edge = max(edge, start - left)
            found.append((lane, edge, start))
            if edge <= 0.0:
                work += [(p, net.length[p], left - start) for p in net.pred[lane]]
        else:
            outside = np.flatnonzero(~inside & (s >= start))
            edge = float(s[outside[0]]) if len(outside) else net.length[lane]
            edge = min(edge, start + left)
            found.append((lane, start, edge))
            if edge >= net.length[lane]:
                work += [(n, 0.0, left - (net.length[lane] - start)) for n in net.succ[lane]]
    return [(lane, a, b) for lane, a, b in found if b > a]


def _group(hits: list[_Hit]) -> list[list[_Hit]]:
    """Hits whose places coincide or whose intervals overlap on a lane, in order of first appearance."""
    parent = list(range(len(hits)))

    def find(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def union(i: int, j: int) -> None:
        low, high = sorted((find(i), find(j)))
        parent[high] = low

    places = [Point(hit.xy) for hit in hits]
    if places:
        for i, j in shapely.STRtree(places).query(places, predicate="dwithin", distance=SAME_PLACE_M).T:
            union(int(i), int(j))
    by_lane: dict[int, list[tuple[float, float, int]]] = {}
    for k, hit in enumerate(hits):
        for lane, a, b in hit.intervals:
            by_lane.setdefault(lane, []).append((a, b, k))
    for rows in by_lane.values():
        rows.sort()
        reach, last = -1.0, -1
        for a, b, k in rows:
            if last >= 0 and a < reach:
                union(last, k)
            if b > reach:
                reach, last = b, k
    groups: dict[int, list[_Hit]] = {}
    for k, hit in enumerate(hits):
        groups.setdefault(find(k), []).append(hit)
    return list(groups.values())


def _corridor(lanes: list[Lane], intervals: list[Interval]) -> np.ndarray:
    """Convex outline (k <= 8, 2), counter-clockwise, of the lanes' surface inside the strip."""
    borders = []
    for lane, a, b in intervals:
        curve = lanes[lane].curve
        inside = (curve.s >= a - 0.3) & (curve.s <= b + 0.3)
        normal = np.stack([-np.sin(curve.h), np.cos(curve.h)], axis=1)[inside]
        half = lanes[lane].width_m / 2.0
        borders += [curve.xy[inside] + half * normal, curve.xy[inside] - half * normal]
    hull = MultiPoint(np.concatenate(borders)).convex_hull
    box = hull.minimum_rotated_rectangle
    if hull.area > 0.8 * box.area:
        hull = box
    ring = np.array(shapely.geometry.polygon.orient(hull).exterior.coords)[:-1]
    while len(ring) > MAX_VERTICES:
        before, after = np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0)
        a, b = ring - before, after - ring
        ring = np.delete(ring, int(np.argmin(np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]))), axis=0)
    return ring


def _columns(rows: list[tuple[list[_Hit], bool, np.ndarray]]) -> dict[str, np.ndarray]:
    n = len(rows)
    px, py = np.zeros((n, MAX_VERTICES)), np.zeros((n, MAX_VERTICES))
    for k, (_, _, ring) in enumerate(rows):
        px[k, : len(ring)], py[k, : len(ring)] = ring[:, 0], ring[:, 1]
        px[k, len(ring) :], py[k, len(ring) :] = ring[-1]
    centre = np.array([ring.mean(axis=0) for _, _, ring in rows]).reshape(-1, 2)
    reach = [max(math.dist(a, b) for a in ring for b in ring) for _, _, ring in rows]
    return {
        "cross_runway": np.array([runway for _, runway, _ in rows], np.int32),
        "cross_code": np.array([max(hit.code for hit in group) for group, _, _ in rows], np.int32),
        "cross_hold_m": np.array([max(hit.hold_m for hit in group) for group, _, _ in rows], np.float64),
        "cross_len_m": np.array(reach, np.float64) + 1.0,
        "cross_x": centre[:, 0].copy(),
        "cross_y": centre[:, 1].copy(),
        "cross_nv": np.array([len(ring) for _, _, ring in rows], np.int32),
        "cross_px": px,
        "cross_py": py,
    }
