"""One short drive on the bundled hub, played once for all bag tests."""

import pytest

from airside_sim.bags.synth import drives


@pytest.fixture(scope="session")
def drive():
    (played,) = drives("pushback", ["expert"], 1, seed=11, max_steps=160, map="hub", bev_range_m=100.0)
    return played


@pytest.fixture(scope="session")
def scrap():
    """A drive just long enough to become an episode."""
    (played,) = drives("apron", ["expert"], 1, seed=3, max_steps=60, map="hub")
    return played
