"""The route table: every (start, destination) pair of a map bank that a scenario may draw, found at construction.

A reset then needs one random number instead of a search. Starts are spots where the whole train stands on its lane,
clear of junctions, crossings and stand zones.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from airside_sim.by_reference import by_reference
from airside_sim.constants import FeatureKind, LaneKind
from airside_sim.jit import njit
from airside_sim.mapping.bank import MapBank

START_SPACING_M = 25.0  # between candidate starts on a lane
MAX_LANES_PER_ROUTE = 400
CLEAR_AHEAD_M = 6.0
FREE_FLOW_SHARE = 0.6  # of a fixed time limit that a route may take without any traffic


@by_reference
class RouteTable(NamedTuple):
    """Rows of one map are contiguous: `map_route0[k, m] .. map_route0[k, m + 1]` for scenario k."""

    map_route0: np.ndarray  # (S, M+1) i32
    maps0: np.ndarray  # (S+1,) i32 entries of `maps` that belong to each scenario
    maps: np.ndarray  # (K,) i32 maps that have at least one route: reset draws from these
    lane: np.ndarray  # (N,) i32 start lane
    s: np.ndarray  # (N,) f64 front bumper on that lane
    dest: np.ndarray  # (N,) i32
    length: np.ndarray  # (N,) f64 m
    crossings: np.ndarray  # (N,) i32 taxiway or runway crossings on the way
    zone_stand: np.ndarray  # (N,) i32 first stand whose zone lies ahead (may push back), -1 none
    zone_m: np.ndarray  # (N,) f64 distance of that zone's stop point from the start


@njit
def _start_is_clear(b, lane, s, room_m):
    """True when the train's length of lane and a little ahead holds no stop line, no crossing and no stand zone."""
    for f in range(b.feat0[lane], b.feat0[lane + 1]):
        if b.feat_s_in[f] < s + CLEAR_AHEAD_M and b.feat_s_out[f] > s - room_m:
            return False
        if b.feat_s_stop[f] >= 0.0 and s - 1.0 < b.feat_s_stop[f] < s + CLEAR_AHEAD_M:
            return False
    return True


@njit
def lane_times_s(b, top_mps, out):
    """Seconds to drive each lane at min(limit, top speed)."""
    for lane in range(out.shape[0]):
        total = 0.0
        for k in range(b.lane_pt0[lane], b.lane_pt0[lane + 1] - 1):
            total += b.lane_ds[lane] / max(0.5, min(b.pt_limit[k], top_mps))
        out[lane] = total


@njit
def _walk(b, m, lane, s, dest, lane_s, out):
    """Follow next_lane from (lane, s): out = [length, crossings, zone_stand, zone_m, time_s]; False if it fails."""
    time_s = -lane_s[lane] * s / b.lane_len[lane]
    lane0 = b.map_lane0[m]
    num_lanes = b.map_lane0[m + 1] - lane0
    base = b.next_off[m] + np.int64(dest - b.map_dest0[m]) * num_lanes
    travelled = -s
    crossings = 0
    zone_stand = -1
    zone_m = 1e9
    last_crossing = -1
    for step in range(MAX_LANES_PER_ROUTE):
        arrived = lane == b.dest_lane[dest] and (step > 0 or b.dest_s[dest] > s)
        end_s = b.dest_s[dest] if arrived else b.lane_len[lane]
        for f in range(b.feat0[lane], b.feat0[lane + 1]):
            if b.feat_s_in[f] > end_s or (step == 0 and b.feat_s_in[f] <= s):
                continue
            kind = b.feat_kind[f]
            if kind == FeatureKind.TAXI_CROSSING or kind == FeatureKind.RUNWAY_CROSSING:
                if b.feat_id[f] != last_crossing:
                    crossings += 1
                    last_crossing = b.feat_id[f]
            elif kind == FeatureKind.STAND_ZONE and b.feat_s_out[f] > b.feat_s_in[f]:  # not the stop of another way in
                at_m = travelled + (b.feat_s_stop[f] if b.feat_s_stop[f] >= 0.0 else b.feat_s_in[f])
                stand = b.feat_id[f]
                if b.stand_path_push[stand] >= 0 and at_m > 20.0 and stand != b.dest_stand[dest] and zone_stand < 0:
                    zone_stand = stand
                    zone_m = at_m
        if arrived:
            out[0] = travelled + end_s
            out[1] = crossings
            out[2] = zone_stand
            out[3] = zone_m
            out[4] = time_s + lane_s[lane] * end_s / b.lane_len[lane]
            return True
        time_s += lane_s[lane]
        travelled += b.lane_len[lane]
        lane = b.next_lane[base + lane - lane0]
        if lane < 0:
            return False
    return False


