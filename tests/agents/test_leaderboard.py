"""The leaderboard as a whole: failures have reasons, numbers repeat, a forged replay counts for nothing."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from airside_sim.replay import load_replay, save_replay
from benchmarks.board.results import compared
from benchmarks.leaderboard import main

ODD = ("Crashing", "Hanging", "Blank", "Hungry", "Wide", "Steady")


def run(suite: Path, out: Path, *agents: str, resume: bool = False, jobs: int = 1) -> dict:
    words = ["--suite", str(suite), "--seeds", "2", "--out", str(out), "--action-s", "2", "--memory-mb", "2000"]
    words += ["--jobs", str(jobs)]
    words += ["--agents", *agents] if agents else []
    assert main(words + (["--resume"] if resume else [])) == 0
    return json.loads((out / "results.json").read_text())


@pytest.fixture(scope="module")
def board(suite_file: Path, agents_file: Path, tmp_path_factory) -> Path:
    """A run with agents that misbehave among those that do not."""
    out = tmp_path_factory.mktemp("board") / "out"
    run(suite_file, out, "stop", *(f"{agents_file}:{name}" for name in ODD))
    return out


def _row(found: dict, agent: str) -> dict:
    return next(row for row in found["suites"] if row["agent"] == agent)


def _episodes(found: dict, agent: str) -> list[dict]:
    columns = found["episodes"]["columns"]
    rows = [dict(zip(columns, row, strict=True)) for row in found["episodes"]["rows"]]
    return [row for row in rows if row["agent"] == agent]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Crashing", "RuntimeError: boom (odd.py:18)"),
        ("Hanging", "no action within 2 s"),
        ("Blank", "action [nan, 0.5] is not finite"),
        ("Hungry", "it asked for more than 2000 MB of memory"),
        ("Wide", "action has shape (3,); (2,) = (steering, velocity) is needed"),
    ],
)
def test_a_bad_agent_fails_with_the_reason_and_the_run_goes_on(board: Path, name: str, reason: str) -> None:
    found = json.loads((board / "results.json").read_text())
    episodes = _episodes(found, f"odd-{name}")
    assert [e["failed"] for e in episodes] == [reason] * 4
    assert {e["worth"] for e in episodes} == {0.0}
    assert _row(found, f"odd-{name}")["failed"] == 4
    assert reason in (board / "leaderboard.md").read_text()


def test_a_good_agent_of_the_users_is_driven_and_scored(board: Path) -> None:
    found = json.loads((board / "results.json").read_text())
    row = _row(found, "odd-Steady")
    assert (row["failed"], row["episodes"]) == (0, 4)
    assert row["completion"] > 0.8
    assert row["score"] > _row(found, "stop")["score"]
    assert 0.0 < found["timings"]["ms_per_action"]["odd-Steady tiny"] < 50.0


def test_random_is_0_and_the_expert_100(board: Path) -> None:
    found = json.loads((board / "results.json").read_text())
    assert (_row(found, "random")["score"], _row(found, "expert")["score"]) == (0.0, 100.0)
    assert {r["agent"]: r["score"] for r in found["overall"]}["expert"] == 100.0


def test_a_second_run_gives_the_same_numbers(board: Path, suite_file: Path, agents_file: Path, tmp_path: Path) -> None:
    first = json.loads((board / "results.json").read_text())
    agents = ("stop", f"{agents_file}:Blank", f"{agents_file}:Steady")
    again = run(suite_file, tmp_path / "again", *agents, jobs=2)
    names = {"random", "expert", "stop", "odd-Steady", "odd-Blank"}
    for key in ("suites", "entries", "overall"):
        assert again[key] == [row for row in first[key] if row["agent"] in names]
    assert again["episodes"]["rows"] == [row for row in first["episodes"]["rows"] if row[0] in names]
    assert compared(again)["setup"] == compared(first)["setup"]


def _edited(board: Path, tmp_path: Path, suite_file: Path, change) -> tuple[dict, dict]:
    """Results before and after one replay of `stop` was changed and judged again."""
    out = tmp_path / "forged"
    shutil.copytree(board, out)
    before = run(suite_file, out, "stop", resume=True)
    change(out / "episodes" / "stop" / "tiny" / "empty_road" / "20000000.replay")
    (out / "blocks" / "stop--tiny--empty_road.json").unlink()
    return before, run(suite_file, out, "stop", resume=True)


def _steer(path: Path) -> None:
    replay = load_replay(path)
    actions = replay.actions.copy()
    actions[3] = [0.3, 1.0]
    save_replay(dataclasses.replace(replay, actions=actions), path)


def _boast(path: Path) -> None:
    replay = load_replay(path)
    outcome = dataclasses.replace(replay.outcome, is_success=True, termination_reason="COMPLETED", route_completion=1.0)
    save_replay(dataclasses.replace(replay, outcome=outcome), path)


def _other_seed(path: Path) -> None:
    shutil.copy(path.parent / "20000001.replay", path)


def _cut(path: Path) -> None:
    replay = load_replay(path)
    save_replay(dataclasses.replace(replay, actions=replay.actions[:20], digests=replay.digests[:1]), path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_steer, "differs from the recorded one between ticks 0 and 50"),
        (_boast, "the replay claims"),
        (_other_seed, "does not begin as seed 20000000 does"),
        (_cut, "the world differs|before the episode ends"),
        (lambda path: path.write_bytes(path.read_bytes()[:100]), "20000000.replay: not a readable replay"),
        (lambda path: path.unlink(), "no such replay file"),
    ],
)
def test_a_forged_replay_is_a_failed_episode(
    board: Path, suite_file: Path, tmp_path: Path, change, reason: str
) -> None:
    before, after = _edited(board, tmp_path, suite_file, change)
    told, *rest = _episodes(after, "stop")
    assert any(part in told["failed"] for part in reason.split("|")), told["failed"]
    assert (told["worth"], told["success"]) == (0.0, False)
    assert rest == _episodes(before, "stop")[1:]  # nobody else's episode is touched
    assert _episodes(after, "expert") == _episodes(before, "expert")


def test_resume_keeps_what_is_finished(board: Path, suite_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(board, out)
    block = out / "blocks" / "stop--tiny--empty_road.json"
    written = block.stat().st_mtime_ns
    run(suite_file, out, "stop", resume=True)
    assert block.stat().st_mtime_ns == written
    kept = json.loads(block.read_text())
    block.write_text(json.dumps(kept | {"fingerprint": "of another version"}))
    run(suite_file, out, "stop", resume=True)
    assert json.loads(block.read_text()) == kept


def test_an_unknown_agent_or_suite_is_one_clear_line(tmp_path: Path, capsys, suite_file: Path) -> None:
    assert main(["--agents", "exprt", "--suite", str(suite_file), "--out", str(tmp_path)]) == 2
    assert "did you mean 'expert'" in capsys.readouterr().out
    assert main(["--suite", "evil", "--out", str(tmp_path)]) == 2
    assert main(["--seeds", "301", "--suite", str(suite_file), "--out", str(tmp_path)]) == 2
    assert "300 test seeds" in capsys.readouterr().out


def test_the_page_sorts_and_plays_a_replay(board: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no chromium on PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1300, "height": 900})
        problems: list[str] = []
        tab.on("pageerror", lambda error: problems.append(str(error)))
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto((board / "index.html").as_uri())
        tab.wait_for_selector('body[data-ready="1"]', timeout=20_000)
        assert [url for url in asked if not url.startswith("file:")] == []

        def agents() -> list[str]:
            return tab.eval_on_selector_all("#table tbody tr", "rows => rows.map(r => r.dataset.agent)")

        scores = {r["agent"]: r["score"] for r in json.loads((board / "results.json").read_text())["suites"]}
        assert np.all(np.diff([scores[a] for a in agents()]) <= 0)
        tab.click('#table th[data-key="score"]')
        assert np.all(np.diff([scores[a] for a in agents()]) >= 0)
        tab.click('#table th[data-key="agent"]')
        assert agents() == sorted(agents(), key=str.lower)
        assert tab.eval_on_selector_all("#scores circle", "c => c.length") == len(scores)
        assert "no action within 2 s" in tab.inner_text("#failed")
        before = tab.inner_text("#heat")
        tab.select_option("#measure", "completion")
        assert tab.inner_text("#heat") != before
        background = "getComputedStyle(document.body).backgroundColor"
        light = tab.evaluate(background)
        tab.click("#theme")
        assert tab.evaluate(background) != light
        tab.click('#table tr[data-agent="expert"] a >> text=best')
        tab.wait_for_selector('body[data-ready="1"]', timeout=20_000)
        tab.click("#play")
        tab.wait_for_function("Number(document.body.dataset.tick) > 3", timeout=20_000)
        assert problems == []
        browser.close()
