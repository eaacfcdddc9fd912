"""The few best diseases of a query, without scoring all the others to the end.

Exactly `best(expert.rank(query), count)` and the very same scores, about three times as fast: most of the cost of the
default expert is the coverage, and a disease can be covered no better than wholly. So likelihood, cosine and prior are
made for all diseases, the coverage for a few that are known to come near, and then for those alone that full coverage
could bring among the best `count` of them.
"""

from __future__ import annotations

import numpy as np

from rarescale.expert.contract import Expert, Query, best
from rarescale.expert.probabilistic import ProbabilisticExpert

_ROUNDING = 1e-3
"""What bounds may be wrong by, in nats; scores are sums of float32 numbers of the order of 10."""

_NEAR = 64


def leaders(expert: Expert, query: Query, count: int, near: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The `count` best diseases, best first, equal scores by disease index; int64 (<= count,), and their scores.

    `near` int (m,) are diseases that probably come near, each once; any will do, good ones make it faster. Raises
    ValueError without any present finding.
    """
    if isinstance(expert, ProbabilisticExpert):
        return _bounded(expert, query, count, near)
    ranking = expert.rank(query)
    first = np.array(best(ranking, count), np.int64)
    return first, ranking.scores[first]


def _bounded(
    expert: ProbabilisticExpert, query: Query, count: int, near: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    rest, shared = expert.without_coverage(query)
    bound = rest + expert.settings.coverage_weight * expert.model.most_coverage
    if near is None or len(near) < count:
        at = max(0, len(bound) - max(count, _NEAR))
        near = np.argpartition(bound, at)[at:]
    penalties = expert.penalties(query)
    scores = expert.complete(rest, shared, penalties, near)
    least = np.partition(scores, max(0, len(scores) - count))[max(0, len(scores) - count)]
    chosen = np.flatnonzero(bound >= least - _ROUNDING)
    scores = expert.complete(rest, shared, penalties, chosen)
    order = np.lexsort((chosen, -scores))[:count]
    return chosen[order], scores[order]
