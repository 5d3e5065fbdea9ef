"""Hazard quads: convex, where the aircraft is, and only while there is a reason."""

import numpy as np
import pytest
import shapely

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Aircraft, Body
from airside_sim.constants import AircraftPhase, HazardKind
from airside_sim.kernels.aircraft import reset_aircraft, start_pushback_in_progress
from airside_sim.traffic_config import DEFAULT_TRAFFIC
from airside_sim.vehicles import VEHICLES
from tests.kernels.apron_bank import make_bank, make_world, outline, run_ticks


def _run(world, bank, ticks):
    run_ticks(world, bank, AIRCRAFT, VEHICLES, DEFAULT_TRAFFIC, ticks)


def _quads(world, kind):
    rows = world.hazard[0][world.hazard[0, :, 8] == kind]
    return [(int(row[9]), shapely.Polygon(row[:8].reshape(4, 2))) for row in rows]


def test_quads_are_counter_clockwise_and_owned_by_aircraft_with_a_reason():
    bank = make_bank()
    world = make_world(bank, ego=(30.0, 40.0), seed=2)
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    found = set()
    for _ in range(600):
        _run(world, bank, 30)
        for kind in HazardKind:
            if kind == HazardKind.NONE:
                continue
            for owner, quad in _quads(world, kind):
                found.add(kind)
                assert quad.exterior.is_ccw
                assert quad.area == pytest.approx(quad.convex_hull.area)
                row = world.aircraft[0, owner]
                if kind in (HazardKind.JET_BLAST, HazardKind.INTAKE):
                    assert row[Aircraft.ENGINES] == 1
                elif kind == HazardKind.PUSHBACK:
                    assert row[Aircraft.PHASE] in (AircraftPhase.BEACON_ON, AircraftPhase.PUSHBACK)
                else:
                    assert row[Aircraft.PHASE] == AircraftPhase.PARKED
    assert found >= {HazardKind.JET_BLAST, HazardKind.INTAKE, HazardKind.PUSHBACK}


def test_blast_lies_behind_and_intake_ahead_of_the_engines():
    bank = make_bank()
    world = make_world(bank, ego=(0.0, 0.0), seed=2)
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    checked = 0
    for _ in range(300):
        _run(world, bank, 30)
        for owner, quad in _quads(world, HazardKind.JET_BLAST):
            body = world.body[0, owner]
            kind = int(body[Body.SHAPE])
            reach = (np.asarray(quad.exterior.coords) - body[:2]) @ body[[Body.COS, Body.SIN]]
            assert reach.max() == pytest.approx(AIRCRAFT.engine_x[kind, 0])
            assert -AIRCRAFT.tail_m[kind] - 51.0 < reach.min() < -AIRCRAFT.tail_m[kind] - 24.0
            checked += 1
    assert checked > 20


def test_push_envelope_covers_the_aircraft_until_the_end_of_its_push():
    bank = make_bank()
    world = make_world(bank, ego=(30.0, 40.0), seed=0)
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    assert start_pushback_in_progress(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC, 2, 30.0)
    _run(world, bank, 1)
    area = shapely.union_all([quad for owner, quad in _quads(world, HazardKind.PUSHBACK) if owner == 2])
    while world.aircraft[0, 2, Aircraft.PHASE] == AircraftPhase.PUSHBACK:
        assert outline(world, 2).difference(area.buffer(1.5)).area < 8.0
        _run(world, bank, 20)


def test_far_hazards_are_not_kept():
    bank = make_bank()
    world = make_world(bank, ego=(5000.0, 0.0))
    reset_aircraft(0, world, bank, AIRCRAFT, DEFAULT_TRAFFIC)
    _run(world, bank, 200)
    assert (world.hazard[0, :, 8] == 0).all()
