"""Draws a map, imported or compiled, into a PNG: surfaces in their real colours, stands, lanes with arrows, crossings.

Needs pygame (extra `render`); draws on an offscreen surface at twice the size and smooths down, so no display is used.
Colours follow the apron markings handbook (yellow taxi lines, white road paint, red stand outlines).
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import shapely

from airside_sim.mapping.areas import lead_in_line, parked_box, polygon_of, runway_polygon, stand_polygon, taxi_lines
from airside_sim.mapping.schema import AirportMap

XY = tuple[float, float]
SUPERSAMPLE = 2
_GRASS, _ASPHALT, _CONCRETE = (75, 107, 58), (60, 63, 67), (143, 143, 138)
_MATERIAL_RGB = {
    "asphalt": _ASPHALT,
    "concrete": _CONCRETE,
    "grass": _GRASS,
    "gravel": (122, 115, 98),
    "water": (62, 96, 124),
}
_RUNWAY, _ROAD, _STAND, _YELLOW = (48, 50, 54), (84, 87, 91), (104, 107, 108), (245, 196, 0)
_WHITE, _RED, _BLACK, _BUILDING = (242, 242, 242), (208, 32, 32), (20, 20, 20), (176, 150, 128)
_LANE, _PATH, _CROSSING, _POI = (80, 220, 255), (255, 150, 220), (255, 120, 40), (120, 255, 120)
_MARKING_RGB = {"taxi_centreline": _YELLOW, "taxi_edge": _YELLOW, "hold": _YELLOW, "stand": _RED}
_ARROW_EVERY_M = 40.0


def preview(
    source, out: str | Path, max_px: int = 2400, window: tuple[float, float, float, float] | None = None
) -> Path:
    """Writes a picture of an AirportMap or CompiledMap; `window` = (x0, y0, x1, y1) metres, default everything."""
    airport: AirportMap = getattr(source, "airport", source)
    canvas = _Canvas(_pygame(), window or _extent(airport), max_px)
    _draw(canvas, source)
    return canvas.save(Path(out))


def map_picture(source, window: tuple[float, float, float, float], px_per_m: float):
    """-> (pygame surface of a window of the map, function from map points to its pixels)."""
    west, south, east, north = window
    canvas = _Canvas(_pygame(), window, max(1, round(max(east - west, north - south) * px_per_m)))
    _draw(canvas, source)

    def to_pixels(points: Iterable[Sequence[float]]) -> list[XY]:
        return [(x / SUPERSAMPLE, y / SUPERSAMPLE) for x, y in canvas.px(points)]

    return canvas.picture(), to_pixels


def _draw(canvas: "_Canvas", source) -> None:
    """Everything that a map or compiled map shows, bottom first."""
    airport: AirportMap = getattr(source, "airport", source)
    _draw_ground(canvas, airport)
    _draw_paint(canvas, airport)
    arrays = getattr(source, "arrays", None)
    if arrays is None:
        _draw_roads(canvas, airport)
    else:
        _draw_compiled(canvas, arrays)
    _draw_objects(canvas, airport)
    _draw_texts(canvas, airport)


def _pygame():
    try:
        import pygame
    except ImportError as error:
        raise ModuleNotFoundError("maps preview draws with pygame: pip install 'airside_sim[render]'") from error
    pygame.font.init()
    return pygame


def _extent(airport: AirportMap) -> tuple[float, float, float, float]:
    """Box of what is drivable or built, 30 m wider; boundary grass alone would shrink the picture."""
    points: list[XY] = [node.position for node in (*airport.road_nodes, *airport.taxi_nodes)]
    points += [stand.position for stand in airport.stands] + [end for runway in airport.runways for end in runway.ends]
    points += [p for s in airport.surfaces if s.kind not in ("grass", "water") for p in s.polygon]
    points += [p for building in airport.buildings for p in building.polygon]
    xy = np.array(points or [(-50.0, -50.0), (50.0, 50.0)])
    (x0, y0), (x1, y1) = xy.min(axis=0) - 30.0, xy.max(axis=0) + 30.0
    return float(x0), float(y0), float(x1), float(y1)


class _Canvas:
    """Map metres -> supersampled pixels, north up."""

    def __init__(self, pygame, window: tuple[float, float, float, float], max_px: int) -> None:
        x0, y0, x1, y1 = window
        self.pygame = pygame
        self.scale = min(max_px / max(x1 - x0, y1 - y0, 1.0), 12.0) * SUPERSAMPLE  # px per metre
        self.x0, self.y1 = x0, y1
        size = (max(2, math.ceil((x1 - x0) * self.scale)), max(2, math.ceil((y1 - y0) * self.scale)))
        self.surface = pygame.Surface(size)
        self.surface.fill(_GRASS)

    def px(self, points: Iterable[Sequence[float]]) -> list[XY]:
        return [((p[0] - self.x0) * self.scale, (self.y1 - p[1]) * self.scale) for p in points]

    def polygon(self, shape, rgb: tuple[int, int, int], hole_rgb: tuple[int, int, int] | None = None) -> None:
        """Fills a shapely polygon; holes are filled with what usually lies below."""
        for part in shapely.get_parts(shape):
            if part.geom_type == "Polygon" and not part.is_empty:
                self.pygame.draw.polygon(self.surface, rgb, self.px(part.exterior.coords))
                for ring in part.interiors:
                    self.pygame.draw.polygon(self.surface, hole_rgb or _GRASS, self.px(ring.coords))

    def outline(self, shape, rgb: tuple[int, int, int], width_m: float = 0.3) -> None:
        for part in shapely.get_parts(shape):
            if part.geom_type == "Polygon":
                self.line(part.exterior.coords, rgb, width_m)

    def line(self, points: Iterable[Sequence[float]], rgb: tuple[int, int, int], width_m: float = 0.2) -> None:
        pixels = self.px(points)
        if len(pixels) > 1:
            width = max(SUPERSAMPLE, round(width_m * self.scale))
            self.pygame.draw.lines(self.surface, rgb, False, pixels, width)

    def arrow(self, at: XY, heading_rad: float, rgb: tuple[int, int, int], size_m: float = 2.2) -> None:
        c, s = math.cos(heading_rad) * size_m, math.sin(heading_rad) * size_m
        tip, left, right = (at[0] + c, at[1] + s), (at[0] - 0.6 * s - 0.6 * c, at[1] + 0.6 * c - 0.6 * s), None
        right = (at[0] + 0.6 * s - 0.6 * c, at[1] - 0.6 * c - 0.6 * s)
        self.pygame.draw.polygon(self.surface, rgb, self.px((tip, left, right)))

    def disc(self, at: XY, radius_m: float, rgb: tuple[int, int, int]) -> None:
        self.pygame.draw.circle(self.surface, rgb, self.px([at])[0], max(3 * SUPERSAMPLE, radius_m * self.scale))

    def text(self, text: str, at: XY, rgb: tuple[int, int, int], back: tuple[int, int, int], height_m: float) -> None:
        """A plate with text, left out when it would be too small to read."""
        height = round(height_m * self.scale)
        if height < 8 * SUPERSAMPLE:
            return
        plate = self.pygame.font.Font(None, min(height, 40 * SUPERSAMPLE)).render(f" {text} ", True, rgb, back)
        x, y = self.px([at])[0]
        self.surface.blit(plate, (x - plate.get_width() / 2, y - plate.get_height() / 2))

    def picture(self):
        """The surface at its real size."""
        width, height = self.surface.get_size()
        return self.pygame.transform.smoothscale(self.surface, (width // SUPERSAMPLE, height // SUPERSAMPLE))

    def save(self, out: Path) -> Path:
        out.parent.mkdir(parents=True, exist_ok=True)
        self.pygame.image.save(self.picture(), str(out))
        return out


def _draw_ground(canvas: _Canvas, airport: AirportMap) -> None:
    """Grass and water first, then shoulders, then pavement, runways on top."""
    order = {"grass": 0, "water": 1, "shoulder": 2, "taxiway": 3, "road": 4, "apron": 5, "runway": 6}
    for surface in sorted(airport.surfaces, key=lambda s: order[s.kind]):
        canvas.polygon(polygon_of(surface.polygon, surface.holes), _MATERIAL_RGB[surface.material])
    for runway in airport.runways:
        canvas.polygon(runway_polygon(runway), _RUNWAY)
        canvas.line(runway.ends, _WHITE, 0.9)
    for zone in airport.restricted:
        canvas.outline(polygon_of(zone.polygon), _RED, 1.0)
    for stand in airport.stands:
        canvas.polygon(stand_polygon(stand), _STAND)
        canvas.outline(stand_polygon(stand), _RED)


def _draw_paint(canvas: _Canvas, airport: AirportMap) -> None:
    for line in taxi_lines(airport):
        canvas.line(line.coords, _YELLOW, 0.6)
    taxi = shapely.union_all(taxi_lines(airport))
    for stand in airport.stands:
        lead_in = lead_in_line(stand, taxi)
        if lead_in is not None:
            canvas.line(lead_in.coords, _YELLOW, 0.4)
        if len(stand.pushback) > 1:
            canvas.line(stand.pushback, _PATH, 0.5)
    for marking in airport.markings:
        canvas.line(marking.line, _MARKING_RGB.get(marking.kind, _WHITE), 0.25)
    for hold in airport.holding_positions:
        canvas.line(hold.line, _YELLOW if hold.kind != "road" else _WHITE, 1.0)


def _draw_roads(canvas: _Canvas, airport: AirportMap) -> None:
    """Road edges as bands with an arrow per direction every 40 m."""
    at = {node.id: node.position for node in airport.road_nodes}
    lines = [shapely.LineString([at[e.start], *e.shape, at[e.end]]) for e in airport.road_edges]
    for edge, line in zip(airport.road_edges, lines, strict=True):
        canvas.polygon(line.buffer(edge.width_m / 2.0), _ROAD)
    for edge, line in zip(airport.road_edges, lines, strict=True):
        canvas.line(line.coords, _WHITE, 0.15)
        for s in np.arange(min(8.0, line.length / 2.0), line.length, _ARROW_EVERY_M):
            here, ahead = line.interpolate(s), line.interpolate(s + 1.0)
            heading = math.atan2(ahead.y - here.y, ahead.x - here.x)
            canvas.arrow((here.x, here.y), heading, _LANE)
            if not edge.oneway:
                canvas.arrow((here.x, here.y), heading + math.pi, _LANE)


def _draw_compiled(canvas: _Canvas, bank) -> None:
    """Lanes as driven (filleted, one arrow every 40 m), aircraft paths, crossing zones."""
    for lane in range(len(bank.lane_len)):
        a, b = int(bank.lane_pt0[lane]), int(bank.lane_pt0[lane + 1])
        xy = np.stack([bank.pt_x[a:b], bank.pt_y[a:b]], axis=1)
        if len(xy) > 1:
            canvas.polygon(shapely.LineString(xy).buffer(bank.lane_width[lane] / 2.0, cap_style="flat"), _ROAD)
    for path in range(len(bank.path_len)):
        a, b = int(bank.path_pt0[path]), int(bank.path_pt0[path + 1])
        canvas.line(np.stack([bank.path_x[a:b], bank.path_y[a:b]], axis=1), _PATH, 0.3)
    for lane in range(len(bank.lane_len)):
        a, b = int(bank.lane_pt0[lane]), int(bank.lane_pt0[lane + 1])
        canvas.line(np.stack([bank.pt_x[a:b], bank.pt_y[a:b]], axis=1), _LANE, 0.25)
        step = max(1, round(_ARROW_EVERY_M / max(float(bank.lane_ds[lane]), 0.1)))
        for i in range(a + min(8, (b - a) // 2), b, step):
            canvas.arrow((float(bank.pt_x[i]), float(bank.pt_y[i])), float(bank.pt_h[i]), _LANE, 1.6)
    for k in range(len(bank.cross_x)):
        n = int(bank.cross_nv[k])
        ring = np.stack([bank.cross_px[k, :n], bank.cross_py[k, :n]], axis=1)
        canvas.line(np.concatenate([ring, ring[:1]]), _CROSSING, 0.6)


def _draw_objects(canvas: _Canvas, airport: AirportMap) -> None:
    for building in airport.buildings:
        shape = polygon_of(building.polygon)
        canvas.polygon(shape, _BUILDING)
        canvas.outline(shape, _BLACK, 0.5)
    for stand in airport.stands:
        canvas.outline(parked_box(stand), (170, 200, 235), 0.3)
        canvas.arrow(stand.position, math.radians(90.0 - stand.heading_deg), _YELLOW, 3.0)
    for walkway in airport.walkways:
        canvas.line(walkway.line, _WHITE, walkway.width_m)
    for crossing in airport.crossings:
        canvas.disc(crossing.at, 2.0, _CROSSING)
    for poi in airport.pois:
        canvas.disc(poi.position, 3.0, _POI)


def _draw_texts(canvas: _Canvas, airport: AirportMap) -> None:
    for stand in airport.stands:
        angle = math.radians(90.0 - stand.heading_deg)
        at = (stand.position[0] - 14.0 * math.cos(angle), stand.position[1] - 14.0 * math.sin(angle))
        canvas.text(f"{stand.id} {stand.code}", at, _BLACK, _YELLOW, 7.0)
    for poi in airport.pois:
        canvas.text(poi.kind.replace("_", " "), (poi.position[0], poi.position[1] + 6.0), _BLACK, _POI, 7.0)
