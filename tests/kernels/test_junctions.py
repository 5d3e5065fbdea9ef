"""Junction locks: movements that meet exclude each other, the longest waiter goes first, all locks or none, the ego.

The crossroads of `lane_net.crossroads`: entry 0 comes from the south, 1 from the east, 2 from the north, 3 the west.
"""

import numpy as np
import pytest
import shapely

from airside_sim.columns import LOCKS_PER_VEHICLE, Body, Ego, Episode, Junction, Route, Vehicle
from airside_sim.constants import EGO_BODIES, VehicleClass
from airside_sim.kernels.junctions import (
    PARKED_TICKS,
    STANDING_TICKS,
    add_ask,
    ask_slot,
    grant_junctions,
    held_slot,
    holds_any,
    is_free_for,
    note_movement,
    release_junction,
    update_ego_junctions,
)
from tests.kernels.lane_net import ENTRY, EXIT, LEFT, RIGHT, STRAIGHT, crossroads, crossroads_lines, vehicle_row

RANK_S = 2.0
BANK, AT = crossroads()
SOUTH, EAST, NORTH, WEST = range(4)


def locks(num: int = 1) -> np.ndarray:
    return np.zeros((num, len(Junction)), np.int64)


def ask(row: np.ndarray, arm: int, way: int) -> None:
    """Ask for junction 0: from entry `arm` by one of STRAIGHT, RIGHT, LEFT."""
    row[Vehicle.NUM_ASKS] = 0.0
    assert add_ask(row, 0, ENTRY + arm)
    note_movement(row, BANK, way + arm, 0)


def asking(arm: int, way: int = STRAIGHT, waited_s: float = 0.0, cls: int = VehicleClass.TRACTOR) -> np.ndarray:
    row = vehicle_row(ENTRY + arm, 44.0, cls)
    row[Vehicle.STOP_TIME] = waited_s
    ask(row, arm, way)
    return row


def holders(vehicles: np.ndarray, j: int = 0) -> list[int]:
    return [v for v, row in enumerate(vehicles) if held_slot(row, j) >= 0]


def release(row: np.ndarray, junction: np.ndarray) -> None:
    for slot in range(LOCKS_PER_VEHICLE):
        release_junction(row, junction, slot)


def test_opposite_streams_share_the_lock_and_crossing_ones_wait() -> None:
    vehicles = np.stack([asking(SOUTH, waited_s=3.0), asking(EAST, waited_s=2.0), asking(NORTH), asking(SOUTH)])
    junction = locks()
    grant_junctions(vehicles, junction, RANK_S)
    assert holders(vehicles) == [0]  # 1 waits for 0; 2 and 3 would meet 1, which has waited longer than they have
    vehicles[1, Vehicle.NUM_ASKS] = 0.0
    grant_junctions(vehicles, junction, RANK_S)
    assert holders(vehicles) == [0, 2, 3]
    assert junction[0, Junction.HOLDERS] == 3
    ask(vehicles[1], EAST, STRAIGHT)
    for v in (0, 2, 3):
        grant_junctions(vehicles, junction, RANK_S)
        assert 1 not in holders(vehicles)
        release(vehicles[v], junction)
    grant_junctions(vehicles, junction, RANK_S)
    assert holders(vehicles) == [1]
    assert junction[0, Junction.HOLDERS] == 1


def test_a_left_turn_waits_for_the_opposite_straight_and_a_right_turn_for_whom_it_joins() -> None:
    for way, onto in ((LEFT, NORTH), (RIGHT, WEST)):
        vehicles = np.stack([asking(onto, waited_s=1.0), asking(SOUTH, way)])
        junction = locks()
        grant_junctions(vehicles, junction, RANK_S)
        assert holders(vehicles) == [0], way
        release(vehicles[0], junction)
        grant_junctions(vehicles, junction, RANK_S)
        assert holders(vehicles) == [1], way


