"""The findings that a seed disease's patients are asked about: its own, and some of its rivals'."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rarescale.expert import Panel, Panels, ProbabilisticExpert, QmrExpert, Query, best
from rarescale.knowledge import Knowledge
from rarescale.simulation.chance import uniform
from rarescale.simulation.people import Demographics, People
from rarescale.simulation.properties import Properties, Relations
from rarescale.simulation.settings import SimulationSettings

_PILOTS = 4


@dataclass(frozen=True)
class Profile:
    """One seed. `terms` int (n,): its own first; `frequency` float (n,), 0 for rivals' findings; `factor` bool (n,).

    `rivals` int (k,): the seed first. The matrices are those of `Relations.of`.
    """

    disease: int
    terms: np.ndarray
    frequency: np.ndarray
    factor: np.ndarray
    rivals: np.ndarray
    people: People
    panel: Panel
    settled: np.ndarray
    without: np.ndarray
    requires: np.ndarray
    pull: np.ndarray


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
        kinds = [ontology.answerable(i) in s.answerable for i in range(len(ontology))]
        self.answerable = (np.array(kinds) | self.factor) & ontology.is_finding
        self.spread_offsets = expert.profiles["spread.offsets"]
        self._information = expert.profiles["information"]
        self._ancestors = ontology.ancestor_set
        self.relations = Relations(ontology, properties)
        self._people = Demographics(knowledge, expert.profiles["linked.recessive"], properties)
        self._panels = Panels(expert)

    def own(self, disease: int) -> tuple[np.ndarray, np.ndarray]:
        """The seed's answerable findings and their frequencies, most frequent first."""
        p = self._expert.profiles
        part = slice(int(p["pair.offsets"][disease]), int(p["pair.offsets"][disease + 1]))
        terms, frequency = p["pair.term"][part], p["pair.frequency"][part]
        kept = self.answerable[terms]
        terms, frequency = terms[kept], frequency[kept]
        order = np.lexsort((terms, -frequency))
        return terms[order], frequency[order]

    def rivals(self, disease: int) -> np.ndarray:
        """The diseases that come near the seed in a few whole rankings of typical cases; int32 (panel,), seed first.

        -1 fills up where there are fewer.
        """
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
        return Profile(
            disease,
            terms,
            frequency,
            self.factor[terms],
            rivals,
            self._people.of(disease, own, frequency[: len(own)]),
            self._panels.panel(terms, rivals),
            *self.relations.of(terms),
        )

    def _foreign(self, own: np.ndarray, rivals: np.ndarray) -> np.ndarray:
        """Findings of near rivals that the seed does not have in any form, those of most rivals first."""
        p, near = self._expert.profiles, rivals[1:13]
        listed = [p["pair.term"][p["pair.offsets"][r] : p["pair.offsets"][r + 1]] for r in near.tolist()]
        if not listed or not self._settings.foreign:
            return own[:0]
        candidates = np.unique(np.concatenate(listed))
        candidates = candidates[self.answerable[candidates] & (self._information[candidates] > 1.0)]
        mine = set(own.tolist())
        candidates = np.array([t for t in candidates.tolist() if not self._ancestors(t) & mine], np.int32)
        if not len(candidates):
            return own[:0]
        frequency = self._panels.frequencies(candidates, np.concatenate([rivals[:1], near]))
        worth = np.where(frequency[:, 0] == 0, frequency[:, 1:].sum(axis=1), 0.0)
        order = np.lexsort((candidates, -worth))
        chosen = candidates[order[worth[order] > 0]]
        return chosen[: self._settings.foreign]
