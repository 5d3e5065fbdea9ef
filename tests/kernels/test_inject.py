"""Injected events: each waits for its trigger, happens to the right actor, lasts as long as it says, and is logged."""

from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

from airside_sim import make_driver
from airside_sim.columns import Aircraft, Body, Ego, Episode, Inject, Person, RouteFeature, Sky, Vehicle
from airside_sim.constants import ClearanceState
from airside_sim.env_config import resolve
from airside_sim.kernels.referee import read_events
from airside_sim.kernels.sensing import body_hides
from airside_sim.mapping.errors import MapError
from airside_sim.scenario import load_scenario

NUM_ENVS = 24


def write_scenario(folder: Path, inject: str, base: str = "apron") -> str:
    path = folder / "with_event.yaml"
    path.write_text(f"schema_version: 1\nname: e\nextends: {base}\ninject:\n  - {inject}\n")
    return str(path)


class Drive:
    """An expert (or any driver) in a batch of worlds with one injected event."""

    def __init__(self, scenario: str, driver: str = "expert", **keywords) -> None:
        self.env = gym.make_vec(
            "airside_sim:AirsideApron-v0", num_envs=NUM_ENVS, obs_type="state", scenario=scenario,
            autoreset_mode="next_step", **keywords,
        )  # fmt: skip
        self.env.reset(seed=11)
        self.world = self.env.unwrapped.simulator.world
        self.driver = make_driver(driver, self.env)
        self.first = np.ones(NUM_ENVS, bool)  # still in its first episode

    def step(self) -> dict:
        _, _, terminated, truncated, info = self.env.step(self.driver.act())
        self.first &= ~(terminated | truncated)
        return info

    @property
    def state(self) -> np.ndarray:
        return self.world.inject[:, 0, Inject.STATE]

    def records(self, e: int, event: str) -> list[dict]:
        return [r for r in read_events(self.world, e) if r["event"] == event]


def test_fog_comes_at_its_time_and_brings_low_visibility_procedures(tmp_path: Path) -> None:
    drive = Drive(write_scenario(tmp_path, "{event: fog, at_s: 3, for_s: 4, visibility_m: 120}"), driver="stop")
    limits = drive.world.episode[:, Episode.MAX_TICKS].copy()
    seen = []
    for _ in range(90):
        drive.step()
        seen.append(drive.world.sky[0, Sky.VISIBILITY])
    assert seen[28] == 2000.0
    assert seen[29] < seen[28]  # the tick of 3.0 s
    assert np.allclose(np.diff(seen[29:68]), -(2000.0 - 120.0) / 40.0)
    assert seen[69] == pytest.approx(120.0)
    assert seen[89] == seen[69]
    assert (drive.world.sky[:, Sky.LVP] == 1.0).all()
    assert np.allclose(drive.world.sky[:, Sky.SPEED_CAP] * 3.6, 15.0)
    assert (drive.world.episode[:, Episode.MAX_TICKS] > limits).all()
    assert drive.records(0, "fog_came")[0]["time_s"] == 3.0


def test_the_vehicle_ahead_breaks_down_and_goes_on(tmp_path: Path) -> None:
    drive = Drive(write_scenario(tmp_path, "{event: breakdown, after_m: 10, for_s: 8}"), traffic=0.8)
    stood = np.zeros(NUM_ENVS)
    went_on = np.zeros(NUM_ENVS, bool)
    for _ in range(900):
        drive.step()
        for e in np.flatnonzero(drive.first & (drive.state >= 2)):
            row = drive.world.vehicle[e, int(drive.world.inject[e, 0, Inject.TARGET])]
            if row[Vehicle.BROKEN] > 0.0:
                stood[e] += row[Vehicle.SPEED] == 0.0
            else:
                went_on[e] |= row[Vehicle.SPEED] > 1.0
    hit = stood > 0
    assert hit.sum() >= 5
    assert stood[hit].max() <= 80
    assert np.median(stood[hit]) > 40  # the rest is braking
    assert went_on[hit].mean() > 0.5
    logged = [e for e in range(NUM_ENVS) if drive.records(e, "vehicle_broke_down")]
    assert logged
    assert all(3.0 < drive.records(e, "vehicle_broke_down")[0]["distance_m"] < 66.0 for e in logged)


def test_a_tug_breaks_down_in_mid_push(tmp_path: Path) -> None:
    drive = Drive(write_scenario(tmp_path, "{event: tug_breakdown, at_s: 1, for_s: 10}", base="pushback"))
    limits = []
    for _ in range(130):
        drive.step()
        slots = drive.world.inject[:, 0, Inject.TARGET].astype(int)
        limits.append(drive.world.aircraft[np.arange(NUM_ENVS), slots, Aircraft.SPEED].copy())
    assert (drive.state == 3).all()
    speeds = np.array(limits)  # (T, E)
    still = (speeds == 0.0).sum(axis=0)
    assert (still >= 30).all()  # 10 s, less the braking from up to 2 m/s
    assert (still < 110).all()
    assert (speeds[-10:] > 0.0).any()
    assert all(drive.records(e, "tug_broke_down") for e in range(NUM_ENVS))


