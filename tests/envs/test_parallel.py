"""Many egos on one apron: PettingZoo's own tests, determinism, and how the egos and the traffic meet."""

import hashlib
import os
import subprocess
import sys

import gymnasium as gym
import numpy as np
import pytest
from pettingzoo.test import parallel_api_test, parallel_seed_test

import airside_sim
from airside_sim.columns import Body, Ego, Episode, Route, Vehicle
from airside_sim.constants import OTHERS_ROUTE, TerminationReason
from airside_sim.kernels.fleet_puppets import put_puppet
from airside_sim.kernels.route_progress import update_progress
from airside_sim.kernels.train import write_ego_bodies
from tests.envs.rollout import actions_for, add_step

ENV = "AirsideServiceRoad-v0"
SMALL = {"obs_type": "bev+objects", "bev_size": 32}
ALONE = {"traffic": 0.0, "trailers": 0, "obs_type": "objects"}


def put(env, i: int, x: float, y: float, heading_rad: float, s_front_m: float) -> None:
    """Set ego i (without a train) down at a pose near arc length s_front_m of its route, at rest."""
    fleet, world = env.simulator, env.simulator.views[i]
    world.ego[0, [Ego.X, Ego.Y, Ego.HEADING]] = x, y, heading_rad
    write_ego_bodies(
        world.ego_body[0], world.trailer[0], fleet.vehicles, int(world.ego[0, Ego.VEHICLE]), 0, x, y, heading_rad, 0.0
    )
    world.episode[0, [Episode.S_FRONT, Episode.S_REAR]] = s_front_m, s_front_m
    update_progress(0, world, fleet.vehicles, fleet.params)
    put_puppet(fleet.apron, fleet.roster, i, fleet.bank)


def follow_route_of(env, i: int, other: int, ahead_m: float, turned_rad: float = 0.0) -> None:
    """Give ego i the route of another and set it down on it, `ahead_m` farther on."""
    world, theirs = env.simulator.views[i], env.simulator.views[other]
    for name in ("route", "feature", "episode"):
        getattr(world, name)[:] = getattr(theirs, name)
    s = float(world.episode[0, Episode.S_FRONT]) + ahead_m
    x, y, heading = world.route[0, int(s), [Route.X, Route.Y, Route.HEADING]]
    put(env, i, float(x), float(y), float(heading) + turned_rad, s)


def reset_straight(env) -> None:
    """Begin with a seed that gives ego 0 a straight way of 60 m."""
    for seed in range(100):
        env.reset(seed=seed)
        s = int(env.simulator.world.episode[0, Episode.S_FRONT])
        if np.ptp(env.simulator.world.route[0, : s + 60, Route.HEADING]) < 0.01:
            return
    raise AssertionError("no straight route in 100 seeds")


def same_action(env, steer: float, speed: float) -> dict[str, np.ndarray]:
    return {agent: np.array([steer, speed], np.float32) for agent in env.agents}


def rollout(num_steps: int, seed: int, n_agents: int = 6, **keywords) -> str:
    """Digest of everything that every agent is given."""
    env = airside_sim.parallel_env("AirsideApron-v0", n_agents, **({**SMALL, **keywords}))
    env.reset(seed=seed)
    digest = hashlib.sha256()
    for action in actions_for(num_steps, seed):
        obs, reward, terminated, truncated, info = env.step(dict.fromkeys(env.agents, action))
        for agent in obs:
            add_step(digest, obs[agent], reward[agent], terminated[agent], truncated[agent], info[agent])
        if not env.agents:
            break
    return digest.hexdigest()


def test_pettingzoo_api():
    parallel_api_test(airside_sim.parallel_env(ENV, 3, **SMALL), num_cycles=400)


def test_pettingzoo_seed():
    parallel_seed_test(lambda: airside_sim.parallel_env(ENV, 3, **SMALL), num_cycles=50)


def test_observations_are_those_of_the_single_env():
    env, single = airside_sim.parallel_env("AirsideApron-v0", 2), gym.make("airside_sim:AirsideApron-v0")
    obs, infos = env.reset(seed=1)
    expected, info = single.reset(seed=1)
    assert env.observation_space("ego_0") == single.observation_space
    assert env.action_space("ego_1") == single.action_space
    for agent in env.agents:
        assert env.observation_space(agent).contains(obs[agent])
        assert {k: v.shape for k, v in obs[agent].items()} == {k: v.shape for k, v in expected.items()}
        assert infos[agent].keys() == info.keys()


