"""One short drive on the bundled hub, played once for all bag tests."""

import pytest

from airside_sim.bags.synth import drives


@pytest.fixture(scope="session")
def drive():
    (played,) = drives("apron", ["expert"], 1, seed=28, max_steps=200, map="hub")
    return played


@pytest.fixture(scope="session")
def scrap():
    """A drive just long enough to become an episode."""
    (played,) = drives("apron", ["expert"], 1, seed=3, max_steps=60, map="hub")
    return played
