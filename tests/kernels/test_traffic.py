"""Ten simulated minutes of peak traffic on the training apron round a standing ego."""

import numpy as np
import pytest

from airside_sim.columns import Body, Ego, Person, Prop, Vehicle
from airside_sim.constants import StopReason
from tests.kernels.apron_soak import overlaps, peak_simulator

ENVS = 2
TICKS = 6000
CHECK_EVERY = 20


@pytest.fixture(scope="module")
def soak() -> dict[str, object]:
    sim = peak_simulator(ENVS)
    sim.reset(seeds=np.arange(ENVS) + 11)
    action = np.zeros((ENVS, 2))
    found: dict[str, object] = {"overlap": [], "unexplained": 0, "jump": 0.0, "prop_step": 0.0}
    half = np.zeros(ENVS)
    world = sim.world
    before = world.body.copy()
    for tick in range(TICKS):
        sim.step(action)
        near = np.hypot(world.body[:, :, Body.X] - world.ego[:, Ego.X, None],
                        world.body[:, :, Body.Y] - world.ego[:, Ego.Y, None]) < sim.traffic.view_m  # fmt: skip
        was, now = before[:, :, Body.CLASS] >= 0.0, world.body[:, :, Body.CLASS] >= 0.0
        step = np.hypot(*(world.body[:, :, :2] - before[:, :, :2]).transpose(2, 0, 1))
        found["jump"] = max(found["jump"], step[near & was & now].max(initial=0.0))
        found["vanished"] = found.get("vanished", 0) + int((near & (was != now)).sum())
        before = world.body.copy()
        if tick % CHECK_EVERY == 0:
            for e in range(ENVS):
                found["overlap"] += [(tick, e, *pair) for pair in overlaps(sim, e)]
            stuck = (world.vehicle[:, :, Vehicle.ACTIVE] == 1.0) & (world.vehicle[:, :, Vehicle.STOP_TIME] > 120.0)
            reason = world.vehicle[:, :, Vehicle.STOP_REASON]
            found["unexplained"] += int((stuck & (reason == StopReason.NONE)).sum())
        if tick == TICKS // 2:
            half = world.vehicle[:, :, Vehicle.MISSIONS].sum(axis=1)
    found["missions"] = half, world.vehicle[:, :, Vehicle.MISSIONS].sum(axis=1)
    found["people"] = world.person[:, :, Person.ACTIVE].sum()
    found["props"] = world.prop[:, :, Prop.ACTIVE].sum()
    return found


def test_nothing_overlaps_and_the_standing_ego_is_never_touched(soak: dict[str, object]) -> None:
    assert soak["overlap"] == []


def test_nobody_jumps_or_vanishes_near_the_ego(soak: dict[str, object]) -> None:
    assert soak["jump"] < 1.8  # 18 m/s
    assert soak["vanished"] == 0


def test_every_long_stop_has_a_reason(soak: dict[str, object]) -> None:
    assert soak["unexplained"] == 0


def test_missions_go_on(soak: dict[str, object]) -> None:
    first, total = soak["missions"]
    assert first.sum() > 20
    assert (total - first).sum() > 0.7 * first.sum()


def test_people_and_equipment_are_there(soak: dict[str, object]) -> None:
    assert soak["people"] >= 10
    assert soak["props"] >= 10
