from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.evaluation import (
    Found,
    NotFound,
    NotScored,
    Outcome,
    by,
    graded_ndcg,
    median_rank,
    mrr,
    ndcg,
    rank_counts,
    reciprocal_rank,
    shown,
    top_k,
)

WORKED: list[Outcome] = [Found(1), Found(3), Found(11), NotFound(), NotScored("failed")]

outcomes = st.lists(
    st.one_of(st.integers(1, 15).map(Found), st.just(NotFound()), st.just(NotScored("missing"))),
    min_size=1,
    max_size=20,
)

METRICS: list[Callable[[Sequence[Outcome]], float | None]] = [
    lambda o: top_k(o, 1),
    lambda o: top_k(o, 5),
    mrr,
    lambda o: mrr(o, 3),
    lambda o: ndcg(o, 10),
]
NAMES = ["top1", "top5", "mrr", "mrr cut at 3", "ndcg"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (top_k(WORKED, 1), 1 / 5),
        (top_k(WORKED, 3), 2 / 5),
        (top_k(WORKED, 10), 2 / 5),
        (top_k(WORKED, 11), 3 / 5),
        (mrr(WORKED), (1 + 1 / 3) / 5),
        (mrr(WORKED, cut=11), (1 + 1 / 3 + 1 / 11) / 5),
        (mrr(WORKED, cut=1), 1 / 5),
        (ndcg(WORKED, 10), (1 + 1 / 2) / 5),
        (ndcg(WORKED, 2), 1 / 5),
        (median_rank(WORKED), 11.0),
        (median_rank([Found(1), Found(4)]), 2.5),
        (median_rank([Found(2), NotFound()]), None),
        (median_rank([Found(2), NotFound(), NotScored("x")]), None),
    ],
)
def test_a_case_worked_by_hand(value: float | None, expected: float | None) -> None:
    assert value == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize("metric", [*METRICS, median_rank], ids=[*NAMES, "median"])
def test_without_cases_a_measure_is_undefined(metric: Callable[[Sequence[Outcome]], float | None]) -> None:
    assert metric([]) is None


@pytest.mark.parametrize("metric", METRICS, ids=NAMES)
def test_misses_stay_in_the_denominator(metric: Callable[[Sequence[Outcome]], float | None]) -> None:
    alone, diluted = metric([Found(1)]), metric([Found(1), NotFound(), NotScored("failed"), NotScored("missing")])
    assert (alone, diluted) == (1.0, 0.25)


@pytest.mark.parametrize("metric", METRICS, ids=NAMES)
@given(listed=outcomes, data=st.data())
def test_a_better_rank_never_lowers_a_measure(
    metric: Callable[[Sequence[Outcome]], float], listed: list[Outcome], data: st.DataObject
) -> None:
    k = data.draw(st.integers(0, len(listed) - 1))
    before = listed[k]
    better = Found(before.rank - 1) if isinstance(before, Found) and before.rank > 1 else Found(1)
    improved = [*listed[:k], better, *listed[k + 1 :]]
    assert metric(improved) >= metric(listed) - 1e-12


@pytest.mark.parametrize("metric", METRICS, ids=NAMES)
@given(listed=outcomes, data=st.data())
def test_the_order_of_cases_does_not_matter(
    metric: Callable[[Sequence[Outcome]], float], listed: list[Outcome], data: st.DataObject
) -> None:
    assert metric(data.draw(st.permutations(listed))) == metric(listed)


@given(listed=outcomes)
def test_measures_lie_between_top_1_and_the_share_found_within_the_cut(listed: list[Outcome]) -> None:
    first, ten = top_k(listed, 1), top_k(listed, 10)
    assert first is not None
    assert ten is not None
    for value in (mrr(listed), ndcg(listed, 10)):
        assert value is not None
        assert first - 1e-12 <= value <= ten + 1e-12


@given(listed=outcomes, k=st.integers(1, 12))
def test_counts_by_rank_give_back_every_measure(listed: list[Outcome], k: int) -> None:
    counts, beyond, counted = rank_counts(listed, up_to=k)
    assert sum(counts) + beyond == counted.found
    assert top_k(listed, k) == pytest.approx(sum(counts) / counted.cases)
    assert mrr(listed, cut=k) == pytest.approx(sum(c / r for r, c in enumerate(counts, 1)) / counted.cases)


def literal_ndcg(gains: list[float], ideal: list[float], k: int) -> float | None:
    best = sum(g / math.log2(i + 2) for i, g in enumerate(sorted(ideal, reverse=True)[:k]))
    got = sum(g / math.log2(i + 2) for i, g in enumerate(gains[:k]))
    return got / best if best else None


@given(gains=st.lists(st.integers(0, 4).map(float), max_size=12), k=st.integers(1, 10))
def test_graded_ndcg_equals_its_definition(gains: list[float], k: int) -> None:
    expected = literal_ndcg(gains, gains, k)
    assert graded_ndcg(gains, gains, k) == (None if expected is None else pytest.approx(expected))


def test_graded_ndcg_is_one_for_the_best_order_and_less_for_any_other() -> None:
    assert graded_ndcg([4, 3, 1], [1, 4, 3], 3) == pytest.approx(1.0)
    assert graded_ndcg([3, 4, 1], [1, 4, 3], 3) == pytest.approx(
        (3 + 4 / math.log2(3) + 0.5) / (4 + 3 / math.log2(3) + 0.5)
    )
    assert graded_ndcg([0, 0], [0], 2) is None


@given(listed=outcomes)
def test_ndcg_with_one_relevant_disease_is_graded_ndcg_of_its_list(listed: list[Outcome]) -> None:
    lists = [[0.0] * (o.rank - 1) + [1.0] if isinstance(o, Found) else [] for o in listed]
    each = [graded_ndcg(gains, [1.0], 10) or 0.0 for gains in lists]
    assert ndcg(listed, 10) == pytest.approx(sum(each) / len(each))


@pytest.mark.parametrize("k", [0, -1])
def test_a_cut_below_one_is_refused(k: int) -> None:
    for call in (lambda: top_k(WORKED, k), lambda: mrr(WORKED, k), lambda: ndcg(WORKED, k), lambda: rank_counts([], k)):
        with pytest.raises(ValueError, match="at least 1"):
            call()


def test_a_negative_gain_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        graded_ndcg([-1.0], [1.0], 3)


def test_any_key_makes_groups_in_order_of_appearance() -> None:
    cases = [("uncited", Found(2)), ("cited", Found(1)), ("uncited", NotFound())]
    shares = by(cases, lambda c: c[0], lambda members: top_k([o for _, o in members], 5))
    assert list(shares.items()) == [("uncited", 0.5), ("cited", 1.0)]


@pytest.mark.parametrize(
    ("value", "text"), [(None, "n/a"), (float("nan"), "n/a"), (0.0, "0.000"), (0.12345, "0.123"), (1.0, "1.000")]
)
def test_undefined_prints_as_not_available_and_never_as_zero(value: float | None, text: str) -> None:
    assert shown(value) == text


def test_the_reciprocal_of_a_miss_is_zero() -> None:
    assert [reciprocal_rank(o) for o in WORKED] == [1.0, 1 / 3, 0.0, 0.0, 0.0]
