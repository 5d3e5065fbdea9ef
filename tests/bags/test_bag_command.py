"""`airside bag` and `airside data to-bag` on the command line."""

import json
import sys

from airside_sim.bags.evidence import read_episodes
from airside_sim.cli import main


def test_synth_info_and_convert(tmp_path, capsys):
    bag, out, report = tmp_path / "demo", tmp_path / "demo.h5", tmp_path / "report.json"
    synth = ["bag", "synth", str(bag), "--map", "hub", "--max-steps", "60", "--seed", "3", "--jitter", "0.03"]
    assert main(synth) == 0
    assert main(synth) == 1  # it is there already
    assert "--force" in capsys.readouterr().err
    assert main(["bag", "info", str(bag), "--profile", "simulator"]) == 0
    shown = capsys.readouterr().out
    assert "/airside/odometry" in shown
    assert "50.0 Hz" in shown
    command = ["bag", "convert", str(bag), "--map", "hub", "--out", str(out), "--report", str(report)]
    assert main([*command, "--bev-size", "32"]) == 0
    (episode,) = read_episodes(out)
    assert episode.num_steps == json.loads(report.read_text())[0]["steps"]
    assert main(command) == 1
    assert "--force" in capsys.readouterr().err


def test_a_missing_library_names_the_extra(tmp_path, capsys, monkeypatch):
    (tmp_path / "x.bag").write_bytes(b"#ROSBAG V2.0\n")
    monkeypatch.setitem(sys.modules, "rosbags.highlevel", None)
    for command in (["info", str(tmp_path / "x.bag")],
                    ["convert", str(tmp_path / "x.bag"), "--map", "hub", "--out", str(tmp_path / "o.h5")]):  # fmt: skip
        assert main(["bag", *command]) == 1
        assert "pip install 'airside_sim[bags]'" in capsys.readouterr().err


def test_a_wrong_quality_flag_is_named(tmp_path, capsys):
    command = ["bag", "convert", "x.bag", "--map", "hub", "--out", str(tmp_path / "o.h5"), "--refuse", "jiter"]
    assert main(command) == 1
    assert "did you mean 'jitter'" in capsys.readouterr().err


def test_a_dataset_episode_goes_to_a_bag_and_back(tmp_path, capsys):
    first, bag, back = tmp_path / "a.h5", tmp_path / "a.bag", tmp_path / "b.h5"
    record = ["record", "--out", str(first), "--driver", "expert", "--steps", "70", "--num-envs", "1", "--seed", "3"]
    assert main(record) == 0
    assert main(["data", "to-bag", str(first), "--out", str(bag), "--container", "ros1"]) == 0
    assert main(["bag", "convert", str(bag), "--map", "hub", "--out", str(back), "--max-stop-s", "0"]) == 0
    (true,), (found,) = read_episodes(first), read_episodes(back)
    assert found.num_steps == true.num_steps
    assert abs(found.reward.sum() - true.reward.sum()) < 0.01
    assert found.meta.route_id == true.meta.route_id
    assert found.meta.behaviour == "expert"
