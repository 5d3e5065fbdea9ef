"""From ROS messages of many makes to rows of numbers; object lists are read by `detections`.

Messages are read by their fields, not by their type names: a stack's own type works as soon as its fields are named
alike, or named in the profile.
"""

import json
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from airside_sim.bags.detections import MAX_PLACE_M, ObjectReader, quaternion_of
from airside_sim.bags.errors import BagError
from airside_sim.bags.messages import stamp_ns
from airside_sim.bags.profile import Command, Layer, Mode, ObjectStream, Profile, Scalar, Stream
from airside_sim.constants import MAX_TRAILERS, ClearanceState, HazardKind, VehicleClass
from airside_sim.vehicles import VEHICLES


class Grid(NamedTuple):
    """Occupied cells of one class, in the map frame of the recording."""

    occupied: np.ndarray  # (h, w) bool, row 0 at the origin
    cell_m: float
    x_m: float  # of the corner of cell (0, 0)
    y_m: float
    heading_rad: float


class Statuses(NamedTuple):
    """A clearance, stand or hazard message as plain arrays by name."""

    values: dict[str, np.ndarray]


def header_ns(message: Any) -> int:
    """Stamp of a message in ns, 0 without one: `header.stamp`, or `stamp` as autoware's reports have it."""
    stamp = getattr(getattr(message, "header", message), "stamp", None)
    return stamp_ns(stamp) if stamp is not None and hasattr(stamp, "nanosec") else 0


def decoder_of(name: str, stream: Stream, profile: Profile) -> Callable[[Any], Any]:
    """The function that reads messages of a stream: numeric rows, or one of the records above."""
    if isinstance(stream, Scalar):
        return lambda message: [_number(message, stream.field or "data") * stream.scale + stream.offset]
    if isinstance(stream, Command):
        return lambda message: _command(message, stream, float(VEHICLES.wheelbase_m[_vehicle(profile)]))
    if isinstance(stream, ObjectStream):
        return ObjectReader(stream)
    if isinstance(stream, Mode):
        return lambda message: [float(_get(message, stream.field or "data") in stream.autonomous)]
    if isinstance(stream, Layer):
        return lambda message: _grid(message, stream)
    return _DECODERS[name]


def _vehicle(profile: Profile) -> int:
    return int(VehicleClass[profile.vehicle.kind.upper()])


def _get(message: Any, field: str) -> Any:
    """A dotted field; ValueError names what the message has instead."""
    value = message
    for part in field.split("."):
        if not hasattr(value, part):
            have = [f for f in getattr(value, "__dataclass_fields__", {}) if not f.startswith("__")]
            raise BagError(f"message {getattr(message, '__msgtype__', '?')} has no field '{field}' (has: {have})")
        value = getattr(value, part)
    return value


def _number(message: Any, field: str) -> float:
    return float(_get(message, field))


def _odometry(message: Any) -> list[float]:
    """x, y, quaternion, speed, yaw rate (NaN where a PoseStamped has none)."""
    pose = message.pose.pose if hasattr(message.pose, "pose") else message.pose
    twist = getattr(getattr(message, "twist", None), "twist", None)
    speed, rate = (float(twist.linear.x), float(twist.angular.z)) if twist is not None else (math.nan, math.nan)
    return [float(pose.position.x), float(pose.position.y), *quaternion_of(pose.orientation), speed, rate]


def _gps(message: Any) -> list[float]:
    has_fix = message.status.status >= 0
    return [float(message.latitude), float(message.longitude)] if has_fix else [math.nan, math.nan]


def _imu(message: Any) -> list[float]:
    return [*quaternion_of(message.orientation), float(message.angular_velocity.z)]


def _report(message: Any) -> list[float]:
    if hasattr(message, "steering_angle_rad"):
        return [float(message.steering_angle_rad), float(message.speed_mps)]
    drive = getattr(message, "drive", message)
    return [_number(drive, "steering_angle"), _number(drive, "speed")]


def _command(message: Any, stream: Command, wheelbase_m: float) -> list[float]:
    """Wished steering angle, rad, and speed, m/s."""
    if stream.steering_field or stream.speed_field:
        return [_number(message, stream.steering_field), _number(message, stream.speed_field)]
    twist = getattr(message, "twist", message)
    if hasattr(twist, "angular"):
        speed, rate = float(twist.linear.x), float(twist.angular.z)
        return [math.atan(wheelbase_m * rate / speed) if abs(speed) > 0.1 else 0.0, speed]
    return _report(message)


