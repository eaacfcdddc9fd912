"""An answer without what could tell who the patient is.

Dropped: the id, everything quoted from the patient (quotes, places in the text, words not understood or not resolved,
warnings, what a language model wrote), exact ages of onset. The exact age becomes a band. What is left can still
identify a person with a very rare combination of findings; this is a help, not a guarantee.
"""

from __future__ import annotations

from typing import TypeVar

from rarescale.record import Candidate, Differential, Failure, Finding, Problem, Understanding

Answer = TypeVar("Answer", bound=Understanding | Failure)

OLDEST = 90
"""From this age on, in years, there is one band (as in the HIPAA safe harbor rule, 45 CFR 164.514(b)(2))."""

_STARTS = (0, 1, 5, 10, 20, 30, 40, 50, 60, 70, 80, OLDEST)


def age_bounds(age: float) -> tuple[int, int | None]:
    """First year of the band of an age and the first year after it; None = open."""
    position = max(k for k, start in enumerate(_STARTS) if start <= age)
    return _STARTS[position], _STARTS[position + 1] if position + 1 < len(_STARTS) else None


def age_band(age: float) -> str:
    """The band of an age in years, in words."""
    start, end = age_bounds(age)
    if end is None:
        return f"{start} years or older"
    return "under 1 year" if end == 1 else f"{start} to {end - 1} years"


def deidentify(answer: Answer, number: int = 1) -> Answer:
    """The same answer for "patient `number`"; `age` becomes None, see `age_band` for what to show instead."""
    if isinstance(answer, Failure):
        error = Problem(
            kind=answer.error.kind, message="The input could not be read; the details may name the patient."
        )
        return answer.model_copy(update={"id": f"patient {number}", "error": error})
    update: dict[str, object] = {
        "id": f"patient {number}",
        "age": None,
        "findings": tuple(_finding(f) for f in answer.findings),
        "uncertain": tuple(_finding(f) for f in answer.uncertain),
        "unresolved": (),
        "not_understood": (),
        "warnings": (f"{len(answer.warnings)} left out: they may quote the patient",) if answer.warnings else (),
    }
    if isinstance(answer, Differential):
        update["differential"] = tuple(_candidate(c) for c in answer.differential)
        update["weighing"] = None
    return answer.model_copy(update=update)


def _finding(finding: Finding) -> Finding:
    told_as_term = finding.onset is not None and finding.onset.startswith("HP:")
    return finding.model_copy(
        update={
            "text": finding.label or finding.id or "",
            "quote": None,
            "message": None,
            "span": None,
            "onset": finding.onset if told_as_term else None,
        }
    )


def _candidate(candidate: Candidate) -> Candidate:
    return candidate.model_copy(update={"clues": tuple(c for c in candidate.clues if c.kind != "words")})
