"""Solved cases that resemble a patient, as examples in a prompt (RareBench's dynamic few-shot, Chen et al. 2024).

RareBench finds neighbours by embeddings of phenotypes weighted with their information content (IC); here likeness is
the IC-weighted overlap of findings closed over their ancestors (simGIC, Pesquita et al. 2008),

    sim(A, B) = sum of IC over A and B / sum of IC over A or B,    IC(t) = -ln(share of diseases that have t),

which needs no training. The case itself and cases of its paper never serve as examples.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from rarescale.knowledge import Knowledge
from rarescale.record import Case, Finding, State

SHOTS = 3
"""Examples where nothing else is said."""


@dataclass(frozen=True)
class SolvedCase:
    """A case with its diagnosis in words. `papers` are the references it was published in."""

    id: str
    findings: tuple[str, ...]
    absent: tuple[str, ...]
    diagnosis: str
    papers: frozenset[str] = frozenset()


class CaseBank:
    """Solved cases of one knowledge, ready to be compared."""

    def __init__(self, knowledge: Knowledge, cases: Iterable[Case], information: np.ndarray) -> None:
        """`information` float (n,) is the IC of every term, nats.

        Cases without diagnosis or known findings are left out. Where a case does not name its diagnosis, the
        knowledge does.
        """
        self._ontology = knowledge.ontology
        self._information = information
        self._cases: list[SolvedCase] = []
        self._closures: list[np.ndarray] = []
        for case in cases:
            name = case.diagnosis_name or _name(knowledge, case)
            closure = self._closure(case.findings)
            if name and len(closure):
                self._cases.append(self._solved(case, name))
                self._closures.append(closure)

    def __len__(self) -> int:
        """Number of usable cases."""
        return len(self._cases)

    def nearest(
        self, findings: Sequence[Finding], *, id: str, papers: frozenset[str] = frozenset(), count: int = SHOTS
    ) -> tuple[SolvedCase, ...]:
        """The `count` most alike cases, the best first, ties by id; never case `id` nor one of `papers`.

        Nothing resembles a patient without known present findings.
        """
        own = self._closure(findings)
        if not len(own):
            return ()
        mask = np.zeros(len(self._information), bool)
        mask[own] = True
        total = float(self._information[own].sum())
        scored: list[tuple[float, str, int]] = []
        for k, (case, closure) in enumerate(zip(self._cases, self._closures, strict=True)):
            if case.id == id or case.papers & papers:
                continue
            shared = float(self._information[closure[mask[closure]]].sum())
            whole = total + float(self._information[closure].sum()) - shared
            scored.append((-shared / whole if whole > 0 else 0.0, case.id, k))
        return tuple(self._cases[k] for score, _, k in sorted(scored)[:count] if score < 0)

    def _closure(self, findings: Iterable[Finding]) -> np.ndarray:
        """Ascending indices of present findings and all above them, int (k,)."""
        indices = [self._ontology.index(f.id or f.text) for f in findings if f.state is State.PRESENT]
        terms = {a for i in indices if i is not None for a in self._ontology.ancestor_set(i)}
        return np.array(sorted(terms), np.int64)

    def _solved(self, case: Case, diagnosis: str) -> SolvedCase:
        def words(state: State) -> tuple[str, ...]:
            return tuple(self._words(f) for f in case.findings if f.state is state)

        return SolvedCase(case.id, words(State.PRESENT), words(State.ABSENT), diagnosis, papers_of(case.extra))

    def _words(self, finding: Finding) -> str:
        index = self._ontology.index(finding.id or finding.text)
        return finding.label or (finding.text if index is None else self._ontology.labels[index])


def _name(knowledge: Knowledge, case: Case) -> str:
    indices = (knowledge.diseases.index(i) for i in case.diagnosis)
    return next((knowledge.diseases.name(i) for i in indices if i is not None), "")


def papers_of(case_extra: object) -> frozenset[str]:
    """The numbers under ``pmids`` in a case line's further keys, with or without their prefix."""
    found = case_extra.get("pmids") if hasattr(case_extra, "get") else None
    listed = found if isinstance(found, list | tuple) else [] if found is None else [found]
    return frozenset(str(p).strip().upper().removeprefix("PMID:").strip() for p in listed)


def in_words(case: SolvedCase) -> str:
    """One line of JSON for the prompt; ids and papers stay outside."""
    row = {"findings": list(case.findings), "absent": list(case.absent), "diagnosis": case.diagnosis}
    return json.dumps(row, ensure_ascii=False).replace("<", "\\u003c")
