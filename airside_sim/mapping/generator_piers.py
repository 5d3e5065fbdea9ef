"""Layout "piers": one to three piers, alleys with a taxilane between them, depots or remote stands at both ends."""

from typing import NamedTuple

import numpy as np

from airside_sim.mapping.areas import TAXILANE_OBJECT_M, TAXIWAY_OBJECT_M, TAXIWAY_WITH_SHOULDERS_M
from airside_sim.mapping.generator_blocks import HEAD_V_M, ROAD_M, row_length, taxilane_v
from airside_sim.mapping.generator_choices import (
    DEPOT_KINDS,
    PUSH_ROOM_M,
    dead_end_m,
    fill_row,
    label_depots,
    largest,
    main_letter,
    some_of,
    spread,
)
from airside_sim.mapping.generator_draft import Frame, MapDraft
from airside_sim.mapping.generator_linear import DEPOT_DEPTH_M, FAR_STORE_M
from airside_sim.mapping.generator_pier import (
    PIER_HALF_M,
    TERMINAL_Y,
    YARD_NORTH_Y,
    draw_cross_roads,
    draw_depots,
    draw_pier,
    draw_runway,
    draw_side,
    draw_taxi_surface,
    draw_yard,
    side_frame,
)

FIRST_CROSS_M = 10.0
NORTH_STORE_M = 38.0  # tip road to the taxiway's stop line


class Side(NamedTuple):
    """One face with stands: rows from south to north."""

    rows: tuple[tuple[str, ...], ...]
    has_rear: bool

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(code for row in self.rows for code in row)


class Plan(NamedTuple):
    """Where everything stands, from west to east."""

    crosses: tuple[float, ...]
    piers: tuple[float, ...]
    taxilanes: tuple[tuple[float, str], ...]  # (x, letter)
    west: Side | None  # remote stands beyond the first taxilane
    east: Side | None
    sides: tuple[tuple[Side, Side], ...]  # (west, east) of every pier
    west_head_x: float  # head-of-stand (or depot) road beyond the outer taxilanes
    east_head_x: float


def draw_piers(draft: MapDraft, rng: np.random.Generator, num_piers: int | None, has_runway: bool) -> None:
    """Draw the layout."""
    plan = _plan(rng, num_piers or int(rng.choice([1, 2, 3], p=[0.5, 0.4, 0.1])))
    for i, (x, (west, east)) in enumerate(zip(plan.piers, plan.sides, strict=True)):
        draw_pier(draft, x, plan.crosses, chr(ord("A") + i))
        for side, sign, name in ((west, -1, 2 * i), (east, 1, 2 * i + 1)):
            frame = side_frame(x + sign * PIER_HALF_M, sign > 0)
            draw_side(
                draft, frame, plan.crosses, side.rows, chr(ord("A") + name), _push_room(plan, x, sign), side.has_rear
            )
        root_south = YARD_NORTH_Y + ROAD_M
        root = [
            (x - PIER_HALF_M, root_south),
            (x + PIER_HALF_M, root_south),
            (x + PIER_HALF_M, 2),
            (x - PIER_HALF_M, 2),
        ]
        draft.add("buildings", id=f"Root {i + 1}", kind="terminal", polygon=root, height_m=18.0)
    for side, is_east, prefix in ((plan.west, True, "W"), (plan.east, False, "X")):
        if side is not None:
            frame = _outer_frame(plan, is_east)
            room = PUSH_ROOM_M[plan.taxilanes[0 if is_east else -1][1]]
            draw_side(draft, frame, plan.crosses, side.rows, prefix, room, is_remote=True)
    _roads(draft, plan)
    _depots(draft, rng, plan)
    _taxiways(draft, plan, has_runway)
    _ground(draft, plan)


def _plan(rng: np.random.Generator, num_piers: int) -> Plan:
    """Draw the dice and place everything."""
    letters = [(main_letter(rng), main_letter(rng)) for _ in range(num_piers)]
    outer = [main_letter(rng) if rng.random() < 0.45 else None for _ in range(2)]
    every = [letter for pair in letters for letter in pair] + [letter for letter in outer if letter]
    room = PUSH_ROOM_M[max(every)]
    lengths = [float(rng.uniform(200, 330)) for _ in range(int(rng.choice([1, 2], p=[0.4, 0.6])))]
    lengths = [max(v, row_length((max(every),) * 2)) + (room if i == 0 else 0.0) for i, v in enumerate(lengths)]
    crosses = tuple(float(v) for v in np.round(FIRST_CROSS_M + np.cumsum([0.0, *lengths]), 1))

    def side(letter: str, can_lack_rear: bool) -> Side:
        has_rear = not (can_lack_rear and rng.random() < 0.2)
        usable = [v - (room if i == 0 else 0.0) for i, v in enumerate(lengths)]
        return Side(tuple(fill_row(rng, letter, v) for v in usable), has_rear)

    sides = tuple((side(a, True), side(b, True)) for a, b in letters)
    west, east = (side(letter, False) if letter else None for letter in outer)
    x, piers, taxilanes = 0.0, [0.0], []
    for i in range(num_piers - 1):
        here, there = sides[i][1], sides[i + 1][0]
        code = largest((*here.codes, *there.codes))
        lane = x + PIER_HALF_M + taxilane_v(here.codes, code, here.has_rear)
        taxilanes.append((lane, code))
        x = lane + taxilane_v(there.codes, code, there.has_rear) + PIER_HALF_M
        piers.append(x)
    west_lane, west_x = _outer(sides[0][0], west)
    east_lane, east_x = _outer(sides[-1][1], east)
    first = (piers[0] - PIER_HALF_M - west_lane[0], west_lane[1])
    last = (piers[-1] + PIER_HALF_M + east_lane[0], east_lane[1])
    return Plan(
        crosses, tuple(piers), (first, *taxilanes, last), west, east, sides, first[0] - west_x, last[0] + east_x
    )


