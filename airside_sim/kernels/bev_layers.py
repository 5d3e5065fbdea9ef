"""The dynamic planes of the bird's-eye view: route, clearance, hazards, the ego's train and actors with their history.

Every function draws into `words` (34, 128, 2) u64 of one env. `vert` (2, 16) and `span` (2, 128) are scratch.
"""

import math

import numpy as np

from airside_sim.columns import Body, Episode, Route, RouteFeature
from airside_sim.constants import (
    HISTORY_LEN,
    HISTORY_OFFSETS,
    ROUTE_STEP_M,
    ActorClass,
    BevChannel,
    ClearanceState,
    FeatureKind,
)
from airside_sim.jit import njit
from airside_sim.kernels.bev_draw import fill_disc, fill_polygon, set_pixel

ROUTE_AHEAD_M = 80.0
ROUTE_HALF_WIDTH_M = 1.25
WAYPOINT_RADIUS_M = 2.0
DISC_SPACING_M = 10.0  # between waypoints along the route
WIDEST_BOX_M = 12.0  # no bounding circle but an aircraft's is larger
NEAR_CHUNK = 512  # bodies flagged at a time
_NEAR_MARGIN_M = 1.0
_STRAIGHT_RAD = 1e-9  # route points whose headings differ less are one straight piece
_FRAMES = len(HISTORY_OFFSETS)
# plain integers: numba would compile every fill routine again for an enum argument
_ROUTE, _WAYPOINT = int(BevChannel.ROUTE), int(BevChannel.NEXT_WAYPOINT)
_DENIED, _GRANTED = int(BevChannel.CLEARANCE_DENIED), int(BevChannel.CLEARANCE_GRANTED)
_HAZARD, _EGO, _ACTORS = int(BevChannel.HAZARD), int(BevChannel.EGO), int(BevChannel.AIRCRAFT_T16)


@njit
def to_pixels(view, x_m, y_m):
    """Map point -> (u, v)."""
    dx, dy = x_m - view.x_m, y_m - view.y_m
    u = view.u0 + (dx * view.sin - dy * view.cos) / view.px_m
    v = view.v0 - (dx * view.cos + dy * view.sin) / view.px_m
    return u, v


@njit
def direction_to_pixels(view, cos, sin):
    """Map direction -> (du, dv) of one metre forward; one metre to its left is (dv, -du)."""
    return (cos * view.sin - sin * view.cos) / view.px_m, -(cos * view.cos + sin * view.sin) / view.px_m


@njit
def next_waypoint_s(episode):
    """Arc length of the waypoint that pays next: a multiple of 10 m from the spawn's front bumper, at most the goal."""
    s_m = episode[Episode.ROUTE_START] + DISC_SPACING_M * (episode[Episode.WAYPOINTS_PAID] + 1.0)
    return min(s_m, episode[Episode.ROUTE_LENGTH])


@njit
def route_point(route, num_points, s_m):
    """(x, y) of one env's route (R, Route) at arc length s, linear between points, clamped to its ends."""
    s = min(max(s_m / ROUTE_STEP_M, 0.0), num_points - 1.0)
    i = min(int(s), max(num_points - 2, 0))
    f = s - i
    x0, y0 = route[i, Route.X], route[i, Route.Y]
    return x0 + f * (route[i + 1, Route.X] - x0), y0 + f * (route[i + 1, Route.Y] - y0)


@njit
def _put_edge(vert, at, view, route, num_points, s_m):
    """Vertices at, at + 1 = left and right edge of the route band at arc length s (linear between points)."""
    s = min(max(s_m / ROUTE_STEP_M, 0.0), num_points - 1.0)
    i = min(int(s), num_points - 2)
    f = s - i
    u0, v0 = to_pixels(view, route[i, Route.X], route[i, Route.Y])
    u1, v1 = to_pixels(view, route[i + 1, Route.X], route[i + 1, Route.Y])
    h0, h1 = route[i, Route.HEADING], route[i + 1, Route.HEADING]
    du0, dv0 = direction_to_pixels(view, math.cos(h0), math.sin(h0))
    du1, dv1 = du0, dv0
    if h1 != h0 and f != 0.0:
        du1, dv1 = direction_to_pixels(view, math.cos(h1), math.sin(h1))
    u, v = u0 + f * (u1 - u0), v0 + f * (v1 - v0)
    du, dv = (du0 + f * (du1 - du0)) * ROUTE_HALF_WIDTH_M, (dv0 + f * (dv1 - dv0)) * ROUTE_HALF_WIDTH_M
    vert[0, at], vert[1, at] = u + dv, v - du
    vert[0, at + 1], vert[1, at + 1] = u - dv, v + du


