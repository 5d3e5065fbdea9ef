"""Drawing an episode's scenario, and its own numbers from it."""

from airside_sim import rng
from airside_sim.columns import Episode
from airside_sim.episode_setup import CHOICE, UNIFORM, Draw
from airside_sim.jit import njit


@njit
def _draw_scenario(e, w, su):
    """Index of a scenario by its chance; a lone one costs no random number."""
    last = su.chance.shape[0] - 1
    if last == 0:
        return 0
    u = rng.uniform(w.rng, e)
    k = 0
    while k < last and u >= su.chance[k]:
        k += 1
    return k


@njit
def draw_setup(e, w, su):
    """Fill `World.setup[e]`: the base row of the scenario drawn, then every column of it that varies."""
    scenario = _draw_scenario(e, w, su)
    w.episode[e, Episode.SCENARIO] = scenario
    for c in range(su.base.shape[1]):
        w.setup[e, c] = su.base[scenario, c]
    for k in range(su.draw0[scenario], su.draw0[scenario + 1]):
        row = su.draw[k]
        if row[Draw.KIND] == CHOICE:
            value = su.choice[int(row[Draw.FIRST]) + rng.randint(w.rng, e, int(row[Draw.COUNT]))]
        elif row[Draw.KIND] == UNIFORM:
            value = rng.uniform_range(w.rng, e, row[Draw.A], row[Draw.B])
        else:
            value = row[Draw.A] + row[Draw.B] * rng.normal(w.rng, e)
            value = min(max(value, row[Draw.LOW]), row[Draw.HIGH])
        w.setup[e, int(row[Draw.COLUMN])] = value
        if row[Draw.ALSO] >= 0.0:
            w.setup[e, int(row[Draw.ALSO])] = value
