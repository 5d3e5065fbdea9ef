"""The segment grid against brute force, and the pavement polygon."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from airside_sim.constants import SegmentKind
from airside_sim.mapping.schema import AirportMap, Building, Origin, RoadEdge, RoadNode, Runway, Surface
from airside_sim.mapping.segments import REACH_M, build_segments, grid_segments, pavement_polygon


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_grid_lists_every_segment_within_reach(seed):
    rng = np.random.default_rng(seed)
    middle = rng.uniform(-200, 200, (40, 2))
    half = rng.normal(0, 1, (40, 2)) * rng.choice([0.5, 5, 60], (40, 1))
    ends = np.hstack([middle - half, middle + half])
    grid = grid_segments(ends, np.zeros(40, np.int32))
    lines = shapely.linestrings(ends.reshape(-1, 2, 2))
    for x, y in rng.uniform(-250, 250, (60, 2)):
        column = int(np.floor((x - grid.grid_x0) / grid.cell_m))
        row = int(np.floor((y - grid.grid_y0) / grid.cell_m))
        near = set(np.flatnonzero(shapely.distance(lines, shapely.Point(x, y)) <= REACH_M - 1e-9))
        if 0 <= column < grid.grid_w and 0 <= row < grid.grid_h:
            c = row * grid.grid_w + column
            listed = list(grid.seg[grid.start[c] : grid.start[c + 1]])
            assert near <= set(listed)
            assert len(set(listed)) == len(listed)
            box = shapely.box(*(grid.grid_x0 + column * 16 - 8, grid.grid_y0 + row * 16 - 8),
                              *(grid.grid_x0 + column * 16 + 24, grid.grid_y0 + row * 16 + 24))  # fmt: skip
            assert all(box.distance(lines[g]) < 1e-6 for g in listed), "lists nothing that is out of reach"
        else:
            assert not near, "outside the grid nothing is near"


def road_map(**more) -> AirportMap:
    return AirportMap(
        schema_version=1,
        name="r",
        source="test",
        licence="test",
        origin=Origin(lat=0, lon=0),
        road_nodes=[RoadNode(id="a", position=(0, 0)), RoadNode(id="b", position=(100, 0))],
        road_edges=[RoadEdge(id="r", start="a", end="b", width_m=8)],
        **more,
    )


def test_pavement_is_roads_with_shoulder_and_surfaces_but_no_grass():
    square = [(0.0, 20.0), (10.0, 20.0), (10.0, 30.0), (0.0, 30.0)]
    grass = [(20.0, 20.0), (30.0, 20.0), (30.0, 30.0), (20.0, 30.0)]
    pavement = pavement_polygon(
        road_map(surfaces=[Surface(id="a", kind="apron", polygon=square), Surface(id="g", kind="grass", polygon=grass)])
    )
    assert pavement.contains(shapely.Point(50, 5.4))
    assert not pavement.contains(shapely.Point(50, 5.6))
    assert pavement.contains(shapely.Point(5, 25))
    assert not pavement.contains(shapely.Point(25, 25))


def test_slits_between_drawn_surfaces_are_closed():
    left = [(0.0, 20.0), (10.0, 20.0), (10.0, 30.0), (0.0, 30.0)]
    right = [(10.4, 20.0), (20.0, 20.0), (20.0, 30.0), (10.4, 30.0)]
    pavement = pavement_polygon(
        road_map(surfaces=[Surface(id="a", kind="apron", polygon=left), Surface(id="b", kind="apron", polygon=right)])
    )
    assert pavement.contains(shapely.Point(10.2, 25))


def test_every_kind_has_its_segments():
    m = road_map(
        buildings=[Building(id="B", polygon=[(0, 50), (10, 50), (10, 60), (0, 60)])],
        runways=[Runway(id="09/27", ends=((0, 300), (1000, 300)))],
    )
    grid = build_segments(m, pavement_polygon(m))
    kinds = [int((grid.kind == kind).sum()) for kind in SegmentKind]
    assert kinds[SegmentKind.STRUCTURE] == 4
    assert kinds[SegmentKind.RUNWAY_STRIP] == 4
    assert kinds[SegmentKind.PAVEMENT_EDGE] >= 8
    strip = grid.kind == SegmentKind.RUNWAY_STRIP
    assert grid.y0[strip].min() == 210
    assert grid.x1[strip].max() == 1060


def test_a_map_without_segments_has_one_empty_cell():
    grid = grid_segments(np.empty((0, 4)), np.empty(0, np.int32))
    assert (grid.grid_w, grid.grid_h, grid.start.tolist(), len(grid.seg)) == (1, 1, [0, 0], 0)
