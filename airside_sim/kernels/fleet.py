"""One tick of an apron with many egos, in three calls: everybody moves, every ego looks, every ego is judged.

The order within a tick is that of a single env (`kernels.step`): the traffic sees the egos where they stand, the egos
drive, then each observes and is measured against all others where they have come to. Looking is each ego's own affair
and runs on threads; the rest is one after the other, so the results do not depend on the number of threads.
"""

import numpy as np

from airside_sim.by_reference import ref_at
from airside_sim.columns import Body, Crossing, Episode, Junction, Measured, Stand
from airside_sim.jit import njit, prange
from airside_sim.kernels.fleet_junctions import update_fleet_junctions
from airside_sim.kernels.fleet_place import LATER_TRIES, place, reset_apron
from airside_sim.kernels.fleet_puppets import gather_egos, put_puppet, remove_puppet
from airside_sim.kernels.fleet_roster import Presence, ego_world, first_body
from airside_sim.kernels.hazards import update_hazards
from airside_sim.kernels.inject import step_injections
from airside_sim.kernels.reset import begin_episode
from airside_sim.kernels.step import drive_ego, judge_ego, watch_ego
from airside_sim.kernels.traffic import step_traffic, write_bodies
from airside_sim.kernels.weather_change import step_conditions
from airside_sim.native_call import call_at

_OF_EGO = int(Crossing.EGO_INSIDE)  # columns of `Crossing` from here on are an ego's own marks


@njit
def _come_and_go(apron, r, b, vt, p, su, rt):
    """Egos that ended on the last tick leave; with `respawn` they start anew where there is room."""
    for i in range(r.world.shape[0]):
        w = ego_world(apron, r, i)
        if r.presence[i] == Presence.RUNS and w.episode[0, Episode.DONE] == 1.0:
            remove_puppet(apron, r, i)
            w.junction[0] = 0
    if r.respawn == 0:
        return
    for i in range(r.world.shape[0]):
        if r.presence[i] == Presence.OUT:
            place(apron, r, i, b, vt, p, su, rt, LATER_TRIES)


@njit
def move_all(apron, r, b, vt, at, p, q, su, rt, actions, is_reset):
    """A new beginning, or one tick of the traffic and of every ego's vehicle. actions: (n, 2) f64."""
    if is_reset:
        reset_apron(apron, r, b, vt, at, p, q, su, rt)
        return
    apron.episode[0, Episode.TICK] += 1.0
    step_conditions(0, apron)
    _come_and_go(apron, r, b, vt, p, su, rt)
    for i in range(r.world.shape[0]):
        if r.presence[i] == Presence.RUNS:
            ego_world(apron, r, i).episode[0, Episode.TICK] += 1.0
    gather_egos(apron, r)
    if r.presence[0] == Presence.RUNS:
        step_injections(0, ref_at(apron, r.stage[0]), b, vt, q)  # they happen to the first ego
    update_fleet_junctions(apron, r, b, q.junction_rank_s)
    step_traffic(0, apron, b, vt, at, q)
    for i in range(r.world.shape[0]):
        if r.presence[i] == Presence.RUNS:
            drive_ego(0, ego_world(apron, r, i), vt, p, actions[i, 0], actions[i, 1])
            put_puppet(apron, r, i, b)
    write_bodies(0, apron, b, vt, at, q)


@njit
def _copy_shared(apron, r, i, w):
    """The apron as ego i meets it: bodies without its own, and states of crossings, stands and junctions."""
    theirs = apron.body.reshape(apron.body.size)
    own = w.body.reshape(w.body.size)
    for k in range(own.shape[0]):  # flat: one run of wide moves
        own[k] = theirs[k]
    first = first_body(r, i)
    for n in range(first, first + r.each):
        w.body[0, n, Body.CLASS] = -1.0
    for k in range(w.crossing.shape[1]):
        for c in range(_OF_EGO):
            w.crossing[0, k, c] = apron.crossing[0, k, c]
    for k in range(w.stand.shape[1]):
        w.stand[0, k, Stand.AIRCRAFT] = apron.stand[0, k, Stand.AIRCRAFT]
        w.stand[0, k, Stand.CLOSED] = apron.stand[0, k, Stand.CLOSED]
        w.stand[0, k, Stand.OCCUPANTS] = apron.stand[0, k, Stand.OCCUPANTS]
    for j in range(w.junction.shape[1]):
        w.junction[0, j, Junction.HOLDERS] = apron.junction[0, j, Junction.HOLDERS]


@njit
def look(i, apron, r, b, vt, at, p, q):
    """Ego i observes and measures the others; it writes nothing but its own world."""
    if r.presence[i] == Presence.OUT:
        return
    w = ego_world(apron, r, i)
    _copy_shared(apron, r, i, w)
    update_hazards(0, w, b, at, q)
    watch_ego(0, w, b, vt, at, p, q)


@njit
def look_serial(apron, r, b, vt, at, p, q):
    """Every ego, one after the other."""
    for i in range(r.world.shape[0]):
        look(i, apron, r, b, vt, at, p, q)


@njit(parallel=True)
def look_parallel(look_at, apron, r, b, vt, at, p, q):
    """The same over threads, by the address of `look`."""
    for k in prange(r.world.shape[0]):
        call_at(look_at, (np.int64(k), apron, r, b, vt, at, p, q))


@njit
def _share_contacts(apron, r):
    """Who touches another ego is touched by it: rounding must not let one of them off."""
    for i in range(r.world.shape[0]):
        if r.presence[i] == Presence.OUT:
            continue
        hit = int(ego_world(apron, r, i).measured[0, Measured.HIT_VEHICLE])
        other = (hit - r.body0) // r.each
        if hit < r.body0 or other >= r.world.shape[0] or r.presence[other] == Presence.OUT:
            continue
        theirs = ego_world(apron, r, other).measured[0]
        if theirs[Measured.HIT_VEHICLE] < 0.0:
            theirs[Measured.HIT_VEHICLE] = first_body(r, i)


@njit
def judge_all(apron, r, b, vt, at, p, q):
    """Costs, rewards and ends of every ego that drove; the episodes of those just placed begin."""
    _share_contacts(apron, r)
    for i in range(r.world.shape[0]):
        w = ego_world(apron, r, i)
        if r.presence[i] == Presence.RUNS:
            judge_ego(0, w, b, vt, at, p, q)
        elif r.presence[i] == Presence.FRESH:
            begin_episode(0, w, vt, r.is_pushed[i] == 1)
            r.presence[i] = Presence.RUNS.value
        else:
            w.reward[0] = 0.0
            w.cost[0] = 0.0
            w.info[0] = 0.0
            w.terminated[0] = 0
            w.truncated[0] = 0
