"""`ApronRenderer`: all egos of a shared apron in one picture, each with its number and its way in its own colour."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from airside_sim.columns import Body, Episode, Route
from airside_sim.rendering import actors
from airside_sim.rendering.backend import pygame
from airside_sim.rendering.camera import Camera
from airside_sim.rendering.hud import draw_scale_bar, font
from airside_sim.rendering.renderer import Renderer

MARGIN_M = 40.0
MARK_PX = 9
COLOURS = (
    (230, 60, 60), (60, 160, 250), (250, 180, 40), (90, 200, 90), (200, 100, 230), (70, 210, 210), (240, 120, 170),
    (170, 190, 60),
)  # fmt: skip


def one_ego(fleet: Any, i: int) -> Any:
    """What `Renderer` needs of a simulator, for ego i of a fleet as its env 0."""
    return SimpleNamespace(world=fleet.views[i], bank=fleet.bank, maps=fleet.maps, aircraft_types=fleet.aircraft_types)


class ApronRenderer(Renderer):
    """Draws the whole apron of a `Fleet`: north up, all roads of the map in view."""

    def __init__(self, fleet: Any, *, width: int = 1200, height: int = 1200) -> None:
        super().__init__(
            SimpleNamespace(world=fleet.apron, bank=fleet.bank, maps=fleet.maps, aircraft_types=fleet.aircraft_types),
            width=width,
            height=height,
        )
        self._fleet = fleet
        self._painted: dict[int, pygame.Surface] = {}

    def rgb(self, e: int = 0, *, with_hud: bool = True, centre: tuple[float, float] | None = None) -> np.ndarray:
        """Picture of the apron (height, width, 3) uint8; it has no weather, which would hide half of it."""
        m = int(self._fleet.apron.episode[0, Episode.MAP])
        camera = self._whole(m)
        if m not in self._painted:
            self._painted[m] = pygame.Surface((self.width, self.height))
            self._ground_of(0).blit(self._painted[m], camera.west, camera.north)
        surface = self._painted[m].copy()
        tick = int(self._fleet.apron.episode[0, Episode.TICK])
        actors.draw_bodies(surface, camera, self._fleet.apron.body[0], self._fleet.aircraft_types, tick)
        for i in np.flatnonzero(self._fleet.is_present):
            self._draw_ego(surface, camera, int(i))
        if with_hud:
            draw_scale_bar(surface, self.scale)
        return np.ascontiguousarray(pygame.surfarray.array3d(surface).swapaxes(0, 1))

    def _whole(self, m: int) -> Camera:
        """The camera that shows every lane of map m; sets the scale."""
        bank = self._fleet.maps[m].arrays
        west, east, south, north = bank.pt_x.min(), bank.pt_x.max(), bank.pt_y.min(), bank.pt_y.max()
        wide_m, high_m = east - west + 2 * MARGIN_M, north - south + 2 * MARGIN_M
        self.scale = float(min(self.width / wide_m, self.height / high_m))
        return Camera(float(west + east) / 2, float(south + north) / 2, self.scale, self.width, self.height)

    def _draw_ego(self, surface: "pygame.Surface", camera: Camera, i: int) -> None:
        """Way ahead, mark and number of ego i."""
        world, colour = self._fleet.world, COLOURS[i % len(COLOURS)]
        first, last = int(max(world.episode[i, Episode.S_FRONT], 0.0)), int(world.episode[i, Episode.ROUTE_LENGTH])
        if last - first >= 2:
            way = camera.to_pixels(world.route[i, first : last + 1, [Route.X, Route.Y]].reshape(2, -1).T)
            pygame.draw.lines(surface, colour, False, way.tolist(), 2)
            pygame.draw.circle(surface, colour, way[-1].tolist(), MARK_PX // 2, 2)
        here = camera.to_pixels(world.ego_body[i, :1, [Body.X, Body.Y]].reshape(1, 2))[0].tolist()
        pygame.draw.circle(surface, colour, here, MARK_PX)
        pygame.draw.circle(surface, (20, 20, 20), here, MARK_PX, 1)
        text = font(18).render(str(i), True, (10, 10, 10))
        surface.blit(text, (here[0] - text.get_width() / 2, here[1] - text.get_height() / 2))
