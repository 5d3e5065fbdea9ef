"""Lanes: directed centrelines cut from the chains, and the connectors that join them through junctions.

Every junction arm is trimmed back until its lanes are clear of all other arms; the connectors fill the gap. Lanes
that still come closer than CONFLICT_M to a stranger share its junction cluster, whose lock lets one stream through.
"""

import heapq
import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString

from airside_sim.constants import LaneKind
from airside_sim.mapping.conflicts import CONFLICT_M, share_clusters
from airside_sim.mapping.connectors import connect, turning_loop
from airside_sim.mapping.curves import Curve, at_arc, cut, min_radius, offset, reverse
from airside_sim.mapping.lane import Lane
from airside_sim.mapping.road_chains import LIMIT_KMH, Chain, RoadNet, build_road_net
from airside_sim.mapping.schema import AirportMap

SEPARATION_M = 3.3  # wanted between lanes of different arms where a junction begins
WANTED_RADIUS_M = 10.0
MIN_TRIM_M, MAX_TRIM_M, MAX_SEPARATION_TRIM_M = 5.0, 16.0, 60.0
LOOP_TRIM_M = 15.0  # a teardrop loop needs this much of a dead end
TIGHTEST_RADIUS_M = 4.0  # the tug's; connectors below it exist only where nothing else leads on
TRIM_ROUNDS = 3


@dataclass
class _Arm:
    """One end of an outer chain at a cluster."""

    chain: int
    at_start: bool  # the chain starts (True) or ends here
    cluster: int
    node: int
    trim_m: float = 0.0


@dataclass
class LaneGraph:
    """The strongly connected lanes of a map."""

    lanes: list[Lane]
    num_junctions: int
    warnings: list[str]


def build_lane_graph(m: AirportMap) -> LaneGraph:
    """Chains -> trimmed lanes -> connectors -> conflicts -> the largest strongly connected part."""
    net = build_road_net(m)
    arms = _find_arms(net)
    _first_trims(net, arms)
    known: dict[tuple, Curve] = {}
    warnings: list[str] = []
    for attempt in range(TRIM_ROUNDS):
        lanes, ends = _cut_lanes(m, net, arms)
        _add_connectors(net, arms, ends, lanes, known)
        if attempt == TRIM_ROUNDS - 1 or not _widen_trims(net, arms, ends, lanes):
            break
    num_junctions = share_clusters(lanes, warnings)
    return _largest_component(m, lanes, num_junctions, warnings)


def _find_arms(net: RoadNet) -> list[_Arm]:
    arms = []
    for i, chain in enumerate(net.chains):
        if i not in net.inner:
            arms.append(_Arm(i, True, net.cluster[chain.start], chain.start))
            arms.append(_Arm(i, False, net.cluster[chain.end], chain.end))
    return arms


def _outward(net: RoadNet, arm: _Arm) -> Curve:
    """The chain's centreline away from the junction."""
    curve = net.chains[arm.chain].curve
    return curve if arm.at_start else reverse(curve)


def _first_trims(net: RoadNet, arms: list[_Arm]) -> None:
    """Room for a turn of WANTED_RADIUS_M between any two arms, and lanes clear of each other."""
    by_cluster: dict[int, list[_Arm]] = {}
    for arm in arms:
        by_cluster.setdefault(arm.cluster, []).append(arm)
    for group in by_cluster.values():
        if len(group) == 1 and group[0].node in net.dead_ends:
            group[0].trim_m = 0.0 if net.chains[group[0].chain].oneway else LOOP_TRIM_M
            continue
        out = [_outward(net, arm) for arm in group]
        lines = [_arm_lines(net.chains[arm.chain], line) for arm, line in zip(group, out, strict=True)]
        for i, arm in enumerate(group):
            need = MIN_TRIM_M
            for j in range(len(group)):
                if i != j:
                    turn = abs(math.pi - abs(_angle_between(out[i], out[j])))
                    need = max(need, min(MAX_TRIM_M, WANTED_RADIUS_M * math.tan(min(turn, 2.6) / 2.0)))
            arm.trim_m = max(need, _separation(lines, i))
    _fit_trims(net, arms)


def _angle_between(a: Curve, b: Curve) -> float:
    """Angle between two outward arms, taken some metres out."""
    ha, hb = (float(np.interp(min(4.0, c.length / 2.0), c.s, c.h)) for c in (a, b))
    return math.remainder(ha - hb, 2.0 * math.pi)


