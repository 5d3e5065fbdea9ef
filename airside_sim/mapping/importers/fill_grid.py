"""A cost raster for laying roads where a map has none, and cheapest links between the parts of a network on it."""

import heapq
import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from airside_sim.jit import njit
from airside_sim.mapping.areas import (
    SPAN_M,
    TAXILANE_OBJECT_M,
    TAXIWAY_OBJECT_M,
    parked_box,
    pavement_polygon,
    polygon_of,
    runway_strip,
    taxi_lines,
)
from airside_sim.mapping.schema import AirportMap

XY = tuple[float, float]
CELL_M = 4.0
ROAD_HALF_M = 3.75
OUTLINE_CLEAR_M = 5.5  # lane edge to the largest parked outline
_GRID_SLACK_M = 0.5  # polylines between cell centres may pass this much nearer
_BUILDING_CLEAR_M = 4.0  # lanes are rounded at corners and cut them
_WING_CLEAR_M = 3.0  # road edge to the wing tip of an aircraft on the taxi line
_MARGIN_M = 200.0
_TRAFFIC_REACH_M = 500.0
GRASS_COST, OBJECT_ZONE_COST, TAXI_COST = 2.0, 4.0, 10.0
_CLOSED_STEP = 1e6  # stands for a closed cell in sums, so that paths can still be compared


