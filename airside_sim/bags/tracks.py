"""Aligned tracks: everything that a recording says about each instant of a 10 Hz grid, still outside any world."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from airside_sim.bags.decode import Grid
from airside_sim.bags.detections import ObjectFrame
from airside_sim.bags.errors import BagError
from airside_sim.bags.profile import Profile
from airside_sim.bags.read import Recording, Samples
from airside_sim.bags.sync import (
    STEP_NS,
    grid_between,
    hold,
    interpolate,
    interpolate_angles,
    mean_over_steps,
    slerp,
    wrap,
    yaw_of,
)
from airside_sim.constants import MAX_TRAILERS, VehicleClass
from airside_sim.vehicles import VEHICLES

EARTH_RADIUS_M = 6378137.0  # WGS 84 semi-major axis
EARTH_E2 = 6.69437999014e-3
TOLD = ("command", "objects", "clearance", "stands", "hazards", "weather")  # what is guessed where it is absent
COMMAND_AGE_S = 0.3
MAX_TICKS = 24 * 36000  # of one drive
STATUS_AGE_S = 5.0  # a clearance or weather report older than this is no news
VELOCITY_S = 0.6  # positions no older than this give a velocity where the recording has none


@dataclass
class Tracks:
    """n instants. NaN or -1 where the recording says nothing; `is_gap` where an input that matters is missing."""

    stamp_ns: np.ndarray  # (n,) i64
    pose: np.ndarray  # (n, 3) rear axle x, y, heading in the map's frame
    speed_mps: np.ndarray  # (n,)
    yaw_rate_radps: np.ndarray  # (n,)
    steer_rad: np.ndarray  # (n,)
    wish: np.ndarray  # (n, 2) steering angle, speed; NaN: not commanded
    links_rad: np.ndarray  # (n, 2 * MAX_TRAILERS) NaN beyond the train, or all
    weather: np.ndarray  # (n, 5) as `decode` has it; NaN unknown
    is_auto: np.ndarray  # (n,) bool
    is_gap: np.ndarray  # (n,) bool
    is_stale: np.ndarray  # (n,) bool something was older than it should be
    objects: list[ObjectFrame | None]  # moved to the instant
    statuses: dict[str, list[Any]]  # clearance, stands, hazards, layers: records held at each instant, None unknown
    about: dict[str, Any]
    route_xy: np.ndarray | None
    flags: list[str] = field(default_factory=list)
    command_lag_s: float = math.nan


def align(recording: Recording, origin: tuple[float, float] | None) -> list[Tracks]:
    """Tracks of each route of a recording; the whole recording is one where it names no route.

    origin: latitude and longitude of the map's (0, 0), for GPS.
    """
    streams = recording.streams
    pose_names = ["odometry"] if "odometry" in streams else ["gps", "imu"]
    for name in pose_names:
        if name not in streams:
            wanted = recording.profile.streams()
            topic = wanted[name].topic if name in wanted else name
            raise BagError(
                f"{recording.path}: no usable messages on '{topic}' ({name}): nothing says where the ego was"
            )
    live = [*pose_names, *(n for n, s in recording.profile.streams().items() if s.required and n in streams)]
    live = [name for name in dict.fromkeys(live) if name not in ("route", "episode", "mode", "weather")]
    found = []
    for first_ns, last_ns, path, about in _windows(recording):
        inside = [_between(streams[name].stamp_ns, first_ns, last_ns) for name in live]
        if any(len(stamps) < 2 for stamps in inside):
            continue
        grid = grid_between(max(int(s[0]) for s in inside), min(int(s[-1]) for s in inside))
        if len(grid) > MAX_TICKS:
            raise BagError(f"{recording.path}: one drive spans {len(grid) / 36000:.0f} h: its stamps are damaged")
        if len(grid) >= 2:
            found.append(_tracks(recording, grid, path, about, origin))
    return found


def _between(stamps: np.ndarray, first_ns: int, last_ns: int) -> np.ndarray:
    return stamps[(stamps >= first_ns) & (stamps < last_ns)]


def _windows(recording: Recording) -> list[tuple[int, int, np.ndarray | None, dict[str, Any]]]:
    """(from, to, route, what is known) of each drive: a new route message begins one, unless it is the same route."""
    far = np.iinfo(np.int64).max
    routes, about = recording.streams.get("route"), recording.streams.get("episode")
    starts: list[tuple[int, np.ndarray | None]] = []
    for stamp, path in zip(routes.stamp_ns, routes.values, strict=True) if routes else ():
        is_news = not starts or starts[-1][1].shape != path.shape or not np.array_equal(starts[-1][1], path)
        known = _about_at(about, int(stamp))
        if is_news or known is not _about_at(about, starts[-1][0]):
            starts.append((int(stamp), path))
    if not starts:
        return [(-far, far, None, _about_at(about, 0))]
    ends = [stamp for stamp, _ in starts[1:]] + [far]
    return [(s, end, path, _about_at(about, s)) for (s, path), end in zip(starts, ends, strict=True)]


def _about_at(about: Samples | None, stamp_ns: int) -> dict[str, Any]:
    """The episode message that came with a route: within half a second of it."""
    if about is None:
        return _NOTHING
    k = int(np.abs(about.stamp_ns - stamp_ns).argmin())
    return about.values[k] if abs(int(about.stamp_ns[k]) - stamp_ns) < 500_000_000 else _NOTHING


_NOTHING: dict[str, Any] = {}


def _tracks(
    recording: Recording,
    grid: np.ndarray,
    path: np.ndarray | None,
    about: dict[str, Any],
    origin: tuple[float, float] | None,
) -> Tracks:
    profile, streams, n = recording.profile, recording.streams, len(grid)
    vehicle = int(about.get("vehicle", VehicleClass[profile.vehicle.kind.upper()]))
    flags = [f"no_{name}" for name in TOLD if name not in streams]
    pose, speed, rate, gap = _motion(recording, grid, origin, flags)
    steer, steer_gap = _steering(recording, grid, speed, rate, float(VEHICLES.wheelbase_m[vehicle]), flags)
    gap |= steer_gap
    wish, wish_stale = _commands(recording, grid)
    stale = wish_stale
    objects = [None] * n
    if "objects" in streams:
        objects, ages = _objects(streams["objects"], grid, profile)
        gap |= ages > profile.max_gap_s
        stale |= ages > profile.objects.max_age_s
    statuses = {}
    for name in ("clearance", "stands", "hazards", *(f"layers[{i}]" for i in range(len(profile.layers)))):
        if name in streams:
            held = hold(streams[name].stamp_ns, grid)
            fresh = held.age_s <= STATUS_AGE_S
            stale |= ~fresh
            statuses[name] = [streams[name].values[i] if ok else None for i, ok in zip(held.index, fresh, strict=True)]
    gap |= ~np.isfinite(np.column_stack([pose, speed, rate, steer])).all(axis=1)
    weather = np.full((n, 5), np.nan)
    if "weather" in streams:
        held = hold(streams["weather"].stamp_ns, grid)
        weather = np.where((held.index >= 0)[:, None], streams["weather"].values[held.index], np.nan)
    is_auto = np.ones(n, bool)
    if "mode" in streams:
        held = hold(streams["mode"].stamp_ns, grid)
        is_auto = streams["mode"].values[np.maximum(held.index, 0), 0] > 0.0
    tracks = Tracks(
        stamp_ns=grid, pose=pose, speed_mps=speed, yaw_rate_radps=rate, steer_rad=steer, wish=wish,
        links_rad=_links(recording, grid), weather=weather, is_auto=is_auto, is_gap=gap, is_stale=stale | gap,
        objects=objects, statuses=statuses, about=about, route_xy=path, flags=flags,
    )  # fmt: skip
    tracks.command_lag_s = _lag(wish[:, 1], speed)
    _into_map_frame(tracks, profile)
    return tracks


def _motion(recording: Recording, grid: np.ndarray, origin, flags: list[str]):
    """Pose of the rear axle, speed, yaw rate and gaps."""
    profile, streams, limit = recording.profile, recording.streams, recording.profile.max_gap_s
    if "odometry" in streams:
        s = streams["odometry"]
        xy = interpolate(s.stamp_ns, s.values[:, :2], grid, limit)
        turn = slerp(s.stamp_ns, s.values[:, 2:6], grid, limit)
        heading = yaw_of(turn.values)
        twist = interpolate(s.stamp_ns, s.values[:, 6:8], grid, limit)
        speed, rate, gap = twist.values[:, 0], twist.values[:, 1], xy.is_gap
        lever = profile.odometry.reference_m if profile.odometry else (0.0, 0.0)
        position = xy.values
    else:
        gps, imu = streams["gps"], streams["imu"]
        if origin is None:
            raise BagError(f"{recording.path}: GPS needs the map's origin: give the profile a datum (lat, lon)")
        xy = interpolate(gps.stamp_ns, local_enu(gps.values, origin), grid, max(limit, 0.3))
        turn = slerp(imu.stamp_ns, imu.values[:, :4], grid, limit)
        heading = wrap(yaw_of(turn.values) + math.radians(profile.imu.yaw_offset_deg if profile.imu else 0.0))
        rate = interpolate(imu.stamp_ns, imu.values[:, 4:5], grid, limit).values[:, 0]
        speed, gap = np.full(len(grid), np.nan), xy.is_gap | turn.is_gap
        lever = profile.gps.antenna_m if profile.gps else (0.0, 0.0)
        position = xy.values
    c, sn = np.cos(heading), np.sin(heading)
    position = position - np.stack([c * lever[0] - sn * lever[1], sn * lever[0] + c * lever[1]], axis=1)
    speed = _speed(recording, grid, speed, position, heading, flags, gap)
    if not np.isfinite(rate).all():
        rate = np.gradient(np.unwrap(heading), 0.1) if len(grid) > 1 else np.zeros(len(grid))
    return np.column_stack([position, heading]), speed, rate, gap


def _speed(recording: Recording, grid, speed, position, heading, flags: list[str], gap) -> np.ndarray:
    """The odometry's, else a speed topic's, else from positions; of a gap: whatever, it is cut."""
    if np.isfinite(speed).all():
        return speed
    for name, column in (("speed", 0), ("report", 1)):
        if name in recording.streams:
            s = recording.streams[name]
            found = interpolate(s.stamp_ns, s.values[:, column : column + 1], grid, recording.profile.max_gap_s)
            gap |= found.is_gap
            return found.values[:, 0]
    flags.append("speed_from_positions")
    moved = np.gradient(position, 0.1, axis=0)
    return moved[:, 0] * np.cos(heading) + moved[:, 1] * np.sin(heading)


def _steering(recording: Recording, grid, speed, rate, wheelbase_m: float, flags: list[str]):
    for name in ("steering", "report"):
        if name in recording.streams:
            s = recording.streams[name]
            found = interpolate(s.stamp_ns, s.values[:, :1], grid, recording.profile.max_gap_s)
            return found.values[:, 0], found.is_gap
    flags.append("steering_from_yaw_rate")
    steer = np.where(
        np.abs(speed) > 0.5, np.arctan(wheelbase_m * rate / np.where(np.abs(speed) > 0.5, speed, 1.0)), 0.0
    )
    return steer, np.zeros(len(grid), bool)


def _commands(recording: Recording, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, 2) wishes of each step, and where they are old."""
    if "command" not in recording.streams:
        return np.full((len(grid), 2), np.nan), np.zeros(len(grid), bool)
    s, how = recording.streams["command"], recording.profile.command
    held = hold(s.stamp_ns, grid + (STEP_NS if how.action_time == "mean" else 0))
    if how.action_time == "mean":
        wish = mean_over_steps(s.stamp_ns, s.values, grid)
    elif how.interpolation == "linear":
        wish = interpolate(s.stamp_ns, s.values, grid, COMMAND_AGE_S).values
    else:
        wish = s.values[np.maximum(held.index, 0)]
    return wish, held.age_s > COMMAND_AGE_S


