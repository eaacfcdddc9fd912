"""What a question is expected to tell, over both answers, by the expert's own update.

gain(t) = sum over answers a of P(a) KL(p_a || p), with p the distribution of interest now and p_a after the answer, in
nats. Where the expert updates by Bayes' rule this is the mutual information of answer and disease (Lindley 1956,
On a measure of the information provided by an experiment); where it is more timid the gain is smaller.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rarescale.expert import ProbabilisticExpert, QmrExpert, Query, Ranking

_TINY = 1e-12


@dataclass(frozen=True)
class Forecast:
    """One question: P(yes), and the probabilities (g,) of all diseases by the expert after each answer."""

    term: int
    yes: float
    after_yes: np.ndarray
    after_no: np.ndarray


def forecast(
    expert: ProbabilisticExpert | QmrExpert, term: int, yes: float, query: Query, ranking: Ranking
) -> Forecast:
    """What the expert would say after a yes and after a no; diseases left out of `ranking` stay out."""
    kept = np.isfinite(ranking.scores)
    among = None if kept.all() else kept
    affirmed = Query((*query.present, term), query.absent, query.sex, query.age)
    after_yes = expert.rank(affirmed, among).probabilities
    return Forecast(term, yes, after_yes, _after_no(expert, term, query, ranking, among))


def _after_no(
    expert: ProbabilisticExpert | QmrExpert, term: int, query: Query, ranking: Ranking, among: np.ndarray | None
) -> np.ndarray:
    if isinstance(expert, ProbabilisticExpert):
        # An absence only lowers some scores, so the softmax need not be computed anew from the findings.
        where, change = expert.absence(term)
        after = ranking.probabilities.copy()
        after[where] *= np.exp(change * expert.settings.sharpness)
        total = float(after.sum())
        return after * ((1.0 - ranking.none_of_these) / total) if total > 0 else after
    denied = Query(query.present, (*query.absent, term), query.sex, query.age)
    return expert.rank(denied, among).probabilities


def expected_gain(before: np.ndarray, yes: float, after_yes: np.ndarray, after_no: np.ndarray) -> float:
    """`gain` of the module text for distributions (m,)."""
    return yes * divergence(after_yes, before) + (1.0 - yes) * divergence(after_no, before)


def divergence(after: np.ndarray, before: np.ndarray) -> float:
    """KL(after || before) in nats, never below 0. What rounding leaves below 0 is 0."""
    after, before = np.maximum(after, 0.0), np.maximum(before, 0.0)
    return max(0.0, float(after @ np.log((after + _TINY) / (before + _TINY))))
