"""The map compiler: AirportMap in, flat arrays out. Same input, same bytes.

Order: lanes, aircraft rails, what lies on the lanes (crossings, stand zones, walkways), destinations and routing
tables, then the static picture. Everything here runs once, at construction; nothing runs in a step.
"""

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from airside_sim.constants import LaneKind
from airside_sim.mapping.areas import heading_rad, parked_box, pavement_polygon, polygonal
from airside_sim.mapping.bank import MapBank
from airside_sim.mapping.bank_build import CompiledMap, build_bank
from airside_sim.mapping.conflicts import conflict_masks
from airside_sim.mapping.curves import at_arc
from airside_sim.mapping.lane import Lane
from airside_sim.mapping.lane_graph import build_lane_graph
from airside_sim.mapping.lane_zones import LaneNet, feature_columns
from airside_sim.mapping.raster import LaneStrip, rasterise
from airside_sim.mapping.routing import LanePoints, place_destinations, point_penalties, route_tables
from airside_sim.mapping.schema import AirportMap
from airside_sim.mapping.segments import build_segments
from airside_sim.mapping.stand_zones import crossings_swept, stand_zones, wing_tip_gaps
from airside_sim.mapping.taxi_crossings import CODES, build_crossings
from airside_sim.mapping.taxi_paths import Rail, StandRails, build_rails
from airside_sim.mapping.tiles import tile_columns
from airside_sim.mapping.walkways import build_walkways

__all__ = ["CompiledMap", "build_bank", "compile_map"]

LANE_SPACING_M = 1.0
CIRCLE_M, CIRCLE_MPS = 10.0, 5.0 / 3.6  # circle of safety, drawn as if every stand were occupied
LANE_SHOULDER_M = 1.0  # pavement beside a lane's edge wherever the lane leads

Columns = dict[str, np.ndarray]


def compile_map(m: AirportMap, bev_px_m: float) -> CompiledMap:
    """Compile one map; `bev_px_m` (metres per BEV pixel) sets how thin a painted line may be."""
    graph = build_lane_graph(m)
    warnings = graph.warnings
    columns = _lane_columns(m, graph.lanes)
    net = LaneNet(graph.lanes, columns["lane_len"])
    rails = build_rails(m, warnings)
    crossing_columns, crossings = build_crossings(m, graph.lanes, net)
    walk_columns, walk_zones = build_walkways(m, graph.lanes)
    columns |= crossing_columns | walk_columns
    columns |= feature_columns(net, [*crossings, *stand_zones(m, rails, graph.lanes), *walk_zones])
    columns |= _rail_columns(m, rails, crossing_columns)
    columns |= _stand_columns(m, rails)
    columns |= place_destinations(m, _lane_points(columns, graph.lanes), warnings)
    columns |= route_tables(columns)
    columns |= _picture_columns(m, columns, graph.lanes, bev_px_m)
    columns |= _count_columns(m, columns, graph.num_junctions)
    return CompiledMap(m.name, m, MapBank(**columns), tuple(warnings))


def _lane_columns(m: AirportMap, lanes: list[Lane]) -> Columns:
    """lane_* and pt_*: uniform samples of every lane, successors, limits with the speed zones applied."""
    xy, h, limit, counts, ds = [], [], [], [], []
    for lane in lanes:
        n = max(1, round(lane.curve.length / LANE_SPACING_M))
        s = np.linspace(0.0, lane.curve.length, n + 1)
        even = at_arc(lane.curve, s)
        xy.append(even.xy)
        h.append(even.h)
        counts.append(n + 1)
        ds.append(lane.curve.length / n)
        limit.append(lane.limit_mps[np.searchsorted(lane.limit_s, s + 1e-9, side="right") - 1])
    points = np.concatenate(xy) if xy else np.empty((0, 2))
    limits = np.concatenate(limit) if limit else np.empty(0)
    for zone in m.speed_zones:
        inside = shapely.contains_xy(Polygon(zone.polygon), points[:, 0], points[:, 1])
        limits = np.where(inside, np.minimum(limits, zone.limit_kmh / 3.6), limits)
    if m.stands and lanes:
        access = np.repeat([lane.kind == LaneKind.STAND_ACCESS for lane in lanes], counts)
        circle = shapely.union_all([parked_box(stand) for stand in m.stands]).buffer(CIRCLE_M)
        access[access] = shapely.contains_xy(circle, points[access, 0], points[access, 1])
        limits = np.where(access, np.minimum(limits, CIRCLE_MPS), limits)
    pred: list[list[int]] = [[] for _ in lanes]
    bit, conflict = conflict_masks(lanes)
    for i, lane in enumerate(lanes):
        for j in lane.succ:
            pred[j].append(i)
    return {
        "lane_pt0": _starts(counts),
        "lane_len": np.array([d * (n - 1) for d, n in zip(ds, counts, strict=True)], np.float64),
        "lane_ds": np.array(ds, np.float64),
        "lane_kind": np.array([int(lane.kind) for lane in lanes], np.int32),
        "lane_width": np.array([lane.width_m for lane in lanes], np.float64),
        "lane_junction": np.array([lane.junction for lane in lanes], np.int32),
        "lane_bit": bit,
        "lane_conflict": conflict,
        "lane_opposite": np.array([lane.has_opposite for lane in lanes], np.int32),
        "lane_succ0": _starts([len(lane.succ) for lane in lanes]),
        "lane_succ": np.array([j for lane in lanes for j in lane.succ], np.int32),
        "lane_pred0": _starts([len(p) for p in pred]),
        "lane_pred": np.array([j for p in pred for j in p], np.int32),
        "pt_x": points[:, 0].copy(),
        "pt_y": points[:, 1].copy(),
        "pt_h": np.concatenate(h) if h else np.empty(0),
        "pt_limit": limits,
    }


