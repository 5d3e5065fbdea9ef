"""Slow, obvious bird's-eye view: every plane is "is this pixel's centre in that polygon?", asked of shapely.

`twin_bev` also says where the answer is a matter of rounding: pixels whose centre lies within 1e-6 m of an edge of a
shape, of a raster cell, or (for the pixel that a small actor always sets) whose border lies that near its centre.
"""

import math

import numpy as np
import shapely

from airside_sim.columns import Body, Ego, Episode, Route, RouteFeature
from airside_sim.constants import HISTORY_LEN, HISTORY_OFFSETS, ActorClass, BevChannel, ClearanceState, FeatureKind

NEAR_M = 1e-6
SIZE = 128


class Canvas:
    """34 planes of truth and of doubt over the pixel centres of one env's view."""

    def __init__(self, ego: np.ndarray, range_m: float, ahead_m: float) -> None:
        self.px_m = range_m / SIZE
        middle = (np.arange(SIZE) + 0.5) * self.px_m
        ahead, left = ahead_m - middle[:, None], 0.5 * range_m - middle[None, :]
        self.x, self.y, self.heading = ego[Ego.X], ego[Ego.Y], ego[Ego.HEADING]
        self.range_m, self.ahead_m = range_m, ahead_m
        cos, sin = math.cos(self.heading), math.sin(self.heading)
        self.centre_x = self.x + ahead * cos - left * sin
        self.centre_y = self.y + ahead * sin + left * cos
        self.points = shapely.points(self.centre_x, self.centre_y)
        self.set = np.zeros((34, SIZE, SIZE), bool)
        self.doubt = np.zeros((34, SIZE, SIZE), bool)

    def polygon(self, plane: int, corners: np.ndarray) -> None:
        """Convex polygon of map points (n, 2)."""
        hull = shapely.convex_hull(shapely.multipoints(corners))
        (west, south), (east, north) = corners.min(axis=0) - 1.0, corners.max(axis=0) + 1.0
        near = (self.centre_x > west) & (self.centre_x < east) & (self.centre_y > south) & (self.centre_y < north)
        points = self.points[near]
        self.set[plane, near] |= shapely.covers(hull, points)
        self.doubt[plane, near] |= shapely.distance(shapely.boundary(hull), points) < NEAR_M

    def disc(self, plane: int, x: float, y: float, radius_m: float) -> None:
        distance = np.hypot(self.centre_x - x, self.centre_y - y)
        self.set[plane] |= distance <= radius_m
        self.doubt[plane] |= np.abs(distance - radius_m) < NEAR_M

    def pixel_of(self, plane: int, x: float, y: float) -> None:
        """The pixel that holds a map point."""
        dx, dy = x - self.x, y - self.y
        cos, sin = math.cos(self.heading), math.sin(self.heading)
        row = (self.ahead_m - (dx * cos + dy * sin)) / self.px_m
        col = (0.5 * self.range_m - (dy * cos - dx * sin)) / self.px_m
        for r in {math.floor(row - NEAR_M), math.floor(row + NEAR_M)}:
            for c in {math.floor(col - NEAR_M), math.floor(col + NEAR_M)}:
                if 0 <= r < SIZE and 0 <= c < SIZE:
                    self.doubt[plane, r, c] |= (r, c) != (math.floor(row), math.floor(col)) or not _inside(row, col)
                    self.set[plane, r, c] |= (r, c) == (math.floor(row), math.floor(col))


def _inside(row: float, col: float) -> bool:
    return all(NEAR_M < v - math.floor(v) < 1.0 - NEAR_M for v in (row, col))


def twin_bev(w, b, at, e: int, range_m: float, ahead_m: float) -> tuple[np.ndarray, np.ndarray]:
    """(set, doubt), each (34, 128, 128) bool, of env e."""
    canvas = Canvas(w.ego[e], range_m, ahead_m)
    _static(canvas, b, int(w.episode[e, Episode.MAP]))
    _route(canvas, w.route[e], w.episode[e])
    _clearance(canvas, w, b, e)
    for quad in w.hazard[e]:
        if quad[8] > 0.0:
            canvas.polygon(BevChannel.HAZARD, quad[:8].reshape(4, 2))
    for body in w.ego_body[e]:
        if body[Body.CLASS] >= 0.0:
            _box(canvas, BevChannel.EGO, body, body[[Body.X, Body.Y, Body.COS, Body.SIN]])
    for frame, offset in enumerate(HISTORY_OFFSETS):
        slot = (w.history_head[e] - min(offset, max(w.history_count[e] - 1, 0))) % HISTORY_LEN
        for i, body in enumerate(w.body[e]):
            if body[Body.CLASS] >= 0.0 and w.seen[e, slot, i]:
                plane = 14 + 4 * int(body[Body.CLASS]) + frame
                _actor(canvas, plane, body, w.history[e, slot, i].astype(np.float64), at)
    return canvas.set, canvas.doubt


