"""Plane curves with exact headings: filleted polylines, Bezier links, offsets, cuts and uniform resampling.

A `Curve` is a dense sample (at most STEP_M apart) that carries the tangent at every point, so that pieces cut from it
join again without a kink. Metres, radians; headings are unwrapped along the curve.
"""

import math
from typing import NamedTuple

import numpy as np
from shapely.geometry import LineString

STEP_M = 0.25
ARC_STEP_RAD = math.radians(2.0)
STRAIGHT_RAD = 1e-4  # deflections below this are no corner


class Curve(NamedTuple):
    """Sampled curve, n points."""

    xy: np.ndarray  # (n, 2)
    h: np.ndarray  # (n,) tangent heading, continuous
    s: np.ndarray  # (n,) arc length of the chords from the start

    @property
    def length(self) -> float:
        return float(self.s[-1])


def make_curve(xy: np.ndarray, h: np.ndarray) -> Curve:
    """Curve from points and headings; headings are unwrapped, repeated points dropped."""
    keep = np.concatenate([[True], np.hypot(*np.diff(xy, axis=0).T) > 1e-9])
    xy, h = xy[keep], np.unwrap(h[keep])
    s = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    return Curve(xy, h, s)


def straight(a: np.ndarray, b: np.ndarray) -> Curve:
    """The segment from a to b."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    n = max(2, math.ceil(math.dist(a, b) / STEP_M) + 1)
    t = np.linspace(0.0, 1.0, n)[:, None]
    return make_curve(a + (b - a) * t, np.full(n, math.atan2(b[1] - a[1], b[0] - a[0])))


def wrap(angle: float) -> float:
    """Angle in (-pi, pi]."""
    return math.pi - (math.pi - angle) % (2.0 * math.pi)


def deflection(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
    """Signed turn at b between ab and bc, left positive."""
    return wrap(math.atan2(c[1] - b[1], c[0] - b[0]) - math.atan2(b[1] - a[1], b[0] - a[0]))


def clean_polyline(points: np.ndarray, tolerance_m: float = 1e-6) -> np.ndarray:
    """Points without repetitions, spikes back along the way they came, and corners that are none."""
    kept: list[np.ndarray] = []
    for point in np.asarray(points, float):
        if kept and math.dist(kept[-1], point) <= max(tolerance_m, 1e-6):
            continue
        while len(kept) >= 2:
            turn = abs(deflection(kept[-2], kept[-1], point))
            if STRAIGHT_RAD < turn < math.radians(178.0):
                break
            kept.pop()
        kept.append(point)
    return np.array(kept)


def fillet(points: np.ndarray, radius_m, floor_m: float = 0.0) -> Curve:
    """Polyline with every corner replaced by a tangent arc.

    `radius_m(turn_rad)` gives the wanted radius; where neighbouring arcs would overlap, both shrink in proportion
    (tangent length = R tan(turn / 2)), but radii above `floor_m` give way first.
    """
    p = clean_polyline(points)
    n = len(p)
    if n < 2:
        raise ValueError("a curve needs two different points")
    if n == 2:
        return straight(p[0], p[1])
    turn = np.array([0.0] + [deflection(p[i - 1], p[i], p[i + 1]) for i in range(1, n - 1)] + [0.0])
    tan_half = np.tan(np.abs(turn) / 2.0)
    want = np.array([radius_m(abs(t)) * k if k > 0 else 0.0 for t, k in zip(turn, tan_half, strict=True)])
    least = np.minimum(want, floor_m * tan_half)
    room = np.hypot(*np.diff(p, axis=0).T)
    tangent = _share_room(want, least, room)
    pieces = [(p[0][None], np.array([_heading(p[0], p[1])]))]
    for i in range(1, n - 1):
        pieces.append(_arc(p[i - 1], p[i], p[i + 1], turn[i], tangent[i], tan_half[i]))
    pieces.append((p[-1][None], np.array([_heading(p[-2], p[-1])])))
    return _densify(np.concatenate([xy for xy, _ in pieces]), np.concatenate([h for _, h in pieces]))


def smoothest(points: np.ndarray, tolerances_m, radius_m, floor_m: float, tail: np.ndarray | None = None) -> Curve:
    """Fillet of a polyline, drawn ever coarser until no turn is tighter than the floor; `tail` is kept as it is."""
    best, best_radius = None, -1.0
    for tolerance_m in tolerances_m:
        line = np.array(LineString(points).simplify(tolerance_m).coords)
        curve = fillet(line if tail is None else np.concatenate([line, tail]), radius_m, floor_m)
        radius = min_radius(curve)
        if radius > best_radius + 1e-6:
            best, best_radius = curve, radius
        if radius >= 0.9 * floor_m:
            break
    assert best is not None
    return best


def _share_room(want: np.ndarray, least: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Tangent lengths that fit every segment: wants shrink towards their least, then the least in proportion."""
    tangent = want.copy()
    for i, available in enumerate(room):
        a, b = want[i], want[i + 1]
        if a + b <= available:
            continue
        low = least[i] + least[i + 1]
        if low >= available:
            scale = available / low
            a, b = least[i] * scale, least[i + 1] * scale
        else:
            share = (available - low) / (a + b - low)
            a, b = least[i] + (a - least[i]) * share, least[i + 1] + (b - least[i + 1]) * share
        tangent[i], tangent[i + 1] = min(tangent[i], a), min(tangent[i + 1], b)
    return tangent


