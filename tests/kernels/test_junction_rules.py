"""Who goes first at a junction: bodies too long to pass in a bend, who is inside already, platoons behind a holder."""

import numpy as np
import pytest

from airside_sim.columns import LOCKS_PER_VEHICLE, Body, Ego, Episode, Junction, Route, Vehicle
from airside_sim.constants import EGO_BODIES, VehicleClass
from airside_sim.kernels.junctions import (
    CLAIM_MAX_S,
    CLAIM_TICKS,
    INSIDE_FIRST_S,
    PLATOON_S,
    ROLLING_MPS,
    add_ask,
    grant_junctions,
    held_slot,
    holds_any,
    is_claimed_by_ego,
    is_claimed_by_other,
    is_free_for,
    is_long,
    note_movement,
    release_junction,
    update_ego_junctions,
)
from airside_sim.vehicles import VEHICLES
from tests.kernels.lane_net import ENTRY, STRAIGHT, circle, crossroads, net_from, vehicle_row

RANK_S = 2.0
INNER, OUTER = 0, 1  # the two lanes of a bend of 16 and 20 m, driven opposite ways
BEND, _ = net_from([circle(16.0, 1.5, 0.25), circle(20.0, 1.5, 0.25)[::-1]], [], [0, 0])
CROSSROADS, _ = crossroads()
SOUTH, EAST, NORTH, WEST = range(4)
SHORT_CLASS, LONG_CLASS = VehicleClass.TRACTOR, VehicleClass.BUS
LOADER = VehicleClass.CONTAINER_LOADER  # 9 m long, 4 m wide
SIZES = [(SHORT_CLASS, SHORT_CLASS), (SHORT_CLASS, LONG_CLASS), (LONG_CLASS, SHORT_CLASS), (LONG_CLASS, LONG_CLASS)]


def locks(num: int = 1) -> np.ndarray:
    return np.zeros((num, len(Junction)), np.int64)


def body_of(cls: VehicleClass) -> np.ndarray:
    row = np.zeros(len(Body))
    size = VEHICLES.front_m[cls], VEHICLES.rear_m[cls], 0.5 * VEHICLES.width_m[cls]
    row[[Body.FRONT, Body.REAR, Body.HALF_WIDTH]] = size
    return row


def in_bend(lane: int, cls: VehicleClass) -> np.ndarray:
    """Comes from lane 10 + `lane` and asks for the bend."""
    row = vehicle_row(10 + lane, 5.0, cls)
    assert add_ask(row, 0, 10 + lane)
    note_movement(row, BEND, lane, 0)
    return row


@pytest.mark.parametrize(("first", "second"), SIZES)
def test_short_bodies_pass_each_other_in_a_bend_and_a_long_one_has_it_alone(
    first: VehicleClass, second: VehicleClass
) -> None:
    vehicles = np.stack([in_bend(INNER, first), in_bend(OUTER, second)])
    junction = locks()
    grant_junctions(vehicles, junction, RANK_S)
    assert junction[0, Junction.HOLDERS] == (2 if first == second == SHORT_CLASS else 1)


@pytest.mark.parametrize(("ego", "other"), SIZES)
def test_so_does_the_ego(ego: VehicleClass, other: VehicleClass) -> None:
    route = np.zeros((40, len(Route)))
    route[:20, Route.LANE], route[20:, Route.LANE] = 2, INNER
    bank = BEND._replace(lane_junction=np.array([0, 0, -1], np.int32))
    ego_row, episode, bodies = np.zeros(len(Ego)), np.zeros(len(Episode)), np.zeros((EGO_BODIES, len(Body)))
    bodies[0] = body_of(ego)
    ego_row[[Ego.TRAIN_LENGTH, Ego.SPEED]] = 5.0, 3.0
    episode[[Episode.ROUTE_POINTS, Episode.S_FRONT]] = 40.0, 14.0
    junction = locks()
    vehicles = in_bend(OUTER, other)[None]
    update_ego_junctions(ego_row, bodies, episode, route, bank, vehicles, junction, 0)
    assert junction[0, Junction.EGO_FLAG] == 1
    grant_junctions(vehicles, junction, RANK_S)
    assert holds_any(vehicles[0]) == (ego == other == SHORT_CLASS)
    # And the other way round: who holds the bend keeps the ego out of it on the same terms.
    junction = locks()
    vehicles = in_bend(OUTER, other)[None]
    grant_junctions(vehicles, junction, RANK_S)
    update_ego_junctions(ego_row, bodies, episode, route, bank, vehicles, junction, 0)
    assert junction[0, Junction.EGO_FLAG] == int(ego == other == SHORT_CLASS)


