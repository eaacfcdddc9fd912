"""The field's measures against values worked by hand, and laws that hold for all lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.evaluation.benchmarks import average_rank, ddf1, ddp, ddr, gtpa

RANKS: list[int | None] = [1, 2, None, 4, 11]
NAMES = st.sets(st.sampled_from("abcdefgh"))


def test_gtpa_is_the_share_of_truths_among_the_first_k() -> None:
    assert [gtpa(RANKS, k) for k in (1, 3, 5, 10)] == [0.2, 0.4, 0.6, 0.6]
    assert gtpa([], 1) is None


@pytest.mark.parametrize(
    ("rank", "length", "counted"),
    [(3, 10, 3), (None, 10, 11), (None, 4, 11), (None, 0, 11), (None, 15, 16), (None, 100, 20), (50, 100, 20)],
)
def test_a_missing_truth_counts_as_the_place_after_the_list(rank: int | None, length: int, counted: int) -> None:
    assert average_rank([rank], [length]) == counted
    assert average_rank([rank, 1], [length, 10]) == (counted + 1) / 2


def test_no_cases_have_no_average_rank() -> None:
    assert average_rank([], []) is None


def test_recall_and_precision_of_a_differential() -> None:
    listed, gold = {"flu", "croup", "gout"}, {"flu", "croup", "cold", "mumps"}
    assert ddr(listed, gold) == 2 / 4
    assert ddp(listed, gold) == 2 / 3
    assert ddf1(listed, gold) == pytest.approx(2 * (1 / 2) * (2 / 3) / (1 / 2 + 2 / 3))


def test_nothing_listed_or_nothing_to_find_is_zero() -> None:
    assert ddr(set(), {"flu"}) == ddp(set(), {"flu"}) == ddf1(set(), {"flu"}) == 0.0
    assert ddr({"flu"}, set()) == ddp({"flu"}, set()) == ddf1({"flu"}, set()) == 0.0


@given(NAMES, NAMES)
def test_recall_of_one_is_precision_of_the_other_and_f1_lies_between(a: set[str], b: set[str]) -> None:
    assert ddr(a, b) == ddp(b, a)
    assert min(ddr(a, b), ddp(a, b)) - 1e-9 <= ddf1(a, b) <= max(ddr(a, b), ddp(a, b)) + 1e-9
    assert (ddf1(a, b) == 1.0) == (a == b != set())


@given(st.lists(st.none() | st.integers(1, 30), min_size=1), st.integers(1, 20))
def test_gtpa_only_grows_with_k_and_with_better_ranks(ranks: list[int | None], k: int) -> None:
    better = [None if r is None else max(1, r - 1) for r in ranks]
    now, later, best = gtpa(ranks, k), gtpa(ranks, k + 1), gtpa(better, k)
    assert now is not None and later is not None and best is not None
    assert 0.0 <= now <= later <= 1.0 and now <= best
