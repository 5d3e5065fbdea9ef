"""The hub: two piers, two remote aprons, a runway with a parallel taxiway, depots all round; 42 stands.

Every pier road reaches the others by the terminal (no crossing, but a passage at 15 km/h) or over the taxilanes.
A single road crosses taxiway and runway to the north park: the one place where a vehicle needs a runway clearance.
"""

from airside_sim.mapping.generator_blocks import HEAD_V_M, ROAD_M, WIDE_CORNER_M, taxilane_v
from airside_sim.mapping.generator_draft import Frame, MapDraft
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
from airside_sim.mapping.schema import AirportMap

_C, _E = ("C",), ("E",)
CROSSES = (10.0, 316.0, 606.0)  # y of the three east-west roads: terminal, middle, pier tips
PIER_A = 0.0
TAXI_W = PIER_A - PIER_HALF_M - taxilane_v(_C, "C")  # taxilane W, code C
TAXI_M = PIER_A + PIER_HALF_M + taxilane_v(_C, "E")  # taxilane M between the piers, code E
PIER_B = TAXI_M + taxilane_v(_E, "E") + PIER_HALF_M
TAXI_E = PIER_B + PIER_HALF_M + taxilane_v(_E, "E")  # taxilane E, code E
FACE_W = TAXI_W - taxilane_v(_C, "C")  # line that the western remote stands face
FACE_E = TAXI_E + taxilane_v(_C, "E")
PERIMETER_V = -60.0  # perimeter roads behind the remote stands' head road
TAXIWAY_Y = 690.0  # a train can wait between the tip road and the stop line
RUNWAY_Y = TAXIWAY_Y + 175.0
STRIP_HALF_M = 90.0
OPPOSITE_LANES = (124.5, 176.5, 228.5, 409.0, 513.0)  # y of access lanes of the remote stands: depots share their nodes


def hub() -> AirportMap:
    """The whole airport."""
    draft = MapDraft("hub", "Hub", (48.0, 11.0))
    _ground(draft)
    _stands(draft)
    _roads(draft)
    _depots(draft)
    _taxiways(draft)
    return draft.finish()


def _ground(draft: MapDraft) -> None:
    west, east = FACE_W + PERIMETER_V - 25, FACE_E - PERIMETER_V + 25
    grass = [(-980, -160), (1580, -160), (1580, 1120), (-980, 1120)]
    draft.add("surfaces", id="grass", kind="grass", material="grass", polygon=grass)
    apron = [(west, TERMINAL_Y), (east, TERMINAL_Y), (east, 642), (west, 642)]
    draft.add("surfaces", id="apron", kind="apron", material="concrete", polygon=apron)
    terminal = [(TAXI_W - 60, -150), (TAXI_E + 60, -150), (TAXI_E + 60, TERMINAL_Y), (TAXI_W - 60, TERMINAL_Y)]
    draft.add("buildings", id="Terminal", kind="terminal", polygon=terminal, height_m=24.0)
    for name, x in (("A", PIER_A), ("B", PIER_B)):
        draw_pier(draft, x, CROSSES, name)
        root = [
            (x - PIER_HALF_M, YARD_NORTH_Y + 8),
            (x + PIER_HALF_M, YARD_NORTH_Y + 8),
            (x + PIER_HALF_M, 2),
            (x - PIER_HALF_M, 2),
        ]
        draft.add("buildings", id=f"{name} root", kind="terminal", polygon=root, height_m=18.0)
        draft.add("walkways", id=f"{name} root", line=[(x, 3.0), (x, 17.0)])


