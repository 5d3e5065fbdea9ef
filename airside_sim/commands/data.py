"""`airside data info|validate|split|label|filter|convert|merge|repair|to-flat|to-minari|from-minari`."""

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import tyro

from airside_sim.data.episode import validate_episode
from airside_sim.data.schema import DatasetError
from airside_sim.data.store import Dataset, open_writer

Name = Annotated[Path, tyro.conf.Positional]
Names = Annotated[tuple[Path, ...], tyro.conf.Positional]


def info(dataset: Name, figure: Path | None = None) -> int:
    """Count what is in a dataset; --figure saves returns, costs, actions and the driven map as a picture.

    Args:
        dataset: .h5 or .zarr.
        figure: PNG, PDF or SVG to write.
    """
    from airside_sim.data.summary import summarise, text_of

    with Dataset.open(dataset) as opened:
        summary = summarise(opened)
    print(text_of(summary))
    if figure is not None and len(summary.lengths):
        from airside_sim.data.figure import save_figure

        print(save_figure(summary, figure))
    return 0


def validate(dataset: Name) -> int:
    """Read every value and check schema, sums, flags, checksums and split; exit status 1 when something is wrong."""
    problems = 0
    groups: dict[str, str] = {}
    with Dataset.open(dataset) as opened:
        for i in range(len(opened)):
            for problem in _problems(opened, i, groups):
                print(f"{dataset}: episode {i:06d}: {problem}")
                problems += 1
        print(f"{dataset}: {len(opened)} episodes, {'ok' if not problems else f'{problems} problems'}")
    return 0 if not problems else 1


def _problems(opened: Dataset, i: int, groups: dict[str, str]) -> list[str]:
    try:
        episode = opened.read(i)
        wrong = validate_episode(episode)
        if episode.digest() != opened.digest(i):
            wrong.append("digest: the values are not those that were written")
    except DatasetError as error:
        return [str(error)]
    split = groups.setdefault(episode.meta.group, episode.meta.split)
    if split != episode.meta.split:
        wrong.append(f"split: route group '{episode.meta.group}' is in '{split}' and in '{episode.meta.split}'")
    return wrong


def split(
    dataset: Name, out: Path, val: int = 10, test: int = 10, salt: str = "airside-split-1", force: bool = False
) -> int:
    """Write a dataset whose episodes say train, val or test: by route group, so no route is in two of them.

    Args:
        dataset: .h5 or .zarr.
        out: dataset to write.
        val: percentage of route groups for validation.
        test: percentage for test.
        salt: another one gives another split.
        force: overwrite.
    """
    from airside_sim.data.rewrite import splitter
    from airside_sim.data.split import report_split

    _rewrite((dataset,), out, splitter(salt=salt, val=val, test=test), force)
    with Dataset.open(out) as written:
        report = report_split(written.meta(i) for i in range(len(written)))
    for name in report.episodes:
        episodes, routes, groups = report.episodes[name], report.routes[name], report.groups[name]
        print(f"{name:<6}{episodes:>7} episodes{routes:>7} routes{groups:>7} groups")
    print(f"{report.near_routes} routes of val and test run within 5 m of one of train, on other lanes")
    return 0


def label(
    dataset: Name, out: Path, reward: tuple[str, ...] = (), cost: tuple[str, ...] = (), force: bool = False
) -> int:
    """Write a dataset with other reward or cost coefficients, from its stored terms: exact, nothing is simulated.

    Args:
        dataset: .h5 or .zarr.
        out: dataset to write.
        reward: coefficients as NAME=NUMBER (progress=0.2 yield=1).
        cost: the same (hard=2 proximity=0.05).
        force: overwrite.
    """
    from airside_sim.data.relabel import relabel

    new_reward, new_cost = _numbers("reward", reward), _numbers("cost", cost)
    if not (new_reward or new_cost):
        raise ValueError("label: give --reward or --cost NAME=NUMBER")
    _rewrite((dataset,), out, lambda episode: relabel(episode, new_reward, new_cost), force)
    return 0


