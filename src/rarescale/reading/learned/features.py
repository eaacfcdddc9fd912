"""The words of a text as trained models see them: what is kept, the features of a word and of two neighbours.

Persons, articles and auxiliaries are left out; small words that turn a meaning ("up", "too", "can't") stay, and all
denials are one word. A word is its folded stems and, so that misspelt and unseen words still say something, its
pieces of three to five letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from rarescale.reading.index import DENIALS, TELLING_SMALL_WORDS
from rarescale.reading.spelling import american
from rarescale.reading.stems import fold
from rarescale.reading.tokens import Token, is_word
from rarescale.reading.wordlists import word_set

DENIAL = "-"
"""Stands for every denial."""

_PIECES = (3, 4, 5)
_SHORTEST_WITH_PIECES = 4
_KEPT_SMALL = TELLING_SMALL_WORDS | word_set("in on at to with from through around keep keeps kept feel feels go goes")
_FORMS = {"keeps": "keep", "kept": "keep", "feels": "feel", "goes": "go"}


class Spoken(NamedTuple):
    """A word that is kept: its form, and its place among the tokens of its sentence."""

    form: str
    place: int


def spoken(tokens: Sequence[Token]) -> list[Spoken]:
    """The words of `tokens` that are kept, in order."""
    return [Spoken(form, place) for place, token in enumerate(tokens) if is_word(token) and (form := _form(token.word))]


@lru_cache(maxsize=1 << 15)
def _form(word: str) -> str:
    if word in DENIALS:
        return DENIAL
    if word in _KEPT_SMALL:
        return _FORMS.get(word, word)
    return word if fold(word) else ""


@lru_cache(maxsize=1 << 15)
def stems(form: str) -> tuple[str, ...]:
    """The folded stems of a kept word; a small word or a denial is itself."""
    return (form,) if form == DENIAL or form in _KEPT_SMALL else fold(form) or (form,)


def key(feature: str) -> int:
    """The 32-bit hash a feature is known by."""
    return crc32(feature.encode())


@lru_cache(maxsize=1 << 15)
def stem_keys(form: str) -> tuple[int, ...]:
    """Keys of the stems of a kept word."""
    return tuple(key("s " + stem) for stem in stems(form))


@lru_cache(maxsize=1 << 15)
def piece_keys(form: str) -> tuple[int, ...]:
    """Keys of the pieces of a kept word; short words have none."""
    if len(form) < _SHORTEST_WITH_PIECES or form in _KEPT_SMALL:
        return ()
    word = f"<{american(form)}>"
    return tuple(key("c " + word[i : i + n]) for n in _PIECES for i in range(len(word) - n + 1))


@lru_cache(maxsize=1 << 16)
def pair_key(first: str, second: str) -> int:
    """Key of two neighbouring kept words."""
    return key(f"b {' '.join(stems(first))} {' '.join(stems(second))}")