class RoadGrid:
    """Cost per metre of a two-way road at every cell: inf where it may not lie.

    1 on pavement, 2 on grass (the road brings its own pavement), 4 inside the taxiway-to-object distance, 10 under the
    wings of an aircraft on a taxi line, so that roads cross taxi lines squarely and seldom. Runway strips, parked
    outlines with their clearance and buildings are closed."""

    def __init__(self, airport: AirportMap) -> None:
        xy = np.array([stand.position for stand in airport.stands])
        self.x0, self.y0 = xy.min(axis=0) - _MARGIN_M
        width, height = xy.max(axis=0) + _MARGIN_M - (self.x0, self.y0)
        self.cols, self.rows = math.ceil(width / CELL_M), math.ceil(height / CELL_M)
        closed = [parked_box(s).buffer(OUTLINE_CLEAR_M + ROAD_HALF_M + _GRID_SLACK_M) for s in airport.stands]
        closed += [polygon_of(b.polygon).buffer(ROAD_HALF_M + _BUILDING_CLEAR_M) for b in airport.buildings]
        closed += [polygon_of(z.polygon).buffer(ROAD_HALF_M) for z in airport.restricted]
        closed += [runway_strip(runway).buffer(ROAD_HALF_M) for runway in airport.runways]
        wings, objects = _taxi_zones(airport)
        self.cost = np.where(self.inside(pavement_polygon(airport).buffer(-ROAD_HALF_M)), 1.0, GRASS_COST)
        self.cost[self.inside(*objects)] *= OBJECT_ZONE_COST
        self.cost[self.inside(*wings)] = TAXI_COST
        self.cost[self.inside(*closed)] = np.inf

    def inside(self, *shapes: BaseGeometry) -> np.ndarray:
        """(rows, cols) bool: cell centres inside any of the shapes (many small ones are faster than their union)."""
        xs = self.x0 + (np.arange(self.cols) + 0.5) * CELL_M
        ys = self.y0 + (np.arange(self.rows) + 0.5) * CELL_M
        mask = np.zeros((self.rows, self.cols), dtype=bool)
        for part in shapely.get_parts(shapes):
            if part.is_empty:
                continue
            west, south, east, north = part.bounds
            c0, c1 = np.searchsorted(xs, (west, east))
            r0, r1 = np.searchsorted(ys, (south, north))
            if c1 > c0 and r1 > r0:
                shapely.prepare(part)
                gx, gy = np.meshgrid(xs[c0:c1], ys[r0:r1])
                mask[r0:r1, c0:c1] |= shapely.contains_xy(part, gx, gy)
        return mask

    def cell(self, point: XY) -> int:
        col = min(max(int((point[0] - self.x0) / CELL_M), 0), self.cols - 1)
        row = min(max(int((point[1] - self.y0) / CELL_M), 0), self.rows - 1)
        return row * self.cols + col

    def centre(self, cell: int) -> XY:
        row, col = divmod(cell, self.cols)
        return self.x0 + (col + 0.5) * CELL_M, self.y0 + (row + 0.5) * CELL_M

    def at(self, point: XY) -> float:
        return float(self.cost.flat[self.cell(point)])

    def line_cost(self, a: XY, b: XY) -> float:
        """Cost of a straight road from a to b, inf when it meets a closed cell."""
        length = math.dist(a, b)
        count = max(2, math.ceil(length / (0.5 * CELL_M)))
        t = (np.arange(count) + 0.5) / count
        cols = ((a[0] + t * (b[0] - a[0]) - self.x0) / CELL_M).astype(int).clip(0, self.cols - 1)
        rows = ((a[1] + t * (b[1] - a[1]) - self.y0) / CELL_M).astype(int).clip(0, self.rows - 1)
        return float(self.cost[rows, cols].mean() * length)

    def is_free(self, a: XY, b: XY) -> bool:
        """A straight road from a to b meets no closed cell but for corners of them: less than half a cell deep."""
        count = max(2, math.ceil(math.dist(a, b) / (0.05 * CELL_M)))
        t = (np.arange(count) + 0.5) / count
        x = (a[0] + t * (b[0] - a[0]) - self.x0) / CELL_M
        y = (a[1] + t * (b[1] - a[1]) - self.y0) / CELL_M
        free = np.zeros(count, dtype=bool)
        for dx, dy in ((0.0, 0.0), (0.45, 0.0), (-0.45, 0.0), (0.0, 0.45), (0.0, -0.45)):
            rows, cols = (y + dy).astype(int).clip(0, self.rows - 1), (x + dx).astype(int).clip(0, self.cols - 1)
            free |= np.isfinite(self.cost[rows, cols])
        return bool(free.all())

    def pull(self, points: Sequence[XY]) -> list[XY]:
        """The path with corners cut wherever the straight line costs no more: few long straight pieces."""
        steps = [min(self.line_cost(a, b), _CLOSED_STEP) for a, b in pairwise(points)]
        total = np.concatenate([[0.0], np.cumsum(steps)])
        kept, i = [points[0]], 0
        while i < len(points) - 1:
            j = len(points) - 1
            while j > i + 1 and self.line_cost(points[i], points[j]) > (total[j] - total[i]) * 1.001 + 0.1:
                j -= max(1, (j - i) // 16)
            j = max(j, i + 1)
            kept.append(points[j])
            i = j
        return kept


def _taxi_zones(airport: AirportMap) -> tuple[list[BaseGeometry], list[BaseGeometry]]:
    """(under the wings, within the object distance) of every taxi edge, for the aircraft that can be there.

    A code E taxiway beside code C gates sees code C aircraft: the letter is capped by the stands within 500 m."""
    noses = shapely.STRtree([shapely.Point(stand.position) for stand in airport.stands])
    wings, objects = [], []
    for edge, line in zip(airport.taxi_edges, taxi_lines(airport), strict=True):
        near = noses.query(line, predicate="dwithin", distance=_TRAFFIC_REACH_M)
        letter = min(edge.code, max((airport.stands[k].code for k in near), default=edge.code))
        reach = TAXILANE_OBJECT_M if edge.kind == "taxilane" else TAXIWAY_OBJECT_M
        wings.append(line.buffer(SPAN_M[letter] / 2.0 + _WING_CLEAR_M + ROAD_HALF_M, quad_segs=4))
        objects.append(line.buffer(reach[letter], quad_segs=4))
    return wings, objects


def cheapest_links(
    grid: RoadGrid, sources: Sequence[tuple[int, int]], limit: float
) -> list[tuple[float, int, int, list[int]]]:
    """Cheapest link between every two labels whose regions meet: (cost, label, label, cells), cheapest first.

    `sources` = (cell, label). One Dijkstra grows all labels at once (Mehlhorn 1988); links of different pairs lie in
    different regions, so that they never cross."""
    dist, label, parent = _grow(grid, sources, 0.5 * limit)
    found: list[np.ndarray] = []  # rows of cost, label, label, cell, cell
    for dr, dc in ((0, 1), (1, 0), (1, 1), (1, -1)):
        near, far = _shifted(np.arange(len(dist)).reshape(grid.rows, grid.cols), dr, dc)
        meets = np.flatnonzero((label[near] >= 0) & (label[far] >= 0) & (label[near] != label[far]))
        near, far = near[meets], far[meets]
        length = CELL_M * math.hypot(dr, dc)
        total = dist[near] + dist[far] + 0.5 * length * (grid.cost.flat[near] + grid.cost.flat[far])
        low, high = np.minimum(label[near], label[far]), np.maximum(label[near], label[far])
        found.append(np.stack([total, low, high, near, far], axis=1)[total < limit])
    rows = np.concatenate(found)
    rows = rows[np.lexsort((rows[:, 4], rows[:, 3], rows[:, 0]))]
    _, first = np.unique(rows[:, 1:3], axis=0, return_index=True)
    links = []
    for total, near, far in rows[np.sort(first)][:, (0, 3, 4)].tolist():
        near, far = int(near), int(far)
        cells = [*_back(near, parent)[::-1], *_back(far, parent)]
        links.append((total, int(label[near]), int(label[far]), cells))
    return links


def _grow(
    grid: RoadGrid, sources: Sequence[tuple[int, int]], reach: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(cost from the nearest source, its label, parent cell) per cell, flat; untouched cells have inf and -1."""
    size = grid.rows * grid.cols
    dist, label, parent = np.full(size, np.inf), np.full(size, -1), np.full(size, -1)
    for cell, name in sources:
        dist[cell], label[cell] = 0.0, name
    cells = np.array([cell for cell, _ in sources], dtype=np.int64)
    _dijkstra(np.ascontiguousarray(grid.cost).ravel(), grid.rows, grid.cols, cells, reach, dist, label, parent)
    return dist, label, parent


@njit
def _dijkstra(price, rows, cols, cells, reach, dist, label, parent):
    """Spreads labels from `cells` (whose dist is 0) over the 8-connected raster, up to cost `reach`."""
    heap = [(0.0, cells[0])]
    for k in range(1, len(cells)):
        heapq.heappush(heap, (0.0, cells[k]))
    while len(heap) > 0:
        d, cell = heapq.heappop(heap)
        if d > dist[cell] or d > reach:
            continue
        row, col = cell // cols, cell % cols
        here = min(price[cell], TAXI_COST)  # a source may lie a hair inside a closed cell
        for dr in range(-1, 2):
            for dc in range(-1, 2):
                if (dr == 0 and dc == 0) or not (0 <= row + dr < rows and 0 <= col + dc < cols):
                    continue
                other = cell + dr * cols + dc
                through = d + 0.5 * CELL_M * math.sqrt(dr * dr + dc * dc) * (here + price[other])
                if through < dist[other]:
                    dist[other] = through
                    label[other] = label[cell]
                    parent[other] = cell
                    heapq.heappush(heap, (through, other))


def _shifted(index: np.ndarray, dr: int, dc: int) -> tuple[np.ndarray, np.ndarray]:
    """Flat indices of all cells and of their neighbours at (dr, dc)."""
    rows, cols = index.shape
    near = index[: rows - dr, max(0, -dc) : cols - max(0, dc)]
    far = index[dr:, max(0, dc) : cols + min(0, dc)]
    return near.ravel(), far.ravel()


def _back(cell: int, parent: np.ndarray) -> list[int]:
    cells = [cell]
    while parent[cell] >= 0:
        cell = int(parent[cell])
        cells.append(cell)
    return cells
