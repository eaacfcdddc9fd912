"""Whether one person can have, or lack, one more finding, given what is known of them."""

from __future__ import annotations

from collections.abc import Iterable

from rarescale.knowledge import Ontology
from rarescale.record import Sex
from rarescale.simulation.properties import Limit, Properties


class Plausibility:
    """The properties by term."""

    def __init__(self, ontology: Ontology, properties: Properties) -> None:
        """Sort them by the term they bar."""
        self.above = ontology.ancestor_set
        self.limits: dict[int, list[Limit]] = {}
        self.beside: dict[int, list[int]] = {}
        self.needs: dict[int, list[int]] = {}
        for limit in properties.limits:
            self.limits.setdefault(limit.term, []).append(limit)
        for a, b in properties.impossible:
            self.beside.setdefault(a, []).append(b)
            self.beside.setdefault(b, []).append(a)
        for a, b in properties.implied:
            self.needs.setdefault(b, []).append(a)


class Person:
    """Findings of one person, in the order told."""

    def __init__(self, rules: Plausibility, absent: Iterable[int], sex: Sex, age: float) -> None:
        """No finding present yet; `age` in years."""
        self._rules, self._sex, self._age = rules, sex, age
        self.present: list[int] = []
        self.absent = list(absent)
        self._known: set[int] = set()

    def has(self, term: int) -> None:
        """Note a present finding."""
        self.present.append(term)
        self._known |= self._rules.above(term)

    def lacks(self, term: int) -> None:
        """Note an absent finding."""
        self.absent.append(term)

    def may_have(self, term: int) -> bool:
        """Whether the finding is possible, new, and contradicts nothing."""
        above = self._rules.above(term)
        if term in self._known or any(t in above for t in self.present) or not above.isdisjoint(self.absent):
            return False
        if any(term in self._rules.above(t) for t in self.absent):
            return False
        return self._possible(above) and not self._excluded(above)

    def may_lack(self, term: int) -> bool:
        """Whether saying that it is absent is possible and new, and no present finding implies it."""
        above = self._rules.above(term)
        return term not in self._known and above.isdisjoint(self.absent) and self._possible(above)

    def _possible(self, above: frozenset[int]) -> bool:
        return not any(limit.bars(self._sex, self._age) for a in above for limit in self._rules.limits.get(a, ()))

    def _excluded(self, above: frozenset[int]) -> bool:
        """Something impossible beside it is present, or something that it needs is absent."""
        beside = any(b in self._known for a in above for b in self._rules.beside.get(a, ()))
        denied = set(self.absent)
        return beside or any(
            not denied.isdisjoint(self._rules.above(n)) for a in above for n in self._rules.needs.get(a, ())
        )
