"""Which bodies can matter to the ego now: all that may move, and the stand equipment within NEAR_M of it.

Equipment is half of an apron's bodies and stands still for minutes; visiting all of it on every tick for sensing,
measuring and listing objects cost a fifth of a step. The list is made anew every LIST_TICKS.
"""

from airside_sim.columns import Body, Ego, Episode
from airside_sim.jit import njit

NEAR_M = 230.0  # nothing looks further than 200 m, and the ego drives at most 15 m between two listings
LIST_TICKS = 10


@njit
def list_near(e, w):
    """Write `World.near` of env e, in body order, when it is due; equipment left out counts as unseen."""
    if w.history_count[e] > 0 and int(w.episode[e, Episode.TICK]) % LIST_TICKS != 0:
        return
    body = w.body[e]
    person0 = body.shape[0] - w.person.shape[1]
    prop0 = person0 - w.prop.shape[1]
    x = w.ego[e, Ego.X]
    y = w.ego[e, Ego.Y]
    count = 0
    for n in range(body.shape[0]):
        if prop0 <= n < person0:
            far2 = (body[n, Body.X] - x) ** 2 + (body[n, Body.Y] - y) ** 2
            if body[n, Body.CLASS] < 0.0 or far2 > NEAR_M * NEAR_M:
                w.seen[e, :, n] = 0
                w.halt[e, n] = 0.0
                continue
        w.near[e, count] = n
        count += 1
    w.near_count[e] = count
