"""How the findings of one seed disease stand to each other, by the ontology and the properties, as matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rarescale.expert import slices
from rarescale.knowledge import Ontology
from rarescale.record import Sex
from rarescale.simulation.properties import Limit, Properties


@dataclass(frozen=True)
class Related:
    """Four matrices over n terms, (n, n); entry [s, t] is about t once s is known.

    `settled` bool: s present settles t (impossible beside it, or more general and so present). `without` bool: s
    absent settles t (below it, or implied absent). `requires` bool: s present means t is not absent. `pull` float:
    what s present adds to the order of t. `limits`: whom some of the terms, by position, are impossible for.
    """

    settled: np.ndarray
    without: np.ndarray
    requires: np.ndarray
    pull: np.ndarray
    limits: tuple[tuple[Limit, np.ndarray], ...]

    def barred(self, female: np.ndarray, age: np.ndarray) -> np.ndarray:
        """Which of the terms are impossible for whom, bool (B, n); `female` bool (B,), `age` (B,) in years."""
        barred = np.zeros((len(female), len(self.settled)), bool)
        for limit, positions in self.limits:
            barred[:, positions] |= _barred_by(limit, female, age)[:, None]
        return barred


def _barred_by(limit: Limit, female: np.ndarray, age: np.ndarray) -> np.ndarray:
    """bool (B,)."""
    if limit.sex:
        return np.asarray(female == (limit.sex is Sex.FEMALE))
    if limit.below is not None:
        return np.asarray(age < limit.below)
    return np.asarray(age > (limit.above or 0.0))


class Relations:
    """Ontology and properties, ready to be seen over a few terms; made once, `over` for one seed disease at a time."""

    def __init__(self, ontology: Ontology, properties: Properties) -> None:
        """Note which terms the properties speak of."""
        self._above, self._properties = ontology.ancestors, properties
        self._size = len(ontology)
        self._implied = np.array(properties.implied, np.int64).reshape(-1, 2)
        self._impossible = np.array(properties.impossible, np.int64).reshape(-1, 2)
        self._together = np.array([pair[:2] for pair in properties.together], np.int64).reshape(-1, 2)
        self._named = np.zeros(self._size, bool)
        for pairs in (self._implied, self._impossible, self._together):
            self._named[pairs] = True
        self._named[[limit.term for limit in properties.limits]] = True

    def over(self, terms: np.ndarray) -> Related:
        """The relations between distinct `terms` (n,)."""
        n = len(terms)
        position = np.full(self._size, -1, np.int32)
        position[terms] = np.arange(n, dtype=np.int32)
        source, owner = slices(self._above.offsets, terms)
        above = self._above.items[source]
        settled, without, pull = np.zeros((n, n), bool), np.zeros((n, n), bool), np.zeros((n, n))
        inside = position[above] >= 0
        without[position[above[inside]], owner[inside]] = True
        settled |= without.T
        below = self._below(above, owner)
        known = np.zeros(self._size, bool)
        known[list(below)] = True
        for a, b in self._implied[known[self._implied[:, 1]]].tolist():
            at = position[self._above[a]]
            without[np.ix_(at[at >= 0], below[b])] = True
        for a, b in self._impossible[known[self._impossible].all(axis=1)].tolist():
            settled[np.ix_(below[a], below[b])] = True
            settled[np.ix_(below[b], below[a])] = True
        for k in np.flatnonzero(known[self._together].all(axis=1)).tolist():
            a, b, strength = self._properties.together[k]
            block, back = np.ix_(below[a], below[b]), np.ix_(below[b], below[a])
            pull[block] = np.maximum(pull[block], strength)
            pull[back] = np.maximum(pull[back], strength)
        np.fill_diagonal(settled, False)
        limits = tuple((limit, below[limit.term]) for limit in self._properties.limits if limit.term in below)
        return Related(settled, without, without.T.copy(), pull, limits)

    def _below(self, above: np.ndarray, owner: np.ndarray) -> dict[int, np.ndarray]:
        """Term that the properties name -> positions of the terms at or below it, from (ancestor, position) pairs."""
        named = self._named[above]
        above, owner = above[named], owner[named]
        order = np.argsort(above, kind="stable")
        ancestors, starts = np.unique(above[order], return_index=True)
        return dict(zip(ancestors.tolist(), np.split(owner[order], starts[1:]), strict=False))
