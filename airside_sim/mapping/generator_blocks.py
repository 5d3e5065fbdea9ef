"""Building blocks of an apron: rows of stands with their roads, walkways, depots. All sizes follow the code letter.

In a row's frame v = 0 is the building's face (or the line where one would stand). Outwards follow: walkway,
head-of-stand road, nose, tail, rear service road, taxilane. Between neighbours a one-way access lane joins both roads.
"""

from typing import NamedTuple

from airside_sim.mapping.areas import NOSE_M, SPAN_M, TAIL_M, TAXILANE_OBJECT_M
from airside_sim.mapping.generator_draft import Frame, MapDraft

LANE_M = 4.0
ROAD_M = 8.0
PARKED_CLEARANCE_M = 5.5  # lane edge to the largest parked outline
SLACK_M = 0.3  # kept on top of every required clearance
WALK_V_M = 1.4  # walkway centre beside the face; 2 m wide, 3.6 m from the head road's edge
HEAD_V_M = 10.0  # centre of the head-of-stand road
NOSE_V_M = HEAD_V_M + ROAD_M / 2 + PARKED_CLEARANCE_M + SLACK_M
TIP_GAP_M = LANE_M + 2 * (PARKED_CLEARANCE_M + SLACK_M) + 0.4  # wing tip to wing tip with an access lane between: 16 m
JOIN_V_M = 56.0  # where a rear road, bent inwards, meets the cross road: a train fits between it and the head road
QUEUE_M = 36.0  # from there to the stop line before the taxilane: junction and a waiting train
CORNER_M = 6.0  # chamfer of a rear road's bend
WIDE_CORNER_M = 7.5  # where the outermost tail leaves room: long vehicles that meet there swing less
LEAST_JOG_M = 12.0  # a rear road less far out runs straight on
BEND_U_M = 20.0  # from the cross road to the bent part of the rear road
TIP_TO_CROSS_M = BEND_U_M + ROAD_M / 2 + PARKED_CLEARANCE_M + SLACK_M + 0.7


class Row(NamedTuple):
    """A row of stands in its frame."""

    frame: Frame
    u0: float  # cross road at the row's start
    u1: float  # cross road at its end
    codes: tuple[str, ...]
    has_rear_road: bool = True
    first_id: int = 1
    prefix: str = ""
    is_remote: bool = False
    has_walkways: bool = True
    corner_m: float = CORNER_M


def nose_wheel_v(code: str) -> float:
    """v of the nose-wheel stop; noses align at NOSE_V_M."""
    return NOSE_V_M + NOSE_M[code]


def rear_road_v(codes: tuple[str, ...]) -> float:
    """v of the rear road's centre, behind the longest aircraft of the row."""
    return max(nose_wheel_v(c) + TAIL_M[c] for c in codes) + PARKED_CLEARANCE_M + SLACK_M + ROAD_M / 2


def taxilane_v(codes: tuple[str, ...], taxi_code: str, has_rear_road: bool = True) -> float:
    """v of the nearest taxilane centreline: object distance to the rear road or tails, and to a queue's stop line."""
    if has_rear_road:
        hold_v = max(rear_road_v(codes) + ROAD_M / 2 + 3.5, JOIN_V_M + QUEUE_M)
    else:
        hold_v = max(rear_road_v(codes) - ROAD_M / 2 + 3.5, HEAD_V_M + QUEUE_M)
    return hold_v + TAXILANE_OBJECT_M[taxi_code]


def join_v(codes: tuple[str, ...]) -> float:
    """v at which a row's rear road meets the cross roads; behind short aircraft it runs straight on."""
    rear = rear_road_v(codes)
    return JOIN_V_M if rear - JOIN_V_M >= LEAST_JOG_M else rear


def row_length(codes: tuple[str, ...], end0_m: float = 0.0, end1_m: float = 0.0) -> float:
    """Cross road to cross road; `end*_m` is room kept beyond the least at either end."""
    spans = sum(SPAN_M[c] for c in codes) + TIP_GAP_M * (len(codes) - 1)
    return spans + 2 * TIP_TO_CROSS_M + end0_m + end1_m