def test_who_is_long() -> None:
    def needs_the_bend(body) -> bool:
        return is_long(body[Body.FRONT] + body[Body.REAR], 2.0 * body[Body.HALF_WIDTH])

    long_classes = [cls for cls in VehicleClass if needs_the_bend(body_of(cls))]
    assert long_classes == [
        LONG_CLASS,
        VehicleClass.BOWSER,
        VehicleClass.BELT_LOADER,
        VehicleClass.CATERING_TRUCK,
        VehicleClass.PASSENGER_STAIRS,
        LOADER,
        VehicleClass.FIRE_ENGINE,
    ]
    wide = body_of(SHORT_CLASS)
    wide[Body.HALF_WIDTH] = 1.5
    assert needs_the_bend(wide)


def ask_for(row: np.ndarray, junctions: list[int], entry: int) -> None:
    row[Vehicle.NUM_ASKS] = 0.0
    for k, j in enumerate(junctions):
        assert add_ask(row, j, entry)
        row[Vehicle.ASK_MASK0 + k] = row[Vehicle.ASK_CONFLICT0 + k] = 1


@pytest.mark.parametrize("inside", [0, 1])
def test_who_is_inside_goes_before_who_has_waited_longer_outside(inside: int) -> None:
    """A stands in junction 0 and needs 1; B outside needs both, has waited longer and is a bus: else neither moves."""
    outside = 1 - inside
    vehicles = np.stack([vehicle_row(4, 5.0), vehicle_row(5, 5.0)])
    vehicles[outside, Vehicle.CLASS] = VehicleClass.BUS
    junction = locks(2)
    ask_for(vehicles[inside], [0], 4)
    grant_junctions(vehicles, junction, RANK_S)
    ask_for(vehicles[inside], [1], 4)
    ask_for(vehicles[outside], [0, 1], 5)
    vehicles[inside, Vehicle.STOP_TIME], vehicles[outside, Vehicle.STOP_TIME] = 3.0, 0.5 * INSIDE_FIRST_S
    grant_junctions(vehicles, junction, RANK_S)
    assert held_slot(vehicles[inside], 0) >= 0
    assert held_slot(vehicles[inside], 1) >= 0
    assert not holds_any(vehicles[outside])
    for slot in range(LOCKS_PER_VEHICLE):
        release_junction(vehicles[inside], junction, slot)
    grant_junctions(vehicles, junction, RANK_S)
    assert junction[:, Junction.HOLDERS].tolist() == [1, 1]
    assert held_slot(vehicles[outside], 1) >= 0


def at_crossroads(arm: int, waited_s: float) -> np.ndarray:
    row = vehicle_row(ENTRY + arm, 44.0)
    row[Vehicle.STOP_TIME] = waited_s
    assert add_ask(row, 0, ENTRY + arm)
    note_movement(row, CROSSROADS, STRAIGHT + arm, 0)
    return row


