"""Weather and light that change on the way: the keyframes of a scenario, and what a changed visibility brings.

`World.setup` holds the keyframes; the first is the sky that the episode began with. Between two keyframes that say it,
friction and dropout go straight, visibility by equal factors, light from day to night or back. A weather comes or
goes with its intensity. Where no keyframe follows, the last one stays.
"""

import math

from airside_sim.columns import Episode, Sky
from airside_sim.constants import DT_S, EventKind, Light, Weather
from airside_sim.episode_setup import KEYFRAME0, KEYFRAME_WIDTH, MAX_KEYFRAMES, Keyframe
from airside_sim.jit import njit
from airside_sim.kernels.referee import record
from airside_sim.kernels.weather import LVP_SPEED_MPS, see_as_far_as

USUAL_MPS = 6.0  # of the ego: what a lower cap of speed costs in time
NOISE_M = 0.15  # of observed positions in the heaviest rain, fog or snow


@njit
def reset_conditions(e, w):
    """Note the sky of the start as the first keyframe, if others follow."""
    if w.setup[e, KEYFRAME0 + KEYFRAME_WIDTH + Keyframe.AT_S] < 0.0:
        return
    start = w.setup[e, KEYFRAME0 : KEYFRAME0 + KEYFRAME_WIDTH]
    start[Keyframe.AT_S] = 0.0
    start[Keyframe.WEATHER] = w.sky[e, Sky.WEATHER]
    start[Keyframe.INTENSITY] = w.sky[e, Sky.INTENSITY]
    start[Keyframe.LIGHT] = w.sky[e, Sky.LIGHT]
    start[Keyframe.VISIBILITY_M] = w.sky[e, Sky.VISIBILITY]
    start[Keyframe.FRICTION] = w.sky[e, Sky.FRICTION]
    start[Keyframe.DROPOUT] = w.sky[e, Sky.DROPOUT]


@njit
def step_conditions(e, w):
    """The sky of this tick by the keyframes; nothing to do without any."""
    if w.setup[e, KEYFRAME0 + KEYFRAME_WIDTH + Keyframe.AT_S] < 0.0:
        return
    keys = w.setup[e, KEYFRAME0 : KEYFRAME0 + (1 + MAX_KEYFRAMES) * KEYFRAME_WIDTH]
    t = w.episode[e, Episode.TICK] * DT_S
    sky = w.sky[e]
    a, z, share = _between(keys, Keyframe.FRICTION, t)
    sky[Sky.FRICTION] = a + share * (z - a)
    a, z, share = _between(keys, Keyframe.DROPOUT, t)
    sky[Sky.DROPOUT] = a + share * (z - a)
    a, z, share = _between(keys, Keyframe.LIGHT, t)
    sky[Sky.DARKNESS] = a + share * (z - a)
    sky[Sky.LIGHT] = Light.NIGHT.value if sky[Sky.DARKNESS] >= 0.5 else Light.DAY.value
    a, z, share = _between(keys, Keyframe.INTENSITY, t)
    intensity = a + share * (z - a)
    if intensity != sky[Sky.INTENSITY]:
        sky[Sky.INTENSITY] = intensity
        sky[Sky.NOISE] = NOISE_M * intensity
    a, z, share = _between(keys, Keyframe.WEATHER, t)
    sky[Sky.WEATHER] = _weather(a, z, share)
    a, z, share = _between(keys, Keyframe.VISIBILITY_M, t)
    change_visibility(e, w, a if share == 0.0 else math.exp(math.log(a) + share * (math.log(z) - math.log(a))))


@njit
def _between(keys, column, t):
    """The values of a column in the keyframes before and after t that say it, and the share of the way between."""
    from_s = 0.0
    before = keys[column]
    for k in range(1, MAX_KEYFRAMES + 1):
        c = k * KEYFRAME_WIDTH
        at_s = keys[c + Keyframe.AT_S]
        value = keys[c + column]
        if at_s < 0.0:
            break
        if value < 0.0:
            continue
        if t < at_s:
            return before, value, (t - from_s) / (at_s - from_s)
        from_s = at_s
        before = value
    return before, before, 0.0


@njit
def _weather(before, after, share):
    """Rain begins with its first drop and ends with its last; another weather follows it half way."""
    if share == 0.0 or before == after or after == Weather.CLEAR:
        return before
    if before == Weather.CLEAR:
        return after
    return before if share < 0.5 else after


@njit
def change_visibility(e, w, visibility_m):
    """One sees as far as this from now on; low-visibility procedures begin or end, and time that they cost is given."""
    had_lvp = w.sky[e, Sky.LVP] > 0.0
    see_as_far_as(w.sky[e], visibility_m)
    has_lvp = w.sky[e, Sky.LVP] > 0.0
    if has_lvp == had_lvp:
        return
    kind = EventKind.LOW_VISIBILITY_BEGAN.value if has_lvp else EventKind.LOW_VISIBILITY_ENDED.value
    record(e, w, kind, visibility_m, -1, 0.0)
    if has_lvp:
        left_m = max(w.episode[e, Episode.ROUTE_LENGTH] - w.episode[e, Episode.S_FRONT], 0.0)
        extend_time(e, w, 1.5 * left_m * (1.0 / LVP_SPEED_MPS - 1.0 / USUAL_MPS))


@njit
def extend_time(e, w, seconds):
    """A time limit does not run out because of what was done to the ego."""
    if w.episode[e, Episode.MAX_TICKS] > 0.0:
        w.episode[e, Episode.MAX_TICKS] += math.ceil(10.0 * seconds)