def stand_centres(row: Row, end0_m: float | None = None) -> list[float]:
    """u of every stand; spare length is shared evenly between the gaps' outer ends unless `end0_m` fixes the first."""
    spare = row.u1 - row.u0 - row_length(row.codes)
    u = row.u0 + TIP_TO_CROSS_M + (spare / 2 if end0_m is None else min(end0_m, spare))
    centres = []
    for code in row.codes:
        centres.append(u + SPAN_M[code] / 2)
        u += SPAN_M[code] + TIP_GAP_M
    return centres


def draw_row(draft: MapDraft, row: Row, end0_m: float | None = None) -> list[float]:
    """Stands, head road, rear road, access lanes and walkways of a row; returns the stands' u."""
    frame = row.frame
    centres = stand_centres(row, end0_m)
    draft.road(frame.line((row.u0, HEAD_V_M), (row.u1, HEAD_V_M)), "head_of_stand")
    lanes = _access_lanes(draft, row, centres) if row.has_rear_road else []
    for i, (u, code) in enumerate(zip(centres, row.codes, strict=True)):
        label = f"{row.prefix}{row.first_id + i}"
        more = {"service_at": frame.at(lanes[min(i, len(lanes) - 1)], HEAD_V_M + 25.0)} if lanes else {}
        position = frame.at(u, nose_wheel_v(code))
        heading = frame.inward_deg()
        draft.add("stands", id=label, position=position, heading_deg=heading, code=code, remote=row.is_remote, **more)
        draft.add("labels", text=label, position=frame.at(u, NOSE_V_M - 3.0), kind="stand")
        bar = frame.line((u - 1.5, nose_wheel_v(code)), (u + 1.5, nose_wheel_v(code)))
        draft.add("markings", kind="stand", line=bar)
        if row.has_walkways:
            across = frame.line((u + 6.0, WALK_V_M), (u + 6.0, HEAD_V_M + ROAD_M / 2 + 4.0))
            draft.add("walkways", id=f"w{label}", line=across)
    if row.has_rear_road:
        draft.road(frame.line(*_rear_road(row)), "apron")
    return centres


def draw_cross_road(draft: MapDraft, frame: Frame, u: float, v1: float, kind: str = "apron") -> None:
    """A road from the head-of-stand road straight out to v1, as a rule across the taxilane."""
    draft.road(frame.line((u, HEAD_V_M), (u, v1)), kind)


def draw_depot_loop(
    draft: MapDraft, frame: Frame, us: tuple[float, ...], v0: float, v1: float, pois: tuple[tuple[str, str], ...]
) -> None:
    """One-way lanes between two parallel roads at v0 and v1, alternately outwards and back, one POI on each."""
    for i, (u, (kind, label)) in enumerate(zip(us, pois, strict=True)):
        points = frame.line((u, v0), (u, v1))
        draft.road(points if i % 2 == 0 else points[::-1], "stand", LANE_M, oneway=True)
        middle = frame.at(u, (v0 + v1) / 2)
        draft.add("pois", id=label, kind=kind, position=middle, service_at=middle)


def _access_lanes(draft: MapDraft, row: Row, centres: list[float]) -> list[float]:
    """One-way lanes between neighbours, alternating; the outermost stands share their only neighbour's lane."""
    rear = rear_road_v(row.codes)
    lanes = []
    for i in range(len(centres) - 1):
        u = (centres[i] + SPAN_M[row.codes[i]] / 2 + centres[i + 1] - SPAN_M[row.codes[i + 1]] / 2) / 2
        points = row.frame.line((u, HEAD_V_M), (u, rear))
        draft.road(points if i % 2 == 0 else points[::-1], "stand", LANE_M, oneway=True)
        lanes.append(u)
    return lanes


def _rear_road(row: Row) -> list[tuple[float, float]]:
    """Rear road with both ends bent inwards, so that trains queue on the cross road and not in front of tails."""
    rear, join, u0, u1 = rear_road_v(row.codes), join_v(row.codes), row.u0, row.u1
    if join == rear:
        return [(u0, rear), (u1, rear)]
    c = min(row.corner_m, (rear - join) / 2)
    start = [(u0, join), (u0 + BEND_U_M - c, join), (u0 + BEND_U_M, join + c)]
    if rear - c > join + c:
        start.append((u0 + BEND_U_M, rear - c))
    end = [(u1 - (u - u0), v) for u, v in start[::-1]]
    return [*start, (u0 + BEND_U_M + c, rear), (u1 - BEND_U_M - c, rear), *end]
