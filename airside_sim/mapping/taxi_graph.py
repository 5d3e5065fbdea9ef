"""The taxi network as directed edges: where a stand joins it and the way from there to a runway or the map's edge."""

import heapq
import math
from typing import NamedTuple

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import LineString, Point

from airside_sim.mapping.areas import heading_rad, road_line, stand_frame, taxi_lines
from airside_sim.mapping.curves import wrap
from airside_sim.mapping.schema import AirportMap, Stand

MAX_TURN_RAD = math.radians(120.0)
SHARP_TURN_RAD = math.radians(60.0)
SHARP_TURN_COST_M = 40.0
LEAD_IN_SEARCH_M = 150.0
MAX_BRANCH_M = 300.0
ENOUGH_TAXI_M = 150.0  # entries nearer than this are taken only when there is nothing else
NEAR_STAND_M = 40.0  # a dead end this near a stand is its parking place, not an exit
NO_EXIT_COST_M = 5000.0  # a way into a blind end is taken only when no way leads out
NEAR_ROAD_M = 60.0  # nor is one that ends before a service road: the blind end of an alley between piers


class Option(NamedTuple):
    """A way out of a join: along `edge` in `direction` (0 as drawn, 1 against), starting `s` metres into that run."""

    edge: int
    direction: int
    s: float


class Join(NamedTuple):
    """Where a stand's lead-in meets the network."""

    lead_in: np.ndarray  # (k, 2) from the join to the nose wheel
    branch: list[tuple[int, int]]  # taxi edges that are part of the lead-in, in direction of arrival
    options: list[Option]


class Way(NamedTuple):
    """A way outward from a join."""

    points: np.ndarray  # (k, 2) starting at the join
    edges: list[tuple[int, int]]  # (edge, direction outward)
    length: float
    blind_m: float  # NO_EXIT_COST_M when it only leads to a blind end, to be added wherever ways are compared


