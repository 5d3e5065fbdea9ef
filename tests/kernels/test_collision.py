"""`measure`: distances, contacts, pruning and ground rules on worlds small enough to know the answer."""

import numpy as np
import pytest
import shapely

from airside_sim.columns import Body, Episode, Measured
from airside_sim.constants import ActorClass, SegmentKind, VehicleClass
from tests.kernels.ego_world import bare_bank, make_bench
from tests.kernels.test_convex import aircraft_outline, box_polygon


def measured(bench, column: int) -> float:
    bench.judge()
    return float(bench.w.measured[0, column])


def test_nothing_near_is_100_m_and_no_contact() -> None:
    bench = make_bench(trailers=2, start_m=40.0)
    assert measured(bench, Measured.DIST_AIRCRAFT) == 100.0
    assert measured(bench, Measured.DIST_PERSON) == 100.0
    hits = [Measured.HIT_AIRCRAFT, Measured.HIT_VEHICLE, Measured.HIT_PERSON]
    assert bench.w.measured[0, hits].tolist() == [-1.0, -1.0, -1.0]


def test_nearest_of_many_equals_shapely_for_the_whole_train() -> None:
    rng = np.random.default_rng(4)
    for _ in range(25):
        bench = make_bench(trailers=3, start_m=60.0)
        outlines = []
        for n in range(2):
            x, y, heading = rng.uniform(-60, 140), rng.choice([-1, 1]) * rng.uniform(45, 90), rng.uniform(-3, 3)
            kind = int(rng.integers(0, 10))
            bench.add_body(n, x, y, heading=heading, kind=ActorClass.AIRCRAFT, shape=kind)
            outlines += list(aircraft_outline(kind, x, y, heading).geoms)
        people = [(rng.uniform(0, 90), rng.uniform(2, 60)) for _ in range(5)]
        for n, (x, y) in enumerate(people):
            bench.add_body(4 + n, x, y, kind=ActorClass.PERSONNEL)
        train = shapely.MultiPolygon([box_polygon(bench.w.ego_body[0, k]) for k in range(4)])
        to_aircraft = min(100.0, min(p.distance(o) for p in train.geoms for o in outlines))
        to_person = min(p.distance(shapely.Point(q)) for p in train.geoms for q in people) - 0.3
        assert measured(bench, Measured.DIST_AIRCRAFT) == pytest.approx(to_aircraft, abs=1e-9)
        assert measured(bench, Measured.DIST_PERSON) == pytest.approx(max(0.0, to_person), abs=1e-9)


def test_every_dolly_is_a_body_of_its_own() -> None:
    bench = make_bench(trailers=2, start_m=40.0)
    tail = bench.w.ego_body[0, 2]
    side = tail[Body.HALF_WIDTH] + 0.5 * 2.1
    bench.add_body(5, tail[Body.X], tail[Body.Y] + side + 0.01, shape=VehicleClass.BELT_LOADER)
    assert measured(bench, Measured.HIT_VEHICLE) == -1.0
    bench.add_body(5, tail[Body.X], tail[Body.Y] + side - 0.01, shape=VehicleClass.BELT_LOADER)
    assert measured(bench, Measured.HIT_VEHICLE) == 5.0


def test_stand_aircraft_is_left_out_of_the_strict_distance() -> None:
    bench = make_bench(start_m=40.0)
    bench.add_body(0, 40.0, 25.0, kind=ActorClass.AIRCRAFT, shape=2)
    bench.add_body(1, 40.0, -60.0, kind=ActorClass.AIRCRAFT, shape=2)
    bench.w.episode[0, Episode.GOAL_STAND] = 2.0
    bench.w.stand[0, 2, 0] = 0.0
    bench.judge()
    near = bench.w.measured[0, Measured.DIST_AIRCRAFT]
    strict = bench.w.measured[0, Measured.DIST_AIRCRAFT_STRICT]
    assert near < 15.0 < 30.0 < strict


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        (SegmentKind.STRUCTURE, Measured.HIT_STRUCTURE),
        (SegmentKind.PAVEMENT_EDGE, Measured.OFF_PAVEMENT),
        (SegmentKind.RUNWAY_STRIP, Measured.ON_STRIP_EDGE),
    ],
)
def test_static_segments_touch_by_kind(kind: int, column: int) -> None:
    touching = bare_bank([(30.0 - 1e-6, -5.0, 30.0 - 1e-6, 5.0, kind)])
    beyond = bare_bank([(30.0 + 1e-6, -5.0, 30.0 + 1e-6, 5.0, kind)])
    assert measured(make_bench(bank=touching, start_m=30.0), column) == 1.0
    assert measured(make_bench(bank=beyond, start_m=30.0), column) == 0.0


def test_hazard_overlap_of_any_body() -> None:
    bench = make_bench(trailers=2, start_m=40.0)
    tail_x = bench.w.ego_body[0, 2, Body.X]
    quad = [tail_x - 0.2, -9.0, tail_x + 0.2, -9.0, tail_x + 0.2, 9.0, tail_x - 0.2, 9.0]
    bench.w.hazard[0, 1, :8] = quad
    assert measured(bench, Measured.IN_HAZARD) == 0.0  # kind 0 is an unused row
    bench.w.hazard[0, 1, 8] = 2.0
    assert measured(bench, Measured.IN_HAZARD) == 1.0


def test_five_kmh_circle_only_inside_stand_areas() -> None:
    for stand_area, limit in ((True, 5.0 / 3.6), (False, 6.67)):
        bench = make_bench(bank=bare_bank(stand_area=stand_area), start_m=40.0)
        bench.add_body(0, 40.0, 25.0, kind=ActorClass.AIRCRAFT, shape=2)
        bench.judge()
        assert bench.w.measured[0, Measured.DIST_AIRCRAFT] < 10.0
        assert bench.w.measured[0, Measured.LIMIT] == pytest.approx(limit)
