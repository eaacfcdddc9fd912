"""Sex and age of simulated patients, by what is known of the disease.

Sex: as told for our own diseases; inherited X-linked recessively = mostly male; findings that one sex cannot have
speak for the other; else even. Age: within the ages told, or from an annotated onset on plus a time until the visit;
else from a mixture of childhood and adulthood. The shares and the time until the visit are assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rarescale.knowledge import Knowledge
from rarescale.simulation.relations import Related

FEMALE_SHARE = {"any": 0.5, "male": 0.0, "female": 1.0, "mostly male": 0.2, "mostly female": 0.8}
TOLD_SEXES = ("any", "male", "female", "mostly male", "mostly female")
X_RECESSIVE_FEMALE = 0.05

TOLD_AGES = ((0.0, 0.08), (0.08, 2.0), (2.0, 12.0), (12.0, 18.0), (18.0, 65.0), (65.0, 90.0))
"""Neonate, infant, child, adolescent, adult, elderly: years."""

ONSETS = {
    "HP:0030674": (0.0, 0.5),
    "HP:0003577": (0.0, 0.5),
    "HP:0003623": (0.0, 0.1),
    "HP:0410280": (0.0, 16.0),
    "HP:4000040": (0.0, 1.0),
    "HP:0003593": (0.08, 1.0),
    "HP:0011463": (1.0, 5.0),
    "HP:0003621": (5.0, 16.0),
    "HP:0003581": (16.0, 60.0),
    "HP:0011462": (16.0, 40.0),
    "HP:0025708": (16.0, 19.0),
    "HP:0025709": (19.0, 25.0),
    "HP:0025710": (25.0, 40.0),
    "HP:0003596": (40.0, 60.0),
    "HP:0003584": (60.0, 85.0),
}
"""HPO onset term -> years, by its definition; the open end of old age is assumed."""

UNKNOWN_ONSET = ((0.0, 2.0), (2.0, 18.0), (18.0, 75.0))
YEARS_TO_VISIT = 4.0
"""Mean of the exponential time from onset to this visit."""

OLDEST = 95.0


@dataclass(frozen=True)
class People:
    """Who has a disease: share of women, and age bands of equal weight (low, high); `onset` = bands are of onset."""

    female: float
    bands: tuple[tuple[float, float], ...]
    onset: bool

    def draw(self, chance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Female bool (B,) and age in years (B,) from four uniform numbers each, (B, 4)."""
        bands = np.array(self.bands)
        band = bands[(chance[:, 1] * len(bands)).astype(int)]
        age = band[:, 0] + chance[:, 2] * (band[:, 1] - band[:, 0])
        if self.onset:
            age = age - YEARS_TO_VISIT * np.log1p(-chance[:, 3])
        return chance[:, 0] < self.female, np.minimum(age, OLDEST)


class Demographics:
    """Makes `People` for diseases of one knowledge."""

    def __init__(self, knowledge: Knowledge, recessive: np.ndarray) -> None:
        """`recessive` bool (g,): inherited X-linked recessively only."""
        self._knowledge, self._recessive = knowledge, recessive
        self._onsets = {i: years for t, years in ONSETS.items() if (i := knowledge.ontology.index(t)) is not None}

    def of(self, disease: int, frequency: np.ndarray, related: Related) -> People:
        """`frequency` (n,) and `related` are those of the seed's profile."""
        diseases = self._knowledge.diseases
        share = FEMALE_SHARE[TOLD_SEXES[int(diseases.told("sex")[disease])]]
        if share == 0.5 and self._recessive[disease]:
            share = X_RECESSIVE_FEMALE
        barred = related.barred(np.array([True, False]), np.array([30.0, 30.0]))
        women, men = (np.prod(1.0 - np.minimum(frequency, 0.95) * barred[k]) for k in (0, 1))
        total = share * women + (1.0 - share) * men
        share = float(share * women / total) if total > 0 else share
        told = int(diseases.told("ages")[disease])
        if told:
            return People(share, tuple(b for k, b in enumerate(TOLD_AGES) if told >> k & 1), False)
        return People(share, self._annotated(disease) or UNKNOWN_ONSET, True)

    def _annotated(self, disease: int) -> tuple[tuple[float, float], ...]:
        rows, part = self._knowledge.diseases.rows, slice(*self._knowledge.diseases.row_offsets[disease : disease + 2])
        kept = ~rows["negative"][part]
        terms = np.concatenate([rows["term"][part][kept], rows["onset"][part][kept]]).tolist()
        return tuple(self._onsets[t] for t in terms if t in self._onsets)
