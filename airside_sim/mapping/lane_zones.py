"""Zones on lanes, and where a front bumper must stop for each.

A zone (crossing, stand, walkway) is a set of intervals on lanes. Its stop points lie a metre before the zone on every
way in, but never inside a junction or a crossing: there the point moves back, over earlier lanes if it must.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from airside_sim.constants import FeatureKind
from airside_sim.mapping.lane import Lane

STOP_BEFORE_M = 1.0
MIN_STOP_S_M = 0.5  # a stop point nearer to a lane's start belongs on the lane before
MAX_BACK_M = 150.0  # a legal place farther back than this is not looked for
JOIN_GAP_M = 12.0  # two stretches of one zone on one lane with a smaller gap are one
_CROSSINGS = (FeatureKind.TAXI_CROSSING, FeatureKind.RUNWAY_CROSSING)

Interval = tuple[int, float, float]  # lane, s_in, s_out


@dataclass
class Zone:
    """Intervals may stick out of a lane's ends: they go on over its neighbours."""

    kind: FeatureKind
    number: int  # local id of the crossing, stand or walk crossing
    intervals: list[Interval]
    stretches: dict[int, list[tuple[float, float]]] = field(default_factory=dict)  # per lane, merged


class LaneNet:
    """Lengths, junctions, successors and predecessors of sampled lanes."""

    def __init__(self, lanes: list[Lane], lengths: np.ndarray) -> None:
        self.length = [float(x) for x in lengths]
        self.junction = [lane.junction for lane in lanes]
        self.succ = [lane.succ for lane in lanes]
        self.pred: list[list[int]] = [[] for _ in lanes]
        for i, lane in enumerate(lanes):
            for j in lane.succ:
                self.pred[j].append(i)


def feature_columns(net: LaneNet, zones: list[Zone]) -> dict[str, np.ndarray]:
    """Bank columns feat0, feat_kind, feat_id, feat_s_stop, feat_s_in, feat_s_out."""
    for zone in zones:
        zone.stretches = _spread(net, zone.intervals)
    blocked = _blocked(zones)
    rows: list[list[tuple[float, float, float, int, int]]] = [[] for _ in net.length]
    for zone in zones:
        for lane, features in _zone_features(net, zone, blocked).items():
            rows[lane] += [(s_in, s_out, s_stop, int(zone.kind), zone.number) for s_in, s_out, s_stop in features]
    flat = [row for lane_rows in rows for row in sorted(lane_rows)]
    table = np.array(flat, np.float64).reshape(-1, 5)
    return {
        "feat0": np.concatenate([[0], np.cumsum([len(r) for r in rows])]).astype(np.int32),
        "feat_kind": table[:, 3].astype(np.int32),
        "feat_id": table[:, 4].astype(np.int32),
        "feat_s_stop": table[:, 2].copy(),
        "feat_s_in": table[:, 0].copy(),
        "feat_s_out": table[:, 1].copy(),
    }


def _spread(net: LaneNet, intervals: Iterable[Interval]) -> dict[int, list[tuple[float, float]]]:
    """Clip intervals to their lanes, pass what sticks out to the neighbours, merge what overlaps."""
    pieces: dict[int, list[tuple[float, float]]] = {}
    work = [(lane, a, b, 0) for lane, a, b in intervals]
    while work:
        lane, a, b, depth = work.pop()
        length = net.length[lane]
        low, high = max(a, 0.0), min(b, length)
        if high > low:
            pieces.setdefault(lane, []).append((low, high))
        if depth < 6 and a < 0.0:
            work += [(p, net.length[p] + a, min(net.length[p] + b, net.length[p]), depth + 1) for p in net.pred[lane]]
        if depth < 6 and b > length:
            work += [(n, max(a - length, 0.0), b - length, depth + 1) for n in net.succ[lane]]
    return {lane: _merged(pieces[lane]) for lane in sorted(pieces)}


def _merged(pieces: list[tuple[float, float]]) -> list[tuple[float, float]]:
    result: list[tuple[float, float]] = []
    for a, b in sorted(pieces):
        if result and a <= result[-1][1] + JOIN_GAP_M:
            result[-1] = (result[-1][0], max(result[-1][1], b))
        else:
            result.append((a, b))
    return result


def _blocked(zones: list[Zone]) -> dict[int, list[tuple[float, float, FeatureKind, int]]]:
    """Per lane: stretches where waiting is forbidden."""
    blocked: dict[int, list[tuple[float, float, FeatureKind, int]]] = {}
    for zone in zones:
        if zone.kind != FeatureKind.WALK_CROSSING:
            for lane, stretches in zone.stretches.items():
                blocked.setdefault(lane, []).extend((a, b, zone.kind, zone.number) for a, b in stretches)
    return blocked


def _zone_features(net: LaneNet, zone: Zone, blocked) -> dict[int, list[tuple[float, float, float]]]:
    """Per lane: (s_in, s_out, s_stop); stop-only lanes carry an empty stretch at their end."""
    features: dict[int, list[tuple[float, float, float]]] = {}
    stops: dict[int, float] = {}
    for lane, stretches in zone.stretches.items():
        for a, b in stretches:
            s_stop = -1.0
            for stop_lane, s in _stops_before(net, zone, blocked, lane, a):
                if stop_lane == lane and s <= a:
                    s_stop = s
                else:
                    stops[stop_lane] = min(s, stops.get(stop_lane, s))
            features.setdefault(lane, []).append((a, b, s_stop))
    for lane, s in sorted(stops.items()):
        later = [i for i, f in enumerate(features.get(lane, ())) if f[0] >= s and f[2] < 0.0]
        if later:
            a, b, _ = features[lane][later[0]]
            features[lane][later[0]] = (a, b, s)
        else:
            features.setdefault(lane, []).append((net.length[lane], net.length[lane], s))
    return features


def _stops_before(net: LaneNet, zone: Zone, blocked, lane: int, s_in: float) -> list[tuple[int, float]]:
    """Stop points for the way into a stretch that begins at s_in."""
    if s_in > 1e-6:
        return _stop_points(net, zone, blocked, lane, s_in - STOP_BEFORE_M, 0.0)
    points = []
    for p in net.pred[lane]:
        reached = zone.stretches.get(p, [])
        if not reached or reached[-1][1] < net.length[p] - 1e-6:
            points += _stop_points(net, zone, blocked, p, net.length[p] - STOP_BEFORE_M, 0.0)
    return points


def _stop_points(net: LaneNet, zone: Zone, blocked, lane: int, s: float, walked: float) -> list[tuple[int, float]]:
    """The nearest legal stop points at or before (lane, s), on every way that leads there."""
    moved = s
    if net.junction[lane] >= 0:
        moved = -MIN_STOP_S_M
    for a, b, kind, number in sorted(blocked.get(lane, ()), reverse=True):
        is_own = kind == zone.kind and number == zone.number
        if (is_own or kind in _CROSSINGS) and a - STOP_BEFORE_M < moved < b:
            moved = a - STOP_BEFORE_M
    walked += max(0.0, s - max(moved, 0.0))
    if moved >= MIN_STOP_S_M:
        return [(lane, moved)]
    if walked > MAX_BACK_M or not net.pred[lane]:
        return [(lane, max(0.0, min(s, moved)))]
    points = []
    for p in net.pred[lane]:
        back = min(moved, 0.0)
        points += _stop_points(net, zone, blocked, p, net.length[p] + back - 0.01, walked + 0.5)
    return points
