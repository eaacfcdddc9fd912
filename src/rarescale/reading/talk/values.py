"""The number that follows the name of a measurement: "sats of 85", "blood pressure was 180 over 110"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rarescale.reading.tokens import Token
from rarescale.reading.wordlists import word_set

_BEFORE = word_set(
    "of is was were at around about to over under above below reads read reading showed shows hit hits went up down "
    "as high low only just like : = > < ~ , level levels count rate been being got gets has have had came out the it "
    "in 's today yesterday now morning measured dropped dropping climbed reached between"
)
_FURTHEST = 6
_COUNTED = word_set("years year months month weeks week days day times time hours hour minutes minute times % tablets")
_PER_CENT = frozenset(("%", "percent", "per"))


class Number(NamedTuple):
    """A value with the places of its tokens."""

    value: float
    places: tuple[int, ...]


def number_after(place: int, sentence: Sequence[Token]) -> Number | None:
    """The number told of the measurement whose name ends at `place`; None where there is none or it counts days."""
    for at in range(place + 1, min(place + 1 + _FURTHEST, len(sentence))):
        word = sentence[at].word
        if word[0].isdigit():
            following = sentence[at + 1].word if at + 1 < len(sentence) else ""
            counts = following in _COUNTED and following not in _PER_CENT
            return None if counts else Number(float(word.replace(",", _comma(word))), (at,))
        if word not in _BEFORE:
            return None
    return None


def _comma(word: str) -> str:
    """A comma before three digits parts thousands, else it is a decimal one."""
    return "" if len(word.rpartition(",")[2]) == 3 else "."