def test_a_fresh_process_on_two_threads_gives_the_same_bytes(repository):
    code = "from tests.envs.test_parallel import rollout; print(rollout(60, 4))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=repository,
        env=os.environ | {"NUMBA_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        check=True,
        timeout=540,
    )
    assert done.stdout.strip().splitlines()[-1] == rollout(60, 4)


def test_without_the_jit_the_digest_is_the_same(repository):
    keywords = {"n_agents": 2, "obs_type": "state", "traffic": 0.05, "map": "training_apron"}
    keywords["route_length_m"] = (60, 200)
    code = f"from tests.envs.test_parallel import rollout; print(rollout(2, 4, **{keywords!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=repository,
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=540,
    )
    assert done.stdout.strip().splitlines()[-1] == rollout(2, 4, **keywords)


def test_another_seed_is_another_apron():
    assert rollout(5, 4) != rollout(5, 5)


def test_a_snapshot_continues_bit_for_bit():
    env = airside_sim.parallel_env("AirsideApron-v0", 5, respawn=True, **SMALL)
    driver = airside_sim.make_driver("expert", env)
    env.reset(seed=3)
    env.simulator.world.episode[2, Episode.MAX_TICKS] = 35.0  # one ends, and starts anew
    for _ in range(30):
        env.step(driver.act())
    state, expected = env.get_state(), []
    for _ in range(30):
        expected.append(env.step(driver.act())[:2])
    other = airside_sim.parallel_env("AirsideApron-v0", 5, respawn=True, **SMALL)
    other.reset(seed=99)
    other.set_state(state)
    driver = airside_sim.make_driver("expert", other)
    for obs, rewards in expected:
        again, rewards_again, *_ = other.step(driver.act())
        assert rewards_again == rewards
        for agent, parts in obs.items():
            for name, part in parts.items():
                np.testing.assert_array_equal(again[agent][name], part)


def test_egos_start_apart():
    env = airside_sim.parallel_env("AirsideApron-v0", 48, obs_type="state")
    for seed in range(3):
        env.reset(seed=seed)
        world = env.simulator.world
        for i in range(48):
            for k in np.flatnonzero(world.ego_body[i, :, Body.CLASS] >= 0):
                own = world.ego_body[i, k]
                others = world.body[i][(world.body[i, :, Body.CLASS] >= 1) & (world.body[i, :, Body.CLASS] <= 3)]
                others = others[~np.isin(others[:, Body.OWNER], _equipment(env))]
                apart = np.hypot(others[:, Body.X] - own[Body.X], others[:, Body.Y] - own[Body.Y])
                assert (apart > 8.0).all(), (seed, i, apart.min())


def _equipment(env) -> np.ndarray:
    """Body indices of the tugs and the equipment at stands."""
    apron = env.simulator.apron
    people0 = apron.body.shape[1] - apron.person.shape[1]
    tugs = np.arange(apron.aircraft.shape[1], 2 * apron.aircraft.shape[1])
    return np.concatenate([tugs, np.arange(people0 - apron.prop.shape[1], people0)])


def test_head_on_both_see_both_pay_and_both_leave():
    env = airside_sim.parallel_env(ENV, 3, **ALONE)
    reset_straight(env)
    follow_route_of(env, 1, 0, 30.0, turned_rad=np.pi)
    obs, *_ = env.step(same_action(env, 0.0, 0.5))
    for agent in ("ego_0", "ego_1"):
        nearest = obs[agent]["objects"][0]
        assert nearest[11] == 1.0
        assert 20.0 < nearest[0] < 35.0  # ahead
        assert nearest[2] < -0.9  # and facing it
    for _ in range(100):
        _, rewards, terminated, truncated, infos = env.step(same_action(env, 0.0, 0.5))
        if terminated["ego_0"]:
            break
    for agent in ("ego_0", "ego_1"):
        assert terminated[agent]
        assert not truncated[agent]
        assert infos[agent]["cost/collision_vehicle"] == 1.0
        assert infos[agent]["at_fault"] == 1.0
        assert rewards[agent] <= -20.0
    assert env.agents == ["ego_2"]
    assert env.simulator.is_present.tolist() == [True, True, True]
    assert [record["whom"] for record in env.events() if record["ends"]] == ["tractor", "tractor"]
    obs, *_ = env.step(same_action(env, 0.0, 0.0))
    assert obs.keys() == {"ego_2"}
    assert env.simulator.is_present.tolist() == [False, False, True]
    assert (env.simulator.apron.vehicle[0, -3:-1, Vehicle.ACTIVE] == 0.0).all()
    assert (env.simulator.world.body[2, :, Body.CLASS] < 0).all()  # the apron is empty for it


