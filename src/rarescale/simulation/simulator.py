"""Cases of one disease: attempts, acceptance by the expert among all diseases, noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rarescale.expert import ProbabilisticExpert, QmrExpert, Query, leaders
from rarescale.knowledge import Knowledge
from rarescale.record import Sex
from rarescale.simulation.attempts import Attempts, attempt
from rarescale.simulation.chance import mixed
from rarescale.simulation.noise import Noise
from rarescale.simulation.profile import Profile, Profiler
from rarescale.simulation.properties import Properties, read_properties
from rarescale.simulation.settings import SimulationSettings

_BATCH = 50
_NEAR = 24


@dataclass(frozen=True)
class SimulatedCase:
    """An accepted case: findings as term indices in the order in which they came, `differential` disease indices."""

    seed: int
    attempt: int
    sex: Sex
    age: float
    present: tuple[int, ...]
    absent: tuple[int, ...]
    differential: tuple[int, ...]


class Simulator:
    """Draws cases from one knowledge by one expert."""

    def __init__(
        self, knowledge: Knowledge, settings: SimulationSettings | None = None, properties: Properties | None = None
    ) -> None:
        """`properties` default to those of the knowledge."""
        self.knowledge, self.settings = knowledge, settings or SimulationSettings()
        self.properties = read_properties(knowledge) if properties is None else properties
        self.expert: ProbabilisticExpert | QmrExpert = (
            ProbabilisticExpert(knowledge)
            if self.settings.expert == "expert"
            else QmrExpert(knowledge, self.settings.weights, self.properties.importance)
        )
        self.profiler = Profiler(knowledge, self.expert, self.properties, self.settings)
        self.noise = Noise(knowledge, self.profiler, self.settings)

    def profile(self, disease: int, rivals: np.ndarray | None = None) -> Profile:
        """What attempts at a disease need; `rivals` as kept by the eligibility, else found now (milliseconds)."""
        return self.profiler.profile(disease, self.profiler.rivals(disease) if rivals is None else rivals)

    def valid(self, profile: Profile) -> tuple[int, int]:
        """Accepted attempts and attempts made: ends as soon as it is clear whether enough of them are accepted."""
        s, accepted, made = self.settings, 0, 0
        while made < s.attempts and accepted < s.needed and accepted + s.attempts - made >= s.needed:
            seeds = np.arange(made, min(made + _BATCH, s.attempts), dtype=np.uint64)
            tried = attempt(profile, mixed(seeds, 1_000_000 + profile.disease), s)
            accepted, made = accepted + int(tried.accepted.sum()), made + len(seeds)
        return accepted, made

    def cases(self, profile: Profile, seeds: list[int]) -> list[SimulatedCase | None]:
        """One case for each seed: its first attempt that the expert accepts; None where all attempts fail."""
        found: list[SimulatedCase | None] = [None] * len(seeds)
        for number in range(self.settings.attempts):
            missing = [k for k, case in enumerate(found) if case is None]
            if not missing:
                break
            own = mixed(np.array([seeds[k] for k in missing], np.uint64), number)
            tried = attempt(profile, own, self.settings)
            for row in np.flatnonzero(tried.accepted).tolist():
                k = missing[row]
                found[k] = self._accept(profile, tried, row, seeds[k], number, int(own[row]))
        return found

    def _accept(
        self, profile: Profile, tried: Attempts, row: int, seed: int, number: int, own: int
    ) -> SimulatedCase | None:
        """The case, with its noise, if the seed is strictly first among all diseases."""
        columns = np.flatnonzero(tried.state[row])
        columns = columns[np.argsort(tried.order[row, columns], kind="stable")]
        state, terms = tried.state[row, columns], profile.terms[columns]
        sex = Sex.FEMALE if tried.female[row] else Sex.MALE
        age = round(float(tried.age[row]) * 12.0) / 12.0
        told = self._most_specific(terms[state > 0].tolist())
        present, absent = self.noise.add(told, terms[state < 0].tolist(), sex, age, own)
        s = self.settings
        if len(present) < max(1, s.least_present) or len(present) + len(absent) < s.least_findings:
            return None
        query = Query(tuple(sorted(present)), tuple(sorted(absent)), sex, age)
        first, scores = leaders(self.expert, query, max(2, s.differential), profile.rivals[:_NEAR])
        tied = len(first) > 1 and scores[0] == scores[1]
        if s.accept == "first" and (first[0] != profile.disease or tied):
            return None
        shown = tuple(first[: s.differential].tolist())
        return SimulatedCase(seed, number, sex, age, tuple(present), tuple(absent), shown)

    def _most_specific(self, terms: list[int]) -> list[int]:
        """Without those that another implies."""
        above = self.knowledge.ontology.ancestor_set
        implied = frozenset().union(*(above(t) - {t} for t in terms))
        return [t for t in terms if t not in implied]
