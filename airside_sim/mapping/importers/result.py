"""What every importer hands back, and how it says that an input is broken."""

from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from airside_sim.mapping.errors import MapError
from airside_sim.mapping.schema import AirportMap

MAX_INPUT_BYTES = 512 * 2**20  # the global X-Plane file has about 350 MB


class Imported(NamedTuple):
    """An airport ready to write or compile, and what the source got wrong (one sentence each)."""

    airport: AirportMap
    warnings: list[str]


def map_error(path: str | Path, line: int, field: str, message: str) -> MapError:
    """`FILE:LINE: field: message`, the one shape of every complaint about a map."""
    return MapError(f"{path}:{line}: {field}: {message}")


def read_bytes(path: str | Path) -> bytes:
    """Whole file, refused when missing, empty, not a file or beyond MAX_INPUT_BYTES."""
    path = Path(path)
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise map_error(path, 1, "file", "not a regular file")
        if size > MAX_INPUT_BYTES:
            raise map_error(path, 1, "file", f"{size} bytes; at most {MAX_INPUT_BYTES} are read")
        data = path.read_bytes()
    except OSError as error:
        raise map_error(path, 1, "file", f"cannot be read ({error.strerror})") from error
    if not data.strip():
        raise map_error(path, 1, "file", "is empty")
    return data


def read_utf8(path: str | Path) -> str:
    data = read_bytes(path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise map_error(path, line, "file", f"byte {error.start} is not UTF-8") from error


def build_map(path: str | Path, fields: dict) -> AirportMap:
    """AirportMap from an importer's lists; what the schema refuses becomes a MapError on the source file."""
    try:
        return AirportMap(schema_version=1, **fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise map_error(path, 1, where, first["msg"]) from error
