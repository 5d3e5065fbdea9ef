"""300 mutated scenario files: each is refused in one line that says where, or it runs; nothing else ever happens.

The shipped files are mutated as text and as trees: keys, values, types, nesting, truncation, duplicates, odd numbers,
odd characters, tabs, anchors. What loads is driven for three steps on the small map.
"""

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airside_sim.env_config import KEYWORDS, resolve
from airside_sim.resources import data_folder
from airside_sim.scenario import GROUPS, load_scenario, scenario_names

TEXTS = [(data_folder("scenarios") / f"{name}.yaml").read_text(encoding="utf-8") for name in scenario_names()]
ODD = [
    None, True, False, 0, -1, 1, 1e308, -1e308, float("nan"), float("inf"), 10**30, -0.0, 1e-300, "", " ", "nan", "é☃",
    "a" * 5000, [], {}, [[]], {"uniform": [0, 1]}, {"uniform": [2, 1]}, {"choice": []}, {"normal": [0, 1]},
    {"uniform": 3}, {"choice": [{"choice": [1]}]}, [1, 2], ["hub", "nowhere"], {"at_s": 3}, "generated:9-1", "hub",
]  # fmt: skip
KEYS = [
    "weather",
    "at_s",
    "event",
    "for_s",
    "criteria",
    "success",
    "upon",
    "on",
    "no",
    "1",
    "é",
    "",
    "x" * 300,
    "~",
    "<<",
]
CRITERIA = "criteria: {success: {max_time_s: 60, without: [yielded]}, failure: {max_speed_mps: 9, upon: [fog_came]}}"
CHANGES = "conditions_over_time: [{at_s: 1, weather: fog}, {at_s: 2, light: night, friction: {uniform: [0.2, 0.4]}}]"
EVENTS = (
    "inject: [{event: uld_falls_off, at_s: 0.1}, {event: rogue_driver, at_s: 0.1}, {event: emergency_vehicle, at_s: 0}]"
)
GROUP_TEXTS = [CRITERIA, CHANGES, EVENTS]


def places(tree: Any) -> list[tuple[Any, Any]]:
    """(container, key) of everything in a tree of dicts and lists."""
    found = []
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else []
    for key in keys:
        found.append((tree, key))
        found += places(tree[key])
    return found


def change_tree(text: str, draw: random.Random) -> str:
    """Replace, rename, drop, nest or swap something in the file's tree, once to three times."""
    tree = yaml.safe_load(text)
    for _ in range(draw.randint(1, 3)):
        spots = places(tree)
        if not spots:
            break
        box, key = draw.choice(spots)
        kind = draw.randrange(6)
        if kind <= 1:
            box[key] = draw.choice(ODD)
        elif kind == 2 and isinstance(box, dict):
            box[draw.choice([*KEYS, str(key)[:-1], str(key) + "s"])] = box.pop(key)
        elif kind == 3:
            del box[key]
        elif kind == 4:
            box[key] = [box[key]] if draw.random() < 0.5 else {str(key): box[key]}
        else:
            other, name = draw.choice(spots)
            if name in (other if isinstance(other, dict) else range(len(other))):
                box[key] = yaml.safe_load(yaml.safe_dump(other[name]))
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)


def change_number(text: str, draw: random.Random) -> str:
    """Another number in the place of one."""
    spots = list(re.finditer(r"(?<![\w.])\d+\.?\d*", text))
    if not spots:
        return text
    spot = draw.choice(spots)
    new = draw.choice(
        ["-1", "0", "1e999", ".nan", ".inf", "1_000", "0x1F", "1e9", "0o17", "2.5", "12:30", "99999999999999"]
    )
    return text[: spot.start()] + new + text[spot.end() :]


def change_text(text: str, draw: random.Random) -> str:
    """Cut, repeat, or write odd characters into the text."""
    at = draw.randrange(len(text))
    odd = draw.choice(
        ["\t", "\x00", "\ufeff", "☃", "\u2028", "'", '"', "{", "]", ":", "- ", "#", "\n", "&a", "*a", "!!python/x "]
    )
    lines = text.splitlines()
    return draw.choice([
        text[:at],
        text[:at] + odd + text[at:],
        text + draw.choice(lines) + "\n",
        "\n".join([*lines, *lines]),
        "\n".join(("\t" + line) if draw.random() < 0.3 else line for line in lines),
        "a: &a [x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c]\n" + text,
        text.replace(":", "", 1),
        "[" * draw.randint(1, 200) + text,
    ])  # fmt: skip


