"""Recorded objects as rows of `World.body`: which row each track gets, and what stands in it."""

import heapq

import numpy as np

from airside_sim.aircraft_types import AIRCRAFT
from airside_sim.bags.detections import ObjectFrame
from airside_sim.columns import Body
from airside_sim.constants import HISTORY_LEN, ActorClass


class Slots:
    """Rows of `World.body`: every track keeps one while it is seen and for the history after; aircraft come first."""

    def __init__(self, frames: list[ObjectFrame | None]) -> None:
        spans: dict[tuple[int, bool], list[int]] = {}
        for k, frame in enumerate(frames):
            if frame is not None:
                for track, actor in zip(frame.track.tolist(), frame.actor.tolist(), strict=True):
                    span = spans.setdefault((track, actor == ActorClass.AIRCRAFT), [k, k])
                    span[1] = k
        self.of: dict[tuple[int, bool], int] = {}
        self.num_aircraft = max(1, self._give({t: s for t, s in spans.items() if t[1]}, 0))
        self.num_bodies = self.num_aircraft + max(
            1, self._give({t: s for t, s in spans.items() if not t[1]}, self.num_aircraft)
        )

    def _give(self, spans: dict[tuple[int, bool], list[int]], first: int) -> int:
        """Lowest free row for each track in order of appearance; -> rows used."""
        free: list[int] = []
        busy: list[tuple[int, int]] = []  # (free from, row)
        used = 0
        for track, (begin, end) in sorted(spans.items(), key=lambda item: (item[1][0], item[0][0])):
            while busy and busy[0][0] <= begin:
                heapq.heappush(free, heapq.heappop(busy)[1])
            if free:
                row = heapq.heappop(free)
            else:
                row, used = used, used + 1
            self.of[track] = first + row
            heapq.heappush(busy, (end + HISTORY_LEN + 1, row))
        return used


def bodies_of(frame: ObjectFrame, rows: np.ndarray) -> np.ndarray:
    """(n, Body) rows of objects."""
    out = np.zeros((len(rows), len(Body)))
    out[:, [Body.X, Body.Y, Body.COS, Body.SIN]] = frame.pose
    out[:, [Body.FRONT, Body.REAR, Body.HALF_WIDTH]] = frame.size
    out[:, [Body.VX, Body.VY]] = frame.velocity[:, :2]
    is_aircraft, is_person = frame.actor == ActorClass.AIRCRAFT, frame.actor == ActorClass.PERSONNEL
    corner = np.hypot(np.maximum(frame.size[:, 0], frame.size[:, 1]), frame.size[:, 2])
    kind = np.clip(frame.shape, 0, len(AIRCRAFT.radius_m) - 1)
    out[:, Body.RADIUS] = np.where(is_aircraft, AIRCRAFT.radius_m[kind], np.where(is_person, frame.size[:, 2], corner))
    out[:, Body.CLASS], out[:, Body.SHAPE], out[:, Body.BEACON] = frame.actor, frame.shape, frame.beacon
    out[:, Body.OWNER] = rows
    return out
