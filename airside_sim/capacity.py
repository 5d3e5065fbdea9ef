"""How large a world's arrays must be for a bank of maps and the densest traffic and longest route on it."""

import math
from collections.abc import Sequence

import numpy as np

from airside_sim.env_config import EnvConfig
from airside_sim.mapping.bank import MapBank
from airside_sim.turnaround_times import NUM_EQUIPMENT
from airside_sim.world import Capacity

PEAK_VEHICLES = 60  # moving GSE at density 1
PEAK_PEOPLE = 60
MAX_AIRCRAFT = 64  # on larger airports the stands nearest to the route hold them
PROPS_PER_AIRCRAFT = NUM_EQUIPMENT
BODIES_PER_VEHICLE = 5  # itself and up to four dollies
IN_A_ROW_OF_ITS_OWN = ("uld_falls_off", "emergency_vehicle")  # of the vehicles' table
MAX_ROUTE_FEATURES = 96
MAX_HAZARDS = 64
ROUTE_MARGIN_M = 160.0  # train behind the start, overrun past the goal, lane ends


def capacity(bank: MapBank, configs: Sequence[EnvConfig], num_envs: int) -> Capacity:
    """Array sizes that any of the scenarios needs; those of the map tables are the largest map's."""
    aircraft = max(1, min(_largest(bank.map_stand0), MAX_AIRCRAFT))
    densest = max(config.max_traffic for config in configs)
    vehicles = max(1, math.ceil(PEAK_VEHICLES * densest))
    vehicles += max(sum(event.event in IN_A_ROW_OF_ITS_OWN for event in config.inject) for config in configs)
    people = max(1, math.ceil(PEAK_PEOPLE * densest))
    props = PROPS_PER_AIRCRAFT * aircraft
    return Capacity(
        num_envs=num_envs,
        vehicles=vehicles,
        aircraft=aircraft,
        people=people,
        props=props,
        bodies=2 * aircraft + BODIES_PER_VEHICLE * vehicles + props + people,
        route_points=math.ceil(max(config.route_length_m[1] for config in configs) + ROUTE_MARGIN_M),
        route_features=MAX_ROUTE_FEATURES,
        lanes=max(1, _largest(bank.map_lane0)),
        junctions=max(1, _largest(bank.map_junction0)),
        crossings=max(1, _largest(bank.map_crossing0)),
        stands=max(1, _largest(bank.map_stand0)),
        walk_crossings=max(1, _largest(bank.map_walkx0)),
        taxi_edges=max(1, _largest(bank.map_edge0)),
        hazards=MAX_HAZARDS,
    )


def _largest(offsets: np.ndarray) -> int:
    """Most entries any map of the bank has, from its (M+1,) offsets."""
    return int(np.diff(offsets).max())
