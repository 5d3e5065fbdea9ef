"""`TickWriter`: writes recorded instants into a world, one by one, and notes what the step's kernels make of them."""

import math
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.bags.layers import LayerPainter
from airside_sim.bags.match import MatchedRoute
from airside_sim.bags.profile import Profile
from airside_sim.bags.slots import Slots, bodies_of
from airside_sim.bags.tracks import Tracks
from airside_sim.columns import Aircraft, Body, Crossing, Ego, Episode, Route, RouteFeature, Sky, Stand
from airside_sim.constants import (
    DT_S,
    HISTORY_LEN,
    MAX_OBJECTS,
    OBJECT_FEATURES,
    ActorClass,
    AircraftPhase,
    ClearanceState,
    FeatureKind,
)
from airside_sim.info import Info
from airside_sim.kernels.aircraft_motion import set_shape
from airside_sim.kernels.bev import packed_shape
from airside_sim.kernels.dynamics import zone_limit
from airside_sim.kernels.hazards import update_hazards
from airside_sim.kernels.relabel import relabel_env
from airside_sim.kernels.route_progress import project
from airside_sim.kernels.weather import LVP_SPEED_MPS, UNLIMITED_MPS
from airside_sim.parallel import launch
from airside_sim.state_features import NUM_STATE
from airside_sim.vehicles import VEHICLES

STAND_REACH_M = 6.0  # nose wheel to the stand's stop
REVERSE_MPS = -0.2


@dataclass
class Drive:
    """Ticks of a drive as labelled; row k of `info` leads from tick k - 1 to k, rows that begin a stretch are zero."""

    stamp_ns: np.ndarray  # (n,)
    is_first: np.ndarray  # (n,) bool: begins a stretch, after a gap or at the start
    is_gap: np.ndarray  # (n,) bool: nothing was computed here ...
    cause: list[str]  # ... because of this: GAP, REVERSE, MAP_EXIT, OVER; "" elsewhere
    valid: np.ndarray  # (n,) bool
    pose: np.ndarray  # (n, 3)
    speed_mps: np.ndarray  # (n,)
    action: np.ndarray  # (n, 2) applied on the tick
    is_clipped: np.ndarray  # (n,) bool: the recorded action lay outside the action space
    info: np.ndarray  # (n, I)
    terminated: np.ndarray  # (n,) bool
    is_auto: np.ndarray  # (n,) bool
    frames: list[bytes]  # n packed frames (34, S, S / 8), deflated: an hour of them is 80 MB instead of 2.5 GB
    bev_size: int
    state: np.ndarray  # (n, NUM_STATE) f32
    objects: np.ndarray  # (n, 16, 12) f32
    lanes: tuple[int, ...]
    route_xy: np.ndarray  # (R, 2)
    about: dict[str, Any] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    command_lag_s: float = math.nan

    def bev(self, first: int, last: int) -> np.ndarray:
        """(last - first, 34, S, S / 8) u8 packed frames."""
        raw = b"".join(zlib.decompress(frame) for frame in self.frames[first:last])
        return np.frombuffer(raw, np.uint8).reshape(last - first, *packed_shape(self.bev_size))


