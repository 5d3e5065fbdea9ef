"""From a played episode to a bag: every sensor publishes at its own rate what the simulator knows of that instant.

Continuous quantities are sampled between the ticks (`playout`). What changes at an instant (clearances, stands, mode)
is published at that instant and repeated at its rate, as a latched status is.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from airside_sim.bags.container import BagWriter
from airside_sim.bags.messages import header_of
from airside_sim.bags.perturb import Perturbation, Recorder, to_ns
from airside_sim.bags.playout import Playout
from airside_sim.columns import Body, Crossing, Ego, RouteFeature, Sky, Stand
from airside_sim.constants import DT_S, FeatureKind

FRAME = "map"
SENSOR_RATES_HZ = {"odometry": 50.0, "vehicle_report": 50.0, "vehicle_cmd": 50.0, "train": 20.0, "objects": 10.0,
                   "hazards": 10.0, "clearance": 10.0, "stands": 5.0, "autonomous": 5.0, "weather": 2.0}  # fmt: skip
TICK_RATES_HZ = dict.fromkeys(SENSOR_RATES_HZ, 10.0)  # every topic on the simulator's own ticks
SETTLE_S = 2.0  # between episodes of a bag


@dataclass(frozen=True)
class BagStyle:
    """How the recorder behaves."""

    rates_hz: dict[str, float] = field(default_factory=lambda: dict(SENSOR_RATES_HZ))
    perturbation: Perturbation = field(default_factory=Perturbation)
    manual_s: tuple[float, float] | None = None  # from, to: a person drives


def write_playout(bag: BagWriter, playout: Playout, start_ns: int, style: BagStyle, episode: int) -> int:
    """Append an episode that begins at `start_ns` of the vehicle's clock; returns when the next one may begin."""
    duration_s = playout.num_steps * DT_S
    recorder = Recorder(style.perturbation, episode, duration_s)
    topics = _Topics(bag.store, playout, start_ns, style)
    found = []
    for order, (name, time_s) in enumerate(_instants(playout, style, recorder, duration_s)):
        for log_ns in recorder.arrivals(time_s, start_ns):
            found.append((log_ns, order, name, time_s))
    for time_s, name in ((0.0, "episode"), (0.0, "route")):  # latched: a recorder never misses them
        found.append((start_ns + to_ns(style.perturbation.clock_offset_s), -1, name, time_s))
    for log_ns, _, name, time_s in sorted(found):
        bag.write(f"/airside/{name}", log_ns, topics.message(name, time_s))
    return start_ns + to_ns(duration_s + SETTLE_S)


def _instants(playout: Playout, style: BagStyle, recorder: Recorder, duration_s: float) -> Iterator[tuple[str, float]]:
    """(topic, s) of everything published, statuses also on the tick of a change."""
    changes = {"clearance": _changes(playout.feature[:, :, RouteFeature.STATE]),
               "stands": _changes(playout.stand[:, :, [Stand.CLOSED, Stand.AIRCRAFT]]),
               "weather": _changes(playout.sky)}  # fmt: skip
    for name, rate_hz in style.rates_hz.items():
        for time_s in recorder.instants(rate_hz, duration_s):
            yield name, float(time_s)
        for k in changes.get(name, ()):
            yield name, float(k) * DT_S
    for time_s in style.manual_s or ():
        yield "autonomous", time_s


def _changes(rows: np.ndarray) -> list[int]:
    """Ticks at which something differs from the tick before, and the first."""
    flat = rows.reshape(len(rows), -1)
    return [0, *(np.flatnonzero((flat[1:] != flat[:-1]).any(axis=1)) + 1).tolist()] if flat.shape[1] else [0]


