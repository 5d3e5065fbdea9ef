"""`airside turnaround`: one turnaround from arrival to taxi-out, as a table, JSON and a time-lapse."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from airside_sim.columns import Aircraft, Episode
from airside_sim.constants import AircraftPhase
from airside_sim.sim import Simulator
from airside_sim.turnaround_log import turnaround_log
from airside_sim.turnaround_stage import make_stage
from airside_sim.turnaround_times import Task, bounds_min

MOST_TICKS = 120 * 600
TAXI_TICKS = 300  # shown after the aircraft has begun to taxi
FPS = 10


def turnaround(
    map: str = "hub",
    stand: str = "0",
    seed: int = 0,
    video: Path | None = None,
    json_out: Path | None = None,
    speed: float = 20.0,
) -> int:
    """Play one turnaround and print its event log: planned and actual minutes of every task.

    Args:
        map: shipped map or YAML file.
        stand: its id, or its number on the map.
        seed: draws the aircraft, the times and the crew.
        video: MP4 to write, `speed` times as fast as life.
        json_out: JSON file of the log to write.
        speed: of the video.
    """
    sim, slot = make_stage(map, stand, seed)
    if video:
        from airside_sim.rendering.video import write_mp4

        print(write_mp4(video, _frames(sim, slot, max(1, round(speed)))))
    else:
        for _ in _ticks(sim, slot):
            pass
    log = [record for record in turnaround_log(sim) if record["slot"] == slot]
    _print_table(log)
    if json_out:
        json_out.write_text(json.dumps(log, indent=1), encoding="utf-8")
        print(json_out)
    return 0


def _ticks(sim: Simulator, slot: int) -> Iterator[int]:
    """Step until the aircraft has taxied off."""
    row = sim.world.aircraft[0, slot]
    stays = np.zeros((1, 2))
    taxied = 0
    for tick in range(MOST_TICKS):
        sim.step(stays)
        yield tick
        taxied += int(row[Aircraft.PHASE]) == AircraftPhase.TAXI_OUT
        if taxied >= TAXI_TICKS:
            return


def _frames(sim: Simulator, slot: int, speed: int) -> Iterator[np.ndarray]:
    from airside_sim.rendering.backend import pygame
    from airside_sim.rendering.renderer import Renderer

    renderer = Renderer(sim, width=1120, height=800, view_m=125.0)
    stand = int(sim.world.aircraft[0, slot, Aircraft.STAND])
    bank = sim.bank
    centre = (
        float(bank.stand_x[stand] - 22.0 * np.cos(bank.stand_h[stand])),
        float(bank.stand_y[stand] - 22.0 * np.sin(bank.stand_h[stand])),
    )
    pygame.font.init()
    font = pygame.font.Font(None, 30)
    for tick in _ticks(sim, slot):
        if tick % speed == 0:
            yield _captioned(renderer.rgb(0, with_hud=False, centre=centre), _caption(sim, slot), font, pygame)


def _caption(sim: Simulator, slot: int) -> str:
    """Time since on-block and the tasks under way."""
    row, turn = sim.world.aircraft[0, slot], sim.world.turn[0, slot]
    if int(row[Aircraft.PHASE]) == AircraftPhase.TAXI_IN:
        return "arriving"
    minutes = (0.1 * sim.world.episode[0, Episode.TICK] - row[Aircraft.ON_BLOCK]) / 60.0
    doing = [t.name.lower().replace("_", " ") for t in Task if turn[t, 2] < 1e9 <= turn[t, 3]]
    return f"on-block {minutes:+.1f} min   " + ", ".join(doing)


def _captioned(image: np.ndarray, text: str, font: Any, pygame: Any) -> np.ndarray:
    surface = pygame.surfarray.make_surface(image.swapaxes(0, 1))
    pygame.draw.rect(surface, (20, 22, 26), (0, 0, surface.get_width(), 34))
    surface.blit(font.render(text, True, (240, 240, 235)), (10, 7))
    return np.ascontiguousarray(pygame.surfarray.array3d(surface).swapaxes(0, 1))


def _print_table(log: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    head = log[0]
    table = Table(title=f"stand {head['stand']}, {head['aircraft']}: minutes after on-block")
    for column in ("task", "milestone", "planned", "actual", "allowed"):
        table.add_column(column, justify="right" if column in ("planned", "actual", "allowed") else "left")
    for record in log:
        low, _, _, high = bounds_min(Task[record["task"].upper()], record["stretch"])
        planned = _span(record["planned_start_min"], record["planned_end_min"])
        actual = _span(record["start_min"], record["end_min"])
        if record["task"] == "marshalling":
            planned = ""
        table.add_row(record["what"], record["milestone"], planned, actual, _span(low, high))
    Console(width=120).print(table)
    hold_min = max(record["hold_min"] for record in log)
    if hold_min > 0.05:
        print(f"ready, it waited {hold_min:.1f} min for its push to be admitted")


def _span(start: float | None, end: float | None) -> str:
    """`3.0 - 11.2`, or one time for what takes none."""
    if start is None:
        return "-"
    if end is None or abs(end - start) < 0.005:
        return f"{start:.1f}"
    return f"{start:.1f} - {end:.1f}"
