"""Rails of the main-gear axle: from an exit into every stand, back out by pushback, and on to an exit.

All curves are filleted polylines over the taxi graph. `path_in` ends at the nose-wheel stop and `path_push` starts
there, so that a type stands at its own wheelbase behind it; `path_out` takes over the pose in which the push ends.
"""

import math
from typing import NamedTuple

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import LineString, Point

from airside_sim.mapping.areas import NOSE_M, SPAN_M, TAIL_M, heading_rad, stand_frame
from airside_sim.mapping.curves import Curve, bezier, cut, fillet, join, resample, reverse, smoothest, straight, wrap
from airside_sim.mapping.schema import AirportMap, Stand
from airside_sim.mapping.taxi_graph import Join, Option, TaxiGraph, Way

# Longest wheelbase of the letter (A321 C, B763 D, B77W E, A388 F; FAA database 2023-09), then main-gear turn radii.
WHEELBASE_M = {"A": 4.0, "B": 9.0, "C": 16.9, "D": 22.8, "E": 31.2, "F": 32.3}
TAXI_RADIUS_M = {"A": 15.0, "B": 18.0, "C": 28.0, "D": 35.0, "E": 45.0, "F": 50.0}
TAXI_RADIUS_FLOOR_M = {"A": 10.0, "B": 12.0, "C": 18.0, "D": 25.0, "E": 30.0, "F": 32.0}
PUSH_RADIUS_M = {"A": 12.0, "B": 15.0, "C": 20.0, "D": 28.0, "E": 32.0, "F": 36.0}
PUSH_STRAIGHT_M = {"A": 12.0, "B": 15.0, "C": 22.0, "D": 28.0, "E": 32.0, "F": 34.0}
KNOT_MPS = 1852.0 / 3600.0
TAXI_MPS = 15.0 * KNOT_MPS
TURN_MPS = 8.0 * KNOT_MPS
STAND_FAR_MPS, STAND_NEAR_MPS, STAND_SLOW_M = 5.0 * KNOT_MPS, 2.0 * KNOT_MPS, 50.0
PUSH_MPS = 1.5
TURN_RADIUS_M = 150.0  # tighter than this is a turn
MAX_JOIN_TURN_RAD = math.radians(125.0)
SWEEP_STEP_M = 2.0
PUSH_RADIUS_FLOOR_M = 12.0
TAKE_OVER_M = 2.0  # straight ahead before the taxi route after a push begins to bend
SIMPLIFY_M = (0.05, 0.5, 1.0, 2.0, 4.0)  # coarser only where the drawn centreline zigzags


class Rail(NamedTuple):
    """One aircraft path before it is flattened into the bank."""

    stand: int
    xy: np.ndarray  # (n, 2)
    h: np.ndarray  # (n,) heading of the aircraft
    ds: float
    limit_mps: np.ndarray  # (n,)
    edges: list[tuple[int, int, float, float]]  # taxi edge, direction of motion, s_in, s_out


class StandRails(NamedTuple):
    """The three rails of one stand, and how far along them the join lies."""

    arrive: Rail
    push: Rail
    leave: Rail
    arrive_join_s: float
    push_join_s: float


def build_rails(m: AirportMap, warnings: list[str]) -> list[StandRails | None]:
    """Rails per stand; None (with a warning) where no aircraft can come and go."""
    graph = TaxiGraph(m)
    result: list[StandRails | None] = []
    stuck = []
    for i, stand in enumerate(m.stands):
        rails = _stand_rails(graph, stand, i) if graph.used else None
        if rails is None:
            stuck.append(stand.id)
        result.append(rails)
    if stuck:
        shown = ", ".join(stuck[:10]) + (" ..." if len(stuck) > 10 else "")
        warnings.append(f"{len(stuck)} stand(s) without aircraft movement (no taxi route in and out): {shown}")
    return result