def test_who_stands_is_not_at_fault():
    env = airside_sim.parallel_env(ENV, 2, **ALONE)
    reset_straight(env)
    follow_route_of(env, 1, 0, 25.0)
    for _ in range(100):
        actions = same_action(env, 0.0, 0.5) | {"ego_1": np.array([0.0, 0.0], np.float32)}
        _, _, terminated, _, infos = env.step(actions)
        if terminated["ego_0"]:
            break
    assert terminated == {"ego_0": True, "ego_1": True}
    assert [infos[agent]["cost/collision_vehicle"] for agent in infos] == [1.0, 1.0]
    assert [infos[agent]["at_fault"] for agent in infos] == [1.0, 0.0]


def test_an_expert_stops_behind_a_standing_ego():
    env = airside_sim.parallel_env(ENV, 2, **ALONE)
    reset_straight(env)
    follow_route_of(env, 1, 0, 40.0)
    driver = airside_sim.make_driver("expert", env)
    begin = env.simulator.world.ego[0, :2].copy()
    for _ in range(200):
        env.step(driver.act() | {"ego_1": np.array([0.0, 0.0], np.float32)})
    world = env.simulator.world
    assert env.agents == ["ego_0", "ego_1"]
    assert np.hypot(*(world.ego[0, :2] - begin)) > 20.0
    assert world.ego[0, Ego.SPEED] < 0.05


def test_background_vehicles_stop_behind_standing_egos():
    env = airside_sim.parallel_env("AirsideApron-v0", 24, obs_type="state", traffic=0.8)
    followers = 0
    for seed in range(2):
        env.reset(seed=seed)
        fleet = env.simulator
        for _ in range(250):
            _, _, _, _, infos = env.step(same_action(env, 0.0, 0.0))
            assert all(info["cost/collision_vehicle"] == 0.0 for info in infos.values())
        driven = fleet.apron.vehicle[0, : fleet.roster.vehicle0]
        puppets = fleet.apron.vehicle[0, fleet.roster.vehicle0 :, Vehicle.BODY]
        followers += int((np.isin(driven[:, Vehicle.LEADER], puppets) & (driven[:, Vehicle.SPEED] == 0.0)).sum())
    assert followers >= 3


def test_an_ego_holds_the_junction_it_stands_in():
    env = airside_sim.parallel_env("AirsideApron-v0", 12, obs_type="state")
    driver = airside_sim.make_driver("expert", env)
    env.reset(seed=0)
    held = 0
    for _ in range(300):
        env.step(driver.act())
        fleet = env.simulator
        for i in np.flatnonzero(fleet.is_driving):
            s = int(fleet.world.episode[i, Episode.S_FRONT])
            cluster = fleet.bank.lane_junction[int(fleet.world.route[i, s - 4, Route.LANE])] if s > 4 else -1
            row = fleet.apron.vehicle[0, fleet.roster.vehicle0 + i]
            if cluster >= 0 and cluster in row[Vehicle.HELD0 : Vehicle.HELD0 + 6]:
                held += 1
    assert held > 100


def test_an_agent_that_ends_gets_a_new_route_with_respawn():
    env = airside_sim.parallel_env(ENV, 4, respawn=True, obs_type="state", traffic=0.1)
    env.reset(seed=0)
    world = env.simulator.world
    world.episode[1, Episode.MAX_TICKS] = 3.0
    before = world.route[1].copy()
    ends = [env.step(same_action(env, 0.0, 0.3))[3]["ego_1"] for _ in range(3)]
    assert ends == [False, False, True]
    assert env.agents == env.possible_agents
    _, rewards, terminated, truncated, infos = env.step(same_action(env, 0.0, 1.0))
    assert rewards["ego_1"] == 0.0
    assert not terminated["ego_1"]
    assert not truncated["ego_1"]
    assert infos["ego_1"]["speed_mps"] == 0.0
    assert (world.route[1] != before).any()
    for _ in range(10):
        env.step(same_action(env, 0.0, 1.0))
    assert world.ego[1, Ego.SPEED] > 0.3


