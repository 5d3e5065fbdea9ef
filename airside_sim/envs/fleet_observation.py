"""Observations of the egos of one apron, in the same forms as those of a batch of single envs."""

from typing import Any

from airside_sim.constants import BEV_CHANNELS
from airside_sim.envs.observation import Observer
from airside_sim.fleet import Fleet
from airside_sim.kernels.fleet_observe import (
    observe_ego,
    observe_egos_parallel,
    observe_egos_serial,
    render_ego,
    render_egos_parallel,
    render_egos_serial,
)


class FleetObserver(Observer):
    """`batch` gives a row per ego; rows of egos that are not on the apron hold anything.

    `shares_intentions` appends a plane to the BEV: the planned ways of the other egos (`constants.OTHERS_ROUTE`).
    """

    _kernels = (
        (render_ego, render_egos_serial, render_egos_parallel),
        (observe_ego, observe_egos_serial, observe_egos_parallel),
    )

    def __init__(self, fleet: Fleet, *, shares_intentions: bool) -> None:
        super().__init__(fleet, BEV_CHANNELS + shares_intentions)

    def _worlds(self) -> tuple[Any, ...]:
        assert isinstance(self._sim, Fleet), self._sim
        return (self._sim.apron, self._sim.roster)
