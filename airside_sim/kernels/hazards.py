"""Hazard areas about aircraft near the ego: jet blast, intakes, the swept area of a push, fuelling.

`World.hazard` holds convex quads in the map frame (x0 y0 .. x3 y3, counter-clockwise), their HazardKind and the
aircraft slot. They are rebuilt every tick from the aircraft bodies; rows past the last one have kind 0. Only aircraft
within `hazard_range_m` of the ego are kept: a hazard farther off cannot matter within the next tens of seconds.
"""

import math

from airside_sim.columns import Aircraft, Body, Ego, Route
from airside_sim.constants import AircraftPhase, HazardKind
from airside_sim.jit import njit
from airside_sim.kernels.aircraft_motion import rail_pose
from airside_sim.kernels.turnaround import is_doing
from airside_sim.turnaround_times import Task

KIND = 8
OWNER = 9
PUSH_QUAD_STEP_M = 12.0
MAX_PUSH_QUADS = 9  # farther apart they leave the wing tip uncovered in the turn
CODE_D = 3
NACELLE_C_M = 4.5  # nozzle to lip
NACELLE_E_M = 7.0


@njit
def _put(hazard, n, kind, owner, x, y, c, s, rear, front, rear_low, rear_high, front_low, front_high):
    """Append a trapezoid given in the frame (x, y, c, s): v from *_low to *_high at its rear and front edge."""
    if n >= hazard.shape[0]:
        return n
    row = hazard[n]
    for k in range(4):
        u = rear if k == 0 or k == 3 else front
        if k == 0:
            v = rear_low
        elif k == 1:
            v = front_low
        elif k == 2:
            v = front_high
        else:
            v = rear_high
        row[2 * k] = x + u * c - v * s
        row[2 * k + 1] = y + u * s + v * c
    row[KIND] = kind.value
    row[OWNER] = owner
    return n + 1


@njit
def _engine_side(at, kind, side):
    """Span of the engines on one side (+1 left, -1 right) in the aircraft frame: lowest y, highest y, mean x."""
    low = 1e9
    high = -1e9
    x = 0.0
    count = 0
    for k in range(at.num_engines[kind]):
        y = at.engine_y[kind, k]
        if y * side > 0.0:
            low = min(low, y)
            high = max(high, y)
            x += at.engine_x[kind, k]
            count += 1
    return low, high, x / max(count, 1)


@njit
def _put_engines(hazard, n, i, row, body, at, blast_m, spread, intake_m, nacelle_m):
    """Blast cone (nozzle to blast_m behind the tail) and intake of the engines of each side."""
    kind = int(row[Aircraft.TYPE])
    x, y, c, s = body[Body.X], body[Body.Y], body[Body.COS], body[Body.SIN]
    half = 0.5 * intake_m
    for side in (1.0, -1.0):
        low, high, nozzle = _engine_side(at, kind, side)
        far = row[Aircraft.FUSE_REAR] - blast_m
        grow = 1.5 + (nozzle - far) * spread
        n = _put(
            hazard, n, HazardKind.JET_BLAST, i, x, y, c, s, far, nozzle, low - grow, high + grow, low - 1.5, high + 1.5
        )
        front = nozzle + nacelle_m + intake_m
        n = _put(
            hazard, n, HazardKind.INTAKE, i, x, y, c, s, nozzle, front, low - half, high + half, low - half, high + half
        )
    return n


