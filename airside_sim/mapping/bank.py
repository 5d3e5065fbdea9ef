"""`MapBank`: one or many compiled maps as flat arrays that kernels index with global ids.

A bank concatenates maps; per-map ranges come from the `map_*0` offset arrays (M+1 entries each). Every id stored in
an array (lane, junction, stand, crossing ...) is GLOBAL within the bank. Per-env world arrays (junction locks,
crossings, stands) are indexed with LOCAL ids: local = global - map_*0[m]. Metres, radians, m/s.
"""

from typing import NamedTuple

import numpy as np

from airside_sim.by_reference import by_reference


@by_reference
class MapBank(NamedTuple):
    # --- per map (M) -------------------------------------------------------------------------------------------
    map_lane0: np.ndarray  # (M+1,) i32
    map_junction0: np.ndarray  # (M+1,) i32
    map_crossing0: np.ndarray  # (M+1,) i32
    map_stand0: np.ndarray  # (M+1,) i32
    map_walk0: np.ndarray  # (M+1,) i32 walkways
    map_walkx0: np.ndarray  # (M+1,) i32 walkway-road crossings
    map_dest0: np.ndarray  # (M+1,) i32 destinations (stand service stops, then POIs)
    map_path0: np.ndarray  # (M+1,) i32 aircraft paths
    map_edge0: np.ndarray  # (M+1,) i32 taxi edges (reservation units)
    map_left_hand: np.ndarray  # (M,) i32 1 = drives on the left
    next_off: np.ndarray  # (M,) i64 offset of this map's block in next_lane / dest_dist
    # --- static raster, one byte a cell, bit c = BEV channel c (0..7), row 0 = south, row-major ------------------
    raster_x0: np.ndarray  # (M,) f64 west edge
    raster_y0: np.ndarray  # (M,) f64 south edge
    raster_cell_m: np.ndarray  # (M,) f64
    raster_w: np.ndarray  # (M,) i32 columns
    raster_h: np.ndarray  # (M,) i32 rows
    raster_off: np.ndarray  # (M,) i64
    raster: np.ndarray  # (bytes,) u8
    # --- the same raster in tiles of 8 x 8 cells, with a ring of empty ones around it (`mapping.tiles`) -----------
    tile_off: np.ndarray  # (M,) i64 offset of this map's tiles in tile_start and tile_reach
    tile_start: np.ndarray  # u32 first cell of each tile in the map's block of tile_cells
    tile_reach: np.ndarray  # u8 rings of tiles around it that are uniform with its value
    tile_cells_off: np.ndarray  # (M,) i64
    tile_cells: np.ndarray  # u8 distinct tiles, row-major
    # --- static segments in a uniform grid (SegmentKind) ----------------------------------------------------------
    seg_x0: np.ndarray  # (G,) f64
    seg_y0: np.ndarray
    seg_x1: np.ndarray
    seg_y1: np.ndarray
    seg_kind: np.ndarray  # (G,) i32
    grid_x0: np.ndarray  # (M,) f64
    grid_y0: np.ndarray
    grid_cell_m: np.ndarray  # (M,) f64 (16 m)
    grid_w: np.ndarray  # (M,) i32
    grid_h: np.ndarray
    grid_off: np.ndarray  # (M,) i64 offset into grid_start; the map owns grid_w*grid_h + 1 entries
    grid_start: np.ndarray  # i32 CSR starts into grid_seg (global positions)
    grid_seg: np.ndarray  # i32 segment ids: every segment that touches the cell grown by 8 m
    # --- lanes (L): centrelines for rear axles, already filleted and connected -----------------------------------
    lane_pt0: np.ndarray  # (L+1,) i32
    lane_len: np.ndarray  # (L,) f64 = ds * (points - 1)
    lane_ds: np.ndarray  # (L,) f64 uniform spacing, about 1 m
    lane_kind: np.ndarray  # (L,) i32 LaneKind
    lane_width: np.ndarray  # (L,) f64
    lane_junction: np.ndarray  # (L,) i32 junction cluster that owns the lane (connectors, short inner lanes), else -1
    lane_bit: np.ndarray  # (L, 2) i64 its bit in the masks of its junction for short and long bodies, 0 outside
    lane_conflict: np.ndarray  # (L, 2) i64 bits of the lanes that it may not be driven together with, for the same
    lane_opposite: np.ndarray  # (L,) i32 1 = an oncoming lane lies beside it (wrong-side test)
    lane_succ0: np.ndarray  # (L+1,) i32
    lane_succ: np.ndarray  # i32 successors
    lane_pred0: np.ndarray  # (L+1,) i32
    lane_pred: np.ndarray  # i32
    pt_x: np.ndarray  # (Q,) f64
    pt_y: np.ndarray
    pt_h: np.ndarray  # heading
    pt_limit: np.ndarray  # (Q,) f64 speed limit m/s (zones applied)
    # --- lane features (FeatureKind), sorted by s_in within a lane -----------------------------------------------
    feat0: np.ndarray  # (L+1,) i32
    feat_kind: np.ndarray  # i32
    feat_id: np.ndarray  # i32 global id of the crossing, stand or walk crossing
    feat_s_stop: np.ndarray  # f64 where a front bumper must stop; -1 when the stop line lies on an earlier lane
    feat_s_in: np.ndarray  # f64 zone entry on this lane
    feat_s_out: np.ndarray  # f64 zone exit on this lane (lane_len when it goes on)
    # --- crossings (taxiway, taxilane, runway) --------------------------------------------------------------------
    cross_runway: np.ndarray  # (X,) i32 1 = runway
    cross_code: np.ndarray  # (X,) i32 0..5 = A..F
    cross_hold_m: np.ndarray  # (X,) f64 taxi centreline to stop line
    cross_len_m: np.ndarray  # (X,) f64 road length inside the strip, stop line to far edge
    cross_x: np.ndarray  # (X,) f64 centre
    cross_y: np.ndarray
    cross_nv: np.ndarray  # (X,) i32 vertices of the convex zone polygon (<= 8), counter-clockwise
    cross_px: np.ndarray  # (X, 8) f64
    cross_py: np.ndarray  # (X, 8) f64
    # --- stands -----------------------------------------------------------------------------------------------------
    stand_x: np.ndarray  # (S,) f64 nose-wheel stop
    stand_y: np.ndarray
    stand_h: np.ndarray
    stand_code: np.ndarray  # (S,) i32 largest letter 0..5
    stand_path_in: np.ndarray  # (S,) i32 aircraft path ids (-1 = no aircraft movement possible: static stand)
    stand_path_push: np.ndarray  # (S,) i32
    stand_path_out: np.ndarray  # (S,) i32
    stand_dest: np.ndarray  # (S,) i32 destination of its service stop, -1 none
    stand_gap_left_m: (
        np.ndarray
    )  # (S,) f64 free lateral room beside the largest outline's wing tip, left of the aircraft
    stand_gap_right_m: np.ndarray  # (S,) f64
    # --- aircraft paths (P): rails for the MAIN GEAR axle; heading = tangent (push paths: tangent + pi) --------------
    path_pt0: np.ndarray  # (P+1,) i32
    path_len: np.ndarray  # (P,) f64, spacing exactly path_ds
    path_ds: np.ndarray  # (P,) f64
    path_x: np.ndarray  # f64
    path_y: np.ndarray
    path_h: np.ndarray  # AIRCRAFT heading at that point
    path_limit: np.ndarray  # f64 m/s
    path_stand: np.ndarray  # (P,) i32
    path_cross0: np.ndarray  # (P+1,) i32 -> crossings the path sweeps
    pc_cross: np.ndarray  # i32 crossing id
    pc_s_in: np.ndarray  # f64 main-gear arc length where the largest aircraft's outline first enters the zone
    pc_s_out: np.ndarray  # f64 ... and has left it
    path_edge0: np.ndarray  # (P+1,) i32 -> taxi edges used, in order
    pe_edge: np.ndarray  # i32
    pe_dir: np.ndarray  # i32 0 along the edge, 1 against
    pe_s_in: np.ndarray  # f64
    pe_s_out: np.ndarray  # f64
    # --- destinations (D) ---------------------------------------------------------------------------------------------
    dest_kind: np.ndarray  # (D,) i32 PoiKind
    dest_lane: np.ndarray  # (D,) i32
    dest_s: np.ndarray  # (D,) f64
    dest_stand: np.ndarray  # (D,) i32 -1 for POIs
    next_lane: np.ndarray  # i32 [next_off[m] + d_local * nL + l_local] -> global next lane towards d, -1 none
    dest_dist: np.ndarray  # f32 metres from the START of the lane to the destination, inf unreachable
    # --- walkways ------------------------------------------------------------------------------------------------
    walk_pt0: np.ndarray  # (K+1,) i32
    walk_len: np.ndarray  # (K,) f64
    walk_ds: np.ndarray  # (K,) f64
    walk_x: np.ndarray  # f64
    walk_y: np.ndarray
    walk_h: np.ndarray
    walk_cross0: np.ndarray  # (K+1,) i32 -> walk crossings along the walkway, by s
    wc_id: np.ndarray  # i32 walk crossing id
    wc_s_in: np.ndarray  # f64 kerb before the road
    wc_s_out: np.ndarray  # f64 kerb after it
    walkx_x: np.ndarray  # (W,) f64 centre of each walk crossing
    walkx_y: np.ndarray
