"""What every scorer of the expert takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np

from rarescale.record import Reason, Sex


@dataclass(frozen=True, slots=True)
class Query:
    """The findings of one patient as indices of current terms, each once; `age` in years."""

    present: tuple[int, ...]
    absent: tuple[int, ...] = ()
    sex: Sex | None = None
    age: float | None = None

    def and_present(self, term: int) -> Query:
        """With one more finding."""
        return replace(self, present=(*self.present, term))

    def and_absent(self, term: int) -> Query:
        """With one more finding that is not there."""
        return replace(self, absent=(*self.absent, term))


class Told(NamedTuple):
    """A reason before it is put into words, so that several rankings can be told as one.

    `key` is the finding and "finding", or what else speaks ("sex", "age", "absent"); `reason` gives it the weight it is
    to have, and says whether its finding is uncertain.
    """

    key: tuple[str, str]
    weight: float
    reason: Callable[[float, bool], Reason]


def reasons_of(told: Iterable[Told]) -> tuple[Reason, ...]:
    """All of them, as certain as they are weighed."""
    return tuple(t.reason(t.weight, False) for t in told)


class Scored(Protocol):
    """Anything that has a score for each disease, float64 (g,)."""

    @property
    def scores(self) -> np.ndarray:
        """Higher is likelier; -inf is left out."""
        ...


class Ranking(Scored, Protocol):
    """The result of one scorer for one query, over all g diseases of the knowledge.

    `scores` float64 (g,): log odds in nats up to a constant, higher is likelier. `probabilities` float64
    (g,): they and `none_of_these` add up to 1. A disease left out has score -inf and probability 0.
    """

    @property
    def probabilities(self) -> np.ndarray:
        """See above."""
        ...

    @property
    def none_of_these(self) -> float:
        """The probability that the disease is not in the knowledge."""
        ...

    def told(self, disease: int) -> Sequence[Told]:
        """One reason per finding that speaks for or against, each with a key of its own.

        What their weights leave of the score is the disease's prior: it does not depend on which findings there are.
        """
        ...


class Expert(Protocol):
    """Ranks diseases from findings by knowledge alone."""

    name: str
    version: str

    def rank(self, query: Query, among: np.ndarray | None = None) -> Ranking:
        """Score every disease; `among` bool (g,) keeps some. Raises ValueError without any present finding."""
        ...


def probabilities_of(scores: np.ndarray, sharpness: float, none_of_these: float) -> tuple[np.ndarray, float]:
    """The softmax of the sharpened scores, less the constant share of "none of these"; and that share.

    Where no disease is left in, all is "none of these".
    """
    highest = float(scores.max())
    if not np.isfinite(highest):
        return np.zeros_like(scores), 1.0
    odds = np.exp((scores - highest) * sharpness)
    return odds / odds.sum() * (1.0 - none_of_these), none_of_these


def best(ranking: Scored, count: int) -> Sequence[int]:
    """The `count` best diseases, best first; equal scores by disease index; never one left out."""
    scores = ranking.scores
    count = min(count, int(np.isfinite(scores).sum()))
    if count <= 0:
        return []
    threshold = np.partition(scores, len(scores) - count)[len(scores) - count]
    chosen = np.flatnonzero(scores >= threshold)
    order: list[int] = chosen[np.lexsort((chosen, -scores[chosen]))][:count].tolist()
    return order
