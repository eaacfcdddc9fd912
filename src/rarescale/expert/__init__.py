"""Ranks diseases from findings by knowledge alone, and says why."""

from rarescale.expert.contract import Expert, Query, Ranking, Told, best, probabilities_of, reasons_of
from rarescale.expert.leaders import leaders
from rarescale.expert.leave_out import without_rows
from rarescale.expert.one_more import OneMore
from rarescale.expert.panel import Panel, Panels, Tally
from rarescale.expert.probabilistic import ProbabilisticExpert, ProbabilisticRanking
from rarescale.expert.qmr import QmrExpert, QmrRanking
from rarescale.expert.ragged import slices
from rarescale.expert.red_flags import RedFlags
from rarescale.expert.settings import Settings

__all__ = [
    "Expert",
    "OneMore",
    "Panel",
    "Panels",
    "ProbabilisticExpert",
    "ProbabilisticRanking",
    "QmrExpert",
    "QmrRanking",
    "Query",
    "Ranking",
    "RedFlags",
    "Settings",
    "Tally",
    "Told",
    "best",
    "leaders",
    "probabilities_of",
    "reasons_of",
    "slices",
    "without_rows",
]
