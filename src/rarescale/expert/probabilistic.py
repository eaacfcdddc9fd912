"""The default expert: score = likelihood + cosine + coverage + prior (+ sex, age, absence), all in nats of log odds.

The weights of the parts are those of a conditional logit over all diseases, so the softmax of the scores is a
probability; `none_of_these` takes its share first. See `evidence` for the parts and docs/decisions for the fit.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rarescale.expert.contract import Query, Told, probabilities_of
from rarescale.expert.evidence import Evidence, EvidenceModel
from rarescale.expert.explain import Explainer, Shares
from rarescale.expert.profiles import PROFILES_VERSION, Arrays, build_profiles
from rarescale.expert.settings import Settings
from rarescale.knowledge import Knowledge
from rarescale.record import Sex

LOG_PREVALENCE = np.log(10) * np.array([-6.6, -6.3, -5.3, -4.3, -3.3, -2.3, -1.5])
"""ln of the middle of each prevalence band, by its code; an unknown one is taken as very rare."""

Penalties = list[tuple[np.ndarray, np.ndarray | float]]
"""Diseases, as indices or as a mask, and what their scores lose."""


class ProbabilisticExpert:
    """Ranks all diseases of the knowledge from present and absent findings, sex and age."""

    name = "expert"
    version = "1"

    def __init__(self, knowledge: Knowledge, settings: Settings | None = None, profiles: Arrays | None = None) -> None:
        """Profiles are derived once per knowledge and kept in the cache, unless others are given."""
        self.knowledge = knowledge
        self.settings = settings or Settings.default()
        key = f"{PROFILES_VERSION}-{_digest(self.settings.fingerprint())}"
        self.profiles = profiles or knowledge.derived("profiles", key, lambda: build_profiles(knowledge, self.settings))
        self.model = EvidenceModel(knowledge.ontology, self.profiles, self.settings)
        self.prior = self._prior_scores()

    def _prior_scores(self) -> np.ndarray:
        """What is known before any finding: well-studied diseases and those Orphanet lists are met more often."""
        cohort = np.log1p(np.minimum(self.profiles["prior.cohort"], self.settings.cohort_cap))
        listed = self.profiles["prior.orphanet"].astype(np.float32)
        known = LOG_PREVALENCE[self.knowledge.diseases.bands]
        parts = (
            (self.settings.cohort_weight, _standard(cohort)),
            (self.settings.orphanet_weight, _standard(listed)),
            (self.settings.prevalence_weight, known - known.mean()),
        )
        score: np.ndarray = sum((weight * part for weight, part in parts), np.zeros(len(cohort)))
        return score

    @cached_property
    def explainer(self) -> Explainer:
        """Takes scores apart into reasons."""
        return Explainer(self.knowledge, self.profiles, self.model, self.settings)

    def rank(self, query: Query, among: np.ndarray | None = None) -> ProbabilisticRanking:
        """Score every disease; `among` bool (g,) keeps some. Raises ValueError without any present finding."""
        if not query.present:
            raise ValueError("a query needs at least one present finding")
        s = self.settings
        evidence = self.model.weigh(np.array(sorted(query.present), np.int32))
        scores = self.prior + s.likelihood_weight * evidence.likelihood
        scores += s.cosine_weight * evidence.cosine
        scores += s.coverage_weight * evidence.coverage
        for disease, penalty in self.penalties(query):
            scores[disease] -= penalty
        if among is not None:
            scores = np.where(among, scores, -np.inf)
        probabilities, none = self._probabilities(scores)
        return ProbabilisticRanking(scores, probabilities, none, self, query, evidence)

    def without_coverage(self, query: Query) -> tuple[np.ndarray, np.ndarray]:
        """Prior, likelihood and cosine of all diseases, float64 (g,), and what `complete` needs to end their scores."""
        if not query.present:
            raise ValueError("a query needs at least one present finding")
        s, model = self.settings, self.model
        present = model.informative(np.array(sorted(query.present), np.int32))
        closure, member = model.closure(present)
        weights, mass = model.independence(present, closure, member)
        scores = self.prior + s.likelihood_weight * model.likelihood(present, weights, mass)
        scores += s.cosine_weight * model.cosine(closure, mass)
        return scores, model.shared(closure)

    def complete(
        self, scores: np.ndarray, shared: np.ndarray, penalties: Penalties, diseases: np.ndarray
    ) -> np.ndarray:
        """The scores that `rank` gives to a few `diseases`, float64, bit by bit, from `without_coverage`."""
        ended: np.ndarray = scores[diseases] + self.settings.coverage_weight * self.model.coverage_of(shared, diseases)
        loss = np.zeros(len(self.prior))
        for where, penalty in penalties:
            loss[where] = penalty
            ended -= loss[diseases]
            loss[where] = 0.0
        return ended

    def penalties(self, query: Query) -> Penalties:
        """(diseases, what their score loses) for sex, age and absent findings."""
        found: Penalties = []
        if query.sex is Sex.FEMALE:
            found.append((self.profiles["linked.recessive"], self.settings.sex_weight))
        if query.age is not None:
            found.append((self.profiles["onset.least"] > query.age, self.settings.age_weight))
        if self.settings.absent_weight:
            found += [(where, -change) for where, change in (self.absence(t) for t in query.absent)]
        return found

    def absence(self, term: int) -> tuple[np.ndarray, np.ndarray]:
        """Diseases in which an absent finding is usual, and how much it changes their scores (<= 0)."""
        part = slice(self.model.offsets[term], self.model.offsets[term + 1])
        frequency = self.model.frequencies[part]
        usual = frequency >= self.settings.absent_threshold
        return self.model.diseases[part][usual], self.settings.absent_weight * np.log1p(-0.9 * frequency[usual])

    def _probabilities(self, scores: np.ndarray) -> tuple[np.ndarray, float]:
        """The softmax of the sharpened scores, less the share of "none of these".

        That share is a constant: a fifth of newly published cases have a disease that the release does not know, and
        the best score hardly tells which (area under the curve 0.55 in the fit).
        """
        return probabilities_of(scores, self.settings.sharpness, self.settings.none_of_these)


@dataclass(frozen=True)
class ProbabilisticRanking:
    """Scores and probabilities over all diseases, with what is needed to explain them; see `Ranking`."""

    scores: np.ndarray
    probabilities: np.ndarray
    none_of_these: float
    expert: ProbabilisticExpert
    query: Query
    evidence: Evidence

    def told(self, disease: int) -> tuple[Told, ...]:
        """One reason per finding; see `Explainer`."""
        return self.expert.explainer.told(disease, self._shares, self.query)

    @cached_property
    def _shares(self) -> Shares:
        return self.expert.explainer.shares(self.evidence)


def _standard(values: np.ndarray) -> np.ndarray:
    """Mean 0, standard deviation 1 over diseases; all 0 where they are equal."""
    spread = float(values.std())
    standard: np.ndarray = (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)
    return standard


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
