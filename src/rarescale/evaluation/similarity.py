"""How alike two diseases look: the weighted cosine of their HPO profiles, closed over ancestors.

A profile f gives each annotated phenotype, and all above it, the largest frequency annotated there. With I(t) =
-ln(share of diseases that have t) as the weight of term t,

    cos(f, g) = sum_t I f g / sqrt(sum_t I f^2 * sum_t I g^2),

so frequent and specific findings count most and what every disease has counts nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

import numpy as np

from rarescale.knowledge import ASPECTS, Knowledge

Profile = tuple[np.ndarray, np.ndarray]
"""Ascending term indices int (k,) and their weights float (k,), of unit length unless empty."""


class Profiles:
    """The profiles of all g diseases of the knowledge, made at first use."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Nothing is computed yet."""
        self._knowledge = knowledge
        self._known: dict[frozenset[int], Profile] = {}

    def similarity(self, one: Collection[int], other: Collection[int]) -> float | None:
        """Cosine, 0..1, of two diseases, each given by the indices of its entries; None where one has no profile."""
        a, b = self.profile(one), self.profile(other)
        if not len(a[0]) or not len(b[0]):
            return None
        _, left, right = np.intersect1d(a[0], b[0], assume_unique=True, return_indices=True)
        return min(1.0, float(a[1][left] @ b[1][right]))

    def profile(self, diseases: Collection[int]) -> Profile:
        """The profile of entries taken together: where several speak of one term, the larger frequency."""
        key = frozenset(diseases)
        if key not in self._known:
            self._known[key] = self._made(key)
        return self._known[key]

    def _made(self, diseases: frozenset[int]) -> Profile:
        ontology = self._knowledge.ontology
        frequency: dict[int, float] = {}
        for disease in diseases:
            for term, stated in self._direct(disease):
                for above in ontology.ancestor_set(term):
                    frequency[above] = max(frequency.get(above, 0.0), stated)
        terms = np.array(sorted(frequency), np.int64)
        weights = np.array([frequency[t] for t in terms.tolist()]) * np.sqrt(self._information[terms])
        length = float(np.linalg.norm(weights))
        return (terms, weights / length) if length > 0 else (terms[:0], weights[:0])

    def _direct(self, disease: int) -> list[tuple[int, float]]:
        diseases = self._knowledge.diseases
        start, end = int(diseases.row_offsets[disease]), int(diseases.row_offsets[disease + 1])
        rows = np.flatnonzero(self._affirmed[start:end]) + start
        return list(zip(diseases.rows["term"][rows].tolist(), diseases.rows["probability"][rows].tolist(), strict=True))

    @cached_property
    def _affirmed(self) -> np.ndarray:
        """bool (r,): annotation rows that say a phenotype occurs."""
        rows = self._knowledge.diseases.rows
        phenotype = self._knowledge.ontology.is_finding[rows["term"]] & (rows["aspect"] == ASPECTS.index("P"))
        affirmed: np.ndarray = phenotype & ~rows["negative"] & (rows["probability"] > 0)
        return affirmed

    @cached_property
    def _information(self) -> np.ndarray:
        """float64 (n,): -ln(share of diseases annotated with the term or below it), nats; 0 where none is."""
        ontology, diseases = self._knowledge.ontology, self._knowledge.diseases
        rows = np.flatnonzero(self._affirmed)
        direct = np.unique(diseases.row_disease[rows].astype(np.int64) * len(ontology) + diseases.rows["term"][rows])
        owner, term = np.divmod(direct, len(ontology))
        lengths = np.diff(ontology.ancestors.offsets)[term]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        above = ontology.ancestors.items[np.repeat(ontology.ancestors.offsets[:-1][term], lengths) + within]
        pairs = np.unique(np.repeat(owner, lengths) * len(ontology) + above)
        counts = np.bincount(pairs % len(ontology), minlength=len(ontology))
        share = np.where(counts > 0, counts, len(diseases)) / max(1, len(diseases))
        information: np.ndarray = -np.log(share)
        return information
