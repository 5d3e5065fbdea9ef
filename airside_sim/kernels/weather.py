"""Weather and light of an episode: what they do to grip, sight, sensors and speed.

Ranges follow the domain table (dry 0.8, wet 0.4-0.7, compacted snow 0.2-0.35; LVP when visibility < 550 m, then
15 km/h and clearances at every crossing; weather shares clear 65, rain 20, fog 6, snow 9 %, night 30 %).
"""

from airside_sim import rng
from airside_sim.columns import Sky
from airside_sim.constants import Light, Weather
from airside_sim.episode_setup import Setup
from airside_sim.jit import njit

CLEAR_VISIBILITY_M = 2000.0
LVP_VISIBILITY_M = 550.0
LVP_SPEED_MPS = 15.0 / 3.6
UNLIMITED_MPS = 100.0


@njit
def _draw_weather(gen, e):
    u = rng.uniform(gen, e)
    if u < 0.65:
        return Weather.CLEAR.value
    if u < 0.85:
        return Weather.RAIN.value
    if u < 0.91:
        return Weather.FOG.value
    return Weather.SNOW.value


@njit
def see_as_far_as(row, visibility_m):
    """Write the visibility of a sky row (Sky,) and what follows from it: LVP and the speed cap."""
    lvp = visibility_m < LVP_VISIBILITY_M
    row[Sky.VISIBILITY] = visibility_m
    row[Sky.LVP] = 1.0 if lvp else 0.0
    row[Sky.SPEED_CAP] = LVP_SPEED_MPS if lvp or row[Sky.WEATHER] == Weather.SNOW else UNLIMITED_MPS


@njit
def reset_sky(e, sky, gen, setup):
    """Fill `World.sky[e]` by `setup` (Setup,): weather or light < 0 are drawn. Always uses four random numbers."""
    weather, light = setup[Setup.WEATHER], setup[Setup.LIGHT]
    drawn_weather = _draw_weather(gen, e)
    drawn_light = Light.NIGHT.value if rng.uniform(gen, e) < 0.3 else Light.DAY.value
    u = rng.uniform(gen, e)
    kind = drawn_weather if weather < 0.0 else int(weather)
    lamp = drawn_light if light < 0.0 else int(light)
    visibility_m = CLEAR_VISIBILITY_M
    friction = 0.8
    dropout = 0.0
    noise_m = 0.0
    if kind == Weather.RAIN:
        visibility_m = 1500.0 - 1000.0 * u
        friction = 0.7 - 0.25 * u
        dropout = 0.01 + 0.06 * u
        noise_m = 0.05 + 0.10 * u
    elif kind == Weather.FOG:
        visibility_m = 400.0 - 300.0 * u
        friction = 0.65
        dropout = 0.02 + 0.06 * u
        noise_m = 0.05 + 0.10 * u
    elif kind == Weather.SNOW:
        visibility_m = 900.0 - 650.0 * u
        friction = 0.35 - 0.15 * u
        dropout = 0.02 + 0.08 * u
        noise_m = 0.08 + 0.12 * u
    if lamp == Light.NIGHT:
        visibility_m *= 0.6
        dropout += 0.01
    visibility_m = setup[Setup.VISIBILITY_M] if setup[Setup.VISIBILITY_M] >= 0.0 else visibility_m
    friction = setup[Setup.FRICTION] if setup[Setup.FRICTION] >= 0.0 else friction
    dropout = setup[Setup.DROPOUT] if setup[Setup.DROPOUT] >= 0.0 else dropout
    sky[e, Sky.WEATHER] = kind
    sky[e, Sky.LIGHT] = lamp
    sky[e, Sky.DARKNESS] = lamp
    sky[e, Sky.FRICTION] = friction
    sky[e, Sky.DROPOUT] = dropout
    sky[e, Sky.NOISE] = noise_m
    see_as_far_as(sky[e], visibility_m)
    sky[e, Sky.INTENSITY] = 0.0 if kind == Weather.CLEAR else 0.2 + 0.8 * u
    sky[e, Sky.SENSING] = setup[Setup.SENSING]
    rng.uniform(gen, e)  # spare draw: later fields join without shifting every episode
