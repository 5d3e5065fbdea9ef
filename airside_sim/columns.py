"""Named columns of `World`'s arrays: kernels write `world.ego[e, Ego.SPEED]`. Integers inside float64 tables are exact.

Map ids in here (lane, stand ...) are GLOBAL bank ids unless a comment says local.
"""

from enum import IntEnum

LOCKS_PER_VEHICLE = 6  # junctions too close together for a vehicle to stand between are locked at once
LANES_PER_VEHICLE = 7  # the front lane and PREV_LANE0..5


class Ego(IntEnum):
    X = 0  # rear axle of the tractor, m
    Y = 1
    HEADING = 2
    SPEED = 3  # forward, m/s, >= 0
    LATERAL_SPEED = 4
    YAW_RATE = 5
    ACCEL = 6  # realised over the last tick
    STEER = 7  # front wheel angle, rad
    STEER_CMD = 8  # delayed command, rad
    SPEED_CMD = 9
    PID_INTEGRAL = 10
    PREV_ACTION_STEER = 11
    PREV_ACTION_SPEED = 12
    PREV_ACCEL = 13
    VEHICLE = 14  # VehicleClass row
    TRAILERS = 15  # number of dollies
    TRAIN_LENGTH = 16  # front bumper to tail, m
    EMERGENCY = 17  # 1 while emergency braking
    LADEN = 18  # mass of the train behind the tractor, kg
    STEER_DELTA = 19  # change of STEER over the last tick, rad
    ODOMETER = 20  # m driven, starts at 1 (0 in `World.halt` means never seen)


class Body(IntEnum):
    """An oriented outline: box from -REAR to +FRONT along (COS, SIN), HALF_WIDTH aside."""

    X = 0
    Y = 1
    COS = 2
    SIN = 3
    FRONT = 4
    REAR = 5
    HALF_WIDTH = 6  # disc radius for people; half span for aircraft
    RADIUS = 7  # bounding circle about (X, Y)
    VX = 8
    VY = 9
    CLASS = 10  # ActorClass, -1 = absent
    SHAPE = 11  # VehicleClass row (boxes), aircraft type row (aircraft), -1 disc
    BEACON = 12
    OWNER = 13  # first body index of the same actor (dolly -> its tractor)


class Route(IntEnum):
    X = 0
    Y = 1
    HEADING = 2
    LIMIT = 3  # m/s
    LANE = 4
    LANE_S = 5  # arc length on that lane
    OPPOSITE = 6  # 1 = oncoming lane beside
    HALF_WIDTH = 7  # of the lane


class RouteFeature(IntEnum):
    KIND = 0  # FeatureKind
    ID = 1
    S_STOP = 2  # route arc length where the front bumper stops
    S_IN = 3
    S_OUT = 4
    STATE = 5  # ClearanceState (crossings)
    TIMER = 6  # s until the answer
    ENTERED = 7  # 1 once the front passed the line, 2 once the tail has left
    VIOLATED = 8  # 1 = passed the line without a grant on this tick, 2 = booked
    CONFLICT = 9  # 1 = ego has had to yield here (yield reward pending), 3 = cleared on this tick, 2 = over
    WITHHELD = 10  # s that the controller still keeps the crossing closed
    STOOD = 11  # 1 = the ego has come to rest at this line
    OWED = 12  # 1 = closed for people or an aircraft while the ego could still stop at the line


class Inject(IntEnum):
    """State of an injected event (`kernels.inject`)."""

    STATE = 0  # 0 absent, 1 armed, 2 active, 3 over
    LEFT = 1  # s
    TARGET = 2  # vehicle, aircraft slot or feature it happens to
    FROM = 3  # at its start: visibility, m; the driver's own speed factor; looks taken in vain
    RETRY = 4  # ticks until it looks again for somebody to happen to


