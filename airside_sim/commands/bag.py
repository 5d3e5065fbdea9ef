"""`airside bag`: recordings of real vehicles in, datasets out; and demo bags of the simulator."""

import json
from pathlib import Path
from typing import Annotated, Literal

import tyro

from airside_sim.commands.schemas import print_schema


def info(
    bag: Annotated[Path, tyro.conf.Positional],
    profile: str | None = None,
) -> int:
    """List the topics of a bag, and with --profile what each stream would give.

    Args:
        bag: `.bag` file, or folder of a ROS 2 bag.
        profile: shipped profile or YAML file.
    """
    from airside_sim.bags.profile import load_profile
    from airside_sim.bags.read import read_bag, topics_of

    known = load_profile(profile) if profile else None
    topics, first_ns, last_ns = topics_of(bag, known.distro if known else "humble")
    print(f"{bag}: {(last_ns - first_ns) * 1e-9:.1f} s, {sum(n for _, n in topics.values())} messages")
    for topic, (kind, count) in sorted(topics.items()):
        print(f"  {count:>8}  {topic:<44} {kind}")
    if known is None:
        return 0
    recording = read_bag(bag, known)
    print(f"profile {known.name}:")
    for name, r in recording.reports.items():
        print(f"  {name:<12}{r.rate_hz:8.1f} Hz  longest gap {r.max_gap_s:6.2f} s  "
              f"jitter {1e3 * r.max_jitter_s:6.2f} ms  {r.clock} time, offset {r.clock_offset_s:+.3f} s, "
              f"{r.duplicates} repeated, {r.out_of_order} out of order")  # fmt: skip
    for name in recording.missing:
        print(f"  {name:<12}missing: {known.streams()[name].topic}")
    for name, count in recording.unknown_classes.items():
        print(f"  objects     class '{name}' is not in the profile: {count} objects ignored")
    return 0


def convert(
    bags: Annotated[tuple[Path, ...], tyro.conf.Positional],
    map: str,
    out: Path,
    profile: str = "simulator",
    report: Path | None = None,
    max_stop_s: float = 3.0,
    min_steps: int = 50,
    max_steps: int = 500,
    refuse: tuple[str, ...] = (),
    bev_size: int = 128,
    bev_range_m: float = 100.0,
    bev_ahead_m: float = 50.0,
    codec: str = "",
    resume: bool = False,
    force: bool = False,
) -> int:
    """Turn bags into a labelled dataset: rewards, costs and observations by the simulator's own code.

    Args:
        bags: `.bag` files or ROS 2 bag folders, all of one map.
        map: map name or YAML file.
        out: dataset to write, .h5 or .zarr.
        profile: shipped profile or YAML file that says what the topics mean.
        report: JSON to write about streams, cuts and quality.
        max_stop_s: a longer stop is cut out; 0 keeps every stop.
        min_steps: shorter episodes are dropped.
        max_steps: longer ones are chopped.
        refuse: quality flags whose episodes are left out (dropout, jitter, stationary, teleport, saturated, ...).
        bev_size: 128, 64 or 32 pixels.
        bev_range_m: metres a side of the bird's-eye view.
        bev_ahead_m: of those ahead of the ego.
        codec: gzip or zstd.
        resume: add to an existing dataset.
        force: replace an existing dataset.
    """
    from airside_sim.bags.convert import convert_to

    written = convert_to(
        bags, out, map=map, profile=profile, max_stop_s=max_stop_s, min_steps=min_steps, max_steps=max_steps,
        refuse=refuse, bev_size=bev_size, bev_range_m=bev_range_m,
        bev_ahead_m=bev_ahead_m, codec=codec, resume=resume, force=force,
    )  # fmt: skip
    for one in written:
        print(f"{one['bag']}: {one['episodes']} episodes, {one['steps']} steps; ends {one['ends']}; "
              f"lost steps {one['lost_steps']}; flags {one['quality']}; "
              f"{100 * one['stale_share']:.1f} % stale")  # fmt: skip
        for name in one["missing"]:
            print(f"  missing: {name}")
    if report:
        report.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    print(out)
    return 0


