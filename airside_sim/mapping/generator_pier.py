"""Larger blocks: piers, remote aprons, baggage yards, runways with their entries. Piers run north from y = 0.

`crosses` are the y of the east-west roads that all piers and remote rows share; between two of them lies one row.
"""

from collections.abc import Sequence
from itertools import pairwise

from shapely.geometry import LineString

from airside_sim.mapping.areas import TAXIWAY_WITH_SHOULDERS_M
from airside_sim.mapping.generator_blocks import CORNER_M, HEAD_V_M, WALK_V_M, Row, draw_depot_loop, draw_row
from airside_sim.mapping.generator_draft import XY, Frame, MapDraft

PIER_HALF_M = 12.0
TUNNEL_HALF_M = PIER_HALF_M + HEAD_V_M  # the passage under a pier runs from head road to head road
YARD_NORTH_Y, YARD_SOUTH_Y = -38.0, -88.0
TERMINAL_Y = -97.0  # airside face of the terminal behind the yard
PASSAGE_M = 8.0  # cross-road centre to the wall of the pier that it passes under


def side_frame(face_x: float, is_east: bool) -> Frame:
    """Frame of a row whose face stands at x = face_x and whose aircraft park east (or west) of it."""
    return Frame(face_x, 0.0, (0.0, 1.0), (1.0 if is_east else -1.0, 0.0))


def draw_side(
    draft: MapDraft,
    frame: Frame,
    crosses: Sequence[float],
    rows: Sequence[tuple[str, ...]],
    prefix: str,
    end0_m: float = 0.0,
    has_rear_road: bool = True,
    is_remote: bool = False,
    corner_m: float = CORNER_M,
) -> list[float]:
    """Rows along one face, one between each two cross roads; `end0_m` keeps room at the taxilane's dead end."""
    centres: list[float] = []
    for i, codes in enumerate(rows):
        row = Row(frame, crosses[i], crosses[i + 1], codes, has_rear_road, len(centres) + 1, prefix, is_remote,
                  has_walkways=not is_remote, corner_m=corner_m)  # fmt: skip
        centres += draw_row(draft, row, end0_m if i == 0 and end0_m > 0 else None)
    return centres


def draw_pier(draft: MapDraft, x: float, crosses: Sequence[float], name: str) -> None:
    """The pier's building in pieces, open where a cross road passes under it, and a walkway along both faces."""
    for i, (y0, y1) in enumerate(pairwise(crosses)):
        south, north = y0 + PASSAGE_M, y1 - PASSAGE_M - (8.0 if i == len(crosses) - 2 else 0.0)
        corners = [
            (x - PIER_HALF_M, south),
            (x + PIER_HALF_M, south),
            (x + PIER_HALF_M, north),
            (x - PIER_HALF_M, north),
        ]
        draft.add("buildings", id=f"{name}{i + 1}", kind="pier", polygon=corners, height_m=12.0)
        for side in (-1.0, 1.0):
            face = x + side * (PIER_HALF_M + WALK_V_M)
            draft.add(
                "walkways",
                id=f"{name}{i + 1}{'E' if side > 0 else 'W'}",
                line=[(face, south + 2.0), (face, north - 2.0)],
            )


def draw_cross_roads(
    draft: MapDraft, crosses: Sequence[float], x0: float, x1: float, piers: Sequence[float], kinds: Sequence[str]
) -> None:
    """East-west roads from x0 to x1; where one passes under a pier it is a tunnel. The last runs past the tips."""
    for i, (y, kind) in enumerate(zip(crosses, kinds, strict=True)):
        passages = sorted(piers) if i < len(crosses) - 1 else []
        west = x0
        for x in passages:
            draft.road([(west, y), (x - TUNNEL_HALF_M, y)], kind)
            draft.road([(x - TUNNEL_HALF_M, y), (x + TUNNEL_HALF_M, y)], "tunnel")
            west = x + TUNNEL_HALF_M
        draft.road([(west, y), (x1, y)], kind)


