"""A recording in, episodes of a dataset out: read, align, rebuild, cut, judge. The report says what became of it."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from airside_sim.bags.container import remove
from airside_sim.bags.errors import BagError
from airside_sim.bags.profile import Profile, load_profile
from airside_sim.bags.quality import FLAGS, flags_of
from airside_sim.bags.read import Recording, read_bag
from airside_sim.bags.rebuild import Rebuilder
from airside_sim.bags.segment import Segment, SegmentRules, segment
from airside_sim.bags.tick import Drive
from airside_sim.bags.tracks import align
from airside_sim.constants import TerminationReason
from airside_sim.data.episode import Episode, EpisodeMeta
from airside_sim.data.provenance import Routes, coefficients, commit, versions
from airside_sim.data.store import DatasetWriter, open_writer
from airside_sim.info import Info, info_names
from airside_sim.resources import did_you_mean

REWARDS = [i for i, name in enumerate(info_names()) if name.startswith("reward/")]
COSTS = [i for i, name in enumerate(info_names()) if name.startswith("cost/")]


@dataclass
class Report:
    """What a conversion found and did; `asdict` of it is JSON."""

    bag: str
    profile: str
    map: str
    streams: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    other_topics: dict[str, int] = field(default_factory=dict)
    unknown_classes: dict[str, int] = field(default_factory=dict)
    drives: int = 0
    ticks: int = 0
    stale_share: float = 0.0
    clipped_actions: int = 0
    command_lag_s: list[float] = field(default_factory=list)
    lost_steps: dict[str, int] = field(default_factory=dict)
    episodes: int = 0
    steps: int = 0
    ends: dict[str, int] = field(default_factory=dict)
    quality: dict[str, int] = field(default_factory=dict)
    left_out: int = 0  # episodes with a flag that was not wanted


def convert(
    bags: Sequence[str | Path],
    writer: DatasetWriter,
    rebuilder: Rebuilder,
    profile: Profile,
    rules: SegmentRules | None = None,
    *,
    origin: tuple[float, float] | None = None,
    refuse: Sequence[str] = (),
    on_bag: Callable[[Report], None] = lambda report: None,
) -> list[Report]:
    """Append every episode of the bags to a dataset.

    Args:
        bags: recordings of one map.
        writer: of the dataset.
        rebuilder: the map and the coefficients of the labels.
        profile: what the topics mean.
        rules: how drives are cut.
        origin: latitude and longitude of the map's (0, 0), for GPS.
        refuse: quality flags whose episodes are left out.
        on_bag: called after each bag.
    """
    reports = []
    for bag in bags:
        report = Report(str(bag), profile.name, rebuilder.map)
        for episode in episodes_of(bag, rebuilder, profile, rules or SegmentRules(), report, origin):
            for flag in episode.meta.quality:
                report.quality[flag] = report.quality.get(flag, 0) + 1
            if set(refuse) & set(episode.meta.quality):
                report.left_out += 1
                continue
            writer.append(episode)
            report.episodes += 1
            report.steps += episode.num_steps
            end = episode.meta.termination_reason
            report.ends[end] = report.ends.get(end, 0) + 1
        reports.append(report)
        on_bag(report)
    if not sum(r.episodes for r in reports):
        r = reports[0]
        raise BagError(
            f"{r.bag}: no episode came of it: {r.drives} drive(s), {r.ticks} ticks, steps lost by {r.lost_steps}, "
            f"{r.left_out} left out by quality flags; see the streams of the profile with 'airside bag info'"
        )
    return reports


def episodes_of(
    bag: str | Path,
    rebuilder: Rebuilder,
    profile: Profile,
    rules: SegmentRules,
    report: Report,
    origin: tuple[float, float] | None = None,
) -> Iterator[Episode]:
    """Labelled episodes of one bag; fills the report on the way."""
    recording = read_bag(bag, profile)
    report.streams = {name: asdict(r) for name, r in recording.reports.items()}
    report.missing, report.other_topics = recording.missing, recording.other_topics
    report.unknown_classes = recording.unknown_classes
    if profile.datum is not None:
        origin = (profile.datum.lat, profile.datum.lon)
    start_ns = min((int(s.stamp_ns[0]) for s in recording.streams.values()), default=0)
    here = rebuilder.maps[0].name
    for tracks in align(recording, origin):
        if tracks.about.get("map", here) != here:
            raise BagError(f"{bag}: recorded on map '{tracks.about['map']}': '{here}' is another map")
        drive = rebuilder.label(tracks, profile)
        facts = Routes(rebuilder).facts(0)
        parts, lost = segment(drive, rules)
        report.drives += 1
        report.ticks += len(drive.stamp_ns)
        report.stale_share += (float((~drive.valid).mean()) - report.stale_share) / report.drives
        report.clipped_actions += int(drive.is_clipped.sum())
        if np.isfinite(drive.command_lag_s):
            report.command_lag_s.append(drive.command_lag_s)
        for name, count in lost.items():
            report.lost_steps[name] = report.lost_steps.get(name, 0) + count
        for part in parts:
            yield _episode(drive, part, recording, rebuilder, facts, start_ns)


def _episode(
    drive: Drive, part: Segment, recording: Recording, rebuilder: Rebuilder, facts: dict[str, Any], start_ns: int
) -> Episode:
    """Rows of one part of a drive as an episode; `info` of an observation belongs to the step that led to it."""
    rows, steps = slice(part.first, part.last + 1), slice(part.first, part.last)
    info = drive.info[part.first + 1 : part.last + 1]
    T = part.num_steps
    terminated, truncated = np.zeros(T, bool), np.zeros(T, bool)
    terminated[-1], truncated[-1] = part.terminated, not part.terminated
    reason = TerminationReason(int(info[-1, Info.TERMINATION_REASON])).name if part.terminated else part.reason
    reward_terms, cost_terms = info[:, REWARDS].astype(np.float32), info[:, COSTS].astype(np.float32)
    names = info_names()
    reward, cost = coefficients(rebuilder.reward, rebuilder.cost)
    offset_s = (int(drive.stamp_ns[part.first]) - start_ns) * 1e-9
    meta = EpisodeMeta(
        reward_names=tuple(names[i][len("reward/") :] for i in REWARDS),
        cost_names=tuple(names[i][len("cost/") :] for i in COSTS),
        behaviour=str(drive.about.get("driver", "recorded")),
        source=f"bag:{recording.path.name}@{offset_s:.1f}",
        is_success=part.terminated and bool(info[-1, Info.IS_SUCCESS] > 0.0),
        route_completion=float(info[-1, Info.ROUTE_COMPLETION]),
        termination_reason=reason,
        reward_config=reward,
        cost_config=cost,
        quality=flags_of(drive, part, recording),
        versions=versions(),
        commit=commit(),
        scenario=str(drive.about.get("scenario", "")),
        **facts,
    )  # fmt: skip
    return Episode(
        state=drive.state[rows], pose=drive.pose[rows], action=drive.action[steps].astype(np.float32),
        reward=info[:, REWARDS].sum(axis=1).astype(np.float32), cost=info[:, COSTS].sum(axis=1).astype(np.float32),
        reward_terms=reward_terms, cost_terms=cost_terms, terminated=terminated, truncated=truncated,
        stamp_ns=drive.stamp_ns[rows], valid=drive.valid[rows], objects=drive.objects[rows],
        bev=drive.bev(part.first, part.last + 1), meta=meta,
    )  # fmt: skip


def convert_to(
    bags: Sequence[str | Path],
    out: str | Path,
    *,
    map: str,
    profile: str | Path,
    max_stop_s: float = 3.0,
    min_steps: int = 50,
    max_steps: int = 500,
    refuse: Sequence[str] = (),
    bev_size: int = 128,
    bev_range_m: float = 100.0,
    bev_ahead_m: float = 50.0,
    codec: str = "",
    resume: bool = False,
    force: bool = False,
) -> list[dict[str, Any]]:
    """Convert bags into a dataset file; what is there stays unless `force`, and stays too when the bags are no good.

    Returns a report a bag, as JSON holds it.
    """
    out = Path(out)
    if not bags:
        raise BagError("no bag is given")
    known = load_profile(profile)
    unknown = sorted(set(refuse) - set(FLAGS))
    if unknown:
        raise ValueError(f"quality flag '{unknown[0]}' is not known{did_you_mean(unknown[0], list(FLAGS))}")
    mode = known.mode
    rules = SegmentRules(
        max_stop_s=max_stop_s, min_steps=min_steps, max_steps=max_steps, mode=mode.keep if mode else "both",
        cut_at_mode=bool(mode and mode.cut),
    )  # fmt: skip
    target = out if resume else out.with_name(f".{out.stem}.converting{out.suffix}")
    if not resume and not force and out.exists():
        raise FileExistsError(f"{out}: is there already; --resume adds to it, --force replaces it")
    rebuilder = Rebuilder(map, bev_size=bev_size, bev_range_m=bev_range_m, bev_ahead_m=bev_ahead_m)
    zero = rebuilder.maps[0].airport.origin
    origin = (zero.lat, zero.lon)
    try:
        with open_writer(target, force=not resume, resume=resume, codec=codec) as writer:
            reports = convert(bags, writer, rebuilder, known, rules, origin=origin, refuse=refuse)
        if target != out:
            remove(out)
            os.replace(target, out)
    finally:
        if target != out:
            remove(target)
    return [asdict(report) for report in reports]
