"""Aircraft go through their phases in order, within their limits, and never touch each other."""

import numpy as np
import pytest
import shapely

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Aircraft, Body, Episode
from airside_sim.constants import AircraftPhase
from airside_sim.kernels.aircraft import reset_aircraft
from airside_sim.kernels.aircraft_motion import NEVER_M, body_stop_s, boxes_meet, set_shape
from airside_sim.mapping.bank_build import build_bank
from airside_sim.mapping.cache import load_compiled
from airside_sim.traffic_config import DEFAULT_TRAFFIC
from airside_sim.vehicles import VEHICLES
from tests.kernels.apron_bank import make_bank, make_world, outline, overlapping, run_ticks

P = AircraftPhase
NEXT_PHASE = {
    (P.AWAY, P.TAXI_IN), (P.TAXI_IN, P.SHUTDOWN), (P.SHUTDOWN, P.PARKED), (P.PARKED, P.BEACON_ON),
    (P.BEACON_ON, P.PUSHBACK), (P.PUSHBACK, P.START_UP), (P.START_UP, P.TAXI_OUT), (P.TAXI_OUT, P.AWAY),
}  # fmt: skip
MOVING = (P.TAXI_IN, P.PUSHBACK, P.START_UP, P.TAXI_OUT)


def _run(world, bank, ticks):
    run_ticks(world, bank, AIRCRAFT, VEHICLES, DEFAULT_TRAFFIC, ticks)


def test_phases_follow_each_other_and_speeds_stay_in_bounds():
    bank = make_bank()
    world = make_world(bank)
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    slots = world.aircraft[0]
    before = slots.copy()
    seen = set()
    for _ in range(20000):
        _run(world, bank, 1)
        for i in np.flatnonzero(slots[:, Aircraft.PHASE] != before[:, Aircraft.PHASE]):
            seen.add((P(int(before[i, Aircraft.PHASE])), P(int(slots[i, Aircraft.PHASE]))))
        same = slots[:, Aircraft.PHASE] == before[:, Aircraft.PHASE]
        accel = (slots[same, Aircraft.SPEED] - before[same, Aircraft.SPEED]) / 0.1
        assert accel.size == 0 or (accel.max() < 0.25 + 1e-9 and accel.min() > -0.6 - 1e-9), accel
        pushed = slots[:, Aircraft.PHASE] == P.PUSHBACK
        assert (slots[pushed, Aircraft.SPEED] <= 2.0).all()  # a measured push: most 2.1 m/s
        before = slots.copy()
    assert (slots[:, Aircraft.SPEED] <= 8.0).all()
    assert seen == NEXT_PHASE


@pytest.mark.parametrize("name", ["hand-made", "hub", "training_apron"])
def test_no_two_aircraft_touch_in_an_hour_of_peak(name):
    bank = make_bank() if name == "hand-made" else build_bank(load_compiled(name, 0.78125))
    ego = (1e5, 1e5) if name == "hand-made" else (bank.stand_x.mean(), bank.stand_y.mean())
    world = make_world(bank, ego=ego, seed=3)
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    slots = world.aircraft[0]
    movers = []
    for _ in range(900):
        _run(world, bank, 40)
        moving = [i for i in range(slots.shape[0]) if int(slots[i, Aircraft.PHASE]) in MOVING]
        movers.append(len(moving))
        assert not overlapping(world, moving)
        standing = slots[np.isin(slots[:, Aircraft.PHASE], MOVING), Aircraft.STOP_TIME]
        assert standing.size == 0 or standing.max() < 900.0
    assert np.mean(movers) > (2.0 if name == "hub" else 0.8)
    assert slots[:, Aircraft.MISSIONS].sum() >= 10


def test_covering_boxes_contain_the_outline():
    for kind in range(AIRCRAFT.code.shape[0]):
        row = np.zeros(len(Aircraft))
        set_shape(row, AIRCRAFT, kind)
        for k in range(AIRCRAFT.num_parts[kind]):
            n = AIRCRAFT.part_nv[kind, k]
            for x, y in zip(AIRCRAFT.part_x[kind, k, :n], AIRCRAFT.part_y[kind, k, :n], strict=True):
                inside = [
                    row[Aircraft.FUSE_REAR + 3 * j] - 1e-9 <= x <= row[Aircraft.FUSE_FRONT + 3 * j] + 1e-9
                    and abs(y) <= row[Aircraft.FUSE_HALF + 3 * j] + 1e-9
                    for j in range(3)
                ]
                assert any(inside), (kind, k, x, y)


