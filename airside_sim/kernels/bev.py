"""The bird's-eye view of one env, and of a batch: drawn into bit planes once, then handed out packed or as bytes.

Drawing touches 70 kB that stay in the cache; only the last pass writes the 557 kB frame. Output arrays are passed as
64-bit words (`as_words`), which is how both forms are written fastest.
"""

from typing import NamedTuple

import numpy as np

from airside_sim.by_reference import by_reference
from airside_sim.columns import Ego, Episode
from airside_sim.constants import BEV_CHANNELS, BEV_SIZE
from airside_sim.jit import njit, prange
from airside_sim.kernels.bev_layers import (
    NEAR_CHUNK,
    draw_actors,
    draw_clearance,
    draw_ego,
    draw_hazards,
    draw_route,
)
from airside_sim.kernels.bev_pool import expand, pool_to_32, pool_to_64
from airside_sim.kernels.bev_static import NUM_STATIC, STRIP_WORDS, draw_static, make_view, tile_map
from airside_sim.native_call import call_at
from airside_sim.native_store import ALIGNMENT, stream_pair

_WORDS_PER_ROW = BEV_SIZE // 64


@by_reference
class BevGeometry(NamedTuple):
    size: int  # pixels a side handed out: 128, 64 or 32 (max-pooled)
    range_m: float  # metres a side
    ahead_m: float  # of those ahead of the ego reference


@by_reference
class BevScratch(NamedTuple):
    """Working memory; one slot serves one thread at a time and holds nothing between frames."""

    words: np.ndarray  # (slots, C, 128, 2) u64 bit planes; C = 34, more where an environment adds some
    strip: np.ndarray  # (slots, 1024) u8 eight rows of raster cells
    strip_words: np.ndarray  # (slots, 128) u64, the same memory
    origin: np.ndarray  # (slots, 2, 128) i64 where each row begins on the raster
    near: np.ndarray  # (slots, 512) u8 which of a chunk of bodies are near the image
    near_words: np.ndarray  # (slots, 64) u64, the same memory
    vert: np.ndarray  # (slots, 2, 16) f64 vertices in pixels
    span: np.ndarray  # (slots, 2, 128) f64 first and last u of a row


def allocate_scratch(slots: int, planes: int = BEV_CHANNELS) -> BevScratch:
    """Scratch for `slots` concurrent renderings: 1 for the serial entry, `num_slots(E)` for the parallel one."""
    words = np.zeros((slots, planes, BEV_SIZE, _WORDS_PER_ROW), np.uint64)
    strip_words = np.zeros((slots, STRIP_WORDS), np.uint64)
    near_words = np.zeros((slots, NEAR_CHUNK // 8), np.uint64)
    return BevScratch(
        words=words,
        strip=strip_words.view(np.uint8),
        strip_words=strip_words,
        origin=np.zeros((slots, 2, BEV_SIZE), np.int64),
        near=near_words.view(np.uint8),
        near_words=near_words,
        vert=np.zeros((slots, 2, 16)),
        span=np.zeros((slots, 2, BEV_SIZE)),
    )


def num_slots(num_envs: int) -> int:
    """Contiguous shares of a batch: a slot's scratch stays warm in one core's cache through its share."""
    return max(1, min(num_envs, 16))


def packed_shape(size: int) -> tuple[int, int, int]:
    """Shape of one packed frame, u8."""
    return (BEV_CHANNELS, size, size // 8)


def as_words(frames: np.ndarray) -> np.ndarray:
    """(E, 34, S, S) or packed (E, 34, S, S / 8) u8, C-contiguous -> (E, words) u64 view of the same memory."""
    assert frames.dtype == np.uint8, frames.dtype
    assert frames.flags.c_contiguous, frames.strides
    assert frames.ctypes.data % ALIGNMENT == 0, frames.ctypes.data
    return frames.reshape(frames.shape[0], -1).view(np.uint64)


@njit
def draw_planes(e, w, b, at, g, scratch, slot, words):
    """All 34 planes of env e into words (C, 128, 2) u64, whatever they held before; planes beyond them are cleared."""
    vert, span = scratch.vert[slot], scratch.span[slot]
    near, near_words = scratch.near[slot], scratch.near_words[slot]
    view = make_view(w.ego[e, Ego.X], w.ego[e, Ego.Y], w.ego[e, Ego.HEADING], g.range_m, g.ahead_m)
    tiles = tile_map(b, int(w.episode[e, Episode.MAP]))
    draw_static(words, view, tiles, scratch.strip[slot], scratch.strip_words[slot], scratch.origin[slot])
    words[NUM_STATIC:] = np.uint64(0)
    draw_route(words, view, w.route[e], w.episode[e], vert, span)
    train_m = w.ego[e, Ego.TRAIN_LENGTH]
    draw_clearance(words, view, w.feature[e], w.episode[e], train_m, b.cross_nv, b.cross_px, b.cross_py, vert, span)
    draw_hazards(words, view, w.hazard[e], vert, span)
    draw_ego(words, view, w.ego_body[e], vert, span)
    head, count = w.history_head[e], w.history_count[e]
    num_aircraft, body, history, seen = w.aircraft.shape[1], w.body[e], w.history[e], w.seen[e]
    draw_actors(words, view, body, history, seen, head, count, num_aircraft, at, near, near_words, vert, span)


@njit
def render_env(e, w, b, at, g, packed, scratch, slot, out):
    """Frame of env e into out, one env's row of `as_words`: bytes, or bits when `packed`; pooled to g.size."""
    words = scratch.words[slot]
    draw_planes(e, w, b, at, g, scratch, slot, words)
    hand_out(words, g, packed, out)


@njit
def hand_out(words, g, packed, out):
    """Drawn planes (C, 128, 2) pooled to g.size and written to out, as bytes or, when `packed`, as bits."""
    flat = words.reshape(words.size)
    if g.size <= 64:
        pool_to_64(words, flat)
    if g.size == 32:
        pool_to_32(words.shape[0], flat, flat)
    num_words = words.shape[0] * g.size * g.size // 64
    if packed:
        for k in range(0, num_words, 2):
            stream_pair(out, k, flat[k], flat[k + 1])
    else:
        expand(flat, num_words, out)


@njit
def render_serial(w, b, at, g, packed, scratch, out):
    """Frames of all envs on the calling thread; out (E, words) u64."""
    for e in range(out.shape[0]):
        render_env(e, w, b, at, g, packed, scratch, 0, out[e])


@njit(parallel=True)
def render_parallel(render_at, w, b, at, g, packed, scratch, out):
    """The same over threads, by the address of `render_env`: each scratch slot renders a share of the batch in turn."""
    num_envs, slots = out.shape[0], scratch.words.shape[0]
    for k in prange(slots):
        slot = np.int64(k)
        for e in range(slot * num_envs // slots, (slot + 1) * num_envs // slots):
            call_at(render_at, (e, w, b, at, g, packed, scratch, slot, out[e]))
