"""The rules of the apron: what each says, its source, the terms it feeds and what the referee calls a breach.

A rule's `name` is its term in `info` (`cost/<name>`, `reward/<name>`) and its coefficient in `cost=` and `reward=`.
`kernels.rules` decides when a rule is broken, `kernels.cost` books it; docs/rules.md is generated from this table.
"""

from typing import NamedTuple

from airside_sim.config import CostConfig, RewardConfig
from airside_sim.constants import EventKind


class RuleText(NamedTuple):
    """One rule. `how`: "once" per conflict, "per s", "per s, by excess", or "hard" (1.0, once)."""

    name: str
    says: str
    broken: str  # when exactly it counts as broken
    how: str
    event: EventKind
    words: str  # of the referee: "(the ego) ..."
    source: str
    reward: str | None = None  # its reward term when that has another name; "" when it has none


RULES: tuple[RuleText, ...] = (
    RuleText(
        "emergency_vehicle",
        "Let emergency vehicles with their beacon on pass: stop clear of their way.",
        "5 s after one has come within 60 m with its way leading past at less than 10 m, the ego still moves, or makes "
        "it stand; not when it follows on the same lane, nor while leaving a junction",
        "per s",
        EventKind.EMERGENCY_VEHICLE_HINDERED,
        "did not let an emergency vehicle pass",
        "Vancouver Airside Traffic Directives, right of way, rank 2; CAAS AC 139-7-7 App. B",
    ),
    RuleText(
        "aircraft_priority",
        "Aircraft that move, or show their beacon, go first.",
        "the ego enters a stand's zone that an aircraft closes, though it could have stopped at the line at 1.5 m/s2; "
        "or lies in a taxiing aircraft's swept way within its stopping distance; or makes it stand before a crossing",
        "once",
        EventKind.AIRCRAFT_HINDERED,
        "did not give way to an aircraft",
        "Vancouver Airside Traffic Directives, right of way, rank 1; Perth Airport (beacon)",
    ),
    RuleText(
        "pushback",
        "Nobody makes a push stop.",
        "a push in motion stands because of the ego, or has been waiting for it for 5 s to begin",
        "once",
        EventKind.PUSHBACK_HINDERED,
        "made a pushback wait",
        "Vancouver Airside Traffic Directives; IATA AHM",
    ),
    RuleText(
        "pedestrian_priority",
        "People on foot have precedence over vehicles.",
        "the ego enters a walk crossing with somebody on it or at its kerb, though it could have stopped at the line "
        "at 1.5 m/s2; or drives faster than 5 km/h, not braking, with a person within 5 m ahead of the bumper",
        "once",
        EventKind.PERSON_HINDERED,
        "did not give way to a person on foot",
        "Singapore rules for autonomous airside vehicles (CAAS AC 139-7-7 App. B)",
    ),
    RuleText(
        "give_way",
        "At junctions who has waited longest goes first; buses, then fuel trucks, then trains gain on the rest. No "
        "vehicle is made to brake hard.",
        "the ego drives into a junction that another vehicle holds for a way across its own; or a vehicle that does "
        "not follow it brakes for it by more than 2 m/s2, outside a junction that the ego holds",
        "once",
        EventKind.RIGHT_OF_WAY_TAKEN,
        "took the right of way of a vehicle",
        "Vancouver Airside Traffic Directives, right of way, ranks 3 to 7",
    ),
    RuleText(
        "stop_line",
        "Stop at the line before a taxiway or runway, look both ways, then cross. Off unless a coefficient is set: a "
        "crossing cleared by the ground controller needs no stop.",
        "the front passes the line without having rested within 2 m before it",
        "once",
        EventKind.STOP_LINE_RUN,
        "passed a stop line without stopping",
        "Singapore Airport By-laws reg. 21; Vancouver; CAAS AC 139-7-7 (1.5 m)",
    ),
    RuleText(
        "blocking_crossing",
        "Never stop on a taxiway or runway crossing.",
        "the ego stands on one for more than 2 s and nothing ahead forces it",
        "per s",
        EventKind.CROSSING_BLOCKED,
        "stood on a crossing",
        "Singapore Airport By-laws reg. 21; Vancouver Airside Traffic Directives",
    ),
    RuleText(
        "behind_engines",
        "Never pass behind an aircraft whose beacon is on.",
        "the front drives in within the span and 25 m (code D and up: 50 m) behind the tail, outside the hazard areas "
        "that cost/hazard_zone has; whom the beacon surprises there may leave",
        "per s",
        EventKind.PASSED_BEHIND_ENGINES,
        "passed behind an aircraft with its beacon on",
        "Vancouver Airside Traffic Directives; 35 kt contour at idle",
    ),
    RuleText(
        "low_visibility",
        "At most 15 km/h while low-visibility procedures are on (visibility below 550 m).",
        "faster than that, where the zone allows more, and not slowing down",
        "per s, by excess",
        EventKind.LOW_VISIBILITY_SPEED,
        "drove too fast for low visibility",
        "EU 965/2012 (RVR 550 m); Vancouver reduced visibility",
    ),
    RuleText(
        "wrong_side",
        "Keep to the map's driving side.",
        "the tractor's side is more than 0.6 m over the lane's edge towards an oncoming lane",
        "per s",
        EventKind.WRONG_SIDE_TAKEN,
        "drove on the wrong side",
        "national road rules; `driving_side` of the map",
    ),
    RuleText(
        "speed",
        "Keep the zone's speed limit.",
        "more than 0.3 m/s above it; written down when the ego is not slowing down",
        "per s, by excess",
        EventKind.SPEEDING,
        "exceeded the speed limit",
        "Vancouver and Singapore zone limits",
    ),
    RuleText(
        "hazard_zone",
        "Stay out of jet blast, intakes, push areas and fuelling zones.",
        "an outline of the ego's train overlaps one",
        "per s",
        EventKind.HAZARD_ENTERED,
        "entered a hazard zone",
        "FAA AC 150/5300-13; NFPA 407; 35 kt contours",
        reward="",
    ),
    RuleText(
        "crossing_violation",
        "Cross a taxiway only with the ground controller's clearance.",
        "the front passes the stop line without a grant",
        "hard",
        EventKind.CROSSING_VIOLATION,
        "crossed a stop line without a clearance",
        "Singapore Airport By-laws reg. 21 and 22; low visibility everywhere (EU 965/2012)",
        reward="restricted",
    ),
    RuleText(
        "runway_incursion",
        "Hold at the runway-holding position until cleared.",
        "the line is passed, or the strip entered, without a grant; ends the episode",
        "hard",
        EventKind.RUNWAY_INCURSION,
        "entered a runway strip without a clearance",
        "ICAO Annex 14; Singapore Airport By-laws reg. 22",
        reward="collision",
    ),
)


def amounts(rule: RuleText) -> tuple[float, float | None]:
    """Default (cost, reward) of a rule: per breach or per second; None where no reward term belongs to it."""
    cost = getattr(CostConfig(), "hard" if rule.how == "hard" else rule.name)
    reward = rule.name if rule.reward is None else rule.reward
    return cost, getattr(RewardConfig(), reward) if reward else None


def rules_table() -> str:
    """Markdown table of all rules, in the order of right of way."""
    lines = ["| rule | what it says | broken when | cost | reward | source |", "|---|---|---|---|---|---|"]
    for rule in RULES:
        cost, reward = amounts(rule)
        per = "" if rule.how in ("once", "hard") else " per s"
        shown = "-" if reward is None else f"{reward:g}{'' if rule.how == 'hard' and not rule.reward else per}"
        cells = (f"`{rule.name}`", rule.says, rule.broken, f"{cost:g}{per}", shown, rule.source)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
