"""The two airports we ship, drawn with the generator's blocks: `python -m airside_sim.mapping.generator_own maps`.

`maps/training_apron.yaml` and `maps/hub.yaml` are what this writes; a test keeps them equal.
"""

import sys
from pathlib import Path

from airside_sim.mapping.generator_blocks import (
    HEAD_V_M,
    JOIN_V_M,
    WALK_V_M,
    Row,
    draw_cross_road,
    draw_depot_loop,
    draw_row,
    row_length,
    taxilane_v,
)
from airside_sim.mapping.generator_draft import Frame, MapDraft
from airside_sim.mapping.generator_hub import hub
from airside_sim.mapping.schema import AirportMap
from airside_sim.mapping.yaml_write import dump_map


def training_apron() -> AirportMap:
    """Six code-C stands at a terminal, a taxilane, and depots on a ring beyond it that two roads reach."""
    draft = MapDraft("training_apron", "Training apron", (47.0, 8.0))
    frame = Frame(0.0, 0.0, (1.0, 0.0), (0.0, 1.0))
    codes = ("C",) * 6
    length, taxi_v = row_length(codes, 4.0, 4.0), taxilane_v(codes, "C")
    far_v, end_v = taxi_v + 62.0, taxi_v + 122.0
    draw_row(draft, Row(frame, 0.0, length, codes))
    for u in (0.0, length):
        draw_cross_road(draft, frame, u, far_v)
    draft.taxi(frame.line((-260.0, taxi_v), (length + 260.0, taxi_v)), "taxilane", "C", "L")

    draft.road(frame.line((0.0, HEAD_V_M), (-96.0, HEAD_V_M), (-96.0, JOIN_V_M), (0.0, JOIN_V_M)), "apron")
    draw_depot_loop(draft, frame, (-48.0,), HEAD_V_M, JOIN_V_M, (("baggage_hall", "Baggage hall"),))
    draft.road(frame.line((length, HEAD_V_M), (length + 96.0, HEAD_V_M), (length + 96.0, JOIN_V_M),
                          (length, JOIN_V_M)), "apron")  # fmt: skip
    draw_depot_loop(draft, frame, (length + 48.0,), HEAD_V_M, JOIN_V_M, (("bus_station", "Bus station"),))
    draft.road(frame.line((0.0, far_v), (length, far_v)), "service")
    draft.road(frame.line((0.0, far_v), (0.0, end_v), (length, end_v), (length, far_v)), "service")
    us = tuple(length * k / 5 for k in (1, 2, 3, 4))
    pois = (("fuel_depot", "Fuel depot"), ("gse_parking", "GSE park east"), ("catering", "Catering"),
            ("gse_parking", "GSE park west"))  # fmt: skip
    draw_depot_loop(draft, frame, us, far_v, end_v, pois)

    draft.add(
        "surfaces", id="apron", kind="apron", material="concrete", polygon=frame.box(-116, 0, length + 116, end_v + 15)
    )
    strip = frame.box(-270, taxi_v - 12.5, length + 270, taxi_v + 12.5)
    draft.add("surfaces", id="lane", kind="taxiway", material="asphalt", polygon=strip)
    draft.add("buildings", id="Terminal", kind="terminal", polygon=frame.box(-116, -40, length + 116, 0), height_m=18)
    tanks = [(us[0] + 18, far_v + 20), (us[0] + 18, far_v + 36)]
    for i, (u, v) in enumerate(tanks):
        draft.add("buildings", id=f"Tank {i + 1}", kind="tank", polygon=frame.box(u, v, u + 12, v + 12))
    draft.add("buildings", id="Kitchen", polygon=frame.box(us[2] + 16, far_v + 15, us[2] + 46, far_v + 45), height_m=8)
    draft.add("buildings", id="Shelter", polygon=frame.box(us[1] + 16, far_v + 18, us[1] + 40, far_v + 42), height_m=5)
    draft.add("walkways", id="Face", line=frame.line((-80, WALK_V_M), (length + 80, WALK_V_M)))
    draft.add("labels", text="L", position=frame.at(-60, taxi_v + 8), kind="location")
    return draft.finish()


OWN_AIRPORTS = {"training_apron": training_apron, "hub": hub}


def main(folder: str) -> None:
    """Write every own airport into a folder."""
    for name, draw in OWN_AIRPORTS.items():
        dump_map(draw(), Path(folder) / f"{name}.yaml")


if __name__ == "__main__":
    main(sys.argv[1])
