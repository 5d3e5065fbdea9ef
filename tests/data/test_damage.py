"""Damaged, truncated, empty and foreign files: an error that names the file, or right data; never else."""

import json
import random
import shutil
from pathlib import Path

import h5py
import pytest

from airside_sim.cli import main
from airside_sim.data import Dataset, DatasetError, open_writer
from airside_sim.data.episode import EpisodeMeta
from tests.data.made_up import made_up_episode

EPISODES = [made_up_episode(i, 20, size=8) for i in range(2)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("whole")
    for name, codec in (("a.h5", ""), ("z.h5", "zstd"), ("a.zarr", "")):
        with open_writer(folder / name, codec=codec) as writer:
            for episode in EPISODES:
                writer.append(episode)
    return {name: folder / name for name in ("a.h5", "z.h5", "a.zarr")}


def _mutated(data: bytes, rng: random.Random) -> bytes:
    """A copy that was cut, emptied, overwritten or flipped somewhere."""
    kind = rng.choice(("cut", "flip", "flip", "zero", "noise", "empty", "insert"))
    at = rng.randrange(len(data))
    size = min(len(data) - at, rng.choice((1, 16, 512)))
    if kind == "cut":
        return data[:at]
    if kind == "empty":
        return b""
    if kind == "insert":
        return data[:at] + rng.randbytes(size) + data[at:]
    middle = {"flip": bytes([data[at] ^ (1 << rng.randrange(8))]), "zero": bytes(size), "noise": rng.randbytes(size)}
    return data[:at] + middle[kind] + data[at + len(middle[kind]) :]


def _read_all(path: Path) -> None:
    """Whatever is read without complaint must be what was written, or be refused by its digest."""
    said = f"{path.name}"
    try:
        with Dataset.open(path) as dataset:
            for i in range(len(dataset)):
                episode = dataset.read(i)
                assert episode.digest() == EPISODES[i].digest() or episode.digest() != dataset.digest(i)
    except DatasetError as error:
        said = str(error)
    assert path.name in said
    assert "\n" not in said


@pytest.mark.parametrize("name", ["a.h5", "z.h5"])
def test_a_hundred_damaged_hdf5_files(whole: dict[str, Path], tmp_path: Path, name: str) -> None:
    data, rng = whole[name].read_bytes(), random.Random(name)
    path = tmp_path / name
    for _ in range(100):
        path.write_bytes(_mutated(data, rng))
        _read_all(path)


def test_a_hundred_damaged_zarr_folders(whole: dict[str, Path], tmp_path: Path) -> None:
    rng = random.Random("zarr")
    files = sorted(p.relative_to(whole["a.zarr"]) for p in whole["a.zarr"].rglob("*") if p.is_file())
    path = tmp_path / "a.zarr"
    shutil.copytree(whole["a.zarr"], path)
    for _ in range(100):
        victim = path / rng.choice(files)
        data = victim.read_bytes()
        if rng.random() < 0.2:
            victim.unlink()
        else:
            victim.write_bytes(_mutated(data, rng))
        _read_all(path)
        victim.write_bytes(data)


def test_validate_finds_what_reading_cannot(whole: dict[str, Path], tmp_path: Path, capsys) -> None:
    path = tmp_path / "a.h5"
    shutil.copyfile(whole["a.h5"], path)
    with h5py.File(path, "r+") as file:
        file["episodes/000001/action"][3, 1] = 0.123
    assert main(["data", "validate", str(path)]) == 1
    assert "episode 000001: digest: the values are not those that were written" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda f: f.attrs.__setitem__("schema", "airside-offline/9"),
            "is not 'airside-offline/1'; it was written by",
        ),
        (lambda f: f.attrs.__delitem__("schema"), "schema: is missing; this is no airside dataset"),
        (lambda f: f.__delitem__("episodes"), "cannot be read"),
        (lambda f: f["episodes/000001"].attrs.__delitem__("meta"), "episode 000001: cannot be read"),
        (lambda f: f["episodes/000001"].__delitem__("action"), "action"),
        (lambda f: f["episodes/000001"].attrs.__setitem__("length", 7), "episode 000001: .*rows"),
        (lambda f: f["episodes/000001"].attrs.__setitem__("meta", "{}"), "meta: .*behaviour"),
    ],
)
def test_wrong_files_are_explained(whole: dict[str, Path], tmp_path: Path, change, message: str) -> None:
    path = tmp_path / "a.h5"
    shutil.copyfile(whole["a.h5"], path)
    with h5py.File(path, "r+") as file:
        change(file)
    with pytest.raises(DatasetError, match=message) as caught, Dataset.open(path) as dataset:
        dataset.read(1)
    assert "a.h5" in str(caught.value)


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.h5").touch()
    (tmp_path / "text.h5").write_text("hello", encoding="utf-8")
    (tmp_path / "folder.zarr").mkdir()
    for name in ("empty.h5", "text.h5", "folder.zarr", "none.h5", "none.zarr"):
        with pytest.raises(DatasetError, match=name):
            Dataset.open(tmp_path / name)
    with pytest.raises(DatasetError, match=r"ends in \.h5, \.hdf5 or \.zarr"):
        Dataset.open(tmp_path / "data.npz")
    (tmp_path / "folder.zarr" / "mine.txt").touch()
    with pytest.raises(DatasetError, match="other files in it"):
        open_writer(tmp_path / "folder.zarr", resume=True)


def test_meta_is_checked_field_by_field() -> None:
    good = json.loads(EPISODES[0].meta.to_json())
    assert EpisodeMeta.from_json(json.dumps(good)) == EPISODES[0].meta
    for change, message in (
        ({"surprise": 1}, "unknown field 'surprise'"),
        ({"seed": "four"}, "seed"),
        ({"route_lanes": 5}, "route_lanes"),
        ({"is_success": "yes"}, "is_success"),
    ):
        with pytest.raises(DatasetError, match=message):
            EpisodeMeta.from_json(json.dumps(good | change))
    with pytest.raises(DatasetError, match="not JSON"):
        EpisodeMeta.from_json("{")
