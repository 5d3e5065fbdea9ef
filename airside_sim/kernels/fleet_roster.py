"""The egos of one apron: where each one's world lies, and whether it drives.

The traffic of an apron with many egos is simulated once, in one world without an ego of its own: the apron. Each ego
has a world too (E = 1), whose traffic arrays are the apron's own memory, so that every kernel of a single env runs on
it unchanged. What differs from ego to ego is its own: the body list, in which it is absent itself, what it has seen,
hazards near it, and its marks on junctions, crossings and stands.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from airside_sim.by_reference import by_reference, ref_at
from airside_sim.jit import njit


class Presence(IntEnum):
    """Column values of `Roster.presence`."""

    OUT = 0  # not on the apron
    RUNS = 1  # its vehicle stands or drives there (also on the tick after its end, until it is taken away)
    FRESH = 2  # placed on this tick: it does not move yet


@by_reference
class Roster(NamedTuple):
    world: np.ndarray  # (n,) i64 address of each ego's world
    stage: np.ndarray  # (1,) i64 address of the first ego's world as injected events see it: without puppets
    presence: np.ndarray  # (n,) u8
    is_pushed: np.ndarray  # (n,) u8 a push across its route was staged for it
    turn: np.ndarray  # (n,) i64 scratch: order in which egos ask for junctions
    lock: np.ndarray  # (J, 2) i64 scratch: flags and waits of one ego before this tick
    vehicle0: int  # puppet of ego i: vehicle row vehicle0 + i, bodies from body0 + each * i on
    body0: int
    each: int  # bodies of the longest train
    respawn: int  # 1 = an ego that has ended gets a new route


@njit
def ego_world(apron, r, i):
    """World of ego i."""
    return ref_at(apron, r.world[i])


@njit
def first_body(r, i):
    """Body index of ego i's tractor among the apron's bodies."""
    return r.body0 + r.each * i
