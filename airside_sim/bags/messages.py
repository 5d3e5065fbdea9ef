"""Message definitions that no `rosbags` store has: our own, and those of ackermann_msgs and vision_msgs we support.

ROS 1 bags need `std_msgs/Header` with `seq`; the library's stores know that, so one text serves both.
"""

from functools import cache
from typing import Any

from airside_sim.bags.errors import need_rosbags

ROS1, ROS2 = "ros1", "ros2"

DEFINITIONS: dict[str, str] = {
    "ackermann_msgs/msg/AckermannDrive": """
float32 steering_angle
float32 steering_angle_velocity
float32 speed
float32 acceleration
float32 jerk
""",
    "ackermann_msgs/msg/AckermannDriveStamped": """
std_msgs/Header header
ackermann_msgs/AckermannDrive drive
""",
    "vision_msgs/msg/ObjectHypothesis": """
string class_id
float64 score
""",
    "vision_msgs/msg/ObjectHypothesisWithPose": """
vision_msgs/ObjectHypothesis hypothesis
geometry_msgs/PoseWithCovariance pose
""",
    "vision_msgs/msg/BoundingBox3D": """
geometry_msgs/Pose center
geometry_msgs/Vector3 size
""",
    "vision_msgs/msg/Detection3D": """
std_msgs/Header header
vision_msgs/ObjectHypothesisWithPose[] results
vision_msgs/BoundingBox3D bbox
string id
""",
    "vision_msgs/msg/Detection3DArray": """
std_msgs/Header header
vision_msgs/Detection3D[] detections
""",
    # what the driver asks for; both wishes as the vehicle's interface takes them
    "airside_msgs/msg/VehicleCmd": """
std_msgs/Header header
float64 steering_angle_rad
float64 speed_mps
""",
    # front-wheel angle and speed as the vehicle reports them
    "airside_msgs/msg/VehicleReport": """
std_msgs/Header header
float64 steering_angle_rad
float64 speed_mps
""",
    # headings of the dollies' drawbars and bodies in the map frame, front to rear
    "airside_msgs/msg/TrainState": """
std_msgs/Header header
float64[] drawbar_heading_rad
float64[] body_heading_rad
""",
    # one entry an object in each array. (x, y) is its reference point: rear axle of a vehicle, main gear of an
    # aircraft, middle of a person. class_id: 0 aircraft, 1 GSE, 2 baggage cart, 3 fuel truck, 4 person. shape: row of
    # the simulator's vehicle or aircraft table, -1 none
    "airside_msgs/msg/ObjectArray": """
std_msgs/Header header
int64[] track_id
uint8[] class_id
int16[] shape
float64[] x_m
float64[] y_m
float64[] cos_heading
float64[] sin_heading
float64[] velocity_x_mps
float64[] velocity_y_mps
float64[] yaw_rate_radps
float64[] front_m
float64[] rear_m
float64[] half_width_m
bool[] beacon
""",
    # crossings of the route in order; state: 0 none needed, 1 requested, 2 held, 3 granted, 4 withdrawn; the aircraft
    # that a ground radar expects there next
    "airside_msgs/msg/ClearanceStatus": """
std_msgs/Header header
int32[] crossing
uint8[] state
bool[] aircraft_coming
float64[] aircraft_distance_m
float64[] aircraft_speed_mps
float64[] time_to_conflict_s
""",
    # stands that matter to the route: closed to vehicles, and the object on the stand (-1 none)
    "airside_msgs/msg/StandStatus": """
std_msgs/Header header
int32[] stand
bool[] closed
int64[] aircraft_track
""",
    # convex quads x0 y0 .. x3 y3, counter-clockwise; kind: 1 jet blast, 2 intake, 3 pushback, 4 fuelling
    "airside_msgs/msg/HazardArray": """
std_msgs/Header header
uint8[] kind
float64[] corners_m
""",
    "airside_msgs/msg/Weather": """
std_msgs/Header header
uint8 kind
float64 visibility_m
float64 friction
bool low_visibility_procedures
float64 speed_cap_mps
""",
}


@cache
def typestore(ros: str, distro: str = "") -> Any:
    """A `rosbags` typestore of ROS 1 or 2 (`distro` like "humble") with every definition above registered."""
    typesys = need_rosbags("rosbags.typesys")
    stores = {store.value: store for store in typesys.Stores}
    name = "ros1_noetic" if ros == ROS1 else f"ros2_{distro or 'humble'}"
    if name not in stores:
        raise ValueError(f"distro '{distro}' is not one of {', '.join(n[5:] for n in stores if n.startswith('ros2_'))}")
    store = typesys.get_typestore(stores[name])
    for msgtype, text in DEFINITIONS.items():
        if msgtype not in store.fielddefs:
            store.register(typesys.get_types_from_msg(text, msgtype))
    return store


def stamp_of(store: Any, time_ns: int) -> Any:
    """builtin_interfaces/Time of whole nanoseconds."""
    return store.types["builtin_interfaces/msg/Time"](sec=time_ns // 1_000_000_000, nanosec=time_ns % 1_000_000_000)


def header_of(store: Any, time_ns: int, frame: str) -> Any:
    """std_msgs/Header; ROS 1's has a sequence number, left 0."""
    header = store.types["std_msgs/msg/Header"]
    extra = {"seq": 0} if "seq" in header.__dataclass_fields__ else {}
    return header(stamp=stamp_of(store, time_ns), frame_id=frame, **extra)


def stamp_ns(stamp: Any) -> int:
    """Nanoseconds of a builtin_interfaces/Time."""
    return int(stamp.sec) * 1_000_000_000 + int(stamp.nanosec)