def test_a_bus_goes_before_an_equally_patient_tractor() -> None:
    for bus_first in (True, False):
        rows = [asking(SOUTH, waited_s=1.0), asking(EAST, waited_s=1.0, cls=VehicleClass.BUS)]
        vehicles = np.stack(rows[::-1] if bus_first else rows)
        grant_junctions(vehicles, locks(), RANK_S)
        assert holders(vehicles) == [0 if bus_first else 1]


@pytest.mark.parametrize(("holder_mps", "fair"), [(0.0, 0.6), (3.0, 0.5)])
@pytest.mark.parametrize("seed", range(4))
def test_random_askers_never_meet_and_nobody_starves(seed: int, holder_mps: float, fair: float) -> None:
    """Holders of different entries keep the room of the rule; the truth is the distance of their centrelines.

    Every third body is long, which needs more room in bends (of 10 and 14 m here). Others from the lane of a holder
    that drives may go with it, and more often so the less they meet.
    """
    rng = np.random.default_rng(seed)
    lines = [shapely.LineString(p) for p in crossroads_lines()]
    straight_m, bend_m = 3.4, 4.4
    num = 12
    is_long = np.arange(num) % 3 == 0
    classes = np.where(is_long, VehicleClass.CATERING_TRUCK, VehicleClass.TRACTOR)
    vehicles = np.stack([asking(v % 4, cls=classes[v]) for v in range(num)])
    way = np.full(num, STRAIGHT)
    junction = locks()
    served = np.zeros(num, int)
    together = squeezed = 0
    for _ in range(6000):
        for v, row in enumerate(vehicles):
            if holds_any(row):
                if rng.random() < 0.1:
                    release(row, junction)
                    row[[Vehicle.STOP_TIME, Vehicle.SPEED]] = 0.0
                    served[v] += 1
                    way[v] = rng.choice([STRAIGHT, RIGHT, LEFT])
            else:
                ask(row, v % 4, way[v])
                row[Vehicle.STOP_TIME] += 0.1
        grant_junctions(vehicles, junction, RANK_S)
        inside = holders(vehicles)
        vehicles[inside, Vehicle.SPEED] = holder_mps
        assert junction[0, Junction.HOLDERS] == len(inside)
        for i, u in enumerate(inside):
            for v in inside[:i]:
                if u % 4 != v % 4:
                    far_m = lines[way[u] + u % 4].distance(lines[way[v] + v % 4])
                    is_wide = (is_long[u] or is_long[v]) and not way[u] == way[v] == STRAIGHT
                    assert far_m >= (bend_m if is_wide else straight_m)
                    together += 1
                    squeezed += far_m < bend_m and not way[u] == way[v] == STRAIGHT
        assert vehicles[:, Vehicle.STOP_TIME].max() < 30.0  # of 12, each of which stays 1 s on average
    assert together > 100
    assert squeezed > 20  # short bodies where a long one would wait
    assert served.min() > fair * served.max()


def ask_for(row: np.ndarray, junctions: list[int], entry: int, mask: int) -> None:
    """Ask for several junctions; the movement in each is `mask` and meets `mask`."""
    row[Vehicle.NUM_ASKS] = 0.0
    for k, j in enumerate(junctions):
        assert add_ask(row, j, entry)
        row[Vehicle.ASK_MASK0 + k] = row[Vehicle.ASK_CONFLICT0 + k] = mask


@pytest.mark.parametrize("wanted", [[0, 1], [2, 0, 1], [3, 1, 0, 2]])
def test_several_locks_are_given_together_or_not_at_all(wanted: list[int]) -> None:
    for taken in wanted:
        vehicles = np.stack([vehicle_row(0, 5.0), vehicle_row(1, 5.0)])
        junction = locks(4)
        ask_for(vehicles[1], [taken], 1, 0b1)
        grant_junctions(vehicles, junction, RANK_S)
        assert holders(vehicles, taken) == [1]
        ask_for(vehicles[0], wanted, 0, 0b11)
        grant_junctions(vehicles, junction, RANK_S)
        assert not holds_any(vehicles[0])
        assert junction[:, Junction.HOLDERS].sum() == 1
        release(vehicles[1], junction)
        grant_junctions(vehicles, junction, RANK_S)
        assert all(holders(vehicles, j) == [0] for j in wanted)
        assert vehicles[0, Vehicle.NUM_ASKS] == 0.0
        assert [junction[j, Junction.HOLDERS] for j in range(4)] == [int(j in wanted) for j in range(4)]