def test_boxes_meet_agrees_with_shapely():
    rng = np.random.default_rng(0)
    for _ in range(500):
        boxes = []
        args = []
        for _ in range(2):
            x, y = rng.uniform(-8, 8, 2)
            h = rng.uniform(0, 7)
            half_l, half_w = rng.uniform(1, 6, 2)
            c, s = np.cos(h), np.sin(h)
            corners = [(a * half_l, d * half_w) for a, d in ((1, 1), (-1, 1), (-1, -1), (1, -1))]
            boxes.append(shapely.Polygon([(x + c * u - s * v, y + s * u + c * v) for u, v in corners]))
            args += [x, y, c, s, half_l, half_w]
        assert boxes_meet(*args) == boxes[0].intersects(boxes[1])


def test_aircraft_stops_for_an_ego_standing_on_the_taxilane():
    bank = make_bank()
    world = make_world(bank, ego=(-150.0, 0.0), seed=1)
    body = world.ego_body[0, 0]
    body[[Body.X, Body.Y, Body.COS, Body.FRONT, Body.REAR, Body.HALF_WIDTH]] = [-150.0, 0.0, 1.0, 2.5, 0.7, 0.8]
    body[Body.RADIUS] = 3.0
    body[Body.CLASS] = 1.0
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    ego = shapely.box(-150.7, -0.8, -147.5, 0.8)
    stopped = 0.0
    for _ in range(900):
        _run(world, bank, 20)
        for i in range(world.aircraft.shape[1]):
            if world.body[0, i, Body.CLASS] >= 0:
                assert outline(world, i).distance(ego) > 1.0
        waiting = world.aircraft[0, :, Aircraft.PHASE] == P.TAXI_IN
        stopped = max(stopped, world.aircraft[0, waiting, Aircraft.STOP_TIME].max(initial=0.0))
    assert stopped > 300.0


def test_empty_traffic_has_no_aircraft_and_same_seed_same_apron():
    bank = make_bank()
    world = make_world(bank, density=0.0)
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    assert (world.aircraft[0, :, Aircraft.PHASE] == P.AWAY).all()
    pair = [make_world(bank, seed=5) for _ in range(2)]
    for world in pair:
        reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
        _run(world, bank, 3000)
    assert np.array_equal(pair[0].aircraft, pair[1].aircraft)
    assert np.array_equal(pair[0].body, pair[1].body)


def test_nothing_appears_or_vanishes_near_the_ego():
    bank = make_bank()
    world = make_world(bank, ego=(330.0, 20.0), seed=2)
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    _run(world, bank, 1)
    before = world.body[0].copy()
    changes = 0
    for _ in range(20000):
        _run(world, bank, 1)
        present = world.body[0, :, Body.CLASS] >= 0
        for i in np.flatnonzero(present != (before[:, Body.CLASS] >= 0)):
            row = world.body[0, i] if present[i] else before[i]
            assert np.hypot(row[Body.X] - 330.0, row[Body.Y] - 20.0) > 100.0
            changes += 1
        step = np.hypot(*(world.body[0, :, :2] - before[:, :2]).T)
        assert step[present & (before[:, Body.CLASS] >= 0)].max() < 0.9  # 8 m/s is 0.8 m a tick
        before = world.body[0].copy()
    assert changes > 0
    assert world.episode[0, Episode.TICK] == 20001


def test_equipment_beyond_the_stop_is_no_reason_to_stop():
    """A cart on the taxi-out path ahead of the nose: in the way on the whole path, not if the aircraft ends before."""
    bank = make_bank()
    row = np.zeros(len(Aircraft))
    set_shape(row, AIRCRAFT, 2)
    path, start, end, margin = 2, 40.0, 58.0, 2.0  # the end lies between two poses of the grid
    row[Aircraft.PATH], row[Aircraft.S] = path, start
    cart = np.zeros(len(Body))
    cart[[Body.FRONT, Body.REAR, Body.HALF_WIDTH, Body.COS]] = 1.0
    cart[Body.Y] = bank.path_y[bank.path_pt0[path]]

    def stop_s(nose_gap_m, until):
        cart[Body.X] = bank.path_x[bank.path_pt0[path]] + end + row[Aircraft.FUSE_FRONT] + nose_gap_m + 1.0
        return body_stop_s(row, bank, path, until, 200.0, cart, margin)

    beyond = stop_s(margin + 0.5, end)
    assert beyond == NEVER_M
    assert start < stop_s(margin + 0.5, bank.path_len[path]) <= end
    assert start < stop_s(margin - 0.5, end) <= end  # just inside the margin at the stop itself
    assert stop_s(-5.0, end) <= end - 4.0
