"""`Renderer`: one environment of a simulator as an RGB picture or a window. It only reads the world."""

import math
from typing import Any

import numpy as np

from airside_sim.columns import Ego, Episode, Route, RouteFeature
from airside_sim.constants import ClearanceState, FeatureKind
from airside_sim.info import info_names
from airside_sim.rendering import actors, atmosphere, hud, palette
from airside_sim.rendering.backend import pygame
from airside_sim.rendering.camera import Camera
from airside_sim.rendering.ground_tiles import GroundTiles
from airside_sim.rendering.scene import build_scene

SUPERSAMPLE = 2
LOOK_AHEAD_M = 14.0


class Renderer:
    """Draws env `e` of `simulator`; pictures are (height, width, 3) uint8, north up, the ego near the centre."""

    def __init__(self, simulator: Any, *, width: int = 960, height: int = 720, view_m: float = 110.0) -> None:
        self.simulator = simulator
        self.width, self.height, self.view_m = width, height, view_m
        self.scale = width / view_m
        self._grounds: dict[int, GroundTiles] = {}
        self._lamps: dict[int, np.ndarray] = {}
        self._window: Any = None

    def rgb(self, e: int = 0, *, with_hud: bool = True, centre: tuple[float, float] | None = None) -> np.ndarray:
        """Picture of env e; `centre` overrides the ego-following camera."""
        surface = self._draw(e, centre)
        world = self.simulator.world
        image = pygame.surfarray.array3d(surface).swapaxes(0, 1)
        camera = self.camera(e, centre)
        image = atmosphere.apply(
            image,
            camera,
            world.sky[e],
            world.ego_body[e],
            world.body[e],
            self._lamps_of(e),
            int(world.episode[e, Episode.TICK]),
        )
        if with_hud:
            surface = pygame.surfarray.make_surface(np.ascontiguousarray(image.swapaxes(0, 1)))
            hud.draw_hud(surface, world, e, info_names())
            hud.draw_scale_bar(surface, self.scale)
            image = pygame.surfarray.array3d(surface).swapaxes(0, 1)
        return np.ascontiguousarray(image)

    def show(self, e: int = 0) -> None:
        """Draw env e into a window and keep it responsive."""
        if self._window is None:
            pygame.display.init()
            pygame.display.set_caption("airside_sim")
            self._window = pygame.display.set_mode((self.width, self.height))
        image = self.rgb(e)
        self._window.blit(pygame.surfarray.make_surface(image.swapaxes(0, 1)), (0, 0))
        pygame.event.pump()
        pygame.display.flip()

    def close(self) -> None:
        """Close the window, if one is open; safe to call twice."""
        if self._window is not None:
            pygame.display.quit()
            self._window = None

    # --- drawing --------------------------------------------------------------------------------------------------
    def camera(self, e: int, centre: tuple[float, float] | None = None) -> Camera:
        """Where the picture of env e looks: a little ahead of the ego, or at `centre`."""
        ego = self.simulator.world.ego[e]
        x = ego[Ego.X] + LOOK_AHEAD_M * math.cos(ego[Ego.HEADING]) if centre is None else centre[0]
        y = ego[Ego.Y] + LOOK_AHEAD_M * math.sin(ego[Ego.HEADING]) if centre is None else centre[1]
        return Camera(float(x), float(y), self.scale, self.width, self.height)

    def _draw(self, e: int, centre: tuple[float, float] | None) -> "pygame.Surface":
        world = self.simulator.world
        camera = self.camera(e, centre)
        fine = Camera(
            camera.x, camera.y, camera.scale * SUPERSAMPLE, camera.width * SUPERSAMPLE, camera.height * SUPERSAMPLE
        )
        ground = pygame.Surface((camera.width, camera.height))
        self._ground_of(e).blit(ground, camera.west, camera.north)
        surface = pygame.transform.scale(ground, (fine.width, fine.height))
        self._overlays(surface, fine, e)
        tick = int(world.episode[e, Episode.TICK])
        actors.draw_bodies(surface, fine, world.body[e], self.simulator.aircraft_types, tick)
        actors.draw_ego(surface, fine, world.ego_body[e], float(world.ego[e, Ego.STEER]), tick)
        return pygame.transform.smoothscale(surface, (camera.width, camera.height))

    def _overlays(self, surface: "pygame.Surface", camera: Camera, e: int) -> None:
        """Route ahead, crossing zones by clearance and hazard areas, translucent."""
        world, bank = self.simulator.world, self.simulator.bank
        layer = pygame.Surface((camera.width, camera.height), pygame.SRCALPHA)
        for quad in world.hazard[e]:
            if quad[8] > 0:
                pygame.draw.polygon(layer, (*palette.HAZARD, 60), camera.to_pixels(quad[:8].reshape(4, 2)).tolist())
        episode = world.episode[e]
        for row in world.feature[e, : int(episode[Episode.NUM_FEATURES])]:
            if row[RouteFeature.KIND] > FeatureKind.RUNWAY_CROSSING:
                continue
            x = int(row[RouteFeature.ID])
            ring = np.stack([bank.cross_px[x], bank.cross_py[x]], axis=1)[: int(bank.cross_nv[x])]
            granted = row[RouteFeature.STATE] == ClearanceState.GRANTED
            pygame.draw.polygon(
                layer, (*(palette.GRANTED if granted else palette.DENIED), 70), camera.to_pixels(ring).tolist()
            )
        first = int(max(0.0, episode[Episode.S_FRONT]))
        last = int(min(episode[Episode.ROUTE_LENGTH], first + 80))
        if last - first >= 2:
            line = camera.to_pixels(world.route[e, first : last + 1, [Route.X, Route.Y]].reshape(2, -1).T)
            pygame.draw.lines(layer, (*palette.ROUTE, 150), False, line.tolist(), max(2, int(0.35 * camera.scale)))
        goal = world.route[e, int(episode[Episode.ROUTE_LENGTH]), [Route.X, Route.Y]][None]
        pygame.draw.circle(
            layer,
            (*palette.ROUTE, 200),
            camera.to_pixels(goal)[0].tolist(),
            1.5 * camera.scale,
            max(2, int(0.3 * camera.scale)),
        )
        surface.blit(layer, (0, 0))

    def _ground_of(self, e: int) -> GroundTiles:
        m = int(self.simulator.world.episode[e, Episode.MAP])
        if m not in self._grounds:
            compiled = self.simulator.maps[m]
            self._grounds[m] = GroundTiles(build_scene(compiled.airport, compiled.arrays), self.scale)
        return self._grounds[m]

    def _lamps_of(self, e: int) -> np.ndarray:
        """Floodlight masts: one ahead of each stand's nose."""
        m = int(self.simulator.world.episode[e, Episode.MAP])
        if m not in self._lamps:
            bank = self.simulator.maps[m].arrays
            self._lamps[m] = np.stack(
                [bank.stand_x + 4 * np.cos(bank.stand_h), bank.stand_y + 4 * np.sin(bank.stand_h)], axis=1
            )
        return self._lamps[m]