class Episode(IntEnum):
    MAP = 0
    TICK = 1
    MAX_TICKS = 2  # 0 = no limit
    ROUTE_POINTS = 3
    ROUTE_START = 4  # arc length of the front bumper at spawn
    ROUTE_LENGTH = 5  # arc length of the goal
    S_REAR = 6  # projection of the rear axle
    S_FRONT = 7  # projection of the front bumper
    S_MAX = 8  # largest S_FRONT credited
    LATERAL = 9  # distance of the rear axle from the route polyline, left positive
    HEADING_ERROR = 10
    NUM_FEATURES = 11
    GOAL_AT_STAND = 12
    GOAL_STAND = 13
    START_STAND = 14
    STALL_TICKS = 15
    DONE = 16  # 1 = ended on the last step (NEXT_STEP autoreset resets it)
    SEED = 17
    WAYPOINTS_PAID = 18
    DENSITY = 19
    EPISODE_INDEX = 20
    STALL_MARK = 21  # S_MAX when STALL_TICKS was last cleared
    HARD_COST = 22  # sum of hard costs so far
    BLOCKED = 23  # 1 = something ahead excuses standing still (set while stalling)
    GOAL_LANE = 24  # lane of the goal, global: nobody else is sent there
    WAITS_FREE = 25  # ticks spent waiting for aircraft that may still extend MAX_TICKS
    RING = 26  # m by which the vehicles' bubble round the ego is wider, so that its lanes have room for them
    SCENARIO = 27  # which of the simulator's scenarios this episode is
    EVENTS = 28  # bit k: the referee has recorded EventKind k
    SOFT_COST = 29  # sum of soft costs so far (this and the next four: only where the scenario has criteria)
    TOP_SPEED = 30  # m/s
    NEAR_AIRCRAFT = 31  # least distance kept in motion, m
    NEAR_PERSON = 32
    MISSED = 33  # success criteria not met on arrival


class Sky(IntEnum):
    WEATHER = 0  # constants.Weather
    LIGHT = 1
    VISIBILITY = 2  # m
    FRICTION = 3  # mu
    DROPOUT = 4  # probability a tick that an actor is missed
    NOISE = 5  # sigma of observed positions, m
    LVP = 6  # low-visibility procedures on
    SPEED_CAP = 7  # m/s
    INTENSITY = 8  # 0..1
    SENSING = 9
    DARKNESS = 10  # 0 day .. 1 night, for pictures


class Vehicle(IntEnum):
    """A background GSE mover on lanes."""

    ACTIVE = 0
    LANE = 1
    S = 2  # front bumper arc length on LANE
    SPEED = 3
    ACCEL = 4
    CLASS = 5  # VehicleClass
    TRAILERS = 6
    LENGTH = 7  # bumper to tail, m
    DEST = 8  # global destination
    DWELL = 9  # s left at a stop
    STOP_REASON = 10
    STOP_TIME = 11  # s standing
    DESIRED = 12  # speed factor; m/s of an emergency vehicle
    NUM_ASKS = 13  # junctions asked for, all at once
    LEADER = 14  # body index or -1
    MISSIONS = 15
    BODY = 16  # first body slot
    PREV_LANE0 = 17  # lanes behind the front, newest first: rail for the tail
    PREV_LANE1 = 18
    PREV_LANE2 = 19
    PREV_LANE3 = 20
    PREV_LANE4 = 21
    PREV_LANE5 = 22
    FEATURE_STOP = 23  # 1 = stands in a closed stand zone it must leave
    TARGET_GAP = 24  # s, IDM headway
    NEXT_DEST = 25  # global destination after DEST: the path goes on beyond it
    SPEED_CAP = 26  # m/s: limits and curves ahead
    HELD0 = 27  # local junctions whose locks it holds, -1 none (LOCKS_PER_VEHICLE columns each from here on)
    HELD_LANE0 = 33  # lane by which it enters that junction, global
    HELD_MASK0 = 45  # lanes of the junction it will drive: their bits (`MapBank.lane_bit`)
    ASK0 = 39  # local junctions asked for
    ASK_LANE0 = 51
    ASK_MASK0 = 57
    ASK_CONFLICT0 = 63  # bits of the lanes that these conflict with
    IS_LONG = 69  # 1 = needs the whole of a bend (`MapBank.lane_bit` column)
    CLAIM = 70  # lane beyond the junctions asked for, global: it needs room there; -1 when it asks for none
    BROKEN = 71  # s that it still stands with a breakdown
    ROLE = 72  # constants.VehicleRole
    WIDTH = 73  # number of columns


