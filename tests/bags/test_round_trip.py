"""Simulator -> bag -> dataset: what the simulator observed, did, paid and earned comes back."""

import numpy as np
import pytest

from airside_sim.bags.convert import convert_to
from airside_sim.bags.evidence import gather, read_episodes, starts_of
from airside_sim.bags.perturb import Perturbation, Recorder
from airside_sim.bags.synth import START_NS, drives, write_bag
from airside_sim.bags.write import SETTLE_S, TICK_RATES_HZ, BagStyle
from airside_sim.constants import DT_S
from airside_sim.info import Info

KINDS = ("ros1", "sqlite3", "mcap")
REAL = Perturbation(jitter=0.03, latency_s=0.004, clock_offset_s=0.35, drop=0.01, repeat=0.01, holes=1, seed=1)


def _converted(tmp_path, playouts, kind, style, **keywords):
    bag = tmp_path / ("drive.bag" if kind == "ros1" else "drive")
    write_bag(bag, kind, playouts, style)
    out = tmp_path / "drive.h5"
    keywords = {"max_stop_s": 0.0, "min_steps": 20} | keywords
    (report,) = convert_to([bag], out, map="hub", profile="simulator", **keywords)
    return read_episodes(out), report


@pytest.mark.parametrize("kind", KINDS)
def test_a_bag_on_the_simulators_ticks_comes_back_exactly(tmp_path, drive, kind):
    (episode,), _ = _converted(tmp_path, [drive], kind, BagStyle(rates_hz=TICK_RATES_HZ))
    found = gather([episode], [drive], [START_NS])
    assert found.steps == drive.num_steps
    assert found.identical_frames == found.rows
    assert max(worst for _, worst in found.worst_states().values()) < 1e-5
    assert max(worst for _, worst in found.term_errors().values()) < 1e-6
    np.testing.assert_allclose(episode.action, drive.action, atol=1e-6)
    assert episode.meta.behaviour == "expert"
    assert episode.valid.all()


@pytest.mark.parametrize("kind", KINDS)
def test_jitter_rates_clocks_and_losses_leave_little_trace(tmp_path, drive, kind):
    episodes, report = _converted(tmp_path, [drive], kind, BagStyle(perturbation=REAL))
    found = gather(episodes, [drive], [START_NS])
    for name in ("aircraft", "gse"):
        assert found.iou(f"{name}_newest") >= 0.98, name
        assert found.iou(f"{name}_history") >= 0.95, name
    assert found.f1("people_newest") >= 0.98
    assert found.f1("people_history") >= 0.98
    states = found.worst_states()
    assert states["FORWARD_SPEED"][1] < 0.01  # m/s
    assert states["HEADING_ERROR"][1] < 0.002  # rad
    assert states["LATERAL_OFFSET"][1] < 0.005  # m
    assert states["STEERING_ANGLE"][1] < 0.005  # rad
    assert states["ACCELERATION"][1] < 0.2  # m/s2: a difference of speeds a tick apart
    for here, there, cost_here, cost_there in found.returns:
        assert here == pytest.approx(there, abs=0.02)
        assert cost_here == pytest.approx(cost_there, abs=0.002)
    assert report["streams"]["odometry"]["clock_offset_s"] == pytest.approx(0.353, abs=0.003)
    assert report["streams"]["odometry"]["duplicates"] > 0


def test_a_hole_is_cut_out_and_nothing_else(tmp_path, drive):
    hole = Perturbation(holes=1, hole_s=0.6, seed=4)
    episodes, report = _converted(tmp_path, [drive], "mcap", BagStyle(perturbation=hole))
    assert len(episodes) == 2
    before, after = episodes
    assert before.meta.termination_reason == "GAP"
    assert before.truncated[-1]
    assert not before.terminated[-1]
    missing_s = (after.stamp_ns[0] - before.stamp_ns[-1]) * 1e-9
    assert 0.6 <= missing_s <= 0.8
    assert report["lost_steps"]["gap"] == round(missing_s / DT_S) - 1
    assert before.num_steps + after.num_steps + round(missing_s / DT_S) == drive.num_steps


def test_manual_driving_is_left_out(tmp_path, drive):
    style = BagStyle(rates_hz=TICK_RATES_HZ, manual_s=(6.0, 9.0))
    episodes, report = _converted(tmp_path, [drive], "mcap", style)
    assert episodes[0].meta.termination_reason == "TAKEOVER"
    assert episodes[0].num_steps == 59  # the tick on which the person takes over is not driven by the vehicle
    assert (episodes[1].stamp_ns[0] - START_NS) * 1e-9 == pytest.approx(9.0)
    assert report["lost_steps"]["mode"] == 30


def test_episodes_of_one_bag_stay_apart(tmp_path, drive, scrap):
    episodes, _ = _converted(tmp_path, [scrap, drive], "sqlite3", BagStyle(rates_hz=TICK_RATES_HZ))
    assert [e.num_steps for e in episodes] == [scrap.num_steps, drive.num_steps]
    found = gather(episodes, [scrap, drive], starts_of([scrap, drive], START_NS, SETTLE_S))
    assert found.identical_frames == found.rows
    assert episodes[0].meta.route_id != episodes[1].meta.route_id


def test_the_same_seed_makes_the_same_bag(tmp_path, scrap):
    paths = []
    for name in ("a", "b"):
        write_bag(tmp_path / f"{name}.bag", "ros1", [scrap], BagStyle(perturbation=REAL))
        paths.append((tmp_path / f"{name}.bag").read_bytes())
    assert paths[0] == paths[1]


def test_passing_behind_a_beacon_is_judged_from_tracks_as_online(tmp_path):
    (drive,) = drives("crossing", ["blind"], 1, seed=100, max_steps=300, map="hub")
    (episode,), _ = _converted(tmp_path, [drive], "mcap", BagStyle(rates_hz=TICK_RATES_HZ))
    online = drive.info[:, Info.COST_BEHIND_ENGINES].sum()
    assert online > 0.0
    k = episode.meta.cost_names.index("behind_engines")
    assert episode.cost_terms[:, k].sum() == pytest.approx(online, rel=1e-4)


def test_a_crossing_taken_without_clearance_stays_taken_after_a_gap(tmp_path):
    (crossed,) = drives("crossing", ["blind"], 1, seed=117, max_steps=500, map="hub")
    violated = int(np.flatnonzero(crossed.info[:, Info.COST_CROSSING_VIOLATION])[0])
    how = Perturbation(holes=1, seed=0)
    hole_s = float(Recorder(how, 0, crossed.num_steps * DT_S).holes[0])
    assert violated * DT_S < hole_s < violated * DT_S + 5.0  # it falls into the time on the crossing
    style = BagStyle(rates_hz=TICK_RATES_HZ, perturbation=how)
    episodes, _ = _converted(tmp_path, [crossed], "mcap", style)
    found = gather(episodes, [crossed], [START_NS])
    for here, there, cost_here, cost_there in found.returns:
        assert here == pytest.approx(there, abs=0.02)
        assert cost_here == pytest.approx(cost_there, abs=0.002)
    assert found.returns[-1][1] < -2.0  # the rest of the crossing was paid for
