"""What a patient is expected to answer, for every finding at once, and what the answers so far say of the diseases.

P(yes | d) for finding t is r f_td where disease d is annotated with t or below, f the frequency and r the share of it
that is found in published cases; elsewhere it is a background rate, b times the mean frequency of t over all diseases.

Experts weigh absence timidly, so a denied finding hardly moves the list and the same wrong diseases would be asked
about again and again. For the choice of questions only, each question without a yes multiplies the odds of a disease
by 1 - P(yes | d).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from rarescale.expert import ProbabilisticExpert, QmrExpert
from rarescale.interview.settings import InterviewSettings

TINY = 1e-12


@dataclass(frozen=True)
class Expectation:
    """Per term of the ontology, float (n,): P(yes), and what the answer tells of the disease in nats."""

    yes: np.ndarray
    gain: np.ndarray


class Outlook:
    """Expected answers under the profiles of one expert."""

    def __init__(self, expert: ProbabilisticExpert | QmrExpert, settings: InterviewSettings) -> None:
        """Sorts the profiles by disease once."""
        p, self.settings = expert.profiles, settings
        self._ancestors = expert.knowledge.ontology.ancestors
        self._size = len(p["spread.offsets"]) - 1
        self._offsets, self._diseases = p["spread.offsets"], p["spread.disease"]
        self._frequencies = p["spread.frequency"]
        mean = np.exp(-p["surprise"].astype(np.float64))
        self._rate = np.minimum(settings.background * mean, 0.5)
        self._far = np.minimum(settings.reported * mean, 0.5)
        order = np.argsort(self._diseases, kind="stable")
        owner = np.repeat(np.arange(self._size, dtype=np.int32), np.diff(self._offsets))
        self._term = owner[order]
        given = np.maximum(self._given(self._frequencies[order]), self._rate[self._term])
        self._more = given - self._rate[self._term]
        self._less_doubt = entropy(given) - entropy(self._rate)[self._term]
        count = len(p["pair.offsets"]) - 1
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(self._diseases, minlength=count))]).astype(np.int64)
        self._pair_starts, self._pair_term = p["pair.offsets"], np.asarray(p["pair.term"])
        self._pair_given = self._given(np.asarray(p["pair.frequency"]))
        self._named_far = np.maximum(np.bincount(self._pair_term, self._pair_given, self._size) / count, 1e-6)

    def _given(self, frequency: np.ndarray) -> np.ndarray:
        return np.minimum(self.settings.reported * frequency.astype(np.float64), 0.95)

    def expect(self, probabilities: np.ndarray) -> Expectation:
        """What a yes or no to each question would bring: the mutual information of answer and disease.

        `probabilities` float (g,); what is missing to 1 is a disease not known. The `shortlist` likeliest diseases
        count one by one; the others together answer like the mean disease.
        """
        chosen, p, far = self._shortlist(probabilities)
        pairs, weight = _pairs(self._starts, chosen, p)
        term, near = self._term[pairs], 1.0 - far
        yes = self._yes(pairs, term, weight, far)
        doubt: np.ndarray = np.bincount(term, weight * self._less_doubt[pairs], self._size)
        doubt = doubt + near * entropy(self._rate) + far * entropy(self._far)
        return Expectation(np.clip(yes, 0.0, 1.0), np.maximum(entropy(yes) - doubt, 0.0))

    def _yes(self, pairs: np.ndarray, term: np.ndarray, weight: np.ndarray, far: float) -> np.ndarray:
        """P(yes) of each term from the pairs of the shortlist, their terms and weights, and what is left for others."""
        near = np.bincount(term, weight * self._more[pairs], self._size) + (1.0 - far) * self._rate
        yes: np.ndarray = near + far * self._far
        return yes

    def expect_named(self, probabilities: np.ndarray) -> Expectation:
        """The same for a patient who, after a yes, says which finding at or below the term it is.

        The gain is P(yes) times the mean, over the annotated findings s that may be named, of the information of s:
        KL(p_s || p) by Bayes' rule. A no counts nothing.
        """
        chosen, p, far = self._shortlist(probabilities)
        pairs, weight = _pairs(self._pair_starts, chosen, p)
        term, given = self._pair_term[pairs], self._pair_given[pairs]
        rate = np.bincount(term, weight * given, self._size) + far * self._named_far
        told: np.ndarray = np.bincount(term, weight * given * np.log(given), self._size)
        told = told + far * self._named_far * np.log(self._named_far) - rate * np.log(rate)
        named = np.flatnonzero(np.bincount(term, minlength=self._size))
        lengths = np.diff(self._ancestors.offsets)[named]
        first = self._ancestors.offsets[named] - (np.cumsum(lengths) - lengths)
        above = self._ancestors.items[np.repeat(first, lengths) + np.arange(int(lengths.sum()))]
        told_above = np.bincount(above, np.repeat(np.maximum(told[named], 0.0), lengths), self._size)
        rate_above = np.bincount(above, np.repeat(rate[named], lengths), self._size)
        pairs, weight = _pairs(self._starts, chosen, p)
        yes = np.clip(self._yes(pairs, self._term[pairs], weight, far), 0.0, 1.0)
        return Expectation(yes, yes * told_above / np.maximum(rate_above, TINY))

    def _shortlist(self, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """The likeliest diseases, their probabilities, and what is left for all others."""
        count = min(self.settings.shortlist, len(probabilities))
        chosen = np.argpartition(-probabilities, count - 1)[:count]
        p = probabilities[chosen]
        return chosen, p, max(0.0, 1.0 - float(p.sum()))

    def without(self, probabilities: np.ndarray, terms: Iterable[int]) -> np.ndarray:
        """Probabilities (g,) after questions about `terms` brought no yes; their sum stays the same."""
        after, total = probabilities.copy(), float(probabilities.sum())
        for term in terms:
            part = slice(int(self._offsets[term]), int(self._offsets[term + 1]))
            after[self._diseases[part]] *= 1.0 - self._given(self._frequencies[part])
        left = float(after.sum())
        return after * (total / left) if left > 0 else probabilities


def _pairs(starts: np.ndarray, diseases: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of all pairs of the diseases in a CSR layout, and the probability of the disease of each."""
    lengths = starts[diseases + 1] - starts[diseases]
    first = starts[diseases] - (np.cumsum(lengths) - lengths)
    return np.repeat(first, lengths) + np.arange(int(lengths.sum())), np.repeat(p, lengths)


def entropy(p: np.ndarray) -> np.ndarray:
    """Entropy of yes/no with P(yes) = p, in nats."""
    p = np.clip(p, TINY, 1.0 - TINY)
    doubt: np.ndarray = -(p * np.log(p) + (1.0 - p) * np.log1p(-p))
    return doubt