class Aircraft(IntEnum):
    TYPE = 0  # aircraft table row
    PHASE = 1  # AircraftPhase
    STAND = 2  # global stand
    PATH = 3
    S = 4  # main gear arc length on PATH
    SPEED = 5
    TIMER = 6  # s left in a timed phase
    BEACON = 7
    ENGINES = 8
    STOP_REASON = 9
    STOP_TIME = 10
    BODY = 11
    TUG = 12  # 0 none, 1 coupled under the nose, 2 waiting on the nose-wheel stop, 3 driving back there
    MISSIONS = 13
    ORDER = 14  # admission number of its movement: lower goes first
    NEXT_PATH = 15  # taxi-out path that follows the push, -1 none
    PROBE_S = 16  # arc length up to which PATH is known to be free of aircraft that go first
    OBSTACLE_S = 17  # where to stop for a body seen in the swept corridor, 1e9 none
    ZONE_IN = 18  # arc length on the arrival path where the outline first touches the stand zone
    ZONE_OUT = 19  # same for the last touch when leaving (on the push path; beyond its end: on the taxi-out path)
    TUG_S = 20  # arc length of the returning tug on the push path
    TUG_SPEED = 21
    BREAKAWAY = 22  # s left with thrust above idle
    ON_BLOCK = 23  # episode clock when the wheels stopped, s (before 0 at reset)
    SERVING = 24  # bit k: equipment k (`turnaround_times.Equipment`) is called to the aircraft
    PUSH_SPEED = 25  # m/s of this crew
    DIRTY = 26  # 1 = its bodies must be written again
    WHEELBASE = 27
    RADIUS = 28  # about the main gear
    FUSE_FRONT = 29  # three boxes that cover the outline: fuselage, wing with engines, tailplane
    FUSE_REAR = 30
    FUSE_HALF = 31
    WING_FRONT = 32
    WING_REAR = 33
    WING_HALF = 34
    STERN_FRONT = 35
    STERN_REAR = 36
    STERN_HALF = 37
    OUT_END = 38  # arc length on the taxi-out path where it leaves the scene
    BROKEN = 39  # s that its push still stands with a breakdown
    NEXT_EVENT = 40  # episode clock of its event in the queue, s
    READY = 41  # 1 = turnaround complete, waits for its push to be admitted
    STRETCH = 42  # of its timeline (`kernels.turnaround.stretch_of`)


class Person(IntEnum):
    ACTIVE = 0
    X = 1
    Y = 2
    HEADING = 3
    SPEED = 4
    PREFERRED = 5  # m/s
    MODE = 6  # 0 walkway, 1 worker at a stand, 2 crosser
    WALKWAY = 7
    S = 8
    DIRECTION = 9  # +1, -1
    WAIT = 10  # s left standing
    STAND = 11
    TARGET_X = 12
    TARGET_Y = 13
    CROSSING = 14  # local walk crossing he is on or asks for, -1
    STOP_REASON = 15
    STOP_TIME = 16
    BODY = 17
    SCRATCH0 = 18
    SCRATCH1 = 19
    ROLE = 20  # constants.Role of a worker
    LINE = 21  # distance of the way along his stand's sides from its centreline, m; 0 = there is none


class Prop(IntEnum):
    """GSE parked at a stand: waits beside the aircraft, serves it while its task lasts, goes back before the push."""

    ACTIVE = 0
    STAND = 1
    CLASS = 2  # VehicleClass
    U = 3  # 0 staged .. 1 in service
    STAGE_X = 4
    STAGE_Y = 5
    RUN = 6  # its way from stage to service, all forwards: m straight ahead, then
    ARC = 7  # a quarter turn of this radius (0 none), then straight on
    HEADING = 8  # (at the stage)
    BODY = 9
    ACTOR_CLASS = 10
    SIDE = 11  # of that turn: +1 left, -1 right
    SPEED = 12
    SETTLED = 13  # of a stand's first slot: `Aircraft.SERVING` + 1 once all are where it wants them
    LENGTH = 14  # of the whole way, m


