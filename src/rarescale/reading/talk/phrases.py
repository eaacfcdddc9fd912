"""Where the words of the tables stand in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from rarescale.reading.stems import phrase_form
from rarescale.reading.tokens import Token, is_word, tokenize
from rarescale.reading.wordlists import word_set

_FILLERS = word_set(
    """
    an the my your his its her our their he she it we they i him them me very really so all always just still
    is are was were been being am 's 're 'm 've 'd has have had also quite rather pretty keep keeps kept even that this
    these those there now already completely totally absolutely literally bit of lately gone went go goes going
    """
)
"""Words that say nothing between two words that belong together."""


_AS_THEY_ARE = frozenset(("a", "sats"))
"""Words whose folded form would be another: vitamin A, and oxygen that "sat down"."""


class Word(NamedTuple):
    """A word of the stream that phrases are looked for in: folded, with its place among the tokens."""

    form: str
    place: int


class Slot(NamedTuple):
    """An expression of a table in the stream: what it is, its half-open range there, and the places of its tokens."""

    kind: str
    key: str
    start: int
    stop: int
    places: tuple[int, ...]


@lru_cache(maxsize=1 << 14)
def form(word: str) -> str:
    """The folded form of a word, empty where it is a filler."""
    if word in _AS_THEY_ARE:
        return word
    return "" if word in _FILLERS else phrase_form(word)


def stream(sentence: Sequence[Token]) -> list[Word]:
    """The words of `sentence` without fillers; signs stay, for they part clauses and lists."""
    words = []
    for place, token in enumerate(sentence):
        if not is_word(token):
            if token.word not in "-'\"\u2019":
                words.append(Word(token.word, place))
        elif folded := form(token.word):
            words.append(Word(folded, place))
    return words


class Phrases:
    """Expressions to look for, each with what it is."""

    def __init__(self, listed: Iterable[tuple[str, str, str]]) -> None:
        """`listed` as (expression, kind, key); of expressions that fold to the same words the first stands."""
        self._by_first: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
        known: dict[tuple[str, ...], tuple[str, str]] = {}
        self.clashes: list[tuple[str, str, str]] = []
        for text, kind, key in listed:
            words = tuple(word.form for word in stream(tokenize(text)))
            if known.setdefault(words, (kind, key)) != (kind, key):
                self.clashes.append((text, key, known[words][1]))
        for words, (kind, key) in known.items():
            if words:
                self._by_first.setdefault(words[0], []).append((words, kind, key))
        for choices in self._by_first.values():
            choices.sort(key=lambda choice: -len(choice[0]))

    def find(self, words: Sequence[Word]) -> list[Slot]:
        """The expressions in a stream, in order, the longest at each place; none overlap."""
        found: list[Slot] = []
        forms = tuple(word.form for word in words)
        at = 0
        while at < len(words):
            slot = self._at(words, forms, at) if forms[at] in self._by_first else None
            if slot is not None:
                found.append(slot)
            at = at + 1 if slot is None else slot.stop
        return found

    def _at(self, words: Sequence[Word], forms: tuple[str, ...], at: int) -> Slot | None:
        for expression, kind, key in self._by_first[forms[at]]:
            stop = at + len(expression)
            if forms[at:stop] == expression:
                return Slot(kind, key, at, stop, tuple(w.place for w in words[at:stop]))
        return None