def _stand_rails(graph: TaxiGraph, stand: Stand, number: int) -> StandRails | None:
    where = graph.join(stand)
    if where is None or len(where.options) < 2:
        return None
    lead = where.lead_in
    if len(LineString(lead).simplify(0.01).coords) < 2 or LineString(lead).length < 8.0:
        return None
    arrive_h = _out_heading(lead)
    entry = _best_entry(graph, where, arrive_h)
    push = _best_push(graph, where, stand, arrive_h)
    if entry is None or push is None:
        return None
    radius, floor = TAXI_RADIUS_M[stand.code], TAXI_RADIUS_FLOOR_M[stand.code]
    arriving = _bend_then_straight(entry.points[::-1], lead, stand, radius, floor)
    edges_in = [(e, 1 - d) for e, d in reversed(entry.edges)] + where.branch
    arrive = _rail(graph, number, arriving, _taxi_limit(arriving, to_stand=True), edges_in, backward=False)
    tail_points, out, tail_edges = push
    if stand.pushback:
        pushing = _drawn_push(stand)
        leaving = _leave_from(graph, pushing, stand)
        if leaving is None:
            return None
        out_curve, out_edges = leaving
        tail_edges = []
    else:
        pushing = reverse(
            _bend_then_straight(tail_points[::-1], lead, stand, PUSH_RADIUS_M[stand.code], PUSH_RADIUS_FLOOR_M)
        )
        out_curve = _take_over(pushing, np.concatenate([tail_points[::-1], out.points[1:]]), radius, floor)
        out_edges = [(e, 1 - d) for e, d in reversed(tail_edges)] + out.edges
    push_limit = np.full(len(pushing.s), PUSH_MPS)
    push_edges = [(e, 1 - d) for e, d in reversed(where.branch)] + tail_edges
    push_rail = _rail(graph, number, pushing, push_limit, push_edges, backward=True)
    leave = _rail(graph, number, out_curve, _taxi_limit(out_curve, to_stand=False), out_edges, backward=False)
    corner = Point(lead[0])
    return StandRails(
        arrive,
        push_rail,
        leave,
        float(LineString(arrive.xy).project(corner)),
        float(LineString(push_rail.xy).project(corner)),
    )


def _out_heading(lead: np.ndarray) -> float:
    """Direction of travel at the start of a lead-in (from the join towards the stand)."""
    line = LineString(lead)
    b = line.interpolate(min(8.0, line.length))
    return math.atan2(b.y - lead[0][1], b.x - lead[0][0])


def _best_entry(graph: TaxiGraph, where: Join, arrive_h: float) -> Way | None:
    """Nearest way in whose last turn onto the lead-in is not too sharp."""
    best, best_cost = None, math.inf
    for option in where.options:
        turn = abs(wrap(arrive_h - (graph.heading_out(option) + math.pi)))
        way = graph.way(option, outbound=False) if turn <= MAX_JOIN_TURN_RAD else None
        if way is not None and way.length + way.blind_m + 100.0 * turn < best_cost:
            best, best_cost = way, way.length + way.blind_m + 100.0 * turn
    return best


def _best_push(graph: TaxiGraph, where: Join, stand: Stand, arrive_h: float):
    """(tail polyline from the join, way out from the join, tail edges): tail one way, out the other."""
    back_h = arrive_h + math.pi
    best, best_cost = None, math.inf
    for tail in where.options:
        turn = abs(wrap(graph.heading_out(tail) - back_h))
        if turn > MAX_JOIN_TURN_RAD:
            continue
        tangent = PUSH_RADIUS_M[stand.code] * math.tan(min(turn, 2.2) / 2.0)
        wanted = max(tangent, 0.5 * WHEELBASE_M[stand.code]) + PUSH_STRAIGHT_M[stand.code]
        points, edges, length = _tail_run(graph, tail, wanted)
        if length < 0.6 * wanted:
            continue
        for option in where.options:
            if option[:2] == tail[:2]:
                continue
            bend = abs(wrap(graph.heading_out(option) - graph.heading_out(tail) - math.pi))
            way = graph.way(option, outbound=True) if bend < math.radians(100.0) else None
            if way is not None:
                cost = way.length + way.blind_m + 150.0 * bend + 30.0 * turn + 3.0 * (wanted - length)
                if cost < best_cost:
                    best, best_cost = (points, way, edges), cost
    return best


