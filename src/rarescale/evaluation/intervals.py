"""Bootstrap intervals with diseases as clusters.

Cases of one disease resemble each other, so diseases are drawn with replacement, each with all its cases
(Field and Welsh 2007; Efron's percentile interval). The random generator is an argument.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

REPLICATES = 400
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A percentile interval at `level`, from `replicates` resamples of `clusters` clusters."""

    low: float
    high: float
    level: float
    clusters: int
    replicates: int


def draws(clusters: int, rng: random.Random, replicates: int = REPLICATES) -> Iterator[list[int]]:
    """Per replicate the indices of `clusters` clusters drawn with replacement."""
    for _ in range(replicates):
        yield rng.choices(range(clusters), k=clusters)


def ends(values: Sequence[float], level: float = LEVEL) -> tuple[float, float]:
    """The two order statistics that bound the middle `level` of the replicates' `values`."""
    ordered, n = sorted(values), len(values)
    tail = (1 - level) / 2
    # Rounded first: 400 * (1 - 0.95) / 2 is 10.000000000000009 in floats, and must not depend on such luck.
    return ordered[int(round(n * tail, 9))], ordered[min(int(round(n * (1 - tail), 9)), n - 1)]


def cluster_interval(
    clusters: Sequence[Sequence[T]],
    statistic: Callable[[list[T]], float | None],
    rng: random.Random,
    *,
    replicates: int = REPLICATES,
    level: float = LEVEL,
) -> Interval | None:
    """Interval of `statistic` of all items; None without items, or where some resample leaves it undefined.

    Raises ValueError for a level outside 0..1 or fewer than one replicate.
    """
    if not 0.0 < level < 1.0 or replicates < 1:
        raise ValueError(
            f"level is {level}, replicates {replicates}; expected a level between 0 and 1, 1 or more replicates"
        )
    if not any(clusters):
        return None
    values: list[float] = []
    for drawn in draws(len(clusters), rng, replicates):
        value = statistic([item for k in drawn for item in clusters[k]])
        if value is None:
            return None
        values.append(value)
    return Interval(*ends(values, level), level, len(clusters), replicates)
