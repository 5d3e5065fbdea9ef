"""Injected events in a vehicle's row: a container on the road, a fire engine under lights, a driver without rules."""

from pathlib import Path

import numpy as np
import pytest

from airside_sim.columns import Body, Ego, Episode, Inject, Junction, Vehicle
from airside_sim.constants import ActorClass, VehicleClass, VehicleRole
from airside_sim.drivers import STYLES
from airside_sim.info import Info
from airside_sim.kernels.expert_style import Style
from airside_sim.kernels.junctions import grant_junctions, is_free_for, right_of_way_rank
from airside_sim.outlines import overlapping_pairs
from tests.kernels.test_inject import NUM_ENVS, Drive, write_scenario
from tests.kernels.test_junctions import EAST, RANK_S, SOUTH, asking, locks


def rows_of(drive: Drive, role: VehicleRole) -> list[tuple[int, int]]:
    """(env, vehicle) of every vehicle row in that role."""
    vehicle = drive.world.vehicle
    return list(
        zip(*np.nonzero((vehicle[..., Vehicle.ROLE] == role) & (vehicle[..., Vehicle.ACTIVE] == 1)), strict=True)
    )


def away_m(drive: Drive, e: int, v: int) -> float:
    """Distance of a vehicle's first body from the ego."""
    body = drive.world.body[e, int(drive.world.vehicle[e, v, Vehicle.BODY])]
    return float(np.hypot(body[Body.X] - drive.world.ego[e, Ego.X], body[Body.Y] - drive.world.ego[e, Ego.Y]))


def view_m(drive: Drive) -> float:
    return drive.env.unwrapped.simulator.traffic.view_m


def touching(drive: Drive) -> list:
    return [(e, pair) for e in range(NUM_ENVS) for pair in overlapping_pairs(drive.world, e)]


def test_a_container_lies_on_the_lane_drivers_queue_and_a_crew_clears_it(tmp_path: Path) -> None:
    drive = Drive(write_scenario(tmp_path, "{event: uld_falls_off, after_m: 10, for_s: 25, aside_m: 0.4}"), traffic=0.8)
    places: dict[tuple[int, int], np.ndarray] = {}
    lain = np.zeros(NUM_ENVS)
    led = 0
    for tick in range(800):
        drive.step()
        for e, v in rows_of(drive, VehicleRole.ULD):
            n = int(drive.world.vehicle[e, v, Vehicle.BODY])
            body = drive.world.body[e, n]
            place = body[[Body.X, Body.Y]].copy()
            if not np.array_equal(places.setdefault((e, v), place), place):
                places[e, v] = place  # a later episode's
                lain[e] = -1e9
            lain[e] += drive.first[e]
            assert body[Body.CLASS] == ActorClass.BAGGAGE_CART
            assert body[Body.SHAPE] == VehicleClass.ULD
            assert body[Body.FRONT] + body[Body.REAR] == pytest.approx(1.562)
            route = drive.world.route[e, : int(drive.world.episode[e, Episode.ROUTE_POINTS]), :2]
            assert np.hypot(*(route - place).T).min() < 2.0  # beside the lane's middle
            led += (drive.world.vehicle[e, :, Vehicle.LEADER] == n).any()
        if tick % 20 == 0:
            assert touching(drive) == []
    logged = [e for e in range(NUM_ENVS) if drive.records(e, "uld_fell_off") and drive.first[e]]
    assert len(places) >= 12
    assert led > 100  # drivers who follow it
    assert logged
    assert all(drive.records(e, "uld_fell_off")[0]["distance_m"] > 10.0 for e in logged)
    cleared = [e for e in logged if drive.records(e, "uld_cleared")]
    assert cleared
    for e in cleared:
        fell, gone = drive.records(e, "uld_fell_off")[0], drive.records(e, "uld_cleared")[0]
        assert gone["time_s"] - fell["time_s"] >= 24.9
    assert lain.max() <= 400


def test_an_ego_that_does_not_look_hits_the_container_at_its_own_fault(tmp_path: Path, monkeypatch) -> None:
    text = "{event: uld_falls_off, at_s: 1, for_s: 120, aside_m: 0}"
    path = write_scenario(tmp_path, text, base="breakdown_ahead")
    assert collisions(Drive(path, traffic=0.0)) == (0, 0)
    monkeypatch.setitem(STYLES, "blind", Style(sees_vehicles=0.0))
    hits, faults = collisions(Drive(path, driver="blind", traffic=0.0))
    assert hits >= 12
    assert faults == hits


def collisions(drive: Drive) -> tuple[int, int]:
    """(first episodes that end in a vehicle, those at fault) of 70 s."""
    hits = faults = 0
    for _ in range(700):
        first = drive.first.copy()
        info = drive.step()
        struck = first & (info["cost/collision_vehicle"] > 0)
        hits += int(struck.sum())
        faults += int((struck & (info["at_fault"] > 0)).sum())
    return hits, faults


