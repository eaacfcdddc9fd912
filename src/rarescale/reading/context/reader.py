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
from rarescale.reading.finder import Finder, Said
from rarescale.reading.index import Index, Name
from rarescale.reading.learned import LearnedFinder, Model
from rarescale.reading.learned.reader import HINT as LEARNED_HINT
from rarescale.reading.learned.reader import THRESHOLD as LEARNED_THRESHOLD
from rarescale.reading.learned.reader import confidence
from rarescale.reading.match import Match
from rarescale.reading.tokens import Token

SOURCE = "context"


class ContextFinder:
    """Rows below `first` are those of the finder before it, those above terms of the model."""

    def __init__(
        self, before: Finder, names: int, first: int, model: ContextModel, ontology: Ontology, *, least: float
    ) -> None:
        """Of the rows of the finder before, those below `names` are the dictionary's.

        `least` is the confidence from which a match is certain. Terms of the model that `ontology` lacks, or that are
        no findings there, are never found.
        """
        self._before, self._names, self._first, self._model = before, names, first, model
        self._ontology, self._least = ontology, least
        self._index = {row: i for row, term in enumerate(model.terms) if (i := _finding(ontology, term)) is not None}
        self.is_above = before.is_above

    def find(self, said: Sequence[Said]) -> list[list[Match]]:
        """The terms in each sentence, in order."""
        heard = listen(self._model, said, logit(HINT))
        return [
            self._joined(found, one.tokens, told)
            for found, one, told in zip(self._before.find(said), said, heard, strict=True)
        ]

    def _joined(self, found: Sequence[Match], tokens: Sequence[Token], told: Told) -> list[Match]:
        """What the finder before found in a sentence, and the guesses of this stage."""
        named = [m for m in found if m.row < self._names and self._is_certain(m)]
        taken = frozenset(place for match in named for place in match.places)
        own = [self._match(guess) for guess in guesses(told, tokens, taken) if self._is_new(guess, named)]
        return self._settled(named, [m for m in found if m not in named], own)

    def _is_certain(self, match: Match) -> bool:
        return match.confidence is None or match.confidence >= self._least

    def _is_new(self, guess: Guess, named: Sequence[Match]) -> bool:
        """Whether the term may be found and no name among the words that speak for it is that term or its kin."""
        index = self._index.get(guess.term)
        if index is None:
            return False
        there = [m for m in named if not guess.speaking.isdisjoint(m.places)]
        return not any(self._are_kin(index, self._ontology.index(self.name(m.row).term)) for m in there)

    def _are_kin(self, a: int | None, b: int | None) -> bool:
        """Whether two terms are the same, or one is a parent of the other."""
        if a is None or b is None:
            return False
        return a == b or a in self._ontology.parents[b] or b in self._ontology.parents[a]

    def _settled(self, named: Sequence[Match], earlier: Sequence[Match], own: Sequence[Match]) -> list[Match]:
        """`named`, and of the others, where they are rivals, the one with the highest confidence; of equals the
        `earlier` one."""
        kept: list[Match] = []
        for match in sorted([*earlier, *own], key=lambda m: -(m.confidence or 0.0)):
            if not any(self._are_rivals(match, other) for other in kept):
                kept.append(match)
        return sorted([*named, *kept], key=lambda match: match.places)

    def _are_rivals(self, a: Match, b: Match) -> bool:
        """Whether two matches, at least one of this stage, share most words of one or are of the same or kin terms."""
        if a.row < self._first and b.row < self._first:
            return False
        shared = set(a.places) & set(b.places)
        if 2 * len(shared) > min(len(a.places), len(b.places)):
            return True
        return self._are_kin(*(self._ontology.index(self.name(m.row).term) for m in (a, b)))

    def _match(self, guess: Guess) -> Match:
        """The confidence is the probability, but always on the right side of `least`."""
        sure = guess.probability >= THRESHOLD
        shown = max(guess.probability, self._least) if sure else min(guess.probability, self._least - 0.001)
        return Match(self._first + guess.term, guess.places, round(shown, 3), guess.denial, guess.denied)

    def name(self, row: int) -> Name:
        """The name in `row`; a term of this stage stands under its label."""
        if row < self._first:
            return self._before.name(row)
        return Name(self._model.terms[row - self._first], self.label(row), SOURCE)

    def label(self, row: int) -> str:
        """The label of the term in `row`."""
        if row < self._first:
            return self._before.label(row)
        return self._ontology.label(self._model.terms[row - self._first])

    def source(self, row: int) -> str:
        """The stage that `row` belongs to."""
        return self._before.source(row) if row < self._first else SOURCE

    def is_denial(self, row: int) -> bool:
        """Whether the name in `row` tells its finding by denying something; of this stage the match says it."""
        return row < self._first and self._before.is_denial(row)

    def is_trap(self, row: int) -> bool:
        """Whether the name in `row` tells that its finding is absent."""
        return row < self._first and self._before.is_trap(row)


def _finding(ontology: Ontology, term: str) -> int | None:
    index = ontology.index(term)
    return index if index is not None and ontology.is_finding[index] else None


def context_reader(index: Index, learned: Model, model: ContextModel, ontology: Ontology) -> FindingReader:
    """Dictionary, learned and contextual stage in one pass."""
    before = LearnedFinder(index, learned, ontology, threshold=LEARNED_HINT)
    first, least = len(index) + len(learned.terms), confidence(LEARNED_THRESHOLD)
    finder = ContextFinder(before, len(index), first, model, ontology, least=least)
    return FindingReader(finder, name="dictionary+learned+context", least=least)
