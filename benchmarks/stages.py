"""What the throughput benchmark measures underneath the environments: write floor, actors in view, single stages."""

import time

import numba
import numpy as np

from airside_sim.columns import Body, Ego
from airside_sim.constants import ActorClass
from airside_sim.jit import njit, prange
from airside_sim.kernels import bev
from airside_sim.kernels.observe import observe_serial
from airside_sim.kernels.step import advance_serial
from airside_sim.mapping.tiles import tile_raster
from airside_sim.state_features import NUM_STATE

FRAME_BYTES = 34 * 128 * 128
NUM_BUFFERS = 64
MOVING_MPS = 0.3


@njit
def _fill(frames, value):
    for k in range(frames.shape[0]):
        frames[k] = value


@njit(parallel=True)
def _fill_parallel(frames, value):
    for k in prange(frames.shape[0]):
        frames[k] = value


def _best_us(call, batch: int, windows: int = 200) -> float:
    """10th percentile of a call's wall time, us per item of the batch."""
    call()
    times = []
    for _ in range(windows):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1e6 * float(np.percentile(times, 10)) / batch


def floor() -> dict[str, float]:
    """Frames a second written into 64 rotating buffers (35.7 MB) by one and by two threads."""
    frames = np.zeros((NUM_BUFFERS, FRAME_BYTES), np.uint8)
    one = _best_us(lambda: _fill(frames, np.uint8(255)), NUM_BUFFERS)
    threads = numba.get_num_threads()
    numba.set_num_threads(min(2, threads))
    two = _best_us(lambda: _fill_parallel(frames, np.uint8(255)), NUM_BUFFERS)
    numba.set_num_threads(threads)
    return {"us_1": one, "us_2": two, "frames_s_1": 1e6 / one, "frames_s_2": 1e6 / two}


def count_actors(simulator) -> dict[str, float]:
    """Mean per env: bodies in the world, moving bodies, and moving actors (not their dollies) within the BEV."""
    world, config = simulator.world, simulator.config
    body = world.body
    present = body[:, :, Body.CLASS] >= 0.0
    moving = present & (np.hypot(body[:, :, Body.VX], body[:, :, Body.VY]) > MOVING_MPS)
    dx = body[:, :, Body.X] - world.ego[:, None, Ego.X]
    dy = body[:, :, Body.Y] - world.ego[:, None, Ego.Y]
    cos, sin = np.cos(world.ego[:, None, Ego.HEADING]), np.sin(world.ego[:, None, Ego.HEADING])
    ahead, left = dx * cos + dy * sin, dy * cos - dx * sin
    behind_m = config.bev_range_m - config.bev_ahead_m
    seen = (ahead < config.bev_ahead_m) & (ahead > -behind_m) & (np.abs(left) < 0.5 * config.bev_range_m)
    whole = body[:, :, Body.CLASS] != ActorClass.BAGGAGE_CART
    return {
        "bodies": float(present.sum(axis=1).mean()),
        "moving_bodies": float(moving.sum(axis=1).mean()),
        "in_view": float((present & seen).sum(axis=1).mean()),
        "moving_in_view": float((moving & seen & whole).sum(axis=1).mean()),
    }


def enlarge(bank, factor: int):
    """The bank with every map's raster `factor` times as wide and high, the old one in its middle."""
    blocks, tiles, x0, y0, width, height = [], [], [], [], [], []
    for m in range(len(bank.raster_x0)):
        w, h, off = int(bank.raster_w[m]), int(bank.raster_h[m]), int(bank.raster_off[m])
        cell = bank.raster_cell_m[m]
        grown = np.zeros((h * factor, w * factor), np.uint8)
        top, left = h * (factor - 1) // 2, w * (factor - 1) // 2
        grown[top : top + h, left : left + w] = bank.raster[off : off + w * h].reshape(h, w)
        blocks.append(grown.reshape(-1))
        tiles.append(tile_raster(grown))
        x0.append(bank.raster_x0[m] - left * cell)
        y0.append(bank.raster_y0[m] - top * cell)
        width.append(w * factor)
        height.append(h * factor)
    starts, cells = [tile.start.reshape(-1) for tile in tiles], [tile.cells for tile in tiles]
    return bank._replace(
        raster=np.concatenate(blocks),
        raster_x0=np.array(x0),
        raster_y0=np.array(y0),
        raster_w=np.array(width, bank.raster_w.dtype),
        raster_h=np.array(height, bank.raster_h.dtype),
        raster_off=_offsets(blocks),
        tile_start=np.concatenate(starts),
        tile_reach=np.concatenate([tile.reach.reshape(-1) for tile in tiles]),
        tile_off=_offsets(starts),
        tile_cells=np.concatenate(cells),
        tile_cells_off=_offsets(cells),
    )


def _offsets(parts: list[np.ndarray]) -> np.ndarray:
    """(len(parts),) i64 where each part begins in their concatenation."""
    return np.cumsum([0, *[len(part) for part in parts[:-1]]]).astype(np.int64)


def profile(env) -> dict[str, float]:
    """Wall us per env of each stage on one thread, at the env's batch size."""
    sim, config = env.simulator, env.simulator.config
    n = sim.num_envs
    world, bank, types = sim.world, sim.bank, sim.aircraft_types
    scratch = bev.allocate_scratch(1)
    geometry = bev.BevGeometry(128, config.bev_range_m, config.bev_ahead_m)
    full = bev.as_words(np.zeros((n, 34, 128, 128), np.uint8))
    packed = bev.as_words(np.zeros((n, *bev.packed_shape(128)), np.uint8))
    state, objects = np.zeros((n, NUM_STATE), np.float32), np.zeros((n, 16, 12), np.float32)
    actions, over = np.tile([0.0, 0.5], (n, 1)), np.zeros(n, np.uint8)
    return {
        "simulate": _best_us(lambda: advance_serial(*sim._tables(), actions, over), n, 40),
        "bev_packed": _best_us(lambda: bev.render_serial(world, bank, types, geometry, True, scratch, packed), n, 40),
        "bev_full": _best_us(lambda: bev.render_serial(world, bank, types, geometry, False, scratch, full), n, 40),
        "state_objects": _best_us(
            lambda: observe_serial(world, bank, sim.vehicles, types, state, objects), n, 40
        ),
    }  # fmt: skip
