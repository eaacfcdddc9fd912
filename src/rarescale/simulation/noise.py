"""Realism: people name things more or less exactly than the books, forget some, and have what means nothing.

What each rate means stands in `SimulationSettings`. A finding that the noise would make is left out where it says
nothing new, contradicts what is known, or is impossible for this person.
"""

from __future__ import annotations

from math import exp

import numpy as np

from rarescale.knowledge import Knowledge
from rarescale.record import Sex
from rarescale.simulation.chance import Stream
from rarescale.simulation.plausible import Person, Plausibility
from rarescale.simulation.profile import Profiler
from rarescale.simulation.settings import SimulationSettings
from rarescale.simulation.wander import Wander

_COMMON = 80
_PART = 9
_TRIES = 3
_MOST = 60
"""No more findings than this are added."""


class Noise:
    """Changes the findings of one case; does nothing where all its settings are 0."""

    def __init__(self, knowledge: Knowledge, profiler: Profiler, settings: SimulationSettings) -> None:
        """Incidental findings are drawn from the symptoms that most diseases have."""
        s, ontology = settings, knowledge.ontology
        self._settings, self._plausibility = settings, Plausibility(ontology, profiler.properties)
        self._rates = (s.ancestor, s.specific, s.cousin)
        self._on = any((*self._rates, s.missing, s.incidental, s.unrelated, s.absents))
        self._wander = Wander(knowledge, profiler, s.common, s.levels)
        symptom = np.array([ontology.answerable(i) == "symptom" for i in range(len(ontology))])
        counts = np.where(symptom & profiler.usable, np.diff(profiler.spread_offsets), 0)
        common = np.argsort(-counts, kind="stable")[:_COMMON]
        self._common = common[counts[common] > 0].tolist()

    def add(
        self, present: list[int], absent: list[int], sex: Sex, age: float, seed: int
    ) -> tuple[list[int], list[int]]:
        """The findings as the patient of this seed tells them."""
        if not self._on:
            return present, absent
        s, chance = self._settings, Stream(seed, _PART)
        person = Person(self._plausibility, absent, sex, age)
        rate = exp(s.unevenness * chance.normal()) if s.unevenness else 1.0
        self._retell(person, present, rate, chance)
        if chance.next() < s.incidental and self._common:
            extra = chance.one_of(self._common)
            if person.may_have(extra):
                person.has(extra)
        for _ in range(min(_MOST, chance.poisson(s.unrelated * rate * len(present)) if s.unrelated else 0)):
            self._unrelated(person, chance, present=True)
        if s.absents:
            self._deny(person, rate, chance)
        elif s.missing:
            person.absent = [t for t in person.absent if chance.next() >= s.missing]
        return person.present, person.absent

    def _retell(self, person: Person, present: list[int], rate: float, chance: Stream) -> None:
        """Tell the true findings: as they are, changed, or not at all. What stays as it is goes before what changes."""
        told = {}
        for place, term in enumerate(present):
            changed = self._changed(term, rate, chance)
            if chance.next() >= self._settings.missing * rate:
                told[place] = changed
        for place in sorted(told, key=lambda k: (told[k] != present[k], k)):
            if told[place] == present[place] or person.may_have(told[place]):
                person.has(told[place])
            else:
                del told[place]
        person.present = list(told.values())

    def _changed(self, term: int, rate: float, chance: Stream) -> int:
        """The term as it is told."""
        drawn = chance.next()
        for share, change in zip(self._rates, (self._wander.up, self._wander.down, self._wander.aside), strict=True):
            if drawn < share * rate:
                return change(term, chance)
            drawn -= share * rate
        return term

    def _unrelated(self, person: Person, chance: Stream, *, present: bool) -> None:
        """Add one finding of any disease, if one of a few drawn fits."""
        for _ in range(_TRIES):
            near = self._settings.near and person.present and chance.next() < self._settings.near
            term = self._wander.near(chance.one_of(person.present), chance) if near else self._wander.anywhere(chance)
            if present and person.may_have(term):
                return person.has(term)
            if not present and person.may_lack(term):
                return person.lacks(term)
        return None

    def _deny(self, person: Person, rate: float, chance: Stream) -> None:
        """Bring the absent findings to the number drawn, a share of them unrelated to the disease."""
        s, told = self._settings, person.absent
        wanted = 0
        if chance.next() >= s.absents_none:
            wanted = min(_MOST, round(s.absents * exp(s.absents_tail * chance.normal())))
        own = sum(chance.next() >= s.absent_unrelated for _ in range(wanted))
        person.absent = []
        for term in told[:own]:
            changed = self._changed(term, rate, chance)
            if person.may_lack(changed):
                person.lacks(changed)
        for _ in range(wanted - len(person.absent)):
            self._unrelated(person, chance, present=False)
