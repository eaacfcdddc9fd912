"""What a question is expected to tell, over both answers, by the expert's own update.

gain(t) = sum over answers a of P(a) KL(p_a || p), with p the distribution of interest now and p_a after the answer, in
nats. Where the expert updates by Bayes' rule this is the mutual information of answer and disease (Lindley 1956,
On a measure of the information provided by an experiment); where it is more timid the gain is smaller.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rarescale.expert import OneMore, ProbabilisticExpert, ProbabilisticRanking, QmrExpert, Query, Ranking

_TINY = 1e-12


@dataclass(frozen=True)
class Forecast:
    """One question: P(yes), and the probabilities (g,) of all diseases by the expert after each answer."""

    term: int
    yes: float
    after_yes: np.ndarray
    after_no: np.ndarray


class Forecaster:
    """What the expert would say after each answer of one patient; diseases left out of `ranking` stay out."""

    def __init__(self, expert: ProbabilisticExpert | QmrExpert, query: Query, ranking: Ranking) -> None:
        """`ranking` is what `expert` says of `query`."""
        self._expert, self._query, self._ranking = expert, query, ranking
        kept = np.isfinite(ranking.scores)
        self._among = None if kept.all() else kept

    def forecast(self, term: int, yes: float) -> Forecast:
        """`yes` is how likely a yes is."""
        return Forecast(term, yes, self._after_yes(term), self._after_no(term))

    @cached_property
    def _one_more(self) -> OneMore | None:
        expert, ranking = self._expert, self._ranking
        if isinstance(expert, ProbabilisticExpert) and isinstance(ranking, ProbabilisticRanking):
            return OneMore(expert, ranking)
        return None

    def _after_yes(self, term: int) -> np.ndarray:
        if self._one_more is not None:
            return self._one_more.present(term)
        return self._expert.rank(self._query.and_present(term), self._among).probabilities

    def _after_no(self, term: int) -> np.ndarray:
        if isinstance(self._expert, ProbabilisticExpert):
            # An absence only lowers some scores, so the softmax need not be computed anew from the findings.
            where, change = self._expert.absence(term)
            after = self._ranking.probabilities.copy()
            after[where] *= np.exp(change * self._expert.settings.sharpness)
            total = float(after.sum())
            return after * ((1.0 - self._ranking.none_of_these) / total) if total > 0 else after
        return self._expert.rank(self._query.and_absent(term), self._among).probabilities


def expected_gain(before: np.ndarray, yes: float, after_yes: np.ndarray, after_no: np.ndarray) -> float:
    """`gain` of the module text for distributions (m,)."""
    return yes * divergence(after_yes, before) + (1.0 - yes) * divergence(after_no, before)


def divergence(after: np.ndarray, before: np.ndarray) -> float:
    """KL(after || before) in nats, never below 0. What rounding leaves below 0 is 0."""
    after, before = np.maximum(after, 0.0), np.maximum(before, 0.0)
    return max(0.0, float(after @ np.log((after + _TINY) / (before + _TINY))))
