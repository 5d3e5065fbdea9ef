"""Head-up display: what the driver should know (speed, limit, clearance) and what it earns (reward and cost terms)."""

import numpy as np

from airside_sim.columns import Ego, Episode, Route, RouteFeature, Sky
from airside_sim.constants import ClearanceState, FeatureKind, Light, TerminationReason, Weather
from airside_sim.rendering import palette
from airside_sim.rendering.backend import pygame

_fonts: dict[int, "pygame.font.Font"] = {}


def font(size: int) -> "pygame.font.Font":
    """pygame's bundled font: the same on every machine."""
    if size not in _fonts:
        _fonts[size] = pygame.font.Font(None, size)
    return _fonts[size]


def clearance_text(feature: np.ndarray, s_front: float) -> tuple[str, tuple[int, int, int]]:
    """Words and colour for the next crossing within 80 m, else ("no crossing ahead", dim)."""
    for row in feature:
        if row[RouteFeature.KIND] > FeatureKind.RUNWAY_CROSSING:
            continue
        ahead_m = row[RouteFeature.S_STOP] - s_front
        if row[RouteFeature.S_OUT] < s_front or ahead_m > 80.0:
            continue
        state = ClearanceState(int(row[RouteFeature.STATE]))
        where = f" {max(0.0, ahead_m):.0f} m" if ahead_m > 0 else ""
        colour = {ClearanceState.GRANTED: palette.GRANTED, ClearanceState.NONE_NEEDED: palette.HUD_DIM}.get(
            state, palette.DENIED
        )
        return f"{state.name.replace('_', ' ').lower()}{where}", colour
    return "no crossing ahead", palette.HUD_DIM


def draw_hud(surface, world, e: int, info_names: list[str]) -> None:
    """Panel at the top left, reward and cost bars under it, a status line when the episode has ended."""
    ego, episode, sky, info = world.ego[e], world.episode[e], world.sky[e], world.info[e]
    n = int(np.clip(episode[Episode.S_FRONT], 0, max(0, episode[Episode.ROUTE_POINTS] - 1)))
    limit_kmh = min(world.route[e, n, Route.LIMIT], sky[Sky.SPEED_CAP]) * 3.6
    speed_kmh = ego[Ego.SPEED] * 3.6
    words, colour = clearance_text(world.feature[e, : int(episode[Episode.NUM_FEATURES])], episode[Episode.S_FRONT])
    column = {name: k for k, name in enumerate(info_names)}
    terms = [(name, info[k]) for name, k in column.items() if "/" in name and abs(info[k]) > 1e-4]
    terms = sorted(terms, key=lambda item: -abs(item[1]))[:7]
    weather = f"{Weather(int(sky[Sky.WEATHER])).name.lower()}, {Light(int(sky[Sky.LIGHT])).name.lower()}"
    rows = [
        (
            f"{speed_kmh:4.1f} km/h   limit {limit_kmh:.0f}",
            palette.DENIED if speed_kmh > limit_kmh + 1.1 else palette.HUD_TEXT,
        ),
        (f"clearance: {words}", colour),
        (
            f"route {100 * info[column['route_completion']]:3.0f} %   {episode[Episode.TICK] / 10:.1f} s   {weather}",
            palette.HUD_TEXT,
        ),
        (f"reward {world.reward[e]:+.3f}   cost {world.cost[e]:.3f}", palette.HUD_TEXT),
    ]
    rows += [(f"  {name} {value:+.3f}", palette.HUD_DIM) for name, value in terms]
    line = 21
    panel = pygame.Surface((306, 14 + line * len(rows)), pygame.SRCALPHA)
    panel.fill(palette.HUD_BACKGROUND)
    for k, (text, tint) in enumerate(rows):
        panel.blit(font(22 if k < 4 else 19).render(text, True, tint), (10, 8 + k * line))
    surface.blit(panel, (10, 10))
    reason = TerminationReason(int(info[column["termination_reason"]]))
    if reason != TerminationReason.NONE:
        good = reason == TerminationReason.COMPLETED
        image = font(40).render(reason.name.replace("_", " "), True, palette.GRANTED if good else palette.DENIED)
        surface.blit(image, ((surface.get_width() - image.get_width()) / 2, 24))


def draw_scale_bar(surface, scale: float) -> None:
    """Ten metres and north."""
    x, y = 16, surface.get_height() - 20
    pygame.draw.line(surface, palette.HUD_TEXT, (x, y), (x + 10 * scale, y), 3)
    surface.blit(font(18).render("10 m", True, palette.HUD_TEXT), (x, y - 16))
    nx = surface.get_width() - 26
    pygame.draw.polygon(surface, palette.HUD_TEXT, [(nx, y - 26), (nx - 7, y), (nx, y - 6), (nx + 7, y)])
    surface.blit(font(18).render("N", True, palette.HUD_TEXT), (nx - 5, y - 44))