def draw_depots(
    draft: MapDraft,
    frame: Frame,
    at: Sequence[float],
    pois: Sequence[tuple[str, str]],
    v_road: float,
    v_near: float,
    building_m: float = 13.0,
) -> None:
    """Depot loops between the roads at v_near and v_road, each with a building (fuel: two tanks) beside it."""
    draw_depot_loop(draft, frame, tuple(at), v_near, v_road, tuple(pois))
    low, high = sorted((v_road, v_near))
    for u, (kind, label) in zip(at, pois, strict=True):
        if kind == "fuel_depot":
            middle = (low + high) / 2
            for k, v in enumerate((middle - 13.0, middle + 1.0)):
                tank = frame.box(u + 8, v, u + 20, v + 12)
                draft.add("buildings", id=f"{label} tank {k + 1}", kind="tank", polygon=tank, height_m=9.0)
        else:
            draft.add("buildings", id=label, polygon=frame.box(u + 8, low + 12, u + 8 + building_m, high - 12),
                      height_m=8.0)  # fmt: skip


def draw_yard(
    draft: MapDraft, road_y: float, x0: float, x1: float, at: Sequence[float], pois: Sequence[tuple[str, str]]
) -> None:
    """Baggage yard between terminal and piers: two parallel roads with depot loops, linked to the road at road_y."""
    yard = Frame(0.0, 0.0, (1.0, 0.0), (0.0, 1.0))
    draft.road([(x0, road_y), (x0, YARD_SOUTH_Y), (x1, YARD_SOUTH_Y), (x1, road_y)], "apron")
    draft.road([(x0, YARD_NORTH_Y), (x1, YARD_NORTH_Y)], "apron")
    draw_depots(draft, yard, at, pois, YARD_NORTH_Y, YARD_SOUTH_Y, 14.0)


def draw_runway(
    draft: MapDraft, ends: tuple[XY, XY], taxi_y: float, entries: Sequence[float], code: str, half_strip_m: float
) -> None:
    """A runway along x with a parallel taxiway at taxi_y and entries with a holding position at the strip's edge."""
    (x0, y), (x1, _) = ends
    hold_y = y - half_strip_m if taxi_y < y else y + half_strip_m
    half = TAXIWAY_WITH_SHOULDERS_M[code] / 2
    draft.add("runways", id="09/27", ends=ends, strip_half_width_m=half_strip_m)
    draft.add("surfaces", id="runway", kind="runway", polygon=[(x0, y - 30), (x1, y - 30), (x1, y + 30), (x0, y + 30)])
    draft.taxi([(x0, y), (x1, y)], "runway", code, "09/27")
    draft.taxi([(min(entries), taxi_y), (max(entries), taxi_y)], "taxiway", code, "A")
    for k, x in enumerate(entries):
        draft.taxi([(x, taxi_y), (x, hold_y)], "taxiway", code, f"A{k + 1}")
        draft.taxi([(x, hold_y), (x, y)], "taxiway", code, f"A{k + 1}")
        draw_taxi_surface(draft, f"taxiway A{k + 1}", (x, taxi_y), (x, y), code)
        draft.holds.append(((x, hold_y), "runway"))
        draft.add("holding_positions", kind="runway", line=[(x - half, hold_y), (x + half, hold_y)])
        draft.add("labels", text="09-27", position=(x + half + 8, hold_y), kind="mandatory")
        draft.add("labels", text=f"A{k + 1}", position=(x + half + 8, taxi_y + 30), kind="location")
    draw_taxi_surface(draft, "taxiway A", (min(entries) - half, taxi_y), (max(entries) + half, taxi_y), code)


def draw_taxi_surface(draft: MapDraft, label: str, a: XY, b: XY, code: str) -> None:
    """Asphalt under a straight taxi line, shoulders included."""
    strip = LineString([a, b]).buffer(TAXIWAY_WITH_SHOULDERS_M[code] / 2, cap_style="flat")
    draft.add("surfaces", id=label, kind="taxiway", polygon=list(strip.exterior.coords)[:-1])
