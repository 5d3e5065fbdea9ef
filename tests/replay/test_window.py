"""The window: keys and clicks move through the replay, and the command line reaches everything."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pygame
import pytest

from airside_sim.cli import main
from airside_sim.columns import Body
from airside_sim.replay import Playback, Replay
from airside_sim.replay.window import BAR_PX, ReplayWindow, watch


@pytest.fixture
def window(replay: Replay) -> ReplayWindow:
    return ReplayWindow(Playback(replay))


def _press(window: ReplayWindow, key: int) -> None:
    window.handle(SimpleNamespace(type=pygame.KEYDOWN, key=key), pygame)


def _click(window: ReplayWindow, x: float, y: float) -> None:
    window.handle(SimpleNamespace(type=pygame.MOUSEBUTTONDOWN, button=1, pos=(int(x), int(y))), pygame)


def test_it_plays_pauses_and_steps(window: ReplayWindow) -> None:
    for _ in range(3):
        window.advance()
    assert window.playback.tick == 3
    _press(window, pygame.K_SPACE)
    window.advance()
    assert window.playback.tick == 3
    _press(window, pygame.K_RIGHT)
    _press(window, pygame.K_RIGHT)
    _press(window, pygame.K_LEFT)
    assert window.playback.tick == 4
    _press(window, pygame.K_PAGEDOWN)
    assert window.playback.tick == 104
    _press(window, pygame.K_HOME)
    assert window.playback.tick == 0
    _press(window, pygame.K_END)
    assert window.playback.tick == window.playback.replay.num_steps


def test_the_rate_is_kept_over_ticks(window: ReplayWindow) -> None:
    _press(window, pygame.K_PLUS)
    _press(window, pygame.K_PLUS)
    window.advance()
    assert window.playback.tick == 4
    for _ in range(4):
        _press(window, pygame.K_MINUS)
    for _ in range(4):
        window.advance()
    assert window.playback.tick == 5


def test_it_stops_at_the_end_and_begins_again(window: ReplayWindow) -> None:
    window.playback.seek(window.playback.replay.num_steps - 1)
    window.advance()
    window.advance()
    assert window.is_paused
    _press(window, pygame.K_SPACE)
    window.advance()
    assert window.playback.tick == 1


def test_a_click_on_the_bar_scrubs_and_one_on_an_actor_follows_it(window: ReplayWindow) -> None:
    _click(window, window.renderer.width / 2, window.renderer.height + BAR_PX / 2)
    assert window.playback.tick == window.playback.replay.num_steps // 2
    body = window.playback.simulator.world.body[0]
    camera = window.renderer.camera(0)
    away = np.hypot(body[:, Body.X] - camera.x, body[:, Body.Y] - camera.y)
    away[body[:, Body.CLASS] < 0] = np.inf
    slot = int(away.argmin())
    pixel = camera.to_pixels(body[slot : slot + 1, [Body.X, Body.Y]])[0]
    _click(window, *pixel)
    assert window.followed == slot
    _press(window, pygame.K_f)
    assert window.followed == -1


def test_the_picture_has_the_time_bar_under_it(window: ReplayWindow) -> None:
    window.playback.seek(65)
    frame = window.frame()
    assert frame.shape == (window.renderer.height + BAR_PX, window.renderer.width, 3)
    bar = frame[-BAR_PX // 2, :, 2]
    assert bar[: frame.shape[1] // 2 - 5].min() > 200 > bar[frame.shape[1] // 2 + 5 :].max()


def test_it_opens_and_ends(replay: Replay) -> None:
    playback = Playback(replay)
    watch(playback, max_frames=3)
    assert playback.tick == 3


def test_the_command_line_verifies_films_and_publishes(replay_file: Path, tmp_path: Path, capsys) -> None:
    assert main(["replay", str(replay_file), "--verify"]) == 0
    assert ": true" in capsys.readouterr().out
    out = ["--html", str(tmp_path / "a.html"), "--video", str(tmp_path / "a.mp4")]
    assert main(["replay", str(replay_file), *out]) == 0
    assert (tmp_path / "a.html").stat().st_size > 10_000
    assert (tmp_path / "a.mp4").stat().st_size > 10_000
    assert main(["replay", str(tmp_path / "nothing.replay"), "--verify"]) == 1
    assert "no such replay" in capsys.readouterr().err


def test_a_scenario_run_can_be_recorded(tmp_path: Path, capsys) -> None:
    assert main(["scenarios", "run", "service_road", "--driver", "stop", "--replay", str(tmp_path)]) == 0
    (recorded,) = tmp_path.glob("*.replay")
    assert str(recorded) in capsys.readouterr().out
    assert main(["replay", str(recorded), "--verify"]) == 0