def test_intentions_are_a_plane_of_their_own():
    keywords = ALONE | {"obs_type": "bev", "layout": "chw"}
    plain = airside_sim.parallel_env(ENV, 2, **keywords)
    shared = airside_sim.parallel_env(ENV, 2, share_intentions=True, **keywords)
    assert plain.observation_space("ego_0").shape == (34, 128, 128)
    assert shared.observation_space("ego_0").shape == (35, 128, 128)
    seen = []
    for env in (plain, shared):
        reset_straight(env)
        follow_route_of(env, 1, 0, 30.0)
        seen.append(env.step(same_action(env, 0.0, 0.0))[0])
    for agent in seen[0]:
        np.testing.assert_array_equal(seen[1][agent][:34], seen[0][agent])
    theirs, own = seen[1]["ego_0"][OTHERS_ROUTE] > 0, seen[0]["ego_0"][8] > 0
    rows = np.flatnonzero(theirs.any(axis=1))
    assert rows.size > 10
    assert rows.max() < 64 - 25  # begins at the other ego's rear axle, 30 m ahead of the bumper
    assert (theirs & own).sum() > 0.8 * theirs.sum()  # they share their way


@pytest.mark.parametrize("obs_type", ["bev", "bev+objects"])
@pytest.mark.parametrize("form", [{"layout": "hwc"}, {"packed": True}, {"bev_size": 64, "layout": "chw"}])
def test_intentions_in_every_form(obs_type, form):
    env = airside_sim.parallel_env(ENV, 3, obs_type=obs_type, share_intentions=True, **form)
    obs, _ = env.reset(seed=0)
    for agent in env.agents:
        assert env.observation_space(agent).contains(obs[agent])


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"trafic": 1}, ["trafic", "did you mean 'traffic'"]),
        ({"n_agents": 0}, ["n_agents=0", "1 to 512"]),
        ({"n_agents": True}, ["n_agents=True"]),
        ({"share_intentions": 1}, ["share_intentions=1", "True or False"]),
        ({"respawn": "yes"}, ["respawn='yes'", "True or False"]),
        ({"share_intentions": True, "obs_type": "state"}, ["share_intentions=True needs", "'state'"]),
        ({"id": "AirsideAprn-v0"}, ["AirsideAprn-v0", "did you mean 'AirsideApron-v0'"]),
    ],
)
def test_wrong_keywords_are_named(keywords, words):
    with pytest.raises((TypeError, ValueError)) as caught:
        airside_sim.parallel_env(**({"id": ENV, "n_agents": 2} | keywords))
    for word in words:
        assert word in str(caught.value)


def test_more_egos_than_room_is_an_error():
    env = airside_sim.parallel_env(ENV, 200, map="training_apron", obs_type="state", route_length_m=(60, 400))
    with pytest.raises(ValueError, match=r"n_agents=200: only \d+ found a free place"):
        env.reset(seed=0)


def test_actions_are_checked():
    env = airside_sim.parallel_env(ENV, 2, obs_type="state")
    with pytest.raises(gym.error.ResetNeeded):
        env.step({})
    env.reset(seed=0)
    good = np.array([0.0, 0.5], np.float32)
    with pytest.raises(ValueError, match="no action for ego_1"):
        env.step({"ego_0": good})
    with pytest.raises(ValueError, match="unknown agent 'ego_2'"):
        env.step({"ego_0": good, "ego_1": good, "ego_2": good})
    with pytest.raises(ValueError, match="not finite"):
        env.step({"ego_0": good, "ego_1": np.array([np.nan, 0.0])})


def test_without_pettingzoo_the_error_says_what_to_install():
    code = "import sys; sys.modules['pettingzoo'] = None; import airside_sim; airside_sim.parallel_env('x', 2)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert "pip install 'airside_sim[pettingzoo]'" in done.stderr


def test_render_shows_the_apron_or_one_agent():
    env = airside_sim.parallel_env(ENV, 3, obs_type="state", render_mode="rgb_array")
    env.reset(seed=0)
    whole, near = env.render(), env.render(follow="ego_1")
    assert whole.shape[2] == near.shape[2] == 3
    assert whole.std() > 10.0
    assert near.std() > 10.0
    with pytest.raises(ValueError, match="did you mean 'ego_1'"):
        env.render(follow="ego1")
    env.close()


def test_experts_share_an_apron_without_a_scratch():
    """Eight experts, 90 s: most arrive, nobody touches anybody."""
    env = airside_sim.parallel_env(ENV, 8, obs_type="state")
    driver = airside_sim.make_driver("expert", env)
    reasons = []
    for seed in range(2):
        env.reset(seed=seed)
        for _ in range(900):
            _, _, terminated, truncated, infos = env.step(driver.act())
            reasons += [infos[a]["termination_reason"] for a in infos if terminated[a] or truncated[a]]
            if not env.agents:
                break
    assert set(reasons) <= {TerminationReason.COMPLETED, TerminationReason.TIMEOUT}, reasons
    assert reasons.count(TerminationReason.COMPLETED) >= 12