@njit
def _put_push(hazard, n, i, row, b, tail_m, side_m):
    """Outlines with margins (tail_m behind the tail, side_m beside wings and tailplane) along the rest of the push."""
    path = int(row[Aircraft.PATH])
    s = row[Aircraft.S]
    end = b.path_len[path]
    step = max(PUSH_QUAD_STEP_M, (end - s) / (MAX_PUSH_QUADS - 1))
    while True:
        x, y, h = rail_pose(b, path, s)
        c = math.cos(h)
        sn = math.sin(h)
        half = row[Aircraft.STERN_HALF] + side_m
        rear = row[Aircraft.FUSE_REAR] - tail_m
        front = row[Aircraft.FUSE_FRONT]
        n = _put(hazard, n, HazardKind.PUSHBACK, i, x, y, c, sn, rear, front, -half, half, -half, half)
        half = row[Aircraft.WING_HALF] + side_m
        rear = row[Aircraft.WING_REAR] - side_m
        front = row[Aircraft.WING_FRONT]
        n = _put(hazard, n, HazardKind.PUSHBACK, i, x, y, c, sn, rear, front, -half, half, -half, half)
        if s >= end:
            return n
        s = min(s + step, end)


@njit
def _put_fuelling(hazard, n, i, row, body, size_m):
    """Square about the couplings under the right wing."""
    v = -0.4 * row[Aircraft.WING_HALF]
    u = 0.5 * (row[Aircraft.WING_FRONT] + row[Aircraft.WING_REAR])
    x, y, c, s = body[Body.X], body[Body.Y], body[Body.COS], body[Body.SIN]
    low = v - size_m
    high = v + size_m
    return _put(hazard, n, HazardKind.FUELLING, i, x, y, c, s, u - size_m, u + size_m, low, high, low, high)


@njit
def first_covered(quad, route, first, last, margin_m):
    """First of the route's points first .. last - 1 that lies in a hazard row or within margin_m of its sides; or -1.

    route (R, Route).
    """
    for n in range(first, last):
        x = route[n, Route.X]
        y = route[n, Route.Y]
        inside = True
        for i in range(4):
            j = (i + 1) % 4
            dx = quad[2 * j] - quad[2 * i]
            dy = quad[2 * j + 1] - quad[2 * i + 1]
            if dx * (y - quad[2 * i + 1]) - dy * (x - quad[2 * i]) < -margin_m * math.hypot(dx, dy):
                inside = False
                break
        if inside:
            return n
    return -1


@njit
def update_hazards(e, w, b, at, q):
    """Rebuild the hazard quads of env e from its aircraft and their bodies."""
    hazard = w.hazard[e]
    n = 0
    spread = math.tan(q.blast_half_angle_rad)
    for i in range(w.aircraft.shape[1]):
        row = w.aircraft[e, i]
        phase = int(row[Aircraft.PHASE])
        if phase == AircraftPhase.AWAY:
            continue
        body = w.body[e, i]
        dx = body[Body.X] - w.ego[e, Ego.X]
        dy = body[Body.Y] - w.ego[e, Ego.Y]
        if dx * dx + dy * dy > q.hazard_range_m * q.hazard_range_m:
            continue
        if row[Aircraft.ENGINES] > 0.0:
            wide = at.code[int(row[Aircraft.TYPE])] >= CODE_D
            blast_m = q.blast_idle_e_m if wide else q.blast_idle_c_m
            if row[Aircraft.BREAKAWAY] > 0.0:
                blast_m *= q.blast_breakaway_factor
            intake_m = q.intake_e_m if wide else q.intake_c_m
            nacelle_m = NACELLE_E_M if wide else NACELLE_C_M
            n = _put_engines(hazard, n, i, row, body, at, blast_m, spread, intake_m, nacelle_m)
        warned = phase == AircraftPhase.BEACON_ON and row[Aircraft.TIMER] < q.push_notice_s
        if warned or phase == AircraftPhase.PUSHBACK:
            n = _put_push(hazard, n, i, row, b, q.push_tail_margin_m, q.push_side_margin_m)
        elif phase == AircraftPhase.PARKED and is_doing(w.turn[e, i], Task.FUELLING):
            n = _put_fuelling(hazard, n, i, row, body, q.fuelling_m)
    for k in range(n, hazard.shape[0]):
        if hazard[k, KIND] == 0.0:
            break
        hazard[k, KIND] = 0.0
