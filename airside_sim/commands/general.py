"""`airside demo`, `airside play` and `airside doctor`."""

import importlib.util
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated

import tyro

from airside_sim.resources import list_names


def demo(
    airport: Path | None = None,
    icao: str | None = None,
    out: Path = Path("demo_output"),
    train_seconds: float = 120.0,
    episodes: int = 32,
) -> int:
    """Drive an airport with expert, random and a freshly trained PPO; writes a table, a video and a BEV picture.

    Args:
        airport: X-Plane apt.dat (or a map YAML) to drive on; none: the bundled hub.
        icao: which airport of the apt.dat.
        out: folder for the video, the picture and the table.
        train_seconds: wall time for PPO.
        episodes: evaluation episodes for each driver.
    """
    if importlib.util.find_spec("stable_baselines3") is None:
        raise ImportError("the demo trains PPO: pip install 'airside_sim[render,train]'")
    # a process of its own: the simulator package never imports the learners
    command = [sys.executable, "-m", "agents.demo", "--out", str(out), "--train-seconds", str(train_seconds)]
    command += ["--episodes", str(episodes)]
    command += ["--airport", str(airport)] if airport else []
    command += ["--icao", icao] if icao else []
    return subprocess.call(command)


def play(
    scenario: Annotated[str, tyro.conf.Positional] = "apron",
    seed: int = 0,
    map: str | None = None,
    weather: str | None = None,
    light: str | None = None,
    driver: str | None = None,
    record: Path | None = None,
) -> int:
    """Drive with the arrow keys: up and down set the speed, left and right steer, space brakes hard, R restarts.

    Args:
        scenario: shipped scenario name or a YAML file.
        seed: episode seed.
        map: map name or file instead of the scenario's.
        weather: clear, rain, fog, snow or random.
        light: day, night or random.
        driver: watch this scripted driver instead of driving.
        record: also write an MP4.
    """
    from airside_sim.play import play_scenario

    return play_scenario(scenario, seed=seed, map=map, weather=weather, light=light, driver=driver, record=record)


def doctor() -> int:
    """Check the installation: versions, pygame clashes, numba cache and threads, fonts, display, shipped files."""
    ok = True
    for name in ("numpy", "numba", "gymnasium", "shapely", "pydantic", "PyYAML", "tyro", "rich"):
        print(f"{name:<18}{metadata.version(name)}")
    for name in ("pygame", "pygame-ce", "imageio", "torch", "stable-baselines3", "safety-gymnasium"):
        try:
            print(f"{name:<18}{metadata.version(name)}")
        except metadata.PackageNotFoundError:
            print(f"{name:<18}not installed (optional)")
    ok &= _check("pygame and pygame-ce are not both installed", not _both_pygames(),
                 "pip uninstall pygame pygame-ce, then pip install 'airside_sim[render]'")  # fmt: skip
    from airside_sim import jit

    folder = jit.cache_root()
    folder.mkdir(parents=True, exist_ok=True)
    ok &= _check(f"cache folder {folder} is writable", os.access(folder, os.W_OK), "set AIRSIDE_CACHE_DIR")
    import numba

    print(f"numba threads      {numba.get_num_threads()} of {numba.config.NUMBA_NUM_THREADS}")
    ok &= _check("maps are shipped", bool(list_names("maps")), "reinstall airside_sim")
    ok &= _check("scenarios are shipped", bool(list_names("scenarios")), "reinstall airside_sim")
    if importlib.util.find_spec("pygame"):
        from airside_sim.rendering.backend import pygame

        ok &= _check("fonts load", pygame.font.Font(None, 20).size("A")[0] > 0, "reinstall pygame")
        display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("SDL_VIDEODRIVER")
        print(f"display            {display or 'none: render_mode=rgb_array works, human needs one'}")
    return 0 if ok else 1


def _both_pygames() -> bool:
    names = {(d.metadata["Name"] or "").lower() for d in metadata.distributions()}
    return {"pygame", "pygame-ce"} <= names


def _check(what: str, passed: bool, fix: str) -> bool:
    print(f"{'ok ' if passed else 'BAD'} {what}" + ("" if passed else f": {fix}"))
    return passed
