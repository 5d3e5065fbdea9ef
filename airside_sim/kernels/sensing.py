"""What the ego observes of the other actors: present poses pushed into a ring of HISTORY_LEN ticks.

FULL sees everything exactly and draws no random numbers. RANGE sees within the visibility, misses an actor with the
weather's dropout probability and adds position noise. OCCLUDED also needs a free line of sight, tested within
OCCLUSION_M against vehicles, equipment, aircraft and buildings.
"""

import math

from airside_sim import rng
from airside_sim.columns import Body, Ego, Episode, Sky
from airside_sim.constants import HISTORY_LEN, ActorClass, SegmentKind, Sensing
from airside_sim.geometry import segment_meets_box
from airside_sim.jit import njit
from airside_sim.kernels.near import list_near

OCCLUSION_M = 80.0
SIGHT_STEP_M = 12.0


@njit
def _put(history, seen, n, x, y, c, s):
    history[n, 0] = x
    history[n, 1] = y
    history[n, 2] = c
    history[n, 3] = s
    seen[n] = 1


@njit
def _box_hides(body, k, x0, y0, x1, y1):
    """Body k crosses the line of sight. body: (N, Body)."""
    c = body[k, Body.COS]
    s = body[k, Body.SIN]
    ax = x0 - body[k, Body.X]
    ay = y0 - body[k, Body.Y]
    bx = x1 - body[k, Body.X]
    by = y1 - body[k, Body.Y]
    half = body[k, Body.HALF_WIDTH]
    low = -body[k, Body.REAR]
    high = body[k, Body.FRONT]
    if int(body[k, Body.CLASS]) == ActorClass.AIRCRAFT:
        half = 2.0  # one sees under wings: the fuselage hides
    return segment_meets_box(c * ax + s * ay, c * ay - s * ax, c * bx + s * by, c * by - s * bx, low, high, half)


@njit
def body_hides(body, n, x0, y0, x1, y1):
    """Any other actor than the owner of body n stands in the line of sight from (x0, y0) to (x1, y1)."""
    reach2 = (x1 - x0) ** 2 + (y1 - y0) ** 2
    reach = math.sqrt(reach2)
    if reach < 0.1:
        return False
    ux = (x1 - x0) / reach
    uy = (y1 - y0) / reach
    owner = body[n, Body.OWNER]
    for k in range(body.shape[0]):
        kind = int(body[k, Body.CLASS])
        if kind < 0 or k == n or kind == ActorClass.PERSONNEL or kind == ActorClass.BAGGAGE_CART:
            continue
        if body[k, Body.OWNER] == owner:
            continue
        dx = body[k, Body.X] - x0
        dy = body[k, Body.Y] - y0
        r = body[k, Body.RADIUS]
        if abs(dx * uy - dy * ux) > r:
            continue
        along = dx * ux + dy * uy
        if along < -r or along > reach + r:
            continue
        if _box_hides(body, k, x0, y0, x1, y1):
            return True
    return False


@njit
def _crosses(ax, ay, bx, by, cx, cy, dx, dy):
    """Segments ab and cd cross."""
    d1 = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    d2 = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    d3 = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    d4 = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    return d1 * d2 < 0.0 and d3 * d4 < 0.0


@njit
def building_hides(b, m, x0, y0, x1, y1):
    """A structure's outline crosses the line of sight: grid cells along the line, every SIGHT_STEP_M."""
    reach = math.hypot(x1 - x0, y1 - y0)
    steps = int(reach / SIGHT_STEP_M) + 1
    last = -1
    for k in range(steps + 1):
        f = k / steps
        i = math.floor((x0 + f * (x1 - x0) - b.grid_x0[m]) / b.grid_cell_m[m])
        j = math.floor((y0 + f * (y1 - y0) - b.grid_y0[m]) / b.grid_cell_m[m])
        if i < 0 or j < 0 or i >= b.grid_w[m] or j >= b.grid_h[m]:
            continue
        cell = b.grid_off[m] + j * b.grid_w[m] + i
        if cell == last:
            continue
        last = cell
        for g in range(b.grid_start[cell], b.grid_start[cell + 1]):
            t = b.grid_seg[g]
            if b.seg_kind[t] != SegmentKind.STRUCTURE:
                continue
            if _crosses(x0, y0, x1, y1, b.seg_x0[t], b.seg_y0[t], b.seg_x1[t], b.seg_y1[t]):
                return True
    return False


@njit
def _sense_all(body, near, history, seen):
    for i in range(near.shape[0]):
        n = near[i]
        if body[n, Body.CLASS] < 0.0:
            seen[n] = 0
            continue
        _put(history, seen, n, body[n, Body.X], body[n, Body.Y], body[n, Body.COS], body[n, Body.SIN])


@njit
def _sense_some(e, w, b, near, history, seen, occluded):
    """RANGE and OCCLUDED: the owner's draw counts for all bodies of an actor."""
    body = w.body[e]
    m = int(w.episode[e, Episode.MAP])
    x0 = w.ego[e, Ego.X]
    y0 = w.ego[e, Ego.Y]
    far = w.sky[e, Sky.VISIBILITY]
    noise = w.sky[e, Sky.NOISE]
    missed_owner = -1
    for i in range(near.shape[0]):
        n = near[i]
        seen[n] = 0
        if body[n, Body.CLASS] < 0.0:
            continue
        x = body[n, Body.X]
        y = body[n, Body.Y]
        d2 = (x - x0) ** 2 + (y - y0) ** 2
        reach = far + (body[n, Body.RADIUS] if int(body[n, Body.CLASS]) == ActorClass.AIRCRAFT else 0.0)
        if d2 > reach * reach:
            continue
        owner = int(body[n, Body.OWNER])
        if owner == n and rng.uniform(w.rng, e) < w.sky[e, Sky.DROPOUT]:
            missed_owner = n
        if owner == missed_owner:
            continue
        if occluded and d2 < OCCLUSION_M * OCCLUSION_M:
            if building_hides(b, m, x0, y0, x, y) or body_hides(body, n, x0, y0, x, y):
                continue
        if noise > 0.0:
            x += noise * rng.normal(w.rng, e)
            y += noise * rng.normal(w.rng, e)
        _put(history, seen, n, x, y, body[n, Body.COS], body[n, Body.SIN])


@njit
def sense_actors(e, w, b, at, q):
    """Advance the ring of env e and store this tick's observation of every body."""
    list_near(e, w)
    near = w.near[e, : w.near_count[e]]
    head = (int(w.history_head[e]) + 1) % HISTORY_LEN
    w.history_head[e] = head
    w.history_count[e] = min(int(w.history_count[e]) + 1, HISTORY_LEN)
    mode = int(w.sky[e, Sky.SENSING])
    if mode == Sensing.FULL:
        _sense_all(w.body[e], near, w.history[e, head], w.seen[e, head])
    else:
        _sense_some(e, w, b, near, w.history[e, head], w.seen[e, head], mode == Sensing.OCCLUDED)
