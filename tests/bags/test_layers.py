"""Occupancy grids in the bird's-eye view: where a cell lands, its history, and turned frames."""

import math

import numpy as np

from airside_sim.bags.decode import Grid
from airside_sim.bags.layers import LayerPainter
from airside_sim.bags.profile import Layer
from airside_sim.constants import BevChannel
from airside_sim.kernels.bev import BevGeometry
from airside_sim.packing import unpack_bev

PIXEL_M = 100.0 / 128


def _grid(x_m, y_m, heading_rad=0.0):
    """A block of 3 m whose corner lies at (x, y)."""
    return Grid(np.ones((30, 30), bool), 0.1, x_m, y_m, heading_rad)


def _painter(size=128):
    return LayerPainter([Layer(topic="/g", actor="gse")], BevGeometry(size, 100.0, 50.0))


def _planes(frame):
    return unpack_bev(frame)[BevChannel.GSE_T16 : BevChannel.GSE_T1 + 1] > 0


def test_a_block_ahead_and_left_lands_above_and_left_of_the_middle():
    painter, frame = _painter(), np.zeros((34, 128, 16), np.uint8)
    painter.paint(frame, np.array([100.0, 50.0, math.pi / 2]), [_grid(100.0 - 13.0, 50.0 + 20.0)])  # facing north
    rows, columns = np.nonzero(_planes(frame)[3])
    assert abs(rows.mean() + 0.5 - (50.0 - 21.5) / PIXEL_M) < 0.6  # 20 to 23 m ahead
    assert abs(columns.mean() + 0.5 - (50.0 - 11.5) / PIXEL_M) < 0.6  # 10 to 13 m left
    assert abs(len(rows) - (3.0 / PIXEL_M) ** 2) < 5


def test_the_history_shows_where_it_was_in_the_present_frame():
    painter = _painter()
    for k in range(16):
        frame = np.zeros((34, 128, 16), np.uint8)
        painter.paint(frame, np.array([0.0, 0.0, 0.0]), [_grid(10.0 + k, 0.0)])
    rows = [np.nonzero(plane)[0].mean() for plane in _planes(frame)]
    np.testing.assert_allclose(-np.diff(rows) * PIXEL_M, 5.0, atol=0.5)  # a metre a tick, frames five ticks apart


def test_a_short_history_repeats_its_oldest_and_a_gap_forgets():
    painter, frame = _painter(), np.zeros((34, 128, 16), np.uint8)
    painter.paint(frame, np.zeros(3), [_grid(10.0, 0.0)])
    planes = _planes(frame)
    assert (planes == planes[3]).all()
    assert planes.any()
    painter.forget()
    again = np.zeros((34, 128, 16), np.uint8)
    painter.paint(again, np.zeros(3), [None])
    assert not again.any()


def test_a_turned_grid_and_a_pooled_view():
    painter, frame = _painter(32), np.zeros((34, 32, 4), np.uint8)
    painter.paint(frame, np.zeros(3), [_grid(10.0, 0.0, math.pi / 2)])  # from (10, 0) to (7, 3)
    rows, columns = np.nonzero(unpack_bev(frame)[BevChannel.GSE_T1])
    wide = 100.0 / 32
    assert set(rows) <= {int((50.0 - 10.0) / wide), int((50.0 - 7.0) / wide)}
    assert set(columns) <= {int((50.0 - 3.0) / wide), int(50.0 / wide) - 1}
    assert len(rows) >= 1
