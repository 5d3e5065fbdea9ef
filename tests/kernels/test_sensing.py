"""Sensing modes: exact and draw-free, limited by range with dropouts and noise, and hidden behind bodies or walls."""

import numpy as np
import pytest

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Body, Sky
from airside_sim.constants import HISTORY_LEN, ActorClass, SegmentKind, Sensing, VehicleClass
from airside_sim.kernels.sensing import sense_actors
from airside_sim.traffic_config import DEFAULT_TRAFFIC
from tests.kernels.ego_world import Bench, bare_bank, make_bench


def sense(bench: Bench, mode: Sensing, *, far_m: float = 1000.0, dropout: float = 0.0, noise_m: float = 0.0):
    """One tick of sensing -> (seen, poses) of that tick."""
    sky = bench.w.sky[0]
    sky[Sky.SENSING], sky[Sky.VISIBILITY], sky[Sky.DROPOUT], sky[Sky.NOISE] = mode, far_m, dropout, noise_m
    sense_actors(0, bench.w, bench.b, AIRCRAFT, DEFAULT_TRAFFIC)
    head = bench.w.history_head[0]
    return bench.w.seen[0, head].copy(), bench.w.history[0, head].copy()


def scene(bank=None) -> Bench:
    """Ego near x = 26; a person 20 m ahead, one 300 m ahead."""
    bench = make_bench(bank=bank)
    bench.w.body[0, :, Body.OWNER] = np.arange(bench.w.body.shape[1])
    for n, x in ((8, 50.0), (9, 330.0)):
        bench.add_body(n, x, 0.0, kind=ActorClass.PERSONNEL)
        bench.w.body[0, n, Body.OWNER] = n
    return bench


def test_full_sensing_is_exact_and_draws_nothing() -> None:
    bench = scene()
    word = int(bench.w.rng[0])
    seen, pose = sense(bench, Sensing.FULL)
    assert int(bench.w.rng[0]) == word
    assert seen[8] == seen[9] == 1
    assert seen.sum() == 2
    assert pose[9, 0] == pytest.approx(330.0)


def test_the_ring_keeps_the_last_ticks() -> None:
    bench = scene()
    for k in range(HISTORY_LEN + 5):
        bench.w.body[0, 8, Body.X] = 40.0 + k
        sense(bench, Sensing.FULL)
    head = bench.w.history_head[0]
    assert bench.w.history_count[0] == HISTORY_LEN
    for ago in range(HISTORY_LEN):
        x = bench.w.history[0, (head - ago) % HISTORY_LEN, 8, 0]
        assert x == pytest.approx(40.0 + HISTORY_LEN + 4 - ago)


def test_range_cuts_at_the_visibility() -> None:
    seen, _ = sense(scene(), Sensing.RANGE, far_m=150.0)
    assert seen[8] == 1
    assert seen[9] == 0


def test_dropout_and_noise_have_their_statistics() -> None:
    bench = scene()
    ticks = [sense(bench, Sensing.RANGE, dropout=0.2, noise_m=0.3) for _ in range(4000)]
    seen = np.array([s[8] for s, _ in ticks])
    x = np.array([p[8, 0] for s, p in ticks if s[8]])
    assert seen.mean() == pytest.approx(0.8, abs=0.025)  # 4 sigma of a share of 4000
    assert x.mean() == pytest.approx(50.0, abs=0.03)
    assert x.std() == pytest.approx(0.3, abs=0.02)


def test_a_bus_hides_the_person_behind_it() -> None:
    bench = scene()
    bench.add_body(10, 42.0, -5.0, heading=np.pi / 2, shape=VehicleClass.BUS)
    bench.w.body[0, 10, Body.OWNER] = 10
    assert sense(bench, Sensing.RANGE)[0][8] == 1
    hidden, _ = sense(bench, Sensing.OCCLUDED)
    assert hidden[8] == 0
    assert hidden[10] == 1
    bench.w.body[0, 10, Body.Y] = 30.0
    assert sense(bench, Sensing.OCCLUDED)[0][8] == 1


def test_a_wall_hides_but_the_pavement_edge_does_not() -> None:
    wall = bare_bank([(40.0, -5.0, 40.0, 5.0, SegmentKind.STRUCTURE)])
    edge = bare_bank([(40.0, -5.0, 40.0, 5.0, SegmentKind.PAVEMENT_EDGE)])
    assert sense(scene(wall), Sensing.OCCLUDED)[0][8] == 0
    assert sense(scene(edge), Sensing.OCCLUDED)[0][8] == 1
