"""The records of one airport in an apt.dat file: latitudes and longitudes as written, each with its line."""

from dataclasses import dataclass, field

LatLon = tuple[float, float]


@dataclass
class Chain:
    """One ring or open line. `codes[i]` are the paint and light codes of the segment from point i to point i + 1."""

    points: list[LatLon]
    codes: list[tuple[int, ...]]
    closed: bool


@dataclass
class Shape:
    """Row 110 (pavement), 120 (linear feature) or 130 (boundary) with its chains; the first of a pavement is outer."""

    row: int
    line: int
    surface: int
    name: str
    chains: list[Chain] = field(default_factory=list)


@dataclass
class AptRunway:
    line: int
    width_m: float
    ids: tuple[str, str]
    ends: tuple[LatLon, LatLon]


@dataclass
class NetNode:
    line: int
    at: LatLon
    name: str


@dataclass
class NetEdge:
    """Row 1202 (aircraft) or 1206 (vehicles) with its 1203 shape points; `active` = runways of its 1204 rows."""

    line: int
    start: str
    end: str
    oneway: bool
    kind: str  # "runway", "taxiway" or "road"
    letter: str | None
    name: str
    shape: list[LatLon] = field(default_factory=list)
    active: set[str] = field(default_factory=set)


@dataclass
class AptStand:
    line: int
    at: LatLon
    heading_deg: float
    kind: str  # gate, hangar, misc, tie_down
    aircraft: tuple[str, ...]  # heavy, jets, turboprops, props, helos, fighters, all
    name: str
    letter: str | None = None
    operation: str = ""


@dataclass
class AptTruck:
    """Row 1400 (parking) or 1401 (destination) of ground vehicles."""

    line: int
    at: LatLon
    kinds: tuple[str, ...]
    name: str
    is_parking: bool


@dataclass
class AptSign:
    line: int
    at: LatLon
    heading_deg: float
    text: str


@dataclass
class AptAirport:
    """Every record of one airport that the importer uses."""

    path: str
    line: int
    icao: str
    name: str
    meta: dict[str, str] = field(default_factory=dict)
    runways: list[AptRunway] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    nodes: dict[str, NetNode] = field(default_factory=dict)
    edges: list[NetEdge] = field(default_factory=list)
    stands: list[AptStand] = field(default_factory=list)
    trucks: list[AptTruck] = field(default_factory=list)
    signs: list[AptSign] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