@njit
def draw_band(words, plane, view, route, episode, vert, span):
    """Band 2.5 m wide over the next 80 m of a route from the rear axle to the goal.

    The band is a chain of quads between the 1 m route points' left and right edges. Its vertices run 0 1 3 2 round
    a quad so that the far edge of one is the near edge of the next.
    """
    num_points = int(episode[Episode.ROUTE_POINTS])
    if num_points < 2:
        return
    goal_m = min(episode[Episode.ROUTE_LENGTH], (num_points - 1) * ROUTE_STEP_M)
    s = max(episode[Episode.S_REAR], 0.0)
    end = min(s + ROUTE_AHEAD_M, goal_m)
    if s < end:
        _put_edge(vert, 0, view, route, num_points, s)
    while s < end:
        k = int(s / ROUTE_STEP_M) + 1
        heading = route[k, Route.HEADING]
        if abs(heading - route[k - 1, Route.HEADING]) < _STRAIGHT_RAD:
            while k * ROUTE_STEP_M < end and abs(route[k + 1, Route.HEADING] - heading) < _STRAIGHT_RAD:
                k += 1
        s = min(k * ROUTE_STEP_M, end)
        _put_edge(vert, 3, view, route, num_points, s)  # left -> 3, right -> 4
        vert[0, 2], vert[1, 2] = vert[0, 4], vert[1, 4]
        fill_polygon(words, plane, 1, vert, 4, span)
        vert[0, 0], vert[1, 0] = vert[0, 3], vert[1, 3]
        vert[0, 1], vert[1, 1] = vert[0, 2], vert[1, 2]


@njit
def draw_route(words, view, route, episode, vert, span):
    """ROUTE: the band of the ego's own route. NEXT_WAYPOINT: disc of 2 m."""
    num_points = int(episode[Episode.ROUTE_POINTS])
    if num_points < 2:
        return
    draw_band(words, _ROUTE, view, route, episode, vert, span)
    x, y = route_point(route, num_points, next_waypoint_s(episode))
    u, v = to_pixels(view, x, y)
    fill_disc(words, _WAYPOINT, 1, u, v, WAYPOINT_RADIUS_M / view.px_m)


@njit
def draw_clearance(words, view, feature, episode, train_length_m, cross_nv, cross_px, cross_py, vert, span):
    """Zones of the route's crossings until the train's tail has left them: GRANTED when so, else DENIED."""
    tail_m = episode[Episode.S_FRONT] - train_length_m
    for f in range(int(episode[Episode.NUM_FEATURES])):
        kind = int(feature[f, RouteFeature.KIND])
        if kind != FeatureKind.TAXI_CROSSING and kind != FeatureKind.RUNWAY_CROSSING:
            continue
        if feature[f, RouteFeature.S_OUT] < tail_m:
            continue
        crossing = int(feature[f, RouteFeature.ID])
        n = np.int64(cross_nv[crossing])  # one type for fill_polygon
        for i in range(n):
            vert[0, i], vert[1, i] = to_pixels(view, cross_px[crossing, i], cross_py[crossing, i])
        plane = _GRANTED if int(feature[f, RouteFeature.STATE]) == ClearanceState.GRANTED else _DENIED
        fill_polygon(words, plane, 1, vert, n, span)