def _starts(counts: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def _rail_columns(m: AirportMap, rails: list[StandRails | None], crossing: Columns) -> Columns:
    """path_*, pc_*, pe_* and the stands' path ids."""
    flat: list[Rail] = [rail for three in rails if three is not None for rail in three[:3]]
    zones = [
        Polygon(np.stack([crossing["cross_px"][k, :n], crossing["cross_py"][k, :n]], axis=1))
        for k, n in enumerate(crossing["cross_nv"])
    ]
    tree = shapely.STRtree(zones)
    swept = [crossings_swept(rail, m.stands[rail.stand].code, zones, tree) for rail in flat]
    counts = [len(rail.xy) for rail in flat]
    ids = np.full((len(rails), 3), -1, np.int32)
    ids[[i for i, three in enumerate(rails) if three is not None]] = np.arange(len(flat)).reshape(-1, 3)
    pc = np.array([row for rows in swept for row in rows], np.float64).reshape(-1, 3)
    pe = np.array([row for rail in flat for row in rail.edges], np.float64).reshape(-1, 4)
    xy = np.concatenate([rail.xy for rail in flat]) if flat else np.empty((0, 2))
    return {
        "path_pt0": _starts(counts),
        "path_len": np.array([rail.ds * (n - 1) for rail, n in zip(flat, counts, strict=True)], np.float64),
        "path_ds": np.array([rail.ds for rail in flat], np.float64),
        "path_x": xy[:, 0].copy(),
        "path_y": xy[:, 1].copy(),
        "path_h": np.concatenate([rail.h for rail in flat]) if flat else np.empty(0),
        "path_limit": np.concatenate([rail.limit_mps for rail in flat]) if flat else np.empty(0),
        "path_stand": np.array([rail.stand for rail in flat], np.int32),
        "path_cross0": _starts([len(rows) for rows in swept]),
        "pc_cross": pc[:, 0].astype(np.int32),
        "pc_s_in": pc[:, 1].copy(),
        "pc_s_out": pc[:, 2].copy(),
        "path_edge0": _starts([len(rail.edges) for rail in flat]),
        "pe_edge": pe[:, 0].astype(np.int32),
        "pe_dir": pe[:, 1].astype(np.int32),
        "pe_s_in": pe[:, 2].copy(),
        "pe_s_out": pe[:, 3].copy(),
        "stand_path_in": ids[:, 0].copy(),
        "stand_path_push": ids[:, 1].copy(),
        "stand_path_out": ids[:, 2].copy(),
    }


def _stand_columns(m: AirportMap, rails: list[StandRails | None]) -> Columns:
    left, right = wing_tip_gaps(m)
    at = np.array([stand.position for stand in m.stands], np.float64).reshape(-1, 2)
    return {
        "stand_x": at[:, 0].copy(),
        "stand_y": at[:, 1].copy(),
        "stand_h": np.array([heading_rad(stand.heading_deg) for stand in m.stands], np.float64),
        "stand_code": np.array([CODES.index(stand.code) for stand in m.stands], np.int32),
        "stand_gap_left_m": left,
        "stand_gap_right_m": right,
    }


def _lane_points(columns: Columns, lanes: list[Lane]) -> LanePoints:
    counts = np.diff(columns["lane_pt0"])
    lane = np.repeat(np.arange(len(lanes)), counts)
    within = np.arange(len(lane)) - np.repeat(columns["lane_pt0"][:-1], counts)
    s = within * np.repeat(columns["lane_ds"], counts)
    xy = np.stack([columns["pt_x"], columns["pt_y"]], axis=1)
    return LanePoints(xy, lane, s, point_penalties(columns, lane, s), [set(one.edge) for one in lanes])


def _picture_columns(m: AirportMap, columns: Columns, lanes: list[Lane], bev_px_m: float) -> Columns:
    """raster_*, seg_* and grid_*: what the renderer and the collision tests see of the map."""
    bounds = columns["lane_pt0"]
    xy = np.stack([columns["pt_x"], columns["pt_y"]], axis=1)
    strips = [
        LaneStrip(xy[a:b], lane.width_m, columns["pt_limit"][a:b], lane.kind != LaneKind.CONNECTOR or lane.has_opposite)
        for lane, a, b in zip(lanes, bounds[:-1], bounds[1:], strict=True)
    ]
    x0, y0, cell_m, raster = rasterise(m, strips, bev_px_m, _stop_lines(columns))
    ground = [
        LineString(strip.points).buffer(strip.width_m / 2.0 + LANE_SHOULDER_M, cap_style="flat") for strip in strips
    ]
    pavement = polygonal(shapely.union_all([pavement_polygon(m), *ground]))
    grid = build_segments(m, pavement)
    return {
        "raster_x0": np.array([x0], np.float64),
        "raster_y0": np.array([y0], np.float64),
        "raster_cell_m": np.array([cell_m], np.float64),
        "raster_w": np.array([raster.shape[1]], np.int32),
        "raster_h": np.array([raster.shape[0]], np.int32),
        "raster_off": np.zeros(1, np.int64),
        "raster": raster.reshape(-1),
        **tile_columns(raster),
        "seg_x0": grid.x0,
        "seg_y0": grid.y0,
        "seg_x1": grid.x1,
        "seg_y1": grid.y1,
        "seg_kind": grid.kind,
        "grid_x0": np.array([grid.grid_x0], np.float64),
        "grid_y0": np.array([grid.grid_y0], np.float64),
        "grid_cell_m": np.array([grid.cell_m], np.float64),
        "grid_w": np.array([grid.grid_w], np.int32),
        "grid_h": np.array([grid.grid_h], np.int32),
        "grid_off": np.zeros(1, np.int64),
        "grid_start": grid.start,
        "grid_seg": grid.seg,
    }


def _stop_lines(columns: Columns) -> list[LineString]:
    """A line across the lane at every stop point of a taxiway or runway crossing."""
    lines = []
    for lane in range(len(columns["lane_len"])):
        first, last = columns["lane_pt0"][lane], columns["lane_pt0"][lane + 1]
        for f in range(columns["feat0"][lane], columns["feat0"][lane + 1]):
            s = columns["feat_s_stop"][f]
            if s >= 0.0 and columns["feat_kind"][f] <= 1:
                at = np.arange(last - first) * columns["lane_ds"][lane]
                x, y, h = (np.interp(s, at, columns[name][first:last]) for name in ("pt_x", "pt_y", "pt_h"))
                half = columns["lane_width"][lane] / 2.0
                dx, dy = -half * np.sin(h), half * np.cos(h)
                lines.append(LineString([(x + dx, y + dy), (x - dx, y - dy)]))
    return lines


def _count_columns(m: AirportMap, columns: Columns, num_junctions: int) -> Columns:
    counts = {
        "map_lane0": len(columns["lane_len"]),
        "map_junction0": num_junctions,
        "map_crossing0": len(columns["cross_code"]),
        "map_stand0": len(m.stands),
        "map_walk0": len(m.walkways),
        "map_walkx0": len(columns["walkx_x"]),
        "map_dest0": len(columns["dest_lane"]),
        "map_path0": len(columns["path_len"]),
        "map_edge0": len(m.taxi_edges),
    }
    return {name: np.array([0, n], np.int32) for name, n in counts.items()} | {
        "map_left_hand": np.array([m.driving_side == "left"], np.int32),
        "next_off": np.zeros(1, np.int64),
    }
