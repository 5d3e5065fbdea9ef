"""JSON Schemas for editors: they accept what the loaders accept and know every field."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from airside_sim.cli import main
from airside_sim.resources import data_folder
from airside_sim.scenario import scenario_names


@pytest.fixture(scope="module")
def schemas(tmp_path_factory) -> dict[str, dict]:
    out = {}
    for kind in ("scenarios", "maps"):
        path = tmp_path_factory.mktemp("schema") / f"{kind}.json"
        assert main([kind, "schema", "--out", str(path)]) == 0
        out[kind] = json.loads(path.read_text(encoding="utf-8"))
    return out


@pytest.mark.parametrize("name", scenario_names())
def test_shipped_scenarios_fit_their_schema(schemas: dict, name: str) -> None:
    data = yaml.safe_load((data_folder("scenarios") / f"{name}.yaml").read_text(encoding="utf-8"))
    jsonschema.validate(data, schemas["scenarios"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"wether": "fog"},
        {"traffic": {"uniform": [1]}},
        {"weather": "hail"},
        {"inject": [{"event": "lunch", "at_s": 3}]},
        {"mix": {"people": 9}},
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(schemas: dict, wrong: dict) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema_version": 1, "name": "x"} | wrong, schemas["scenarios"])


def test_a_shipped_map_fits_its_schema(schemas: dict) -> None:
    path: Path = data_folder("maps") / "training_apron.yaml"
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), schemas["maps"])


def test_the_schema_is_printed_without_out(capsys) -> None:
    assert main(["maps", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "AirportMap"