def _separation(lines: list[list[Curve]], i: int) -> float:
    """Distance out at which arm i's lanes are SEPARATION_M clear of the lanes of all other arms."""
    others = shapely.union_all([LineString(line.xy) for j, both in enumerate(lines) if j != i for line in both])
    last = 0.0
    for line in lines[i]:
        near = shapely.distance(shapely.points(line.xy), others) < SEPARATION_M
        if near.any():
            clear = np.flatnonzero(~near)
            first_clear = clear[0] if near[0] and len(clear) else np.flatnonzero(near)[-1]
            last = max(last, float(line.s[first_clear]) + 0.5)
    return last


def _arm_lines(chain: Chain, out: Curve) -> list[Curve]:
    """The lanes of an arm as far as they matter to its junction, a point a metre."""
    reach = min(MAX_SEPARATION_TRIM_M, out.length)
    near = at_arc(out, np.linspace(0.0, reach, max(2, round(reach) + 1)))
    return [near] if chain.oneway else [offset(near, chain.width_m / 4.0), offset(near, -chain.width_m / 4.0)]


def _fit_trims(net: RoadNet, arms: list[_Arm]) -> None:
    """The two trims of a chain leave at least a fifth of it (and two metres where there is room)."""
    for a, b in zip(arms[::2], arms[1::2], strict=True):
        length = net.chains[a.chain].curve.length
        room = max(min(length - 2.0, 0.8 * length), 0.5 * length)
        total = a.trim_m + b.trim_m
        if total > room:
            a.trim_m, b.trim_m = a.trim_m * room / total, b.trim_m * room / total


def _cut_lanes(m: AirportMap, net: RoadNet, arms: list[_Arm]) -> tuple[list[Lane], list[tuple[list[int], list[int]]]]:
    """Lanes of all outer chains, and per arm (lanes that end there, lanes that start there)."""
    lanes: list[Lane] = []
    ends: list[tuple[list[int], list[int]]] = [([], []) for _ in arms]
    side = -1.0 if m.driving_side == "right" else 1.0
    for k in range(0, len(arms), 2):
        chain = net.chains[arms[k].chain]
        s0, s1 = arms[k].trim_m, chain.curve.length - arms[k + 1].trim_m
        middle = cut(chain.curve, s0, s1)
        limits = _limits(m, chain, s0, s1)
        first = len(lanes)
        if chain.oneway:
            lanes.append(_road_lane(chain, arms[k].chain, middle, limits))
        else:
            shift = side * chain.width_m / 4.0
            lanes.append(_road_lane(chain, arms[k].chain, offset(middle, shift), limits))
            back = _reversed_limits(limits, middle.length)
            lanes.append(_road_lane(chain, arms[k].chain, offset(reverse(middle), shift), back))
            ends[k][0].append(first + 1)
            ends[k + 1][1].append(first + 1)
        ends[k][1].append(first)
        ends[k + 1][0].append(first)
    return lanes, ends


def _limits(m: AirportMap, chain: Chain, s0: float, s1: float) -> list[tuple[float, int, float]]:
    """(arc length from the cut's start, edge, limit m/s) of every span inside the cut."""
    rows, start = [], 0.0
    for end, edge in chain.spans:
        if end > s0 + 1e-6 and start < s1 - 1e-6:
            road = m.road_edges[edge]
            kmh = LIMIT_KMH[road.kind] if road.limit_kmh is None else road.limit_kmh
            rows.append((max(0.0, start - s0), edge, kmh / 3.6))
        start = end
    return rows


def _reversed_limits(limits: list[tuple[float, int, float]], length: float) -> list[tuple[float, int, float]]:
    """The same spans for the way back."""
    span_ends = [start for start, _, _ in limits[1:]] + [length]
    rows = zip(reversed(span_ends), reversed(limits), strict=True)
    return [(length - end, edge, limit) for end, (_, edge, limit) in rows]


def _road_lane(chain: Chain, number: int, curve: Curve, limits) -> Lane:
    kind = LaneKind.STAND_ACCESS if chain.is_stand else LaneKind.ROAD
    width_m = chain.width_m if chain.oneway else chain.width_m / 2.0
    starts, edges, mps = zip(*limits, strict=True)
    return Lane(curve, kind, width_m, np.array(starts), np.array(mps), list(edges), -1, not chain.oneway, number)


