"""From an input to what is understood of it, and from that to what the expert is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from rarescale.expert import Query, RedFlags
from rarescale.knowledge import Knowledge, Ontology, Resolver, read_red_flags
from rarescale.reading import Reader
from rarescale.record import Case, Chat, Engine, Finding, Note, Sex, State, Understanding

MANY_FINDINGS = 200
"""More distinct findings than this are unlikely to be one patient's; the answer carries a warning."""


class Understander:
    """Finds the current terms of what was said or given; `reader` is asked for at its first use."""

    def __init__(self, knowledge: Knowledge, reader: Callable[[], Reader], engine: Callable[[], Engine]) -> None:
        """`engine` names what ranks afterwards; every answer carries it."""
        self._knowledge, self._reader, self._engine = knowledge, reader, engine
        self._resolver = Resolver(knowledge.ontology)

    @cached_property
    def _flags(self) -> RedFlags:
        """The rules that speak before any ranking; those whose terms this knowledge lacks stay silent."""
        return RedFlags(self._knowledge.ontology, read_red_flags(self._knowledge.sources.curated), foreign=True)

    def understand(self, source: Case | Chat | Note) -> Understanding:
        """The findings of an input, resolved to current terms, with quotes and warnings."""
        return self._case(source) if isinstance(source, Case) else self._text(source)

    def _text(self, source: Chat | Note) -> Understanding:
        reading = self._reader().read(source)
        findings, warnings = self._settle(reading.findings)
        return Understanding(
            id=source.id,
            sex=reading.sex,
            age=reading.age,
            findings=findings,
            uncertain=self._uncertain(findings, reading.uncertain),
            not_understood=reading.not_understood,
            red_flags=self._red_flags(findings, reading.age, reading.sex),
            warnings=(*source.warnings, *reading.warnings, *warnings),
            knowledge=self._knowledge.release,
            engine=self._engine(),
        )

    def _case(self, case: Case) -> Understanding:
        resolved: list[Finding] = []
        unresolved: dict[str, None] = {}
        notes: dict[str, None] = {}
        for finding in case.findings:
            found, note = self._resolve(finding)
            resolved += found
            if not found:
                unresolved[finding.text] = None
            if note:
                notes[note] = None
        findings, warnings = self._settle(resolved)
        return Understanding(
            id=case.id,
            sex=case.sex,
            age=case.age,
            findings=findings,
            unresolved=tuple(unresolved),
            red_flags=self._red_flags(findings, case.age, case.sex),
            warnings=(*case.warnings, *notes, *warnings),
            knowledge=self._knowledge.release,
            engine=self._engine(),
        )

    def _red_flags(self, findings: Sequence[Finding], age: float | None, sex: Sex | None) -> tuple[str, ...]:
        present = [f.id for f in findings if f.id is not None and f.state is State.PRESENT]
        return self._flags.messages(present, age, sex)

    def _resolve(self, finding: Finding) -> tuple[list[Finding], str]:
        """The finding with its current term: by id or name, else as the reader understands its words."""
        answer = self._resolver.resolve(finding.text)
        if answer.term is not None:
            return [finding.model_copy(update={"id": answer.term, "label": answer.label})], answer.note
        if ":" in finding.text or not any(c.isalpha() for c in finding.text):
            return [], answer.note
        read = self._reader().read(Note(id="", text=finding.text)).findings
        if len({f.id for f in read}) != 1 or read[0].state is not State.PRESENT:
            return [], answer.note
        update = {"id": read[0].id, "label": read[0].label, "quote": read[0].quote, "source": read[0].source}
        return [finding.model_copy(update=update)], f"{finding.text!r} was read as {read[0].id} ({read[0].label})"

    def _settle(self, findings: Sequence[Finding]) -> tuple[tuple[Finding, ...], list[str]]:
        """Each term once; where statements contradict each other, the present one stands and a warning says so."""
        kept: dict[str, Finding] = {}
        warnings = []
        for f in findings:
            known = kept.get(f.id or "")
            if known is None or (known.state is State.ABSENT and f.state is State.PRESENT):
                kept[f.id or ""] = f
            if known is not None and known.state is not f.state:
                warnings.append(
                    f"{f.id} ({f.label or known.label}) is given as present and as absent; taken as present"
                )
        ontology = self._knowledge.ontology
        implied = frozenset[str]().union(
            *(ontology.ancestor_ids(i) for i, f in kept.items() if f.state is State.PRESENT)
        )
        for term in [i for i, f in kept.items() if f.state is State.ABSENT and i in implied]:
            label = kept.pop(term).label
            warnings.append(
                f"{term} ({label}) is given as absent, but a more specific finding is present; the absence is left out"
            )
        return tuple(kept.values()), warnings

    def _uncertain(self, findings: Sequence[Finding], uncertain: Sequence[Finding]) -> tuple[Finding, ...]:
        """The uncertain findings that say more than the certain ones, each term once, the surest of it."""
        ontology = self._knowledge.ontology
        said = {f.id for f in findings} | frozenset[str]().union(
            *(ontology.ancestor_ids(f.id or "") for f in findings if f.state is State.PRESENT)
        )
        ordered = sorted(uncertain, key=lambda f: -(f.confidence or 0.0))
        return tuple({f.id: f for f in reversed(ordered) if f.id not in said}.values())[::-1]


def query_of(understood: Understanding, ontology: Ontology) -> tuple[Query | None, list[str]]:
    """What the expert gets, None when no present finding was understood, and what to warn of."""
    present: list[int] = []
    absent: list[int] = []
    other: list[str] = []
    for f in understood.findings:
        index = ontology.index(f.id or "")
        if index is None or not ontology.is_finding[index]:
            other.append(f"{f.id} ({f.label})")
        else:
            (present if f.state is State.PRESENT else absent).append(index)
    warnings = [f"not phenotypes, so not used for ranking: {', '.join(other[:10])}"] if other else []
    if len(present) + len(absent) > MANY_FINDINGS:
        warnings.append(
            f"{len(present) + len(absent)} findings are more than one patient usually has; is this one patient?"
        )
    if not present:
        return None, warnings
    return Query(tuple(present), tuple(absent), understood.sex, understood.age), warnings
