"""Crossing table: the time to conflict is the soonest possible and close to what a free aircraft needs."""

import math

import pytest
import shapely

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Aircraft, Body, Crossing, Episode
from airside_sim.constants import AircraftPhase
from airside_sim.kernels.aircraft import reset_aircraft
from airside_sim.kernels.crossings import time_to_cover
from airside_sim.traffic_config import DEFAULT_TRAFFIC
from airside_sim.vehicles import VEHICLES
from tests.kernels.apron_bank import CROSS_X, make_bank, make_world, outline, run_ticks

ZONE = shapely.box(CROSS_X - 10.0, -30.0, CROSS_X + 10.0, 30.0)


def _run(world, bank, ticks):
    run_ticks(world, bank, AIRCRAFT, VEHICLES, DEFAULT_TRAFFIC, ticks)


@pytest.mark.parametrize(("distance", "speed"), [(5.0, 0.0), (100.0, 3.0), (300.0, 8.0), (40.0, 7.5)])
def test_time_to_cover_against_small_steps(distance, speed):
    s = t = 0.0
    v = speed
    while s < distance:
        v = min(v + 0.25 * 1e-3, 8.0)
        s += v * 1e-3
        t += 1e-3
    assert time_to_cover(distance, speed, 8.0, 0.25) == pytest.approx(t, abs=0.01)


def test_no_aircraft_enters_before_its_announced_time():
    bank = make_bank()
    world = make_world(bank, seed=6, ego=(CROSS_X, 100.0))
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    announced = []  # (tick, time to conflict)
    entries = 0
    inside_before = True
    for _ in range(15000):
        _run(world, bank, 1)
        row = world.crossing[0, 0]
        tick = world.episode[0, Episode.TICK]
        inside = any(
            outline(world, i).intersects(ZONE)
            for i in range(5)
            if world.body[0, i, Body.CLASS] >= 0 and abs(world.body[0, i, Body.X] - CROSS_X) < 60.0
        )
        if inside:
            assert row[Crossing.TIME_TO_CONFLICT] == 0.0
            if not inside_before:
                entries += 1
                for then, ttc in announced[-1200:]:
                    assert 0.1 * (tick - then) >= ttc - 0.2, (then, tick, ttc)
        inside_before = inside
        announced.append((tick, row[Crossing.TIME_TO_CONFLICT]))
    assert entries >= 3


def test_aircraft_holds_before_an_occupied_crossing():
    bank = make_bank()
    world = make_world(bank, seed=6, ego=(CROSS_X, 100.0))
    world.crossing[0, 0, Crossing.EGO_INSIDE] = 1.0
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    held = 0.0
    for k in range(600):
        _run(world, bank, 20)
        for i in range(5):
            leaving = world.aircraft[0, i, Aircraft.PHASE] == AircraftPhase.TAXI_OUT
            if leaving and k > 100:
                assert not outline(world, i).intersects(ZONE)
                held = max(held, world.aircraft[0, i, Aircraft.STOP_TIME])
    assert held > 60.0
    assert math.isfinite(world.crossing[0, 0, Crossing.DISTANCE])
