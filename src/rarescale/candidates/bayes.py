"""Baseline: naive Bayes on the words of a patient or on the findings read in them.

    score(d) = sum over features x of ln((n_dx + alpha p_x) / (N_d + alpha))

n_dx training patients of d with x (findings count with their weight), N_d the sum over x, p_x the share of x over all
diseases; a multinomial model smoothed towards the background (Dirichlet prior of mass `alpha`). Kept as the lists of
(disease, n) of each feature, so that 10,000 diseases and 60,000 words fit into memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rarescale.candidates.contract import Talk
from rarescale.candidates.features import FindingSpace, word_features
from rarescale.knowledge import Knowledge
from rarescale.record import Clue

Array = np.ndarray
Kind = Literal["words", "finding"]

ALPHA = {"words": 100.0, "finding": 20.0}
"""Mass of the background: about as many features as one patient has. Not tuned."""


@dataclass(frozen=True)
class Counts:
    """`keys` sorted int64 (k,); the part ``offsets[i]:offsets[i + 1]`` of `disease` (indices of the knowledge) and
    `count` float32 belongs to feature i; `total` float64 (g,) is N_d, 0 for diseases without training patients."""

    keys: Array
    offsets: Array
    disease: Array
    count: Array
    total: Array


def counted(keys: Array, weights: Array, diseases: Array, size: int) -> Counts:
    """Counts from features (n,) with weights and the disease of the patient each belongs to; `size` diseases in all."""
    unique, row = np.unique(keys.astype(np.int64), return_inverse=True)
    pair, place = np.unique(row.astype(np.int64) * size + diseases, return_inverse=True)
    sums = np.bincount(place, weights, len(pair))
    offsets = np.searchsorted(pair, np.arange(len(unique) + 1, dtype=np.int64) * size)
    return Counts(
        unique, offsets, (pair % size).astype(np.int32), sums.astype(np.float32), np.bincount(diseases, weights, size)
    )


class NaiveBayes:
    """Naive Bayes over one kind of feature."""

    version = "1"

    def __init__(self, counts: Counts, knowledge: Knowledge, kind: Kind) -> None:
        """`counts` over the features of `kind` of training patients."""
        self.name = f"naive-bayes-{kind}"
        self._counts, self._kind, self._alpha = counts, kind, ALPHA[kind]
        self._space = FindingSpace(knowledge.ontology)
        self._known = counts.total > 0
        totals = np.add.reduceat(counts.count, counts.offsets[:-1]) if len(counts.keys) else np.zeros(0)
        self._background = totals / max(1e-9, float(totals.sum()))

    def propose(self, talk: Talk) -> BayesProposal:
        """Scores of all diseases; see `CandidateModel`."""
        features: Mapping[int, float]
        if self._kind == "words":
            texts = word_features(talk.messages)
            features, labels = dict.fromkeys(texts, 1.0), texts
        else:
            features = self._space.features(talk)
            labels = {code: self._space.label(code) for code in features}
        scores = np.zeros(len(self._known))
        shares: dict[int, Array] = {}
        mass = 0.0
        for key, weight in features.items():
            row = int(np.searchsorted(self._counts.keys, key))
            if row == len(self._counts.keys) or self._counts.keys[row] != key:
                continue
            part = slice(self._counts.offsets[row], self._counts.offsets[row + 1])
            share = weight * np.log1p(self._counts.count[part] / (self._alpha * self._background[row]))
            scores[self._counts.disease[part]] += share
            shares[key] = np.stack([self._counts.disease[part], share])
            mass += weight
        scores -= mass * np.log(self._counts.total + self._alpha)
        scores = np.where(self._known, scores, -np.inf)
        top = scores.max() if self._known.any() else 0.0
        scores -= top + np.log(np.exp(scores - top).sum()) if self._known.any() else 0.0
        return BayesProposal(scores, shares, labels, self._kind)


@dataclass(frozen=True)
class BayesProposal:
    """See `Proposal`."""

    scores: Array
    shares: Mapping[int, Array]
    labels: Mapping[int, str]
    kind: Kind

    def clues(self, disease: int, count: int = 8) -> Sequence[Clue]:
        """The features with the largest shares."""
        found = []
        for key, (diseases, shares) in self.shares.items():
            at = np.flatnonzero(diseases == disease)
            if len(at):
                found.append(Clue(text=self.labels[key], kind=self.kind, weight=round(float(shares[at[0]]), 3)))
        return sorted(found, key=lambda c: (-c.weight, c.text))[:count]
