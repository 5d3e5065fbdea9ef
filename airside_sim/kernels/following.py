"""Longitudinal laws of a background driver: following, stopping at a place, never faster than can be stopped.

Scalars in, acceleration (m/s2) or speed (m/s) out.
"""

import math

from airside_sim.constants import DT_S
from airside_sim.jit import njit


@njit
def idm_accel(speed_mps, wish_mps, gap_m, leader_mps, accel_mps2, brake_mps2, gap0_m, headway_s):
    """Intelligent driver model (Treiber, Hennecke & Helbing 2000, eq. 1-3); a negative gap brakes fully."""
    free = 1.0 - (speed_mps / max(wish_mps, 0.1)) ** 4
    if gap_m > 1e8:
        return accel_mps2 * max(free, -3.0)
    closing = speed_mps * (speed_mps - leader_mps) / (2.0 * math.sqrt(accel_mps2 * brake_mps2))
    wanted = gap0_m + max(0.0, speed_mps * headway_s + closing)
    return accel_mps2 * (max(free, -3.0) - (wanted / max(gap_m, 0.1)) ** 2)


@njit
def safe_speed(gap_m, leader_mps, brake_mps2, leader_brake_mps2):
    """Largest speed now from which brake_mps2 avoids a leader that brakes at leader_brake_mps2 (Krauss 1998).

    One tick passes before braking acts: v dt + v^2 / 2b <= gap + vl^2 / 2bl.
    """
    room = max(gap_m, 0.0) + leader_mps * leader_mps / (2.0 * leader_brake_mps2)
    reach = brake_mps2 * DT_S
    return max(0.0, -reach + math.sqrt(reach * reach + 2.0 * brake_mps2 * room))


@njit
def stop_accel(speed_mps, distance_m, brake_mps2):
    """Acceleration that keeps a stop at distance_m possible at brake_mps2; positive while there is room to go."""
    if distance_m <= 0.0:
        return -speed_mps / DT_S
    allowed = safe_speed(distance_m, 0.0, brake_mps2, brake_mps2)
    return (allowed - speed_mps) / DT_S


@njit
def stopping_m(speed_mps, brake_mps2):
    """Distance to a stop."""
    return speed_mps * speed_mps / (2.0 * brake_mps2)


@njit
def can_stop(speed_mps, distance_m, brake_mps2):
    """A stop within distance_m needs no more than brake_mps2."""
    return stopping_m(speed_mps, brake_mps2) <= max(distance_m, 0.0) + 0.3
