"""What a candidate model is told of a patient, and what it answers: one contract for all models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from rarescale.record import Clue, Sex


@dataclass(frozen=True)
class Talk:
    """One patient as candidate models see them.

    `messages` are the patient's own messages (a note is one; a structured case has none). `present` and `absent` map
    indices of current terms to how surely they were said, 0..1 (1 = given as a term). `age` in years. `turns` are all
    messages of a conversation, who speaks and what; a note or a case has none.
    """

    messages: tuple[str, ...] = ()
    present: Mapping[int, float] = field(default_factory=dict)
    absent: Mapping[int, float] = field(default_factory=dict)
    sex: Sex | None = None
    age: float | None = None
    turns: tuple[tuple[str, str], ...] = ()


class Proposal(Protocol):
    """The answer of one model for one patient, over all g diseases of the knowledge.

    `scores` float64 (g,): log probabilities in nats among the diseases the model knows, -inf for the others.
    """

    @property
    def scores(self) -> np.ndarray:
        """See above."""
        ...

    def clues(self, disease: int, count: int = 8) -> Sequence[Clue]:
        """The words and findings that drove the score of `disease`, strongest first; may be empty."""
        ...


class CandidateModel(Protocol):
    """Proposes diseases from a conversation. `name` and `version` say what answered."""

    name: str
    version: str

    def propose(self, talk: Talk) -> Proposal:
        """Scores of all diseases. Never fails: a patient of whom nothing is known gets the model's prior."""
        ...


def ordered(proposal: Proposal, count: int) -> list[int]:
    """The `count` best diseases, best first; equal scores by disease index; none that the model does not know."""
    scores = proposal.scores
    known = np.flatnonzero(np.isfinite(scores))
    order: list[int] = known[np.lexsort((known, -scores[known]))][:count].tolist()
    return order
