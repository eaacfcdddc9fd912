"""Are two systems different on the same cases? Paired two-sided tests, each with an effect size.

p is None where a test is undefined: no case on which the two differ. Effect sizes are those of the first system
against the second: positive, or an odds ratio above 1, means the first is better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

EXACT_UP_TO = 50
"""Wilcoxon's null distribution is enumerated up to this many differences, beyond it is taken as normal."""


@dataclass(frozen=True, slots=True)
class PairedTest:
    """`statistic` and `effect` as the function says, `p` two-sided, `n` the pairs that differ."""

    name: str
    n: int
    statistic: float
    p: float | None
    effect: float | None


def wilcoxon(first: Sequence[float], second: Sequence[float]) -> PairedTest:
    """Wilcoxon's signed-rank test of paired values (Wilcoxon 1945); equal pairs are dropped, tied sizes share ranks.

    The statistic is the smaller rank sum. Exact up to 50 differences, ties included; beyond, the normal
    approximation with the correction for ties and none for continuity. The effect is the matched-pairs
    rank-biserial correlation (W+ - W-) / (W+ + W-), -1..1 (Kerby 2014).
    """
    differences = _differences(first, second)
    differences = differences[differences != 0]
    n = len(differences)
    if n == 0:
        return PairedTest("wilcoxon", 0, 0.0, None, None)
    # 1/2 - 1/3 and 1/6 are one size: without rounding, ties of reciprocal ranks would hang on the last bit.
    sizes = np.abs(differences)
    ranks = _average_ranks(np.round(sizes / sizes.max(), 12))
    up, down = float(ranks[differences > 0].sum()), float(ranks[differences < 0].sum())
    p = _exact_p(ranks, min(up, down)) if n <= EXACT_UP_TO else _normal_p(ranks, min(up, down))
    return PairedTest("wilcoxon", n, min(up, down), p, (up - down) / (up + down))


def _average_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks 1..n of `values`, equal values sharing their mean; float (n,), multiples of 0.5."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: np.ndarray = (last - (counts - 1) / 2)[inverse]
    return ranks


def _exact_p(ranks: np.ndarray, smaller: float) -> float:
    """Share of all 2^n sign patterns whose smaller rank sum is at most `smaller`; ranks doubled to be whole."""
    doubled = [round(2 * r) for r in ranks.tolist()]
    ways = [1] + [0] * sum(doubled)
    for r in doubled:
        for total in range(len(ways) - 1, r - 1, -1):
            ways[total] += ways[total - r]
    return min(1.0, 2 * sum(ways[: round(2 * smaller) + 1]) / (1 << len(doubled)))


def _normal_p(ranks: np.ndarray, smaller: float) -> float:
    """Two-sided p; the variance sum(ranks^2) / 4 carries the correction for ties."""
    deviation = (smaller - float(ranks.sum()) / 2) / math.sqrt(float((ranks**2).sum()) / 4)
    return min(1.0, math.erfc(abs(deviation) / math.sqrt(2)))


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> PairedTest:
    """McNemar's exact test of paired hits and misses (McNemar 1947; binomial, no continuity correction).

    The statistic is the number of cases that only the first hits; the effect is the odds ratio of those to the
    cases that only the second hits, None where there are none of the latter.
    """
    _check_lengths(first, second)
    b = sum(bool(x) and not y for x, y in zip(first, second, strict=True))
    c = sum(bool(y) and not x for x, y in zip(first, second, strict=True))
    return PairedTest("mcnemar", b + c, float(b), _binomial_p(b, c), b / c if c else None)


def sign(first: Sequence[float], second: Sequence[float]) -> PairedTest:
    """Sign test of paired values; equal pairs are dropped.

    The statistic is the number of cases in which the first is larger; the effect is how much larger than the
    opposite their share is, (wins - losses) / (wins + losses), -1..1.
    """
    differences = _differences(first, second)
    wins, losses = int((differences > 0).sum()), int((differences < 0).sum())
    n = wins + losses
    return PairedTest("sign", n, float(wins), _binomial_p(wins, losses), (wins - losses) / n if n else None)


def _binomial_p(one: int, other: int) -> float | None:
    """Two-sided exact p of `one` against `other` under even odds, None where both are 0."""
    n, ways, below = one + other, 1, 0
    if n == 0:
        return None
    for k in range(min(one, other) + 1):
        below += ways
        ways = ways * (n - k) // (k + 1)
    return min(1.0, 2 * below / (1 << n))


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """p values adjusted for all of them together (Holm 1979), in the given order; None stays None, uncounted."""
    known = sorted((p, k) for k, p in enumerate(ps) if p is not None)
    adjusted: list[float | None] = [None] * len(ps)
    running = 0.0
    for position, (p, k) in enumerate(known):
        running = max(running, min(1.0, p * (len(known) - position)))
        adjusted[k] = running
    return adjusted


def _differences(first: Sequence[float], second: Sequence[float]) -> np.ndarray:
    _check_lengths(first, second)
    differences: np.ndarray = np.asarray(first, float) - np.asarray(second, float)
    if np.isnan(differences).any():
        raise ValueError("a value is not a number; every case needs one, a miss being 0")
    return differences


def _check_lengths(first: Sequence[object], second: Sequence[object]) -> None:
    if len(first) != len(second):
        raise ValueError(
            f"{len(first)} cases against {len(second)}; paired tests need the same cases in the same order"
        )
