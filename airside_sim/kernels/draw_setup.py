"""Drawing an episode's own numbers from its scenario."""

from airside_sim import rng
from airside_sim.episode_setup import CHOICE, UNIFORM, Draw
from airside_sim.jit import njit


@njit
def draw_setup(e, w, su):
    """Fill `World.setup[e]`: the base row, then every column that varies."""
    for c in range(su.base.shape[0]):
        w.setup[e, c] = su.base[c]
    for k in range(su.draw.shape[0]):
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
