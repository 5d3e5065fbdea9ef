"""Equipment at stands: no strip is shared, the outline of the stand's aircraft stays clear, slow and in order."""

from itertools import pairwise

import numpy as np
import pytest

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Aircraft, Body, Episode, Prop
from airside_sim.constants import AircraftPhase, BevChannel, VehicleClass
from airside_sim.env_config import resolve
from airside_sim.kernels.prop_places import NUM_STRIPS, WING_CLEAR_M, nose_outline, strip_of, vehicle_of
from airside_sim.kernels.props import SLOTS, raster_bits, stand_props_clear, step_props
from airside_sim.outlines import overlapping_pairs
from airside_sim.sim import Simulator
from airside_sim.traffic_config import DEFAULT_TRAFFIC
from airside_sim.vehicles import VEHICLES
from tests.kernels.apron_soak import outline, peak_simulator


def test_strips_of_one_side_are_apart() -> None:
    strips = []
    for k in range(NUM_STRIPS):
        x, side, _ = strip_of(k)
        half = 0.5 * VEHICLES.width_m[vehicle_of(k)]
        strips.append((side, x - half, x + half))
    for before, after in pairwise(sorted(set(strips))):
        assert before[0] != after[0] or after[1] - before[2] > 0.14, (before, after)


@pytest.mark.parametrize("kind", range(10))
def test_nose_outline_matches_the_parts(kind: int) -> None:
    half, front = nose_outline(AIRCRAFT, kind)
    assert 1.3 < half < 4.0
    assert (
        front + AIRCRAFT.wheelbase_m[kind] < AIRCRAFT.wheelbase_m[kind] - WING_CLEAR_M
    )  # wings lie behind the nose wheel


def test_props_serve_parked_aircraft_and_are_back_before_the_push() -> None:
    sim = peak_simulator(2)
    sim.reset(seeds=np.array([3, 4]))
    w = sim.world
    slots = [
        i for i in range(w.aircraft.shape[1])
        if w.aircraft[0, i, Aircraft.PHASE] == AircraftPhase.PARKED
        and w.prop[0, i * SLOTS : (i + 1) * SLOTS, Prop.ACTIVE].sum() >= 2
    ]  # fmt: skip
    assert slots
    slot = slots[0]
    rows = w.prop[0, slot * SLOTS : (slot + 1) * SLOTS]
    w.person[0] = 0.0  # nobody in the way
    w.ego_body[0, :, Body.CLASS] = -1.0
    stand = int(w.aircraft[0, slot, Aircraft.STAND])
    rows[:, [Prop.U, Prop.SETTLED]] = 0.0
    w.aircraft[0, slot, Aircraft.SERVING] = 2**SLOTS - 1
    plane = outline(w.body[0, slot], True)
    fastest = 0.0
    for _ in range(1200):
        before = rows[:, Prop.U] * rows[:, Prop.LENGTH]
        step_props(0, w, sim.bank, VEHICLES, AIRCRAFT, DEFAULT_TRAFFIC)
        fastest = max(fastest, float(np.abs(rows[:, Prop.U] * rows[:, Prop.LENGTH] - before).max()) / 0.1)
        for row in rows[rows[:, Prop.ACTIVE] == 1.0]:
            assert outline(w.body[0, int(row[Prop.BODY])], False).distance(plane) > 0.3
    active = rows[:, Prop.ACTIVE] == 1.0
    assert (rows[active, Prop.U] == 1.0).all()
    assert 0.0 < fastest <= 1.4
    for row in rows[active]:
        is_train = row[Prop.CLASS] == VehicleClass.DOLLY  # beside the belt loader
        assert outline(w.body[0, int(row[Prop.BODY])], False).distance(plane) < (9.0 if is_train else 3.0)
    assert not stand_props_clear(0, w, stand)
    w.aircraft[0, slot, Aircraft.SERVING] = 0.0
    for _ in range(1200):
        step_props(0, w, sim.bank, VEHICLES, AIRCRAFT, DEFAULT_TRAFFIC)
    assert stand_props_clear(0, w, stand)
    assert w.episode[0, Episode.DENSITY] == 1.0


def test_stands_too_small_for_any_known_type_have_no_equipment_and_none_stands_on_a_road() -> None:
    sim = Simulator(resolve("apron", map="generated:11-14", obs_type="state", traffic=1.0), 8)
    sim.reset(seeds=20_000_000 + np.arange(8))
    world, bank = sim.world, sim.bank
    smallest = AIRCRAFT.code.min()
    assert (bank.stand_code < smallest).any()
    road = 1 << BevChannel.SERVICE_ROAD
    for e in range(8):
        rows = world.prop[e][world.prop[e, :, Prop.ACTIVE] == 1.0]
        assert (bank.stand_code[rows[:, Prop.STAND].astype(int)] >= smallest).all()
        m = int(world.episode[e, Episode.MAP])
        for body in world.body[e, rows[:, Prop.BODY].astype(int)]:
            assert not raster_bits(bank, m, body[Body.X], body[Body.Y]) & road
        assert overlapping_pairs(world, e) == []
