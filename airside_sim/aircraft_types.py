"""`AIRCRAFT`: plan outlines of ten aircraft types as convex parts, exact enough to collide with and to recognise.

Frame: origin at the middle of the main-gear axle, x to the nose, y to the left wing, metres. Dimensions: FAA Aircraft
Characteristics Database 2023-09 [V]; fuselage widths openap [V] or manuals [R]; nose overhangs derived [E +-0.6 m];
outline rules of the domain notes section 1.1 [E]: fuselage capsule, swept trapezoid wings with tips 0.25 of the root
chord, tailplane about 0.35 of the span, nacelles 2.5 x 4.5 m (code C) or 4 x 7 m (E, F). The whole outline is solid:
nothing drives under a wing.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from airside_sim.by_reference import by_reference

MAX_PARTS = 12
MAX_PART_VERTICES = 12
MAX_ENGINES = 4


@by_reference
class AircraftTable(NamedTuple):
    """Columns over the T = 10 types; passed to kernels as `at`."""

    length_m: np.ndarray  # (T,) f64
    span_m: np.ndarray  # (T,) f64
    wheelbase_m: np.ndarray  # (T,) f64 nose wheel -> main-gear axle
    nose_to_gear_m: np.ndarray  # (T,) f64 nose tip -> nose wheel
    code: np.ndarray  # (T,) f64 ICAO letter, 0..5 = A..F
    tail_m: np.ndarray  # (T,) f64 main gear -> tail tip
    radius_m: np.ndarray  # (T,) f64 bounding circle about the main-gear centre
    num_parts: np.ndarray  # (T,) i64
    part_nv: np.ndarray  # (T, 12) i64 vertices of each part
    part_x: np.ndarray  # (T, 12, 12) f64 convex, counter-clockwise
    part_y: np.ndarray  # (T, 12, 12) f64
    part_cx: np.ndarray  # (T, 12) f64 bounding circle of each part
    part_cy: np.ndarray  # (T, 12) f64
    part_r: np.ndarray  # (T, 12) f64
    engine_x: np.ndarray  # (T, 4) f64 nozzle (or propeller) centre
    engine_y: np.ndarray  # (T, 4) f64
    num_engines: np.ndarray  # (T,) i64


@dataclass(frozen=True)
class _Type:
    """One row of the domain notes' table 1.1."""

    name: str
    code: int
    length_m: float
    span_m: float
    wheelbase_m: float
    nose_to_gear_m: float
    fuselage_m: float
    engines_m: tuple[float, ...]  # lateral offsets, one side
    sweep_deg: float
    nacelle_m: tuple[float, float]  # width, length
    root_fraction: float  # wing root chord / span


_TYPES = (
    _Type("ATR72-600", 2, 27.16, 27.05, 10.76, 1.8, 2.87, (4.05,), 0.0, (3.93, 4.0), 0.096),  # disc 3.93 m wide
    _Type("E190", 2, 36.24, 28.71, 12.50, 3.8, 3.01, (4.4,), 25.0, (2.2, 4.2), 0.19),
    _Type("A320", 2, 37.58, 35.81, 12.65, 5.07, 3.95, (5.75,), 25.0, (2.5, 4.5), 0.18),
    _Type("B737-800", 2, 39.47, 35.78, 15.61, 3.9, 3.76, (4.83,), 25.0, (2.5, 4.5), 0.19),
    _Type("A321", 2, 44.50, 35.81, 16.92, 5.07, 3.95, (5.75,), 25.0, (2.5, 4.5), 0.18),
    _Type("A330-300", 4, 63.70, 60.29, 25.39, 6.6, 5.64, (9.37,), 30.0, (4.0, 7.0), 0.175),
    _Type("B787-9", 4, 62.82, 60.14, 25.85, 4.9, 5.77, (9.7,), 32.0, (4.0, 7.0), 0.18),
    _Type("A350-900", 4, 66.81, 64.74, 28.68, 4.4, 5.96, (10.5,), 32.0, (4.0, 7.0), 0.18),
    _Type("B777-300ER", 4, 73.85, 64.80, 31.21, 5.9, 6.20, (9.6,), 31.6, (4.0, 7.0), 0.185),
    _Type("A380-800", 5, 72.73, 79.77, 32.34, 4.5, 7.14, (14.9, 25.7), 33.5, (4.0, 7.0), 0.2),
)

AIRCRAFT_NAMES = tuple(t.name for t in _TYPES)

Polygon = list[tuple[float, float]]
TIP_TO_ROOT_CHORD = 0.25


def _fuselage(t: _Type, nose_x: float, tail_x: float) -> list[Polygon]:
    """A blunt nose and barrel, and a tapering tail cone: two convex parts that share the joint."""
    half_m = 0.5 * t.fuselage_m
    nose_len_m = 1.2 * t.fuselage_m
    cone_x = tail_x + 0.22 * t.length_m
    barrel: Polygon = [
        (cone_x, -half_m),
        (nose_x - nose_len_m, -half_m),
        (nose_x - 0.45 * nose_len_m, -0.84 * half_m),
        (nose_x - 0.12 * nose_len_m, -0.47 * half_m),
        (nose_x, -0.12 * half_m),
        (nose_x, 0.12 * half_m),
        (nose_x - 0.12 * nose_len_m, 0.47 * half_m),
        (nose_x - 0.45 * nose_len_m, 0.84 * half_m),
        (nose_x - nose_len_m, half_m),
        (cone_x, half_m),
    ]
    cone: Polygon = [(tail_x, -0.12 * half_m), (cone_x, -half_m), (cone_x, half_m), (tail_x, 0.12 * half_m)]
    return [barrel, cone]


