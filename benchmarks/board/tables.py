"""From judged episodes to rows: one per agent and suite, one per agent and entry."""

from collections import Counter
from typing import Any

import numpy as np

from agents.evaluation.measure import EpisodeRow
from agents.evaluation.score import interquartile_mean, normalise, worth
from benchmarks.board.blocks import Block

COLLISIONS = ("aircraft", "personnel", "vehicle", "structure")
FLOOR, CEILING = "random", "expert"
OF_ALL = ("success", "completion", "compliance")  # a failed episode has none of them
OF_DRIVEN = {  # of failed episodes nothing is known
    "return": "total_reward",
    "cost": "cost",
    "cost_hard": "cost_hard",
    "cost_soft": "cost_soft",
    "jerk_mean": "jerk_mean",
    "jerk_p95": "jerk_p95",
    "lateral_mean": "lateral_mean",
    "lateral_p95": "lateral_p95",
    "efficiency": "efficiency",
}


def suite_rows(blocks: list[Block]) -> list[dict[str, Any]]:
    """A row per suite and agent, best score first within the suite."""
    rows = []
    for suite in _unique(b.suite for b in blocks):
        mine = [b for b in blocks if b.suite == suite]
        worths = {a: [_worths(b) for b in mine if b.agent == a] for a in _unique(b.agent for b in mine)}
        floor, ceiling = (float(interquartile_mean(np.concatenate(worths[a]))) for a in (FLOOR, CEILING))
        found = []
        for agent, groups in worths.items():
            score = normalise(groups, floor, ceiling)
            episodes = [r for b in mine if b.agent == agent for r in b.rows]
            found.append({
                "suite": suite, "agent": agent, "score": _round(score.score), "low": _round(score.low),
                "high": _round(score.high), "worth_mean": _round(float(np.concatenate(groups).mean())),
                **summary(episodes),
            })  # fmt: skip
        rows += sorted(found, key=lambda r: -(r["score"] if r["score"] is not None else -1e9))
    return rows


def overall_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Mean score of each agent over the suites, best first."""
    found = []
    for agent in _unique(r["agent"] for r in rows):
        scores = [r["score"] for r in rows if r["agent"] == agent and r["score"] is not None]
        found.append(
            {"agent": agent, "suites": len(scores), "score": _round(float(np.mean(scores))) if scores else None}
        )
    return sorted(found, key=lambda r: -(r["score"] if r["score"] is not None else -1e9))


def entry_rows(blocks: list[Block]) -> list[dict[str, Any]]:
    """A row per suite, entry and agent: what the heat map shows."""
    return [
        {"suite": b.suite, "entry": b.entry, "agent": b.agent, "worth": _round(float(_worths(b).mean())),
         **{k: v for k, v in summary(list(b.rows)).items() if k in ("success", "completion", "cost", "failed")}}
        for b in blocks
    ]  # fmt: skip


def summary(episodes: list[EpisodeRow]) -> dict[str, Any]:
    """Means and counts over episodes; a failed one has no success, and is not counted as free of events either."""
    driven = [r for r in episodes if not r.failed]
    km = sum(r.distance_m for r in driven) / 1000.0
    seconds = sum(r.steps for r in driven) * 0.1
    row: dict[str, Any] = {"episodes": len(episodes), "failed": len(episodes) - len(driven)}
    for name in OF_ALL:
        row[name] = _round(float(np.mean([float(getattr(r, name)) for r in episodes])))
    for name, source in OF_DRIVEN.items():
        row[name] = _round(float(np.mean([getattr(r, source) for r in driven]))) if driven else None
    row["speed_mps"] = _round(1000.0 * km / seconds) if driven else None
    row["length_s"] = _round(seconds / len(driven)) if driven else None
    row["km"] = _round(km)
    hits = {name: _count(driven, f"cost/collision_{name}") for name in COLLISIONS}
    row["collisions"] = hits
    row["collisions_per_km"] = {name: _round(count / km) if km else 0.0 for name, count in hits.items()}
    row["incursions"] = _count(driven, "cost/runway_incursion")
    row["crossing_violations"] = _count(driven, "cost/crossing_violation")
    row["blasts"] = sum(r.entered_blast for r in driven)
    terms = sorted({key for r in driven for key in r.costs})
    row["costs"] = {key: _round(sum(r.costs.get(key, 0.0) for r in driven) / len(driven)) for key in terms}
    row["endings"] = dict(sorted(Counter(r.reason.lower() for r in episodes).items()))
    return row


def rate(count: int, exposure: float, digits: int = 3) -> str:
    """Events per exposure; none in n is printed as at most 3 / n (the rule of three)."""
    if exposure <= 0.0:
        return "n/a"
    return f"{count / exposure:.{digits}g}" if count else f"≤ {3.0 / exposure:.{digits}g}"


def _count(rows: list[EpisodeRow], key: str) -> int:
    return sum(r.costs.get(key, 0.0) > 0.0 for r in rows)


def _worths(block: Block) -> np.ndarray:
    return np.array([worth(row) for row in block.rows])


def _unique(values: Any) -> list[str]:
    return list(dict.fromkeys(values))


def _round(value: float) -> float | None:
    """Six significant digits; None for what JSON cannot hold."""
    return float(f"{value:.6g}") if np.isfinite(value) else None
