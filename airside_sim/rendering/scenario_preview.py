"""A scenario at a glance: the map with its routes above, and below a time axis of what is staged, when, within limits.

Drawn from a few real episodes, so every number is one that was drawn. Events with a trigger in metres stand at the time
that free driving would need; those that wait for something else stand in a column of their own.
"""

from pathlib import Path
from typing import Any

import numpy as np

from airside_sim.columns import Episode, Route, Sky
from airside_sim.constants import DT_S, EventKind, InjectionKind, Light, Trigger, Weather
from airside_sim.criteria import verdicts
from airside_sim.episode_setup import (
    INJECTION0,
    INJECTION_WIDTH,
    KEYFRAME0,
    KEYFRAME_WIDTH,
    MAX_INJECTIONS,
    MAX_KEYFRAMES,
    Injection,
    Keyframe,
    Setup,
)
from airside_sim.mapping.preview import map_picture
from airside_sim.rendering.backend import pygame
from airside_sim.rendering.video import write_png

WIDTH, MAP_HEIGHT, ROW, LEFT, RIGHT = 1400, 820, 26, 240, 330
MARGIN_M = 60.0
USUAL_MPS = 5.0  # pace that turns metres of the route into seconds
_INK, _DIM, _PAPER, _GRID = (30, 34, 40), (110, 116, 124), (250, 250, 247), (226, 226, 222)
_ROUTE, _OTHER, _START, _GOAL = (255, 40, 90), (60, 150, 255), (30, 200, 90), (255, 200, 0)
_BAR, _LIMIT, _STAGED = (232, 116, 40), (200, 30, 40), (96, 120, 190)
_WEATHER_RGB = {
    Weather.CLEAR: (150, 200, 245),
    Weather.RAIN: (90, 120, 160),
    Weather.FOG: (176, 182, 188),
    Weather.SNOW: (222, 232, 240),
}


