"""The traffic stage: everything that moves besides the ego, in a fixed order, and the bodies it shows.

Slots of `World.body`: aircraft [0, A), their tugs [A, 2A), five per mover from 2A, props, people.
"""

from airside_sim.jit import njit
from airside_sim.kernels.aircraft import reset_aircraft, step_aircraft, write_aircraft_bodies
from airside_sim.kernels.crossings import update_crossings
from airside_sim.kernels.hazards import update_hazards
from airside_sim.kernels.people import reset_people, step_people
from airside_sim.kernels.props import reset_props, step_props
from airside_sim.kernels.vehicles_step import reset_vehicles, step_vehicles

__all__ = ["reset_aircraft", "reset_ground", "reset_traffic", "step_ground", "step_traffic", "write_bodies"]


@njit
def reset_ground(e, w, b, vt, at, q):
    """Place vehicles, props and people round the ego; aircraft bodies are already written."""
    reset_vehicles(e, w, b, vt, q)
    reset_props(e, w, b, vt, at, q)
    reset_people(e, w, b, at, q)


@njit
def step_ground(e, w, b, vt, at, q):
    """One tick of vehicles, props and people, bodies included."""
    step_vehicles(e, w, b, vt, q)
    step_props(e, w, b, vt, at, q)
    step_people(e, w, b, at, q)


@njit
def reset_traffic(e, w, b, vt, at, q):
    """Populate the apron after the aircraft and the ego have been placed."""
    write_aircraft_bodies(e, w, b, at, vt, q)
    update_crossings(e, w, b, q)
    reset_ground(e, w, b, vt, at, q)
    update_hazards(e, w, b, at, q)


@njit
def step_traffic(e, w, b, vt, at, q):
    """One tick of all background traffic of env e, seeing the ego where it stands now."""
    step_aircraft(e, w, b, at, q)
    update_crossings(e, w, b, q)
    step_ground(e, w, b, vt, at, q)


@njit
def write_bodies(e, w, b, vt, at, q):
    """Bring `World.body` and the hazards to the present tick (ground bodies were written as they moved)."""
    write_aircraft_bodies(e, w, b, at, vt, q)
    update_hazards(e, w, b, at, q)
