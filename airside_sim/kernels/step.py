"""The step: the order in which one tick happens, and the entry points that the simulator calls.

Stepping and resetting share their entry points, since each holds most of the other's code. Serial and parallel entries
run the same per-env function, so they agree bit for bit.
"""

import numpy as np

from airside_sim.columns import Episode
from airside_sim.jit import njit, prange
from airside_sim.kernels.clearance import update_clearance
from airside_sim.kernels.collision import measure
from airside_sim.kernels.dynamics import step_ego
from airside_sim.kernels.events import score
from airside_sim.kernels.inject import step_injections
from airside_sim.kernels.reset import reset_env
from airside_sim.kernels.route_progress import update_progress
from airside_sim.kernels.rules import update_rules
from airside_sim.kernels.sensing import sense_actors
from airside_sim.kernels.traffic import step_traffic, write_bodies
from airside_sim.kernels.weather_change import step_conditions
from airside_sim.native_call import call_at

STEP, RESET, REST = 0, 1, 2  # orders to an env


@njit
def drive_ego(e, w, vt, p, action_steer, action_speed):
    """The ego's tick: its train moves, its place on the route follows."""
    step_ego(e, w, vt, p, action_steer, action_speed)
    update_progress(e, w, vt, p)


@njit
def watch_ego(e, w, b, vt, at, p, q):
    """What the ego observes, touches and is near to, all others standing where they stand now."""
    sense_actors(e, w, b, at, q)
    measure(e, w, b, vt, at, p)


@njit
def judge_ego(e, w, b, vt, at, p, q):
    """Clearances and rules, then the tick's end, costs and rewards."""
    update_clearance(e, w, b, vt, p)
    update_rules(e, w, b, at, p, q)
    score(e, w, b, vt, p)


@njit
def step_env(e, w, b, vt, at, p, q, action_steer, action_speed):
    """Advance env e by one tick of 0.1 s."""
    w.episode[e, Episode.TICK] += 1.0
    step_conditions(e, w)
    step_injections(e, w, b, vt, q)
    step_traffic(e, w, b, vt, at, q)
    drive_ego(e, w, vt, p, action_steer, action_speed)
    write_bodies(e, w, b, vt, at, q)
    watch_ego(e, w, b, vt, at, p, q)
    judge_ego(e, w, b, vt, at, p, q)


@njit
def advance_env(e, w, b, vt, at, p, q, su, rt, actions, order):
    """What order[e] says: one tick of env e, a new episode, or nothing."""
    if order[e] == RESET:
        reset_env(e, w, b, vt, at, p, q, su, rt)
    elif order[e] == STEP:
        step_env(e, w, b, vt, at, p, q, actions[e, 0], actions[e, 1])


@njit
def advance_serial(w, b, vt, at, p, q, su, rt, actions, order):
    """Every env, one after the other. actions (E, 2) f64, order (E,) u8."""
    for e in range(actions.shape[0]):
        advance_env(e, w, b, vt, at, p, q, su, rt, actions, order)


@njit(parallel=True)
def advance_parallel(advance_at, w, b, vt, at, p, q, su, rt, actions, order):
    """The same over threads, by the address of `advance_env`."""
    for k in prange(actions.shape[0]):
        e = np.int64(k)  # prange counts in uint64
        call_at(advance_at, (e, w, b, vt, at, p, q, su, rt, actions, order))