def mix_files(text: str, draw: random.Random) -> str:
    """Some entries of another shipped file in the place of one's own: much of it fits."""
    tree, other = yaml.safe_load(text), yaml.safe_load(draw.choice(TEXTS))
    for key in draw.sample(list(other), draw.randint(1, len(other))):
        tree[key] = other[key]
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)


MUTATIONS: list[Callable[[str, random.Random], str]] = [change_tree, change_number, change_text, mix_files]


def mutate(draw: random.Random) -> str:
    """A shipped file, perhaps with one of the newer groups, changed once."""
    text = draw.choice(TEXTS)
    if draw.random() < 0.5:
        extra = draw.choice(GROUP_TEXTS)
        if extra.split(":")[0] + ":" not in text:
            text = text.rstrip("\n") + "\n" + extra + "\n"
    return draw.choice(MUTATIONS)(text, draw)


def names_the_field(message: str) -> bool:
    """The error begins with FILE:LINE, or names a field or keyword."""
    if re.match(r"[^\n]*\.yaml:\d+: ", message):
        return True
    return any(
        re.search(rf"\b{name}\b", message) for name in (*KEYWORDS, *GROUPS, "scenario", "map", "route", "reward")
    )


def refusal(call: Callable[[], Any]) -> str:
    """Message of the project's own error, "" when there is none; an exception of another kind escapes."""
    try:
        call()
    except (ValueError, FileNotFoundError) as error:
        return str(error) or "no words"
    return ""


def load_and_run(path: Path) -> str:
    """ "refused", "refused late" or "ran"."""
    message = refusal(lambda: load_scenario(path))
    if message:
        assert re.match(r"[^\n]*\.yaml:\d+: [^\n]+$", message), message
        return "refused"
    message = refusal(lambda: resolve("apron", scenario=str(path)).episode_setup())
    keywords = {"map": "training_apron", "route_length_m": (60.0, 300.0), "obs_type": "state", "max_steps": 0}
    made: list[gym.Env] = []
    small = {"driving_side": None, "bev_range_m": 100.0, "bev_ahead_m": 50.0, "traffic": 0.4}
    message = message or refusal(
        lambda: made.append(gym.make("airside_sim:AirsideApron-v0", scenario=str(path), **keywords, **small))
    )
    if message:
        assert names_the_field(message), message
        assert "\n" not in message
        return "refused late"
    (env,) = made
    obs, _ = env.reset(seed=1)
    for _ in range(3):
        obs, reward, _, _, info = env.step(np.array([0.0, 0.5], np.float32))
        assert np.isfinite(obs).all()
        assert np.isfinite(reward)
        assert all(np.isfinite(value) for value in info.values())
    env.close()
    return "ran"


OUTCOMES: list[str] = []


@settings(max_examples=300, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(min_value=0, max_value=2**32))
def run_300(folder: Path, seed: int) -> None:
    path = folder / "mutated.yaml"
    path.write_bytes(mutate(random.Random(seed)).encode("utf-8", "surrogatepass"))
    OUTCOMES.append(load_and_run(path))


def test_a_mutated_scenario_is_refused_in_one_line_or_runs(tmp_path: Path) -> None:
    OUTCOMES.clear()
    run_300(tmp_path)
    assert len(OUTCOMES) >= 300
    assert OUTCOMES.count("refused") >= 60
    assert OUTCOMES.count("ran") >= 40


@pytest.mark.parametrize("extra", GROUP_TEXTS)
def test_the_newer_groups_unmutated_run(tmp_path: Path, extra: str) -> None:
    path = tmp_path / "whole.yaml"
    path.write_text(f"schema_version: 1\nname: whole\n{extra}\n", encoding="utf-8")
    assert load_and_run(path) == "ran"
