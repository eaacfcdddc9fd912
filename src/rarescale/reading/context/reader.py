"""The contextual stage as a finder: what a model that reads whole sentences hears in words without a certain name.

It takes part in scopes, questions and answers like any name; its findings have ``context`` as their source.
"""

from __future__ import annotations

from collections.abc import Sequence

from rarescale.knowledge import Ontology
from rarescale.reading.context.guesses import HINT, THRESHOLD, Guess, guesses, logit
from rarescale.reading.context.listening import Told, listen
from rarescale.reading.context.model import ContextModel
from rarescale.reading.dictionary import FindingReader
from rarescale.reading.finder import Said, TermFinder
from rarescale.reading.index import Index
from rarescale.reading.kin import are_kin, finding_index
from rarescale.reading.match import Match
from rarescale.reading.tokens import Token

SOURCE = "context"

MOST = 200
"""Sentences that are heard, four times a long conversation (3 s at most): no huge text shall block a service."""


class ContextFinder(TermFinder):
    """Rows below ``len(index)`` are names of the dictionary, those above terms of the model."""

    def __init__(self, index: Index, model: ContextModel, ontology: Ontology) -> None:
        """Terms of the model that `ontology` lacks, or that are no findings there, are never found."""
        super().__init__(index, model.terms, ontology, SOURCE)
        self._model = model
        self._findable = {row for row, term in enumerate(model.terms) if finding_index(term, ontology) is not None}

    def find(self, said: Sequence[Said]) -> list[list[Match]]:
        """The terms in each sentence, in order; of those after the first `MOST` only names."""
        named = self._names.find(said)
        heard = listen(self._model, said[:MOST], logit(HINT))
        joined = [self._joined(found, one.tokens, told) for found, one, told in zip(named, said, heard, strict=False)]
        return joined + named[MOST:]

    def _joined(self, named: list[Match], tokens: Sequence[Token], told: Told) -> list[Match]:
        """The names in a sentence, and the guesses of this stage."""
        taken = frozenset(place for match in named for place in match.places)
        own = [self._match(guess) for guess in guesses(told, tokens, taken) if self._is_new(guess, named)]
        return sorted([*named, *self._settled(own)], key=lambda match: match.places)

    def _is_new(self, guess: Guess, named: Sequence[Match]) -> bool:
        """Whether the term may be found and no name among the words that speak for it is that term or its kin."""
        there = [m for m in named if not guess.speaking.isdisjoint(m.places)]
        return guess.term in self._findable and not any(self._are_kin(self._first + guess.term, m.row) for m in there)

    def _are_kin(self, row: int, other: int) -> bool:
        return are_kin(self.name(row).term, self.name(other).term, self._ontology)

    def _settled(self, own: Sequence[Match]) -> list[Match]:
        """Of rivals the one with the highest confidence."""
        kept: list[Match] = []
        for match in sorted(own, key=lambda m: -(m.confidence or 0.0)):
            if not any(self._are_rivals(match, other) for other in kept):
                kept.append(match)
        return kept

    def _are_rivals(self, a: Match, b: Match) -> bool:
        """Whether two guesses share most words of one, or are of the same or kin terms."""
        shared = set(a.places) & set(b.places)
        if 2 * len(shared) > min(len(a.places), len(b.places)):
            return True
        return self._are_kin(a.row, b.row)

    def _match(self, guess: Guess) -> Match:
        return Match(self._first + guess.term, guess.places, round(guess.probability, 3), guess.denial, guess.denied)


def context_reader(index: Index, model: ContextModel, ontology: Ontology) -> FindingReader:
    """Dictionary and contextual stage in one pass."""
    return FindingReader(ContextFinder(index, model, ontology), name="dictionary+context", least=THRESHOLD, most=MOST)
