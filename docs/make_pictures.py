"""Draw the pictures of the README and the docs: python docs/make_pictures.py [--only NAME ...] [--berlin APT_DAT]"""

import argparse
import math
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import gymnasium as gym
import numpy as np

import airside_sim
from airside_sim.columns import Aircraft, Body, Ego, Episode, RouteFeature
from airside_sim.constants import ActorClass, AircraftPhase, FeatureKind
from airside_sim.drivers import make_driver
from airside_sim.rendering.inspector import inspect_bev
from airside_sim.rendering.renderer import Renderer
from airside_sim.rendering.video import write_png
from airside_sim.world import World

MEDIA = Path(__file__).parent / "media"
Wanted = Callable[[World, int], bool]


def completed(share: float) -> Wanted:
    """True once this share of the route is driven."""

    def wanted(world: World, tick: int) -> bool:
        row = world.episode[0]
        done_m = row[Episode.S_FRONT] - row[Episode.ROUTE_START]
        return bool(done_m > share * (row[Episode.ROUTE_LENGTH] - row[Episode.ROUTE_START]))

    return wanted


def waits_at_crossing(world: World, tick: int) -> bool:
    """The ego stands at a stop line."""
    for row in world.feature[0, : int(world.episode[0, Episode.NUM_FEATURES])]:
        ahead_m = row[RouteFeature.S_STOP] - world.episode[0, Episode.S_FRONT]
        if row[RouteFeature.KIND] <= FeatureKind.RUNWAY_CROSSING and -1 < ahead_m < 9 and world.ego[0, Ego.SPEED] < 0.3:
            return True
    return False


def lets_aircraft_cross(world: World, tick: int) -> bool:
    """The ego stands at a stop line and an aircraft taxis by."""
    taxis = np.isin(world.aircraft[0, :, Aircraft.PHASE], [AircraftPhase.TAXI_IN, AircraftPhase.TAXI_OUT])
    return bool((taxis & (distances(world)[: len(taxis)] < 40.0)).any() and waits_at_crossing(world, tick))


def distances(world: World) -> np.ndarray:
    """(N,) metres from the ego to each body, infinite where there is none."""
    far = np.hypot(world.body[0, :, Body.X] - world.ego[0, Ego.X], world.body[0, :, Body.Y] - world.ego[0, Ego.Y])
    return np.where(world.body[0, :, Body.CLASS] >= 0.0, far, np.inf)


def passes_aircraft(world: World, tick: int) -> bool:
    """On the move, two aircraft near, others about, in the middle of the route."""
    near = distances(world) < 65.0
    planes = int(near[: world.aircraft.shape[1]].sum())
    return completed(0.2)(world, tick) and planes >= 2 and near.sum() >= 10 and world.ego[0, Ego.SPEED] > 2.0


def has_everything(world: World, tick: int) -> bool:
    """Every class of actor and a hazard are in view."""
    near = distances(world) < 42.0
    return len(np.unique(world.body[0, near, Body.CLASS])) == len(ActorClass) and bool(
        (world.hazard[0, :, 8] > 0).any()
    )


def waits_for_push(world: World, tick: int) -> bool:
    """The ego stands while an aircraft is pushed within 60 m of it."""
    pushed = world.aircraft[0, :, Aircraft.PHASE] == AircraftPhase.PUSHBACK
    where = world.body[0, : len(pushed)][pushed]
    near = np.hypot(where[:, Body.X] - world.ego[0, Ego.X], where[:, Body.Y] - world.ego[0, Ego.Y]) < 60.0
    return bool(near.any() and tick > 60 and world.ego[0, Ego.SPEED] < 0.3)


def corners(world: World, tick: int) -> bool:
    """Tractor and last dolly point in clearly different directions."""
    last = int(world.ego[0, Ego.TRAILERS])
    turned = world.ego_body[0, 0, Body.COS] * world.ego_body[0, last, Body.COS]
    turned += world.ego_body[0, 0, Body.SIN] * world.ego_body[0, last, Body.SIN]
    return bool(turned < math.cos(math.radians(70)))


