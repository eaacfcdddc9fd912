"""Which findings may be asked of this patient now."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property

import numpy as np

from rarescale.expert import Query
from rarescale.interview.contract import Answerable, Cost
from rarescale.interview.costs import COSTS, cost_codes
from rarescale.knowledge import Knowledge
from rarescale.record import Sex
from rarescale.simulation import Properties, read_properties

EVERY_COST: tuple[Cost, ...] = tuple(Cost)
EVERY_ANSWERABLE: tuple[Answerable, ...] = ("symptom", "told", "unknown", "no")

_NO_QUESTION = ("Abnormal", "Any ")
"""Labels of headings; they are asked only where the lay lexicon has words for them."""

_OF_ONE_SEX = (
    ("HP:0010460", Sex.FEMALE),  # abnormality of the female genitalia
    ("HP:0000008", Sex.FEMALE),  # of female internal genitalia
    ("HP:0030012", Sex.FEMALE),  # abnormal female reproductive system physiology
    ("HP:0010461", Sex.MALE),  # abnormality of the male genitalia
    ("HP:0000022", Sex.MALE),  # of male internal genitalia
)
"""Branches of HPO that are named after one sex; single findings are in the properties table."""


class Askable:
    """The pool of questions of one knowledge, and what of it is open for one patient."""

    def __init__(
        self, knowledge: Knowledge, information: np.ndarray, least_information: float, least_open: float
    ) -> None:
        """`information` float (n,) in nats; terms below the least are too general for closed and for open questions."""
        self.ontology = knowledge.ontology
        self.properties: Properties = read_properties(knowledge)
        spoken = {lay.term for lay in self.ontology.lay() if lay.voice in ("plain", "parent")}
        plain = {i for term in spoken if (i := self.ontology.index(term)) is not None}
        heading = np.array([label.startswith(_NO_QUESTION) for label in self.ontology.labels.tolist()])
        heading[list(plain)] = False
        self.pool: np.ndarray = self.ontology.is_finding & (information >= least_information) & ~heading
        self.open_pool: np.ndarray = self.ontology.is_finding & (information >= least_open)

    @cached_property
    def answerable(self) -> np.ndarray:
        """Per term one of `ANSWERABLE`, (n,)."""
        return np.array([self.ontology.answerable(i) for i in range(len(self.ontology))])

    @cached_property
    def cost_codes(self) -> np.ndarray:
        """Per term the position in `COSTS`, uint8 (n,)."""
        return cost_codes(self.ontology)

    def cost(self, term: int) -> Cost:
        """What it takes to know a term."""
        return COSTS[int(self.cost_codes[term])]

    def open(
        self,
        query: Query,
        known: Iterable[int] = (),
        *,
        costs: Collection[Cost] = EVERY_COST,
        answerable: Collection[Answerable] = EVERY_ANSWERABLE,
        open_ended: bool = False,
    ) -> np.ndarray:
        """bool (n,): what may be asked. `known` are terms already asked, whatever the answer was; `open_ended` adds
        headings, such as "Abnormality of the eye".

        Left out: what a present finding implies (it and its ancestors) or makes impossible, what an absent finding
        denies (it, everything below, what cannot be without it), what was asked and everything below, what sex or age
        exclude, and what `costs` and `answerable` do not allow.
        """
        mask = (self.open_pool if open_ended else self.pool).copy()
        for term in query.present:
            mask[self.ontology.ancestors[term]] = False
        for term in (*query.absent, *known):
            mask[self.ontology.descendants[term]] = False
        self._exclude(mask, query)
        if set(answerable) != set(EVERY_ANSWERABLE):
            mask &= np.isin(self.answerable, list(answerable))
        if set(costs) != set(EVERY_COST):
            mask &= np.isin(self.cost_codes, [COSTS.index(Cost(c)) for c in costs])
        return mask

    def _exclude(self, mask: np.ndarray, query: Query) -> None:
        """Take out what the properties table says cannot be."""
        below = self.ontology.descendants
        present = {a for t in query.present for a in self.ontology.ancestor_set(t)}
        for a, b in self.properties.impossible:
            for one, other in ((a, b), (b, a)):
                if one in present:
                    mask[below[other]] = False
        absent = set(query.absent)
        for a, b in self.properties.implied:
            if not absent.isdisjoint(self.ontology.ancestor_set(a)):
                mask[below[b]] = False
        for branch, sex in _OF_ONE_SEX:
            index = self.ontology.index(branch)
            if index is not None and query.sex in (Sex.FEMALE, Sex.MALE) and query.sex is not sex:
                mask[below[index]] = False
        for limit in self.properties.limits:
            other_sex = limit.sex is not None and query.sex in (Sex.FEMALE, Sex.MALE) and query.sex is limit.sex
            age = query.age
            too_young = limit.below is not None and age is not None and age < limit.below
            too_old = limit.above is not None and age is not None and age > limit.above
            if other_sex or too_young or too_old:
                mask[below[limit.term]] = False
