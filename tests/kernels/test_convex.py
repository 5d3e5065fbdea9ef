"""Distances and contacts of boxes, convex polygons, discs and segments against shapely on random worlds."""

import math

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Body
from airside_sim.constants import ActorClass, VehicleClass
from airside_sim.kernels.convex import (
    aircraft_distance,
    disc_distance,
    touches_box,
    touches_quad,
    touches_segment,
)
from tests.kernels.ego_world import make_bench

TOLERANCE_M = 1e-9
BENCH = make_bench()
near = st.floats(-40.0, 40.0)
angle = st.floats(-math.pi, math.pi)


def box_polygon(row: np.ndarray) -> shapely.Polygon:
    """Shapely twin of a body's box."""
    corners = []
    for along, aside in ((1, 1), (0, 1), (0, 0), (1, 0)):
        u = row[Body.FRONT] if along else -row[Body.REAR]
        v = row[Body.HALF_WIDTH] if aside else -row[Body.HALF_WIDTH]
        corners.append(
            (row[Body.X] + u * row[Body.COS] - v * row[Body.SIN], row[Body.Y] + u * row[Body.SIN] + v * row[Body.COS])
        )
    return shapely.Polygon(corners)


def aircraft_outline(kind: int, x: float, y: float, heading: float) -> shapely.Geometry:
    """Shapely twin of an aircraft's parts."""
    c, s = math.cos(heading), math.sin(heading)
    parts = []
    for part in range(AIRCRAFT.num_parts[kind]):
        n = AIRCRAFT.part_nv[kind, part]
        px, py = AIRCRAFT.part_x[kind, part, :n], AIRCRAFT.part_y[kind, part, :n]
        parts.append(shapely.Polygon(np.column_stack([x + c * px - s * py, y + s * px + c * py])))
    return shapely.MultiPolygon(parts) if len(parts) == 1 else shapely.GeometryCollection(parts)


def place_ego_body(x: float, y: float, heading: float) -> np.ndarray:
    """Ego body 0 with the tractor's outline at a pose."""
    row = BENCH.w.ego_body[0, 0]
    row[Body.X], row[Body.Y], row[Body.COS], row[Body.SIN] = x, y, math.cos(heading), math.sin(heading)
    return row


def same_contact(ours: bool, theirs_m: float, overlap: bool) -> bool:
    """Contact decisions agree unless the shapes are within rounding of touching."""
    return ours == overlap or theirs_m < TOLERANCE_M


@settings(max_examples=300, deadline=None)
@given(kind=st.integers(0, 9), x=near, y=near, heading=angle, ego_heading=angle)
def test_aircraft_distance_equals_shapely(kind: int, x: float, y: float, heading: float, ego_heading: float) -> None:
    ego = place_ego_body(3.0, -2.0, ego_heading)
    BENCH.add_body(0, x, y, heading=heading, kind=ActorClass.AIRCRAFT, shape=kind)
    ours = aircraft_distance(
        BENCH.w.ego_body[0], 0, BENCH.w.body[0], 0, AIRCRAFT.part_nv, AIRCRAFT.part_x, AIRCRAFT.part_y,
        AIRCRAFT.part_cx, AIRCRAFT.part_cy, AIRCRAFT.part_r, AIRCRAFT.num_parts, 1000.0,
    )  # fmt: skip
    theirs = min(box_polygon(ego).distance(part) for part in aircraft_outline(kind, x, y, heading).geoms)
    assert abs(ours - theirs) < TOLERANCE_M


def test_box_inside_a_polygon_is_contact() -> None:
    place_ego_body(0.0, 0.0, 0.3)
    big_quad = np.array([-50.0, -50.0, 50.0, -50.0, 50.0, 50.0, -50.0, 50.0, 1.0, 0.0])
    assert touches_quad(BENCH.w.ego_body[0], 0, big_quad)
    assert not touches_quad(BENCH.w.ego_body[0], 0, big_quad + np.array([200.0, 0.0] * 4 + [0.0, 0.0]))


@settings(max_examples=300, deadline=None)
@given(x=st.floats(-12, 12), y=st.floats(-12, 12), heading=angle, ego_heading=angle, shape=st.integers(0, 12))
def test_box_contact_equals_shapely(x: float, y: float, heading: float, ego_heading: float, shape: int) -> None:
    ego = box_polygon(place_ego_body(0.5, -0.5, ego_heading))
    BENCH.add_body(1, x, y, heading=heading, shape=VehicleClass(shape))
    other = box_polygon(BENCH.w.body[0, 1])
    ours = bool(touches_box(BENCH.w.ego_body[0], 0, BENCH.w.body[0], 1))
    margin_m = ego.distance(other) + math.sqrt(ego.intersection(other).area)
    assert same_contact(ours, margin_m, ego.intersects(other))


@settings(max_examples=200, deadline=None)
@given(x=st.floats(-12, 12), y=st.floats(-12, 12), ego_heading=angle)
def test_disc_distance_equals_shapely(x: float, y: float, ego_heading: float) -> None:
    ego = box_polygon(place_ego_body(1.0, 1.0, ego_heading))
    ours = disc_distance(BENCH.w.ego_body[0], 0, x, y, 0.3)
    assert abs(ours - max(0.0, ego.distance(shapely.Point(x, y)) - 0.3)) < TOLERANCE_M


@settings(max_examples=300, deadline=None)
@given(ends=st.tuples(*[st.floats(-9, 9)] * 4), ego_heading=angle)
def test_segment_contact_equals_shapely(ends: tuple[float, ...], ego_heading: float) -> None:
    ego = box_polygon(place_ego_body(0.0, 0.0, ego_heading))
    line = shapely.LineString([ends[:2], ends[2:]])
    ours = bool(touches_segment(BENCH.w.ego_body[0], 0, *ends))
    margin_m = ego.distance(line) + ego.intersection(line).length
    assert same_contact(ours, margin_m, ego.intersects(line))


@settings(max_examples=200, deadline=None)
@given(x=st.floats(-15, 15), y=st.floats(-15, 15), turn=angle, size=st.floats(0.5, 12), flip=st.booleans())
def test_quad_contact_equals_shapely_in_either_turn(x: float, y: float, turn: float, size: float, flip: bool) -> None:
    ego = box_polygon(place_ego_body(0.0, 0.0, 0.7))
    corners = [(x + size * math.cos(turn + a), y + size * math.sin(turn + a)) for a in (0.1, 1.6, 3.3, 4.9)]
    quad = shapely.Polygon(corners)
    row = np.array([v for point in (corners[::-1] if flip else corners) for v in point] + [1.0, 0.0])
    ours = bool(touches_quad(BENCH.w.ego_body[0], 0, row))
    margin_m = ego.distance(quad) + math.sqrt(ego.intersection(quad).area)
    assert same_contact(ours, margin_m, ego.intersects(quad))
