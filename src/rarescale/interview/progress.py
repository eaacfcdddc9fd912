"""MEDDxAgent's Progress: how far the truth climbs between successive lists (arXiv 2502.19175, section on metrics)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def progress(ranks: Sequence[int | None], *, listed: int) -> tuple[int, ...]:
    """Rank of the truth in each list minus that in the next: positive = it climbed.

    A truth that is not among the `listed` first (None, or a rank beyond) counts as rank `listed` + 1.
    """
    capped = [listed + 1 if r is None else min(r, listed + 1) for r in ranks]
    return tuple(a - b for a, b in pairwise(capped))
