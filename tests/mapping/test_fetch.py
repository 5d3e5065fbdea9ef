"""Downloads against a loopback server: both protocols, refusals, broken answers, zip bombs, time-outs."""

import base64
import io
import json
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from airside_sim.mapping.importers import fetch
from airside_sim.mapping.importers.fetch import FetchError, fetch_osm, fetch_xplane

DAT = b"I\n1100 test\n\n1 10 0 0 XTST Test\n99\n"


def zipped(name: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture
def server():
    """Serves `answers[path]`: bytes, an int status, or a float to sleep; records POST bodies."""
    answers: dict = {}
    posts: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer = answers.get(self.path, 404)
            if isinstance(answer, float):
                time.sleep(answer)
                answer = b"{}"
            if isinstance(answer, int):
                self.send_error(answer)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def do_POST(self):
            posts.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.path = f"{self.path}#{len(posts)}"
            self.do_GET()

        def log_message(self, *args):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}", answers, posts
    httpd.shutdown()
    httpd.server_close()


def scenery(blob: bytes) -> bytes:
    return json.dumps({"scenery": {"masterZipBlob": base64.b64encode(blob).decode()}}).encode()


@pytest.mark.parametrize("blob", [zipped("XTST.dat", DAT), zipped("a/XTST.zip", zipped("x/XTST.dat", DAT))])
def test_gateway_airport_is_written(server, tmp_path, blob):
    url, answers, _ = server
    answers["/apiv1/airport/XTST"] = b'{"airport": {"recommendedSceneryId": 42}}'
    answers["/apiv1/scenery/42"] = scenery(blob)
    out = fetch_xplane("xtst", tmp_path / "new" / "apt.dat", base_url=url)
    assert out.read_bytes() == DAT
    assert [path.name for path in out.parent.iterdir()] == ["apt.dat"]


def test_base_url_comes_from_the_environment(server, tmp_path, monkeypatch):
    monkeypatch.setenv("AIRSIDE_GATEWAY_URL", server[0])
    with pytest.raises(FetchError, match=r"/apiv1/airport/XTST: the server answered 404"):
        fetch_xplane("XTST", tmp_path / "apt.dat")


@pytest.mark.parametrize(
    ("airport", "second", "message"),
    [
        (500, None, "answered 500"),
        (b"<html>", None, "not JSON"),
        (b"[" * 100000, None, "not JSON"),
        (b'{"airport": {}}', None, "no airport.recommendedSceneryId"),
        (b'{"airport": {"recommendedSceneryId": null}}', None, "recommends no scenery"),
        (b'{"airport": {"recommendedSceneryId": 42}}', b'{"scenery": {"masterZipBlob": "%%%"}}', "not base64"),
        (b'{"airport": {"recommendedSceneryId": 42}}', scenery(b"not a zip"), "not a readable zip"),
        (b'{"airport": {"recommendedSceneryId": 42}}', scenery(zipped("readme.txt", b"")), r"no \.dat"),
        (b'{"airport": {"recommendedSceneryId": 42}}', scenery(zipped("X.dat", bytes(3_000_000))), "larger than"),
    ],
)
def test_broken_gateway_answers_are_one_error(server, tmp_path, monkeypatch, airport, second, message):
    url, answers, _ = server
    monkeypatch.setattr(fetch, "MAX_AIRPORT_BYTES", 2_000_000)
    answers["/apiv1/airport/XTST"] = airport
    if second is not None:
        answers["/apiv1/scenery/42"] = second
    with pytest.raises(FetchError, match=message):
        fetch_xplane("XTST", tmp_path / "apt.dat", base_url=url)
    assert list(tmp_path.iterdir()) == []


def test_answers_are_size_limited(server, tmp_path, monkeypatch):
    url, answers, _ = server
    monkeypatch.setattr(fetch, "MAX_ANSWER_BYTES", 1000)
    answers["/apiv1/airport/XTST"] = b" " * 2000
    with pytest.raises(FetchError, match="larger than 1000 bytes"):
        fetch_xplane("XTST", tmp_path / "apt.dat", base_url=url)


def test_slow_and_absent_servers(server, tmp_path):
    url, answers, _ = server
    answers["/apiv1/airport/XTST"] = 1.0
    with pytest.raises(FetchError, match=r"no answer within 0\.2 s"):
        fetch_xplane("XTST", tmp_path / "apt.dat", base_url=url, timeout_s=0.2)
    with pytest.raises(FetchError, match="cannot be reached"):
        fetch_xplane("XTST", tmp_path / "apt.dat", base_url="http://127.0.0.1:9")


@pytest.mark.parametrize("icao", ["", "../etc", 'X"];', "WAYTOOLONG"])
def test_codes_are_checked_before_anything_is_asked(tmp_path, icao):
    with pytest.raises(FetchError, match="not an airport code"):
        fetch_osm(icao, tmp_path / "osm.json", base_url="http://127.0.0.1:9")


def test_other_schemes_are_refused(tmp_path):
    with pytest.raises(FetchError, match="only http and https"):
        fetch_xplane("XTST", tmp_path / "apt.dat", base_url="file:///etc")


def test_overpass_asks_for_the_box_then_for_the_airport(server, tmp_path):
    url, answers, posts = server
    bounds = {"minlat": 54.6, "minlon": 25.2, "maxlat": 54.7, "maxlon": 25.4}
    answers["/api#1"] = json.dumps({"elements": [{"type": "way", "id": 1, "bounds": bounds}]}).encode()
    answers["/api#2"] = (
        b'{"elements": [{"type": "node", "id": 5, "lat": 54.6, "lon": 25.3, "tags": {"aeroway": "gate"}}]}'
    )
    out = fetch_osm("EYVI", tmp_path / "osm.json", base_url=f"{url}/api")
    assert json.loads(out.read_text())["elements"][0]["id"] == 5
    assert "bbox%3A54.59500%2C25.19500%2C54.70500%2C25.40500" in posts[1]


def test_overpass_without_the_aerodrome(server, tmp_path):
    url, answers, _ = server
    answers["/api#1"] = b'{"elements": []}'
    with pytest.raises(FetchError, match="no aerodrome with icao=EYVI"):
        fetch_osm("EYVI", tmp_path / "osm.json", base_url=f"{url}/api")
