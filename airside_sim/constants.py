"""Every enumeration that kernels, rasters, observations and colours share.

Numba freezes module globals when it compiles, so nothing here is tunable: these are names, not settings.
"""

from enum import IntEnum

DT_S = 0.1  # one environment step, seconds (10 Hz)
BEV_CHANNELS = 34
OTHERS_ROUTE = BEV_CHANNELS  # the plane that `share_intentions` of a parallel env appends
BEV_SIZE = 128  # pixels a side before pooling
HISTORY_OFFSETS = (15, 10, 5, 0)  # ticks ago for k = 0..3; the frames t-16, t-11, t-6, t-1 of a list ending now
HISTORY_LEN = 16  # ring length, ticks
MAX_TRAILERS = 6
EGO_BODIES = 1 + MAX_TRAILERS
NUM_WAYPOINTS = 10
WAYPOINT_SPACING_M = 5.0
MAX_OBJECTS = 16
OBJECT_FEATURES = 12
LONG_SHIFT = 26  # a lane has a bit in its junction's masks for short bodies, and this much higher one for long ones
ROUTE_STEP_M = 1.0  # spacing of route points


class BevChannel(IntEnum):
    """The 34 binary planes of the bird's-eye view, in memory order."""

    SERVICE_ROAD = 0
    TAXIWAY = 1
    STAND_AREA = 2
    LANE_MARKING = 3
    STOP_LINE = 4
    BUILDING = 5
    RESTRICTED = 6
    SLOW_ZONE = 7
    ROUTE = 8
    NEXT_WAYPOINT = 9
    CLEARANCE_DENIED = 10
    CLEARANCE_GRANTED = 11
    HAZARD = 12
    EGO = 13
    AIRCRAFT_T16 = 14
    AIRCRAFT_T11 = 15
    AIRCRAFT_T6 = 16
    AIRCRAFT_T1 = 17
    GSE_T16 = 18
    GSE_T11 = 19
    GSE_T6 = 20
    GSE_T1 = 21
    CART_T16 = 22
    CART_T11 = 23
    CART_T6 = 24
    CART_T1 = 25
    FUEL_T16 = 26
    FUEL_T11 = 27
    FUEL_T6 = 28
    FUEL_T1 = 29
    PERSON_T16 = 30
    PERSON_T11 = 31
    PERSON_T6 = 32
    PERSON_T1 = 33


class ActorClass(IntEnum):
    """Observed classes; BEV channel = 14 + 4 * class + k."""

    AIRCRAFT = 0
    GSE = 1
    BAGGAGE_CART = 2
    FUEL_TRUCK = 3
    PERSONNEL = 4


class VehicleClass(IntEnum):
    """Rows of the vehicle table (`airside_sim.vehicles`)."""

    TRACTOR = 0
    BUS = 1
    BOWSER = 2
    FOLLOW_ME = 3
    DOLLY = 4
    BELT_LOADER = 5
    HYDRANT_DISPENSER = 6
    CATERING_TRUCK = 7
    TOWBAR_TUG = 8
    GPU = 9
    LAVATORY_TRUCK = 10
    PASSENGER_STAIRS = 11
    CONTAINER_LOADER = 12
    FIRE_ENGINE = 13
    ULD = 14  # a container off its dolly: no vehicle, but in the way like one


class AircraftPhase(IntEnum):
    """Life of one aircraft slot."""

    AWAY = 0  # slot empty, waits before the next arrival
    TAXI_IN = 1
    SHUTDOWN = 2  # on blocks, engines running down, beacon still on
    PARKED = 3
    BEACON_ON = 4  # about to be pushed; vehicles leave the stand zone
    PUSHBACK = 5
    START_UP = 6  # on the taxilane, tug disconnects
    TAXI_OUT = 7


class LaneKind(IntEnum):
    ROAD = 0
    CONNECTOR = 1  # through a junction cluster
    STAND_ACCESS = 2  # service loop at a stand or depot: vehicles may dwell here


class FeatureKind(IntEnum):
    """What can make a vehicle stop at a place on its lane."""

    TAXI_CROSSING = 0
    RUNWAY_CROSSING = 1
    STAND_ZONE = 2  # swept by aircraft entering or leaving a stand
    WALK_CROSSING = 3


class PoiKind(IntEnum):
    STAND = 0
    FUEL_DEPOT = 1
    BAGGAGE_HALL = 2
    GSE_PARKING = 3
    GATE = 4
    BUS_STATION = 5
    CATERING = 6


class SegmentKind(IntEnum):
    """Static line segments tested against the ego's bodies."""

    STRUCTURE = 0  # outline of a building or fixed obstacle
    PAVEMENT_EDGE = 1  # boundary of the drivable pavement
    RUNWAY_STRIP = 2  # boundary of an active runway's strip


class ClearanceState(IntEnum):
    NONE_NEEDED = 0
    REQUESTED = 1
    HELD = 2
    GRANTED = 3
    WITHDRAWN = 4


class TerminationReason(IntEnum):
    """Float-coded in `info["termination_reason"]`."""

    NONE = 0
    COMPLETED = 1
    COLLISION_AIRCRAFT = 2
    COLLISION_VEHICLE = 3
    COLLISION_PERSONNEL = 4
    COLLISION_STRUCTURE = 5
    RUNWAY_INCURSION = 6
    OFF_PAVEMENT = 7
    OFF_ROUTE = 8
    NO_PROGRESS = 9
    TIMEOUT = 10  # the only truncation
    CRITERION_FAILED = 11  # of the scenario's own (`airside_sim.criteria`)


