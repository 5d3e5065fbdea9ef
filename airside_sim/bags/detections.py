"""Object lists of three makes as `ObjectFrame`s: our own, vision_msgs detections, autoware-like tracked objects."""

import math
from typing import Any, NamedTuple

import numpy as np

from airside_sim.aircraft_types import AIRCRAFT, AIRCRAFT_NAMES
from airside_sim.bags.errors import BagError
from airside_sim.bags.profile import ACTOR_OF, ObjectClass, ObjectStream
from airside_sim.constants import ActorClass, VehicleClass
from airside_sim.vehicles import VEHICLES

DAMAGED = "(damaged)"  # beside the unknown classes of a report
MAX_SPEED_MPS = 100.0
MAX_PLACE_M = 1e5
MAX_SIZE_M = 100.0


class ObjectFrame(NamedTuple):
    """What a perception saw at one instant, n objects. A position is that of the reference point."""

    track: np.ndarray  # (n,) i64
    actor: np.ndarray  # (n,) i64 ActorClass
    shape: np.ndarray  # (n,) i64 vehicle or aircraft table row, -1 a disc
    pose: np.ndarray  # (n, 4) x, y, cos, sin
    velocity: np.ndarray  # (n, 3) m/s, m/s, rad/s; NaN where the recording has none
    size: np.ndarray  # (n, 3) front, rear, half width, m
    beacon: np.ndarray  # (n,) bool


class ObjectReader:
    """Object lists of three makes; remembers which number a track's name got."""

    def __init__(self, stream: ObjectStream) -> None:
        self.stream = stream
        self.numbers: dict[str, int] = {}
        self.unknown: dict[str, int] = {}  # class names that the profile does not have, and how often

    def __call__(self, message: Any) -> ObjectFrame:
        """Objects of one message that can stand on an apron; the others are counted."""
        if hasattr(message, "track_id"):
            frame = _own_objects(message)
        else:
            rows = [self._detection(d) for d in message.detections] if hasattr(message, "detections") else [
                self._tracked(o) for o in message.objects]  # fmt: skip
            table = np.array([row for row in rows if row is not None], np.float64).reshape(-1, 14)
            track, actor, shape = table[:, :3].astype(np.int64).T
            frame = ObjectFrame(track, actor, shape, table[:, 3:7], table[:, 7:10], table[:, 10:13], table[:, 13] > 0.0)
        good = _is_sound(frame)
        if not good.all():
            self.unknown[DAMAGED] = self.unknown.get(DAMAGED, 0) + int((~good).sum())
            frame = ObjectFrame(*(column[good] for column in frame))
        return frame

    def _number(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers))

    def _class_of(self, name: str) -> ObjectClass | None:
        known = self.stream.classes.get(name)
        if known is None:
            self.unknown[name] = self.unknown.get(name, 0) + 1
        return None if known is None or known.actor == "ignore" else known

    def _detection(self, d: Any) -> list[float] | None:
        best = max(d.results, key=lambda r: getattr(r, "hypothesis", r).score, default=None)
        if best is None:
            return None
        hypothesis = getattr(best, "hypothesis", best)  # ROS 1 has id and score in the result itself
        known = self._class_of(str(getattr(hypothesis, "class_id", getattr(hypothesis, "id", ""))))
        if known is None:
            return None
        centre = getattr(d.bbox.center, "position", None)
        way = _yaw(d.bbox.center.orientation)
        name = str(getattr(d, "id", "") or f"at {centre.x:.0f} {centre.y:.0f}")  # untracked: by place
        speed = (math.nan, math.nan, math.nan)
        return self._row(name, known, centre.x, centre.y, way, speed, d.bbox.size.x, d.bbox.size.y)

    def _tracked(self, o: Any) -> list[float] | None:
        label = max(o.classification, key=lambda c: c.probability, default=None)
        known = self._class_of(str(label.label)) if label is not None else None
        if known is None:
            return None
        motion = o.kinematics
        pose = getattr(motion, "pose_with_covariance", None) or motion.initial_pose_with_covariance
        twist = (getattr(motion, "twist_with_covariance", None) or motion.initial_twist_with_covariance).twist
        way = _yaw(pose.pose.orientation)
        c, s = math.cos(way), math.sin(way)
        vx, vy = float(twist.linear.x), float(twist.linear.y)  # in the object's frame
        speed = (c * vx - s * vy, s * vx + c * vy, float(twist.angular.z))
        at, size = pose.pose.position, o.shape.dimensions
        return self._row(bytes(o.object_id.uuid).hex(), known, at.x, at.y, way, speed, size.x, size.y)

    def _row(self, name, known, x, y, way, speed, length, width) -> list[float]:
        """track, actor, shape, x, y, cos, sin, vx, vy, yaw rate, front, rear, half width, beacon."""
        actor = ACTOR_OF[known.actor]
        shape = shape_of(actor, known.shape, float(length), float(width))
        front, rear, half = reference_of(actor, shape, float(length), float(width))
        c, s = math.cos(way), math.sin(way)
        back = 0.5 * (front - rear) if self.stream.centred else 0.0  # reference behind the middle of the box
        return [self._number(name), actor, shape, float(x) - back * c, float(y) - back * s, c, s, *speed, front, rear,
                half, 0.0]  # fmt: skip


