"""Aircraft outlines: convex, counter-clockwise, and as long and wide as the source table says."""

import numpy as np
import pytest
import shapely

from airside_sim.aircraft_types import AIRCRAFT, AIRCRAFT_NAMES


def parts(kind: int) -> list[shapely.Polygon]:
    return [
        shapely.Polygon(np.column_stack([AIRCRAFT.part_x[kind, j, :n], AIRCRAFT.part_y[kind, j, :n]]))
        for j, n in enumerate(AIRCRAFT.part_nv[kind, : AIRCRAFT.num_parts[kind]])
    ]


@pytest.mark.parametrize("kind", range(len(AIRCRAFT_NAMES)), ids=AIRCRAFT_NAMES)
def test_parts_are_convex_and_form_one_outline_of_the_right_size(kind: int) -> None:
    for polygon in parts(kind):
        assert polygon.is_valid
        assert polygon.exterior.is_ccw
        assert polygon.convex_hull.area == pytest.approx(polygon.area)
    outline = shapely.union_all(parts(kind))
    low_x, low_y, high_x, high_y = outline.bounds
    assert outline.geom_type == "Polygon"  # nacelles and tailplane hang together with the fuselage
    assert high_x - low_x == pytest.approx(AIRCRAFT.length_m[kind])
    assert high_y - low_y == pytest.approx(AIRCRAFT.span_m[kind])
    assert high_x == pytest.approx(AIRCRAFT.wheelbase_m[kind] + AIRCRAFT.nose_to_gear_m[kind])
    assert low_x == pytest.approx(-AIRCRAFT.tail_m[kind])


@pytest.mark.parametrize("kind", range(len(AIRCRAFT_NAMES)), ids=AIRCRAFT_NAMES)
def test_bounding_circles_hold_every_vertex(kind: int) -> None:
    for j in range(AIRCRAFT.num_parts[kind]):
        n = AIRCRAFT.part_nv[kind, j]
        x, y = AIRCRAFT.part_x[kind, j, :n], AIRCRAFT.part_y[kind, j, :n]
        assert (np.hypot(x, y) <= AIRCRAFT.radius_m[kind] + 1e-9).all()
        far_m = np.hypot(x - AIRCRAFT.part_cx[kind, j], y - AIRCRAFT.part_cy[kind, j])
        assert (far_m <= AIRCRAFT.part_r[kind, j] + 1e-9).all()


def test_code_letters_agree_with_the_spans() -> None:
    """Annex 14: C below 36 m, E 52 to 65 m, F 65 to 80 m."""
    upper = {2: 36.0, 4: 65.0, 5: 80.0}
    for code, span_m in zip(AIRCRAFT.code, AIRCRAFT.span_m, strict=True):
        assert span_m < upper[int(code)]


def test_engines_lie_inside_nacelles() -> None:
    for kind in range(len(AIRCRAFT_NAMES)):
        outline = shapely.union_all(parts(kind)).buffer(1e-6)
        for j in range(AIRCRAFT.num_engines[kind]):
            assert outline.contains(shapely.Point(AIRCRAFT.engine_x[kind, j], AIRCRAFT.engine_y[kind, j]))
