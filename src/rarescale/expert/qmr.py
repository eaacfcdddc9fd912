"""The classical second scorer: points as in INTERNIST-1 and QMR, on bands derived from the knowledge.

score = sum over present findings that the disease explains of w_evoking(evoking strength)
      - sum over absent findings of the disease of w_frequency(frequency)
      - sum over present findings that it does not explain of w_import(import)

Formula and weights: Miller, Pople, Myers 1982 and its summary in Ravuri et al. 2018; the two give different weights, so
both are tables here. The original bands were set by clinicians; ours are derived:

* frequency 1-5: the posterior mean frequency of `profiles`, cut at `FREQUENCY_CUTS`;
* evoking strength 1-5: the rank of the disease among those that have the finding, by frequency, equal ones sharing
  their mean rank, cut at `EVOKING_CUTS` (over thousands of diseases the share of probability puts nearly all at 1);
* import 1-5: from a table, else the information content of the finding cut at `IMPORT_CUTS`.

A finding counts as a disease's own where the disease is annotated with it or with something more specific; a more
general annotation explains it with evoking strength 1. Scores are points, not nats. Sex and age are not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from rarescale.errors import UsageError
from rarescale.expert.contract import Query, Told
from rarescale.expert.evidence import KEPT
from rarescale.expert.profiles import PROFILES_VERSION, Arrays, build_profiles
from rarescale.expert.settings import Settings
from rarescale.knowledge import Knowledge
from rarescale.record import Reason

FREQUENCY_CUTS = (0.05, 0.375, 0.65, 0.875)
"""Frequencies above these get one more than 1: the bands of the QMR teaching page, middles where it gives ranges."""

EVOKING_CUTS = (1.0, 3.0, 10.0, 40.0)
"""Mean ranks up to these get 5, 4, 3, 2; below that 1. Assumed: a finding of one disease only evokes it alone."""

IMPORT_CUTS = (1.5, 3.0, 4.5, 6.5)
"""Nats of information above these get one more than 1. Assumed: rare findings need an explanation."""

POINTS_PER_NAT = 10.0
"""For probabilities only: 80 points, the lead at which QMR concluded, are then odds of about 3,000."""

NONE_OF_THESE = 0.2


@dataclass(frozen=True, slots=True)
class Weights:
    """Points by band 0..5 of evoking strength, frequency and import."""

    evoking: tuple[float, ...]
    frequency: tuple[float, ...]
    importance: tuple[float, ...]


WEIGHTS = {
    "ravuri2018": Weights((0, 1, 10, 20, 40, 80), (0, 1, 4, 7, 15, 30), (0, 1, 4, 7, 15, 30)),
    "miller1982": Weights((1, 4, 10, 20, 40, 80), (0, 1, 4, 7, 15, 30), (0, 2, 6, 10, 20, 40)),
}
"""The published tables by name."""


class QmrExpert:
    """Ranks all diseases by points."""

    name = "qmr"
    version = "1"

    def __init__(
        self,
        knowledge: Knowledge,
        weights: str = "ravuri2018",
        importance: Mapping[int, int] | None = None,
        profiles: Arrays | None = None,
    ) -> None:
        """`weights` names one of `WEIGHTS`; `importance` gives the import 1..5 of some term indices.

        Profiles are derived once per knowledge, unless others are given. Raises UsageError for another name.
        """
        if weights not in WEIGHTS:
            raise UsageError(f"weights {weights!r} are not known; expected one of {', '.join(WEIGHTS)}")
        self.knowledge = knowledge
        self.weights = WEIGHTS[weights]
        self.settings = Settings.default()
        self.asked = (weights, importance)
        key = f"{PROFILES_VERSION}-qmr"
        self.profiles = profiles or knowledge.derived("profiles", key, lambda: build_profiles(knowledge, self.settings))
        self.importance = 1 + np.searchsorted(IMPORT_CUTS, self.profiles["information"])
        for term, value in (importance or {}).items():
            self.importance[term] = value
        self._size = len(knowledge.diseases)
        self._carriers = _by_term(self.profiles, len(knowledge.ontology))
        self._presences = lru_cache(KEPT)(self._presence)

    def rank(self, query: Query, among: np.ndarray | None = None) -> QmrRanking:
        """Score every disease; `among` bool (g,) keeps some. Raises ValueError without any present finding."""
        if not query.present:
            raise ValueError("a query needs at least one present finding")
        scores = np.zeros(self._size)
        for term in sorted(query.present):
            scores += self.presence(term)
        for term in sorted(query.absent):
            scores += self.absence(term)
        if among is not None:
            scores = np.where(among, scores, -np.inf)
        best = float(scores.max())
        odds = np.exp((scores - best) / POINTS_PER_NAT) if np.isfinite(best) else np.zeros(self._size)
        none = NONE_OF_THESE if np.isfinite(best) else 1.0
        return QmrRanking(scores, odds / max(float(odds.sum()), 1.0) * (1.0 - none), none, self, query)

    def presence(self, term: int) -> np.ndarray:
        """Points of every disease for a present finding, float64 (g,)."""
        return self._presences(term)

    def _presence(self, term: int) -> np.ndarray:
        row = np.full(self._size, -float(self.weights.importance[int(self.importance[term])]))
        for ancestor in self.knowledge.ontology.ancestors[term].tolist():
            if ancestor != term:
                row[self._carriers[0][self._carriers[1][ancestor] : self._carriers[1][ancestor + 1]]] = (
                    self.weights.evoking[1]
                )
        owners, frequency = self._having(term)
        row[owners] = np.array(self.weights.evoking)[evoking_strength(frequency)]
        return row

    def absence(self, term: int) -> np.ndarray:
        """Points of every disease for an absent finding, float64 (g,), none above 0."""
        row = np.zeros(self._size)
        owners, frequency = self._having(term)
        row[owners] = -np.array(self.weights.frequency)[frequency_band(frequency)]
        return row

    def _having(self, term: int) -> tuple[np.ndarray, np.ndarray]:
        """The diseases annotated with a term or below it, and how often they have it."""
        offsets = self.profiles["spread.offsets"]
        part = slice(int(offsets[term]), int(offsets[term + 1]))
        return self.profiles["spread.disease"][part], self.profiles["spread.frequency"][part]


@dataclass(frozen=True)
class QmrRanking:
    """Points and probabilities over all diseases; see `Ranking`. Reasons are in points, and there is no prior."""

    scores: np.ndarray
    probabilities: np.ndarray
    none_of_these: float
    expert: QmrExpert
    query: Query

    def told(self, disease: int) -> tuple[Told, ...]:
        """One reason per present finding, and one per absent finding that the disease would have."""
        found = [self._present(t, disease) for t in sorted(self.query.present)]
        for term in sorted(self.query.absent):
            points = float(self.expert.absence(term)[disease])
            if points:
                found.append(self._told(term, points, "absent", self._pair(term, disease)))
        return tuple(found)

    def _present(self, term: int, disease: int) -> Told:
        points = float(self.expert.presence(term)[disease])
        pair = self._pair(term, disease)
        if pair is not None:
            matched = int(self.expert.profiles["pair.term"][pair])
            return self._told(term, points, "exact" if matched == term else "descendant", pair)
        pair = self._general(term, disease)
        return self._told(term, points, "unexplained" if pair is None else "ancestor", pair)

    def _pair(self, term: int, disease: int) -> int | None:
        """The direct pair by which a disease has a term itself."""
        p = self.expert.profiles
        start, end = (int(i) for i in p["spread.offsets"][term : term + 2])
        at = start + int(np.searchsorted(p["spread.disease"][start:end], disease))
        return int(p["spread.pair"][at]) if at < end and p["spread.disease"][at] == disease else None

    def _general(self, term: int, disease: int) -> int | None:
        """The direct pair with the most informative annotation above a term."""
        p = self.expert.profiles
        pairs = np.arange(int(p["pair.offsets"][disease]), int(p["pair.offsets"][disease + 1]))
        above = pairs[np.isin(p["pair.term"][pairs], self.expert.knowledge.ontology.ancestors[term])]
        return int(above[p["information"][p["pair.term"][above]].argmax()]) if len(above) else None

    def _told(self, term: int, points: float, kind: str, pair: int | None) -> Told:
        key = (self.expert.knowledge.ontology.ids[term], "absent" if kind == "absent" else "finding")
        return Told(key, points, partial(self._reason, term, kind, pair))

    def _reason(self, term: int, kind: str, pair: int | None, points: float, uncertain: bool) -> Reason:
        base, profiles = self.expert.knowledge, self.expert.profiles
        matched = None if pair is None else int(profiles["pair.term"][pair])
        row = None if pair is None else base.diseases.annotation(int(profiles["pair.row"][pair]))
        return Reason(
            finding=base.ontology.ids[term],
            label=base.ontology.labels[term],
            direction="for" if points >= 0 else "against",
            weight=points,
            matched=None if matched is None else base.ontology.ids[matched],
            matched_label=None if matched is None else base.ontology.labels[matched],
            kind=kind,
            frequency=None if row is None else row.frequency,
            source=None if row is None else row.reference,
            uncertain=uncertain,
        )


def frequency_band(frequency: np.ndarray) -> np.ndarray:
    """Frequencies in 0..1 as bands 1..5."""
    bands: np.ndarray = 1 + np.searchsorted(FREQUENCY_CUTS, frequency)
    return bands


def evoking_strength(frequency: np.ndarray) -> np.ndarray:
    """Evoking strength 1..5 of the diseases that have one finding, from how often each has it."""
    order = np.sort(frequency)
    above = len(order) - np.searchsorted(order, frequency, side="right")
    not_below = len(order) - np.searchsorted(order, frequency, side="left")
    strength: np.ndarray = 5 - np.searchsorted(EVOKING_CUTS, (above + 1 + not_below) / 2)
    return strength


def _by_term(profiles: Mapping[str, np.ndarray], terms: int) -> tuple[np.ndarray, np.ndarray]:
    """The diseases annotated with exactly each term: int32 (p,), and offsets int64 (n + 1,)."""
    owner = np.repeat(np.arange(len(profiles["pair.offsets"]) - 1), np.diff(profiles["pair.offsets"]))
    order = np.argsort(profiles["pair.term"], kind="stable")
    counts = np.bincount(profiles["pair.term"], minlength=terms)
    return owner[order].astype(np.int32), np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
