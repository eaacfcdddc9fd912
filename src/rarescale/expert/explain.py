"""Scores taken apart: one signed weight per finding, the annotation that answered it, its source.

How each part of the score is shared out among the findings:

* likelihood: each finding has its own summand;
* cosine: what the likeness adds over no likeness at all, in proportion to the finding's share of the common
  profile; an ancestor that several findings have is split evenly;
* coverage: each annotated term of the disease is credited to the finding that shares most with it.

What is left (the prior and the constant of the cosine) is the disease's `prior`.
"""

from __future__ import annotations

import numpy as np

from rarescale.expert.contract import Query
from rarescale.expert.evidence import Evidence, EvidenceModel
from rarescale.expert.profiles import Arrays
from rarescale.expert.settings import Settings
from rarescale.knowledge import Knowledge
from rarescale.record import Reason, Sex, TermId


class Explainer:
    """Makes reasons for one expert."""

    def __init__(self, knowledge: Knowledge, profiles: Arrays, model: EvidenceModel, settings: Settings) -> None:
        """All arguments are those of the expert."""
        self._knowledge, self._profiles, self._model, self._settings = knowledge, profiles, model, settings
        self._ids, self._labels = knowledge.ontology.ids, knowledge.ontology.labels.tolist()
        self._references = knowledge.diseases.references.tolist()
        self._frequencies = knowledge.diseases.frequency_texts.tolist()

    def reasons(self, disease: int, query: Query, evidence: Evidence) -> tuple[Reason, ...]:
        """Reasons for the findings of the query, present ones first, then sex, age and absent ones."""
        frequency, pair = self._lookup(disease, evidence.closure)
        weights = self._weights(disease, evidence, frequency)
        reasons = []
        for k, term in enumerate(evidence.findings.tolist()):
            where = self._best(term, evidence, k, frequency)
            reasons.append(self._present(term, float(weights[k]), None if where is None else int(pair[where])))
        return (*reasons, *self._circumstances(disease, query), *self._absences(disease, query))

    def _lookup(self, disease: int, terms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Frequency of each term in the disease (0 = not annotated at or below it) and the direct pair behind it."""
        frequency, pair = np.zeros(len(terms), np.float32), np.full(len(terms), -1, np.int32)
        offsets, diseases = self._model.offsets, self._model.diseases
        for k, term in enumerate(terms.tolist()):
            low, high = offsets[term], offsets[term + 1]
            at = low + np.searchsorted(diseases[low:high], disease)
            if at < high and diseases[at] == disease:
                frequency[k], pair[k] = self._model.frequencies[at], self._profiles["spread.pair"][at]
        return frequency, pair

    def _weights(self, disease: int, evidence: Evidence, frequency: np.ndarray) -> np.ndarray:
        """The weight of each finding, float64 (k,)."""
        s, model = self._settings, self._model
        own = np.array([model.answer(t)[disease] for t in evidence.findings.tolist()]) * evidence.weights
        total = s.likelihood_weight * own / evidence.mass**0.5
        common = model.information[evidence.closure] ** 2 * frequency
        share = (evidence.member * (common / np.maximum(evidence.member.sum(axis=0), 1))).sum(axis=1)
        factor = model.count_factor(evidence.mass)
        gain = s.cosine_weight * (float(evidence.cosine[disease]) - factor * np.log(s.cosine_floor))
        if share.sum() > 0:
            total += gain * share / share.sum()
        offsets = self._profiles["pair.offsets"]
        part = slice(int(offsets[disease]), int(offsets[disease + 1]))
        terms = self._profiles["pair.term"][part]
        met = model.pair_weight[part] * evidence.shared[terms] * model.picture[disease]
        owner = evidence.owner[terms]
        total += s.coverage_weight * np.bincount(owner[owner >= 0], met[owner >= 0], len(total))
        weights: np.ndarray = total
        return weights

    def _best(self, term: int, evidence: Evidence, k: int, frequency: np.ndarray) -> int | None:
        """Position in the closure of the ancestor through which the disease answers the finding best."""
        columns = np.flatnonzero(evidence.member[k] & (frequency > 0))
        if not len(columns):
            return None
        s, surprise = self._settings, self._model.surprise
        at = surprise[evidence.closure[columns]]
        gain = np.log(frequency[columns]) + at - s.specificity_loss * (surprise[term] - at)
        gain = gain - s.detour_loss * (evidence.closure[columns] != term)
        return int(columns[int(gain.argmax())])

    def _present(self, term: int, weight: float, pair: int | None) -> Reason:
        if pair is None:
            return self._reason(term, weight, "unexplained")
        matched = int(self._profiles["pair.term"][pair])
        return self._reason(term, weight, self._kind(term, matched), matched, int(self._profiles["pair.row"][pair]))

    def _kind(self, term: int, matched: int) -> str:
        """How the annotated term stands to the finding: `exact`, `descendant` (more specific), `ancestor`, `related`."""
        if term == matched:
            return "exact"
        ancestors = self._knowledge.ontology.ancestors
        if term in ancestors[matched]:
            return "descendant"
        return "ancestor" if matched in ancestors[term] else "related"

    def _reason(self, term: int, weight: float, kind: str, matched: int | None = None, row: int | None = None) -> Reason:
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
        )

    def _circumstances(self, disease: int, query: Query) -> list[Reason]:
        """Sex and age, where they cost the disease something; the finding named is the one they disagree with."""
        found = []
        if query.sex is Sex.FEMALE and self._profiles["linked.recessive"][disease]:
            term = TermId("HP:0001419")
            found.append(
                Reason(finding=term, label="female sex", direction="against", weight=-self._settings.sex_weight, matched=term, kind="sex")
            )
        least = float(self._profiles["onset.least"][disease])
        if query.age is not None and least > query.age:
            term = self._ids[int(self._profiles["onset.term"][disease])]
            label = f"age {query.age:.1f} years, onset from {least:.0f} years"
            found.append(
                Reason(finding=term, label=label, direction="against", weight=-self._settings.age_weight, matched=term, kind="age")
            )
        return found

    def _absences(self, disease: int, query: Query) -> list[Reason]:
        """Absent findings that are usual in the disease; what is absent and unusual says nothing here."""
        found = []
        for term in query.absent:
            frequency, pair = self._lookup(disease, np.array([term]))
            if frequency[0] >= self._settings.absent_threshold:
                weight = self._settings.absent_weight * float(np.log1p(-0.9 * frequency[0]))
                matched = int(self._profiles["pair.term"][pair[0]])
                found.append(self._reason(term, weight, "absent", matched, int(self._profiles["pair.row"][pair[0]])))
        return found
