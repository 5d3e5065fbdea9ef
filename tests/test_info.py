"""Info columns: the contract's keys, once each, in column order."""

from airside_sim.info import Info, info_names

RULES = (
    "emergency_vehicle", "aircraft_priority", "pushback", "pedestrian_priority", "give_way", "stop_line",
    "blocking_crossing", "behind_engines", "low_visibility",
)  # fmt: skip
CONTRACT_KEYS = {
    "cost", "cost_hard", "cost_soft", "route_completion", "is_success", "at_fault", "min_dist_aircraft_m",
    "min_dist_personnel_m", "speed_mps", "termination_reason",
    *(f"cost/{name}" for name in (
        "collision_aircraft", "collision_vehicle", "collision_personnel", "collision_structure", "runway_incursion",
        "crossing_violation", "off_pavement", "off_route", "proximity", "speed", "hazard_zone", "criterion", *RULES,
        "wrong_side")),
    *(f"reward/{name}" for name in (
        "progress", "waypoint", "goal", "time", "drift", "collision", "proximity", "restricted", "steer", "jerk",
        "speed", "wrong_side", "yield", *RULES)),
}  # fmt: skip


def test_names_are_the_contract_in_column_order() -> None:
    names = info_names()
    assert set(names) == CONTRACT_KEYS
    assert len(names) == len(set(names)) == len(Info)
    assert names[Info.COST_OFF_ROUTE] == "cost/off_route"
    assert names[Info.REWARD_WRONG_SIDE] == "reward/wrong_side"
    assert names[Info.IS_SUCCESS] == "is_success"
