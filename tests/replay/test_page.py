"""The HTML page: self-contained, true to the replay, and it plays, scrubs and shows the log in a real browser."""

import base64
import json
import re
import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest

from airside_sim.replay import Playback, Replay, load_replay
from airside_sim.replay.page import write_page
from airside_sim.replay.track import track_of
from tests.replay.conftest import record


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Replay:
    return load_replay(record(tmp_path_factory.mktemp("whole"), seed=1, steps=10_000))


@pytest.fixture(scope="module")
def page(whole: Replay, tmp_path_factory) -> Path:
    return write_page(whole, tmp_path_factory.mktemp("page") / "replay.html")


def _unpack(page: Path) -> tuple[dict, dict[str, np.ndarray]]:
    text = re.search(r'id="data">([^<]+)<', page.read_text(encoding="utf-8")).group(1)
    raw = zlib.decompress(base64.b64decode(text))
    length = int(np.frombuffer(raw, np.uint32, 1)[0])
    head = json.loads(raw[4 : 4 + length])
    body = raw[4 + length :]
    arrays = {name: np.frombuffer(body, dtype, n, at) for name, (dtype, at, n) in head["arrays"].items()}
    return head, arrays


def test_the_page_needs_nothing_but_itself(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(src|href)\s*=|@[A-Z]+@|https?://", text)
    assert page.stat().st_size < 2_000_000


def test_the_page_has_every_actor_to_the_centimetre(page: Path, whole: Replay) -> None:
    head, arrays = _unpack(page)
    track = track_of(Playback(whole))
    origin = np.round(track.ego_xy[0])
    assert len(head["actors"]) == len(track.actors)
    at = 0
    for row, actor in zip(head["actors"], track.actors, strict=True):
        first, count, x0, y0 = row[6:]
        assert (row[0], first, count) == (actor.slot, actor.first, len(actor.xy))
        x = x0 + np.cumsum(arrays["dx"][at : at + count].astype(int))
        y = y0 + np.cumsum(arrays["dy"][at : at + count].astype(int))
        assert np.abs(np.stack([x, y], axis=1) / 100.0 + origin - actor.xy).max() < 0.00501
        at += count
    assert at == len(arrays["dx"]) == len(arrays["heading"]) == len(arrays["beacon"])


def test_the_page_has_the_referees_words(page: Path, whole: Replay) -> None:
    head, _ = _unpack(page)
    words = [r["words"] for r in head["log"]]
    assert "requested a crossing clearance" in words
    assert head["log"][-1]["tick"] == whole.num_steps
    assert head["outcome"]["steps"] == whole.num_steps


def test_a_browser_plays_and_scrubs_it(page: Path, whole: Replay, tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium on PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1280, "height": 800})
        problems: list[str] = []
        tab.on("pageerror", lambda error: problems.append(str(error)))
        tab.goto(page.as_uri())
        tab.wait_for_selector('body[data-ready="1"]', timeout=20_000)

        def tick() -> int:
            return int(tab.evaluate("document.body.dataset.tick"))

        assert tick() == 0
        tab.click("#play")
        tab.wait_for_function("Number(document.body.dataset.tick) > 3", timeout=20_000)
        tab.click("#play")
        there = tick()
        tab.click("#forward")
        assert tick() == there + 1
        tab.fill("#scrub", str(whole.num_steps // 2))
        assert tick() == whole.num_steps // 2
        before = tab.screenshot()
        tab.click("#log li:last-child")
        assert tick() == whole.num_steps
        assert tab.screenshot() != before
        assert tab.inner_text("#clock").startswith(f"{whole.num_steps / 10:.1f} s")
        cost = float(tab.inner_text("#now tr:nth-child(3) td:last-child"))
        assert cost == pytest.approx(whole.outcome.total_cost, abs=1e-3)
        tab.mouse.wheel(0, -300)
        tab.mouse.click(480, 330)  # follows whoever is there, or nobody
        tab.keyboard.press("f")
        assert problems == []
        browser.close()


def test_a_damaged_page_says_so(page: Path, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on PATH")
    from playwright.sync_api import sync_playwright

    bad = tmp_path / "bad.html"
    bad.write_text(re.sub(r'(id="data">.{100})', r"\1AAAA", page.read_text(encoding="utf-8")), encoding="utf-8")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.goto(bad.as_uri())
        tab.wait_for_function("document.getElementById('title').textContent.includes('damaged')", timeout=20_000)
        browser.close()
