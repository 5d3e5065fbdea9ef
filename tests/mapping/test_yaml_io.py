"""Every mistake in a map file names its file, line, field and remedy; what is written reads back equal."""

import pytest

from airside_sim.mapping.errors import MapError
from airside_sim.mapping.yaml_io import dump_map, load_map
from tests.mapping.tiny_map import TINY_YAML, tiny_map


def _complaint(tmp_path, text, *, raw=None):
    path = tmp_path / "m.yaml"
    path.write_bytes(raw if raw is not None else text.encode())
    with pytest.raises(MapError) as caught:
        load_map(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}:")
    return message[len(str(path)) + 1 :]


def _line(text, fragment):
    return next(i for i, line in enumerate(text.splitlines(), 1) if fragment in line)


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("id: S2,", "id: S2, cod: C,", "stands[1].cod", "did you mean 'code'?"),
        ("kind: head_of_stand", "kind: head_of_stant", "road_edges[0].kind", "did you mean 'head_of_stand'?"),
        ("position: [70, 10]", "position: [70, ten]", "stands[1].position[1]", "valid number"),
        ("id: S3,", "id: 3,", "stands[2].id", "write it in quotes"),
        ("id: S3,", "id: S2,", "stands[2].id", "already the id of stands[1]"),
        ("start: t0, end: t1", "start: t0, end: t11", "taxi_edges[0].end", "did you mean 't1'?"),
        ("start: b, end: c", "start: b, end: zz9", "road_edges[1].end", "there is no road node 'zz9'"),
        ("[-60, -70], [260, -70], [260, 150]", "[-60, -70], [260, 150], [260, -70]", "surfaces[0].polygon", "crosses"),
    ],
)
def test_mistake_names_line_field_and_remedy(tmp_path, old, new, field, words):
    assert TINY_YAML.count(old) == 1
    text = TINY_YAML.replace(old, new)
    message = _complaint(tmp_path, text)
    assert message.startswith(f"{_line(TINY_YAML, old)}: {field}"), message
    assert words in message


def test_missing_key_points_at_its_owner(tmp_path):
    message = _complaint(tmp_path, TINY_YAML.replace("licence: MIT\n", ""))
    assert message == "1: licence: is missing"


def test_key_given_twice(tmp_path):
    message = _complaint(tmp_path, TINY_YAML + "name: again\n")
    assert message == f"{len(TINY_YAML.splitlines()) + 1}: file: key 'name' is given twice"


def test_not_utf8_names_the_line(tmp_path):
    raw = TINY_YAML.encode().replace(b"drawn for tests", b"gez\xe4hlt")
    assert _complaint(tmp_path, "", raw=raw) == "3: file: not UTF-8 (byte 0xe4)"


def test_alias_bomb_is_refused_quickly(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    assert "aliases" in _complaint(tmp_path, "\n".join(lines))


@pytest.mark.parametrize("text", ["", "just words", "- 1\n- 2\n", "[" * 5000, "a: [1, 2", "a: !!python/object:x {}"])
def test_broken_documents(tmp_path, text):
    assert ": file: " in _complaint(tmp_path, text)


def test_dump_reads_back_equal(tmp_path):
    path = tmp_path / "out" / "m.yaml"
    dump_map(tiny_map(), path)
    assert load_map(path) == tiny_map()
    assert [p.name for p in path.parent.iterdir()] == ["m.yaml"]  # no temporary left behind
