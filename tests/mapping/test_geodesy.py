"""Local metres of real coordinates against published lengths and closed forms."""

import math

import pytest

from airside_sim.mapping.importers.geodesy import TangentPlane, bearing_deg, heading_to_rad, unit_vector


def test_degree_lengths_match_the_ellipsoid():
    # WGS84 tables: at the equator 111,319.49 m east and 110,574.28 m north; at 60 N 55,800 m and 111,412 m.
    assert TangentPlane(0.0, 0.0).metres_per_degree == pytest.approx((111319.49, 110574.28), abs=0.02)
    assert TangentPlane(60.0, 10.0).metres_per_degree == pytest.approx((55800.0, 111412.0), abs=1.5)


def test_round_trip_and_axes():
    plane = TangentPlane(52.3622, 13.5007)
    x, y = plane.to_xy(52.37, 13.52)
    assert x > 0.0
    assert y > 0.0
    assert plane.to_latlon(x, y) == pytest.approx((52.37, 13.52), abs=1e-7)


def test_date_line_is_no_seam():
    x, _ = TangentPlane(-16.0, 179.99).to_xy(-16.0, -179.99)
    assert x == pytest.approx(0.02 * TangentPlane(-16.0, 0.0).metres_per_degree[0], abs=0.01)


def test_headings_turn_clockwise_from_north():
    assert heading_to_rad(90.0) == pytest.approx(0.0)
    assert heading_to_rad(0.0) == pytest.approx(math.pi / 2)
    assert bearing_deg((0.0, 0.0), (1.0, 1.0)) == pytest.approx(45.0)
    assert bearing_deg((0.0, 0.0), (-1.0, 0.0)) == pytest.approx(270.0)
    assert unit_vector(180.0) == pytest.approx((0.0, -1.0), abs=1e-12)
