"""Destinations (service stops of stands, points of interest) and the next lane towards each of them.

`next_lane` and `dest_dist` come from one Dijkstra search per destination on the reversed lane graph. Costs are metres
and nothing else: no route is favoured for its traffic or limits.
"""

import math
from typing import NamedTuple

import numpy as np
import shapely

from airside_sim.constants import FeatureKind, LaneKind, PoiKind
from airside_sim.jit import njit
from airside_sim.mapping.areas import parked_box
from airside_sim.mapping.schema import AirportMap, Stand

PARKED_CLEARANCE_M = 5.5  # lanes keep this from the largest parked outline
SEARCH_M = 150.0  # a stand farther than this from every lane has no service stop
AVOID_JUNCTION_M = 1000.0  # penalties in metres of distance
AVOID_CROSSING_M = 500.0
AVOID_WALKWAY_M = 10.0
AVOID_START_M, START_ROOM_M = 2.0, 8.0  # a vehicle that stops at a lane's very start blocks what lies behind it
PREFER_ACCESS_M = 15.0
POI_KINDS = {
    "fuel_depot": PoiKind.FUEL_DEPOT,
    "baggage_hall": PoiKind.BAGGAGE_HALL,
    "gse_parking": PoiKind.GSE_PARKING,
    "gate": PoiKind.GATE,
    "bus_station": PoiKind.BUS_STATION,
    "catering": PoiKind.CATERING,
}


class LanePoints(NamedTuple):
    """All sampled lane points of a map, flat, for nearest-point questions."""

    xy: np.ndarray  # (Q, 2)
    lane: np.ndarray  # (Q,) i32
    s: np.ndarray  # (Q,) f64
    penalty: np.ndarray  # (Q,) f64 m
    edge: list[set[int]]  # per lane: road edges it runs on


def place_destinations(m: AirportMap, points: LanePoints, warnings: list[str]) -> dict[str, np.ndarray]:
    """Bank columns dest_* and stand_dest: one row per stand that a vehicle can serve, then one per POI."""
    rows: list[tuple[int, int, float, int]] = []
    unserved: list[str] = []
    stand_dest = np.full(len(m.stands), -1, np.int32)
    roads = {edge.id: i for i, edge in enumerate(m.road_edges)}
    parked = [parked_box(stand) for stand in m.stands]
    tree = shapely.STRtree(parked)
    clear = np.ones(len(points.lane), bool)
    if len(points.lane) and parked:
        near, _ = tree.query(shapely.points(points.xy), predicate="dwithin", distance=PARKED_CLEARANCE_M - 0.01)
        clear[near] = False
    for i, stand in enumerate(m.stands):
        at = _nearest(points, _service_centre(stand), clear, roads.get(stand.service_road or ""))
        if at is None:
            unserved.append(stand.id)
            continue
        stand_dest[i] = len(rows)
        rows.append((int(PoiKind.STAND), int(points.lane[at]), float(points.s[at]), i))
    for poi in m.pois:
        at = _nearest(points, poi.position, np.ones(len(points.lane), bool), roads.get(poi.road or ""))
        if at is None:
            unserved.append(poi.id)
            continue
        rows.append((int(POI_KINDS[poi.kind]), int(points.lane[at]), float(points.s[at]), -1))
    if unserved:
        shown = ", ".join(unserved[:10]) + (" ..." if len(unserved) > 10 else "")
        warnings.append(f"{len(unserved)} stand(s) and place(s) without a lane within {SEARCH_M:.0f} m: {shown}")
    kind, lane, s, stand = (np.array([row[c] for row in rows]) for c in range(4))
    return {
        "dest_kind": kind.astype(np.int32),
        "dest_lane": lane.astype(np.int32),
        "dest_s": s.astype(np.float64),
        "dest_stand": stand.astype(np.int32),
        "stand_dest": stand_dest,
    }


def _service_centre(stand: Stand) -> tuple[float, float]:
    """Where vehicles are wanted: a third of the aircraft behind its nose wheel."""
    box = parked_box(stand)
    x, y = stand.position
    return x + (box.centroid.x - x) * 0.67, y + (box.centroid.y - y) * 0.67