class TickWriter:
    """Writes one instant after the other into the world and notes what the kernels make of it."""

    def __init__(self, owner: Any, tracks: Tracks, slots: Slots, profile: Profile) -> None:
        self.owner, self.tracks, self.slots, self.profile = owner, tracks, slots, profile
        self.w, self.bank = owner.world, owner.bank
        n, w = len(tracks.stamp_ns), owner.world
        self.track_in = np.full(w.body.shape[1], -1, np.int64)
        self.seen_at = np.full(w.body.shape[1], -HISTORY_LEN - 1)
        self.fresh = np.zeros(w.body.shape[1], np.uint8)
        self.painter = LayerPainter(profile.layers, owner.eye.geometry)
        self.is_on = False  # the tick before was computed
        self.is_over = False
        self.crossings = [f for f in range(int(w.episode[0, Episode.NUM_FEATURES]))
                          if w.feature[0, f, RouteFeature.KIND] <= FeatureKind.RUNWAY_CROSSING]  # fmt: skip
        size = owner.eye.geometry.size
        self.out: dict[str, Any] = {
            "is_first": np.zeros(n, bool), "action": np.zeros((n, 2)), "is_clipped": np.zeros(n, bool),
            "info": np.zeros((n, w.info.shape[1])), "terminated": np.zeros(n, bool),
            "frames": [b""] * n,
            "bev_size": size,
            "state": np.zeros((n, NUM_STATE), np.float32),
            "objects": np.zeros((n, MAX_OBJECTS, OBJECT_FEATURES), np.float32),
            "is_gap": tracks.is_gap.copy(), "cause": ["GAP" if gap else "" for gap in tracks.is_gap],
        }  # fmt: skip

    def take(self, k: int) -> None:
        """Compute tick k, or note that it is missing."""
        t, w = self.tracks, self.w
        cause = self._cause(k)
        if cause:
            self.out["is_gap"][k], self.out["cause"][k] = True, cause
            self.is_on = False
            return
        is_first = not self.is_on
        distance_m = self._write_ego(k, is_first)
        if is_first:
            self._restart(k)
        self._write_bodies(k)
        self._write_sky(k)
        self._write_stands(k)
        self._write_clearances(k)
        self._write_aircraft()
        self._write_hazards(k)
        is_train_given = bool(np.isfinite(t.links_rad[k, : 2 * int(w.ego[0, Ego.TRAILERS])]).all())
        o = self.owner
        launch(relabel_env, 0, w, self.bank, VEHICLES, AIRCRAFT, o.params, o.held, o.traffic, t.pose[k].copy(),
               distance_m, is_train_given, is_first, self.fresh)  # fmt: skip
        if is_first:
            self._resume()
        self._note(k, is_first)
        self.is_on = True

    def _cause(self, k: int) -> str:
        """Why tick k cannot be computed, "" if it can."""
        if self.is_over:
            return "OVER"
        if self.tracks.is_gap[k]:
            return "GAP"
        if self.tracks.speed_mps[k] < REVERSE_MPS:
            return "REVERSE"
        b, (x, y, _) = self.bank, self.tracks.pose[k]
        column = (x - b.raster_x0[0]) / b.raster_cell_m[0]
        row = (y - b.raster_y0[0]) / b.raster_cell_m[0]
        return "" if 0.0 <= column < b.raster_w[0] and 0.0 <= row < b.raster_h[0] else "MAP_EXIT"

    def _write_ego(self, k: int, is_first: bool) -> float:
        """Motion of the ego on tick k; -> metres driven since the tick before."""
        t, ego = self.tracks, self.w.ego[0]
        vehicle = int(ego[Ego.VEHICLE])
        speed, before = max(0.0, float(t.speed_mps[k])), float(ego[Ego.SPEED])
        steer = float(t.steer_rad[k])
        if is_first:
            after = k + 1 < len(t.speed_mps) and not t.is_gap[k + 1]
            # from rest nothing was accelerating; in motion the next tick's is the best guess, and no jerk is invented
            accel = (float(t.speed_mps[k + 1]) - speed) / DT_S if after and speed > 0.01 else 0.0
            ego[Ego.PREV_ACCEL], ego[Ego.STEER_DELTA] = accel, 0.0
            ego[Ego.PREV_ACTION_STEER], ego[Ego.PREV_ACTION_SPEED] = self._action(k - 1) if k else (0.0, 0.0)
        else:
            accel = (speed - before) / DT_S
            ego[Ego.PREV_ACCEL] = ego[Ego.ACCEL]
            ego[Ego.STEER_DELTA] = steer - ego[Ego.STEER]
        ego[Ego.ACCEL], ego[Ego.SPEED], ego[Ego.STEER] = accel, speed, steer
        ego[Ego.YAW_RATE] = t.yaw_rate_radps[k]
        ego[Ego.LATERAL_SPEED] = 0.5 * float(VEHICLES.wheelbase_m[vehicle]) * ego[Ego.YAW_RATE]
        links = t.links_rad[k]
        self.w.trailer[0] = np.where(np.isfinite(links), links, self.w.trailer[0])
        return 0.0 if is_first else 0.5 * (before + speed) * DT_S

    def _restart(self, k: int) -> None:
        """After a gap nothing is remembered, but what was earned stays earned."""
        w, episode = self.w, self.w.episode[0]
        w.history_head[0] = w.history_count[0] = 0
        w.seen[0] = 0
        w.halt[0] = 0.0
        w.body[0, :, Body.CLASS] = -1.0
        self.seen_at[:] = -HISTORY_LEN - 1
        w.info[0] = 0.0
        episode[Episode.TICK] = 0.0
        points = int(episode[Episode.ROUTE_POINTS])
        x, y, heading = self.tracks.pose[k]
        front_m = float(VEHICLES.front_m[int(w.ego[0, Ego.VEHICLE])])
        episode[Episode.S_REAR] = arc_length(w.route, points, np.array([x, y]))
        nose = np.array([x + front_m * math.cos(heading), y + front_m * math.sin(heading)])
        episode[Episode.S_FRONT] = arc_length(w.route, points, nose)
        if not np.isfinite(self.tracks.links_rad[k]).any():
            w.trailer[0] = heading  # no sensor on the train: it begins in line

    def _resume(self) -> None:
        """Waypoints and stop lines behind the front have had their turn."""
        w, episode = self.w, self.w.episode[0]
        episode[Episode.HARD_COST] = episode[Episode.STALL_TICKS] = 0.0
        done = math.floor(max(0.0, episode[Episode.S_MAX] - episode[Episode.ROUTE_START]) / 10.0)
        episode[Episode.WAYPOINTS_PAID] = done
        for f in range(int(episode[Episode.NUM_FEATURES])):
            is_past = w.feature[0, f, RouteFeature.S_STOP] < episode[Episode.S_FRONT]
            w.feature[0, f, RouteFeature.ENTERED] = 1.0 if is_past else 0.0
            w.feature[0, f, RouteFeature.CONFLICT] = 0.0
            # past the line while the controller has not granted it: the violation itself fell into the gap
            ungranted = w.feature[0, f, RouteFeature.STATE] not in (ClearanceState.NONE_NEEDED, ClearanceState.GRANTED)
            is_crossing = w.feature[0, f, RouteFeature.KIND] <= FeatureKind.RUNWAY_CROSSING
            w.feature[0, f, RouteFeature.VIOLATED] = 2.0 if is_past and is_crossing and ungranted else 0.0

    def _write_bodies(self, k: int) -> None:
        """Objects of tick k; those not seen now stay for the history's length where they were."""
        body = self.w.body[0]
        self.fresh[:] = 0
        frame = self.tracks.objects[k]
        if frame is not None:
            kinds = (frame.actor == ActorClass.AIRCRAFT).tolist()
            rows = np.array([self.slots.of[key] for key in zip(frame.track.tolist(), kinds, strict=True)], np.int64)
            other = self.track_in[rows] != frame.track
            self.w.seen[0][:, rows[other]] = 0
            self.w.halt[0, rows[other]] = 0.0
            self.track_in[rows] = frame.track
            self.seen_at[rows] = k
            self.fresh[rows] = 1
            body[rows] = bodies_of(frame, rows)
        gone = (k - self.seen_at > HISTORY_LEN) & (body[:, Body.CLASS] >= 0.0)
        body[gone, Body.CLASS] = -1.0

    def _write_sky(self, k: int) -> None:
        sky, profile = self.w.sky[0], self.profile.sky
        kind, visibility, friction, lvp, cap = self.tracks.weather[k]
        known = math.isfinite(visibility + friction + cap + lvp + kind) and 0.0 < friction <= 1.0
        low = lvp if known else float(profile.low_visibility_procedures)
        sky[Sky.WEATHER] = kind if known else 0.0
        sky[Sky.VISIBILITY] = visibility if known else profile.visibility_m
        sky[Sky.FRICTION] = friction if known else profile.friction
        sky[Sky.LVP] = low
        sky[Sky.SPEED_CAP] = cap if known else (LVP_SPEED_MPS if low else UNLIMITED_MPS)

    def _write_stands(self, k: int) -> None:
        stand = self.w.stand[0]
        stand[:, [Stand.AIRCRAFT, Stand.CLOSED]] = -1.0, 0.0
        given = self.tracks.statuses.get("stands")
        if given and given[k] is not None:
            values = given[k].values
            for s, closed, track in zip(values["stand"], values["closed"], values["aircraft_track"], strict=True):
                if 0 <= s < len(stand):
                    stand[s, Stand.CLOSED] = float(closed)
                    row = self.slots.of.get((int(track), True), -1)
                    stand[s, Stand.AIRCRAFT] = row if row >= 0 and self.track_in[row] == track else -1
            return
        b = self.bank
        for row in np.flatnonzero(self.w.body[0, :, Body.CLASS] == ActorClass.AIRCRAFT):
            x, y, c, s = self.w.body[0, row, [Body.X, Body.Y, Body.COS, Body.SIN]]
            base_m = float(AIRCRAFT.wheelbase_m[int(self.w.body[0, row, Body.SHAPE])])
            far = np.hypot(b.stand_x - x - base_m * c, b.stand_y - y - base_m * s)
            at = int(far.argmin()) if len(far) else -1
            if at >= 0 and far[at] < STAND_REACH_M and c * math.cos(b.stand_h[at]) + s * math.sin(b.stand_h[at]) > 0.9:
                stand[at, Stand.AIRCRAFT] = row
                stand[at, Stand.CLOSED] = float(self._engines_on(row) or self._speed_of(row) > 0.2)

    def _speed_of(self, row: int) -> float:
        return float(np.hypot(*self.w.body[0, row, [Body.VX, Body.VY]]))

    def _engines_on(self, row: int) -> bool:
        """Beacon on, or rolling forward."""
        vx, vy, c, s = self.w.body[0, row, [Body.VX, Body.VY, Body.COS, Body.SIN]]
        return bool(self.w.body[0, row, Body.BEACON] > 0.0 or vx * c + vy * s > 0.3)

    def _write_clearances(self, k: int) -> None:
        """Given states and the ground radar; crossings that nobody tells of count as granted."""
        w = self.w
        given = self.tracks.statuses.get("clearance")
        values = given[k].values if given and given[k] is not None else None
        nth: dict[int, int] = {}
        for f in self.crossings:
            ident = int(w.feature[0, f, RouteFeature.ID])
            row = -1
            if values is not None:
                same = np.flatnonzero(values["crossing"] == ident)
                nth[ident] = nth.get(ident, -1) + 1
                row = int(same[nth[ident]]) if nth[ident] < len(same) else -1
            state = int(values["state"][row]) if row >= 0 else int(ClearanceState.GRANTED)
            w.feature[0, f, RouteFeature.STATE] = state
            w.feature[0, f, RouteFeature.TIMER] = 1e9  # no answer comes by itself
            closed = state in (ClearanceState.HELD, ClearanceState.WITHDRAWN)
            w.feature[0, f, RouteFeature.WITHHELD] = 1.0 if closed else 0.0
            radar = w.crossing[0, ident]
            radar[Crossing.AIRCRAFT] = -1.0
            radar[Crossing.TIME_TO_CONFLICT] = radar[Crossing.DISTANCE] = 1e9
            if row >= 0 and values is not None and values["aircraft_coming"][row]:
                radar[Crossing.AIRCRAFT] = 0.0
                radar[Crossing.DISTANCE] = values["aircraft_distance_m"][row]
                radar[Crossing.CLOSING_SPEED] = values["aircraft_speed_mps"][row]
                radar[Crossing.TIME_TO_CONFLICT] = values["time_to_conflict_s"][row]

    def _write_aircraft(self) -> None:
        """What rules and hazards ask of aircraft: outline, beacon, engines. What they intend is unknown."""
        for row in range(self.w.aircraft.shape[1]):
            line, body = self.w.aircraft[0, row], self.w.body[0, row]
            if body[Body.CLASS] != ActorClass.AIRCRAFT:
                line[Aircraft.PHASE] = AircraftPhase.AWAY
                continue
            line[Aircraft.PHASE] = AircraftPhase.PARKED
            set_shape(line, AIRCRAFT, int(body[Body.SHAPE]))
            line[Aircraft.FUSE_REAR] = -body[Body.REAR]
            line[Aircraft.BEACON] = body[Body.BEACON]
            line[Aircraft.ENGINES] = float(self._engines_on(row))

    def _write_hazards(self, k: int) -> None:
        """Given quads, or jet blast and intakes of the aircraft whose engines seem to run."""
        w = self.w
        given = self.tracks.statuses.get("hazards")
        if given:
            w.hazard[0] = 0.0
            if given[k] is not None:
                kinds = given[k].values["kind"][: w.hazard.shape[1]]
                corners = np.asarray(given[k].values["corners_m"], np.float64).reshape(-1, 8)
                w.hazard[0, : len(kinds), 8] = kinds
                w.hazard[0, : len(kinds), :8] = corners[: len(kinds)]
            return
        launch(update_hazards, 0, w, self.bank, AIRCRAFT, self.owner.traffic)

    def _note(self, k: int, is_first: bool) -> None:
        w, out, ego = self.w, self.out, self.w.ego[0]
        out["is_first"][k] = is_first
        frame, out["state"][k], out["objects"][k] = self.owner.eye.look(self.owner)
        if self.painter.layers:
            if is_first:
                self.painter.forget()
            grids = [self.tracks.statuses.get(f"layers[{i}]") for i in range(len(self.painter.layers))]
            self.painter.paint(frame, self.tracks.pose[k], [g[k] if g else None for g in grids])
        out["frames"][k] = zlib.compress(frame.tobytes(), 1)
        if not is_first:
            out["info"][k] = w.info[0]
            out["terminated"][k] = w.terminated[0] != 0
            if w.terminated[0]:
                self.is_on = False
                self.is_over = w.info[0, Info.IS_SUCCESS] > 0.0 or w.info[0, Info.ROUTE_COMPLETION] >= 1.0
        raw = self._action(k)
        out["action"][k] = np.clip(raw, [-1.0, 0.0], 1.0)
        out["is_clipped"][k] = bool((np.abs(raw - out["action"][k]) > 1e-6).any())
        ego[Ego.PREV_ACTION_STEER], ego[Ego.PREV_ACTION_SPEED] = out["action"][k]

    def _action(self, k: int) -> np.ndarray:
        """(steering, velocity) as the action space has them: what was commanded, else what the vehicle then did."""
        t, w = self.tracks, self.w
        vehicle = int(w.ego[0, Ego.VEHICLE])
        after = min(k + 1, len(t.speed_mps) - 1)
        steer, speed = t.wish[k]
        steer = steer if math.isfinite(steer) else t.steer_rad[after]
        speed = speed if math.isfinite(speed) else t.speed_mps[after]
        top = min(float(zone_limit(0, w)), float(VEHICLES.max_speed_mps[vehicle]), float(w.sky[0, Sky.SPEED_CAP]))
        scale = float(self.owner.params.speed_scale) * max(top, 0.1)
        return np.array([steer / float(VEHICLES.max_steer_rad[vehicle]), speed / scale])

    def drive(self, route: MatchedRoute) -> Drive:
        t, out = self.tracks, self.out
        return Drive(
            stamp_ns=t.stamp_ns, valid=~t.is_stale & ~out["is_gap"], pose=t.pose, speed_mps=t.speed_mps,
            is_auto=t.is_auto, lanes=route.lanes(), route_xy=route.xy, about=t.about, flags=list(t.flags),
            command_lag_s=t.command_lag_s, **out,
        )  # fmt: skip


def arc_length(route: np.ndarray, points: int, xy: np.ndarray) -> float:
    """Arc length of the route's nearest place to a point, anywhere on it."""
    nearest = int(np.hypot(*(route[0, :points, [Route.X, Route.Y]].T - xy).T).argmin())
    return float(project(route, 0, points, float(xy[0]), float(xy[1]), float(nearest))[0])
