"""One self-contained HTML page of a replay: opens from disk, needs no server and no network.

The page is `assets/viewer.html` with its style, its script and the data put in: a JSON head and typed arrays, deflated
and in base64. Positions are whole centimetres, so the page shows what the simulator had to the centimetre.
"""

import base64
import html
import json
import os
import zlib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from airside_sim.columns import Episode
from airside_sim.constants import DT_S, ActorClass, HazardKind, VehicleClass
from airside_sim.rendering import palette
from airside_sim.rendering.scene import Primitive, build_scene
from airside_sim.replay.file import Replay
from airside_sim.replay.playback import Playback
from airside_sim.replay.track import Actor, Track, track_of

AROUND_M = 140.0  # of the driven way: ground that is drawn
THINNEST_M = 0.13  # slab joints are left out
MAX_DELTA_CM = 32_000


def write_page(
    replay: Replay, path: str | Path, *, map: str | None = None, on_tick: Callable[[int], None] = lambda tick: None
) -> Path:
    """Play `replay` and write its page; `on_tick` hears of every tick (progress)."""
    playback = Playback(replay, map=map)
    track = track_of(playback, on_tick)
    text = _fill(_asset("viewer.html"), {
        "TITLE": html.escape(f"{replay.env_id} seed {replay.seed}"),
        "STYLE": _asset("viewer.css"),
        "SCRIPT": "\n".join(_asset(name) for name in ("data.js", "scene.js", "viewer.js")),
        "DATA": _encode(*_data(playback, track)),
    })  # fmt: skip
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
    return path


def _asset(name: str) -> str:
    return (files("airside_sim.replay") / "assets" / name).read_text(encoding="utf-8")


def _fill(template: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        template = template.replace(f"@{name}@", value)
    return template


def _encode(head: dict[str, Any], arrays: dict[str, np.ndarray]) -> str:
    """u32 length of the JSON head, the head padded to 8 bytes, then the arrays, each padded to 8 bytes."""
    index, body = {}, b""
    for name, array in arrays.items():
        raw = np.ascontiguousarray(array).tobytes()
        index[name] = [array.dtype.name, len(body), array.size]
        body += raw + b"\0" * (-len(raw) % 8)
    text = json.dumps(head | {"arrays": index}, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + 4) % 8)
    return base64.b64encode(zlib.compress(np.uint32(len(text)).tobytes() + text + body, 9)).decode()


def _data(playback: Playback, track: Track) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    replay = playback.replay
    origin = np.round(track.ego_xy[0])
    actors, arrays = _actors(track.actors, origin)
    arrays["terms"] = track.terms.T.astype(np.float32)  # (I, T + 1)
    arrays["speed"] = track.speed_mps.astype(np.float32)
    arrays["limit"] = track.limit_mps.astype(np.float32)
    m = int(playback.simulator.world.episode[0, Episode.MAP])
    head = {
        "title": f"{replay.env_id}  seed {replay.seed}",
        "map": playback.simulator.maps[m].name,
        "dt": DT_S,
        "instants": len(track.ego_xy),
        "outcome": {**vars(replay.outcome)},
        "weather": track.weather,
        "terms": list(track.term_names),
        "actors": actors,
        "shapes": _shapes(playback, track.actors),
        "vehicles": _vehicles(),
        "ground": _ground(playback, track, origin, m),
        "route": _cm(track.route - origin),
        "hazards": [[a, b, HazardKind(k).name.lower(), _cm(q - origin)] for a, b, k, q in track.hazards],
        "crossings": [[_cm(ring - origin), changes] for ring, changes in track.crossings],
        "log": [r | {"tick": round(r["time_s"] / DT_S)} for r in track.log],
        "colours": {name: _hex(getattr(palette, name)) for name in (
            "EGO", "EGO_TRAILER", "ROUTE", "GRANTED", "DENIED", "HAZARD", "VEST", "WING", "FUSELAGE", "BEACON_ON",
            "GRASS", "COCKPIT")},
    }  # fmt: skip
    return head, arrays


def _hex(colour: tuple[int, ...]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour[:3])


def _cm(points: np.ndarray) -> list[int]:
    """Metres (n, 2) as a flat list of whole centimetres."""
    return np.round(points * 100.0).astype(int).ravel().tolist()


def _actors(actors: list[Actor], origin: np.ndarray) -> tuple[list[list[Any]], dict[str, np.ndarray]]:
    """[slot, class, shape, front, rear, half width, first tick, count, x, y of the start] and joined arrays."""
    heads, steps, headings, beacons = [], [], [], []
    for a in actors:
        at = np.round((a.xy - origin) * 100.0).astype(np.int64)
        step = np.diff(at, axis=0, prepend=at[:1])
        heads.append([a.slot, a.actor_class, a.shape, round(a.front_m, 2), round(a.rear_m, 2), round(a.half_width_m, 2),
                      a.first, len(at), int(at[0, 0]), int(at[0, 1])])  # fmt: skip
        steps.append(np.clip(step, -MAX_DELTA_CM, MAX_DELTA_CM).astype(np.int16))
        headings.append(np.round(a.heading * 1e4).astype(np.int16))
        beacons.append(a.beacon.astype(np.uint8))
    joined = np.concatenate(steps)
    return heads, {
        "dx": joined[:, 0],
        "dy": joined[:, 1],
        "heading": np.concatenate(headings),
        "beacon": np.concatenate(beacons),
    }


def _shapes(playback: Playback, actors: list[Actor]) -> dict[str, list[list[int]]]:
    """Outlines (cm, body frame) of the aircraft types that appear, wings first and the fuselage on top."""
    types = playback.simulator.aircraft_types
    found = {}
    for kind in sorted({a.shape for a in actors if a.actor_class == ActorClass.AIRCRAFT}):
        parts = []
        for k in range(int(types.num_parts[kind])):
            n = int(types.part_nv[kind, k])
            parts.append(_cm(np.stack([types.part_x[kind, k, :n], types.part_y[kind, k, :n]], axis=1)))
        found[str(kind)] = [*parts[1:], parts[0]]
    return found


def _vehicles() -> dict[str, list[str]]:
    """Name and colour of each vehicle class."""
    grey = (160, 160, 160)
    return {
        str(int(v)): [v.name.replace("_", " ").lower(), _hex(palette.VEHICLE_COLOURS.get(v.name, grey))]
        for v in VehicleClass
    }


def _ground(playback: Playback, track: Track, origin: np.ndarray, m: int) -> list[list[Any]]:
    """What is painted round the driven way: [kind, colour, points cm, width m, dash, text, background]."""
    compiled = playback.simulator.maps[m]
    points = np.concatenate([track.ego_xy, track.route])
    (west, south), (east, north) = points.min(axis=0) - AROUND_M, points.max(axis=0) + AROUND_M
    scene = build_scene(compiled.airport, compiled.arrays)
    return [_primitive(p, origin) for p in scene.touching(west, south, east, north) if _is_drawn(p)]


def _is_drawn(p: Primitive) -> bool:
    return p.kind != "line" or p.width_m >= THINNEST_M


def _primitive(p: Primitive, origin: np.ndarray) -> list[Any]:
    background = _hex(p.background) if p.background else ""
    return [p.kind, _hex(p.colour), _cm(p.points - origin), p.width_m, list(p.dash_m or ()), p.text, background]