class TaxiGraph:
    """Non-runway taxi edges; direction 0 runs as drawn, 1 against."""

    def __init__(self, m: AirportMap) -> None:
        self.edges = m.taxi_edges
        self.lines = taxi_lines(m)
        self.used = [k for k, e in enumerate(m.taxi_edges) if e.kind != "runway" and self.lines[k].length > 0.05]
        self.xy = [(np.array(line.coords), np.array(line.coords)[::-1]) for line in self.lines]
        self.ends = [tuple((_heading(xy[:2]), _heading(xy[-2:])) for xy in both) for both in self.xy]
        self.position = {node.id: node.position for node in m.taxi_nodes}
        self.around: dict[str, list[tuple[int, int]]] = {}
        for k in self.used:
            self.around.setdefault(self.edges[k].start, []).append((k, 0))
            self.around.setdefault(self.edges[k].end, []).append((k, 1))
        self.tree = shapely.STRtree([self.lines[k] for k in self.used])
        self.exits = self._find_exits(m)

    def _find_exits(self, m: AirportMap) -> set[str]:
        """Nodes on a runway, at a runway hold, or where the network leaves the map."""
        on_runway = {n for e in m.taxi_edges if e.kind == "runway" for n in (e.start, e.end)}
        on_runway |= {node.id for node in m.taxi_nodes if node.hold == "runway"}
        stands = [Point(stand.position) for stand in m.stands]
        tree = shapely.STRtree(stands)
        at = {node.id: node.position for node in m.road_nodes}
        roads = shapely.STRtree([road_line(m, edge, at) for edge in m.road_edges])
        loose = set()
        for node, runs in self.around.items():
            end = Point(self.position[node])
            if len(runs) == 1 and not (
                len(tree.query(end, predicate="dwithin", distance=NEAR_STAND_M))
                or len(roads.query(end, predicate="dwithin", distance=NEAR_ROAD_M))
            ):
                loose.add(node)
        return (on_runway & set(self.around)) | loose

    def end_node(self, edge: int, direction: int) -> str:
        """Node that a run ends at."""
        return self.edges[edge].end if direction == 0 else self.edges[edge].start

    def heading_out(self, option: Option) -> float:
        """Direction in which an option leaves its join, taken over a few metres."""
        line = self.lines[option.edge] if option.direction == 0 else LineString(self.xy[option.edge][1])
        a = line.interpolate(option.s)
        b = line.interpolate(min(option.s + 8.0, line.length))
        if a.distance(b) < 0.5:
            a = line.interpolate(max(0.0, option.s - 8.0))
        return math.atan2(b.y - a.y, b.x - a.x)

    def join(self, stand: Stand) -> Join | None:
        """Join of a stand: by its drawn lead-in, by a taxi edge that ends on it, or straight back to the first edge."""
        if stand.lead_in:
            return self._join_drawn(stand)
        return self._join_branch(stand) or self._join_straight(stand)

    def _join_drawn(self, stand: Stand) -> Join | None:
        points = [*stand.lead_in]
        if math.dist(points[-1], stand.position) > 0.05:
            points.append(stand.position)
        if len(points) < 2:
            return None
        near = self.tree.query_nearest(Point(points[0]), max_distance=30.0)
        if not len(near):
            return None
        k = self.used[int(near[0])]
        s = self.lines[k].project(Point(points[0]))
        foot = self.lines[k].interpolate(s)
        if foot.distance(Point(points[0])) > 1.0:
            points = [(foot.x, foot.y), *points]
        return Join(np.array(points, float), [], self._options_on(k, s))

    def _join_branch(self, stand: Stand) -> Join | None:
        """A taxi edge whose dead end lies under the aircraft: it is the lead-in, back to the first fork."""
        tail = Point(stand_frame(stand, [(-12.0, 0.0)])[0])
        for node in sorted(self.around, key=lambda n: tail.distance(Point(self.position[n]))):
            if tail.distance(Point(self.position[node])) > 25.0:
                return None
            runs = self.around[node]
            if len(runs) != 1:
                continue
            edge, direction = runs[0]
            points, branch, length = [stand.position], [], 0.0
            while length < MAX_BRANCH_M:
                points += [tuple(p) for p in self.xy[edge][direction]]
                branch.append((edge, 1 - direction))
                length += self.lines[edge].length
                node = self.end_node(edge, direction)
                onward = [run for run in self.around[node] if run[0] != edge]
                if len(onward) != 1:
                    break
                edge, direction = onward[0]
            if len(onward) < 2:
                return None
            lead = _without_overshoot(np.array(points, float), stand)
            return Join(lead[::-1], branch[::-1], [Option(e, d, 0.0) for e, d in onward])
        return None

    def _join_straight(self, stand: Stand) -> Join | None:
        back = LineString([stand_frame(stand, [(-10.0, 0.0)])[0], stand_frame(stand, [(-LEAD_IN_SEARCH_M, 0.0)])[0]])
        best: tuple[float, int, Point] | None = None
        for i in sorted(int(i) for i in self.tree.query(back, predicate="intersects")):
            for hit in shapely.get_parts(back.intersection(self.lines[self.used[i]])):
                if hit.geom_type == "Point":
                    away = hit.distance(Point(stand.position))
                    if best is None or away < best[0]:
                        best = (away, self.used[i], hit)
        if best is None:
            return None
        _, k, hit = best
        s = self.lines[k].project(hit)
        return Join(np.array([(hit.x, hit.y), stand.position], float), [], self._options_on(k, s))

    def _options_on(self, k: int, s: float) -> list[Option]:
        """Both directions of an edge, or every edge around the node that the place coincides with."""
        length = self.lines[k].length
        if s < 1.0 or s > length - 1.0:
            node = self.edges[k].start if s < 1.0 else self.edges[k].end
            return [Option(e, d, 0.0) for e, d in self.around[node]]
        return [Option(k, 0, s), Option(k, 1, length - s)]

    def way(self, option: Option, outbound: bool) -> Way | None:
        """Shortest way from an option to an exit: driven outward (`outbound`) or, for arrivals, the other way."""
        if not self._may(option.edge, option.direction, outbound):
            return None
        first = (option.edge, option.direction)
        queue = [(self.lines[option.edge].length - option.s, first)]
        before: dict[tuple[int, int], tuple[int, int] | None] = {first: None}
        done: dict[tuple[int, int], float] = {}
        near = far = None
        best_cost = {first: queue[0][0]}
        while queue:
            cost, run = heapq.heappop(queue)
            if run in done:
                continue
            done[run] = cost
            node = self.end_node(*run)
            if node in self.exits:
                if cost >= ENOUGH_TAXI_M:
                    near = run
                    break
                far = run
                continue
            for other in self.around[node]:
                if other[0] == run[0] or other in done or not self._may(*other, outbound):
                    continue
                turn = abs(wrap(self.ends[other[0]][other[1]][0] - self.ends[run[0]][run[1]][1]))
                if turn > MAX_TURN_RAD:
                    continue
                total = cost + self.lines[other[0]].length + (SHARP_TURN_COST_M if turn > SHARP_TURN_RAD else 0.0)
                if total < best_cost.get(other, math.inf):
                    best_cost[other] = total
                    before[other] = run
                    heapq.heappush(queue, (total, other))
        last = near or far or max(done, key=lambda run: (done[run], run))
        return self._trace(option, last, before, 0.0 if near or far else NO_EXIT_COST_M)

    def _may(self, edge: int, direction: int, outbound: bool) -> bool:
        return not self.edges[edge].oneway or (direction == 0) == outbound

    def _trace(self, option: Option, last, before, blind_m: float) -> Way:
        runs = [last]
        while before[runs[-1]] is not None:
            runs.append(before[runs[-1]])
        runs.reverse()
        first = self.xy[option.edge][option.direction]
        points = [_from(first, option.s)] + [self.xy[e][d][1:] for e, d in runs[1:]]
        xy = np.concatenate(points)
        return Way(xy, runs, float(np.hypot(*np.diff(xy, axis=0).T).sum()), blind_m)


def _from(xy: np.ndarray, s: float) -> np.ndarray:
    """The rest of a polyline beyond arc length s."""
    line = LineString(xy)
    rest = shapely.ops.substring(line, s, line.length)
    return np.array(rest.coords) if rest.geom_type == "LineString" else np.array([xy[-1], xy[-1]])


def _heading(pair: np.ndarray) -> float:
    return math.atan2(pair[1][1] - pair[0][1], pair[1][0] - pair[0][0])


def _without_overshoot(points: np.ndarray, stand: Stand) -> np.ndarray:
    """Drop points ahead of the nose wheel or so near behind it that the line would kink."""
    h = heading_rad(stand.heading_deg)
    behind = -(points - points[0]) @ np.array([math.cos(h), math.sin(h)])
    keep = behind > 6.0
    keep[0] = True
    keep[-1] = True
    return points[keep]
