"""Lays service roads where a map has none: one connected two-way network that reaches as many stands as it can.

1. Every stand gets a service point behind its tail (neighbours of a row share the rearmost depth, so that the road runs
   straight), else ahead of its nose, else beside it; the point lies on free ground of `fill_grid.RoadGrid`.
2. The points are joined by cheapest links, nearest parts first, until none is left or the next costs over 4,000.
3. Dead ends near each other are joined into rings; the others get a one-way turning loop, since trains cannot reverse.
   A dead end without room for a loop is cut back until there is, or to the next junction.
Nothing is random: the same map gives the same roads.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import shapely
import shapely.ops
from shapely.geometry import LineString, Point

from airside_sim.mapping.areas import NOSE_M, SPAN_M, TAIL_M, stand_frame
from airside_sim.mapping.importers.fill_grid import (
    OUTLINE_CLEAR_M,
    ROAD_HALF_M,
    TAXI_COST,
    RoadGrid,
    cheapest_links,
)
from airside_sim.mapping.importers.road_net import RawRoad, components
from airside_sim.mapping.schema import AirportMap, Stand

XY = tuple[float, float]
_BESIDE_M = OUTLINE_CLEAR_M + ROAD_HALF_M + 1.5  # road centre to the parked box
_ROW_DEPTH_M = 20.0
_LINK_LIMITS = (160.0, 400.0, 1500.0, 1500.0, 4000.0, 4000.0, 4000.0)
_RING_LIMIT = 260.0
_SNAP_M = 14.0  # a link that meets a road this near a node ends at the node
_LOOP_RADIUS_M = 10.0
_LOOP_NECK_M = 8.0
_CUT_STEP_M = 10.0
_MIN_PIECE_M = 15.0
_SPIKE_RAD = math.radians(100.0)
_SHORT_LEG_M = 12.0
_SHORT_LEG_RAD = math.radians(40.0)


@dataclass
class Network:
    """Straight-sided two-way roads between numbered nodes, plus one-way turning loops at dead ends."""

    at: dict[int, XY] = field(default_factory=dict)
    roads: dict[int, tuple[int, int, list[XY]]] = field(default_factory=dict)
    loops: list[tuple[int, list[XY], list[XY]]] = field(default_factory=list)  # node, out to the far point, back
    _next: int = 0

    def new_id(self) -> int:
        self._next += 1
        return self._next

    def add_node(self, xy: XY) -> int:
        node = self.new_id()
        self.at[node] = xy
        return node

    def add_road(self, start: int, end: int, line: Sequence[XY]) -> None:
        self.roads[self.new_id()] = (start, end, [self.at[start], *line[1:-1], self.at[end]])

    def touching(self) -> dict[int, list[int]]:
        touching: dict[int, list[int]] = defaultdict(list)
        for road, (start, end, _) in self.roads.items():
            touching[start].append(road)
            touching[end].append(road)
        return touching

    def join_at(self, xy: XY, grid: RoadGrid) -> int:
        """The node at a point of the network: an existing one in sight within 14 m, else a road is split."""
        for node in sorted(self.at, key=lambda n: math.dist(self.at[n], xy))[:4]:
            if math.dist(self.at[node], xy) < _SNAP_M and grid.line_cost(self.at[node], xy) < math.inf:
                return node
        here = Point(xy)
        road = min(self.roads, key=lambda r: LineString(self.roads[r][2]).distance(here))
        start, end, line = self.roads[road]
        shape = LineString(line)
        along = shape.project(here)
        if along < 1.0 or along > shape.length - 1.0:
            return start if along < 1.0 else end
        point = shape.interpolate(along)
        node = self.add_node((point.x, point.y))
        del self.roads[road]
        self.add_road(start, node, list(shapely.ops.substring(shape, 0.0, along).coords))
        self.add_road(node, end, list(shapely.ops.substring(shape, along, shape.length).coords))
        return node


def lay_roads(airport: AirportMap, left_hand: bool) -> tuple[list[RawRoad], int]:
    """(roads with node ids `f1`, `f2` ..., number of stands with a service point on the network)."""
    grid = RoadGrid(airport)
    points = service_points(airport.stands, grid)
    net = Network()
    for xy in points:
        net.add_node(xy)
    _link_parts(net, grid)
    _keep_largest(net)
    served = sum(1 for node in net.touching() if node <= len(points))
    _join_dead_ends(net, grid)
    _straighten(net, grid)
    _end_in_loops(net, grid, left_hand)
    return _raw_roads(net), served


def service_points(stands: Sequence[Stand], grid: RoadGrid) -> list[XY]:
    """One point per stand that has free ground behind, ahead or beside; points nearer than 14 m are one."""
    depth = _row_depths(stands)
    points: list[XY] = []
    for stand, behind in zip(stands, depth, strict=True):
        side = SPAN_M[stand.code] / 2.0 + _BESIDE_M
        own = TAIL_M[stand.code] + _BESIDE_M
        frame = [(-behind, 0.0), (-own, 0.0), (-own - 8.0, 0.0), (NOSE_M[stand.code] + _BESIDE_M, 0.0)]
        frame += [(NOSE_M[stand.code] + _BESIDE_M + 8.0, 0.0), (-15.0, side), (-15.0, -side)]
        options = stand_frame(stand, frame)
        free = [xy for xy in options if grid.at(xy) < TAXI_COST]
        if free and all(math.dist(free[0], other) >= _SNAP_M for other in points):
            points.append(free[0])
    return points


def has_rear_access(stands: Sequence[Stand], grid: RoadGrid) -> list[bool]:
    """Whether a road fits behind the tail of each stand."""
    reach = [TAIL_M[stand.code] + _BESIDE_M for stand in stands]
    return [grid.at(stand_frame(s, [(-d, 0.0)])[0]) < TAXI_COST for s, d in zip(stands, reach, strict=True)]


def _row_depths(stands: Sequence[Stand]) -> list[float]:
    """Nose to rear road: the largest need among neighbours of the same row whose tails end within 20 m."""
    own = [TAIL_M[stand.code] + _BESIDE_M for stand in stands]
    pairs = []
    for i, a in enumerate(stands):
        for j, b in enumerate(stands):
            turn = abs((a.heading_deg - b.heading_deg + 180.0) % 360.0 - 180.0)
            if j <= i or turn > 8.0 or math.dist(a.position, b.position) > 90.0:
                continue
            if abs(_ahead(a, b.position) - own[j] + own[i]) < _ROW_DEPTH_M:
                pairs.append((str(i), str(j)))
    depth = list(own)
    for row in components(pairs):
        members = sorted(int(name) for name in row)
        first = stands[members[0]]
        rear = min(_ahead(first, stands[k].position) - own[k] for k in members)
        spread = max(_ahead(first, stands[k].position) - own[k] for k in members) - rear
        for k in members if spread < _ROW_DEPTH_M else []:
            depth[k] = _ahead(first, stands[k].position) - rear
    return depth


def _ahead(stand: Stand, point: XY) -> float:
    angle = math.radians(90.0 - stand.heading_deg)
    return (point[0] - stand.position[0]) * math.cos(angle) + (point[1] - stand.position[1]) * math.sin(angle)


def _labels(net: Network) -> dict[int, int]:
    """Part number of every node."""
    label = {node: node for node in net.at}
    for part in components([(str(a), str(b)) for a, b, _ in net.roads.values()]):
        name = min(int(node) for node in part)
        label.update({int(node): name for node in part})
    return label


def _sources(net: Network, grid: RoadGrid, label: dict[int, int]) -> list[tuple[int, int]]:
    """(cell, part) along every road and at every node."""
    cells = {grid.cell(xy): label[node] for node, xy in net.at.items()}
    for start, _, line in net.roads.values():
        shape = LineString(line)
        for s in range(0, math.ceil(shape.length), 3):
            point = shape.interpolate(float(s))
            cells.setdefault(grid.cell((point.x, point.y)), label[start])
    return sorted(cells.items())


def _link_parts(net: Network, grid: RoadGrid) -> None:
    """Boruvka rounds: each takes the cheapest links between parts, short ones first."""
    exhausted = 0.0  # the limit at which the last round found nothing
    for limit in _LINK_LIMITS:
        label = _labels(net)
        if len(set(label.values())) < 2:
            return
        if limit == exhausted:
            continue
        merged: dict[int, int] = {}
        for _, a, b, cells in cheapest_links(grid, _sources(net, grid, label), limit):
            root_a, root_b = _root(merged, a), _root(merged, b)
            if root_a != root_b:
                merged[root_a] = root_b
                _add_link(net, grid, cells)
        exhausted = 0.0 if merged else limit


def _root(merged: dict[int, int], name: int) -> int:
    while name in merged:
        name = merged[name]
    return name


def _add_link(net: Network, grid: RoadGrid, cells: Sequence[int]) -> None:
    centres = [grid.centre(cell) for cell in cells]
    start, end = net.join_at(centres[0], grid), net.join_at(centres[-1], grid)
    if start == end:
        return
    line = grid.pull([net.at[start], *centres[1:-1], net.at[end]])
    net.add_road(start, end, line)


def _keep_largest(net: Network) -> None:
    """Parts that no affordable link reaches (behind a runway) get no roads: their depots would serve nothing else."""
    parts = components([(str(a), str(b)) for a, b, _ in net.roads.values()])
    keep = {int(node) for node in parts[0]} if parts else set()
    net.roads = {road: value for road, value in net.roads.items() if value[0] in keep}
    net.at = {node: xy for node, xy in net.at.items() if node in keep}


def _dead_ends(net: Network) -> list[int]:
    return [node for node, roads in net.touching().items() if len(roads) == 1]


def _join_dead_ends(net: Network, grid: RoadGrid) -> None:
    """Rings: two dead ends whose direct link is cheap are joined, each once."""
    ends = _dead_ends(net)
    own = {node: net.roads[net.touching()[node][0]] for node in ends}
    blocked = grid.cost.copy()
    open_cost = grid.cost
    near_roads = shapely.union_all([LineString(line) for _, _, line in net.roads.values()]).buffer(9.0)
    ends_free = shapely.union_all([Point(net.at[node]).buffer(13.0) for node in ends])
    blocked[grid.inside(near_roads.difference(ends_free))] = math.inf
    grid.cost = blocked
    used: set[int] = set()
    for _, a, b, cells in cheapest_links(grid, [(grid.cell(net.at[node]), node) for node in ends], _RING_LIMIT):
        if a in used or b in used or own[a] is own[b]:
            continue
        line = grid.pull([net.at[a], *[grid.centre(cell) for cell in cells][1:-1], net.at[b]])
        if _turns_back(own[a], a, line) or _turns_back(own[b], b, line[::-1]):
            continue
        net.add_road(a, b, line)
        used |= {a, b}
    grid.cost = open_cost


def _straighten(net: Network, grid: RoadGrid) -> None:
    """Joins roads through nodes of degree two and takes out the bends that the service points left in them."""
    for node, roads in list(net.touching().items()):
        roads = net.touching()[node]
        if len(roads) != 2 or roads[0] == roads[1]:
            continue
        (a0, a1, first), (b0, b1, second) = (net.roads[road] for road in roads)
        start, end = (a0 if a1 == node else a1), (b1 if b0 == node else b0)
        if start == end:
            continue
        first = first if a1 == node else first[::-1]
        second = second if b0 == node else second[::-1]
        for road in roads:
            del net.roads[road]
        del net.at[node]
        net.add_road(start, end, [*first, *second[1:]])
    for road, (start, end, line) in list(net.roads.items()):
        dense = LineString(line).segmentize(10.0)
        net.roads[road] = (start, end, _without_spikes(grid, _gentle(grid, grid.pull(list(dense.coords)))))


def _gentle(grid: RoadGrid, line: list[XY]) -> list[XY]:
    """The line without its bends of less than 3 m, where the ground beside allows."""
    simple = list(LineString(line).simplify(3.0).coords)
    return simple if all(grid.line_cost(a, b) < math.inf for a, b in pairwise(simple)) else line


def _without_spikes(grid: RoadGrid, line: list[XY]) -> list[XY]:
    """The line without sharp corners and short legs that no train turns in, where the ground allows."""
    i = 1
    while i < len(line) - 1:
        shorter = _one_corner_less(grid, line, i)
        i = max(1, i - 2) if shorter is not None else i + 1
        line = shorter or line
    return line


def _one_corner_less(grid: RoadGrid, line: list[XY], i: int) -> list[XY] | None:
    """The line without corner i, or with the short leg after it drawn to a point; None when it is fine or must stay."""
    before, here, after = line[i - 1 : i + 2]
    is_short = math.dist(here, after) < _SHORT_LEG_M
    turn = abs(_turn(before, here, after))
    if turn < (_SHORT_LEG_RAD if is_short or math.dist(before, here) < _SHORT_LEG_M else _SPIKE_RAD):
        return None
    options = [[*line[:i], *line[i + 1 :]]]
    tip = _meeting_point(before, here, line[i + 2], after) if is_short and i + 2 < len(line) else None
    if tip is not None and math.dist(tip, here) < _SHORT_LEG_M:
        options.insert(0, [*line[:i], tip, *line[i + 2 :]])
    for option in options:
        if all(grid.is_free(a, b) for a, b in pairwise(option[i - 1 : i + 2])):
            return option
    return None


def _meeting_point(a: XY, b: XY, c: XY, d: XY) -> XY | None:
    """Where the ray from a through b meets the ray from c through d."""
    ux, uy, vx, vy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    cross = ux * vy - uy * vx
    if abs(cross) < 0.17 * math.hypot(ux, uy) * math.hypot(vx, vy):
        return None
    t = ((c[0] - a[0]) * vy - (c[1] - a[1]) * vx) / cross
    s = ((c[0] - a[0]) * uy - (c[1] - a[1]) * ux) / cross
    return (a[0] + t * ux, a[1] + t * uy) if t > 0.0 and s > 0.0 else None


def _turn(a: XY, b: XY, c: XY) -> float:
    onward = math.atan2(c[1] - b[1], c[0] - b[0])
    return math.remainder(onward - math.atan2(b[1] - a[1], b[0] - a[0]), math.tau)


def _outward(road: tuple[int, int, list[XY]], node: int) -> float:
    """Direction in which the road leaves the network at its dead end."""
    line = road[2] if road[1] == node else road[2][::-1]
    (x0, y0), (x1, y1) = line[-2], line[-1]
    return math.atan2(y1 - y0, x1 - x0)


def _turns_back(road: tuple[int, int, list[XY]], node: int, line: Sequence[XY]) -> bool:
    turn = math.atan2(line[1][1] - line[0][1], line[1][0] - line[0][0]) - _outward(road, node)
    return abs(math.remainder(turn, math.tau)) > math.radians(110.0)


def _end_in_loops(net: Network, grid: RoadGrid, left_hand: bool) -> None:
    """A turning loop at every dead end; where none fits the road is shortened, at last removed with its dead end."""
    pending = _dead_ends(net)
    while pending:
        node = pending.pop(0)
        roads = net.touching().get(node, [])
        if len(roads) != 1 or any(loop[0] == node for loop in net.loops):
            continue
        road = roads[0]
        start, end, line = net.roads[road]
        outward_line = LineString(line if end == node else line[::-1])
        other = start if end == node else end
        taken = _taken(net, road)
        length = outward_line.length
        while length >= _MIN_PIECE_M:
            stub = shapely.ops.substring(outward_line, 0.0, length)
            loop = _fit_loop(list(stub.coords), grid, taken, left_hand)
            if loop is not None:
                net.at[node] = stub.coords[-1]
                net.roads[road] = (other, node, list(stub.coords))
                net.loops.append((node, *loop))
                break
            length -= _CUT_STEP_M
        else:
            del net.roads[road]
            pending.append(other)


def _taken(net: Network, road: int) -> shapely.Geometry:
    """Ground that other roads and loops use."""
    lines = [LineString(value[2]) for key, value in net.roads.items() if key != road]
    lines += [LineString(part) for _, out, back in net.loops for part in (out, back)]
    return shapely.union_all(lines).buffer(ROAD_HALF_M + 4.0) if lines else shapely.Polygon()


def _fit_loop(line: list[XY], grid: RoadGrid, taken, left_hand: bool) -> tuple[list[XY], list[XY]] | None:
    """Out and back halves of a drop-shaped loop beyond the end of a line; straight on first, then turned aside."""
    (x0, y0), (x1, y1) = line[-2], line[-1]
    ahead = math.atan2(y1 - y0, x1 - x0)
    for turn_deg in (0, 30, -30, 60, -60, 85, -85):
        direction = ahead + math.radians(turn_deg)
        reach = _LOOP_NECK_M + _LOOP_RADIUS_M
        cx, cy = x1 + reach * math.cos(direction), y1 + reach * math.sin(direction)
        disc = Point(cx, cy).buffer(_LOOP_RADIUS_M + 1.0)
        if taken.intersects(disc) or grid.line_cost((x1, y1), (cx, cy)) == math.inf:
            continue
        cost = grid.cost[grid.inside(disc)]
        if len(cost) == 0 or cost.max() >= TAXI_COST:
            continue
        side = 1.0 if left_hand else -1.0  # keep right: out on the right, round to the left
        angles = [
            direction + side * math.radians(a) for a in (120, 100, 80, 60, 40, 20, 0, -20, -40, -60, -80, -100, -120)
        ]
        ring = [(cx + _LOOP_RADIUS_M * math.cos(a), cy + _LOOP_RADIUS_M * math.sin(a)) for a in angles]
        return [(x1, y1), *ring[:7]], [*ring[6:], (x1, y1)]
    return None


def _raw_roads(net: Network) -> list[RawRoad]:
    """Roads and loops as importers hand them over, rounded to the centimetre."""
    raw = [RawRoad(f"f{a}", f"f{b}", False, _rounded(line)) for a, b, line in net.roads.values()]
    for node, out, back in net.loops:
        far = f"f{node}t"
        raw.append(RawRoad(f"f{node}", far, True, _rounded(out)))
        raw.append(RawRoad(far, f"f{node}", True, _rounded(back)))
    return raw


def _rounded(line: Sequence[XY]) -> tuple[XY, ...]:
    points = [(round(x, 2), round(y, 2)) for x, y in line]
    return tuple(points[:1] + [b for a, b in pairwise(points) if a != b])