def _outer(side: Side, remote: Side | None) -> tuple[tuple[float, str], float]:
    """((face to taxilane, its letter), taxilane to the road beyond it)."""
    code = largest((*side.codes, *(remote.codes if remote else ())))
    lane = taxilane_v(side.codes, code, side.has_rear)
    beyond = taxilane_v(remote.codes, code) - HEAD_V_M if remote else TAXILANE_OBJECT_M[code] + FAR_STORE_M
    return (lane, code), beyond


def _outer_frame(plan: Plan, is_west: bool) -> Frame:
    """Frame whose head road is the outermost road but the perimeter; v points to the piers."""
    x = plan.west_head_x - HEAD_V_M if is_west else plan.east_head_x + HEAD_V_M
    return side_frame(x, is_west)


def _push_room(plan: Plan, x: float, sign: int) -> float:
    """Room kept at the dead end of the taxilane beside this face."""
    lanes = [lane for lane in plan.taxilanes if (lane[0] - x) * sign > 0]
    return PUSH_ROOM_M[min(lanes, key=lambda lane: abs(lane[0] - x))[1]]


def _roads(draft: MapDraft, plan: Plan) -> None:
    west, east = plan.west_head_x - DEPOT_DEPTH_M, plan.east_head_x + DEPOT_DEPTH_M
    kinds = ["apron"] + ["service"] * (len(plan.crosses) - 1)
    draw_cross_roads(draft, plan.crosses, west, east, plan.piers, kinds)
    for x, kind in ((west, "perimeter"), (east, "perimeter")):
        draft.road([(x, plan.crosses[0]), (x, plan.crosses[-1])], kind)
    for x, side in ((plan.west_head_x, plan.west), (plan.east_head_x, plan.east)):
        if side is None:
            draft.road([(x, plan.crosses[0]), (x, plan.crosses[-1])], "service")


def _depots(draft: MapDraft, rng: np.random.Generator, plan: Plan) -> None:
    """Baggage halls in the yard by the terminal, other depots between the perimeter and the outer roads."""
    west, east = plan.taxilanes[0][0], plan.taxilanes[-1][0]
    at = spread(rng, west + 46, east - 66, (), int(rng.integers(2, 6)))
    halls = label_depots(rng, len(at), ("baggage_hall", "baggage_hall", "bus_station"), "Yard")
    draw_yard(draft, plan.crosses[0], west, east, at, halls)
    for is_west, name in ((True, "West"), (False, "East")):
        frame = _outer_frame(plan, is_west)
        head_x = frame.at(0.0, HEAD_V_M)[0]
        ends = [p for road in draft.roads if road["kind"] == "stand" for p in road["points"]]
        nodes = [p[1] for p in ends if abs(p[0] - head_x) < 0.1]
        low, high, wanted = plan.crosses[0] + 46, plan.crosses[-1] - 66, int(rng.integers(1, 5))
        places = some_of(rng, nodes, wanted) if nodes else spread(rng, low, high, plan.crosses, wanted)
        pois = label_depots(rng, len(places), DEPOT_KINDS, name)
        draw_depots(draft, frame, places, pois, HEAD_V_M - DEPOT_DEPTH_M, HEAD_V_M)


def _taxiways(draft: MapDraft, plan: Plan, has_runway: bool) -> None:
    """Taxilanes up the alleys to a taxiway in the north; a runway beyond it, or open ends."""
    code = largest([letter for _, letter in plan.taxilanes])
    taxiway_y = plan.crosses[-1] + ROAD_M / 2 + NORTH_STORE_M + TAXIWAY_OBJECT_M[code]
    for i, (x, letter) in enumerate(plan.taxilanes):
        south, half = dead_end_m(plan.crosses[0], letter), TAXIWAY_WITH_SHOULDERS_M[letter] / 2
        draft.taxi([(x, south), (x, taxiway_y)], "taxilane", letter, f"L{i + 1}")
        draw_taxi_surface(draft, f"taxilane {i + 1}", (x, south - 15), (x, taxiway_y), letter)
        draft.add("labels", text=f"L{i + 1}", position=(x + half + 3, plan.crosses[-1] + 10), kind="location")
    west, east = plan.taxilanes[0][0] - 350.0, plan.taxilanes[-1][0] + 350.0
    if has_runway:
        y = taxiway_y + 175.0
        draw_runway(draft, ((west - 100.0, y), (east + 100.0, y)), taxiway_y, (west, east), code, 90.0)
    else:
        draft.taxi([(west, taxiway_y), (east, taxiway_y)], "taxiway", code, "A")
        draw_taxi_surface(draft, "taxiway A", (west, taxiway_y), (east, taxiway_y), code)


def _ground(draft: MapDraft, plan: Plan) -> None:
    west, east = plan.west_head_x - DEPOT_DEPTH_M - 20, plan.east_head_x + DEPOT_DEPTH_M + 20
    north = plan.crosses[-1] + 34.0
    apron = [(west, TERMINAL_Y), (east, TERMINAL_Y), (east, north), (west, north)]
    draft.add("surfaces", id="apron", kind="apron", material="concrete", polygon=apron)
    x0, x1 = plan.taxilanes[0][0] - 20, plan.taxilanes[-1][0] + 20
    terminal = [(x0, -150), (x1, -150), (x1, TERMINAL_Y), (x0, TERMINAL_Y)]
    draft.add("buildings", id="Terminal", kind="terminal", polygon=terminal, height_m=22.0)
