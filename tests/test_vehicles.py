"""The vehicle table: plausible, complete, and the figures the domain notes fix."""

import numpy as np

from airside_sim.constants import ActorClass, VehicleClass
from airside_sim.vehicles import EGO_CLASSES, VEHICLES


def test_every_class_has_a_row_of_positive_figures() -> None:
    for name, column in VEHICLES._asdict().items():
        assert column.shape == (len(VehicleClass),)
        assert column.dtype == np.float64
        if name not in ("hitch_m", "drawbar_m", "actor_class"):
            assert (column > 0.0).all(), name


def test_overhangs_fit_the_bodies() -> None:
    assert np.allclose(VEHICLES.front_m + VEHICLES.rear_m, VEHICLES.length_m)
    assert (VEHICLES.front_m > VEHICLES.wheelbase_m).all()
    assert (VEHICLES.emergency_mps2 > VEHICLES.brake_mps2).all()


def test_tractor_is_the_fitted_tug() -> None:
    t = VehicleClass.TRACTOR
    assert (VEHICLES.length_m[t], VEHICLES.width_m[t], VEHICLES.wheelbase_m[t]) == (5.5, 2.0, 3.15)
    assert VEHICLES.max_steer_rad[t] == 0.876
    assert abs(VEHICLES.max_speed_mps[t] - 6.67) < 1e-9
    assert abs(VEHICLES.wheelbase_m[t] / np.tan(VEHICLES.max_steer_rad[t]) - 2.63) < 0.01  # R_min of the notes


def test_outer_turning_radius_comes_back_from_the_lock() -> None:
    bus = VehicleClass.BUS
    inner_m = VEHICLES.wheelbase_m[bus] / np.tan(VEHICLES.max_steer_rad[bus])
    assert abs(np.hypot(inner_m + 0.5 * VEHICLES.width_m[bus], VEHICLES.front_m[bus]) - 12.5) < 1e-9


def test_observed_classes() -> None:
    assert VEHICLES.actor_class[VehicleClass.DOLLY] == ActorClass.BAGGAGE_CART
    assert VEHICLES.actor_class[VehicleClass.BOWSER] == ActorClass.FUEL_TRUCK
    assert VEHICLES.actor_class[VehicleClass.TRACTOR] == ActorClass.GSE
    assert set(EGO_CLASSES) == {"tractor", "bus", "bowser", "follow_me"}
