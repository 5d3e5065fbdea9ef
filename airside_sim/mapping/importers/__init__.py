"""Readers of real airports: X-Plane apt.dat, OpenStreetMap, FlightGear groundnet; gap filling; downloads.

`import_airport` is the one call a user needs: read, merge, fill.
"""

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path

from airside_sim.mapping.importers.fill import fill_gaps
from airside_sim.mapping.importers.groundnet import import_groundnet, merge_groundnet
from airside_sim.mapping.importers.osm import import_osm, merge_osm
from airside_sim.mapping.importers.result import Imported
from airside_sim.mapping.importers.xplane import import_xplane

__all__ = [
    "FORMATS",
    "Imported",
    "fill_gaps",
    "import_airport",
    "import_groundnet",
    "import_osm",
    "import_xplane",
    "merge_groundnet",
    "merge_osm",
]

FORMATS: dict[str, Callable[..., Imported]] = {
    "xplane": import_xplane,
    "osm": import_osm,
    "groundnet": import_groundnet,
}


def import_airport(
    format_name: str,
    source: str | Path | Sequence[str | Path],
    icao: str | None = None,
    buildings_from: str | Path | Sequence[str | Path] | None = None,
    pushback_from: str | Path | None = None,
    fill: bool = True,
) -> Imported:
    """An airport ready to compile: read `source`, merge OSM and groundnet files, fill the gaps by rule.

    `source` may be several files for "osm". `fill=False` leaves the gaps open."""
    reader = FORMATS.get(format_name)
    if reader is None:
        near = difflib.get_close_matches(format_name, FORMATS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"unknown map format {format_name!r}; allowed: {', '.join(FORMATS)}{hint}")
    airport, warnings = reader(source, icao)
    if buildings_from is not None:
        airport, more = merge_osm(airport, buildings_from)
        warnings = [*warnings, *more]
    if pushback_from is not None:
        airport, more = merge_groundnet(airport, pushback_from)
        warnings = [*warnings, *more]
    return fill_gaps(Imported(airport, warnings)) if fill else Imported(airport, warnings)
