"""`Rebuilder`: a recorded drive laid tick by tick into a `World`, where the simulator's kernels observe and score it.

Rewards, costs and observations of recordings have no code of their own: `kernels.relabel` runs the stages of a step.
"""

import math
from typing import Any

import numpy as np

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.bags.match import MatchedRoute, match_route, write_route
from airside_sim.bags.profile import Profile
from airside_sim.bags.slots import Slots
from airside_sim.bags.tick import Drive, TickWriter, arc_length
from airside_sim.bags.tracks import Tracks
from airside_sim.bags.view import Eye
from airside_sim.capacity import MAX_HAZARDS, MAX_ROUTE_FEATURES
from airside_sim.columns import Crossing, Ego, Episode, Route, Sky, Stand
from airside_sim.config import build_params
from airside_sim.constants import BEV_SIZE, Sensing, VehicleClass
from airside_sim.info import info_names
from airside_sim.kernels.dynamics import reset_ego
from airside_sim.kernels.reset import _stand_near
from airside_sim.mapping.bank_build import build_bank
from airside_sim.mapping.cache import load_compiled
from airside_sim.parallel import launch
from airside_sim.snapshot import content_hash
from airside_sim.traffic_config import DEFAULT_TRAFFIC
from airside_sim.vehicles import VEHICLES
from airside_sim.world import Capacity, allocate

GOAL_REACH_M = 5.0  # a route that ends this near to a stand's service stop leads there
ROUTE_MARGIN = 80


class Rebuilder:
    """A map and the numbers of the labels; `label` turns aligned tracks into a labelled drive."""

    vehicles = VEHICLES
    aircraft_types = AIRCRAFT

    def __init__(
        self,
        map: str,
        *,
        reward: dict[str, float] | None = None,
        cost: dict[str, float] | None = None,
        speed_scale: float = 1.0,
        bev_size: int = 128,
        bev_range_m: float = 100.0,
        bev_ahead_m: float = 50.0,
    ) -> None:
        self.maps = load_compiled(map, bev_range_m / BEV_SIZE)
        if len(self.maps) != 1:
            raise ValueError(f"map '{map}' is {len(self.maps)} maps; a recording was made on one")
        self.map = map
        self.bank = build_bank(self.maps)
        self.map_hash = content_hash(self.bank)
        self.reward, self.cost = dict(reward or {}), dict(cost or {})
        self.params = build_params(self.reward, self.cost, speed_scale=speed_scale)
        # a controller who changes nothing by himself: clearances are given
        self.held = self.params._replace(ep_clearance_request_m=-1.0, ep_clearance_margin_s=-1e12)
        self.eye = Eye(bev_size, bev_range_m, bev_ahead_m)
        self.traffic = DEFAULT_TRAFFIC
        self.world: Any = None

    def label(self, tracks: Tracks, profile: Profile) -> Drive:
        """Observations, actions, rewards and costs of a drive."""
        path = tracks.route_xy
        if path is None:
            tracks.flags.append("route_from_track")
            path = _driven(tracks)
        route = match_route(path, self.bank, snap=tracks.route_xy is None)
        slots = Slots(tracks.objects)
        self._begin(tracks, profile, route, slots)
        tick = TickWriter(self, tracks, slots, profile)
        for k in range(len(tracks.stamp_ns)):
            tick.take(k)
        return tick.drive(route)

    def _begin(self, tracks: Tracks, profile: Profile, route: MatchedRoute, slots: Slots) -> None:
        """A world of the right size with the route, the ego's class and the weather in it."""
        bank, about = self.bank, tracks.about
        self.world = w = allocate(_capacity(bank, len(route.xy), slots), len(info_names()))
        vehicle = int(about.get("vehicle", VehicleClass[profile.vehicle.kind.upper()]))
        trailers = int(about.get("trailers", _count_links(tracks.links_rad, profile.vehicle.trailers)))
        launch(reset_ego, 0, w, VEHICLES, self.params, vehicle, trailers, False)
        w.ego[0, Ego.LADEN] = float(about.get("laden_kg", profile.vehicle.laden_kg))
        w.sky[0, Sky.SENSING] = Sensing.FULL
        w.stand[0, :, Stand.AIRCRAFT] = -1.0
        w.crossing[0, :, Crossing.AIRCRAFT] = -1.0
        first = int(np.flatnonzero(~tracks.is_gap)[0]) if not tracks.is_gap.all() else 0
        x, y, heading = tracks.pose[first]
        front_m = float(VEHICLES.front_m[vehicle])
        front = np.array([x + front_m * math.cos(heading), y + front_m * math.sin(heading)])
        w.episode[0, Episode.ROUTE_POINTS] = len(route.xy)
        w.route[0, : len(route.xy), Route.X], w.route[0, : len(route.xy), Route.Y] = route.xy.T
        start_m = float(about.get("route_start_m", arc_length(w.route, len(route.xy), front)))
        write_route(w, bank, route, start_m)
        goal_m = route.goal_m
        w.episode[0, Episode.GOAL_STAND] = stand = self._goal_stand(route, goal_m)
        w.episode[0, Episode.GOAL_AT_STAND] = float(stand >= 0)
        w.episode[0, Episode.GOAL_LANE] = route.lane[min(int(goal_m), len(route.lane) - 1)]
        w.episode[0, Episode.START_STAND] = _stand_near(bank, 0, w.route[0], w.episode[0])

    def _goal_stand(self, route: MatchedRoute, goal_m: float) -> int:
        """Stand whose service stop the route ends at, -1 none."""
        b = self.bank
        k = min(int(goal_m), len(route.xy) - 2)
        x, y = route.xy[k] + (goal_m - k) * (route.xy[k + 1] - route.xy[k])
        best, near_m = -1, GOAL_REACH_M
        for d in np.flatnonzero((b.dest_stand >= 0) & (b.dest_lane >= 0)):
            lane = int(b.dest_lane[d])
            if lane not in route.lane:
                continue
            i = int(b.lane_pt0[lane] + min(b.dest_s[d] / b.lane_ds[lane], b.lane_pt0[lane + 1] - b.lane_pt0[lane] - 1))
            far = float(np.hypot(b.pt_x[i] - x, b.pt_y[i] - y))
            if far < near_m:
                best, near_m = int(b.dest_stand[d]), far
        return best


def _capacity(bank: Any, points: int, slots: Slots) -> Capacity:
    return Capacity(
        num_envs=1, vehicles=1, aircraft=slots.num_aircraft, people=0, props=0, bodies=slots.num_bodies,
        route_points=points + ROUTE_MARGIN, route_features=MAX_ROUTE_FEATURES, lanes=len(bank.lane_len),
        junctions=max(1, int(bank.map_junction0[1])), crossings=max(1, int(bank.map_crossing0[1])),
        stands=max(1, int(bank.map_stand0[1])), walk_crossings=max(1, int(bank.map_walkx0[1])),
        taxi_edges=max(1, int(bank.map_edge0[1])), hazards=MAX_HAZARDS,
    )  # fmt: skip


def _count_links(links_rad: np.ndarray, otherwise: int) -> int:
    """Dollies that the train topic tells of."""
    known = np.isfinite(links_rad).any(axis=0)
    return int(known[1::2].sum()) if known.any() else otherwise


def _driven(tracks: Tracks) -> np.ndarray:
    """(n, 2) the track of the rear axle where it moved on by half a metre."""
    kept = [tracks.pose[0, :2]]
    for k in np.flatnonzero(~tracks.is_gap):
        if np.hypot(*(tracks.pose[k, :2] - kept[-1])) > 0.5:
            kept.append(tracks.pose[k, :2])
    return np.array(kept)