def _stands(draft: MapDraft) -> None:
    """Dead ends in the south keep room for a push: 40 m more beside code C, 72 m beside code E."""
    four, few, more = ("C",) * 4, ("E",) * 2, ("E",) * 3
    draw_side(draft, side_frame(PIER_A - PIER_HALF_M, False), CROSSES, (four, four), "A", 40.0, corner_m=WIDE_CORNER_M)
    draw_side(draft, side_frame(PIER_A + PIER_HALF_M, True), CROSSES, (four, four), "B", 40.0, corner_m=WIDE_CORNER_M)
    draw_side(draft, side_frame(PIER_B - PIER_HALF_M, False), CROSSES, (few, more), "C", 72.0, corner_m=WIDE_CORNER_M)
    draw_side(draft, side_frame(PIER_B + PIER_HALF_M, True), CROSSES, (few, more), "D", 72.0, corner_m=WIDE_CORNER_M)
    draw_side(draft, side_frame(FACE_W, True), CROSSES, (four, four), "W", 40.0, is_remote=True, corner_m=WIDE_CORNER_M)
    draw_side(
        draft, side_frame(FACE_E, False), CROSSES, (four, four), "E", 40.0, is_remote=True, corner_m=WIDE_CORNER_M
    )


def _roads(draft: MapDraft) -> None:
    west, east = FACE_W + PERIMETER_V, FACE_E - PERIMETER_V
    draw_cross_roads(draft, CROSSES, west, east, (PIER_A, PIER_B), ("apron", "service", "service"))
    draft.road([(west, CROSSES[0]), (west, CROSSES[-1])], "perimeter")
    draft.road([(east, CROSSES[0]), (east, CROSSES[-1])], "perimeter")
    north = RUNWAY_Y + STRIP_HALF_M + 30.0
    draft.road([(east, CROSSES[-1]), (east, north)], "perimeter")
    draft.road([(east, north), (east, north + 60), (east - 150, north + 60), (east - 150, north), (east, north)],
               "service")  # fmt: skip


def _depots(draft: MapDraft) -> None:
    west, east = side_frame(FACE_W, True), side_frame(FACE_E, False)
    draw_depots(draft, west, OPPOSITE_LANES,
                (("fuel_depot", "Fuel depot west"), ("gse_parking", "GSE park west"), ("gate", "Gate west"),
                 ("fuel_depot", "Fuel depot northwest"), ("gse_parking", "GSE park northwest")),
                PERIMETER_V, HEAD_V_M, 24.0)  # fmt: skip
    draw_depots(draft, east, OPPOSITE_LANES,
                (("catering", "Catering east"), ("gse_parking", "GSE park east"), ("fuel_depot", "Fuel depot east"),
                 ("catering", "Catering northeast"), ("gse_parking", "GSE park northeast")),
                PERIMETER_V, HEAD_V_M, 24.0)  # fmt: skip
    hall, bus = "baggage_hall", "bus_station"
    yards = ((hall, "Baggage hall 1", PIER_A - 70), (bus, "Bus station 1", PIER_A),
             (hall, "Baggage hall 2", PIER_A + 110), (hall, "Baggage hall 3", PIER_B - 90),
             (bus, "Bus station 2", PIER_B), (hall, "Baggage hall 4", PIER_B + 90))  # fmt: skip
    at, halls = [x for *_, x in yards], [(kind, label) for kind, label, _ in yards]
    draw_yard(draft, CROSSES[0], TAXI_W, TAXI_E, at, halls)
    north = RUNWAY_Y + STRIP_HALF_M + 30.0
    draw_depots(
        draft,
        Frame(0.0, 0.0, (1.0, 0.0), (0.0, 1.0)),
        (FACE_E - PERIMETER_V - 100,),
        (("gse_parking", "North park"),),
        north,
        north + 60,
        24.0,
    )


def _taxiways(draft: MapDraft) -> None:
    for name, x, code, south in (("W", TAXI_W, "C", 42.0), ("M", TAXI_M, "E", 60.0), ("E", TAXI_E, "E", 60.0)):
        draft.taxi([(x, south), (x, TAXIWAY_Y)], "taxilane", code, name)
        draft.add("labels", text=name, position=(x + 10, CROSSES[-1] + ROAD_M), kind="location")
        draw_taxi_surface(draft, f"taxilane {name}", (x, south - 20), (x, TAXIWAY_Y), code)
    draw_runway(draft, ((-900.0, RUNWAY_Y), (1500.0, RUNWAY_Y)), TAXIWAY_Y, (-850.0, 250.0, 1450.0), "E", STRIP_HALF_M)
