"""Driving by hand: a window, arrow keys, the HUD; or watching a scripted driver."""

from pathlib import Path

import gymnasium as gym
import numpy as np

from airside_sim.drivers import make_driver

STEER_PER_TICK = 0.08
SPEED_PER_TICK = 0.05


class Keyboard:
    """Keys to a continuous action: steering returns to centre, speed stays where it was set."""

    def __init__(self) -> None:
        self.steer = 0.0
        self.speed = 0.0

    def act(self, keys, pygame) -> np.ndarray:
        """(2,) float32 from the pressed keys."""
        turn = int(keys[pygame.K_LEFT]) - int(keys[pygame.K_RIGHT])
        centre = self.steer * 0.75 if turn == 0 else self.steer + turn * STEER_PER_TICK
        self.steer = float(np.clip(centre, -1.0, 1.0))
        change = int(keys[pygame.K_UP]) - int(keys[pygame.K_DOWN])
        self.speed = float(np.clip(self.speed + change * SPEED_PER_TICK, 0.0, 1.0))
        if keys[pygame.K_SPACE]:
            self.speed = 0.0
        return np.array([self.steer, self.speed], dtype=np.float32)


def play_scenario(
    scenario: str,
    *,
    seed: int = 0,
    map: str | None = None,
    weather: str | None = None,
    light: str | None = None,
    driver: str | None = None,
    record: Path | None = None,
    max_ticks: int | None = None,
) -> int:
    """Open a window and drive until it is closed or Esc is pressed; `max_ticks` ends it sooner (tests)."""
    from airside_sim.rendering.backend import pygame
    from airside_sim.rendering.video import write_mp4

    chosen = {"map": map, "weather": weather, "light": light}
    keywords = {name: value for name, value in chosen.items() if value is not None}
    env = gym.make("airside_sim:AirsideApron-v0", scenario=scenario, render_mode="rgb_array", **keywords)
    obs, _ = env.reset(seed=seed)
    pygame.display.init()
    pygame.display.set_caption(f"airside_sim: {scenario}   arrows drive, space brakes, R restarts, Esc leaves")
    frame = env.render()
    window = pygame.display.set_mode((frame.shape[1], frame.shape[0]))
    clock = pygame.time.Clock()
    keyboard = Keyboard()
    policy = make_driver(driver, env, seed) if driver else None
    frames = []
    ticks, over = 0, False
    while max_ticks is None or ticks < max_ticks:
        events = pygame.event.get()
        pressed = [event.key for event in events if event.type == pygame.KEYDOWN]
        if any(event.type == pygame.QUIT for event in events) or pygame.K_ESCAPE in pressed:
            break
        if pygame.K_r in pressed:
            obs, _ = env.reset()
            keyboard, over = Keyboard(), False
        if not over:
            action = policy.act(obs) if policy else keyboard.act(pygame.key.get_pressed(), pygame)
            obs, _, terminated, truncated, _ = env.step(action)
            over = terminated or truncated
        frame = env.render()
        if record:
            frames.append(frame)
        window.blit(pygame.surfarray.make_surface(frame.swapaxes(0, 1)), (0, 0))
        pygame.display.flip()
        clock.tick(10)
        ticks += 1
    pygame.display.quit()
    env.close()
    if record and frames:
        print(write_mp4(record, frames))
    return 0
