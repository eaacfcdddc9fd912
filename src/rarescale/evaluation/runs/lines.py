"""From the shards of a finished job to `predictions.jsonl` and `cases.jsonl`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rarescale.errors import UsageError
from rarescale.evaluation.outcomes import Found, NotScored, Outcome
from rarescale.evaluation.ranks import Equivalence, outcome_of
from rarescale.evaluation.runs.folder import CASES, PREDICTIONS
from rarescale.evaluation.runs.truth import Truth
from rarescale.jobs import Report, write_text

NOTHING_LEFT = "nothing is known of the disease without its own paper"


def gather(
    report: Report, rows: Sequence[Truth], folder: Path, disease: Equivalence
) -> tuple[list[dict[str, Any]], dict[str, float], float]:
    """Write `predictions.jsonl` and `cases.jsonl`; the case lines, what the engine spent, its processor seconds."""
    lines: list[dict[str, Any]] = []
    usage: dict[str, float] = {}
    cpu = 0.0
    part = folder / f"{PREDICTIONS}.part"
    with part.open("w", encoding="utf-8", newline="\n") as stream:
        for outcome in report.outcomes():
            if outcome.error is not None:
                raise UsageError(f"{folder}: batch {outcome.item} failed as a whole: {outcome.error}; report this bug")
            cpu += outcome.result["cpu"]
            for name, value in outcome.result["usage"].items():
                usage[name] = usage.get(name, 0.0) + value
            for text, found in zip(outcome.texts, outcome.result["cases"], strict=True):
                stream.write(text + "\n")
                lines.append(_line(rows[len(lines)], found, disease))
    part.replace(folder / PREDICTIONS)
    write_text(folder / CASES, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    return lines, usage, cpu


def _line(truth: Truth, found: Mapping[str, Any], disease: Equivalence) -> dict[str, Any]:
    """One line of `cases.jsonl`."""
    outcome = _outcome(truth, found, disease)
    return {
        "id": truth.id,
        "kind": truth.kind,
        "diagnosis": truth.diagnosis,
        "diagnosis_name": truth.diagnosis_name,
        "disease": truth.disease,
        "dataset": truth.dataset,
        "class": truth.rarity,
        "category": truth.category,
        "band": truth.band,
        "known": truth.known,
        "cited": truth.cited,
        "pmids": truth.pmids,
        "by": truth.by,
        "outcome": "found" if isinstance(outcome, Found) else "not scored" if _is_lost(outcome) else "not found",
        "reason": outcome.reason if isinstance(outcome, NotScored) else None,
        "rank": outcome.rank if isinstance(outcome, Found) else None,
        "listed": len(found.get("differential") or ()),
        "top": found.get("top"),
        "left_out": None if truth.left_out is None else truth.left_out._asdict(),
        "seconds": round(found["seconds"], 6),
    }


def _outcome(truth: Truth, found: Mapping[str, Any], disease: Equivalence) -> Outcome:
    if "error" in found:
        return NotScored(f"failed, {found['error'].partition(':')[0]}")
    if truth.left_out is not None and truth.left_out.nothing_left:
        return NotScored(NOTHING_LEFT)
    return outcome_of(truth.diagnosis, found, disease)


def _is_lost(outcome: Outcome) -> bool:
    return isinstance(outcome, NotScored)
