"""Generated airports: deterministic, varied, sound for every seed tried."""

import numpy as np
import pytest

from airside_sim.mapping.cache import load_compiled
from airside_sim.mapping.errors import MapError
from airside_sim.mapping.generator import generate_airport
from airside_sim.mapping.validate import validate
from tests.mapping.airport_checks import assert_sound, crossings

SEEDS = range(20)


@pytest.fixture(scope="module")
def airports():
    return [generate_airport(seed) for seed in SEEDS]


@pytest.mark.parametrize("seed", SEEDS)
def test_seed_is_sound(airports, seed):
    assert_sound(airports[seed])


def test_the_same_seed_draws_the_same_map(airports):
    assert all(generate_airport(seed) == airports[seed] for seed in (0, 7, 19))
    assert airports[3].name == "generated-000003"


def test_seeds_differ_in_everything_that_matters(airports):
    assert {m.driving_side for m in airports} == {"left", "right"}
    assert len({len(m.stands) for m in airports}) > 8
    assert {"C", "E"} <= {stand.code for m in airports for stand in m.stands}
    assert {bool(m.runways) for m in airports} == {True, False}
    assert any(m.restricted for m in airports)
    assert any(stand.remote for m in airports for stand in m.stands)
    assert all(crossings(m) >= 1 for m in airports)


def test_options_are_obeyed():
    m = generate_airport(5, layout="piers", num_piers=2, driving_side="left", has_runway=True)
    assert m.driving_side == "left"
    assert m.runways
    assert len({b.id[0] for b in m.buildings if b.kind == "pier"}) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layouts": "piers"}, "did you mean 'layout'"),
        ({"layout": "pier"}, "did you mean 'piers'"),
        ({"num_piers": 9}, "1, 2"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(MapError, match=message):
        generate_airport(0, **options)


@pytest.mark.parametrize("seed", [seed if seed < 4 else pytest.param(seed, marks=pytest.mark.slow) for seed in SEEDS])
def test_compiled_seed_has_no_finding_and_reaches_everything(seed):
    (compiled,) = load_compiled(f"generated:{seed}", 100.0 / 128.0)
    assert validate(compiled) == []
    assert np.isfinite(compiled.arrays.dest_dist).all()
    assert (compiled.arrays.stand_path_push >= 0).all()
