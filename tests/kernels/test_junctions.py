"""Junction locks: one entry at a time, longest waiter first, and an ego that parks does not close one for good."""

import numpy as np

from airside_sim.constants import VehicleClass
from airside_sim.kernels.junctions import (
    EGO_FLAG,
    ENTRY,
    HOLDERS,
    PARKED_TICKS,
    STANDING_TICKS,
    grant_junctions,
    is_free_for,
    release_junction,
    update_ego_junctions,
)
from airside_sim.world import Ego, Episode, Route, Vehicle
from tests.kernels.lane_net import vehicle_row


def asking(lane: int, waited_s: float, cls: int = VehicleClass.TRACTOR) -> np.ndarray:
    row = vehicle_row(lane, 5.0, cls)
    row[Vehicle.ASK] = 0.0
    row[Vehicle.ASK_LANE] = lane
    row[Vehicle.STOP_TIME] = waited_s
    return row


def test_entries_exclude_each_other_and_the_longest_waiter_wins() -> None:
    vehicles = np.stack([asking(3, 1.0), asking(5, 4.0), asking(5, 0.0)])
    junction = np.zeros((1, 4), np.int32)
    grant_junctions(vehicles, junction, 2.0)
    assert list(vehicles[:, Vehicle.HELD_JUNCTION]) == [-1.0, 0.0, -1.0]  # 2 shares the entry but 0 waits longer
    assert junction[0, HOLDERS] == 1
    assert junction[0, ENTRY] == 5
    vehicles[0, Vehicle.ASK] = -1.0
    grant_junctions(vehicles, junction, 2.0)
    assert vehicles[2, Vehicle.HELD_JUNCTION] == 0.0
    assert junction[0, HOLDERS] == 2
    assert not is_free_for(junction, 0, 3)
    release_junction(vehicles[1], junction, 0)
    release_junction(vehicles[2], junction, 0)
    assert junction[0, HOLDERS] == 0
    assert is_free_for(junction, 0, 3)


def test_a_bus_goes_before_an_equally_patient_tractor() -> None:
    vehicles = np.stack([asking(3, 1.0), asking(5, 1.0, VehicleClass.BUS)])
    junction = np.zeros((1, 4), np.int32)
    grant_junctions(vehicles, junction, 2.0)
    assert list(vehicles[:, Vehicle.HELD_JUNCTION]) == [-1.0, 0.0]


def test_random_askers_never_share_a_lock_from_two_entries() -> None:
    rng = np.random.default_rng(3)
    junction = np.zeros((1, 4), np.int32)
    vehicles = np.stack([asking(k % 3, 0.0) for k in range(9)])
    vehicles[:, Vehicle.ASK] = -1.0
    served = np.zeros(9)
    for _ in range(3000):
        for v in range(9):
            if vehicles[v, Vehicle.HELD_JUNCTION] < 0.0:
                vehicles[v, Vehicle.ASK] = 0.0
                vehicles[v, Vehicle.STOP_TIME] += 0.1
            elif rng.random() < 0.1:
                release_junction(vehicles[v], junction, 0)
                vehicles[v, Vehicle.STOP_TIME] = 0.0
                served[v] += 1
        grant_junctions(vehicles, junction, 2.0)
        holders = vehicles[:, Vehicle.HELD_JUNCTION] == 0.0
        assert junction[0, HOLDERS] == holders.sum()
        assert len(set(vehicles[holders, Vehicle.ASK_LANE])) <= 1
    assert served.min() > 0.5 * served.max()


def test_ego_takes_a_free_lock_and_a_parked_one_gives_it_back() -> None:
    lane_junction = np.array([-1, 0, -1], np.int32)
    route = np.zeros((60, len(Route)))
    route[20:30, Route.LANE] = 1.0
    route[30:, Route.LANE] = 2.0
    ego, episode = np.zeros(len(Ego)), np.zeros(len(Episode))
    ego[Ego.TRAIN_LENGTH], ego[Ego.SPEED] = 5.0, 3.0
    episode[Episode.ROUTE_POINTS], episode[Episode.S_FRONT] = 60.0, 12.0
    junction = np.zeros((1, 4), np.int32)
    update_ego_junctions(ego, episode, route, lane_junction, junction, 0)
    assert junction[0, EGO_FLAG] == 1
    assert not is_free_for(junction, 0, 7)
    ego[Ego.SPEED] = 0.0
    for _ in range(STANDING_TICKS):
        update_ego_junctions(ego, episode, route, lane_junction, junction, 0)
    assert junction[0, EGO_FLAG] == 0
    assert is_free_for(junction, 0, 7)
    episode[Episode.S_FRONT] = 24.0  # inside: the flag stays, but a wreck does not close the junction
    for _ in range(PARKED_TICKS + STANDING_TICKS + 2):
        update_ego_junctions(ego, episode, route, lane_junction, junction, 0)
    assert junction[0, EGO_FLAG] == 1
    assert is_free_for(junction, 0, 7)
