"""Night, fog, rain and snow over a finished picture, as numpy arithmetic on the RGB array (repeatable by tick)."""

import numpy as np

from airside_sim.columns import Body, Sky
from airside_sim.constants import Light, Weather
from airside_sim.rendering.camera import Camera

NIGHT_TINT = np.array([0.20, 0.24, 0.36], dtype=np.float32)
FOG_COLOUR = np.array([176, 182, 188], dtype=np.float32)
NIGHT_FOG_COLOUR = np.array([46, 52, 64], dtype=np.float32)
THINNEST = 0.2  # intensity of the lightest rain, fog or snow that an episode begins with
LAMP_COLOUR = np.array([1.0, 0.93, 0.78], dtype=np.float32)


def apply(
    image: np.ndarray,
    camera: Camera,
    sky: np.ndarray,
    ego_bodies: np.ndarray,
    bodies: np.ndarray,
    lamps: np.ndarray,
    tick: int,
) -> np.ndarray:
    """Weathered copy of image (H, W, 3) uint8.

    lamps: (n, 2) map positions of floodlights; bodies: (N, Body) for headlights.
    """
    weather, night = int(sky[Sky.WEATHER]), int(sky[Sky.LIGHT]) == Light.NIGHT
    darkness = float(sky[Sky.DARKNESS])  # between 0 and 1 at dusk
    if weather == Weather.CLEAR and darkness == 0.0:
        return image
    rgb = image.astype(np.float32)
    intensity = float(sky[Sky.INTENSITY])
    if weather == Weather.SNOW:
        _snow_cover(rgb, intensity)
    if weather == Weather.RAIN:
        rgb *= 0.82 - 0.18 * intensity
        rgb[..., 2] += 8.0
    if darkness > 0.0:
        rgb *= 1.0 - darkness + darkness * _illumination(camera, ego_bodies, bodies, lamps)
    if weather in (Weather.FOG, Weather.SNOW, Weather.RAIN):
        _haze(rgb, camera, ego_bodies, float(sky[Sky.VISIBILITY]), weather, night, intensity)
    if weather in (Weather.RAIN, Weather.SNOW):
        _fall(rgb, weather, intensity, tick)
    return np.clip(rgb, 0, 255).astype(np.uint8)


def _grid(camera: Camera, step: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Map coordinates of every step-th pixel: light varies slowly, so it is computed coarsely and enlarged."""
    x = camera.west + (np.arange(0, camera.width, step) + step / 2) / camera.scale
    y = camera.north - (np.arange(0, camera.height, step) + step / 2) / camera.scale
    return np.meshgrid(x.astype(np.float32), y.astype(np.float32))


def _enlarge(field: np.ndarray, camera: Camera, step: int = 4) -> np.ndarray:
    """Bilinear enlargement of a coarse field to the picture's size."""
    rows = np.clip((np.arange(camera.height) + 0.5) / step - 0.5, 0, field.shape[0] - 1)
    cols = np.clip((np.arange(camera.width) + 0.5) / step - 0.5, 0, field.shape[1] - 1)
    r0, c0 = rows.astype(int), cols.astype(int)
    r1, c1 = np.minimum(r0 + 1, field.shape[0] - 1), np.minimum(c0 + 1, field.shape[1] - 1)
    fr, fc = (rows - r0)[:, None].astype(np.float32), (cols - c0)[None, :].astype(np.float32)
    top = field[r0][:, c0] * (1 - fc) + field[r0][:, c1] * fc
    low = field[r1][:, c0] * (1 - fc) + field[r1][:, c1] * fc
    return top * (1 - fr) + low * fr


def _illumination(camera: Camera, ego_bodies: np.ndarray, bodies: np.ndarray, lamps: np.ndarray) -> np.ndarray:
    """Light falling on each pixel (H, W, 3): sky tint, floodlights at the stands, headlights."""
    x, y = _grid(camera)
    light = np.zeros_like(x)
    for lx, ly in lamps:
        if abs(lx - camera.x) > camera.reach_m + 60 or abs(ly - camera.y) > camera.reach_m + 60:
            continue
        light += 0.55 / (1.0 + ((x - lx) ** 2 + (y - ly) ** 2) / 500.0) ** 1.5
    cars = np.concatenate([ego_bodies[:1], bodies[(bodies[:, Body.CLASS] >= 1) & (bodies[:, Body.CLASS] <= 3)]])
    moving = np.hypot(cars[:, Body.VX], cars[:, Body.VY]) > 0.05
    moving[0] = True
    near = np.hypot(cars[:, Body.X] - camera.x, cars[:, Body.Y] - camera.y) < camera.reach_m + 30
    for car in cars[moving & near]:
        dx = x - (car[Body.X] + car[Body.FRONT] * car[Body.COS])
        dy = y - (car[Body.Y] + car[Body.FRONT] * car[Body.SIN])
        ahead = dx * car[Body.COS] + dy * car[Body.SIN]
        aside = -dx * car[Body.SIN] + dy * car[Body.COS]
        spread = 0.8 + 0.30 * np.maximum(ahead, 0.0)
        beam = np.exp(-((aside / spread) ** 2)) * np.exp(-np.maximum(ahead, 0) / 13.0) * (ahead > -0.5)
        light += 0.85 * beam
    light = _enlarge(np.minimum(light, 1.15), camera)[..., None]
    return NIGHT_TINT + light * (LAMP_COLOUR - 0.15)


def _haze(
    rgb: np.ndarray,
    camera: Camera,
    ego_bodies: np.ndarray,
    visibility_m: float,
    weather: int,
    night: bool,
    intensity: float,
) -> None:
    """Koschmieder's law: contrast falls to 5 % at the visibility distance, measured from the ego.

    A thin veil lies over all, also near by; it comes and goes with the weather.
    """
    x, y = _grid(camera)
    far = np.hypot(x - ego_bodies[0, Body.X], y - ego_bodies[0, Body.Y])
    veil = 1.0 - np.exp(-3.0 * far / max(visibility_m, 40.0))
    base = (0.22 if weather == Weather.FOG else 0.06) * min(1.0, intensity / THINNEST)
    veil = _enlarge(np.clip(base + veil, 0.0, 0.93), camera)[..., None]
    colour = NIGHT_FOG_COLOUR if night else FOG_COLOUR
    rgb *= 1.0 - veil
    rgb += veil * colour


def _snow_cover(rgb: np.ndarray, intensity: float) -> None:
    grey = rgb.mean(axis=2, keepdims=True)
    cover = 0.35 + 0.35 * intensity
    ground = grey < 170.0
    np.copyto(rgb, rgb * (1 - cover) + 232.0 * cover, where=ground)


def _fall(rgb: np.ndarray, weather: int, intensity: float, tick: int) -> None:
    """Streaks or flakes, drawn from the tick so that a replay looks the same."""
    height, width = rgb.shape[:2]
    draw = np.random.Generator(np.random.PCG64(tick))
    count = int(width * height / 1800 * (0.4 + intensity))
    px = draw.integers(0, width, count)
    py = draw.integers(0, height, count)
    if weather == Weather.RAIN:
        for k in range(int(6 + 8 * intensity)):
            rows, cols = np.minimum(py + k, height - 1), np.maximum(px - k // 3, 0)
            rgb[rows, cols] = rgb[rows, cols] * 0.65 + 70.0
    else:
        for dy in (0, 1):
            for dx in (0, 1):
                rows, cols = np.minimum(py + dy, height - 1), np.minimum(px + dx, width - 1)
                rgb[rows, cols] = 245.0