class _Topics:
    """Messages of one episode at any time since its start."""

    def __init__(self, store: Any, playout: Playout, start_ns: int, style: BagStyle) -> None:
        self.store, self.playout, self.start_ns, self.style = store, playout, start_ns, style
        self.types = store.types
        kinds = playout.feature[0, :, RouteFeature.KIND]
        self.crossings = np.flatnonzero(kinds <= FeatureKind.RUNWAY_CROSSING)
        self._make: dict[str, Callable[[Any, float, int], Any]] = {
            "odometry": self._odometry, "vehicle_report": self._report, "vehicle_cmd": self._command,
            "train": self._train, "objects": self._objects, "hazards": self._hazards, "clearance": self._clearance,
            "stands": self._stands, "weather": self._weather, "route": self._route,
        }  # fmt: skip

    def message(self, name: str, time_s: float) -> Any:
        if name == "autonomous":
            low, high = self.style.manual_s or (0.0, 0.0)
            return self.types["std_msgs/msg/Bool"](data=not low <= time_s < high)
        if name == "episode":
            return self.types["std_msgs/msg/String"](data=self._about())
        stamp_ns = self.start_ns + to_ns(time_s)
        tick = int(min(np.floor(time_s / DT_S + 1e-6), self.playout.num_steps))
        return self._make[name](header_of(self.store, stamp_ns, FRAME), time_s, tick)

    def _about(self) -> str:
        """What an operator knows of the drive, as JSON."""
        ego = self.playout.ego[0]
        about = {"route_start_m": self.playout.route_start_m, "vehicle": int(ego[Ego.VEHICLE]),
                 "trailers": int(ego[Ego.TRAILERS]), "laden_kg": float(ego[Ego.LADEN])}  # fmt: skip
        return json.dumps(self.playout.meta | about, sort_keys=True)

    def _pose(self, x_m: float, y_m: float, heading_rad: float) -> Any:
        t = self.types
        return t["geometry_msgs/msg/Pose"](
            position=t["geometry_msgs/msg/Point"](x=float(x_m), y=float(y_m), z=0.0),
            orientation=t["geometry_msgs/msg/Quaternion"](
                x=0.0, y=0.0, z=float(np.sin(0.5 * heading_rad)), w=float(np.cos(0.5 * heading_rad))
            ),
        )

    def _odometry(self, header: Any, time_s: float, tick: int) -> Any:
        row, t = self.playout.ego_at(np.array([time_s]))[0], self.types
        vector = t["geometry_msgs/msg/Vector3"]
        return t["nav_msgs/msg/Odometry"](
            header=header, child_frame_id="rear_axle",
            pose=t["geometry_msgs/msg/PoseWithCovariance"](
                pose=self._pose(row[Ego.X], row[Ego.Y], row[Ego.HEADING]), covariance=np.zeros(36)
            ),
            twist=t["geometry_msgs/msg/TwistWithCovariance"](
                twist=t["geometry_msgs/msg/Twist"](
                    linear=vector(x=float(row[Ego.SPEED]), y=0.0, z=0.0),
                    angular=vector(x=0.0, y=0.0, z=float(row[Ego.YAW_RATE])),
                ),
                covariance=np.zeros(36),
            ),
        )  # fmt: skip

    def _report(self, header: Any, time_s: float, tick: int) -> Any:
        row = self.playout.ego_at(np.array([time_s]))[0]
        kind = self.types["airside_msgs/msg/VehicleReport"]
        return kind(header=header, steering_angle_rad=float(row[Ego.STEER]), speed_mps=float(row[Ego.SPEED]))

    def _command(self, header: Any, time_s: float, tick: int) -> Any:
        steer, speed = self.playout.wish[min(tick, self.playout.num_steps - 1)]
        kind = self.types["airside_msgs/msg/VehicleCmd"]
        return kind(header=header, steering_angle_rad=float(steer), speed_mps=float(speed))

    def _train(self, header: Any, time_s: float, tick: int) -> Any:
        count = 2 * int(self.playout.ego[0, Ego.TRAILERS])
        links = self.playout.trailer_at(time_s)[:count]
        kind = self.types["airside_msgs/msg/TrainState"]
        return kind(header=header, drawbar_heading_rad=links[0::2].copy(), body_heading_rad=links[1::2].copy())

    def _objects(self, header: Any, time_s: float, tick: int) -> Any:
        (track, body), rate = self.playout.objects_at(time_s)
        return self.types["airside_msgs/msg/ObjectArray"](
            header=header, track_id=track.astype(np.int64), class_id=body[:, Body.CLASS].astype(np.uint8),
            shape=body[:, Body.SHAPE].astype(np.int16), x_m=_column(body, Body.X), y_m=_column(body, Body.Y),
            cos_heading=_column(body, Body.COS), sin_heading=_column(body, Body.SIN),
            velocity_x_mps=_column(body, Body.VX), velocity_y_mps=_column(body, Body.VY), yaw_rate_radps=rate,
            front_m=_column(body, Body.FRONT), rear_m=_column(body, Body.REAR),
            half_width_m=_column(body, Body.HALF_WIDTH), beacon=body[:, Body.BEACON] > 0.0,
        )  # fmt: skip

    def _hazards(self, header: Any, time_s: float, tick: int) -> Any:
        quads = self.playout.hazard[tick]
        kind = self.types["airside_msgs/msg/HazardArray"]
        return kind(header=header, kind=quads[:, 8].astype(np.uint8), corners_m=quads[:, :8].reshape(-1).copy())

    def _clearance(self, header: Any, time_s: float, tick: int) -> Any:
        rows, radar = self.playout.feature[tick, self.crossings], self.playout.crossing[tick, self.crossings]
        return self.types["airside_msgs/msg/ClearanceStatus"](
            header=header, crossing=rows[:, RouteFeature.ID].astype(np.int32),
            state=rows[:, RouteFeature.STATE].astype(np.uint8), aircraft_coming=radar[:, Crossing.AIRCRAFT] >= 0.0,
            aircraft_distance_m=_column(radar, Crossing.DISTANCE),
            aircraft_speed_mps=_column(radar, Crossing.CLOSING_SPEED),
            time_to_conflict_s=_column(radar, Crossing.TIME_TO_CONFLICT),
        )  # fmt: skip

    def _stands(self, header: Any, time_s: float, tick: int) -> Any:
        rows = self.playout.stand[tick]
        kept = np.flatnonzero((rows[:, Stand.AIRCRAFT] >= 0.0) | (rows[:, Stand.CLOSED] > 0.0))
        return self.types["airside_msgs/msg/StandStatus"](
            header=header, stand=kept.astype(np.int32), closed=rows[kept, Stand.CLOSED] > 0.0,
            aircraft_track=self.playout.stand_track[tick, kept],
        )  # fmt: skip

    def _weather(self, header: Any, time_s: float, tick: int) -> Any:
        sky = self.playout.sky[tick]
        return self.types["airside_msgs/msg/Weather"](
            header=header, kind=int(sky[Sky.WEATHER]), visibility_m=float(sky[Sky.VISIBILITY]),
            friction=float(sky[Sky.FRICTION]), low_visibility_procedures=bool(sky[Sky.LVP] > 0.0),
            speed_cap_mps=float(sky[Sky.SPEED_CAP]),
        )  # fmt: skip

    def _route(self, header: Any, time_s: float, tick: int) -> Any:
        kind = self.types["geometry_msgs/msg/PoseStamped"]
        xy = self.playout.route_xy
        way = np.arctan2(*np.gradient(xy, axis=0).T[::-1]) if len(xy) > 1 else np.zeros(len(xy))
        poses = [kind(header=header, pose=self._pose(x, y, h)) for (x, y), h in zip(xy, way, strict=True)]
        return self.types["nav_msgs/msg/Path"](header=header, poses=poses)


def _column(rows: np.ndarray, column: int) -> np.ndarray:
    return np.ascontiguousarray(rows[:, column])