def test_a_granted_clearance_is_withdrawn_before_the_line(tmp_path: Path) -> None:
    text = "{event: clearance_withdrawn, before_crossing_m: 40, for_s: 15}"
    drive = Drive(write_scenario(tmp_path, text, base="crossing"))
    violated = np.zeros(NUM_ENVS)
    held_ticks = np.zeros(NUM_ENVS)
    for _ in range(1200):
        info = drive.step()
        violated += np.where(drive.first, info["cost/crossing_violation"], 0.0)
        for e in np.flatnonzero(drive.first & (drive.state == 2)):
            f = int(drive.world.inject[e, 0, Inject.TARGET])
            if drive.world.feature[e, f, RouteFeature.ENTERED] == 0.0:
                held_ticks[e] += drive.world.feature[e, f, RouteFeature.STATE] == ClearanceState.WITHDRAWN
    assert (held_ticks > 100).sum() >= 8
    assert held_ticks.max() <= 150
    assert violated.sum() == 0.0  # the expert waits


def test_a_person_steps_out_from_behind_something(tmp_path: Path) -> None:
    text = "{event: person_steps_out, after_m: 5, ahead_m: 12, speed_mps: 2.0}"
    drive = Drive(write_scenario(tmp_path, text), driver="expert", sensing="occluded", traffic=0.6)
    world, hidden = drive.world, 0
    walked: dict[int, tuple[int, np.ndarray, list[float]]] = {}
    known = np.zeros(NUM_ENVS)
    for _ in range(500):
        before = world.ego[:, [Ego.X, Ego.Y]].copy()
        drive.step()
        for e in np.flatnonzero(drive.first & (drive.state >= 2) & (known == 0)):
            known[e] = 1
            p = int(drive.records(e, "person_stepped_out")[0]["other"])
            row = world.person[e, p]
            start = row[[Person.SCRATCH0, Person.SCRATCH1]]
            hidden += body_hides(world.body[e], int(row[Person.BODY]), before[e, 0], before[e, 1], start[0], start[1])
            walked[e] = p, start.copy(), []
            assert drive.records(e, "person_stepped_out")[0]["distance_m"] >= 11.0
        for e, (p, start, away) in walked.items():
            if len(away) < 40:
                away.append(float(np.hypot(*(world.person[e, p, [Person.X, Person.Y]] - start))))
    assert known.sum() >= 8
    assert hidden >= 0.7 * known.sum()  # what hid him may have moved in that tick
    assert np.mean([max(away) > 3.0 for _, _, away in walked.values()]) > 0.7


def test_events_start_each_other_and_happen_by_chance(tmp_path: Path) -> None:
    path = tmp_path / "chain.yaml"
    path.write_text(
        "schema_version: 1\nname: c\nmap: hub\nroute_length_m: [200, 500]\ninject:\n"
        "  - {event: fog, at_s: {uniform: [1, 3]}, for_s: 0, visibility_m: 300, probability: 0.5}\n"
        "  - {event: fog, upon: fog_came, for_s: 0, visibility_m: 90}\n"
    )
    drive = Drive(str(path), driver="stop")
    for _ in range(40):
        drive.step()
    absent = drive.world.inject[:, 0, Inject.STATE] == 0
    assert 0.2 < absent.mean() < 0.8
    assert (drive.world.sky[absent, Sky.VISIBILITY] == 2000.0).all()
    assert (drive.world.sky[~absent, Sky.VISIBILITY] == 90.0).all()
    times = [drive.records(e, "fog_came")[0]["time_s"] for e in np.flatnonzero(~absent)]
    assert len(set(times)) > 3
    assert min(times) >= 1.0
    assert max(times) <= 3.1


def test_a_person_stands_still_for_a_standing_ego(tmp_path: Path) -> None:
    text = "{event: person_steps_out, at_s: 1, ahead_m: 4, speed_mps: 4.0}"
    drive = Drive(write_scenario(tmp_path, text), driver="stop", traffic=0.8)
    for _ in range(200):
        info = drive.step()
        assert not info["cost/collision_personnel"].any()


@pytest.mark.parametrize(
    ("inject", "words"),
    [
        ("{event: fog}", "one trigger"),
        ("{event: fog, at_s: 3, after_m: 4}", "one trigger"),
        ("{event: fog, at_s: 3, ahead_m: 10}", "fog takes for_s, visibility_m"),
        ("{event: fogg, at_s: 3}", "did you mean 'fog'"),
        ("{event: fog, upon: lunch}", "lunch"),
        ("{event: fog, at_s: -3}", "0 to 3600"),
        ("{event: fog, at_s: 3, probability: 0}", "greater than 0"),
        ("{event: fog, att_s: 3}", "did you mean 'at_s'"),
    ],
)
def test_a_wrong_event_is_one_clear_error(tmp_path: Path, inject: str, words: str) -> None:
    with pytest.raises(MapError, match=words) as caught:
        load_scenario(write_scenario(tmp_path, inject))
    assert "with_event.yaml:5: inject[0]" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_too_many_events_and_people_on_an_empty_apron_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MapError, match="inject"):
        load_scenario(write_scenario(tmp_path, "\n  - ".join(["{event: fog, at_s: 3}"] * 7)))
    with pytest.raises(ValueError, match="needs people"):
        resolve("apron", scenario=write_scenario(tmp_path, "{event: person_steps_out, at_s: 3}"), traffic="empty")


def test_bodies_stay_finite_and_apart(tmp_path: Path) -> None:
    text = "{event: person_steps_out, after_m: 5, ahead_m: 6, speed_mps: 3.0}\n  - {event: breakdown, after_m: 20}"
    drive = Drive(write_scenario(tmp_path, text), traffic=1.0)
    for _ in range(300):
        drive.step()
    assert np.isfinite(drive.world.body[drive.world.body[:, :, Body.CLASS] >= 0]).all()