def _links(recording: Recording, grid: np.ndarray) -> np.ndarray:
    if "train" not in recording.streams:
        return np.full((len(grid), 2 * MAX_TRAILERS), np.nan)
    s = recording.streams["train"]
    return interpolate_angles(s.stamp_ns, s.values, grid, recording.profile.max_gap_s).values


def _objects(samples: Samples, grid: np.ndarray, profile: Profile) -> tuple[list[ObjectFrame | None], np.ndarray]:
    """The last frame before each instant, its objects moved by their own velocities; and its age."""
    frames = _with_velocities(samples)
    held = hold(samples.stamp_ns, grid)
    out: list[ObjectFrame | None] = []
    for index, age in zip(held.index, held.age_s, strict=True):
        if index < 0 or age > profile.max_gap_s:
            out.append(None)
        else:
            frame = frames[index]
            out.append(moved(frame, float(age)) if profile.objects.predict and age > 0.0 else frame)
    return out, held.age_s


def moved(frame: ObjectFrame, age_s: float) -> ObjectFrame:
    """Every object driven on for a moment at its velocity and yaw rate."""
    pose = frame.pose.copy()
    turn = frame.velocity[:, 2] * age_s
    half = 0.5 * turn  # the velocity turns with the heading: the chord points half the turn on
    c, s = np.cos(half), np.sin(half)
    vx, vy = frame.velocity[:, 0], frame.velocity[:, 1]
    pose[:, 0] += (c * vx - s * vy) * age_s
    pose[:, 1] += (s * vx + c * vy) * age_s
    way = np.arctan2(pose[:, 3], pose[:, 2]) + turn
    turns = turn != 0.0
    pose[turns, 2], pose[turns, 3] = np.cos(way[turns]), np.sin(way[turns])
    return frame._replace(pose=pose)