def test_more_locks_than_free_slots_are_not_given() -> None:
    row = vehicle_row(0, 5.0)
    vehicles = row[None]
    junction = locks(LOCKS_PER_VEHICLE + 1)
    ask_for(vehicles[0], [0, 1], 0, 1)
    grant_junctions(vehicles, junction, RANK_S)
    rest = list(range(2, LOCKS_PER_VEHICLE))
    ask_for(vehicles[0], rest, 0, 1)
    assert ask_slot(vehicles[0], rest[-1]) == len(rest) - 1
    assert ask_slot(vehicles[0], LOCKS_PER_VEHICLE) == -1
    assert not add_ask(vehicles[0], LOCKS_PER_VEHICLE, 0)  # two slots are in use
    assert vehicles[0, Vehicle.NUM_ASKS] == len(rest)
    vehicles[0, Vehicle.NUM_ASKS] += 1.0  # asked before it got the two
    grant_junctions(vehicles, junction, RANK_S)
    assert list(junction[:, Junction.HOLDERS]) == [1, 1] + [0] * (LOCKS_PER_VEHICLE - 1)
    vehicles[0, Vehicle.NUM_ASKS] -= 1.0
    grant_junctions(vehicles, junction, RANK_S)
    assert list(junction[:, Junction.HOLDERS]) == [1] * LOCKS_PER_VEHICLE + [0]
    assert not add_ask(vehicles[0], LOCKS_PER_VEHICLE, 0)
    release(vehicles[0], junction)
    ask_for(vehicles[0], list(range(LOCKS_PER_VEHICLE)), 0, 1)
    assert not add_ask(vehicles[0], LOCKS_PER_VEHICLE, 0)


def test_random_sets_of_locks_lead_to_no_deadlock() -> None:
    rng = np.random.default_rng(8)
    num = 8
    vehicles = np.stack([vehicle_row(v, 5.0) for v in range(num)])
    junction = locks(5)
    wanted = [[0]] * num
    served = np.zeros(num, int)
    for _ in range(4000):
        for v, row in enumerate(vehicles):
            if holds_any(row):
                if rng.random() < 0.15:
                    release(row, junction)
                    row[Vehicle.STOP_TIME] = 0.0
                    served[v] += 1
                    first, count = rng.integers(5), rng.integers(1, 4)
                    wanted[v] = [int(first + k) % 5 for k in range(count)]
            else:
                ask_for(row, wanted[v], v, 1)
                row[Vehicle.STOP_TIME] += 0.1
        grant_junctions(vehicles, junction, RANK_S)
        for v, row in enumerate(vehicles):
            held = [j for j in range(5) if held_slot(row, j) >= 0]
            assert held in ([], sorted(wanted[v]))
        for j in range(5):
            assert len(holders(vehicles, j)) == junction[j, Junction.HOLDERS] <= 1  # every movement meets every other
        assert vehicles[:, Vehicle.STOP_TIME].max() < 60.0
    assert served.min() > 0.5 * served.max()