def _tail_run(graph: TaxiGraph, tail: Option, wanted_m: float) -> tuple[np.ndarray, list[tuple[int, int]], float]:
    """Polyline of `wanted_m` from the join along an option, over the straightest edges."""
    line = LineString(graph.xy[tail.edge][tail.direction])
    part = shapely.ops.substring(line, tail.s, line.length)
    points = [np.array(part.coords)]
    edges, length, run = [(tail.edge, tail.direction)], line.length - tail.s, (tail.edge, tail.direction)
    while length < wanted_m:
        end = graph.xy[run[0]][run[1]][-2:]
        heading = math.atan2(end[1][1] - end[0][1], end[1][0] - end[0][0])
        onward = []
        for other in graph.around[graph.end_node(*run)]:
            start = graph.xy[other[0]][other[1]][:2]
            turn = abs(wrap(math.atan2(start[1][1] - start[0][1], start[1][0] - start[0][0]) - heading))
            if other[0] != run[0] and turn < math.radians(35.0):
                onward.append((turn, other))
        if not onward:
            break
        run = min(onward)[1]
        edges.append(run)
        points.append(graph.xy[run[0]][run[1]][1:])
        length += graph.lines[run[0]].length
    xy = np.concatenate(points)
    short = shapely.ops.substring(LineString(xy), 0.0, min(wanted_m, length))
    return np.array(short.coords), edges, min(wanted_m, length)


def _bend_then_straight(way: np.ndarray, lead: np.ndarray, stand: Stand, radius: float, floor: float) -> Curve:
    """Curve along `way` and the lead-in whose last wheelbase is straight, so that a type stops with its nose ahead."""
    straight_m = WHEELBASE_M[stand.code] + 1.0
    line = LineString(lead)
    last = line.length - math.dist(lead[-2], lead[-1])
    if line.length - last > straight_m + 2.0:
        split = np.array(line.interpolate(line.length - straight_m).coords[0])
        bend = smoothest(way, SIMPLIFY_M, lambda turn: radius, floor, np.concatenate([lead[1:-1], split[None]]))
        return join([bend, fillet(np.array([split, lead[-1]]), lambda turn: radius)])
    return smoothest(way, SIMPLIFY_M, lambda turn: radius, floor, lead[1:])


def _drawn_push(stand: Stand) -> Curve:
    """A push line drawn in the map, begun at the nose wheel."""
    gear = stand_frame(stand, [(-WHEELBASE_M[stand.code] - 1.0, 0.0)])[0]
    h = heading_rad(stand.heading_deg)
    behind = [
        p
        for p in stand.pushback
        if -(p[0] - stand.position[0]) * math.cos(h) - (p[1] - stand.position[1]) * math.sin(h)
        > WHEELBASE_M[stand.code] + 2.0
    ]
    points = np.array([gear, *behind], float)
    radius = PUSH_RADIUS_M[stand.code]
    bend = smoothest(points, SIMPLIFY_M, lambda turn: radius, PUSH_RADIUS_FLOOR_M)
    return join([straight(np.array(stand.position), bend.xy[0]), bend])


def _leave_from(graph: TaxiGraph, pushing: Curve, stand: Stand):
    """(curve, edges) from the end of a drawn push onto the nearest taxi edge ahead and out."""
    heading = float(pushing.h[-1]) + math.pi
    end = pushing.xy[-1]
    ahead = end + 1.5 * WHEELBASE_M[stand.code] * np.array([math.cos(heading), math.sin(heading)])
    best, best_cost = None, math.inf
    for i in graph.tree.query(Point(ahead), predicate="dwithin", distance=40.0):
        k = graph.used[int(i)]
        s = graph.lines[k].project(Point(ahead))
        for option in (Option(k, 0, s), Option(k, 1, graph.lines[k].length - s)):
            turn = abs(wrap(graph.heading_out(option) - heading))
            way = graph.way(option, outbound=True) if turn < math.radians(75.0) else None
            if way is not None:
                cost = way.length + way.blind_m + 10.0 * graph.lines[k].distance(Point(ahead)) + 100.0 * turn
                if cost < best_cost:
                    best, best_cost = way, cost
    if best is None:
        return None
    radius, floor = TAXI_RADIUS_M[stand.code], TAXI_RADIUS_FLOOR_M[stand.code]
    return _take_over(pushing, np.concatenate([end[None], best.points]), radius, floor), best.edges


def _take_over(pushing: Curve, points: np.ndarray, radius: float, floor: float) -> Curve:
    """Curve along `points` that starts in the very pose in which the push ended."""
    heading = float(pushing.h[-1]) + math.pi
    end = pushing.xy[-1]
    first = end + TAKE_OVER_M * np.array([math.cos(heading), math.sin(heading)])
    ahead = (points - first) @ np.array([math.cos(heading), math.sin(heading)])
    onward = int(np.argmax(ahead > 0.0)) if (ahead > 0.0).any() else len(points) - 1
    rest = smoothest(np.concatenate([first[None], points[onward:]]), SIMPLIFY_M, lambda turn: radius, floor)
    return _link_up(end, first, rest)


