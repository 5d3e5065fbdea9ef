"""One turnaround on stage: a stand whose aircraft is about to arrive, all others at rest, the ego out of the way."""

import numpy as np

from airside_sim.columns import Aircraft, Body, Ego, Episode, Prop
from airside_sim.constants import AircraftPhase
from airside_sim.env_config import resolve
from airside_sim.episode_setup import Setup
from airside_sim.kernels.aircraft_motion import set_shape
from airside_sim.kernels.aircraft_schedule import begin_arrival, choose_type, go_away
from airside_sim.kernels.people import reset_people
from airside_sim.kernels.props import write_prop
from airside_sim.sim import Simulator
from airside_sim.turnaround_times import NUM_EQUIPMENT

ARRIVES_FROM_M = 200.0  # of its way in
CLEAR_M = 9.0  # between the ego and lanes or walkways
PATH_M = 30.0  # and the ways of aircraft
FAR_M = 1000.0
TRIES = 20
SEEDS_APART = 100_003
NEVER_S = 1e9


def make_stage(map_name: str, stand: int | str, seed: int) -> tuple[Simulator, int]:
    """A simulator of one env in which the aircraft of `stand` (its number on the map or its id) taxies in. -> slot."""
    config = resolve(
        "turnaround", map=map_name, obs_type="state", traffic=0.5, max_steps=0, weather="clear", light="day"
    )
    sim = Simulator(config, 1)
    slot = _best_equipped(sim, stand, seed)
    world, bank, q = sim.world, sim.bank, sim.traffic
    rows = world.aircraft[0]
    for i, row in enumerate(rows):
        moves = int(row[Aircraft.PHASE]) not in (AircraftPhase.AWAY, AircraftPhase.PARKED)
        if row[Aircraft.STAND] >= 0 and (moves or i == slot):
            go_away(0, world, bank, q, i)
        row[Aircraft.TIMER] = NEVER_S  # nobody else arrives
        row[Aircraft.READY] = 0.0
    world.queue_count[0] = 0  # nor gets ready
    _empty(sim, slot)
    world.setup[0, Setup.PARKED] = (rows[:, Aircraft.PHASE] == AircraftPhase.PARKED).mean()
    world.setup[0, Setup.MOVING_AIRCRAFT] = 1.0
    global_stand = int(rows[slot, Aircraft.STAND])
    park_ego(sim, 0, global_stand)
    rows[slot, Aircraft.PHASE] = AircraftPhase.PARKED  # so that its crew is there, too
    reset_people(0, world, bank, sim.aircraft_types, q)
    kind = choose_type(world.rng, 0, sim.aircraft_types, bank.stand_code[global_stand])
    set_shape(rows[slot], sim.aircraft_types, kind)
    path = bank.stand_path_in[global_stand]
    begin_arrival(0, world, bank, q, slot, max(bank.path_len[path] - ARRIVES_FROM_M, 0.0))
    return sim, slot


def _best_equipped(sim: Simulator, stand: int | str, seed: int) -> int:
    """Reset to the first of a few seeds that gives the stand all its equipment, or else the most. -> its slot."""
    counts = []
    for k in range(TRIES):
        sim.reset(seeds=np.array([seed + SEEDS_APART * k]))
        slot = _slot_of(sim, stand)
        counts.append(int(sim.world.prop[0, slot * NUM_EQUIPMENT : (slot + 1) * NUM_EQUIPMENT, Prop.ACTIVE].sum()))
        if counts[-1] == NUM_EQUIPMENT:
            return slot
    sim.reset(seeds=np.array([seed + SEEDS_APART * int(np.argmax(counts))]))
    return _slot_of(sim, stand)


def _slot_of(sim: Simulator, stand: int | str) -> int:
    """Aircraft slot of a stand that aircraft reach and leave."""
    stands = sim.maps[0].airport.stands
    names = [s.id for s in stands]
    number = names.index(stand) if stand in names else int(stand) if str(stand).isdigit() else -1
    slots = np.flatnonzero(sim.world.aircraft[0, :, Aircraft.STAND] == number)
    if not 0 <= number < len(stands) or not slots.size:
        raise ValueError(f"no stand {stand!r} on this map: a number below {len(stands)} or one of {', '.join(names)}")
    if min(sim.bank.stand_path_in[number], sim.bank.stand_path_push[number], sim.bank.stand_path_out[number]) < 0:
        raise ValueError(f"no aircraft reaches stand {stand!r}: choose another")
    return int(slots[0])


def _empty(sim: Simulator, slot: int) -> None:
    """Equipment of the slot goes back to its places."""
    for row in sim.world.prop[0, slot * NUM_EQUIPMENT : (slot + 1) * NUM_EQUIPMENT]:
        if row[Prop.ACTIVE] == 1.0:
            row[Prop.U] = row[Prop.SETTLED] = 0.0
            write_prop(row, sim.world.body[0], sim.vehicles)


def park_ego(sim: Simulator, e: int, stand: int) -> None:
    """Move the ego of env e near a (global) stand, so that people work there, but off every way."""
    world, bank = sim.world, sim.bank
    x, y, h = bank.stand_x[stand], bank.stand_y[stand], bank.stand_h[stand]
    spots = [
        (x + ahead * np.cos(h) - side * np.sin(h), y + ahead * np.sin(h) + side * np.cos(h))
        for ahead in np.arange(25.0, 90.0, 3.0)
        for side in (0.0, 12.0, -12.0, 24.0, -24.0, 40.0, -40.0)
    ]
    ways = ((bank.pt_x, bank.pt_y, CLEAR_M), (bank.walk_x, bank.walk_y, CLEAR_M), (bank.path_x, bank.path_y, PATH_M))
    free = [s for s in spots if all(np.hypot(px - s[0], py - s[1]).min(initial=1e9) > m for px, py, m in ways)]
    px, py = free[0] if free else (x + FAR_M, y)
    dx, dy = px - world.ego[e, Ego.X], py - world.ego[e, Ego.Y]
    world.ego[e, [Ego.X, Ego.Y]] += dx, dy
    world.ego_body[e, :, Body.X] += dx
    world.ego_body[e, :, Body.Y] += dy
    world.episode[e, [Episode.GOAL_STAND, Episode.GOAL_AT_STAND]] = stand, 1.0  # its crew is the first to be complete
