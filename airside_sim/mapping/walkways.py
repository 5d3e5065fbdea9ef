"""Walkways as sampled lines, and the places where they cross lanes.

A walk crossing is one stretch between two kerbs: lanes that a person crosses without a refuge between them share it.
"""

import numpy as np
import shapely
from shapely.geometry import LineString

from airside_sim.constants import FeatureKind
from airside_sim.mapping.curves import fillet, resample
from airside_sim.mapping.lane import Lane
from airside_sim.mapping.lane_zones import Zone
from airside_sim.mapping.schema import AirportMap

KERB_M = 0.6  # a person waits this far outside the lane's edge
REFUGE_M = 2.5  # gap between lanes that makes two crossings of it
CORNER_RADIUS_M = 1.0


def build_walkways(m: AirportMap, lanes: list[Lane]) -> tuple[dict[str, np.ndarray], list[Zone]]:
    """Bank columns walk_*, wc_*, walkx_*, and the zones that the walk crossings lay on lanes."""
    lines = [LineString(lane.curve.xy) for lane in lanes]
    tree = shapely.STRtree(lines)
    points: list[tuple[np.ndarray, np.ndarray]] = []
    ds, crossing_rows, centres, zones = [], [], [], []
    walk_cross0 = [0]
    for walkway in m.walkways:
        curve = fillet(np.array(walkway.line), lambda turn: CORNER_RADIUS_M)
        xy, h, step = resample(curve)
        points.append((xy, h))
        ds.append(step)
        for s_in, s_out, hits in _stretches(curve, lines, tree, lanes):
            number = len(centres)
            middle = LineString(curve.xy).interpolate((s_in + s_out) / 2.0)
            centres.append((middle.x, middle.y))
            crossing_rows.append((number, s_in, s_out))
            half = walkway.width_m / 2.0 + 0.5
            zones.append(Zone(FeatureKind.WALK_CROSSING, number, [(i, s - half, s + half) for i, s in hits]))
        walk_cross0.append(len(crossing_rows))
    counts = [len(xy) for xy, _ in points]
    xy = np.concatenate([xy for xy, _ in points]) if points else np.empty((0, 2))
    columns = {
        "walk_pt0": np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        "walk_len": np.array([step * (n - 1) for step, n in zip(ds, counts, strict=True)], np.float64),
        "walk_ds": np.array(ds, np.float64),
        "walk_x": xy[:, 0].copy(),
        "walk_y": xy[:, 1].copy(),
        "walk_h": np.concatenate([h for _, h in points]) if points else np.empty(0),
        "walk_cross0": np.array(walk_cross0, np.int32),
        "wc_id": np.array([row[0] for row in crossing_rows], np.int32),
        "wc_s_in": np.array([row[1] for row in crossing_rows], np.float64),
        "wc_s_out": np.array([row[2] for row in crossing_rows], np.float64),
        "walkx_x": np.array([x for x, _ in centres], np.float64),
        "walkx_y": np.array([y for _, y in centres], np.float64),
    }
    return columns, zones


def _stretches(curve, lines, tree, lanes: list[Lane]) -> list[tuple[float, float, list[tuple[int, float]]]]:
    """(kerb before, kerb after, [(lane, s on it)]) along the walkway."""
    walk = LineString(curve.xy)
    hits = []
    for i in sorted(int(k) for k in tree.query(walk, predicate="intersects")):
        for point in shapely.get_parts(walk.intersection(lines[i])):
            if point.geom_type == "Point":
                at = walk.project(point)
                reach = lanes[i].width_m / 2.0 + KERB_M
                hits.append((max(0.0, at - reach), min(walk.length, at + reach), i, lines[i].project(point)))
    stretches: list[tuple[float, float, list[tuple[int, float]]]] = []
    for s_in, s_out, i, s in sorted(hits):
        if stretches and s_in <= stretches[-1][1] + REFUGE_M:
            before = stretches[-1]
            stretches[-1] = (before[0], max(before[1], s_out), [*before[2], (i, s)])
        else:
            stretches.append((s_in, s_out, [(i, s)]))
    return stretches
