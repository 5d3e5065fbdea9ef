"""Watching a replay in a window: pause, step, scrub, follow any actor."""

from typing import Any

import numpy as np

from airside_sim.columns import Body
from airside_sim.constants import DT_S
from airside_sim.replay.playback import Playback

BAR_PX = 26
PICK_M = 12.0
RATES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
KEYS = "space pauses, arrows step, page up/down 10 s, +/- speed, click follows, F the ego, Esc leaves"


class ReplayWindow:
    """Plays `playback` at `rate` times real time; `handle` and `frame` are apart so that tests can drive them."""

    def __init__(self, playback: Playback) -> None:
        from airside_sim.rendering.renderer import Renderer

        self.playback = playback
        self.renderer = Renderer(playback.simulator)
        self.is_paused = False
        self.is_open = True
        self.rate = RATES.index(1.0)
        self.followed = -1  # body slot, -1 the ego
        self._due = 0.0

    def frame(self) -> np.ndarray:
        """(H + BAR_PX, W, 3) uint8: the picture with the time bar under it."""
        picture = self.renderer.rgb(0, centre=self._centre())
        bar = np.full((BAR_PX, picture.shape[1], 3), (23, 29, 38), np.uint8)
        total = max(1, self.playback.replay.num_steps)
        bar[8:-8, : int(picture.shape[1] * self.playback.tick / total)] = (64, 200, 255)
        for record in self.playback.replay.events:
            x = int(picture.shape[1] * min(1.0, record["time_s"] / DT_S / total)) - 1
            bar[:, max(0, x - 1) : x + 2] = (240, 70, 60)
        return np.concatenate([picture, bar])

    def advance(self) -> None:
        """One tick of the clock: as many ticks of the replay as the rate asks for."""
        if self.is_paused:
            return
        self._due += RATES[self.rate]
        while self._due >= 1.0 and not self.playback.is_over:
            self.playback.advance()
            self._due -= 1.0
        self._due = min(self._due, 1.0)
        self.is_paused = self.playback.is_over

    def handle(self, event: Any, pygame: Any) -> None:
        """Act on one pygame event."""
        if event.type == pygame.QUIT:
            self.is_open = False
        elif event.type == pygame.KEYDOWN:
            self._key(event.key, pygame)
        elif event.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEMOTION):
            pressed = event.button == 1 if event.type == pygame.MOUSEBUTTONDOWN else event.buttons[0]
            if pressed and (event.type == pygame.MOUSEBUTTONDOWN or self._is_on_bar(event.pos[1])):
                self._click(*event.pos)

    def _is_on_bar(self, y_px: int) -> bool:
        return y_px >= self.renderer.height

    def _key(self, key: int, pygame: Any) -> None:
        tick = self.playback.tick
        jumps = {pygame.K_RIGHT: 1, pygame.K_LEFT: -1, pygame.K_PAGEDOWN: 100, pygame.K_PAGEUP: -100,
                 pygame.K_HOME: -(10**9), pygame.K_END: 10**9}  # fmt: skip
        if key == pygame.K_ESCAPE:
            self.is_open = False
        elif key == pygame.K_SPACE:
            self.is_paused = not self.is_paused
            if self.playback.is_over and not self.is_paused:
                self.playback.seek(0)
        elif key in jumps:
            self.is_paused = True
            self.playback.seek(tick + jumps[key])
        elif key == pygame.K_f:
            self.followed = -1
        elif key in (pygame.K_PLUS, pygame.K_KP_PLUS, pygame.K_EQUALS):
            self.rate = min(self.rate + 1, len(RATES) - 1)
        elif key in (pygame.K_MINUS, pygame.K_KP_MINUS):
            self.rate = max(self.rate - 1, 0)

    def _click(self, x_px: int, y_px: int) -> None:
        if self._is_on_bar(y_px):
            self.playback.seek(round(self.playback.replay.num_steps * x_px / self.renderer.width))
            return
        camera = self.renderer.camera(0, self._centre())
        x = camera.west + x_px / camera.scale
        y = camera.north - y_px / camera.scale
        body = self.playback.simulator.world.body[0]
        away = np.hypot(body[:, Body.X] - x, body[:, Body.Y] - y)
        away[body[:, Body.CLASS] < 0] = np.inf
        nearest = int(away.argmin())
        self.followed = nearest if away[nearest] < PICK_M else -1

    def _centre(self) -> tuple[float, float] | None:
        body = self.playback.simulator.world.body[0]
        if self.followed < 0 or body[self.followed, Body.CLASS] < 0:
            return None
        return float(body[self.followed, Body.X]), float(body[self.followed, Body.Y])


def watch(playback: Playback, *, max_frames: int | None = None) -> None:
    """Open the window and play until it is closed; `max_frames` ends it sooner (tests)."""
    from airside_sim.rendering.backend import pygame

    pygame.display.init()
    window = ReplayWindow(playback)
    shown = window.frame()
    screen = pygame.display.set_mode((shown.shape[1], shown.shape[0]))
    pygame.display.set_caption(f"{playback.replay.env_id} seed {playback.replay.seed}   {KEYS}")
    clock = pygame.time.Clock()
    frames = 0
    while window.is_open and (max_frames is None or frames < max_frames):
        for event in pygame.event.get():
            window.handle(event, pygame)
        window.advance()
        screen.blit(pygame.surfarray.make_surface(window.frame().swapaxes(0, 1)), (0, 0))
        pygame.display.flip()
        clock.tick(10)
        frames += 1
    pygame.display.quit()
