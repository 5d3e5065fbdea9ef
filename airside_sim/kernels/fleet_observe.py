"""Observations and scripted drivers of every ego on a shared apron: the kernels of a single env on each ego's world."""

import math

import numpy as np

from airside_sim.columns import Ego, Episode
from airside_sim.constants import OTHERS_ROUTE
from airside_sim.jit import njit, prange
from airside_sim.kernels.bev import draw_planes, hand_out
from airside_sim.kernels.bev_layers import ROUTE_AHEAD_M, draw_band
from airside_sim.kernels.bev_static import make_view
from airside_sim.kernels.expert import drive
from airside_sim.kernels.fleet_roster import Presence, ego_world
from airside_sim.kernels.observe import observe_env
from airside_sim.native_call import call_at


@njit
def is_shown(apron, r, i):
    """Ego i is on the apron."""
    return r.presence[i] != Presence.OUT


@njit
def _draw_intentions(words, i, apron, r, g, vert, span):
    """OTHERS_ROUTE: the planned way of every other ego that drives within view."""
    ego = ego_world(apron, r, i).ego[0]
    view = make_view(ego[Ego.X], ego[Ego.Y], ego[Ego.HEADING], g.range_m, g.ahead_m)
    farthest_m = math.hypot(max(g.ahead_m, g.range_m - g.ahead_m), 0.5 * g.range_m) + ROUTE_AHEAD_M
    for other in range(r.world.shape[0]):
        w = ego_world(apron, r, other)
        if other == i or r.presence[other] == Presence.OUT or w.episode[0, Episode.DONE] == 1.0:
            continue
        if math.hypot(w.ego[0, Ego.X] - ego[Ego.X], w.ego[0, Ego.Y] - ego[Ego.Y]) < farthest_m:
            draw_band(words, OTHERS_ROUTE, view, w.route[0], w.episode[0], vert, span)


@njit
def render_ego(i, apron, r, b, at, g, packed, scratch, slot, out):
    """Frame of ego i into out, its row of `as_words`; with a plane of intentions when the scratch has one."""
    if not is_shown(apron, r, i):
        return
    words = scratch.words[slot]
    draw_planes(0, ego_world(apron, r, i), b, at, g, scratch, slot, words)
    if words.shape[0] > OTHERS_ROUTE:
        _draw_intentions(words, i, apron, r, g, scratch.vert[slot], scratch.span[slot])
    hand_out(words, g, packed, out)


@njit
def render_egos_serial(apron, r, b, at, g, packed, scratch, out):
    """Frames of all present egos on the calling thread; out (n, words) u64, rows of absent ones untouched."""
    for i in range(out.shape[0]):
        render_ego(i, apron, r, b, at, g, packed, scratch, 0, out[i])


@njit(parallel=True)
def render_egos_parallel(render_at, apron, r, b, at, g, packed, scratch, out):
    """The same over threads, by the address of `render_ego`: each scratch slot renders a share of the egos in turn."""
    num, slots = out.shape[0], scratch.words.shape[0]
    for k in prange(slots):
        slot = np.int64(k)
        for i in range(slot * num // slots, (slot + 1) * num // slots):
            call_at(render_at, (i, apron, r, b, at, g, packed, scratch, slot, out[i]))


@njit
def observe_ego(i, apron, r, b, vt, at, state, objects):
    """State (NUM_STATE,) f32 and objects (16, 12) f32 of ego i."""
    if is_shown(apron, r, i):
        observe_env(0, ego_world(apron, r, i), b, vt, at, state, objects)


@njit
def observe_egos_serial(apron, r, b, vt, at, state, objects):
    """All present egos: state (n, NUM_STATE) f32, objects (n, 16, 12) f32."""
    for i in range(state.shape[0]):
        observe_ego(i, apron, r, b, vt, at, state[i], objects[i])


@njit(parallel=True)
def observe_egos_parallel(observe_at, apron, r, b, vt, at, state, objects):
    """The same over threads, by the address of `observe_ego`."""
    for k in prange(state.shape[0]):
        i = np.int64(k)
        call_at(observe_at, (i, apron, r, b, vt, at, state[i], objects[i]))


@njit
def drive_egos(apron, r, b, vt, at, style, speed_scale, out):
    """Scripted actions of all present egos into out (n, 2) f64; (0, 0) for the others."""
    for i in range(out.shape[0]):
        out[i] = 0.0
        if is_shown(apron, r, i):
            drive(0, ego_world(apron, r, i), b, vt, at, style, speed_scale, out[i : i + 1])
