"""`airside record`: drive with scripted drivers and keep it as a dataset."""

from pathlib import Path
from typing import Annotated

import tyro
import yaml

from airside_sim.data.backend import backend_of
from airside_sim.data.store import Dataset, open_writer
from airside_sim.data.tiers import read_shares, tier_of
from airside_sim.resources import did_you_mean


def record(
    out: Path,
    driver: str = "mixed-small",
    steps: int | None = None,
    env: str = "AirsideApron-v0",
    scenario: str | None = None,
    suite: str | None = None,
    fractions: tuple[str, ...] = (),
    keyword: Annotated[tuple[str, ...], tyro.conf.arg(name="set")] = (),
    num_envs: int | None = None,
    seed: int = 0,
    codec: str = "",
    bev: bool = True,
    objects: bool = True,
    resume: bool = False,
    force: bool = False,
) -> int:
    """Record transitions of scripted drivers as an HDF5 or zarr dataset; killed, it goes on with --resume.

    Args:
        out: dataset to write, .h5 or .zarr.
        driver: a tier (expert, cautious, aggressive, noisy, random, mixed-small, mixed-large) or any driver.
        steps: transitions; the tier's number by default (100,000; mixed-large 1,000,000).
        env: environment id.
        scenario: scenario name or YAML file.
        suite: suite whose scenarios the episodes are drawn from.
        fractions: who drives which share of the transitions instead, as NAME=NUMBER.
        keyword: more keywords of the environment, as NAME=YAML (traffic=0.8, "weather={choice: [clear, fog]}").
        num_envs: how many drive at once; one for every 2,000 steps by default, 32 at most, since those under way at
            the end are cut.
        seed: of the first episode.
        codec: gzip or zstd; gzip is HDF5's default, zstd zarr's.
        bev: keep the bird's-eye view.
        objects: keep the list of nearest actors.
        resume: add to a dataset, finished or killed, until it has so many transitions.
        force: overwrite.
    """
    from airside_sim.data.recording import Recorder

    tier = tier_of(driver)
    shares = read_shares(fractions) if fractions else tier.shares
    wanted = tier.steps if steps is None else steps
    if wanted < 1:
        raise ValueError(f"steps={wanted}: at least 1 is needed")
    keywords = dict(_keyword(text) for text in keyword)
    keywords |= {name: value for name, value in (("scenario", scenario), ("suite", suite)) if value is not None}
    _check_env(env, keywords)
    usual = min(32, max(1, wanted // 2000))
    backend_of(out)  # its library, before a minute of driving
    with open_writer(out, force=force, resume=resume, codec=codec) as writer:
        view = {"with_bev": bev, "with_objects": objects}
        recorder = Recorder(env, shares, num_envs=num_envs or usual, seed=seed, **view, **keywords)
        done = 0
        if len(writer):
            with Dataset.open(out) as old:
                metas = [old.meta(i) for i in range(len(old))]
                recorder.resume((m.behaviour, m.seed, int(n)) for m, n in zip(metas, old.lengths, strict=True))
                done = int(old.lengths.sum())
        if done < wanted:
            _run(recorder, writer, wanted, done)
        recorder.close()
    print(f"{out}: {Dataset.open(out).lengths.sum():,} transitions in {len(Dataset.open(out))} episodes")
    return 0


def _run(recorder, writer, wanted: int, done: int) -> None:
    from rich.progress import MofNCompleteColumn, Progress

    with Progress(*Progress.get_default_columns(), MofNCompleteColumn()) as progress:
        task = progress.add_task("recording", total=wanted, completed=done)

        def show(steps: int, episodes: int) -> None:
            progress.update(task, completed=done + steps, description=f"recording, {episodes} episodes")

        recorder.run(writer, wanted - done, show)


def _check_env(env_id: str, keywords: dict[str, object]) -> None:
    """ValueError for what no environment can be made of, before a file is opened."""
    from airside_sim.data.recording import check_keywords
    from airside_sim.envs.registration import SCENARIO_OF_ID
    from airside_sim.suite import configs_of

    check_keywords(keywords)
    if env_id not in SCENARIO_OF_ID:
        raise ValueError(f"unknown environment '{env_id}'{did_you_mean(env_id, list(SCENARIO_OF_ID))}")
    try:
        configs_of(SCENARIO_OF_ID[env_id], **keywords)
    except TypeError as error:
        raise ValueError(f"set: {error}") from error


def _keyword(text: str) -> tuple[str, object]:
    """`traffic=0.8` -> ("traffic", 0.8)."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"set: '{text}' is not NAME=VALUE")
    try:
        return name, yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise ValueError(f"set: '{text}': {value!r} is not YAML") from error
