"""New datasets from old ones, episode by episode: converting, merging, filtering, splitting, relabelling."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from airside_sim.data.episode import Episode, EpisodeMeta
from airside_sim.data.quality import FLAGS, find_flags
from airside_sim.data.schema import DatasetError
from airside_sim.data.split import split_of
from airside_sim.data.store import Dataset, open_writer
from airside_sim.resources import did_you_mean

Change = Callable[[Episode], Episode | None]  # None drops the episode
Watch = Callable[[int, int], None]  # episodes done, of how many


def rewrite(
    sources: Sequence[str | Path], out: str | Path, change: Change = lambda episode: episode, *, force: bool = False,
    codec: str = "", attrs: dict[str, Any] | None = None, on_episode: Watch = lambda done, total: None,
) -> int:  # fmt: skip
    """Write the episodes of `sources`, changed, to `out`; returns how many there are. The sources stay as they are."""
    if Path(out).resolve() in [Path(source).resolve() for source in sources]:
        raise DatasetError(f"{out}: is also what is read; name another file to write")
    datasets = [Dataset.open(source) for source in sources]
    total = sum(len(dataset) for dataset in datasets)
    with open_writer(out, force=force, codec=codec, attrs=attrs) as writer:
        done = 0
        for dataset in datasets:
            for episode in dataset:
                changed = change(episode)
                if changed is not None:
                    writer.append(changed)
                done += 1
                on_episode(done, total)
            dataset.close()
        return len(writer)


def splitter(*, salt: str, val: int, test: int) -> Change:
    """Sets every episode's split by its route group."""
    split_of("", salt=salt, val=val, test=test)  # refuses wrong percentages before anything is written

    def change(episode: Episode) -> Episode:
        split = split_of(episode.meta.group, salt=salt, val=val, test=test)
        return replace(episode, meta=replace(episode.meta, split=split))

    return change


class Filter:
    """Drops episodes by flags, drivers, splits and length, and counts why."""

    def __init__(
        self, *, drop: Iterable[str] = (), behaviours: Iterable[str] = (), splits: Iterable[str] = (),
        min_steps: int = 0, max_cost: float = float("inf"),
    ) -> None:  # fmt: skip
        self._drop, self._behaviours, self._splits = tuple(drop), tuple(behaviours), tuple(splits)
        self._min_steps, self._max_cost = min_steps, max_cost
        for flag in self._drop:
            if flag not in FLAGS:
                raise ValueError(f"drop: unknown flag '{flag}'{did_you_mean(flag, list(FLAGS))}")
        self.dropped: dict[str, int] = {}  # episodes by reason; one may have several

    def __call__(self, episode: Episode) -> Episode | None:
        """The episode with its flags written into its meta, or None."""
        flags = tuple(dict.fromkeys((*episode.meta.quality, *find_flags(episode))))
        reasons = [flag for flag in flags if flag in self._drop]
        reasons += self._unwanted(episode.meta)
        if episode.num_steps < self._min_steps:
            reasons.append(f"fewer than {self._min_steps} steps")
        if float(episode.cost.sum()) > self._max_cost:
            reasons.append(f"cost above {self._max_cost:g}")
        for reason in reasons:
            self.dropped[reason] = self.dropped.get(reason, 0) + 1
        return None if reasons else replace(episode, meta=replace(episode.meta, quality=flags))

    def _unwanted(self, meta: EpisodeMeta) -> list[str]:
        reasons = []
        if self._behaviours and meta.behaviour not in self._behaviours:
            reasons.append(f"driven by {meta.behaviour}")
        if self._splits and meta.split not in self._splits:
            reasons.append(f"split '{meta.split}'")
        return reasons
