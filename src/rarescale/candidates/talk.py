"""From an input and what was understood of it to what candidate models are told."""

from __future__ import annotations

from collections.abc import Iterable

from rarescale.candidates.contract import Talk
from rarescale.knowledge import Ontology
from rarescale.record import Case, Chat, Finding, Note, Reading, Role, State, Understanding


def talk_of(source: Case | Chat | Note, understood: Reading | Understanding, ontology: Ontology) -> Talk:
    """The patient's own messages and the findings, certain and uncertain, that `ontology` has as findings."""
    present: dict[int, float] = {}
    absent: dict[int, float] = {}
    for finding, term in _terms((*understood.findings, *understood.uncertain), ontology):
        kind = present if finding.state is State.PRESENT else absent
        kind[term] = max(kind.get(term, 0.0), 1.0 if finding.confidence is None else finding.confidence)
    for term in present:
        absent.pop(term, None)
    turns = tuple((m.role.value, m.content) for m in source.messages) if isinstance(source, Chat) else ()
    return Talk(words_of(source), present, absent, understood.sex, understood.age, turns)


def words_of(source: Case | Chat | Note) -> tuple[str, ...]:
    """The patient's own messages; a note is one, a structured case has none."""
    if isinstance(source, Note):
        return (source.text,)
    if isinstance(source, Chat):
        return tuple(m.content for m in source.messages if m.role is Role.PATIENT)
    return ()


def _terms(findings: Iterable[Finding], ontology: Ontology) -> Iterable[tuple[Finding, int]]:
    for finding in findings:
        term = ontology.index(finding.id or "")
        if term is not None and ontology.is_finding[term]:
            yield finding, term
