"""Two systems on the same cases: the tests of `significance` on the measures that reports show."""

from __future__ import annotations

import random
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rarescale.evaluation.intervals import Interval, cluster_interval
from rarescale.evaluation.metrics import by, reciprocal_rank
from rarescale.evaluation.outcomes import Outcome, rank_of
from rarescale.evaluation.significance import PairedTest, holm, mcnemar, sign, wilcoxon

TOPS = (1, 3, 5, 10)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure: `difference` is first minus second, `p_holm` adjusted over all measures compared."""

    measure: str
    difference: float
    interval: Interval | None
    test: PairedTest
    p_holm: float | None


def compare(
    first: Sequence[Outcome], second: Sequence[Outcome], diseases: Sequence[Hashable], rng: random.Random
) -> list[Comparison]:
    """Top-1/3/5/10 by McNemar, reciprocal ranks by Wilcoxon and by signs; `diseases` cluster the intervals.

    Raises ValueError without cases, or where the three are not equally long.
    """
    if not first or not len(first) == len(second) == len(diseases):
        raise ValueError(
            f"{len(first)} and {len(second)} outcomes, {len(diseases)} diseases; expected as many of each, at least one"
        )
    rows: list[tuple[str, list[float], PairedTest]] = []
    for k in TOPS:
        a, b = _hits(first, k), _hits(second, k)
        rows.append((f"top{k}", [float(x) - float(y) for x, y in zip(a, b, strict=True)], mcnemar(a, b)))
    x, y = [reciprocal_rank(o) for o in first], [reciprocal_rank(o) for o in second]
    gains = [p - q for p, q in zip(x, y, strict=True)]
    rows += [("mrr", gains, wilcoxon(x, y)), ("mrr", gains, sign(x, y))]
    adjusted = holm([test.p for _, _, test in rows])
    return [
        Comparison(name, _mean(gained), cluster_interval(_clusters(gained, diseases), _mean, rng), test, p)
        for (name, gained, test), p in zip(rows, adjusted, strict=True)
    ]


def _hits(outcomes: Sequence[Outcome], k: int) -> list[bool]:
    return [(r := rank_of(o)) is not None and r <= k for o in outcomes]


def _clusters(values: Sequence[float], diseases: Sequence[Hashable]) -> list[list[float]]:
    groups = by(zip(values, diseases, strict=True), lambda pair: pair[1], lambda pairs: [v for v, _ in pairs])
    return list(groups.values())


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
