"""Reading a bag by a profile: one pass over its messages, every stream as stamped samples on one clock.

A sample's time is its header's stamp when there is one within a second of the log time, else the log time; log times of
streams without headers are brought to the vehicle's clock by the recorder's offset, estimated from the others.
"""

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from airside_sim.bags.decode import decoder_of, header_ns
from airside_sim.bags.errors import BagError, need_rosbags
from airside_sim.bags.messages import ROS2, typestore
from airside_sim.bags.profile import Profile
from airside_sim.resources import did_you_mean

TRUST_NS = 1_000_000_000  # a header farther than this from the log time is another clock's
NUMERIC = ("odometry", "gps", "imu", "speed", "steering", "report", "command", "train", "weather", "mode")


@dataclass
class StreamReport:
    """What came in on one stream."""

    topic: str
    msgtype: str = ""
    messages: int = 0
    clock: str = ""  # "header" or "log"
    clock_offset_s: float = 0.0  # log time - header, median
    duplicates: int = 0
    out_of_order: int = 0
    rate_hz: float = 0.0
    max_gap_s: float = 0.0
    max_jitter_s: float = 0.0  # of the spacing about its median, 99th percentile
    broken: int = 0  # messages that could not be read


@dataclass
class Samples:
    """A stream in time order: stamps (n,) i64 ns, strictly rising, and a value each."""

    stamp_ns: np.ndarray
    values: Any  # (n, D) f64 of a numeric stream, a list of records otherwise


@dataclass
class Recording:
    """Everything that a profile finds in a bag."""

    path: Path
    profile: Profile
    streams: dict[str, Samples] = field(default_factory=dict)
    reports: dict[str, StreamReport] = field(default_factory=dict)
    unknown_classes: dict[str, int] = field(default_factory=dict)
    other_topics: dict[str, int] = field(default_factory=dict)  # topic: messages that the profile does not use

    @property
    def missing(self) -> list[str]:
        """Streams of the profile that the bag does not have."""
        return [name for name in self.profile.streams() if name not in self.streams]


def read_bag(path: str | Path, profile: Profile) -> Recording:
    """All samples of a bag; BagError names the bag, and the topics that it has where one is missing."""
    path = Path(path)
    try:
        return _read(path, profile)
    except (BagError, FileNotFoundError, ImportError):
        raise
    except Exception as error:  # the library parses foreign bytes: what it raises on damaged ones is not documented
        detail = " ".join(str(error).split())[:200] or type(error).__name__
        raise BagError(f"{path}: not a readable bag ({detail}); it may be damaged or truncated") from error


def topics_of(path: str | Path, distro: str = "humble") -> tuple[dict[str, tuple[str, int]], int, int]:
    """{topic: (type, messages)}, first and last log time in ns."""
    path = Path(path)
    _check_path(path)
    try:
        with _reader(path, distro) as reader:
            found: dict[str, tuple[str, int]] = {}
            for con in reader.connections:
                before = found.get(con.topic, ("", 0))[1]
                found[con.topic] = (con.msgtype, before + con.msgcount)
            return found, reader.start_time, reader.end_time
    except ImportError:
        raise
    except Exception as error:  # as in read_bag
        detail = " ".join(str(error).split())[:200] or type(error).__name__
        raise BagError(f"{path}: not a readable bag ({detail}); it may be damaged or truncated") from error


def _check_path(path: Path) -> None:
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such bag")
    if path.is_file() and path.suffix != ".bag" and path.stat().st_size == 0:
        raise BagError(f"{path}: empty file")
    if path.is_dir() and not (path / "metadata.yaml").is_file():
        raise BagError(f"{path}: a folder without metadata.yaml is no ROS 2 bag")


def _reader(path: Path, distro: str) -> Any:
    highlevel = need_rosbags("rosbags.highlevel")
    return highlevel.AnyReader([path], default_typestore=typestore(ROS2, distro))


def _read(path: Path, profile: Profile) -> Recording:
    _check_path(path)
    recording = Recording(path, profile)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _reader(path, profile.distro) as reader:
            raw = _collect(reader, recording)
    offset_ns = _recorder_offset(raw)
    for name, (headers, logs, values) in raw.items():
        recording.streams[name] = _in_order(name, recording, headers, logs, values, offset_ns)
    return recording