def _with_velocities(samples: Samples) -> list[ObjectFrame]:
    """Frames whose missing velocities come from the same track's position up to 0.6 s before."""
    last: dict[int, tuple[int, np.ndarray]] = {}
    out = []
    for stamp, frame in zip(samples.stamp_ns, samples.values, strict=True):
        velocity = frame.velocity
        if not np.isfinite(velocity).all():
            velocity = velocity.copy()
            for i in np.flatnonzero(~np.isfinite(velocity).all(axis=1)):
                before = last.get(int(frame.track[i]))
                velocity[i] = 0.0
                if before and 0 < stamp - before[0] <= VELOCITY_S * 1e9:
                    dt = (stamp - before[0]) * 1e-9
                    velocity[i, :2] = (frame.pose[i, :2] - before[1][:2]) / dt
                    turn = math.atan2(frame.pose[i, 3], frame.pose[i, 2]) - math.atan2(before[1][3], before[1][2])
                    velocity[i, 2] = float(wrap(np.array(turn))) / dt
            for i, track in enumerate(frame.track):
                last[int(track)] = (int(stamp), frame.pose[i])
        out.append(frame._replace(velocity=velocity))
    return out


def _lag(wish_mps: np.ndarray, speed_mps: np.ndarray) -> float:
    """Delay in s at which speed follows the commanded speed best (cross-correlation of their changes, 0 .. 2 s)."""
    a, b = np.diff(wish_mps), np.diff(speed_mps)
    if len(a) < 50 or not np.isfinite(a).all() or a.std() < 1e-6 or b.std() < 1e-6:
        return math.nan
    scores = [float(np.corrcoef(a[: len(a) - k], b[k:])[0, 1]) for k in range(21)]
    return 0.1 * int(np.argmax(scores))


