"""Turnarounds: drawn times keep the table's bounds and order, the queue is a queue, equipment serves and is gone."""

import numpy as np
import pytest

from airside_sim.columns import Aircraft, Episode, Prop, Turn
from airside_sim.constants import AircraftPhase
from airside_sim.kernels.event_queue import pop_event, push_event
from airside_sim.kernels.turnaround import NOT_YET_S, draw_timeline, stretch_of
from airside_sim.push_clearance import check_pushes
from airside_sim.turnaround_stage import make_stage
from airside_sim.turnaround_times import (
    LAST_TIMED,
    NUM_TASKS,
    TURNAROUND,
    WIDEBODY_STRETCH,
    Equipment,
    Task,
    bounds_min,
    stretched,
)

DRAWN = [task for task in Task if task != Task.MARSHALLING]  # which begins when the aircraft comes


def drawn(seeds: range, stretch: float) -> np.ndarray:
    """Planned minutes (seeds, NUM_TASKS, start and end)."""
    plans = np.zeros((len(seeds), NUM_TASKS, len(Turn)))
    for plan, seed in zip(plans, seeds, strict=True):
        draw_timeline(np.array([seed * 7919 + 5], np.uint64), 0, plan, stretch)
    assert (plans[:, :, Turn.START :] == NOT_YET_S).all()
    return plans[:, :, : Turn.START] / 60.0


@pytest.mark.parametrize("name", ["hub", "training_apron"])
def test_pushes_end_on_the_taxilane_and_keep_the_stand_clearance(name: str) -> None:
    checks = check_pushes(name)
    assert len(checks) >= 6
    assert [check for check in checks if not check.is_ok] == []


@pytest.mark.parametrize("stretch", [1.0, WIDEBODY_STRETCH, 0.2])
def test_times_of_a_hundred_turnarounds_are_within_the_bounds_and_in_order(stretch: float) -> None:
    plans = drawn(range(100), stretch)
    for task in DRAWN:
        low, high, first, last = bounds_min(task, stretch)
        start, end = plans[:, task, 0], plans[:, task, 1]
        assert ((start > low - 1e-9) & (start < high + 1e-9)).all(), task
        assert ((end > first - 1e-9) & (end < last + 1e-9)).all(), task
        assert (end >= start).all()
        for before in TURNAROUND[task].after:
            assert (plans[:, before, 1] <= start + 1e-9).all(), (before, task)


def test_times_spread_about_the_usual_ones() -> None:
    plans = drawn(range(500), 1.0)
    for task in DRAWN:
        usual = TURNAROUND[task].end_min[1]
        assert np.median(plans[:, task, 1]) == pytest.approx(usual, abs=0.05 + 0.07 * usual), task
    off_block = plans[:, Task.PUSHBACK, 0]
    assert 1.0 < off_block.std() < 3.0
    late = np.corrcoef(plans[:, Task.LOADING, 1], plans[:, Task.BELTS_AWAY, 0])
    assert late[0, 1] > 0.8  # a delay is handed on


def test_wide_bodies_take_75_to_90_minutes_and_crowded_aprons_turn_faster() -> None:
    assert stretched(40.0, WIDEBODY_STRETCH) == pytest.approx(80.0)
    off_block = drawn(range(100), WIDEBODY_STRETCH)[:, Task.PUSHBACK, 0]
    assert off_block.min() > 75.0
    assert off_block.max() < 90.0
    assert stretch_of(2, 1e9) == 1.0
    assert stretch_of(4, 1e9) == pytest.approx(WIDEBODY_STRETCH)
    assert stretch_of(2, 1500.0) == pytest.approx((0.8 * 25.0 - 10.0) / 30.0)


def test_the_table_leaves_room_for_late_predecessors() -> None:
    for task in Task:
        row = TURNAROUND[task]
        assert row.start_min[2] <= row.end_min[2]
        for before in row.after:
            assert before < task  # drawn in this order
            assert TURNAROUND[before].end_min[2] <= row.start_min[2], (before, task)
    for task in Task:  # nobody approaches before the beacon is off
        if task > Task.BEACON_OFF and task != Task.TRAIN_OUT_1:
            assert TURNAROUND[task].start_min[0] >= TURNAROUND[Task.BEACON_OFF].end_min[0]


def test_the_queue_gives_events_in_time_order() -> None:
    rng = np.random.default_rng(1)
    queue, count = np.zeros((64, 2)), np.zeros(1, np.int32)
    waiting: list[tuple[float, int]] = []
    for _ in range(2000):
        if waiting and (len(waiting) == 64 or rng.random() < 0.5):
            first = min(waiting)
            waiting.remove(first)
            assert pop_event(queue, count, 0) == first
        else:
            event = (float(rng.integers(0, 40)), int(rng.integers(0, 50)))
            waiting.append(event)
            push_event(queue, count, 0, *event)
        assert count[0] == len(waiting)


def test_each_piece_of_equipment_is_called_and_let_go() -> None:
    for k in Equipment:
        called = [task for task in Task if k in TURNAROUND[task].calls]
        freed = [task for task in Task if k in TURNAROUND[task].frees + TURNAROUND[task].frees_after]
        assert called, k
        assert max(freed) < LAST_TIMED
        assert k in TURNAROUND[LAST_TIMED].needs_back  # nobody is pushed before it is away


def test_a_turnaround_from_arrival_to_taxi_out() -> None:
    sim, slot = make_stage("training_apron", 0, 3)
    row, turn = sim.world.aircraft[0, slot], sim.world.turn[0, slot]
    props = sim.world.prop[0, slot * len(Equipment) : (slot + 1) * len(Equipment)]
    assert props[:, Prop.ACTIVE].sum() >= 5
    went_in = np.zeros(len(Equipment), bool)
    for _ in range(40_000):
        sim.step(np.zeros((1, 2)))
        phase = int(row[Aircraft.PHASE])
        out = (props[:, Prop.ACTIVE] == 1.0) & (props[:, Prop.U] > 0.0)
        went_in |= (props[:, Prop.ACTIVE] == 1.0) & (props[:, Prop.U] == 1.0)
        if out.any():
            assert phase == AircraftPhase.PARKED
            assert row[Aircraft.BEACON] == 0.0
        if phase >= AircraftPhase.BEACON_ON:
            assert row[Aircraft.BEACON] == 1.0
        if phase == AircraftPhase.TAXI_OUT:
            break
    assert phase == AircraftPhase.TAXI_OUT, "it never left"
    assert went_in[props[:, Prop.ACTIVE] == 1.0].all()
    for task in Task:
        low, high, first, last = bounds_min(task, float(row[Aircraft.STRETCH]))
        start, end = turn[task, Turn.START] / 60.0, turn[task, Turn.END] / 60.0
        assert low - 1e-6 <= start <= high + 0.1, (task, start)
        assert first - 1e-6 <= end <= last + 0.1, (task, end)
    assert sim.world.episode[0, Episode.TICK] > 0