def test_a_fire_engine_comes_from_out_of_view_under_lights_and_leaves_out_of_view(tmp_path: Path) -> None:
    text = "{event: emergency_vehicle, at_s: 2, for_s: 20}"
    drive = Drive(write_scenario(tmp_path, text, base="junctions"), traffic=0.15)
    here: dict[tuple[int, int], float] = {}
    fastest = np.zeros(NUM_ENVS)
    came = np.full(NUM_ENVS, np.inf)
    for tick in range(700):
        drive.step()
        here = {key: far_m for key, far_m in here.items() if drive.first[key[0]]}
        now = {(e, v): away_m(drive, e, v) for e, v in rows_of(drive, VehicleRole.EMERGENCY) if drive.first[e]}
        for (e, v), far_m in now.items():
            row = drive.world.vehicle[e, v]
            body = drive.world.body[e, int(row[Vehicle.BODY])]
            assert body[Body.BEACON] == 1.0
            assert body[Body.SHAPE] == VehicleClass.FIRE_ENGINE
            if (e, v) not in here:
                assert far_m > view_m(drive)
            fastest[e] = max(fastest[e], row[Vehicle.SPEED])
            came[e] = min(came[e], far_m)
        for key in set(here) - set(now):
            assert here[key] > view_m(drive)
        here = now
        if tick % 20 == 0:
            assert touching(drive) == []
    assert np.isfinite(came).sum() >= 20
    assert np.percentile(came[np.isfinite(came)], 40) < 60.0  # its way leads past the ego's
    assert fastest.max() <= 18.01
    assert np.percentile(fastest, 75) > 10.0  # limits are 6.7 to 8.3 m/s
    assert (drive.state[drive.first & (came < np.inf)] == 3).any()  # gone again


def test_a_fire_engine_goes_first_at_a_junction() -> None:
    assert right_of_way_rank(VehicleClass.FIRE_ENGINE, 0.0) > 20.0 * right_of_way_rank(VehicleClass.BUS, 0.0)


def test_a_rogue_driver_speeds_tailgates_and_is_a_driver_again(tmp_path: Path) -> None:
    drive = Drive(write_scenario(tmp_path, "{event: rogue_driver, at_s: 2, for_s: 20, pace: 1.6}"), traffic=0.8)
    before = {}
    over_limit = 0
    wild = 0
    for tick in range(420):
        usual = drive.world.vehicle[..., [Vehicle.DESIRED, Vehicle.TARGET_GAP]].copy()
        drive.step()
        for e, v in rows_of(drive, VehicleRole.ROGUE):
            row = drive.world.vehicle[e, v]
            before.setdefault((e, v), usual[e, v])
            assert row[Vehicle.DESIRED] == 1.6
            assert row[Vehicle.TARGET_GAP] < 0.5
            wild += 1
            over_limit += row[Vehicle.SPEED] > 1.25 * limit_mps(drive, row)
        if tick % 20 == 0:
            assert touching(drive) == []
    assert len(before) >= 20
    assert over_limit > 0.1 * wild
    back = [
        (e, v) for e, v in before
        if drive.first[e] and drive.state[e] == 3 and int(drive.world.inject[e, 0, Inject.TARGET]) == v
        and drive.world.vehicle[e, v, Vehicle.DESIRED] == before[e, v][0]
    ]  # fmt: skip
    assert len(back) >= 8
    late = (drive.state != 3) | ~drive.first  # nobody was near at first, or a second episode has begun
    assert [e for e, _ in rows_of(drive, VehicleRole.ROGUE) if not late[e]] == []
    assert not any(drive.world.info[e, Info.COST_COLLISION_VEHICLE] for e in range(NUM_ENVS) if drive.first[e])


def limit_mps(drive: Drive, row: np.ndarray) -> float:
    """Limit of the lane under a vehicle's front."""
    bank = drive.env.unwrapped.simulator.bank
    lane = int(row[Vehicle.LANE])
    return float(bank.pt_limit[bank.lane_pt0[lane] + int(row[Vehicle.S] / bank.lane_ds[lane])])


def test_a_rogue_driver_takes_a_free_junction_out_of_turn_but_not_from_who_is_inside() -> None:
    vehicles = np.stack([asking(SOUTH), asking(EAST, waited_s=30.0)])
    junction = locks()
    entry, conflict = int(vehicles[0, Vehicle.ASK_LANE0]), int(vehicles[0, Vehicle.ASK_CONFLICT0])

    def may_go(role: VehicleRole) -> bool:
        vehicles[0, Vehicle.ROLE] = role
        return bool(is_free_for(vehicles, 0, junction, 0, entry, conflict, RANK_S))

    assert not may_go(VehicleRole.DRIVER)  # the other has waited longer
    assert may_go(VehicleRole.ROGUE)
    junction[0, Junction.EGO_FLAG], junction[0, Junction.EGO_MASK], junction[0, Junction.EGO_LANE] = 1, conflict, -5
    assert may_go(VehicleRole.ROGUE)  # nor does he care for an ego that has it
    vehicles[0, Vehicle.ROLE] = VehicleRole.DRIVER
    grant_junctions(vehicles[1:], locks(), RANK_S)
    assert not may_go(VehicleRole.ROGUE)