def local_enu(lat_lon_deg: np.ndarray, origin: tuple[float, float]) -> np.ndarray:
    """(n, 2) metres east and north of the origin: by the ellipsoid's radii there (error < 1 cm in 2 km)."""
    lat0 = math.radians(origin[0])
    w = math.sqrt(1.0 - EARTH_E2 * math.sin(lat0) ** 2)
    north_m = EARTH_RADIUS_M * (1.0 - EARTH_E2) / w**3
    east_m = EARTH_RADIUS_M / w
    d = np.radians(lat_lon_deg - np.array(origin))
    east = d[:, 1] * (east_m * math.cos(lat0) - d[:, 0] * east_m * math.sin(lat0))
    north = d[:, 0] * north_m + 0.5 * d[:, 1] ** 2 * east_m * math.sin(lat0) * math.cos(lat0)
    return np.stack([east, north], axis=1)


def _into_map_frame(tracks: Tracks, profile: Profile) -> None:
    """Turn and shift a recording whose map frame is not the map file's."""
    turn, shift = math.radians(profile.frame.turn_deg), np.array([profile.frame.x_m, profile.frame.y_m])
    if turn == 0.0 and not shift.any():
        return
    c, s = math.cos(turn), math.sin(turn)
    rotate = np.array([[c, s], [-s, c]])  # row vectors
    tracks.pose[:, :2] = tracks.pose[:, :2] @ rotate + shift
    tracks.pose[:, 2] = wrap(tracks.pose[:, 2] + turn)
    tracks.links_rad = wrap(tracks.links_rad + turn)
    if tracks.route_xy is not None:
        tracks.route_xy = tracks.route_xy @ rotate + shift
    for name in [name for name in tracks.statuses if name.startswith("layers")]:
        tracks.statuses[name] = [g and _grid_in_frame(g, rotate, shift, turn) for g in tracks.statuses[name]]
    for k, frame in enumerate(tracks.objects):
        if frame is not None:
            pose = np.column_stack([frame.pose[:, :2] @ rotate + shift, frame.pose[:, 2:] @ rotate])
            velocity = np.column_stack([frame.velocity[:, :2] @ rotate, frame.velocity[:, 2:]])
            tracks.objects[k] = frame._replace(pose=pose, velocity=velocity)


def _grid_in_frame(grid: Grid, rotate: np.ndarray, shift: np.ndarray, turn: float) -> Grid:
    x, y = np.array([grid.x_m, grid.y_m]) @ rotate + shift
    return grid._replace(x_m=float(x), y_m=float(y), heading_rad=grid.heading_rad + turn)
