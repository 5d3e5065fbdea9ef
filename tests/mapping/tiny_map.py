"""A map small enough to work out by hand: a rectangle of roads round four stands on one taxilane, and a dead end.

Road corners lie at x = -30 and 220, y = -10 and 130; the taxilane runs along y = 90; noses stop at y = 10.
"""

from functools import cache

from airside_sim.mapping.compile import CompiledMap, compile_map
from airside_sim.mapping.schema import AirportMap
from airside_sim.mapping.yaml_io import load_yaml_text

TINY_YAML = """\
schema_version: 1
name: tiny
source: drawn for tests
licence: MIT
origin: {lat: 50, lon: 8}
surfaces:
  - {id: apron, kind: apron, material: concrete, polygon: [[-60, -70], [260, -70], [260, 150], [-60, 150]]}
taxi_nodes:
  - {id: t0, position: [-50, 90]}
  - {id: t1, position: [250, 90]}
taxi_edges:
  - {start: t0, end: t1, kind: taxilane, code: C}
stands:
  - {id: S1, position: [25, 10], heading_deg: 180, code: C}
  - {id: S2, position: [70, 10], heading_deg: 180, code: C}
  - {id: S3, position: [115, 10], heading_deg: 180, code: C}
  - {id: S4, position: [160, 10], heading_deg: 180, code: C}
road_nodes:
  - {id: a, position: [-30, -10]}
  - {id: b, position: [220, -10]}
  - {id: c, position: [220, 130]}
  - {id: d, position: [-30, 130]}
  - {id: e, position: [220, -50]}
road_edges:
  - {id: head, start: a, end: b, kind: head_of_stand}
  - {id: east, start: b, end: c, kind: apron}
  - {id: north, start: c, end: d, kind: service}
  - {id: west, start: d, end: a, kind: apron}
  - {id: spur, start: b, end: e, kind: stand}
pois:
  - {id: fuel, kind: fuel_depot, position: [228, -28]}
walkways:
  - {id: w, line: [[95, -30], [95, 5]]}
"""


@cache
def tiny_map() -> AirportMap:
    return load_yaml_text(TINY_YAML, AirportMap)


@cache
def tiny_compiled() -> CompiledMap:
    return compile_map(tiny_map(), 100.0 / 128.0)
