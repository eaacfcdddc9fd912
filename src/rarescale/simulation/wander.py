"""From one term to another: up, down or aside in the ontology, or anywhere, by how many diseases have the terms."""

from __future__ import annotations

import numpy as np

from rarescale.knowledge import PHENOTYPE_ROOT, Knowledge
from rarescale.simulation.chance import Stream
from rarescale.simulation.profile import Profiler

_UNSEEN = 0.2
"""Weight of a term that no disease is annotated with, in diseases (assumed)."""

_VAGUE = 1.0
"""Nats of information under which a term says too little to be told, as "abnormality of the head"."""


class Wander:
    """Draws terms that take part in the simulation; where there is none to go to, the term itself."""

    def __init__(self, knowledge: Knowledge, profiler: Profiler, common: float, levels: float) -> None:
        """`common` and `levels` are those of the settings."""
        self._ontology, self._levels = knowledge.ontology, levels
        counts = np.bincount(profiler.pair_terms, minlength=len(knowledge.ontology))
        weights = np.where(profiler.usable, np.maximum(counts, _UNSEEN) ** common, 0.0)
        self._weights, self._all = weights, np.cumsum(weights)
        root = knowledge.ontology.index(PHENOTYPE_ROOT)
        parents = knowledge.ontology.parents
        self._systems = {t for t in range(len(parents)) if root is not None and root in parents[t].tolist()}
        self._may = (profiler.usable & (profiler.information >= _VAGUE)).tolist()

    def up(self, term: int, chance: Stream) -> int:
        """A parent, and with probability `levels` each time a parent of that."""
        while True:
            parents = [p for p in self._ontology.parents[term].tolist() if self._may[p]]
            if not parents:
                return term
            term = chance.one_of(parents)
            if chance.next() >= self._levels:
                return term

    def down(self, term: int, chance: Stream) -> int:
        """A term below."""
        below = self._ontology.descendants[term]
        return self._drawn(below[below != term], chance, term)

    def aside(self, term: int, chance: Stream) -> int:
        """A term below one above it, neither above nor below itself."""
        above = self.up(term, chance)
        below = self._ontology.descendants[above]
        kept = ~np.isin(below, self._ontology.descendants[term]) & ~np.isin(below, self._ontology.ancestors[term])
        return self._drawn(below[kept], chance, term)

    def near(self, term: int, chance: Stream) -> int:
        """A term of the same body system, or of one of them."""
        systems = [a for a in self._ontology.ancestors[term].tolist() if a in self._systems]
        return self._drawn(self._ontology.descendants[chance.one_of(systems)], chance, term) if systems else term

    def anywhere(self, chance: Stream) -> int:
        """Any term."""
        return int(np.searchsorted(self._all, chance.next() * self._all[-1], side="right"))

    def _drawn(self, terms: np.ndarray, chance: Stream, default: int) -> int:
        weights = np.cumsum(self._weights[terms])
        drawn = chance.next()
        if not len(terms) or not weights[-1]:
            return default
        return int(terms[np.searchsorted(weights, drawn * weights[-1], side="right")])
