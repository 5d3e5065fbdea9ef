"""Aircraft and their tugs as rows of `World.body`: slot i at row i, its tug at row A + i.

Only slots that changed are written (DIRTY); a parked apron costs nothing.
"""

import math

from airside_sim.columns import Aircraft, Body
from airside_sim.constants import ActorClass, AircraftPhase, VehicleClass
from airside_sim.jit import njit
from airside_sim.kernels.aircraft_motion import rail_pose, tug_pose
from airside_sim.kernels.aircraft_rules import parked_pose
from airside_sim.kernels.stands import TUG_COUPLED, TUG_HOME, TUG_NONE, TUG_RETURNING

TUG_OVERHANG_M = 1.0  # of the tug behind the nose wheel


@njit
def _pose(row, b):
    """x, y, cos, sin of an aircraft on its path, or on its stand when it has none."""
    if row[Aircraft.PATH] < 0.0:
        return parked_pose(b, row)
    x, y, h = rail_pose(b, int(row[Aircraft.PATH]), row[Aircraft.S])
    return x, y, math.cos(h), math.sin(h)


@njit
def _write_aircraft(body, i, row, x, y, c, s):
    """Fill body row i: a slot that is away becomes absent."""
    line = body[i]
    if int(row[Aircraft.PHASE]) == AircraftPhase.AWAY:
        line[Body.CLASS] = -1.0
        return
    speed = row[Aircraft.SPEED]
    if int(row[Aircraft.PHASE]) == AircraftPhase.PUSHBACK:
        speed = -speed
    line[Body.X] = x
    line[Body.Y] = y
    line[Body.COS] = c
    line[Body.SIN] = s
    line[Body.FRONT] = row[Aircraft.FUSE_FRONT]
    line[Body.REAR] = -row[Aircraft.FUSE_REAR]
    line[Body.HALF_WIDTH] = row[Aircraft.WING_HALF]
    line[Body.RADIUS] = row[Aircraft.RADIUS]
    line[Body.VX] = speed * c
    line[Body.VY] = speed * s
    line[Body.CLASS] = ActorClass.AIRCRAFT.value
    line[Body.SHAPE] = row[Aircraft.TYPE]
    line[Body.BEACON] = row[Aircraft.BEACON]
    line[Body.OWNER] = i


@njit
def _write_tug(line, owner, row, vt, x, y, c, s, vx, vy, beacon):
    """A tug whose tail reaches TUG_OVERHANG_M behind the nose wheel at x, y; the body's reference is its rear axle."""
    kind = VehicleClass.TOWBAR_TUG
    axle_m = vt.rear_m[kind] - TUG_OVERHANG_M
    line[Body.X] = x + axle_m * c
    line[Body.Y] = y + axle_m * s
    line[Body.COS] = c
    line[Body.SIN] = s
    line[Body.FRONT] = vt.front_m[kind]
    line[Body.REAR] = vt.rear_m[kind]
    line[Body.HALF_WIDTH] = 0.5 * vt.width_m[kind]
    line[Body.RADIUS] = math.hypot(max(vt.front_m[kind], vt.rear_m[kind]), 0.5 * vt.width_m[kind])
    line[Body.VX] = vx
    line[Body.VY] = vy
    line[Body.CLASS] = vt.actor_class[kind]
    line[Body.SHAPE] = kind.value
    line[Body.BEACON] = beacon
    line[Body.OWNER] = owner


@njit
def _place_tug(body, i, num_aircraft, row, vt, b, push, x, y, c, s):
    """Body of slot i's tug by its state: under the nose, driving back, on the nose-wheel stop, or none."""
    line = body[num_aircraft + i]
    tug = row[Aircraft.TUG]
    if tug == TUG_NONE:
        line[Body.CLASS] = -1.0
    elif tug == TUG_COUPLED:
        base = row[Aircraft.WHEELBASE]
        vx = body[i, Body.VX]
        vy = body[i, Body.VY]
        _write_tug(line, i, row, vt, x + base * c, y + base * s, c, s, vx, vy, row[Aircraft.BEACON])
    elif tug == TUG_RETURNING:
        tx, ty, h = tug_pose(row, b, push)
        tc = math.cos(h)
        ts = math.sin(h)
        speed = row[Aircraft.TUG_SPEED]
        _write_tug(line, i, row, vt, tx, ty, tc, ts, speed * tc, speed * ts, 1.0)
    elif tug == TUG_HOME:
        k = int(row[Aircraft.STAND])
        _write_tug(
            line, i, row, vt, b.stand_x[k], b.stand_y[k], math.cos(b.stand_h[k]), math.sin(b.stand_h[k]), 0.0, 0.0, 0.0
        )


@njit
def write_aircraft_bodies(e, w, b, at, vt, q):
    """Write the rows of `World.body` of every aircraft and tug of env e that changed since the last call."""
    body = w.body[e]
    num_aircraft = w.aircraft.shape[1]
    for i in range(num_aircraft):
        row = w.aircraft[e, i]
        stand = int(row[Aircraft.STAND])
        if stand < 0:
            break
        if row[Aircraft.DIRTY] == 0.0:
            continue
        row[Aircraft.DIRTY] = 0.0
        row[Aircraft.BODY] = i
        x, y, c, s = _pose(row, b)
        _write_aircraft(body, i, row, x, y, c, s)
        push = b.stand_path_push[stand]
        _place_tug(body, i, num_aircraft, row, vt, b, push, x, y, c, s)
