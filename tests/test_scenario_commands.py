"""`airside scenarios preview` and `run`: the picture shows routes and timeline, the report judges every criterion."""

from pathlib import Path

import numpy as np
import pytest

from airside_sim.cli import main
from airside_sim.rendering import scenario_preview
from airside_sim.rendering.backend import pygame

SMALL = "schema_version: 1\nname: small\nmap: training_apron\nroute_length_m: [60, 150]\ntraffic: 0.2\n"


def picture(scenario: str, folder: Path) -> np.ndarray:
    """(H, W, 3) of the preview."""
    out = folder / "plan.png"
    assert main(["scenarios", "preview", scenario, "--out", str(out), "--seed", "3"]) == 0
    return pygame.surfarray.array3d(pygame.image.load(str(out))).swapaxes(0, 1)


def has(image: np.ndarray, colour: tuple[int, int, int]) -> int:
    """Pixels of exactly this colour."""
    return int((image == np.array(colour)).all(axis=2).sum())


def test_the_picture_shows_routes_above_and_what_happens_when_below(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(
        SMALL + "inject:\n  - {event: rogue_driver, at_s: 5, for_s: 10}\n  - {event: uld_falls_off, upon: yielded}\n"
        "conditions_over_time: [{at_s: 20, weather: rain}]\ncriteria: {success: {max_time_s: 40}}\n"
    )
    image = picture(str(path), tmp_path)
    above, below = image[: scenario_preview.MAP_HEIGHT], image[scenario_preview.MAP_HEIGHT :]
    assert has(above, scenario_preview._ROUTE) > 300
    assert has(above, scenario_preview._OTHER) > 100
    rain = scenario_preview._WEATHER_RGB[scenario_preview.Weather.RAIN]
    assert has(below, rain) > 1000
    bar = np.flatnonzero((below == np.array(scenario_preview._BAR)).all(axis=2).any(axis=0))
    plot_px = scenario_preview.WIDTH - scenario_preview.LEFT - scenario_preview.RIGHT
    rows_without = picture_rows(SMALL, tmp_path)
    assert len(below) - rows_without == 5 * scenario_preview.ROW  # two events, the start's sky, rain, a criterion
    assert 0.05 < (bar[0] - scenario_preview.LEFT) / plot_px < 0.2  # 5 s of 40 to 100
    assert 1.8 < (bar[-1] - scenario_preview.LEFT) / (bar[0] - scenario_preview.LEFT) < 4.2  # it ends at 15 s


def picture_rows(text: str, folder: Path) -> int:
    """Height of the part below the map."""
    path = folder / "plain.yaml"
    path.write_text(text)
    return len(picture(str(path), folder)) - scenario_preview.MAP_HEIGHT


@pytest.mark.parametrize(("limit_s", "word"), [(200, "kept"), (5, "BROKEN")])
def test_run_reports_the_criteria(tmp_path: Path, capsys, limit_s: int, word: str) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL + f"criteria: {{success: {{max_time_s: {limit_s}}}}}\n")
    assert main(["scenarios", "run", str(path), "--seed", "2"]) == 0
    said = capsys.readouterr().out
    assert f"{word}  " in said
    assert f"success: max_time_s {limit_s}" in said
    assert f"success {word == 'kept'}" in said
