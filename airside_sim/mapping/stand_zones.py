"""What aircraft sweep: road intervals of arrivals and pushes, crossings on a path, free room at the wing tips."""

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

from airside_sim.constants import FeatureKind
from airside_sim.mapping.areas import NOSE_M, SPAN_M, TAIL_M, parked_box, polygon_of, stand_frame
from airside_sim.mapping.lane import Lane
from airside_sim.mapping.lane_zones import Zone
from airside_sim.mapping.schema import AirportMap
from airside_sim.mapping.taxi_paths import SWEEP_STEP_M, WHEELBASE_M, Rail, StandRails, sweep

SPAN_MARGIN_M = 3.0  # beside the wing tips
LANE_MARGIN_M = 1.75  # half a vehicle beside its lane's centreline
BEFORE_JOIN_M = 10.0  # of the arrival that still counts to the stand, not to the taxilane
AFTER_JOIN_M = 10.0  # of the push
MAX_GAP_M = 60.0


def stand_zones(m: AirportMap, rails: list[StandRails | None], lanes: list[Lane]) -> list[Zone]:
    """One zone per stand whose aircraft sweep a lane."""
    lines = [LineString(lane.curve.xy) for lane in lanes]
    tree = shapely.STRtree(lines)
    zones = []
    for number, (stand, rail) in enumerate(zip(m.stands, rails, strict=True)):
        if rail is None:
            continue
        swept = swept_area(stand.code, rail).buffer(LANE_MARGIN_M)
        intervals = []
        for i in sorted(int(i) for i in tree.query(swept, predicate="intersects")):
            for part in shapely.get_parts(lines[i].intersection(swept)):
                if part.geom_type == "LineString" and part.length > 0.5:
                    a, b = (lines[i].project(Point(part.coords[k])) for k in (0, -1))
                    intervals.append((i, min(a, b), max(a, b)))
        if intervals:
            zones.append(Zone(FeatureKind.STAND_ZONE, number, intervals))
    return zones


def swept_area(code: str, rails: StandRails) -> Polygon:
    """Union of the largest outline over the arrival from the join on, and over the push to a little past it."""
    end_in = rails.arrive.ds * (len(rails.arrive.xy) - 1) - WHEELBASE_M[code]
    start_in = min(max(0.0, rails.arrive_join_s - BEFORE_JOIN_M), end_in)
    end_push = rails.push.ds * (len(rails.push.xy) - 1)
    last_push = max(min(end_push, rails.push_join_s + AFTER_JOIN_M), WHEELBASE_M[code])
    boxes = [
        sweep(rails.arrive, _steps(start_in, end_in), code, SPAN_MARGIN_M),
        sweep(rails.push, _steps(WHEELBASE_M[code], last_push), code, SPAN_MARGIN_M),
    ]
    return shapely.union_all(np.concatenate(boxes))


def _steps(a: float, b: float) -> np.ndarray:
    return np.linspace(a, b, max(2, int((b - a) / SWEEP_STEP_M) + 2))


def crossings_swept(rail: Rail, code: str, polygons: list[Polygon], tree: shapely.STRtree) -> list[tuple]:
    """(crossing, s_in, s_out) of every zone that the largest outline passes over, in order of entry."""
    s = _steps(0.0, rail.ds * (len(rail.xy) - 1))
    touched: dict[int, list[float]] = {}
    for box, zone in tree.query(sweep(rail, s, code), predicate="intersects").T:
        touched.setdefault(int(zone), []).append(float(s[box]))
    step = float(s[1] - s[0])
    rows = []
    for zone in sorted(touched):
        at = np.array(sorted(touched[zone]))
        for run in np.split(at, np.flatnonzero(np.diff(at) > 30.0) + 1):  # a path may come back to a crossing
            rows.append((zone, max(0.0, run[0] - step), min(float(s[-1]), run[-1] + step)))
    return sorted(rows, key=lambda row: (row[1], row[0]))


def wing_tip_gaps(m: AirportMap) -> tuple[np.ndarray, np.ndarray]:
    """Free room (S,) left and right of the wing tips, up to MAX_GAP_M, to parked neighbours and buildings."""
    obstacles = [parked_box(stand) for stand in m.stands]
    owner = list(range(len(m.stands)))
    obstacles += [polygon_of(b.polygon) for b in m.buildings]
    owner += [-1] * len(m.buildings)
    tree = shapely.STRtree(obstacles)
    gaps = np.full((2, len(m.stands)), MAX_GAP_M)
    for i, stand in enumerate(m.stands):
        half, ahead, behind = SPAN_M[stand.code] / 2.0, NOSE_M[stand.code], -TAIL_M[stand.code]
        for k, side in enumerate((1.0, -1.0)):
            near, far = side * half, side * (half + MAX_GAP_M)
            beside = Polygon(stand_frame(stand, [(ahead, near), (behind, near), (behind, far), (ahead, far)]))
            edge = LineString(stand_frame(stand, [(ahead, near), (behind, near)]))
            for j in tree.query(beside, predicate="intersects"):
                if owner[int(j)] != i:
                    gaps[k, i] = min(gaps[k, i], obstacles[int(j)].intersection(beside).distance(edge))
    return gaps[0], gaps[1]