class Turn(IntEnum):
    """Times of one task of a turnaround (`World.turn`), s after on-block; 1e9 = has not happened."""

    PLAN_START = 0
    PLAN_END = 1
    START = 2
    END = 3


class Junction(IntEnum):
    """State of a junction's lock (local id), whole numbers."""

    HOLDERS = 0  # background vehicles that hold it
    EGO_FLAG = 1  # 1 = the ego holds it
    EGO_TIMER = 2  # ticks the ego has stood on its grant or inside; < 0: it gave the grant back and lets others go
    EGO_WAIT = 3  # ticks the ego has been waiting for a grant
    EGO_LANE = 4  # entry lane of the ego, global
    EGO_MASK = 5  # bits of the lanes the ego drives in it
    EGO_EXIT = 6  # lane by which the ego leaves it, global
    EGO_STOOD = 7  # ticks the ego has been standing before it


class Crossing(IntEnum):
    """State of a taxiway or runway crossing (local id)."""

    TIME_TO_CONFLICT = 0  # s until the nearest aircraft enters the zone, 1e9 none, 0 inside
    DISTANCE = 1  # m of that aircraft
    CLOSING_SPEED = 2
    AIRCRAFT = 3  # slot or -1
    OCCUPANTS = 4  # background vehicles inside
    EGO_INSIDE = 5
    GRANTED_EGO = 6


class Stand(IntEnum):
    """State of a stand (local id)."""

    AIRCRAFT = 0  # slot or -1
    CLOSED = 1  # 1 = zone closed to vehicles (aircraft moving, about to move, engines running)
    OCCUPANTS = 2  # background vehicles inside the zone
    EGO_INSIDE = 3
    NEXT_ARRIVAL = 4  # s


class Measured(IntEnum):
    """What the ego's outline touches or is near to now; written by `kernels.collision.measure`."""

    DIST_AIRCRAFT = 0  # m between outlines, capped at 100
    DIST_AIRCRAFT_STRICT = 1  # the same without the aircraft of the origin and destination stands
    DIST_PERSON = 2
    HIT_AIRCRAFT = 3  # body index touched, -1 none
    HIT_VEHICLE = 4
    HIT_PERSON = 5
    HIT_STRUCTURE = 6  # 1 = a body touches a structure
    OFF_PAVEMENT = 7
    ON_STRIP_EDGE = 8  # a body touches the boundary of a runway strip
    IN_HAZARD = 9
    IN_RESTRICTED = 10  # raster bit under the tractor
    LIMIT = 11  # m/s in force at the front bumper: zone limit, 5 km/h near an aircraft inside a stand area


class EventColumn(IntEnum):
    """One record of the referee (`kernels.referee`)."""

    TICK = 0
    KIND = 1  # constants.EventKind
    SPEED = 2  # ego, m/s
    DISTANCE = 3  # m to the matter of the record
    OTHER = 4  # body index or feature index, -1 none
    X = 5  # ego
    Y = 6
    VALUE = 7  # cost of the record


class RuleState(IntEnum):
    """State of one rule of the apron (`constants.Rule`); written by `kernels.rules`, charged by `kernels.cost`."""

    BROKEN = 0  # 0 = kept on this tick .. 1 = wholly broken
    DISTANCE = 1  # m to the matter of the breach
    OTHER = 2  # body or feature index, -1 none
    COOLING = 3  # s during which a breach still counts as the last one
    MEMORY = 4  # the rule's own: see its kernel
    APPLIES = 5  # of STOP_LINE: its coefficients, 0 = a granted crossing needs no stop


EVENT_RECORDS = 32