def _add_connectors(net: RoadNet, arms: list[_Arm], ends, lanes: list[Lane], known: dict[tuple, Curve]) -> None:
    """Append a connector for every allowed entry and exit of every cluster; `known` saves drawing one twice."""
    by_cluster: dict[int, list[int]] = {}
    for k, arm in enumerate(arms):
        by_cluster.setdefault(arm.cluster, []).append(k)
    inner = _inner_links(net)
    for cluster, group in by_cluster.items():
        if len(group) == 1:
            k = group[0]
            for i in ends[k][0]:
                for j in ends[k][1]:
                    loop = _loop(lanes[i].curve, lanes[j].curve)
                    _link(lanes, i, j, loop, cluster, is_bend=False)
            continue
        found = []
        for a in group:
            for b in group:
                if a != b and ends[a][0] and ends[b][1]:
                    via = _inner_path(net, inner, arms[a].node, arms[b].node)
                    if via is not None:
                        found += [(i, j, via) for i in ends[a][0] for j in ends[b][1]]
        _connect_all(lanes, found, cluster, len(group) == 2, known)


def _loop(a: Curve, b: Curve) -> Curve:
    return turning_loop(a.xy[-1], float(a.h[-1]), b.xy[0], float(b.h[0]))


def _connect_all(lanes: list[Lane], found, cluster: int, is_bend: bool, known: dict[tuple, Curve]) -> None:
    """Connectors of one cluster; those too tight for the tug only where an entry or exit has no other."""
    curves = []
    for i, j, via in found:
        a, b = lanes[i].curve, lanes[j].curve
        inner = _trim_via(via, a, b)
        key = (*a.xy[-1], a.h[-1], *b.xy[0], b.h[0], *inner.ravel())
        if key not in known:
            known[key] = connect(a.xy[-1], float(a.h[-1]), b.xy[0], float(b.h[0]), inner)
        curve = known[key]
        turn = abs(float(curve.h[-1] - curve.h[0]))
        curves.append((i, j, curve, min_radius(curve) >= TIGHTEST_RADIUS_M and turn < math.radians(170.0)))
    easy = [(i, j) for i, j, _, is_easy in curves if is_easy]
    entries, exits = {i for i, _ in easy}, {j for _, j in easy}
    for i, j, curve, is_easy in curves:
        if is_easy or i not in entries or j not in exits:
            _link(lanes, i, j, curve, cluster, is_bend and lanes[i].has_opposite and lanes[j].has_opposite)


def _trim_via(via: np.ndarray, a: Curve, b: Curve) -> np.ndarray:
    """Inner corners that lie ahead of the entry and before the exit."""
    ahead_a = (via - a.xy[-1]) @ np.array([math.cos(a.h[-1]), math.sin(a.h[-1])])
    before_b = (b.xy[0] - via) @ np.array([math.cos(b.h[0]), math.sin(b.h[0])])
    return via[(ahead_a > 0.5) & (before_b > 0.5)]


def _link(lanes: list[Lane], i: int, j: int, curve: Curve, cluster: int, is_bend: bool) -> None:
    a, b = lanes[i], lanes[j]
    limit = min(a.limit_mps[-1], b.limit_mps[0])
    k = len(lanes)
    lane = Lane(curve, LaneKind.CONNECTOR, min(a.width_m, b.width_m), np.zeros(1), np.array([limit]), [a.edge[-1]])
    lane.junction, lane.has_opposite, lane.succ = cluster, is_bend, [j]
    lanes.append(lane)
    a.succ.append(k)


def _inner_links(net: RoadNet) -> dict[int, list[tuple[int, int, bool]]]:
    """node -> [(next node, chain, runs forward)] over the chains inside clusters."""
    links: dict[int, list[tuple[int, int, bool]]] = {}
    for i in sorted(net.inner):
        chain = net.chains[i]
        links.setdefault(chain.start, []).append((chain.end, i, True))
        if not chain.oneway:
            links.setdefault(chain.end, []).append((chain.start, i, False))
    return links


def _inner_path(net: RoadNet, links, start: int, end: int) -> np.ndarray | None:
    """Corner points (k, 2) of the shortest inner way between two nodes of a cluster, None if there is none."""
    queue = [(0.0, start, [net.node_xy[start]])]
    done = set()
    while queue:
        cost, node, points = heapq.heappop(queue)
        if node == end:
            return np.array(points)
        if node in done:
            continue
        done.add(node)
        for other, i, _ in links.get(node, ()):
            if other not in done:
                curve = net.chains[i].curve
                heapq.heappush(queue, (cost + curve.length + 1e-7 * i, other, [*points, net.node_xy[other]]))
    return None


