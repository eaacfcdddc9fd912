"""The window model as a finder: what the dictionary leaves unread, guessed by the model.

It sees only words in which the dictionary found nothing, and takes part in scopes, questions and answers like any name.
"""

from __future__ import annotations

from collections.abc import Sequence

from rarescale.knowledge import Ontology
from rarescale.reading.dictionary import FindingReader
from rarescale.reading.finder import Said, TermFinder
from rarescale.reading.index import Index
from rarescale.reading.kin import kin_among
from rarescale.reading.learned.model import Model
from rarescale.reading.learned.windows import guesses, runs, settle
from rarescale.reading.match import Match
from rarescale.reading.tokens import Token

THRESHOLD = 0.91
"""Least probability of a term with its parents and children; see docs/decisions/2026-11-25-learned-reader.md."""

HINT = 0.3
"""What is less probable than `THRESHOLD` but at least this is `uncertain`: not listed, but it tips the scales."""

_FLOOR, _SLOPE = -0.15, 0.82
"""Least squares line through right and wrong findings on the same half; only 61 of them, so no finer curve."""


class LearnedFinder(TermFinder):
    """Rows below ``len(index)`` are names of the dictionary, those above terms of the model."""

    def __init__(self, index: Index, model: Model, ontology: Ontology) -> None:
        """Terms of the model that `ontology` lacks are never found."""
        super().__init__(index, model.terms, ontology, "learned")
        self._model = model
        self._kin = kin_among(model.terms, ontology)
        self._most_kin = max(map(len, self._kin.values()), default=1)

    def find(self, said: Sequence[Said]) -> list[list[Match]]:
        """The terms in each sentence, in order."""
        return [self._joined(n, one.tokens) for n, one in zip(self._names.find(said), said, strict=True)]

    def _joined(self, named: Sequence[Match], sentence: Sequence[Token]) -> list[Match]:
        taken = frozenset(place for match in named for place in match.places)
        found = [g for run in runs(sentence, taken) for g in guesses(run, self._model, self._kin, HINT, self._most_kin)]
        learned = [Match(self._first + g.term, g.places, confidence(g.probability), g.denial) for g in settle(found)]
        return sorted([*named, *learned], key=lambda match: match.places)


def joint_reader(index: Index, model: Model, ontology: Ontology) -> FindingReader:
    """Dictionary and window model in one pass, so that each sentence is cut and looked up once."""
    finder = LearnedFinder(index, model, ontology)
    return FindingReader(finder, name="dictionary+learned", least=confidence(THRESHOLD))


def confidence(probability: float) -> float:
    """How often a finding of this probability is right, counted against incomplete labels."""
    return round(_FLOOR + _SLOPE * probability, 3)
