"""`EpisodeSetup`: the numbers from which a reset draws an episode (a scenario, flattened for the kernels)."""

from typing import NamedTuple

from airside_sim.by_reference import by_reference


@by_reference
class EpisodeSetup(NamedTuple):
    """All float64. A `_low`/`_high` pair is a closed range drawn uniformly per episode."""

    ego_vehicle: float = 0.0  # constants.VehicleClass row
    trailers_low: float = 2.0
    trailers_high: float = 2.0
    laden_probability: float = 0.5
    density: float = 0.4  # fraction of peak traffic
    weather: float = 0.0  # constants.Weather, -1 = drawn by the shares of domain spec 7
    light: float = 0.0  # constants.Light, -1 = drawn
    sensing: float = 0.0  # constants.Sensing
    max_steps: float = -1.0  # -1 = time by the route, 0 = no limit, else ticks
    pushback: float = 0.0  # probability that an aircraft is being pushed across the route at the start
    pushback_within_m: float = 0.0  # the zone's largest distance from the start
    pushback_clear_low_s: float = 10.0  # the road stays blocked this long after the start
    pushback_clear_high_s: float = 40.0
    goal_occupied: float = 0.0  # 1 = an aircraft is parked at the goal stand (turnaround)
    speed_scale: float = 1.0
