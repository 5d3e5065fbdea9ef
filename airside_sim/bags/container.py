"""Bag files by kind: ROS 1 `.bag`, and ROS 2 folders of sqlite3 or MCAP. Written whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from airside_sim.bags.errors import BagError, need_rosbags
from airside_sim.bags.messages import ROS1, ROS2, typestore
from airside_sim.resources import did_you_mean

KINDS = ("ros1", "sqlite3", "mcap")


class BagWriter:
    """Writes messages of one ROS version; connections are made on first use of a topic."""

    def __init__(self, writer: Any, store: Any, is_ros1: bool) -> None:
        self.store = store
        self._writer = writer
        self._serialize = store.serialize_ros1 if is_ros1 else store.serialize_cdr
        self._connections: dict[str, Any] = {}

    def write(self, topic: str, log_ns: int, message: Any) -> None:
        """Append a message; log times should rise."""
        msgtype = message.__msgtype__
        if topic not in self._connections:
            self._connections[topic] = self._writer.add_connection(topic, msgtype, typestore=self.store)
        self._writer.write(self._connections[topic], log_ns, self._serialize(message, msgtype))


@contextmanager
def open_bag_writer(path: str | Path, kind: str, *, force: bool = False) -> Iterator[BagWriter]:
    """A writer of a new bag, which appears under its name when the block ends without an error."""
    path = Path(path)
    if kind not in KINDS:
        raise BagError(f"container '{kind}' is not known{did_you_mean(kind, list(KINDS))}")
    if kind == "ros1" and path.suffix != ".bag":
        raise BagError(f"{path}: a ROS 1 bag is a file that ends in .bag")
    if path.exists() and not force:
        raise FileExistsError(f"{path}: is there already; --force replaces it")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial{path.suffix}")
    remove(partial)
    try:
        with _raw_writer(partial, kind) as writer:
            yield BagWriter(writer, typestore(ROS1 if kind == "ros1" else ROS2), kind == "ros1")
        if kind != "ros1":
            _rename_inside(partial, path.name)
        remove(path)
        os.replace(partial, path)
    finally:
        remove(partial)


def _raw_writer(path: Path, kind: str) -> Any:
    if kind == "ros1":
        return need_rosbags("rosbags.rosbag1").Writer(path)
    rosbag2 = need_rosbags("rosbags.rosbag2")
    plugin = rosbag2.StoragePlugin.MCAP if kind == "mcap" else rosbag2.StoragePlugin.SQLITE3
    return rosbag2.Writer(path, version=9, storage_plugin=plugin)


def _rename_inside(folder: Path, name: str) -> None:
    """The library names the storage file after its folder; ours was a temporary one."""
    meta = folder / "metadata.yaml"
    text = meta.read_text(encoding="utf-8")
    for file in sorted(folder.iterdir()):
        if file.name.startswith(folder.name):
            renamed = name + file.name[len(folder.name) :]
            text = text.replace(file.name, renamed)
            os.replace(file, folder / renamed)
    meta.write_text(text, encoding="utf-8")


def remove(path: Path) -> None:
    """Delete a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()
