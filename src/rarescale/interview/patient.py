"""A simulated patient that answers from a case, by MEDDxAgent's protocol: only from what is explicit.

Yes if the finding, or something more specific, is listed as present; no if it, or something more general, is listed
as absent; otherwise "don't know". With `closed` the case is taken as complete, so everything else is a no: published
cases are not complete, so a closed patient denies what the real one may well have had. Asked something general, a
patient says what it is: MEDDxAgent's names at most two symptoms (arXiv 2502.19175, history-taking simulator).
"""

from __future__ import annotations

from rarescale.interview.contract import Answer
from rarescale.knowledge import Ontology
from rarescale.record import Case, State, TermId


class SimulatedPatient:
    """Knows the findings of one case and nothing of its diagnosis."""

    def __init__(self, ontology: Ontology, case: Case, *, closed: bool = False) -> None:
        """Findings are matched by their current term (`id`, else `text`); those without one are not known."""
        self._ontology, self._closed = ontology, closed
        self._listed: list[int] = []
        self._present: set[int] = set()
        self._absent: set[int] = set()
        for finding in case.findings:
            index = ontology.index(finding.id or finding.text)
            if index is None:
                continue
            if finding.state is State.PRESENT:
                self._listed.append(index)
                self._present |= ontology.ancestor_set(index)
            else:
                self._absent.add(index)

    def answer(self, term: str) -> Answer:
        """The answer to a question about a term id. Raises KeyError for an id that means no term."""
        index = self._ontology.index(term)
        if index is None:
            raise KeyError(term)
        if index in self._present:
            return Answer.YES
        if self._closed or not self._absent.isdisjoint(self._ontology.ancestor_set(index)):
            return Answer.NO
        return Answer.UNKNOWN

    def named(self, term: str, count: int = 2) -> tuple[TermId, ...]:
        """At most `count` listed present findings that are the term or below it, in the order of the case."""
        index = self._ontology.index(term)
        found = [i for i in dict.fromkeys(self._listed) if index in self._ontology.ancestor_set(i)]
        return tuple(self._ontology.ids[i] for i in found[:count])
