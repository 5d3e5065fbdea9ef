"""Topic profiles: what is shipped loads, and mistakes are told with file, line and field."""

import json

import jsonschema
import pytest
import yaml

from airside_sim.bags.profile import load_profile
from airside_sim.cli import main
from airside_sim.mapping.errors import MapError
from airside_sim.resources import data_folder, list_names

GOOD = "schema_version: 1\nname: p\nodometry: {topic: /odom}\n"


def test_every_shipped_profile_loads():
    assert {"simulator", "autoware_like", "tractor_gps_imu"} <= set(list_names("profiles"))
    for name in list_names("profiles"):
        assert load_profile(name).name == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + "objekts: {topic: /o}\n", r"p\.yaml:4: objekts: unknown key 'objekts'; did you mean 'objects'"),
        (GOOD + "command: {topik: /c}\n", r"p\.yaml:4: command\.topik: unknown key"),
        (GOOD + "command:\n  topic: /c\n  action_time: meen\n", r"p\.yaml:6: command\.action_time: 'meen'.*'mean'"),
        (GOOD + "objects:\n  topic: /o\n  classes:\n    a: {actor: plane}\n", r"p\.yaml:7: objects\.classes\.a\.actor"),
        (GOOD + "max_gap_s: 9\n", r"p\.yaml:4: max_gap_s: "),
        (GOOD + "vehicle: {kind: tank}\n", r"p\.yaml:4: vehicle\.kind: 'tank'"),
        ("schema_version: 1\nname: p\n", "odometry, or both gps and imu"),
        ("schema_version: 1\nname: p\ngps: {topic: /g}\n", "odometry, or both gps and imu"),
        (GOOD + "objects: {topic: /o, classes: {a: {actor: gse, shape: trakctor}}}\n", "'trakctor' is no row"),
        ("", r"p\.yaml:1: file: empty"),
    ],
)
def test_mistakes_name_file_line_and_field(tmp_path, text, message):
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(MapError, match=message):
        load_profile(tmp_path / "p.yaml")


def test_an_unknown_profile_names_the_nearest():
    with pytest.raises(FileNotFoundError, match="did you mean 'simulator'"):
        load_profile("simulatr")


def test_the_schema_for_editors_accepts_what_is_shipped_and_nothing_else(tmp_path):
    assert main(["bag", "schema", "--out", str(tmp_path / "s.json")]) == 0
    schema = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    for name in list_names("profiles"):
        data = yaml.safe_load((data_folder("profiles") / f"{name}.yaml").read_text(encoding="utf-8"))
        jsonschema.validate(data, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(data | {"odometri": {"topic": "/o"}}, schema)