def _yaw(q: Any) -> float:
    x, y, z, w = quaternion_of(q)
    return math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))


_OWN_ARRAYS = ("class_id", "shape", "x_m", "y_m", "cos_heading", "sin_heading", "velocity_x_mps", "velocity_y_mps",
               "yaw_rate_radps", "front_m", "rear_m", "half_width_m", "beacon")  # fmt: skip


def _is_sound(frame: ObjectFrame) -> np.ndarray:
    """(n,) bool: numbers that kernels can take. A velocity out of reason becomes unknown, in place."""
    fast = ~(np.abs(frame.velocity) < MAX_SPEED_MPS).all(axis=1)
    frame.velocity[fast] = np.nan
    num_shapes = np.where(frame.actor == ActorClass.AIRCRAFT, len(AIRCRAFT_NAMES), len(VehicleClass))
    is_person = frame.actor == ActorClass.PERSONNEL
    is_known = np.where(is_person, frame.shape == -1, (frame.shape >= 0) & (frame.shape < num_shapes))
    unit = np.abs(np.hypot(frame.pose[:, 2], frame.pose[:, 3]) - 1.0) < 1e-3
    return (
        is_known & unit & (frame.actor >= 0) & (frame.actor < len(ActorClass))
        & (np.abs(frame.pose[:, :2]) < MAX_PLACE_M).all(axis=1)
        & (frame.size >= 0.0).all(axis=1) & (frame.size < MAX_SIZE_M).all(axis=1)
    )  # fmt: skip


def _own_objects(m: Any) -> ObjectFrame:
    count = len(m.track_id)
    if any(len(getattr(m, name)) != count for name in _OWN_ARRAYS):
        raise BagError(f"an object message has arrays of different lengths ({count} track_id)")
    return ObjectFrame(
        np.array(m.track_id, np.int64), np.array(m.class_id, np.int64), np.array(m.shape, np.int64),
        np.stack([m.x_m, m.y_m, m.cos_heading, m.sin_heading], axis=1).astype(np.float64),
        np.stack([m.velocity_x_mps, m.velocity_y_mps, m.yaw_rate_radps], axis=1).astype(np.float64),
        np.stack([m.front_m, m.rear_m, m.half_width_m], axis=1).astype(np.float64), np.array(m.beacon, bool),
    )  # fmt: skip


def shape_of(actor: int, named: str, length_m: float, width_m: float) -> int:
    """Table row of an object: the named one, the aircraft type of the nearest size, the actor's own box, a disc."""
    if actor == ActorClass.PERSONNEL:
        return -1
    if actor == ActorClass.AIRCRAFT:
        if named:
            if named not in AIRCRAFT_NAMES:
                raise BagError(f"objects.classes: '{named}' is no aircraft type (one of {', '.join(AIRCRAFT_NAMES)})")
            return AIRCRAFT_NAMES.index(named)
        return int(np.argmin(np.hypot(AIRCRAFT.length_m - length_m, AIRCRAFT.span_m - width_m)))
    if named:
        return int(VehicleClass[named.upper()])
    rows = np.flatnonzero(VEHICLES.actor_class == actor)
    return int(rows[np.argmin(np.hypot(VEHICLES.length_m[rows] - length_m, VEHICLES.width_m[rows] - width_m))])


def reference_of(actor: int, shape: int, length_m: float, width_m: float) -> tuple[float, float, float]:
    """Front, rear and half width from the reference point: the recording's size, placed as the table row is."""
    if actor == ActorClass.PERSONNEL:
        half = max(0.25 * (length_m + width_m), 0.15)
        return half, half, half
    if actor == ActorClass.AIRCRAFT:  # an aircraft is drawn by its type, whatever box the detector put round it
        nose_m = float(AIRCRAFT.wheelbase_m[shape] + AIRCRAFT.nose_to_gear_m[shape])
        return nose_m, float(AIRCRAFT.tail_m[shape]), 0.5 * float(AIRCRAFT.span_m[shape])
    share = float(VEHICLES.front_m[shape] / VEHICLES.length_m[shape])
    return length_m * share, length_m * (1.0 - share), 0.5 * width_m


def quaternion_of(q: Any) -> list[float]:
    """x, y, z, w of unit length; a zero one (never set) is no rotation."""
    values = [float(q.x), float(q.y), float(q.z), float(q.w)]
    length = math.sqrt(sum(v * v for v in values))
    return [v / length for v in values] if length > 1e-9 else [0.0, 0.0, 0.0, 1.0]
