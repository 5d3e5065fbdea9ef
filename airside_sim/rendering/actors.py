"""Aircraft, vehicles, people and the ego as seen from above, drawn from the world's bodies (true outlines)."""

import math

import numpy as np

from airside_sim.columns import Body
from airside_sim.constants import EGO_BODIES, ActorClass, VehicleClass
from airside_sim.rendering import palette
from airside_sim.rendering.backend import pygame
from airside_sim.rendering.camera import Camera

_NAMES = {int(v): v.name for v in VehicleClass}


def place(points: np.ndarray, x: float, y: float, c: float, s: float) -> np.ndarray:
    """Body-frame points (n, 2) to the map frame."""
    return np.stack([x + points[:, 0] * c - points[:, 1] * s, y + points[:, 0] * s + points[:, 1] * c], axis=1)


def box_points(front: float, rear: float, half_width: float) -> np.ndarray:
    return np.array([(front, half_width), (front, -half_width), (-rear, -half_width), (-rear, half_width)])


def _polygon(surface, camera: Camera, colour, points: np.ndarray, outline=None) -> None:
    pixels = camera.to_pixels(points)
    pygame.draw.polygon(surface, colour, pixels.tolist())
    if outline is not None:
        pygame.draw.polygon(surface, outline, pixels.tolist(), max(1, int(0.1 * camera.scale)))


def _shadow(surface, camera: Camera, points: np.ndarray, height_m: float) -> None:
    pixels = camera.to_pixels(points + np.array([0.35, -0.35]) * height_m)
    low = np.floor(pixels.min(axis=0)).astype(int)
    size = np.ceil(pixels.max(axis=0)).astype(int) - low + 1
    if (size <= 0).any() or (size > 4000).any():
        return
    patch = pygame.Surface(size.tolist(), pygame.SRCALPHA)
    pygame.draw.polygon(patch, palette.SHADOW, (pixels - low).tolist())
    surface.blit(patch, low.tolist())


def draw_aircraft(surface, camera: Camera, body: np.ndarray, types, tick: int, livery: int) -> None:
    """One aircraft: wings and tailplane under the nacelles and the fuselage, cockpit, doors, beacon when lit."""
    kind = int(body[Body.SHAPE])
    x, y, c, s = body[Body.X], body[Body.Y], body[Body.COS], body[Body.SIN]
    parts = []
    for k in range(int(types.num_parts[kind])):
        n = int(types.part_nv[kind, k])
        parts.append(np.stack([types.part_x[kind, k, :n], types.part_y[kind, k, :n]], axis=1))
    for part in parts:
        _shadow(surface, camera, place(part, x, y, c, s), 3.0)
    for part in parts[1:]:
        span = np.ptp(part[:, 1])
        colour = palette.NACELLE if span < 5.0 and np.ptp(part[:, 0]) < 9.0 else palette.WING
        _polygon(surface, camera, colour, place(part, x, y, c, s), palette.ROOF_EDGE)
    fuselage = parts[0]
    _polygon(surface, camera, palette.FUSELAGE, place(fuselage, x, y, c, s), palette.ROOF_EDGE)
    nose, tail = fuselage[:, 0].max(), fuselage[:, 0].min()
    half = fuselage[:, 1].max()
    colour = palette.LIVERIES[livery % len(palette.LIVERIES)]
    fin = np.array([(tail + 0.2 * (nose - tail), 0.25), (tail, 0.3), (tail, -0.3), (tail + 0.2 * (nose - tail), -0.25)])
    _polygon(surface, camera, colour, place(fin, x, y, c, s))
    stripe = box_points(nose - 2.5 * half, -(tail + 4 * half), 0.14)
    _polygon(surface, camera, colour, place(stripe, x, y, c, s))
    glass = np.array([(nose - 0.5 * half, 0.45 * half), (nose - 0.5 * half, -0.45 * half),
                      (nose - 1.2 * half, -0.75 * half), (nose - 1.2 * half, 0.75 * half)])  # fmt: skip
    _polygon(surface, camera, palette.COCKPIT, place(glass, x, y, c, s))
    if body[Body.BEACON] > 0 and tick % 10 < 5:
        middle = place(np.array([[0.4 * (nose + tail), 0.0]]), x, y, c, s)
        glow(surface, camera, middle[0], palette.BEACON_ON, 3.0)


def glow(surface, camera: Camera, point: np.ndarray, colour, radius_m: float) -> None:
    """A soft light: three rings of falling opacity and a bright core."""
    centre = camera.to_pixels(point[None])[0]
    side = max(3, int(2 * radius_m * camera.scale))
    patch = pygame.Surface((side, side), pygame.SRCALPHA)
    for k in (1.0, 0.6, 0.3):
        pygame.draw.circle(patch, (*colour, int(70 / k**0.5)), (side / 2, side / 2), side / 2 * k)
    pygame.draw.circle(patch, (255, 235, 230, 255), (side / 2, side / 2), max(1.5, 0.25 * camera.scale))
    surface.blit(patch, (centre - side / 2).tolist())


