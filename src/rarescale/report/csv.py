"""Differentials as CSV for spreadsheets and statistics: one row per candidate.

A patient without any candidate, and an input that could not be read, keep one row without a rank, so that none is lost.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO

from rarescale.record import Candidate, Differential, Failure, Reason, Understanding
from rarescale.report.deidentify import age_band, deidentify
from rarescale.report.terminal import band

COLUMNS = (
    "patient",
    "sex",
    "age",
    "rank",
    "disease",
    "all_ids",
    "name",
    "class",
    "band",
    "probability",
    "score",
    "not_to_be_missed",
    "for",
    "against",
    "red_flags",
    "warnings",
    "none_of_these",
    "knowledge",
    "engine",
    "error",
)

Shown = Understanding | Failure


def csv_writer(stream: TextIO, *, deidentified: bool = False) -> Callable[[Shown], None]:
    """Writes the header to `stream` (opened with newline="") and gives a function that writes one answer."""
    writer = csv.DictWriter(stream, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    count = 0

    def write(answer: Shown) -> None:
        nonlocal count
        count += 1
        for row in _rows(answer, count if deidentified else None):
            writer.writerow({k: _harmless(v) for k, v in row.items()})
        stream.flush()

    return write


def csv_text(answers: Iterable[Shown], *, deidentified: bool = False) -> str:
    """All answers as one CSV text (RFC 4180)."""
    stream = io.StringIO(newline="")
    write = csv_writer(stream, deidentified=deidentified)
    for answer in answers:
        write(answer)
    return stream.getvalue()


def _rows(answer: Shown, number: int | None) -> Iterator[dict[str, str | float | int]]:
    age = ""
    if isinstance(answer, Understanding) and answer.age is not None:
        age = f"{answer.age:.4g}" if number is None else age_band(answer.age)
    if number is not None:
        answer = deidentify(answer, number)
    if isinstance(answer, Failure):
        yield {"patient": answer.id, "error": answer.error.message}
        return
    shared: dict[str, str | float | int] = {
        "patient": answer.id,
        "sex": answer.sex.value if answer.sex else "",
        "age": age,
        "red_flags": " | ".join(answer.red_flags),
        "warnings": " | ".join(answer.warnings),
        "knowledge": f"{answer.knowledge.release} {answer.knowledge.hash[:12]}",
        "engine": f"{answer.engine.name} {answer.engine.version}",
    }
    if not isinstance(answer, Differential) or not answer.differential:
        yield shared
        return
    for candidate in answer.differential:
        yield {**shared, **_candidate(candidate), "none_of_these": f"{answer.none_of_these:.4f}"}


def _candidate(c: Candidate) -> dict[str, str | float | int]:
    return {
        "rank": c.rank,
        "disease": c.id,
        "all_ids": " ".join(c.ids),
        "name": c.name,
        "class": c.rarity,
        "band": band(c.probability),
        "probability": f"{c.probability:.6f}",
        "score": round(c.score, 4),
        "not_to_be_missed": "yes" if c.not_to_be_missed else "no",
        "for": _reasons(r for r in c.reasons if r.weight >= 0),
        "against": _reasons(r for r in c.reasons if r.weight < 0),
    }


def _reasons(reasons: Iterable[Reason]) -> str:
    """Heaviest first: label, id and weight in nats."""
    ordered = sorted(reasons, key=lambda r: -abs(r.weight))
    return " | ".join(f"{r.label or r.finding} ({r.finding}) {r.weight:+.2f}" for r in ordered)


def _harmless(value: str | float | int) -> str | float | int:
    """Text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection)."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