@njit
def draw_hazards(words, view, hazard, vert, span):
    """HAZARD: every convex quad in use of one env's (Z, 10)."""
    for z in range(hazard.shape[0]):
        if hazard[z, 8] <= 0.0:
            continue
        for i in range(4):
            vert[0, i], vert[1, i] = to_pixels(view, hazard[z, 2 * i], hazard[z, 2 * i + 1])
        fill_polygon(words, _HAZARD, 1, vert, 4, span)


@njit
def draw_box(words, plane, count, u, v, du, dv, front_m, rear_m, half_width_m, vert, span):
    """Oriented box about the reference (u, v); always at least the pixel that holds its centre."""
    fu, fv = u + front_m * du, v + front_m * dv
    ru, rv = u - rear_m * du, v - rear_m * dv
    su, sv = half_width_m * dv, -half_width_m * du  # to its left
    vert[0, 0], vert[1, 0] = fu + su, fv + sv
    vert[0, 1], vert[1, 1] = ru + su, rv + sv
    vert[0, 2], vert[1, 2] = ru - su, rv - sv
    vert[0, 3], vert[1, 3] = fu - su, fv - sv
    fill_polygon(words, plane, count, vert, 4, span)
    set_pixel(words, plane, count, 0.5 * (fu + ru), 0.5 * (fv + rv))


@njit
def draw_ego(words, view, ego_body, vert, span):
    """EGO: the tractor's and every dolly's box."""
    for i in range(ego_body.shape[0]):
        if ego_body[i, Body.CLASS] < 0.0:
            continue
        u, v = to_pixels(view, ego_body[i, Body.X], ego_body[i, Body.Y])
        du, dv = direction_to_pixels(view, ego_body[i, Body.COS], ego_body[i, Body.SIN])
        front_m, rear_m, half_m = ego_body[i, Body.FRONT], ego_body[i, Body.REAR], ego_body[i, Body.HALF_WIDTH]
        draw_box(words, _EGO, 1, u, v, du, dv, front_m, rear_m, half_m, vert, span)


@njit
def draw_aircraft(words, plane, count, u, v, du, dv, px_m, kind, at, vert, span):
    """Convex parts of aircraft type `kind`, main gear at (u, v); a part off the image costs one circle test."""
    for part in range(at.num_parts[kind]):
        cx, cy = at.part_cx[kind, part], at.part_cy[kind, part]
        reach = at.part_r[kind, part] / px_m
        cu, cv = u + cx * du + cy * dv, v + cx * dv - cy * du
        if cu + reach < 0.0 or cu - reach > 128.0 or cv + reach < 0.0 or cv - reach > 128.0:
            continue
        n = at.part_nv[kind, part]
        for i in range(n):
            x, y = at.part_x[kind, part, i], at.part_y[kind, part, i]
            vert[0, i], vert[1, i] = u + x * du + y * dv, v + x * dv - y * du
        fill_polygon(words, plane, count, vert, n, span)


@njit
def history_slot(head, count, frame):
    """Ring slot of history frame k (0 oldest .. 3 now); a short history repeats its oldest tick."""
    return (head - min(HISTORY_OFFSETS[frame], max(count - 1, 0))) % HISTORY_LEN