SHOTS: dict[str, tuple[str, int, Wanted, dict]] = {
    "hub_day": ("AirsideTurnaround-v0", 20_000_004, completed(0.9), {}),
    "hub_night": ("AirsideTurnaround-v0", 20_000_004, completed(0.9), {"light": "night"}),
    "hub_fog": ("AirsideTurnaround-v0", 20_000_004, completed(0.9), {"weather": "fog"}),
    "hub_rain": ("AirsideTurnaround-v0", 20_000_004, completed(0.9), {"weather": "rain"}),
    "pushback": ("AirsidePushback-v0", 20_000_005, waits_for_push, {}),
    "crossing": ("AirsideCrossing-v0", 20_000_006, lets_aircraft_cross, {}),
    "train_cornering": ("AirsideApron-v0", 20_000_002, corners, {"trailers": 4}),
}


def drive(env_id: str, seed: int, wanted: Wanted, **keywords):
    """Expert drive to the first wanted moment of up to twelve episodes; returns (env, observation)."""
    env = gym.make_vec(
        f"airside_sim:{env_id}", num_envs=1, autoreset_mode=gym.vector.AutoresetMode.DISABLED, **keywords
    )
    driver = make_driver("expert", env)
    for offset in range(12):
        obs, _ = env.reset(options={"episode_seeds": np.array([seed + offset])})
        for tick in range(3000):
            if wanted(env.unwrapped.simulator.world, tick):
                return env, obs
            obs, _, terminated, truncated, _ = env.step(driver.act(obs))
            if terminated[0] or truncated[0]:
                break
    return env, obs


def replay_page(out: Path) -> None:
    """An expert's episode as an HTML page, at 40 s, in headless Chromium."""
    from playwright.sync_api import sync_playwright

    from airside_sim.replay import RecordReplay, load_replay
    from airside_sim.replay.page import write_page

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        env = RecordReplay(gym.make("airside_sim:AirsideApron-v0", obs_type="state"), folder)
        driver = make_driver("expert", env)
        obs, _ = env.reset(seed=3)
        while not env.paths:
            obs = env.step(driver.act(obs))[0]
        page = write_page(load_replay(env.paths[0]), Path(folder) / "replay.html")
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1280, "height": 800})
        tab.goto(f"{page.as_uri()}#t=40")
        tab.wait_for_selector('body[data-ready="1"]')
        tab.screenshot(path=out)
        browser.close()


def many_egos() -> np.ndarray:
    """Sixteen experts on the hub, 25 s after the start."""
    env = airside_sim.parallel_env("AirsideApron-v0", 16, obs_type="state", render_mode="rgb_array")
    driver = make_driver("expert", env)
    env.reset(seed=0)
    for _ in range(250):
        env.step(driver.act())
    return env.render()


def main() -> None:
    """Draw everything, or what --only names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", default=[*SHOTS, "bev", "replay", "many_egos", "berlin_day"])
    parser.add_argument("--berlin", type=Path, help="X-Plane apt.dat with EDDB")
    args = parser.parse_args()
    for name in args.only:
        if name == "replay":
            replay_page(MEDIA / "replay.png")
            continue
        if name == "many_egos":
            write_png(MEDIA / "many_egos.png", many_egos())
            continue
        if name in SHOTS:
            env_id, seed, wanted, keywords = SHOTS[name]
            env, _ = drive(env_id, seed, wanted, obs_type="state", **keywords)
            picture = Renderer(env.unwrapped.simulator, width=960, height=680, view_m=115.0).rgb(0)
        elif name == "bev":
            env, obs = drive("AirsidePeak-v0", 20_000_000, has_everything, layout="chw", sensing="full", map="hub")
            picture = inspect_bev(obs["bev"][0], title="AirsidePeak-v0: bev (34, 128, 128) uint8, heading up")
        elif args.berlin is not None:
            from airside_sim.mapping.importers import import_airport
            from airside_sim.mapping.yaml_io import dump_map

            path = Path(tempfile.mkdtemp()) / "eddb.yaml"
            dump_map(import_airport("xplane", args.berlin, "EDDB").airport, path)
            env, _ = drive("AirsideApron-v0", 20_000_001, passes_aircraft, obs_type="state", map=str(path))
            picture = Renderer(env.unwrapped.simulator, width=1100, height=700, view_m=170.0).rgb(0)
        else:
            continue
        write_png(MEDIA / f"{name}.png", picture)
        env.close()


if __name__ == "__main__":
    main()