def synth(
    out: Annotated[Path, tyro.conf.Positional],
    container: Literal["mcap", "sqlite3", "ros1"] = "mcap",
    scenario: str = "apron",
    map: str | None = None,
    driver: tuple[str, ...] = ("expert",),
    episodes: int = 1,
    seed: int = 0,
    max_steps: int = 100_000,
    jitter: float = 0.0,
    latency_s: float = 0.0,
    clock_offset_s: float = 0.0,
    drop: float = 0.0,
    holes: int = 0,
    exact: bool = False,
    force: bool = False,
) -> int:
    """Write a demo bag from the simulator, as clean or as disturbed as wanted.

    Args:
        out: bag to write: a `.bag` file for ros1, else a folder.
        container: ROS 1, or ROS 2 with sqlite3 or MCAP storage.
        scenario: shipped scenario name or YAML file.
        map: map name or file instead of the scenario's.
        driver: drivers that take turns.
        episodes: how many.
        seed: of the first one.
        max_steps: of an episode.
        jitter: of sampling instants, as a share of the period.
        latency_s: mean time from stamp to recorder.
        clock_offset_s: how far the recorder's clock runs ahead of the vehicle's.
        drop: probability that a message is lost.
        holes: times an episode at which every sensor falls silent for 0.6 s.
        exact: every topic on the simulator's own ticks, 10 Hz.
        force: replace an existing bag.
    """
    from rich.progress import Progress

    from airside_sim.bags.perturb import Perturbation
    from airside_sim.bags.synth import drives, write_bag
    from airside_sim.bags.write import SENSOR_RATES_HZ, TICK_RATES_HZ, BagStyle

    how = Perturbation(jitter=jitter, latency_s=latency_s, clock_offset_s=clock_offset_s, drop=drop, holes=holes,
                       seed=seed)  # fmt: skip
    style = BagStyle(rates_hz=dict(TICK_RATES_HZ if exact else SENSOR_RATES_HZ), perturbation=how)
    keywords = {"map": map} if map else {}
    played = drives(scenario, driver, episodes, seed, max_steps, **keywords)
    with Progress(transient=True) as progress:
        task = progress.add_task("driving", total=episodes)
        count = write_bag(out, container, played, style, force=force,
                          on_episode=lambda k: progress.update(task, completed=k))  # fmt: skip
    print(f"{out}: {count} episode(s), {container}")
    return 0


def to_bag(
    dataset: Annotated[Path, tyro.conf.Positional],
    out: Path,
    episode: tuple[int, ...] = (0,),
    container: Literal["mcap", "sqlite3", "ros1"] = "mcap",
    force: bool = False,
) -> int:
    """Drive simulated episodes of a dataset, or a .replay file, once more and write them as a ROS bag.

    Args:
        dataset: .h5 or .zarr dataset, or a .replay file.
        out: bag to write: a `.bag` file for ros1, else a folder.
        episode: which episodes of the dataset.
        container: ROS 1, or ROS 2 with sqlite3 or MCAP storage.
        force: replace an existing bag.
    """
    from airside_sim.bags.synth import drive_of_episode, drive_of_replay, write_bag
    from airside_sim.bags.write import BagStyle
    from airside_sim.data.store import Dataset
    from airside_sim.replay import load_replay

    if dataset.suffix == ".replay":
        played = (drive_of_replay(load_replay(dataset)) for _ in range(1))
        count = write_bag(out, container, played, BagStyle(), force=force)
    else:
        with Dataset.open(dataset) as opened:
            for i in episode:
                if not 0 <= i < len(opened):
                    raise ValueError(f"{dataset}: episode {i} of {len(opened)}")
            played = (drive_of_episode(opened.meta(i), opened.read_leaf(i, "action")) for i in episode)
            count = write_bag(out, container, played, BagStyle(), force=force)
    print(f"{out}: {count} episode(s), {container}")
    return 0


def schema(out: Path | None = None) -> int:
    """Print the JSON Schema of topic profiles, for editors that complete and check YAML.

    Args:
        out: file to write it to instead.
    """
    from airside_sim.bags.profile import Profile

    return print_schema(Profile, out)
