"""Downloads one airport: X-Plane Scenery Gateway (`apt.dat`) or OpenStreetMap through Overpass. Standard library only.

Both services can be replaced: argument, else AIRSIDE_GATEWAY_URL and AIRSIDE_OVERPASS_URL. Answers are size-limited,
zip entries are read in memory by name and never unpacked to disk.
"""

import base64
import binascii
import io
import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request
import zipfile
import zlib
from pathlib import Path

GATEWAY_URL = "https://gateway.x-plane.com"
OVERPASS_URL = "https://overpass-api.de/api/interpreter"
MAX_ANSWER_BYTES = 64 * 2**20
MAX_AIRPORT_BYTES = 64 * 2**20
_BBOX_MARGIN_DEG = 0.005
_USER_AGENT = "airside_sim map importer"


class FetchError(RuntimeError):
    """A download failed; one line says which address and why."""


def fetch_xplane(icao: str, out: str | Path, base_url: str | None = None, timeout_s: float = 30.0) -> Path:
    """Writes the recommended scenery's apt.dat of an airport to `out`.

    Gateway API: airport -> recommendedSceneryId -> scenery -> masterZipBlob (base64 zip with <ICAO>.dat inside)."""
    icao = _checked(icao)
    base = (base_url or os.environ.get("AIRSIDE_GATEWAY_URL") or GATEWAY_URL).rstrip("/")
    airport_url = f"{base}/apiv1/airport/{icao}"
    scenery_id = _entry(_json(airport_url, timeout_s), ("airport", "recommendedSceneryId"), airport_url)
    if not isinstance(scenery_id, int):
        raise FetchError(f"{airport_url}: the gateway recommends no scenery for {icao}")
    scenery_url = f"{base}/apiv1/scenery/{scenery_id}"
    blob = _entry(_json(scenery_url, timeout_s), ("scenery", "masterZipBlob"), scenery_url)
    try:
        archive = base64.b64decode(str(blob), validate=True)
    except (binascii.Error, ValueError):
        raise FetchError(f"{scenery_url}: masterZipBlob is not base64") from None
    return _write(out, _apt_dat(archive, icao, scenery_url))


def fetch_osm(icao: str, out: str | Path, base_url: str | None = None, timeout_s: float = 150.0) -> Path:
    """Writes an Overpass JSON extract of the aerodrome's box, 0.005 degrees wider, to `out`."""
    icao = _checked(icao)
    url = base_url or os.environ.get("AIRSIDE_OVERPASS_URL") or OVERPASS_URL
    find = f'[out:json][timeout:60]; nwr["aeroway"="aerodrome"]["icao"="{icao}"]; out bb;'
    elements = _entry(_json(url, timeout_s, {"data": find}), ("elements",), url)
    boxes = [_box(element) for element in elements if isinstance(element, dict)] if isinstance(elements, list) else []
    boxes = [box for box in boxes if box is not None]
    if not boxes:
        raise FetchError(f"{url}: OpenStreetMap has no aerodrome with icao={icao}")
    south, west, north, east = boxes[0]
    m = _BBOX_MARGIN_DEG
    area = f"{south - m:.5f},{west - m:.5f},{north + m:.5f},{east + m:.5f}"
    query = (
        f"[out:json][timeout:120][bbox:{area}]; "
        '( nwr["aeroway"]; way["highway"="service"]; way["building"]; way["barrier"]; ); out geom;'
    )
    answer = _download(url, timeout_s, {"data": query})
    _entry(_parse(answer, url), ("elements",), url)
    return _write(out, answer)


def _checked(icao: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]{3,7}", icao):
        raise FetchError(f"{icao!r} is not an airport code: 3 to 7 letters and digits")
    return icao.upper()


def _download(url: str, timeout_s: float, form: dict[str, str] | None = None) -> bytes:
    """Body of a GET (or of a POST with a form), at most MAX_ANSWER_BYTES; http and https only."""
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise FetchError(f"{url}: only http and https addresses are fetched")
    data = urllib.parse.urlencode(form).encode() if form else None
    request = urllib.request.Request(url, data=data, headers={"User-Agent": _USER_AGENT, "Accept": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as response:
            body = response.read(MAX_ANSWER_BYTES + 1)
    except urllib.error.HTTPError as error:
        raise FetchError(f"{url}: the server answered {error.code} {error.reason}") from None
    except TimeoutError:
        raise FetchError(f"{url}: no answer within {timeout_s:g} s") from None
    except (urllib.error.URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise FetchError(f"{url}: cannot be reached ({reason}); is the network up?") from None
    if len(body) > MAX_ANSWER_BYTES:
        raise FetchError(f"{url}: the answer is larger than {MAX_ANSWER_BYTES} bytes")
    return body


def _json(url: str, timeout_s: float, form: dict[str, str] | None = None) -> object:
    return _parse(_download(url, timeout_s, form), url)


def _parse(body: bytes, url: str) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise FetchError(f"{url}: the answer is not JSON") from None


def _entry(document: object, path: tuple[str, ...], url: str) -> object:
    for key in path:
        if not isinstance(document, dict) or key not in document:
            raise FetchError(f"{url}: the answer has no {'.'.join(path)}")
        document = document[key]
    return document


def _box(element: dict) -> tuple[float, float, float, float] | None:
    bounds = element.get("bounds")
    if isinstance(bounds, dict) and all(isinstance(bounds.get(key), float | int) for key in _BOUNDS):
        south, west, north, east = (float(bounds[key]) for key in _BOUNDS)
        return south, west, north, east
    if isinstance(element.get("lat"), float) and isinstance(element.get("lon"), float):
        lat, lon = element["lat"], element["lon"]
        return lat - 0.02, lon - 0.03, lat + 0.02, lon + 0.03
    return None


_BOUNDS = ("minlat", "minlon", "maxlat", "maxlon")


def _apt_dat(archive: bytes, icao: str, url: str) -> bytes:
    """The airport's .dat in the archive, or in the zip that the archive holds."""
    try:
        for _ in range(2):
            with zipfile.ZipFile(io.BytesIO(archive)) as bundle:
                dat = next((info for info in bundle.infolist() if info.filename.lower().endswith(".dat")), None)
                inner = next((info for info in bundle.infolist() if info.filename.lower().endswith(".zip")), None)
                if dat is not None:
                    return _member(bundle, dat, url)
                if inner is None:
                    break
                archive = _member(bundle, inner, url)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError):
        raise FetchError(f"{url}: the scenery is not a readable zip archive") from None
    raise FetchError(f"{url}: the scenery holds no .dat file for {icao}")


def _member(bundle: zipfile.ZipFile, info: zipfile.ZipInfo, url: str) -> bytes:
    """One entry, read no further than the limit whatever its header claims (zip bombs)."""
    with bundle.open(info) as stream:
        data = stream.read(MAX_AIRPORT_BYTES + 1)
    if len(data) > MAX_AIRPORT_BYTES:
        raise FetchError(f"{url}: {info.filename} is larger than {MAX_AIRPORT_BYTES} bytes")
    return data


def _write(out: str | Path, data: bytes) -> Path:
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(out.name + ".part")
    partial.write_bytes(data)
    partial.replace(out)
    return out
