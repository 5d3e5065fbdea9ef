"""Airports from a seed, so that learners train on unlimited aprons and are tested on unseen ones.

`generate_airport(seed)` varies the layout (a terminal front or piers), stands and their code letters, rear roads,
crossings, remote stands, depots, runway, closed areas, driving side and orientation. The same seed gives the same
map everywhere: PCG64 is a fixed algorithm, and the drawing is rounded to centimetres.
"""

from dataclasses import dataclass, fields

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from airside_sim.mapping.areas import SPAN_M, TAXIWAY_OBJECT_M, lead_in_line, runway_strip, stand_polygon, taxi_lines
from airside_sim.mapping.errors import MapError
from airside_sim.mapping.generator_draft import MapDraft
from airside_sim.mapping.generator_linear import draw_linear
from airside_sim.mapping.generator_piers import draw_piers
from airside_sim.mapping.schema import AirportMap, RestrictedZone
from airside_sim.resources import did_you_mean

LAYOUTS = {"linear": draw_linear, "piers": draw_piers}
LEFT_HAND_SHARE = 0.3


@dataclass(frozen=True)
class GeneratorOptions:
    """What a caller may fix; None leaves it to the seed."""

    layout: str | None = None  # "linear" or "piers"
    num_piers: int | None = None  # 1..3
    driving_side: str | None = None  # "left" or "right"
    has_runway: bool | None = None

    def __post_init__(self) -> None:
        if self.layout is not None and self.layout not in LAYOUTS:
            raise MapError(f"generator option layout='{self.layout}'{did_you_mean(self.layout, list(LAYOUTS))}")
        if self.num_piers is not None and not 1 <= self.num_piers <= 3:
            raise MapError(f"generator option num_piers={self.num_piers}: allowed are 1, 2 and 3")
        if self.driving_side not in (None, "left", "right"):
            raise MapError(f"generator option driving_side='{self.driving_side}': allowed are 'left' and 'right'")


def generate_airport(seed: int, **options) -> AirportMap:
    """The airport of a seed (>= 0), named generated-000123; `options` are the fields of `GeneratorOptions`."""
    allowed = [field.name for field in fields(GeneratorOptions)]
    for name in options:
        if name not in allowed:
            raise MapError(f"unknown generator option '{name}'{did_you_mean(name, allowed)}")
    chosen = GeneratorOptions(**options)
    rng = np.random.Generator(np.random.PCG64(seed))
    layout = chosen.layout or ("linear" if rng.random() < 0.4 else "piers")
    side = chosen.driving_side or ("left" if rng.random() < LEFT_HAND_SHARE else "right")
    has_runway = chosen.has_runway if chosen.has_runway is not None else bool(rng.random() < 0.5)
    lat, lon = round(float(rng.uniform(-55, 60)), 3), round(float(rng.uniform(-120, 150)), 3)
    draft = MapDraft(f"generated-{seed:06d}", f"Generated airport {seed}", (lat, lon), side)
    LAYOUTS[layout](draft, rng, chosen.num_piers, has_runway)
    turn_deg, mirror = float(np.round(rng.uniform(0, 360), 1)), bool(rng.random() < 0.5)
    m = draft.finish(turn_deg, mirror)
    return m.model_copy(update={"restricted": [*m.restricted, *_closed_areas(m, rng)]})


def _closed_areas(m: AirportMap, rng: np.random.Generator) -> list[RestrictedZone]:
    """Up to two closed areas on the apron, well away from roads, stands, taxi lines and buildings."""
    apron = shapely.union_all([Polygon(s.polygon) for s in m.surfaces if s.kind == "apron"])
    at = {node.id: node.position for node in m.road_nodes}
    busy = [LineString([at[e.start], *e.shape, at[e.end]]).buffer(e.width_m / 2 + 8) for e in m.road_edges]
    busy += [stand_polygon(stand).buffer(5) for stand in m.stands]
    busy += [line.buffer(TAXIWAY_OBJECT_M[e.code]) for e, line in zip(m.taxi_edges, taxi_lines(m), strict=True)]
    busy += [Polygon(b.polygon).buffer(3) for b in m.buildings] + [runway_strip(r) for r in m.runways]
    taxi = shapely.union_all(taxi_lines(m))
    lead_ins = [(s, line) for s in m.stands if (line := lead_in_line(s, taxi)) is not None]
    busy += [line.buffer(SPAN_M[s.code] / 2 + 7.5) for s, line in lead_ins]
    free = apron.difference(shapely.union_all(busy))
    wanted, areas = int(rng.integers(0, 3)), []
    west, south, east, north = apron.bounds
    for _ in range(200):
        if len(areas) == wanted or free.is_empty:
            break
        x, y, a, b = rng.uniform((west, south, 6, 6), (east, north, 25, 25))
        box = shapely.box(x, y, x + a, y + b)
        if free.contains(box):
            free = free.difference(box)
            corners = [(round(float(px), 2), round(float(py), 2)) for px, py in box.exterior.coords[:-1]]
            kind = "construction" if rng.random() < 0.5 else "closed"
            zone = {"id": f"Closed {len(areas) + 1}", "kind": kind, "polygon": corners}
            areas.append(RestrictedZone.model_validate(zone))
    return areas
