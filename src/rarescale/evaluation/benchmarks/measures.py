"""The measures of MEDDxAgent's benchmark (arXiv 2502.19175; its repository, `ddxdriver/benchmarks/metrics.py`).

GTPA@k is the share of cases with the true disease among the first k entries, DDR, DDP and DDF1 compare a list with the
benchmark's own differential as sets. They compare spellings; we compare diseases by id.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from statistics import fmean

TOPS = (1, 3, 5, 10)
SHORTEST = 10
LONGEST = 20
"""A missing truth counts as the place after the list, of which at least `SHORTEST` and at most `LONGEST` - 1 count."""


def gtpa(ranks: Sequence[int | None], k: int) -> float | None:
    """Share of ranks that are at most k; a missing one is a miss. None without cases."""
    return fmean(r is not None and r <= k for r in ranks) if ranks else None


def average_rank(ranks: Sequence[int | None], lengths: Sequence[int]) -> float | None:
    """Mean rank; a missing truth counts as max(length, 10) + 1, nothing as more than 20. None without cases."""
    counted = [
        min(max(length, SHORTEST) + 1 if rank is None else rank, LONGEST)
        for rank, length in zip(ranks, lengths, strict=True)
    ]
    return fmean(counted) if counted else None


def ddr(listed: Set[str], gold: Set[str]) -> float:
    """Recall of the differential: share of `gold` that is listed; 0 for an empty `gold`."""
    return len(listed & gold) / len(gold) if gold else 0.0


def ddp(listed: Set[str], gold: Set[str]) -> float:
    """Precision of the differential: share of `listed` that is gold; 0 for an empty list."""
    return len(listed & gold) / len(listed) if listed else 0.0


def ddf1(listed: Set[str], gold: Set[str]) -> float:
    """Harmonic mean of `ddr` and `ddp`; 0 where both are."""
    recall, precision = ddr(listed, gold), ddp(listed, gold)
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0