def draw_vehicle(surface, camera: Camera, body: np.ndarray, colour=None, tick: int = 0) -> None:
    """One box-shaped vehicle or dolly with the details that tell its class."""
    name = _NAMES[int(body[Body.SHAPE])]
    front, rear, half = body[Body.FRONT], body[Body.REAR], body[Body.HALF_WIDTH]
    pose = (body[Body.X], body[Body.Y], body[Body.COS], body[Body.SIN])
    colour = colour or palette.VEHICLE_COLOURS[name]
    outline = tuple(int(0.45 * k) for k in colour)
    hull = place(box_points(front, rear, half), *pose)
    _shadow(surface, camera, hull, 1.2)
    _polygon(surface, camera, colour, hull, outline)
    dark = tuple(int(0.72 * k) for k in colour)
    if name == "DOLLY":
        bags = int(abs(pose[0] * 3 + pose[1]) // 50)
        load = box_points(front - 0.3, rear - 0.3, half - 0.2)
        _polygon(surface, camera, palette.LUGGAGE[bags % len(palette.LUGGAGE)], place(load, *pose), outline)
        return
    if name == "BELT_LOADER":
        _polygon(surface, camera, (70, 74, 80), place(box_points(front, rear, 0.45 * half), *pose))
    elif name == "PASSENGER_STAIRS":
        for k in np.arange(-rear + 0.6, front - 2.0, 0.5):
            _polygon(surface, camera, dark, place(box_points(k + 0.12, -k, 0.7 * half), *pose))
    elif name in ("BOWSER", "HYDRANT_DISPENSER"):
        _polygon(
            surface, camera, (228, 228, 224), place(box_points(front - 2.4, rear - 0.4, 0.8 * half), *pose), outline
        )
    elif name == "BUS":
        _polygon(surface, camera, dark, place(box_points(front - 1.0, rear - 1.0, 0.55 * half), *pose))
    if name == "ULD":
        _polygon(surface, camera, dark, place(box_points(front - 0.25, rear - 0.25, half - 0.25), *pose), outline)
        return
    glass_front = front - 0.25
    glass = box_points(glass_front, -(glass_front - min(1.1, 0.2 * (front + rear))), 0.8 * half)
    _polygon(surface, camera, palette.COCKPIT, place(glass, *pose))
    if tick % 10 < 5 and name in ("FOLLOW_ME", "TOWBAR_TUG", "TRACTOR"):
        glow(surface, camera, place(np.array([[0.3 * front, 0.0]]), *pose)[0], (255, 170, 30), 0.9)
    if body[Body.BEACON] > 0 and tick % 6 < 3:
        glow(surface, camera, place(np.array([[0.7 * front, 0.0]]), *pose)[0], (60, 110, 255), 2.5)


def draw_person(surface, camera: Camera, body: np.ndarray) -> None:
    """Hi-vis vest and a head."""
    centre = camera.to_pixels(np.array([[body[Body.X], body[Body.Y]]]))[0]
    radius = max(2.5, 0.42 * camera.scale)
    pygame.draw.circle(surface, (30, 32, 30), (centre + radius * 0.25).tolist(), radius)
    pygame.draw.circle(surface, palette.VEST, centre.tolist(), radius)
    pygame.draw.circle(surface, (70, 50, 40), centre.tolist(), radius * 0.45)


def draw_bodies(surface, camera: Camera, bodies: np.ndarray, types, tick: int) -> None:
    """Every present body near the view: people last, aircraft above vehicles (wings overhang)."""
    near = np.hypot(bodies[:, Body.X] - camera.x, bodies[:, Body.Y] - camera.y) - bodies[:, Body.RADIUS]
    present = np.flatnonzero((bodies[:, Body.CLASS] >= 0) & (near < camera.reach_m))
    order = {int(ActorClass.AIRCRAFT): 1, int(ActorClass.PERSONNEL): 2}
    for i in sorted(present, key=lambda k: order.get(int(bodies[k, Body.CLASS]), 0)):
        kind = int(bodies[i, Body.CLASS])
        if kind == ActorClass.AIRCRAFT:
            draw_aircraft(surface, camera, bodies[i], types, tick, int(i) * 7 + int(bodies[i, Body.SHAPE]))
        elif kind == ActorClass.PERSONNEL:
            draw_person(surface, camera, bodies[i])
        else:
            draw_vehicle(surface, camera, bodies[i], tick=tick)


def draw_ego(surface, camera: Camera, ego_bodies: np.ndarray, steer_rad: float, tick: int) -> None:
    """The ego in its own green, with drawbars and turned front wheels."""
    for k in range(EGO_BODIES - 1, -1, -1):
        body = ego_bodies[k]
        if body[Body.CLASS] < 0:
            continue
        if k > 0:
            lead = ego_bodies[k - 1]
            hitch = place(np.array([[-lead[Body.REAR], 0.0]]), *lead[[Body.X, Body.Y, Body.COS, Body.SIN]])
            own = place(np.array([[body[Body.FRONT], 0.0]]), *body[[Body.X, Body.Y, Body.COS, Body.SIN]])
            ends = camera.to_pixels(np.concatenate([hitch, own]))
            pygame.draw.line(
                surface, (30, 30, 30), ends[0].tolist(), ends[1].tolist(), max(2, int(0.15 * camera.scale))
            )
        draw_vehicle(surface, camera, body, palette.EGO if k == 0 else palette.EGO_TRAILER, tick)
    body = ego_bodies[0]
    pose = body[[Body.X, Body.Y, Body.COS, Body.SIN]]
    c, s = math.cos(steer_rad), math.sin(steer_rad)
    for side in (-1, 1):
        wheel = box_points(0.45, 0.45, 0.16) @ np.array([[c, s], [-s, c]])
        wheel = wheel + np.array([body[Body.FRONT] * 0.72, side * (body[Body.HALF_WIDTH] - 0.12)])
        _polygon(surface, camera, palette.BLACK, place(wheel, *pose))
