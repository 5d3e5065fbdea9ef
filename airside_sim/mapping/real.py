"""Real airports by code: "real:EDDB" is imported, with its gaps filled, from a folder of map files the user has.

`AIRSIDE_MAP_DATA` names the folder; by default it is `shared/data/maps` beside the checkout. It holds
`xplane/ICAO*.apt.dat` (or `ICAO.dat`, as `airside maps fetch` writes it) and `osm/ICAO/*.geojson` (or `ICAO*.json`).
X-Plane's files are preferred, since they alone have service roads. Their licences forbid shipping them.
"""

import os
import re
from pathlib import Path

from airside_sim.mapping.errors import MapError
from airside_sim.mapping.importers import import_airport
from airside_sim.mapping.schema import AirportMap
from airside_sim.resources import did_you_mean

PREFIX = "real:"
_CHECKOUT = Path(__file__).resolve().parents[2]
_PATTERNS = {
    "xplane": ("xplane/{icao}*.dat", "{icao}*.dat"),
    "osm": ("osm/{icao}/*.geojson", "osm/{icao}*.json", "{icao}*.json"),
}


def map_data_folder() -> Path:
    """Where the user's map files lie; it need not exist."""
    return Path(os.environ.get("AIRSIDE_MAP_DATA") or _CHECKOUT.parent / "shared" / "data" / "maps")


def real_airport_files(spec: str) -> tuple[str, list[Path]]:
    """Format and files of "real:ICAO"; MapError when there are none, naming what there is."""
    icao = spec.removeprefix(PREFIX)
    if not re.fullmatch(r"[A-Z0-9]{3,4}", icao):
        raise MapError(f'map \'{spec}\': write "real:" and the airport\'s code, as in "real:EDDB"')
    folder = map_data_folder()
    for kind, patterns in _PATTERNS.items():
        for pattern in patterns:
            files = sorted(folder.glob(pattern.format(icao=icao)))
            if files:
                return kind, files if kind == "osm" else files[:1]
    raise MapError(
        f"map '{spec}': no file of {icao} in {folder}{did_you_mean(icao, _known(folder))}; get one with "
        f"'airside maps fetch {icao}' and set AIRSIDE_MAP_DATA to its folder"
    )


def _known(folder: Path) -> list[str]:
    """Codes that the folder has files of."""
    paths = [*folder.glob("xplane/*.dat"), *folder.glob("*.dat"), *folder.glob("osm/*/")]
    return sorted({path.name[:4] for path in paths})


def import_real(spec: str) -> AirportMap:
    """The airport of "real:ICAO", ready to compile."""
    kind, files = real_airport_files(spec)
    return import_airport(kind, files if kind == "osm" else files[0], spec.removeprefix(PREFIX)).airport