def _static(canvas: Canvas, b, m: int) -> None:
    col = (canvas.centre_x - b.raster_x0[m]) / b.raster_cell_m[m]
    row = (canvas.centre_y - b.raster_y0[m]) / b.raster_cell_m[m]
    width, height = b.raster_w[m], b.raster_h[m]
    raster = b.raster[b.raster_off[m] : b.raster_off[m] + width * height].reshape(height, width)
    inside = (col >= 0) & (col < width) & (row >= 0) & (row < height)
    value = np.zeros((SIZE, SIZE), np.uint8)
    value[inside] = raster[row[inside].astype(int), col[inside].astype(int)]
    near = np.zeros((SIZE, SIZE), bool)
    for v in (col, row):
        near |= np.abs(v - np.round(v)) * b.raster_cell_m[m] < NEAR_M
    for c in range(8):
        canvas.set[c] = (value >> c) & 1
        canvas.doubt[c] = near


def _route(canvas: Canvas, route: np.ndarray, episode: np.ndarray) -> None:
    points = route[: int(episode[Episode.ROUTE_POINTS])]
    s = np.arange(len(points), dtype=float)
    x, y, heading = points[:, Route.X], points[:, Route.Y], points[:, Route.HEADING]
    start = episode[Episode.S_REAR]
    end = min(start + 80.0, episode[Episode.ROUTE_LENGTH], len(points) - 1)
    if end > start:
        knots = np.unique([start, *np.arange(math.ceil(start), end), end])
        edges = [
            np.stack([np.interp(knots, s, x - k * np.sin(heading)), np.interp(knots, s, y + k * np.cos(heading))], 1)
            for k in (1.25, -1.25)
        ]
        for i in range(len(knots) - 1):
            canvas.polygon(BevChannel.ROUTE, np.concatenate([edges[0][i : i + 2], edges[1][i : i + 2]]))
    at_s = episode[Episode.ROUTE_START] + 10.0 * (episode[Episode.WAYPOINTS_PAID] + 1.0)
    at_s = min(at_s, episode[Episode.ROUTE_LENGTH])
    canvas.disc(BevChannel.NEXT_WAYPOINT, np.interp(at_s, s, x), np.interp(at_s, s, y), 2.0)


def _clearance(canvas: Canvas, w, b, e: int) -> None:
    tail = w.episode[e, Episode.S_FRONT] - w.ego[e, Ego.TRAIN_LENGTH]
    for f in w.feature[e, : int(w.episode[e, Episode.NUM_FEATURES])]:
        is_crossing = f[RouteFeature.KIND] in (FeatureKind.TAXI_CROSSING, FeatureKind.RUNWAY_CROSSING)
        if not is_crossing or f[RouteFeature.S_OUT] < tail:
            continue
        k = int(f[RouteFeature.ID])
        n = b.cross_nv[k]
        granted = f[RouteFeature.STATE] == ClearanceState.GRANTED
        plane = BevChannel.CLEARANCE_GRANTED if granted else BevChannel.CLEARANCE_DENIED
        canvas.polygon(plane, np.stack([b.cross_px[k, :n], b.cross_py[k, :n]], 1))


def _posed(pose: np.ndarray, local: np.ndarray) -> np.ndarray:
    """Body-frame points (n, 2) at a pose (x, y, cos, sin)."""
    x, y, cos, sin = pose
    return np.stack([x + local[:, 0] * cos - local[:, 1] * sin, y + local[:, 0] * sin + local[:, 1] * cos], 1)


def _box(canvas: Canvas, plane: int, body: np.ndarray, pose: np.ndarray) -> None:
    front, rear, half = body[Body.FRONT], -body[Body.REAR], body[Body.HALF_WIDTH]
    canvas.polygon(plane, _posed(pose, np.array([[front, half], [rear, half], [rear, -half], [front, -half]])))
    canvas.pixel_of(plane, *_posed(pose, np.array([[0.5 * (front + rear), 0.0]]))[0])


def _actor(canvas: Canvas, plane: int, body: np.ndarray, pose: np.ndarray, at) -> None:
    if body[Body.CLASS] == ActorClass.AIRCRAFT:
        kind = int(body[Body.SHAPE])
        for part in range(at.num_parts[kind]):
            n = at.part_nv[kind, part]
            outline = np.stack([at.part_x[kind, part, :n], at.part_y[kind, part, :n]], 1)
            canvas.polygon(plane, _posed(pose, outline))
    elif body[Body.SHAPE] < 0.0:
        canvas.disc(plane, pose[0], pose[1], body[Body.HALF_WIDTH])
        canvas.pixel_of(plane, pose[0], pose[1])
    else:
        _box(canvas, plane, body, pose)
