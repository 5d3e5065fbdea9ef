"""Which ego is near: with one ego it is that one; on an apron with many, `World.ego_body` holds them all, densely."""

from airside_sim.columns import Body
from airside_sim.jit import njit

NOWHERE_M = 1e9


@njit
def nearest_ego(ego_body, x, y):
    """Position of the ego nearest to a map point; far away when there is none. ego_body: (K, Body) of one apron.

    Rows come ego by ego, each with its tractor first (a tractor is its own OWNER); the first absent row is the end.
    """
    ego_x = NOWHERE_M
    ego_y = NOWHERE_M
    least = 1e30
    for k in range(ego_body.shape[0]):
        if ego_body[k, Body.CLASS] < 0.0:
            break
        if ego_body[k, Body.OWNER] != k:
            continue
        far2 = (ego_body[k, Body.X] - x) ** 2 + (ego_body[k, Body.Y] - y) ** 2
        if far2 < least:
            least = far2
            ego_x = ego_body[k, Body.X]
            ego_y = ego_body[k, Body.Y]
    return ego_x, ego_y
