"""Background vehicles: car-following against closed forms, rail poses on a circle, lists of lanes, room rules."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airside_sim.columns import LOCKS_PER_VEHICLE, Body, Ego, Episode, Junction, Route, Stand, Vehicle
from airside_sim.constants import DT_S, FeatureKind, StopReason, VehicleClass
from airside_sim.kernels.following import idm_accel, safe_speed, stop_accel
from airside_sim.kernels.lane_lists import list_lanes, unlist_lanes
from airside_sim.kernels.lane_rail import (
    OVERHANG_SHARE,
    MapIds,
    map_ids,
    node_span,
    point_ahead,
    point_behind,
    roll_over,
)
from airside_sim.kernels.missions import draw_destination
from airside_sim.kernels.obstacles import CLEAR_M, OUTLINE_STEP_M, gap_of_outline
from airside_sim.kernels.path_scan import FAR_M, LINE_M, scan_path
from airside_sim.kernels.vehicle_driver import _closing_mps
from airside_sim.kernels.vehicles_spawn import mover_length, write_vehicle
from airside_sim.kernels.vehicles_step import HOLD_AND_WAIT_S, _keeps_lock, _move_away
from airside_sim.vehicles import VEHICLES
from tests.kernels.apron_soak import peak_simulator
from tests.kernels.lane_net import LaneBank, circle, lane_world, net_from, straight, vehicle_row
from tests.kernels.test_convex import box_polygon


def scan(vehicles: np.ndarray, v: int, bank: LaneBank, at: MapIds):
    world = lane_world(vehicles, at.num_lanes)
    list_lanes(0, world, bank, at)
    found = scan_path(0, world, bank, at, v, 1.5, 8.0)
    unlist_lanes(0, world, at)
    assert (world.lane_head == -1).all()
    return found


@pytest.mark.parametrize("speed", [2.0, 5.0, 7.5])
def test_idm_rests_at_its_equilibrium_gap(speed: float) -> None:
    # Treiber et al. (2000), eq. 4: s_e = (s0 + v T) / sqrt(1 - (v / v0)^4)
    gap = (2.0 + speed * 1.4) / math.sqrt(1.0 - (speed / 9.0) ** 4)
    assert idm_accel(speed, 9.0, gap, speed, 1.0, 1.5, 2.0, 1.4) == pytest.approx(0.0, abs=1e-9)
    assert idm_accel(speed, 9.0, gap - 0.5, speed, 1.0, 1.5, 2.0, 1.4) < 0.0


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 12.0), st.floats(0.0, 12.0), st.floats(0.7, 60.0))
def test_nobody_hits_a_leader_that_brakes_fully(speed: float, leader: float, gap: float) -> None:
    speed = min(speed, safe_speed(gap - 0.6, leader, 5.0, 8.0))  # a state that the law itself can reach
    for _ in range(300):
        leader = max(0.0, leader - 8.0 * DT_S)
        wish = idm_accel(speed, 9.0, gap, leader, 1.0, 1.5, 2.0, 1.4)
        hard = (safe_speed(gap - 0.6, leader, 5.0, 8.0) - speed) / DT_S
        speed = max(0.0, speed + max(min(wish, hard), -8.0) * DT_S)
        gap += (leader - speed) * DT_S
        assert gap > 0.0


def test_stop_law_stops_at_the_line() -> None:
    left, speed, hardest = 40.0, 8.0, 0.0
    for _ in range(600):
        accel = min(stop_accel(speed, left, 1.5), 1.0)
        hardest = min(hardest, accel)
        speed = max(0.0, speed + accel * DT_S)
        left -= speed * DT_S
    assert 0.0 <= left < 0.3
    assert hardest > -2.0


@pytest.mark.parametrize("radius", [15.0, 30.0])
def test_train_lies_on_the_rail_of_a_circle(radius: float) -> None:
    bank, _ = net_from([circle(radius, 4.0, 0.25)], [])
    row = vehicle_row(0, 40.0, VehicleClass.TRACTOR, 4)
    row[Vehicle.SPEED] = 5.0
    body = np.zeros((5, len(Body)))
    write_vehicle(row, body, bank, VEHICLES)
    cls, dolly = VehicleClass.TRACTOR, VehicleClass.DOLLY
    back = VEHICLES.front_m[cls]
    wheelbase = VEHICLES.wheelbase_m[cls]
    lead = back - OVERHANG_SHARE * (back - wheelbase)  # the tractor's guided point lies between front axle and bumper
    for k in range(5):
        rear, front = (40.0 - back) / radius, (40.0 - back + lead) / radius
        assert body[k, Body.X] == pytest.approx(radius * math.cos(rear), abs=0.02)
        assert body[k, Body.Y] == pytest.approx(radius * math.sin(rear), abs=0.02)
        heading = 0.5 * (front + rear) + 0.5 * math.pi  # a chord's direction
        assert body[k, Body.COS] == pytest.approx(math.cos(heading), abs=0.01)
        assert body[k, Body.SIN] == pytest.approx(math.sin(heading), abs=0.01)
        assert math.hypot(body[k, Body.VX], body[k, Body.VY]) == pytest.approx(5.0)
        back += VEHICLES.hitch_m[cls if k == 0 else dolly] + VEHICLES.drawbar_m[dolly] + VEHICLES.wheelbase_m[dolly]
        lead = VEHICLES.wheelbase_m[dolly]
    tail = body[4, Body.X] - VEHICLES.rear_m[dolly] * body[4, Body.COS], body[4, Body.Y]
    x, _ = point_behind(row, bank, mover_length(VEHICLES, cls, 4))
    assert x == pytest.approx(tail[0], abs=0.1)


def test_rail_runs_through_lane_changes() -> None:
    bank, at = net_from([straight(0, 0, 20, 0), straight(20, 0, 40, 0), straight(40, 0, 60, 0)], [(0, 1), (1, 2)])
    row = vehicle_row(0, 20.5, dest=2)
    roll_over(row, bank, at, 1)
    assert row[Vehicle.S] == pytest.approx(0.5)
    assert row[Vehicle.PREV_LANE0] == 0.0
    assert point_behind(row, bank, 5.5) == pytest.approx((15.0, 0.0))
    assert point_ahead(row, bank, at, 30.0) == pytest.approx((50.5, 0.0))
    low, high = node_span(row, bank, 1)
    assert (low, high) == pytest.approx((20.5 - row[Vehicle.LENGTH], 20.0))


def test_scan_finds_the_tail_on_a_later_lane() -> None:
    bank, at = net_from([straight(0, 0, 30, 0), straight(30, 0, 60, 0)], [(0, 1)])
    vehicles = np.stack([vehicle_row(0, 25.0, dest=1), vehicle_row(1, 20.0, trailers=2, dest=1)])
    vehicles[0, Vehicle.SPEED] = 6.0
    _, _, gap, leader, _ = scan(vehicles, 0, bank, at)
    assert leader == 1
    assert gap == pytest.approx(30.0 + 20.0 - vehicles[1, Vehicle.LENGTH] - 25.0)


def test_junction_is_asked_for_only_with_room_beyond() -> None:
    lines = [straight(0, 0, 30, 0), straight(30, 0, 45, 0), straight(45, 0, 100, 0)]
    bank, at = net_from(lines, [(0, 1), (1, 2)], junction=[-1, 0, -1])
    vehicles = np.stack([vehicle_row(0, 25.0, dest=2), vehicle_row(2, 6.0, dest=2)])
    scan(vehicles, 0, bank, at)
    assert vehicles[0, Vehicle.NUM_ASKS] == 0.0  # 6 m are not enough for a tractor and a standing leader
    vehicles[1, Vehicle.S] = 30.0
    stop, _, _, _, _ = scan(vehicles, 0, bank, at)
    assert vehicles[0, Vehicle.NUM_ASKS] == 1.0
    assert vehicles[0, Vehicle.ASK0] == 0.0
    assert vehicles[0, Vehicle.ASK_LANE0] == 0.0
    assert vehicles[0, Vehicle.ASK_MASK0] == bank.lane_bit[1, 0]
    assert vehicles[0, Vehicle.ASK_CONFLICT0] == bank.lane_conflict[1, 0]
    assert stop == pytest.approx(30.0 - LINE_M - 25.0)
    vehicles[0, Vehicle.HELD0 + 1] = 0.0
    stop, _, _, _, seen = scan(vehicles, 0, bank, at)
    assert stop == FAR_M
    assert vehicles[0, Vehicle.NUM_ASKS] == 0.0
    assert seen == 0b10  # slot 1


@pytest.mark.parametrize(
    ("front_s", "speed", "beside_m", "asks"),
    [
        (12.0, 0.0, 0.0, False),  # its tail stands 6.5 m beyond the junction
        (17.0, 0.0, 0.0, True),
        (12.0, 6.0, 0.0, True),  # drives on: its stopping distance is room too
        (3.0, 0.0, 0.0, False),  # its tail lies in the junction still
        (12.0, 0.0, 4.0, True),  # off its route, on another lane
    ],
)
def test_the_tail_of_the_ego_beyond_a_junction_keeps_others_out(
    front_s: float, speed: float, beside_m: float, asks: bool
) -> None:
    """The ego of 5.5 m is front_s behind the junction of 15 m; a tractor of 5.5 m stands 5 m before it."""
    bank, at = net_from(
        [straight(0, 0, 30, 0), straight(30, 0, 45, 0), straight(45, 0, 100, 0)], [(0, 1), (1, 2)], [-1, 0, -1]
    )
    world = lane_world(np.stack([vehicle_row(0, 25.0, dest=2)]), 3)
    route = np.zeros((1, 101, len(Route)))
    s = np.arange(101.0)
    route[0, :, Route.LANE] = np.searchsorted([30.0, 45.0], s, side="right")
    route[0, :, Route.LANE_S] = s - np.array([0.0, 30.0, 45.0])[route[0, :, Route.LANE].astype(int)]
    world = world._replace(route=route)
    world.ego[0, [Ego.TRAIN_LENGTH, Ego.SPEED]] = 5.5, speed
    world.episode[0, [Episode.ROUTE_POINTS, Episode.S_FRONT, Episode.LATERAL]] = 101.0, 45.0 + front_s, beside_m
    list_lanes(0, world, bank, at)
    _, reason, _, leader, _ = scan_path(0, world, bank, at, 0, 1.5, 8.0)
    assert leader == -1
    assert world.vehicle[0, 0, Vehicle.NUM_ASKS] == float(asks)
    assert reason == (StopReason.JUNCTION if asks else StopReason.NO_ROOM)


def row_of_junctions(gap_m: float) -> tuple[LaneBank, MapIds]:
    """Three junctions of 12 m on one road, gap_m of road between them, 100 m of road after."""
    marks = np.cumsum([0.0, 30.0, 12.0, gap_m, 12.0, gap_m, 12.0, 100.0])
    lines = [straight(a, 0, b, 0) for a, b in pairwise(marks)]
    return net_from(lines, list(pairwise(range(7))), [-1, 0, -1, 1, -1, 2, -1])


@pytest.mark.parametrize(("gap_m", "asked"), [(5.0, [0, 1, 2]), (30.0, [0])])
def test_junctions_without_room_between_are_asked_for_together(gap_m: float, asked: list[int]) -> None:
    bank, at = row_of_junctions(gap_m)
    vehicles = np.stack([vehicle_row(0, 25.0, dest=6), vehicle_row(6, 60.0, dest=6)])
    stop, _, _, _, _ = scan(vehicles, 0, bank, at)
    num = len(asked)
    assert vehicles[0, Vehicle.NUM_ASKS] == num
    assert list(vehicles[0, Vehicle.ASK0 : Vehicle.ASK0 + num]) == asked
    assert list(vehicles[0, Vehicle.ASK_LANE0 : Vehicle.ASK_LANE0 + num]) == [2 * j for j in asked]
    assert stop == pytest.approx(30.0 - LINE_M - 25.0)
    # The leader comes to stand close behind the last junction that is needed: no room, so nothing is asked for.
    vehicles[1, Vehicle.LANE], vehicles[1, Vehicle.S] = (6, 6.0) if num == 3 else (2, 6.0)
    scan(vehicles, 0, bank, at)
    assert vehicles[0, Vehicle.NUM_ASKS] == 0.0


def test_who_stands_and_needs_more_locks_gives_back_those_ahead_and_only_those() -> None:
    bank, at = row_of_junctions(5.0)
    row = vehicle_row(0, 25.0, dest=6)
    row[Vehicle.HELD0 + 2] = 0.0
    row[Vehicle.NUM_ASKS] = 1.0
    ahead = 0b100
    row[Vehicle.STOP_TIME] = HOLD_AND_WAIT_S - 0.1
    assert _keeps_lock(row, bank, at, ahead, 2)
    row[Vehicle.STOP_TIME] = HOLD_AND_WAIT_S + 0.1
    assert not _keeps_lock(row, bank, at, ahead, 2)
    row[Vehicle.NUM_ASKS] = 0.0
    assert _keeps_lock(row, bank, at, ahead, 2)  # stands for another reason
    assert not _keeps_lock(row, bank, at, 0, 2)  # neither ahead nor below: left behind
    row[Vehicle.NUM_ASKS] = 1.0
    row[Vehicle.LANE], row[Vehicle.S], row[Vehicle.PREV_LANE0] = 2, 2.0, 1
    assert _keeps_lock(row, bank, at, 0, 2)  # its tail lies in the junction
    row[Vehicle.S] = row[Vehicle.LENGTH] + 0.1
    assert not _keeps_lock(row, bank, at, 0, 2)


def test_who_stands_inside_a_junction_keeps_the_locks_ahead_though_it_needs_more() -> None:
    """It holds the third junction ahead of it and asks for the second; its tail lies in the first, then beyond it."""
    bank, at = row_of_junctions(9.0)
    row = vehicle_row(2, 2.0, dest=6)
    row[Vehicle.PREV_LANE0] = 1
    row[Vehicle.HELD0 + 3] = 2.0
    row[Vehicle.NUM_ASKS], row[Vehicle.STOP_TIME] = 1.0, 60.0
    assert _keeps_lock(row, bank, at, 0b1000, 3)
    assert not _keeps_lock(row, bank, at, 0, 3)  # not ahead: another way was chosen
    row[Vehicle.S] = row[Vehicle.LENGTH] + 0.1
    assert not _keeps_lock(row, bank, at, 0b1000, 3)


def with_zone(kind: FeatureKind) -> tuple[LaneBank, MapIds]:
    """One road of 200 m with a zone from 31 to 91 m, stop line at 30 m."""
    bank, at = net_from([straight(0, 0, 200, 0)], [])
    return bank._replace(
        feat0=np.array([0, 1], np.int32), feat_kind=np.array([kind], np.int32), feat_id=np.zeros(1, np.int32),
        feat_s_stop=np.array([30.0]), feat_s_in=np.array([31.0]), feat_s_out=np.array([91.0]),
    ), at  # fmt: skip


def scan_zone(kind: FeatureKind, leader_s: float, closed: float = 0.0):
    """What a vehicle at 20 m finds behind a leader that stands at leader_s."""
    bank, at = with_zone(kind)
    vehicles = np.stack([vehicle_row(0, 20.0, dest=0), vehicle_row(0, leader_s, dest=0)])
    vehicles[0, Vehicle.SPEED] = 2.0
    world = lane_world(vehicles, 1)
    world.stand[0, 0, Stand.CLOSED] = closed
    world.stand[0, 0, Stand.AIRCRAFT] = -1.0
    list_lanes(0, world, bank, at)
    stop, reason, gap, leader, _ = scan_path(0, world, bank, at, 0, 1.5, 8.0)
    if closed == 0.0:  # a closed line hides what is beyond
        assert leader == 1
        assert gap == pytest.approx(leader_s - vehicles[1, Vehicle.LENGTH] - 20.0)
    return stop, reason


def test_vehicles_follow_each_other_through_an_open_stand_zone() -> None:
    # The leader stands in the zone, 60 m beyond the line.
    assert scan_zone(FeatureKind.STAND_ZONE, 85.0)[0] == FAR_M
    assert scan_zone(FeatureKind.STAND_ZONE, 85.0, closed=1.0) == (pytest.approx(10.0), StopReason.STAND_ZONE)
    # A walk crossing is kept free: behind 91 m there is no room for another vehicle until the leader is well past.
    assert scan_zone(FeatureKind.WALK_CROSSING, 85.0) == (pytest.approx(10.0), StopReason.NO_ROOM)
    assert scan_zone(FeatureKind.WALK_CROSSING, 98.0) == (pytest.approx(10.0), StopReason.NO_ROOM)
    assert scan_zone(FeatureKind.WALK_CROSSING, 110.0)[0] == FAR_M


def test_nobody_is_sent_to_the_lane_of_the_ego_s_goal() -> None:
    lines = [straight(0, 0, 40, 0), straight(40, 0, 80, 0), straight(80, 0, 120, 0), straight(120, 0, 160, 0)]
    bank, at = net_from(lines, [(0, 1), (1, 2), (2, 3), (3, 0)])
    words = np.full(1, 7, np.uint64)
    drawn = [draw_destination(words, 0, bank, at, 0, 0.0, 0.0, 1e6, 2) for _ in range(200)]
    assert set(drawn) == {1, 3}
    assert 2 in [draw_destination(words, 0, bank, at, 0, 0.0, 0.0, 1e6, -1) for _ in range(50)]


def test_nobody_is_sent_across_a_runway() -> None:
    lines = [straight(0, 0, 40, 0), straight(40, 0, 80, 0), straight(80, 0, 120, 0)]
    bank, at = net_from(lines, [(0, 1), (1, 2)])
    runway = np.array([FeatureKind.RUNWAY_CROSSING], np.int32)
    at_m = np.array([20.0])
    bank = bank._replace(feat0=np.array([0, 0, 0, 1], np.int32), feat_kind=runway, feat_id=np.zeros(1, np.int32))
    bank = bank._replace(feat_s_stop=at_m, feat_s_in=at_m, feat_s_out=at_m)
    words = np.full(1, 7, np.uint64)
    drawn = [draw_destination(words, 0, bank, at, 0, 0.0, 0.0, 1e6, -1) for _ in range(100)]
    assert set(drawn) <= {1, -1}
    assert 1 in drawn


@pytest.mark.parametrize(("num_dests", "is_surplus"), [(None, False), (0, False), (None, True)])
def test_a_vehicle_that_is_moved_away_keeps_no_lock(num_dests: int | None, is_surplus: bool) -> None:
    """Also when it is one too many, or its new place leads nowhere and it leaves until there is one that does."""
    sim = peak_simulator(2)
    sim.reset(seeds=np.array([5, 6]))
    w, at = sim.world, map_ids(sim.bank, 0)
    if num_dests is not None:
        at = at._replace(num_dests=num_dests)
    row = w.vehicle[0, 3]
    for slot in range(LOCKS_PER_VEHICLE):
        row[Vehicle.HELD0 + slot] = -1.0
    row[Vehicle.HELD0 + 1] = 2.0
    others = int(w.junction[0, 2, Junction.HOLDERS])
    w.junction[0, 2, Junction.HOLDERS] += 1
    before = row[Vehicle.LANE], row[Vehicle.S]
    for _ in range(200):
        is_gone = _move_away(0, w, sim.bank, at, VEHICLES, 3, sim.traffic, is_surplus)
        if row[Vehicle.ACTIVE] == 0.0 or (row[Vehicle.LANE], row[Vehicle.S]) != before:
            break
    assert is_gone == (num_dests == 0 or is_surplus)
    assert row[Vehicle.ACTIVE] == float(not is_gone)
    assert (w.body[0, int(row[Vehicle.BODY]), Body.CLASS] < 0.0) == is_gone
    assert (row[Vehicle.HELD0 : Vehicle.HELD0 + LOCKS_PER_VEHICLE] == -1.0).all()
    assert w.junction[0, 2, Junction.HOLDERS] == others


def test_who_walks_towards_the_path_counts_and_who_walks_along_or_away_does_not() -> None:
    for heading in (0.0, 1.1, 4.0):
        c, s = math.cos(heading), math.sin(heading)
        front, person = np.zeros(len(Body)), np.zeros(len(Body))
        front[[Body.COS, Body.SIN]] = c, s
        cases = ((5.0, 0.0, -1.4, 1.4), (5.0, 1.4, 0.0, 0.0), (5.0, 0.0, 1.4, 0.0), (-5.0, 1.0, 0.7, 0.7))
        for left, along, across, closing in cases:
            person[[Body.X, Body.Y]] = 20.0 * c - left * s, 20.0 * s + left * c
            person[[Body.VX, Body.VY]] = along * c - across * s, along * s + across * c
            assert _closing_mps(front, person) == pytest.approx(closing, abs=1e-9)


@pytest.mark.parametrize("cls", [VehicleClass.BELT_LOADER, VehicleClass.BUS, VehicleClass.TRACTOR])
@pytest.mark.parametrize("seed", range(6))
def test_the_outline_of_a_turning_vehicle_is_seen_where_it_will_really_be(cls: VehicleClass, seed: int) -> None:
    bank, at = net_from([straight(9, -30, 9, 0), circle(9.0, 0.5 * math.pi, 0.25)], [(0, 1)])
    rng = np.random.default_rng(seed)
    obstacle = np.zeros(len(Body))
    heading, angle, radius = rng.uniform(-3, 3), rng.uniform(0.1, 1.4), rng.choice([5.5, 6.5, 11.0, 12.0, 13.0])
    obstacle[[Body.X, Body.Y]] = radius * math.cos(angle), radius * math.sin(angle)
    obstacle[[Body.COS, Body.SIN]] = math.cos(heading), math.sin(heading)
    obstacle[[Body.FRONT, Body.REAR, Body.HALF_WIDTH]] = 0.8, 0.6, 0.5
    row, body, margin_m = vehicle_row(0, 26.0, cls, dest=1), np.zeros((5, len(Body))), 0.3
    met = CLEAR_M
    for ahead_m in np.arange(0.0, 15.0, 0.05):
        there = row.copy()
        there[Vehicle.S] += ahead_m
        if there[Vehicle.S] > bank.lane_len[0]:
            roll_over(there, bank, at, 1)
        write_vehicle(there, body, bank, VEHICLES)
        if box_polygon(body[0]).distance(box_polygon(obstacle)) < margin_m:
            met = ahead_m
            break
    assert met > 0.5  # not beside it already
    seen = gap_of_outline(row, bank, at, VEHICLES, obstacle, 15.0, margin_m)
    if met < 15.0:
        assert met - 0.06 <= seen <= met + OUTLINE_STEP_M + 0.06
    else:
        assert seen == CLEAR_M
