"""`results.json` and `leaderboard.md`: the same numbers on every run; times and machine stand apart."""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from agents.common import provenance
from agents.common.run_folder import write_atomic
from agents.evaluation.measure import EpisodeRow
from agents.evaluation.score import SOFT_SCALE, WEIGHTS, worth
from benchmarks.board.blocks import Block, source_hash
from benchmarks.board.tables import entry_rows, overall_rows, rate, suite_rows

SCHEMA_VERSION = 1
COLUMNS = [f.name for f in fields(EpisodeRow) if f.name not in ("entry", "costs")]
NOT_COMPARED = ("provenance", "timings")  # what may differ between two runs of the same code


def results(blocks: list[Block], seeds: dict[str, list[int]], titles: dict[str, str]) -> dict[str, Any]:
    """Everything that is known about a run."""
    rows = suite_rows(blocks)
    terms = sorted({key for b in blocks for r in b.rows for key in r.costs})
    return {
        "schema_version": SCHEMA_VERSION,
        "provenance": {**provenance.commit(), "versions": provenance.versions(), "hardware": provenance.hardware()},
        "setup": {
            "source_hash": source_hash(), "seeds": seeds, "titles": titles, "weights": asdict(WEIGHTS),
            "soft_scale": SOFT_SCALE,
        },
        "overall": overall_rows(rows),
        "suites": rows,
        "entries": entry_rows(blocks),
        "episodes": {
            "columns": ["agent", "suite", "entry", "worth", *COLUMNS, *terms],
            "rows": [
                [b.agent, b.suite, b.entry, _plain(worth(r)), *(_plain(getattr(r, c)) for c in COLUMNS),
                 *(_plain(r.costs.get(t, 0.0)) for t in terms)]
                for b in blocks for r in b.rows
            ],
        },
        "timings": {
            "ms_per_action": {f"{agent} {suite}": _plain(ms) for (agent, suite), ms in _ms(blocks).items()},
        },
    }  # fmt: skip


def compared(found: dict[str, Any]) -> dict[str, Any]:
    """The part that must be equal on a second run."""
    return {key: value for key, value in found.items() if key not in NOT_COMPARED}


def write_results(found: dict[str, Any], out: Path) -> None:
    """Both files, atomically; the rows of the episodes one a line."""
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in found["episodes"]["rows"])
    shell = found | {"episodes": found["episodes"] | {"rows": ["@ROWS@"]}}
    text = json.dumps(shell, indent=1).replace('"@ROWS@"', "\n" + rows + "\n")
    write_atomic(out / "results.json", text + "\n")
    write_atomic(out / "leaderboard.md", markdown(found))


def markdown(found: dict[str, Any]) -> str:
    """The tables as text."""
    lines = ["# Leaderboard", "", _source(found), "", "| agent | score, mean of suites |", "|---|---:|"]
    lines += [f"| {r['agent']} | {_number(r['score'], 1)} |" for r in found["overall"]]
    for suite, title in found["setup"]["titles"].items():
        rows = [r for r in found["suites"] if r["suite"] == suite]
        lines += ["", f"## {suite}: {title}", "", f"{rows[0]['episodes']} episodes an agent.", "", *_table(found, rows)]
    failures = _failures(found)
    if failures:
        lines += ["", "## Failed episodes", "", "| agent | suite | episodes | reason |", "|---|---|---:|---|"]
        lines += [f"| {a} | {s} | {n} | {reason.replace('|', '/')} |" for (a, s, reason), n in failures.items()]
    return "\n".join(lines) + "\n"


def _table(found: dict[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    head = ["agent", "score", "95 % interval", "success", "completion", "aircraft / km", "person / km", "vehicle / km",
            "structure / km", "incursions / ep.", "crossing viol. / ep.", "blast / ep.", "cost hard", "cost soft",
            "compliance", "speed m/s", "jerk mean, 95 %", "lateral mean, 95 %", "return", "length s", "failed",
            "ms / action"]  # fmt: skip
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    for r in rows:
        n = r["episodes"] - r["failed"]
        cells = [
            r["agent"], _number(r["score"], 1), f"{_number(r['low'], 1)} … {_number(r['high'], 1)}",
            f"{r['success']:.1%}", f"{r['completion']:.1%}",
            *(rate(r["collisions"][c], r["km"]) for c in ("aircraft", "personnel", "vehicle", "structure")),
            rate(r["incursions"], n), rate(r["crossing_violations"], n), rate(r["blasts"], n),
            _number(r["cost_hard"], 3), _number(r["cost_soft"], 4), f"{r['compliance']:.1%}",
            _number(r["speed_mps"], 2), f"{_number(r['jerk_mean'], 2)}, {_number(r['jerk_p95'], 2)}",
            f"{_number(r['lateral_mean'], 2)}, {_number(r['lateral_p95'], 2)}",
            _number(r["return"], 1), _number(r["length_s"], 0), str(r["failed"]),
            f"{found['timings']['ms_per_action'][r['agent'] + ' ' + r['suite']]:.3f}",
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _source(found: dict[str, Any]) -> str:
    p = found["provenance"]
    dirty = " with local changes" if p["dirty"] else ""
    return (f"Commit `{p['commit'][:12]}`{dirty}, {p['hardware']['cpu']}, airside_sim {p['versions']['airside_sim']}. "
            "Random is 0, the expert 100; a score is an interquartile mean with a 95 % interval of resampled entries "
            "and episodes. Every number comes from replays that were played again. Nothing in n is printed as ≤ 3 / n."
            )  # fmt: skip


def _failures(found: dict[str, Any]) -> dict[tuple[str, str, str], int]:
    columns = found["episodes"]["columns"]
    a, s, f = (columns.index(name) for name in ("agent", "suite", "failed"))
    counts: dict[tuple[str, str, str], int] = {}
    for row in found["episodes"]["rows"]:
        if row[f]:
            counts[row[a], row[s], row[f]] = counts.get((row[a], row[s], row[f]), 0) + 1
    return counts


def _ms(blocks: list[Block]) -> dict[tuple[str, str], float]:
    """Mean ms of an action per agent and suite."""
    sums: dict[tuple[str, str], list[float]] = {}
    for b in blocks:
        total = sums.setdefault((b.agent, b.suite), [0.0, 0.0])
        total[0] += b.ms_per_action * b.num_actions
        total[1] += b.num_actions
    return {key: ms / max(1.0, n) for key, (ms, n) in sums.items()}


def _number(value: float | None, digits: int) -> str:
    return "n/a" if value is None else f"{value:.{digits}f}"


def _plain(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value