def _collect(reader: Any, recording: Recording) -> dict[str, tuple[np.ndarray, np.ndarray, list]]:
    """{stream: (header stamps, log times, values)} in log order."""
    profile, path = recording.profile, recording.path
    streams = profile.streams()
    names_of: dict[str, list[str]] = {}
    for name, stream in streams.items():
        names_of.setdefault(stream.topic, []).append(name)
    have = {con.topic: con.msgtype for con in reader.connections}
    for name, stream in streams.items():
        if stream.required and stream.topic not in have:
            near = did_you_mean(stream.topic, list(have))
            raise BagError(f"{path}: no topic '{stream.topic}' (profile {profile.name}: {name}){near}")
    recording.other_topics = {c.topic: c.msgcount for c in reader.connections if c.topic not in names_of}
    decoders = {name: decoder_of(name, stream, profile) for name, stream in streams.items()}
    raw: dict[str, tuple[list[int], list[int], list]] = {}
    wanted = [con for con in reader.connections if con.topic in names_of]
    for con, log_ns, data in reader.messages(connections=wanted) if wanted else ():
        message = reader.deserialize(data, con.msgtype)
        for name in names_of[con.topic]:
            report = recording.reports.setdefault(name, StreamReport(con.topic, con.msgtype))
            report.messages += 1
            stamps, logs, values = raw.setdefault(name, ([], [], []))
            try:
                value = decoders[name](message)
            except (AttributeError, TypeError, BagError) as error:
                raise BagError(f"{path}: topic {con.topic} ({con.msgtype}) cannot serve as {name}: {error}") from error
            if name in NUMERIC and name != "train" and not np.isfinite(value[:2]).all():
                report.broken += 1  # no fix, say
                continue
            stamps.append(header_ns(message))
            logs.append(log_ns)
            values.append(value)
    reader_of_objects = decoders.get("objects")
    recording.unknown_classes = dict(getattr(reader_of_objects, "unknown", {}))
    return {n: (np.array(s, np.int64), np.array(t, np.int64), v) for n, (s, t, v) in raw.items() if v}


def _trusts_header(headers: np.ndarray, logs: np.ndarray) -> bool:
    return bool((headers > 0).mean() > 0.9 and abs(np.median(logs - headers)) <= TRUST_NS)


def _recorder_offset(raw: dict[str, tuple[np.ndarray, np.ndarray, list]]) -> int:
    """ns by which log times run ahead of headers, over the streams that have good ones."""
    ahead = [logs - headers for headers, logs, _ in raw.values() if _trusts_header(headers, logs)]
    return int(np.median(np.concatenate(ahead))) if ahead else 0


def _in_order(
    name: str, recording: Recording, headers: np.ndarray, logs: np.ndarray, values: list, offset_ns: int
) -> Samples:
    """Sorted, without duplicates, on the vehicle's clock."""
    report = recording.reports[name]
    trusted = _trusts_header(headers, logs)
    if trusted:  # a single damaged stamp would stretch the whole recording
        ahead = logs - headers
        good = np.abs(ahead - np.median(ahead)) <= TRUST_NS
        report.broken += int((~good).sum())
        headers, logs, values = headers[good], logs[good], [v for v, ok in zip(values, good, strict=True) if ok]
    stamps = headers if trusted else logs - offset_ns
    report.clock = "header" if trusted else "log"
    report.clock_offset_s = float(np.median(logs - headers)) * 1e-9 if (headers > 0).all() else 0.0
    stream = recording.profile.streams()[name]
    stamps = stamps - round(stream.clock_offset_s * 1e9)
    report.out_of_order = int((np.diff(stamps) < 0).sum())
    order = np.argsort(stamps, kind="stable")
    stamps = stamps[order]
    kept = np.concatenate([[True], np.diff(stamps) > 0])
    report.duplicates = int((~kept).sum())
    stamps, order = stamps[kept], order[kept]
    steps = np.diff(stamps) * 1e-9
    if len(steps):
        middle = float(np.median(steps))
        report.rate_hz, report.max_gap_s = 1.0 / middle, float(steps.max())
        usual = steps[steps < 1.5 * middle]  # lost messages are no jitter
        report.max_jitter_s = float(np.percentile(np.abs(usual - middle), 99)) if len(usual) else 0.0
    chosen: Any = [values[i] for i in order]
    return Samples(stamps, np.array(chosen, np.float64) if name in NUMERIC else chosen)
