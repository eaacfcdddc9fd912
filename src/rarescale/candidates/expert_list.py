"""Baseline: the expert's ranking of the findings that were read, as a candidate model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rarescale.candidates.contract import Talk
from rarescale.expert import Expert, Query, Ranking, reasons_of
from rarescale.record import Clue

SURE = 0.5
"""Only findings at least this sure are used: the expert takes each at its word."""


class ExpertList:
    """The expert behind the contract of candidate models."""

    def __init__(self, expert: Expert, size: int) -> None:
        """`size` diseases in the knowledge."""
        self.name, self.version = f"{expert.name}-list", expert.version
        self._expert, self._size = expert, size

    def propose(self, talk: Talk) -> ExpertProposal:
        """Log probabilities of the expert; all equal where nothing was understood."""
        present = tuple(t for t, sure in talk.present.items() if sure >= SURE)
        if not present:
            return ExpertProposal(np.full(self._size, -np.log(self._size)), None)
        absent = tuple(t for t, sure in talk.absent.items() if sure >= SURE)
        ranking = self._expert.rank(Query(present, absent, talk.sex, talk.age))
        scores = ranking.scores - ranking.scores.max()
        scores = scores - np.log(np.exp(scores).sum())
        return ExpertProposal(scores, ranking)


@dataclass(frozen=True)
class ExpertProposal:
    """See `Proposal`."""

    scores: np.ndarray
    ranking: Ranking | None

    def clues(self, disease: int, count: int = 8) -> list[Clue]:
        """The expert's strongest reasons."""
        reasons = reasons_of(self.ranking.told(disease)) if self.ranking else ()
        found = [Clue(text=r.label, kind="finding", weight=round(r.weight, 3)) for r in reasons]
        return sorted(found, key=lambda c: (-abs(c.weight), c.text))[:count]