@njit
def _collect(b, m, room_m, low_m, high_m, max_time_s, lane_s, rows):
    """Write candidate routes of map m into rows (N, 7); returns how many there are (may exceed N)."""
    out = np.zeros(5)
    count = 0
    lane0 = b.map_lane0[m]
    num_lanes = b.map_lane0[m + 1] - lane0
    for dest in range(b.map_dest0[m], b.map_dest0[m + 1]):
        if b.dest_lane[dest] < 0:
            continue
        base = b.next_off[m] + np.int64(dest - b.map_dest0[m]) * num_lanes
        for lane in range(lane0, lane0 + num_lanes):
            if b.lane_kind[lane] == LaneKind.CONNECTOR or b.lane_junction[lane] >= 0:
                continue
            reach = b.dest_dist[base + lane - lane0]
            if not reach - b.lane_len[lane] < high_m:
                continue
            s = min(max(room_m, 6.0), b.lane_len[lane] - 4.0)
            while s < b.lane_len[lane] - 3.0 and s > 5.0:
                if _start_is_clear(b, lane, s, room_m) and _walk(b, m, lane, s, dest, lane_s, out):
                    if low_m <= out[0] <= high_m and out[4] <= max_time_s:
                        if count < rows.shape[0]:
                            rows[count, 0] = lane
                            rows[count, 1] = s
                            rows[count, 2] = dest
                            for k in range(4):  # assigning a slice takes numba 2 s to compile, for its error message
                                rows[count, 3 + k] = out[k]
                        count += 1
                s += START_SPACING_M
    return count


def build_route_table(
    bank: MapBank,
    route_length_m: tuple[float, float],
    train_length_m: float,
    *,
    maps: Sequence[int] | None = None,
    min_crossings: int = 0,
    pushback_within_m: float = 0.0,
    needs_stand_goal: bool = False,
    top_speed_mps: float = 6.67,
    time_limit_s: float = 0.0,
    max_routes_per_map: int = 4096,
) -> RouteTable:
    """All routes of the bank whose length lies in `route_length_m` and that meet the scenario's needs.

    `maps` are the maps of the bank that the scenario may use, all by default. With a time limit, only routes that free
    traffic drives in 60 % of it. Longer lists are thinned evenly to `max_routes_per_map`. Raises ValueError, naming
    what is missing, when no map offers a single route.
    """
    num_maps = len(bank.map_left_hand)
    lane_s = np.zeros(len(bank.lane_len))
    lane_times_s(bank, top_speed_mps, lane_s)
    max_time_s = FREE_FLOW_SHARE * time_limit_s if time_limit_s > 0.0 else np.inf
    low_m, high_m = route_length_m
    blocks = []
    for m in range(num_maps):
        if maps is not None and m not in maps:
            blocks.append(np.zeros((0, 7)))
            continue
        rows = np.zeros((20_000, 7))
        count = _collect(bank, m, train_length_m, low_m, high_m, max_time_s, lane_s, rows)
        if count > len(rows):
            rows = np.zeros((count, 7))
            _collect(bank, m, train_length_m, low_m, high_m, max_time_s, lane_s, rows)
        rows = rows[:count]
        keep = rows[:, 4] >= min_crossings
        if pushback_within_m > 0.0:
            keep &= (rows[:, 5] >= 0) & (rows[:, 6] <= pushback_within_m)
        if needs_stand_goal:
            keep &= bank.dest_stand[rows[:, 2].astype(np.int64)] >= 0
        rows = rows[keep]
        if len(rows) > max_routes_per_map:
            rows = rows[np.linspace(0, len(rows) - 1, max_routes_per_map).astype(np.int64)]
        blocks.append(rows)
    counts = np.array([len(rows) for rows in blocks])
    if counts.sum() == 0:
        pushback = f"pushback within {pushback_within_m:g} m" if pushback_within_m > 0.0 else "no pushback needed"
        needs = f"{min_crossings} crossing(s)" if min_crossings else "no crossing needed"
        raise ValueError(
            f"no route of {low_m:g} to {high_m:g} m on any of the {len(maps or range(num_maps))} map(s) ({needs}, "
            f"{pushback}, time limit {time_limit_s:g} s): widen "
            "route_length_m, raise max_steps or choose another map"
        )
    table = np.concatenate(blocks)
    return RouteTable(
        map_route0=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)[None],
        maps0=np.array([0, np.count_nonzero(counts)], np.int32),
        maps=np.flatnonzero(counts).astype(np.int32),
        lane=table[:, 0].astype(np.int32),
        s=table[:, 1].copy(),
        dest=table[:, 2].astype(np.int32),
        length=table[:, 3].copy(),
        crossings=table[:, 4].astype(np.int32),
        zone_stand=table[:, 5].astype(np.int32),
        zone_m=table[:, 6].copy(),
    )


def join_route_tables(tables: Sequence[RouteTable]) -> RouteTable:
    """One table of all scenarios of a bank, in their order."""
    first = np.cumsum([0, *(len(table.lane) for table in tables)])[:-1]
    starts = [table.map_route0 + shift for table, shift in zip(tables, first, strict=True)]
    rows = {name: np.concatenate([getattr(table, name) for table in tables]) for name in RouteTable._fields[3:]}
    return RouteTable(
        map_route0=np.concatenate(starts).astype(np.int32),
        maps0=np.cumsum([0, *(len(table.maps) for table in tables)]).astype(np.int32),
        maps=np.concatenate([table.maps for table in tables]),
        **rows,
    )