def _arc(a, b, c, turn: float, tangent: float, tan_half: float) -> tuple[np.ndarray, np.ndarray]:
    """Arc at corner b, from tangent point to tangent point."""
    h0 = _heading(a, b)
    if tangent <= 1e-9 or tan_half <= 0.0:
        return b[None], np.array([h0 + turn / 2.0])
    radius = tangent / tan_half
    start = b - tangent * np.array([math.cos(h0), math.sin(h0)])
    side = math.copysign(1.0, turn)
    centre = start + side * radius * np.array([-math.sin(h0), math.cos(h0)])
    steps = max(2, math.ceil(abs(turn) / min(ARC_STEP_RAD, STEP_M / radius)) + 1)
    h = h0 + np.linspace(0.0, turn, steps)
    return centre + side * radius * np.stack([np.sin(h), -np.cos(h)], axis=1), h


def _heading(a: np.ndarray, b: np.ndarray) -> float:
    return math.atan2(b[1] - a[1], b[0] - a[0])


def _densify(xy: np.ndarray, h: np.ndarray) -> Curve:
    """Insert points so that no chord exceeds STEP_M (straights carry equal headings at both ends)."""
    curve = make_curve(xy, h)
    pieces = np.maximum(1, np.ceil(np.diff(curve.s) / STEP_M)).astype(int)
    within = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    s = np.repeat(curve.s[:-1], pieces) + np.repeat(np.diff(curve.s) / pieces, pieces) * within
    return at_arc(curve, np.append(s, curve.s[-1]))


def at_arc(curve: Curve, s: np.ndarray) -> Curve:
    """The curve at arc lengths s (strictly increasing); it keeps the original's measure of length."""
    xy = np.stack([np.interp(s, curve.s, curve.xy[:, 0]), np.interp(s, curve.s, curve.xy[:, 1])], axis=1)
    return Curve(xy, np.interp(s, curve.s, curve.h), s - s[0])


def cut(curve: Curve, s0: float, s1: float) -> Curve:
    """The part between two arc lengths."""
    inner = curve.s[(curve.s > s0 + 1e-6) & (curve.s < s1 - 1e-6)]
    return at_arc(curve, np.concatenate([[s0], inner, [s1]]))


def reverse(curve: Curve) -> Curve:
    """The same curve driven the other way."""
    return make_curve(curve.xy[::-1].copy(), curve.h[::-1] + math.pi)


def offset(curve: Curve, left_m: float) -> Curve:
    """Parallel curve, `left_m` to the left; parts that an inner corner folds back are dropped."""
    if left_m == 0.0:
        return curve
    normal = np.stack([-np.sin(curve.h), np.cos(curve.h)], axis=1)
    xy = curve.xy + left_m * normal
    step = np.diff(xy, axis=0)
    forward = step[:, 0] * np.cos(curve.h[:-1]) + step[:, 1] * np.sin(curve.h[:-1])
    keep = np.concatenate([[True], forward > -1e-6])
    keep[-1] = True
    return make_curve(xy[keep], curve.h[keep])


def join(curves: list[Curve]) -> Curve:
    """Curves end to end."""
    return make_curve(np.concatenate([c.xy for c in curves]), np.concatenate([c.h for c in curves]))


def bezier(p0, h0: float, p1, h1: float, reach: float) -> Curve:
    """Cubic Bezier between two poses with handles of length `reach`."""
    p0, p1 = np.asarray(p0, float), np.asarray(p1, float)
    a = p0 + reach * np.array([math.cos(h0), math.sin(h0)])
    b = p1 - reach * np.array([math.cos(h1), math.sin(h1)])
    n = max(8, math.ceil(math.dist(p0, p1) * 1.3 / STEP_M))
    t = np.linspace(0.0, 1.0, n + 1)[:, None]
    xy = (1 - t) ** 3 * p0 + 3 * (1 - t) ** 2 * t * a + 3 * (1 - t) * t**2 * b + t**3 * p1
    d = 3 * (1 - t) ** 2 * (a - p0) + 6 * (1 - t) * t * (b - a) + 3 * t**2 * (p1 - b)
    return make_curve(xy, np.arctan2(d[:, 1], d[:, 0]))


def min_radius(curve: Curve) -> float:
    """Smallest radius of curvature, over windows of about a metre."""
    n = max(2, round(curve.length) + 1)
    even = at_arc(curve, np.linspace(0.0, curve.length, n))
    turn = np.abs(np.diff(even.h)).max()
    return float(curve.length / (n - 1) / turn) if turn > 1e-9 else math.inf


def resample(curve: Curve, spacing_m: float = 1.0) -> tuple[np.ndarray, np.ndarray, float]:
    """Uniform samples about `spacing_m` apart: points (n, 2), headings (n,), exact spacing ds = length / (n - 1)."""
    n = max(1, round(curve.length / spacing_m))
    even = at_arc(curve, np.linspace(0.0, curve.length, n + 1))
    return even.xy, even.h, curve.length / n


def has_no_loop(curve: Curve) -> bool:
    """False when the curve turns by more than 320 degrees: a fillet or Bezier that tied a knot."""
    return bool(abs(curve.h - curve.h[0]).max() < math.radians(320.0))
