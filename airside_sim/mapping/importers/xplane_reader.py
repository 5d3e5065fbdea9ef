"""Reads X-Plane `apt.dat` (1000 ... 1200) into plain records: rows in, latitudes and longitudes out, no judgement.

One row a line, the first number says what it is (X-Plane apt.dat specification; WorldEditor is the reference reader).
A file may hold one airport or thousands; the records of one airport keep the line they came from.
"""

import difflib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from airside_sim.mapping.importers.result import map_error, read_bytes
from airside_sim.mapping.importers.xplane_records import (
    AptAirport,
    AptRunway,
    AptSign,
    AptStand,
    AptTruck,
    Chain,
    LatLon,
    NetEdge,
    NetNode,
    Shape,
)

HEADER_ROWS = (1, 16, 17)  # land airport, seaplane base, heliport
NODE_ROWS = (111, 112, 113, 114, 115, 116)
END_ROW = 99
BEZIER_SAMPLES = 10  # segments per curve: a 90 degree fillet of 50 m radius is 2 cm off


@dataclass
class Row:
    """One line with checked access to its fields; a field that is absent or not a number names itself."""

    path: str
    line: int
    code: int
    parts: list[str]

    def text(self, idx: int, name: str) -> str:
        if idx >= len(self.parts):
            raise map_error(self.path, self.line, f"row {self.code} {name}", f"missing (field {idx + 1})")
        return self.parts[idx]

    def number(self, idx: int, name: str) -> float:
        text = self.text(idx, name)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise map_error(self.path, self.line, f"row {self.code} {name}", f"{text!r} is not a finite number")
        return value

    def latlon(self, idx: int) -> LatLon:
        lat, lon = self.number(idx, "latitude"), self.number(idx + 1, "longitude")
        if not (abs(lat) <= 90.0 and abs(lon) <= 180.0):
            raise map_error(self.path, self.line, f"row {self.code} position", f"({lat}, {lon}) is not on Earth")
        return lat, lon

    def codes(self, idx: int) -> tuple[int, ...]:
        """Line codes from field idx on; old exporters write them as `1.0`."""
        return tuple(int(self.number(i, "line code")) for i in range(idx, len(self.parts)))

    def rest(self, idx: int) -> str:
        return " ".join(self.parts[idx:])


def read_airport(path: str | Path, icao: str | None = None) -> AptAirport:
    """The airport with this ICAO code; without a code the file must hold exactly one.

    Raises MapError for a file that is not apt.dat, is truncated, or lacks the airport (the nearest codes are named)."""
    lines = _lines(path)
    headers = _headers(path, lines)
    if not headers:
        raise map_error(path, len(lines), "airport", "the file holds no airport (no row 1, 16 or 17)")
    codes = [row.text(4, "ICAO code") for row in headers]
    position = codes.index(_choose(path, headers[0].line, codes, icao))
    first = headers[position].line
    last = headers[position + 1].line if position + 1 < len(headers) else len(lines)
    rows = (_row(path, i, lines[i - 1]) for i in range(first, last))
    return _parse(str(path), [row for row in rows if row is not None])


def list_airports(path: str | Path) -> list[tuple[str, str]]:
    """(ICAO, name) of every airport in the file."""
    return [(row.text(4, "ICAO code"), row.rest(5)) for row in _headers(path, _lines(path))]


def _choose(path: str | Path, line: int, codes: list[str], icao: str | None) -> str:
    if icao is None:
        if len(codes) > 1:
            raise map_error(path, 1, "airport", f"the file holds {len(codes)} airports: say which ICAO code")
        return codes[0]
    if icao.upper() in codes:
        return icao.upper()
    near = difflib.get_close_matches(icao.upper(), codes, n=3, cutoff=0.5) or codes[:3]
    raise map_error(path, line, "airport", f"no {icao!r} in this file; did you mean {', '.join(near)}?")


def _lines(path: str | Path) -> list[str]:
    """Every line up to and with row 99; checks the two header lines and that the file ends."""
    data = read_bytes(path)
    if b"\0" in data[:4096]:
        raise map_error(path, 1, "file", "is binary, not apt.dat text")
    lines = [line.strip() for line in _decode(data).split("\n")]
    if lines[0] not in ("I", "A") or len(lines) < 2:
        raise map_error(path, 1, "header", "line 1 of apt.dat must be I or A")
    version = lines[1].split()
    if not version or not version[0].isdigit() or not 600 <= int(version[0]) <= 1300:
        raise map_error(path, 2, "version", f"{lines[1][:20]!r} is not an apt.dat version (1000 ... 1200)")
    end = next((i for i, line in enumerate(lines) if i > 1 and line.split(maxsplit=1)[:1] == [str(END_ROW)]), None)
    if end is None:
        raise map_error(path, len(lines), "row 99", "missing at the end: the file is truncated")
    return lines[: end + 1]


