"""Do stated probabilities come true? Reliability bins, expected calibration error and Brier score."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bin:
    """Statements with a probability in [`low`, `high`), the last bin closed; `stated` and `true` are None when empty.

    `stated` is their mean probability, `true` the share that came true.
    """

    low: float
    high: float
    n: int
    stated: float | None
    true: float | None


def reliability(stated: Sequence[float], came_true: Sequence[bool], bins: int = 10) -> list[Bin]:
    """`bins` bins of equal width over 0..1. Raises ValueError for lengths that differ or a number outside 0..1."""
    _check(stated, came_true)
    if bins < 1:
        raise ValueError(f"bins is {bins}; expected at least 1")
    members: list[list[int]] = [[] for _ in range(bins)]
    for k, p in enumerate(stated):
        members[min(int(p * bins), bins - 1)].append(k)
    return [
        Bin(
            b / bins,
            (b + 1) / bins,
            len(own),
            math.fsum(stated[k] for k in own) / len(own) if own else None,
            sum(bool(came_true[k]) for k in own) / len(own) if own else None,
        )
        for b, own in enumerate(members)
    ]


def expected_calibration_error(stated: Sequence[float], came_true: Sequence[bool], bins: int = 10) -> float | None:
    """Mean over statements of |stated - true| of their bin, 0..1 (Naeini et al. 2015); None without statements."""
    if not stated and not came_true:
        return None
    parts = [
        (b.n, abs(b.stated - b.true))
        for b in reliability(stated, came_true, bins)
        if b.stated is not None and b.true is not None
    ]
    return math.fsum(n * gap for n, gap in parts) / len(stated)


def brier(stated: Sequence[float], came_true: Sequence[bool]) -> float | None:
    """Mean squared distance of stated probability and what happened (0 or 1); None without statements."""
    _check(stated, came_true)
    if not stated:
        return None
    return math.fsum((p - bool(t)) ** 2 for p, t in zip(stated, came_true, strict=True)) / len(stated)


def _check(stated: Sequence[float], came_true: Sequence[bool]) -> None:
    if len(stated) != len(came_true):
        raise ValueError(f"{len(stated)} probabilities for {len(came_true)} outcomes; expected as many")
    wrong = [p for p in stated if not 0.0 <= p <= 1.0]
    if wrong:
        raise ValueError(f"{wrong[0]} is no probability; expected 0..1")
