"""Case line to `Case`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from rarescale.formats.demographics import age_of, onset_of, sex_of
from rarescale.formats.explain import validated
from rarescale.formats.places import Place
from rarescale.formats.wire import CaseLine, FindingItem
from rarescale.record import Case, DiseaseId, Finding, State


def case_of(value: Mapping[str, Any], place: Place) -> Case:
    """The case of a case line. Raises InputError (kind ``shape``) where a key holds the wrong type."""
    line = validated(CaseLine, value, place.origin)
    sex, sex_warnings = sex_of(line.sex)
    age, age_warnings = age_of(line.age, bare_years=True)
    warnings = [*sex_warnings, *age_warnings]
    findings = (
        *_findings(line.present, "present", State.PRESENT, warnings),
        *_findings(line.absent, "absent", State.ABSENT, warnings),
    )
    if not findings:
        warnings.append("the case lists no findings")
    return Case(
        id=id_text(line.id) or place.default_id,
        origin=place.origin,
        diagnosis=diagnosis_of(line.diagnosis),
        diagnosis_name=line.diagnosis_name,
        warnings=tuple(warnings),
        extra=line.model_extra or {},
        sex=sex,
        age=age,
        findings=findings,
    )


def id_text(value: str | int | float | None) -> str:
    """An id as text; empty where none is stated."""
    return "" if value is None else str(value)[:1000].strip()


def diagnosis_of(value: list[str] | str | None) -> tuple[DiseaseId, ...]:
    """The ids of the true disease, each once, blank ones dropped."""
    given = [value] if isinstance(value, str) else value or []
    return tuple(DiseaseId(i) for i in dict.fromkeys(v.strip() for v in given) if i)


def _findings(items: list[str | FindingItem] | None, key: str, state: State, warnings: list[str]) -> Iterator[Finding]:
    for number, item in enumerate(items or ()):
        if isinstance(item, str):
            text, label, onset = item, "", None
        else:
            text, label = item.id or item.label or "", item.label or ""
            onset, more = onset_of(item.onset, f"{key}[{number}]")
            warnings.extend(more)
        if not text.strip():
            warnings.append(f"{key}[{number}] is blank; left out")
        elif label or onset:
            yield Finding(text=text, label=label, state=state, onset=onset)
        else:
            yield _given(text, state)


@lru_cache(maxsize=1 << 15)
def _given(text: str, state: State) -> Finding:
    """Findings are immutable and a batch repeats the same few thousand, so equal ones are shared."""
    return Finding(text=text, state=state)