def _headers(path: str | Path, lines: list[str]) -> list[Row]:
    """The header row of every airport; cheap on a file of thousands, whose other rows stay text."""
    starts = tuple(f"{code}{blank}" for code in HEADER_ROWS for blank in " \t")
    return [
        Row(str(path), i, int(line.split()[0]), line.split())
        for i, line in enumerate(lines, 1)
        if line.startswith(starts)
    ]


def _row(path: str | Path, number: int, line: str) -> Row | None:
    """The line as a row, None for a blank one."""
    parts = line.split()
    if not parts:
        return None
    try:
        return Row(str(path), number, int(float(parts[0])), parts)
    except (ValueError, OverflowError):
        raise map_error(path, number, "row code", f"{parts[0][:20]!r} is not a number") from None


def _decode(data: bytes) -> str:
    """UTF-8, else Latin-1: exports before 2012 carry airport names in the author's code page."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _parse(path: str, rows: list[Row]) -> AptAirport:
    header = rows[0]
    airport = AptAirport(path, header.line, header.text(4, "ICAO code"), header.rest(5))
    shape_nodes: list[tuple[int, LatLon, LatLon | None, tuple[int, ...]]] = []
    for row in rows[1:]:
        if row.code in NODE_ROWS:
            _shape_node(airport, row, shape_nodes)
            continue
        if shape_nodes:
            raise map_error(path, row.line, f"row {row.code}", "the shape before it never ends (no row 113 ... 116)")
        handler = _HANDLERS.get(row.code)
        if handler is not None:
            handler(airport, row)
    if shape_nodes:
        raise map_error(path, rows[-1].line, f"row {rows[-1].code}", "the last shape never ends (no row 113 ... 116)")
    return airport


def _shape_node(airport: AptAirport, row: Row, pending: list) -> None:
    """Collects 111-116; a closing or ending row turns what is pending into a chain of the last shape."""
    if not airport.shapes:
        raise map_error(row.path, row.line, f"row {row.code}", "a node without a shape (no row 110, 120 or 130 before)")
    bezier = row.code % 2 == 0
    control = row.latlon(3) if bezier else None
    pending.append((row.code, row.latlon(1), control, row.codes(5 if bezier else 3)))
    if row.code >= 113:
        airport.shapes[-1].chains.append(_sample(list(pending), closed=row.code in (113, 114)))
        pending.clear()


def _sample(nodes: list, closed: bool) -> Chain:
    """Polyline of a chain of plain and Bezier nodes.

    Rows 112/114/116 store the outgoing handle C; the incoming one is its mirror 2P - C (apt.dat specification)."""
    points: list[LatLon] = []
    codes: list[tuple[int, ...]] = []
    pairs = list(zip(nodes, nodes[1:] + nodes[:1], strict=True))
    for (_, p, out, code), (_, q, q_out, _) in pairs if closed else pairs[:-1]:
        handles = [h for h in (out, _mirror(q, q_out)) if h is not None]
        curve = _bezier([p, *handles, q]) if p != q else [p]
        points += curve
        codes += [code] * len(curve)
    if not closed:
        points.append(nodes[-1][1])
    return Chain(points, codes, closed)


def _mirror(at: LatLon, handle: LatLon | None) -> LatLon | None:
    return None if handle is None else (2.0 * at[0] - handle[0], 2.0 * at[1] - handle[1])


def _bezier(control: list[LatLon]) -> list[LatLon]:
    """Points of a line, quadratic or cubic curve at t = 0 ... 1, the end left out (de Casteljau)."""
    if len(control) == 2:
        return [control[0]]
    points = []
    for k in range(BEZIER_SAMPLES):
        t = k / BEZIER_SAMPLES
        level = control
        while len(level) > 1:
            level = [(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) for a, b in pairwise(level)]
        points.append(level[0])
    return points


def _read_meta(airport: AptAirport, row: Row) -> None:
    if len(row.parts) > 1:
        airport.meta[row.parts[1]] = row.rest(2)


def _read_runway(airport: AptAirport, row: Row) -> None:
    ids = (row.text(8, "runway id"), row.text(17, "runway id"))
    width = row.number(1, "width")
    airport.runways.append(AptRunway(row.line, width, ids, (row.latlon(9), row.latlon(18))))


def _read_shape(airport: AptAirport, row: Row) -> None:
    if row.code == 110:
        airport.shapes.append(Shape(110, row.line, int(row.number(1, "surface")), row.rest(4)))
    else:
        airport.shapes.append(Shape(row.code, row.line, 0, row.rest(1)))


def _read_sign(airport: AptAirport, row: Row) -> None:
    airport.signs.append(AptSign(row.line, row.latlon(1), row.number(3, "heading"), row.rest(6)))


def _read_node(airport: AptAirport, row: Row) -> None:
    airport.nodes[row.text(4, "node id")] = NetNode(row.line, row.latlon(1), row.rest(5))


def _read_taxi_edge(airport: AptAirport, row: Row) -> None:
    kind, _, letter = row.text(4, "edge type").partition("_")
    kind = "runway" if kind == "runway" else "taxiway"
    _add_edge(airport, row, kind, letter if letter in tuple("ABCDEF") else None, row.rest(5))


def _read_road_edge(airport: AptAirport, row: Row) -> None:
    _add_edge(airport, row, "road", None, row.rest(4))


def _add_edge(airport: AptAirport, row: Row, kind: str, letter: str | None, name: str) -> None:
    start, end, way = row.text(1, "start node"), row.text(2, "end node"), row.text(3, "direction")
    if way not in ("oneway", "twoway"):
        raise map_error(row.path, row.line, f"row {row.code} direction", f"{way!r} is not oneway or twoway")
    airport.edges.append(NetEdge(row.line, start, end, way == "oneway", kind, letter, name))


def _last_edge(airport: AptAirport, row: Row) -> NetEdge:
    if not airport.edges:
        raise map_error(row.path, row.line, f"row {row.code}", "no edge before it (row 1202 or 1206)")
    return airport.edges[-1]


def _read_edge_shape(airport: AptAirport, row: Row) -> None:
    _last_edge(airport, row).shape.append(row.latlon(1))


def _read_active_zone(airport: AptAirport, row: Row) -> None:
    names = row.rest(2).replace(",", " ").split()
    _last_edge(airport, row).active.update(names)


def _read_stand(airport: AptAirport, row: Row) -> None:
    kinds = tuple(row.text(5, "aircraft types").split("|"))
    stand = AptStand(row.line, row.latlon(1), row.number(3, "heading"), row.text(4, "stand type"), kinds, row.rest(6))
    airport.stands.append(stand)


def _read_legacy_stand(airport: AptAirport, row: Row) -> None:
    airport.stands.append(AptStand(row.line, row.latlon(1), row.number(3, "heading"), "misc", (), row.rest(4)))


def _read_stand_letter(airport: AptAirport, row: Row) -> None:
    if not airport.stands:
        raise map_error(row.path, row.line, "row 1301", "no stand before it (row 1300)")
    letter = row.text(1, "size letter")
    airport.stands[-1].letter = letter if letter in tuple("ABCDEF") else None
    airport.stands[-1].operation = row.parts[2] if len(row.parts) > 2 else ""


def _read_truck_parking(airport: AptAirport, row: Row) -> None:
    kind = row.text(4, "vehicle type")
    airport.trucks.append(AptTruck(row.line, row.latlon(1), (kind,), row.rest(6), True))


def _read_truck_destination(airport: AptAirport, row: Row) -> None:
    kinds = tuple(row.text(4, "vehicle types").split("|"))
    airport.trucks.append(AptTruck(row.line, row.latlon(1), kinds, row.rest(5), False))


_HANDLERS: dict[int, Callable[[AptAirport, Row], None]] = {
    15: _read_legacy_stand,
    20: _read_sign,
    100: _read_runway,
    110: _read_shape,
    120: _read_shape,
    130: _read_shape,
    1201: _read_node,
    1202: _read_taxi_edge,
    1203: _read_edge_shape,
    1204: _read_active_zone,
    1206: _read_road_edge,
    1300: _read_stand,
    1301: _read_stand_letter,
    1302: _read_meta,
    1400: _read_truck_parking,
    1401: _read_truck_destination,
}


def iter_chains(airport: AptAirport, row: int) -> Iterator[tuple[Shape, Chain]]:
    """(shape, chain) of every chain under rows of one kind."""
    for shape in airport.shapes:
        if shape.row == row:
            for chain in shape.chains:
                yield shape, chain
