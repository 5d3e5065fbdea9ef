"""Layout "linear": stands along a terminal front, one taxilane, and remote stands or depots on its far side."""

import numpy as np

from airside_sim.mapping.areas import TAXILANE_OBJECT_M, TAXIWAY_WITH_SHOULDERS_M
from airside_sim.mapping.generator_blocks import (
    HEAD_V_M,
    JOIN_V_M,
    WALK_V_M,
    Row,
    draw_cross_road,
    draw_depot_loop,
    draw_row,
    join_v,
    row_length,
    taxilane_v,
)
from airside_sim.mapping.generator_choices import (
    DEPOT_KINDS,
    fill_row,
    label_depots,
    largest,
    main_letter,
    some_of,
    spread,
)
from airside_sim.mapping.generator_draft import Frame, MapDraft
from airside_sim.mapping.generator_pier import draw_depots, draw_runway, draw_taxi_surface

FAR_STORE_M = 38.0  # stop line to the far road: room for a train
DEPOT_DEPTH_M = 70.0
RING_M = 96.0  # side rings with the baggage hall and the bus station


def draw_linear(draft: MapDraft, rng: np.random.Generator, num_piers: int | None, has_runway: bool) -> None:
    """Draw the layout; `num_piers` is meaningless here and ignored."""
    near = Frame(0.0, 0.0, (1.0, 0.0), (0.0, 1.0))
    letter, far_letter = main_letter(rng), main_letter(rng)
    has_far_stands, has_rear = bool(rng.random() < 0.5), bool(rng.random() < 0.8)
    least = row_length((largest((letter, far_letter)),) * 2)
    lengths = [max(float(rng.uniform(200, 420)), least) for _ in range(int(rng.integers(1, 3)))]
    crosses = [float(v) for v in np.round(np.cumsum([0.0, *lengths]), 1)]
    rows = [fill_row(rng, letter, length) for length in lengths]
    far_rows = [fill_row(rng, far_letter, length) for length in lengths] if has_far_stands else []
    codes = tuple(code for row in rows for code in row)
    far_codes = tuple(code for row in far_rows for code in row)
    taxi_code = largest((*codes, *far_codes, "C"))
    taxi_v = taxilane_v(codes, taxi_code, has_rear)
    if has_far_stands:
        face_v = taxi_v + taxilane_v(far_codes, taxi_code)
        far = Frame(0.0, face_v, (1.0, 0.0), (0.0, -1.0))
        far_head_v = face_v - HEAD_V_M
    else:
        far_head_v = taxi_v + TAXILANE_OBJECT_M[taxi_code] + FAR_STORE_M
        far = Frame(0.0, far_head_v + HEAD_V_M, (1.0, 0.0), (0.0, -1.0))
    first = 1
    for i, row in enumerate(rows):
        first += len(draw_row(draft, Row(near, crosses[i], crosses[i + 1], row, has_rear, first)))
    first = 1
    for i, row in enumerate(far_rows):
        first += len(draw_row(draft, Row(far, crosses[i], crosses[i + 1], row, True, first, "R", True, False)))
    joins = [join_v(row) if has_rear else JOIN_V_M for row in rows]
    _roads(draft, rng, near, crosses, joins, far_head_v, has_far_stands or not has_rear)
    if not has_far_stands:
        draft.road(near.line((0.0, far_head_v), (crosses[-1], far_head_v)), "service")
    _depots(draft, rng, near, far, crosses)
    _ground(draft, near, crosses[-1], taxi_v, far_head_v + DEPOT_DEPTH_M + 20.0, taxi_code)
    if has_runway:
        taxiway_y = far_head_v + DEPOT_DEPTH_M + 90.0
        ends = ((-500.0, taxiway_y + 175.0), (crosses[-1] + 500.0, taxiway_y + 175.0))
        west, east = -300.0, crosses[-1] + 300.0
        draw_runway(draft, ends, taxiway_y, (west, east), taxi_code, 90.0)
        for x in (west, east):
            draft.taxi([(x, taxi_v), (x, taxiway_y)], "taxiway", taxi_code, "B")
            draw_taxi_surface(
                draft, "taxiway B west" if x < 0 else "taxiway B east", (x, taxi_v), (x, taxiway_y), taxi_code
            )


def _roads(
    draft: MapDraft,
    rng: np.random.Generator,
    near: Frame,
    crosses: list[float],
    joins: list[float],
    far_v: float,
    all_through: bool,
) -> None:
    """Cross roads (inner ones may end at the rear road), the perimeter, side rings."""
    for i, u in enumerate(crosses):
        inner = 0 < i < len(crosses) - 1
        through = not inner or all_through or rng.random() < 0.5
        draw_cross_road(draft, near, u, far_v if through else max(joins[i - 1], joins[i]))
    length, back_v = crosses[-1], far_v + DEPOT_DEPTH_M
    draft.road(near.line((0.0, far_v), (0.0, back_v), (length, back_v), (length, far_v)), "perimeter")
    for u, outward, join, kind, label in (
        (0.0, -1.0, joins[0], "baggage_hall", "Baggage hall"),
        (length, 1.0, joins[-1], "bus_station", "Bus station"),
    ):
        ring = ((u, HEAD_V_M), (u + outward * RING_M, HEAD_V_M), (u + outward * RING_M, join), (u, join))
        draft.road(near.line(*ring), "apron")
        draw_depot_loop(draft, near, (u + outward * RING_M / 2,), HEAD_V_M, join, ((kind, label),))


def _depots(draft: MapDraft, rng: np.random.Generator, near: Frame, far: Frame, crosses: list[float]) -> None:
    """Two to five depots between the far road and the road behind it."""
    nodes, wanted = _far_nodes(draft, far), int(rng.integers(2, 6))
    at = some_of(rng, nodes, wanted) if nodes else spread(rng, 46.0, crosses[-1] - 66.0, crosses, wanted)
    pois = label_depots(rng, len(at), DEPOT_KINDS, "Far")
    draw_depots(draft, far, at, pois, HEAD_V_M - DEPOT_DEPTH_M, HEAD_V_M)


def _far_nodes(draft: MapDraft, far: Frame) -> list[float]:
    """u of the access lanes that already meet the far head road."""
    y = far.at(0.0, HEAD_V_M)[1]
    return [p[0] for road in draft.roads if road["kind"] == "stand" for p in road["points"] if abs(p[1] - y) < 0.1]


def _ground(draft: MapDraft, near: Frame, length: float, taxi_v: float, end_v: float, taxi_code: str) -> None:
    """Apron, taxilane, terminal and its walkway."""
    half = TAXIWAY_WITH_SHOULDERS_M[taxi_code] / 2
    apron = near.box(-RING_M - 20, 0, length + RING_M + 20, end_v)
    draft.add("surfaces", id="apron", kind="apron", material="concrete", polygon=apron)
    draw_taxi_surface(draft, "taxilane", (-310.0, taxi_v), (length + 310.0, taxi_v), taxi_code)
    draft.taxi(near.line((-300.0, taxi_v), (length + 300.0, taxi_v)), "taxilane", taxi_code, "L")
    terminal = near.box(-RING_M - 20, -45, length + RING_M + 20, 0)
    draft.add("buildings", id="Terminal", kind="terminal", polygon=terminal, height_m=20.0)
    draft.add("walkways", id="Face", line=near.line((-RING_M + 10, WALK_V_M), (length + RING_M - 10, WALK_V_M)))
    draft.add("labels", text="L", position=near.at(-60, taxi_v + half + 3), kind="location")
