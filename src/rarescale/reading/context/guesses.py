"""From logits to guesses: which terms a sentence tells, by which of its words, and whether by denying something."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from math import exp, log
from typing import NamedTuple

import numpy as np

from rarescale.reading.context.listening import Told
from rarescale.reading.index import DENIALS
from rarescale.reading.tokens import Token, is_word

THRESHOLD = 0.65
"""Least probability of a finding that is listed: of those on held tellings 0.89 are the term told or its kin."""

HINT = 0.3
"""What is less probable than `THRESHOLD` but at least this is `uncertain`. Not tuned yet."""

EVIDENCE = 3.0
"""The words of a guess are those around the best one whose logit is at most this much below the sentence's."""

DENIED = 0.5
"""What is told is denied from this probability of a denial on. Not tuned yet."""


class Guess(NamedTuple):
    """Words that may tell a term: the term's row in the model, its probability, the places of the words, the places of
    all words that speak for it (names among them), whether a denial is among its words, and whether they deny it."""

    term: int
    probability: float
    places: tuple[int, ...]
    speaking: frozenset[int]
    denial: bool
    denied: bool


def logit(probability: float) -> float:
    """Natural log of the odds."""
    return log(probability / (1.0 - probability))


def _probability(logit: float) -> float:
    return 1.0 / (1.0 + exp(-logit))


def guesses(told: Told, tokens: Sequence[Token], taken: Collection[int]) -> Iterator[Guess]:
    """What is told with a probability of at least `HINT`, the best word (no denial) being outside of `taken` places."""
    if not len(told.terms):
        return
    words = np.array([place for place, token in enumerate(tokens) if is_word(token)], np.int64)
    telling = np.array([tokens[place].word not in DENIALS for place in words.tolist()], bool)
    if not telling.any():
        return
    free = np.array([place not in taken for place in words.tolist()])
    for column, term in enumerate(told.terms.tolist()):
        logits = told.logits[:, column]
        highest, spoken = float(logits.max()), logits[words]
        best = int(np.where(telling, spoken, -np.inf).argmax())
        speaks = spoken >= highest - EVIDENCE
        if highest >= logit(HINT) and free[best] and speaks[best]:
            denied = _probability(float(told.denied[column])) >= DENIED
            own = words[_around(best, speaks & free)].tolist()
            # A denial that tells ("doesn't sweat") belongs to the words; one that denies is for the scopes to see.
            places = tuple(place for place in own if not (denied and tokens[place].word in DENIALS))
            denial = any(tokens[place].word in DENIALS for place in places)
            yield Guess(term, _probability(highest), places, frozenset(words[speaks].tolist()), denial, denied)


def _around(best: int, marked: np.ndarray) -> slice:
    """The stretch of `marked` places that `best` is in."""
    first, stop = best, best + 1
    while first and marked[first - 1]:
        first -= 1
    while stop < len(marked) and marked[stop]:
        stop += 1
    return slice(first, stop)
