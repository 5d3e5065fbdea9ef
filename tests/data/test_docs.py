"""docs/datasets.md: its code runs as it stands, its table of keys is the schema's, its commands exist."""

import re
from pathlib import Path

import pytest

from airside_sim.cli import COMMANDS
from airside_sim.data.quality import FLAGS
from airside_sim.data.schema import leaf_table
from airside_sim.data.tiers import TIERS


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "datasets.md").read_text(encoding="utf-8")


def test_every_block_of_python_runs(page: str, capsys: pytest.CaptureFixture) -> None:
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 3
    for block in blocks:
        exec(compile(block, "datasets.md", "exec"), {})
    assert "(6, " in capsys.readouterr().out


def test_tables_name_everything(page: str) -> None:
    assert leaf_table() in page
    for name in (*TIERS, *FLAGS):
        assert f"`{name}`" in page, name
    data = COMMANDS["data"]
    assert isinstance(data, dict)
    for command in re.findall(r"airside data ([a-z-]+)", page):
        assert command in data, command
