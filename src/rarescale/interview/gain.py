"""What a question is expected to tell: before it is asked, over both answers, by the expert's own update.

gain(t) = sum over answers a of P(a) KL(p_a || p), with p the distribution of interest now and p_a after the answer, in
nats. Where the expert updates by Bayes' rule this is the mutual information of answer and disease (Lindley 1956,
On a measure of the information provided by an experiment); where it is more timid the gain is smaller.
P(yes) = sum over diseases of p_d f_td, f the annotated frequency, a background rate where there is none, and that
rate alone for the probability that the disease is not in the knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rarescale.expert import Panels, ProbabilisticExpert, QmrExpert, Query, Ranking
from rarescale.interview.settings import InterviewSettings

TINY = 1e-12


@dataclass(frozen=True)
class Outlook:
    """What is expected of one question: P(yes), and the probabilities (g,) of all diseases after each answer."""

    term: int
    yes: float
    after_yes: np.ndarray
    after_no: np.ndarray


class Forecast:
    """Looks ahead with one expert."""

    def __init__(self, expert: ProbabilisticExpert | QmrExpert, settings: InterviewSettings) -> None:
        """Sorts the expert's profiles once."""
        self.expert, self.settings = expert, settings
        self._panels = Panels(expert)
        p = expert.profiles
        self._offsets, self._diseases, self._frequencies = (
            p["spread.offsets"],
            p["spread.disease"],
            p["spread.frequency"],
        )
        self._mean = np.exp(-p["surprise"].astype(np.float64))

    def frequencies(self, terms: np.ndarray, diseases: np.ndarray) -> np.ndarray:
        """How often each disease has each term, float32 (n, k), 0 = not annotated."""
        return self._panels.frequencies(terms, diseases)

    def background(self, terms: np.ndarray) -> np.ndarray:
        """P(yes) where nothing is annotated, float (n,)."""
        rate: np.ndarray = np.minimum(self.settings.background * self._mean[terms], 0.5)
        return rate

    def yes(self, term: int, ranking: Ranking) -> float:
        """P(yes) over all diseases and none of these."""
        part = slice(int(self._offsets[term]), int(self._offsets[term + 1]))
        rate = float(self.background(np.array([term]))[0])
        p = ranking.probabilities[self._diseases[part]]
        annotated = p @ np.maximum(self.settings.reported * self._frequencies[part], rate)
        return float(min(annotated + (1.0 - float(p.sum())) * rate, 1.0))

    def rough(self, terms: np.ndarray, shortlist: np.ndarray, ranking: Ranking) -> np.ndarray:
        """Mutual information of answer and disease over the shortlist, the rest as one disease; float (n,), nats."""
        rate = self.background(terms)[:, None]
        p = ranking.probabilities[shortlist]
        rest = max(1.0 - float(p.sum()), TINY)
        p = np.concatenate([p, [rest]])
        given = np.concatenate([np.maximum(self.settings.reported * self.frequencies(terms, shortlist), rate), rate], axis=1)
        return _entropy(given @ p) - _entropy(given) @ p

    def outlook(self, term: int, query: Query, ranking: Ranking) -> Outlook:
        """Both answers, through the expert."""
        yes = Query((*query.present, term), query.absent, query.sex, query.age)
        kept = np.isfinite(ranking.scores)
        among = None if kept.all() else kept
        after_yes = self.expert.rank(yes, among).probabilities
        return Outlook(term, self.yes(term, ranking), after_yes, self._after_no(term, query, ranking, among))

    def _after_no(self, term: int, query: Query, ranking: Ranking, among: np.ndarray | None) -> np.ndarray:
        if isinstance(self.expert, ProbabilisticExpert):
            # An absence only lowers some scores, so the softmax need not be computed anew from the findings.
            where, change = self.expert.absence(term)
            after = ranking.probabilities.copy()
            after[where] *= np.exp(change * self.expert.settings.sharpness)
            total = after.sum()
            return after * ((1.0 - ranking.none_of_these) / total) if total else after
        no = Query(query.present, (*query.absent, term), query.sex, query.age)
        return self.expert.rank(no, among).probabilities


def expected_gain(before: np.ndarray, yes: float, after_yes: np.ndarray, after_no: np.ndarray) -> float:
    """`gain` of the module text for distributions (m,)."""
    return yes * divergence(after_yes, before) + (1.0 - yes) * divergence(after_no, before)


def divergence(after: np.ndarray, before: np.ndarray) -> float:
    """KL(after || before) in nats, never below 0."""
    ratio = np.log((after + TINY) / (before + TINY))
    return max(0.0, float(after @ ratio))


def _entropy(p: np.ndarray) -> np.ndarray:
    """Entropy of yes/no with P(yes) = p, in nats."""
    p = np.clip(p, TINY, 1.0 - TINY)
    entropy: np.ndarray = -(p * np.log(p) + (1.0 - p) * np.log1p(-p))
    return entropy
