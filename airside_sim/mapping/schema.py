"""The map file: what a user writes in `maps/*.yaml` (schema_version 1).

Units in YAML: metres, degrees (true heading, clockwise from north), km/h. `x` points east and `y` north of `origin`.
Only these readers see degrees and km/h; the compiler turns them into radians and m/s.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Point = tuple[float, float]
Code = Literal["A", "B", "C", "D", "E", "F"]
Id = Annotated[str, Field(min_length=1, max_length=64)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Origin(_Strict):
    """WGS84 point of x = y = 0."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class Surface(_Strict):
    """A paved or unpaved area. Pavement is the union of all but grass and water."""

    id: Id
    kind: Literal["apron", "taxiway", "runway", "road", "shoulder", "grass", "water"]
    material: Literal["asphalt", "concrete", "grass", "gravel", "water"] = "asphalt"
    polygon: list[Point] = Field(min_length=3)
    holes: list[list[Point]] = []


class Stand(_Strict):
    """A parking position; `position` is the nose-wheel stop, `heading_deg` where the nose points."""

    id: Id
    position: Point
    heading_deg: float
    code: Code = "C"
    lead_in: list[Point] = []  # taxilane -> nose wheel; empty: the straight line back to the nearest taxi edge
    pushback: list[Point] = []  # main-gear line from the stand to where the push ends; empty: by rule
    service_road: Id | None = None  # road edge on which vehicles stop to serve it; None: the nearest
    area: list[Point] = []  # outline; empty: rectangle of the code letter's largest aircraft plus clearance
    remote: bool = False


class TaxiNode(_Strict):
    id: Id
    position: Point
    hold: Literal["runway", "intermediate"] | None = None


class TaxiEdge(_Strict):
    """Centreline between two nodes; two-way unless `oneway`."""

    start: Id
    end: Id
    kind: Literal["taxiway", "taxilane", "runway"] = "taxiway"
    code: Code = "C"
    oneway: bool = False
    name: str = ""
    shape: list[Point] = []  # interior points


class RoadNode(_Strict):
    id: Id
    position: Point


class RoadEdge(_Strict):
    """A service road between two nodes; a two-way edge becomes one lane each way, `width_m` is the whole road."""

    id: Id
    start: Id
    end: Id
    kind: Literal["service", "apron", "head_of_stand", "stand", "perimeter", "tunnel"] = "service"
    oneway: bool = False
    width_m: float = Field(default=8.0, ge=3.0, le=30.0)
    limit_kmh: float | None = Field(default=None, gt=0, le=80)  # None: by kind (40 service, 25 apron, 15 stand ...)
    shape: list[Point] = []


class Crossing(_Strict):
    """Where a road crosses a taxi centreline. Intersections without an entry are found and filled by rule."""

    road: Id
    at: Point
    hold_m: float | None = Field(default=None, gt=0, le=200)  # centreline to stop line; None: by code letter


class Runway(_Strict):
    id: Id  # "07L/25R"
    ends: tuple[Point, Point]
    width_m: float = Field(default=45.0, gt=5, le=100)
    strip_half_width_m: float | None = Field(default=None, gt=0, le=200)  # None: 90 m (Annex 14, code 4 precision)


class SpeedZone(_Strict):
    polygon: list[Point] = Field(min_length=3)
    limit_kmh: float = Field(gt=0, le=80)


class Building(_Strict):
    id: Id
    kind: Literal["terminal", "pier", "hangar", "building", "tank", "jet_bridge", "obstacle"] = "building"
    polygon: list[Point] = Field(min_length=3)
    height_m: float = Field(default=10.0, gt=0)


class RestrictedZone(_Strict):
    id: Id
    kind: Literal["closed", "construction", "security"] = "closed"
    polygon: list[Point] = Field(min_length=3)


class HoldingPosition(_Strict):
    kind: Literal["runway", "intermediate", "road"]
    line: list[Point] = Field(min_length=2)  # painted line across the taxiway or road


class Poi(_Strict):
    id: Id
    kind: Literal["fuel_depot", "baggage_hall", "gse_parking", "gate", "bus_station", "catering"]
    position: Point
    road: Id | None = None  # road edge that serves it; None: the nearest


class Walkway(_Strict):
    id: Id
    line: list[Point] = Field(min_length=2)
    width_m: float = Field(default=2.0, gt=0.5, le=10)


class Marking(_Strict):
    """Paint that is only drawn: imported lines, hatchings."""

    kind: Literal[
        "taxi_centreline", "taxi_edge", "road_edge", "road_centre", "zipper", "hold", "stop", "stand", "other"
    ]
    line: list[Point] = Field(min_length=2)


class Label(_Strict):
    text: str
    position: Point
    kind: Literal["stand", "location", "direction", "mandatory", "text"] = "text"


class AirportMap(_Strict):
    """One apron, as written in YAML."""

    schema_version: Literal[1]
    name: Id
    title: str = ""
    source: str
    licence: str
    origin: Origin
    driving_side: Literal["right", "left"] = "right"
    surfaces: list[Surface] = []
    runways: list[Runway] = []
    taxi_nodes: list[TaxiNode] = []
    taxi_edges: list[TaxiEdge] = []
    stands: list[Stand] = []
    road_nodes: list[RoadNode] = []
    road_edges: list[RoadEdge] = []
    crossings: list[Crossing] = []
    speed_zones: list[SpeedZone] = []
    buildings: list[Building] = []
    restricted: list[RestrictedZone] = []
    holding_positions: list[HoldingPosition] = []
    pois: list[Poi] = []
    walkways: list[Walkway] = []
    markings: list[Marking] = []
    labels: list[Label] = []
    filled: list[str] = []  # what an importer added by rule, in words
