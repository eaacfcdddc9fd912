"""Measures of a list of outcomes. Undefined is None, prints as "n/a", and is never 0.

Every denominator is the number of cases given: not found and not scored count as misses (see `outcomes`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from rarescale.evaluation.outcomes import Outcome, Tally, rank_of, tally

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MRR_CUT = 10
"""A rank beyond this has reciprocal rank 0, as in the field's benchmarks, where lists end at 10."""


def top_k(outcomes: Sequence[Outcome], k: int) -> float | None:
    """Share of cases, 0..1, with the truth within the first `k` (recall@k); None without cases."""
    _check_cut(k)
    return _mean([float((r := rank_of(o)) is not None and r <= k) for o in outcomes])


def reciprocal_rank(outcome: Outcome, cut: int = MRR_CUT) -> float:
    """1 / rank, 0 for a miss or a rank beyond `cut`."""
    rank = rank_of(outcome)
    return 1 / rank if rank is not None and rank <= cut else 0.0


def mrr(outcomes: Sequence[Outcome], cut: int = MRR_CUT) -> float | None:
    """Mean reciprocal rank, 0..1; None without cases."""
    _check_cut(cut)
    return _mean([reciprocal_rank(o, cut) for o in outcomes])


def rank_counts(outcomes: Sequence[Outcome], up_to: int = 10) -> tuple[list[int], int, Tally]:
    """Cases with the truth at rank 1, 2, ... `up_to`; cases found beyond; and the tally of all."""
    _check_cut(up_to)
    counts, beyond = [0] * up_to, 0
    for outcome in outcomes:
        rank = rank_of(outcome)
        if rank is not None and rank <= up_to:
            counts[rank - 1] += 1
        elif rank is not None:
            beyond += 1
    return counts, beyond, tally(outcomes)


def median_rank(outcomes: Sequence[Outcome]) -> float | None:
    """Median rank of all cases, a miss being worse than any rank; None without cases or where it falls on a miss."""
    ranks = sorted(math.inf if (r := rank_of(o)) is None else float(r) for o in outcomes)
    if not ranks:
        return None
    middle = (ranks[(len(ranks) - 1) // 2] + ranks[len(ranks) // 2]) / 2
    return middle if math.isfinite(middle) else None


def ndcg(outcomes: Sequence[Outcome], k: int) -> float | None:
    """Normalised discounted cumulative gain at `k` with one relevant disease: the mean of 1 / log2(1 + rank)."""
    _check_cut(k)
    return _mean([graded_ndcg(_single(rank_of(o), k), [1.0], k) or 0.0 for o in outcomes])


def _single(rank: int | None, k: int) -> list[float]:
    return [] if rank is None or rank > k else [0.0] * (rank - 1) + [1.0]


def graded_ndcg(gains: Sequence[float], ideal: Sequence[float], k: int) -> float | None:
    """DCG of the first `k` of `gains`, by rank, over that of the best possible list, both 0 or more.

    Gains are used as they are, not as 2^gain - 1 (Jarvelin and Kekalainen 2002, log base 2, no free first rank).
    `ideal` need not be sorted. None where the best possible list gains nothing. Raises ValueError for a negative gain.
    """
    _check_cut(k)
    if any(g < 0 for g in (*gains, *ideal)):
        raise ValueError("a gain is negative; expected 0 or more")
    best = _dcg(sorted(ideal, reverse=True)[:k])
    return _dcg(gains[:k]) / best if best > 0 else None


def _dcg(gains: Sequence[float]) -> float:
    return math.fsum(g / math.log2(1 + rank) for rank, g in enumerate(gains, 1))


def by(items: Iterable[T], key: Callable[[T], K], metric: Callable[[list[T]], V]) -> dict[K, V]:
    """`metric` of the items of each group, groups in the order in which they first appear.

    The group may be anything an item tells of: disease category, prevalence band, cited or not, dataset.
    """
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return {group: metric(members) for group, members in groups.items()}


def shown(value: float | None, digits: int = 3) -> str:
    """A measure as text; "n/a" where it is undefined."""
    return "n/a" if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _check_cut(k: int) -> None:
    if k < 1:
        raise ValueError(f"the cut is {k}; expected a rank of at least 1")
