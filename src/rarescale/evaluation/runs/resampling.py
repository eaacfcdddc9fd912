"""Measures of many groups with intervals, at once: the numbers of `score.summary`, as a few matrix products.

Diseases are drawn as there, with the same seed and the same generator, so both agree; a test says so.
"""

from __future__ import annotations

import random
from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from rarescale.evaluation.intervals import REPLICATES, ends
from rarescale.evaluation.metrics import MRR_CUT, by
from rarescale.evaluation.paired import TOPS
from rarescale.evaluation.score import CASES_PER_DISEASE, SEED

MEASURES = (*(f"top{k}" for k in TOPS), "mrr")


@lru_cache(maxsize=16)
def _times_drawn(clusters: int) -> np.ndarray:
    """How often each replicate draws each cluster, float64 (replicates, clusters), as `intervals.draws` does it.

    NumPy's old generator is the same Mersenne twister as Python's, so with Python's state it gives Python's numbers.
    """
    state = random.Random(SEED).getstate()[1]
    twister = np.random.RandomState()
    twister.set_state(("MT19937", np.array(state[:-1], np.uint32), state[-1], 0, 0.0))
    drawn = (twister.random_sample((REPLICATES, clusters)) * clusters).astype(np.int64)
    cell = drawn + np.arange(REPLICATES)[:, None] * clusters
    counts = np.bincount(cell.ravel(), minlength=REPLICATES * clusters)
    return counts.reshape(REPLICATES, clusters).astype(float)


def clustered(ranks: Iterable[int | None], diseases: Iterable[Hashable]) -> list[list[int | None]]:
    """Ranks by disease, diseases in the order in which they first appear."""
    pairs = zip(ranks, diseases, strict=True)
    return list(by(pairs, lambda pair: pair[1], lambda members: [rank for rank, _ in members]).values())


def measured(clusters: Sequence[Sequence[int | None]]) -> dict[str, Any]:
    """n, diseases, top-k, MRR and their 95 % intervals; None in place of numbers where there are no cases."""
    sizes = np.array([len(c) for c in clusters], float)
    if not sizes.sum():
        nothing = dict.fromkeys(MEASURES)
        return {"n": 0, "diseases": 0, **nothing, "ci95": dict(nothing)}
    sums = np.array([_sums(c) for c in clusters])
    drawn = _times_drawn(len(clusters))
    replicates = (drawn @ sums) / (drawn @ sizes)[:, None]
    totals = sums.sum(axis=0) / sizes.sum()
    return {
        "n": int(sizes.sum()),
        "diseases": len(clusters),
        **{name: round(float(totals[k]), 4) for k, name in enumerate(MEASURES)},
        "ci95": {name: [round(x, 3) for x in ends(replicates[:, k].tolist())] for k, name in enumerate(MEASURES)},
    }


def both_ways(ranks: Sequence[int | None], diseases: Sequence[Hashable]) -> dict[str, Any]:
    """`plain`, and `capped` at the first five cases of each disease."""
    clusters = clustered(ranks, diseases)
    return {"plain": measured(clusters), "capped": measured([c[:CASES_PER_DISEASE] for c in clusters])}


def share_interval(flags: Sequence[bool], diseases: Sequence[Hashable]) -> list[float] | None:
    """95 % interval of the share of true flags; None without any flag."""
    clusters = by(zip(flags, diseases, strict=True), lambda pair: pair[1], lambda pairs: [flag for flag, _ in pairs])
    if not clusters:
        return None
    sizes = np.array([len(c) for c in clusters.values()], float)
    drawn = _times_drawn(len(clusters))
    shares = (drawn @ np.array([float(sum(c)) for c in clusters.values()])) / (drawn @ sizes)
    return [round(x, 3) for x in ends(shares.tolist())]


def _sums(ranks: Sequence[int | None]) -> list[float]:
    found = [r for r in ranks if r is not None]
    return [float(sum(r <= k for r in found)) for k in TOPS] + [sum(1 / r for r in found if r <= MRR_CUT)]
