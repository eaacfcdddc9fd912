"""What `metrics.json` holds: measures of all cases of a run and of its groups, from its case lines alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rarescale.evaluation.balance import Judged, balance
from rarescale.evaluation.calibration import brier, expected_calibration_error, reliability
from rarescale.evaluation.metrics import by, median_rank, rank_counts
from rarescale.evaluation.outcomes import Found, NotFound, NotScored, Outcome, rank_of, tally
from rarescale.evaluation.runs.resampling import both_ways, share_interval
from rarescale.knowledge import RARITIES
from rarescale.record import SCHEMA_VERSION, Rarity

Row = Mapping[str, Any]
"""One line of `cases.jsonl`."""

NOT_TOLD = "not told"


def outcome_in(row: Row) -> Outcome:
    """The outcome of a case line."""
    if row["outcome"] == "found":
        return Found(row["rank"])
    return NotFound() if row["outcome"] == "not found" else NotScored(row["reason"] or "")


def group_keys(further: Sequence[str]) -> dict[str, Callable[[Row], str]]:
    """The groupings of a run: name -> function from a case line to its group."""
    keys: dict[str, Callable[[Row], str]] = {"cited": _cited}
    for name in ("dataset", "class", "category", "band"):
        keys[name] = lambda row, name=name: row[name] or NOT_TOLD  # type: ignore[misc]
    for name in further:
        keys[name] = lambda row, name=name: row["by"].get(name) or NOT_TOLD  # type: ignore[misc]
    return keys


def _cited(row: Row) -> str:
    if not row["known"]:
        return "disease not in the knowledge"
    return {True: "own paper cited", False: "own paper not cited", None: "no paper known"}[row["cited"]]


def measure(rows: Sequence[Row], further: Sequence[str] = ()) -> dict[str, Any]:
    """Everything in `metrics.json`. It depends on the rows alone, not on who computed them or when."""
    outcomes = [outcome_in(row) for row in rows]
    pairs = list(zip(rows, outcomes, strict=True))
    counted = tally(outcomes)
    return {
        "schema_version": SCHEMA_VERSION,
        "outcomes": {
            "cases": counted.cases,
            "found": counted.found,
            "not_found": counted.not_found,
            "not_scored": counted.not_scored,
            "reasons": dict(counted.reasons),
        },
        "overall": _both(pairs),
        "groups": {
            name: dict(sorted(by(pairs, lambda pair, key=key: key(pair[0]), _both).items()))  # type: ignore[misc]
            for name, key in group_keys(further).items()
        },
        "ranks": _ranks(outcomes),
        "calibration": _calibration(pairs),
        "balance": _balance(pairs),
    }


_Pairs = Sequence[tuple[Row, Outcome]]


def _both(pairs: _Pairs) -> dict[str, Any]:
    return both_ways([rank_of(outcome) for _, outcome in pairs], [row["disease"] for row, _ in pairs])


def _ranks(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    at, beyond, counted = rank_counts(outcomes, 10)
    return {
        "at": at,
        "beyond": beyond,
        "not_found": counted.not_found,
        "not_scored": counted.not_scored,
        "median": median_rank(outcomes),
    }


def _calibration(pairs: _Pairs) -> dict[str, Any]:
    """Of the first entry of each list: its probability, and whether it was the truth."""
    listed = [(row["top"]["probability"], rank_of(outcome) == 1) for row, outcome in pairs if row["top"]]
    stated, true = [p for p, _ in listed], [t for _, t in listed]
    return {
        "n": len(listed),
        "expected_calibration_error": expected_calibration_error(stated, true),
        "brier": brier(stated, true),
        "bins": [asdict(b) for b in reliability(stated, true)],
    }


def _balance(pairs: _Pairs) -> dict[str, Any]:
    """Rare and common cases, and both ways to be wrong, with intervals."""
    told = asdict(balance([_judged(row, outcome) for row, outcome in pairs]))
    for name, truth, wrong in (("false_alarms", "common", "rare"), ("overlooked", "rare", "common")):
        own = [row for row, _ in pairs if row["class"] == truth]
        flags = [bool(row["top"]) and wrong in row["top"]["classes"] for row in own]
        told[f"{name}_ci95"] = share_interval(flags, [row["disease"] for row in own])
    return told


def _judged(row: Row, outcome: Outcome) -> Judged:
    truth: Rarity = next((c for c in RARITIES if c == row["class"]), "unknown")
    return Judged(truth, outcome, tuple(row["top"]["classes"]) if row["top"] else ())
