from __future__ import annotations

import random
import statistics

import pytest

from rarescale.evaluation import cluster_interval

mean = statistics.fmean


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    clusters = [[random.Random(k).random()] * (k % 3 + 1) for k in range(30)]
    one, same, other = (cluster_interval(clusters, mean, random.Random(s)) for s in (0, 0, 1))
    assert one == same
    assert one != other


def test_an_interval_is_the_literal_percentile_of_literal_resamples() -> None:
    clusters = [[1.0, 0.0], [1.0], [0.0, 0.0, 0.0], [1.0, 1.0]]
    rng, values = random.Random(7), []
    for _ in range(200):
        values.append(mean([x for c in rng.choices(clusters, k=4) for x in c]))
    values.sort()
    found = cluster_interval(clusters, mean, random.Random(7), replicates=200)
    assert found is not None
    assert (found.low, found.high) == (values[5], values[195])
    assert (found.clusters, found.replicates, found.level) == (4, 200, 0.95)


def test_cases_of_one_disease_are_drawn_together() -> None:
    together = [[1.0] * 20, [0.0] * 20]
    apart = [[x] for c in together for x in c]
    wide = cluster_interval(together, mean, random.Random(0))
    narrow = cluster_interval(apart, mean, random.Random(0))
    assert wide is not None
    assert narrow is not None
    assert (wide.low, wide.high) == (0.0, 1.0)
    assert 0.3 < narrow.low < 0.5 < narrow.high < 0.7


def test_a_constant_has_an_interval_of_no_width() -> None:
    found = cluster_interval([[2.0], [2.0, 2.0]], mean, random.Random(0))
    assert found is not None
    assert found.low == found.high == 2.0


def test_a_lower_level_is_never_wider() -> None:
    clusters = [[float(k % 7)] for k in range(25)]
    wide = cluster_interval(clusters, mean, random.Random(3), level=0.99)
    slim = cluster_interval(clusters, mean, random.Random(3), level=0.5)
    assert wide is not None
    assert slim is not None
    assert wide.low <= slim.low <= slim.high <= wide.high


@pytest.mark.parametrize("clusters", [[], [[]]])
def test_nothing_has_no_interval(clusters: list[list[float]]) -> None:
    assert cluster_interval(clusters, mean, random.Random(0)) is None


def test_a_statistic_that_some_resample_leaves_undefined_has_no_interval() -> None:
    clusters = [["rare"], ["common"]]
    share = cluster_interval(clusters, lambda c: c.count("rare") / len(c) if "common" in c else None, random.Random(0))
    assert share is None


@pytest.mark.parametrize("bad", [{"level": 0.0}, {"level": 1.0}, {"replicates": 0}])
def test_senseless_settings_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        cluster_interval([[1.0]], mean, random.Random(0), **bad)  # type: ignore[arg-type]


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """40 diseases of 1 to 3 cases each, 150 studies: 95 % minus the bootstrap's known optimism; below 128 by chance
    has odds of 1 in 500 if the coverage is 0.92."""
    rng, covered = random.Random(11), 0
    for _ in range(150):
        clusters = [[float(rng.random() < 0.4)] * rng.randint(1, 3) for _ in range(40)]
        found = cluster_interval(clusters, mean, rng, replicates=100)
        covered += found is not None and found.low <= 0.4 <= found.high
    assert covered >= 128
