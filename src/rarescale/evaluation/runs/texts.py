"""Runs and comparisons as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rarescale.evaluation.runs.folder import PREDICTIONS, Run
from rarescale.evaluation.runs.resampling import MEASURES

MESSAGES = f" (the messages stand in {PREDICTIONS})"

LISTED = 10
"""Cases won and lost that are named."""


def run_text(run: Run) -> str:
    """Outcomes, and the measures of all cases and of every group; at most five cases per disease in the groups."""
    metrics = run.metrics
    counts = metrics["outcomes"]
    lines = [
        f"{counts['cases']} cases: {counts['found']} found, {counts['not_found']} not found,"
        f" {counts['not_scored']} not scored",
        *(
            f"  {n} not scored: {reason}{MESSAGES if reason.startswith('failed') else ''}"
            for reason, n in counts["reasons"].items()
        ),
        _measures("all cases", metrics["overall"]["plain"]),
        _measures("at most 5 per disease", metrics["overall"]["capped"]),
    ]
    for name, groups in metrics["groups"].items():
        if len(groups) > 1:
            lines += [
                f"by {name}, at most 5 per disease",
                *(_measures(f"  {g}", m["capped"]) for g, m in groups.items()),
            ]
    balance, error = metrics["balance"], metrics["calibration"]["expected_calibration_error"]
    if balance["false_alarms"] is not None:
        lines.append(f"rare disease on top of a common one: {balance['false_alarms']:.1%} of {balance['common_cases']}")
    if error is not None:
        lines.append(f"expected calibration error of the first entry: {error:.3f}")
    if not run.config["mapping"]:
        lines.append("no --mapping: every id counts as a disease of its own, so merged entries take several ranks")
    return "\n".join(lines)


def comparison_text(found: Mapping[str, Any]) -> str:
    """A comparison: differences in points with intervals, tests, and the cases that moved most."""
    lines = [
        f"A {found['a']['folder']} ({found['a']['engine']['name']})",
        f"B {found['b']['folder']} ({found['b']['engine']['name']})",
    ]
    for way, title in (("plain", "all cases"), ("capped", "at most 5 per disease")):
        part = found[way]
        lines.append(f"{title}: n={part['n']} diseases={part['diseases']}")
        lines += [_difference(row) for row in part["measures"]]
    for name in ("won", "lost"):
        lines.append(f"{name} by A: {len(found[name])} cases")
        lines += [f"  {_moved(row)}" for row in _furthest(found[name])]
    return "\n".join(lines)


def _measures(name: str, measures: Mapping[str, Any]) -> str:
    if not measures["n"]:
        return f"{name:38} n=    0"
    cells = (
        f"{m}={100 * measures[m]:5.1f}[{100 * measures['ci95'][m][0]:.0f}-{100 * measures['ci95'][m][1]:.0f}]"
        for m in MEASURES
    )
    return f"{name[:38]:38} n={measures['n']:5d} diseases={measures['diseases']:4d} {' '.join(cells)}"


def _difference(row: Mapping[str, Any]) -> str:
    interval = "n/a" if row["ci95"] is None else f"{100 * row['ci95'][0]:+.1f} to {100 * row['ci95'][1]:+.1f}"
    effect = "n/a" if row["effect"] is None else f"{row['effect']:.2f}"
    return (
        f"  {row['measure']:6} A {100 * row['a']:5.1f}  B {100 * row['b']:5.1f}  A-B {100 * row['difference']:+5.1f}"
        f" [{interval}]  {row['test']:8} differing={row['differing']:4d} effect={effect:>6}"
        f" p={_p(row['p'])} Holm={_p(row['p_holm'])}"
    )


def _p(p: float | None) -> str:
    return "n/a" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"


def _furthest(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The largest differences of reciprocal ranks first."""

    def distance(row: Mapping[str, Any]) -> float:
        a, b = row["rank_a"], row["rank_b"]
        return -abs(float(1 / a if a else 0) - float(1 / b if b else 0))

    return sorted(rows, key=distance)[:LISTED]


def _moved(row: Mapping[str, Any]) -> str:
    a, b = (str(row[f"rank_{k}"] or row[f"outcome_{k}"]) for k in "ab")
    return f"{row['id']}: A {a}, B {b}; {row['diagnosis_name'] or ''}"
