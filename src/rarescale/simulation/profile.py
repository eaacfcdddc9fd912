"""The findings that a seed disease's patients are asked about: its own, and some of its rivals'."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rarescale.expert import Panel, Panels, ProbabilisticExpert, QmrExpert, Query, best, slices
from rarescale.knowledge import Knowledge
from rarescale.simulation.chance import uniform
from rarescale.simulation.people import Demographics, People
from rarescale.simulation.properties import Properties
from rarescale.simulation.relations import Related, Relations
from rarescale.simulation.settings import SimulationSettings

_PILOTS = 4


@dataclass(frozen=True)
class Profile:
    """One seed. `terms` int (n,): its own first; `frequency` float (n,), 0 for rivals' findings; `factor` bool (n,).

    `rivals` int (k,): the seed first. `related` is about `terms`. `effect` float (2, n, n): what finding s adds to
    the priority of the others, absent [0, s] or present [1, s]; -inf settles them.
    """

    disease: int
    terms: np.ndarray
    frequency: np.ndarray
    factor: np.ndarray
    rivals: np.ndarray
    people: People
    panel: Panel
    related: Related
    effect: np.ndarray


class Profiler:
    """Makes profiles for one expert and settings."""

    def __init__(
        self,
        knowledge: Knowledge,
        expert: ProbabilisticExpert | QmrExpert,
        properties: Properties,
        s: SimulationSettings,
    ) -> None:
        """Decide once which terms take part."""
        self._expert, self._settings = expert, s
        ontology = knowledge.ontology
        self.factor = np.array([i.startswith("RSF:") for i in ontology.ids])
        kinds = [s.scope == "all" or ontology.answerable(i) in s.answerable for i in range(len(ontology))]
        self.usable = (np.array(kinds) | self.factor) & ontology.is_finding
        self.spread_offsets = expert.profiles["spread.offsets"]
        self.pair_terms = expert.profiles["pair.term"]
        self.information = expert.profiles["information"]
        self.properties = properties
        self._ancestors = ontology.ancestors
        self.relations = Relations(ontology, properties)
        self._people = Demographics(knowledge, expert.profiles["linked.recessive"])
        self._panels = Panels(expert)

    def own(self, disease: int) -> tuple[np.ndarray, np.ndarray]:
        """The seed's answerable findings and their frequencies, most frequent first."""
        p = self._expert.profiles
        part = slice(int(p["pair.offsets"][disease]), int(p["pair.offsets"][disease + 1]))
        terms, frequency = p["pair.term"][part], p["pair.frequency"][part]
        kept = self.usable[terms]
        terms, frequency = terms[kept], frequency[kept]
        order = np.lexsort((terms, -frequency))
        return terms[order], frequency[order]

    def rivals(self, disease: int) -> np.ndarray:
        """The diseases that come near the seed in a few whole rankings of typical cases; int32 (panel,), seed first.

        -1 fills up where there are fewer. Where every case is accepted and no rival asked about, none is looked for.
        """
        if self._settings.accept == "any" and not self._settings.rival_share:
            return np.array([disease], np.int32)
        terms, frequency = self.own(disease)
        chance = uniform(np.array([disease]), _PILOTS * len(terms)).reshape(_PILOTS, len(terms))
        chance[0] = 0.5
        found = {disease: -1}
        for drawn in chance:
            present = terms[drawn < frequency][: round(self._settings.length)]
            if not len(present):
                present = terms[:1]
            ranking = self._expert.rank(Query(tuple(sorted(present.tolist()))))
            for place, other in enumerate(best(ranking, self._settings.panel)):
                found[other] = min(place, found.get(other, place))
        ordered = sorted(found, key=lambda d: (found[d], d))[: self._settings.panel]
        return np.array(ordered + [-1] * (self._settings.panel - len(ordered)), np.int32)

    def profile(self, disease: int, rivals: np.ndarray) -> Profile:
        """`rivals` as from `rivals`."""
        rivals = rivals[rivals >= 0]
        own, frequency = self.own(disease)
        terms = np.concatenate([own, self._foreign(own, rivals)])
        frequency = np.concatenate([frequency, np.zeros(len(terms) - len(own))]).astype(float)
        related = self.relations.over(terms)
        people, panel = self._people.of(disease, frequency, related), self._panels.panel(terms, rivals)
        pull = self._settings.co_occurrence * related.pull
        effect = np.array([np.where(related.without, -np.inf, 0.0), np.where(related.settled, -np.inf, pull)])
        return Profile(disease, terms, frequency, self.factor[terms], rivals, people, panel, related, effect)

    def _foreign(self, own: np.ndarray, rivals: np.ndarray) -> np.ndarray:
        """Findings of near rivals that the seed does not have in any form, those of most rivals first."""
        p, near = self._expert.profiles, rivals[1:13]
        if not len(near) or not self._settings.foreign:
            return own[:0]
        candidates = np.unique(p["pair.term"][slices(p["pair.offsets"], near)[0]])
        candidates = candidates[self.usable[candidates] & (self.information[candidates] > 1.0)]
        mine = np.zeros(len(self.information), bool)
        mine[own] = True
        above, owner = slices(self._ancestors.offsets, candidates)
        candidates = candidates[np.bincount(owner, mine[self._ancestors.items[above]], len(candidates)) == 0]
        if not len(candidates):
            return own[:0]
        frequency = self._panels.frequencies(candidates, np.concatenate([rivals[:1], near]))
        worth = np.where(frequency[:, 0] == 0, frequency[:, 1:].sum(axis=1), 0.0)
        order = np.lexsort((candidates, -worth))
        chosen = candidates[order[worth[order] > 0]]
        first: np.ndarray = chosen[: self._settings.foreign]
        return first