def _link_up(end: np.ndarray, first: np.ndarray, rest: Curve) -> Curve:
    """Straight from `end` to `first`, then the curve, with the kink between them rounded."""
    reach = min(12.0, 0.5 * rest.length)
    tail = cut(rest, reach, rest.length)
    heading = math.atan2(first[1] - end[1], first[0] - end[0])
    link = bezier(end, heading, tail.xy[0], float(tail.h[0]), 0.4 * math.dist(end, tail.xy[0]))
    return join([link, tail])


def _taxi_limit(curve: Curve, to_stand: bool) -> np.ndarray:
    """15 kt on straights, 8 kt in turns, 5 falling to 2 kt over the last 50 m into a stand."""
    bend = np.abs(np.gradient(curve.h, curve.s)) > 1.0 / TURN_RADIUS_M
    limit = np.where(bend, TURN_MPS, TAXI_MPS)
    if to_stand:
        left = curve.length - curve.s
        slow = STAND_NEAR_MPS + (STAND_FAR_MPS - STAND_NEAR_MPS) * np.clip(left / STAND_SLOW_M, 0.0, 1.0)
        limit = np.where(left < STAND_SLOW_M, np.minimum(limit, slow), limit)
    return limit


def _rail(graph: TaxiGraph, stand: int, curve: Curve, limit: np.ndarray, edges, backward: bool) -> Rail:
    xy, h, ds = resample(curve)
    at = np.linspace(0.0, curve.length, len(xy))
    low = np.minimum.reduce([np.interp(at + shift, curve.s, limit) for shift in (-0.5, 0.0, 0.5)])
    return Rail(stand, xy, _near_zero(h + math.pi if backward else h), ds, low, _edge_spans(graph, xy, ds, edges))


def _near_zero(h: np.ndarray) -> np.ndarray:
    """Continuous headings, shifted by whole turns so that the first lies in (-pi, pi]."""
    return h - (h[0] - wrap(float(h[0])))


def _edge_spans(graph: TaxiGraph, xy: np.ndarray, ds: float, edges) -> list[tuple[int, int, float, float]]:
    """(edge, direction, s_in, s_out) of the edges a rail runs on, in order."""
    line = LineString(xy)
    spans: list[tuple[int, int, float, float]] = []
    reached, total = 0.0, ds * (len(xy) - 1)
    starts = shapely.line_locate_point(line, [shapely.Point(graph.xy[e][d][0]) for e, d in edges])
    ends = shapely.line_locate_point(line, [shapely.Point(graph.xy[e][d][-1]) for e, d in edges])
    for k, (edge, direction) in enumerate(edges):
        s_in = max(reached, float(starts[k])) if k else 0.0
        s_out = min(total, max(s_in, float(ends[k]))) if k < len(edges) - 1 else total
        if spans and spans[-1][:2] == (edge, direction):
            spans[-1] = (edge, direction, spans[-1][2], s_out)
        else:
            spans.append((edge, direction, s_in, s_out))
        reached = s_out
    return spans


def outline(code: str, margin_m: float = 0.0) -> tuple[float, float, float]:
    """Ahead and behind of the main gear, and half the span plus a margin, for the largest type of a letter."""
    return WHEELBASE_M[code] + NOSE_M[code], TAIL_M[code] - WHEELBASE_M[code], SPAN_M[code] / 2.0 + margin_m


def sweep(rail: Rail, s: np.ndarray, code: str, margin_m: float = 0.0) -> np.ndarray:
    """Rectangles (shapely, one per s) of the largest outline with its main gear at arc lengths s."""
    ahead, behind, half = outline(code, margin_m)
    at = rail.ds * np.arange(len(rail.xy))
    x, y, h = (np.interp(s, at, column) for column in (rail.xy[:, 0], rail.xy[:, 1], np.unwrap(rail.h)))
    c, n = np.cos(h), np.sin(h)
    corners = [(ahead, half), (-behind, half), (-behind, -half), (ahead, -half)]
    ring = np.stack([np.stack([x + a * c - b * n, y + a * n + b * c], axis=-1) for a, b in corners], axis=1)
    return shapely.polygons(ring)
