"""What the default expert would say if one finding more were present.

Equal to `rank` of the longer query up to the rounding of float32, at about a third of the cost: what all such queries
share is taken from the ranking, and only what the new finding changes is worked out.
"""

from __future__ import annotations

import numpy as np

from rarescale.expert.contract import probabilities_of
from rarescale.expert.evidence import MANY
from rarescale.expert.probabilistic import ProbabilisticExpert, ProbabilisticRanking


class OneMore:
    """Looks from one ranking at its neighbours; diseases that the ranking leaves out stay out."""

    def __init__(self, expert: ProbabilisticExpert, ranking: ProbabilisticRanking) -> None:
        """`ranking` is one of `expert`."""
        self._expert, self._ranking = expert, ranking
        s, model, evidence = expert.settings, expert.model, ranking.evidence
        self._answers = np.stack([model.answer(t) for t in evidence.findings.tolist()])
        self._common = model.common(evidence.closure)
        self._shared = np.zeros(len(model.information), bool)
        self._shared[evidence.closure] = True
        self._rest = ranking.scores - s.likelihood_weight * evidence.likelihood - s.cosine_weight * evidence.cosine

    def present(self, term: int) -> np.ndarray:
        """Probabilities of all diseases after a yes to `term`, float64 (g,)."""
        query, evidence = self._ranking.query, self._ranking.evidence
        if term in query.present:
            return self._ranking.probabilities
        if len(query.present) >= MANY:
            kept = np.isfinite(self._ranking.scores)
            return self._expert.rank(query.and_present(term), None if kept.all() else kept).probabilities
        s, model = self._expert.settings, self._expert.model
        findings = np.append(evidence.findings, np.int32(term))
        closure, member = model.closure(findings)
        weights, mass = model.independence(findings, closure, member)
        new = closure[~self._shared[closure]]
        own = weights.astype(np.float32)
        likelihood = (own[:-1] @ self._answers + own[-1] * model.answer(term)) / mass**s.likelihood_count_power
        cosine = model.cosine_of(self._common + model.common(new), closure, mass)
        scores = self._rest + s.likelihood_weight * likelihood + s.cosine_weight * cosine
        scores += s.coverage_weight * model.more_coverage(evidence.shared, new)
        return probabilities_of(scores, s.sharpness, s.none_of_these)[0]
