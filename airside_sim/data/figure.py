"""One picture of a dataset: returns, costs, lengths, actions, and where on the apron the ego drove."""

from pathlib import Path
from typing import Any

import numpy as np

from airside_sim.data.summary import MAX_SPEED_MPS, Summary
from airside_sim.resources import list_names

CELL_M = 5.0
MARGIN_M = 60.0


def save_figure(summary: Summary, path: Path) -> Path:
    """Write the picture (PNG, PDF or SVG by suffix)."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("the figure needs matplotlib: pip install 'airside_sim[data]'") from error
    figure = Figure(figsize=(16, 9), layout="constrained")
    axes = figure.subplot_mosaic([["return", "cost", "map", "map"], ["actions", "motion", "map", "map"]])
    _by_driver(axes["return"], summary, summary.returns, "return")
    _by_driver(axes["cost"], summary, summary.costs, "cost of an episode")
    axes["cost"].set_yscale("symlog", linthresh=1.0)
    _image(axes["actions"], summary.actions, (-1, 1, 0, 1), "steering action", "velocity action")
    _image(axes["motion"], summary.motion, (-1, 1, 0, MAX_SPEED_MPS), "steering action", "speed, m/s")
    _coverage(axes["map"], summary)
    figure.suptitle(f"{summary.path.name}: {len(summary.lengths):,} episodes, {summary.num_steps:,} transitions, "
                    f"{summary.hours:.2f} h")  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    return path


def _by_driver(axis: Any, summary: Summary, values: np.ndarray, label: str) -> None:
    names = sorted(set(summary.behaviours))
    groups = [values[np.array(summary.behaviours) == name] for name in names]
    axis.hist(groups, bins=30, stacked=True, label=names)
    axis.set_xlabel(label)
    axis.set_ylabel("episodes")
    axis.legend(fontsize="small")


def _image(axis: Any, histogram: np.ndarray, extent: tuple, x: str, y: str) -> None:
    axis.imshow(np.log10(1.0 + histogram), origin="lower", extent=extent, aspect="auto", cmap="magma")
    axis.set_xticks([-1.0, -0.5, 0.0, 0.5, 1.0])
    axis.set_xlabel(x)
    axis.set_ylabel(f"{y} (log of counts)")


def _coverage(axis: Any, summary: Summary) -> None:
    """Seconds in each cell of 5 m on the map that was driven most, over its lanes where the map is a shipped one."""
    name = summary.maps.most_common(1)[0][0]
    xy = np.concatenate(summary.driven[name])
    low, high = xy.min(axis=0) - MARGIN_M, xy.max(axis=0) + MARGIN_M
    _lanes(axis, name)
    cells = np.maximum(1, np.ceil((high - low) / CELL_M)).astype(int)
    counts = np.histogram2d(xy[:, 0], xy[:, 1], cells, [(low[0], high[0]), (low[1], high[1])])[0].T * 0.1
    shown = np.ma.masked_equal(np.log10(1.0 + counts), 0.0)
    axis.imshow(shown, origin="lower", extent=(low[0], high[0], low[1], high[1]), cmap="viridis", zorder=2)
    axis.set_xlim(low[0], high[0])
    axis.set_ylim(low[1], high[1])
    axis.set_aspect("equal")
    axis.set_title(f"{name or 'map'}: where the ego drove (log of seconds a {CELL_M:g} m cell); "
                   f"{np.count_nonzero(counts) * CELL_M**2 / 1e4:.1f} ha")  # fmt: skip


def _lanes(axis: Any, name: str) -> None:
    if name not in list_names("maps"):
        return
    from airside_sim.mapping.cache import load_compiled

    bank = load_compiled(name, 100.0 / 128, None)[0].arrays
    for first, last in zip(bank.lane_pt0[:-1], bank.lane_pt0[1:], strict=True):
        axis.plot(bank.pt_x[first:last], bank.pt_y[first:last], color="0.75", linewidth=0.6, zorder=1)
