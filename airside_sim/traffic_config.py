"""Every number of the background traffic in one frozen place: vehicles, people, props and aircraft.

`TrafficParams` is what kernels read (floats only, so numba compiles one signature); the defaults come from the domain
facts (service braking 1.5, person 1.2-1.5 m/s, pushback 1-2 m/s ...). Metres, seconds, m/s, m/s2.
"""

from typing import NamedTuple

from airside_sim.by_reference import by_reference


@by_reference
class TrafficParams(NamedTuple):
    # --- how many (at density 1) ------------------------------------------------------------
    peak_vehicles: float = 60.0
    lane_m_per_vehicle: float = 240.0  # small aprons: at peak one mover on so much lane
    crowded_m: float = 220.0  # lane that each mover needs: the bubble widens until its lanes hold them all
    peak_people: float = 60.0
    peak_moving_aircraft: float = 5.0
    peak_stand_occupancy: float = 0.9
    # --- the bubble round the ego ------------------------------------------------------------
    bubble_m: float = 220.0  # vehicles: initial spawn and destinations lie inside
    bubble_out_m: float = 280.0  # farther ones move to a new place
    respawn_max_m: float = 240.0
    people_bubble_m: float = 125.0  # the same for people, who walk and so must be near to be met
    people_out_m: float = 140.0
    view_m: float = 75.0  # nothing appears or vanishes nearer than this: the farthest corner of the BEV
    # --- background vehicles ------------------------------------------------------------
    idm_gap_m: float = 2.0  # standing gap
    idm_headway_s: float = 1.4
    comfort_brake_mps2: float = 1.5
    emergency_brake_mps2: float = 8.0
    lateral_accel_mps2: float = 1.5
    speed_factor_min: float = 0.7
    speed_factor_max: float = 1.3
    ego_margin_m: float = 0.6  # beside the body
    crossing_margin_s: float = 8.0
    dwell_min_s: float = 5.0  # on the lane itself, with others behind
    dwell_max_s: float = 15.0
    junction_rank_s: float = 2.0  # waiting time one rank of right of way is worth
    stuck_s: float = 30.0  # stuck behind the ego, out of view: drives elsewhere
    reroute_s: float = 25.0  # waits this long for room: takes another destination
    # --- people ------------------------------------------------------------
    person_radius_m: float = 0.3
    walk_min_mps: float = 1.2
    walk_max_mps: float = 1.5
    hurry_mps: float = 2.0
    worker_share: float = 0.35
    crosser_share: float = 0.1
    person_stop_m: float = 1.0  # stops this far before bodies
    # --- props at stands ------------------------------------------------------------
    prop_speed_mps: float = 1.2
    prop_gap_m: float = 0.4  # beside the fuselage and between props
    # --- aircraft ------------------------------------------------------------
    stand_hold_s: float = 900.0  # least time before the aircraft of the ego's own stands may leave
    movement_s: float = 500.0  # usual time of one arrival and one departure together, sets the pace of turnarounds
    taxi_accel_mps2: float = 0.25  # 0.2-0.3
    taxi_brake_mps2: float = 0.6  # 0.5-1.0 comfortable
    aircraft_emergency_mps2: float = 2.0  # for a vehicle in the way
    push_accel_mps2: float = 0.12  # 0.10-0.15
    push_speed_low_mps: float = 1.3
    push_speed_high_mps: float = 2.0  # a measured push: median 1.5, most 2.1 m/s
    follow_gap_m: float = 36.0  # rail kept free ahead of the nose; with the outline margin 40 m to a tail
    aircraft_margin_m: float = 3.0  # between the boxes of two moving aircraft
    vehicle_margin_m: float = 2.0  # corridor beside the aircraft kept free of vehicles
    person_margin_m: float = 0.7  # wing walkers stand 2-3 m outside the tip
    aircraft_scene_m: float = 450.0  # arrivals begin and departures end this far from the ego (36 s at 8 m/s to 160 m)
    beacon_low_s: float = 20.0  # before the push: longer notice holds the ways of the push and the apron moves less
    beacon_high_s: float = 35.0
    start_up_low_s: float = 40.0
    start_up_high_s: float = 70.0
    tug_speed_mps: float = 3.0
    zone_notice_m: float = 60.0  # an arriving aircraft closes its stand zone this far before it
    zone_margin_m: float = 2.0  # outline to lane edge when a stand zone counts as left
    # --- hazards ------------------------------------------------------------
    hazard_range_m: float = 150.0  # of the ego; farther hazards are not kept
    blast_idle_c_m: float = 25.0  # behind the tail, 35 kt contour, code C and below
    blast_idle_e_m: float = 50.0  # code D to F
    blast_breakaway_factor: float = 2.0  # contour length at breakaway over idle
    blast_breakaway_s: float = 4.0
    blast_half_angle_rad: float = 0.1745  # 10 degrees
    intake_c_m: float = 4.6
    intake_e_m: float = 6.0
    push_tail_margin_m: float = 7.5
    push_side_margin_m: float = 3.0
    push_notice_s: float = 20.0  # the envelope shows this long before the push: a vehicle inside can leave
    fuelling_m: float = 6.0
    # --- many egos ------------------------------------------------------------
    puppets: float = 0.0  # the last vehicle rows: egos, as background actors see them (`kernels.fleet_puppets`)


DEFAULT_TRAFFIC = TrafficParams()  # the shipped numbers
