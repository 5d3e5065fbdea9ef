"""Parking positions of imported maps: size letters where the source has none, stands that exclude each other."""

import math
import re
from collections.abc import Sequence

import shapely
from shapely.geometry import LineString

from airside_sim.mapping.areas import SPAN_M, parked_box
from airside_sim.mapping.schema import Stand

# Pitch between neighbouring parallel stands -> letter: span plus stand clearance of the letter (Annex 14, 3.13.6).
_PITCH_LETTERS = ((18.0, "A"), (28.0, "B"), (47.0, "C"), (60.0, "D"), (76.0, "E"), (math.inf, "C"))
# Letters of the types that names of stands mention ("Cargo G121 (A388F)").
_TYPE_LETTERS = (
    (r"A38\d|B748|AN12|A225", "F"),
    (r"A33\d|A34\d|A35\d|B74\d|B77\w|B78\d|MD11|IL96", "E"),
    (r"A30\d|A310|B75\d|B76\d|DC10|C17|C130", "D"),
    (r"A22\d|A31\d|A32\d|B73\w|B3[789]M|E1[79]\d|MD[89]\d|AT[47]\w|ATR|DH8\w|CRJ\d|F100|F70|BCS\d|RJ\d\d", "C"),
)
_EQUIPMENT_LETTERS = (
    ("heavy", "E"),
    ("jets", "C"),
    ("fighters", "B"),
    ("turboprops", "B"),
    ("props", "A"),
    ("helos", "A"),
)
_SAME_HEADING_DEG = 20.0
_ROAD_UNDER_M = 2.0


def letter_by_name(name: str) -> str | None:
    """The letter of an aircraft type named in the stand's name, None when it names none."""
    found = (letter for pattern, letter in _TYPE_LETTERS if re.search(rf"\b({pattern})", name.upper()))
    return next(found, None)


def letter_by_equipment(equipment: Sequence[str]) -> str | None:
    """The largest of X-Plane's equipment words, None when the row has none (or only `all`)."""
    return next((letter for word, letter in _EQUIPMENT_LETTERS if word in equipment), None)


def letter_by_span(span_m: float) -> str:
    """Smallest letter whose span takes an aircraft this wide."""
    return next((letter for letter, limit_m in SPAN_M.items() if span_m <= limit_m), "F")


def letters_by_spacing(positions: Sequence[tuple[float, float]], headings_deg: Sequence[float]) -> list[str]:
    """Letter of every stand from the lateral distance to its nearest neighbour that points the same way, else C.

    Only neighbours abreast count (less than half a pitch ahead or behind): tail-to-tail rows say nothing."""
    letters = []
    for i, (x, y) in enumerate(positions):
        angle = math.radians(90.0 - headings_deg[i])
        c, s = math.cos(angle), math.sin(angle)
        pitch = math.inf
        for j, (px, py) in enumerate(positions):
            turn = abs((headings_deg[j] - headings_deg[i] + 180.0) % 360.0 - 180.0)
            ahead, left = (px - x) * c + (py - y) * s, -(px - x) * s + (py - y) * c
            if j != i and turn < _SAME_HEADING_DEG and abs(left) > 8.0 and abs(ahead) < 0.5 * abs(left):
                pitch = min(pitch, abs(left))
        letters.append(next(letter for limit, letter in _PITCH_LETTERS if pitch <= limit))
    return letters


def unique_ids(names: Sequence[str], fallback: str) -> list[str]:
    """Non-empty, at most 60 characters, no two alike: a repeated name gets `~2`, `~3` ..."""
    taken: set[str] = set()
    ids = []
    for name in names:
        base = " ".join(name.split())[:56] or fallback
        candidate, count = base, 1
        while candidate in taken:
            count += 1
            candidate = f"{base}~{count}"
        taken.add(candidate)
        ids.append(candidate)
    return ids


def resolve_overlaps(stands: Sequence[Stand]) -> tuple[list[Stand], list[str]]:
    """(stands that can all be occupied at once, one sentence per change).

    Wide letters shrink towards C while they overlap a neighbour (real gates take what fits beside it). What still
    overlaps are multi-ramp lines and duplicates: those with the fewest conflicts stay, then smaller letters, then
    earlier rows; the others are dropped, and what stays gets back every letter that is free again."""
    shrunk = list(stands)
    while True:
        wide = {i for i, j in _conflicts(shrunk) if shrunk[i].code > "C" and shrunk[i].code >= shrunk[j].code}
        if not wide:
            break
        shrunk = [_with_letter(s, chr(ord(s.code) - 1)) if i in wide else s for i, s in enumerate(shrunk)]
    kept, warnings = _drop(shrunk)
    for i in sorted(kept):
        for letter in "FEDCBA"["FEDCBA".index(stands[i].code) :]:
            if letter <= shrunk[i].code:
                break
            box = parked_box(_with_letter(stands[i], letter))
            if not any(j != i and box.intersection(parked_box(shrunk[j])).area > 1.0 for j in kept):
                shrunk[i] = _with_letter(stands[i], letter)
                break
        if shrunk[i].code != stands[i].code:
            warnings.append(f"stand {stands[i].id}: letter {stands[i].code} -> {shrunk[i].code} beside its neighbours")
    return [shrunk[i] for i in sorted(kept)], warnings


def clear_of_roads(stands: Sequence[Stand], roads: Sequence[LineString]) -> tuple[list[Stand], list[str]]:
    """(stands under whose parked aircraft no road runs, one sentence per change).

    Wide letters shrink towards C first; less than 2 m between a road's centre and the outline leaves no lane."""
    tree = shapely.STRtree(roads)
    kept, warnings = [], []
    for stand in stands:
        letter = stand.code
        while _road_under(_with_letter(stand, letter), tree) and letter > "C":
            letter = chr(ord(letter) - 1)
        fitting = _with_letter(stand, letter)
        if _road_under(fitting, tree):
            warnings.append(f"stand {stand.id}: a service road runs under its aircraft; dropped")
            continue
        if letter != stand.code:
            warnings.append(f"stand {stand.id}: letter {stand.code} -> {letter} beside a service road")
        kept.append(fitting)
    return kept, warnings


def _road_under(stand: Stand, roads: shapely.STRtree) -> bool:
    return len(roads.query(parked_box(stand), predicate="dwithin", distance=_ROAD_UNDER_M)) > 0


def _drop(stands: Sequence[Stand]) -> tuple[set[int], list[str]]:
    rivals: list[set[int]] = [set() for _ in stands]
    for i, j in _conflicts(stands):
        rivals[i].add(j)
    kept: set[int] = set()
    warnings = []
    for i in sorted(range(len(stands)), key=lambda i: (len(rivals[i]), stands[i].code, i)):
        blocker = next((j for j in sorted(rivals[i]) if j in kept), None)
        if blocker is None:
            kept.add(i)
        else:
            warnings.append(f"stand {stands[i].id}: overlaps stand {stands[blocker].id}; dropped")
    return kept, warnings


def _conflicts(stands: Sequence[Stand]) -> list[tuple[int, int]]:
    """Ordered pairs of stands whose largest aircraft would touch."""
    if not stands:
        return []
    boxes = [parked_box(stand) for stand in stands]
    pairs = shapely.STRtree(boxes).query(boxes, predicate="intersects").T
    return [(int(i), int(j)) for i, j in pairs if i != j and boxes[i].intersection(boxes[j]).area > 1.0]


def _with_letter(stand: Stand, letter: str) -> Stand:
    return stand.model_copy(update={"code": letter})
