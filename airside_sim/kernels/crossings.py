"""Taxiway and runway crossings: who comes next, how soon, and when an aircraft holds for vehicles in the zone.

`update_crossings` writes, per local crossing, the aircraft that can reach the zone first. TIME_TO_CONFLICT is the
soonest possible time (full acceleration, nobody in its way), so a driver who trusts it is never surprised; it is 0
from the moment the outline enters until it has left, and a little longer for the blast behind running engines.
"""

import math

from airside_sim.columns import Aircraft, Crossing, Episode
from airside_sim.constants import AircraftPhase
from airside_sim.jit import njit
from airside_sim.kernels.aircraft_motion import NEVER_M, rail_limit
from airside_sim.kernels.aircraft_rules import is_mover

HOLD_BACK_M = 2.0  # main gear stops this far before its outline would enter the zone


@njit
def time_to_cover(distance_m, speed_mps, top_mps, accel_mps2):
    """Shortest time over a distance from speed_mps, with constant acceleration up to top_mps (s)."""
    if distance_m <= 0.0:
        return 0.0
    top = max(top_mps, speed_mps, 0.1)
    ramp_m = (top * top - speed_mps * speed_mps) / (2.0 * accel_mps2)
    if distance_m < ramp_m:
        return (math.sqrt(speed_mps * speed_mps + 2.0 * accel_mps2 * distance_m) - speed_mps) / accel_mps2
    return (top - speed_mps) / accel_mps2 + (distance_m - ramp_m) / top


@njit
def _offer(crossing, cross0, b, k, slot, time_s, distance_m, speed_mps):
    """Keep an aircraft as the next one of crossing k if it comes before the one noted so far."""
    row = crossing[b.pc_cross[k] - cross0]
    if time_s < row[Crossing.TIME_TO_CONFLICT]:
        row[Crossing.TIME_TO_CONFLICT] = time_s
        row[Crossing.DISTANCE] = distance_m
        row[Crossing.CLOSING_SPEED] = speed_mps
        row[Crossing.AIRCRAFT] = slot


@njit
def _offer_path(crossing, cross0, b, path, slot, s, speed_mps, top_mps, accel_mps2, wait_s, wait_m, trail_m):
    """Offer an aircraft at arc length s to every crossing ahead on a path; wait_s and wait_m precede the path.

    top_mps <= 0 stands for the path's own limits. trail_m: length behind the outline that stays unsafe.
    """
    for k in range(b.path_cross0[path], b.path_cross0[path + 1]):
        if s > b.pc_s_out[k] + trail_m:
            continue
        ahead_m = max(b.pc_s_in[k] - s, 0.0)
        top = top_mps
        if top <= 0.0:
            top = max(rail_limit(b, path, s), rail_limit(b, path, b.pc_s_in[k]))
        time_s = wait_s + time_to_cover(ahead_m, speed_mps, top, accel_mps2)
        _offer(crossing, cross0, b, k, slot, time_s, wait_m + ahead_m, speed_mps)


@njit
def _offer_aircraft(crossing, cross0, b, row, slot, taxi_accel, push_accel, start_up_s, blast_m):
    phase = int(row[Aircraft.PHASE])
    path = int(row[Aircraft.PATH])
    s = row[Aircraft.S]
    speed = row[Aircraft.SPEED]
    if phase == AircraftPhase.TAXI_IN or phase == AircraftPhase.TAXI_OUT:
        _offer_path(crossing, cross0, b, path, slot, s, speed, 0.0, taxi_accel, 0.0, 0.0, blast_m)
        return
    wait_s = row[Aircraft.TIMER] if phase == AircraftPhase.BEACON_ON else 0.0
    top = row[Aircraft.PUSH_SPEED]
    _offer_path(crossing, cross0, b, path, slot, s, speed, top, push_accel, wait_s, 0.0, 0.0)
    left_m = b.path_len[path] - s
    if phase == AircraftPhase.START_UP:
        wait_s = row[Aircraft.TIMER]
    else:
        wait_s += time_to_cover(left_m, speed, top, push_accel) + start_up_s
    out = int(row[Aircraft.NEXT_PATH])
    _offer_path(crossing, cross0, b, out, slot, 0.0, 0.0, 0.0, taxi_accel, wait_s, left_m, 0.0)


@njit
def update_crossings(e, w, b, q):
    """Write TIME_TO_CONFLICT, DISTANCE, CLOSING_SPEED and AIRCRAFT of every crossing of env e."""
    m = int(w.episode[e, Episode.MAP])
    cross0 = b.map_crossing0[m]
    crossing = w.crossing[e]
    for k in range(b.map_crossing0[m + 1] - cross0):
        crossing[k, Crossing.TIME_TO_CONFLICT] = NEVER_M
        crossing[k, Crossing.DISTANCE] = NEVER_M
        crossing[k, Crossing.CLOSING_SPEED] = 0.0
        crossing[k, Crossing.AIRCRAFT] = -1.0
    for i in range(w.aircraft.shape[1]):
        row = w.aircraft[e, i]
        if is_mover(int(row[Aircraft.PHASE])):
            wide = row[Aircraft.WING_HALF] > 18.0
            blast_m = q.blast_idle_e_m if wide else q.blast_idle_c_m
            accel = q.taxi_accel_mps2
            _offer_aircraft(crossing, cross0, b, row, i, accel, q.push_accel_mps2, q.start_up_low_s, blast_m)


@njit
def crossing_stop_s(crossing, cross0, b, row, brake_mps2):
    """Arc length at which an aircraft holds before the first crossing that has vehicles in it; NEVER_M if none.

    One that can no longer stop with normal braking goes on.
    """
    path = int(row[Aircraft.PATH])
    s = row[Aircraft.S]
    braking_m = row[Aircraft.SPEED] ** 2 / (2.0 * brake_mps2)
    for k in range(b.path_cross0[path], b.path_cross0[path + 1]):
        if s >= b.pc_s_in[k] or b.pc_s_in[k] - s > braking_m + 40.0:
            continue
        here = crossing[b.pc_cross[k] - cross0]
        if here[Crossing.OCCUPANTS] <= 0.0 and here[Crossing.EGO_INSIDE] <= 0.0:
            continue
        stop_s = b.pc_s_in[k] - HOLD_BACK_M
        if s + braking_m <= stop_s + 1.0:
            return stop_s
    return NEVER_M
