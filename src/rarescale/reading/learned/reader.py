"""The window model as a finder: what the dictionary leaves unread, guessed by the model.

It sees only words in which the dictionary found nothing, and takes part in scopes, questions and answers like any name.
"""

from __future__ import annotations

from collections.abc import Sequence

from rarescale.knowledge import Ontology
from rarescale.reading.dictionary import FindingReader
from rarescale.reading.finder import Said
from rarescale.reading.index import Index, Name
from rarescale.reading.learned.model import Model
from rarescale.reading.learned.windows import guesses, runs, settle
from rarescale.reading.match import Match, find_matches
from rarescale.reading.tokens import Token

THRESHOLD = 0.91
"""Least probability of a term with its parents and children; see docs/decisions/2026-11-25-learned-reader.md."""

HINT = 0.3
"""What is less probable than `THRESHOLD` but at least this is `uncertain`: not listed, but it tips the scales."""

_FLOOR, _SLOPE = -0.15, 0.82
"""Least squares line through right and wrong findings on the same half; only 61 of them, so no finer curve."""


class LearnedFinder:
    """Rows below ``len(index)`` are names of the dictionary, those above terms of the model."""

    def __init__(self, index: Index, model: Model, ontology: Ontology) -> None:
        """Terms of the model that `ontology` lacks are never found."""
        self._index, self._model, self._ontology, self._first = index, model, ontology, len(index)
        self._kin = kin_of(model.terms, ontology)
        self._most_kin = max(map(len, self._kin.values()), default=1)
        self.is_above = index.is_above

    def find(self, said: Sequence[Said]) -> list[list[Match]]:
        """The terms in each sentence, in order."""
        return [self._find(one.tokens, one.text) for one in said]

    def _find(self, sentence: Sequence[Token], text: str) -> list[Match]:
        named = find_matches(sentence, text, self._index)
        taken = frozenset(place for match in named for place in match.places)
        found = [g for run in runs(sentence, taken) for g in guesses(run, self._model, self._kin, HINT, self._most_kin)]
        learned = [Match(self._first + g.term, g.places, confidence(g.probability), g.denial) for g in settle(found)]
        return sorted([*named, *learned], key=lambda match: match.places)

    def name(self, row: int) -> Name:
        """The name in `row`; a learned term stands under its label."""
        if row < self._first:
            return self._index.name(row)
        return Name(self._model.terms[row - self._first], self.label(row), "learned")

    def label(self, row: int) -> str:
        """The label of the term in `row`."""
        return (
            self._index.label(row) if row < self._first else self._ontology.label(self._model.terms[row - self._first])
        )

    def source(self, row: int) -> str:
        """``dictionary`` or ``learned``."""
        return "dictionary" if row < self._first else "learned"

    def is_denial(self, row: int) -> bool:
        """Whether the name in `row` tells its finding by denying something; of a learned one the match says it."""
        return row < self._first and self._index.is_denial(row)

    def is_trap(self, row: int) -> bool:
        """Whether the name in `row` tells that its finding is absent."""
        return row < self._first and self._index.is_trap(row)


def joint_reader(index: Index, model: Model, ontology: Ontology) -> FindingReader:
    """Dictionary and window model in one pass, so that each sentence is cut and looked up once."""
    finder = LearnedFinder(index, model, ontology)
    return FindingReader(finder, name="dictionary+learned", least=confidence(THRESHOLD))


def confidence(probability: float) -> float:
    """How often a finding of this probability is right, counted against incomplete labels."""
    return round(_FLOOR + _SLOPE * probability, 3)


def kin_of(terms: Sequence[str], ontology: Ontology) -> dict[int, frozenset[int]]:
    """For each of `terms`, by place, that is a finding of `ontology`: itself, its parents and children in `terms`."""
    place = {}
    for row, term in enumerate(terms):
        index = ontology.index(term)
        if index is not None and ontology.is_finding[index]:
            place[index] = row
    kin: dict[int, set[int]] = {row: {row} for row in place.values()}
    for index, row in place.items():
        for parent in ontology.parents[index].tolist():
            if parent in place:
                kin[row].add(place[parent])
                kin[place[parent]].add(row)
    return {row: frozenset(rows) for row, rows in kin.items()}
