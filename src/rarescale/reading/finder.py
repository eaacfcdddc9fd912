"""What a stage that finds terms in sentences offers to the machinery of scopes, questions and answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from rarescale.knowledge import Ontology
from rarescale.reading.index import Index, Name
from rarescale.reading.match import Match, find_matches
from rarescale.reading.tokens import Token


class Said(NamedTuple):
    """A sentence: its tokens, and the text they stand in."""

    tokens: list[Token]
    text: str


class Finder(Protocol):
    """Finds terms in sentences. A match points to a row; the row's name says what was found."""

    def find(self, said: Sequence[Said]) -> list[list[Match]]:
        """The terms in each sentence, in order. All of a chat are given at once, since some stages are faster then."""
        ...

    def name(self, row: int) -> Name:
        """The name in `row`."""
        ...

    def label(self, row: int) -> str:
        """The label of the term of the name in `row`."""
        ...

    def source(self, row: int) -> str:
        """The stage that `row` belongs to."""
        ...

    def is_denial(self, row: int) -> bool:
        """Whether the name in `row` tells its finding by denying something."""
        ...

    def is_trap(self, row: int) -> bool:
        """Whether the name in `row` tells that its finding is absent."""
        ...

    def is_above(self, upper: str, lower: str) -> bool:
        """Whether term `upper` is an ancestor of term `lower`."""
        ...


class NameFinder:
    """Finds the names of an index."""

    def __init__(self, index: Index, source: str = "dictionary") -> None:
        """`source` is the stage's name."""
        self._index, self._source = index, source
        self.name, self.label, self.is_above = index.name, index.label, index.is_above
        self.is_denial, self.is_trap = index.is_denial, index.is_trap

    def find(self, said: Sequence[Said]) -> list[list[Match]]:
        """The names in each sentence, in order."""
        return [find_matches(one.tokens, one.text, self._index) for one in said]

    def source(self, row: int) -> str:
        """The stage's name."""
        return self._source


class TermFinder:
    """What finders share that add terms to names: rows below ``len(index)`` are names, those above are terms."""

    def __init__(self, index: Index, terms: Sequence[str], ontology: Ontology, source: str) -> None:
        """`terms` in the order of their rows; `source` is the name of their stage."""
        self._names, self._first = NameFinder(index), len(index)
        self._terms, self._ontology, self._stage = terms, ontology, source
        self.is_above = index.is_above

    def name(self, row: int) -> Name:
        """The name in `row`; a term stands under its label."""
        if row < self._first:
            return self._names.name(row)
        return Name(self._terms[row - self._first], self.label(row), self._stage)

    def label(self, row: int) -> str:
        """The label of the term in `row`."""
        if row < self._first:
            return self._names.label(row)
        return self._ontology.label(self._terms[row - self._first])

    def source(self, row: int) -> str:
        """The stage that `row` belongs to."""
        return self._names.source(row) if row < self._first else self._stage

    def is_denial(self, row: int) -> bool:
        """Whether the name in `row` tells its finding by denying something; of a term the match says it."""
        return row < self._first and self._names.is_denial(row)

    def is_trap(self, row: int) -> bool:
        """Whether the name in `row` tells that its finding is absent."""
        return row < self._first and self._names.is_trap(row)
