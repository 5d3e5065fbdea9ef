"""`index.html`: one page that opens from disk, with tables, plots, a heat map and links to replays beside it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.common.run_folder import write_atomic
from airside_sim.replay import load_replay
from airside_sim.replay.page import write_page as write_replay_page

ASSETS = Path(__file__).parent / "assets"
SHOWN = ("schema_version", "provenance", "setup", "overall", "suites", "entries", "timings")


def write_page(found: dict[str, Any], out: Path, on_replay: Callable[[str], None] = lambda name: None) -> Path:
    """Write the page and the replays that it links: the best and the worst episode of every agent and suite."""
    links = {}
    for (agent, suite), chosen in _chosen(found).items():
        for which, (entry, seed, worth) in chosen.items():
            name = f"{agent}--{suite}--{which}"
            on_replay(name)
            source = out / "episodes" / agent / suite / entry / f"{seed}.replay"
            write_replay_page(load_replay(source), out / "replays" / f"{name}.html")
            links.setdefault(f"{agent} {suite}", {})[which] = {
                "href": f"replays/{name}.html", "entry": entry, "seed": seed, "worth": worth,
            }  # fmt: skip
    data = {key: found[key] for key in SHOWN} | {"links": links, "failures": _failures(found)}
    path = out / "index.html"
    write_atomic(path, render(data))
    return path


def render(data: dict[str, Any]) -> str:
    """The page as text; the data stands in it as JSON."""
    parts = {
        "STYLE": (ASSETS / "board.css").read_text(encoding="utf-8"),
        "SCRIPT": "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in ("plots.js", "board.js")),
        "DATA": json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c"),
    }
    text = (ASSETS / "board.html").read_text(encoding="utf-8")
    for name, value in parts.items():
        text = text.replace(f"@{name}@", value)
    return text


def _columns(found: dict[str, Any], *names: str) -> list[int]:
    return [found["episodes"]["columns"].index(name) for name in names]


def _chosen(found: dict[str, Any]) -> dict[tuple[str, str], dict[str, tuple[str, int, float]]]:
    """(entry, seed, worth) of the best and the worst driven episode of each agent and suite."""
    agent, suite, entry, seed, worth, failed = _columns(found, "agent", "suite", "entry", "seed", "worth", "failed")
    chosen: dict[tuple[str, str], dict[str, tuple[str, int, float]]] = {}
    for row in found["episodes"]["rows"]:
        if row[failed]:
            continue
        here, mine = chosen.setdefault((row[agent], row[suite]), {}), (row[entry], row[seed], row[worth])
        if "best" not in here or mine[2] > here["best"][2]:
            here["best"] = mine
        if "worst" not in here or mine[2] < here["worst"][2]:
            here["worst"] = mine
    return chosen


def _failures(found: dict[str, Any]) -> list[list[Any]]:
    """[agent, suite, entry, reason, episodes]."""
    places = _columns(found, "agent", "suite", "entry", "failed")
    counts: dict[tuple[str, ...], int] = {}
    for row in found["episodes"]["rows"]:
        if row[places[3]]:
            key = tuple(row[i] for i in places)
            counts[key] = counts.get(key, 0) + 1
    return [[*key, n] for key, n in counts.items()]