def _swept_pair(root_lead_x: float, root_chord_m: float, half_span_m: float, sweep_deg: float) -> list[Polygon]:
    """Left and right trapezoid from the centreline; the leading edge is swept back."""
    tip_lead_x = root_lead_x - half_span_m * math.tan(math.radians(sweep_deg))
    tip_chord_m = TIP_TO_ROOT_CHORD * root_chord_m
    left: Polygon = [
        (root_lead_x - root_chord_m, 0.0),
        (root_lead_x, 0.0),
        (tip_lead_x, half_span_m),
        (tip_lead_x - tip_chord_m, half_span_m),
    ]
    return [left, [(x, -y) for x, y in reversed(left)]]


def _nacelle(x_centre: float, y: float, width_m: float, length_m: float) -> Polygon:
    half_m, half_len_m = 0.5 * width_m, 0.5 * length_m
    return [
        (x_centre - half_len_m, y - 0.7 * half_m),
        (x_centre + 0.7 * half_len_m, y - half_m),
        (x_centre + half_len_m, y - 0.75 * half_m),
        (x_centre + half_len_m, y + 0.75 * half_m),
        (x_centre + 0.7 * half_len_m, y + half_m),
        (x_centre - half_len_m, y + 0.7 * half_m),
    ]


def _outline(t: _Type) -> tuple[list[Polygon], list[tuple[float, float]]]:
    """Convex parts and engine nozzles of one type."""
    nose_x = t.wheelbase_m + t.nose_to_gear_m
    tail_x = nose_x - t.length_m
    root_chord_m = t.root_fraction * t.span_m
    # the main gear stands under the rear half of the wing root: it fixes the wing along the fuselage
    root_lead_x = 0.62 * root_chord_m if t.sweep_deg > 0.0 else 0.6 * root_chord_m
    parts = _fuselage(t, nose_x, tail_x)
    parts += _swept_pair(root_lead_x, root_chord_m, 0.5 * t.span_m, t.sweep_deg)
    tail_span_m = 0.35 * t.span_m
    tail_chord_m = 0.30 * tail_span_m
    tail_root_x = tail_x + 1.25 * tail_chord_m + 0.5 * tail_span_m * math.tan(math.radians(t.sweep_deg)) * 0.4
    parts += _swept_pair(tail_root_x, tail_chord_m, 0.5 * tail_span_m, 1.1 * t.sweep_deg)
    nozzles = []
    width_m, length_m = t.nacelle_m
    for offset_m in t.engines_m:
        lead_x = root_lead_x - offset_m * math.tan(math.radians(t.sweep_deg))
        centre_x = lead_x + (0.15 * length_m if t.sweep_deg > 0.0 else 0.0)
        for y in (offset_m, -offset_m):
            parts.append(_nacelle(centre_x, y, width_m, length_m))
            nozzles.append((centre_x - 0.5 * length_m, y))
    return parts, nozzles


def _bounding_circle(polygon: Polygon) -> tuple[float, float, float]:
    """Circle about the middle of the bounding box: not the smallest, but close for these shapes."""
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    cx, cy = 0.5 * (min(xs) + max(xs)), 0.5 * (min(ys) + max(ys))
    return cx, cy, max(math.hypot(x - cx, y - cy) for x, y in polygon)


def _build() -> AircraftTable:
    T = len(_TYPES)
    shape = (T, MAX_PARTS)
    num_parts, num_engines = np.zeros(T, np.int64), np.zeros(T, np.int64)
    part_nv = np.zeros(shape, np.int64)
    part_x, part_y = np.zeros((*shape, MAX_PART_VERTICES)), np.zeros((*shape, MAX_PART_VERTICES))
    part_cx, part_cy, part_r = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    engine_x, engine_y = np.zeros((T, MAX_ENGINES)), np.zeros((T, MAX_ENGINES))
    radius_m = np.zeros(T)
    for i, t in enumerate(_TYPES):
        parts, nozzles = _outline(t)
        num_parts[i], num_engines[i] = len(parts), len(nozzles)
        for j, polygon in enumerate(parts):
            part_nv[i, j] = len(polygon)
            for k, (x, y) in enumerate(polygon):
                part_x[i, j, k], part_y[i, j, k] = x, y
            part_cx[i, j], part_cy[i, j], part_r[i, j] = _bounding_circle(polygon)
            radius_m[i] = max(radius_m[i], max(math.hypot(x, y) for x, y in polygon))
        for j, (x, y) in enumerate(nozzles):
            engine_x[i, j], engine_y[i, j] = x, y
    return AircraftTable(
        length_m=np.array([t.length_m for t in _TYPES]),
        span_m=np.array([t.span_m for t in _TYPES]),
        wheelbase_m=np.array([t.wheelbase_m for t in _TYPES]),
        nose_to_gear_m=np.array([t.nose_to_gear_m for t in _TYPES]),
        code=np.array([float(t.code) for t in _TYPES]),
        tail_m=np.array([t.length_m - t.wheelbase_m - t.nose_to_gear_m for t in _TYPES]),
        radius_m=radius_m,
        num_parts=num_parts,
        part_nv=part_nv,
        part_x=part_x,
        part_y=part_y,
        part_cx=part_cx,
        part_cy=part_cy,
        part_r=part_r,
        engine_x=engine_x,
        engine_y=engine_y,
        num_engines=num_engines,
    )


AIRCRAFT = _build()
