"""Cases that are nothing but a list of HPO terms and a list of disease ids."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rarescale.evaluation.benchmarks.damage import damaged, in_words
from rarescale.evaluation.benchmarks.names import spoken_ids
from rarescale.record import Case, Finding

_TERM = re.compile(r"HP:\d{7}")
_DISEASE = re.compile(r"[A-Z]+:\d+")


def case_of_terms(id: str, origin: str, terms: Any, diseases: Any, *, name: str | None = None, **extra: object) -> Case:
    """A case with `terms` present and `diseases` as ids of its truth. Raises InputError for anything else."""
    present = _ids(terms, _TERM, f"{origin}, phenotypes", "a list of HPO ids such as HP:0001250 that is not empty")
    truth = _ids(diseases, _DISEASE, f"{origin}, diseases", "a list of ids such as OMIM:277900 that is not empty")
    return Case(
        id=id,
        origin=origin,
        diagnosis=spoken_ids(truth),
        diagnosis_name=name,
        findings=tuple(Finding(text=t) for t in present),
        extra=extra,
    )


def _ids(value: Any, shape: re.Pattern[str], where: str, expected: str) -> Sequence[str]:
    if not isinstance(value, list) or not value:
        raise damaged(where, found=in_words(value), expected=expected)
    wrong = [v for v in value if not isinstance(v, str) or not shape.fullmatch(v.strip())]
    if wrong:
        raise damaged(where, found=in_words(wrong[0]), expected=expected)
    return tuple(dict.fromkeys(v.strip() for v in value))
