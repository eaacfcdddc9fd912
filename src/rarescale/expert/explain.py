"""Scores taken apart: one signed weight per finding, the annotation that answered it, its source.

How each part of the score is shared out among the findings:

* likelihood: each finding has its own summand;
* cosine: what the likeness adds over no likeness at all, in proportion to the finding's share of the common
  profile; an ancestor that several findings have is split evenly;
* coverage: each annotated term of the disease is credited to the finding that shares most with it.

What is left (the prior and the constant of the cosine) is the disease's `prior`.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np

from rarescale.expert.contract import Query, Told
from rarescale.expert.evidence import Evidence, EvidenceModel
from rarescale.expert.profiles import Arrays
from rarescale.expert.settings import Settings
from rarescale.knowledge import Knowledge
from rarescale.record import Reason, Sex, TermId


class Shares:
    """The weights of the findings of one query (k,), over ancestors (c,), for one disease after the other."""

    def __init__(self, evidence: Evidence, model: EvidenceModel, settings: Settings, profiles: Arrays) -> None:
        """Works out what does not depend on the disease."""
        self.evidence, self._model, self._settings = evidence, model, settings
        self._offsets, self._terms = profiles["pair.offsets"], profiles["pair.term"]
        self._answers = [model.answer(t) for t in evidence.findings.tolist()]
        self._likely = settings.likelihood_weight * evidence.weights / evidence.mass**settings.likelihood_count_power
        importance = model.importance[evidence.closure]
        self._split = evidence.member * (importance / np.maximum(evidence.member.sum(axis=0), 1))
        self._no_likeness = model.count_factor(evidence.mass) * np.log(settings.cosine_floor)
        detour = settings.detour_loss * (evidence.closure != evidence.findings[:, None])
        self._through = np.where(evidence.member, model.surprise[evidence.closure] - detour, -np.inf)

    def weights(self, disease: int, frequency: np.ndarray) -> np.ndarray:
        """The weight of each finding, float64 (k,); `frequency` (c,) is that of the ancestors in the disease."""
        s, model, evidence = self._settings, self._model, self.evidence
        total: np.ndarray = self._likely * np.array([row[disease] for row in self._answers])
        share = self._split @ frequency
        gain = s.cosine_weight * (float(evidence.cosine[disease]) - self._no_likeness)
        if share.sum() > 0:
            total += gain * share / share.sum()
        part = slice(int(self._offsets[disease]), int(self._offsets[disease + 1]))
        terms = self._terms[part]
        met = model.pair_weight[part] * evidence.shared[terms] * model.picture[disease]
        owner = evidence.owner[terms]
        total += s.coverage_weight * np.bincount(owner[owner >= 0], met[owner >= 0], len(total))
        return total

    def answering(self, frequency: np.ndarray, pair: np.ndarray) -> np.ndarray:
        """Per finding the direct pair through which the disease answers it best, -1 where it does not; (k,)."""
        if not len(frequency):
            return np.full(len(self._likely), -1)
        known = np.where(frequency > 0, np.log(np.maximum(frequency, 1e-9)), -np.inf)
        gain = self._through + known
        best = gain.argmax(axis=1)
        answered = np.isfinite(gain[np.arange(len(best)), best])
        return np.where(answered, pair[best], -1)


class Explainer:
    """Makes reasons for one expert."""

    def __init__(self, knowledge: Knowledge, profiles: Arrays, model: EvidenceModel, settings: Settings) -> None:
        """All arguments are those of the expert."""
        self._knowledge, self._profiles, self._model, self._settings = knowledge, profiles, model, settings
        self._ids, self._labels = knowledge.ontology.ids, knowledge.ontology.labels.tolist()
        self._references = knowledge.diseases.references.tolist()
        self._frequencies = knowledge.diseases.frequency_texts.tolist()
        self._ancestors = knowledge.ontology.ancestor_set
        self._size = len(knowledge.diseases)
        owner = np.repeat(np.arange(len(self._ids), dtype=np.int64), np.diff(model.offsets))
        self._keys = owner * self._size + model.diseases
        self._pairs = profiles["spread.pair"]

    def told(self, disease: int, shares: Shares, query: Query) -> tuple[Told, ...]:
        """Reasons for the findings of the query, present ones first, then sex, age and absent ones."""
        frequency, pair = self._lookup(disease, shares.evidence.closure)
        weights = shares.weights(disease, frequency).tolist()
        pairs = shares.answering(frequency, pair).tolist()
        terms = shares.evidence.findings.tolist()
        present = [
            Told((self._ids[t], "finding"), w, partial(self._present, t, p))
            for t, w, p in zip(terms, weights, pairs, strict=True)
        ]
        return (*present, *self._circumstances(disease, query), *self._absences(disease, query))

    def shares(self, evidence: Evidence) -> Shares:
        """What the reasons for all diseases have in common."""
        return Shares(evidence, self._model, self._settings, self._profiles)

    def _lookup(self, disease: int, terms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Frequency of each term in the disease and the direct pair behind it; 0 and -1 where nothing is annotated."""
        key = terms * self._size + disease
        at = np.minimum(self._keys.searchsorted(key), len(self._keys) - 1)
        here = self._keys[at] == key
        return np.where(here, self._model.frequencies[at], np.float32(0)), np.where(here, self._pairs[at], -1)

    def _present(self, term: int, pair: int, weight: float, uncertain: bool) -> Reason:
        if pair < 0:
            return self._reason("unexplained", term, None, None, weight, uncertain)
        matched = int(self._profiles["pair.term"][pair])
        row = int(self._profiles["pair.row"][pair])
        return self._reason(self._kind(term, matched), term, matched, row, weight, uncertain)

    def _kind(self, term: int, matched: int) -> str:
        """How the annotated term stands to the finding: `descendant` is more specific, `ancestor` more general."""
        if term == matched:
            return "exact"
        if term in self._ancestors(matched):
            return "descendant"
        return "ancestor" if matched in self._ancestors(term) else "related"

    def _reason(
        self, kind: str, term: int, matched: int | None, row: int | None, weight: float, uncertain: bool
    ) -> Reason:
        rows = self._knowledge.diseases.rows
        return Reason(
            finding=self._ids[term],
            label=self._labels[term],
            direction="for" if weight >= 0 else "against",
            weight=weight,
            matched=None if matched is None else self._ids[matched],
            matched_label=None if matched is None else self._labels[matched],
            kind=kind,
            frequency=None if row is None else self._frequencies[rows["frequency"][row]],
            source=None if row is None else self._references[rows["reference"][row]],
            uncertain=uncertain,
        )

    def _circumstances(self, disease: int, query: Query) -> list[Told]:
        """Sex and age, where they cost the disease something; the finding named is the one they disagree with."""
        found = []
        if query.sex is Sex.FEMALE and self._profiles["linked.recessive"][disease]:
            found.append(_circumstance("sex", TermId("HP:0001419"), "female sex", -self._settings.sex_weight))
        least = float(self._profiles["onset.least"][disease])
        if query.age is not None and least > query.age:
            term = self._ids[int(self._profiles["onset.term"][disease])]
            label = f"age {query.age:.1f} years, onset from {least:.0f} years"
            found.append(_circumstance("age", term, label, -self._settings.age_weight))
        return found

    def _absences(self, disease: int, query: Query) -> list[Told]:
        """Absent findings that are usual in the disease; what is absent and unusual says nothing here."""
        if not query.absent or not self._settings.absent_weight:
            return []
        terms = np.array(query.absent)
        frequency, pair = self._lookup(disease, terms)
        found = []
        for k in np.flatnonzero(frequency >= self._settings.absent_threshold).tolist():
            term, weight = int(terms[k]), self._settings.absent_weight * float(np.log1p(-0.9 * frequency[k]))
            matched, row = int(self._profiles["pair.term"][pair[k]]), int(self._profiles["pair.row"][pair[k]])
            reason = partial(self._reason, "absent", term, matched, row)
            found.append(Told((self._ids[term], "absent"), weight, reason))
        return found


def _circumstance(kind: str, term: TermId, label: str, weight: float) -> Told:
    def reason(weight: float, uncertain: bool) -> Reason:
        direction: Literal["for", "against"] = "for" if weight >= 0 else "against"
        return Reason(
            finding=term,
            label=label,
            direction=direction,
            weight=weight,
            matched=term,
            kind=kind,
            uncertain=uncertain,
        )

    return Told((term, kind), weight, reason)
