"""Stand zones close in time, open again, and a push in progress leaves when it was asked to."""

import math

import numpy as np
import pytest
import shapely

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Aircraft, Body, Stand
from airside_sim.constants import AircraftPhase
from airside_sim.kernels.aircraft import reset_aircraft, start_pushback_in_progress
from airside_sim.traffic_config import DEFAULT_TRAFFIC
from airside_sim.vehicles import VEHICLES
from tests.kernels.apron_bank import ROAD_Y, make_bank, make_world, outline, run_ticks, zones_closed


def _run(world, bank, ticks):
    run_ticks(world, bank, AIRCRAFT, VEHICLES, DEFAULT_TRAFFIC, ticks)


def test_an_aircraft_over_the_road_always_has_its_zone_closed():
    bank = make_bank()
    world = make_world(bank, seed=4)
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    road = shapely.LineString([(-500.0, ROAD_Y), (500.0, ROAD_Y)]).buffer(2.0)
    over = opened = 0
    for _ in range(2500):
        _run(world, bank, 10)
        closed = zones_closed(world)
        for i in range(world.aircraft.shape[1]):
            if world.aircraft[0, i, Aircraft.PHASE] == AircraftPhase.PARKED:
                assert not closed[i]
                opened += 1
            elif world.body[0, i, Body.CLASS] >= 0 and outline(world, i).intersects(road):
                assert closed[i], world.aircraft[0, i]
                over += 1
    assert over > 50
    assert opened > 50


@pytest.mark.parametrize("clear_in_s", [10.0, 25.0, 40.0])
def test_push_in_progress_clears_when_asked(clear_in_s):
    bank = make_bank()
    for seed in range(6):
        world = make_world(bank, seed=seed)
        reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
        assert start_pushback_in_progress(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC, 2, clear_in_s)
        _run(world, bank, 1)
        assert zones_closed(world)[2]
        ticks = 0
        while zones_closed(world)[2]:
            _run(world, bank, 1)
            ticks += 1
            assert ticks < 1200
        assert abs(0.1 * ticks - clear_in_s) < 5.0, (seed, ticks)


def test_arrival_waits_outside_an_occupied_zone():
    bank = make_bank()
    world = make_world(bank, seed=1)
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    road = shapely.LineString([(-500.0, ROAD_Y), (500.0, ROAD_Y)]).buffer(2.0)
    _run(world, bank, 600)
    world.stand[0, :, Stand.OCCUPANTS] = 1.0
    entered = {i for i in range(5) if world.body[0, i, Body.CLASS] >= 0 and outline(world, i).intersects(road)}
    for _ in range(500):
        _run(world, bank, 20)
        for i in range(5):
            arriving = world.aircraft[0, i, Aircraft.PHASE] == AircraftPhase.TAXI_IN
            if arriving and i not in entered:
                assert not outline(world, i).intersects(road)
    assert (world.aircraft[0, :, Aircraft.PHASE] != AircraftPhase.PUSHBACK).all()


def test_tug_returns_to_the_nose_wheel_stop_and_only_over_a_closed_zone():
    bank = make_bank()
    world = make_world(bank, seed=0)
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    assert start_pushback_in_progress(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC, 1, 20.0)
    away = 0
    for _ in range(2000):
        _run(world, bank, 1)
        tug = world.body[0, 5 + 1]
        if world.aircraft[0, 1, Aircraft.TUG] == 3:
            away += 1
            assert zones_closed(world)[1]
        assert tug[Body.CLASS] >= 0
    assert away > 100
    assert math.hypot(tug[Body.X] - bank.stand_x[1], tug[Body.Y] - bank.stand_y[1]) < 6.0


def test_more_stands_than_slots_takes_those_by_the_route():
    bank = make_bank(tuple(np.arange(-400.0, 401.0, 50.0)))
    world = make_world(bank)
    world = world._replace(aircraft=np.zeros((1, 4, len(Aircraft))), route=np.zeros((1, 4, world.route.shape[2])))
    world.route[0, :, 0] = 200.0
    world.route[0, :, 1] = ROAD_Y
    world.episode[0, 3] = 4
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    chosen = bank.stand_x[world.aircraft[0, :, Aircraft.STAND].astype(int)]
    assert set(chosen) == {200.0, 150.0, 250.0, 300.0} or set(chosen) == {200.0, 150.0, 250.0, 100.0}
