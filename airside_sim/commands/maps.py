"""`airside maps list|validate|preview|import|fetch|generate|schema`."""

from pathlib import Path
from typing import Annotated, Literal

import tyro

from airside_sim.constants import BEV_SIZE

Name = Annotated[str, tyro.conf.Positional]
_BEV_PX_M = 100.0 / BEV_SIZE  # pixel of the default view


def list_maps() -> int:
    """List the bundled airports."""
    from airside_sim.mapping.cache import bundled_maps
    from airside_sim.mapping.yaml_io import load_map

    for name, path in bundled_maps().items():
        airport = load_map(path)
        print(f"{name:<18}{len(airport.stands):>4} stands{len(airport.road_edges):>5} roads  {airport.title}")
    print("generated:A-B     any range of seeds of the procedural generator")
    return 0


def validate(map: Name) -> int:
    """Check a map: file, reachability, buildings, widths, clearances, holding points, walkways.

    Args:
        map: bundled name, YAML file or generated:SEED. The exit status is 1 when an error is found.
    """
    from airside_sim.mapping.validate import validate as find_all

    errors = 0
    for compiled in _compiled(map):
        findings = find_all(compiled)
        for finding in findings:
            print(finding)
        found = sum(finding.severity == "error" for finding in findings)
        errors += found
        for text in compiled.airport.filled:
            print(f"filled: {text}")
        print(f"{compiled.name}: {found} errors, {len(findings) - found} other findings")
    return 1 if errors else 0


def preview(map: Name, out: Path = Path("map.png"), max_px: int = 2400) -> int:
    """Draw a map with its lanes, crossings and aircraft paths.

    Args:
        map: bundled name, YAML file or generated:SEED.
        out: picture to write.
        max_px: longer side of the picture.
    """
    from airside_sim.mapping.preview import preview as draw

    print(draw(_compiled(map)[0], out, max_px))
    return 0


def import_map(
    format: Annotated[Literal["xplane", "osm", "groundnet"], tyro.conf.Positional],
    source: Annotated[tuple[Path, ...], tyro.conf.Positional],
    out: Path,
    icao: str | None = None,
    buildings_from: tuple[Path, ...] = (),
    pushback_from: Path | None = None,
    fill: bool = True,
) -> int:
    """Turn an X-Plane apt.dat, an OpenStreetMap extract or a FlightGear groundnet into a map YAML.

    Args:
        format: kind of the source file.
        source: file to read; OpenStreetMap extracts may come in several.
        out: map YAML to write.
        icao: which airport of the source.
        buildings_from: OpenStreetMap files to take buildings and more from.
        pushback_from: FlightGear groundnet to take pushback paths from.
        fill: fill gaps (roads, speed limits, crossings ...) by rule.
    """
    from airside_sim.mapping.importers import import_airport
    from airside_sim.mapping.yaml_write import dump_map

    if not source:
        raise ValueError("source: name the file to read")
    if len(source) > 1 and format != "osm":
        raise ValueError(f"{format} takes one file, not {len(source)}")
    files = source if format == "osm" else source[0]
    imported = import_airport(format, files, icao, buildings_from or None, pushback_from, fill)
    for text in imported.warnings:
        print(f"warning: {text}")
    for text in imported.airport.filled:
        print(f"filled: {text}")
    dump_map(imported.airport, out)
    airport = imported.airport
    print(f"{out}: {len(airport.stands)} stands, {len(airport.taxi_edges)} taxi edges, {len(airport.road_edges)} roads")
    return 0


def fetch(
    icao: Name,
    out: Path | None = None,
    source: Literal["xplane", "osm"] = "xplane",
    url: str | None = None,
) -> int:
    """Download an airport's file over the network, to be imported with `airside maps import`.

    Args:
        icao: code of the airport.
        out: file to write; by default ICAO.dat or ICAO.json.
        source: X-Plane Scenery Gateway or OpenStreetMap.
        url: another server than the usual one.
    """
    from airside_sim.mapping.importers.fetch import FetchError, fetch_osm, fetch_xplane

    suffix, download = {"xplane": ("dat", fetch_xplane), "osm": ("json", fetch_osm)}[source]
    try:
        print(download(icao, out or Path(f"{icao.upper()}.{suffix}"), url))
    except FetchError as error:
        raise OSError(str(error)) from error
    return 0


def generate(seed: Annotated[int, tyro.conf.Positional], out: Path | None = None) -> int:
    """Write the procedural airport of a seed as a map YAML.

    Args:
        seed: 0 or more.
        out: file to write; by default generated-SEED.yaml.
    """
    from airside_sim.mapping.generator import generate_airport
    from airside_sim.mapping.yaml_write import dump_map

    airport = generate_airport(seed)
    path = out or Path(f"{airport.name}.yaml")
    dump_map(airport, path)
    print(path)
    return 0


def _compiled(spec: str):
    from airside_sim.mapping.cache import load_compiled

    return load_compiled(spec, _BEV_PX_M)


def schema(out: Path | None = None) -> int:
    """Print the JSON Schema of map files, for editors that complete and check YAML.

    Args:
        out: file to write it to instead.
    """
    from airside_sim.commands.schemas import print_schema
    from airside_sim.mapping.schema import AirportMap

    return print_schema(AirportMap, out)