class EgoAtCrossroads:
    """The ego comes from the south and drives straight on; its route is entry 0, the junction, exit 2."""

    def __init__(self, vehicles: np.ndarray | None = None, way: int = STRAIGHT, exit_arm: int = NORTH) -> None:
        lanes = [ENTRY + SOUTH] * 48 + [way + SOUTH] * int(BANK.lane_len[way]) + [EXIT + exit_arm] * 48
        self.line = 48.0
        self.end = 48.0 + int(BANK.lane_len[way])
        self.route = np.zeros((len(lanes), len(Route)))
        self.route[:, Route.LANE] = lanes
        self.route[:48, Route.LANE_S] = np.arange(48.0)
        self.ego, self.episode = np.zeros(len(Ego)), np.zeros(len(Episode))
        self.ego_body = np.zeros((EGO_BODIES, len(Body)))
        self.ego_body[0, [Body.FRONT, Body.REAR, Body.HALF_WIDTH]] = 4.4, 1.1, 1.0  # a tractor
        self.ego[Ego.TRAIN_LENGTH], self.ego[Ego.SPEED] = 5.0, 3.0
        self.episode[Episode.ROUTE_POINTS] = len(lanes)
        self.vehicles = np.zeros((1, Vehicle.WIDTH)) if vehicles is None else vehicles
        self.junction = locks()

    def tick(self, to_line_m: float, speed: float = 3.0, times: int = 1) -> np.ndarray:
        """The ego's front is to_line_m before the junction; the lock's row after `times` ticks."""
        self.episode[Episode.S_FRONT] = self.line - to_line_m
        self.ego[Ego.SPEED] = speed
        for _ in range(times):
            update_ego_junctions(
                self.ego, self.ego_body, self.episode, self.route, BANK, self.vehicles, self.junction, 0
            )
        return self.junction[0]

    def grant(self) -> None:
        grant_junctions(self.vehicles, self.junction, RANK_S)

    def lets(self, arm: int, way: int = STRAIGHT, waited_s: float = 0.0) -> bool:
        """A newcomer from `arm` may take the lock."""
        rows = np.vstack([self.vehicles, asking(arm, way, waited_s)])
        conflict = int(BANK.lane_conflict[way + arm, 0])
        return is_free_for(rows, len(rows) - 1, self.junction, 0, ENTRY + arm, conflict, RANK_S)


def test_ego_takes_a_free_lock_within_reach_and_gives_it_back_behind() -> None:
    world = EgoAtCrossroads()
    assert world.tick(34.0)[Junction.EGO_FLAG] == 0
    lock = world.tick(30.0)
    assert lock[Junction.EGO_FLAG] == 1
    assert lock[Junction.EGO_LANE] == ENTRY + SOUTH
    assert lock[Junction.EGO_MASK] == BANK.lane_bit[STRAIGHT + SOUTH, 0]
    assert not world.lets(EAST)
    assert world.lets(NORTH)  # beside the ego's way
    assert not world.lets(NORTH, LEFT)
    assert world.lets(SOUTH, LEFT)  # behind the ego on its own lane
    for to_line_m in (1.0, -10.0, -20.0, -28.0):  # its tail leaves the junction 29 m beyond the line
        assert world.tick(to_line_m)[Junction.EGO_FLAG] == 1
        assert not world.lets(EAST)
    assert world.tick(-32.0)[Junction.EGO_FLAG] == 0
    assert world.lets(EAST)


def test_a_standing_ego_hands_its_grant_back_for_a_while_and_a_parked_one_closes_nothing() -> None:
    world = EgoAtCrossroads()
    world.tick(8.0)
    lock = world.tick(8.0, speed=0.0, times=STANDING_TICKS - 1)
    assert lock[Junction.EGO_FLAG] == 1
    assert not world.lets(EAST)
    lock = world.tick(8.0, speed=0.0)
    assert lock[Junction.EGO_FLAG] == 0
    assert world.lets(EAST)
    assert world.tick(8.0, speed=0.0)[Junction.EGO_FLAG] == 1  # nobody asks: its turn again
    wanted = EgoAtCrossroads(np.stack([asking(EAST)]))
    wanted.tick(8.0)
    wanted.tick(8.0, speed=0.0, times=STANDING_TICKS)
    assert wanted.tick(8.0, speed=0.0, times=STANDING_TICKS)[Junction.EGO_FLAG] == 0
    assert wanted.tick(8.0, speed=0.0)[Junction.EGO_FLAG] == 1
    world.tick(-10.0)
    assert not world.lets(EAST)
    lock = world.tick(-10.0, speed=0.0, times=PARKED_TICKS + 1)
    assert lock[Junction.EGO_FLAG] == 1
    assert world.lets(EAST)  # a wreck in the middle is an obstacle like any other


