"""The embedding stage as a finder: what dictionary and learned stage leave unread, compared with known expressions.

It takes part in scopes, questions and answers like any name; its findings have ``embed`` as their source.
"""

from __future__ import annotations

from collections.abc import Sequence

from rarescale.knowledge import Ontology
from rarescale.reading.dictionary import FindingReader
from rarescale.reading.embed.encoder import Embedder
from rarescale.reading.embed.evidence import Evidence, Weigher
from rarescale.reading.embed.expressions import Space
from rarescale.reading.embed.weights import Weights
from rarescale.reading.embed.windows import Window, windows_of
from rarescale.reading.index import Index, Name
from rarescale.reading.learned import LearnedFinder, Model
from rarescale.reading.learned.reader import HINT, THRESHOLD, confidence, kin_of
from rarescale.reading.learned.windows import Guess, runs, settle
from rarescale.reading.match import Match
from rarescale.reading.tokens import Token

SOURCE = "embed"
HINT_FROM = 0.3
"""What is less probable than the threshold but at least this is `uncertain`, unless an earlier stage has its words."""


class EmbedFinder:
    """Rows below `first` are those of the finder before it, those above terms of the space."""

    def __init__(
        self,
        before: LearnedFinder,
        first: int,
        model: Model,
        space: Space,
        embedder: Embedder,
        weights: Weights,
        ontology: Ontology,
        *,
        least: float,
    ) -> None:
        """`least` is the confidence from which a match of the finder before is certain and keeps its words."""
        self._before, self._first, self._model = before, first, model
        self._space, self._embedder, self._weights = space, embedder, weights
        self._ontology, self._least = ontology, least
        self._weigher = Weigher(space, model, kin_of(space.terms, ontology))
        self.is_above = before.is_above

    def find(self, sentence: Sequence[Token], text: str) -> list[Match]:
        """The terms in `sentence` (tokens of `text`), in order."""
        found = self._before.find(sentence, text)
        certain = self._certain(found)
        guessed = settle(self._guesses(sentence, text, _places(certain)))
        sure = {p for g in guessed if g.probability >= self._weights.threshold for p in g.places}
        hints = [m for m in found if m not in certain and sure.isdisjoint(m.places)]
        held = _places(hints)
        own = [self._match(g) for g in guessed if not sure.isdisjoint(g.places) or held.isdisjoint(g.places)]
        return sorted([*certain, *hints, *own], key=lambda match: match.places)

    def _guesses(self, sentence: Sequence[Token], text: str, taken: frozenset[int]) -> list[Guess]:
        """What the words outside of `taken` places may tell; the guesses may overlap."""
        windows, evidence = self._evidence(sentence, text, taken)
        return [
            Guess(windows[e.window].places, e.term, float(p), False)
            for e, p in zip(evidence, self._weights.probabilities(evidence), strict=True)
            if p >= HINT_FROM
        ]

    def evidence(self, sentence: Sequence[Token], text: str) -> list[tuple[tuple[int, ...], Evidence]]:
        """The evidence about what the stages before leave of `sentence`, each with the places of its words."""
        windows, evidence = self._evidence(sentence, text, _places(self._certain(self._before.find(sentence, text))))
        return [(windows[e.window].places, e) for e in evidence]

    def _evidence(
        self, sentence: Sequence[Token], text: str, taken: frozenset[int]
    ) -> tuple[list[Window], list[Evidence]]:
        windows = [w for run in runs(sentence, taken) for w in windows_of(run, sentence, text, self._model)]
        if not windows:
            return [], []
        return windows, self._weigher.evidence(windows, self._embedder.vectors([w.text for w in windows]))

    def _certain(self, found: Sequence[Match]) -> list[Match]:
        return [m for m in found if m.confidence is None or m.confidence >= self._least]

    def _match(self, guess: Guess) -> Match:
        sure = guess.probability >= self._weights.threshold
        shown = max(guess.probability, self._least) if sure else min(guess.probability, self._least - 0.001)
        return Match(self._first + guess.term, guess.places, round(shown, 3))

    def name(self, row: int) -> Name:
        """The name in `row`; a term of this stage stands under its label."""
        if row < self._first:
            return self._before.name(row)
        return Name(self._space.terms[row - self._first], self.label(row), SOURCE)

    def label(self, row: int) -> str:
        """The label of the term in `row`."""
        if row < self._first:
            return self._before.label(row)
        return self._ontology.label(self._space.terms[row - self._first])

    def source(self, row: int) -> str:
        """The stage that `row` belongs to."""
        return self._before.source(row) if row < self._first else SOURCE

    def is_denial(self, row: int) -> bool:
        """Whether the name in `row` tells its finding by denying something; none of this stage does."""
        return row < self._first and self._before.is_denial(row)

    def is_trap(self, row: int) -> bool:
        """Whether the name in `row` tells that its finding is absent."""
        return row < self._first and self._before.is_trap(row)


def _places(matches: Sequence[Match]) -> frozenset[int]:
    return frozenset(place for match in matches for place in match.places)


def embed_finder(
    index: Index, model: Model, space: Space, embedder: Embedder, weights: Weights, ontology: Ontology
) -> EmbedFinder:
    """The finder of all three stages."""
    before = LearnedFinder(index, model, ontology, threshold=HINT)
    first, least = len(index) + len(model.terms), confidence(THRESHOLD)
    return EmbedFinder(before, first, model, space, embedder, weights, ontology, least=least)


def embed_reader(
    index: Index, model: Model, space: Space, embedder: Embedder, weights: Weights, ontology: Ontology
) -> FindingReader:
    """Dictionary, learned and embedding stage in one pass."""
    finder = embed_finder(index, model, space, embedder, weights, ontology)
    return FindingReader(finder, name="dictionary+learned+embed", least=confidence(THRESHOLD))
