"""Ranks diseases from findings by knowledge alone, and says why."""

from rarescale.expert.contract import Expert, Query, Ranking, best
from rarescale.expert.probabilistic import ProbabilisticExpert, ProbabilisticRanking
from rarescale.expert.red_flags import RedFlags
from rarescale.expert.settings import Settings

__all__ = ["Expert", "ProbabilisticExpert", "ProbabilisticRanking", "Query", "Ranking", "RedFlags", "Settings", "best"]
