"""Corners that no train turns in are taken out of laid roads, where the ground allows."""

import numpy as np
import pytest

from airside_sim.mapping.importers.fill_grid import CELL_M, RoadGrid
from airside_sim.mapping.importers.fill_roads import _without_spikes

XY = tuple[float, float]
SPIKE = [(0.0, 0.0), (60.0, 0.0), (40.0, 22.0), (40.0, 80.0)]  # turns back by 132 degrees
CUT = [(0.0, 0.0), (50.0, 0.0), (58.0, 8.0), (58.0, 60.0)]  # 45 degrees at either end of 11.3 m
ACROSS = (16.0, 4.0, 28.0, 16.0)  # on the straight line that would replace the spike


def grid(*closed: tuple[float, float, float, float]) -> RoadGrid:
    """Open ground of 400 x 400 m about the origin but for boxes (west, south, east, north), in whole cells."""
    made = RoadGrid.__new__(RoadGrid)
    made.x0 = made.y0 = -200.0
    made.cols = made.rows = int(400.0 / CELL_M)
    made.cost = np.ones((made.rows, made.cols))
    for box in closed:
        west, south, east, north = (int((edge + 200.0) / CELL_M) for edge in box)
        made.cost[south:north, west:east] = np.inf
    return made


def test_a_spike_goes_where_the_ground_is_free() -> None:
    assert _without_spikes(grid(), SPIKE) == [SPIKE[0], *SPIKE[2:]]
    assert _without_spikes(grid(), SPIKE[::-1]) == [SPIKE[0], *SPIKE[2:]][::-1]
    assert _without_spikes(grid(ACROSS), SPIKE) == SPIKE
    assert _without_spikes(grid((20.0, 12.0, 24.0, 16.0)), SPIKE) == [SPIKE[0], *SPIKE[2:]]  # grazes one cell


def test_a_short_leg_becomes_a_corner() -> None:
    tip = (58.0, 0.0)
    assert _without_spikes(grid(), CUT) == [CUT[0], pytest.approx(tip), CUT[3]]
    at_tip, before, behind = (56.0, -8.0, 64.0, 4.0), (36.0, 4.0, 52.0, 12.0), (44.0, 24.0, 56.0, 44.0)
    assert _without_spikes(grid(before, behind), CUT) == [CUT[0], pytest.approx(tip), CUT[3]]
    assert _without_spikes(grid(at_tip), CUT) == [CUT[0], *CUT[2:]]  # no room for the tip: one corner goes
    assert _without_spikes(grid(at_tip, before), CUT) == [*CUT[:2], CUT[3]]
    assert _without_spikes(grid(at_tip, before, behind), CUT) == CUT


def test_one_corner_taken_out_can_make_the_next_a_spike() -> None:
    line = [(0.0, 0.0), (60.0, 0.0), (60.0, 30.0), (20.0, 22.0), (20.0, 90.0)]
    found = _without_spikes(grid(), line)
    assert (found[0], found[-1]) == (line[0], line[-1])
    corners = zip(found, found[1:], found[2:], strict=False)
    assert all(turn_deg(*corner) < 100.0 for corner in corners)
    assert len(found) < len(line)


def turn_deg(a: XY, b: XY, c: XY) -> float:
    u, v = np.subtract(b, a), np.subtract(c, b)
    return float(np.degrees(np.arccos(u @ v / np.linalg.norm(u) / np.linalg.norm(v))))


@pytest.mark.parametrize(
    "line",
    [
        [(0.0, 0.0), (50.0, 0.0)],
        [(0.0, 0.0), (50.0, 0.0), (50.0, 50.0)],  # square, long legs
        [(0.0, 0.0), (50.0, 0.0), (60.0, 5.0), (100.0, 55.0)],  # short, but gentle
    ],
)
def test_other_lines_stay(line: list[XY]) -> None:
    assert _without_spikes(grid(), line) == line
