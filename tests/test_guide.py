"""The newcomer's guide, followed to the letter: its YAML and its commands, but for making the venv."""

import re
import shlex
from pathlib import Path

import pytest

from airside_sim.cli import main


def test_the_guide_leads_to_a_scenario_previewed_and_run(repository: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    text = (repository / "docs" / "scenario_guide.md").read_text(encoding="utf-8")
    (scenario,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    commands = [line for block in re.findall(r"```bash\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    monkeypatch.chdir(tmp_path)
    Path("first.yaml").write_text(scenario, encoding="utf-8")
    ours = [shlex.split(line)[1:] for line in commands if line.startswith(".venv/bin/airside ")]
    assert len(ours) == 7
    for words in ours:
        assert main(words) == 0, words
    said = capsys.readouterr().out
    assert "had a person step out before it" in said
    assert "fog came up" in said
    assert "replays/AirsideApron-v0-3-0000.replay: true" in said
    assert "failure: keep_clear_of_people_m 0.3" in said
    for made in ("plan.png", "start.png", "first.html"):
        assert Path(made).stat().st_size > 10_000


@pytest.mark.parametrize("mistake", ["weathr: fog", "traffic: {uniform: [0.5]}", "inject: [{event: fog}]"])
def test_a_newcomers_mistake_is_one_line(tmp_path: Path, capsys, mistake: str) -> None:
    path = tmp_path / "first.yaml"
    path.write_text(f"schema_version: 1\nname: first\n{mistake}\n", encoding="utf-8")
    assert main(["scenarios", "validate", str(path)]) == 1
    error = capsys.readouterr().err.strip()
    assert "first.yaml:3: " in error
    assert "\n" not in error
