"""Damaged, wrong and empty bags: a clear error or a sound dataset, and never a lost one."""

import shutil

import numpy as np
import pytest

from airside_sim.bags.convert import convert_to
from airside_sim.bags.errors import BagError
from airside_sim.bags.evidence import read_episodes
from airside_sim.bags.synth import write_bag
from airside_sim.bags.write import TICK_RATES_HZ, BagStyle
from airside_sim.data.episode import validate_episode
from airside_sim.data.schema import DatasetError

KINDS = ("ros1", "sqlite3", "mcap")
MUTATIONS = 34  # of each container


@pytest.fixture(scope="module")
def bags(tmp_path_factory, scrap):
    folder = tmp_path_factory.mktemp("bags")
    found = {}
    for kind in KINDS:
        found[kind] = folder / ("scrap.bag" if kind == "ros1" else f"scrap_{kind}")
        write_bag(found[kind], kind, [scrap], BagStyle(rates_hz=TICK_RATES_HZ))
    return found


def _copy(bag, target):
    if bag.is_dir():
        shutil.copytree(bag, target)
        return target, next(f for f in sorted(target.iterdir()) if f.suffix != ".yaml")
    shutil.copy(bag, target)
    return target, target


def _mutate(file, rng):
    """Cut it short, overwrite a stretch, flip bytes, or put foreign bytes in."""
    data = bytearray(file.read_bytes())
    how = int(rng.integers(4))
    at = int(rng.integers(len(data)))
    if how == 0:
        data = data[:at]
    elif how == 1:
        data[at : at + 200] = bytes(min(200, len(data) - at))
    elif how == 2:
        for k in rng.integers(0, len(data), 20):
            data[k] ^= int(rng.integers(1, 256))
    else:
        data[at:at] = rng.bytes(64)
    file.write_bytes(bytes(data))


def _error_of(bag, out):
    """Message of the expected errors, "" when the bag converts; anything else fails the test."""
    try:
        convert_to([bag], out, map="hub", profile="simulator", min_steps=20, bev_size=32, force=True)
    except (BagError, DatasetError) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_bags_give_a_clear_error_or_a_sound_dataset(tmp_path, bags, kind):
    errors = 0
    for seed in range(MUTATIONS):
        bag, file = _copy(bags[kind], tmp_path / f"{seed}{bags[kind].suffix}")
        _mutate(file, np.random.default_rng([seed, KINDS.index(kind)]))
        out = tmp_path / "out.h5"
        out.write_bytes(b"precious")
        message = _error_of(bag, out)
        if message:
            errors += 1
            assert str(bag) in message or out.stem in message
            assert len(message) < 600
            assert out.read_bytes() == b"precious"
        else:
            assert all(validate_episode(episode) == [] for episode in read_episodes(out))
        assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".out")] == []
    assert errors > MUTATIONS // 4


@pytest.mark.parametrize("content", [b"", b"not a bag", b"#ROSBAG V2.0\n", b"\x89MCAP0\r\n", b"SQLite format 3\x00"])
@pytest.mark.parametrize("name", ["x.bag", "x.mcap", "x.db3"])
def test_files_that_are_no_bags(tmp_path, content, name):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BagError, match=name):
        convert_to([tmp_path / name], tmp_path / "out.h5", map="hub", profile="simulator")
    assert not (tmp_path / "out.h5").exists()


def test_a_folder_without_metadata_and_a_missing_bag(tmp_path):
    with pytest.raises(BagError, match=r"metadata\.yaml"):
        convert_to([tmp_path], tmp_path / "out.h5", map="hub", profile="simulator")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        convert_to([tmp_path / "nowhere"], tmp_path / "out.h5", map="hub", profile="simulator")


def test_nothing_is_overwritten_without_force(tmp_path, bags, scrap):
    out = tmp_path / "out.h5"
    out.write_bytes(b"precious")
    with pytest.raises(FileExistsError, match="--force"):
        convert_to([bags["mcap"]], out, map="hub", profile="simulator")
    assert out.read_bytes() == b"precious"
    for kind in KINDS:
        with pytest.raises(FileExistsError, match="--force"):
            write_bag(bags[kind], kind, [scrap], BagStyle())


def test_a_writer_that_fails_leaves_no_bag(tmp_path, scrap):
    def failing():
        yield scrap
        raise RuntimeError("power cut")

    for kind in KINDS:
        path = tmp_path / ("a.bag" if kind == "ros1" else kind)
        with pytest.raises(RuntimeError, match="power cut"):
            write_bag(path, kind, failing(), BagStyle(rates_hz=TICK_RATES_HZ))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_mandatory_topic_names_those_there_are(tmp_path, bags):
    profile = tmp_path / "p.yaml"
    profile.write_text("schema_version: 1\nname: p\nodometry: {topic: /airside/odometri, required: true}\n")
    with pytest.raises(BagError, match=r"'/airside/odometri'.*did you mean '/airside/odometry'"):
        convert_to([bags["mcap"]], tmp_path / "out.h5", map="hub", profile=profile)


def test_a_topic_of_another_type_is_named(tmp_path, bags):
    profile = tmp_path / "p.yaml"
    profile.write_text("schema_version: 1\nname: p\nodometry: {topic: /airside/autonomous}\n")
    with pytest.raises(BagError, match=r"/airside/autonomous \(std_msgs/msg/Bool\) cannot serve as odometry"):
        convert_to([bags["ros1"]], tmp_path / "out.h5", map="hub", profile=profile)


def test_another_map_is_noticed(tmp_path, bags):
    with pytest.raises(BagError, match="another map"):
        convert_to([bags["mcap"]], tmp_path / "out.h5", map="training_apron", profile="simulator")
