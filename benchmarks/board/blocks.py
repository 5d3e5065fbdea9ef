"""One block: an agent on an entry of a suite, driven, judged and kept as a file, so that a killed run goes on."""

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import airside_sim
from agents.common.run_folder import write_atomic
from agents.evaluation.contestants import Contestant
from agents.evaluation.drive import Drive, drive_entry
from agents.evaluation.measure import EpisodeRow
from agents.evaluation.resimulate import Claim, judge_entry
from agents.evaluation.sandbox import Limits
from airside_sim.resources import find_file, list_names
from airside_sim.scenario import format_scenario, load_scenario
from airside_sim.suite import Entry

DRIVEN = "driven.json"  # beside the replays of a block: which seeds, which failures


@dataclass(frozen=True)
class Task:
    """A block to be done."""

    one: Contestant
    suite: str
    entry: Entry
    seeds: list[int]
    out: Path
    limits: Limits

    @property
    def path(self) -> Path:
        return self.out / "blocks" / f"{self.one.name}--{self.suite}--{self.entry.label}.json"

    @property
    def episodes(self) -> Path:
        return self.out / "episodes" / self.one.name / self.suite / self.entry.label


@dataclass(frozen=True)
class Block:
    """A finished block."""

    agent: str
    suite: str
    entry: str
    rows: tuple[EpisodeRow, ...]
    ms_per_action: float
    num_actions: int


def run_all(tasks: list[Task], *, jobs: int, resume: bool, on_done: Callable[[Task, Block], None]) -> list[Block]:
    """Every block, in the order of `tasks`; with `resume` finished ones are read, replays without a block judged."""
    if jobs == 1:
        blocks = []
        for task in tasks:
            blocks.append(run(task, resume))
            on_done(task, blocks[-1])
        return blocks
    found: dict[int, Block] = {}
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(run, task, resume): i for i, task in enumerate(tasks)}
        for future in as_completed(waiting):
            i = waiting[future]
            found[i] = future.result()
            on_done(tasks[i], found[i])
    return [found[i] for i in range(len(tasks))]


def run(task: Task, resume: bool) -> Block:
    """Drive and judge one block, or read what is there."""
    mark = fingerprint(task)
    if resume and (kept := _read(task.path, mark)) is not None:
        return kept
    driven = (_driven(task, mark) if resume else None) or _drive(task, mark)
    rows = judge_entry(task.entry, driven.claims)
    block = Block(task.one.name, task.suite, task.entry.label, tuple(rows), driven.ms_per_action, driven.actions)
    write_atomic(task.path, json.dumps({"fingerprint": mark, **asdict(block)}))
    return block


def fingerprint(task: Task) -> str:
    """Changes with the agent, the entry, the seeds, the limits and the source of simulator and judge."""
    parts = [task.one.fingerprint(), task.suite, task.entry.model_dump_json(), str(task.seeds), str(task.limits),
             *_data(task.entry), source_hash()]  # fmt: skip
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@cache
def source_hash() -> str:
    """SHA-256 over the Python files that decide an episode and its score."""
    digest = hashlib.sha256()
    root = Path(airside_sim.__file__).parent
    for folder in (root, root.parent / "agents" / "evaluation"):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _data(entry: Entry) -> list[str]:
    """The scenario with what it inherits, and the maps that are files."""
    shipped = list_names("maps")
    maps = [m for m in entry.config().map if m in shipped or Path(m).is_file()]
    return [format_scenario(load_scenario(entry.scenario)), *(find_file("maps", m).read_text("utf-8") for m in maps)]


def _drive(task: Task, mark: str) -> Drive:
    folder = task.episodes
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DRIVEN).unlink(missing_ok=True)
    for old in folder.glob("*.replay"):
        old.unlink()
    drive = drive_entry(task.one, task.entry, task.seeds, folder, task.limits)
    note = {"fingerprint": mark, "failed": {str(c.seed): c.failed for c in drive.claims if c.failed},
            "actions": drive.actions, "ms": drive.ms}  # fmt: skip
    write_atomic(folder / DRIVEN, json.dumps(note))
    return drive


def _driven(task: Task, mark: str) -> Drive | None:
    """Replays of a block that was driven but not judged."""
    note = _json(task.episodes / DRIVEN)
    if note is None or note.get("fingerprint") != mark:
        return None
    claims = [
        Claim(seed, failed=note["failed"][str(seed)])
        if str(seed) in note["failed"]
        else Claim(seed, task.episodes / f"{seed}.replay")
        for seed in task.seeds
    ]
    return Drive(claims, note["actions"], note["ms"])


def _read(path: Path, mark: str) -> Block | None:
    kept = _json(path)
    if kept is None or kept.pop("fingerprint", "") != mark:
        return None
    rows = tuple(EpisodeRow(**row) for row in kept.pop("rows"))
    return Block(rows=rows, **kept)


def _json(path: Path) -> dict[str, Any] | None:
    """Contents of a file, None where there is none or it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
