"""What speaks for a window telling a term: the sentence model's view and the learned stage's, weighed by a logistic.

`Evidence` is what the weights were learned from (`runs/reading_embed.py`) and what is computed for each window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from rarescale.reading.embed.expressions import Space
from rarescale.reading.embed.windows import Window
from rarescale.reading.learned import Model

FEATURES = ("nearest", "central", "ahead", "family", "learned", "something", "words", "central x learned")
"""What the numbers of `Evidence.features` are.

`nearest`: cosine to the nearest expression of the term; `central`: to the mean of them; `ahead`: by how much more
central than the best term that is neither parent nor child; `family` and `learned`: log odds of the term with its
parents and children, by `central` and by the learned model; `something`: that model's log odds that anything is told;
`words`: log of the number of kept words; and the product of two of them.
"""

WARMTH = 0.04
"""Difference of cosines that makes a term e times as likely in `family`."""

_BY_CENTRE, _BY_LEARNED = 4, 2
"""How many terms of a window are looked at, by each view."""
_CLOSEST = 40
"""Among so many most central terms a rival is sought."""
_LEAST = 1e-4

Array = np.ndarray


class Evidence(NamedTuple):
    """A term, by its place in the space, that a window may tell, and the numbers `FEATURES`."""

    window: int
    term: int
    features: tuple[float, ...]


class Weigher:
    """Collects the evidence of windows. Read-only, so one serves any number of threads."""

    def __init__(self, space: Space, model: Model, kin: Mapping[int, frozenset[int]]) -> None:
        """`kin[k]` are the places in `space` of its k-th term, its parents and its children."""
        self._space, self._kin = space, kin
        place = {term: k for k, term in enumerate(space.terms)}
        known = [(row, place[term]) for row, term in enumerate(model.terms) if term in place]
        self._rows = np.array([row for row, _ in known], np.int64)
        self._columns = np.array([column for _, column in known], np.int64)

    def evidence(self, windows: Sequence[Window], vectors: Array) -> list[Evidence]:
        """What speaks for the likeliest terms of each of `windows`, whose vectors are float32 (w, d)."""
        if not windows:
            return []
        central = self._space.central(vectors)
        return [one for k, window in enumerate(windows) for one in self._of(k, window, vectors[k], central[k])]

    def _of(self, number: int, window: Window, vector: Array, central: Array) -> list[Evidence]:
        learned = np.zeros(len(central), np.float32)
        learned[self._columns] = window.shares[self._rows]
        closest = _best(central, _CLOSEST)
        shares = np.exp((central - central.max()) / WARMTH)
        shares /= shares.sum()
        something = _odds(1.0 - float(window.shares[-1]))
        terms = (*closest[:_BY_CENTRE], *_best(learned, _BY_LEARNED))
        found = []
        for term in dict.fromkeys(terms):
            family = list(self._kin[term])
            rival = next((float(central[k]) for k in closest if k not in self._kin[term]), 0.0)
            by_learned = _odds(float(learned[family].sum()))
            features = (
                self._space.nearest(vector, term),
                float(central[term]),
                float(central[term]) - rival,
                _odds(float(shares[family].sum())),
                by_learned,
                something,
                float(np.log(len(window.places))),
                float(central[term]) * by_learned,
            )
            found.append(Evidence(number, term, features))
        return found


def _best(values: Array, count: int) -> list[int]:
    """The places of the `count` largest of `values`, in order."""
    count = min(count, len(values))
    places = np.argpartition(-values, count - 1)[:count]
    best: list[int] = places[np.argsort(-values[places], kind="stable")].tolist()
    return best


def _odds(share: float) -> float:
    """Log odds, of a share kept away from 0 and 1."""
    kept = min(max(share, _LEAST), 1.0 - _LEAST)
    return float(np.log(kept / (1.0 - kept)))
