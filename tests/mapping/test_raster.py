"""The raster filler against shapely's contains, and the layers of a small map."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon

from airside_sim.constants import BevChannel
from airside_sim.mapping.raster import LaneStrip, fill_shapes, rasterise
from airside_sim.mapping.schema import AirportMap, Building, Origin, Runway, Stand, TaxiEdge, TaxiNode

CELL_M = 0.5


def star(rng: np.random.Generator, x: float, y: float, reach: float) -> list[tuple[float, float]]:
    """A random star-shaped ring: never self-intersecting, often concave."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 30)))
    radii = rng.uniform(0.2 * reach, reach, len(angles))
    return [(x + r * np.cos(a), y + r * np.sin(a)) for a, r in zip(angles, radii, strict=True)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_fill_equals_shapely_contains_on_polygons_with_holes(seed):
    rng = np.random.default_rng(seed)
    shapes = []
    for _ in range(3):
        x, y = rng.uniform(5, 35, 2)
        outer = Polygon(star(rng, x, y, 18.0)).buffer(0)
        shapes.append(outer.difference(Polygon(star(rng, x, y, 7.0)).buffer(0)))
    raster = np.zeros((70, 90), np.uint8)
    x0, y0 = rng.uniform(-3, 3, 2)
    fill_shapes(raster, shapes, x0, y0, CELL_M, 3)
    cx, cy = np.meshgrid(x0 + (np.arange(90) + 0.5) * CELL_M, y0 + (np.arange(70) + 0.5) * CELL_M)
    expected = np.zeros(raster.shape, bool)
    for shape in shapes:
        expected |= shapely.contains_xy(shape, cx, cy)
    assert np.array_equal(raster, np.where(expected, 1 << 3, 0))


def test_fill_leaves_other_bits_and_cells_outside_the_window_alone():
    raster = np.full((4, 4), 1, np.uint8)
    fill_shapes(raster, [shapely.box(-100, -100, 1.0, 100)], 0.0, 0.0, CELL_M, 7)
    assert (raster[:, :2] == 1 | 1 << 7).all()
    assert (raster[:, 2:] == 1).all()


def small_map() -> AirportMap:
    return AirportMap(
        schema_version=1,
        name="small",
        source="test",
        licence="test",
        origin=Origin(lat=0, lon=0),
        stands=[Stand(id="1", position=(0, 0), heading_deg=0, code="C")],
        taxi_nodes=[TaxiNode(id="a", position=(-80, -90)), TaxiNode(id="b", position=(80, -90), hold="runway")],
        taxi_edges=[TaxiEdge(start="a", end="b", kind="taxilane")],
        buildings=[Building(id="T", polygon=[(-30, 20), (30, 20), (30, 40), (-30, 40)])],
        runways=[Runway(id="09/27", ends=((-100, -250), (100, -250)))],
    )


def cell(result, x: float, y: float) -> set[BevChannel]:
    x0, y0, cell_m, raster = result
    value = raster[int((y - y0) / cell_m), int((x - x0) / cell_m)]
    return {channel for channel in list(BevChannel)[:8] if value >> int(channel) & 1}


def test_layers_of_a_small_map():
    lane = LaneStrip(np.array([(-80.0, 12.0), (80.0, 12.0)]), 4.0, np.array([4.0, 4.0]))
    fast = LaneStrip(np.array([(80.0, 16.0), (-80.0, 16.0)]), 4.0, np.array([7.0, 7.0]))
    result = rasterise(small_map(), [lane, fast], 0.78, [LineString([(-60, 10), (-60, 14)])])
    assert cell(result, 20, 12) == {BevChannel.SERVICE_ROAD, BevChannel.SLOW_ZONE}
    assert cell(result, 20, 16.2) == {BevChannel.SERVICE_ROAD}
    assert cell(result, 20, 14.1) >= {BevChannel.SERVICE_ROAD, BevChannel.LANE_MARKING}
    assert BevChannel.STOP_LINE in cell(result, -60, 13)
    assert cell(result, 0, 30) == {BevChannel.BUILDING}
    assert cell(result, 10, -20) == {BevChannel.STAND_AREA}
    assert BevChannel.LANE_MARKING in cell(result, 0, -20), "lead-in drawn by rule"
    assert BevChannel.LANE_MARKING not in cell(result, 0, 3), "the lead-in ends at the nose wheel"
    assert BevChannel.TAXIWAY in cell(result, 40, -80)
    assert BevChannel.STOP_LINE in cell(result, 80, -82), "hold node"
    assert BevChannel.RESTRICTED in cell(result, 0, -200)
    assert cell(result, 0, -130) == set()


def test_thin_lines_are_one_and_a_half_bev_pixels_wide():
    lane = LaneStrip(np.array([(-80.0, 12.0), (80.0, 12.0)]), 4.0, np.array([9.0, 9.0]))
    x0, y0, cell_m, raster = rasterise(small_map(), [lane], 0.8)
    column = raster[:, int((20 - x0) / cell_m)]
    rows = np.flatnonzero(column >> int(BevChannel.LANE_MARKING) & 1)
    width = (np.sum((rows + 0.5) * cell_m + y0 > 12.0)) * cell_m
    assert abs(width - 1.2) <= cell_m