def _widen_trims(net: RoadNet, arms: list[_Arm], ends, lanes: list[Lane]) -> bool:
    """Trim arms further where a connector of the same cluster passes close to a lane it does not join."""
    by_cluster: dict[int, list[Lane]] = {}
    for lane in lanes:
        if lane.kind == LaneKind.CONNECTOR:
            by_cluster.setdefault(lane.junction, []).append(lane)
    grown = False
    for k, arm in enumerate(arms):
        for i in (*ends[k][0], *ends[k][1]):
            starts_here = i in ends[k][1]
            lane = lanes[i]
            strangers = [
                LineString(c.curve.xy)
                for c in by_cluster.get(arm.cluster, ())
                if c.succ[0] != i and not any(lanes[n] is c for n in lane.succ)
            ]
            near = cut(lane.curve, 0.0, min(20.0, lane.curve.length))
            near = near if starts_here else cut(lane.curve, max(0.0, lane.curve.length - 20.0), lane.curve.length)
            if strangers:
                close = shapely.distance(shapely.points(near.xy), shapely.union_all(strangers)) < CONFLICT_M
                if close.any():
                    where = np.flatnonzero(close)
                    more = near.s[where[-1]] if starts_here else near.length - near.s[where[0]]
                    if more > 0.3:
                        arm.trim_m += float(more) + 0.3
                        grown = True
    _fit_trims(net, arms)
    return grown


def _largest_component(m: AirportMap, lanes: list[Lane], num_junctions: int, warnings: list[str]) -> LaneGraph:
    """Keep the strongly connected component with the most lane length; renumber lanes and junctions."""
    component = strong_components([lane.succ for lane in lanes])
    size: dict[int, float] = {}
    for lane, c in zip(lanes, component, strict=True):
        size[c] = size.get(c, 0.0) + lane.curve.length
    size = {c: metres for c, metres in size.items() if _has_cycle(lanes, component, c)}
    if not size:
        return LaneGraph([], 0, [*warnings, "the map has no road on which a vehicle could drive in a circle"])
    best = max(sorted(size), key=lambda c: size[c])
    kept = [i for i, c in enumerate(component) if c == best]
    lost = sum(lane.curve.length for lane, c in zip(lanes, component, strict=True) if c != best and lane.edge)
    if len(kept) < len(lanes):
        names = sorted({m.road_edges[e].id for i, c in enumerate(component) if c != best for e in lanes[i].edge})
        shown = ", ".join(names[:8]) + (" ..." if len(names) > 8 else "")
        warnings.append(f"{lost:.0f} m of lanes lead nowhere or cannot be reached and were dropped (roads {shown})")
    number = {i: k for k, i in enumerate(kept)}
    junctions = {c: k for k, c in enumerate(sorted({lanes[i].junction for i in kept} - {-1}))} | {-1: -1}
    result = []
    for i in kept:
        lane = lanes[i]
        lane.succ = [number[j] for j in lane.succ if j in number]
        lane.junction = junctions[lane.junction]
        result.append(lane)
    return LaneGraph(result, len(junctions) - 1, warnings)


def _has_cycle(lanes: list[Lane], component: list[int], c: int) -> bool:
    """False for a lone lane that leads nowhere: a component, but no network."""
    return any(component[j] == c for lane, own in zip(lanes, component, strict=True) if own == c for j in lane.succ)


def strong_components(successors: list[list[int]]) -> list[int]:
    """Component number of every node (Tarjan 1972, without recursion)."""
    n = len(successors)
    index, low, on_stack, component = [-1] * n, [0] * n, [False] * n, [-1] * n
    stack: list[int] = []
    count = found = 0
    for root in range(n):
        if index[root] >= 0:
            continue
        work = [(root, 0)]
        while work:
            v, k = work.pop()
            if k == 0:
                index[v] = low[v] = count
                count += 1
                stack.append(v)
                on_stack[v] = True
            descended = False
            for position in range(k, len(successors[v])):
                w = successors[v][position]
                if index[w] < 0:
                    work += [(v, position + 1), (w, 0)]
                    descended = True
                    break
                if on_stack[w]:
                    low[v] = min(low[v], index[w])
            if descended:
                continue
            if low[v] == index[v]:
                while True:
                    w = stack.pop()
                    on_stack[w] = False
                    component[w] = found
                    if w == v:
                        break
                found += 1
            if work:
                parent = work[-1][0]
                low[parent] = min(low[parent], low[v])
    return component
