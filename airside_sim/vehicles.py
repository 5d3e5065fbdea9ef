"""`VEHICLES`: size, steering and motion limits of every ground vehicle class, one row a class, each with its source.

Marks as in the domain notes: [V] read in a source, [R] recalled from the named manual, [E] engineering estimate.
The reference point of every body is its rear axle (a dolly's too); lengths in metres, SI throughout.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from airside_sim.by_reference import by_reference
from airside_sim.constants import ActorClass, VehicleClass


@by_reference
class VehicleTable(NamedTuple):
    """Columns over `VehicleClass` (C rows); passed to kernels as `vt`."""

    length_m: np.ndarray  # (C,) f64
    width_m: np.ndarray  # (C,) f64
    wheelbase_m: np.ndarray  # (C,) f64
    front_m: np.ndarray  # (C,) f64 rear axle -> front bumper
    rear_m: np.ndarray  # (C,) f64 rear axle -> tail
    max_steer_rad: np.ndarray  # (C,) f64
    max_speed_mps: np.ndarray  # (C,) f64
    accel_mps2: np.ndarray  # (C,) f64
    brake_mps2: np.ndarray  # (C,) f64 service braking
    emergency_mps2: np.ndarray  # (C,) f64
    mass_kg: np.ndarray  # (C,) f64 empty
    hitch_m: np.ndarray  # (C,) f64 rear axle -> hitch behind it
    drawbar_m: np.ndarray  # (C,) f64 hitch -> front axle of a towed body (dollies only)
    actor_class: np.ndarray  # (C,) f64 ActorClass


@dataclass(frozen=True)
class _Row:
    """One class; overhangs not given follow from length and wheelbase (55 % of the overhang in front)."""

    length_m: float
    width_m: float
    wheelbase_m: float
    max_kmh: float
    mass_kg: float
    outer_radius_m: float = 0.0  # kerb-to-kerb outer turning radius; 0: steer_rad is given
    steer_rad: float = 0.0
    front_m: float = 0.0
    accel_mps2: float = 1.0  # [E] 0.6-1.2
    brake_mps2: float = 2.0  # [E] 1.0-2.0
    emergency_mps2: float = 5.0  # [E] 4-6
    hitch_m: float = 0.0
    drawbar_m: float = 0.0
    actor_class: int = ActorClass.GSE

    def front_from_rear_axle_m(self) -> float:
        """Rear axle to front bumper."""
        return self.front_m or self.wheelbase_m + 0.55 * (self.length_m - self.wheelbase_m)

    def max_steer_rad(self) -> float:
        """Steering lock from the outer radius of the front corner: R_outer^2 = (L/tan + w/2)^2 + front^2."""
        if self.steer_rad:
            return self.steer_rad
        inner_m = math.sqrt(self.outer_radius_m**2 - self.front_from_rear_axle_m() ** 2) - 0.5 * self.width_m
        return math.atan(self.wheelbase_m / inner_m)


# Sizes, outer radii and top speeds: domain notes section 2.3 [E] unless marked; masses [E].
_ROWS: dict[VehicleClass, _Row] = {
    # fitted real airside tug [V]: body 5.5 x 2.0, wheelbase 3.15, lock 50.2 deg, 24 km/h, accel 1.0, braking 2.0 / 6.0;
    # mass 3.5 t and hitch 0.9 m behind the rear axle from the worked train of section 2.2
    VehicleClass.TRACTOR: _Row(
        5.5, 2.0, 3.15, 24.012, 3500.0, steer_rad=0.876, front_m=4.4, emergency_mps2=6.0, hitch_m=0.9
    ),
    VehicleClass.BUS: _Row(13.9, 3.0, 7.1, 50.0, 15000.0, outer_radius_m=12.5, accel_mps2=0.8),  # Cobus 3000 [V]
    VehicleClass.BOWSER: _Row(
        10.0, 2.5, 5.0, 40.0, 18000.0, outer_radius_m=11.0, accel_mps2=0.7, actor_class=ActorClass.FUEL_TRUCK
    ),
    VehicleClass.FOLLOW_ME: _Row(4.7, 1.9, 2.8, 60.0, 1800.0, outer_radius_m=5.8, accel_mps2=1.2, emergency_mps2=6.0),
    # baggage dolly, section 2.2: drawbar 1.1, wheelbase 1.8, hook 1.1 behind the rear axle; body 3.2 x 1.6, mass 0.6 t
    VehicleClass.DOLLY: _Row(
        3.2,
        1.6,
        1.8,
        24.012,
        600.0,
        steer_rad=1.0,
        front_m=2.5,
        hitch_m=1.1,
        drawbar_m=1.1,
        actor_class=ActorClass.BAGGAGE_CART,
    ),
    VehicleClass.BELT_LOADER: _Row(8.0, 2.1, 2.7, 25.0, 4500.0, outer_radius_m=7.5, front_m=5.0),
    VehicleClass.HYDRANT_DISPENSER: _Row(
        7.0, 2.4, 3.8, 40.0, 7500.0, outer_radius_m=7.5, actor_class=ActorClass.FUEL_TRUCK
    ),
    VehicleClass.CATERING_TRUCK: _Row(9.5, 2.5, 5.2, 40.0, 10000.0, outer_radius_m=9.5, accel_mps2=0.8),
    VehicleClass.TOWBAR_TUG: _Row(6.0, 2.5, 2.6, 29.0, 12000.0, outer_radius_m=7.0, accel_mps2=0.7),  # Trepel [V]
    VehicleClass.GPU: _Row(3.5, 1.8, 2.0, 25.0, 3000.0, outer_radius_m=5.0, accel_mps2=0.7),
    VehicleClass.LAVATORY_TRUCK: _Row(6.5, 2.2, 3.5, 40.0, 6000.0, outer_radius_m=7.0),
    VehicleClass.PASSENGER_STAIRS: _Row(8.0, 2.6, 3.8, 25.0, 6500.0, outer_radius_m=8.0, accel_mps2=0.7),
    VehicleClass.CONTAINER_LOADER: _Row(9.0, 4.0, 4.0, 15.0, 15000.0, outer_radius_m=10.0, accel_mps2=0.6),
    VehicleClass.FIRE_ENGINE: _Row(12.0, 3.0, 6.0, 110.0, 26000.0, outer_radius_m=13.0, accel_mps2=1.2),
    # LD3 container on the ground, base 1.562 x 1.534 [V]; having no wheels, its motion only fills the columns
    VehicleClass.ULD: _Row(
        1.562, 1.534, 0.5, 1.0, 900.0, steer_rad=0.1, front_m=0.781, actor_class=ActorClass.BAGGAGE_CART
    ),
}

DOLLY_LADEN_KG = 1500.0  # section 2.2: laden 1.5-2.2 t; the worked example's 6 t train is four of these


def _build() -> VehicleTable:
    rows = [_ROWS[vehicle] for vehicle in VehicleClass]
    front_m = np.array([row.front_from_rear_axle_m() for row in rows])
    length_m = np.array([row.length_m for row in rows])
    return VehicleTable(
        length_m=length_m,
        width_m=np.array([row.width_m for row in rows]),
        wheelbase_m=np.array([row.wheelbase_m for row in rows]),
        front_m=front_m,
        rear_m=length_m - front_m,
        max_steer_rad=np.array([row.max_steer_rad() for row in rows]),
        max_speed_mps=np.array([row.max_kmh / 3.6 for row in rows]),
        accel_mps2=np.array([row.accel_mps2 for row in rows]),
        brake_mps2=np.array([row.brake_mps2 for row in rows]),
        emergency_mps2=np.array([row.emergency_mps2 for row in rows]),
        mass_kg=np.array([row.mass_kg for row in rows]),
        hitch_m=np.array([row.hitch_m for row in rows]),
        drawbar_m=np.array([row.drawbar_m for row in rows]),
        actor_class=np.array([float(row.actor_class) for row in rows]),
    )


VEHICLES = _build()

EGO_CLASSES = {
    "tractor": VehicleClass.TRACTOR,
    "bus": VehicleClass.BUS,
    "bowser": VehicleClass.BOWSER,
    "follow_me": VehicleClass.FOLLOW_ME,
}
