"""The quick measures are those of the scorer, whose definition is tested elsewhere."""

from __future__ import annotations

import random

import numpy as np
import pytest

from rarescale.evaluation.intervals import REPLICATES, draws
from rarescale.evaluation.runs.resampling import _times_drawn, both_ways, measured, share_interval
from rarescale.evaluation.score import SEED, summary


@pytest.mark.parametrize("clusters", [1, 2, 7, 300])
def test_diseases_are_drawn_as_the_scorer_draws_them(clusters: int) -> None:
    for row, drawn in enumerate(draws(clusters, random.Random(SEED), REPLICATES)):
        assert np.array_equal(_times_drawn(clusters)[row], np.bincount(drawn, minlength=clusters))


@pytest.mark.parametrize("seed", range(20))
def test_measures_are_those_of_the_scorer(seed: int) -> None:
    rng = random.Random(seed)
    ranks = [rng.choice([None, 1, 1, 2, 3, 4, 7, 10, 11, 40]) for _ in range(rng.randint(1, 200))]
    diseases = [rng.randint(0, rng.choice([1, 5, 80])) for _ in ranks]
    clusters: dict[int, list[int | None]] = {}
    for rank, disease in zip(ranks, diseases, strict=True):
        clusters.setdefault(disease, []).append(rank)
    found = both_ways(ranks, diseases)
    assert found["plain"] == summary(list(clusters.values()))
    assert found["capped"] == summary([c[:5] for c in clusters.values()])


def test_without_cases_measures_are_undefined_not_zero() -> None:
    assert measured([]) == {**measured([]), "n": 0, "top1": None, "mrr": None}
    assert share_interval([], []) is None


def test_the_interval_of_a_share_holds_it_and_shrinks_to_it_with_one_disease() -> None:
    low, high = share_interval([True, False] * 20, [k // 2 for k in range(40)]) or (0, 0)
    assert low == high == 0.5, "every disease has the same share"
    low, high = share_interval([k % 4 == 0 for k in range(80)], range(80)) or (0, 0)
    assert low < 0.25 < high
