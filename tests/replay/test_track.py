"""Tracks: every actor near the ego, at its place to the centimetre, cut where it becomes another one."""

import numpy as np

from airside_sim.columns import Body
from airside_sim.constants import ActorClass
from airside_sim.replay import Playback, Replay
from airside_sim.replay.track import REACH_M, _actors, track_of


def test_a_track_shows_what_the_simulator_had(replay: Replay) -> None:
    playback = Playback(replay)
    track = track_of(playback)
    assert len(track.ego_xy) == len(track.speed_mps) == len(track.terms) == replay.num_steps + 1
    cost = track.terms[:, track.term_names.index("cost")].sum()
    assert np.isclose(cost, replay.outcome.total_cost, atol=1e-4)
    for tick in (0, 60, replay.num_steps):
        playback.seek(tick)
        body = playback.simulator.world.body[0]
        near = np.hypot(body[:, Body.X] - track.ego_xy[tick, 0], body[:, Body.Y] - track.ego_xy[tick, 1])
        expected = set(np.flatnonzero((body[:, Body.CLASS] >= 0) & (near < REACH_M - 1.0)).tolist())
        shown = {a.slot: a for a in track.actors if a.slot >= 0 and 0 <= tick - a.first < len(a.xy)}
        assert expected <= shown.keys()
        for slot, a in shown.items():
            assert np.abs(a.xy[tick - a.first] - body[slot, [Body.X, Body.Y]]).max() < 0.005
            assert a.actor_class == body[slot, Body.CLASS]
            assert np.isclose(np.cos(a.heading[tick - a.first]), body[slot, Body.COS], atol=1e-5)


def test_the_ego_and_its_train_are_there_all_the_time(replay: Replay) -> None:
    track = track_of(Playback(replay))
    ego = {a.slot: a for a in track.actors if a.slot < 0}
    assert set(ego) == {-1, -2, -3}  # tractor and two dollies
    assert all((a.first, len(a.xy)) == (0, replay.num_steps + 1) for a in ego.values())


def test_a_slot_given_to_another_vehicle_begins_a_new_actor() -> None:
    rows = np.zeros((6, 1, 10), np.float32)
    rows[:, 0, 2] = 1.0  # cos
    rows[:, 0, 5] = ActorClass.GSE
    rows[:, 0, 0] = [0.0, 1.0, 2.0, 60.0, 61.0, 62.0]  # moves elsewhere at the fourth instant
    rows[5, 0, 6] = 3.0  # becomes another class of vehicle at the sixth
    found = _actors(rows, np.zeros((6, 2)), lambda slot: slot)
    assert [(a.first, len(a.xy)) for a in found] == [(0, 3), (3, 2), (5, 1)]


def test_an_actor_out_of_reach_is_left_out() -> None:
    rows = np.zeros((3, 2, 10), np.float32)
    rows[:, 1, 0] = REACH_M + 1.0
    assert [a.slot for a in _actors(rows, np.zeros((3, 2)), lambda slot: slot)] == [0]
