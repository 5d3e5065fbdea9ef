"""Where a stand's equipment waits and serves, in the stand frame: origin nose-wheel stop, x to the nose, y to the left.

Beside the nose, ahead of the wings, lie strips across the fuselage: what serves there waits at the outer end of its
strip. Equipment for the aft holds and the wing waits abreast of the nose, outside the wing tips of any aircraft that
the stand may get, and drives back past the tip along the stand's side; all of it goes in forwards and reverses out.
"""

from airside_sim.constants import VehicleClass
from airside_sim.jit import njit
from airside_sim.turnaround_times import Equipment
from airside_sim.vehicles import VEHICLES

STAGE_SHIFT_M = 3.4  # outward from the service position: clear of a passing fuselage
WING_CLEAR_M = 2.2
TUG_HALF_M = 1.7
FUSELAGE_GAP_M = 0.4
LOOK_ASIDE_M = 2.3  # an aircraft looks 2 m beyond its wing tips
TIP_GAP_M = 0.9  # between a wing tip and what drives past it
TURN_M = 5.0  # radius of the rear axle, a belt loader's tightest is 4.6
WING_GAP_M = 1.0  # fuel dispenser to the leading edge
CATERING_M = 9.5  # longest thing in a strip
BESIDE_GAP_M = 6.0  # room that a stand needs beyond its largest wing tip for equipment to pass there
NUM_STRIPS = 6
WALK_GAP_M = 1.2  # people to the equipment's way
HALF_DISPENSER_M = 0.5 * float(VEHICLES.width_m[VehicleClass.HYDRANT_DISPENSER])
HALF_LOADER_M = 0.5 * float(VEHICLES.width_m[VehicleClass.BELT_LOADER])


@njit
def vehicle_of(k):
    """Class of equipment k."""
    if k == Equipment.GPU:
        return VehicleClass.GPU.value
    if k == Equipment.CATERING:
        return VehicleClass.CATERING_TRUCK.value
    if k == Equipment.BELT_FORWARD or k == Equipment.BELT_AFT:
        return VehicleClass.BELT_LOADER.value
    if k == Equipment.STAIRS:
        return VehicleClass.PASSENGER_STAIRS.value
    if k == Equipment.LAVATORY:
        return VehicleClass.LAVATORY_TRUCK.value
    if k == Equipment.FUEL:
        return VehicleClass.HYDRANT_DISPENSER.value
    return VehicleClass.DOLLY.value


@njit
def strip_of(k):
    """Equipment k < NUM_STRIPS -> (strip's centre x, side: -1 right, +1 left, gap to the fuselage in service)."""
    if k == Equipment.GPU:
        return 2.8, -1.0, FUSELAGE_GAP_M
    if k == Equipment.CATERING:
        return 0.45, -1.0, FUSELAGE_GAP_M
    if k == Equipment.BELT_FORWARD:
        return -3.85, -1.0, FUSELAGE_GAP_M
    if k == Equipment.STAIRS:
        return -0.9, 1.0, FUSELAGE_GAP_M
    if k == Equipment.DOLLY_1:
        return -1.85, -1.0, FUSELAGE_GAP_M + 2.2  # a short train beside the belt loader
    return -1.85, -1.0, FUSELAGE_GAP_M + 5.9


@njit
def nose_outline(at, kind):
    """-> (half width of the forward fuselage, front of wings and engines as x from the nose wheel), m."""
    half = 0.0
    front = -100.0
    for part in range(at.num_parts[kind]):
        side = abs(at.part_cy[kind, part]) > 0.3
        ahead = at.part_cx[kind, part]
        for i in range(at.part_nv[kind, part]):
            if side and ahead > -8.0:
                front = max(front, at.part_x[kind, part, i])
            elif not side and ahead > 0.0:
                half = max(half, abs(at.part_y[kind, part, i]))
    return half, front - at.wheelbase_m[kind]


@njit
def stand_limits(at, code):
    """Widest fuselage, foremost wing and half the widest span of the types that may use a stand of this code."""
    half = TUG_HALF_M
    front = -100.0
    tip = 0.0
    for kind in range(at.code.shape[0]):
        if at.code[kind] <= code:
            h, f = nose_outline(at, kind)
            half = max(half, h)
            front = max(front, f)
            tip = max(tip, 0.5 * at.span_m[kind])
    return half, front, tip


@njit
def wing_edges(at, kind, y):
    """Leading and trailing edge of the wing at a distance y from the centreline (at most the tip), x from main gear.

    Parts 2 and 3 of an outline are the wings: trapezoids from the centreline to the tip.
    """
    f = min(y / (0.5 * at.span_m[kind]), 1.0)
    root_rear = at.part_x[kind, 2, 0]
    root_lead = at.part_x[kind, 2, 1]
    tip_lead = at.part_x[kind, 2, 2]
    tip_rear = at.part_x[kind, 2, 3]
    return root_lead + f * (tip_lead - root_lead), root_rear + f * (tip_rear - root_rear)


@njit
def fuel_line_m(half):
    """Distance of the dispenser's line from the centreline: outside the staged strips."""
    return half + FUSELAGE_GAP_M + CATERING_M + STAGE_SHIFT_M + 0.3 + HALF_DISPENSER_M


@njit
def side_line_m(half, tip):
    """Distance of the line past the wing tips from the centreline, outside the dispenser's."""
    beyond_fuel = fuel_line_m(half) + HALF_DISPENSER_M + 0.5
    return max(tip + TIP_GAP_M, beyond_fuel) + HALF_LOADER_M


@njit
def walk_line_m(half, tip):
    """Distance of the way of people along the stand's sides, outside that of the equipment."""
    return side_line_m(half, tip) + HALF_LOADER_M + WALK_GAP_M


@njit
def side_stage_x(at, code, front, y, vt, cls):
    """Rear axle of what waits with its inner side y from the centreline, facing the tail, its front ahead of the wings.

    That is ahead of the box in which an aircraft that comes in looks for obstacles, of the types whose tips come near;
    no farther forward, since long vehicles sweep the corner of the stand. front: for a line that no tip comes near.
    """
    lead = -1e9
    for kind in range(at.code.shape[0]):
        if at.code[kind] <= code and 0.5 * at.span_m[kind] + LOOK_ASIDE_M > y:
            _, wing = nose_outline(at, kind)
            lead = max(lead, wing)
    return (lead if lead > -1e9 else front) + WING_CLEAR_M + vt.front_m[cls]


@njit
def aft_x(at, kind):
    """Middle of the aft hold's place: as near to the wing as the turn about its tip allows."""
    _, tip_rear = wing_edges(at, kind, 0.5 * at.span_m[kind])
    return tip_rear - TURN_M + 0.3 - at.wheelbase_m[kind]


@njit
def fuel_x(at, kind, line_m):
    """Front bumper of the dispenser when it serves an aircraft: before the wing's leading edge."""
    lead, _ = wing_edges(at, kind, line_m - HALF_DISPENSER_M)
    return lead + WING_GAP_M - at.wheelbase_m[kind]
