"""The file: what is written comes back, and what is damaged is refused with file and field."""

import contextlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airside_sim.replay import Replay, ReplayError, load_replay, save_replay
from tests.replay.conftest import EVERY, STEPS


def test_a_replay_comes_back_as_it_was_saved(replay: Replay, tmp_path: Path) -> None:
    again = load_replay(save_replay(replay, tmp_path / "deep" / "a.replay"))
    assert np.array_equal(again.actions, replay.actions)
    for name in ("env_id", "keywords", "seed", "episode", "word", "digests", "outcome", "events", "snapshots"):
        assert getattr(again, name) == getattr(replay, name)


def test_it_holds_what_was_driven(replay: Replay) -> None:
    assert (replay.env_id, replay.seed, replay.episode, replay.num_steps) == ("AirsideCrossing-v0", 4, 0, STEPS)
    assert replay.outcome.steps == STEPS
    assert replay.outcome.termination_reason == "RUNNING"
    assert replay.snapshot_ticks == (EVERY, 2 * EVERY)
    assert "render_mode" not in replay.keywords


def test_it_is_compact(replay_file: Path) -> None:
    assert replay_file.stat().st_size < 150_000


def test_a_failed_write_keeps_the_old_file(replay: Replay, tmp_path: Path) -> None:
    path = save_replay(replay, tmp_path / "a.replay")
    before = path.read_bytes()
    with pytest.raises(TypeError):
        save_replay(replace(replay, keywords={"map": object()}), path)
    assert path.read_bytes() == before


def _with_header(path: Path, out: Path, **changes) -> Path:
    with np.load(path) as archive:
        members = {name: archive[name] for name in archive.files}
    header = json.loads(members["header"].tobytes()) | changes
    header = {k: v for k, v in header.items() if v is not ...}
    members["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    with out.open("wb") as stream:
        np.savez_compressed(stream, **members)
    return out


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"format": "something"}, "no airside replay"),
        ({"format_version": 99}, "format_version"),
        ({"seed": ...}, "'seed' is missing"),
        ({"seed": "four"}, "seed"),
        ({"word": "-3"}, "word"),
        ({"word": "x"}, "header"),
        ({"outcome": {"steps": 3, "fun": 1}}, "fun"),
        ({"digests": []}, "digests"),
        ({"digest_every": 0}, "digest_every"),
        ({"snapshot_ticks": [1]}, "snapshots"),
        ({"keywords": []}, "keywords"),
    ],
)
def test_a_wrong_header_is_named(replay_file: Path, tmp_path: Path, changes: dict, field: str) -> None:
    path = _with_header(replay_file, tmp_path / "bad.replay", **changes)
    with pytest.raises(ReplayError, match=field) as caught:
        load_replay(path)
    assert "bad.replay" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="nowhere"):
        load_replay(tmp_path / "nowhere.replay")


def test_pickled_arrays_are_refused(replay_file: Path, tmp_path: Path) -> None:
    with np.load(replay_file) as archive:
        members = {name: archive[name] for name in archive.files}
    members["actions"] = np.array([object()], dtype=object)
    with (tmp_path / "evil.replay").open("wb") as stream:
        np.savez(stream, **members)
    with pytest.raises(ReplayError, match=r"evil\.replay"):
        load_replay(tmp_path / "evil.replay")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_bytes_never_give_a_traceback(replay_file: Path, tmp_path: Path, data) -> None:
    raw = bytearray(replay_file.read_bytes())
    if data.draw(st.booleans(), label="truncate"):
        raw = raw[: data.draw(st.integers(0, len(raw) - 1))]
    else:
        for _ in range(data.draw(st.integers(1, 8))):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.replay"
    path.write_bytes(raw)
    with contextlib.suppress(ReplayError):  # a flip in a name's padding may leave a whole file
        load_replay(path)
