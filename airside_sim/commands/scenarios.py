"""`airside scenarios list|validate|preview|run|schema`."""

from pathlib import Path
from typing import Annotated

import tyro

from airside_sim.commands.schemas import print_schema
from airside_sim.criteria import verdicts
from airside_sim.drivers import DRIVER_NAMES, make_driver
from airside_sim.envs.referee import in_words
from airside_sim.replay import RecordReplay
from airside_sim.resources import did_you_mean, find_file
from airside_sim.scenario import Scenario, load_scenario, scenario_names

Name = Annotated[str, tyro.conf.Positional]


def list_scenarios() -> int:
    """List the shipped scenarios by difficulty (1 to 5)."""
    loaded = [(name, load_scenario(name)) for name in scenario_names()]
    for name, scenario in sorted(loaded, key=lambda item: (item[1].difficulty or 0, item[0])):
        print(f"{scenario.difficulty or '-'}  {name:<22}{scenario.title}  [{', '.join(scenario.tags)}]")
    return 0


def validate(scenario: Name) -> int:
    """Check a scenario file: keys, values, map, and that its routes exist."""
    env = _make(scenario, obs_type="state")
    routes = env.unwrapped.simulator.routes
    print(f"{find_file('scenarios', scenario)}: ok, {len(routes.lane)} routes on {len(routes.maps)} map(s)")
    env.close()
    return 0


def preview(scenario: Name, out: Path = Path("scenario.png"), seed: int = 0, start: Path | None = None) -> int:
    """Draw the map with the scenario's routes, and a timeline of its events, conditions, criteria and limits.

    Args:
        scenario: shipped name or YAML file.
        out: PNG to write.
        seed: episode whose drawn numbers and route are shown; twelve more routes are thin.
        start: a second PNG: how that episode begins, round the ego.
    """
    from airside_sim.rendering.scenario_preview import preview_scenario
    from airside_sim.rendering.video import write_png

    env = _make(scenario, obs_type="state", render_mode="rgb_array" if start else None)
    print(preview_scenario(env.unwrapped, out, seed))
    if start:
        print(write_png(start, env.unwrapped.render()))
    env.close()
    return 0


def run(
    scenario: Name, driver: str = "expert", seed: int = 0, video: Path | None = None, replay: Path | None = None
) -> int:
    """Play one episode with a scripted driver; prints the outcome, writes a video when asked.

    Args:
        scenario: shipped name or YAML file.
        driver: expert, cautious, aggressive, noisy, blind, random or stop.
        seed: episode seed.
        video: MP4 to write.
        replay: folder for the episode's `.replay` file (see `airside replay`).
    """
    if driver not in DRIVER_NAMES:
        raise ValueError(f"unknown driver '{driver}'{did_you_mean(driver, list(DRIVER_NAMES))}")
    env = _make(scenario, render_mode="rgb_array" if video else None)
    if replay:
        env = RecordReplay(env, replay)
    obs, info = env.reset(seed=seed)
    policy = make_driver(driver, env, seed)
    totals = [0.0, 0.0]
    done = False

    def frames():
        nonlocal obs, info, done
        while not done:
            obs, reward, terminated, truncated, info = env.step(policy.act(obs))
            totals[0] += reward
            totals[1] += info["cost"]
            done = terminated or truncated
            yield env.render() if video else None

    if video:
        from airside_sim.rendering.video import write_mp4

        print(write_mp4(video, frames()))
    else:
        for _ in frames():
            pass
    records = env.unwrapped.events()
    for event in records:
        print(in_words(event))
    for v in verdicts(env.unwrapped.simulator.world.setup[0], records, True):
        print(f"{'kept  ' if v.is_kept else 'BROKEN'}  {v.kind}: {v.name} {v.limit}")
    print(f"success {bool(info['is_success'])}  completion {info['route_completion']:.2f}  "
          f"return {totals[0]:.1f}  cost {totals[1]:.3f}")  # fmt: skip
    env.close()
    if replay:
        print(env.paths[-1])
    return 0


def schema(out: Path | None = None) -> int:
    """Print the JSON Schema of scenario files, for editors that complete and check YAML.

    Args:
        out: file to write it to instead.
    """
    return print_schema(Scenario, out)


def _make(scenario: str, **keywords):
    import gymnasium as gym

    return gym.make("airside_sim:AirsideApron-v0", scenario=scenario, **keywords)