@njit
def draw_actors(words, view, body, history, seen, head, count, num_aircraft, at, near, near_words, vert, span):
    """Planes 14..33: every body observed at t-16, t-11, t-6, t-1, posed as observed then, shaped as it is now.

    body (N, Body), history (HISTORY_LEN, N, 4) f32, seen (HISTORY_LEN, N) u8 of one env; aircraft hold the first
    `num_aircraft` bodies. An apron holds hundreds of bodies of which a dozen are in view, so a vectorised pass over
    the poses flags those near the image before any other of their 200 bytes is read. `near` (NEAR_CHUNK,) u8 and
    `near_words` (NEAR_CHUNK / 8,) u64 are one memory, its scratch.
    """
    widest_m = WIDEST_BOX_M
    for kind in range(at.radius_m.shape[0]):
        widest_m = max(widest_m, at.radius_m[kind])
    slots = (history_slot(head, count, 0), history_slot(head, count, 1),
             history_slot(head, count, 2), history_slot(head, count, 3))  # fmt: skip
    num_bodies = body.shape[0]
    for first in range(0, num_bodies, NEAR_CHUNK):
        num = min(NEAR_CHUNK, num_bodies - first)
        large = min(max(num_aircraft - first, 0), num)  # bodies of this chunk that may be aircraft
        near_words[:] = np.uint64(0)
        for frame in range(_FRAMES):
            if frame == 0 or slots[frame] != slots[frame - 1]:
                pose = history[slots[frame], first : first + num]
                _flag_near(view, pose[:large], widest_m, near[:large])
                _flag_near(view, pose[large:], WIDEST_BOX_M, near[large:])
        for k in range((num + 7) // 8):
            if near_words[k] == np.uint64(0):
                continue
            for lane in range(8 * k, 8 * k + 8):
                if near[lane] and body[first + lane, Body.CLASS] >= 0.0:
                    _draw_history(words, view, first + lane, body, history, seen, slots, at, vert, span)


@njit
def _flag_near(view, pose, reach_m, near):
    """near[i] = 1 where pose (n, 4) f32 lies on the image grown by `reach_m`; single precision, hence the margin."""
    half_m = 64.0 * view.px_m
    ahead_m = (view.v0 - 64.0) * view.px_m  # of the ego: the image's middle
    x, y = np.float32(view.x_m + ahead_m * view.cos), np.float32(view.y_m + ahead_m * view.sin)
    cos, sin = np.float32(view.cos), np.float32(view.sin)
    far = np.float32(half_m + reach_m + _NEAR_MARGIN_M)
    for i in range(pose.shape[0]):
        dx, dy = pose[i, 0] - x, pose[i, 1] - y
        is_near = (abs(dx * cos + dy * sin) < far) & (abs(dy * cos - dx * sin) < far)
        near[i] |= np.uint8(is_near)


@njit
def _draw_history(words, view, i, body, history, seen, slots, at, vert, span):
    """Body i in all four frames. Frames in which it was seen in the very same pose are drawn once, into several planes:
    most actors of an apron are parked."""
    frame = 0
    while frame < _FRAMES:
        slot = slots[frame]
        first = frame
        frame += 1
        if not seen[slot, i]:
            continue
        while frame < _FRAMES and _same_pose(history, seen, slot, slots[frame], i):
            frame += 1
        _draw_body(words, view, first, frame - first, body[i], history[slot, i], at, vert, span)


@njit
def _same_pose(history, seen, a, b, i):
    return (
        seen[b, i] != 0
        and history[a, i, 0] == history[b, i, 0]
        and history[a, i, 1] == history[b, i, 1]
        and history[a, i, 2] == history[b, i, 2]
        and history[a, i, 3] == history[b, i, 3]
    )


@njit
def _draw_body(words, view, frame, frames, body, pose, at, vert, span):
    """One body at an observed pose (x, y, cos, sin) into `frames` planes of its class from `frame` on."""
    u, v = to_pixels(view, float(pose[0]), float(pose[1]))
    reach = body[Body.RADIUS] / view.px_m + 1.0
    if u + reach < 0.0 or u - reach > 128.0 or v + reach < 0.0 or v - reach > 128.0:
        return
    actor = int(body[Body.CLASS])
    plane = _ACTORS + _FRAMES * actor + frame
    du, dv = direction_to_pixels(view, float(pose[2]), float(pose[3]))
    if actor == ActorClass.AIRCRAFT:
        kind = int(body[Body.SHAPE])
        draw_aircraft(words, plane, frames, u, v, du, dv, view.px_m, kind, at, vert, span)
    elif body[Body.SHAPE] < 0.0:
        fill_disc(words, plane, frames, u, v, body[Body.HALF_WIDTH] / view.px_m)
        set_pixel(words, plane, frames, u, v)
    else:
        front_m, rear_m, half_m = body[Body.FRONT], body[Body.REAR], body[Body.HALF_WIDTH]
        draw_box(words, plane, frames, u, v, du, dv, front_m, rear_m, half_m, vert, span)
