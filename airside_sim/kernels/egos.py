"""Which ego is near: with one ego it is that one; on an apron with many, `World.ego_body` holds them all, densely."""

from airside_sim.columns import Body, Ego
from airside_sim.jit import njit


@njit
def nearest_ego(e, w, x, y):
    """Position of the ego nearest to a map point; that of `World.ego` while no ego has a body.

    Rows of `World.ego_body` come ego by ego, each with its tractor first (a tractor is its own OWNER); the first absent
    row is the end.
    """
    ego_body = w.ego_body[e]
    ego_x = w.ego[e, Ego.X]
    ego_y = w.ego[e, Ego.Y]
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
