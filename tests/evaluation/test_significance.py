from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rarescale.evaluation import holm, mcnemar, sign, wilcoxon

pairs = st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=1, max_size=9)


def all_signs_p(differences: Sequence[float]) -> float:
    """Wilcoxon's p by trying every pattern of signs."""
    sizes = sorted(abs(d) for d in differences)
    ranks = [np.mean([i + 1 for i, s in enumerate(sizes) if s == abs(d)]) for d in differences]
    total = sum(ranks)

    def extreme(signs: Sequence[bool]) -> float:
        up = sum(r for r, s in zip(ranks, signs, strict=True) if s)
        return min(up, total - up)

    seen = extreme([d > 0 for d in differences])
    patterns = list(itertools.product([False, True], repeat=len(ranks)))
    return sum(extreme(p) <= seen + 1e-9 for p in patterns) / len(patterns)


@given(pairs)
@settings(max_examples=60, deadline=None)
def test_wilcoxon_equals_trying_every_pattern_of_signs_ties_included(made: list[tuple[int, int]]) -> None:
    found = wilcoxon([a for a, _ in made], [b for _, b in made])
    differences = [a - b for a, b in made if a != b]
    if differences:
        assert found.p == pytest.approx(all_signs_p(differences))
    else:
        assert (found.n, found.p, found.effect) == (0, None, None)


def test_wilcoxon_worked_by_hand() -> None:
    """Differences 1, 2, 3, 4, -5: rank sums 10 and 5; 10 of the 16 pairs of patterns are as extreme."""
    found = wilcoxon([1, 2, 3, 4, 0], [0, 0, 0, 0, 5])
    assert (found.n, found.statistic, found.effect) == (5, 5.0, pytest.approx(1 / 3))
    assert found.p == pytest.approx(20 / 32)


def test_sizes_equal_but_for_the_last_bit_are_ties() -> None:
    assert 1 / 2 - 1 / 3 != 1 / 6 - 0
    assert wilcoxon([1 / 2, 0], [1 / 3, 1 / 6]).effect == 0.0


@pytest.mark.parametrize("n", [6, 20, 50])
def test_wilcoxon_equals_scipy_where_scipy_is_exact(n: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=n), rng.normal(0.3, size=n)
    expected = stats.wilcoxon(x, y, method="exact")
    found = wilcoxon(x, y)
    assert (found.statistic, found.p) == (pytest.approx(expected.statistic), pytest.approx(expected.pvalue))


@pytest.mark.parametrize("levels", [2, 11, 10**6])
def test_wilcoxon_equals_scipy_in_large_samples_with_ties_and_zeros(levels: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(levels)
    x, y = rng.integers(0, levels, 400), rng.integers(0, levels + 1, 400)
    expected = stats.wilcoxon(x, y, method="approx", correction=False, zero_method="wilcox")
    found = wilcoxon(x, y)
    assert (found.statistic, found.p) == (pytest.approx(expected.statistic), pytest.approx(expected.pvalue))


def test_exact_and_normal_wilcoxon_meet_where_one_takes_over_from_the_other() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.normal(0.2, size=51), rng.normal(size=51)
    normal, exact = wilcoxon(x, y), wilcoxon(x[:50], y[:50])
    drop_one = [wilcoxon(np.delete(x, k), np.delete(y, k)).p for k in range(51)]
    assert exact.p in drop_one
    assert normal.p == pytest.approx(float(np.median([p for p in drop_one if p is not None])), abs=0.03)


def binomial_p(k: int, n: int) -> float:
    """Two-sided p of k of n under even odds, from its definition: outcomes at most as likely."""
    ways = [math.comb(n, i) for i in range(n + 1)]
    return sum(w for w in ways if w <= ways[k]) / 2**n


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_mcnemar_equals_the_binomial_of_the_cases_that_differ(made: list[tuple[bool, bool]]) -> None:
    b, c = sum(x and not y for x, y in made), sum(y and not x for x, y in made)
    found = mcnemar([x for x, _ in made], [y for _, y in made])
    assert found.n == b + c
    assert found.p == (pytest.approx(binomial_p(b, b + c)) if b + c else None)
    assert found.effect == (pytest.approx(b / c) if c else None)


@pytest.mark.parametrize(("b", "c"), [(0, 1), (3, 9), (10, 10), (40, 21), (700, 640)])
def test_mcnemar_and_sign_equal_scipy(b: int, c: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    first, second = [True] * b + [False] * c, [False] * b + [True] * c
    expected = pytest.approx(stats.binomtest(b, b + c).pvalue)
    assert mcnemar(first, second).p == expected
    assert sign([float(x) for x in first], [float(y) for y in second]).p == expected


def test_ten_against_none_worked_by_hand() -> None:
    assert mcnemar([True] * 10, [False] * 10).p == pytest.approx(2 / 1024)
    assert sign([1.0] * 10, [0.5] * 10).p == pytest.approx(2 / 1024)


@given(pairs)
def test_swapping_the_systems_turns_effects_and_keeps_p(made: list[tuple[int, int]]) -> None:
    x, y = [a for a, _ in made], [b for _, b in made]
    for test in (wilcoxon, sign):
        one, other = test(x, y), test(y, x)
        assert one.p == other.p
        assert one.effect == (None if other.effect is None else pytest.approx(-other.effect))


@given(pairs, st.integers(0, 20))
def test_cases_on_which_both_agree_change_nothing(made: list[tuple[int, int]], ties: int) -> None:
    x, y = [a for a, _ in made], [b for _, b in made]
    for test in (wilcoxon, sign):
        assert test(x + [1] * ties, y + [1] * ties) == test(x, y)


def test_the_effect_of_always_winning_is_one() -> None:
    assert wilcoxon([1, 2, 3], [0, 0, 0]).effect == 1.0
    assert sign([1, 2, 3], [0, 0, 0]).effect == 1.0


@pytest.mark.parametrize(("n", "p"), [(5000, 0.0), (200, 2.0**-199)])
def test_p_of_large_counts_neither_overflows_nor_fails(n: int, p: float) -> None:
    found = mcnemar([True] * n, [False] * n)
    assert found.p == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize(
    ("ps", "adjusted"),
    [
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),
        ([0.04, 0.01], [0.04, 0.02]),
        ([0.5, 0.9], [1.0, 1.0]),
        ([0.02], [0.02]),
        ([], []),
        ([0.01, None, 0.04], [0.02, None, 0.04]),
        ([None], [None]),
    ],
)
def test_holm_worked_by_hand(ps: list[float | None], adjusted: list[float | None]) -> None:
    assert holm(ps) == [None if a is None else pytest.approx(a) for a in adjusted]


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_rejects_exactly_what_stepping_down_rejects(ps: list[float]) -> None:
    adjusted = holm(ps)
    for alpha in (0.01, 0.05, 0.2):
        rejected: set[int] = set()
        for step, k in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
            if ps[k] * (len(ps) - step) > alpha:
                break
            rejected.add(k)
        assert rejected == {k for k, p in enumerate(adjusted) if p is not None and p <= alpha}


@pytest.mark.parametrize("test", [wilcoxon, sign, mcnemar])
def test_pairs_must_be_pairs(test: object) -> None:
    with pytest.raises(ValueError, match="same cases"):
        test([1, 0], [1])  # type: ignore[operator]


@pytest.mark.parametrize("test", [wilcoxon, sign])
def test_a_miss_is_zero_not_nan(test: object) -> None:
    with pytest.raises(ValueError, match="not a number"):
        test([float("nan")], [1.0])  # type: ignore[operator]
