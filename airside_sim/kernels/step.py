"""The step: the order in which one tick happens, and the batch entry points that the simulator calls.

Serial and parallel entries run the same per-env function, so they agree bit for bit.
"""

import numpy as np

from airside_sim.jit import njit, prange
from airside_sim.kernels.clearance import update_clearance
from airside_sim.kernels.collision import measure
from airside_sim.kernels.dynamics import step_ego
from airside_sim.kernels.events import score
from airside_sim.kernels.reset import reset_env
from airside_sim.kernels.route_progress import update_progress
from airside_sim.kernels.sensing import sense_actors
from airside_sim.kernels.traffic import step_traffic, write_bodies
from airside_sim.world import Episode


@njit
def step_env(e, w, b, vt, at, p, q, action_steer, action_speed):
    """Advance env e by one tick of 0.1 s."""
    w.episode[e, Episode.TICK] += 1.0
    step_traffic(e, w, b, vt, at, q)
    step_ego(e, w, vt, p, action_steer, action_speed)
    update_progress(e, w, vt, p)
    write_bodies(e, w, b, vt, at, q)
    sense_actors(e, w, b, at, q)
    measure(e, w, b, vt, at, p)
    update_clearance(e, w, b, vt, p)
    score(e, w, b, vt, p)


@njit
def _step_or_reset(e, w, b, vt, at, p, q, sc, rt, actions, reset_mask):
    if reset_mask[e]:
        reset_env(e, w, b, vt, at, p, q, sc, rt)
    else:
        step_env(e, w, b, vt, at, p, q, actions[e, 0], actions[e, 1])


@njit
def step_batch(w, b, vt, at, p, q, sc, rt, actions, reset_mask):
    """One tick of every env; envs with reset_mask set begin a new episode instead. actions (E, 2) f64, mask (E,) u8."""
    for e in range(actions.shape[0]):
        _step_or_reset(e, w, b, vt, at, p, q, sc, rt, actions, reset_mask)


@njit(parallel=True)
def step_batch_parallel(w, b, vt, at, p, q, sc, rt, actions, reset_mask):
    """`step_batch` over threads."""
    for k in prange(actions.shape[0]):
        e = np.int64(k)  # prange counts in uint64, for which numba would compile every kernel again
        _step_or_reset(e, w, b, vt, at, p, q, sc, rt, actions, reset_mask)


@njit
def reset_batch(w, b, vt, at, p, q, sc, rt, reset_mask):
    """Begin a new episode in every env whose mask is set."""
    for e in range(reset_mask.shape[0]):
        if reset_mask[e]:
            reset_env(e, w, b, vt, at, p, q, sc, rt)


@njit(parallel=True)
def reset_batch_parallel(w, b, vt, at, p, q, sc, rt, reset_mask):
    """`reset_batch` over threads."""
    for k in prange(reset_mask.shape[0]):
        e = np.int64(k)
        if reset_mask[e]:
            reset_env(e, w, b, vt, at, p, q, sc, rt)