def _nearest(points: LanePoints, at: tuple[float, float], allowed: np.ndarray, road: int | None) -> int | None:
    """Index of the best lane point near `at`, on the given road edge if it has any allowed point."""
    if not len(points.lane):
        return None
    away = np.hypot(points.xy[:, 0] - at[0], points.xy[:, 1] - at[1])
    if road is not None:
        on_road = np.array([road in edges for edges in points.edge])[points.lane]
        if (on_road & allowed).any():
            return int(np.argmin(np.where(on_road & allowed, away + points.penalty, np.inf)))
    cost = np.where(allowed & (away < SEARCH_M), away + points.penalty, np.inf)
    best = int(np.argmin(cost))
    return best if math.isfinite(cost[best]) else None


def point_penalties(bank: dict[str, np.ndarray], lane: np.ndarray, s: np.ndarray) -> np.ndarray:
    """How unsuitable each lane point is for standing, in metres of extra distance."""
    penalty = np.where(bank["lane_junction"][lane] >= 0, AVOID_JUNCTION_M, 0.0)
    penalty += np.where(bank["lane_kind"][lane] == LaneKind.STAND_ACCESS, 0.0, PREFER_ACCESS_M)
    cost = {
        FeatureKind.TAXI_CROSSING: AVOID_CROSSING_M,
        FeatureKind.RUNWAY_CROSSING: AVOID_CROSSING_M,
        FeatureKind.WALK_CROSSING: AVOID_WALKWAY_M,
        FeatureKind.STAND_ZONE: 0.0,
    }
    penalty += AVOID_START_M * np.maximum(0.0, START_ROOM_M - s)
    first = np.searchsorted(lane, np.arange(len(bank["feat0"])))
    for k in range(len(bank["feat0"]) - 1):
        span = slice(first[k], first[k + 1])
        for f in range(bank["feat0"][k], bank["feat0"][k + 1]):
            inside = (s[span] >= bank["feat_s_in"][f] - 1.0) & (s[span] <= bank["feat_s_out"][f] + 8.0)
            penalty[span] += np.where(inside, cost[FeatureKind(int(bank["feat_kind"][f]))], 0.0)
    return penalty


def route_tables(bank: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Bank columns next_lane and dest_dist of one map (local ids)."""
    num_lanes, num_dests = len(bank["lane_len"]), len(bank["dest_lane"])
    next_lane = np.full(num_dests * num_lanes, -1, np.int32)
    dist = np.full(num_dests * num_lanes, np.inf, np.float64)
    if num_lanes:
        graph = tuple(bank[name] for name in ("lane_len", "lane_succ0", "lane_succ", "lane_pred0", "lane_pred"))
        _search_all(*graph, bank["dest_lane"], bank["dest_s"], next_lane, dist)
    return {"next_lane": next_lane, "dest_dist": dist.astype(np.float32)}


@njit
def _search_all(length, succ0, succ, pred0, pred, dest_lane, dest_s, next_lane, dist):
    """Fill next_lane and dist (D * L) for every destination."""
    n = len(length)
    heap_key = np.empty(len(pred) + n + 1)
    heap_lane = np.empty(len(pred) + n + 1, np.int32)
    for d in range(len(dest_lane)):
        base = d * n
        goal = dest_lane[d]
        dist[base + goal] = dest_s[d]
        heap_key[0], heap_lane[0] = dest_s[d], goal
        size = 1
        while size > 0:
            key, lane = heap_key[0], heap_lane[0]
            size = _pop(heap_key, heap_lane, size)
            if key > dist[base + lane]:
                continue
            for k in range(pred0[lane], pred0[lane + 1]):
                before = pred[k]
                cost = key + length[before]
                if cost < dist[base + before] and before != goal:
                    dist[base + before] = cost
                    size = _push(heap_key, heap_lane, size, cost, before)
        for lane in range(n):
            if lane == goal:
                continue
            best = np.inf
            for k in range(succ0[lane], succ0[lane + 1]):
                if dist[base + succ[k]] < best:
                    best = dist[base + succ[k]]
                    next_lane[base + lane] = succ[k]


@njit
def _push(key, lane, size, new_key, new_lane):
    """Insert into the binary heap; returns its new size."""
    i = size
    while i > 0 and key[(i - 1) // 2] > new_key:
        key[i], lane[i] = key[(i - 1) // 2], lane[(i - 1) // 2]
        i = (i - 1) // 2
    key[i], lane[i] = new_key, new_lane
    return size + 1


@njit
def _pop(key, lane, size):
    """Remove the smallest entry; returns the new size."""
    size -= 1
    last_key, last_lane = key[size], lane[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and key[child + 1] < key[child]:
            child += 1
        if key[child] >= last_key:
            break
        key[i], lane[i] = key[child], lane[child]
        i = child
    key[i], lane[i] = last_key, last_lane
    return size