def follower_may(holder_arm: int, holder_mps: float, waited_s: float, own_s: float = 0.0, ego_wait: int = 0) -> bool:
    """Who comes from the east may enter behind a holder while somebody from the south has waited for waited_s."""
    holder = at_crossroads(holder_arm, 0.0)
    holder[Vehicle.SPEED] = holder_mps
    holder = holder[None]
    junction = locks()
    grant_junctions(holder, junction, RANK_S)
    assert holds_any(holder[0])
    vehicles = np.vstack([holder, at_crossroads(SOUTH, waited_s), at_crossroads(EAST, own_s)])
    if ego_wait:
        vehicles[1, Vehicle.ACTIVE] = 0.0
        junction[0, Junction.EGO_LANE], junction[0, Junction.EGO_WAIT] = ENTRY + SOUTH, ego_wait
        junction[0, Junction.EGO_MASK] = CROSSROADS.lane_bit[STRAIGHT + SOUTH, 0]
    conflict = int(CROSSROADS.lane_conflict[STRAIGHT + EAST, 0])
    return bool(is_free_for(vehicles, 2, junction, 0, ENTRY + EAST, conflict, RANK_S))


def test_who_follows_a_moving_holder_goes_with_it_until_somebody_has_waited_long() -> None:
    rolling, late = ROLLING_MPS + 0.5, PLATOON_S + 1.0
    assert follower_may(EAST, rolling, PLATOON_S - 0.5)
    assert not follower_may(EAST, rolling, late)
    assert follower_may(EAST, rolling, late, own_s=late + 1.0)  # has itself waited longest
    assert not follower_may(EAST, ROLLING_MPS - 0.5, PLATOON_S - 0.5)  # it stands inside: nothing is won
    assert not follower_may(WEST, rolling, PLATOON_S - 0.5)  # comes from another lane
    assert follower_may(WEST, rolling, 1.0, own_s=2.0)


def test_the_ego_waits_for_a_platoon_no_longer_than_others_do() -> None:
    assert follower_may(EAST, 3.0, 0.0, ego_wait=round(10 * PLATOON_S) - 5)
    assert not follower_may(EAST, 3.0, 0.0, ego_wait=round(10 * PLATOON_S) + 5)
    assert not follower_may(EAST, 0.0, 0.0, ego_wait=5)


ROOM_LANE = 20


def claims(waited_s: float, own_s: float, inside: bool = False) -> bool:
    """Whether somebody who has stood for waited_s for room on a lane keeps it from who has stood for own_s."""
    vehicles = np.stack([vehicle_row(4, 5.0), vehicle_row(5, 5.0)])
    vehicles[:, Vehicle.CLAIM] = ROOM_LANE
    vehicles[:, Vehicle.STOP_TIME] = waited_s, own_s
    lock = locks()[0]
    lock[Junction.EGO_EXIT], lock[Junction.EGO_STOOD] = ROOM_LANE, round(10 * waited_s)
    if inside:
        ask_for(vehicles[1], [0], 5)
        grant_junctions(vehicles[1:], locks(), RANK_S)
    other = is_claimed_by_other(vehicles, 1, ROOM_LANE)
    ego = is_claimed_by_ego(vehicles[1], lock, ROOM_LANE)
    assert not is_claimed_by_other(vehicles, 1, ROOM_LANE + 1)
    assert not is_claimed_by_ego(vehicles[1], lock, ROOM_LANE + 1)
    assert ego == other
    return bool(ego)


def test_room_beyond_a_junction_goes_to_who_has_stood_longest_for_it() -> None:
    assert claims(waited_s=5.0, own_s=0.0)
    assert not claims(waited_s=5.0, own_s=6.0)
    assert not claims(waited_s=0.5, own_s=0.0)


def test_a_claim_to_room_holds_others_only_for_a_while_and_nobody_inside() -> None:
    assert claims(waited_s=80.0, own_s=CLAIM_MAX_S - 1.0)
    assert not claims(waited_s=80.0, own_s=CLAIM_MAX_S)
    assert not claims(waited_s=5.0, own_s=0.0, inside=True)
    lock = locks()[0]
    lock[Junction.EGO_EXIT], lock[Junction.EGO_STOOD] = ROOM_LANE, CLAIM_TICKS + 1
    assert not is_claimed_by_ego(vehicle_row(5, 5.0), lock, ROOM_LANE)
