"""Realism: patients name things more generally, forget some, and have complaints that mean nothing."""

from __future__ import annotations

import numpy as np

from rarescale.knowledge import Knowledge
from rarescale.record import Sex
from rarescale.simulation.chance import mixed, uniform
from rarescale.simulation.profile import Profiler
from rarescale.simulation.settings import SimulationSettings

_COMMON = 80


class Noise:
    """Changes the findings of one case; does nothing where all its settings are 0."""

    def __init__(self, knowledge: Knowledge, profiler: Profiler, settings: SimulationSettings) -> None:
        """Incidental findings are drawn from the symptoms that most diseases have."""
        self._ontology, self._profiler, self._settings = knowledge.ontology, profiler, settings
        self._on = bool(settings.ancestor or settings.missing or settings.incidental)
        ontology = knowledge.ontology
        symptom = np.array([ontology.answerable(i) == "symptom" for i in range(len(ontology))])
        counts = np.where(symptom & profiler.answerable, np.diff(profiler.spread_offsets), 0)
        common = np.argsort(-counts, kind="stable")[:_COMMON]
        self._common = common[counts[common] > 0]

    def add(
        self, present: list[int], absent: list[int], sex: Sex, age: float, seed: int
    ) -> tuple[list[int], list[int]]:
        """The findings as the patient of this seed tells them."""
        if not self._on:
            return present, absent
        s = self._settings
        chance = uniform(mixed(np.array([seed], np.uint64), 9), 3 * len(present) + len(absent) + 2)[0]
        told: list[int] = []
        for k, term in enumerate(present):
            general = self._general(term, chance[3 * k + 1]) if chance[3 * k] < s.ancestor else term
            if chance[3 * k + 2] >= s.missing and not self._clashes(general, told, absent):
                told.append(general)
        rest = chance[3 * len(present) :]
        denied = [t for t, c in zip(absent, rest[2:], strict=True) if c >= s.missing]
        if rest[0] < s.incidental and len(self._common):
            extra = int(self._common[int(rest[1] * len(self._common))])
            if self._may_have(extra, told, denied, sex, age):
                told.append(extra)
        return told, denied

    def _general(self, term: int, chance: float) -> int:
        """A parent that a patient can know, else the term."""
        parents = [p for p in self._ontology.parents[term].tolist() if self._profiler.answerable[p]]
        return parents[int(chance * len(parents))] if parents else term

    def _clashes(self, term: int, present: list[int], absent: list[int]) -> bool:
        """Whether a term says nothing new, or contradicts what is denied."""
        above = self._ontology.ancestor_set(term)
        return any(t in above or term in self._ontology.ancestor_set(t) for t in present) or not above.isdisjoint(
            absent
        )

    def _may_have(self, term: int, present: list[int], absent: list[int], sex: Sex, age: float) -> bool:
        if self._clashes(term, present, absent) or any(term in self._ontology.ancestor_set(t) for t in absent):
            return False
        relations, terms = self._profiler.relations, np.array([term, *present, *absent])
        settled, without, _, _ = relations.of(terms)
        barred = relations.barred(terms[:1], np.array([sex is Sex.FEMALE]), np.array([age])).any()
        denied = without[1 + len(present) :, 0].any()
        return not (barred or denied or settled[0, 1 : 1 + len(present)].any())