def test_an_ego_off_its_route_holds_nothing() -> None:
    world = EgoAtCrossroads()
    assert world.tick(5.0)[Junction.EGO_FLAG] == 1
    world.episode[Episode.LATERAL] = 6.5
    assert world.tick(5.0)[Junction.EGO_FLAG] == 0
    assert world.lets(EAST)


def test_an_asking_ego_stops_conflicting_newcomers_but_not_who_has_waited_longer() -> None:
    world = EgoAtCrossroads(np.stack([asking(EAST)]))
    world.grant()
    assert holders(world.vehicles) == [0]
    lock = world.tick(8.0, speed=0.0, times=50)
    assert lock[Junction.EGO_FLAG] == 0
    assert lock[Junction.EGO_WAIT] == 50  # 5 s
    release(world.vehicles[0], world.junction)
    assert not world.lets(WEST)
    assert not world.lets(WEST, waited_s=4.9)
    assert world.lets(WEST, waited_s=5.1)
    assert world.lets(NORTH)  # does not meet the ego's way
    assert world.lets(SOUTH)
    lock = world.tick(8.0, speed=0.0)
    assert lock[Junction.EGO_FLAG] == 1
    assert lock[Junction.EGO_WAIT] == 0
    assert not world.lets(WEST, waited_s=5.1)


@pytest.mark.parametrize("way", [STRAIGHT, LEFT])
def test_the_ego_s_turn_comes_in_an_endless_crossing_stream(way: int) -> None:
    """Cars follow each other from the east so closely that somebody holds the lock at any time, left alone."""
    world = EgoAtCrossroads(np.stack([asking(EAST) for _ in range(5)]), way, NORTH if way == STRAIGHT else WEST)
    inside = np.zeros(5, int)

    def drive(tick: int) -> None:
        for v, row in enumerate(world.vehicles):
            if holds_any(row):
                inside[v] += 1
                if inside[v] >= 40 + v:  # so they never leave together
                    release(row, world.junction)
                    inside[v] = 0
            elif tick % 10 == 2 * v:  # comes up to the line
                row[Vehicle.STOP_TIME] = 0.0
                ask(row, EAST, STRAIGHT)
        world.grant()

    for tick in range(200):
        drive(tick)
        assert tick < 10 or holders(world.vehicles)
    waited = 0
    while world.tick(8.0, speed=0.0)[Junction.EGO_FLAG] == 0:
        assert not world.lets(EAST)
        drive(waited)
        waited += 1
        assert waited < 50
    assert waited > 5
    assert not holders(world.vehicles)


def test_an_ego_behind_a_vehicle_on_its_entry_lane_does_not_ask_before_it() -> None:
    row = asking(SOUTH)
    world = EgoAtCrossroads(row[None])
    row = world.vehicles[0]
    row[Vehicle.S] = 45.0
    lock = world.tick(10.0)
    assert lock[Junction.EGO_FLAG] == 0
    assert lock[Junction.EGO_WAIT] == 0
    row[Vehicle.NUM_ASKS] = 0.0
    assert world.lets(EAST)  # the ego behind it does not count
    row[Vehicle.S] = 30.0  # behind the ego, whose front is at 38 m
    assert world.tick(10.0)[Junction.EGO_FLAG] == 1
    row[Vehicle.S] = 45.0  # somebody cut in
    assert world.tick(10.0)[Junction.EGO_FLAG] == 0
    row[Vehicle.LANE] = ENTRY + NORTH
    assert world.tick(10.0)[Junction.EGO_FLAG] == 1