class EventKind(IntEnum):
    """What the referee writes down (`World.event`)."""

    COMPLETED = 1
    COLLISION_AIRCRAFT = 2
    COLLISION_VEHICLE = 3
    COLLISION_PERSONNEL = 4
    COLLISION_STRUCTURE = 5
    RUNWAY_INCURSION = 6
    OFF_PAVEMENT = 7
    OFF_ROUTE = 8
    NO_PROGRESS = 9
    TIMEOUT = 10  # the first ten equal TerminationReason
    CROSSING_VIOLATION = 11
    CLEARANCE_REQUESTED = 12
    CLEARANCE_HELD = 13
    CLEARANCE_GRANTED = 14
    CLEARANCE_WITHDRAWN = 15
    CROSSING_VACATED = 16
    HAZARD_ENTERED = 17
    YIELDED = 18
    FOG_CAME = 19
    VEHICLE_BROKE_DOWN = 20
    TUG_BROKE_DOWN = 21
    PERSON_STEPPED_OUT = 22
    ULD_FELL_OFF = 23
    ULD_CLEARED = 24
    EMERGENCY_VEHICLE_CAME = 25
    ROGUE_DRIVER_CAME = 26
    LOW_VISIBILITY_BEGAN = 27
    LOW_VISIBILITY_ENDED = 28
    CRITERION_MISSED = 29
    CRITERION_FAILED = 30
    # rules broken (`airside_sim.rules`)
    EMERGENCY_VEHICLE_HINDERED = 40
    AIRCRAFT_HINDERED = 41
    PUSHBACK_HINDERED = 42
    PERSON_HINDERED = 43
    RIGHT_OF_WAY_TAKEN = 44
    STOP_LINE_RUN = 45
    CROSSING_BLOCKED = 46
    PASSED_BEHIND_ENGINES = 47
    LOW_VISIBILITY_SPEED = 48
    WRONG_SIDE_TAKEN = 49
    SPEEDING = 50


class InjectionKind(IntEnum):
    """What a scenario can make happen (`kernels.inject`)."""

    NONE = 0
    FOG = 1
    BREAKDOWN = 2
    TUG_BREAKDOWN = 3
    CLEARANCE_WITHDRAWN = 4
    PERSON_STEPS_OUT = 5
    ULD_FALLS_OFF = 6
    EMERGENCY_VEHICLE = 7
    ROGUE_DRIVER = 8


class Trigger(IntEnum):
    """What an injection waits for."""

    AT_S = 0  # time since the start
    AFTER_M = 1  # driven along the route
    BEFORE_CROSSING_M = 2  # front to the next stop line
    ON_EVENT = 3  # the referee has written this down


class VehicleRole(IntEnum):
    """What an injected event makes of a background vehicle's row."""

    DRIVER = 0
    ULD = 1  # a container on the road: it never moves
    EMERGENCY = 2  # a fire engine under lights: no limits, first at every junction
    ROGUE = 3  # a driver who ignores rules, but no body in his way


class StopReason(IntEnum):
    """Why a background actor stands still (soak test: no stop over 120 s without one)."""

    NONE = 0
    LEADER = 1
    JUNCTION = 2
    CROSSING = 3
    STAND_ZONE = 4
    PERSON = 5
    EGO = 6
    SERVICE = 7
    NO_ROOM = 8
    SCHEDULE = 9
    BREAKDOWN = 10


class HazardKind(IntEnum):
    """Kind column of `World.hazard`; 0 marks an unused row."""

    NONE = 0
    JET_BLAST = 1
    INTAKE = 2
    PUSHBACK = 3  # swept area of an aircraft about to move or moving off its stand
    FUELLING = 4


class Weather(IntEnum):
    CLEAR = 0
    RAIN = 1
    FOG = 2
    SNOW = 3


class Light(IntEnum):
    DAY = 0
    NIGHT = 1


class Sensing(IntEnum):
    FULL = 0
    RANGE = 1
    OCCLUDED = 2


class Rule(IntEnum):
    """Rows of `World.rule`, in the order in which others have the right of way; what each says is in `rules`."""

    EMERGENCY_VEHICLE = 0
    AIRCRAFT_PRIORITY = 1
    PUSHBACK = 2
    PEDESTRIAN_PRIORITY = 3
    GIVE_WAY = 4
    STOP_LINE = 5
    BLOCKING_CROSSING = 6
    BEHIND_ENGINES = 7
    LOW_VISIBILITY = 8
    WRONG_SIDE = 9
    SPEED = 10


class Role(IntEnum):
    """What a worker at a stand does (`kernels.people_roles`), the most wanted first."""

    NONE = 0
    LOADER_FORWARD = 1
    HEADSET = 2  # chocks and ground power on arrival, walks with the push
    MARSHALLER = 3
    LOADER_AFT = 4
    WING_WALKER_RIGHT = 5
    WING_WALKER_LEFT = 6
    FUELLER = 7
    LOADER_FORWARD_2 = 8
    LOADER_AFT_2 = 9
    SUPERVISOR = 10  # goes round the aircraft