def _train(message: Any) -> list[float]:
    """Headings drawbar, body, drawbar, body ..., NaN beyond the last dolly."""
    links = np.full(2 * MAX_TRAILERS, math.nan)
    count = min(len(message.body_heading_rad), MAX_TRAILERS)
    links[0 : 2 * count : 2] = message.drawbar_heading_rad[:count]
    links[1 : 2 * count : 2] = message.body_heading_rad[:count]
    return links.tolist()


def _weather(message: Any) -> list[float]:
    return [float(message.kind), float(message.visibility_m), float(message.friction),
            float(message.low_visibility_procedures), float(message.speed_cap_mps)]  # fmt: skip


def _path(message: Any) -> np.ndarray:
    """(n, 2) m."""
    points = np.array([(p.pose.position.x, p.pose.position.y) for p in message.poses], np.float64).reshape(-1, 2)
    if not (np.abs(points) < MAX_PLACE_M).all():
        raise BagError("a route has points that are no numbers or beyond every airport")
    return points


def _about(message: Any) -> dict[str, Any]:
    try:
        value = json.loads(message.data)
    except ValueError as error:
        raise BagError(f"the episode topic holds no JSON ({error})") from error
    if not isinstance(value, dict):
        raise BagError("the episode topic holds no JSON object")
    limits = {"vehicle": len(VehicleClass) - 1, "trailers": MAX_TRAILERS, "laden_kg": 1e5, "route_start_m": 1e5}
    for name, high in limits.items():
        given = value.get(name, 0)
        is_number = isinstance(given, int | float) and not isinstance(given, bool)
        if not is_number or not 0 <= given <= high or (isinstance(high, int) and given != int(given)):
            raise BagError(f"the episode topic's {name} is {given!r}, not a number from 0 to {high:g}")
    return value


def _plain(message: Any, *names: str) -> Statuses:
    """Arrays of a message by their names, equally long."""
    values = {name: np.array(_get(message, name)) for name in names}
    if len({len(v) for v in values.values()}) != 1:
        raise BagError(f"{message.__msgtype__} has arrays of different lengths")
    return Statuses(values)


def _clearance(message: Any) -> Statuses:
    radar = ("aircraft_distance_m", "aircraft_speed_mps", "time_to_conflict_s")
    found = _plain(message, "crossing", "state", "aircraft_coming", *radar)
    known = found.values["state"] < len(ClearanceState)
    known &= np.all([np.isfinite(found.values[name]) for name in radar], axis=0)
    return Statuses({name: value[known] for name, value in found.values.items()})


def _stands(message: Any) -> Statuses:
    return _plain(message, "stand", "closed", "aircraft_track")


def _hazards(message: Any) -> Statuses:
    kinds, corners = np.array(message.kind), np.array(message.corners_m, np.float64)
    if len(corners) != 8 * len(kinds):
        raise BagError(f"a hazard message has {len(corners)} corner numbers for {len(kinds)} quads")
    corners = corners.reshape(-1, 8)
    good = (np.abs(corners) < MAX_PLACE_M).all(axis=1) & (kinds > 0) & (kinds < len(HazardKind))
    return Statuses({"kind": kinds[good], "corners_m": corners[good].reshape(-1)})


def _grid(message: Any, layer: Layer) -> Grid:
    info = message.info
    if len(message.data) != int(info.height) * int(info.width) or not 0.01 < info.resolution < 10.0:
        raise BagError(f"a grid of {info.width} x {info.height} cells of {info.resolution} m has {len(message.data)}")
    cells = np.array(message.data, np.int16).reshape(int(info.height), int(info.width))
    x, y, z, w = quaternion_of(info.origin.orientation)
    heading = math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))
    at = info.origin.position
    return Grid(cells > layer.occupied_above, float(info.resolution), float(at.x), float(at.y), heading)


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "odometry": _odometry, "gps": _gps, "imu": _imu, "report": _report, "train": _train, "weather": _weather,
    "clearance": _clearance, "stands": _stands, "hazards": _hazards, "route": _path, "episode": _about,
}  # fmt: skip
