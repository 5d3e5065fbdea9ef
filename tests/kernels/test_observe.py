"""State and objects against their twin; bounds, spaces and the documentation tables."""

import numpy as np
import pytest

from airside_sim import spaces
from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.columns import Body, Ego
from airside_sim.kernels.observe import observe_env, observe_parallel, observe_serial
from airside_sim.native_call import address_of
from airside_sim.state_features import NUM_STATE, STATE_ENTRIES, STATE_HIGH, STATE_LOW, StateFeature
from airside_sim.vehicles import VEHICLES
from tests.reference.observe_twin import state_vector, twin_objects, twin_state
from tests.reference.synthetic_world import make_bank, make_world

ENVS = 24


def observe(w, b, entry=observe_serial):
    num_envs = len(w.ego)
    state = np.full((num_envs, NUM_STATE), np.nan, np.float32)
    objects = np.full((num_envs, 16, 12), np.nan, np.float32)
    address = [address_of(observe_env, (0, w, b, VEHICLES, AIRCRAFT, state[0], objects[0]))]
    entry(*address[: entry is observe_parallel], w, b, VEHICLES, AIRCRAFT, state, objects)
    return state, objects


@pytest.fixture(scope="module", params=[3, 30])
def worlds(request):
    rng = np.random.default_rng(request.param)
    return make_world(rng, ENVS, bodies=request.param, aircraft=2), make_bank(rng)


def test_state_equals_the_twin(worlds):
    w, b = worlds
    state, _ = observe(w, b)
    for e in range(ENVS):
        expected = state_vector(twin_state(w, b, e))
        wrong = ~np.isclose(state[e], expected, atol=2e-4)
        assert not wrong.any(), [(StateFeature(k).name, state[e, k], expected[k]) for k in np.flatnonzero(wrong)]


def test_objects_equal_the_twin(worlds):
    w, b = worlds
    _, objects = observe(w, b)
    for e in range(ENVS):
        np.testing.assert_allclose(objects[e], twin_objects(w, e), atol=2e-4)


def test_parallel_equals_serial(worlds):
    for one, other in zip(observe(*worlds), observe(*worlds, observe_parallel), strict=True):
        np.testing.assert_array_equal(one, other)


def test_everything_is_in_its_space_even_for_absurd_worlds(worlds):
    w, b = worlds
    before = w.ego.copy(), w.body.copy()
    w.ego[:, [Ego.SPEED, Ego.LATERAL_SPEED, Ego.YAW_RATE, Ego.ACCEL]] = 1e6
    w.body[:, :, [Body.VX, Body.FRONT, Body.HALF_WIDTH]] = 1e6
    state, objects = observe(w, b)
    w.ego[:], w.body[:] = before
    space = spaces.observation_space("objects")
    flat = spaces.observation_space("flat")
    for e in range(ENVS):
        assert space.contains({"state": state[e], "objects": objects[e]})
        assert flat.contains(np.concatenate([state[e], objects[e].ravel()]))


def test_absent_entities_stand_at_their_upper_bound():
    rng = np.random.default_rng(1)
    w, b = make_world(rng, 1, bodies=1, aircraft=0), make_bank(rng)
    w.episode[0, 11] = 0  # no features
    w.ego[0, Ego.TRAILERS] = 0
    w.seen[:] = 0
    state, objects = observe(w, b)
    for name in ("STOP_LINE", "CROSSING_TRAFFIC", "AIRCRAFT"):
        assert state[0, StateFeature[f"{name}_PRESENT"]] == 0.0
        assert state[0, StateFeature[f"{name}_DISTANCE"]] == STATE_HIGH[StateFeature[f"{name}_DISTANCE"]]
    assert state[0, StateFeature.TRAILER_0_DRAWBAR_ANGLE] == STATE_HIGH[StateFeature.TRAILER_0_DRAWBAR_ANGLE]
    assert not objects.any()


def test_bounds_are_finite_and_every_entry_is_documented():
    assert list(STATE_ENTRIES) == list(StateFeature)
    assert np.isfinite(STATE_LOW).all()
    assert (STATE_LOW < STATE_HIGH).all()
    assert spaces.state_table().count("\n") == NUM_STATE + 1


@pytest.mark.parametrize(
    ("keywords", "shape"),
    [
        ({}, (128, 128, 34)),
        ({"layout": "chw"}, (34, 128, 128)),
        ({"bev_size": 64, "packed": True}, (34, 64, 8)),
        ({"bev_size": 32}, (32, 32, 34)),
    ],
)
def test_bev_space_shapes(keywords, shape):
    space = spaces.observation_space("bev", **keywords)
    assert space.shape == shape
    assert space.dtype == np.uint8
    other = spaces.observation_space("bev", **keywords)
    space.seed(1), other.seed(2)
    assert space.np_random is not other.np_random
