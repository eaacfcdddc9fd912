"""Which stretches of a sentence are compared with expressions: few, since each costs a run of the sentence model.

The learned stage weighs every window of words at once; of those by which it thinks most that something is told, a few
that differ are taken, and each stretch as a whole where it is short. No window has a denial in it: to a sentence
model "never had a rash" is nearly "had a rash", and whether it is denied is for the scopes to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rarescale.reading.learned import Model
from rarescale.reading.learned.features import DENIAL, Spoken
from rarescale.reading.learned.windows import FEWEST, MOST
from rarescale.reading.tokens import Token

LONGEST_WHOLE = 10
"""A whole stretch of at most this many kept words is compared too."""

MOST_WINDOWS = 6
"""Of one stretch between denials."""

_WORDS_A_WINDOW = 2
"""A stretch gets a window for this many of its kept words, and one more."""
_ALIKE = 0.6
"""Windows that share this much of their words are one."""


class Window(NamedTuple):
    """Words to compare: their places among the tokens, their text, and the share of each term of the learned model
    and, last, of nothing, float32 (t + 1,)."""

    places: tuple[int, ...]
    text: str
    shares: np.ndarray


def windows_of(run: Sequence[Spoken], tokens: Sequence[Token], text: str, model: Model) -> list[Window]:
    """The windows of `run` (kept words of `tokens` of `text`) that are worth a comparison."""
    parts: list[list[Spoken]] = [[]]
    for word in run:
        if word.form == DENIAL:
            parts.append([])
        else:
            parts[-1].append(word)
    return [window for part in parts for window in _windows(part, tokens, text, model)]


def _windows(run: Sequence[Spoken], tokens: Sequence[Token], text: str, model: Model) -> list[Window]:
    forms = [word.form for word in run]
    spans = [(i, j) for i in range(len(run)) for j in range(i + FEWEST, min(i + MOST, len(run)) + 1)]
    if MOST < len(run) <= LONGEST_WHOLE:
        spans.append((0, len(run)))
    spans = [(i, j) for i, j in spans if any(len(f) > 2 for f in forms[i:j])]
    if not spans:
        return []
    shares = model.probabilities(model.windows(forms, spans))
    chosen = [k for k, (i, j) in enumerate(spans) if j - i == len(run)]
    most = min(MOST_WINDOWS, 1 + len(run) // _WORDS_A_WINDOW)
    for k in np.argsort(shares[:, -1], kind="stable").tolist():
        if len(chosen) >= most:
            break
        if all(_shared(spans[k], spans[other]) < _ALIKE for other in chosen):
            chosen.append(k)
    return [_window(run[slice(*spans[k])], tokens, text, shares[k]) for k in chosen]


def _shared(a: tuple[int, int], b: tuple[int, int]) -> float:
    """Share of the words of two spans that both have."""
    both = min(a[1], b[1]) - max(a[0], b[0])
    return both / (a[1] - a[0] + b[1] - b[0] - both) if both > 0 else 0.0


def _window(words: Sequence[Spoken], tokens: Sequence[Token], text: str, shares: np.ndarray) -> Window:
    places = tuple(word.place for word in words)
    said = text[tokens[places[0]].start : tokens[places[-1]].end]
    return Window(places, said, shares)