def filter_(
    dataset: Name, out: Path, drop: tuple[str, ...] = (), behaviour: tuple[str, ...] = (), split: tuple[str, ...] = (),
    min_steps: int = 0, max_cost: float = float("inf"), force: bool = False,
) -> int:  # fmt: skip
    """Write a dataset without the episodes that have a quality flag, or keep drivers and splits; says what it dropped.

    Args:
        dataset: .h5 or .zarr.
        out: dataset to write.
        drop: flags: dropout, jitter, stationary, teleport, saturated, missing_terms, short, unlabelled.
        behaviour: keep only these drivers.
        split: keep only these of train, val, test.
        min_steps: drop shorter episodes.
        max_cost: drop episodes that cost more.
        force: overwrite.
    """
    from airside_sim.data.rewrite import Filter

    chosen = Filter(drop=drop, behaviours=behaviour, splits=split, min_steps=min_steps, max_cost=max_cost)
    _rewrite((dataset,), out, chosen, force)
    for reason, count in sorted(chosen.dropped.items()):
        print(f"dropped {count:>6}  {reason}")
    return 0


def convert(dataset: Name, out: Path, codec: str = "", force: bool = False) -> int:
    """Write the same episodes in another form: HDF5 or zarr by suffix, gzip or zstd by --codec.

    Args:
        dataset: .h5 or .zarr.
        out: dataset to write.
        codec: gzip (default of HDF5) or zstd (default of zarr).
        force: overwrite.
    """
    _rewrite((dataset,), out, lambda episode: episode, force, codec)
    return 0


def merge(datasets: Names, out: Path, codec: str = "", force: bool = False) -> int:
    """Write the episodes of several datasets into one, in their order.

    Args:
        datasets: .h5 or .zarr, any mix.
        out: dataset to write.
        codec: gzip or zstd.
        force: overwrite.
    """
    if not datasets:
        raise ValueError("merge: name the datasets to merge")
    _rewrite(datasets, out, lambda episode: episode, force, codec)
    return 0


def repair(dataset: Name) -> int:
    """Make the parts of a recording that was killed into one file; nothing is lost and nothing recorded again."""
    with Dataset.open(dataset):
        pass  # a name that is no dataset must not become an empty one
    open_writer(dataset, resume=True).close()
    with Dataset.open(dataset) as opened:
        print(f"{dataset}: {len(opened)} episodes")
    return 0


def to_flat(dataset: Name, out: Path, observations: str = "state", force: bool = False) -> int:
    """Write flat transitions under the keys of D4RL and DSRL, with true next observations.

    Args:
        dataset: .h5 or .zarr.
        out: .hdf5 to write.
        observations: state, flat (state and objects in one vector) or bev (packed).
        force: overwrite.
    """
    from airside_sim.data.views import flat_view, write_flat

    with Dataset.open(dataset) as opened:
        print(write_flat(flat_view(opened, observations), out, force=force))
    return 0


def to_minari(dataset: Name, id: str, root: Path | None = None, force: bool = False) -> int:
    """Write a Minari dataset that `minari.load_dataset(ID)` opens.

    Args:
        dataset: .h5 or .zarr.
        id: NAMESPACE/NAME-vN.
        root: folder of Minari datasets; Minari's own by default.
        force: overwrite.
    """
    from airside_sim.data.minari_io import to_minari as export

    with Dataset.open(dataset) as opened:
        print(export(opened, id, root=root, force=force))
    return 0


def from_minari(
    id: Annotated[str, tyro.conf.Positional], out: Path, root: Path | None = None, force: bool = False
) -> int:
    """Read back a Minari dataset that to-minari wrote.

    Args:
        id: NAMESPACE/NAME-vN.
        out: dataset to write.
        root: folder of Minari datasets; Minari's own by default.
        force: overwrite.
    """
    from airside_sim.data.minari_io import from_minari as load

    with open_writer(out, force=force) as writer:
        count = load(id, writer, root=root)
    print(f"{out}: {count} episodes")
    return 0


def _rewrite(sources: tuple[Path, ...], out: Path, change: Callable, force: bool, codec: str = "") -> None:
    from airside_sim.data.rewrite import rewrite

    with _progress(f"writing {out.name}") as watch:
        count = rewrite(sources, out, change, force=force, codec=codec, on_episode=watch)
    print(f"{out}: {count} episodes")


@contextmanager
def _progress(what: str):
    from rich.progress import Progress

    with Progress(transient=True) as progress:
        task = progress.add_task(what)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _numbers(what: str, texts: tuple[str, ...]) -> dict[str, float]:
    """`("progress=0.2",)` -> {"progress": 0.2}."""
    numbers = {}
    for text in texts:
        name, _, number = text.partition("=")
        try:
            numbers[name] = float(number)
        except ValueError as error:
            raise ValueError(f"{what}: '{text}' is not NAME=NUMBER") from error
    return numbers