def preview_scenario(env: Any, out: Path, seed: int, num_others: int = 12) -> Path:
    """Write the picture of an unwrapped single env's scenario; `seed`'s episode is the one drawn boldly."""
    others = []
    for k in range(1, num_others + 1):
        env.reset(seed=seed + k)
        others.append((int(env.simulator.world.episode[0, Episode.MAP]), _route(env.simulator.world)))
    env.reset(seed=seed)
    world = env.simulator.world
    m = int(world.episode[0, Episode.MAP])
    picture = _map(env.simulator.maps[m], _route(world), [line for where, line in others if where == m])
    rows = _timeline(env.simulator)
    image = pygame.Surface((WIDTH, MAP_HEIGHT + ROW * (len(rows) + 5)))
    image.fill(_PAPER)
    image.blit(picture, ((WIDTH - picture.get_width()) // 2, 0))
    title = f"{env.simulator.config.scenario}: seed {seed}, {_episode(world)}"
    _draw_timeline(image, title, rows, _end_s(world))
    return write_png(out, np.ascontiguousarray(pygame.surfarray.array3d(image).swapaxes(0, 1)))


def _route(world: Any) -> np.ndarray:
    """(n, 2) m of the route from the ego's front to its goal."""
    first = int(world.episode[0, Episode.ROUTE_START])
    last = int(world.episode[0, Episode.ROUTE_LENGTH]) + 1
    return world.route[0, first:last, [Route.X, Route.Y]].T.copy()


def _map(compiled: Any, route: np.ndarray, others: list[np.ndarray]) -> Any:
    """The part of the map that the routes lie in, with them on it."""
    points = np.concatenate([route, *others])
    (west, south), (east, north) = points.min(axis=0) - MARGIN_M, points.max(axis=0) + MARGIN_M
    size_m = max((east - west) / WIDTH, (north - south) / MAP_HEIGHT)
    window = (float(west), float(south), float(east), float(north))
    picture, to_pixels = map_picture(compiled, window, 1.0 / size_m)
    for line in others:
        pygame.draw.lines(picture, _OTHER, False, to_pixels(line), 2)
    pygame.draw.lines(picture, _ROUTE, False, to_pixels(route), 5)
    for point, colour in ((route[0], _START), (route[-1], _GOAL)):
        pygame.draw.circle(picture, _INK, to_pixels([point])[0], 10)
        pygame.draw.circle(picture, colour, to_pixels([point])[0], 8)
    return picture


def _end_s(world: Any) -> float:
    """End of the time axis: the limit, or 3 minutes when there is none."""
    return float(world.episode[0, Episode.MAX_TICKS]) * DT_S or 180.0


Bar = tuple[
    str, str, float | None, float | None, tuple[int, int, int]
]  # name, text, from s (None: waits), to s, colour


def _timeline(simulator: Any) -> list[Bar]:
    """Rows under the map: what is staged, what is injected, how the conditions change, and the criteria."""
    world, config = simulator.world, simulator.config
    setup = world.setup[0]
    rows: list[Bar] = []
    if config.events.pushback_in_progress is not None:
        chance = setup[Setup.PUSHBACK]
        low, high = setup[Setup.PUSHBACK_CLEAR_LOW_S], setup[Setup.PUSHBACK_CLEAR_HIGH_S]
        rows.append(("pushback", f"p {chance:g}, clear after {low:g} to {high:g} s", 0.0, float(high), _STAGED))
    if config.events.turnaround_at_goal:
        rows.append(("turnaround at goal", "the goal stand's aircraft is in service", 0.0, _end_s(world), _STAGED))
    rows += [_injected(setup[c : c + INJECTION_WIDTH]) for c in _injections(setup)]
    rows += _keyframes(setup, _end_s(world))
    for v in verdicts(setup, [], False):
        at_s = float(v.limit) if v.name == "max_time_s" else None
        rows.append((f"{v.kind}: {v.name}", v.limit, at_s, at_s, _LIMIT))
    return rows


def _injections(setup: np.ndarray) -> list[int]:
    columns = [INJECTION0 + k * INJECTION_WIDTH for k in range(MAX_INJECTIONS)]
    return [c for c in columns if setup[c + Injection.KIND] > 0.0]


def _injected(row: np.ndarray) -> Bar:
    """One injected event of an episode's setup."""
    name = InjectionKind(int(row[Injection.KIND])).name.lower()
    threshold = float(row[Injection.THRESHOLD])
    trigger = Trigger(int(row[Injection.TRIGGER]))
    chance = "" if row[Injection.PROBABILITY] >= 1.0 else f", p {row[Injection.PROBABILITY]:g}"
    last_s = float(row[Injection.FOR_S]) or 5.0
    if trigger == Trigger.AT_S:
        return name, f"at {threshold:.0f} s{chance}", threshold, threshold + last_s, _BAR
    if trigger == Trigger.AFTER_M:
        at_s = threshold / USUAL_MPS
        return name, f"after {threshold:.0f} m (about then){chance}", at_s, at_s + last_s, _BAR
    if trigger == Trigger.BEFORE_CROSSING_M:
        return name, f"{threshold:.0f} m before a crossing{chance}", None, None, _BAR
    return name, f"upon {EventKind(int(threshold)).name.lower()}{chance}", None, None, _BAR


def _keyframes(setup: np.ndarray, end_s: float) -> list[Bar]:
    """A bar from each keyframe to the next, in its weather's colour."""
    rows: list[Bar] = []
    keys = [setup[KEYFRAME0 + k * KEYFRAME_WIDTH :][:KEYFRAME_WIDTH] for k in range(MAX_KEYFRAMES + 1)]
    keys = [key for key in keys if key[Keyframe.AT_S] >= 0.0]
    weather = Weather.CLEAR
    for k, key in enumerate(keys):
        after = keys[k + 1] if k + 1 < len(keys) else None
        weather = Weather(int(key[Keyframe.WEATHER])) if key[Keyframe.WEATHER] >= 0.0 else weather
        until_s = end_s if after is None else float(after[Keyframe.AT_S])
        rows.append(("conditions", _says(key), float(key[Keyframe.AT_S]), until_s, _WEATHER_RGB[weather]))
    return rows


def _says(key: np.ndarray) -> str:
    """What one keyframe says, in words."""
    parts = []
    if key[Keyframe.WEATHER] >= 0.0:
        parts.append(Weather(int(key[Keyframe.WEATHER])).name.lower())
    if key[Keyframe.LIGHT] >= 0.0:
        parts.append(Light(int(key[Keyframe.LIGHT])).name.lower())
    if key[Keyframe.VISIBILITY_M] >= 0.0:
        parts.append(f"{key[Keyframe.VISIBILITY_M]:.0f} m")
    if key[Keyframe.FRICTION] >= 0.0:
        parts.append(f"grip {key[Keyframe.FRICTION]:.2f}")
    if key[Keyframe.DROPOUT] >= 0.0:
        parts.append(f"{100.0 * key[Keyframe.DROPOUT]:.0f} % missed")
    return ", ".join(parts)


def _episode(world: Any) -> str:
    """What the episode drew, in words."""
    sky, length_m = world.sky[0], world.episode[0, Episode.ROUTE_LENGTH] - world.episode[0, Episode.ROUTE_START]
    sight = f"{Weather(int(sky[Sky.WEATHER])).name.lower()}, {Light(int(sky[Sky.LIGHT])).name.lower()}"
    return f"{length_m:.0f} m, traffic {world.setup[0, Setup.DENSITY]:.2g} of peak, {sight} at the start"


def _draw_timeline(image: Any, title: str, rows: list[Bar], end_s: float) -> None:
    """Title, time axis, one row a thing."""
    top = MAP_HEIGHT + ROW
    _text(image, title, (12, MAP_HEIGHT + 5), _INK, 24)
    x_of = _axis(image, top, len(rows), end_s)
    for k, (name, text, from_s, to_s, colour) in enumerate(rows):
        y = top + ROW * (k + 1)
        _text(image, name, (12, y + 5), _INK)
        if from_s is None or to_s is None:
            _text(image, text, (WIDTH - RIGHT + 10, y + 5), _INK)
            continue
        x0, x1 = x_of(from_s), max(x_of(min(to_s, end_s)), x_of(from_s) + 4)
        pygame.draw.rect(image, colour, (x0, y + 3, x1 - x0, ROW - 6), border_radius=4)
        _text(image, text, (WIDTH - RIGHT + 10, y + 5), _DIM)
    x = x_of(end_s)
    pygame.draw.line(image, _LIMIT, (x, top), (x, top + ROW * (len(rows) + 1)), 3)
    _text(image, f"{end_s:.0f} s", (x - 40, top + ROW * (len(rows) + 1) + 24), _LIMIT)


def _axis(image: Any, top: int, num_rows: int, end_s: float):
    """Draw the grid of the time axis; -> function from seconds to pixels."""
    step_s = next(s for s in (5, 10, 20, 30, 60, 120, 300, 600, 3600) if end_s / s <= 12 or s == 3600)
    bottom = top + ROW * (num_rows + 1)

    def x_of(seconds: float) -> int:
        return int(LEFT + seconds / end_s * (WIDTH - LEFT - RIGHT))

    for seconds in range(0, int(end_s) + 1, step_s):
        pygame.draw.line(image, _GRID, (x_of(seconds), top), (x_of(seconds), bottom), 1)
        _text(image, str(seconds), (x_of(seconds) - 6, bottom + 4), _DIM)
    _text(image, "s", (LEFT - 24, bottom + 4), _DIM)
    return x_of


def _text(image: Any, text: str, at: tuple[float, float], colour: tuple[int, int, int], size: int = 19) -> None:
    pygame.font.init()
    image.blit(pygame.font.Font(None, size).render(text, True, colour), at)
